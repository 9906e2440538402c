//! Everything that is known about one story, for those who ask why it is where it is.

use crate::domain::article::{ArticleId, ArticleText};
use crate::store::looks::StoryChange;
use crate::store::sql_types::{from_json, instant};
use crate::store::{Store, StoreError};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};
use serde::Serialize;

/// A story with its history.
#[derive(Debug, Clone, PartialEq)]
pub struct StoryShown {
    /// Which one.
    pub id: ArticleId,
    /// The instant that decides its window.
    pub eligible_at: DateTime<Utc>,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// Its believed publication.
    pub published_at: Option<DateTime<Utc>>,
    /// The article that it became part of.
    pub merged_into: Option<ArticleId>,
    /// What sources showed of it, the first first; of a merged article, what it had brought.
    pub sightings: Vec<SightingShown>,
    /// What became of its identity since.
    pub decisions: Vec<IdentityDecision>,
    /// The issues it is in.
    pub issues: Vec<InIssue>,
    /// What looks at its page have found different.
    pub changes: Vec<StoryChange>,
}

/// A sighting as it is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SightingShown {
    /// Row number; `articles split` takes it.
    pub id: i64,
    /// The source's slug.
    pub source: String,
    /// The source's name for it.
    pub guid: Option<String>,
    /// Its address.
    pub url: Option<String>,
    /// The date as the source wrote it.
    pub published_raw: Option<String>,
    /// The date that is believed.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
    /// Why it was taken for this article.
    pub reason: String,
    /// When its page was found gone, and why that is thought.
    pub gone: Option<(DateTime<Utc>, String)>,
    /// What it says now.
    pub text: ArticleText,
}

/// A decision about an identity after the first sight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IdentityDecision {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub actor: String,
    /// `moved`, `merged` or `split`.
    pub kind: String,
    /// The article that stayed.
    pub article: i64,
    /// The one that was merged into it or split off.
    pub other: Option<i64>,
    /// Why, in words.
    pub reason: String,
}

/// An issue that holds a story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InIssue {
    /// The newsletter's slug.
    pub newsletter: String,
    /// Its number, if it has one.
    pub number: Option<u32>,
    /// Where the issue stands.
    pub state: String,
    /// When it went or goes out.
    pub due_at: DateTime<Utc>,
}

impl Store {
    /// All that is known about a story.
    pub fn story(&self, id: ArticleId) -> Result<Option<StoryShown>, StoreError> {
        let row = {
            let connection = self.reading();
            let mut statement = connection.prepare_cached(
                "SELECT eligible_at, first_seen_at, published_at, merged_into FROM article WHERE id = ?1",
            )?;
            statement
                .query_row([id.0], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<i64>>(2)?, row.get::<_, Option<i64>>(3)?))
                })
                .optional()?
        };
        let Some((eligible, first_seen, published, merged)) = row else { return Ok(None) };
        Ok(Some(StoryShown {
            id,
            eligible_at: instant(eligible),
            first_seen_at: instant(first_seen),
            published_at: published.map(instant),
            merged_into: merged.map(ArticleId),
            sightings: self.sightings_of(id)?,
            decisions: self.identity_decisions(id)?,
            issues: self.issues_of(id)?,
            changes: self.story_changes(id)?,
        }))
    }

    /// The article that a sighting is of.
    pub fn article_of(&self, sighting: i64) -> Result<Option<ArticleId>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached("SELECT article FROM sighting WHERE id = ?1")?;
        Ok(statement.query_row([sighting], |row| row.get(0)).optional()?.map(ArticleId))
    }

    /// The latest stories whose headline holds all these words, in any case, newest first, at most `limit`.
    pub fn find_stories(&self, words: &[String], limit: usize) -> Result<Vec<ArticleId>, StoreError> {
        let wanted: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT s.article, json_extract(t.text, '$.title') FROM sighting s JOIN sighting_text t ON t.sighting = s.id
             ORDER BY s.article DESC, t.id DESC",
        )?;
        let mut rows = statement.query([])?;
        let mut found: Vec<ArticleId> = Vec::new();
        while let Some(row) = rows.next()? {
            let title = row.get::<_, Option<String>>(1)?.unwrap_or_default().to_lowercase();
            let id = ArticleId(row.get(0)?);
            if wanted.iter().all(|word| title.contains(word.as_str())) && !found.contains(&id) {
                found.push(id);
                if found.len() >= limit {
                    break;
                }
            }
        }
        Ok(found)
    }

    fn sightings_of(&self, article: ArticleId) -> Result<Vec<SightingShown>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT s.id, src.slug, s.guid, s.url, s.published_raw, s.published_at, s.first_seen_at, s.last_seen_at, s.reason, s.gone_at, s.gone_why,
                    (SELECT text FROM sighting_text t WHERE t.sighting = s.id ORDER BY t.seen_at DESC, t.id DESC LIMIT 1)
             FROM sighting s JOIN source src ON src.id = s.source
             WHERE s.article = ?1
                OR s.id IN (SELECT j.value FROM identity_decision d, json_each(d.sightings) j WHERE d.other = ?1 AND d.kind = 'merged'
                              AND (SELECT merged_into FROM article WHERE id = ?1) IS NOT NULL)
             ORDER BY s.id",
        )?;
        let mut rows = statement.query([article.0])?;
        let mut sightings = Vec::new();
        while let Some(row) = rows.next()? {
            let gone: Option<i64> = row.get(9)?;
            let text: Option<String> = row.get(11)?;
            sightings.push(SightingShown {
                id: row.get(0)?,
                source: row.get(1)?,
                guid: row.get(2)?,
                url: row.get(3)?,
                published_raw: row.get(4)?,
                published_at: row.get::<_, Option<i64>>(5)?.map(instant),
                first_seen_at: instant(row.get(6)?),
                last_seen_at: instant(row.get(7)?),
                reason: row.get(8)?,
                gone: gone.map(instant).zip(row.get::<_, Option<String>>(10)?),
                text: text.map(|text| from_json(&text)).transpose()?.unwrap_or_default(),
            });
        }
        Ok(sightings)
    }

    fn identity_decisions(&self, article: ArticleId) -> Result<Vec<IdentityDecision>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT at, actor, kind, article, other, reason FROM identity_decision WHERE article = ?1 OR other = ?1 ORDER BY id",
        )?;
        let rows = statement.query_map(params![article.0], |row| {
            Ok(IdentityDecision {
                at: instant(row.get(0)?),
                actor: row.get(1)?,
                kind: row.get(2)?,
                article: row.get(3)?,
                other: row.get(4)?,
                reason: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn issues_of(&self, article: ArticleId) -> Result<Vec<InIssue>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT n.slug, i.number, i.state, i.due_at FROM issue_article ia JOIN issue i ON i.id = ia.issue JOIN newsletter n ON n.id = ia.newsletter
             WHERE ia.article = ?1 ORDER BY i.due_at",
        )?;
        let rows = statement.query_map([article.0], |row| {
            Ok(InIssue {
                newsletter: row.get(0)?,
                number: row.get(1)?,
                state: row.get(2)?,
                due_at: instant(row.get(3)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
