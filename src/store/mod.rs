//! SQLite: the only SQL of the project, one file per family of tables, the query beside the function that runs it.
//!
//! A [`Store`] is one connection behind a mutex; a process that wants to read while it writes opens another. Every write is one
//! `BEGIN IMMEDIATE` transaction and short: no network call and no rendering happens inside it. Nothing here decides anything.

mod locks;
mod schema;
#[cfg(test)]
pub(crate) mod seeds;
pub mod sql_types;

pub mod alarms;
pub mod archive;
pub mod arriving;
pub mod articles;
pub mod audit;
pub mod candidates;
pub mod corrections;
pub mod dates;
pub mod editors;
pub mod earlier;
pub mod events;
pub mod facts;
pub mod hand;
pub mod health;
pub mod issues;
pub mod kept_documents;
pub mod ledger;
pub mod links;
pub mod looks;
pub mod newsletters;
pub mod pages;
pub mod pictures;
pub mod preflights;
pub mod rankings;
pub mod receivers;
pub mod recipients;
pub mod retention;
pub mod review;
pub mod returned;
pub mod sessions;
pub mod sources;

pub mod backup;
pub mod consent;
pub mod forgetting;
pub mod imports;
pub mod letters;
pub mod machines;
pub mod people;
pub mod requests;
pub mod subscribers;
pub mod subscriptions;
pub mod suppressions;

pub use locks::{DeliverLock, LockError, UseLock};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// An open database.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
    /// The wishes that were counted last.
    counted: Mutex<Option<recipients::Counted>>,
    path: Option<PathBuf>,
    /// Held shared as long as the store lives; a migration and `restore` need it alone.
    _in_use: Option<locks::UseLock>,
}

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is not a database, or its pages do not fit together.
    #[error("database {path}: damaged ({reason}); restore a backup, or move the file away and start anew")]
    Damaged {
        /// The file.
        path: String,
        /// SQLite's words.
        reason: String,
    },
    /// Written by a later version of this program.
    #[error(
        "database {path}: written by a newer version (schema {found}, this program knows {known}); use that version"
    )]
    Newer {
        /// The file.
        path: String,
        /// Its schema.
        found: i64,
        /// The latest schema of this program.
        known: i64,
    },
    /// The disk has no room.
    #[error("database: the disk is full; nothing was lost, free some space and try again")]
    DiskFull,
    /// A freeze met readers who chose what nothing was rendered for: told to whoever froze, who renders it too.
    #[error("somebody's wish has no rendering yet")]
    NewWish,
    /// Another process holds the write lock for too long.
    #[error("database: another process has been writing for more than {0} seconds; try again")]
    Busy(u64),
    /// The lock files could not be taken.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A file beside the database could not be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// A value in the database is not what this program writes.
    #[error("database: {0}")]
    Unexpected(String),
    /// Any other answer of SQLite.
    #[error("database: {0}")]
    Sqlite(rusqlite::Error),
}

/// How long a statement waits for another process's write.
const BUSY: Duration = Duration::from_secs(10);

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase};
        // With no byte left SQLite cannot even make the small file by which processes share a database, and calls that an error of the disk.
        let grew_nothing = error.sqlite_error().is_some_and(|e| e.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE);
        match error.sqlite_error_code() {
            _ if grew_nothing => Self::DiskFull,
            Some(DiskFull) => Self::DiskFull,
            Some(DatabaseBusy | DatabaseLocked) => Self::Busy(BUSY.as_secs()),
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged { path: String::new(), reason: error.to_string() },
            _ => Self::Sqlite(error),
        }
    }
}

impl Store {
    /// Opens the file, makes it if it is not there, and brings its schema up to date (after a copy of the old file was put beside it).
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let named = |error: StoreError| match error {
            StoreError::Damaged { reason, .. } => StoreError::Damaged { path: path.display().to_string(), reason },
            other => other,
        };
        let in_use = locks::UseLock::migrate_then_share(path, || schema::bring_up_to_date(path).map_err(named))?;
        let connection = connect(path).map_err(named)?;
        Ok(Self {
            connection: Mutex::new(connection),
            counted: Mutex::default(),
            path: Some(path.to_owned()),
            _in_use: Some(in_use),
        })
    }

    /// A database that lives as long as the value; for tests and rehearsals.
    pub fn in_memory() -> Result<Self, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        prepare(&connection)?;
        schema::migrate(&mut connection, "in memory")?;
        Ok(Self { connection: Mutex::new(connection), counted: Mutex::default(), path: None, _in_use: None })
    }

    /// The same database through a connection of its own; the in-memory one cannot be shared so.
    pub fn another(&self) -> Result<Self, StoreError> {
        let path =
            self.path.as_ref().ok_or_else(|| StoreError::Unexpected("a database in memory has one user".into()))?;
        Self::open(path)
    }

    /// The file, if it is one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The lock that makes this process the one that delivers; `None` while another process has it. In memory there is nobody else.
    pub fn try_deliver_lock(&self) -> Result<Option<DeliverLock>, StoreError> {
        match &self.path {
            Some(path) => Ok(DeliverLock::try_take(path)?),
            None => Ok(Some(DeliverLock::unshared())),
        }
    }

    /// Reads, each statement seeing the latest commit.
    pub(in crate::store) fn reading(&self) -> MutexGuard<'_, Connection> {
        // A panic while the mutex was held rolled its transaction back; the connection itself is sound.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one write transaction; an error rolls it back.
    pub(in crate::store) fn writing<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.reading();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

/// Opens and prepares a connection to a file.
fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    prepare(&connection)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    // One plan a statement, whatever is bound to it: without this, SQLite plans anew each time that a value in a range or beside statistics changes, which
    // was a fifth of the time of a turn of the ledger (sqlite.org/queryplanner-ng.html, section 5.3).
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // 2 MB of page cache, which also bounds what a sort holds: memory must not grow with the list, and the system caches the file anyway.
    connection.pragma_update(None, "cache_size", -2_000)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_file_is_named_as_a_damaged_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("subscribers.db");
        std::fs::write(&path, "this is no database, but it is long enough to look like one".repeat(50)).unwrap();
        let error = Store::open(&path).unwrap_err();
        assert!(matches!(&error, StoreError::Damaged { path, .. } if path.ends_with("subscribers.db")), "{error}");
    }

    #[test]
    fn a_newer_database_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("subscribers.db");
        drop(Store::open(&path).unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 9_999).unwrap();
        assert!(matches!(Store::open(&path), Err(StoreError::Newer { found: 9_999, .. })));
    }

    #[test]
    fn one_process_delivers() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("subscribers.db")).unwrap();
        let lock = store.try_deliver_lock().unwrap();
        assert!(lock.is_some());
        assert!(store.another().unwrap().try_deliver_lock().unwrap().is_none());
        drop(lock);
        assert!(store.try_deliver_lock().unwrap().is_some());
    }
}
