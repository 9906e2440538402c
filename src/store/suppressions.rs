//! Addresses that get no issue, by keyed hash alone, and the log of how that came and went.

use super::StoreError;
use super::people::{People, PeopleChange};
use super::sql_types::{instant, millis};
use crate::domain::subscriber::SuppressionReason;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, named_params};

/// Why and since when an address gets nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The keyed hash of the address.
    pub hash: [u8; 32],
    /// Why.
    pub reason: SuppressionReason,
    /// Since when.
    pub at: DateTime<Utc>,
    /// More about it, in words without an address.
    pub detail: String,
    /// The address as typed, where a subscriber still has it.
    pub address: Option<String>,
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppressionEntry {
    /// Its place in the log.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether the address was suppressed or the suppression lifted.
    pub lifted: bool,
    /// The reason: a word of [`SuppressionReason`] or, where lifted, somebody's words.
    pub reason: String,
    /// More about it.
    pub detail: String,
}

const ONE: &str = "
    SELECT x.hash, x.reason, x.at, x.detail, s.address
    FROM suppression x LEFT JOIN subscriber s ON s.hash = x.hash AND s.erased_at IS NULL WHERE x.hash = :hash";

const PAGE: &str = "
    SELECT x.hash, x.reason, x.at, x.detail, s.address
    FROM suppression x LEFT JOIN subscriber s ON s.hash = x.hash AND s.erased_at IS NULL
    WHERE x.hash > :after ORDER BY x.hash LIMIT :limit";

const LOG: &str = "
    SELECT id, at, event, reason, detail FROM suppression_log WHERE hash = :hash ORDER BY id";

const PUT: &str = "
    INSERT INTO suppression (hash, reason, at, detail) VALUES (:hash, :reason, :at, :detail)
    ON CONFLICT (hash) DO UPDATE SET reason = excluded.reason, at = excluded.at, detail = excluded.detail";

const DELETE: &str = "DELETE FROM suppression WHERE hash = :hash";

const APPEND: &str = "
    INSERT INTO suppression_log (hash, at, event, reason, detail) VALUES (:hash, :at, :event, :reason, :detail)";

impl People<'_> {
    /// Whether and why an address is suppressed.
    pub fn suppression(&self, hash: &[u8; 32]) -> Result<Option<Suppression>, StoreError> {
        let mut statement = self.connection.prepare_cached(ONE)?;
        statement.query_row(named_params! {":hash": hash}, |row| Ok(read(row))).optional()?.transpose()
    }

    /// Up to `limit` suppressions after a hash, in the order of their hashes; all zeros for the first page.
    pub fn suppressions(&self, after: &[u8; 32], limit: u32) -> Result<Vec<Suppression>, StoreError> {
        let mut statement = self.connection.prepare_cached(PAGE)?;
        let mut rows = statement.query(named_params! {":after": after, ":limit": limit})?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            page.push(read(row)?);
        }
        Ok(page)
    }

    /// How suppressions of an address came and went, oldest first.
    pub fn suppression_log(&self, hash: &[u8; 32]) -> Result<Vec<SuppressionEntry>, StoreError> {
        let mut statement = self.connection.prepare_cached(LOG)?;
        let rows = statement.query_map(named_params! {":hash": hash}, |row| {
            Ok(SuppressionEntry {
                id: row.get(0)?,
                at: instant(row.get(1)?),
                lifted: row.get::<_, String>(2)? == "lifted",
                reason: row.get(3)?,
                detail: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl PeopleChange<'_> {
    /// Suppresses an address. A weaker reason than the present one changes nothing. Returns the place in the log, if anything changed.
    pub fn suppress(
        &self,
        hash: &[u8; 32],
        reason: SuppressionReason,
        detail: &str,
        at: DateTime<Utc>,
    ) -> Result<Option<i64>, StoreError> {
        if self.suppression(hash)?.is_some_and(|present| present.reason.weight() >= reason.weight()) {
            return Ok(None);
        }
        let (at, word) = (millis(at), reason.as_str());
        self.connection
            .prepare_cached(PUT)?
            .execute(named_params! {":hash": hash, ":reason": word, ":at": at, ":detail": detail})?;
        self.log(hash, at, "suppressed", word, detail).map(Some)
    }

    /// Lifts a suppression; the reason stands in the log. False where there was none.
    pub fn lift(&self, hash: &[u8; 32], reason: &str, detail: &str, at: DateTime<Utc>) -> Result<bool, StoreError> {
        if self.connection.prepare_cached(DELETE)?.execute(named_params! {":hash": hash})? == 0 {
            return Ok(false);
        }
        self.log(hash, millis(at), "lifted", reason, detail)?;
        Ok(true)
    }

    fn log(&self, hash: &[u8; 32], at: i64, event: &str, reason: &str, detail: &str) -> Result<i64, StoreError> {
        self.connection
            .prepare_cached(APPEND)?
            .execute(named_params! {":hash": hash, ":at": at, ":event": event, ":reason": reason, ":detail": detail})?;
        Ok(self.connection.last_insert_rowid())
    }
}

fn read(row: &rusqlite::Row<'_>) -> Result<Suppression, StoreError> {
    let word: String = row.get(1)?;
    Ok(Suppression {
        hash: row.get(0)?,
        reason: SuppressionReason::parse(&word)
            .ok_or_else(|| StoreError::Unexpected(format!("{word:?} is no reason of a suppression")))?,
        at: instant(row.get(2)?),
        detail: row.get(3)?,
        address: row.get(4)?,
    })
}
