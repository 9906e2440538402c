//! The last look: the stories of an issue with the pages that are looked at, and what was found different there.

use super::candidates::{rank, ranks};
use super::sql_types::{from_json, instant, json, millis};
use super::{Store, StoreError};
use crate::domain::article::{ArticleId, ArticleText};
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};
use url::Url;

/// A story whose page is to be looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct ToLook {
    /// The sighting that stands for the story.
    pub sighting: i64,
    /// The story.
    pub article: ArticleId,
    /// The source's slug.
    pub source: String,
    /// Its page.
    pub url: Url,
    /// What it says as far as we know.
    pub text: ArticleText,
    /// When that was read.
    pub read_at: DateTime<Utc>,
    /// What an earlier look found on the page.
    pub before: Option<Looked>,
    /// Whether an earlier look found it gone.
    pub is_gone: bool,
}

/// Headline and summary as they stood on a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// The headline.
    pub title: Line,
    /// The summary.
    pub summary: Line,
}

/// What a look found of one story.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// It stands as it did.
    Same(Looked),
    /// It says something else now.
    Changed(Looked, Box<ArticleText>),
    /// It has vanished, and why that is thought.
    Gone(String),
}

/// A difference that a look found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoryChange {
    /// When.
    pub at: DateTime<Utc>,
    /// `changed`, `gone` or `back`.
    pub kind: String,
    /// What it said.
    pub before: String,
    /// What it says, or why it is gone.
    pub after: String,
}

impl StoryChange {
    /// The difference in words.
    pub fn sentence(&self) -> String {
        let at = self.at.format("%Y-%m-%d %H:%M UTC");
        match self.kind.as_str() {
            "changed" => format!("{at}, from {:?} to {:?}", self.before, self.after),
            "gone" => format!("{at}, gone: {}", self.after),
            _ => format!("{at}, back again"),
        }
    }
}

impl Store {
    /// The stories among these that have a page, each with what is known of it: the page of the source that tells it (`tellers`, best first), and
    /// before it the pages of those that would tell it had an earlier look not found them gone.
    pub fn to_look(&self, articles: &[ArticleId], tellers: &[Slug]) -> Result<Vec<ToLook>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT s.id, src.slug, s.url, s.looked, s.gone_at IS NOT NULL, t.text, t.seen_at
             FROM sighting s JOIN source src ON src.id = s.source
             JOIN sighting_text t ON t.id = (SELECT id FROM sighting_text WHERE sighting = s.id ORDER BY seen_at DESC, id DESC LIMIT 1)
             WHERE s.article = ?1 ORDER BY s.id",
        )?;
        let ranks = ranks(tellers);
        let mut looks = Vec::new();
        for article in articles {
            let mut rows = statement.query([article.0])?;
            let mut told = Vec::new();
            while let Some(row) = rows.next()? {
                let url: Option<String> = row.get(2)?;
                let url =
                    url.and_then(|url| Url::parse(&url).ok()).filter(|url| matches!(url.scheme(), "http" | "https"));
                let before: Option<String> = row.get(3)?;
                let is_gone: bool = row.get(4)?;
                let source: String = row.get(1)?;
                let look = match url {
                    Some(url) => Some(ToLook {
                        sighting: row.get(0)?,
                        article: *article,
                        source: source.clone(),
                        url,
                        before: before.map(|text| from_json(&text)).transpose()?,
                        is_gone,
                        text: from_json(&row.get::<_, String>(5)?)?,
                        read_at: instant(row.get(6)?),
                    }),
                    None => None,
                };
                told.push((rank(&ranks, &source), is_gone, look));
            }
            told.sort_by_key(|(rank, ..)| *rank);
            for (_, is_gone, look) in told {
                looks.extend(look);
                if !is_gone {
                    break;
                }
            }
        }
        Ok(looks)
    }

    /// Keeps what a look found of one story.
    pub fn keep_finding(&self, look: &ToLook, finding: &Finding, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.writing(|tx| match finding {
            Finding::Gone(why) => {
                let is_news = tx.execute(
                    "UPDATE sighting SET gone_at = ?2, gone_why = ?3 WHERE id = ?1 AND gone_at IS NULL",
                    params![look.sighting, millis(now), why],
                )?;
                if is_news > 0 { note(tx, look, "gone", look.text.title.as_str(), why, now) } else { Ok(()) }
            }
            Finding::Same(looked) => stands(tx, look, looked, now),
            Finding::Changed(looked, text) => {
                stands(tx, look, looked, now)?;
                tx.execute(
                    "INSERT INTO sighting_text (sighting, seen_at, text, origin) VALUES (?1, ?2, ?3, 'look')",
                    params![look.sighting, millis(now), json(text.as_ref())?],
                )?;
                let (before, after) = if look.text.title == text.title {
                    (look.text.summary.as_str(), text.summary.as_str())
                } else {
                    (look.text.title.as_str(), text.title.as_str())
                };
                note(tx, look, "changed", before, after, now)
            }
        })
    }

    /// What looks have found different about a story.
    pub fn story_changes(&self, article: ArticleId) -> Result<Vec<StoryChange>, StoreError> {
        let connection = self.reading();
        let mut statement = connection
            .prepare_cached("SELECT at, kind, before, after FROM story_change WHERE article = ?1 ORDER BY id")?;
        let rows = statement.query_map([article.0], |row| {
            Ok(StoryChange { at: instant(row.get(0)?), kind: row.get(1)?, before: row.get(2)?, after: row.get(3)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Stories that looks found gone since an instant and that are still gone: their headlines, and why that is thought.
    pub fn gone_since(&self, since: DateTime<Utc>) -> Result<Vec<(String, String)>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT c.before, c.after FROM story_change c JOIN sighting s ON s.id = c.sighting
             WHERE c.kind = 'gone' AND c.at >= ?1 AND s.gone_at IS NOT NULL GROUP BY c.article ORDER BY c.id",
        )?;
        let rows = statement.query_map([millis(since)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The labels of each story that was first seen since an instant.
    pub fn labels_since(&self, since: DateTime<Utc>) -> Result<Vec<Vec<Line>>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT json_extract(t.text, '$.labels') FROM article a
             JOIN sighting_text t ON t.id = (SELECT id FROM sighting_text WHERE sighting = (SELECT min(id) FROM sighting WHERE article = a.id)
                                             ORDER BY seen_at DESC, id DESC LIMIT 1)
             WHERE a.merged_into IS NULL AND a.first_seen_at >= ?1",
        )?;
        let texts = statement
            .query_map([millis(since)], |row| row.get::<_, Option<String>>(0))?
            .collect::<Result<Vec<_>, _>>()?;
        texts.into_iter().map(|text| from_json(text.as_deref().unwrap_or("[]"))).collect()
    }
}

/// The page is there: what it says is what the next look is compared with.
fn stands(tx: &Transaction<'_>, look: &ToLook, looked: &Looked, now: DateTime<Utc>) -> Result<(), StoreError> {
    let was_gone: Option<i64> = tx
        .query_row("SELECT gone_at FROM sighting WHERE id = ?1", [look.sighting], |row| row.get(0))
        .optional()?
        .flatten();
    tx.execute(
        "UPDATE sighting SET looked_at = ?2, looked = ?3, gone_at = NULL, gone_why = NULL WHERE id = ?1",
        params![look.sighting, millis(now), json(looked)?],
    )?;
    if was_gone.is_some() { note(tx, look, "back", "", look.text.title.as_str(), now) } else { Ok(()) }
}

fn note(
    tx: &Transaction<'_>,
    look: &ToLook,
    kind: &str,
    before: &str,
    after: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO story_change (sighting, article, at, kind, before, after) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![look.sighting, look.article.0, millis(now), kind, before, after],
    )?;
    Ok(())
}
