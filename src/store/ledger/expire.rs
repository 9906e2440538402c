//! The end of an issue's time: whoever no relay took by then gets it no more. Never a bounce.

use super::{Moved, issue_state, record};
use crate::domain::delivery::{DeliveryState, Outcome, Place};
use crate::domain::issue::IssueId;
use crate::store::sql_types::millis;
use crate::store::{Store, StoreError};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Transaction, params};

impl Store {
    /// Expires at most `limit` recipients who are queued or wait for a retry, and says how many: call it until it says none. Claimed ones are left to
    /// whoever claimed them.
    pub fn expire(&self, issue: IssueId, limit: usize, why: &str, now: DateTime<Utc>) -> Result<usize, StoreError> {
        self.writing(|tx| {
            issue_state(tx, issue)?;
            let retries = expire_retries(tx, issue, limit, why, now)?;
            let unclaimed = expire_unclaimed(tx, issue, limit - retries, why, now)?;
            Ok(retries + unclaimed)
        })
    }
}

fn expire_retries(
    tx: &Transaction<'_>,
    issue: IssueId,
    limit: usize,
    why: &str,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let mut statement = tx.prepare_cached(
        "DELETE FROM retry WHERE (issue, lane, seq) IN (SELECT issue, lane, seq FROM retry WHERE issue = ?1 LIMIT ?2)
         RETURNING lane, seq, attempt",
    )?;
    let places = statement
        .query_map(params![issue.0, limit as i64], |row| {
            Ok(Place { claim: 0, lane: row.get(0)?, seq: row.get(1)?, attempt: row.get(2)? })
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let mut moved = Moved::default();
    for place in &places {
        let outcome = Outcome {
            place: *place,
            state: DeliveryState::Expired,
            at: now,
            retry_at: None,
            code: None,
            enhanced: None,
            reply: Some(why.to_owned()),
            relay_id: None,
        };
        record::append(tx, issue, &outcome, &mut moved)?;
    }
    moved.write(tx, issue)?;
    Ok(places.len())
}

fn expire_unclaimed(
    tx: &Transaction<'_>,
    issue: IssueId,
    limit: usize,
    why: &str,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let lane: Option<(i64, i64)> = tx
        .prepare_cached("SELECT lane, cursor FROM lane_cursor WHERE issue = ?1 AND cursor < last LIMIT 1")?
        .query_row([issue.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((lane, cursor)) = lane else { return Ok(0) };
    let to = cursor + limit as i64;
    let expired = tx
        .prepare_cached(
            "INSERT INTO outcome (issue, lane, seq, attempt, state, at, reply)
             SELECT issue, lane, seq, 1, ?5, ?6, ?7 FROM issue_recipient WHERE issue = ?1 AND lane = ?2 AND seq > ?3 AND seq <= ?4",
        )?
        .execute(params![issue.0, lane, cursor, to, DeliveryState::Expired.code(), millis(now), why])?;
    tx.prepare_cached("UPDATE lane_cursor SET cursor = min(last, ?3) WHERE issue = ?1 AND lane = ?2")?
        .execute([issue.0, lane, to])?;
    let mut moved = Moved::default();
    (0..expired).for_each(|_| moved.to(DeliveryState::Expired));
    moved.write(tx, issue)?;
    Ok(expired)
}
