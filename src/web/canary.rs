//! Telling machines from people: a link on the confirmation page that nobody sees. Who follows it follows everything; for a while after that the button
//! alone is not believed. Kept in memory only, so that looking at a page changes nothing that lasts.

use crate::domain::token::Purpose;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How long a machine's visit is remembered: scanners of mail come within minutes of it.
const MEMORY: TimeDelta = TimeDelta::minutes(30);

/// Pages that are remembered at once; the oldest goes first.
const MOST: usize = 10_000;

/// The letters whose pages a machine has walked through, and when.
#[derive(Debug, Default)]
pub(super) struct Canaries(Mutex<BTreeMap<[u8; 8], DateTime<Utc>>>);

impl Canaries {
    fn note(&self, code: [u8; 8], now: DateTime<Utc>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, at| now - *at < MEMORY);
        if seen.len() >= MOST {
            let oldest = seen.iter().min_by_key(|(_, at)| **at).map(|(code, _)| *code);
            oldest.map(|code| seen.remove(&code));
        }
        seen.insert(code, now);
    }

    /// Whether a machine walked through the page of a letter within the last half hour.
    pub(super) fn saw(&self, code: [u8; 8], now: DateTime<Utc>) -> bool {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&code).is_some_and(|at| now - *at < MEMORY)
    }
}

/// `GET /c/TOKEN/x`: nothing is here.
pub(super) async fn follow(State(state): State<WebState>, Path(token): Path<String>) -> WebError {
    match state.verify(&token, Purpose::Confirm) {
        Ok(claim) => {
            state.canaries().note(claim.public_id, state.now());
            WebError::NotFound
        }
        Err(error) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_remembered_for_half_an_hour_and_the_memory_has_an_end() {
        let (canaries, now) = (Canaries::default(), DateTime::from_timestamp(1_790_000_000, 0).unwrap());
        canaries.note([1; 8], now);
        assert!(canaries.saw([1; 8], now + TimeDelta::minutes(29)) && !canaries.saw([2; 8], now));
        assert!(!canaries.saw([1; 8], now + TimeDelta::minutes(31)));
        for n in 0..=MOST as u64 {
            canaries.note(n.to_be_bytes(), now + TimeDelta::seconds(1));
        }
        assert!(canaries.0.lock().unwrap().len() <= MOST && !canaries.saw([1; 8], now));
    }
}
