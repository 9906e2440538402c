//! One file that holds an installation, and putting it back without bringing back anybody who left.
//!
//! A backup is a consistent copy of the database (`VACUUM INTO`, while others read and write) with one table more, `backup_part`, for the files
//! that belong to it. So it is written in one pass whatever its size, any SQLite shell opens it, and it needs no format of our own. It holds
//! keys and addresses: nobody but its owner may read it. Restoring needs the database to itself.

use super::people::PeopleChange;
use super::sql_types::millis;
use super::{LockError, Store, StoreError, UseLock, connect, schema};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, named_params};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// What stands in the place of the fingerprint after a restore: it is like no fingerprint, so nothing is mailed until an operator says so.
pub const RESTORED: &str = "restored";

/// A file that travels with the database: its name and bytes.
pub type Part = (String, Vec<u8>);

/// What a restore did.
#[derive(Debug, Default)]
pub struct Restored {
    /// Where the database lies now that lay there before, if one did.
    pub moved_aside: Option<PathBuf>,
    /// Suppressions that are newer than the backup.
    pub suppressions: u64,
    /// People who were erased since the backup, and again now.
    pub erased: u64,
    /// Subscriptions that somebody left since the backup, and that stay left.
    pub left: u64,
    /// People who came since the backup and are in the file moved aside alone.
    pub missing: u64,
    /// Why nothing could be taken over from the database that lay there, if so.
    pub not_merged: Option<String>,
}

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A backup never overwrites.
    #[error("{0}: there is such a file already; a backup overwrites nothing")]
    Exists(String),
    /// Not a whole backup.
    #[error("{path}: not a backup that can be restored ({reason}); nothing was changed")]
    NotABackup {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file could not be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        error: io::Error,
    },
}

impl From<rusqlite::Error> for BackupError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<LockError> for BackupError {
    fn from(error: LockError) -> Self {
        Self::Store(error.into())
    }
}

const CREATE_PARTS: &str = "
    CREATE TABLE backup_part (
        name   TEXT PRIMARY KEY,
        bytes  BLOB NOT NULL,
        sha256 BLOB NOT NULL CHECK (length(sha256) = 32)
    ) STRICT";

const PUT_PART: &str = "INSERT INTO backup_part (name, bytes, sha256) VALUES (:name, :bytes, :sha256)";

const PARTS: &str = "SELECT name, bytes, sha256 FROM backup_part ORDER BY name";

const HAS_PARTS: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'backup_part')";

impl Store {
    /// Writes a backup with the files that belong to it; never over another file. Others may go on working meanwhile.
    pub fn backup(&self, to: &Path, parts: &[Part]) -> Result<(), BackupError> {
        let failed = |error| BackupError::File { path: to.display().to_string(), error };
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(to) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(BackupError::Exists(to.display().to_string()));
            }
            Err(error) => return Err(failed(error)),
        }
        let written = self.write_backup(to, parts).and_then(|()| sync(to).map_err(failed));
        if written.is_err() {
            // Half a backup would be found one day and trusted.
            std::fs::remove_file(to).map_err(failed)?;
        }
        written
    }

    fn write_backup(&self, to: &Path, parts: &[Part]) -> Result<(), BackupError> {
        let name = to.to_str().ok_or_else(|| BackupError::File {
            path: to.display().to_string(),
            error: io::Error::new(io::ErrorKind::InvalidInput, "the name is not UTF-8"),
        })?;
        self.reading().execute("VACUUM INTO ?1", [name])?;
        let mut copy = Connection::open(to)?;
        copy.pragma_update(None, "synchronous", "FULL")?;
        let transaction = copy.transaction()?;
        transaction.execute_batch(CREATE_PARTS)?;
        for (name, bytes) in parts {
            let sha256: [u8; 32] = Sha256::digest(bytes).into();
            transaction.execute(PUT_PART, named_params! {":name": name, ":bytes": bytes, ":sha256": sha256})?;
        }
        Ok(transaction.commit()?)
    }
}

/// The files that a backup holds beside the database, each as it was put in.
pub fn parts(from: &Path) -> Result<Vec<Part>, BackupError> {
    if !from.is_file() {
        return Err(not_a_backup(from, "there is no such file"));
    }
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let damaged = |error: rusqlite::Error| not_a_backup(from, &error.to_string());
    let connection = Connection::open_with_flags(from, flags).map_err(damaged)?;
    if !connection.query_row(HAS_PARTS, [], |row| row.get::<_, bool>(0)).map_err(damaged)? {
        return Err(not_a_backup(from, "it is a database without the parts of a backup"));
    }
    let mut statement = connection.prepare(PARTS).map_err(damaged)?;
    let mut rows = statement.query([]).map_err(damaged)?;
    let mut parts = Vec::new();
    while let Some(row) = rows.next().map_err(damaged)? {
        let (name, bytes, sha256): (String, Vec<u8>, [u8; 32]) =
            (row.get(0).map_err(damaged)?, row.get(1).map_err(damaged)?, row.get(2).map_err(damaged)?);
        if sha256 != <[u8; 32]>::from(Sha256::digest(&bytes)) {
            return Err(not_a_backup(from, &format!("the part {name:?} is damaged")));
        }
        parts.push((name, bytes));
    }
    Ok(parts)
}

/// Puts the database of a backup in the place of `to`. The one that lay there is moved aside; its suppressions, erasures and leavings hold on.
pub fn restore(from: &Path, to: &Path, now: DateTime<Utc>) -> Result<Restored, BackupError> {
    let _alone = UseLock::alone(to)?;
    // Before anything is touched: is it a backup at all?
    parts(from)?;
    let copy = sibling(to, "restoring");
    let done = copy_private(from, &copy).and_then(|()| {
        let mut restored = prepare(from, &copy, to, now)?;
        if to.exists() {
            restored.moved_aside = Some(move_aside(to)?);
        }
        std::fs::rename(&copy, to).map_err(|error| failed(to, error))?;
        sync(to).map_err(|error| failed(to, error))?;
        Ok(restored)
    });
    if done.is_err() && copy.exists() {
        std::fs::remove_file(&copy).map_err(|error| failed(&copy, error))?;
    }
    done
}

/// Checks the copy and makes of it the database that it was, with what the present one knows better.
fn prepare(from: &Path, copy: &Path, present: &Path, now: DateTime<Utc>) -> Result<Restored, BackupError> {
    let mut connection = connect(copy).map_err(|error| not_a_backup(from, &error.to_string()))?;
    let sound: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if sound != "ok" {
        return Err(not_a_backup(from, &sound));
    }
    connection.execute_batch("DROP TABLE backup_part")?;
    schema::migrate(&mut connection, &from.display().to_string())?;
    // A session that was ended since, or an invitation that was taken, must not live again.
    connection.execute_batch(END_SESSIONS)?;
    let restored = if present.exists() { merge(&mut connection, present, now)? } else { Restored::default() };
    connection.execute(
        "INSERT INTO fact (name, value) VALUES ('fingerprint', ?1) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [RESTORED],
    )?;
    // The keys stood in this file, and people may have been erased in it: what is deleted shall be gone.
    connection.execute_batch("VACUUM")?;
    // One file, so that one rename puts it in place.
    connection.pragma_update(None, "journal_mode", "DELETE")?;
    Ok(restored)
}

/// Takes over from the present database what must not be undone. If it cannot be read, that is said, and nothing taken over.
fn merge(connection: &mut Connection, present: &Path, now: DateTime<Utc>) -> Result<Restored, BackupError> {
    let name = present.display().to_string();
    if let Err(error) = connection.execute("ATTACH DATABASE ?1 AS present", [&name]) {
        return Ok(Restored { not_merged: Some(error.to_string()), ..Restored::default() });
    }
    let result = refuse_newer(connection, &name).and_then(|()| {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let restored = take_over(&transaction, now)?;
        transaction.commit()?;
        Ok(restored)
    });
    let merged = match result {
        Ok(restored) => restored,
        Err(error @ StoreError::Newer { .. }) => return Err(error.into()),
        Err(error) => Restored { not_merged: Some(error.to_string()), ..Restored::default() },
    };
    connection.execute_batch("DETACH DATABASE present")?;
    Ok(merged)
}

fn refuse_newer(connection: &Connection, path: &str) -> Result<(), StoreError> {
    let found: i64 = connection.query_row("PRAGMA present.user_version", [], |row| row.get(0))?;
    let known: i64 = connection.query_row("PRAGMA main.user_version", [], |row| row.get(0))?;
    if found > known { Err(StoreError::Newer { path: path.to_owned(), found, known }) } else { Ok(()) }
}

const END_SESSIONS: &str = "
    DELETE FROM editor_session;
    DELETE FROM sign_in_failure;
    UPDATE editor SET invitation = NULL, invitation_until = NULL";

const PRESENT_HAS_EDITORS: &str =
    "SELECT EXISTS (SELECT 1 FROM present.sqlite_schema WHERE type = 'table' AND name = 'editor')";

// Who was removed since, and which password was given up, is known there. A database without an editor is a new one and knows nothing.
const TAKE_EDITORS: &str = "
    DELETE FROM main.editor WHERE EXISTS (SELECT 1 FROM present.editor);
    INSERT INTO main.editor (address, address_key, name, password, invited_at, joined_at, signed_in_at)
    SELECT address, address_key, name, password, invited_at, joined_at, signed_in_at FROM present.editor WHERE true
    ON CONFLICT (address_key) DO NOTHING";

const TAKE_SUPPRESSIONS: &str = "
    INSERT INTO main.suppression (hash, reason, at, detail)
    SELECT hash, reason, at, detail FROM present.suppression WHERE true
    ON CONFLICT (hash) DO UPDATE SET reason = excluded.reason, at = excluded.at, detail = excluded.detail
    WHERE excluded.at > suppression.at";

const TAKE_LOG: &str = "
    INSERT INTO main.suppression_log (hash, at, event, reason, detail)
    SELECT hash, at, event, reason, detail FROM present.suppression_log p
    WHERE NOT EXISTS (SELECT 1 FROM main.suppression_log l
                      WHERE l.hash = p.hash AND l.at = p.at AND l.event = p.event AND l.reason = p.reason)
    ORDER BY p.id";

const NEXT_ERASED: &str = "
    SELECT s.public_id FROM main.subscriber s
    WHERE s.erased_at IS NULL
      AND (EXISTS (SELECT 1 FROM present.subscriber p WHERE p.public_id = s.public_id AND p.erased_at IS NOT NULL)
           OR EXISTS (SELECT 1 FROM present.suppression x WHERE x.hash = s.hash AND x.reason = 'erasure'))
    LIMIT 1";

// Whoever left and asked again has not confirmed: for the backup they left.
const FIND_LEFT: &str = "
    CREATE TEMP TABLE left_since AS
    SELECT s.id AS subscriber, n.id AS newsletter, max(p.left_at) AS left_at
    FROM present.subscription p
    JOIN present.subscriber ps ON ps.id = p.subscriber AND ps.erased_at IS NULL
    JOIN present.newsletter pn ON pn.id = p.newsletter
    JOIN main.subscriber s ON s.hash = ps.hash AND s.erased_at IS NULL
    JOIN main.newsletter n ON n.slug = pn.slug
    JOIN main.subscription o ON o.subscriber = s.id AND o.newsletter = n.id AND o.status <> 'left'
    WHERE p.left_at IS NOT NULL AND o.left_at IS NULL
    GROUP BY s.id, n.id";

const RECORD_LEFT: &str = "
    INSERT INTO main.consent (subscriber, newsletter, at, event, origin)
    SELECT subscriber, newsletter, left_at, 'left', 'restore' FROM temp.left_since";

const TAKE_LEFT: &str = "
    UPDATE main.subscription SET status = 'left', left_at = l.left_at, paused_until = NULL
    FROM temp.left_since l WHERE l.subscriber = subscription.subscriber AND l.newsletter = subscription.newsletter";

const MISSING: &str = "
    SELECT count(*) FROM present.subscriber p
    WHERE p.erased_at IS NULL AND NOT EXISTS (SELECT 1 FROM main.subscriber s WHERE s.hash = p.hash)";

fn take_over(transaction: &Transaction<'_>, now: DateTime<Utc>) -> Result<Restored, StoreError> {
    let mut restored = Restored {
        suppressions: transaction.execute(TAKE_SUPPRESSIONS, [])? as u64,
        missing: transaction.query_row(MISSING, [], |row| row.get(0))?,
        ..Restored::default()
    };
    transaction.execute(TAKE_LOG, [])?;
    if transaction.query_row(PRESENT_HAS_EDITORS, [], |row| row.get::<_, bool>(0))? {
        transaction.execute_batch(TAKE_EDITORS)?;
    }
    let people = PeopleChange::inside(transaction);
    while let Some(public_id) = transaction.query_row(NEXT_ERASED, [], |row| row.get(0)).optional()? {
        let subscriber = people.by_public_id(public_id)?;
        let subscriber = subscriber.ok_or_else(|| StoreError::Unexpected("a subscriber is gone".to_owned()))?;
        people.erase(&subscriber, now)?;
        restored.erased += 1;
    }
    transaction.execute_batch(FIND_LEFT)?;
    transaction.execute(RECORD_LEFT, [])?;
    restored.left = transaction.execute(TAKE_LEFT, [])? as u64;
    transaction.execute_batch("DROP TABLE temp.left_since")?;
    transaction.execute(
        "UPDATE main.fact SET value = :now WHERE name = 'last_instant' AND CAST(value AS INTEGER) < :now",
        named_params! {":now": millis(now)},
    )?;
    Ok(restored)
}

/// Moves a database with its log to the first free name, `FILE.before-restore` or with a number.
fn move_aside(path: &Path) -> Result<PathBuf, BackupError> {
    let names =
        (1..).map(|n| sibling(path, &if n == 1 { "before-restore".to_owned() } else { format!("before-restore-{n}") }));
    let aside = names.into_iter().find(|name| !name.exists()).expect("there are more numbers than files");
    // A sound one is folded into one file first; of a damaged one the log is kept beside it.
    if let Ok(connection) = connect(path) {
        connection.pragma_update(None, "journal_mode", "DELETE").unwrap_or_default();
    }
    for suffix in ["-wal", "-shm"] {
        let (log, log_aside) = (with_suffix(path, suffix), with_suffix(&aside, suffix));
        if log.exists() {
            std::fs::rename(&log, log_aside).map_err(|error| failed(&log, error))?;
        }
    }
    std::fs::rename(path, &aside).map_err(|error| failed(path, error))?;
    Ok(aside)
}

fn copy_private(from: &Path, to: &Path) -> Result<(), BackupError> {
    let mut source = File::open(from).map_err(|error| failed(from, error))?;
    let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(to);
    let mut copy = opened.map_err(|error| failed(to, error))?;
    io::copy(&mut source, &mut copy).and_then(|_| copy.sync_all()).map_err(|error| failed(to, error))
}

/// Makes a file and its name durable.
fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn failed(path: &Path, error: io::Error) -> BackupError {
    BackupError::File { path: path.display().to_string(), error }
}

fn not_a_backup(path: &Path, reason: &str) -> BackupError {
    BackupError::NotABackup { path: path.display().to_string(), reason: reason.to_owned() }
}

fn sibling(path: &Path, suffix: &str) -> PathBuf {
    with_suffix(path, &format!(".{suffix}"))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
