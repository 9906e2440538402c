//! Whole deliveries against the relay in memory: who gets mail, who does not, and what the ledger says afterwards.

mod power;

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
async fn a_greylisted_recipient_is_tried_again_later_under_the_same_message_id() {
    let room = Room::new(3);
    for answer in [later(), Answer::DropAfterEnd { taken: true }] {
        room.relay.answer_to("reader1@example.org", answer);
    }
    assert_eq!(room.deliver().await.ended, Ended::Waiting { until: noon() + TimeDelta::minutes(5) });
    assert_eq!(room.deliver().await.taken, 0, "before it is due nothing happens");
    room.advance(TimeDelta::minutes(5));
    assert_eq!(room.deliver().await.ended, Ended::Waiting { until: noon() + TimeDelta::minutes(6) });
    room.advance(TimeDelta::minutes(1));
    assert_eq!(room.deliver().await.ended, Ended::Done);
    let ids = message_ids(&room);
    let mut distinct = ids.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!((ids.len(), distinct.len()), (4, 3), "the one in doubt came twice, under one id");
}

#[tokio::test]
async fn waits_grow_until_the_issues_time_is_over() {
    let room = Room::new(1);
    (0..50).for_each(|_| room.relay.answer_to("reader1@example.org", later()));
    let mut waits = Vec::new();
    loop {
        match room.deliver().await.ended {
            Ended::Waiting { until } => {
                let now = (room.delivery.now)();
                waits.push((until - now).num_minutes());
                *room.clock.lock().unwrap() = until;
            }
            ended => {
                assert_eq!(ended, Ended::Done);
                break;
            }
        }
    }
    assert_eq!(waits, [5, 15, 30, 60, 120, 240, 240, 240, 240, 240, 10]);
    assert_eq!(room.delivery.store.tally(room.order.issue).unwrap().expired, 1);
}

#[tokio::test]
async fn a_refusal_is_final_and_keeps_the_relays_words() {
    let room = Room::new(4);
    room.relay.answer_to("reader2@example.org", Answer::Reply(550, "5.1.1 <reader2@example.org> unknown".into()));
    let delivered = room.deliver().await;
    assert_eq!((delivered.ended, delivered.tally.refused, delivered.tally.accepted), (Ended::Done, 1, 3));
    let refused = room.delivery.store.notable(room.order.issue, DeliveryState::Refused, 10).unwrap();
    assert_eq!((refused[0].remark.code, refused[0].remark.enhanced.as_deref()), (Some(550), Some("5.1.1")));
    let reply = refused[0].remark.reply.clone().unwrap();
    assert!(!reply.contains("reader2") && reply.contains("unknown"), "{reply}");
    assert_eq!(enhanced_code(&reply).as_deref(), Some("5.1.1"));
}

#[tokio::test]
async fn a_relay_that_is_down_uses_up_nobodys_attempts_and_raises_an_alarm() {
    let room = Room::new(20);
    (0..40).for_each(|_| room.relay.refuse_opening(down()));
    let troubled = Mutex::new(Vec::new());
    let (_stopper, stop) = stop_switch();
    let delivered = room
        .try_deliver(stop, &|progress| {
            if let Some(trouble) = &progress.relay_trouble {
                troubled.lock().unwrap().push((trouble.clone(), room.delivery.store.alarms().unwrap()));
            }
        })
        .await
        .unwrap();
    let troubled = troubled.into_inner().unwrap();
    assert!(troubled.iter().any(|(trouble, alarms)| trouble.contains("nobody answers") && alarms.len() == 1));
    assert_eq!((delivered.ended, delivered.taken), (Ended::Done, 20));
    assert_eq!(seeds::most_attempts(&room.delivery.store), 1);
    assert!(room.delivery.store.alarms().unwrap().is_empty(), "cleared when it answers");
}

#[tokio::test]
async fn a_relay_that_goes_away_in_the_middle_gives_back_what_waits() {
    let room = Room::new(300);
    room.relay.answer_nth(50, Answer::DropBeforeEnd);
    (51..54).for_each(|nth| room.relay.answer_nth(nth, Answer::DropBeforeEnd));
    (0..30).for_each(|_| room.relay.refuse_opening(down()));
    let delivered = room.deliver().await;
    assert_eq!((delivered.ended, delivered.tally.accepted), (Ended::Done, 300));
    room.assert_once_each(300);
    assert_eq!(
        seeds::outcomes(
            &room.delivery.store,
            &[DeliveryState::Deferred, DeliveryState::Refused, DeliveryState::InDoubt, DeliveryState::Parked]
        ),
        0
    );
}

#[tokio::test]
async fn a_connection_dropped_after_the_message_leaves_one_reader_in_doubt_and_the_third_time_parks() {
    let room = Room::new(2);
    for taken in [false, true, false] {
        room.relay.answer_to("reader1@example.org", Answer::DropAfterEnd { taken });
    }
    let first = room.deliver().await;
    assert_eq!((first.ended, first.tally.in_doubt), (Ended::Waiting { until: noon() + TimeDelta::minutes(1) }, 1));
    room.advance(TimeDelta::minutes(1));
    room.deliver().await;
    room.advance(TimeDelta::minutes(5));
    let last = room.deliver().await;
    assert_eq!((last.ended, last.tally.parked, last.tally.accepted), (Ended::Done, 1, 1));
    assert_eq!(room.arrived()["reader1@example.org"], 1);
}

#[tokio::test]
async fn a_relay_that_says_421_again_and_again_gets_all_messages() {
    let room = Room::new(1_000);
    // Not in step with the pages of a hundred, or a retry could meet the next 421 at the same place.
    (1..=10).for_each(|n| room.relay.answer_nth(n * 97, Answer::Reply(421, "4.7.0 too many messages".into())));
    let delivered = room.deliver().await;
    assert_eq!((delivered.ended, delivered.taken), (Ended::Done, 1_000));
    room.assert_once_each(1_000);
    assert_eq!(seeds::outcomes(&room.delivery.store, &[DeliveryState::Deferred]), 0, "421 is about the connection");
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

/// Calls the stopper once some mail has been taken.
fn after(taken: u64, act: impl Fn() + Send + Sync) -> impl Fn(&Progress) + Send + Sync {
    move |progress: &Progress| {
        if progress.tally.accepted >= taken {
            act();
        }
    }
}

#[tokio::test]
async fn a_stop_gives_back_the_rest_and_a_resume_mails_it() {
    let room = Room::new(2_000);
    let (stopper, stop): (Stopper, StopSignal) = stop_switch();
    let stopped = room.try_deliver(stop, &after(100, || stopper.stop())).await.unwrap();
    assert_eq!(stopped.ended, Ended::Stopped);
    assert!(stopped.tally.accepted < 2_000);
    assert_eq!(stopped.tally.queued + stopped.tally.accepted, 2_000);
    assert_eq!(seeds::open_claims(&room.delivery.store), 0);
    let resumed = room.deliver().await;
    assert_eq!((resumed.ended, resumed.adopted, resumed.tally.accepted), (Ended::Done, Adopted::default(), 2_000));
    room.assert_once_each(2_000);
}

#[tokio::test]
async fn a_pause_from_elsewhere_halts_at_the_next_turn() {
    let room = Room::new(2_000);
    let pause = after(100, || seeds::set_issue_state(&room.delivery.store, "paused"));
    let (_stopper, stop) = stop_switch();
    let halted = room.try_deliver(stop, &pause).await.unwrap();
    assert_eq!(halted.ended, Ended::Halted { state: IssueState::Paused });
    assert_eq!(seeds::open_claims(&room.delivery.store), 0);
    seeds::set_issue_state(&room.delivery.store, "sending");
    assert_eq!(room.deliver().await.ended, Ended::Done);
    room.assert_once_each(2_000);
}

#[tokio::test]
async fn never_more_than_the_bound_is_open() {
    let room = Room::new(3_000);
    let most = Mutex::new(0);
    let (_stopper, stop) = stop_switch();
    room.try_deliver(stop, &|progress| {
        let open = seeds::open_claims(&room.delivery.store);
        assert_eq!(open as usize, progress.open);
        let mut most = most.lock().unwrap();
        *most = open.max(*most);
    })
    .await
    .unwrap();
    assert!((101..=200).contains(&*most.lock().unwrap()), "the next page is claimed while this one is sent");
}

#[tokio::test]
async fn a_clock_that_went_back_holds_the_mail() {
    let room = Room::new(3);
    room.delivery.store.note_instant(noon() + TimeDelta::hours(1)).unwrap();
    let (_stopper, stop) = stop_switch();
    let error = room.try_deliver(stop, &|_| {}).await.unwrap_err();
    assert!(matches!(error, DeliverError::ClockWentBack(3600)), "{error}");
    assert!(room.relay.sent().is_empty());
}

#[tokio::test]
async fn a_clock_that_goes_back_during_a_send_stops_it() {
    let room = Room::new(2_000);
    let back = after(100, || *room.clock.lock().unwrap() = noon() - TimeDelta::hours(1));
    let (_stopper, stop) = stop_switch();
    let error = room.try_deliver(stop, &back).await.unwrap_err();
    assert!(matches!(error, DeliverError::ClockWentBack(_)), "{error}");
    *room.clock.lock().unwrap() = noon();
    assert_eq!(room.deliver().await.ended, Ended::Done);
    room.assert_once_each(2_000);
}

#[tokio::test]
async fn a_full_disk_stops_the_send_and_loses_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let room = Room::in_store(Store::open(&folder.path().join("subscribers.db")).unwrap(), 3_000);
    let full = after(100, || seeds::fill_the_disk(&room.delivery.store));
    let (_stopper, stop) = stop_switch();
    let error = room.try_deliver(stop, &full).await.unwrap_err();
    assert!(matches!(error, DeliverError::Recording { error: StoreError::DiskFull, .. }), "{error}");
    assert!(error.to_string().contains("the disk is full"), "{error}");
    let sent_before = room.relay.sent().len();
    assert!(sent_before < 3_000);

    seeds::free_the_disk(&room.delivery.store);
    let resumed = room.deliver().await;
    assert_eq!(resumed.ended, Ended::Done);
    assert!(resumed.adopted.in_doubt <= 200);
    let arrived = room.arrived();
    assert_eq!(arrived.len(), 3_000, "nobody is lost");
    let twice = arrived.values().filter(|times| **times == 2).count() as u64;
    assert!(twice <= resumed.adopted.in_doubt && arrived.values().all(|times| *times <= 2));
}

#[tokio::test]
async fn what_a_killed_process_had_claimed_is_listed_and_mailed_again() {
    let room = Room::new(50);
    let dead = crate::store::ledger::Turn {
        issue: room.order.issue,
        process: ProcessId([99; 16]),
        outcomes: &[],
        used: crate::store::ledger::Used::default(),
        room: 20,
        wary_room: 0,
        wary_open: 0,
        closed: &[],
        now: noon(),
    };
    room.delivery.store.turn(&dead).unwrap();
    let delivered = room.deliver().await;
    assert_eq!((delivered.ended, delivered.adopted), (Ended::Done, Adopted { in_doubt: 20, parked: 0 }));
    assert_eq!(room.delivery.store.notable(room.order.issue, DeliveryState::InDoubt, 100).unwrap().len(), 20);
    room.assert_once_each(50);
}

#[tokio::test]
async fn one_process_delivers_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let room = Room::in_store(Store::open(&folder.path().join("subscribers.db")).unwrap(), 300);
    let beside = room.delivery.store.another().unwrap();
    let (_stopper, stop) = stop_switch();
    room.try_deliver(stop, &|_| assert!(beside.try_deliver_lock().unwrap().is_none())).await.unwrap();
    assert!(beside.try_deliver_lock().unwrap().is_some());
}

#[tokio::test]
async fn a_message_that_cannot_be_built_stops_the_send_with_a_reason() {
    let mut room = Room::new(5);
    room.order.newsletter.sender.list_id = "no id".into();
    let (_stopper, stop) = stop_switch();
    let error = room.try_deliver(stop, &|_| {}).await.unwrap_err();
    assert!(error.to_string().contains("list id"), "{error}");
    assert_eq!(
        seeds::outcomes(
            &room.delivery.store,
            &[DeliveryState::Accepted, DeliveryState::Refused, DeliveryState::InDoubt]
        ),
        0
    );
    assert_eq!(seeds::open_claims(&room.delivery.store), 0);
}

#[tokio::test]
async fn a_reader_whose_message_panics_is_parked_and_the_others_get_theirs() {
    let mut room = Room::new(5);
    let calls = AtomicU8::new(0);
    room.delivery.confirmed_on = Arc::new(move |_, _| {
        assert_ne!(calls.fetch_add(1, Ordering::SeqCst), 2, "told so");
        String::new()
    });
    let delivered = room.deliver().await;
    assert_eq!((delivered.ended, delivered.tally.accepted, delivered.tally.parked), (Ended::Done, 4, 1));
    let parked = room.delivery.store.notable(room.order.issue, DeliveryState::Parked, 10).unwrap();
    assert!(parked[0].remark.reply.as_deref().unwrap().contains("a bug"), "{parked:?}");
    assert_eq!(seeds::open_claims(&room.delivery.store), 0);
}

#[tokio::test]
async fn receivers_who_want_it_slower_get_it_slower_and_nobody_is_refused() {
    let room = Room::new(40);
    for n in 1..=4 {
        room.relay.answer_nth(n, Answer::Reply(451, "4.7.0 too many messages, slow down".into()));
    }
    let delivered = room.deliver().await;
    assert!(matches!(delivered.ended, Ended::Waiting { .. }), "{delivered:?}");
    assert!(delivered.tally.queued > 10, "most of the domain waits in the ledger: {:?}", delivered.tally);
    let mut rounds = 0;
    while room.deliver().await.ended != Ended::Done {
        room.advance(TimeDelta::minutes(6));
        rounds += 1;
        assert!(rounds < 20);
    }
    room.assert_once_each(40);
    assert_eq!(seeds::outcomes(&room.delivery.store, &[DeliveryState::Refused]), 0);
}

#[test]
fn an_issue_is_tried_for_its_time_and_never_beyond_the_next_cut_off() {
    let mut newsletter = newsletter();
    (newsletter.zone, newsletter.cutoff_minutes) = (chrono_tz::Tz::UTC, 30);
    newsletter.schedule = crate::domain::schedule::Schedule::parse("0 17 * * FRI").unwrap();
    let at = |text: &str| format!("2026-11-{text}:00Z").parse::<DateTime<Utc>>().unwrap();
    let friday = at("20T17:00");
    assert_eq!(newsletter.deliver_until(friday, friday), at("21T17:00"));
    newsletter.policy.deliver_within_hours = 7 * 24;
    assert_eq!(newsletter.deliver_until(friday, friday), at("27T16:30"));
    assert_eq!(
        newsletter.deliver_until(friday, at("18T09:00")),
        at("25T09:00"),
        "taken early: its own date is no limit"
    );
    assert_eq!(
        newsletter.deliver_until(friday, at("27T16:40")),
        at("27T16:40") + TimeDelta::days(7) - TimeDelta::minutes(10)
    );
    newsletter.schedule = crate::domain::schedule::Schedule::parse("0 * * * *").unwrap();
    assert_eq!(newsletter.deliver_until(friday, friday), at("20T17:30"));
}
