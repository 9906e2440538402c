//! Merging and splitting by hand: sightings are repointed, with a reason, and what was mailed stays mailed.
//!
//! A merged article keeps its row and its place in issues; the one that stays counts as mailed wherever either was. Splitting takes both back.

use crate::domain::article::ArticleId;
use crate::store::sql_types::{json, millis};
use crate::store::{Store, StoreError};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Transaction, params};

/// Why stories were not merged or split.
#[derive(Debug, thiserror::Error)]
pub enum HandError {
    /// No such article.
    #[error("article {0}: there is none")]
    Unknown(i64),
    /// An article with itself.
    #[error("article {0} cannot be merged with itself")]
    Itself(i64),
    /// It is part of another already.
    #[error("article {0} is part of article {1} since a merge; name that one")]
    Merged(i64, i64),
    /// There is one sighting only, or none of those that are asked for.
    #[error("article {article}: {problem}")]
    NothingToSplit {
        /// Which.
        article: i64,
        /// What stands against it.
        problem: String,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for HandError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What is to be split off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// All sightings that came with the latest merge, or else that were not first.
    LatestMerge,
    /// These sightings.
    Sightings(Vec<i64>),
}

impl Store {
    /// Makes one story of two: the sightings of `other` become sightings of `article`.
    pub fn merge_articles(
        &self,
        article: ArticleId,
        other: ArticleId,
        actor: &str,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(), HandError> {
        self.by_hand(|tx| {
            if article == other {
                return Err(HandError::Itself(article.0));
            }
            for id in [article, other] {
                alone(tx, id)?;
            }
            let sightings = ids(tx, "SELECT id FROM sighting WHERE article = ?1 ORDER BY id", [other.0])?;
            tx.execute("UPDATE sighting SET article = ?1 WHERE article = ?2", params![article.0, other.0])?;
            tx.execute("UPDATE article SET merged_into = ?1 WHERE id = ?2", params![article.0, other.0])?;
            let mailed = ids(
                tx,
                "SELECT newsletter FROM issue_article o WHERE o.article = ?1
                   AND NOT EXISTS (SELECT 1 FROM issue_article a WHERE a.newsletter = o.newsletter AND a.article = ?2)",
                [other.0, article.0],
            )?;
            tx.execute(
                "INSERT INTO issue_article (newsletter, article, issue)
                 SELECT newsletter, ?2, issue FROM issue_article WHERE article = ?1 ON CONFLICT DO NOTHING",
                params![other.0, article.0],
            )?;
            record(tx, "merged", article.0, Some(other.0), (actor, reason), (&sightings, &mailed), now)
        })
    }

    /// Makes two stories of one. Returns the one that was split off: the one that a merge had brought, or a new one.
    pub fn split_article(
        &self,
        article: ArticleId,
        taken: &Taken,
        actor: &str,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<ArticleId, HandError> {
        self.by_hand(|tx| {
            alone(tx, article)?;
            let all = ids(tx, "SELECT id FROM sighting WHERE article = ?1 ORDER BY id", [article.0])?;
            let nothing = |problem: &str| HandError::NothingToSplit { article: article.0, problem: problem.to_owned() };
            let merge = latest_merge(tx, article)?;
            let (sightings, other, mailed) = match (taken, merge) {
                (Taken::LatestMerge, Some(merge)) => (
                    merge.sightings.into_iter().filter(|id| all.contains(id)).collect(),
                    Some(merge.other),
                    merge.mailed,
                ),
                (Taken::LatestMerge, None) => (all.iter().skip(1).copied().collect::<Vec<_>>(), None, Vec::new()),
                (Taken::Sightings(wanted), _) => {
                    if let Some(foreign) = wanted.iter().find(|id| !all.contains(id)) {
                        return Err(nothing(&format!(
                            "sighting {foreign} is none of its own; `articles show` lists them"
                        )));
                    }
                    (wanted.clone(), None, Vec::new())
                }
            };
            if sightings.is_empty() || sightings.len() >= all.len() {
                return Err(nothing("at least one sighting must go and one stay; `articles show` lists them"));
            }
            let other = match other {
                Some(other) => revive(tx, article, other, &mailed)?,
                None => found_article(tx, &sightings)?,
            };
            for id in &sightings {
                tx.execute("UPDATE sighting SET article = ?1 WHERE id = ?2", params![other, id])?;
            }
            record(tx, "split", article.0, Some(other), (actor, reason), (&sightings, &mailed), now)?;
            Ok(ArticleId(other))
        })
    }

    fn by_hand<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, HandError>) -> Result<T, HandError> {
        let mut refused = None;
        let done = self.writing(|tx| {
            work(tx).map_err(|error| match error {
                HandError::Store(error) => error,
                other => {
                    refused = Some(other);
                    StoreError::Unexpected("refused".to_owned())
                }
            })
        });
        done.map_err(|error| refused.map_or(HandError::Store(error), |refused| refused))
    }
}

/// Whether an article is there and in no other one.
fn alone(tx: &Transaction<'_>, id: ArticleId) -> Result<(), HandError> {
    let merged: Option<Option<i64>> =
        tx.query_row("SELECT merged_into FROM article WHERE id = ?1", [id.0], |row| row.get(0)).optional()?;
    match merged {
        None => Err(HandError::Unknown(id.0)),
        Some(Some(into)) => Err(HandError::Merged(id.0, into)),
        Some(None) => Ok(()),
    }
}

struct Merge {
    other: i64,
    sightings: Vec<i64>,
    mailed: Vec<i64>,
}

/// The latest merge into an article that was not taken back.
fn latest_merge(tx: &Transaction<'_>, article: ArticleId) -> Result<Option<Merge>, HandError> {
    let found: Option<(i64, String, String)> = tx
        .query_row(
            "SELECT d.other, d.sightings, d.mailed FROM identity_decision d JOIN article o ON o.id = d.other
             WHERE d.article = ?1 AND d.kind = 'merged' AND o.merged_into = ?1 ORDER BY d.id DESC LIMIT 1",
            [article.0],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    let list = |text: &str| -> Vec<i64> { serde_json::from_str(text).unwrap_or_default() };
    Ok(found.map(|(other, sightings, mailed)| Merge { other, sightings: list(&sightings), mailed: list(&mailed) }))
}

/// Brings a merged article back; what it alone had been mailed in counts for it alone again.
fn revive(tx: &Transaction<'_>, article: ArticleId, other: i64, mailed: &[i64]) -> Result<i64, HandError> {
    tx.execute("UPDATE article SET merged_into = NULL WHERE id = ?1", [other])?;
    for newsletter in mailed {
        // Only the copy goes: an issue that has taken the article itself since then is another one.
        tx.execute(
            "DELETE FROM issue_article WHERE newsletter = ?1 AND article = ?2
               AND issue = (SELECT issue FROM issue_article WHERE newsletter = ?1 AND article = ?3)",
            params![newsletter, article.0, other],
        )?;
    }
    Ok(other)
}

/// A new article for sightings that were never one of their own: it belongs to the window of their first sight.
fn found_article(tx: &Transaction<'_>, sightings: &[i64]) -> Result<i64, HandError> {
    let list = serde_json::to_string(sightings).unwrap_or_default();
    tx.execute(
        "INSERT INTO article (eligible_at, first_seen_at, published_at)
         SELECT max(min(first_seen_at), coalesce(min(published_at), 0)), min(first_seen_at), min(published_at)
         FROM sighting WHERE id IN (SELECT value FROM json_each(?1))",
        [list],
    )?;
    Ok(tx.last_insert_rowid())
}

fn ids<P: rusqlite::Params>(tx: &Transaction<'_>, query: &str, parameters: P) -> Result<Vec<i64>, HandError> {
    let mut statement = tx.prepare_cached(query)?;
    Ok(statement.query_map(parameters, |row| row.get(0))?.collect::<Result<_, _>>()?)
}

fn record(
    tx: &Transaction<'_>,
    kind: &str,
    article: i64,
    other: Option<i64>,
    (actor, reason): (&str, &str),
    (sightings, mailed): (&[i64], &[i64]),
    now: DateTime<Utc>,
) -> Result<(), HandError> {
    tx.execute(
        "INSERT INTO identity_decision (at, actor, kind, article, other, reason, sightings, mailed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![millis(now), actor, kind, article, other, reason, json(&sightings)?, json(&mailed)?],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::seeds::{noon, run};

    const SEED: &str = "INSERT INTO newsletter (id, slug, first_seen_at, window_from) VALUES (1, 'week', 0, 0), (2, 'lobbying', 0, 0);
        INSERT INTO issue (id, newsletter, number, occurrence_local, occurrence_zone, due_at, window_from, window_to, state, composed_at)
            VALUES (1, 1, 1, 'x', 'UTC', 0, 0, 0, 'done', 0), (2, 2, 1, 'x', 'UTC', 0, 0, 0, 'done', 0);
        INSERT INTO source (id, slug) VALUES (1, 'a'), (2, 'b');
        INSERT INTO article (id, eligible_at, first_seen_at) VALUES (1, 10, 10), (2, 20, 20);
        INSERT INTO sighting (id, article, source, first_seen_at, last_seen_at, reason) VALUES (1, 1, 1, 10, 10, 'new'), (2, 2, 2, 20, 20, 'new');
        INSERT INTO issue_article (newsletter, article, issue) VALUES (1, 1, 1), (2, 2, 2);";

    fn store() -> Store {
        let store = Store::in_memory().unwrap();
        run(&store, SEED);
        store
    }

    fn mailed(store: &Store, article: i64) -> Vec<String> {
        let story = store.story(ArticleId(article)).unwrap().unwrap();
        story.issues.into_iter().map(|issue| issue.newsletter).collect()
    }

    fn sightings(store: &Store, article: i64) -> Vec<i64> {
        store.story(ArticleId(article)).unwrap().unwrap().sightings.iter().map(|s| s.id).collect()
    }

    #[test]
    fn a_merged_story_is_mailed_wherever_either_was_and_a_split_takes_it_back() {
        let store = store();
        store.merge_articles(ArticleId(1), ArticleId(2), "operator", "one story", noon()).unwrap();
        assert_eq!((sightings(&store, 1), mailed(&store, 1)), (vec![1, 2], vec!["week".into(), "lobbying".into()]));
        assert_eq!(mailed(&store, 2), ["lobbying"], "its own place stays");
        assert_eq!(sightings(&store, 2), [2], "what it brought is still told");
        let split =
            store.split_article(ArticleId(1), &Taken::LatestMerge, "operator", "two after all", noon()).unwrap();
        assert_eq!(split, ArticleId(2));
        assert_eq!((mailed(&store, 1), mailed(&store, 2)), (vec!["week".to_owned()], vec!["lobbying".to_owned()]));
        assert_eq!((sightings(&store, 1), sightings(&store, 2)), (vec![1], vec![2]));
        let story = store.story(ArticleId(2)).unwrap().unwrap();
        let told: Vec<(&str, &str)> = story.decisions.iter().map(|d| (d.kind.as_str(), d.reason.as_str())).collect();
        assert_eq!(told, [("merged", "one story"), ("split", "two after all")]);
    }

    #[test]
    fn a_sighting_that_was_wrongly_taken_becomes_a_story_of_its_own_that_was_not_mailed() {
        let store = store();
        run(
            &store,
            "UPDATE sighting SET article = 1 WHERE id = 2; DELETE FROM issue_article WHERE article = 2; DELETE FROM article WHERE id = 2;",
        );
        let split =
            store.split_article(ArticleId(1), &Taken::Sightings(vec![2]), "operator", "another", noon()).unwrap();
        assert_eq!((sightings(&store, split.0), mailed(&store, split.0)), (vec![2], vec![]));
    }

    #[test]
    fn what_cannot_be_merged_or_split_is_refused_and_changes_nothing() {
        let store = store();
        let merge = |a, b| store.merge_articles(ArticleId(a), ArticleId(b), "operator", "x", noon());
        assert!(matches!(merge(1, 1), Err(HandError::Itself(1))));
        assert!(matches!(merge(1, 9), Err(HandError::Unknown(9))));
        let split = |taken| store.split_article(ArticleId(1), &taken, "operator", "x", noon());
        assert!(matches!(split(Taken::LatestMerge), Err(HandError::NothingToSplit { .. })));
        assert!(matches!(split(Taken::Sightings(vec![2])), Err(HandError::NothingToSplit { .. })));
        merge(1, 2).unwrap();
        assert!(matches!(merge(2, 1), Err(HandError::Merged(2, 1))));
    }
}
