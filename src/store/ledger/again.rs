//! Another try for those who have their last word already: refused for our own sake, parked, or accepted and lost on the way. Who that is decides
//! the caller; consent is asked when they are claimed, as for everybody.

use super::{Moved, record};
use crate::domain::delivery::{DeliveryState, Outcome, Place};
use crate::domain::issue::IssueId;
use crate::domain::subscriber::SubscriberId;
use crate::domain::text::Language;
use crate::store::recipients::add_recipient;
use crate::store::sql_types::millis;
use crate::store::{Store, StoreError};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Transaction, params};

/// The last word on a recipient who did not get an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastWord {
    /// Where the next attempt would stand.
    pub place: Place,
    /// The relay's code.
    pub code: Option<u16>,
    /// The relay's enhanced code.
    pub enhanced: Option<String>,
    /// The relay's words.
    pub reply: Option<String>,
}

/// A reader of whom the relay took an issue, and it came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameBack {
    /// Whose it was.
    pub subscriber: SubscriberId,
    /// Why, as the word of a cause.
    pub cause: String,
}

/// How an issue reached one reader so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// They were no recipient of it.
    Never,
    /// It is on its way: queued, claimed or waiting for a retry.
    Underway,
    /// It ended without the relay having taken it; the next attempt would stand there.
    Failed(Place),
    /// The relay took it.
    Accepted,
}

/// The last words of an issue in one state, in the ledger's order.
const LAST: &str = "
    SELECT o.lane, o.seq, o.attempt + 1, o.code, o.enhanced, o.reply FROM outcome o
    WHERE o.issue = ?1 AND o.state = ?6 AND o.state NOT IN (1, 4) AND (o.lane, o.seq) > (?2, ?3) AND (?4 IS NULL OR o.lane = ?4)
      AND NOT EXISTS (SELECT 1 FROM outcome l WHERE l.issue = o.issue AND l.lane = o.lane AND l.seq = o.seq AND l.attempt > o.attempt)
    ORDER BY o.lane, o.seq LIMIT ?5";

/// Readers to whom all mail of an issue was accepted before the latest of it came back.
const CAME_BACK: &str = "
    SELECT b.subscriber, b.cause FROM returned b
    WHERE b.issue = ?1 AND b.kind = 'bounce' AND b.origin <> 'smtp' AND b.cause IS NOT NULL AND b.subscriber > ?2 AND (?3 IS NULL OR b.lane = ?3)
      AND EXISTS (SELECT 1 FROM issue_recipient r WHERE r.subscriber = b.subscriber AND r.issue = b.issue)
      AND NOT EXISTS (
          SELECT 1 FROM issue_recipient r WHERE r.subscriber = b.subscriber AND r.issue = b.issue
          AND NOT EXISTS (SELECT 1 FROM outcome o WHERE o.issue = r.issue AND o.lane = r.lane AND o.seq = r.seq AND o.state = 1 AND o.at <= b.at))
    GROUP BY b.subscriber ORDER BY b.subscriber LIMIT ?4";

const LAST_WORDS: &str = "
    SELECT r.lane, r.seq, (SELECT max(o.attempt) FROM outcome o WHERE o.issue = r.issue AND o.lane = r.lane AND o.seq = r.seq),
           EXISTS (SELECT 1 FROM claim c WHERE c.issue = r.issue AND c.open > 0 AND c.lane = r.lane AND r.seq BETWEEN c.first AND c.last)
    FROM issue_recipient r WHERE r.subscriber = ?2 AND r.issue = ?1";

impl Store {
    /// A page of the recipients who did not get an issue and whose last word is of this state, perhaps of one lane only; beyond the place where the
    /// page before ended.
    pub fn last_words(
        &self,
        issue: IssueId,
        state: DeliveryState,
        lane: Option<i64>,
        after: (i64, i64),
        limit: usize,
    ) -> Result<Vec<LastWord>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(LAST)?;
        let rows =
            statement.query_map(params![issue.0, after.0, after.1, lane, limit as i64, state.code()], |row| {
                Ok(LastWord {
                    place: Place { claim: 0, lane: row.get(0)?, seq: row.get(1)?, attempt: row.get(2)? },
                    code: row.get(3)?,
                    enhanced: row.get(4)?,
                    reply: row.get(5)?,
                })
            })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A page of the readers to whom the issue came back after the relay had taken it, and was not sent again since; beyond this row.
    pub fn came_back(
        &self,
        issue: IssueId,
        lane: Option<i64>,
        after: SubscriberId,
        limit: usize,
    ) -> Result<Vec<CameBack>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(CAME_BACK)?;
        let rows = statement.query_map(params![issue.0, after.0, lane, limit as i64], |row| {
            Ok(CameBack { subscriber: SubscriberId(row.get(0)?), cause: row.get(1)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How an issue reached a reader so far.
    pub fn reached(&self, issue: IssueId, subscriber: SubscriberId) -> Result<Reached, StoreError> {
        reached(&self.reading(), issue, subscriber)
    }

    /// Queues these for another attempt, at once; an issue that was done is sent again. Whoever has a later word meanwhile is left alone. Returns
    /// how many are queued. Whoever was in doubt as often as may be and is so again is parked again.
    pub fn try_again(
        &self,
        issue: IssueId,
        places: &[Place],
        why: &str,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        self.writing(|tx| {
            let mut moved = Moved::default();
            let mut queued = 0;
            for place in places {
                queued += usize::from(record::append(tx, issue, &another(*place, why, now), &mut moved)?);
            }
            moved.write(tx, issue)?;
            open_again(tx, issue, now)?;
            Ok(queued)
        })
    }

    /// Adds these readers to a frozen issue once more, whatever they have of it, under the same Message-ID; an issue that was done is sent
    /// again. Returns how many: those are left out for whom the issue holds no rendering. `language` is the newsletter's own.
    pub fn send_again(
        &self,
        issue: IssueId,
        subscribers: &[SubscriberId],
        language: &Language,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        self.writing(|tx| {
            let mut added = 0;
            for subscriber in subscribers {
                added += usize::from(add_recipient(tx, issue, *subscriber, language)?.is_some());
            }
            if added > 0 {
                open_again(tx, issue, now)?;
            }
            Ok(added)
        })
    }
}

fn another(place: Place, why: &str, now: DateTime<Utc>) -> Outcome {
    Outcome {
        place,
        state: DeliveryState::Returned,
        at: now,
        retry_at: Some(now),
        code: None,
        enhanced: None,
        reply: Some(why.to_owned()),
        relay_id: None,
    }
}

/// A done issue goes on, and its time begins anew.
fn open_again(tx: &Transaction<'_>, issue: IssueId, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE issue SET resent_at = ?2, state = iif(state = 'done', 'sending', state), finished_at = NULL
         WHERE id = ?1 AND state IN ('done', 'sending', 'paused')",
    )?
    .execute(params![issue.0, millis(now)])?;
    Ok(())
}

fn reached(connection: &rusqlite::Connection, issue: IssueId, subscriber: SubscriberId) -> Result<Reached, StoreError> {
    let mut rows = connection.prepare_cached(LAST_WORDS)?;
    let mut rows = rows.query(params![issue.0, subscriber.0])?;
    let mut found = Reached::Never;
    while let Some(row) = rows.next()? {
        let (lane, seq, attempt, claimed): (i64, i64, Option<i64>, bool) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let Some(attempt) = attempt.filter(|_| !claimed) else { return Ok(Reached::Underway) };
        let place = Place { claim: 0, lane, seq, attempt: attempt + 1 };
        match word(connection, issue, place)? {
            Some(state) if state.is_open() => return Ok(Reached::Underway),
            Some(DeliveryState::Accepted) if found == Reached::Never => found = Reached::Accepted,
            Some(DeliveryState::Accepted) | None => {}
            Some(_) => found = Reached::Failed(place),
        }
    }
    Ok(found)
}

/// What the attempt before a place came to.
fn word(connection: &rusqlite::Connection, issue: IssueId, next: Place) -> Result<Option<DeliveryState>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT state FROM outcome WHERE issue = ?1 AND lane = ?2 AND seq = ?3 AND attempt = ?4")?;
    let code: Option<i64> =
        statement.query_row(params![issue.0, next.lane, next.seq, next.attempt - 1], |row| row.get(0)).optional()?;
    Ok(code.and_then(DeliveryState::from_code))
}
