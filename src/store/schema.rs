//! The schema and its migrations: an append-only list counted by `user_version`. An older file is copied before it is touched.

use super::locks::NeedsAlone;
use super::{StoreError, connect};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// Every migration ever released, in order. Never edit one; append the next.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_the_words.sql"),
    include_str!("../../migrations/0002_editors.sql"),
    include_str!("../../migrations/0003_the_archive.sql"),
    include_str!("../../migrations/0004_visiting.sql"),
    include_str!("../../migrations/0005_pictures.sql"),
    include_str!("../../migrations/0006_readers.sql"),
    include_str!("../../migrations/0007_fit.sql"),
    include_str!("../../migrations/0008_relays.sql"),
    include_str!("../../migrations/0009_the_hand.sql"),
    include_str!("../../migrations/0010_returned_mail.sql"),
    include_str!("../../migrations/0011_preflight.sql"),
    include_str!("../../migrations/0012_reopened.sql"),
    include_str!("../../migrations/0013_dates.sql"),
    include_str!("../../migrations/0014_found_by.sql"),
    include_str!("../../migrations/0015_corrections.sql"),
    include_str!("../../migrations/0016_rankings.sql"),
    include_str!("../../migrations/0017_again.sql"),
    include_str!("../../migrations/0018_arriving.sql"),
    include_str!("../../migrations/0019_receivers.sql"),
    include_str!("../../migrations/0020_quiet_hours.sql"),
    include_str!("../../migrations/0021_machines.sql"),
    include_str!("../../migrations/0022_open_at_crash.sql"),
    include_str!("../../migrations/0023_names_as_written.sql"),
    include_str!("../../migrations/0024_ttl.sql"),
    include_str!("../../migrations/0025_withdrawn_pictures.sql"),
    include_str!("../../migrations/0026_kept_documents.sql"),
];

/// Copies of older files that are kept beside the database.
const COPIES: usize = 3;

/// Brings the file up to date; the caller has it to itself.
pub(super) fn bring_up_to_date(path: &Path) -> Result<NeedsAlone, StoreError> {
    restrict(path)?;
    let mut connection = connect(path)?;
    let version = version(&connection)?;
    if version > 0 && (version as usize) < MIGRATIONS.len() {
        copy_aside(&connection, path, version)?;
    }
    migrate(&mut connection, &path.display().to_string())?;
    Ok(NeedsAlone)
}

/// Whether the file waits for a migration that needs it alone; an error if it is ahead of this program, whose newer version may be the one that
/// has it open.
pub(super) fn is_behind(path: &Path) -> Result<bool, StoreError> {
    let found = version(&connect(path)?)?;
    refuse_newer(found, &path.display().to_string())?;
    Ok((found as usize) < MIGRATIONS.len())
}

fn refuse_newer(found: i64, path: &str) -> Result<(), StoreError> {
    let known = MIGRATIONS.len() as i64;
    if found > known { Err(StoreError::Newer { path: path.to_owned(), found, known }) } else { Ok(()) }
}

/// Applies what is missing, each migration in a transaction of its own.
pub(super) fn migrate(connection: &mut Connection, path: &str) -> Result<(), StoreError> {
    let found = version(connection)?;
    refuse_newer(found, path)?;
    for (n, sql) in MIGRATIONS.iter().enumerate().skip(found as usize) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", n as i64 + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// The database holds addresses: nobody but its owner reads it, from its first byte on.
fn restrict(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let failed = |error| StoreError::File { path: path.display().to_string(), error };
    let file =
        std::fs::OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).map_err(failed)?;
    let mut permissions = file.metadata().map_err(failed)?.permissions();
    if permissions.mode() & 0o077 != 0 {
        permissions.set_mode(0o600);
        file.set_permissions(permissions).map_err(failed)?;
    }
    Ok(())
}

fn copy_aside(connection: &Connection, path: &Path, version: i64) -> Result<(), StoreError> {
    let copy = sibling(path, &format!("before-{}", version + 1));
    let failed = |path: &Path, error| StoreError::File { path: path.display().to_string(), error };
    if copy.exists() {
        std::fs::remove_file(&copy).map_err(|error| failed(&copy, error))?;
    }
    connection.execute("VACUUM INTO ?1", [copy.display().to_string()])?;
    restrict(&copy)?;
    for old in 1..=(version - COPIES as i64 + 1) {
        let stale = sibling(path, &format!("before-{old}"));
        if stale.exists() {
            std::fs::remove_file(&stale).map_err(|error| failed(&stale, error))?;
        }
    }
    Ok(())
}

fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_file_is_copied_before_it_is_migrated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("subscribers.db");
        bring_up_to_date(&path).unwrap();
        let connection = connect(&path).unwrap();
        copy_aside(&connection, &path, 1).unwrap();
        let copy = folder.path().join("subscribers.db.before-2");
        assert_eq!(version(&connect(&copy).unwrap()).unwrap(), MIGRATIONS.len() as i64);
    }

    #[test]
    fn nobody_else_may_read_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("subscribers.db");
        bring_up_to_date(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
