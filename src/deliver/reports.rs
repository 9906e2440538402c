//! What became of messages, on the way from the workers to the clerk. The clerk is woken when as many have come as it waits for, and not by each:
//! it runs on a thread of its own, and waking that costs more than the outcome. Records nothing.

use crate::domain::delivery::Outcome;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Outcomes in the order in which they were reported. The bound on open claims keeps it short.
pub struct Reports {
    told: Mutex<Told>,
    enough: Notify,
}

struct Told {
    outcomes: Vec<Outcome>,
    /// How many the one who waits wants; the one that completes them wakes.
    wanted: usize,
}

impl Reports {
    /// Nothing reported yet.
    pub fn new() -> Self {
        Self { told: Mutex::new(Told { outcomes: Vec::new(), wanted: usize::MAX }), enough: Notify::new() }
    }

    /// Reports one.
    pub fn put(&self, outcome: Outcome) {
        let mut told = self.told();
        told.outcomes.push(outcome);
        if told.outcomes.len() == told.wanted {
            self.enough.notify_one();
        }
    }

    /// Waits until so many are here, at least one; may be dropped while it waits. For one waiter at a time.
    pub async fn at_least(&self, wanted: usize) {
        while !self.are_here(wanted.max(1)) {
            self.enough.notified().await;
        }
    }

    fn are_here(&self, wanted: usize) -> bool {
        let mut told = self.told();
        told.wanted = wanted;
        told.outcomes.len() >= wanted
    }

    /// Moves those that are here to `into`, until that holds `most`.
    pub fn take(&self, into: &mut Vec<Outcome>, most: usize) {
        let mut told = self.told();
        let count = most.saturating_sub(into.len()).min(told.outcomes.len());
        into.extend(told.outcomes.drain(..count));
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::delivery::{DeliveryState, Place};
    use chrono::DateTime;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn outcome(seq: i64) -> Outcome {
        Outcome {
            place: Place { claim: 1, lane: 0, seq, attempt: 1 },
            state: DeliveryState::Accepted,
            at: DateTime::UNIX_EPOCH,
            retry_at: None,
            code: None,
            enhanced: None,
            reply: None,
            relay_id: None,
        }
    }

    fn seqs(outcomes: &[Outcome]) -> Vec<i64> {
        outcomes.iter().map(|outcome| outcome.place.seq).collect()
    }

    #[test]
    fn whoever_waits_goes_on_with_the_outcome_that_completes_what_they_wait_for() {
        let reports = Reports::new();
        reports.put(outcome(1));
        let mut waits = pin!(reports.at_least(3));
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(waits.as_mut().poll(&mut context), Poll::Pending);
        reports.put(outcome(2));
        assert_eq!(waits.as_mut().poll(&mut context), Poll::Pending);
        reports.put(outcome(3));
        assert_eq!(waits.as_mut().poll(&mut context), Poll::Ready(()));
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_gave_up_waiting_for_many_may_wait_for_fewer() {
        let reports = Reports::new();
        let given_up = tokio::time::timeout(std::time::Duration::from_secs(1), reports.at_least(3)).await;
        assert!(given_up.is_err());
        let (met, ()) = tokio::join!(reports.at_least(0), async { reports.put(outcome(1)) });
        assert_eq!(met, (), "even none asked for means one");
        assert_eq!(seqs(&reports.told().outcomes), [1]);
    }

    #[test]
    fn what_is_more_than_asked_for_stays_in_its_order() {
        let reports = Reports::new();
        (1..=5).for_each(|seq| reports.put(outcome(seq)));
        let mut taken = vec![outcome(0)];
        reports.take(&mut taken, 3);
        assert_eq!(seqs(&taken), [0, 1, 2]);
        reports.take(&mut taken, 3);
        assert_eq!(taken.len(), 3);
        taken.clear();
        reports.take(&mut taken, 10);
        assert_eq!(seqs(&taken), [3, 4, 5]);
    }
}
