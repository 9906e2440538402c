//! Letting go of people who never answered, of what visitors once asked, and of letters that did their work. Each step is one short transaction.

use super::people::PeopleChange;
use super::sql_types::millis;
use super::{Store, StoreError};
use crate::domain::subscriber::SubscriberId;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Transaction, params};

/// People or rows that one transaction lets go of, at most.
const SLICE: usize = 200;

/// Requests are counted for an hour and their forms hold for a day.
const REQUESTS: TimeDelta = TimeDelta::days(2);

/// Letters that were answered, or asked nothing.
const LETTERS: TimeDelta = TimeDelta::days(30);

const PENDING: &str = "
    SELECT DISTINCT subscriber FROM subscription WHERE status = 'pending' AND asked_at < ?1 ORDER BY subscriber LIMIT ?2";

/// Whoever left and asked again, without an answer, has left.
const LEFT_AGAIN: &str = "
    UPDATE subscription SET status = 'left' WHERE subscriber = ?1 AND status = 'pending' AND left_at IS NOT NULL";

/// Who gets or got anything else stays.
const DROP_PENDING: &str = "DELETE FROM subscription WHERE subscriber = ?1 AND status = 'pending'";

const HAS_MORE: &str = "
    SELECT EXISTS (SELECT 1 FROM subscription WHERE subscriber = ?1)
        OR EXISTS (SELECT 1 FROM issue_recipient WHERE subscriber = ?1)";

/// A person without a trace but for the hash in letters, by which budgets count.
const FORGET: [&str; 4] = [
    "UPDATE letter SET subscriber = NULL, address = NULL, terms = '{}', form = '', try_at = NULL WHERE subscriber = ?1",
    "DELETE FROM consent WHERE subscriber = ?1",
    "UPDATE import_row SET subscriber = NULL, before = NULL, after = NULL WHERE subscriber = ?1",
    "DELETE FROM subscriber WHERE id = ?1",
];

const OLD_REQUESTS: &str = "
    DELETE FROM request WHERE id IN (SELECT id FROM request WHERE at < ?1 AND body IS NULL ORDER BY at LIMIT ?2)";

/// A question that was never answered stays: whoever is asked three times is asked no more.
const OLD_LETTERS: &str = "
    DELETE FROM letter WHERE id IN (
        SELECT id FROM letter WHERE at < ?1 AND try_at IS NULL AND (kind NOT IN ('confirm', 'move') OR used_at IS NOT NULL)
        ORDER BY at LIMIT ?2)";

const OLD_MACHINES: &str = "DELETE FROM machine WHERE subscriber IN (SELECT subscriber FROM machine WHERE seen_at < ?1 ORDER BY seen_at LIMIT ?2)";

const PAUSES_OVER: &str = "
    SELECT subscriber, newsletter FROM subscription WHERE status = 'paused' AND paused_until <= ?1 LIMIT ?2";

/// How much was let go of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// People who never confirmed.
    pub people: usize,
    /// Requests, letters, machines.
    pub rows: usize,
}

impl Store {
    /// Forgets whoever asked before an instant and never confirmed, and what of requests and letters nobody needs any more.
    pub fn forget(&self, unconfirmed_before: DateTime<Utc>, now: DateTime<Utc>) -> Result<Forgotten, StoreError> {
        let people = self.until_nothing(|tx| forget_people(tx, unconfirmed_before))?;
        let requests = self.until_nothing(|tx| sweep(tx, OLD_REQUESTS, now - REQUESTS))?;
        let letters = self.until_nothing(|tx| sweep(tx, OLD_LETTERS, now - LETTERS))?;
        let machines = self.until_nothing(|tx| sweep(tx, OLD_MACHINES, now - super::machines::MEMORY))?;
        Ok(Forgotten { people, rows: requests + letters + machines })
    }

    fn until_nothing(&self, step: impl Fn(&Transaction<'_>) -> Result<usize, StoreError>) -> Result<usize, StoreError> {
        let mut all = 0;
        loop {
            match self.writing(&step)? {
                0 => return Ok(all),
                some => all += some,
            }
        }
    }
}

fn forget_people(tx: &Transaction<'_>, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let people: Vec<i64> = tx
        .prepare_cached(PENDING)?
        .query_map(params![millis(before), SLICE as i64], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for person in &people {
        tx.prepare_cached(LEFT_AGAIN)?.execute([person])?;
        tx.prepare_cached(DROP_PENDING)?.execute([person])?;
        let has_more: bool = tx.prepare_cached(HAS_MORE)?.query_row([person], |row| row.get(0))?;
        if !has_more {
            for sql in FORGET {
                tx.prepare_cached(sql)?.execute([person])?;
            }
        }
    }
    Ok(people.len())
}

fn sweep(tx: &Transaction<'_>, sql: &str, before: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(tx.prepare_cached(sql)?.execute(params![millis(before), SLICE as i64])?)
}

impl PeopleChange<'_> {
    /// Some of those whose pause is over: the person and the newsletter's row number.
    pub fn pauses_over(&self, now: DateTime<Utc>) -> Result<Vec<(SubscriberId, u16)>, StoreError> {
        let mut statement = self.connection.prepare_cached(PAUSES_OVER)?;
        let rows = statement
            .query_map(params![millis(now), SLICE as i64], |row| Ok((SubscriberId(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::seeds::{number, run};

    /// A person with one subscription, a consent and an unanswered letter.
    fn person(store: &Store, id: i64, status: &str, asked_at: i64, left_at: &str) {
        let confirmed = if status == "active" { "1" } else { "NULL" };
        run(
            store,
            &format!(
                "INSERT OR IGNORE INTO newsletter (id, slug, first_seen_at, window_from) VALUES (1, 'week', 0, 0);
                 INSERT INTO subscriber (id, public_id, address, address_key, hash, created_at)
                 VALUES ({id}, randomblob(8), 'r{id}@example.org', 'r{id}@example.org', zeroblob(32), 0);
                 INSERT INTO subscription (subscriber, newsletter, status, asked_at, confirmed_at, left_at)
                 VALUES ({id}, 1, '{status}', {asked_at}, {confirmed}, {left_at});
                 INSERT INTO consent (subscriber, newsletter, at, event, origin) VALUES ({id}, 1, 0, 'asked', 'page');
                 INSERT INTO letter (code, kind, subscriber, hash, domain_hash, at, expires_at)
                 VALUES (randomblob(8), 'confirm', {id}, zeroblob(32), zeroblob(32), 0, 0);"
            ),
        );
    }

    #[test]
    fn who_never_confirmed_is_forgotten_and_only_the_count_of_letters_stays() {
        let store = Store::in_memory().unwrap();
        let day = |days: i64| DateTime::from_timestamp(days * 86_400, 0).unwrap();
        person(&store, 1, "pending", 1_000, "NULL");
        person(&store, 2, "pending", 40 * 86_400_000, "NULL");
        person(&store, 3, "active", 1_000, "NULL");
        person(&store, 4, "pending", 1_000, "500");
        let forgotten = store.forget(day(30), day(60)).unwrap();
        assert_eq!(forgotten.people, 2);
        assert_eq!(number(&store, "SELECT group_concat(id) = '2,3,4' FROM subscriber"), 1, "1 is gone");
        assert_eq!(number(&store, "SELECT count(*) FROM subscription WHERE subscriber = 4 AND status = 'left'"), 1);
        assert_eq!(number(&store, "SELECT count(*) FROM consent WHERE subscriber = 1"), 0);
        assert_eq!(
            number(&store, "SELECT count(*) FROM letter"),
            4,
            "whoever does not answer three times is not asked again"
        );
        assert_eq!(number(&store, "SELECT count(*) FROM letter WHERE subscriber IS NULL"), 1);
    }

    #[test]
    fn requests_and_answered_letters_go_after_their_time() {
        let store = Store::in_memory().unwrap();
        run(
            &store,
            "INSERT INTO request (kind, at, form, body) VALUES ('subscribe', 0, 'page', NULL), ('subscribe', 0, 'page', '{}');
             INSERT INTO letter (code, kind, hash, domain_hash, at, expires_at, used_at) VALUES
             (randomblob(8), 'confirm', zeroblob(32), zeroblob(32), 0, 0, 5), (randomblob(8), 'link', zeroblob(32), zeroblob(32), 0, 0, NULL);",
        );
        let late = DateTime::from_timestamp(86_400 * 40, 0).unwrap();
        assert_eq!(store.forget(late, late).unwrap(), Forgotten { people: 0, rows: 3 });
        assert_eq!(number(&store, "SELECT count(*) FROM request"), 1, "what still waits is not lost");
    }
}
