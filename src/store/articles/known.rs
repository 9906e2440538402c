//! What is known that shares something with a new sighting: by name and address, and by the bands of its words. Every question is answered by an
//! index, however many stories there are.

use super::Keyed;
use crate::domain::article::ArticleId;
use crate::domain::text::Line;
use crate::store::StoreError;
use crate::store::sql_types::{instant, millis};
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, Row, params};
use std::collections::{BTreeSet, HashSet};

/// A stored sighting.
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
    /// The source's name for it.
    pub guid: Option<String>,
    /// Its canonical address.
    pub url_key: Option<String>,
    /// Its believed publication.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// Title and summary of its latest text; read only where keys disagree, and of those that may be alike.
    pub words: Option<(Line, Line)>,
}

/// Stored sightings that share something with a new one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Of the same source, with the same name, newest first.
    pub by_guid: Vec<KnownSighting>,
    /// With the same canonical address, oldest first.
    pub by_url: Vec<KnownSighting>,
    /// That share a band with it and are not shown under their own name at the same time, oldest first.
    pub near: Vec<KnownSighting>,
}

/// How long stories are known by their words.
const REMEMBERED: TimeDelta = TimeDelta::days(60);
/// Days that share a period; the number of periods that are looked at covers what is remembered.
const PERIOD_DAYS: i64 = 30;
const PERIODS: i64 = 3;
/// Candidates that one band may name.
const PER_BAND: i64 = 16;

const COLUMNS: &str = "
    SELECT s.id, s.article, s.source, src.slug, s.guid, s.url_key, s.published_at, s.first_seen_at
    FROM sighting s JOIN source src ON src.id = s.source ";

/// By a band of one period, newest first.
const BY_BAND: &str = "SELECT sighting FROM likeness WHERE period = ?1 AND band = ?2 ORDER BY sighting DESC LIMIT ?3";
const BY_GUID: &str = "WHERE s.source = ?1 AND s.guid = ?2 ORDER BY s.id DESC LIMIT 8";
const BY_URL: &str =
    "WHERE s.id IN (SELECT id FROM sighting WHERE url_key = ?1 UNION SELECT sighting FROM other_address WHERE url_key = ?1)
     ORDER BY s.id LIMIT 8";
const SINCE: &str = "WHERE s.id = ?1 AND s.first_seen_at >= ?2";
const WORDS: &str =
    "SELECT json_extract(text, '$.title'), json_extract(text, '$.summary') FROM sighting_text WHERE sighting = ?1
     ORDER BY seen_at DESC, id DESC LIMIT 1";

/// The period that an instant falls in.
pub(super) fn period(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(86_400 * PERIOD_DAYS)
}

/// The first period that is still looked at.
pub(super) fn oldest_period(now: DateTime<Utc>) -> i64 {
    period(now) - PERIODS + 1
}

/// What shares its name or an address.
pub(super) fn by_keys(connection: &Connection, source: i64, keyed: &Keyed) -> Result<Known, StoreError> {
    let mut known = Known::default();
    if let Some(guid) = &keyed.guid_key {
        let mut statement = connection.prepare_cached(&format!("{COLUMNS} {BY_GUID}"))?;
        known.by_guid = statement.query_map(params![source, guid], known_sighting)?.collect::<Result<_, _>>()?;
    }
    for key in keyed.url_key.iter().chain(&keyed.other_keys) {
        let mut statement = connection.prepare_cached(&format!("{COLUMNS} {BY_URL}"))?;
        known.by_url.extend(statement.query_map([key], known_sighting)?.collect::<Result<Vec<_>, _>>()?);
    }
    let agrees = |one: &Option<String>, other: &Option<String>| one.is_none() || other.is_none() || one == other;
    for sighting in known.by_guid.iter_mut().chain(&mut known.by_url) {
        if !agrees(&sighting.url_key, &keyed.url_key) || !agrees(&sighting.guid, &keyed.guid_key) {
            sighting.words = words(connection, sighting.id)?;
        }
    }
    Ok(known)
}

/// What shares a band and was first seen within the days that are remembered, but for those that are shown themselves.
pub(super) fn by_likeness(
    connection: &Connection,
    bands: &[i64],
    now: DateTime<Utc>,
    shown: &HashSet<i64>,
) -> Result<Vec<KnownSighting>, StoreError> {
    let mut ids: BTreeSet<i64> = BTreeSet::new();
    let mut statement = connection.prepare_cached(BY_BAND)?;
    for period in oldest_period(now)..=period(now) {
        for band in bands {
            let found = statement.query_map(params![period, band, PER_BAND], |row| row.get::<_, i64>(0))?;
            ids.extend(found.collect::<Result<Vec<_>, _>>()?);
        }
    }
    let mut near = Vec::new();
    let mut statement = connection.prepare_cached(&format!("{COLUMNS} {SINCE}"))?;
    for id in ids.into_iter().filter(|id| !shown.contains(id)) {
        let mut rows = statement.query_map(params![id, millis(now - REMEMBERED)], known_sighting)?;
        if let Some(row) = rows.next() {
            near.push(KnownSighting { words: words(connection, id)?, ..row? });
        }
    }
    Ok(near)
}

fn words(connection: &Connection, sighting: i64) -> Result<Option<(Line, Line)>, StoreError> {
    let mut statement = connection.prepare_cached(WORDS)?;
    let mut rows = statement.query([sighting])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let text = |n: usize| -> Result<Line, StoreError> {
        Ok(Line::clean(row.get::<_, Option<String>>(n)?.as_deref().unwrap_or_default()))
    };
    Ok(Some((text(0)?, text(1)?)))
}

fn known_sighting(row: &Row<'_>) -> rusqlite::Result<KnownSighting> {
    Ok(KnownSighting {
        id: row.get(0)?,
        article: ArticleId(row.get(1)?),
        source: row.get(2)?,
        source_slug: row.get(3)?,
        guid: row.get(4)?,
        url_key: row.get(5)?,
        published_at: row.get::<_, Option<i64>>(6)?.map(instant),
        first_seen_at: instant(row.get(7)?),
        words: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn what_is_known_is_found_by_an_index_and_never_by_a_scan() {
        let store = Store::in_memory().unwrap();
        let connection = store.reading();
        let all = [BY_GUID, BY_URL, SINCE].map(|known| format!("{COLUMNS} {known}"));
        for asked in all.iter().map(String::as_str).chain([BY_BAND, WORDS]) {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {asked}")).unwrap();
            let mut rows = statement.raw_query();
            let mut plan = Vec::new();
            while let Some(row) = rows.next().unwrap() {
                plan.push(row.get::<_, String>(3).unwrap());
            }
            assert!(!plan.is_empty() && !plan.iter().any(|step| step.starts_with("SCAN")), "{asked}: {plan:?}");
            let is_sorted = plan.iter().any(|step| step.contains("FOR ORDER BY"));
            assert!(!is_sorted, "{asked}: {plan:?}");
            if asked == BY_BAND {
                assert_eq!(plan, ["SEARCH likeness USING PRIMARY KEY (period=? AND band=?)"]);
            }
        }
    }
}
