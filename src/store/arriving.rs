//! Readers who were brought from elsewhere and wait for their turn, and how many each issue lets in. Says nothing about consent: they have given it.

use super::people::{People, PeopleChange};
use super::sql_types::millis;
use super::{Store, StoreError};
use crate::domain::issue::IssueId;
use crate::domain::subscriber::SubscriberId;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

/// How a newsletter grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// Readers whom each issue lets in.
    pub per_issue: u64,
    /// Readers who wait.
    pub waiting: u64,
}

impl Growth {
    /// How many an issue lets in that has so many readers without them. `a_day`: what the relays take of a day.
    pub fn arriving(self, readers: u64, a_day: Option<u64>) -> u64 {
        let room = a_day.map_or(u64::MAX, |a_day| a_day.saturating_sub(readers));
        self.per_issue.min(self.waiting).min(room)
    }
}

/// Who waits. Those who left meanwhile, or cannot be mailed, do not, and take up nobody's turn.
const WAITING: &str = "
    FROM arriving a
    JOIN subscription b ON b.subscriber = a.subscriber AND b.newsletter = a.newsletter AND b.status = 'active'
    JOIN subscriber s ON s.id = a.subscriber AND s.erased_at IS NULL
    WHERE a.newsletter = ?1 AND NOT EXISTS (SELECT 1 FROM suppression p WHERE p.hash = s.hash)";

impl Store {
    /// How a newsletter grows; none when nobody waits.
    pub fn growth(&self, newsletter: u16) -> Result<Option<Growth>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT per_issue, (SELECT count(*) {WAITING}) FROM cohort WHERE cohort.newsletter = ?1"
        ))?;
        let found = statement
            .query_row([newsletter], |row| Ok(Growth { per_issue: row.get(0)?, waiting: row.get(1)? }))
            .optional()?;
        Ok(found.filter(|growth| growth.waiting > 0))
    }

    /// How many the next issue would go to: so many who may be mailed now, and those whom it lets in. `a_day`: what the relays take of a day.
    pub fn with_arriving(&self, newsletter: u16, readers: u64, a_day: Option<u64>) -> Result<u64, StoreError> {
        Ok(readers + self.growth(newsletter)?.map_or(0, |growth| growth.arriving(readers, a_day)))
    }

    /// Lets the next ones in for an issue, once however often it is asked for; returns how many. No more arrive than the relays take of a day
    /// beside those who are there already.
    pub fn let_in(
        &self,
        newsletter: u16,
        issue: IssueId,
        a_day: Option<u64>,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let Some(growth) = self.growth(newsletter)? else { return Ok(0) };
        let arriving = growth.arriving(self.eligible_count(newsletter, now)?, a_day);
        self.writing(|tx| {
            let is_first = tx.execute(
                "UPDATE cohort SET issue = ?2 WHERE newsletter = ?1 AND issue IS NOT ?2",
                [i64::from(newsletter), issue.0],
            )?;
            if is_first == 0 {
                return Ok(0);
            }
            let turn = format!(
                "DELETE FROM arriving WHERE newsletter = ?1 AND subscriber IN (
                     SELECT a.subscriber {WAITING} ORDER BY a.confirmed_at DESC, a.subscriber DESC LIMIT ?2)"
            );
            Ok(tx.execute(&turn, [i64::from(newsletter), arriving as i64])?)
        })
    }
}

impl People<'_> {
    /// Whether a reader waits for their turn.
    pub fn is_arriving(&self, of: SubscriberId, newsletter: u16) -> Result<bool, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM arriving WHERE newsletter = ?1 AND subscriber = ?2)")?;
        Ok(statement.query_row([i64::from(newsletter), of.0], |row| row.get(0))?)
    }
}

impl PeopleChange<'_> {
    /// Nobody waits here any more.
    pub(in crate::store) fn end_arriving(&self, of: SubscriberId, newsletter: u16) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM arriving WHERE newsletter = ?1 AND subscriber = ?2")?
            .execute([i64::from(newsletter), of.0])?;
        Ok(())
    }

    /// Lets so many of those who wait in with each issue from now on.
    pub fn set_growth(&self, newsletter: u16, per_issue: u32) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO cohort (newsletter, per_issue) VALUES (?1, ?2)
                 ON CONFLICT (newsletter) DO UPDATE SET per_issue = excluded.per_issue",
            )?
            .execute([i64::from(newsletter), i64::from(per_issue)])?;
        Ok(())
    }

    /// Makes a reader wait for their turn; they have a subscription already.
    pub fn put_arriving(
        &self,
        of: SubscriberId,
        newsletter: u16,
        confirmed_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO arriving (newsletter, subscriber, confirmed_at) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![newsletter, of.0, millis(confirmed_at)])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::seeds::{noon, number, run, sending_issue, subscribers};

    #[test]
    fn each_issue_lets_some_in_the_latest_to_confirm_first_and_once() {
        let store = Store::in_memory().unwrap();
        let newsletter = subscribers(&store, 9);
        assert_eq!(store.growth(newsletter).unwrap(), None);
        store
            .change_people::<_, StoreError>(|people| {
                people.set_growth(newsletter, 2)?;
                (3..=8).try_for_each(|id| {
                    let confirmed_at = noon() - chrono::TimeDelta::days(20 - id);
                    people.put_arriving(SubscriberId(id), newsletter, confirmed_at)
                })
            })
            .unwrap();
        run(&store, "UPDATE subscription SET status = 'left', left_at = 1 WHERE subscriber = 8");
        assert_eq!(store.eligible_count(newsletter, noon()).unwrap(), 3);
        assert_eq!(store.with_arriving(newsletter, 3, None).unwrap(), 5);
        assert_eq!(store.let_in(newsletter, IssueId(1), None, noon()).unwrap(), 2);
        assert_eq!(store.let_in(newsletter, IssueId(1), None, noon()).unwrap(), 0, "once for each issue");
        assert_eq!(number(&store, "SELECT count(*) FROM arriving WHERE subscriber IN (6, 7)"), 0, "the latest first");
        assert_eq!(store.eligible_count(newsletter, noon()).unwrap(), 5);
        sending_issue(&store, newsletter, "h", "t");
        assert_eq!(number(&store, "SELECT count(*) FROM issue_recipient"), 5);
        assert_eq!(store.let_in(newsletter, IssueId(2), None, noon()).unwrap(), 2);
        assert_eq!(store.let_in(newsletter, IssueId(3), None, noon()).unwrap(), 1);
        assert_eq!(store.eligible_count(newsletter, noon()).unwrap(), 8);
    }

    #[test]
    fn who_left_is_suppressed_or_was_erased_is_not_counted_as_waiting() {
        let store = Store::in_memory().unwrap();
        let newsletter = subscribers(&store, 7);
        store
            .change_people::<_, StoreError>(|people| {
                people.set_growth(newsletter, 2)?;
                (3..=6).try_for_each(|id| people.put_arriving(SubscriberId(id), newsletter, noon()))
            })
            .unwrap();
        let waiting = || store.growth(newsletter).unwrap().map(|growth| growth.waiting);
        assert_eq!(waiting(), Some(4));
        run(&store, "UPDATE subscription SET status = 'left', left_at = 1 WHERE subscriber = 6");
        assert_eq!(waiting(), Some(3), "one left");
        run(
            &store,
            "INSERT INTO suppression (hash, reason, at) SELECT hash, 'complaint', 1 FROM subscriber WHERE id = 5",
        );
        assert_eq!(waiting(), Some(2), "one is suppressed");
        run(&store, "UPDATE subscriber SET address = NULL, erased_at = 1 WHERE id = 4");
        assert_eq!(waiting(), Some(1), "one was erased");
        run(&store, "UPDATE subscription SET status = 'left', left_at = 1 WHERE subscriber = 3");
        assert_eq!(waiting(), None, "nobody waits any more");
    }
}
