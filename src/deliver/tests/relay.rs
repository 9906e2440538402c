//! What a relay may do to messages, and what the ledger says of their readers afterwards.

use super::*;

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
async fn while_a_relay_is_gone_nobody_stays_claimed() {
    let room = Room::new(300);
    room.relay.answer_nth(50, Answer::DropBeforeEnd);
    (51..54).for_each(|nth| room.relay.answer_nth(nth, Answer::DropBeforeEnd));
    (0..8).for_each(|_| room.relay.refuse_opening(down()));
    let (looks, given_back) = (AtomicU8::new(0), AtomicU8::new(0));
    let (_stopper, stop) = stop_switch();
    let delivered = room
        .try_deliver(stop, &|progress| {
            if progress.relay_trouble.is_none() {
                return;
            }
            if progress.open == 0 {
                given_back.store(1, Ordering::SeqCst);
            } else if looks.fetch_add(1, Ordering::SeqCst) < 50 {
                // It stays away for as long as somebody is claimed, within reason.
                (0..8).for_each(|_| room.relay.refuse_opening(down()));
            }
        })
        .await
        .unwrap();
    assert_eq!((delivered.ended, delivered.tally.accepted), (Ended::Done, 300));
    assert_eq!(given_back.into_inner(), 1, "a crash would have left them in doubt for nothing");
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

#[tokio::test]
async fn a_relays_own_name_for_a_message_is_kept_and_finds_its_reader() {
    use crate::mail::relay_kind::RelayKind;
    let name = "0100018f2b3c4d5e-6f708192-a3b4-c5d6-e7f8-091a2b3c4d5e-000000";
    for (kind, expected) in [(RelayKind::Smtp, None), (RelayKind::Ses, Some(2))] {
        let mut room = Room::new(2);
        room.relay.answer_to("reader2@example.org", Answer::Reply(250, format!("Ok {name}")));
        let route = Route { kind, ..room.delivery.routes[0].clone() };
        room.delivery.routes = Arc::new(vec![route]);
        assert_eq!(room.deliver().await.ended, Ended::Done);
        let store = &room.delivery.store;
        let found = store.read_people::<_, StoreError>(|people| people.recipient_by_relay_id(name)).unwrap();
        assert_eq!(found.map(|(_, subscriber)| subscriber.0), expected, "{kind:?}");
    }
}
