//! What the ledger costs: claiming and recording with `synchronous=FULL`, and a whole delivery to the memory mailer. The limits are 100,000
//! deliveries a second for the ledger alone and 50,000 messages a second and core for everything but the socket.
//!
//! Runs once per size instead of thousands of times: a ledger can only be written forward. `LEDGER_FOLDER` names the disk to measure on.

#[path = "../tests/sample/mod.rs"]
mod sample;

use chrono::TimeDelta;
use sample::sending::{friday, sending};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use week_in_review::deliver::route::Route;
use week_in_review::deliver::stop::stop_switch;
use week_in_review::deliver::{Delivery, DeliveryOrder, DeliverySettings, Ended};
use week_in_review::domain::delivery::{DeliveryState, Outcome, Recipient};
use week_in_review::domain::issue::IssueId;
use week_in_review::domain::token::{Key, Keyring, SuppressionKey};
use week_in_review::mail::mailer::Mailer;
use week_in_review::mail::memory::MemoryMailer;
use week_in_review::store::Store;
use week_in_review::store::ledger::{ProcessId, Turn, Used};

fn main() {
    for readers in [10_000, 100_000] {
        for batch in [50, 100, 500] {
            ledger_alone(readers, batch);
        }
    }
    for readers in [10_000, 100_000] {
        whole_delivery(readers);
    }
}

/// A database on disk with an issue to so many readers.
fn database(readers: i64, html: &str) -> (tempfile::TempDir, Store, IssueId) {
    let beside = std::env::var_os("LEDGER_FOLDER").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(beside).expect("the folder can be written");
    let store = Store::open(&folder.path().join("subscribers.db")).expect("a new database opens");
    let issue = sending(&store, readers, html, "News\n", friday());
    (folder, store, issue)
}

fn tell(what: &str, readers: i64, took: Duration) {
    let seconds = took.as_secs_f64();
    println!("{what:<44} {readers:>8} readers {:>9.0} a second {seconds:>7.2} s", readers as f64 / seconds);
}

/// Turns that record one page and claim the next, as a delivery takes them.
fn ledger_alone(readers: i64, batch: usize) {
    let (_folder, store, issue) = database(readers, "<p>");
    let began = Instant::now();
    let mut outcomes: Vec<Outcome> = Vec::new();
    loop {
        let turn = Turn {
            issue,
            process: ProcessId([1; 16]),
            outcomes: &outcomes,
            used: Used::default(),
            room: batch,
            wary_room: 0,
            closed: &[],
            now: friday(),
        };
        let turned = store.turn(&turn).expect("the disk has room");
        if turned.claimed.is_empty() {
            break;
        }
        outcomes = turned.claimed.iter().map(accepted).collect();
    }
    tell(&format!("claim and record, pages of {batch}"), readers, began.elapsed());
}

fn accepted(recipient: &Recipient) -> Outcome {
    Outcome {
        place: recipient.place,
        state: DeliveryState::Accepted,
        at: friday(),
        retry_at: None,
        code: Some(250),
        enhanced: None,
        reply: Some("2.0.0 Ok: queued as 4Xyz0123456".into()),
        relay_id: None,
    }
}

/// Claim, splice 80 KB, hand over to memory, record.
fn whole_delivery(readers: i64) {
    let story = "<p style=\"margin: 0 0 16px\">The harbour board met on Monday, and the ferries ran late again.</p>\n";
    let (_folder, store, issue) = database(readers, &story.repeat(72_000 / story.len()));
    let relay = MemoryMailer::counting();
    let key = Key { id: 1, secret: [7; 32], retired: false };
    let delivery = Delivery {
        store: Arc::new(store),
        keyring: Arc::new(Keyring::new(vec![key], SuppressionKey([9; 32])).expect("one key that signs")),
        routes: Arc::new(vec![Route::only(Mailer::Memory(relay.clone()), 20)]),
        signers: Arc::new(Vec::new()),
        settings: DeliverySettings::default(),
        now: Arc::new(friday),
        confirmed_on: Arc::new(|_, _| "3 May 2026".to_owned()),
    };
    let order = DeliveryOrder {
        issue,
        number: 1,
        newsletter: sample::sending::week_newsletter(),
        newsletter_id: 1,
        frozen_at: friday(),
        expires_at: friday() + TimeDelta::hours(24),
        pictures: Vec::new(),
    };
    let mut lock = delivery.store.try_deliver_lock().expect("the lock file can be made").expect("nobody else delivers");
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let (_stopper, stop) = stop_switch();
    let began = Instant::now();
    let delivered = runtime.block_on(delivery.deliver(&mut lock, ProcessId([2; 16]), order, stop, &|_| {}));
    let took = began.elapsed();
    let delivered = delivered.expect("the relay in memory takes everything");
    assert_eq!((delivered.ended, relay.accepted() as i64), (Ended::Done, readers));
    tell("whole delivery of 80 KB to memory", readers, took);
}
