//! Returned messages in a folder: a Maildir that a mail server delivers to, or the spool. Each is moved or removed once it was taken in, so that a
//! stop in the middle loses none.

use super::{Count, LOOKED_AT, Taker, spool};
use crate::store::StoreError;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Messages taken in one go; the next go takes the rest.
const AT_ONCE: usize = 1_000;

/// Why a folder was not read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder, or a message in it.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: String,
        /// What the system said.
        error: io::Error,
    },
    /// The database; the messages stay for the next time.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn failed(path: &Path, error: io::Error) -> FolderError {
    FolderError::File { path: path.display().to_string(), error }
}

/// Takes in the new messages of a Maildir and files them as read.
pub fn take_maildir(folder: &Path, taker: &Taker<'_>) -> Result<Count, FolderError> {
    let (new, read) = (folder.join("new"), folder.join("cur"));
    if !new.is_dir() {
        let error = io::Error::new(io::ErrorKind::NotFound, "is no Maildir: it has no folder \"new\"");
        return Err(failed(folder, error));
    }
    fs::create_dir_all(&read).map_err(|error| failed(&read, error))?;
    take_each(&new, taker, |path, _| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let base = name.split(":2,").next().unwrap_or_default();
        fs::rename(path, read.join(format!("{base}:2,S")))
    })
}

/// Takes in what lies in the spool and puts it away.
pub fn take_spool(folder: &Path, taker: &Taker<'_>) -> Result<Count, FolderError> {
    if !folder.is_dir() {
        return Ok(Count::default());
    }
    take_each(folder, taker, |path, message| spool::put_away(folder, path, message))
}

/// Messages, and bytes of them, that are carried out together.
const BATCH: usize = 200;
const BATCH_BYTES: usize = 8 << 20;

fn take_each(
    folder: &Path,
    taker: &Taker<'_>,
    done: impl Fn(&Path, &[u8]) -> io::Result<()>,
) -> Result<Count, FolderError> {
    let mut count = Count::default();
    let (mut paths, mut batch, mut bytes) = (Vec::new(), Vec::new(), 0);
    let mut waiting = messages(folder)?.into_iter().peekable();
    while let Some(path) = waiting.next() {
        match beginning(&path) {
            Ok(message) => {
                bytes += message.len();
                batch.push(message);
                paths.push(path);
            }
            // Another process was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!("a returned message cannot be read and is passed over: {error}"),
        }
        if batch.len() < BATCH && bytes < BATCH_BYTES && waiting.peek().is_some() {
            continue;
        }
        count = count.and(taker.take(&batch)?);
        for (path, message) in paths.drain(..).zip(&batch) {
            match done(&path, message) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&path, error)),
                _ => {}
            }
        }
        batch.clear();
        bytes = 0;
    }
    Ok(count)
}

/// The messages of a folder in the order of their names. Links and folders are none: anybody may drop something into a spool.
fn messages(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, error))? {
        let entry = entry.map_err(|error| failed(folder, error))?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !is_hidden && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            found.push(entry.path());
        }
        if found.len() == AT_ONCE {
            break;
        }
    }
    found.sort();
    Ok(found)
}

fn beginning(path: &Path) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    File::open(path)?.take(LOOKED_AT).read_to_end(&mut message)?;
    Ok(message)
}
