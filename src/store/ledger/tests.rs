//! What the ledger promises, turn by turn.

use super::*;
use crate::domain::delivery::{Place, after_doubt};
use crate::domain::subscriber::SubscriberId;
use crate::domain::text::Language;
use crate::store::seeds::{noon, number, outcomes, run, sending_issue, subscribers};
use chrono::TimeDelta;
use std::collections::BTreeSet;

const ONE: ProcessId = ProcessId([1; 16]);
const TWO: ProcessId = ProcessId([2; 16]);

fn ledger(n: i64) -> (Store, IssueId) {
    let store = Store::in_memory().unwrap();
    let newsletter = subscribers(&store, n);
    let issue = sending_issue(&store, newsletter, "<p>", "p");
    (store, issue)
}

fn turn(store: &Store, issue: IssueId, outcomes: &[Outcome], room: usize, now: DateTime<Utc>) -> Turned {
    store
        .turn(&Turn { issue, process: ONE, outcomes, used: Used::default(), room, wary_room: room, closed: &[], now })
        .unwrap()
}

fn outcome(place: Place, state: DeliveryState, retry_at: Option<DateTime<Utc>>) -> Outcome {
    Outcome {
        place,
        state,
        at: noon(),
        retry_at,
        code: Some(250),
        enhanced: None,
        reply: Some("said so".into()),
        relay_id: None,
    }
}

fn all(claimed: &[Recipient], state: DeliveryState) -> Vec<Outcome> {
    claimed.iter().map(|recipient| outcome(recipient.place, state, Some(noon()))).collect()
}

#[test]
fn every_recipient_is_claimed_exactly_once() {
    let (store, issue) = ledger(100);
    let mut seen = BTreeSet::new();
    let mut outcomes = Vec::new();
    loop {
        let turned = turn(&store, issue, &outcomes, 7, noon());
        outcomes = all(&turned.claimed, DeliveryState::Accepted);
        for recipient in &turned.claimed {
            assert!(seen.insert(recipient.subscriber));
        }
        if turned.claimed.is_empty() {
            assert!(turned.tally.is_finished() && !turned.has_unclaimed);
            break;
        }
    }
    assert_eq!(seen.len(), 100);
    assert_eq!(store.tally(issue).unwrap(), Tally { recipients: 100, accepted: 100, ..Tally::default() });
    assert_eq!(number(&store, "SELECT sum(open) FROM claim"), 0);
}

#[test]
fn the_lanes_end_together() {
    let (store, issue) = ledger(90);
    turn(&store, issue, &[], 30, noon());
    turn(&store, issue, &[], 30, noon());
    let behind = number(&store, "SELECT count(*) FROM lane_cursor WHERE cursor = 0");
    assert_eq!(behind, 0);
}

#[test]
fn nothing_is_claimed_of_an_issue_that_is_paused() {
    let (store, issue) = ledger(3);
    run(&store, "UPDATE issue SET state = 'paused'");
    let turned = turn(&store, issue, &[], 10, noon());
    assert_eq!((turned.state, turned.claimed.len()), (IssueState::Paused, 0));
}

#[test]
fn whoever_may_no_longer_be_mailed_is_skipped_with_a_reason() {
    let (store, issue) = ledger(7);
    run(
        &store,
        "UPDATE subscription SET status = 'left', left_at = 1 WHERE subscriber = 1;
         UPDATE subscription SET status = 'paused' WHERE subscriber = 2;
         INSERT INTO suppression (hash, reason, at) SELECT hash, 'complaint', 1 FROM subscriber WHERE id = 3;
         UPDATE subscriber SET address = NULL, erased_at = 1 WHERE id = 4;
         DELETE FROM subscription WHERE subscriber = 5;
         UPDATE subscription SET status = 'paused', paused_until = 5 WHERE subscriber = 6;",
    );
    let turned = turn(&store, issue, &[], 10, noon());
    let mut claimed: Vec<_> = turned.claimed.iter().map(|recipient| recipient.subscriber).collect();
    claimed.sort_unstable();
    assert_eq!(claimed, [6, 7]);
    assert_eq!((turned.tally.skipped, turned.tally.queued), (5, 2));
    let mut reasons: Vec<_> = store
        .notable(issue, DeliveryState::Skipped, 10)
        .unwrap()
        .into_iter()
        .map(|row| (row.subscriber, row.remark.reply))
        .collect();
    reasons.sort();
    let words: Vec<_> = reasons.iter().map(|(_, reply)| reply.as_deref().unwrap()).collect();
    assert_eq!(
        words,
        [
            "left since the issue was frozen",
            "paused since the issue was frozen",
            "suppressed since the issue was frozen: the person reported the mail as unwanted",
            "erased since the issue was frozen",
            "no longer subscribed",
        ]
    );
}

#[test]
fn a_deferred_recipient_comes_back_when_due_with_their_history() {
    let (store, issue) = ledger(2);
    let claimed = turn(&store, issue, &[], 10, noon()).claimed;
    let later = noon() + TimeDelta::minutes(5);
    let outcomes = [
        outcome(claimed[0].place, DeliveryState::Deferred, Some(later)),
        outcome(claimed[1].place, DeliveryState::Accepted, None),
    ];
    let turned = turn(&store, issue, &outcomes, 10, noon());
    assert!(turned.claimed.is_empty());
    assert_eq!((turned.tally.deferred, turned.next_retry_at()), (1, Some(later)));
    let again = turn(&store, issue, &[], 10, later).claimed;
    assert_eq!(again.len(), 1);
    assert_eq!((again[0].subscriber, again[0].place.attempt, again[0].tries.deferred), (claimed[0].subscriber, 2, 1));
    let end = turn(&store, issue, &all(&again, DeliveryState::Accepted), 10, later);
    assert_eq!(end.tally, Tally { recipients: 2, accepted: 2, ..Tally::default() });
}

#[test]
fn retries_do_not_starve_those_who_were_never_tried() {
    let (store, issue) = ledger(40);
    let claimed = turn(&store, issue, &[], 20, noon()).claimed;
    let mixed = turn(&store, issue, &all(&claimed, DeliveryState::Returned), 10, noon()).claimed;
    let retries = mixed.iter().filter(|recipient| recipient.place.attempt == 2).count();
    assert_eq!((retries, mixed.len()), (5, 10));
}

#[test]
fn what_a_dead_process_left_open_is_in_doubt_and_parked_once_it_was_open_alone_twice() {
    let (store, issue) = ledger(10);
    let lock = store.try_deliver_lock().unwrap().unwrap();
    let claimed = turn(&store, issue, &[], 4, noon()).claimed;
    turn(&store, issue, &all(&claimed[..1], DeliveryState::Accepted), 0, noon());
    assert_eq!(store.adopt(&lock, ONE, noon()).unwrap(), Adopted::default(), "its own claims are not touched");
    assert_eq!(store.adopt(&lock, TWO, noon()).unwrap(), Adopted { in_doubt: 3, parked: 0 });
    assert_eq!(store.adopt(&lock, TWO, noon()).unwrap(), Adopted::default());
    assert_eq!(store.tally(issue).unwrap().in_doubt, 3);
    run(&store, "UPDATE lane_cursor SET cursor = last");
    assert_eq!(turn(&store, issue, &[], 10, noon()).claimed.len(), 3);
    assert_eq!(store.adopt(&lock, TWO, noon()).unwrap(), Adopted { in_doubt: 3, parked: 0 });
    for _ in 0..3 {
        for expected in [Adopted { in_doubt: 1, parked: 0 }, Adopted { in_doubt: 0, parked: 1 }] {
            let turned = turn(&store, issue, &[], 10, noon());
            assert_eq!((turned.claimed.len(), turned.alone), (1, true));
            assert_eq!(store.adopt(&lock, TWO, noon()).unwrap(), expected);
        }
    }
    assert!(turn(&store, issue, &[], 10, noon()).claimed.is_empty());
    assert_eq!(store.tally(issue).unwrap().parked, 3);
    assert_eq!(store.notable(issue, DeliveryState::InDoubt, 100).unwrap().len(), 9);
    assert!(store.notable(issue, DeliveryState::Parked, 100).unwrap().iter().all(|row| row.is_last));
}

#[test]
fn whoever_is_under_suspicion_is_claimed_while_nobody_is_open_and_nobody_beside_them() {
    let (store, issue) = ledger(10);
    let lock = store.try_deliver_lock().unwrap().unwrap();
    let first = turn(&store, issue, &[], 2, noon()).claimed;
    store.adopt(&lock, TWO, noon()).unwrap();
    // Both are open in the second crash; the relay then asks one of them to come back later.
    assert_eq!(turn(&store, issue, &[], 2, noon()).claimed.len(), 2);
    store.adopt(&lock, TWO, noon()).unwrap();
    let suspect = turn(&store, issue, &[], 10, noon());
    assert_eq!((suspect.claimed.len(), suspect.alone), (1, true));
    assert!(first.iter().any(|recipient| recipient.subscriber == suspect.claimed[0].subscriber));
    let later = noon() + TimeDelta::minutes(5);
    let put_off = outcome(suspect.claimed[0].place, DeliveryState::Deferred, Some(later));
    let other = turn(&store, issue, &[put_off], 10, noon());
    assert_eq!((other.claimed.len(), other.alone), (1, true));
    let rest = turn(&store, issue, &all(&other.claimed, DeliveryState::Accepted), 4, noon()).claimed;
    assert_eq!(rest.len(), 4);
    let meanwhile = turn(&store, issue, &all(&rest[..2], DeliveryState::Accepted), 2, later);
    assert_eq!(
        (meanwhile.claimed.len(), meanwhile.alone),
        (2, false),
        "others are open: the suspect waits, they go on"
    );
    let open = [&rest[2..], &meanwhile.claimed].concat();
    let alone = turn(&store, issue, &all(&open, DeliveryState::Accepted), 10, later);
    assert_eq!((alone.claimed[0].subscriber, alone.alone), (suspect.claimed[0].subscriber, true));
    assert_eq!(alone.claimed.len(), 1);
}

#[test]
fn kills_that_hit_somebody_else_each_time_park_nobody() {
    let (store, issue) = ledger(20);
    let lock = store.try_deliver_lock().unwrap().unwrap();
    for _ in 0..2 {
        assert_eq!(turn(&store, issue, &[], 20, noon()).claimed.len(), 20);
        store.adopt(&lock, TWO, noon()).unwrap();
    }
    // Now each kill finds one of them alone; the next time it is through before the kill.
    let mut outcomes = Vec::new();
    for _ in 0..20 {
        let suspect = turn(&store, issue, &outcomes, 20, noon());
        assert!(suspect.alone);
        assert_eq!(store.adopt(&lock, TWO, noon()).unwrap(), Adopted { in_doubt: 1, parked: 0 });
        let again = turn(&store, issue, &[], 20, noon()).claimed;
        assert_eq!(again[0].subscriber, suspect.claimed[0].subscriber, "the most suspicious is looked at first");
        outcomes = all(&again, DeliveryState::Accepted);
    }
    let end = turn(&store, issue, &outcomes, 20, noon());
    assert_eq!(end.tally, Tally { recipients: 20, accepted: 20, ..Tally::default() });
}

#[test]
fn a_crowd_under_suspicion_is_claimed_together_and_a_crash_still_parks_only_its_reason() {
    let (store, issue) = ledger(80);
    let lock = store.try_deliver_lock().unwrap().unwrap();
    // Two kills, each with everybody open.
    for _ in 0..2 {
        assert_eq!(turn(&store, issue, &[], 80, noon()).claimed.len(), 80);
        store.adopt(&lock, TWO, noon()).unwrap();
    }
    // From now on the program crashes whenever this reader is among the open.
    let culprit = 37;
    let (mut turns, mut crashes, mut outcomes) = (0, 0, Vec::new());
    loop {
        let claimed = turn(&store, issue, &outcomes, 20, noon()).claimed;
        outcomes = all(&claimed, DeliveryState::Accepted);
        turns += 1;
        if claimed.is_empty() {
            break;
        }
        if claimed.iter().any(|recipient| recipient.subscriber == culprit) {
            store.adopt(&lock, TWO, noon()).unwrap();
            crashes += 1;
            outcomes.clear();
        }
    }
    assert_eq!(store.tally(issue).unwrap(), Tally { recipients: 80, accepted: 79, parked: 1, ..Tally::default() });
    assert_eq!(store.notable(issue, DeliveryState::Parked, 10).unwrap()[0].subscriber, culprit);
    assert_eq!(crashes, 3, "one in the crowd, two alone");
    assert!(turns < 60, "{turns} turns: fewer than readers");
}

#[test]
fn those_who_were_in_doubt_are_claimed_with_few_others() {
    let (store, issue) = ledger(40);
    let lock = store.try_deliver_lock().unwrap().unwrap();
    assert_eq!(turn(&store, issue, &[], 20, noon()).claimed.len(), 20);
    store.adopt(&lock, TWO, noon()).unwrap();
    let wary = Turn {
        issue,
        process: ONE,
        outcomes: &[],
        used: Used::default(),
        room: 20,
        wary_room: 3,
        closed: &[],
        now: noon(),
    };
    let claimed = store.turn(&wary).unwrap().claimed;
    let doubtful = claimed.iter().filter(|recipient| recipient.tries.in_doubt > 0).count();
    assert_eq!((claimed.len(), doubtful), (20, 3));
    assert_eq!(
        store.turn(&Turn { wary_room: 0, ..wary }).unwrap().claimed.len(),
        3,
        "only those never in doubt are left"
    );
}

#[test]
fn an_operator_may_give_the_parked_another_try() {
    let (store, issue) = ledger(3);
    let lock = store.try_deliver_lock().unwrap().unwrap();
    for claimed in [3, 3, 1, 1, 1, 1, 1, 1] {
        assert_eq!(turn(&store, issue, &[], 10, noon()).claimed.len(), claimed);
        store.adopt(&lock, TWO, noon()).unwrap();
    }
    assert!(store.is_finished(issue).unwrap());
    run(&store, "UPDATE issue SET state = 'done', finished_at = 1");
    let parked = || -> Vec<_> {
        let words = store.last_words(issue, DeliveryState::Parked, None, (-1, 0), 10).unwrap();
        words.into_iter().map(|word| word.place).collect()
    };
    let places = parked();
    assert_eq!(store.try_again(issue, &places, "the relay's log has none of them", noon()).unwrap(), 3);
    assert_eq!(store.try_again(issue, &places, "again", noon()).unwrap(), 0);
    assert_eq!(parked(), []);
    assert!(!store.is_finished(issue).unwrap());
    for _ in 0..3 {
        let claimed = turn(&store, issue, &[], 10, noon()).claimed;
        assert_eq!(claimed.len(), 1, "they may be what the program crashes of");
        turn(&store, issue, &all(&claimed, DeliveryState::Accepted), 0, noon());
    }
    assert_eq!(store.tally(issue).unwrap(), Tally { recipients: 3, accepted: 3, ..Tally::default() });
}

#[test]
fn an_attempt_has_one_outcome_and_the_first_word_counts() {
    let (store, issue) = ledger(1);
    let lock = store.try_deliver_lock().unwrap().unwrap();
    let claimed = turn(&store, issue, &[], 1, noon()).claimed;
    store.adopt(&lock, TWO, noon()).unwrap();
    let late = turn(&store, issue, &all(&claimed, DeliveryState::Accepted), 0, noon());
    assert_eq!((late.repeated, late.tally.in_doubt, late.tally.accepted), (1, 1, 0));
}

#[test]
fn an_issue_whose_time_is_over_expires_in_slices() {
    let (store, issue) = ledger(30);
    let claimed = turn(&store, issue, &[], 10, noon()).claimed;
    turn(&store, issue, &all(&claimed[..5], DeliveryState::Deferred), 0, noon() - TimeDelta::minutes(1));
    let mut slices = 0;
    while store.expire(issue, 6, "too late", noon()).unwrap() > 0 {
        slices += 1;
    }
    assert!(slices >= 4);
    let tally = store.tally(issue).unwrap();
    assert_eq!((tally.expired, tally.queued), (25, 5), "those in an open claim are the claimer's");
    assert_eq!(outcomes(&store, &[DeliveryState::Expired]), 25);
    assert!(store.new_refusals(issue, 100).unwrap().is_empty(), "never a bounce");
    let end = turn(&store, issue, &all(&claimed[5..], DeliveryState::Accepted), 10, noon());
    assert!(end.tally.is_finished() && end.claimed.is_empty());
}

#[test]
fn a_recipient_added_later_is_mailed_again() {
    let (store, issue) = ledger(2);
    let claimed = turn(&store, issue, &[], 10, noon()).claimed;
    turn(&store, issue, &all(&claimed, DeliveryState::Accepted), 0, noon());
    run(&store, "UPDATE issue SET state = 'done', finished_at = 1");
    assert_eq!(store.reached(issue, SubscriberId(1)).unwrap(), Reached::Accepted);
    assert_eq!(store.send_again(issue, &[SubscriberId(1)], &Language::english(), noon()).unwrap(), 1);
    assert_eq!(store.reached(issue, SubscriberId(1)).unwrap(), Reached::Underway);
    assert!(!store.is_finished(issue).unwrap());
    let again = turn(&store, issue, &[], 10, noon()).claimed;
    assert_eq!(again.iter().map(|recipient| recipient.subscriber).collect::<Vec<_>>(), [1]);
    assert_eq!(store.deliveries_of(SubscriberId(1), 10).unwrap().len(), 2);
}

#[test]
fn the_tally_is_what_a_scan_would_find() {
    let (store, issue) = ledger(60);
    let states = DeliveryState::ALL.map(|(state, ..)| state);
    let mut outcomes: Vec<Outcome> = Vec::new();
    for round in 0..12_usize {
        let now = noon() + TimeDelta::minutes(round as i64);
        let claimed = turn(&store, issue, &outcomes, 13, now).claimed;
        outcomes = claimed
            .iter()
            .enumerate()
            .map(|(at, recipient)| outcome(recipient.place, states[(at + round) % states.len()], Some(now)))
            .collect();
    }
    turn(&store, issue, &outcomes, 0, noon());
    for (state, code, word) in DeliveryState::ALL {
        let scanned = number(
            &store,
            &format!(
                "SELECT count(*) FROM outcome o WHERE state = {code} AND NOT EXISTS
                 (SELECT 1 FROM outcome l WHERE l.lane = o.lane AND l.seq = o.seq AND l.attempt > o.attempt)"
            ),
        );
        let kept =
            number(&store, &format!("SELECT coalesce(sum(n), 0) FROM issue_tally WHERE state = {}", state.code()));
        assert_eq!(kept, scanned, "{word}");
    }
    assert_eq!(after_doubt(0), DeliveryState::InDoubt);
}

#[test]
fn no_query_of_a_turn_scans_a_table() {
    let (store, _) = ledger(1);
    for sql in [
        "DELETE FROM retry WHERE (issue, lane, seq) IN (SELECT issue, lane, seq FROM retry WHERE issue = 1 AND wary = 0 AND due_at <= 2 ORDER BY due_at LIMIT 3)",
        "SELECT r.lane FROM retry r LEFT JOIN open_at_crash c ON c.issue = r.issue AND c.lane = r.lane AND c.seq = r.seq
         WHERE r.issue = 1 AND r.wary = 1 AND r.due_at <= 2 ORDER BY r.due_at LIMIT 3",
        "SELECT 1 FROM claim WHERE issue = 1 AND open > 0",
        "SELECT min(due_at) FROM retry WHERE issue = 1 AND wary = 0",
        "SELECT 1 FROM claim WHERE open > 0 AND process <> x'00'",
        "SELECT 1 FROM outcome o WHERE o.issue = 1 AND o.state = 6 AND o.state NOT IN (1, 4) ORDER BY o.lane, o.seq, o.attempt",
    ] {
        let connection = store.reading();
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan: Vec<String> = statement.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        let scans = plan.iter().any(|line| line.starts_with("SCAN") && !line.contains("USING INDEX"));
        assert!(!scans && !plan.iter().any(|line| line.contains("TEMP B-TREE")), "{sql}: {plan:?}");
    }
}

#[test]
fn a_recipient_is_found_by_the_relays_own_name_for_the_message() {
    let (store, issue) = ledger(3);
    let claimed = turn(&store, issue, &[], 3, noon()).claimed;
    let taken =
        Outcome { relay_id: Some("0100-abc".into()), ..outcome(claimed[1].place, DeliveryState::Accepted, None) };
    turn(&store, issue, &[taken], 0, noon());
    let by_relay_id = |id| store.read_people::<_, StoreError>(|people| people.recipient_by_relay_id(id)).unwrap();
    let found = by_relay_id("0100-abc").unwrap();
    assert_eq!((found.0, found.1.0), (issue, claimed[1].subscriber));
    assert_eq!(by_relay_id("0100-ab"), None);
    let again =
        Outcome { relay_id: Some("0100-abc".into()), ..outcome(claimed[2].place, DeliveryState::Accepted, None) };
    turn(&store, issue, &[again], 0, noon());
    assert_eq!(by_relay_id("0100-abc"), None, "a relay that names two messages alike means neither");
}

#[test]
fn what_relays_took_on_a_day_adds_up() {
    let (store, issue) = ledger(1);
    let relays = [("one".to_owned(), 3), ("two".to_owned(), 0)];
    for day in [20_000, 20_000, 20_001] {
        let used = Used { day, relays: &relays };
        store
            .turn(&Turn { issue, process: ONE, outcomes: &[], used, room: 0, wary_room: 0, closed: &[], now: noon() })
            .unwrap();
    }
    let names = ["one".to_owned(), "two".to_owned()];
    assert_eq!(store.relays_used(&names, 20_000).unwrap(), [6, 0]);
    assert_eq!(store.relays_used(&names, 20_001).unwrap(), [3, 0]);
}
