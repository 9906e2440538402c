//! Whole deliveries against the relay in memory: who gets mail, who does not, and what the ledger says afterwards.

mod ending;
mod halting;
mod power;
mod relay;
mod time;

use super::route::Route;
use super::stop::{Stopper, stop_switch};
use super::*;
use crate::domain::delivery::DeliveryState;
use crate::domain::slot::{What, Where, mark};
use crate::domain::token::{Key, SuppressionKey};
use crate::mail::mailer::{Mailer, OpenError};
use crate::mail::memory::{Answer, MemoryMailer};
use crate::mail::reply::enhanced_code;
use crate::store::seeds::{self, noon, sending_issue, subscribers};
use chrono::TimeDelta;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};

/// An issue to some subscribers, a relay that does as it is told, and a clock that moves when it is told to.
struct Room {
    delivery: Delivery,
    relay: MemoryMailer,
    clock: Arc<Mutex<DateTime<Utc>>>,
    order: DeliveryOrder,
    calls: AtomicU8,
}

impl Room {
    fn new(readers: i64) -> Self {
        Self::in_store(Store::in_memory().unwrap(), readers)
    }

    fn in_store(store: Store, readers: i64) -> Self {
        let newsletter_id = subscribers(&store, readers);
        let link = mark(What::UnsubscribeUrl, Where::HtmlAttribute);
        let issue = sending_issue(&store, newsletter_id, &format!("<p>News <a href=\"{link}\">leave</a>"), "News");
        let clock = Arc::new(Mutex::new(noon()));
        let relay = MemoryMailer::new();
        let delivery = Delivery {
            store: Arc::new(store),
            keyring: Arc::new(keyring()),
            routes: Arc::new(vec![Route::only(Mailer::Memory(relay.clone()), 4)]),
            signers: Arc::new(Vec::new()),
            settings: settings(),
            now: Arc::new({
                let clock = clock.clone();
                move || *clock.lock().unwrap()
            }),
            confirmed_on: Arc::new(|at, _| at.format("%d.%m.%Y").to_string()),
        };
        let order = DeliveryOrder {
            issue,
            number: 214,
            newsletter: newsletter(),
            newsletter_id,
            frozen_at: noon(),
            expires_at: noon() + TimeDelta::hours(24),
            pictures: Vec::new(),
        };
        Self { delivery, relay, clock, order, calls: AtomicU8::new(1) }
    }

    /// The same issue, relay apart, going on in another database.
    fn at(store: Store, room: &Room) -> Self {
        let relay = MemoryMailer::new();
        let routes = Arc::new(vec![Route::only(Mailer::Memory(relay.clone()), 4)]);
        let delivery = Delivery { store: Arc::new(store), routes, ..room.delivery.clone() };
        Self { delivery, relay, clock: room.clock.clone(), order: room.order.clone(), calls: AtomicU8::new(100) }
    }

    async fn try_deliver(&self, stop: StopSignal, on_progress: &OnProgress<'_>) -> Result<Delivered, DeliverError> {
        let mut lock = self.delivery.store.try_deliver_lock().unwrap().unwrap();
        let process = ProcessId([self.calls.fetch_add(1, Ordering::SeqCst); 16]);
        self.delivery.deliver(&mut lock, process, self.order.clone(), stop, on_progress).await
    }

    async fn deliver(&self) -> Delivered {
        let (_stopper, stop) = stop_switch();
        self.try_deliver(stop, &|_| {}).await.unwrap()
    }

    fn advance(&self, by: TimeDelta) {
        *self.clock.lock().unwrap() += by;
    }

    /// How often each address got the issue.
    fn arrived(&self) -> BTreeMap<String, usize> {
        let mut arrived = BTreeMap::new();
        for message in self.relay.sent() {
            *arrived.entry(message.to).or_default() += 1;
        }
        arrived
    }

    fn assert_once_each(&self, readers: i64) {
        let arrived = self.arrived();
        assert_eq!(arrived.len() as i64, readers);
        assert!(arrived.values().all(|times| *times == 1));
    }
}

fn settings() -> DeliverySettings {
    DeliverySettings {
        gather: Duration::from_millis(2),
        reconnect: vec![Duration::from_millis(1)],
        record_again: vec![Duration::from_millis(1)],
        stop_within: Duration::from_secs(2),
        // The clock stands still while a delivery runs.
        linger: TimeDelta::zero(),
        ..DeliverySettings::default()
    }
}

fn keyring() -> Keyring {
    Keyring::new(vec![Key { id: 1, secret: [7; 32], retired: false }], SuppressionKey([9; 32])).unwrap()
}

fn newsletter() -> Newsletter {
    let json = include_str!("tests/newsletter.json");
    serde_json::from_str(json).unwrap()
}

fn later() -> Answer {
    Answer::Reply(451, "4.7.1 greylisted".into())
}

fn down() -> OpenError {
    OpenError::Unreachable { relay: "memory".into(), why: "nobody answers".into() }
}

fn message_ids(room: &Room) -> Vec<String> {
    let header = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned()
    };
    room.relay.sent().iter().map(|message| header(&message.bytes)).collect()
}

#[tokio::test]
async fn every_recipient_gets_the_issue_exactly_once() {
    let room = Room::new(1_000);
    let delivered = room.deliver().await;
    assert_eq!((delivered.ended, delivered.taken), (Ended::Done, 1_000));
    room.assert_once_each(1_000);
    assert_eq!(room.deliver().await.taken, 0, "a second run mails nobody");
    room.assert_once_each(1_000);
}

#[tokio::test]
async fn with_a_mailbox_for_returned_mail_each_message_has_its_own_return_path() {
    use crate::domain::returns::{ReturnMailbox, ReturnPath};
    let mailbox = ReturnMailbox { address: "bounces@news.example.org".into(), delimiter: '+' };
    let path = ReturnPath::parse(&mailbox).unwrap();
    let mut room = Room::new(2);
    room.order.newsletter.sender.returns = Some(mailbox);
    room.deliver().await;
    for message in room.relay.sent() {
        let back = keyring().verify_return(path.token_in(message.from.as_deref().unwrap()).unwrap()).unwrap();
        assert_eq!(back.issue, room.order.issue);
        assert_eq!(message.to, format!("reader{}@example.org", i64::from_be_bytes(back.public_id)));
        let text = String::from_utf8(message.bytes.clone()).unwrap();
        let (_, rest) = text.split_once(",\r\n <mailto:").unwrap();
        let leaving = path.token_in(rest.split_once('>').unwrap().0).unwrap();
        let claim = keyring().verify(leaving, crate::domain::token::Purpose::Unsubscribe).unwrap();
        assert_eq!(claim.public_id, back.public_id);
    }
}

#[tokio::test]
async fn a_message_bears_its_readers_own_links() {
    let room = Room::new(1);
    room.deliver().await;
    let text = String::from_utf8(room.relay.sent()[0].bytes.clone()).unwrap();
    assert!(text.contains("To: <reader1@example.org>"));
    let flat = text.replace("=\r\n", "").replace("=3D", "=");
    let (_, rest) = flat.split_once("href=\"https://news.example.org/u/").unwrap();
    let token = rest.split_once('"').unwrap().0;
    let claim = keyring().verify(token, crate::domain::token::Purpose::Unsubscribe).unwrap();
    assert_eq!(claim.public_id, 1_i64.to_be_bytes());
    assert!(text.contains(&format!("List-Unsubscribe: <https://news.example.org/u/{token}>")));
    assert!(text.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
    assert!(text.contains("Date: Fri, 20 Nov 2026 12:00:00 +0000"));
}

#[tokio::test]
async fn whoever_leaves_in_the_middle_gets_nothing_more() {
    let room = Room::new(600);
    let left = Mutex::new(false);
    let (_stopper, stop) = stop_switch();
    let delivered = room
        .try_deliver(stop, &|progress| {
            if progress.tally.accepted > 0 && !std::mem::replace(&mut *left.lock().unwrap(), true) {
                seeds::leave(&room.delivery.store, &[598, 599]);
            }
        })
        .await
        .unwrap();
    assert_eq!((delivered.ended, delivered.tally.skipped, delivered.tally.accepted), (Ended::Done, 2, 598));
    assert!(!room.arrived().contains_key(&seeds::address(598)));
}
