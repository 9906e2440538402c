//! Whether this database still lies where it mailed from: a copied or moved one must not mail until somebody says so, or two machines would send
//! the same issue. Decides only that; who mails asks here first.

use crate::entropy::Entropy;
use crate::store::backup::RESTORED;
use crate::store::{Store, StoreError};
use sha2::{Digest, Sha256};
use std::fmt;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The fact under which the store keeps the fingerprint.
const FACT: &str = "fingerprint";

/// Where an operating system keeps the id of the machine.
pub const MACHINE_ID: &str = "/etc/machine-id";

/// What tells one installation from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// A hash of the machine's id: the id itself is not for passing on (machine-id(5)).
    machine: String,
    /// The database's canonical path.
    path: String,
    /// Its device and inode, which a copy does not have.
    file: String,
}

/// What a fingerprint says beside the stored one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Installation {
    /// Where it mailed from.
    Same,
    /// None is stored: nothing was ever mailed from it.
    New,
    /// Elsewhere; what differs, in sentences.
    Moved(Vec<String>),
}

/// Why nobody can say where the database lies.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    /// The machine has no id and none can be kept.
    #[error("machine id {path}: {error}")]
    Machine {
        /// The file.
        path: String,
        /// What the system said.
        error: io::Error,
    },
    /// The database file cannot be looked at.
    #[error("database {path}: {error}")]
    Database {
        /// The file.
        path: String,
        /// What the system said.
        error: io::Error,
    },
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fingerprint {
    /// The fingerprint of a database file on a machine.
    pub fn of(database: &Path, machine_id: &str) -> Result<Self, InstallationError> {
        let failed = |error| InstallationError::Database { path: database.display().to_string(), error };
        let path = database.canonicalize().map_err(failed)?;
        let metadata = std::fs::metadata(&path).map_err(failed)?;
        let hash = Sha256::digest(format!("week-in-review {}", machine_id.trim()));
        Ok(Self {
            machine: hash[..8].iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")),
            path: path.display().to_string(),
            file: format!("{}:{}", metadata.dev(), metadata.ino()),
        })
    }

    fn parse(text: &str) -> Option<Self> {
        // The path stands last: it may hold spaces.
        let mut parts = text.splitn(3, ' ').map(str::to_owned);
        let (machine, file, path) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { machine, path, file })
    }

    /// Compares this fingerprint with the stored one.
    pub fn against(&self, stored: Option<&str>) -> Installation {
        let Some(stored) = stored else { return Installation::New };
        if stored == RESTORED {
            return Installation::Moved(vec!["the database was restored from a backup".to_owned()]);
        }
        let Some(stored) = Self::parse(stored) else {
            return Installation::Moved(vec!["the stored fingerprint cannot be read".to_owned()]);
        };
        let mut differs = Vec::new();
        if self.machine != stored.machine {
            differs.push("the machine is another one".to_owned());
        }
        if self.path != stored.path {
            differs.push(format!("the database lay at {} and lies at {}", stored.path, self.path));
        }
        if self.file != stored.file {
            differs.push("the database file is a copy, or was restored".to_owned());
        }
        if differs.is_empty() { Installation::Same } else { Installation::Moved(differs) }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.machine, self.file, self.path)
    }
}

/// Compares the place of a store with the one it remembers. A store in memory has no place and is always the same.
pub fn examine(store: &Store, machine_id: &str) -> Result<Installation, InstallationError> {
    let Some(path) = store.path() else { return Ok(Installation::Same) };
    Ok(Fingerprint::of(path, machine_id)?.against(store.fact(FACT)?.as_deref()))
}

/// Makes this the place that mails: at the first start, and when an operator says so.
pub fn settle(store: &Store, machine_id: &str) -> Result<(), InstallationError> {
    let Some(path) = store.path() else { return Ok(()) };
    Ok(store.set_fact(FACT, &Fingerprint::of(path, machine_id)?.to_string())?)
}

/// The id of this machine: the operating system's, else one of our own in `fallback`, which is made when it is not there. Containers often have no
/// id; then `fallback` must lie outside the data folder, or a copy of the folder would bring it along.
pub fn machine_id(system: &Path, fallback: &Path, entropy: &Entropy) -> Result<String, InstallationError> {
    let known = |path: &Path| {
        let id = std::fs::read_to_string(path).ok()?.trim().to_owned();
        // A machine that has not been set up yet says so (machine-id(5)).
        (!id.is_empty() && id != "uninitialized").then_some(id)
    };
    if let Some(id) = known(system).or_else(|| known(fallback)) {
        return Ok(id);
    }
    let failed = |error| InstallationError::Machine { path: fallback.display().to_string(), error };
    let id = entropy.bytes::<16>().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    if let Some(folder) = fallback.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(fallback, format!("{id}\n")).map_err(failed)?;
    Ok(id)
}

/// Where our own machine id lies when the system has none: the folder for state of the user's that runs this, not the one of the data.
pub fn fallback_id_file(environment: &std::collections::BTreeMap<String, String>) -> PathBuf {
    let set = |name: &str| environment.get(name).filter(|value| Path::new(value).is_absolute()).map(PathBuf::from);
    let state = set("XDG_STATE_HOME").or_else(|| Some(set("HOME")?.join(".local/state")));
    state.unwrap_or_else(|| PathBuf::from("/var/tmp")).join("week-in-review.machine-id")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(folder: &Path) -> PathBuf {
        let path = folder.join("subscribers.db");
        let store = Store::open(&path).unwrap();
        assert_eq!(examine(&store, "one").unwrap(), Installation::New);
        settle(&store, "one").unwrap();
        assert_eq!(examine(&store, "one\n").unwrap(), Installation::Same);
        path
    }

    fn differences(path: &Path, machine: &str) -> Vec<String> {
        match examine(&Store::open(path).unwrap(), machine).unwrap() {
            Installation::Moved(differs) => differs,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn another_machine_is_noticed_until_it_is_settled_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = settled(folder.path());
        assert_eq!(differences(&path, "two"), ["the machine is another one"]);
        let store = Store::open(&path).unwrap();
        settle(&store, "two").unwrap();
        assert_eq!(examine(&store, "two").unwrap(), Installation::Same);
    }

    #[test]
    fn a_copied_folder_is_noticed_and_the_original_goes_on() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = settled(folder.path());
        let copy = other.path().join("subscribers.db");
        std::fs::copy(&path, &copy).unwrap();
        let differs = differences(&copy, "one");
        assert_eq!(differs.len(), 2, "{differs:?}");
        assert!(
            differs[0].starts_with("the database lay at ")
                && differs[1] == "the database file is a copy, or was restored"
        );
        assert_eq!(examine(&Store::open(&path).unwrap(), "one").unwrap(), Installation::Same);
    }

    #[test]
    fn a_restored_file_in_the_old_place_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = settled(folder.path());
        std::fs::copy(&path, folder.path().join("backup")).unwrap();
        std::fs::rename(folder.path().join("backup"), &path).unwrap();
        assert_eq!(differences(&path, "one"), ["the database file is a copy, or was restored"]);
    }

    #[test]
    fn a_folder_with_spaces_in_its_name_is_itself() {
        let folder = tempfile::tempdir().unwrap();
        let spaced = folder.path().join("our  week");
        std::fs::create_dir(&spaced).unwrap();
        settled(&spaced);
    }

    #[test]
    fn a_machine_without_an_id_gets_one_that_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (system, own) = (folder.path().join("machine-id"), folder.path().join("state/id"));
        std::fs::write(&system, "uninitialized\n").unwrap();
        let first = machine_id(&system, &own, &Entropy::seeded(1)).unwrap();
        assert_eq!(first.len(), 32);
        assert_eq!(machine_id(&system, &own, &Entropy::seeded(2)).unwrap(), first);
        std::fs::write(&system, "0123456789abcdef0123456789abcdef\n").unwrap();
        assert_eq!(machine_id(&system, &own, &Entropy::seeded(3)).unwrap(), "0123456789abcdef0123456789abcdef");
    }

    #[test]
    fn a_stored_fingerprint_that_cannot_be_read_does_not_pass_for_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = settled(folder.path());
        Store::open(&path).unwrap().set_fact("fingerprint", "garbage").unwrap();
        assert_eq!(differences(&path, "one"), ["the stored fingerprint cannot be read"]);
    }
}
