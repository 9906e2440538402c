//! Imports as rows, and the stage on which the lines of a file wait until they are applied slice by slice.
//!
//! The stage is a temporary table of this connection: it takes no write lock of the database, so a delivery goes on beside it, it lets a
//! decision look at all lines of one address without holding them in memory, and it is gone when the process is.

use super::people::{People, PeopleChange};
use super::sql_types::{from_json, instant, json, millis};
use super::{Store, StoreError};
use crate::domain::standing::Standing;
use crate::domain::subscriber::{SubscriberId, SuppressionReason};
use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

/// One line of a file for one newsletter, waiting on the stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Staged {
    /// Its place on the stage, in the order of the file; 0 until it stands there.
    pub place: i64,
    /// The line where the row begins, from 1.
    pub line: u64,
    /// The keyed hash of the address.
    pub hash: [u8; 32],
    /// The row number of the newsletter; 0 where none is named.
    pub newsletter: u16,
    /// Why the address is to be suppressed; none for somebody who is to get mail.
    pub gone: Option<SuppressionReason>,
    /// The row in the importer's own form.
    pub text: String,
}

/// What a file says of an address, without the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// Its place on the stage.
    pub place: i64,
    /// The row number of the newsletter; 0 where none is named.
    pub newsletter: u16,
    /// Why the address is gone, if it is.
    pub gone: Option<SuppressionReason>,
}

/// Row number of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImportId(pub i64);

/// One import.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// Which.
    pub id: ImportId,
    /// When.
    pub at: DateTime<Utc>,
    /// The name of the file.
    pub file_name: String,
    /// SHA-256 of the file.
    pub file_hash: [u8; 32],
    /// On what basis mail goes to those whose row proves no confirmation.
    pub basis: String,
    /// When it was taken back.
    pub undone_at: Option<DateTime<Utc>>,
}

/// What an import did for one line.
#[derive(Debug, Clone, PartialEq)]
pub enum Did {
    /// Made a subscriber.
    Created(SubscriberId),
    /// Made or changed a subscription.
    Subscribed {
        /// Whose.
        subscriber: SubscriberId,
        /// Where it stood; none where there was none.
        before: Option<Standing>,
        /// Where it stood afterwards; none where the person was erased since.
        after: Option<Standing>,
    },
    /// Suppressed an address.
    Suppressed {
        /// Its keyed hash.
        hash: [u8; 32],
        /// The entry of the suppression log.
        log: i64,
    },
}

/// One thing that an import did.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// The line of the file.
    pub line: u64,
    /// The row number of the newsletter; 0 for none.
    pub newsletter: u16,
    /// What.
    pub did: Did,
}

const CLEAR_STAGE: &str = "
    DROP TABLE IF EXISTS temp.staged;
    CREATE TEMP TABLE staged (
        n          INTEGER PRIMARY KEY,
        line       INTEGER NOT NULL,
        hash       BLOB NOT NULL,
        newsletter INTEGER NOT NULL,
        gone       TEXT NOT NULL,             -- empty for somebody who is to get mail
        text       TEXT NOT NULL,
        UNIQUE (hash, newsletter, gone)
    ) STRICT;
    CREATE INDEX temp.staged_gone ON staged(n) WHERE gone <> '';";

const STAGE: &str = "
    INSERT INTO temp.staged (line, hash, newsletter, gone, text) VALUES (:line, :hash, :newsletter, :gone, :text)
    ON CONFLICT DO NOTHING";

const STAGED_GONE: &str = "
    SELECT n, line, hash, newsletter, gone, text FROM temp.staged WHERE gone <> '' AND n > :after ORDER BY n LIMIT :limit";

const STAGED_LIVE: &str = "
    SELECT n, line, hash, newsletter, gone, text FROM temp.staged WHERE gone = '' AND n > :after ORDER BY n LIMIT :limit";

const SAID: &str = "SELECT n, newsletter, gone FROM temp.staged WHERE hash = :hash ORDER BY n";

const OPEN: &str = "
    INSERT INTO import (at, file_hash, file_name, basis) VALUES (:at, :file_hash, :file_name, :basis)";

const CLOSE: &str = "UPDATE import SET undone_at = :at WHERE id = :id";

const ALL: &str = "SELECT id, at, file_name, file_hash, basis, undone_at FROM import ORDER BY id DESC";

const APPEND: &str = "
    INSERT INTO import_row (import, line, newsletter, did, subscriber, hash, before, after)
    VALUES (:import, :line, :newsletter, :did, :subscriber, :hash, :before, :after)";

const DEEDS: &str = "
    SELECT line, newsletter, did, subscriber, hash, before, after FROM import_row
    WHERE import = :import AND (line, newsletter) > (:line, :newsletter) AND (did = 'created') = :created
    ORDER BY line, newsletter LIMIT :limit";

const FORGET: &str = "
    DELETE FROM import_row WHERE import = :import AND line = :line AND newsletter = :newsletter AND did = :did";

const IS_BOUND: &str = "
    SELECT EXISTS (SELECT 1 FROM subscription WHERE subscriber = :id)
        OR EXISTS (SELECT 1 FROM issue_recipient WHERE subscriber = :id)
        OR EXISTS (SELECT 1 FROM consent WHERE subscriber = :id AND origin <> :origin)";

const ONLY_ENTRY: &str = "
    SELECT NOT EXISTS (SELECT 1 FROM suppression_log WHERE hash = :hash AND id <> :log)";

const DELETE_CONSENT: &str = "DELETE FROM consent WHERE subscriber = :id";
const DELETE_SUBSCRIBER: &str = "DELETE FROM subscriber WHERE id = :id";

impl Store {
    /// An empty stage.
    pub fn clear_stage(&self) -> Result<(), StoreError> {
        Ok(self.reading().execute_batch(CLEAR_STAGE)?)
    }

    /// Puts lines on the stage and returns how many of them said what an earlier line had said of the same address.
    pub fn stage(&self, lines: &[Staged]) -> Result<u64, StoreError> {
        let mut connection = self.reading();
        // Deferred: nothing but the temporary table is written, so the database itself is not locked.
        let transaction = connection.transaction()?;
        let mut repeated = 0;
        for staged in lines {
            let put = transaction.prepare_cached(STAGE)?.execute(named_params! {
                ":line": staged.line,
                ":hash": staged.hash,
                ":newsletter": staged.newsletter,
                ":gone": staged.gone.map_or("", SuppressionReason::as_str),
                ":text": staged.text,
            })?;
            repeated += u64::from(put == 0);
        }
        transaction.commit()?;
        Ok(repeated)
    }
}

impl People<'_> {
    /// Up to `limit` staged lines after a place: those to be suppressed, or those to get mail.
    pub fn staged(&self, gone: bool, after: i64, limit: u32) -> Result<Vec<Staged>, StoreError> {
        let mut statement = self.connection.prepare_cached(if gone { STAGED_GONE } else { STAGED_LIVE })?;
        let rows = statement.query_map(named_params! {":after": after, ":limit": limit}, |row| {
            Ok(Staged {
                place: row.get(0)?,
                line: row.get(1)?,
                hash: row.get(2)?,
                newsletter: row.get(3)?,
                gone: SuppressionReason::parse(&row.get::<_, String>(4)?),
                text: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// All that the file says of one address, in its order.
    pub fn said(&self, hash: &[u8; 32]) -> Result<Vec<Said>, StoreError> {
        let mut statement = self.connection.prepare_cached(SAID)?;
        let rows = statement.query_map(named_params! {":hash": hash}, |row| {
            let gone = SuppressionReason::parse(&row.get::<_, String>(2)?);
            Ok(Said { place: row.get(0)?, newsletter: row.get(1)?, gone })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// All imports, the latest first.
    pub fn imports(&self) -> Result<Vec<Import>, StoreError> {
        let mut statement = self.connection.prepare_cached(ALL)?;
        let rows = statement.query_map([], |row| {
            Ok(Import {
                id: ImportId(row.get(0)?),
                at: instant(row.get(1)?),
                file_name: row.get(2)?,
                file_hash: row.get(3)?,
                basis: row.get(4)?,
                undone_at: row.get::<_, Option<i64>>(5)?.map(instant),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Up to `limit` things that an import did, after a line and newsletter: the subscribers it made, or all else.
    pub fn deeds(
        &self,
        import: ImportId,
        created: bool,
        after: (u64, u16),
        limit: u32,
    ) -> Result<Vec<Deed>, StoreError> {
        let mut statement = self.connection.prepare_cached(DEEDS)?;
        let mut rows = statement.query(named_params! {
            ":import": import.0, ":created": created, ":line": after.0, ":newsletter": after.1, ":limit": limit,
        })?;
        let mut deeds = Vec::new();
        while let Some(row) = rows.next()? {
            deeds.push(Deed { line: row.get(0)?, newsletter: row.get(1)?, did: read_did(row)? });
        }
        Ok(deeds)
    }

    /// Whether something other than one import holds a subscriber here: a subscription, an issue, anything they said.
    pub fn is_bound(&self, subscriber: SubscriberId, import: ImportId) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached(IS_BOUND)?;
        let parameters = named_params! {":id": subscriber.0, ":origin": origin(import)};
        Ok(statement.query_row(parameters, |row| row.get(0))?)
    }

    /// Whether an entry of the suppression log is the only one of its address.
    pub fn is_only_suppression(&self, hash: &[u8; 32], log: i64) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached(ONLY_ENTRY)?;
        Ok(statement.query_row(named_params! {":log": log, ":hash": hash}, |row| row.get(0))?)
    }
}

/// The origin of the consent entries of an import.
pub fn origin(import: ImportId) -> String {
    format!("import {}", import.0)
}

fn read_did(row: &Row<'_>) -> Result<Did, StoreError> {
    let word: String = row.get(2)?;
    let text = |column| -> Result<Option<String>, StoreError> { Ok(row.get(column)?) };
    Ok(match word.as_str() {
        "created" => Did::Created(SubscriberId(row.get(3)?)),
        "subscribed" => Did::Subscribed {
            subscriber: SubscriberId(row.get(3)?),
            before: text(5)?.as_deref().map(from_json).transpose()?,
            after: text(6)?.as_deref().map(from_json).transpose()?,
        },
        _ => Did::Suppressed {
            hash: row.get(4)?,
            log: text(6)?.as_deref().map(from_json).transpose()?.unwrap_or_default(),
        },
    })
}

impl Did {
    fn word(&self) -> &'static str {
        match self {
            Self::Created(_) => "created",
            Self::Subscribed { .. } => "subscribed",
            Self::Suppressed { .. } => "suppressed",
        }
    }
}

impl PeopleChange<'_> {
    /// Begins an import.
    pub fn open_import(
        &self,
        at: DateTime<Utc>,
        file_name: &str,
        file_hash: &[u8; 32],
        basis: &str,
    ) -> Result<ImportId, StoreError> {
        self.connection.prepare_cached(OPEN)?.execute(named_params! {
            ":at": millis(at), ":file_hash": file_hash, ":file_name": file_name, ":basis": basis,
        })?;
        Ok(ImportId(self.connection.last_insert_rowid()))
    }

    /// Notes what an import did, so that it can be taken back.
    pub fn note_deed(&self, import: ImportId, deed: &Deed) -> Result<(), StoreError> {
        let (subscriber, hash, before, after) = match &deed.did {
            Did::Created(subscriber) => (Some(subscriber.0), None, None, None),
            Did::Subscribed { subscriber, before, after } => {
                let before = before.as_ref().map(json).transpose()?;
                (Some(subscriber.0), None, before, after.as_ref().map(json).transpose()?)
            }
            Did::Suppressed { hash, log } => (None, Some(hash), None, Some(json(log)?)),
        };
        self.connection.prepare_cached(APPEND)?.execute(named_params! {
            ":import": import.0, ":line": deed.line, ":newsletter": deed.newsletter, ":did": deed.did.word(),
            ":subscriber": subscriber, ":hash": hash, ":before": before, ":after": after,
        })?;
        Ok(())
    }

    /// Forgets a deed that was taken back.
    pub fn forget_deed(&self, import: ImportId, deed: &Deed) -> Result<(), StoreError> {
        self.connection.prepare_cached(FORGET)?.execute(named_params! {
            ":import": import.0, ":line": deed.line, ":newsletter": deed.newsletter, ":did": deed.did.word(),
        })?;
        Ok(())
    }

    /// Marks an import as taken back.
    pub fn close_import(&self, import: ImportId, at: DateTime<Utc>) -> Result<(), StoreError> {
        self.connection.prepare_cached(CLOSE)?.execute(named_params! {":id": import.0, ":at": millis(at)})?;
        Ok(())
    }

    /// Deletes a subscriber whom an import made and nothing binds, with the import's words about them.
    pub fn delete_subscriber(&self, subscriber: SubscriberId) -> Result<(), StoreError> {
        for sql in [DELETE_CONSENT, DELETE_SUBSCRIBER] {
            self.connection.prepare_cached(sql)?.execute(named_params! {":id": subscriber.0})?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::TransactionBehavior;

    #[test]
    fn staging_waits_for_nobody_who_writes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("subscribers.db")).unwrap();
        let other = store.another().unwrap();
        let mut writing = other.reading();
        let _transaction = writing.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        let line = Staged { place: 0, line: 2, hash: [1; 32], newsletter: 1, gone: None, text: String::new() };
        store.clear_stage().unwrap();
        assert_eq!(store.stage(&[line.clone(), line]).unwrap(), 1);
    }

    #[test]
    fn the_stage_is_nothing_that_others_see() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("subscribers.db")).unwrap();
        store.clear_stage().unwrap();
        let tables: i64 = store
            .another()
            .unwrap()
            .reading()
            .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'staged'", [], |row| row.get(0))
            .unwrap();
        assert_eq!(tables, 0);
    }
}
