//! `kill -9` at twenty moments of one issue: nobody is lost, and twice has it only who had been listed as in doubt.
//!
//! The relay remembers a message before it answers, so what it holds is what left, whatever was killed in between.

use super::sample::sending::{reader, sending};
use super::support::faulty_relay::{Plan, Relay};
use super::support::process::wait_until;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use week_in_review::domain::delivery::DeliveryState;
use week_in_review::domain::issue::{IssueId, IssueState};
use week_in_review::domain::subscriber::SubscriberId;
use week_in_review::store::Store;
use week_in_review::store::ledger::Remark;

const READERS: i64 = 2_000;
const KILLS: usize = 20;
/// The default of `mail.open_claims`: what one crash may leave in doubt.
const BOUND: usize = 200;

const PROGRAM: &str = env!("CARGO_BIN_EXE_week-in-review");

#[test]
fn twenty_kills_lose_nobody_and_repeat_only_who_was_in_doubt() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Plan::default().start();
    std::fs::write(folder.path().join("week.toml"), config(relay.port)).unwrap();
    assert!(program(folder.path(), &["init"]).output().unwrap().status.success());
    let issue = {
        let store = Store::open(&folder.path().join("subscribers.db")).unwrap();
        sending(&store, READERS, "<p>News</p>", "News\n", now())
    };

    for kill in 0..KILLS {
        kill_once(folder.path(), &relay, kill);
    }
    let end = program(folder.path(), &["send", "--newsletter", "week", "--yes", "--json"]).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&end.stdout).unwrap();
    assert_eq!(report["state"], "done", "{report}");

    let store = Store::open(&folder.path().join("subscribers.db")).unwrap();
    assert_eq!(store.issue(issue).unwrap().unwrap().state, IssueState::Done);
    everybody_is_accounted_for(&store, issue, &relay);
    no_kill_left_more_than_the_bound_in_doubt(&store, issue);
}

/// Starts the send, waits until the relay has taken some more messages, and kills it.
fn kill_once(folder: &Path, relay: &Relay, kill: usize) {
    // Some kills fall before the first message of a run, others well into it.
    let further = (kill * 37) % 90;
    let (taken, connections) = (relay.received().len(), relay.connections());
    let mut child = start(folder);
    if further == 0 {
        wait_until(|| (relay.connections() > connections).then_some(())).expect("it connects");
    } else {
        relay.wait_for(taken + further);
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success(), "it was killed in the middle");
}

fn start(folder: &Path) -> Child {
    let mut command = program(folder, &["send", "--newsletter", "week", "--yes", "--json"]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.current_dir(folder).args(["--config", "week.toml", "--quiet"]).args(arguments).stdin(Stdio::null());
    command
}

/// Everybody got it or is parked; who got it more than once was in doubt before each time but the first; all under one Message-ID.
fn everybody_is_accounted_for(store: &Store, issue: IssueId, relay: &Relay) {
    let mut arrived: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for message in relay.received() {
        arrived.entry(message.recipients[0].clone()).or_default().push(message.message_id.clone());
    }
    for n in 1..=READERS {
        let remarks = remarks(store, issue, n);
        let ids = arrived.remove(&reader(n)).unwrap_or_default();
        let last = remarks.last().unwrap_or_else(|| panic!("reader {n} has no outcome")).state;
        assert!(matches!(last, DeliveryState::Accepted | DeliveryState::Parked), "reader {n}: {remarks:?}");
        assert!(!ids.is_empty() || last == DeliveryState::Parked, "reader {n} is lost: {remarks:?}");
        let doubts = remarks.iter().filter(|remark| is_doubt(remark)).count();
        assert!(ids.len() <= doubts + 1, "reader {n} has it {} times: {remarks:?}", ids.len());
        assert!(ids.iter().collect::<BTreeSet<_>>().len() <= 1, "reader {n}: {ids:?}");
    }
    assert!(arrived.is_empty(), "strangers: {arrived:?}");
}

fn remarks(store: &Store, issue: IssueId, n: i64) -> Vec<Remark> {
    let deliveries = store.deliveries_of(SubscriberId(n), 10).unwrap();
    deliveries.into_iter().filter(|delivery| delivery.issue == issue).flat_map(|delivery| delivery.remarks).collect()
}

fn is_doubt(remark: &Remark) -> bool {
    matches!(remark.state, DeliveryState::InDoubt | DeliveryState::Parked)
}

/// What one dead process left is found at one instant.
fn no_kill_left_more_than_the_bound_in_doubt(store: &Store, issue: IssueId) {
    let mut found: BTreeMap<DateTime<Utc>, usize> = BTreeMap::new();
    for state in [DeliveryState::InDoubt, DeliveryState::Parked] {
        for notable in store.notable(issue, state, usize::MAX >> 1).unwrap() {
            *found.entry(notable.remark.at).or_default() += 1;
        }
    }
    assert!(!found.is_empty() && found.len() <= KILLS, "{found:?}");
    assert!(found.values().all(|count| *count <= BOUND), "{found:?}");
}

fn now() -> DateTime<Utc> {
    week_in_review::clock::Clock::System.now()
}

fn config(port: u16) -> String {
    format!(
        r#"
[publication]
name = "The Harbour Post"
url = "https://harbour.example/"
postal_address = "12 Quay Street, Harbour Town"
privacy_url = "https://harbour.example/privacy"
contact = "editors@harbour.example"

[web]
base_url = "https://news.harbour.example"

[defaults]
from_address = "week@harbour.example"

[[newsletters]]
slug = "week"
title = "The Week"
schedule = "0 17 * * FRI"

[[newsletters.sections]]
slug = "all"
title = "All"
rest = true

[mail]
via = "smtp"
host = "127.0.0.1"
port = {port}
encryption = "none"
connections = 8
"#
    )
}
