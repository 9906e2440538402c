//! Relays that say what cannot be, in every phase: nobody is refused for it, nobody is lost, and only a doubt repeats.

use super::*;

const READERS: i64 = 40;

async fn by(plan: Plan) -> (Send, Tally, BTreeMap<String, usize>) {
    let relay = plan.start();
    let mut send = Send::patient(READERS, relay.port, Duration::from_mins(2));
    let tally = send.until_done().await;
    (send, tally, arrived(&relay))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_out_of_step_refuse_nobody_in_any_phase() {
    for phase in [Phase::Mail, Phase::Rcpt, Phase::Data, Phase::Message] {
        for line in [
            "503 5.5.1 bad sequence of commands",
            "354 go on with what",
            "250 2.0.0 yes\r\n250 2.0.0 and yes again",
            "150 wait a moment",
        ] {
            let (send, tally, arrived) = by(Plan::default().answer(phase, line, 3)).await;
            let what = format!("{line:?} to {phase:?}: {tally:?}");
            assert_eq!((tally.accepted, tally.refused, tally.parked), (READERS as u64, 0, 0), "{what}");
            let doubts = send.listed(DeliveryState::InDoubt);
            let repeated = arrived.values().map(|times| times - 1).sum::<usize>();
            assert!(repeated <= doubts, "{what}, {repeated} copies too many, {doubts} doubts");
            assert!(
                phase == Phase::Message || doubts == 0,
                "{what}: nothing was handed over, and {doubts} are in doubt"
            );
            assert!(arrived.len() as i64 + 3 >= READERS, "{what}: at most those to whom it lied miss it");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_welcome_as_a_recipient_and_refused_as_a_message_is_refused_once() {
    for (phase, reply) in [(Phase::Data, "554 5.7.1 no data from you"), (Phase::Message, "552 5.3.4 too large")] {
        let (send, tally, arrived) = by(Plan::default().answer(phase, reply, usize::MAX)).await;
        assert_eq!((tally.refused, tally.accepted, arrived.len()), (READERS as u64, 0, 0), "{reply}");
        let refused = send.delivery.store.notable(send.order.issue, DeliveryState::Refused, 100).unwrap();
        let code = reply[..3].parse().ok();
        assert!(refused.iter().all(|row| row.remark.code == code && row.remark.attempt == 1), "{reply}: {refused:?}");
    }
}
