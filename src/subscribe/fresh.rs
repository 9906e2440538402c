//! What a forwarded digest must not allow: to see one's data, to be erased, to change the address. Each asks once more by a fresh mail to the present
//! address, whose link lasts an hour; a new address confirms for itself, and the old one may undo it for a week.

use super::clerk::Clerk;
use super::link::{Link, Opened, open};
use super::{Erased, SubscribeError, erase};
use crate::domain::address::EmailAddress;
use crate::domain::consent::{ConsentEvent, Evidence};
use crate::domain::letter::{LetterKind, Terms};
use crate::domain::subscriber::{Status, Subscriber};
use crate::store::people::{People, PeopleChange};
use crate::store::{Store, StoreError};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

/// Fresh mails of one kind to one address within ten minutes, and within a day.
const FRESH: [(TimeDelta, u32); 2] = [(TimeDelta::minutes(10), 1), (TimeDelta::hours(24), 5)];

/// Writes the fresh mail to somebody's present address. Nothing where one went out a moment ago.
pub fn ask_fresh(
    clerk: &Clerk<'_>,
    person: &Subscriber,
    kind: LetterKind,
    evidence: &Evidence,
) -> Result<(), SubscribeError> {
    clerk.store.change_people(|people| {
        let hash = clerk.keyring.suppression_hash(&person.address);
        for (span, most) in FRESH {
            if people.letter_counts(&hash, kind, evidence.at - span)?.0 >= most {
                return Ok(());
            }
        }
        let terms = about(person);
        clerk.write(people, kind, person.id, &person.address, None, &terms, &evidence.origin, evidence.at)?;
        Ok(())
    })
}

/// Asks at a new address whether the change is meant. The same answer whatever is known of it: who gets newsletters there already is told so.
pub fn ask_move(
    clerk: &Clerk<'_>,
    code: [u8; 8],
    to: &EmailAddress,
    evidence: &Evidence,
) -> Result<bool, SubscribeError> {
    clerk.store.change_people(|people| {
        let Link::Open(opened) = open(people, code, evidence.at)? else { return Ok(false) };
        if opened.letter.kind != LetterKind::Address {
            return Ok(false);
        }
        people.letter_used(code, evidence.at)?;
        let (person, terms) = (&opened.person, about(&opened.person));
        let taken = people.by_address(to)?;
        if let Some(other) = taken.filter(|other| other.id != person.id && is_reader(other)) {
            let known = people.letter_counts(
                &clerk.keyring.suppression_hash(to),
                LetterKind::Known,
                evidence.at - TimeDelta::days(1),
            )?;
            if known.0 == 0 {
                let terms = about(&other);
                clerk.write(people, LetterKind::Known, other.id, to, None, &terms, &evidence.origin, evidence.at)?;
            }
        } else if clerk.may_ask(people, to, evidence.at)? {
            clerk.write(people, LetterKind::Move, person.id, to, Some(to), &terms, &evidence.origin, evidence.at)?;
        }
        Ok(true)
    })
}

/// The new address confirms: everything goes there from now on, and the old one is told.
pub fn move_by_link(clerk: &Clerk<'_>, code: [u8; 8], evidence: &Evidence) -> Result<bool, SubscribeError> {
    clerk.store.change_people(|people| {
        let Link::Open(opened) = open(people, code, evidence.at)? else { return Ok(false) };
        let Opened { letter, person } = *opened;
        let (LetterKind::Move, Some(to)) = (letter.kind, letter.address) else { return Ok(false) };
        people.letter_used(code, evidence.at)?;
        if !take_address(clerk, people, &person, &to, evidence)? {
            return Ok(false);
        }
        people.lift(&clerk.keyring.suppression_hash(&to), "confirmed as a new address", "", evidence.at)?;
        let (kind, old) = (LetterKind::Moved, &person.address);
        clerk.write(people, kind, person.id, old, Some(old), &about(&person), &evidence.origin, evidence.at)?;
        Ok(true)
    })
}

/// The old address says that it was not meant: everything goes there again, and links in other hands end.
pub fn undo_move(clerk: &Clerk<'_>, code: [u8; 8], evidence: &Evidence) -> Result<bool, SubscribeError> {
    clerk.store.change_people(|people| {
        let Link::Open(opened) = open(people, code, evidence.at)? else { return Ok(false) };
        let Opened { letter, person } = *opened;
        let (LetterKind::Moved, Some(old)) = (letter.kind, letter.address) else { return Ok(false) };
        people.letter_used(code, evidence.at)?;
        take_address(clerk, people, &person, &old, &evidence.clone().with("undone", "yes"))
    })
}

/// Gives a person another address. A row that already has it and gets nothing is erased for it; one that gets something stays, and nothing is done.
fn take_address(
    clerk: &Clerk<'_>,
    people: &PeopleChange<'_>,
    person: &Subscriber,
    to: &EmailAddress,
    evidence: &Evidence,
) -> Result<bool, SubscribeError> {
    if let Some(other) = people.by_address(to)?.filter(|other| other.id != person.id) {
        if is_reader(&other) {
            return Ok(false);
        }
        people.erase(&other, evidence.at)?;
        people.append_consent(
            other.id,
            None,
            ConsentEvent::Erased,
            &Evidence::new(evidence.at, "address taken over"),
        )?;
    }
    for kind in [LetterKind::Data, LetterKind::Erase, LetterKind::Address, LetterKind::Move, LetterKind::Confirm] {
        people.overtake_letters(person.id, kind, evidence.at)?;
    }
    people.put_address(person.id, to, clerk.keyring.suppression_hash(to))?;
    people.append_consent(person.id, None, ConsentEvent::Moved, evidence)?;
    Ok(true)
}

/// Erases whoever a fresh mail was sent to.
pub fn erase_by_link(
    clerk: &Clerk<'_>,
    code: [u8; 8],
    origin: &str,
    now: DateTime<Utc>,
) -> Result<Option<Erased>, SubscribeError> {
    let link = clerk.store.read_people(|people| open(people, code, now))?;
    let Link::Open(opened) = link else { return Ok(None) };
    if opened.letter.kind != LetterKind::Erase {
        return Ok(None);
    }
    erase(clerk.store, clerk.keyring, &opened.person.address, origin, now).map(Some)
}

/// Everything that is stored about a person, for themselves (GDPR articles 15 and 20).
pub fn dossier(store: &Store, person: &Subscriber) -> Result<Value, StoreError> {
    store.read_people(|people| {
        let consent = people.consent(person.id)?;
        let history: Vec<Value> = consent
            .iter()
            .map(|entry| {
                json!({
                    "at": instant(entry.evidence.at), "event": entry.event.as_str(),
                    "newsletter": entry.newsletter.as_ref().map(ToString::to_string), "by": entry.evidence.origin,
                    "shown": entry.evidence.wording, "network": entry.evidence.network, "detail": entry.evidence.detail,
                })
            })
            .collect();
        Ok(json!({
            "address": person.address.as_str(), "name": person.name.as_str(), "language": person.language.as_ref().map(ToString::to_string),
            "format": person.format.as_str(), "since": instant(person.created_at), "subscriptions": subscriptions(people, person)?,
            "history": history,
        }))
    })
}

fn subscriptions(people: &People<'_>, person: &Subscriber) -> Result<Vec<Value>, StoreError> {
    let standings = people.standings(person.id)?.into_iter();
    Ok(standings
        .map(|(_, newsletter, standing)| {
            json!({
                "newsletter": newsletter.as_str(), "status": standing.stage.as_str(), "topics": standing.choice.key(),
                "asked_at": standing.asked_at.map(instant), "confirmed_at": standing.confirmed_at.map(instant),
                "paused_until": standing.paused_until.map(instant), "left_at": standing.left_at.map(instant),
            })
        })
        .collect())
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What somebody gets, so that a letter is in the name and language of it.
fn about(person: &Subscriber) -> Terms {
    let on = person.subscriptions.iter().filter(|one| is_on(one.status));
    let wanted = on.map(|one| crate::domain::letter::Wanted::new(one.newsletter.clone(), &one.choice)).collect();
    Terms { wanted, language: person.language.clone(), plain: false }
}

fn is_reader(person: &Subscriber) -> bool {
    person.subscriptions.iter().any(|one| is_on(one.status))
}

fn is_on(status: Status) -> bool {
    matches!(status, Status::Active { .. } | Status::Paused { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signup::Rules;
    use crate::domain::tag::Slug;
    use crate::store::subscribers::Traces;
    use crate::subscribe::fixtures::{Desk, address, at, evidence_of, week};
    use crate::subscribe::open_link;
    use std::cell::Cell;

    struct House {
        desk: Desk,
        newsletters: Vec<Slug>,
        codes: Cell<u64>,
    }

    impl House {
        fn new(desk: Desk) -> Self {
            desk.add("old@example.org");
            Self { desk, newsletters: vec![week()], codes: Cell::new(1) }
        }

        fn with<T>(&self, work: impl FnOnce(&Clerk<'_>) -> Result<T, SubscribeError>) -> T {
            let chance = || {
                self.codes.set(self.codes.get() + 1);
                (self.codes.get() | 7 << 50).to_be_bytes()
            };
            let rules = Rules::default();
            let (store, keyring) = (&self.desk.store, &self.desk.keyring);
            work(&Clerk { store, keyring, rules: &rules, newsletters: &self.newsletters, chance: &chance }).unwrap()
        }

        fn fresh(&self, of: &str, kind: LetterKind, day: i64) {
            let person = self.desk.found(of).unwrap();
            self.with(|clerk| ask_fresh(clerk, &person, kind, &evidence_of(day)));
        }

        fn letter(&self) -> ([u8; 8], Option<EmailAddress>) {
            let letter = self.desk.store.claim_letter(at(1_000), at(2_000)).unwrap().unwrap();
            (letter.code, letter.address)
        }

        /// Somebody changes their address on a day, up to the confirmation.
        fn change(&self, to: &str, day: i64) -> bool {
            self.fresh("old@example.org", LetterKind::Address, day);
            let (code, _) = self.letter();
            assert!(self.with(|clerk| ask_move(clerk, code, &address(to), &evidence_of(day))));
            let (code, _) = self.letter();
            self.with(|clerk| move_by_link(clerk, code, &evidence_of(day)))
        }
    }

    #[test]
    fn a_new_address_confirms_and_the_old_one_may_undo_it_for_a_week() {
        let house = House::new(Desk::new());
        let before = house.desk.found("old@example.org").unwrap();
        assert!(house.change("new@example.org", 2));
        assert!(house.desk.found("old@example.org").is_none());
        let moved = house.desk.found("new@example.org").unwrap();
        assert_eq!((moved.id, moved.epoch), (before.id, before.epoch + 1), "old links end");
        assert_eq!(moved.subscriptions, before.subscriptions);
        let (undo, to) = house.letter();
        assert_eq!(to, Some(address("old@example.org")), "the old one is told");
        assert!(matches!(open_link(&house.desk.store, undo, at(10)).unwrap(), Link::Expired(_)));
        assert!(house.with(|clerk| undo_move(clerk, undo, &evidence_of(8))));
        assert!(house.desk.found("new@example.org").is_none() && house.desk.found("old@example.org").is_some());
        assert!(!house.with(|clerk| undo_move(clerk, undo, &evidence_of(8))), "once");
    }

    #[test]
    fn an_address_that_gets_newsletters_already_is_told_so_and_nothing_moves() {
        let house = House::new(Desk::new());
        house.desk.add("other@example.org");
        assert!(!house.change("other@example.org", 2));
        assert!(house.desk.found("old@example.org").is_some());
        assert!(house.desk.found("other@example.org").is_some());
    }

    #[test]
    fn a_fresh_link_is_for_one_thing_and_lasts_an_hour() {
        let house = House::new(Desk::new());
        house.fresh("old@example.org", LetterKind::Data, 1);
        house.fresh("old@example.org", LetterKind::Data, 1);
        let (code, _) = house.letter();
        assert!(house.desk.store.claim_letter(at(1_000), at(2_000)).unwrap().is_none(), "one within ten minutes");
        assert_eq!(house.with(|clerk| erase_by_link(clerk, code, "test", at(1))), None, "not for erasing");
        assert!(!house.with(|clerk| ask_move(clerk, code, &address("new@example.org"), &evidence_of(1))));
        let open = |minutes| open_link(&house.desk.store, code, at(1) + TimeDelta::minutes(minutes)).unwrap();
        assert!(matches!(open(59), Link::Open(_)) && matches!(open(60), Link::Expired(_)));
        let Link::Open(opened) = open(1) else { panic!() };
        let dossier = dossier(&house.desk.store, &opened.person).unwrap();
        assert_eq!(
            (&dossier["address"], &dossier["history"][0]["event"]),
            (&json!("old@example.org"), &json!("asked"))
        );
    }

    #[test]
    fn who_erases_themselves_is_in_no_byte_of_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let house = House::new(Desk::in_folder(folder.path()));
        assert!(house.change("very.new@example.org", 1));
        house.fresh("very.new@example.org", LetterKind::Erase, 2);
        let (_, _) = house.letter();
        let (code, _) = house.letter();
        let erased = house.with(|clerk| erase_by_link(clerk, code, "erase page", at(2))).unwrap();
        assert_eq!(erased.traces, Traces::None);
        for suffix in ["", "-wal"] {
            let bytes = std::fs::read(folder.path().join(format!("subscribers.db{suffix}"))).unwrap();
            let text = String::from_utf8_lossy(&bytes).to_lowercase();
            assert!(!text.contains("very.new@") && !text.contains("old@example"), "in subscribers.db{suffix}");
        }
        assert!(matches!(open_link(&house.desk.store, code, at(2)).unwrap(), Link::Gone));
    }
}
