//! What is odd although nothing failed, and that the program says so by itself: far fewer readers than usual, a ledger that does not fit together,
//! dates that passed. Who is told, and by which way, is in `telling.rs`.

use crate::support::newsroom::{Newsroom, daily, now, week};
use chrono::TimeDelta;
use rusqlite::Connection;

const STORIES: [[&str; 3]; 2] =
    [["Harbour fees rise", "A new ferry", "Salt prices"], ["Tide tables", "A lighthouse sold", "The pilots' strike"]];

/// The sentence of the alarm of a kind that stands, if there is one.
fn alarm(newsroom: &Newsroom, kind: &str) -> Option<String> {
    let alarms = newsroom.store().alarms().expect("the database answers");
    alarms.into_iter().find(|alarm| alarm.kind == kind).map(|alarm| alarm.sentence)
}

#[test]
fn an_issue_to_far_fewer_readers_than_the_last_one_is_told_to_the_operators() {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(9);
    newsroom.bring(&STORIES[0]);
    let readers = newsroom.subscribe(12);
    assert_eq!(newsroom.send()["accepted"], 12);
    assert_eq!(alarm(&newsroom, "few readers"), None, "there is nothing to compare the first one with");

    for reader in &readers[..7] {
        newsroom.done(&["subscribers", "unsubscribe", reader]);
    }
    newsroom.make_due(4);
    newsroom.bring(&STORIES[1]);
    assert_eq!(newsroom.send()["accepted"], 5);
    let sentence = alarm(&newsroom, "few readers").expect("less than half is odd");
    assert!(sentence.contains("5 readers") && sentence.contains("about 12"), "{sentence}");
}

#[test]
fn an_address_that_was_mailed_twice_and_an_outcome_of_nobody_are_told_and_a_wanted_second_copy_is_not() {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(9);
    newsroom.bring(&STORIES[0]);
    let readers = newsroom.subscribe(4);
    newsroom.send();
    newsroom.done(&["issues", "resend", "1", "--to", &readers[0]]);
    newsroom.send();
    assert_eq!(alarm(&newsroom, "ledger"), None, "who asked for it again was mailed as one more row");

    // As a bug or a careless hand in the database would leave it.
    let database = Connection::open(newsroom.path("subscribers.db")).expect("the database opens");
    let broken = "INSERT INTO outcome (issue, lane, seq, attempt, state, at) SELECT issue, lane, seq, 2, 1, at FROM outcome WHERE state = 1 LIMIT 2;
                  INSERT INTO outcome (issue, lane, seq, attempt, state, at) SELECT issue, lane, 999, 1, 3, at FROM outcome LIMIT 1";
    database.execute_batch(broken).expect("nobody else writes");
    drop(database);
    newsroom.done(&["issues", "resend", "1", "--to", &readers[3]]);
    newsroom.send();
    let sentence = alarm(&newsroom, "ledger").expect("it is looked at after each send");
    assert!(sentence.contains("2 recipients were accepted more than once"), "{sentence}");
    assert!(sentence.contains("1 outcomes belong to no recipient"), "{sentence}");
}

#[test]
fn dates_that_passed_while_the_service_was_off_are_told_when_it_is_back() {
    let mut newsroom = Newsroom::new();
    newsroom.store().newsletter_id(&week(), now() - TimeDelta::days(4)).expect("the database answers");
    newsroom.write_stories(&STORIES[0]);
    newsroom.subscribe(1);
    newsroom.set(|settings| settings.schedule = daily(now() - TimeDelta::minutes(5)));
    let service = newsroom.serve();
    let sentence = service.wait_until("tells of them", || alarm(&newsroom, "date passed"));
    assert!(sentence.starts_with("3 dates passed without an issue"), "{sentence}");
    service.wait_until("mails the one of today", || service.log().contains("accepted=1").then_some(()));
}
