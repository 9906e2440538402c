//! The ledger of deliveries: claims that are durable before a byte leaves, outcomes that are only ever appended.
//!
//! A recipient is *queued* beyond its lane's cursor, *claimed* in an open claim of the living process, *in doubt* in one of a dead process, else
//! what its last outcome says. The process that delivers holds the deliver lock and takes one [`Turn`] after the other: what became of earlier
//! attempts is recorded and the next are claimed in one transaction, so that a page costs the disk one flush.

mod account;
mod adopt;
mod again;
mod claim;
mod expire;
mod record;
mod relays;
mod reopened;
mod show;

pub use account::Refusal;
pub use adopt::Adopted;
pub use again::{CameBack, LastWord, Reached};
pub use relays::Used;
pub(in crate::store) use reopened::take_current_revision;
pub use show::{IssueDelivery, Notable, Remark};

use super::facts::note_instant;
use super::sql_types::{instant, millis};
use super::{Store, StoreError};
use crate::domain::delivery::{DeliveryState, Outcome, Recipient, Tally};
use crate::domain::issue::{IssueId, IssueState};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// The random id of one run of a delivery; it stands in its claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProcessId(pub [u8; 16]);

/// One step of a delivery, written as one transaction.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    /// Of which issue.
    pub issue: IssueId,
    /// Who takes it; must hold the deliver lock.
    pub process: ProcessId,
    /// What became of claimed recipients.
    pub outcomes: &'a [Outcome],
    /// What relays took since the last turn.
    pub used: Used<'a>,
    /// How many recipients may be claimed; none is claimed unless the issue is being sent.
    pub room: usize,
    /// How many of them may have been in doubt before. Kept small, so that a crash that repeats itself puts few under suspicion.
    pub wary_room: usize,
    /// Lanes of which nobody is to be claimed for the first time now.
    pub closed: &'a [i64],
    /// The present.
    pub now: DateTime<Utc>,
}

/// What a turn found.
#[derive(Debug, Clone, PartialEq)]
pub struct Turned {
    /// The state of the issue: somebody may have paused it.
    pub state: IssueState,
    /// Who is to be mailed now.
    pub claimed: Vec<Recipient>,
    /// Whether that is one whom nobody is to be claimed beside until it is known what became of them.
    pub alone: bool,
    /// Where the issue stands, the turn included.
    pub tally: Tally,
    /// Whether some were never claimed yet.
    pub has_unclaimed: bool,
    /// When the earliest retry is due, if one waits, of those who were never in doubt and of those who were.
    pub next_retries: [Option<DateTime<Utc>>; 2],
    /// Outcomes that were not recorded because the attempt had one already: somebody else took the claim for a dead process's.
    pub repeated: usize,
}

impl Store {
    /// Records outcomes, then claims: due retries take at most half of the room while others wait for their first attempt.
    pub fn turn(&self, turn: &Turn<'_>) -> Result<Turned, StoreError> {
        self.writing(|tx| {
            note_instant(tx, turn.now)?;
            turn.used.write(tx)?;
            let repeated = record::append_all(tx, turn.issue, turn.outcomes)?;
            let (newsletter, state) = issue_state(tx, turn.issue)?;
            let claimed = if state == IssueState::Sending {
                claim::Claimer {
                    tx,
                    issue: turn.issue,
                    newsletter,
                    process: turn.process,
                    closed: closed(turn.closed),
                    now: turn.now,
                }
                .claim(turn.room, turn.wary_room)?
            } else {
                claim::Claimed::default()
            };
            Ok(Turned {
                state,
                alone: claimed.alone,
                claimed: claimed.recipients,
                tally: tally(tx, turn.issue)?,
                has_unclaimed: claim::has_unclaimed(tx, turn.issue)?,
                next_retries: next_retries(tx, turn.issue)?,
                repeated,
            })
        })
    }

    /// Where the hand-over of an issue stands, in numbers; as fast for a million recipients as for one.
    pub fn tally(&self, issue: IssueId) -> Result<Tally, StoreError> {
        tally(&self.reading(), issue)
    }

    /// Whether every recipient of an issue has a final outcome.
    pub fn is_finished(&self, issue: IssueId) -> Result<bool, StoreError> {
        Ok(self.tally(issue)?.is_finished())
    }

    /// Marks an issue that is being sent done, if every recipient has a final outcome: somebody may have been added a moment ago.
    pub fn finish(&self, issue: IssueId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.writing(|tx| {
            if !tally(tx, issue)?.is_finished() {
                return Ok(false);
            }
            let done = tx.execute(
                "UPDATE issue SET state = 'done', reason = NULL, finished_at = ?2 WHERE id = ?1 AND state = 'sending'",
                [issue.0, millis(now)],
            )?;
            Ok(done == 1)
        })
    }

    /// Whether another issue is going out at the same time.
    pub fn sends_beside(&self, issue: IssueId) -> Result<bool, StoreError> {
        let connection = self.reading();
        let mut statement =
            connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM issue WHERE state = 'sending' AND id <> ?1)")?;
        Ok(statement.query_row([issue.0], |row| row.get(0))?)
    }

    /// When the earliest retry of an issue is due, if one waits.
    pub fn next_retry_at(&self, issue: IssueId) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(next_retries(&self.reading(), issue)?.into_iter().flatten().min())
    }
}

/// Lanes as SQL takes a list of them.
fn closed(lanes: &[i64]) -> String {
    serde_json::Value::from(lanes).to_string()
}

fn issue_state(connection: &Connection, issue: IssueId) -> Result<(i64, IssueState), StoreError> {
    let mut statement = connection.prepare_cached("SELECT newsletter, state FROM issue WHERE id = ?1")?;
    let found = statement
        .query_row([issue.0], |row| Ok((row.get(0)?, row.get_ref(1)?.as_str().ok().and_then(IssueState::parse))))
        .optional()?;
    match found {
        Some((newsletter, Some(state))) => Ok((newsletter, state)),
        _ => Err(StoreError::Unexpected(format!("there is no issue in row {}", issue.0))),
    }
}

fn next_retries(connection: &Connection, issue: IssueId) -> Result<[Option<DateTime<Utc>>; 2], StoreError> {
    let mut statement = connection.prepare_cached("SELECT min(due_at) FROM retry WHERE issue = ?1 AND wary = ?2")?;
    let mut next = |wary: bool| -> Result<_, StoreError> {
        Ok(statement.query_row(params![issue.0, wary], |row| row.get::<_, Option<i64>>(0))?.map(instant))
    };
    Ok([next(false)?, next(true)?])
}

impl Turned {
    /// When the earliest retry is due, if one waits.
    pub fn next_retry_at(&self) -> Option<DateTime<Utc>> {
        self.next_retries.into_iter().flatten().min()
    }
}

/// The state that stands for all recipients in `issue_tally`.
const ALL: i64 = 0;

fn tally(connection: &Connection, issue: IssueId) -> Result<Tally, StoreError> {
    let mut statement = connection.prepare_cached("SELECT state, n FROM issue_tally WHERE issue = ?1")?;
    let mut rows = statement.query([issue.0])?;
    let mut tally = Tally::default();
    let mut known = 0;
    while let Some(row) = rows.next()? {
        let (code, n): (i64, u64) = (row.get(0)?, row.get(1)?);
        if code == ALL {
            tally.recipients = n;
        } else if let Some(counted) = DeliveryState::from_code(code).and_then(|state| counter(&mut tally, state)) {
            *counted = n;
            known += n;
        }
    }
    tally.queued = tally.recipients.saturating_sub(known);
    Ok(tally)
}

/// Where a state is counted; what was given back is queued again.
fn counter(tally: &mut Tally, state: DeliveryState) -> Option<&mut u64> {
    Some(match state {
        DeliveryState::Accepted => &mut tally.accepted,
        DeliveryState::Deferred => &mut tally.deferred,
        DeliveryState::Refused => &mut tally.refused,
        DeliveryState::Skipped => &mut tally.skipped,
        DeliveryState::Expired => &mut tally.expired,
        DeliveryState::InDoubt => &mut tally.in_doubt,
        DeliveryState::Parked => &mut tally.parked,
        DeliveryState::Returned => return None,
    })
}

/// Moves the counts of an issue by what a transaction did.
#[derive(Debug, Default)]
struct Moved([i64; 9]);

impl Moved {
    fn to(&mut self, state: DeliveryState) {
        self.0[state.code() as usize] += 1;
    }

    fn from(&mut self, state: DeliveryState) {
        self.0[state.code() as usize] -= 1;
    }

    fn write(&self, tx: &Transaction<'_>, issue: IssueId) -> Result<(), StoreError> {
        let mut statement = tx.prepare_cached(
            "INSERT INTO issue_tally (issue, state, n) VALUES (?1, ?2, ?3) ON CONFLICT (issue, state) DO UPDATE SET n = n + excluded.n",
        )?;
        for (code, by) in self.0.iter().enumerate().filter(|(_, by)| **by != 0) {
            if *by > 0 {
                statement.execute([issue.0, code as i64, *by])?;
            } else {
                tx.prepare_cached("UPDATE issue_tally SET n = n + ?3 WHERE issue = ?1 AND state = ?2")?.execute([
                    issue.0,
                    code as i64,
                    *by,
                ])?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
