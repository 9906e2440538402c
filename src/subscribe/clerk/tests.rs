//! Who gets which letter, and how many: given requests, when the clerk works them off, then letters and standings.

use super::*;
use crate::domain::subscriber::SuppressionReason;
use crate::subscribe::fixtures::{Desk, address, at, evidence_of, week};
use crate::subscribe::{
    Confirmed, Link, Taken, Visit, Which, Wish, confirm_by_link, leave, open_link, request, suppress,
};
use std::cell::Cell;

struct House {
    desk: Desk,
    rules: Rules,
    newsletters: Vec<Slug>,
    codes: Cell<u64>,
    nth: Cell<i64>,
}

impl House {
    fn new() -> Self {
        let rules = Rules { per_network: 10_000, ..Rules::default() };
        Self { desk: Desk::new(), rules, newsletters: vec![week()], codes: Cell::new(0), nth: Cell::new(0) }
    }

    fn with<T>(&self, work: impl FnOnce(&Clerk<'_>) -> T) -> T {
        let chance = || {
            self.codes.set(self.codes.get() + 1);
            (self.codes.get() | 1 << 60).to_be_bytes()
        };
        work(&Clerk {
            store: &self.desk.store,
            keyring: &self.desk.keyring,
            rules: &self.rules,
            newsletters: &self.newsletters,
            chance: &chance,
        })
    }

    /// Somebody asks on a day, and the clerk works it off.
    fn ask(&self, who: &str, day: i64) -> Worked {
        self.wish(who, day, &subscribe(""))
    }

    fn wish(&self, who: &str, day: i64, wish: &Wish) -> Worked {
        self.nth.set(self.nth.get() + 1);
        let now = at(day) + TimeDelta::seconds(self.nth.get());
        let visit = Visit { form: "page".into(), nonce: None, household: None, network: None, at: now };
        assert_eq!(request(&self.desk.store, &self.rules, &address(who), wish, &visit).unwrap(), Taken::Yes);
        self.with(|clerk| clerk.work_off_one(now)).unwrap()
    }

    /// The codes of the letters that wait, newest last.
    fn letters(&self) -> Vec<(LetterKind, [u8; 8])> {
        let mut letters = Vec::new();
        while let Some(letter) = self.desk.store.claim_letter(at(1_000), at(2_000)).unwrap() {
            letters.push((letter.kind, letter.code));
        }
        letters
    }

    fn confirm(&self, code: [u8; 8], day: i64) -> Confirmed {
        self.with(|clerk| confirm_by_link(clerk, code, &evidence_of(day))).unwrap()
    }
}

fn subscribe(topics: &str) -> Wish {
    let wanted = vec![Wanted { newsletter: week(), topics: topics.to_owned() }];
    Wish::Subscribe { terms: Terms { wanted, ..Terms::default() }, wording: "Subscribe".into() }
}

#[test]
fn who_asks_gets_one_letter_and_is_pending() {
    let house = House::new();
    assert_eq!(house.ask("Jo@example.org", 0), Worked::Letter(LetterKind::Confirm));
    assert!(matches!(house.desk.status("jo@example.org"), Some(Status::Pending { .. })));
    assert_eq!(house.letters().len(), 1);
    assert_eq!(house.with(|clerk| clerk.work_off_one(at(0))).unwrap(), Worked::Idle);
}

#[test]
fn an_address_is_asked_once_a_day_and_three_times_in_all_until_it_answers() {
    let house = House::new();
    let answers: Vec<Worked> =
        [0, 0, 2, 4, 6, 9, 400].into_iter().map(|day| house.ask("jo@example.org", day)).collect();
    let asked = Worked::Letter(LetterKind::Confirm);
    let nothing = Worked::Nothing;
    assert_eq!(answers, [asked, nothing, asked, asked, nothing, nothing, nothing]);
    let (_, last) = *house.letters().last().unwrap();
    assert!(matches!(house.confirm(last, 6), Confirmed::Yes(_)));
    leave(&house.desk.store, &address("jo@example.org"), &Which::All, &evidence_of(500)).unwrap();
    assert_eq!(house.ask("jo@example.org", 501), asked, "an answer makes the count begin anew");
}

#[test]
fn a_link_confirms_what_was_asked_and_works_once() {
    let house = House::new();
    house.wish("jo@example.org", 0, &subscribe("courts,energy"));
    let [(_, code)] = house.letters().try_into().unwrap();
    assert_eq!(house.confirm(code, 1), Confirmed::Yes(vec![week()]));
    assert_eq!(house.desk.found("jo@example.org").unwrap().subscriptions[0].choice.key(), "courts,energy");
    assert_eq!(house.confirm(code, 2), Confirmed::No);
    assert!(matches!(open_link(&house.desk.store, code, at(2)).unwrap(), Link::Used(_)));
}

#[test]
fn a_link_ends_after_its_time() {
    let house = House::new();
    house.ask("jo@example.org", 0);
    let [(_, code)] = house.letters().try_into().unwrap();
    assert!(matches!(open_link(&house.desk.store, code, at(6)).unwrap(), Link::Open(_)));
    assert!(matches!(open_link(&house.desk.store, code, at(8)).unwrap(), Link::Expired(_)));
    assert_eq!(house.confirm(code, 8), Confirmed::No);
    assert_eq!(open_link(&house.desk.store, [9; 8], at(0)).unwrap(), Link::Gone);
}

#[test]
fn a_question_that_was_left_open_is_no_way_back_in_after_leaving() {
    let house = House::new();
    house.ask("jo@example.org", 0);
    house.ask("jo@example.org", 2);
    let [(_, first), (_, second)] = house.letters().try_into().unwrap();
    house.confirm(first, 3);
    assert_eq!(house.confirm(second, 3), Confirmed::No, "overtaken by the first");
    leave(&house.desk.store, &address("jo@example.org"), &Which::All, &evidence_of(4)).unwrap();
    assert_eq!(house.confirm(second, 5), Confirmed::No);
    assert!(matches!(house.desk.status("jo@example.org"), Some(Status::Left { .. })));
}

#[test]
fn a_subscriber_is_told_so_and_nothing_of_theirs_changes() {
    let house = House::new();
    house.desk.add("jo@example.org");
    let before = house.desk.found("jo@example.org");
    assert_eq!(house.wish("jo@example.org", 1, &subscribe("courts")), Worked::Letter(LetterKind::Known));
    assert_eq!(house.wish("jo@example.org", 1, &subscribe("courts")), Worked::Nothing, "once a day");
    assert_eq!(house.desk.found("jo@example.org"), before);
}

#[test]
fn a_suppressed_address_is_asked_once_and_its_answer_lifts_the_suppression() {
    let house = House::new();
    house.desk.add("jo@example.org");
    let (store, keyring) = (&house.desk.store, &house.desk.keyring);
    suppress(store, keyring, &address("jo@example.org"), SuppressionReason::Complaint, "", at(1)).unwrap();
    assert_eq!(house.ask("jo@example.org", 2), Worked::Letter(LetterKind::Confirm));
    assert_eq!(house.ask("jo@example.org", 10), Worked::Nothing);
    let [(_, code)] = house.letters().try_into().unwrap();
    assert!(house.desk.suppressed("jo@example.org"), "asking alone frees nobody");
    house.confirm(code, 3);
    assert!(!house.desk.suppressed("jo@example.org"));
}

#[test]
fn the_private_link_goes_to_subscribers_alone() {
    let house = House::new();
    house.desk.add("jo@example.org");
    assert_eq!(house.wish("jo@example.org", 1, &Wish::Link), Worked::Letter(LetterKind::Link));
    assert_eq!(house.wish("nobody@example.org", 1, &Wish::Link), Worked::Nothing);
    assert!(house.desk.found("nobody@example.org").is_none());
    house.ask("new@example.org", 0);
    assert_eq!(house.wish("new@example.org", 2, &Wish::Link), Worked::Letter(LetterKind::Confirm), "asked once more");
}

#[test]
fn a_domain_has_its_budget() {
    let mut house = House::new();
    house.rules.per_domain = 2;
    let answers: Vec<Worked> = (0..3).map(|n| house.ask(&format!("r{n}@one.example"), 0)).collect();
    assert_eq!(answers.last(), Some(&Worked::Nothing));
    assert!(house.desk.found("r2@one.example").is_none(), "nothing is kept of whom nobody wrote to");
    assert_eq!(house.ask("r@two.example", 0), Worked::Letter(LetterKind::Confirm));
}

#[test]
fn a_mailbox_of_several_people_is_flagged_in_the_ledger_and_machines_are_refused() {
    let house = House::new();
    house.ask("Info@example.org", 0);
    let info = house.desk.found("info@example.org").unwrap();
    let consent = house.desk.store.read_people(|people| people.consent(info.id)).unwrap();
    assert_eq!(consent[0].evidence.detail.get("role").map(String::as_str), Some("info"));
    assert_eq!((consent[0].evidence.origin.as_str(), consent[0].evidence.wording.as_str()), ("page", "Subscribe"));
    assert_eq!(house.ask("postmaster@example.org", 0), Worked::Nothing);
}
