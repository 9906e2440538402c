//! What the tests of this module share: a small desk with a database, keys and a clock that stands where a test puts it.

use super::{Asking, add_confirmed, ask};
use crate::domain::address::EmailAddress;
use crate::domain::consent::{ConsentEvent, Evidence};
use crate::domain::issue::Choice;
use crate::domain::subscriber::{Status, Subscriber};
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use crate::domain::token::{Claim, Key, Keyring, Purpose, SuppressionKey};
use crate::store::Store;
use chrono::{DateTime, TimeDelta, Utc};
use std::cell::Cell;
use std::path::Path;

pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) keyring: Keyring,
    next_id: Cell<u64>,
}

pub(crate) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub(crate) fn week() -> Slug {
    Slug::parse("week-in-review").unwrap()
}

pub(crate) fn at(day: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::days(day)
}

pub(crate) fn evidence_of(day: i64) -> Evidence {
    Evidence::new(at(day), "test")
}

pub(crate) fn asking_for(to: &str) -> Asking {
    Asking {
        address: address(to),
        name: Line::default(),
        language: None,
        newsletters: vec![week()],
        choice: Choice::Everything,
    }
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with(Store::in_memory().unwrap())
    }

    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self::with(Store::open(&folder.join("subscribers.db")).unwrap())
    }

    fn with(store: Store) -> Self {
        let keys = vec![Key { id: 1, secret: [1; 32], retired: false }];
        let keyring = Keyring::new(keys, SuppressionKey([9; 32])).unwrap();
        let desk = Self { store, keyring, next_id: Cell::new(1) };
        desk.store.newsletter_id(&week(), at(0)).unwrap();
        desk
    }

    pub(crate) fn public_id(&self) -> [u8; 8] {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        (id << 20).to_be_bytes()
    }

    pub(crate) fn ask(&self, to: &str) {
        ask(&self.store, &self.keyring, &asking_for(to), self.public_id(), &evidence_of(0)).unwrap();
    }

    pub(crate) fn add(&self, to: &str) {
        let evidence = evidence_of(0).with("proof", "card");
        add_confirmed(&self.store, &self.keyring, &asking_for(to), false, self.public_id(), &evidence).unwrap();
    }

    pub(crate) fn found(&self, of: &str) -> Option<Subscriber> {
        self.store.read_people(|people| people.by_address(&address(of))).unwrap()
    }

    pub(crate) fn status(&self, of: &str) -> Option<Status> {
        self.found(of)?.subscriptions.first().map(|subscription| subscription.status)
    }

    pub(crate) fn events(&self, of: &str) -> Vec<ConsentEvent> {
        let id = self.found(of).unwrap().id;
        let entries = self.store.read_people(|people| people.consent(id)).unwrap();
        entries.into_iter().map(|entry| entry.event).collect()
    }

    pub(crate) fn suppressed(&self, of: &str) -> bool {
        let hash = self.keyring.suppression_hash(&address(of));
        self.store.read_people(|people| people.suppression(&hash)).unwrap().is_some()
    }

    pub(crate) fn token(&self, of: &str, purpose: Purpose) -> String {
        let public_id = self.found(of).unwrap().public_id;
        self.keyring.url_token(Claim { purpose, newsletter: 1, public_id, epoch: 0 })
    }

    pub(crate) fn unsubscribe_token(&self, of: &str) -> String {
        self.token(of, Purpose::Unsubscribe)
    }

    pub(crate) fn token_for(&self, public_id: [u8; 8]) -> String {
        self.keyring.url_token(Claim { purpose: Purpose::Unsubscribe, newsletter: 1, public_id, epoch: 0 })
    }
}
