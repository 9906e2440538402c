//! Sources as rows: their health, and what a conditional request needs.

use super::sql_types::{instant, millis};
use super::{Store, StoreError};
use crate::domain::tag::Slug;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Row, named_params, params};

/// What is known about a source from earlier visits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceState {
    /// Row number.
    pub id: i64,
    /// When it first answered; until then what it shows is back catalogue.
    pub first_success_at: Option<DateTime<Utc>>,
    /// When it was last asked.
    pub last_try_at: Option<DateTime<Utc>>,
    /// When it last answered well.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When it last brought something that was not known.
    pub last_new_at: Option<DateTime<Utc>>,
    /// Failures since the last success.
    pub failures: u32,
    /// What went wrong last, in words; none while it is well.
    pub last_error: Option<String>,
    /// The validator that it gave (RFC 9110, 8.8.3).
    pub etag: Option<String>,
    /// The date that it gave (RFC 9110, 8.8.2).
    pub last_modified: Option<String>,
    /// SHA-256 of what was last read.
    pub body_hash: Option<Vec<u8>>,
    /// Where it said that it had moved for good.
    pub moved_to: Option<String>,
    /// Not before then: it failed, or asked for it.
    pub retry_at: Option<DateTime<Utc>>,
    /// When it said that it is gone for good; it is asked no more until somebody names it.
    pub gone_at: Option<DateTime<Utc>>,
    /// Until when its last answer stays fresh, by its own word.
    pub fresh_until: Option<DateTime<Utc>>,
    /// When it is worth asking again, by its habit.
    pub due_at: Option<DateTime<Utc>>,
    /// The time between two of its stories.
    pub habit: Option<TimeDelta>,
    /// The newest publication that it has shown.
    pub reached_at: Option<DateTime<Utc>>,
    /// Hours and days at which it says that nobody need ask, as bits.
    pub quiet: u32,
    /// Minutes for which its documents stay as they are, as they say themselves.
    pub ttl_minutes: Option<u32>,
}

impl SourceState {
    /// Whether it is time to ask it.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        let over = |at: Option<DateTime<Utc>>| at.is_none_or(|at| at <= now);
        self.gone_at.is_none() && over(self.retry_at) && over(self.fresh_until) && over(self.due_at)
    }
}

/// What a successful visit leaves.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    /// The validator for next time.
    pub etag: Option<String>,
    /// The date for next time.
    pub last_modified: Option<String>,
    /// SHA-256 of what was read.
    pub body_hash: Option<Vec<u8>>,
    /// Where it has moved for good.
    pub moved_to: Option<String>,
    /// Whether it brought something new.
    pub brought_new: bool,
    /// When it is worth asking again.
    pub due_at: Option<DateTime<Utc>>,
    /// Until when the answer stays fresh.
    pub fresh_until: Option<DateTime<Utc>>,
    /// The time between two of its stories.
    pub habit: Option<TimeDelta>,
    /// The newest publication that it shows.
    pub reached_at: Option<DateTime<Utc>>,
    /// Hours and days at which it says that nobody need ask, as bits.
    pub quiet: u32,
    /// Minutes for which the document says that it stays as it is.
    pub ttl_minutes: Option<u32>,
}

/// A source that had not changed since its last visit.
#[derive(Debug, Clone, Copy)]
pub struct StillSame {
    /// Its row.
    pub source: i64,
    /// When it is worth asking again.
    pub due_at: DateTime<Utc>,
    /// Until when that stays so by its own word.
    pub fresh_until: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, first_success_at, last_try_at, last_success_at, last_new_at, failures, last_error, etag, last_modified, body_hash, moved_to, retry_at, gone_at, fresh_until, due_at, habit, reached_at, quiet, ttl_minutes";

impl Store {
    /// What is known about a source; its row is made when it is seen for the first time.
    pub fn source_state(&self, slug: &Slug) -> Result<SourceState, StoreError> {
        if let Some(state) = self.known_source_state(slug)? {
            return Ok(state);
        }
        self.writing(|tx| {
            tx.execute("INSERT INTO source (slug) VALUES (?1) ON CONFLICT (slug) DO NOTHING", [slug.as_str()])?;
            Ok(())
        })?;
        self.known_source_state(slug)?.ok_or_else(|| StoreError::Unexpected(format!("source \"{slug}\" was not kept")))
    }

    /// What is known about a source that was visited before.
    pub fn known_source_state(&self, slug: &Slug) -> Result<Option<SourceState>, StoreError> {
        use rusqlite::OptionalExtension;
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM source WHERE slug = ?1"))?;
        Ok(statement.query_row([slug.as_str()], state).optional()?)
    }

    /// Notes that a source answered and was read.
    pub fn note_visit(&self, source: i64, visit: &Visit, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.writing(|tx| {
            tx.execute(
                "UPDATE source SET first_success_at = coalesce(first_success_at, :now), last_try_at = :now, last_success_at = :now,
                     last_new_at = CASE WHEN :new THEN :now ELSE last_new_at END, failures = 0, last_error = NULL, etag = :etag,
                     last_modified = :last_modified, body_hash = coalesce(:body_hash, body_hash), moved_to = coalesce(:moved_to, moved_to),
                     retry_at = NULL, gone_at = NULL, due_at = :due_at, fresh_until = :fresh_until, habit = coalesce(:habit, habit), quiet = :quiet, ttl_minutes = :ttl,
                     reached_at = max(coalesce(:reached_at, reached_at), coalesce(reached_at, :reached_at))
                 WHERE id = :id",
                named_params! {
                    ":id": source, ":now": millis(now), ":new": visit.brought_new, ":etag": visit.etag,
                    ":last_modified": visit.last_modified, ":body_hash": visit.body_hash, ":moved_to": visit.moved_to,
                    ":due_at": visit.due_at.map(millis), ":fresh_until": visit.fresh_until.map(millis),
                    ":habit": visit.habit.map(|habit| habit.num_milliseconds()), ":reached_at": visit.reached_at.map(millis), ":quiet": visit.quiet,
                    ":ttl": visit.ttl_minutes,
                },
            )?;
            Ok(())
        })
    }

    /// Notes that sources had not changed since their last visits. One transaction for all: nothing but the next visit depends on it.
    pub fn note_unchanged(&self, sources: &[StillSame], now: DateTime<Utc>) -> Result<(), StoreError> {
        if sources.is_empty() {
            return Ok(());
        }
        self.writing(|tx| {
            let mut statement = tx.prepare_cached(
                "UPDATE source SET last_try_at = ?2, last_success_at = ?2, failures = 0, last_error = NULL, retry_at = NULL, gone_at = NULL, due_at = ?3, fresh_until = ?4
                 WHERE id = ?1",
            )?;
            sources.iter().try_for_each(|same| {
                let fresh = same.fresh_until.map(millis);
                statement.execute(params![same.source, millis(now), millis(same.due_at), fresh]).map(|_| ())
            })?;
            Ok(())
        })
    }

    /// Notes that a source could not be read, why, and when to try again. What it had moved to is forgotten: the next try asks where it was.
    pub fn note_failed_visit(
        &self,
        source: i64,
        error: &str,
        retry_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.writing(|tx| {
            tx.execute(
                "UPDATE source SET last_try_at = ?2, failures = failures + 1, last_error = ?3, retry_at = ?4, moved_to = NULL WHERE id = ?1",
                params![source, millis(now), error, millis(retry_at)],
            )?;
            Ok(())
        })
    }

    /// Notes that a source is gone for good: it rests until somebody names it.
    pub fn note_gone(&self, source: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.writing(|tx| {
            tx.execute(
                "UPDATE source SET gone_at = coalesce(gone_at, ?2) WHERE id = ?1",
                params![source, millis(now)],
            )?;
            Ok(())
        })
    }
}

fn state(row: &Row<'_>) -> rusqlite::Result<SourceState> {
    let at = |n: usize| -> rusqlite::Result<Option<DateTime<Utc>>> { Ok(row.get::<_, Option<i64>>(n)?.map(instant)) };
    Ok(SourceState {
        id: row.get(0)?,
        first_success_at: at(1)?,
        last_try_at: at(2)?,
        last_success_at: at(3)?,
        last_new_at: at(4)?,
        failures: row.get(5)?,
        last_error: row.get(6)?,
        etag: row.get(7)?,
        last_modified: row.get(8)?,
        body_hash: row.get(9)?,
        moved_to: row.get(10)?,
        retry_at: at(11)?,
        gone_at: at(12)?,
        fresh_until: at(13)?,
        due_at: at(14)?,
        habit: row.get::<_, Option<i64>>(15)?.map(TimeDelta::milliseconds),
        reached_at: at(16)?,
        quiet: row.get(17)?,
        ttl_minutes: row.get(18)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_is_kept_and_a_success_clears_the_error() {
        let store = Store::in_memory().unwrap();
        let (slug, now) = (Slug::parse("gazette").unwrap(), DateTime::UNIX_EPOCH);
        let source = store.source_state(&slug).unwrap();
        assert_eq!(source.first_success_at, None);
        store.note_failed_visit(source.id, "timed out", now, now).unwrap();
        store.note_failed_visit(source.id, "timed out", now, now).unwrap();
        let failed = store.source_state(&slug).unwrap();
        assert_eq!((failed.failures, failed.last_error.as_deref()), (2, Some("timed out")));
        store.note_visit(source.id, &Visit { etag: Some("\"a\"".into()), ..Visit::default() }, now).unwrap();
        let well = store.source_state(&slug).unwrap();
        assert_eq!(
            (well.failures, well.last_error, well.first_success_at, well.etag.as_deref()),
            (0, None, Some(now), Some("\"a\""))
        );
    }
}
