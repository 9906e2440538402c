//! A network that is cut or falls silent in the middle of a dialogue, in every phase and in both directions: who has it, and what the ledger says.

use super::*;
use crate::support::link::{Fate, Link};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_cut_or_falls_silent_anywhere_loses_nobody_and_repeats_only_those_in_doubt() {
    let relay = Plan::default().start();
    // In the greeting, inside an envelope, inside a message, after one: wherever the numbers fall.
    let fates = (0..40).map(|n| {
        let bytes = n * 397 % 9_000;
        if n % 4 == 0 { Fate::Silent(bytes) } else { Fate::Cut(bytes) }
    });
    let link = Link::to(relay.port, fates);
    let mut send = Send::by(300, link.port);
    let tally = send.until_done().await;
    assert_eq!(link.fates_left(), 0, "all of them were met");
    assert_eq!(tally.accepted + tally.parked, 300, "{tally:?}");
    let arrived = arrived(&relay);
    assert!(arrived.len() as u64 >= tally.accepted, "{} of {}", arrived.len(), tally.accepted);
    let repeated = arrived.values().map(|times| times - 1).sum::<usize>();
    let doubts = send.listed(DeliveryState::InDoubt) + send.listed(DeliveryState::Parked);
    assert!(repeated <= doubts, "{repeated} copies too many, {doubts} doubts");
    assert_eq!((tally.refused, tally.deferred), (0, 0), "a link says nothing about a reader");
}

/// Some positions in a dialogue of so many bytes: close together where the phases are, at its beginning and its end.
fn positions(bytes: usize) -> impl Iterator<Item = usize> {
    (0..bytes).filter(move |at| at % 401 == 0 || (*at < 220 && at % 6 == 0) || bytes - at < 40)
}

/// Delivers over one connection at a time, one message on the way, through a link that ends connection after connection as said.
async fn through(fates: Vec<Fate>, readers: i64) -> (Send, Tally, Relay) {
    let relay = Plan::default().start();
    let link = Link::to(relay.port, fates);
    let mut send = Send::by(readers, link.port);
    send.delivery.settings.window = 1;
    let only = Mailer::Smtp(Box::new(SmtpRelay::new(settings(link.port)).unwrap()));
    send.delivery.routes = Arc::new(vec![Route::only(only, 1)]);
    let tally = send.until_done().await;
    assert_eq!(link.fates_left(), 0, "all of them were met");
    (send, tally, relay)
}

/// How many bytes pass from the program and from the relay in a dialogue about one message, to the end of the message's reply.
async fn whole_dialogue() -> [usize; 2] {
    let relay = Plan::default().start();
    let link = Link::to(relay.port, []);
    let mut send = Send::patient(1, link.port, Duration::from_mins(2));
    let only = send.delivery.routes[0].clone();
    send.delivery.routes = Arc::new(vec![Route { connections: 1, ..only }]);
    assert_eq!(send.until_done().await.accepted, 1);
    // QUIT and what is said to it do not count.
    let [there, back] = link.passed();
    [there - "QUIT\r\n".len(), back.saturating_sub("221 2.0.0 bye\r\n".len())]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wherever_in_the_dialogue_the_link_ends_nobody_is_lost_and_only_a_doubt_repeats() {
    let [there, back] = whole_dialogue().await;
    let cuts = positions(there).map(Fate::Cut).chain((0..back).map(Fate::ReplyCut)).collect::<Vec<_>>();
    // Each of these takes the time limit.
    let every = |bytes: usize, step: usize| (0..bytes).step_by(step).chain([bytes - 1]);
    let silences = every(there, 311).map(Fate::Silent).chain(every(back, 40).map(Fate::ReplySilent));
    for fates in [cuts, silences.collect()] {
        let (count, readers) = (fates.len(), 150);
        let (send, tally, relay) = through(fates, readers).await;
        assert_eq!(tally.accepted + tally.parked, readers as u64, "{count} fates: {tally:?}");
        assert_eq!((tally.refused, tally.deferred), (0, 0), "a link says nothing about a reader");
        let arrived = arrived(&relay);
        assert!(arrived.len() as u64 >= tally.accepted, "{} of {}", arrived.len(), tally.accepted);
        let repeated = arrived.values().map(|times| times - 1).sum::<usize>();
        let doubts = send.listed(DeliveryState::InDoubt) + send.listed(DeliveryState::Parked);
        assert!(
            doubts > 0 && doubts < count,
            "most ends leave no doubt, those after the message do: {doubts} of {count}"
        );
        assert!(repeated <= doubts, "{repeated} copies too many, {doubts} doubts");
    }
}
