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
use rusqlite::{Row, named_params};
use std::collections::{BTreeMap, HashMap};
use url::Url;

/// Which stories are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The newsletter whose mailed stories are left out.
    pub newsletter: u16,
    /// Who tells a story that several sources carry, best first ([`crate::domain::source::tellers`]); others come after these, first seen first.
    pub tellers: &'a [Slug],
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
    SELECT a.id, a.eligible_at, a.first_seen_at, a.published_at, src.slug, s.url,
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
    /// The stories asked for, by row number. Each carries the text of the best teller that has one, and the names of the others.
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
        let mut told: BTreeMap<i64, Vec<Told>> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            told.entry(row.get(0)?).or_default().push(Told::read(row)?);
        }
        let ranks = ranks(wanted.tellers);
        let mut articles = Vec::with_capacity(told.len());
        for (id, mut told) in told {
            told.sort_by_key(|told| rank(&ranks, told.source.as_str()));
            let Some(teller) = told.iter().position(|told| told.text.is_some()) else { continue };
            let Told { source, url, text, dates } = told.remove(teller);
            let text: ArticleText = from_json(text.as_deref().unwrap_or_default())?;
            articles.push(Article {
                id: ArticleId(id),
                url,
                eligible_at: dates.eligible,
                first_seen_at: dates.first_seen,
                published_at: dates.published,
                source,
                also_at: told.into_iter().map(|told| (told.source, told.url)).collect(),
                picture: text.picture.as_ref().map(|link| of_link(&connection, link)).transpose()?.flatten(),
                text,
            });
        }
        Ok(articles)
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

/// One source's word on a story.
struct Told {
    source: Slug,
    url: Option<Url>,
    text: Option<String>,
    dates: Dates,
}

/// When the story was seen and dated.
struct Dates {
    eligible: DateTime<Utc>,
    first_seen: DateTime<Utc>,
    published: Option<DateTime<Utc>>,
}

impl Told {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            source: slug(&row.get::<_, String>(4)?)?,
            url: row.get::<_, Option<String>>(5)?.and_then(|url| Url::parse(&url).ok()),
            text: row.get(6)?,
            dates: Dates {
                eligible: instant(row.get(1)?),
                first_seen: instant(row.get(2)?),
                published: row.get::<_, Option<i64>>(3)?.map(instant),
            },
        })
    }
}

/// The place of each teller among them.
pub(super) fn ranks(tellers: &[Slug]) -> HashMap<&str, usize> {
    tellers.iter().enumerate().map(|(rank, teller)| (teller.as_str(), rank)).collect()
}

/// The place of a source; one that the configuration no longer names comes last.
pub(super) fn rank(ranks: &HashMap<&str, usize>, source: &str) -> usize {
    ranks.get(source).copied().unwrap_or(usize::MAX)
}

fn slug(text: &str) -> Result<Slug, StoreError> {
    Slug::parse(text).map_err(|error| StoreError::Unexpected(error.to_string()))
}
