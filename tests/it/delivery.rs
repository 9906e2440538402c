//! Deliveries over SMTP to a relay that misbehaves: what the ledger says afterwards, and who has it.

#![allow(clippy::unwrap_used, reason = "in a test a failure is the message")]

mod chunks;
mod lies;
mod links;
mod sinks;

use super::sample::sending::{reader, sending, week_newsletter};
use super::support::faulty_relay::{Phase, Plan, Relay};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use week_in_review::deliver::route::Route;
use week_in_review::deliver::stop::{Stopper, stop_switch};
use week_in_review::deliver::{Delivered, Delivery, DeliveryOrder, DeliverySettings, Ended, Progress};
use week_in_review::domain::delivery::{DeliveryState, Tally};
use week_in_review::domain::token::{Key, Keyring, SuppressionKey};
use week_in_review::mail::bulk::Login;
use week_in_review::mail::mailer::Mailer;
use week_in_review::mail::smtp::{Encryption, RelaySettings, SmtpRelay};
use week_in_review::store::Store;
use week_in_review::store::ledger::ProcessId;

/// A send to some readers by way of a relay.
struct Send {
    delivery: Delivery,
    order: DeliveryOrder,
    clock: Arc<Mutex<DateTime<Utc>>>,
    runs: u128,
    _folder: tempfile::TempDir,
}

impl Send {
    fn new(readers: i64, relay: &Relay) -> Self {
        Self::by(readers, relay.port)
    }

    /// The same through whatever listens at a port.
    fn by(readers: i64, port: u16) -> Self {
        Self::patient(readers, port, Duration::from_millis(300))
    }

    /// The same, with another time limit for each answer.
    fn patient(readers: i64, port: u16, timeout: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("subscribers.db")).unwrap();
        let now: DateTime<Utc> = "2026-11-20T17:00:00Z".parse().unwrap();
        let issue = sending(&store, readers, "<p>News</p>", "News\n", now);
        let clock = Arc::new(Mutex::new(now));
        let settings = RelaySettings { timeout, ..settings(port) };
        let key = Key { id: 1, secret: [7; 32], retired: false };
        let delivery = Delivery {
            store: Arc::new(store),
            keyring: Arc::new(Keyring::new(vec![key], SuppressionKey([9; 32])).unwrap()),
            routes: Arc::new(vec![Route::only(Mailer::Smtp(Box::new(SmtpRelay::new(settings).unwrap())), 4)]),
            signers: Arc::new(Vec::new()),
            settings: DeliverySettings {
                reconnect: vec![Duration::from_millis(5)],
                stop_within: Duration::from_millis(100),
                // The clock stands still while a delivery runs.
                linger: TimeDelta::zero(),
                ..DeliverySettings::default()
            },
            now: Arc::new({
                let clock = clock.clone();
                move || *clock.lock().unwrap()
            }),
            confirmed_on: Arc::new(|_, _| "3 May 2026".to_owned()),
        };
        let order = DeliveryOrder {
            issue,
            number: 1,
            newsletter: week_newsletter(),
            newsletter_id: 1,
            frozen_at: now,
            expires_at: now + TimeDelta::hours(24),
            pictures: Vec::new(),
        };
        Self { delivery, order, clock, runs: 0, _folder: folder }
    }

    async fn once(&mut self) -> Delivered {
        self.watched(&|_, _| {}).await
    }

    /// Delivers once; `watch` sees each step and may stop it.
    async fn watched(&mut self, watch: &(dyn Fn(&Progress, &Stopper) + Sync)) -> Delivered {
        self.runs += 1;
        let mut lock = self.delivery.store.try_deliver_lock().unwrap().unwrap();
        let (stopper, stop) = stop_switch();
        let process = ProcessId(self.runs.to_be_bytes());
        let watch = |progress: &Progress| watch(progress, &stopper);
        self.delivery.deliver(&mut lock, process, self.order.clone(), stop, &watch).await.unwrap()
    }

    /// Delivers until the issue is done, the clock moving on to each retry.
    async fn until_done(&mut self) -> Tally {
        loop {
            match self.once().await {
                Delivered { ended: Ended::Waiting { until }, .. } => *self.clock.lock().unwrap() = until,
                Delivered { ended, tally, .. } => {
                    assert_eq!(ended, Ended::Done);
                    return tally;
                }
            }
        }
    }

    fn listed(&self, state: DeliveryState) -> usize {
        self.delivery.store.notable(self.order.issue, state, 10_000).unwrap().len()
    }
}

fn settings(port: u16) -> RelaySettings {
    RelaySettings {
        host: "127.0.0.1".into(),
        port,
        encryption: Encryption::None,
        username: None,
        password: None,
        token_file: None,
        login: Login::Auto,
        ca_file: None,
        helo_name: Some("news.example.org".into()),
        timeout: Duration::from_millis(300),
    }
}

/// How often each reader's mail reached the relay.
fn arrived(relay: &Relay) -> BTreeMap<String, usize> {
    let mut arrived = BTreeMap::new();
    for message in relay.received() {
        *arrived.entry(message.recipients[0].clone()).or_default() += 1;
    }
    arrived
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_takes_everything_gets_each_message_once() {
    let relay = Plan::default().start();
    let mut send = Send::new(500, &relay);
    let delivered = send.once().await;
    assert_eq!((delivered.ended, delivered.taken), (Ended::Done, 500));
    let arrived = arrived(&relay);
    assert!(arrived.len() == 500 && arrived.values().all(|times| *times == 1));
    assert!(relay.peak_connections() <= 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_hangs_up_after_a_hundred_messages_gets_the_rest_on_new_connections() {
    let relay = Plan::default().busy_after(100).start();
    let mut send = Send::new(1_000, &relay);
    assert_eq!(send.until_done().await.accepted, 1_000);
    assert!(arrived(&relay).values().all(|times| *times == 1));
    assert!(relay.connections() >= 10);
    assert_eq!(send.listed(DeliveryState::InDoubt) + send.listed(DeliveryState::Deferred), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_dropped_after_the_message_leave_those_readers_in_doubt() {
    let relay = Plan::default().drop_after_data(3).start();
    let mut send = Send::new(50, &relay);
    assert_eq!(send.until_done().await.accepted, 50);
    assert_eq!(send.listed(DeliveryState::InDoubt), 3);
    let twice = arrived(&relay).values().filter(|times| **times == 2).count();
    assert_eq!(twice, 3, "it had taken them, which nobody could know");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_hangs_after_the_message_leaves_its_reader_in_doubt() {
    let relay = Plan::default().hang_at(Phase::Message).start();
    let mut send = Send::new(1, &relay);
    let delivered = send.once().await;
    assert_eq!(delivered.tally.in_doubt, 1);
    relay.release();
    assert_eq!(send.until_done().await.accepted, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_while_the_relay_hangs_over_a_message_ends_the_send_and_lists_who_is_in_doubt() {
    for (phase, doubts) in [(Phase::Message, 4), (Phase::Data, 0)] {
        let relay = Plan::default().hang_at(phase).start();
        // So patient that only the stop can end it.
        let mut send = Send::patient(300, relay.port, Duration::from_hours(1));
        let stop_once_all_hang = |_: &Progress, stopper: &Stopper| {
            if relay.hanging() == 4 {
                stopper.stop();
            }
        };
        let delivered = send.watched(&stop_once_all_hang).await;
        assert_eq!(delivered.ended, Ended::Stopped, "{phase:?}");
        assert_eq!(delivered.tally.in_doubt, doubts, "{phase:?}: one for each connection: {:?}", delivered.tally);
        assert_eq!(delivered.tally.queued + delivered.tally.in_doubt, 300, "{phase:?}: {:?}", delivered.tally);
        relay.release();
        assert_eq!(send.until_done().await.accepted, 300);
        let arrived = arrived(&relay);
        let twice = arrived.values().filter(|times| **times > 1).count() as u64;
        assert!(arrived.len() == 300 && twice <= delivered.tally.in_doubt, "{phase:?}: {twice} got two");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_hangs_before_the_message_uses_up_no_attempt() {
    let relay = Plan::default().hang_at(Phase::Mail).start();
    let mut send = Send::new(1, &relay);
    let delivered = send.once().await;
    assert!(matches!(delivered.ended, Ended::Waiting { .. }));
    assert_eq!((delivered.tally.queued, send.listed(DeliveryState::Deferred)), (1, 0));
    relay.release();
    assert_eq!(send.until_done().await.accepted, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_and_put_off_readers_do_not_hold_up_the_others() {
    let relay = Plan::default()
        .refuse(&reader(1), "550 5.1.1 no such user", 9)
        .refuse(&reader(2), "451 4.7.1 greylisted", 1)
        .start();
    let mut send = Send::new(20, &relay);
    let first = send.once().await;
    assert_eq!((first.tally.accepted, first.tally.refused, first.tally.deferred), (18, 1, 1));
    let end = send.until_done().await;
    assert_eq!((end.accepted, end.refused), (19, 1));
    assert!(!arrived(&relay).contains_key(&reader(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_kept_while_receivers_who_want_it_slower_are_waited_for() {
    let slow = (1..=4).fold(Plan::default(), |plan, n| plan.refuse(&reader(n), "451 4.7.0 slow down", 1));
    let relay = slow.start();
    let mut send = Send::patient(30, relay.port, Duration::from_mins(2));
    send.delivery.settings.linger = TimeDelta::seconds(30);
    let clock = send.clock.clone();
    let delivered = send.watched(&|_, _| *clock.lock().unwrap() += TimeDelta::seconds(1)).await;
    assert!(matches!(delivered.ended, Ended::Waiting { .. }), "{delivered:?}");
    assert_eq!((delivered.tally.accepted, delivered.tally.deferred), (26, 4), "only what is minutes away is left");
    assert!(relay.connections() <= 4, "{}", relay.connections());
    send.delivery.settings.linger = TimeDelta::zero();
    assert_eq!(send.until_done().await.accepted, 30);
}
