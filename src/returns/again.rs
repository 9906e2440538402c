//! Sends an issue again, to those who missed it by a fault that was not theirs: refused for our own sake, parked after a crash, expired, or one reader
//! who lost it. Never to those refused for their address. Queues only; the delivery does the rest, under the same Message-ID.

use crate::domain::address::EmailAddress;
use crate::domain::delivery::{DeliveryState, Place};
use crate::domain::issue::{IssueId, IssueState};
use crate::domain::refusal::Cause;
use crate::domain::subscriber::{Status, SubscriberId};
use crate::domain::tag::Slug;
use crate::domain::text::Language;
use crate::feedback::diagnose_reply;
use crate::store::issues::IssueRow;
use crate::store::ledger::{LastWord, Reached};
use crate::store::{Store, StoreError};
use crate::subscribe::SubscribeError;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// Recipients that are queued in one transaction, so that it stays short.
const PAGE: usize = 500;

/// Whether to queue, or only to say what would be queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Looks.
    Look,
    /// Queues.
    Queue,
}

/// What was found, or done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Again {
    /// Readers who get another try, by what was in the way.
    pub causes: BTreeMap<Cause, u64>,
    /// Others who do.
    pub others: u64,
    /// Readers who do not: refused for their address or mailbox.
    pub left_alone: u64,
}

impl Again {
    /// All who get another try.
    pub fn readers(&self) -> u64 {
        self.causes.values().sum::<u64>() + self.others
    }

    /// Those refused for a cause: given another try if it was about us.
    fn count(
        &mut self,
        cause: Cause,
        readers: usize,
        queue: impl FnOnce() -> Result<usize, StoreError>,
    ) -> Result<(), StoreError> {
        if cause.is_ours() {
            *self.causes.entry(cause).or_default() += queue()? as u64;
        } else {
            self.left_alone += readers as u64;
        }
        Ok(())
    }
}

/// Why nothing is sent again.
#[derive(Debug, thiserror::Error)]
pub enum AgainError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The reader may not be mailed, or nobody knows them.
    #[error(transparent)]
    Subscribe(#[from] SubscribeError),
    /// The issue is in a state in which nobody gets it.
    #[error("No. {number} is {state}: only an issue that was sent can be sent again")]
    NotSent {
        /// The number of the issue.
        number: u32,
        /// Its state.
        state: &'static str,
    },
    /// It is off the web, so its links lead nowhere.
    #[error("No. {0} was withdrawn: it is not sent to anybody any more")]
    Withdrawn(u32),
    /// The reader has not confirmed the newsletter, or left it.
    #[error("{address} does not subscribe to {newsletter}")]
    NotSubscribed {
        /// The address as typed.
        address: String,
        /// The newsletter.
        newsletter: Slug,
    },
    /// The reader will get it anyway.
    #[error("it is on its way to {0} already; `subscribers show` tells how far")]
    Underway(String),
    /// The issue was rendered before they chose what they chose.
    #[error("the issue holds nothing for what {0} chose")]
    NothingForThem(String),
}

/// Sends an issue again to those whose last word is a refusal that was about us (or, where a relay of one's own took it, that came back for such a
/// reason), perhaps at one provider only.
pub fn to_refused(
    store: &Store,
    row: &IssueRow,
    lane: Option<i64>,
    language: &Language,
    pass: Pass,
    now: DateTime<Utc>,
) -> Result<Again, AgainError> {
    was_sent(store, row)?;
    let mut again = Again::default();
    // What came back first: whoever is queued by it is no longer refused.
    came_back(store, row.id, lane, language, pass, now, &mut again)?;
    refused_at_once(store, row.id, lane, pass, now, &mut again)?;
    Ok(again)
}

/// Gives those another try whose last word is of a state that is nobody's refusal: parked (some of them may have it already: that was in doubt) or
/// expired.
pub fn to_all(
    store: &Store,
    row: &IssueRow,
    state: DeliveryState,
    pass: Pass,
    now: DateTime<Utc>,
) -> Result<Again, AgainError> {
    was_sent(store, row)?;
    let mut queued = 0;
    for_each_page(store, row.id, state, None, |page| {
        let places: Vec<Place> = page.iter().map(|word| word.place).collect();
        queued += match pass {
            Pass::Look => places.len(),
            Pass::Queue => store.try_again(row.id, &places, "an operator asked for another try", now)?,
        };
        Ok(())
    })?;
    Ok(Again { others: queued as u64, ..Again::default() })
}

/// Sends an issue again to one reader, whatever became of it before.
pub fn to_reader(
    store: &Store,
    row: &IssueRow,
    address: &EmailAddress,
    language: &Language,
    now: DateTime<Utc>,
) -> Result<(), AgainError> {
    was_sent(store, row)?;
    let subscriber = who_may_get_it(store, row, address, now)?;
    let queued = match store.reached(row.id, subscriber)? {
        Reached::Underway => return Err(AgainError::Underway(address.to_string())),
        Reached::Failed(place) => store.try_again(row.id, &[place], "an operator asked for another try", now)?,
        Reached::Never | Reached::Accepted => store.send_again(row.id, &[subscriber], language, now)?,
    };
    if queued == 0 { Err(AgainError::NothingForThem(address.to_string())) } else { Ok(()) }
}

fn was_sent(store: &Store, row: &IssueRow) -> Result<(), AgainError> {
    let number = row.number.unwrap_or_default();
    let is_sent = matches!(row.state, IssueState::Done | IssueState::Sending | IssueState::Paused);
    if !is_sent {
        return Err(AgainError::NotSent { number, state: row.state.as_str() });
    }
    let public = store.published_issue(row.newsletter, number)?;
    if public.is_some_and(|public| public.withdrawn_at.is_some()) {
        return Err(AgainError::Withdrawn(number));
    }
    Ok(())
}

fn who_may_get_it(
    store: &Store,
    row: &IssueRow,
    address: &EmailAddress,
    now: DateTime<Utc>,
) -> Result<SubscriberId, AgainError> {
    store.read_people(|people| {
        let unknown = || SubscribeError::Unknown(address.to_string());
        let subscriber = people.by_address(address)?.ok_or_else(unknown)?;
        if let Some(suppression) = people.suppression(&people.hash_of(subscriber.id)?)? {
            let (reason, at) = (suppression.reason, suppression.at);
            return Err(SubscribeError::Suppressed { address: address.to_string(), reason, at }.into());
        }
        let gets_it = |status: &Status| match status {
            Status::Active { .. } => true,
            Status::Paused { until, .. } => until.is_some_and(|until| until <= now),
            Status::Pending { .. } | Status::Left { .. } => false,
        };
        let mut here = subscriber.subscriptions.iter().filter(|subscription| subscription.newsletter == row.slug);
        if !here.any(|subscription| gets_it(&subscription.status)) {
            let (address, newsletter) = (address.to_string(), row.slug.clone());
            return Err(AgainError::NotSubscribed { address, newsletter });
        }
        Ok(subscriber.id)
    })
}

fn for_each_page(
    store: &Store,
    issue: IssueId,
    state: DeliveryState,
    lane: Option<i64>,
    mut work: impl FnMut(&[LastWord]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut after = (i64::MIN, 0);
    loop {
        let page = store.last_words(issue, state, lane, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = (last.place.lane, last.place.seq);
        work(&page)?;
    }
}

fn refused_at_once(
    store: &Store,
    issue: IssueId,
    lane: Option<i64>,
    pass: Pass,
    now: DateTime<Utc>,
    again: &mut Again,
) -> Result<(), StoreError> {
    for_each_page(store, issue, DeliveryState::Refused, lane, |page| {
        let mut by_cause: BTreeMap<Cause, Vec<Place>> = BTreeMap::new();
        for word in page {
            by_cause.entry(cause(word)).or_default().push(word.place);
        }
        for (cause, places) in by_cause {
            let why = format!("another try: {}", cause.in_words());
            again.count(cause, places.len(), || match pass {
                Pass::Look => Ok(places.len()),
                Pass::Queue => store.try_again(issue, &places, &why, now),
            })?;
        }
        Ok(())
    })
}

fn cause(word: &LastWord) -> Cause {
    let LastWord { code, enhanced, reply, .. } = word;
    diagnose_reply(*code, enhanced.as_deref(), reply.as_deref().unwrap_or_default()).0
}

fn came_back(
    store: &Store,
    issue: IssueId,
    lane: Option<i64>,
    language: &Language,
    pass: Pass,
    now: DateTime<Utc>,
    again: &mut Again,
) -> Result<(), StoreError> {
    let mut after = SubscriberId(i64::MIN);
    loop {
        let page = store.came_back(issue, lane, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.subscriber;
        let mut by_cause: BTreeMap<Cause, Vec<SubscriberId>> = BTreeMap::new();
        for returned in &page {
            by_cause.entry(Cause::parse(&returned.cause).unwrap_or_default()).or_default().push(returned.subscriber);
        }
        for (cause, subscribers) in by_cause {
            again.count(cause, subscribers.len(), || match pass {
                Pass::Look => Ok(subscribers.len()),
                Pass::Queue => store.send_again(issue, &subscribers, language, now),
            })?;
        }
    }
}
