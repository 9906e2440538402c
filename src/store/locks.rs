//! Locks between processes, held by the operating system, so that a killed process never leaves one behind.
//!
//! `FILE.use` is held shared by everyone who has the database open; a migration and `restore` need it alone. `FILE.deliver` is held by the one
//! process that delivers.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// Why a lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else has the database open.
    #[error(
        "database {0}: other processes have it open; stop them first (systemctl stop week-in-review), then try again"
    )]
    InUse(String),
    /// The lock file cannot be made or locked.
    #[error("lock file {path}: {error}")]
    File {
        /// The lock file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
}

/// The shared lock of everyone who has the database open.
#[derive(Debug)]
pub struct UseLock {
    _file: File,
}

/// The lock of the one process that delivers; given back when dropped.
#[derive(Debug)]
pub struct DeliverLock {
    _file: Option<File>,
}

impl UseLock {
    /// Runs `migrate` with the database to itself if nobody else has it open (else it has been brought up to date already, or `migrate` says
    /// that it cannot be), then holds it shared.
    pub(super) fn migrate_then_share(
        database: &Path,
        migrate: impl FnOnce() -> Result<NeedsAlone, super::StoreError>,
    ) -> Result<Self, super::StoreError> {
        let (file, path) = open(database, "use")?;
        let failed = |error| LockError::File { path: path.display().to_string(), error };
        match file.try_lock() {
            Ok(()) => {
                migrate()?;
                file.unlock().map_err(failed)?;
                file.lock_shared().map_err(failed)?;
            }
            Err(TryLockError::WouldBlock) => {
                // Waits while somebody migrates or restores; goes on at once beside those who merely use it.
                file.lock_shared().map_err(failed)?;
                if super::schema::is_behind(database)? {
                    return Err(LockError::InUse(database.display().to_string()).into());
                }
            }
            Err(TryLockError::Error(error)) => return Err(failed(error).into()),
        }
        Ok(Self { _file: file })
    }

    /// The lock alone, for `restore`.
    pub fn alone(database: &Path) -> Result<Self, LockError> {
        let (file, path) = open(database, "use")?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::InUse(database.display().to_string())),
            Err(TryLockError::Error(error)) => Err(LockError::File { path: path.display().to_string(), error }),
        }
    }
}

/// What a migration found; a marker that it ran with the database to itself.
pub(super) struct NeedsAlone;

impl DeliverLock {
    pub(super) fn try_take(database: &Path) -> Result<Option<Self>, LockError> {
        let (file, path) = open(database, "deliver")?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: Some(file) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(LockError::File { path: path.display().to_string(), error }),
        }
    }

    pub(super) fn unshared() -> Self {
        Self { _file: None }
    }
}

fn open(database: &Path, purpose: &str) -> Result<(File, PathBuf), LockError> {
    let mut name = database.as_os_str().to_owned();
    name.push(".");
    name.push(purpose);
    let path = PathBuf::from(name);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| LockError::File { path: path.display().to_string(), error })?;
    Ok((file, path))
}
