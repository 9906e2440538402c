//! Pages that lists of links lead to: which are known, which were passed over, which could not be read; and what their sites say to programs.

use super::sql_types::{instant, millis};
use super::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, Transaction, params};

/// What is known of a listed page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListedPage {
    /// A story of this source.
    Known {
        /// The sighting.
        sighting: i64,
        /// When its text was last read anew.
        read_at: DateTime<Utc>,
        /// When it was first seen.
        first_seen_at: DateTime<Utc>,
    },
    /// It is not read: it was there before the source was connected, is not wanted, or could not be read too often.
    PassedOver,
    /// It could not be read and is tried again later.
    Waiting,
    /// Nobody has seen it.
    New,
}

/// A page that cannot be read is tried so often.
const TRIES: i64 = 5;
/// Why a page is passed over that its source does not want.
const LEFT_OUT: &str = "left out by its tags, author or address";
/// Rows of one transaction.
const SLICE: usize = 500;

impl Store {
    /// What is known of the pages with these canonical addresses, in order.
    pub fn listed_pages(
        &self,
        source: i64,
        keys: &[String],
        now: DateTime<Utc>,
    ) -> Result<Vec<ListedPage>, StoreError> {
        let connection = self.reading();
        let mut known = connection.prepare_cached(
            "SELECT s.id, s.first_seen_at, (SELECT max(seen_at) FROM sighting_text t WHERE t.sighting = s.id)
             FROM sighting s WHERE s.source = ?1 AND s.id IN
                 (SELECT id FROM sighting WHERE url_key = ?2 UNION SELECT sighting FROM other_address WHERE url_key = ?2) LIMIT 1",
        )?;
        let mut passed =
            connection.prepare_cached("SELECT tries, retry_at FROM page_trouble WHERE source = ?1 AND url_key = ?2")?;
        let mut pages = Vec::with_capacity(keys.len());
        for key in keys {
            let found = known
                .query_row(params![source, key], |row| {
                    let first_seen_at = instant(row.get(1)?);
                    let read_at = row.get::<_, Option<i64>>(2)?.map_or(first_seen_at, instant);
                    Ok(ListedPage::Known { sighting: row.get(0)?, read_at, first_seen_at })
                })
                .optional()?;
            let trouble = || -> Result<ListedPage, StoreError> {
                let row: Option<(i64, i64)> =
                    passed.query_row(params![source, key], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
                Ok(match row {
                    None => ListedPage::New,
                    Some((tries, _)) if tries >= TRIES => ListedPage::PassedOver,
                    Some((_, retry_at)) if retry_at > millis(now) => ListedPage::Waiting,
                    Some(_) => ListedPage::New,
                })
            };
            pages.push(found.map_or_else(trouble, Ok)?);
        }
        Ok(pages)
    }

    /// Notes that pages are not to be read.
    pub fn pass_over_pages(&self, source: i64, keys: &[String], why: &str) -> Result<(), StoreError> {
        for slice in keys.chunks(SLICE) {
            self.writing(|tx| {
                let mut statement = tx.prepare_cached(
                    "INSERT INTO page_trouble (source, url_key, tries, retry_at, problem) VALUES (?1, ?2, ?3, 0, ?4)
                     ON CONFLICT (source, url_key) DO UPDATE SET tries = excluded.tries, problem = excluded.problem",
                )?;
                slice.iter().try_for_each(|key| statement.execute(params![source, key, TRIES, why]).map(|_| ()))?;
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Notes that pages are not wanted, by what they say themselves.
    pub fn leave_out_pages(&self, source: i64, keys: &[String]) -> Result<(), StoreError> {
        self.pass_over_pages(source, keys, LEFT_OUT)
    }

    /// Lets go of what was noted so: the source may want other pages now.
    pub fn reconsider_pages(&self, source: i64) -> Result<(), StoreError> {
        self.writing(|tx| {
            tx.execute("DELETE FROM page_trouble WHERE source = ?1 AND problem = ?2", params![source, LEFT_OUT])?;
            Ok(())
        })
    }

    /// Notes that a page could not be read: it is tried again after an hour, then after two, four and eight, then no more.
    pub fn note_page_trouble(
        &self,
        source: i64,
        key: &str,
        problem: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.writing(|tx| {
            let tries: i64 = tries(tx, source, key)? + 1;
            let retry_at = millis(now + TimeDelta::hours(1 << (tries - 1).min(8)));
            tx.execute(
                "INSERT INTO page_trouble (source, url_key, tries, retry_at, problem) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (source, url_key) DO UPDATE SET tries = excluded.tries, retry_at = excluded.retry_at, problem = excluded.problem",
                params![source, key, tries, retry_at, problem],
            )?;
            Ok(())
        })
    }

    /// Notes that a list still shows these stories.
    pub fn touch_sightings(&self, ids: &[i64], now: DateTime<Utc>) -> Result<(), StoreError> {
        for slice in ids.chunks(SLICE) {
            self.writing(|tx| {
                let mut statement =
                    tx.prepare_cached("UPDATE sighting SET last_seen_at = max(last_seen_at, ?2) WHERE id = ?1")?;
                slice.iter().try_for_each(|id| statement.execute(params![id, millis(now)]).map(|_| ()))?;
                Ok(())
            })?;
        }
        Ok(())
    }

    /// The robots.txt of an origin as last fetched, and when.
    pub fn robots(&self, origin: &str) -> Result<Option<(String, DateTime<Utc>)>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT robots, robots_at FROM host WHERE name = ?1 AND robots IS NOT NULL AND robots_at IS NOT NULL",
        )?;
        Ok(statement.query_row([origin], |row| Ok((row.get(0)?, instant(row.get(1)?)))).optional()?)
    }

    /// Keeps the robots.txt of an origin.
    pub fn keep_robots(&self, origin: &str, text: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.writing(|tx| {
            tx.execute(
                "INSERT INTO host (name, robots, robots_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (name) DO UPDATE SET robots = excluded.robots, robots_at = excluded.robots_at",
                params![origin, text, millis(now)],
            )?;
            Ok(())
        })
    }
}

fn tries(tx: &Transaction<'_>, source: i64, key: &str) -> Result<i64, StoreError> {
    let tries = tx
        .query_row("SELECT tries FROM page_trouble WHERE source = ?1 AND url_key = ?2", params![source, key], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(tries.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::seeds::{noon, run};

    #[test]
    fn a_page_that_cannot_be_read_is_tried_again_and_not_for_ever() {
        let store = Store::in_memory().unwrap();
        run(&store, "INSERT INTO source (id, slug) VALUES (1, 'a')");
        let key = ["ex.org/a".to_owned()];
        let of = |now| store.listed_pages(1, &key, now).unwrap().remove(0);
        assert_eq!(of(noon()), ListedPage::New);
        store.note_page_trouble(1, &key[0], "404", noon()).unwrap();
        assert_eq!((of(noon()), of(noon() + TimeDelta::hours(1))), (ListedPage::Waiting, ListedPage::New));
        for _ in 0..4 {
            store.note_page_trouble(1, &key[0], "404", noon()).unwrap();
        }
        assert_eq!(of(noon() + TimeDelta::days(100)), ListedPage::PassedOver);
    }
}
