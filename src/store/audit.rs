//! Who did what, on the command line or at the desk. No addresses of readers.

use super::sql_types::{instant, millis};
use super::{Store, StoreError};
use chrono::{DateTime, Utc};
use rusqlite::params;
use serde::Serialize;

/// One deed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deed {
    /// When.
    pub at: DateTime<Utc>,
    /// Who: an editor's name, or `operator` for the command line.
    pub actor: String,
    /// What was done, in a word.
    pub action: String,
    /// What it was done to.
    pub about: String,
    /// More, in words.
    pub detail: String,
}

impl Store {
    /// Notes who did what.
    pub fn audit(
        &self,
        actor: &str,
        action: &str,
        about: &str,
        detail: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.writing(|tx| {
            tx.execute(
                "INSERT INTO audit (at, actor, action, about, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![millis(now), actor, action, about, detail],
            )?;
            Ok(())
        })
    }

    /// The latest deeds, the newest first.
    pub fn deeds(&self, limit: usize) -> Result<Vec<Deed>, StoreError> {
        let connection = self.reading();
        let mut statement = connection
            .prepare_cached("SELECT at, actor, action, about, detail FROM audit ORDER BY at DESC, id DESC LIMIT ?1")?;
        let rows = statement.query_map([limit as i64], |row| {
            Ok(Deed {
                at: instant(row.get(0)?),
                actor: row.get(1)?,
                action: row.get(2)?,
                about: row.get(3)?,
                detail: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn the_latest_deed_stands_first() {
        let store = Store::in_memory().unwrap();
        let now: DateTime<Utc> = "2026-11-20T17:00:00Z".parse().unwrap();
        store.audit("operator", "hold", "week No. 2", "is held", now).unwrap();
        store.audit("Mona", "approve", "week No. 2", "goes out", now + TimeDelta::minutes(1)).unwrap();
        let deeds = store.deeds(10).unwrap();
        assert_eq!(deeds.iter().map(|deed| deed.actor.as_str()).collect::<Vec<_>>(), ["Mona", "operator"]);
        assert_eq!(store.deeds(1).unwrap().len(), 1);
    }
}
