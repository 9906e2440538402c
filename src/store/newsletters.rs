//! Newsletters as rows: their number for tokens, and where their first window begins.

use super::sql_types::millis;
use super::{Store, StoreError};
use crate::domain::tag::Slug;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, params};

/// Days before now that the first window of a new newsletter begins, so that its first preview is not empty.
const FIRST_WINDOW_DAYS: i64 = 7;

impl Store {
    /// The row number of a newsletter, made when it is seen for the first time.
    pub fn newsletter_id(&self, slug: &Slug, now: DateTime<Utc>) -> Result<u16, StoreError> {
        if let Some(id) = self.known_newsletter_id(slug)? {
            return Ok(id);
        }
        self.writing(|tx| {
            tx.execute(
                "INSERT INTO newsletter (slug, first_seen_at, window_from) VALUES (?1, ?2, ?3) ON CONFLICT (slug) DO NOTHING",
                params![slug.as_str(), millis(now), millis(now - TimeDelta::days(FIRST_WINDOW_DAYS))],
            )?;
            Ok(tx.query_row("SELECT id FROM newsletter WHERE slug = ?1", [slug.as_str()], |row| row.get(0))?)
        })
    }

    /// The row number of a newsletter that was seen before.
    pub fn known_newsletter_id(&self, slug: &Slug) -> Result<Option<u16>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached("SELECT id FROM newsletter WHERE slug = ?1")?;
        Ok(statement.query_row([slug.as_str()], |row| row.get(0)).optional()?)
    }

    /// The slug of a newsletter's row number, as tokens carry it.
    pub fn newsletter_slug(&self, id: u16) -> Result<Option<Slug>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached("SELECT slug FROM newsletter WHERE id = ?1")?;
        let slug: Option<String> = statement.query_row([id], |row| row.get(0)).optional()?;
        slug.map(|slug| Slug::parse(&slug).map_err(|error| StoreError::Unexpected(error.to_string()))).transpose()
    }
}
