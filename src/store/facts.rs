//! Single facts about this installation.

use super::sql_types::{instant, millis};
use super::{Store, StoreError};
use crate::domain::issue::IssueId;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, Transaction, params};

/// The fact that names the stories, by their numbers and joined by commas, for which the last look held an issue.
pub fn withdrawn(issue: IssueId) -> String {
    format!("withdrawn of issue {}", issue.0)
}

/// The fact that the editors were asked to look at an issue: when, or when that was tried in vain.
pub fn editors_asked(issue: IssueId) -> String {
    format!("editors asked of issue {}", issue.0)
}

/// The fact that keeps what the editors' file said when an issue was composed.
pub fn file_hand(issue: IssueId) -> String {
    format!("file hand of issue {}", issue.0)
}

/// The fact that holds the next issue of a newsletter: why, in words for the editors.
pub fn hold(newsletter: u16) -> String {
    format!("hold newsletter {newsletter}")
}

impl Store {
    /// The value of a fact, if it was ever set.
    pub fn fact(&self, name: &str) -> Result<Option<String>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached("SELECT value FROM fact WHERE name = ?1")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }

    /// Sets a fact.
    pub fn set_fact(&self, name: &str, value: &str) -> Result<(), StoreError> {
        self.writing(|tx| {
            tx.execute(
                "INSERT INTO fact (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                params![name, value],
            )?;
            Ok(())
        })
    }

    /// Takes a fact away; returns what it was.
    pub fn take_fact(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.writing(|tx| {
            let value = tx.query_row("SELECT value FROM fact WHERE name = ?1", [name], |row| row.get(0)).optional()?;
            tx.execute("DELETE FROM fact WHERE name = ?1", [name])?;
            Ok(value)
        })
    }

    /// The latest instant that anything was recorded at; a clock behind it has gone back.
    pub fn last_instant(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(self.fact("last_instant")?.and_then(|text| text.parse().ok()).map(instant))
    }

    /// Moves the latest instant forward; never back.
    pub fn note_instant(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.writing(|tx| note_instant(tx, now))
    }

    /// How far the clock is behind what it has already shown, if that is more than [`CLOCK_SLACK`]: then nothing may be mailed.
    pub fn clock_behind(&self, now: DateTime<Utc>) -> Result<Option<TimeDelta>, StoreError> {
        let behind = self.last_instant()?.map(|last| last - now);
        Ok(behind.filter(|behind| *behind > CLOCK_SLACK))
    }

    /// A number that changes when another connection commits anything; for those who wait for news.
    pub fn data_version(&self) -> Result<i64, StoreError> {
        Ok(self.reading().query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }
}

/// Clocks are set right by seconds now and then; further back they are wrong.
pub const CLOCK_SLACK: TimeDelta = TimeDelta::minutes(1);

/// Moves the latest instant forward within a transaction, at most once a second.
pub(in crate::store) fn note_instant(tx: &Transaction<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO fact (name, value) VALUES ('last_instant', CAST(?1 AS TEXT))
         ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE CAST(value AS INTEGER) + 1000 <= ?1",
    )?
    .execute([millis(now)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_went_back_more_than_a_minute_is_noticed() {
        let store = Store::in_memory().unwrap();
        let now: DateTime<Utc> = "2026-11-20T17:00:00Z".parse().unwrap();
        assert_eq!(store.clock_behind(now).unwrap(), None);
        store.note_instant(now).unwrap();
        store.note_instant(now - TimeDelta::hours(1)).unwrap();
        assert_eq!(store.last_instant().unwrap(), Some(now));
        assert_eq!(store.clock_behind(now - TimeDelta::seconds(60)).unwrap(), None);
        assert_eq!(store.clock_behind(now - TimeDelta::seconds(61)).unwrap(), Some(TimeDelta::seconds(61)));
    }
}
