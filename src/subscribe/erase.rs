//! Erasing a person: what is left is the keyed hash of their address, so that no file brings them back.

use super::SubscribeError;
use crate::domain::address::EmailAddress;
use crate::domain::consent::{ConsentEvent, Evidence};
use crate::domain::subscriber::SuppressionReason;
use crate::domain::token::Keyring;
use crate::store::Store;
use crate::store::subscribers::Traces;
use chrono::{DateTime, Utc};

/// What an erasure did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// Whether anybody here had the address. It is suppressed either way.
    pub was_known: bool,
    /// Whether the bytes of the database are free of it.
    pub traces: Traces,
}

/// Erases whoever has this address. Safe to repeat, for example when another process kept the log from being emptied.
pub fn erase(
    store: &Store,
    keyring: &Keyring,
    address: &EmailAddress,
    origin: &str,
    now: DateTime<Utc>,
) -> Result<Erased, SubscribeError> {
    let hash = keyring.suppression_hash(address);
    let typed = store.change_people::<_, SubscribeError>(|people| {
        let found = people.by_address(address)?;
        if let Some(subscriber) = &found {
            people.erase(subscriber, now)?;
            people.append_consent(subscriber.id, None, ConsentEvent::Erased, &Evidence::new(now, origin))?;
        }
        people.suppress(&hash, SuppressionReason::Erasure, "", now)?;
        Ok(found.map(|subscriber| subscriber.address))
    })?;
    let mut texts = vec![address.key(), address.as_str().to_owned(), address.ascii()];
    texts.extend(typed.iter().map(|typed| typed.as_str().to_owned()));
    Ok(Erased { was_known: typed.is_some(), traces: store.wipe_traces(&texts)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::subscriber::SubscriberId;
    use crate::domain::text::Line;
    use crate::store::subscribers::{Filter, NewSubscriber};
    use crate::subscribe::fixtures::{Desk, address, asking_for, at, evidence_of};
    use crate::subscribe::{ask_for, lift, suppress};

    #[test]
    fn an_erased_address_is_in_no_byte_of_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk::in_folder(folder.path());
        for n in 0..400 {
            desk.add(&format!("reader{n}@example.org"));
        }
        let mut asking = asking_for("Jo.Reader@Example.ORG");
        asking.name = Line::clean("Josephine Distinctive");
        let evidence = evidence_of(1).with("proof", "card signed by jo.reader@example.org");
        ask_for(&desk.store, &desk.keyring, &asking, [9; 8], &evidence).unwrap();
        let jo = address("jo.reader@example.org");
        suppress(
            &desk.store,
            &desk.keyring,
            &jo,
            SuppressionReason::Operator,
            "wrote from jo.reader@example.org",
            at(2),
        )
        .unwrap();
        lift(&desk.store, &desk.keyring, &jo, "jo.reader@example.org asked", at(3)).unwrap();
        let erased = erase(&desk.store, &desk.keyring, &jo, "test", at(4)).unwrap();
        assert_eq!(erased, Erased { was_known: true, traces: Traces::None });
        for suffix in ["", "-wal", "-shm"] {
            let bytes = std::fs::read(folder.path().join(format!("subscribers.db{suffix}"))).unwrap();
            let text = String::from_utf8_lossy(&bytes).to_lowercase();
            assert!(!text.contains("jo.reader@"), "in subscribers.db{suffix}");
            assert!(!text.contains("josephine"), "in subscribers.db{suffix}");
        }
        assert!(desk.found("jo.reader@example.org").is_none());
        assert!(desk.found("reader7@example.org").is_some());
        let error = ask_for(&desk.store, &desk.keyring, &asking, [8; 8], &evidence).unwrap_err();
        assert!(matches!(error, SubscribeError::Suppressed { reason: SuppressionReason::Erasure, .. }));
    }

    #[test]
    fn somebody_unknown_can_be_kept_out_for_ever() {
        let desk = Desk::new();
        let erased = erase(&desk.store, &desk.keyring, &address("x@example.org"), "test", at(0)).unwrap();
        assert!(!erased.was_known);
        assert!(desk.suppressed("x@example.org"));
    }

    #[test]
    fn the_erased_are_in_no_list() {
        let desk = Desk::new();
        desk.add("a@example.org");
        desk.add("b@example.org");
        erase(&desk.store, &desk.keyring, &address("a@example.org"), "test", at(2)).unwrap();
        let page = desk.store.read_people(|people| people.page(&Filter::default(), SubscriberId(0), 10)).unwrap();
        assert_eq!(page.iter().map(|listed| listed.subscriber.address.as_str()).collect::<Vec<_>>(), ["b@example.org"]);
        let again = NewSubscriber {
            public_id: [3; 8],
            address: &address("a@example.org"),
            hash: [0; 32],
            name: &Line::default(),
            language: None,
            created_at: at(3),
        };
        desk.store.change_people(|people| people.insert_subscriber(&again)).unwrap();
    }
}
