//! Single facts about this installation.

use super::sql_types::{instant, millis};
use super::{Store, StoreError};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

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

    /// The latest instant that anything was recorded at; a clock behind it has gone back.
    pub fn last_instant(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(self.fact("last_instant")?.and_then(|text| text.parse().ok()).map(instant))
    }

    /// Moves the latest instant forward; never back.
    pub fn note_instant(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        if self.last_instant()?.is_none_or(|last| now > last) {
            self.set_fact("last_instant", &millis(now).to_string())?;
        }
        Ok(())
    }
}
