//! How long after a word from elsewhere another message may leave: measured on a clock that moves only while everybody waits, so that a busy machine
//! proves as much as an idle one. A second is promised.

use super::*;
use tokio::time::{Instant, advance};

/// More than the clerk waits before it asks how the issue stands, and a third of what is promised.
const WITHIN: Duration = Duration::from_millis(300);

/// A long time for a send, none for the test.
const LONG: Duration = Duration::from_hours(1);

/// How a send is told to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// The issue's state, as another process leaves it in the database.
    State(&'static str),
    /// The signal of the own process.
    Stop,
}

const WORDS: [Word; 3] = [Word::State("paused"), Word::State("cancelled"), Word::Stop];

/// What happened when.
struct Course {
    ended: Ended,
    /// From the word to the end of the delivery.
    took: Duration,
    /// Messages that were begun after the word, and how long after.
    late: Vec<Duration>,
}

impl Course {
    fn assert_prompt(&self, what: &str) {
        assert!(self.took < WITHIN, "{what}: it took {:?}", self.took);
        assert!(self.late.iter().all(|late| *late < WITHIN), "{what}: {:?}", self.late);
    }
}

/// Delivers; some time after `begun` messages were begun, or at once where none can be, the word is said.
async fn told(room: &mut Room, word: Word, begun: usize, after: Duration) -> Course {
    let moments = Arc::new(Mutex::new(Vec::new()));
    let reached = Arc::new(tokio::sync::Notify::new());
    room.delivery.confirmed_on = Arc::new({
        let (moments, reached) = (moments.clone(), reached.clone());
        move |_, _| {
            let mut moments = moments.lock().unwrap();
            moments.push(Instant::now());
            if moments.len() == begun {
                reached.notify_one();
            }
            String::new()
        }
    });
    if begun == 0 {
        reached.notify_one();
    }
    let (stopper, stop) = stop_switch();
    let store = room.delivery.store.clone();
    let speaker = tokio::spawn(async move {
        reached.notified().await;
        advance(after).await;
        match word {
            Word::State(state) => seeds::set_issue_state(&store, state),
            Word::Stop => stopper.stop(),
        }
        // The stopper lives on: dropped, it would say nothing more to anybody.
        (Instant::now(), stopper)
    });
    let delivered = room.try_deliver(stop, &|_| {}).await.unwrap();
    let ended_at = Instant::now();
    let (said_at, _stopper) = speaker.await.unwrap();
    let late = moments.lock().unwrap().iter().filter(|at| **at > said_at).map(|at| *at - said_at).collect();
    Course { ended: delivered.ended, took: ended_at - said_at, late }
}

fn assert_ended_by(word: Word, ended: Ended) {
    match word {
        Word::Stop => assert_eq!(ended, Ended::Stopped),
        Word::State(state) => assert!(matches!(ended, Ended::Halted { state: found } if found.as_str() == state)),
    }
}

#[tokio::test(start_paused = true)]
async fn a_word_from_elsewhere_ends_a_send_that_waits_for_its_pace() {
    for word in WORDS {
        for (per_second, begun) in [(1, 3), (50, 40), (400, 300)] {
            // At once, and in the middle of the wait for the next message.
            for after in [Duration::ZERO, Duration::from_secs(1) / per_second / 2] {
                let mut room = Room::new(2_000);
                room.delivery.settings.per_second = Some(per_second);
                let course = told(&mut room, word, begun, after).await;
                course.assert_prompt(&format!("{word:?} at {per_second} a second, after {after:?}"));
                assert_ended_by(word, course.ended);
                assert_eq!(seeds::open_claims(&room.delivery.store), 0);
                let tally = room.delivery.store.tally(room.order.issue).unwrap();
                assert_eq!(tally.in_doubt, 0, "{tally:?}");
                assert!((begun as u64..begun as u64 + 200).contains(&tally.accepted), "{tally:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_word_from_elsewhere_ends_a_send_that_waits_for_a_relay_that_is_gone() {
    for word in WORDS {
        let mut room = Room::new(20);
        room.delivery.settings.reconnect = vec![LONG];
        (0..40).for_each(|_| room.relay.refuse_opening(down()));
        let course = told(&mut room, word, 0, Duration::from_mins(2)).await;
        course.assert_prompt(&format!("{word:?}"));
        assert_ended_by(word, course.ended);
        assert!(room.relay.sent().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_word_from_elsewhere_ends_a_send_that_waits_for_a_retry_with_its_connections_kept() {
    for word in WORDS {
        let mut room = Room::new(3);
        room.delivery.settings.linger = TimeDelta::minutes(10);
        room.relay.answer_to("reader1@example.org", later());
        let course = told(&mut room, word, 3, Duration::from_mins(2)).await;
        course.assert_prompt(&format!("{word:?}"));
        assert_ended_by(word, course.ended);
        assert_eq!((room.relay.sent().len(), course.late.len()), (2, 0));
    }
}
