//! What relays took on a day, and the recipient of a message by the name that its relay gave it.

use crate::domain::issue::IssueId;
use crate::domain::subscriber::SubscriberId;
use crate::store::people::People;
use crate::store::{Store, StoreError};
use rusqlite::{OptionalExtension, Transaction, params};

/// Messages that relays took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Used<'a> {
    /// The day, in UTC, by number since 1970.
    pub day: i64,
    /// Each relay's name and how many it took since this was last written.
    pub relays: &'a [(String, u64)],
}

impl Used<'_> {
    pub(super) fn write(&self, tx: &Transaction<'_>) -> Result<(), StoreError> {
        for (relay, count) in self.relays.iter().filter(|(_, count)| *count > 0) {
            tx.prepare_cached(
                "INSERT INTO relay_day (relay, day, n) VALUES (?1, ?2, ?3) ON CONFLICT (relay, day) DO UPDATE SET n = n + excluded.n",
            )?
            .execute(params![relay, self.day, *count as i64])?;
        }
        Ok(())
    }
}

impl Store {
    /// How many messages each of these relays took on a day.
    pub fn relays_used(&self, relays: &[String], day: i64) -> Result<Vec<u64>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached("SELECT n FROM relay_day WHERE relay = ?1 AND day = ?2")?;
        let mut used = |relay: &String| -> Result<u64, StoreError> {
            let found: Option<i64> = statement.query_row(params![relay, day], |row| row.get(0)).optional()?;
            Ok(found.unwrap_or_default() as u64)
        };
        relays.iter().map(&mut used).collect()
    }
}

impl Store {
    /// The most messages that each of these relays took on one day from `since` to before `today`.
    pub fn relays_best(&self, relays: &[String], since: &[i64], today: i64) -> Result<Vec<u64>, StoreError> {
        let connection = self.reading();
        let mut statement = connection
            .prepare_cached("SELECT coalesce(max(n), 0) FROM relay_day WHERE relay = ?1 AND day >= ?2 AND day < ?3")?;
        let mut best = |(relay, since): (&String, &i64)| -> Result<u64, StoreError> {
            Ok(statement.query_row(params![relay, since, today], |row| row.get::<_, i64>(0))? as u64)
        };
        relays.iter().zip(since).map(&mut best).collect()
    }
}

impl People<'_> {
    /// Which issue to which subscriber a relay means by its own name for a message. None for a name that it gave to several: whom it means then
    /// nobody can know, and a reader is not held to what came back of another's mail.
    pub fn recipient_by_relay_id(&self, relay_id: &str) -> Result<Option<(IssueId, SubscriberId)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT DISTINCT r.issue, r.subscriber FROM outcome o
                 JOIN issue_recipient r ON r.issue = o.issue AND r.lane = o.lane AND r.seq = o.seq
                 WHERE o.relay_id = ?1 LIMIT 2",
        )?;
        let found = statement
            .query_map([relay_id], |row| Ok((IssueId(row.get(0)?), SubscriberId(row.get(1)?))))?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(if let [one] = found.as_slice() { Some(*one) } else { None })
    }
}
