//! Backups made, moved and restored, as operators and readers meet them.

use super::*;
use crate::config::EXAMPLE;
use crate::domain::address::EmailAddress;
use crate::domain::consent::Evidence;
use crate::domain::issue::Choice;
use crate::domain::subscriber::{Status, Subscriber, SuppressionReason};
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use crate::domain::token::{Claim, Purpose};
use crate::entropy::Entropy;
use crate::installation::{self, Installation};
use crate::subscribe::{self, Asking, FromLink, OneClick, Which};
use std::os::unix::fs::PermissionsExt;

fn now() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn evidence() -> Evidence {
    Evidence::new(now(), "test")
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// An installation in a folder of its own.
struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn installed() -> Self {
        let machine = Self::empty();
        std::fs::write(machine.path("week.toml"), EXAMPLE).unwrap();
        keys::create(&machine.config().keys, &Entropy::seeded(7)).unwrap();
        for of in ["stays", "leaves", "erased", "bounces"] {
            machine.add(of);
        }
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The settings that keep this machine in its folder.
    fn environment(&self) -> Environment {
        let here = |name: &str| self.path(name).display().to_string();
        Environment::from([
            ("WEEK_IN_REVIEW__DATABASE__PATH".to_owned(), here("subscribers.db")),
            ("WEEK_IN_REVIEW__KEYS__FILE".to_owned(), here("keys")),
        ])
    }

    fn config(&self) -> Config {
        Config::load(&self.path("week.toml"), &self.environment()).unwrap()
    }

    fn keyring(&self) -> Keyring {
        keys::load(&self.path("keys"), None).unwrap()
    }

    fn store(&self) -> Store {
        Store::open(&self.path("subscribers.db")).unwrap()
    }

    fn add(&self, name: &str) {
        let asking = Asking {
            address: address(&format!("{name}@example.org")),
            name: Line::default(),
            language: None,
            newsletters: vec![Slug::parse("week").unwrap()],
            choice: Choice::Everything,
        };
        let id = Entropy::System.bytes();
        subscribe::add_confirmed(&self.store(), &self.keyring(), &asking, false, id, &evidence()).unwrap();
    }

    fn found(&self, name: &str) -> Option<Subscriber> {
        let address = address(&format!("{name}@example.org"));
        self.store().read_people(|people| people.by_address(&address)).unwrap()
    }

    fn suppressed(&self, name: &str) -> bool {
        let hash = self.keyring().suppression_hash(&address(&format!("{name}@example.org")));
        self.store().read_people(|people| people.suppression(&hash)).unwrap().is_some()
    }

    fn backup(&self, name: &str) -> PathBuf {
        let file = self.path(name);
        let args = BackupArgs { file: file.clone() };
        run_backup(&args, &self.config(), &self.store(), &self.keyring(), &mut Vec::new()).unwrap();
        file
    }

    fn restore(&self, file: &Path) -> Result<String, String> {
        let mut out = Vec::new();
        let args = RestoreArgs { file: file.to_owned() };
        let config = self.path("week.toml");
        let places = Places { config: &config, database: None };
        match run_restore(&args, places, &self.environment(), now(), &mut out) {
            Ok(()) => Ok(String::from_utf8(out).unwrap()),
            Err(error) => Err(format!("{error:#}")),
        }
    }
}

#[test]
fn a_backup_restored_on_an_empty_machine_is_locked_and_its_old_links_work() {
    let old = Machine::installed();
    installation::settle(&old.store(), "machine one").unwrap();
    let token = old.keyring().url_token(Claim {
        purpose: Purpose::Unsubscribe,
        newsletter: 1,
        public_id: old.found("stays").unwrap().public_id,
        epoch: 0,
    });
    subscribe::erase(&old.store(), &old.keyring(), &address("erased@example.org"), "test", now()).unwrap();
    let file = old.backup("one.backup");

    let new = Machine::empty();
    let said = new.restore(&file).unwrap();
    assert!(said.contains("nothing is mailed until you run: week-in-review unlock"), "{said}");
    assert_eq!(std::fs::read_to_string(new.path("week.toml")).unwrap(), EXAMPLE);
    for name in ["keys", "subscribers.db", "week.toml"] {
        assert_eq!(std::fs::metadata(new.path(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    let Installation::Moved(why) = installation::examine(&new.store(), "machine two").unwrap() else { panic!() };
    assert_eq!(why, ["the database was restored from a backup"]);
    let bytes = std::fs::read(new.path("subscribers.db")).unwrap();
    assert!(memchr::memmem::find(&bytes, b"suppression = \"").is_none(), "no key is left in the database");
    let left = subscribe::leave_by_token(&new.store(), &new.keyring(), &token, FromLink::Newsletter, &evidence());
    assert_eq!(left.unwrap(), OneClick::Left { newsletter: Slug::parse("week").ok() });
    assert!(matches!(new.found("stays").unwrap().subscriptions[0].status, Status::Left { .. }));
    assert!(new.suppressed("erased") && new.found("erased").is_none());
}

#[test]
fn whoever_left_was_suppressed_or_erased_since_the_backup_stays_so() {
    let machine = Machine::installed();
    let file = machine.backup("one.backup");
    let (store, keyring) = (machine.store(), machine.keyring());
    subscribe::leave(&store, &address("leaves@example.org"), &Which::All, &evidence()).unwrap();
    subscribe::erase(&store, &keyring, &address("erased@example.org"), "test", now()).unwrap();
    let bounces = address("bounces@example.org");
    subscribe::suppress(&store, &keyring, &bounces, SuppressionReason::HardBounce, "", now()).unwrap();
    drop(store);
    machine.add("newcomer");

    let said = machine.restore(&file).unwrap();
    for words in [
        "2  suppressions newer",
        "1  people erased since",
        "1  subscriptions left since",
        "1  people who came since",
        "subscribers.db.before-restore",
    ] {
        assert!(said.contains(words), "{words:?} in {said}");
    }
    assert!(matches!(machine.found("stays").unwrap().subscriptions[0].status, Status::Active { .. }));
    assert!(matches!(machine.found("leaves").unwrap().subscriptions[0].status, Status::Left { .. }));
    assert!(machine.found("erased").is_none() && machine.suppressed("erased"));
    assert!(machine.suppressed("bounces"));
    let bytes = std::fs::read(machine.path("subscribers.db")).unwrap();
    assert!(memchr::memmem::find(&bytes, b"erased@example.org").is_none());
    // And once more: nothing is lost of what was moved aside before.
    machine.restore(&file).unwrap();
    assert!(machine.path("subscribers.db.before-restore").exists());
    assert!(machine.path("subscribers.db.before-restore-2").exists());
    assert!(machine.suppressed("erased"));
}

#[test]
fn links_signed_since_the_backup_still_work() {
    let machine = Machine::installed();
    let file = machine.backup("one.backup");
    keys::rotate(&machine.path("keys"), None, &[], &Entropy::seeded(8)).unwrap();
    let claim = Claim { purpose: Purpose::Unsubscribe, newsletter: 1, public_id: [1; 8], epoch: 0 };
    let token = machine.keyring().url_token(claim);
    machine.restore(&file).unwrap();
    assert!(machine.keyring().verify(&token, Purpose::Unsubscribe).is_ok());
}

#[test]
fn a_backup_overwrites_nothing_and_only_its_owner_reads_it() {
    let machine = Machine::installed();
    let file = machine.backup("one.backup");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let before = std::fs::read(&file).unwrap();
    let args = BackupArgs { file: file.clone() };
    let again = run_backup(&args, &machine.config(), &machine.store(), &machine.keyring(), &mut Vec::new());
    assert!(again.unwrap_err().to_string().ends_with("a backup overwrites nothing"));
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn what_is_no_whole_backup_changes_nothing() {
    let machine = Machine::installed();
    let file = machine.backup("one.backup");
    let whole = std::fs::read(&file).unwrap();
    let before = std::fs::read(machine.path("keys")).unwrap();
    let cases: [(&str, Vec<u8>); 3] = [
        ("text", b"not a backup".to_vec()),
        ("half", whole[..whole.len() / 2].to_vec()),
        ("database", std::fs::read(machine.path("subscribers.db")).unwrap()),
    ];
    for (name, bytes) in cases {
        std::fs::write(machine.path(name), bytes).unwrap();
        let error = machine.restore(&machine.path(name)).unwrap_err();
        assert!(error.contains("not a backup that can be restored"), "{name}: {error}");
    }
    assert!(machine.restore(&machine.path("nowhere")).unwrap_err().contains("there is no such file"));
    assert!(machine.found("stays").is_some());
    assert_eq!(std::fs::read(machine.path("keys")).unwrap(), before);
    assert!(!machine.path("subscribers.db.restoring").exists());
}

#[test]
fn a_database_in_use_is_not_replaced() {
    let machine = Machine::installed();
    let file = machine.backup("one.backup");
    let _running = machine.store();
    assert!(machine.restore(&file).unwrap_err().contains("stop them first"));
}

#[test]
fn a_damaged_database_is_replaced_and_said_to_be_unread() {
    let machine = Machine::installed();
    let file = machine.backup("one.backup");
    std::fs::write(machine.path("subscribers.db"), "rubbish ".repeat(2_000)).unwrap();
    let said = machine.restore(&file).unwrap();
    assert!(said.contains("could not be read"), "{said}");
    assert!(machine.found("stays").is_some());
}

#[test]
fn a_backup_of_another_installation_does_not_replace_this_one() {
    let file_of_another = Machine::installed();
    let file = file_of_another.backup("one.backup");
    let machine = Machine::installed();
    std::fs::remove_file(machine.path("keys")).unwrap();
    keys::create(&machine.path("keys"), &Entropy::seeded(99)).unwrap();
    assert!(machine.restore(&file).unwrap_err().contains("not of the installation that made the backup"));
    // On a fresh machine, where `init` has made keys and nobody subscribed yet, the backup's keys take their place.
    std::fs::remove_file(machine.path("subscribers.db")).unwrap();
    assert!(machine.restore(&file).unwrap().contains("keys.before-restore"));
    assert_eq!(machine.keyring().suppression().0, file_of_another.keyring().suppression().0);
}

#[test]
fn a_backup_of_a_newer_version_is_refused() {
    let machine = Machine::installed();
    let file = machine.backup("one.backup");
    let bytes = std::fs::read(&file).unwrap();
    // The schema's number stands at offset 60 of the file, big-endian (SQLite file format 1.3).
    let mut newer = bytes.clone();
    newer[60..64].copy_from_slice(&9_999_u32.to_be_bytes());
    std::fs::write(machine.path("newer"), newer).unwrap();
    assert!(machine.restore(&machine.path("newer")).unwrap_err().contains("written by a newer version"));
    assert!(machine.found("stays").is_some());
}
