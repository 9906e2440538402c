//! The ledger in rows that people read: who is in doubt, parked, refused, waiting, and why. Addresses are masked; nothing is changed.

use crate::domain::address::EmailAddress;
use crate::domain::delivery::DeliveryState;
use crate::domain::issue::IssueId;
use crate::domain::subscriber::SubscriberId;
use crate::store::sql_types::instant;
use crate::store::{Store, StoreError};
use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use serde::Serialize;

/// One outcome of one attempt, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Which attempt, from 1.
    pub attempt: i64,
    /// What it came to.
    pub state: DeliveryState,
    /// When it was known.
    pub at: DateTime<Utc>,
    /// When the next attempt may be made.
    pub retry_at: Option<DateTime<Utc>>,
    /// The relay's code.
    pub code: Option<u16>,
    /// The relay's enhanced code.
    pub enhanced: Option<String>,
    /// The relay's words, or ours.
    pub reply: Option<String>,
}

/// A remark with the recipient it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notable {
    /// The recipient, masked; none once erased.
    pub recipient: Option<String>,
    /// The row of the subscriber.
    pub subscriber: i64,
    /// Whether it is the last word: no later attempt has an outcome.
    pub is_last: bool,
    /// What happened.
    #[serde(flatten)]
    pub remark: Remark,
}

/// All attempts of one issue for one subscriber.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueDelivery {
    /// Which issue.
    pub issue: IssueId,
    /// Their outcomes, in order; none yet while queued or claimed.
    pub remarks: Vec<Remark>,
}

const REMARK: &str = "o.attempt, o.state, o.at, o.retry_at, o.code, o.enhanced, o.reply";

impl Store {
    /// Outcomes of an issue in one state, also those that a later attempt has settled, at most `limit`. `Accepted` and `Skipped` ones are found by a
    /// scan of the issue.
    pub fn notable(&self, issue: IssueId, state: DeliveryState, limit: usize) -> Result<Vec<Notable>, StoreError> {
        // Said as the index says it, or SQLite does not see that the index fits.
        let by_index = if matches!(state, DeliveryState::Accepted | DeliveryState::Skipped) {
            ""
        } else {
            "AND o.state NOT IN (1, 4)"
        };
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {REMARK}, r.subscriber, s.address,
                    NOT EXISTS (SELECT 1 FROM outcome l WHERE l.issue = o.issue AND l.lane = o.lane AND l.seq = o.seq AND l.attempt > o.attempt)
             FROM outcome o
             JOIN issue_recipient r ON r.issue = o.issue AND r.lane = o.lane AND r.seq = o.seq
             LEFT JOIN subscriber s ON s.id = r.subscriber
             WHERE o.issue = ?1 AND o.state = ?2 {by_index} ORDER BY o.lane, o.seq, o.attempt LIMIT ?3"
        ))?;
        let mut rows = statement.query(params![issue.0, state.code(), limit as i64])?;
        let mut notable = Vec::new();
        while let Some(row) = rows.next()? {
            let address: Option<String> = row.get(8)?;
            notable.push(Notable {
                recipient: address
                    .and_then(|address| EmailAddress::parse(&address).ok())
                    .map(|address| address.masked()),
                subscriber: row.get(7)?,
                is_last: row.get(9)?,
                remark: remark(row)?,
            });
        }
        Ok(notable)
    }

    /// What became of every issue that a subscriber was a recipient of, the latest first.
    pub fn deliveries_of(&self, subscriber: SubscriberId, limit: usize) -> Result<Vec<IssueDelivery>, StoreError> {
        let connection = self.reading();
        let mut places = connection.prepare_cached(
            "SELECT issue, lane, seq FROM issue_recipient WHERE subscriber = ?1 ORDER BY issue DESC, lane, seq LIMIT ?2",
        )?;
        let places = places
            .query_map(params![subscriber.0, limit as i64], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?
            .collect::<Result<Vec<[i64; 3]>, _>>()?;
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {REMARK} FROM outcome o WHERE o.issue = ?1 AND o.lane = ?2 AND o.seq = ?3 ORDER BY o.attempt"
        ))?;
        let mut deliveries = Vec::new();
        for place in places {
            let mut rows = statement.query(place)?;
            let mut remarks = Vec::new();
            while let Some(row) = rows.next()? {
                remarks.push(remark(row)?);
            }
            deliveries.push(IssueDelivery { issue: IssueId(place[0]), remarks });
        }
        Ok(deliveries)
    }
}

fn remark(row: &Row<'_>) -> Result<Remark, StoreError> {
    let code: i64 = row.get(1)?;
    let state = DeliveryState::from_code(code)
        .ok_or_else(|| StoreError::Unexpected(format!("an outcome has the unknown state {code}")))?;
    Ok(Remark {
        attempt: row.get(0)?,
        state,
        at: instant(row.get(2)?),
        retry_at: row.get::<_, Option<i64>>(3)?.map(instant),
        code: row.get(4)?,
        enhanced: row.get(5)?,
        reply: row.get(6)?,
    })
}
