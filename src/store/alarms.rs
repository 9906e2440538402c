//! What the operators must know: one row for each kind of trouble and what it is about.

use super::sql_types::{instant, millis};
use super::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Row, params};
use serde::Serialize;

/// The kind of alarm that is raised when nobody approves an issue in time.
pub const NOT_APPROVED: &str = "not approved";

/// One kind of trouble about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alarm {
    /// A short word, such as `relay-down`.
    pub kind: String,
    /// A source, a newsletter, an issue, a relay.
    pub about: String,
    /// What happened and what to do, in a sentence.
    pub sentence: String,
    /// When it was first noticed.
    pub first_at: DateTime<Utc>,
    /// When it was last noticed.
    pub last_at: DateTime<Utc>,
    /// How often it was noticed.
    pub times: u64,
}

const COLUMNS: &str = "kind, about, sentence, first_at, last_at, times";

impl Store {
    /// Notes trouble; the same kind about the same thing counts up.
    pub fn raise_alarm(&self, kind: &str, about: &str, sentence: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.writing(|tx| {
            tx.execute(
                "INSERT INTO alarm (kind, about, sentence, first_at, last_at, times) VALUES (?1, ?2, ?3, ?4, ?4, 1)
                 ON CONFLICT (kind, about) DO UPDATE SET sentence = excluded.sentence, last_at = excluded.last_at, times = times + 1",
                params![kind, about, sentence, millis(now)],
            )?;
            Ok(())
        })
    }

    /// Takes an alarm back when its cause is gone. Returns whether there was one.
    pub fn clear_alarm(&self, kind: &str, about: &str) -> Result<bool, StoreError> {
        self.writing(|tx| Ok(tx.execute("DELETE FROM alarm WHERE kind = ?1 AND about = ?2", [kind, about])? > 0))
    }

    /// All alarms, the latest first.
    pub fn alarms(&self) -> Result<Vec<Alarm>, StoreError> {
        let connection = self.reading();
        let mut statement =
            connection.prepare_cached(&format!("SELECT {COLUMNS} FROM alarm ORDER BY last_at DESC, kind"))?;
        let alarms = statement.query_map([], alarm)?.collect::<Result<_, _>>()?;
        Ok(alarms)
    }

    /// The alarms that the operators have to be told of: noticed since they were last told, and that is an hour ago.
    pub fn alarms_to_tell(&self, now: DateTime<Utc>) -> Result<Vec<Alarm>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM alarm WHERE told_at IS NULL OR (told_at <= ?1 AND last_at > told_at) ORDER BY first_at"
        ))?;
        let alarms = statement.query_map([millis(now - TimeDelta::hours(1))], alarm)?.collect::<Result<_, _>>()?;
        Ok(alarms)
    }

    /// Notes that the operators were told.
    pub fn alarms_told(&self, alarms: &[Alarm], now: DateTime<Utc>) -> Result<(), StoreError> {
        self.writing(|tx| {
            for alarm in alarms {
                tx.execute(
                    "UPDATE alarm SET told_at = ?3 WHERE kind = ?1 AND about = ?2",
                    params![alarm.kind, alarm.about, millis(now)],
                )?;
            }
            Ok(())
        })
    }
}

fn alarm(row: &Row<'_>) -> rusqlite::Result<Alarm> {
    Ok(Alarm {
        kind: row.get(0)?,
        about: row.get(1)?,
        sentence: row.get(2)?,
        first_at: instant(row.get(3)?),
        last_at: instant(row.get(4)?),
        times: row.get(5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_trouble_counts_up_and_is_told_at_most_hourly() {
        let store = Store::in_memory().unwrap();
        let now: DateTime<Utc> = "2026-11-20T17:00:00Z".parse().unwrap();
        store.raise_alarm("relay-down", "smtp.example.org", "it does not answer", now).unwrap();
        store
            .raise_alarm("relay-down", "smtp.example.org", "it still does not answer", now + TimeDelta::minutes(1))
            .unwrap();
        let due = store.alarms_to_tell(now).unwrap();
        assert_eq!(due.iter().map(|alarm| alarm.times).collect::<Vec<_>>(), [2]);
        store.alarms_told(&due, now).unwrap();
        store.raise_alarm("relay-down", "smtp.example.org", "again", now + TimeDelta::minutes(2)).unwrap();
        assert!(store.alarms_to_tell(now + TimeDelta::minutes(3)).unwrap().is_empty());
        assert_eq!(store.alarms_to_tell(now + TimeDelta::minutes(61)).unwrap().len(), 1);
        assert!(store.clear_alarm("relay-down", "smtp.example.org").unwrap());
    }
}
