//! Who receives for the domains of readers, and the lanes that follow from it. Asks no DNS.

use super::people::People;
use super::sql_types::millis;
use super::{Store, StoreError};
use crate::domain::delivery::lane;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

/// Readers whose lane changes in one transaction.
const SLICE: usize = 1_000;

/// The larger domains of nobody's lane that were not asked about lately, and those whose answer is old; the larger first.
const TO_ASK: &str = "
    SELECT domain FROM (
        SELECT substr(address_key, instr(address_key, '@') + 1) AS domain, count(*) AS n FROM subscriber
        WHERE lane = 0 AND address_key IS NOT NULL GROUP BY domain HAVING n >= ?1
        UNION ALL SELECT domain, 0 FROM receiver WHERE lane <> 0)
    WHERE domain NOT IN (SELECT domain FROM receiver WHERE asked_at > ?2) GROUP BY domain ORDER BY max(n) DESC, domain LIMIT ?3";

/// Readers who are in another lane than their domain's receivers.
const ELSEWHERE: &str = "
    SELECT s.id, r.lane FROM subscriber s JOIN receiver r ON r.domain = substr(s.address_key, instr(s.address_key, '@') + 1)
    WHERE s.id > ?1 AND s.lane <> r.lane ORDER BY s.id LIMIT ?2";

impl Store {
    /// Domains with at least `least` readers whose receivers are not known, or were asked for before an instant.
    pub fn domains_to_ask(
        &self,
        least: u32,
        asked_before: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(TO_ASK)?;
        let rows = statement.query_map(params![least, millis(asked_before), limit], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps in which lane the receivers of a domain are.
    pub fn put_receiver(&self, domain: &str, lane: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.writing(|tx| {
            tx.execute(
                "INSERT INTO receiver (domain, lane, asked_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (domain) DO UPDATE SET lane = excluded.lane, asked_at = excluded.asked_at",
                params![domain, lane, millis(now)],
            )?;
            Ok(())
        })
    }

    /// Moves readers to the lanes of their domains' receivers, in short transactions; issues that are frozen keep theirs. Returns how many.
    pub fn follow_receivers(&self) -> Result<usize, StoreError> {
        let (mut after, mut moved) = (0, 0);
        loop {
            let page = self.elsewhere(after)?;
            let Some((last, _)) = page.last() else { return Ok(moved) };
            after = *last;
            moved += page.len();
            self.writing(|tx| {
                let mut statement = tx.prepare_cached("UPDATE subscriber SET lane = ?2 WHERE id = ?1")?;
                page.iter().try_for_each(|(id, lane)| statement.execute([id, lane]).map(|_| ()))?;
                Ok(())
            })?;
        }
    }

    fn elsewhere(&self, after: i64) -> Result<Vec<(i64, i64)>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(ELSEWHERE)?;
        let rows = statement.query_map([after, SLICE as i64], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl People<'_> {
    /// The lane of a domain: by its name, else by its receivers as far as they are known.
    pub(in crate::store) fn lane_of(&self, domain: &str) -> Result<i64, StoreError> {
        let by_name = lane(domain);
        if by_name != 0 {
            return Ok(by_name);
        }
        let mut statement = self.connection.prepare_cached("SELECT lane FROM receiver WHERE domain = ?1")?;
        Ok(statement.query_row([domain], |row| row.get(0)).optional()?.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::seeds::{in_lane, noon, subscribers};
    use chrono::TimeDelta;

    #[test]
    fn readers_follow_the_receivers_of_their_domain_and_answers_grow_old() {
        let store = Store::in_memory().unwrap();
        subscribers(&store, 9);
        let ask = |least, before| store.domains_to_ask(least, before, 10).unwrap();
        assert_eq!(ask(7, noon()), Vec::<String>::new(), "too few");
        assert_eq!(ask(6, noon()), ["example.org"], "a large provider's own domain is known by its name");
        store.put_receiver("example.org", 2, noon()).unwrap();
        assert_eq!(ask(1, noon() - TimeDelta::days(1)), Vec::<String>::new());
        assert_eq!(store.follow_receivers().unwrap(), 6);
        assert_eq!(store.follow_receivers().unwrap(), 0);
        assert_eq!(in_lane(&store, 2), 6);
        assert_eq!(store.read_people(|people| people.lane_of("example.org")).unwrap(), 2);
        assert_eq!(ask(1, noon()), ["example.org"], "it may have moved since");
        store.put_receiver("example.org", 0, noon()).unwrap();
        assert_eq!(store.follow_receivers().unwrap(), 6);
    }
}
