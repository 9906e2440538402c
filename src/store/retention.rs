//! What is not needed any more goes, in slices short enough that nobody waits for them.

use super::sql_types::millis;
use super::{Store, StoreError};
use chrono::{DateTime, Utc};
use rusqlite::params;

/// Rows that one transaction takes, at most.
const SLICE: i64 = 500;

/// Parts of network addresses in the record of consent.
const NETWORKS: &str = "
    UPDATE consent SET network = NULL
    WHERE id IN (SELECT id FROM consent WHERE network IS NOT NULL AND at < ?1 LIMIT ?2)";

/// Stories that no issue took and no source has shown since. One that is still shown stays, or it would be taken for a new one.
const FORGOTTEN: &str = "
    SELECT a.id FROM article a
    WHERE a.first_seen_at < ?1 AND a.eligible_at < ?1
      AND NOT EXISTS (SELECT 1 FROM issue_article i WHERE i.article = a.id)
      AND NOT EXISTS (SELECT 1 FROM sighting s WHERE s.article = a.id AND s.last_seen_at >= ?1)
      AND NOT EXISTS (SELECT 1 FROM article m WHERE m.merged_into = a.id)
    LIMIT ?2";

/// The ledger's rows of issues that ended long ago; what became of them stays as counts.
const LEDGER: [&str; 4] = [
    "DELETE FROM outcome WHERE (issue, lane, seq, attempt) IN (
         SELECT o.issue, o.lane, o.seq, o.attempt FROM outcome o JOIN issue i ON i.id = o.issue WHERE i.finished_at < ?1 LIMIT ?2)",
    "DELETE FROM issue_recipient WHERE (issue, lane, seq) IN (
         SELECT r.issue, r.lane, r.seq FROM issue_recipient r JOIN issue i ON i.id = r.issue WHERE i.finished_at < ?1 LIMIT ?2)",
    "DELETE FROM issue_nothing WHERE (issue, subscriber) IN (
         SELECT n.issue, n.subscriber FROM issue_nothing n JOIN issue i ON i.id = n.issue WHERE i.finished_at < ?1 LIMIT ?2)",
    "DELETE FROM claim WHERE id IN (
         SELECT c.id FROM claim c JOIN issue i ON i.id = c.issue WHERE i.finished_at < ?1 LIMIT ?2)",
];

impl Store {
    /// Forgets network prefixes noted before an instant. Returns how many.
    pub fn forget_networks(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        self.in_slices(NETWORKS, before)
    }

    /// Turns deliveries of issues that ended before an instant into counts. Returns how many rows went.
    pub fn fold_deliveries(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        LEDGER.iter().try_fold(0, |rows, sql| Ok(rows + self.in_slices(sql, before)?))
    }

    /// Drops stories that no issue took and no source has shown since an instant. Returns how many.
    pub fn forget_articles(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        let mut gone = 0;
        loop {
            let dropped = self.writing(|tx| {
                let mut statement = tx.prepare_cached(FORGOTTEN)?;
                let ids: Vec<i64> =
                    statement.query_map(params![millis(before), SLICE], |row| row.get(0))?.collect::<Result<_, _>>()?;
                for id in &ids {
                    tx.execute(
                        "DELETE FROM sighting_text WHERE sighting IN (SELECT id FROM sighting WHERE article = ?1)",
                        [id],
                    )?;
                    tx.execute("DELETE FROM sighting WHERE article = ?1", [id])?;
                    tx.execute("DELETE FROM article WHERE id = ?1", [id])?;
                }
                Ok(ids.len())
            })?;
            gone += dropped;
            if dropped == 0 {
                return Ok(gone);
            }
        }
    }

    fn in_slices(&self, sql: &str, before: DateTime<Utc>) -> Result<usize, StoreError> {
        let mut rows = 0;
        loop {
            let changed = self.writing(|tx| Ok(tx.execute(sql, params![millis(before), SLICE])?))?;
            rows += changed;
            if changed == 0 {
                return Ok(rows);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u32) -> DateTime<Utc> {
        format!("2026-11-{day:02}T00:00:00Z").parse().unwrap()
    }

    fn count(store: &Store, table: &str) -> i64 {
        store.reading().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }

    fn filled() -> Store {
        let store = Store::in_memory().unwrap();
        let (old, new) = (millis(at(1)), millis(at(20)));
        store
            .reading()
            .execute_batch(&format!(
                "INSERT INTO source (id, slug) VALUES (1, 'news');
                 INSERT INTO newsletter (id, slug, first_seen_at, window_from) VALUES (1, 'week', {old}, {old});
                 INSERT INTO article (id, eligible_at, first_seen_at) VALUES (1, {old}, {old}), (2, {old}, {old}), (3, {old}, {old});
                 INSERT INTO sighting (id, article, source, first_seen_at, last_seen_at, reason)
                     VALUES (1, 1, 1, {old}, {old}, 'new'), (2, 2, 1, {old}, {new}, 'new'), (3, 3, 1, {old}, {old}, 'new');
                 INSERT INTO sighting_text (sighting, seen_at, text) VALUES (1, {old}, '{{}}'), (2, {old}, '{{}}'), (3, {old}, '{{}}');
                 INSERT INTO issue (id, newsletter, number, occurrence_local, occurrence_zone, due_at, window_from, window_to, state, composed_at, finished_at)
                     VALUES (1, 1, 1, 'a', 'UTC', {old}, {old}, {old}, 'done', {old}, {old}),
                            (2, 1, 2, 'b', 'UTC', {new}, {old}, {new}, 'sending', {new}, NULL);
                 INSERT INTO issue_article (newsletter, article, issue) VALUES (1, 3, 1);
                 INSERT INTO issue_recipient (issue, lane, seq, subscriber, variant) VALUES (1, 0, 1, 1, 1), (2, 0, 1, 1, 2);
                 INSERT INTO outcome (issue, lane, seq, attempt, state, at) VALUES (1, 0, 1, 1, 1, {old}), (2, 0, 1, 1, 2, {new});
                 INSERT INTO issue_tally (issue, state, n) VALUES (1, 0, 1), (1, 1, 1);
                 INSERT INTO subscriber (id, public_id, address, address_key, hash, created_at)
                     VALUES (1, x'0000000000000001', 'a@example.org', 'a@example.org', zeroblob(32), {old});
                 INSERT INTO consent (subscriber, at, event, origin, network) VALUES (1, {old}, 'asked', 'form', '192.0.2.0/24'), (1, {new}, 'asked', 'form', '192.0.2.0/24');"
            ))
            .unwrap();
        store
    }

    #[test]
    fn networks_are_forgotten_and_the_consent_stays() {
        let store = filled();
        assert_eq!(store.forget_networks(at(10)).unwrap(), 1);
        assert_eq!((count(&store, "consent"), count(&store, "consent WHERE network IS NOT NULL")), (2, 1));
    }

    #[test]
    fn only_a_story_that_was_mailed_nowhere_and_is_shown_nowhere_goes() {
        let store = filled();
        assert_eq!(store.forget_articles(at(10)).unwrap(), 1);
        assert_eq!(
            (count(&store, "article WHERE id = 1"), count(&store, "article"), count(&store, "sighting_text")),
            (0, 2, 2)
        );
    }

    #[test]
    fn old_deliveries_become_counts_and_open_ones_stay() {
        let store = filled();
        assert_eq!(store.fold_deliveries(at(10)).unwrap(), 2);
        assert_eq!(
            (count(&store, "outcome WHERE issue = 1"), count(&store, "outcome"), count(&store, "issue_recipient")),
            (0, 1, 1)
        );
        assert_eq!(store.tally(crate::domain::issue::IssueId(1)).unwrap().accepted, 1);
    }
}
