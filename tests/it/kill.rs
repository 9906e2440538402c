//! The program killed again and again in the middle of one issue, at moments that nobody chose.

#![allow(clippy::unwrap_used, reason = "in a test a failure is the message")]

use crate::support::faulty_relay::{Plan, Relay};
use crate::support::newsroom::{Newsroom, relay};
use crate::support::process::wait_until;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};
use week_in_review::domain::address::EmailAddress;
use week_in_review::domain::delivery::DeliveryState;
use week_in_review::entropy::Entropy;
use week_in_review::store::StoreError;
use week_in_review::store::ledger::Notable;
use week_in_review::store::people::People;

const KILLS: usize = 20;
const READERS: usize = 2_000;

/// What one crash may leave in doubt: the default of `mail.open_claims`.
const BOUND: usize = 200;

/// Waits until the relay has taken `count` messages, or the time is over.
fn wait_for_messages(relay: &Relay, count: usize, limit: Duration) {
    let began = Instant::now();
    while relay.count() < count && began.elapsed() < limit {
        thread::park_timeout(Duration::from_millis(1));
    }
}

/// All outcomes of the issue that say that nobody could know, the last ones and those that a later attempt has settled.
fn doubts(newsroom: &Newsroom) -> Vec<Notable> {
    let (store, issue) = (newsroom.store(), newsroom.issue_id(1));
    let states = [DeliveryState::InDoubt, DeliveryState::Parked];
    states
        .iter()
        .flat_map(|state| store.notable(issue, *state, READERS * KILLS).expect("the database answers"))
        .collect()
}

/// The rows of subscribers by their addresses.
pub fn subscriber_rows(newsroom: &Newsroom, readers: &[String]) -> BTreeMap<String, i64> {
    let row = |people: &People<'_>, reader: &String| {
        let address = EmailAddress::parse(reader).expect("an address");
        Ok::<_, StoreError>((reader.clone(), people.by_address(&address)?.expect("imported").id.0))
    };
    let rows = newsroom.store().read_people(|people| readers.iter().map(|reader| row(people, reader)).collect());
    rows.map_err(|error: StoreError| error).expect("the database answers")
}

#[test]
fn killed_twenty_times_nobody_is_lost_and_only_those_in_doubt_may_get_two() {
    let seed = u64::from_le_bytes(Entropy::System.bytes());
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.mail = relay(sink.port));
    newsroom.make_due(5);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    let readers = newsroom.subscribe(READERS);

    for left in (1..=KILLS).rev() {
        let mut running = newsroom.start(&["send", "--yes"]);
        // A share of the mail and a breath: before the freeze, while it claims, in the middle of a message, between a message and its record.
        let most = READERS.saturating_sub(sink.count()) / left;
        let share = random.random_range(0..=most);
        wait_for_messages(&sink, sink.count() + share, Duration::from_secs(3));
        thread::park_timeout(Duration::from_micros(random.random_range(0..10_000)));
        assert!(running.is_running(), "seed {seed}: nothing was left to be killed {left} kills before the end");
        running.kill();
    }
    let output = newsroom.call(&["send", "--yes", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&output.out).expect("JSON");

    let doubts = doubts(&newsroom);
    let parked = report["parked"].as_u64().expect("a number");
    assert_eq!(output.status, Some(i32::from(parked > 0)), "parked deliveries are a failure that is named: {output:?}");
    assert_eq!((&report["recipients"], &report["state"]), (&READERS.into(), &"done".into()), "seed {seed}");
    let accepted = report["accepted"].as_u64().expect("a number");
    assert_eq!(accepted + parked, READERS as u64, "seed {seed}: {report}");

    let mut arrived: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for message in sink.received() {
        let [to] = message.recipients.as_slice() else { panic!("one recipient each: {:?}", message.recipients) };
        arrived.entry(to.clone()).or_default().insert(message.message_id);
        *times.entry(to.clone()).or_default() += 1;
    }
    let rows = subscriber_rows(&newsroom, &readers);
    for reader in &readers {
        let listed = doubts.iter().filter(|doubt| doubt.subscriber == rows[reader]).count();
        let is_parked =
            doubts.iter().any(|doubt| doubt.subscriber == rows[reader] && doubt.remark.state == DeliveryState::Parked);
        let taken = times.get(reader).copied().unwrap_or_default();
        assert!(taken >= 1 || is_parked, "seed {seed}: {reader} got nothing and is not parked");
        assert!(taken <= 1 + listed, "seed {seed}: {reader} got it {taken} times and was in doubt {listed} times");
        assert!(arrived.get(reader).is_none_or(|ids| ids.len() == 1), "seed {seed}: {reader} got two Message-IDs");
    }
    let mut per_kill: BTreeMap<_, usize> = BTreeMap::new();
    for doubt in &doubts {
        *per_kill.entry(doubt.remark.at).or_default() += 1;
    }
    assert!(per_kill.values().all(|count| *count <= BOUND), "seed {seed}: {per_kill:?}");
    assert!(per_kill.len() >= KILLS / 2, "seed {seed}: the kills came too early or too late: {per_kill:?}");
}

#[test]
fn a_message_that_crashes_the_program_each_time_parks_its_reader_and_nobody_beside_them() {
    let culprit = "reader0017@reader.example";
    let sink = Plan::default().hang_on(culprit).start();
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.mail = relay(sink.port));
    newsroom.make_due(5);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    let readers = newsroom.subscribe(40);
    let mut crashes = 0;
    let status = loop {
        let mut running = newsroom.start(&["send", "--yes"]);
        // Either it comes to the message once more, or it gets through without.
        let ended = wait_until(|| if sink.named() > crashes { Some(None) } else { running.status().map(Some) });
        match ended.expect("one of the two") {
            Some(status) => break status,
            None => running.kill(),
        }
        crashes += 1;
    };
    assert!((3..=4).contains(&crashes), "parked after {crashes} crashes: two alone, of three or four in all");
    let tally = newsroom.store().tally(newsroom.issue_id(1)).unwrap();
    assert_eq!((status, tally.parked, tally.accepted), (1, 1, 39), "{tally:?}");
    let (parked, culprit_row) = (doubts(&newsroom), subscriber_rows(&newsroom, &readers)[culprit]);
    let parked: Vec<i64> = parked
        .iter()
        .filter(|doubt| doubt.remark.state == DeliveryState::Parked)
        .map(|doubt| doubt.subscriber)
        .collect();
    assert_eq!(parked, [culprit_row]);
    assert!(newsroom.done(&["issues", "show", "1"]).contains("parked"));
}
