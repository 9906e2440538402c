//! The outbox folder: a Maildir (`tmp`, `new`, `cur`) that any mail program opens. Delivers nothing further.
//!
//! A file's name follows from the Message-ID, so a delivery that is tried again replaces its file instead of adding a second one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use memchr::memmem;
use sha2::{Digest, Sha256};

use crate::mail::mailer::OpenError;
use crate::mail::reply::HandOver;

/// A folder to put messages in.
#[derive(Debug, Clone)]
pub struct Outbox {
    path: PathBuf,
}

impl Outbox {
    /// An outbox at `path`, which is made when it is opened.
    pub fn new(path: impl Into<PathBuf>) -> Outbox {
        Outbox { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folders, for their owner only.
    pub async fn open(&self) -> Result<OutboxSession, OpenError> {
        let path = self.path.clone();
        let error = |why: &dyn std::fmt::Display| OpenError::Outbox {
            path: self.path.display().to_string(),
            why: why.to_string(),
        };
        let made = tokio::task::spawn_blocking(move || make_folders(&path)).await;
        made.map_err(|e| error(&e))?.map_err(|e| error(&e))?;
        Ok(OutboxSession { path: self.path.clone(), is_broken: false })
    }
}

fn make_folders(path: &Path) -> io::Result<()> {
    for folder in ["tmp", "new", "cur"] {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path.join(folder))?;
    }
    Ok(())
}

/// An open outbox.
#[derive(Debug)]
pub struct OutboxSession {
    path: PathBuf,
    is_broken: bool,
}

impl OutboxSession {
    /// Puts one message into `new`, on the disk before it says so.
    pub async fn send(&mut self, message: &[u8]) -> HandOver {
        let (path, name, message) = (self.path.clone(), file_name(message), message.to_vec());
        let reply = format!("in {}", Path::new("new").join(&name).display());
        let written = tokio::task::spawn_blocking(move || put(&path, &name, &message)).await;
        match written.map_err(io::Error::other).flatten() {
            Ok(()) => HandOver::Accepted { reply },
            Err(error) => {
                self.is_broken = true;
                HandOver::NotHandedOver { why: format!("outbox \"{}\": {error}", self.path.display()) }
            }
        }
    }

    /// Whether a write has failed.
    pub fn is_broken(&self) -> bool {
        self.is_broken
    }
}

/// Writes to `tmp`, then moves to `new`: a mail program never sees half a message (the Maildir convention).
fn put(path: &Path, name: &str, message: &[u8]) -> io::Result<()> {
    let unfinished = path.join("tmp").join(name);
    let folder = path.join("new");
    let written = write_file(&unfinished, message).and_then(|()| fs::rename(&unfinished, folder.join(name)));
    if written.is_err() {
        // What cannot be removed either is overwritten by the next attempt.
        let _ = fs::remove_file(&unfinished);
    }
    written?;
    // The name, too, must survive a power failure.
    File::open(&folder)?.sync_all()
}

fn write_file(path: &Path, message: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(message)?;
    file.sync_all()
}

/// The hash of the Message-ID, or of the whole message where there is none.
fn file_name(message: &[u8]) -> String {
    let hash = Sha256::digest(message_id(message).unwrap_or(message));
    let number = hash[..12].iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
    format!("{number:024x}.eml")
}

fn message_id(message: &[u8]) -> Option<&[u8]> {
    const NAME: &[u8] = b"\nmessage-id:";
    let head = &message[..memmem::find(message, b"\r\n\r\n")?];
    let at = head.windows(NAME.len()).position(|text| text.eq_ignore_ascii_case(NAME))? + NAME.len();
    let value = head[at..].split(|byte| *byte == b'\r').next()?.trim_ascii();
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &Path) -> Vec<String> {
        let entries = fs::read_dir(path).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[tokio::test]
    async fn a_message_lands_whole_in_new_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/outbox");
        let mut session = Outbox::new(&path).open().await.unwrap();
        let message = b"Message-Id: x\r\nMessage-ID: <1@example.org>\r\n\r\nbody\r\n";
        assert!(matches!(session.send(message).await, HandOver::Accepted { .. }));
        let [name] = names(&path.join("new")).try_into().unwrap();
        let file = path.join("new").join(name);
        assert_eq!(fs::read(&file).unwrap(), message);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file), 0o600);
        assert!(["tmp", "new", "cur"].iter().all(|folder| mode(&path.join(folder)) == 0o700));
        assert!(names(&path.join("tmp")).is_empty());
    }

    #[tokio::test]
    async fn the_same_delivery_again_replaces_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = Outbox::new(folder.path()).open().await.unwrap();
        for (id, body) in [("1", "a"), ("2", "b"), ("1", "c")] {
            let message = format!("Subject: x\r\nMessage-ID: <{id}@example.org>\r\n\r\n{body}");
            session.send(message.as_bytes()).await;
        }
        let mut bodies: Vec<String> = names(&folder.path().join("new"))
            .iter()
            .map(|name| fs::read_to_string(folder.path().join("new").join(name)).unwrap())
            .map(|text| text.rsplit('\n').next().unwrap().to_owned())
            .collect();
        bodies.sort();
        assert_eq!(bodies, ["b", "c"]);
    }

    #[tokio::test]
    async fn a_folder_that_went_away_hands_nothing_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = Outbox::new(folder.path()).open().await.unwrap();
        fs::remove_dir(folder.path().join("tmp")).unwrap();
        assert!(matches!(session.send(b"x").await, HandOver::NotHandedOver { .. }));
        assert!(session.is_broken());
    }

    #[tokio::test]
    async fn a_file_in_the_way_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Outbox::new(file.path()).open().await.unwrap_err();
        assert!(error.to_string().contains(file.path().to_str().unwrap()), "{error}");
        assert!(!error.is_temporary());
    }
}
