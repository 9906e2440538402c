//! What ends a delivery before its time: a stop, a pause, a clock, a full disk, a bug; and what the next one finds.

use super::*;
use std::sync::atomic::AtomicUsize;

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

#[tokio::test(start_paused = true)]
async fn at_a_pace_a_crash_leaves_few_in_doubt_and_repeats_fewer_at_any_moment() {
    let mut room = Room::new(1_500);
    let gather = DeliverySettings::default().gather;
    room.delivery.settings = DeliverySettings { per_second: Some(600), gather, ..settings() };
    let recorded = Arc::new(AtomicUsize::new(0));
    let unrecorded = Arc::new(AtomicUsize::new(0));
    room.delivery.confirmed_on = Arc::new({
        let (relay, recorded, unrecorded) = (room.relay.clone(), recorded.clone(), unrecorded.clone());
        move |_, _| {
            unrecorded.fetch_max(relay.accepted() - recorded.load(Ordering::SeqCst), Ordering::SeqCst);
            String::new()
        }
    });
    let open = AtomicUsize::new(0);
    let (_stopper, stop) = stop_switch();
    room.try_deliver(stop, &|progress| {
        recorded.store(progress.tally.accepted as usize, Ordering::SeqCst);
        open.fetch_max(progress.open, Ordering::SeqCst);
    })
    .await
    .unwrap();
    room.assert_once_each(1_500);
    let (open, unrecorded) = (open.into_inner(), unrecorded.load(Ordering::SeqCst));
    assert!(open <= 60, "{open} claimed for a pace of 600 a second");
    // Twenty milliseconds' worth would be twelve.
    assert!(unrecorded <= 5, "{unrecorded} had left and were not recorded");
}
