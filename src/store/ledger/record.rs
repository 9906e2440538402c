//! Appends outcomes and keeps what is derived from them: open claims, retries, counts.

use super::{Moved, claim};
use crate::domain::delivery::{DeliveryState, Outcome, Place};
use crate::domain::issue::IssueId;
use crate::store::StoreError;
use crate::store::sql_types::millis;
use rusqlite::{OptionalExtension, Transaction, params};
use std::collections::BTreeMap;

/// Appends a batch. Returns how many attempts had an outcome already, which stays.
pub(super) fn append_all(tx: &Transaction<'_>, issue: IssueId, outcomes: &[Outcome]) -> Result<usize, StoreError> {
    if outcomes.is_empty() {
        return Ok(0);
    }
    let mut moved = Moved::default();
    let mut closed: BTreeMap<i64, i64> = BTreeMap::new();
    let mut repeated = 0;
    for outcome in outcomes {
        if append(tx, issue, outcome, &mut moved)? {
            *closed.entry(outcome.place.claim).or_default() += 1;
        } else {
            repeated += 1;
        }
    }
    close(tx, &closed)?;
    moved.write(tx, issue)?;
    Ok(repeated)
}

/// Appends one outcome; `false` when the attempt has one.
pub(super) fn append(
    tx: &Transaction<'_>,
    issue: IssueId,
    outcome: &Outcome,
    moved: &mut Moved,
) -> Result<bool, StoreError> {
    let Outcome { place, state, at, retry_at, code, enhanced, reply, relay_id } = outcome;
    let retry_at = retry_at.filter(|_| state.is_open()).map(millis);
    let inserted = tx
        .prepare_cached(
            "INSERT INTO outcome (issue, lane, seq, attempt, state, at, retry_at, code, enhanced, reply, relay_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            issue.0,
            place.lane,
            place.seq,
            place.attempt,
            state.code(),
            millis(*at),
            retry_at,
            code,
            enhanced,
            reply,
            relay_id
        ])?;
    if inserted == 0 {
        return Ok(false);
    }
    moved.to(*state);
    if place.attempt > 1
        && let Some(before) = earlier_state(tx, issue, *place)?
    {
        moved.from(before);
    }
    if state.is_open() {
        let next = Place { attempt: place.attempt + 1, ..*place };
        schedule(tx, issue, next, retry_at.unwrap_or(millis(*at)))?;
    }
    Ok(true)
}

/// Puts an attempt to come on its table.
fn schedule(tx: &Transaction<'_>, issue: IssueId, next: Place, due_at: i64) -> Result<(), StoreError> {
    let wary = claim::tries(tx, issue, next)?.in_doubt > 0;
    tx.prepare_cached("INSERT INTO retry (issue, lane, seq, attempt, due_at, wary) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![issue.0, next.lane, next.seq, next.attempt, due_at, wary])?;
    Ok(())
}

/// What the attempt before this one came to.
fn earlier_state(tx: &Transaction<'_>, issue: IssueId, place: Place) -> Result<Option<DeliveryState>, StoreError> {
    let mut statement =
        tx.prepare_cached("SELECT state FROM outcome WHERE issue = ?1 AND lane = ?2 AND seq = ?3 AND attempt = ?4")?;
    let code: Option<i64> =
        statement.query_row(params![issue.0, place.lane, place.seq, place.attempt - 1], |row| row.get(0)).optional()?;
    Ok(code.and_then(DeliveryState::from_code))
}

/// Counts down the open recipients of claims.
fn close(tx: &Transaction<'_>, closed: &BTreeMap<i64, i64>) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached("UPDATE claim SET open = open - ?2 WHERE id = ?1")?;
    for (claim, by) in closed {
        statement.execute([*claim, *by])?;
    }
    Ok(())
}
