//! The keys of an installation: a file that only its owner may read, or the variable [`VARIABLE`] with the same words. Never printed, never
//! overwritten, never thrown away: an old key still lets readers leave.
//!
//! One key a line, `NAME = "SECRET"`, lines starting with `#` ignored; in the variable a semicolon does for a line break. `suppression` is the
//! key of suppression hashes, `key-N` a key that signs, `retired-N` one that only verifies unsubscribing.

use crate::domain::token::{Key, Keyring, SuppressionKey};
use crate::entropy::Entropy;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// The variable that may hold the keys instead of a file.
pub const VARIABLE: &str = "WEEK_IN_REVIEW_KEYS";

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// Nobody has made them yet.
    #[error("key file {0}: there is none; make it with \"week-in-review init\", or restore the one of your backup")]
    Missing(String),
    /// Others than the owner may read it.
    #[error("key file {0}: others on this machine may read it; run: chmod 600 {0}")]
    Open(String),
    /// What it says is no keys. Says nothing of what stands there instead.
    #[error("{0}: {1}")]
    Malformed(String, String),
    /// The keys come from the variable, so there is no file to change.
    #[error("the keys come from the variable {VARIABLE}; unset it and keep them in a file to rotate them")]
    FromVariable,
    /// A key that cannot be retired.
    #[error("key {0}: {1}")]
    NotRetired(u8, &'static str),
    /// The ids have run out.
    #[error("key file {0}: it holds 255 keys, the most there can be")]
    Full(String),
    /// The system refuses.
    #[error("key file {path}: {error}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        error: io::Error,
    },
}

/// The keys of the variable, if it is set, else those of the file.
pub fn load(path: &Path, variable: Option<&str>) -> Result<Keyring, KeysError> {
    match variable {
        Some(text) => parse(&format!("variable {VARIABLE}"), &text.replace(';', "\n")),
        None => parse(&format!("key file {}", path.display()), &read(path)?),
    }
}

/// Makes the file with fresh keys; `false` when there is one already, which is left as it is.
pub fn create(path: &Path, entropy: &Entropy) -> Result<bool, KeysError> {
    let key = Key { id: 1, secret: entropy.bytes(), retired: false };
    let ring = Keyring::new(vec![key], SuppressionKey(entropy.bytes())).expect("one key that is not retired is a ring");
    match private().create_new(true).open(path) {
        Ok(file) => fill(file, &ring).map_err(|error| failed(path, error)).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(failed(path, error)),
    }
}

/// Adds a key, which signs from now on, and retires those named. Returns its id. The file is replaced as a whole or not at all.
pub fn rotate(path: &Path, variable: Option<&str>, retire: &[u8], entropy: &Entropy) -> Result<u8, KeysError> {
    if variable.is_some() {
        return Err(KeysError::FromVariable);
    }
    let ring = load(path, None)?;
    let mut keys = ring.keys().to_vec();
    for id in retire {
        let key = keys.iter_mut().find(|key| key.id == *id);
        let key = key.ok_or(KeysError::NotRetired(*id, "there is no such key"))?;
        if key.retired {
            return Err(KeysError::NotRetired(*id, "it is retired already"));
        }
        key.retired = true;
    }
    let last = keys.last().map_or(0, |key| key.id);
    let id = last.checked_add(1).ok_or_else(|| KeysError::Full(path.display().to_string()))?;
    keys.push(Key { id, secret: entropy.bytes(), retired: false });
    let ring =
        Keyring::new(keys, ring.suppression().clone()).expect("the new key has an id of its own and is not retired");
    replace(path, &ring).map_err(|error| failed(path, error))?;
    Ok(id)
}

/// The keys as the file holds them, for a backup.
pub fn text(ring: &Keyring) -> secrecy::SecretString {
    let mut text = String::from(
        "# The keys of week-in-review. Whoever has them can forge readers' links, and without them old links stop working. Keep them, tell nobody.\n",
    );
    let mut line = |name: &str, secret: &[u8; 32]| {
        writeln!(text, "{name} = \"{}\"", URL_SAFE_NO_PAD.encode(secret)).expect("a string takes all that is written");
    };
    line("suppression", &ring.suppression().0);
    for key in ring.keys() {
        let state = if key.retired { "retired" } else { "key" };
        line(&format!("{state}-{}", key.id), &key.secret);
    }
    text.into()
}

/// Reads what [`text`] wrote; `what` names it in errors.
pub fn from_text(what: &str, text: &str) -> Result<Keyring, KeysError> {
    parse(what, text)
}

/// Puts keys in the place of the file, as a whole or not at all.
pub fn write(path: &Path, ring: &Keyring) -> Result<(), KeysError> {
    replace(path, ring).map_err(|error| failed(path, error))
}

fn read(path: &Path) -> Result<String, KeysError> {
    let mut file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => KeysError::Missing(path.display().to_string()),
        _ => failed(path, error),
    })?;
    let metadata = file.metadata().map_err(|error| failed(path, error))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(KeysError::Open(path.display().to_string()));
    }
    io::read_to_string(&mut file).map_err(|error| failed(path, error))
}

fn parse(what: &str, text: &str) -> Result<Keyring, KeysError> {
    let malformed = |reason: String| KeysError::Malformed(what.to_owned(), reason);
    let (mut keys, mut suppression) = (Vec::new(), None);
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let bad = |reason: &str| malformed(format!("line {number}: {reason}"));
        let (name, secret) = line.split_once('=').ok_or_else(|| bad("must be NAME = \"SECRET\""))?;
        let secret = URL_SAFE_NO_PAD.decode(secret.trim().trim_matches('"')).ok();
        let secret: Option<[u8; 32]> = secret.and_then(|bytes| bytes.try_into().ok());
        let secret = secret.ok_or_else(|| bad("the secret is not 32 bytes in base64url"))?;
        match name.trim().split_once('-') {
            None if name.trim() == "suppression" && suppression.is_none() => suppression = Some(SuppressionKey(secret)),
            Some((state @ ("key" | "retired"), id)) => {
                let id = id.parse().ok().filter(|id| *id > 0).ok_or_else(|| bad("a key has an id from 1 to 255"))?;
                keys.push(Key { id, secret, retired: state == "retired" });
            }
            _ => return Err(bad("a name is suppression (once), key-N or retired-N")),
        }
    }
    let suppression = suppression.ok_or_else(|| malformed("the suppression key is missing".to_owned()))?;
    let ring = Keyring::new(keys, suppression);
    ring.ok_or_else(|| {
        malformed("the key with the highest id must be one that is not retired, and ids differ".to_owned())
    })
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

fn fill(mut file: File, ring: &Keyring) -> io::Result<()> {
    use secrecy::ExposeSecret;
    file.write_all(text(ring).expose_secret().as_bytes())?;
    file.sync_all()
}

/// Writes a new file beside the old one and puts it in its place: a crash leaves one of the two, whole.
fn replace(path: &Path, ring: &Keyring) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let file = private().create(true).truncate(true).open(&beside)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    fill(file, ring)?;
    std::fs::rename(&beside, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn failed(path: &Path, error: io::Error) -> KeysError {
    KeysError::File { path: path.display().to_string(), error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::token::{Claim, Purpose};
    use secrecy::ExposeSecret;
    use std::path::PathBuf;

    fn made() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("week.keys");
        assert!(create(&path, &Entropy::seeded(1)).unwrap());
        (folder, path)
    }

    fn claim(purpose: Purpose) -> Claim {
        Claim { purpose, newsletter: 1, public_id: *b"abcdefgh", epoch: 0 }
    }

    #[test]
    fn keys_are_made_once_for_the_owner_alone() {
        let (_folder, path) = made();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let before = std::fs::read(&path).unwrap();
        assert!(!create(&path, &Entropy::seeded(2)).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[test]
    fn links_signed_before_a_rotation_keep_working() {
        let (_folder, path) = made();
        let old = load(&path, None).unwrap();
        assert_eq!(rotate(&path, None, &[], &Entropy::seeded(3)).unwrap(), 2);
        let ring = load(&path, None).unwrap();
        assert!(ring.verify(&old.url_token(claim(Purpose::Preferences)), Purpose::Preferences).is_ok());
        assert_ne!(ring.url_token(claim(Purpose::Confirm)), old.url_token(claim(Purpose::Confirm)));
        assert_eq!(ring.suppression().0, old.suppression().0);
    }

    #[test]
    fn a_retired_key_stays_in_the_file_for_those_who_leave() {
        let (_folder, path) = made();
        let old = load(&path, None).unwrap();
        rotate(&path, None, &[1], &Entropy::seeded(3)).unwrap();
        let ring = load(&path, None).unwrap();
        assert!(ring.verify(&old.url_token(claim(Purpose::Unsubscribe)), Purpose::Unsubscribe).is_ok());
        assert!(ring.verify(&old.url_token(claim(Purpose::Preferences)), Purpose::Preferences).is_err());
        let said = |retire: &[u8]| rotate(&path, None, retire, &Entropy::seeded(4)).unwrap_err().to_string();
        assert_eq!(said(&[7]), "key 7: there is no such key");
        assert_eq!(said(&[1]), "key 1: it is retired already");
        assert_eq!(load(&path, None).unwrap().keys().len(), 2);
    }

    #[test]
    fn the_variable_wins_over_the_file_and_cannot_be_rotated() {
        let (_folder, path) = made();
        let words = text(&load(&path, None).unwrap()).expose_secret().replace('\n', ";");
        let ring = load(Path::new("/nowhere"), Some(&words)).unwrap();
        assert_eq!(ring.keys().len(), 1);
        assert!(matches!(rotate(&path, Some(&words), &[], &Entropy::seeded(5)), Err(KeysError::FromVariable)));
    }

    #[test]
    fn a_file_that_others_may_read_is_refused_with_the_command_that_mends_it() {
        let (_folder, path) = made();
        for mode in [0o640, 0o604] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let said = load(&path, None).unwrap_err().to_string();
            assert!(said.ends_with(&format!("run: chmod 600 {}", path.display())), "{said}");
        }
    }

    #[test]
    fn what_is_no_key_file_is_refused_without_showing_it() {
        let secret = URL_SAFE_NO_PAD.encode([7; 32]);
        let cases = [
            (String::new(), "the suppression key is missing"),
            (format!("suppression = \"{secret}\""), "the key with the highest id must be one that is not retired"),
            (format!("suppression = \"{secret}\"\nretired-1 = \"{secret}\""), "must be one that is not retired"),
            (format!("suppression = \"{secret}\";key-1 = \"{secret}\";key-1 = \"{secret}\""), "ids differ"),
            ("suppression = \"hunter2\"".to_owned(), "line 1: the secret is not 32 bytes in base64url"),
            (format!("key-0 = \"{secret}\""), "line 1: a key has an id from 1 to 255"),
            (format!("other = \"{secret}\""), "line 1: a name is suppression (once), key-N or retired-N"),
            ("hunter2".to_owned(), "line 1: must be NAME = \"SECRET\""),
        ];
        for (text, reason) in cases {
            let said = load(Path::new("x"), Some(&text)).unwrap_err().to_string();
            assert!(said.starts_with("variable WEEK_IN_REVIEW_KEYS: ") && said.contains(reason), "{said}");
            assert!(!said.contains("hunter2") && !said.contains(&secret));
        }
        assert!(load(Path::new("/nowhere/k"), None).unwrap_err().to_string().contains("/nowhere/k: there is none"));
    }
}
