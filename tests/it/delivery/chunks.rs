//! Relays that take whole messages by their length (RFC 3030) and fail before or after the octets of one: who is in doubt, and who gets it twice.

use super::*;

const READERS: i64 = 40;
/// Before the octets of a message were looked at, and after.
const PHASES: [Phase; 2] = [Phase::Chunk, Phase::Message];

fn by(plan: Plan) -> (Send, Relay) {
    let relay = plan.takes_chunks().start();
    (Send::patient(READERS, relay.port, Duration::from_mins(2)), relay)
}

/// How many copies too many reached the relay.
fn repeated(arrived: &BTreeMap<String, usize>) -> usize {
    arrived.values().map(|times| times - 1).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_put_off_at_a_chunk_gets_it_later_and_once() {
    for phase in PHASES {
        let (mut send, relay) = by(Plan::default().answer(phase, "451 4.3.0 later", 3));
        let first = send.once().await.tally;
        // The others may have to wait, too, while the pace is lower.
        let others = first.accepted + first.queued;
        assert_eq!((others, first.deferred, first.in_doubt), (37, 3, 0), "{phase:?}: {first:?}");
        assert_eq!(send.until_done().await.accepted, READERS as u64, "{phase:?}");
        let arrived = arrived(&relay);
        assert_eq!((arrived.len() as i64, repeated(&arrived)), (READERS, 0), "{phase:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_refused_at_its_chunk_is_refused_once_and_stops_no_other() {
    for phase in PHASES {
        let (mut send, relay) = by(Plan::default().answer(phase, "552 5.3.4 too large", 3));
        let end = send.until_done().await;
        assert_eq!((end.accepted, end.refused), (37, 3), "{phase:?}: {end:?}");
        let refused = send.delivery.store.notable(send.order.issue, DeliveryState::Refused, 100).unwrap();
        assert!(refused.iter().all(|row| row.remark.code == Some(552) && row.remark.attempt == 1), "{refused:?}");
        let arrived = arrived(&relay);
        assert_eq!((arrived.len(), repeated(&arrived)), (37, 0), "{phase:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_dropped_at_a_chunk_loses_nobody_and_repeats_only_doubts() {
    let drops = |phase| Plan::default().answer(phase, "", 3);
    for (plan, taken) in [(drops(Phase::Chunk), 0), (drops(Phase::Message), 0), (Plan::default().drop_after_data(3), 3)]
    {
        let what = format!("{plan:?}");
        let (mut send, relay) = by(plan);
        let end = send.until_done().await;
        assert_eq!((end.accepted, end.refused, end.parked), (READERS as u64, 0, 0), "{what}: {end:?}");
        let (arrived, doubts) = (arrived(&relay), send.listed(DeliveryState::InDoubt));
        assert_eq!(arrived.len() as i64, READERS, "{what}");
        // Whose last octet was written may have been taken: nobody could know.
        assert!(doubts >= 3, "{what}: {doubts} doubts");
        let repeated = repeated(&arrived);
        assert!((taken..=doubts).contains(&repeated), "{what}: {repeated} copies too many, {doubts} doubts");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_hangs_at_a_chunk_leaves_its_reader_in_doubt() {
    for phase in PHASES {
        let relay = Plan::default().takes_chunks().hang_at(phase).start();
        let mut send = Send::new(1, &relay);
        assert_eq!(send.once().await.tally.in_doubt, 1, "{phase:?}");
        relay.release();
        assert_eq!(send.until_done().await.accepted, 1, "{phase:?}");
        assert_eq!(send.listed(DeliveryState::InDoubt), 1, "{phase:?}: it stays listed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_an_answer_to_a_chunk_refuses_nobody() {
    for phase in PHASES {
        for line in ["503 5.5.1 bad sequence of commands", "354 go on with what", "150 wait", "HTTP/1.1 400 what?"] {
            let (mut send, relay) = by(Plan::default().answer(phase, line, 3));
            let end = send.until_done().await;
            let what = format!("{line:?} to {phase:?}: {end:?}");
            assert_eq!((end.accepted, end.refused, end.parked), (READERS as u64, 0, 0), "{what}");
            let (arrived, doubts) = (arrived(&relay), send.listed(DeliveryState::InDoubt));
            assert_eq!(arrived.len() as i64, READERS, "{what}");
            let repeated = repeated(&arrived);
            assert!(repeated <= doubts, "{what}, {repeated} copies too many, {doubts} doubts");
        }
    }
}
