//! Letting go of what has been kept long enough. Each step is one short transaction, so that a delivery beside it never waits.
//!
//! It must never make an old story new again: an article that its source still shows would be seen for the first time once it was gone, and be
//! mailed. So an article goes only when its source was read after the story had left it.

use super::sql_types::millis;
use super::{Store, StoreError};
use chrono::{DateTime, Utc};
use rusqlite::{Transaction, params};

/// Rows that one transaction lets go of, at most.
const SLICE: usize = 500;

/// Pictures that one transaction lets go of: their bytes are overwritten, and they are large.
const PICTURES: usize = 20;

/// What is older than these instants is let go of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Network prefixes in the consent ledger; the entries stay.
    pub network_prefixes: DateTime<Utc>,
    /// Articles that no issue took, and pictures that nothing shows.
    pub unmailed_articles: DateTime<Utc>,
    /// Single deliveries of issues that were finished before; the tally stays.
    pub deliveries: DateTime<Utc>,
}

/// How much was let go of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LetGo {
    /// Entries of the consent ledger whose network is gone.
    pub network_prefixes: usize,
    /// Articles.
    pub articles: usize,
    /// Pictures.
    pub pictures: usize,
    /// Rows about single deliveries.
    pub deliveries: usize,
}

const NETWORKS: &str = "
    UPDATE consent SET network = NULL
    WHERE id IN (SELECT id FROM consent WHERE network IS NOT NULL AND at < ?1 ORDER BY at LIMIT ?2)";

/// `sighting.last_seen_at` is the same for all that one reading of a source showed. Where stories were merged, those that went into another go first.
const UNMAILED: &str = "
    SELECT a.id FROM article a
    WHERE a.eligible_at < ?1 AND a.first_seen_at < ?1
      AND NOT EXISTS (SELECT 1 FROM issue_article ia WHERE ia.article = a.id)
      AND NOT EXISTS (SELECT 1 FROM article m WHERE m.merged_into = a.id)
      AND NOT EXISTS (
          SELECT 1 FROM sighting s WHERE s.article = a.id
          AND (s.last_seen_at >= ?1 OR s.last_seen_at >= (SELECT max(l.last_seen_at) FROM sighting l WHERE l.source = s.source)))
    LIMIT ?2";

/// Links that no text has any more. Read beside the writes: it looks through all texts.
const UNUSED_LINKS: &str = "
    SELECT url FROM picture_link WHERE tried_at < ?1 AND url NOT IN (
        SELECT json_extract(text, '$.picture.url') FROM sighting_text WHERE json_extract(text, '$.picture.url') IS NOT NULL)";

/// Pictures that no link leads to and no issue shows. A withdrawn one stays, so that nobody fetches it anew.
const UNUSED_PICTURES: &str = "
    SELECT sha256 FROM picture p WHERE fetched_at < ?1 AND withdrawn_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM picture_link l WHERE p.sha256 IN (l.sha256, l.small))
      AND sha256 NOT IN (
          SELECT json_extract(story.value, '$.picture.sha256') FROM revision, json_each(revision.model, '$.stories') story
          WHERE json_extract(story.value, '$.picture.sha256') IS NOT NULL)
      AND sha256 NOT IN (
          SELECT json_extract(story.value, '$.picture.small.sha256') FROM revision, json_each(revision.model, '$.stories') story
          WHERE json_extract(story.value, '$.picture.small.sha256') IS NOT NULL)";

/// Issues that are over and have single deliveries left. One with an open claim waits until the next delivery has settled it.
const FINISHED: &str = "
    SELECT i.id FROM issue i
    WHERE i.finished_at < ?1
      AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.issue = i.id AND c.open > 0)
      AND (EXISTS (SELECT 1 FROM outcome x WHERE x.issue = i.id) OR EXISTS (SELECT 1 FROM claim x WHERE x.issue = i.id)
           OR EXISTS (SELECT 1 FROM retry x WHERE x.issue = i.id) OR EXISTS (SELECT 1 FROM issue_nothing x WHERE x.issue = i.id)
           OR EXISTS (SELECT 1 FROM issue_recipient x WHERE x.issue = i.id))
    ORDER BY i.id LIMIT 1";

/// Recipients go last: the other rows are about them.
const FOLDED: [&str; 6] = [
    "DELETE FROM outcome WHERE (issue, lane, seq, attempt) IN (SELECT issue, lane, seq, attempt FROM outcome WHERE issue = ?1 LIMIT ?2)",
    "DELETE FROM retry WHERE (issue, lane, seq) IN (SELECT issue, lane, seq FROM retry WHERE issue = ?1 LIMIT ?2)",
    "DELETE FROM open_at_crash WHERE (issue, lane, seq) IN (SELECT issue, lane, seq FROM open_at_crash WHERE issue = ?1 LIMIT ?2)",
    "DELETE FROM claim WHERE id IN (SELECT id FROM claim WHERE issue = ?1 LIMIT ?2)",
    "DELETE FROM issue_nothing WHERE (issue, subscriber) IN (SELECT issue, subscriber FROM issue_nothing WHERE issue = ?1 LIMIT ?2)",
    "DELETE FROM issue_recipient WHERE (issue, lane, seq) IN (SELECT issue, lane, seq FROM issue_recipient WHERE issue = ?1 LIMIT ?2)",
];

impl Store {
    /// Lets go of all that is older than the limits, slice by slice. A break in the middle loses nothing: the next time goes on.
    pub fn let_go(&self, limits: &Limits) -> Result<LetGo, StoreError> {
        Ok(LetGo {
            network_prefixes: self.in_slices(|tx| forget_networks(tx, limits.network_prefixes))?,
            articles: self.in_slices(|tx| drop_articles(tx, limits.unmailed_articles))?,
            pictures: self.drop_pictures(limits.unmailed_articles)?,
            deliveries: self.in_slices(|tx| fold_deliveries(tx, limits.deliveries))?,
        })
    }

    /// Repeats a step until it finds nothing more to do; how much it did in all.
    fn in_slices(&self, step: impl Fn(&Transaction<'_>) -> Result<usize, StoreError>) -> Result<usize, StoreError> {
        let mut all = 0;
        loop {
            match self.writing(&step)? {
                0 => return Ok(all),
                some => all += some,
            }
        }
    }

    fn drop_pictures(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        for links in self.keys(UNUSED_LINKS, before)?.chunks(SLICE) {
            self.writing(|tx| delete_each(tx, "DELETE FROM picture_link WHERE url = ?1", links))?;
        }
        let unused = self.keys(UNUSED_PICTURES, before)?;
        for pictures in unused.chunks(PICTURES) {
            self.writing(|tx| delete_each(tx, "DELETE FROM picture WHERE sha256 = ?1", pictures))?;
        }
        Ok(unused.len())
    }

    fn keys(&self, query: &str, before: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare(query)?;
        Ok(statement.query_map([millis(before)], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }
}

fn forget_networks(tx: &Transaction<'_>, before: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(tx.prepare_cached(NETWORKS)?.execute(params![millis(before), SLICE as i64])?)
}

fn drop_articles(tx: &Transaction<'_>, before: DateTime<Utc>) -> Result<usize, StoreError> {
    // An article has some sightings, and each some texts: fewer articles than rows.
    let limit = SLICE as i64 / 10;
    let articles: Vec<i64> = tx
        .prepare_cached(UNMAILED)?
        .query_map(params![millis(before), limit], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for delete in [
        "DELETE FROM sighting_text WHERE sighting IN (SELECT id FROM sighting WHERE article = ?1)",
        "DELETE FROM sighting WHERE article = ?1",
        "DELETE FROM article WHERE id = ?1",
    ] {
        delete_each(tx, delete, &articles)?;
    }
    Ok(articles.len())
}

fn fold_deliveries(tx: &Transaction<'_>, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let issues: Vec<i64> =
        tx.prepare_cached(FINISHED)?.query_map([millis(before)], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut folded = 0;
    for issue in issues {
        for delete in FOLDED {
            if folded < SLICE {
                folded += tx.prepare_cached(delete)?.execute([issue, (SLICE - folded) as i64])?;
            }
        }
    }
    Ok(folded)
}

fn delete_each<K: rusqlite::ToSql>(tx: &Transaction<'_>, delete: &str, keys: &[K]) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(delete)?;
    keys.iter().try_for_each(|key| statement.execute([key]).map(|_| ()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::delivery::{DeliveryState, Outcome};
    use crate::store::ledger::{ProcessId, Turn};
    use crate::store::seeds::{noon, number, run, sending_issue, subscribers};
    use chrono::TimeDelta;

    /// Everything before noon of the seeded day is too old.
    const LIMITS: fn() -> Limits =
        || Limits { network_prefixes: noon(), unmailed_articles: noon(), deliveries: noon() };

    fn store() -> Store {
        Store::in_memory().unwrap()
    }

    /// Row `id` of a story that one source showed from the first instant to the last, with a picture of its own.
    fn story(store: &Store, id: i64, source: i64, first: i64, last: i64) {
        run(
            store,
            &format!(
                "INSERT OR IGNORE INTO source (id, slug) VALUES ({source}, 'source-{source}');
                 INSERT INTO article (id, eligible_at, first_seen_at) VALUES ({id}, {first}, {first});
                 INSERT INTO sighting (id, article, source, first_seen_at, last_seen_at, reason) VALUES ({id}, {id}, {source}, {first}, {last}, 'new');
                 INSERT INTO sighting_text (sighting, seen_at, text) VALUES ({id}, {first}, '{{\"picture\":{{\"url\":\"https://paper.example/{id}.png\"}}}}');
                 INSERT INTO picture (sha256, media_type, width, height, bytes, fetched_at) VALUES (printf('%064x', {id}), 'image/png', 1, 1, x'00', {first});
                 INSERT INTO picture_link (url, sha256, tried_at) VALUES ('https://paper.example/{id}.png', printf('%064x', {id}), {first});"
            ),
        );
    }

    fn articles(store: &Store) -> Vec<i64> {
        (1..=20).filter(|id| number(store, &format!("SELECT count(*) FROM article WHERE id = {id}")) == 1).collect()
    }

    #[test]
    fn a_network_prefix_goes_and_the_consent_stays() {
        let store = store();
        subscribers(&store, 3);
        let new = millis(noon());
        for (subscriber, at) in [(1, 5), (2, new), (3, new - 1)] {
            run(
                &store,
                &format!(
                    "INSERT INTO consent (subscriber, at, event, origin, network) VALUES ({subscriber}, {at}, 'asked', 'form', '192.0.2.0/24')"
                ),
            );
        }
        assert_eq!(store.let_go(&LIMITS()).unwrap().network_prefixes, 2);
        assert_eq!(number(&store, "SELECT count(*) FROM consent"), 3);
        assert_eq!(number(&store, "SELECT subscriber FROM consent WHERE network IS NOT NULL"), 2);
    }

    #[test]
    fn an_old_article_in_no_issue_goes_with_its_texts_and_its_picture() {
        let (store, new) = (store(), millis(noon()));
        story(&store, 1, 1, 5, 6);
        story(&store, 2, 1, new, new);
        let gone = store.let_go(&LIMITS()).unwrap();
        assert_eq!((gone.articles, gone.pictures), (1, 1));
        assert_eq!(articles(&store), [2]);
        for table in ["sighting", "sighting_text", "picture", "picture_link"] {
            assert_eq!(number(&store, &format!("SELECT count(*) FROM {table}")), 1, "{table}");
        }
        assert_eq!(store.let_go(&LIMITS()).unwrap(), LetGo::default(), "the second time there is nothing to do");
    }

    #[test]
    fn an_article_that_its_source_still_shows_stays_or_it_would_be_new_again() {
        let (store, new) = (store(), millis(noon()));
        // Seen in the latest reading, long ago: the feed has not changed since.
        story(&store, 1, 1, 5, 100);
        story(&store, 2, 1, 5, 99);
        // Seen lately.
        story(&store, 3, 2, 5, new + 1);
        story(&store, 4, 2, 5, new + 2);
        assert_eq!(store.let_go(&LIMITS()).unwrap().articles, 1);
        assert_eq!(articles(&store), [1, 3, 4]);
    }

    #[test]
    fn an_article_of_an_issue_stays_and_so_does_what_was_merged_into_it() {
        let (store, new) = (store(), millis(noon()));
        story(&store, 1, 1, 5, 6);
        story(&store, 2, 1, 5, 6);
        story(&store, 3, 1, 5, 6);
        story(&store, 4, 1, new, new);
        run(&store, "UPDATE article SET merged_into = 2 WHERE id = 1");
        let newsletter = subscribers(&store, 1);
        let issue = sending_issue(&store, newsletter, "<p>", "p");
        run(
            &store,
            &format!("INSERT INTO issue_article (newsletter, article, issue) VALUES ({newsletter}, 1, {})", issue.0),
        );
        assert_eq!(store.let_go(&LIMITS()).unwrap().articles, 1);
        assert_eq!(articles(&store), [1, 2, 4]);
    }

    #[test]
    fn merged_articles_that_nobody_got_go_one_after_the_other() {
        let (store, new) = (store(), millis(noon()));
        story(&store, 1, 1, 5, 6);
        story(&store, 2, 1, 5, 6);
        story(&store, 3, 1, new, new);
        run(&store, "UPDATE article SET merged_into = 2 WHERE id = 1");
        assert_eq!(store.let_go(&LIMITS()).unwrap().articles, 2);
        assert_eq!(articles(&store), [3]);
    }

    #[test]
    fn a_picture_that_an_issue_shows_or_that_was_withdrawn_stays() {
        let (store, new) = (store(), millis(noon()));
        for id in 1..=3 {
            story(&store, id, 1, 5, 6);
        }
        story(&store, 4, 1, new, new);
        let newsletter = subscribers(&store, 1);
        sending_issue(&store, newsletter, "<p>", "p");
        run(
            &store,
            "UPDATE revision SET model = json_object('stories', json_array(json_object('picture', json_object('sha256', printf('%064x', 1))), json_object('picture', NULL)));
             UPDATE picture SET withdrawn_at = 7 WHERE sha256 = printf('%064x', 2)",
        );
        let gone = store.let_go(&LIMITS()).unwrap();
        assert_eq!((gone.articles, gone.pictures), (3, 1));
        assert_eq!(number(&store, "SELECT count(*) FROM picture WHERE sha256 = printf('%064x', 3)"), 0);
    }

    /// An issue to so many, all of whom got it.
    fn finished(store: &Store, readers: i64, at: i64) -> crate::domain::issue::IssueId {
        let newsletter = subscribers(store, readers);
        let issue = sending_issue(store, newsletter, "<p>", "p");
        let process = ProcessId([1; 16]);
        let mut outcomes = Vec::new();
        loop {
            let turn = Turn {
                issue,
                process,
                outcomes: &outcomes,
                used: crate::store::ledger::Used::default(),
                room: 300,
                wary_room: 0,
                closed: &[],
                now: noon(),
            };
            let turned = store.turn(&turn).unwrap();
            if turned.claimed.is_empty() {
                break;
            }
            let accepted = |place| Outcome {
                place,
                state: DeliveryState::Accepted,
                at: noon(),
                retry_at: None,
                code: Some(250),
                enhanced: None,
                reply: None,
                relay_id: None,
            };
            outcomes = turned.claimed.iter().map(|recipient| accepted(recipient.place)).collect();
        }
        run(store, &format!("UPDATE issue SET state = 'done', finished_at = {at} WHERE id = {}", issue.0));
        issue
    }

    #[test]
    fn the_deliveries_of_an_old_issue_become_their_tally() {
        let store = store();
        let issue = finished(&store, 700, millis(noon()) - 1);
        let before = store.tally(issue).unwrap();
        assert_eq!(before.accepted, 700);
        let gone = store.let_go(&LIMITS()).unwrap();
        assert!(gone.deliveries >= 1_400, "{gone:?}");
        for table in ["outcome", "claim", "issue_recipient", "retry", "issue_nothing", "open_at_crash"] {
            assert_eq!(number(&store, &format!("SELECT count(*) FROM {table}")), 0, "{table}");
        }
        assert_eq!(store.tally(issue).unwrap(), before);
        assert!(store.is_finished(issue).unwrap());
    }

    #[test]
    fn a_recent_issue_and_one_with_an_open_claim_keep_their_deliveries() {
        let recent = store();
        finished(&recent, 3, millis(noon()));
        assert_eq!(recent.let_go(&LIMITS()).unwrap().deliveries, 0);
        let claimed = store();
        finished(&claimed, 3, 5);
        run(&claimed, "UPDATE claim SET open = 1");
        assert_eq!(claimed.let_go(&LIMITS()).unwrap().deliveries, 0);
    }

    #[test]
    fn no_transaction_lets_go_of_more_than_a_slice() {
        let store = store();
        finished(&store, 600, 5);
        let first = store.writing(|tx| fold_deliveries(tx, noon())).unwrap();
        assert_eq!(first, SLICE);
        let later = store.let_go(&Limits { deliveries: noon() + TimeDelta::days(1), ..LIMITS() }).unwrap();
        assert!(later.deliveries >= 700);
    }
}
