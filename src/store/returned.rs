//! Returned mail in the database: what came back for which reader and issue, and the counts that reports are made of. No address stands here.

use super::people::{People, PeopleChange};
use super::sql_types::{instant, millis};
use super::{Store, StoreError};
use crate::domain::delivery::lane;
use crate::domain::issue::IssueId;
use crate::domain::refusal::{Cause, Class};
use crate::domain::score::Turnout;
use crate::domain::subscriber::SubscriberId;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, named_params, params};
use serde::Serialize;

/// One returned message, or one refusal, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReturn<'a> {
    /// The message's or event's own mark.
    pub fingerprint: [u8; 32],
    /// When it came.
    pub at: DateTime<Utc>,
    /// By which way.
    pub origin: &'a str,
    /// What sort it is: `bounce`, `complaint`, …
    pub kind: &'a str,
    /// Of which issue.
    pub issue: Option<IssueId>,
    /// Of which reader.
    pub subscriber: Option<SubscriberId>,
    /// The domain of the address, for the provider.
    pub domain: &'a str,
    /// How the reader was found.
    pub found_by: Option<&'a str>,
    /// Why.
    pub cause: Option<Cause>,
    /// What it says about the address.
    pub class: Option<Class>,
    /// Whether it counts against the reader.
    pub counts: bool,
    /// The enhanced code.
    pub status: Option<&'a str>,
    /// The other system's words, addresses masked.
    pub reply: Option<&'a str>,
}

/// A returned message in a reader's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReturnEntry {
    /// When it came.
    pub at: DateTime<Utc>,
    /// By which way.
    pub origin: String,
    /// What sort it is.
    pub kind: String,
    /// Of which issue.
    pub issue: Option<i64>,
    /// Why, as the word of a cause.
    pub cause: Option<String>,
    /// What it says about the address.
    pub class: Option<String>,
    /// Whether it counts against the reader.
    pub counts: bool,
    /// The other system's words.
    pub reply: Option<String>,
}

/// How often one thing came back from one provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReturnCount {
    /// What sort it is.
    pub kind: String,
    /// The provider's lane.
    pub lane: i64,
    /// Why, as the word of a cause.
    pub cause: Option<String>,
    /// What it says about the address.
    pub class: Option<String>,
    /// How often.
    pub n: u64,
}

/// A delivery that the relay refused and nobody has looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Where it stands in the ledger: lane, sequence, attempt.
    pub place: [i64; 3],
    /// Whose it was.
    pub subscriber: SubscriberId,
    /// The domain of the address, if they still have one.
    pub domain: String,
    /// The relay's code.
    pub code: Option<u16>,
    /// The relay's enhanced code.
    pub enhanced: Option<String>,
    /// The relay's words.
    pub reply: Option<String>,
}

/// What decides whether a send goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Damage {
    /// Messages that a relay took or refused.
    pub tried: u64,
    /// Of those, taken.
    pub accepted: u64,
    /// Readers who complained.
    pub complaints: u64,
    /// Readers whose address is dead, refused at once or returned.
    pub hard: u64,
    /// Readers who did not get it for whatever reason: refused and not taken since, or returned.
    pub refused: u64,
}

/// What came back of one issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueReturns {
    /// Its newsletter's slug.
    pub newsletter: String,
    /// Its number; none if it was taken back.
    pub number: Option<u32>,
    /// When it went out.
    pub sent_at: DateTime<Utc>,
    /// Tried, taken, complained about, dead.
    pub damage: Damage,
    /// Readers whose mailbox did not take it for now.
    pub soft: u64,
    /// Readers to whom it was refused for our sake.
    pub ours: u64,
}

const PUT: &str = "
    INSERT INTO returned (fingerprint, at, origin, kind, issue, subscriber, lane, found_by, cause, class, counts, status, reply)
    VALUES (:fingerprint, :at, :origin, :kind, :issue, :subscriber, :lane, :found_by, :cause, :class, :counts, :status, :reply)
    ON CONFLICT (fingerprint) DO NOTHING";

const HISTORY: &str = "
    SELECT at, origin, kind, issue, cause, class, counts, reply FROM returned WHERE subscriber = :subscriber ORDER BY at, id";

/// An issue counts once, whatever came back for it.
const TURNOUTS: &str = "
    SELECT i.frozen_at, (SELECT max(b.counts) FROM returned b WHERE b.subscriber = r.subscriber AND b.issue = r.issue AND b.kind = 'bounce'),
           EXISTS (SELECT 1 FROM outcome o WHERE o.issue = r.issue AND o.lane = r.lane AND o.seq = r.seq AND o.state = 1)
    FROM issue_recipient r JOIN issue i ON i.id = r.issue
    WHERE r.subscriber = :subscriber AND i.frozen_at IS NOT NULL ORDER BY i.frozen_at DESC LIMIT 60";

const WAS_SENT: &str = "
    SELECT r.issue FROM issue_recipient r JOIN issue i ON i.id = r.issue
    WHERE r.subscriber = :subscriber AND i.frozen_at >= :since ORDER BY i.frozen_at DESC LIMIT 1";

impl People<'_> {
    /// What came back for a reader, oldest first.
    pub fn returned_to(&self, subscriber: SubscriberId) -> Result<Vec<ReturnEntry>, StoreError> {
        let mut statement = self.connection.prepare_cached(HISTORY)?;
        let rows = statement.query_map(named_params! {":subscriber": subscriber.0}, entry)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What became of the latest issues for a reader, oldest first. What came back for our own sake says nothing.
    pub fn turnouts(&self, subscriber: SubscriberId) -> Result<Vec<(DateTime<Utc>, Turnout)>, StoreError> {
        let mut statement = self.connection.prepare_cached(TURNOUTS)?;
        let rows = statement.query_map(named_params! {":subscriber": subscriber.0}, |row| {
            let turnout = match (row.get::<_, Option<i64>>(1)?, row.get(2)?) {
                (Some(1), _) => Some(Turnout::CameBack),
                (None, true) => Some(Turnout::Arrived),
                _ => None,
            };
            Ok(turnout.map(|turnout| Ok::<_, rusqlite::Error>((instant(row.get(0)?), turnout))))
        })?;
        let mut found = Vec::new();
        for row in rows {
            found.extend(row?.transpose()?);
        }
        found.reverse();
        Ok(found)
    }

    /// The latest issue that a reader was a recipient of, not older than `since`.
    pub fn latest_issue_of(
        &self,
        subscriber: SubscriberId,
        since: DateTime<Utc>,
    ) -> Result<Option<IssueId>, StoreError> {
        let mut statement = self.connection.prepare_cached(WAS_SENT)?;
        let parameters = named_params! {":subscriber": subscriber.0, ":since": millis(since)};
        Ok(statement.query_row(parameters, |row| row.get(0).map(IssueId)).optional()?)
    }

    /// When an issue was frozen; none for one that is not ours.
    pub fn issue_frozen(&self, issue: IssueId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT frozen_at FROM issue WHERE id = ?1 AND frozen_at IS NOT NULL")?;
        Ok(statement.query_row([issue.0], |row| Ok(instant(row.get(0)?))).optional()?)
    }

    /// Whether an issue went to a reader.
    pub fn is_recipient(&self, issue: IssueId, subscriber: SubscriberId) -> Result<bool, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT 1 FROM issue_recipient WHERE subscriber = ?2 AND issue = ?1 LIMIT 1")?;
        Ok(statement.exists(params![issue.0, subscriber.0])?)
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<ReturnEntry> {
    Ok(ReturnEntry {
        at: instant(row.get(0)?),
        origin: row.get(1)?,
        kind: row.get(2)?,
        issue: row.get(3)?,
        cause: row.get(4)?,
        class: row.get(5)?,
        counts: row.get(6)?,
        reply: row.get(7)?,
    })
}

impl PeopleChange<'_> {
    /// Keeps what came back; false where it was read before.
    pub fn put_returned(&self, new: &NewReturn<'_>) -> Result<bool, StoreError> {
        let inserted = self.connection.prepare_cached(PUT)?.execute(named_params! {
            ":fingerprint": new.fingerprint,
            ":at": millis(new.at),
            ":origin": new.origin,
            ":kind": new.kind,
            ":issue": new.issue.map(|issue| issue.0),
            ":subscriber": new.subscriber.map(|subscriber| subscriber.0),
            ":lane": lane(new.domain),
            ":found_by": new.found_by,
            ":cause": new.cause.map(Cause::as_str),
            ":class": new.class.map(Class::as_str),
            ":counts": new.counts,
            ":status": new.status,
            ":reply": new.reply,
        })?;
        Ok(inserted > 0)
    }
}

/// Refusals of an issue that were not looked at: beyond those that were, by their number.
const REFUSALS: &str = "
    SELECT o.lane, o.seq, o.attempt, r.subscriber, coalesce(s.address_key, ''), o.code, o.enhanced, o.reply
    FROM outcome o
    JOIN issue_recipient r ON r.issue = o.issue AND r.lane = o.lane AND r.seq = o.seq
    JOIN subscriber s ON s.id = r.subscriber
    WHERE o.issue = ?1 AND o.state = 3 AND o.state NOT IN (1, 4)
      AND NOT EXISTS (SELECT 1 FROM returned b WHERE b.subscriber = r.subscriber AND b.issue = o.issue AND b.origin = 'smtp')
    ORDER BY o.lane, o.seq, o.attempt LIMIT ?2";

const COUNTS: &str = "
    SELECT kind, lane, cause, class, count(DISTINCT subscriber) FROM returned
    WHERE issue = ?1 AND kind IN ('bounce', 'delay', 'complaint', 'unsubscribe')
    GROUP BY kind, lane, cause, class ORDER BY 5 DESC, kind, lane, cause";

const COUNTS_SINCE: &str = "
    SELECT kind, lane, cause, class, count(*) FROM returned
    WHERE at >= ?1 AND kind IN ('bounce', 'delay', 'complaint', 'unsubscribe') AND subscriber IS NOT NULL
    GROUP BY kind, lane, cause, class ORDER BY 5 DESC, kind, lane, cause";

/// What was frozen since an instant, and how much of it came back.
const OVER_TIME: &str = "
    SELECT i.id, n.slug, i.number, i.frozen_at,
           count(DISTINCT b.subscriber) FILTER (WHERE b.kind = 'bounce' AND b.class = 'soft' AND b.counts = 1),
           count(DISTINCT b.subscriber) FILTER (WHERE b.kind = 'bounce' AND b.class = 'soft' AND b.counts = 0)
    FROM issue i JOIN newsletter n ON n.id = i.newsletter LEFT JOIN returned b ON b.issue = i.id
    WHERE i.frozen_at >= ?1 AND i.corrects IS NULL GROUP BY i.id ORDER BY i.frozen_at";

const DAMAGE: &str = "
    SELECT (SELECT coalesce(sum(n), 0) FROM issue_tally WHERE issue = ?1 AND state IN (1, 3)),
           (SELECT coalesce(sum(n), 0) FROM issue_tally WHERE issue = ?1 AND state = 1),
           (SELECT count(DISTINCT subscriber) FROM returned WHERE issue = ?1 AND kind = 'complaint'),
           (SELECT count(DISTINCT subscriber) FROM returned WHERE issue = ?1 AND kind = 'bounce' AND class = 'hard'),
           (SELECT coalesce(sum(n), 0) FROM issue_tally WHERE issue = ?1 AND state = 3)
           + (SELECT count(DISTINCT subscriber) FROM returned WHERE issue = ?1 AND kind = 'bounce' AND origin <> 'smtp')";

impl Store {
    /// The marks of what came back for people who were erased since.
    pub fn returned_to_erased(&self) -> Result<Vec<[u8; 32]>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT b.fingerprint FROM subscriber s JOIN returned b ON b.subscriber = s.id WHERE s.erased_at IS NOT NULL",
        )?;
        let marks = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(marks)
    }

    /// Up to `limit` refusals of an issue that were not looked at yet.
    pub fn new_refusals(&self, issue: IssueId, limit: usize) -> Result<Vec<Refusal>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(REFUSALS)?;
        let rows = statement.query_map(params![issue.0, limit as i64], |row| {
            let key: String = row.get(4)?;
            Ok(Refusal {
                place: [row.get(0)?, row.get(1)?, row.get(2)?],
                subscriber: SubscriberId(row.get(3)?),
                domain: key.rsplit_once('@').map(|(_, domain)| domain.to_owned()).unwrap_or_default(),
                code: row.get(5)?,
                enhanced: row.get(6)?,
                reply: row.get(7)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What came back of an issue, by provider and cause, the most frequent first.
    pub fn returned_of(&self, issue: IssueId) -> Result<Vec<ReturnCount>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(COUNTS)?;
        let rows = statement.query_map([issue.0], count)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What came back since an instant, over all issues.
    pub fn returned_since(&self, since: DateTime<Utc>) -> Result<Vec<ReturnCount>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(COUNTS_SINCE)?;
        let rows = statement.query_map([millis(since)], count)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Issue by issue what came back of those that went out since an instant, oldest first.
    pub fn returned_over_time(&self, since: DateTime<Utc>) -> Result<Vec<IssueReturns>, StoreError> {
        let rows = {
            let connection = self.reading();
            let mut statement = connection.prepare_cached(OVER_TIME)?;
            let rows = statement.query_map([millis(since)], |row| {
                let id = IssueId(row.get(0)?);
                let sent_at = instant(row.get(3)?);
                let damage = Damage::default();
                let (newsletter, number) = (row.get(1)?, row.get(2)?);
                Ok((id, IssueReturns { newsletter, number, sent_at, damage, soft: row.get(4)?, ours: row.get(5)? }))
            })?;
            rows.collect::<Result<Vec<_>, _>>()?
        };
        let with_damage = |(id, row): (IssueId, IssueReturns)| Ok(IssueReturns { damage: self.damage(id)?, ..row });
        rows.into_iter().map(with_damage).collect()
    }

    /// How much went wrong with an issue so far.
    pub fn damage(&self, issue: IssueId) -> Result<Damage, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(DAMAGE)?;
        Ok(statement.query_row([issue.0], |row| {
            Ok(Damage {
                tried: row.get(0)?,
                accepted: row.get(1)?,
                complaints: row.get(2)?,
                hard: row.get(3)?,
                refused: row.get(4)?,
            })
        })?)
    }
}

fn count(row: &Row<'_>) -> rusqlite::Result<ReturnCount> {
    Ok(ReturnCount { kind: row.get(0)?, lane: row.get(1)?, cause: row.get(2)?, class: row.get(3)?, n: row.get(4)? })
}
