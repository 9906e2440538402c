//! Sightings, their texts, and the articles they are of. Which article a sighting is of is decided by the caller, inside the transaction.

use super::sql_types::{instant, json, millis};
use super::{Store, StoreError};
use crate::domain::article::{ArticleId, Sighting};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, Transaction, named_params, params};

/// A sighting with what it is compared by.
#[derive(Debug, Clone)]
pub struct Keyed {
    /// What was seen.
    pub sighting: Sighting,
    /// The source's name for it, if that tells it from the source's other stories.
    pub guid_key: Option<String>,
    /// Its canonical address, if that tells it from the source's other stories.
    pub url_key: Option<String>,
}

/// A sighting that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownSighting {
    /// Row number.
    pub id: i64,
    /// The article it is of.
    pub article: ArticleId,
    /// The source's row number.
    pub source: i64,
    /// The source's slug.
    pub source_slug: String,
}

/// Stored sightings that share something with a new one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Of the same source, with the same name.
    pub by_guid: Option<KnownSighting>,
    /// With the same canonical address, oldest first, at most eight.
    pub by_url: Vec<KnownSighting>,
}

/// What a sighting is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// One that is stored already.
    Same(i64),
    /// A new one of an article that is known, and why.
    Of(ArticleId, String),
    /// One of an article that nobody has seen, and why.
    New(String),
}

/// Why a sighting was taken for its article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SightingReason {
    /// The slug of the source.
    pub source: String,
    /// Its address, as the source gave it.
    pub url: Option<String>,
    /// The reason, in words.
    pub reason: String,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
}

/// When a new article belongs into a window.
pub type Eligible<'a> = &'a dyn Fn(&Sighting) -> DateTime<Utc>;

/// What came of storing sightings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// Articles that nobody had seen.
    pub new: u32,
    /// Sightings whose text had changed.
    pub changed: u32,
}

/// Sightings stored in one transaction; more would hold the write lock for too long.
const SLICE: usize = 100;

const KNOWN: &str = "
    SELECT s.id, s.article, s.source, src.slug FROM sighting s JOIN source src ON src.id = s.source";

impl Store {
    /// Stores what a source showed. `decide` is asked for each inside the transaction, so that two sources cannot both make an article of one story.
    pub fn keep_sightings(
        &self,
        source: i64,
        seen: &[Keyed],
        now: DateTime<Utc>,
        eligible: Eligible<'_>,
        decide: impl Fn(&Known, i64) -> Decision,
    ) -> Result<Kept, StoreError> {
        let mut kept = Kept::default();
        for slice in seen.chunks(SLICE) {
            let part = self.writing(|tx| {
                let mut part = Kept::default();
                for keyed in slice {
                    let decision = decide(&known(tx, source, keyed)?, source);
                    apply(tx, source, keyed, decision, now, eligible, &mut part)?;
                }
                Ok(part)
            })?;
            kept.new += part.new;
            kept.changed += part.changed;
        }
        Ok(kept)
    }

    /// Why each sighting of an article was taken for it, the first first.
    pub fn sighting_reasons(&self, article: ArticleId) -> Result<Vec<SightingReason>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT src.slug, s.url, s.reason, s.first_seen_at FROM sighting s JOIN source src ON src.id = s.source WHERE s.article = ?1 ORDER BY s.id",
        )?;
        let rows = statement.query_map([article.0], |row| {
            Ok(SightingReason {
                source: row.get(0)?,
                url: row.get(1)?,
                reason: row.get(2)?,
                first_seen_at: instant(row.get(3)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many articles are known.
    pub fn article_count(&self) -> Result<u64, StoreError> {
        let connection = self.reading();
        Ok(connection.query_row("SELECT count(*) FROM article WHERE merged_into IS NULL", [], |row| row.get(0))?)
    }
}

fn known(tx: &Transaction<'_>, source: i64, keyed: &Keyed) -> Result<Known, StoreError> {
    let mut known = Known::default();
    if let Some(guid) = &keyed.guid_key {
        let mut statement =
            tx.prepare_cached(&format!("{KNOWN} WHERE s.source = ?1 AND s.guid = ?2 ORDER BY s.id LIMIT 1"))?;
        known.by_guid = statement.query_row(params![source, guid], known_sighting).optional()?;
    }
    if let Some(key) = &keyed.url_key {
        let mut statement = tx.prepare_cached(&format!("{KNOWN} WHERE s.url_key = ?1 ORDER BY s.id LIMIT 8"))?;
        known.by_url = statement.query_map([key], known_sighting)?.collect::<Result<_, _>>()?;
    }
    Ok(known)
}

fn known_sighting(row: &Row<'_>) -> rusqlite::Result<KnownSighting> {
    Ok(KnownSighting {
        id: row.get(0)?,
        article: ArticleId(row.get(1)?),
        source: row.get(2)?,
        source_slug: row.get(3)?,
    })
}

fn apply(
    tx: &Transaction<'_>,
    source: i64,
    keyed: &Keyed,
    decision: Decision,
    now: DateTime<Utc>,
    eligible: Eligible<'_>,
    kept: &mut Kept,
) -> Result<(), StoreError> {
    let sighting = match decision {
        Decision::Same(id) => {
            touch(tx, id, keyed, now)?;
            id
        }
        Decision::Of(article, reason) => insert_sighting(tx, source, article, keyed, &reason, now)?,
        Decision::New(reason) => {
            kept.new += 1;
            let article = insert_article(tx, &keyed.sighting, now, eligible)?;
            insert_sighting(tx, source, article, keyed, &reason, now)?
        }
    };
    kept.changed += u32::from(append_text(tx, sighting, keyed, now)?);
    Ok(())
}

fn insert_article(
    tx: &Transaction<'_>,
    sighting: &Sighting,
    now: DateTime<Utc>,
    eligible: Eligible<'_>,
) -> Result<ArticleId, StoreError> {
    tx.prepare_cached("INSERT INTO article (eligible_at, first_seen_at, published_at) VALUES (?1, ?2, ?3)")?
        .execute(params![millis(eligible(sighting)), millis(now), sighting.published_at.map(millis)])?;
    Ok(ArticleId(tx.last_insert_rowid()))
}

fn insert_sighting(
    tx: &Transaction<'_>,
    source: i64,
    article: ArticleId,
    keyed: &Keyed,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let sighting = &keyed.sighting;
    tx.prepare_cached(
        "INSERT INTO sighting (article, source, guid, url, url_key, published_raw, published_at, updated_at, first_seen_at, last_seen_at, reason)
         VALUES (:article, :source, :guid, :url, :url_key, :published_raw, :published_at, :updated_at, :now, :now, :reason)",
    )?
    .execute(named_params! {
        ":article": article.0, ":source": source, ":guid": keyed.guid_key, ":url": sighting.url.as_ref().map(url::Url::as_str), ":url_key": keyed.url_key,
        ":published_raw": sighting.published_raw, ":published_at": sighting.published_at.map(millis),
        ":updated_at": sighting.updated_at.map(millis), ":now": millis(now), ":reason": reason,
    })?;
    Ok(tx.last_insert_rowid())
}

/// A story that was seen again: its address may have changed, what it was first seen with stays.
fn touch(tx: &Transaction<'_>, id: i64, keyed: &Keyed, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE sighting SET last_seen_at = max(last_seen_at, :now), url = coalesce(:url, url), url_key = coalesce(:url_key, url_key), updated_at = coalesce(:updated_at, updated_at)
         WHERE id = :id",
    )?
    .execute(named_params! {
        ":id": id, ":now": millis(now), ":url": keyed.sighting.url.as_ref().map(url::Url::as_str), ":url_key": keyed.url_key,
        ":updated_at": keyed.sighting.updated_at.map(millis),
    })?;
    Ok(())
}

/// Appends a version of the text if it differs from the latest; says whether one existed and differed.
fn append_text(tx: &Transaction<'_>, sighting: i64, keyed: &Keyed, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let text = json(&keyed.sighting.text)?;
    let latest: Option<String> = tx
        .prepare_cached("SELECT text FROM sighting_text WHERE sighting = ?1 ORDER BY seen_at DESC, id DESC LIMIT 1")?
        .query_row([sighting], |row| row.get(0))
        .optional()?;
    if latest.as_deref() == Some(text.as_str()) {
        return Ok(false);
    }
    tx.prepare_cached("INSERT INTO sighting_text (sighting, seen_at, text) VALUES (?1, ?2, ?3)")?.execute(params![
        sighting,
        millis(now),
        text
    ])?;
    Ok(latest.is_some())
}
