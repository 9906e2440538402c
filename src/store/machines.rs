//! Which readers' mail a machine walks through, as seen on their pages: remembered for a season, across restarts. Says nothing of the reader themselves.

use super::people::{People, PeopleChange};
use super::sql_types::{instant, millis};
use super::{Store, StoreError};
use crate::domain::subscriber::SubscriberId;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, named_params};

/// How long a machine is remembered after it was seen last. Mail is checked by the same machines for years; people change theirs.
pub const MEMORY: TimeDelta = TimeDelta::days(90);

/// Who is seen twice within it is written down once: a link that is only looked at costs next to nothing.
const AGAIN: TimeDelta = TimeDelta::hours(6);

const SEEN: &str = "SELECT seen_at FROM machine WHERE subscriber = :subscriber";

const NOTE: &str = "
    INSERT INTO machine (subscriber, seen_at) VALUES (:subscriber, :now)
    ON CONFLICT (subscriber) DO UPDATE SET seen_at = :now WHERE seen_at < :now";

impl People<'_> {
    /// Whether a machine was seen on a reader's pages within its memory.
    pub fn machine_seen(&self, of: SubscriberId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(self.machine_at(of)?.is_some_and(|at| now - at < MEMORY))
    }

    fn machine_at(&self, of: SubscriberId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let mut statement = self.connection.prepare_cached(SEEN)?;
        let found: Option<i64> =
            statement.query_row(named_params! {":subscriber": of.0}, |row| row.get(0)).optional()?;
        Ok(found.map(instant))
    }
}

impl PeopleChange<'_> {
    fn note_machine(&self, of: SubscriberId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let parameters = named_params! {":subscriber": of.0, ":now": millis(now)};
        self.connection.prepare_cached(NOTE)?.execute(parameters)?;
        Ok(())
    }
}

impl Store {
    /// A machine was seen on a reader's page.
    pub fn note_machine(&self, of: SubscriberId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let seen = self.read_people(|people| people.machine_at(of))?;
        if seen.is_some_and(|at| now - at < AGAIN) {
            return Ok(());
        }
        self.change_people(|people| people.note_machine(of, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::seeds::{number, run};

    #[test]
    fn a_machine_is_remembered_for_a_season_and_goes_with_its_reader() {
        let store = Store::in_memory().unwrap();
        run(
            &store,
            "INSERT INTO subscriber (id, public_id, address, address_key, hash, name, lane, created_at)
             VALUES (7, x'0000000000000007', 'a@x.example', 'a@x.example', zeroblob(32), '', 0, 0)",
        );
        let (at, seen) = (
            |days| DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::days(days),
            |now| store.read_people(|people| people.machine_seen(SubscriberId(7), now)).unwrap(),
        );
        assert!(!seen(at(0)));
        store.note_machine(SubscriberId(7), at(0)).unwrap();
        assert!(seen(at(89)) && !seen(at(90)));
        store.note_machine(SubscriberId(7), at(60)).unwrap();
        assert!(seen(at(149)), "seen again");
        store.forget(at(0), at(151)).unwrap();
        assert_eq!(number(&store, "SELECT count(*) FROM machine"), 0);
        store.note_machine(SubscriberId(7), at(151)).unwrap();
        run(&store, "DELETE FROM subscriber WHERE id = 7");
        assert_eq!(number(&store, "SELECT count(*) FROM machine"), 0);
    }
}
