//! The stories that an issue may take, as they were known at an instant.

use super::pictures::of_link;
use super::sql_types::{from_json, instant, json, millis};
use super::{Store, StoreError};
use crate::domain::article::{Article, ArticleId, ArticleText, Picture, PictureLink};
use crate::domain::event::Event;
use crate::domain::source::PictureUse;
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use crate::domain::window::Window;
use chrono::{DateTime, Utc};
use rusqlite::named_params;
use std::collections::BTreeMap;
use url::Url;

/// Which stories are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The newsletter whose mailed stories are left out.
    pub newsletter: u16,
    /// Eligible in here: wider than the window, so that a thin week is carried over.
    pub eligible: Window,
    /// Texts and sightings as they were at this instant.
    pub as_of: DateTime<Utc>,
    /// An issue whose own stories count as not mailed: the one that is being composed anew.
    pub composing: Option<i64>,
    /// Stories that are taken whenever they became eligible, as they are known at `also_as_of`: an editor wants them.
    pub also: &'a [ArticleId],
    /// The instant for those.
    pub also_as_of: DateTime<Utc>,
}

const CANDIDATES: &str = "
    SELECT a.id, a.eligible_at, a.first_seen_at, a.published_at, s.id, src.slug, s.url,
           (SELECT t.text FROM sighting_text t
            WHERE t.sighting = s.id AND t.seen_at <= CASE WHEN a.id IN (SELECT value FROM json_each(:also)) THEN :also_as_of ELSE :as_of END
            ORDER BY t.seen_at DESC, t.id DESC LIMIT 1)
    FROM article a
    JOIN sighting s ON s.article = a.id AND (s.gone_at IS NULL OR s.gone_at > :as_of)
      AND s.first_seen_at <= CASE WHEN a.id IN (SELECT value FROM json_each(:also)) THEN :also_as_of ELSE :as_of END
    JOIN source src ON src.id = s.source
    WHERE a.id IN (SELECT id FROM article WHERE eligible_at >= :from AND eligible_at < :to UNION SELECT value FROM json_each(:also))
      AND a.merged_into IS NULL
      AND NOT EXISTS (
          SELECT 1 FROM issue_article ia JOIN issue i ON i.id = ia.issue
          WHERE ia.newsletter = :newsletter AND ia.article = a.id AND ia.issue IS NOT :composing AND i.window_to <= :as_of)
    ORDER BY a.id, s.id";

const EVENTS: &str = "
    SELECT event FROM event
    WHERE starts_at >= :from AND seen_at <= :as_of AND (gone_at IS NULL OR gone_at > :as_of)
    ORDER BY starts_at, id LIMIT :limit";

impl Store {
    /// The stories asked for, by row number. Each carries the text of its first sighting that has one, and the names of the others.
    pub fn candidates(&self, wanted: Wanted<'_>) -> Result<Vec<Article>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(CANDIDATES)?;
        let mut rows = statement.query(named_params! {
            ":newsletter": wanted.newsletter,
            ":composing": wanted.composing,
            ":from": millis(wanted.eligible.from()),
            ":to": millis(wanted.eligible.to()),
            ":as_of": millis(wanted.as_of),
            ":also": json(&wanted.also.iter().map(|article| article.0).collect::<Vec<_>>())?,
            ":also_as_of": millis(wanted.also_as_of),
        })?;
        let mut articles: BTreeMap<i64, Article> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let source = slug(&row.get::<_, String>(5)?)?;
            let url = row.get::<_, Option<String>>(6)?.and_then(|url| Url::parse(&url).ok());
            if let Some(article) = articles.get_mut(&id) {
                article.also_at.push((source, url));
                continue;
            }
            let Some(text) = row.get::<_, Option<String>>(7)? else { continue };
            let text: ArticleText = from_json(&text)?;
            let published: Option<i64> = row.get(3)?;
            let article = Article {
                id: ArticleId(id),
                url,
                eligible_at: instant(row.get(1)?),
                first_seen_at: instant(row.get(2)?),
                published_at: published.map(instant),
                source,
                also_at: Vec::new(),
                picture: text.picture.as_ref().map(|link| of_link(&connection, link)).transpose()?.flatten(),
                text,
            };
            articles.insert(id, article);
        }
        Ok(articles.into_values().collect())
    }

    /// Events that begin after an instant, as known at another, at most `limit`.
    pub fn upcoming_events(
        &self,
        after: DateTime<Utc>,
        as_of: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(EVENTS)?;
        let parameters = named_params! { ":from": millis(after), ":as_of": millis(as_of), ":limit": limit as i64 };
        let texts = statement.query_map(parameters, |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        texts.iter().map(|text| from_json(text)).collect()
    }

    /// The picture that was fetched from an address, if it was kept. What it shows is the caller's to say.
    pub fn picture_from(&self, url: &Url) -> Result<Option<Picture>, StoreError> {
        let link = PictureLink { url: url.clone(), alt: Line::default(), credit: None, licence: None, size: None };
        Ok(of_link(&self.reading(), &link)?.and_then(|found| found.used(PictureUse::Copy)))
    }
}

fn slug(text: &str) -> Result<Slug, StoreError> {
    Slug::parse(text).map_err(|error| StoreError::Unexpected(error.to_string()))
}
