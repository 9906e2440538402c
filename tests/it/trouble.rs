//! A full disk, a locked, damaged or newer database, a clock that goes back, and commands that come in the middle of a delivery.

use crate::support::faulty_relay::Plan;
use crate::support::newsroom::{Newsroom, assert_once, now, relay, times};
use crate::support::small_disk::SmallDisk;
use chrono::TimeDelta;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use week_in_review::domain::delivery::DeliveryState;

const STORIES: [&str; 3] = ["Harbour fees rise", "A new ferry", "Salt prices"];

/// Makes a newsroom's date due, with stories and readers, by way of a relay.
fn fill(newsroom: &mut Newsroom, port: u16, mail: &str, readers: usize) -> Vec<String> {
    newsroom.set(|settings| settings.mail = format!("{}\n{mail}", relay(port)));
    newsroom.make_due(5);
    newsroom.bring(&STORIES);
    newsroom.subscribe(readers)
}

/// Writes a file until the disk is full.
fn fill_up(path: &Path) {
    let mut file = File::create(path).expect("our own folder");
    for size in [64 * 1024, 512, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}

fn connection(newsroom: &Newsroom) -> Connection {
    Connection::open(newsroom.path("subscribers.db")).expect("the database opens")
}

#[test]
fn a_disk_that_fills_up_in_the_middle_loses_nobody_and_the_delivery_goes_on_when_there_is_room() {
    let sink = Plan::default().start();
    let disk = SmallDisk::with_room_for(32 * 1024);
    let mut newsroom = Newsroom::within(&disk.path().join("newsroom"));
    let readers = fill(&mut newsroom, sink.port, "per_second = 150", 600);
    let filler = disk.path().join("filler");

    let sending = newsroom.begin(&["send", "--yes"]);
    sink.wait_for(50);
    fill_up(&filler);
    assert_eq!(sending.wait_for_end(), 1, "{}", sending.log());
    assert!(sending.log().contains("the disk is full"), "{}", sending.log());
    assert!(sink.count() < readers.len(), "it stopped");
    let said = newsroom.call(&["send", "--yes"]);
    assert!(said.status == Some(1) && said.err.contains("disk is full"), "{said:?}");

    fs::remove_file(&filler).expect("our own file");
    newsroom.set(|settings| settings.mail = relay(sink.port));
    let report = newsroom.send();
    assert_eq!((&report["state"], &report["accepted"], &report["parked"]), (&json!("done"), &json!(600), &json!(0)));
    let doubts =
        newsroom.store().notable(newsroom.issue_id(1), DeliveryState::InDoubt, 1_000).expect("the database answers");
    let listed: BTreeSet<i64> = doubts.iter().map(|doubt| doubt.subscriber).collect();
    let times = times(&sink.received());
    let twice = times.values().filter(|times| **times > 1).count();
    assert_eq!(times.len(), readers.len(), "somebody got nothing");
    assert!(
        twice <= listed.len() && times.values().all(|times| *times <= 2),
        "{twice} got two, {} were in doubt",
        listed.len()
    );
    assert!(listed.len() <= 200, "{}", listed.len());
}

#[test]
fn on_a_full_disk_an_issue_does_not_begin_and_says_why() {
    let sink = Plan::default().start();
    let disk = SmallDisk::with_room_for(16 * 1024);
    let mut newsroom = Newsroom::within(&disk.path().join("newsroom"));
    let readers = fill(&mut newsroom, sink.port, "", 20);
    let filler = disk.path().join("filler");
    fill_up(&filler);
    for _ in 0..2 {
        let output = newsroom.call(&["send", "--yes"]);
        assert!(output.status == Some(1) && output.err.contains("disk is full"), "{output:?}");
    }
    assert_eq!(sink.count(), 0);
    fs::remove_file(&filler).expect("our own file");
    assert_eq!(newsroom.send()["accepted"], 20);
    assert_once(&sink.received(), &readers);
}

#[test]
fn a_database_that_somebody_keeps_locked_is_named_and_works_afterwards() {
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    let readers = fill(&mut newsroom, sink.port, "", 10);
    let other = connection(&newsroom);
    other.execute_batch("BEGIN IMMEDIATE").expect("nobody else writes");
    let output = newsroom.call(&["send", "--yes"]);
    assert!(output.status == Some(1) && output.err.contains("another process has been writing"), "{output:?}");
    assert_eq!(sink.count(), 0);
    drop(other);
    assert_eq!(newsroom.send()["accepted"], 10);
    assert_once(&sink.received(), &readers);
}

#[test]
fn a_lock_that_outlasts_patience_in_the_middle_of_a_delivery_repeats_nobody() {
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    let readers = fill(&mut newsroom, sink.port, "per_second = 100", 300);
    let sending = newsroom.begin(&["send", "--yes"]);
    sink.wait_for(40);
    let other = connection(&newsroom);
    other.busy_timeout(std::time::Duration::from_secs(5)).expect("a setting");
    other.execute_batch("BEGIN IMMEDIATE").expect("between two writes of the delivery");
    // Everything that may be claimed at one time has left, then the delivery waits for the database.
    let stuck = sink.count();
    crate::support::newsroom::eventually("the delivery waits", std::time::Duration::from_secs(8), || {
        let before = sink.count();
        std::thread::park_timeout(std::time::Duration::from_millis(300));
        (sink.count() == before).then_some(())
    });
    assert!(sink.count() <= stuck + 200, "more left than may be claimed at one time");
    drop(other);
    assert_eq!(sending.wait_for_end(), 0, "{}", sending.log());
    assert_once(&sink.received(), &readers);
}

#[test]
fn a_damaged_database_is_named_and_nothing_is_mailed() {
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    fill(&mut newsroom, sink.port, "", 400);
    let path = newsroom.path("subscribers.db");
    let size = fs::metadata(&path).expect("it is there").len();
    File::options().write(true).open(&path).and_then(|file| file.set_len(size / 2)).expect("our own file");
    for arguments in [&["send", "--yes"][..], &["run"], &["check"]] {
        let output = newsroom.call(arguments);
        assert_eq!(output.status, Some(1), "{arguments:?}: {output:?}");
        let said = output.out + &output.err;
        assert!(said.contains("subscribers.db") && said.contains("damaged"), "{arguments:?}: {said}");
    }
    assert_eq!(sink.count(), 0);
}

#[test]
fn a_clock_that_went_back_holds_all_mail_until_it_is_right() {
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    let readers = fill(&mut newsroom, sink.port, "", 5);
    // As if the service had worked until an hour from now, and the clock were then set back.
    newsroom.store().note_instant(now() + TimeDelta::hours(1)).expect("the database answers");
    let said = newsroom.fails(1, &["send", "--yes"]);
    assert!(said.contains("clock"), "{said}");
    assert_eq!(sink.count(), 0);
    assert_eq!(newsroom.issue(1)["state"], "approved", "nor is it decided who gets it");
    let millis = now().timestamp_millis().to_string();
    newsroom.store().set_fact("last_instant", &millis).expect("the database answers");
    assert_eq!(newsroom.send()["accepted"], 5);
    assert_once(&sink.received(), &readers);
}

#[test]
fn an_import_in_the_middle_of_a_delivery_disturbs_nobody_and_counts_for_the_next_issue() {
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    let readers = fill(&mut newsroom, sink.port, "per_second = 100", 200);
    let service = newsroom.serve();
    sink.wait_for(20);
    let rows: Vec<String> = (0..2_000).map(|n| format!("late{n}@reader.example,active,2026-02-03T10:00:00Z")).collect();
    let csv = format!("email,status,confirmed_at\n{}\n", rows.join("\n"));
    fs::write(newsroom.path("late.csv"), csv).expect("our own folder");
    let report = newsroom.json(&["subscribers", "import", "late.csv", "--json"]);
    assert_eq!(report["changes"], 2_000, "{report}");
    let again = newsroom.json(&["subscribers", "import", "late.csv", "--json"]);
    assert_eq!(again["changes"], 0, "the same file twice: {again}");
    service.wait_until("delivers", || service.log().contains("accepted=200").then_some(()));
    service.signal("TERM");
    assert_eq!(service.wait_for_end(), 0, "{}", service.log());
    assert_once(&sink.received(), &readers);
    let next: Value = newsroom.json(&["send", "--dry-run", "--json"]);
    assert_eq!(next["recipients"], 2_200);
}

#[test]
fn who_leaves_in_the_middle_of_a_delivery_gets_nothing_more() {
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    let readers = fill(&mut newsroom, sink.port, "per_second = 100\nopen_claims = 10", 200);
    let service = newsroom.serve();
    sink.wait_for(20);
    let last = readers.last().expect("there are readers");
    newsroom.done(&["subscribers", "unsubscribe", last]);
    service.wait_until("delivers", || service.log().contains("accepted=199").then_some(()));
    assert_once(&sink.received(), &readers[..199]);
    assert_eq!(newsroom.issue(1)["deliveries"]["skipped"], 1);
}

#[test]
fn another_version_of_the_program_stays_away_from_a_database_in_use() {
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    let readers = fill(&mut newsroom, sink.port, "per_second = 50", 150);
    let service = newsroom.serve();
    sink.wait_for(10);
    let database = connection(&newsroom);
    let version: i64 = database.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a number");
    let set = |version: i64| database.pragma_update(None, "user_version", version).expect("a write between two others");

    // For a newer program the schema is behind: it would have to change it under the service.
    set(version - 1);
    let newer = newsroom.call(&["send", "--yes"]);
    // For an older program it is ahead.
    set(version + 1);
    let older = newsroom.call(&["send", "--yes"]);
    set(version);

    assert!(newer.status == Some(1) && newer.err.contains("other processes have it open"), "{newer:?}");
    assert!(older.status == Some(1) && older.err.contains("written by a newer version"), "{older:?}");
    service.wait_until("delivers", || service.log().contains("accepted=150").then_some(()));
    assert_once(&sink.received(), &readers);
}

#[test]
fn what_cannot_be_looked_at_stops_no_delivery_on_its_way() {
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    // Long enough that what is odd about it is looked for in the middle.
    let readers = fill(&mut newsroom, sink.port, "per_second = 20", 150);
    let sending = newsroom.begin(&["send", "--yes"]);
    sink.wait_for(10);
    connection(&newsroom).execute_batch("ALTER TABLE returned RENAME TO damaged").expect("a write between two others");
    assert_eq!(sending.wait_for_end(), 0, "{}", sending.log());
    assert!(sending.log().contains("could not be looked for"), "{}", sending.log());
    assert_once(&sink.received(), &readers);
}
