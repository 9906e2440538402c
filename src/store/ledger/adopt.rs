//! What dead processes left open: every recipient whom they had claimed and not recorded is in doubt.

use super::{Moved, ProcessId, record};
use crate::domain::delivery::{Crashes, DeliveryState, Outcome, Place};
use crate::domain::issue::IssueId;
use crate::store::locks::DeliverLock;
use crate::store::{Store, StoreError};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Transaction, params};

/// How many recipients of dead processes' claims are in doubt now, and how many of them are parked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Adopted {
    /// To be retried, at once.
    pub in_doubt: u64,
    /// In doubt for the last time: an operator decides.
    pub parked: u64,
}

/// An open claim of a process that is gone.
struct Orphan {
    id: i64,
    issue: IssueId,
    lane: i64,
    first: i64,
    last: i64,
    attempt: i64,
}

impl Store {
    /// Records every recipient in an open claim of another process as in doubt. Whoever holds the deliver lock knows that all other processes that
    /// ever claimed are dead; open claims are few by design, whatever the size of the list.
    pub fn adopt(&self, _held: &DeliverLock, process: ProcessId, now: DateTime<Utc>) -> Result<Adopted, StoreError> {
        self.writing(|tx| {
            let orphans = orphans(tx, process)?;
            let mut doubts = Vec::with_capacity(orphans.len());
            for orphan in &orphans {
                doubts.push(unrecorded(tx, orphan)?);
            }
            let alone = doubts.iter().flatten().count() == 1;
            let mut adopted = Adopted::default();
            for (orphan, places) in orphans.iter().zip(&doubts) {
                adopt_one(tx, orphan, places, alone, now, &mut adopted)?;
            }
            Ok(adopted)
        })
    }
}

fn orphans(tx: &Transaction<'_>, process: ProcessId) -> Result<Vec<Orphan>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT id, issue, lane, first, last, attempt FROM claim WHERE open > 0 AND process <> ?1 ORDER BY id",
    )?;
    let orphans = statement
        .query_map([process.0], |row| {
            Ok(Orphan {
                id: row.get(0)?,
                issue: IssueId(row.get(1)?),
                lane: row.get(2)?,
                first: row.get(3)?,
                last: row.get(4)?,
                attempt: row.get(5)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(orphans)
}

fn adopt_one(
    tx: &Transaction<'_>,
    orphan: &Orphan,
    places: &[Place],
    alone: bool,
    now: DateTime<Utc>,
    adopted: &mut Adopted,
) -> Result<(), StoreError> {
    let mut moved = Moved::default();
    for place in places {
        let outcome = doubt(*place, crashed(tx, orphan.issue, *place, alone)?.verdict(), alone, now);
        if outcome.state.is_open() {
            adopted.in_doubt += 1;
        } else {
            adopted.parked += 1;
        }
        record::append(tx, orphan.issue, &outcome, &mut moved)?;
    }
    moved.write(tx, orphan.issue)?;
    tx.prepare_cached("UPDATE claim SET open = 0 WHERE id = ?1")?.execute([orphan.id])?;
    Ok(())
}

/// Counts one more crash with a recipient open; how many there were now.
fn crashed(tx: &Transaction<'_>, issue: IssueId, place: Place, alone: bool) -> Result<Crashes, StoreError> {
    let before = tx
        .prepare_cached("SELECT times, alone FROM open_at_crash WHERE issue = ?1 AND lane = ?2 AND seq = ?3")?
        .query_row([issue.0, place.lane, place.seq], |row| Ok(Crashes { times: row.get(0)?, alone: row.get(1)? }))
        .optional()?;
    let now = before.unwrap_or_default().and_one(alone);
    tx.prepare_cached(
        "INSERT OR REPLACE INTO open_at_crash (issue, lane, seq, times, alone) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![issue.0, place.lane, place.seq, now.times, now.alone])?;
    Ok(now)
}

/// The recipients of a claim without an outcome.
fn unrecorded(tx: &Transaction<'_>, orphan: &Orphan) -> Result<Vec<Place>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT r.seq FROM issue_recipient r
         WHERE r.issue = ?1 AND r.lane = ?2 AND r.seq BETWEEN ?3 AND ?4
           AND NOT EXISTS (SELECT 1 FROM outcome o WHERE o.issue = ?1 AND o.lane = ?2 AND o.seq = r.seq AND o.attempt = ?5)
         ORDER BY r.seq",
    )?;
    let seqs: Vec<i64> = statement
        .query_map(params![orphan.issue.0, orphan.lane, orphan.first, orphan.last, orphan.attempt], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let places =
        seqs.into_iter().map(|seq| Place { claim: orphan.id, lane: orphan.lane, seq, attempt: orphan.attempt });
    Ok(places.collect())
}

fn doubt(place: Place, state: DeliveryState, alone: bool, now: DateTime<Utc>) -> Outcome {
    let reply = match (state, alone) {
        (DeliveryState::Parked, _) => "the program ended more than once with this message alone on its way",
        (_, true) => "the program ended with this message alone on its way, before it could record what the relay said",
        (_, false) => "the program ended before it could record what the relay said",
    };
    Outcome {
        place,
        state,
        at: now,
        retry_at: Some(now),
        code: None,
        enhanced: None,
        reply: Some(reply.into()),
        relay_id: None,
    }
}
