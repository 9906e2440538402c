//! Reopening an issue: who gets which revision, and that nobody gets two.

use super::*;
use crate::domain::delivery::{DeliveryState, Outcome, Recipient};
use crate::domain::fit::Fit;
use crate::domain::subscriber::Format;
use crate::domain::text::Language;
use crate::store::issues::Variant;
use crate::store::ledger::{ProcessId, Turn, Turned, Used};
use crate::store::seeds::{noon, number, run, sending_issue, subscribers};
use std::collections::BTreeSet;

const READERS: i64 = 12;

struct Room {
    store: Store,
    newsletter: u16,
    issue: IssueId,
}

impl Room {
    /// Twelve readers, and an issue that goes out to them.
    fn new() -> Self {
        let store = Store::in_memory().unwrap();
        let newsletter = subscribers(&store, READERS);
        let issue = sending_issue(&store, newsletter, "<p>old", "old");
        Self { store, newsletter, issue }
    }

    fn turn(&self, outcomes: &[Outcome], room: usize) -> Turned {
        let turn = Turn {
            issue: self.issue,
            process: ProcessId([1; 16]),
            outcomes,
            used: Used::default(),
            room,
            wary_room: room,
            closed: &[],
            now: noon(),
        };
        self.store.turn(&turn).unwrap()
    }

    /// Takes six recipients, the first three of whom have it, one is to be tried again, one was in doubt, one was refused; and stops.
    fn stop_in_the_middle(&self) -> Vec<Recipient> {
        use DeliveryState::{Accepted, Deferred, InDoubt, Refused};
        let claimed = self.turn(&[], 6).claimed;
        let states = [Accepted, Accepted, Accepted, Deferred, InDoubt, Refused];
        let outcomes: Vec<Outcome> =
            std::iter::zip(&claimed, states).map(|(recipient, state)| outcome(recipient, state)).collect();
        self.turn(&outcomes, 0);
        assert!(self.store.move_issue(self.issue, &[IssueState::Sending], IssueState::Paused, None, noon()).unwrap());
        claimed
    }

    fn reopen(&self) -> Reopened {
        self.store.reopen_issue(self.issue, "reopened").unwrap()
    }

    /// Approves it and freezes it with another text; the row of the new variant.
    fn freeze_anew(&self, html: &str) -> i64 {
        assert_eq!(self.store.release_issue(self.issue, None, noon()).unwrap(), Released::Yes);
        let variant = Variant {
            cut_key: "k".into(),
            language: Language::english(),
            format: Format::Html,
            subject: "The week".into(),
            html: html.into(),
            text: "new".into(),
            stories: 1,
            fit: Fit::default(),
        };
        let english = Language::english();
        let wishes = self.store.wishes(self.newsletter, &english, noon()).unwrap();
        let wishes: Vec<_> = wishes.into_iter().map(|wish| (wish, Some(0))).collect();
        let frozen = self.store.freeze_issue(self.issue, &[variant], &wishes, &english, noon()).unwrap();
        frozen.unwrap();
        number(&self.store, "SELECT max(id) FROM variant")
    }

    /// Delivers all that is left; whom, and which variant each got.
    fn deliver(&self) -> Vec<(i64, i64)> {
        let mut got = Vec::new();
        let mut outcomes = Vec::new();
        loop {
            let turned = self.turn(&outcomes, 5);
            outcomes = turned.claimed.iter().map(|recipient| outcome(recipient, DeliveryState::Accepted)).collect();
            got.extend(turned.claimed.iter().map(|recipient| (recipient.subscriber, recipient.variant)));
            if turned.claimed.is_empty() {
                assert!(turned.tally.is_finished(), "{:?}", turned.tally);
                return got;
            }
        }
    }
}

fn outcome(recipient: &Recipient, state: DeliveryState) -> Outcome {
    Outcome {
        place: recipient.place,
        state,
        at: noon(),
        retry_at: Some(noon()),
        code: None,
        enhanced: None,
        reply: None,
        relay_id: None,
    }
}

#[test]
fn before_the_first_claim_nothing_is_left_of_the_freeze() {
    let room = Room::new();
    assert_eq!(room.reopen(), Reopened::Whole);
    let row = room.store.issue(room.issue).unwrap().unwrap();
    assert_eq!((row.state, row.frozen_at, row.sent_revision), (IssueState::Waiting, None, None));
    for table in ["issue_recipient", "variant", "variant_choice", "lane_cursor", "issue_tally"] {
        assert_eq!(number(&room.store, &format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    let variant = room.freeze_anew("<p>new");
    let got = room.deliver();
    assert_eq!(got.len(), READERS as usize);
    assert!(got.iter().all(|(_, got)| *got == variant));
}

#[test]
fn stopped_in_the_middle_each_reader_gets_one_revision_and_nobody_two() {
    let room = Room::new();
    let before = room.stop_in_the_middle();
    assert_eq!(room.reopen(), Reopened::Stopped { have: 5, left: 7 });
    let old = number(&room.store, "SELECT min(id) FROM variant");
    let new = room.freeze_anew("<p>new");
    assert_ne!(old, new, "a delivery names its revision");

    let got = room.deliver();
    let (deferred, in_doubt) = (before[3].subscriber, before[4].subscriber);
    assert!(got.contains(&(deferred, new)), "who cannot have it gets it as it is now");
    assert!(got.contains(&(in_doubt, old)), "who may have it gets the same once more");
    let reached: BTreeSet<i64> = got.iter().map(|(reader, _)| *reader).collect();
    assert_eq!((got.len(), reached.len()), (8, 8));
    for have in [0, 1, 2, 5] {
        assert!(!reached.contains(&before[have].subscriber), "who has it, or was refused, gets no other");
    }
    let tally = room.store.tally(room.issue).unwrap();
    assert_eq!((tally.recipients, tally.accepted, tally.refused), (READERS as u64, 11, 1));
    assert!(room.store.ledger_faults(room.issue).unwrap().is_empty());
    assert_eq!(room.store.recipients_by_revision(room.issue).unwrap(), [(1, 5), (2, 7)]);
}

#[test]
fn somebody_who_came_meanwhile_gets_it_and_somebody_who_left_does_not() {
    let room = Room::new();
    let before = room.stop_in_the_middle();
    room.reopen();
    let taken: BTreeSet<i64> = before.iter().map(|recipient| recipient.subscriber).collect();
    let leaver = (1..=READERS).find(|reader| !taken.contains(reader)).unwrap();
    run(
        &room.store,
        &format!(
            "UPDATE subscription SET status = 'left', left_at = 1 WHERE subscriber = {leaver};
             INSERT INTO subscriber (id, public_id, address, address_key, hash, lane, created_at)
             VALUES (99, x'0000000000000063', 'late@example.org', 'late@example.org', x'63', 0, 0);
             INSERT INTO subscription (subscriber, newsletter, status, confirmed_at) VALUES (99, {}, 'active', 0)",
            room.newsletter
        ),
    );
    room.freeze_anew("<p>new");
    let reached: BTreeSet<i64> = room.deliver().into_iter().map(|(reader, _)| reader).collect();
    assert!(reached.contains(&99) && !reached.contains(&leaver));
}

#[test]
fn reopened_twice_it_still_reaches_everybody_once() {
    let room = Room::new();
    room.stop_in_the_middle();
    room.reopen();
    room.freeze_anew("<p>new");
    let second = room.turn(&[], 2).claimed;
    let outcomes: Vec<_> = second.iter().map(|recipient| outcome(recipient, DeliveryState::Accepted)).collect();
    room.turn(&outcomes, 0);
    room.store.move_issue(room.issue, &[IssueState::Sending], IssueState::Paused, None, noon()).unwrap();
    assert!(matches!(room.reopen(), Reopened::Stopped { .. }));
    room.freeze_anew("<p>newest");
    room.deliver();
    let twice = "SELECT count(*) FROM (SELECT subscriber FROM issue_recipient GROUP BY subscriber HAVING count(*) > 1)";
    assert_eq!(number(&room.store, twice), 0);
    assert_eq!(room.store.tally(room.issue).unwrap().accepted, 11);
    assert!(room.store.ledger_faults(room.issue).unwrap().is_empty());
}

#[test]
fn it_is_not_reopened_while_it_goes_out_or_messages_are_in_hand() {
    let room = Room::new();
    let claimed = room.turn(&[], 4).claimed;
    assert_eq!(room.reopen(), Reopened::NotNow);
    room.store.move_issue(room.issue, &[IssueState::Sending], IssueState::Paused, None, noon()).unwrap();
    assert_eq!(room.reopen(), Reopened::InHand(4));
    let outcomes: Vec<_> = claimed.iter().map(|recipient| outcome(recipient, DeliveryState::Accepted)).collect();
    room.turn(&outcomes, 0);
    assert!(matches!(room.reopen(), Reopened::Stopped { have: 4, left: 8 }));
}

#[test]
fn another_revision_than_the_one_that_was_seen_is_not_approved() {
    let room = Room::new();
    room.reopen();
    assert_eq!(room.store.release_issue(room.issue, Some(b"another"), noon()).unwrap(), Released::Changed);
    assert_eq!(room.store.issue(room.issue).unwrap().unwrap().state, IssueState::Waiting);
    assert_eq!(room.store.release_issue(room.issue, Some(&[0]), noon()).unwrap(), Released::Yes);
}

#[test]
fn an_issue_that_some_have_is_never_skipped() {
    let room = Room::new();
    room.stop_in_the_middle();
    room.reopen();
    assert!(!room.store.skip_issue(room.issue, "nobody to send to", noon()).unwrap());
    assert_eq!(room.store.cancel_issue(room.issue, "why", noon()).unwrap(), Some(CancelledWhen::PartlySent));
}
