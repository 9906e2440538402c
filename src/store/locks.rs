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

/// A locked file. Unlocked when dropped, not merely closed: a process that is just being started beside us has a copy of the descriptor for a moment,
/// and as long as one copy is open, closing ours gives nothing back.
#[derive(Debug)]
struct Held(File);

impl Drop for Held {
    fn drop(&mut self) {
        // What cannot be unlocked is given back when the last copy is closed.
        let _ = self.0.unlock();
    }
}

/// The shared lock of everyone who has the database open.
#[derive(Debug)]
pub struct UseLock {
    _file: Held,
}

/// The lock of the one process that delivers; given back when dropped.
#[derive(Debug)]
pub struct DeliverLock {
    _file: Option<Held>,
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
        Ok(Self { _file: Held(file) })
    }

    /// The lock alone, for `restore`.
    pub fn alone(database: &Path) -> Result<Self, LockError> {
        let (file, path) = open(database, "use")?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: Held(file) }),
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
            Ok(()) => Ok(Some(Self { _file: Some(Held(file)) })),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_given_back_although_a_child_that_is_being_started_holds_its_descriptor() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("subscribers.db");
        let (file, _) = open(&database, "deliver").unwrap();
        file.try_lock().unwrap();
        let copy = file.try_clone().unwrap();
        let lock = DeliverLock { _file: Some(Held(file)) };
        assert!(DeliverLock::try_take(&database).unwrap().is_none());
        drop(lock);
        assert!(DeliverLock::try_take(&database).unwrap().is_some());
        drop(copy);
    }
}
