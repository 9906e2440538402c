//! What a relay's word makes of a recipient, and when they are tried again. Pure.

use crate::domain::delivery::{DeliveryState, Outcome, Recipient, Tries, after_doubt};
use crate::mail::reply::HandOver;
use chrono::{DateTime, TimeDelta, Utc};

/// Waits before another attempt, by how often it came to the same; the last one repeats until the time is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// After the relay said "later".
    pub deferred: Vec<TimeDelta>,
    /// After the connection ended before the message did: the first time at once, for it says nothing about the recipient.
    pub returned: Vec<TimeDelta>,
    /// After the connection ended where nobody can know.
    pub in_doubt: Vec<TimeDelta>,
}

impl Default for Waits {
    fn default() -> Self {
        let minutes = |waits: &[i64]| waits.iter().copied().map(TimeDelta::minutes).collect();
        Self {
            deferred: minutes(&[5, 15, 30, 60, 120, 240]),
            returned: minutes(&[0, 0, 1, 5, 15]),
            in_doubt: minutes(&[1, 5]),
        }
    }
}

/// The wait after so many earlier times.
fn wait(waits: &[TimeDelta], before: u32) -> TimeDelta {
    waits.get(before as usize).or(waits.last()).copied().unwrap_or_default()
}

/// The outcome of a hand-over to a recipient.
pub fn judge(recipient: &Recipient, word: HandOver, waits: &Waits, now: DateTime<Utc>) -> Outcome {
    let tries = recipient.tries;
    let (state, wait, code, enhanced, reply) = match word {
        HandOver::Accepted { reply } => (DeliveryState::Accepted, None, Some(250), None, reply),
        // RFC 5321 section 3.8: the relay closes the channel, which is about the connection and not about this recipient.
        HandOver::Deferred { code: 421, enhanced, reply } => {
            (DeliveryState::Returned, Some(wait(&waits.returned, tries.returned)), Some(421), enhanced, reply)
        }
        HandOver::Deferred { code, enhanced, reply } => {
            (DeliveryState::Deferred, Some(wait(&waits.deferred, tries.deferred)), Some(code), enhanced, reply)
        }
        HandOver::Refused { code, enhanced, reply } => (DeliveryState::Refused, None, Some(code), enhanced, reply),
        HandOver::NotHandedOver { why } => {
            (DeliveryState::Returned, Some(wait(&waits.returned, tries.returned)), None, None, why)
        }
        HandOver::InDoubt { why } => {
            (after_doubt(tries.in_doubt), Some(wait(&waits.in_doubt, tries.in_doubt)), None, None, why)
        }
    };
    Outcome {
        place: recipient.place,
        state,
        at: now,
        retry_at: wait.filter(|_| state.is_open()).map(|wait| now + wait),
        code,
        enhanced,
        reply: Some(reply),
        relay_id: None,
    }
}

/// The outcome of a recipient whom a living process claimed and never began with.
pub fn given_back(recipient: &Recipient, now: DateTime<Utc>) -> Outcome {
    Outcome {
        place: recipient.place,
        state: DeliveryState::Returned,
        at: now,
        retry_at: Some(now),
        code: None,
        enhanced: None,
        reply: Some("given back: the delivery was interrupted before this message's turn".into()),
        relay_id: None,
    }
}

/// The outcome of a recipient whose receivers want it slower: back to the queue until then.
pub fn put_off(recipient: &Recipient, until: DateTime<Utc>, now: DateTime<Utc>) -> Outcome {
    let reply = Some("waits: its receivers asked for less at a time".to_owned());
    Outcome { retry_at: Some(until), reply, ..given_back(recipient, now) }
}

/// The outcome of a hand-over that was cut off from our side.
pub fn cut_off(recipient: &Recipient, now: DateTime<Utc>) -> Outcome {
    let Tries { in_doubt, .. } = recipient.tries;
    let state = after_doubt(in_doubt);
    Outcome {
        place: recipient.place,
        state,
        at: now,
        retry_at: state.is_open().then_some(now),
        code: None,
        enhanced: None,
        reply: Some("the hand-over was cut off before the relay's last word".into()),
        relay_id: None,
    }
}

/// The outcome of a recipient whose message cannot be made without a panic: it would be the same the next time, so an operator decides.
pub fn crashed(recipient: &Recipient, now: DateTime<Utc>) -> Outcome {
    Outcome {
        state: DeliveryState::Parked,
        retry_at: None,
        reply: Some(
            "making this message failed inside the program, which is a bug: please report it with the log".into(),
        ),
        ..given_back(recipient, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::address::EmailAddress;
    use crate::domain::delivery::Place;

    fn recipient(tries: Tries) -> Recipient {
        Recipient {
            place: Place { claim: 1, lane: 0, seq: 1, attempt: 1 },
            tries,
            subscriber: 1,
            public_id: [0; 8],
            epoch: 0,
            address: EmailAddress::parse("jo@example.org").unwrap(),
            confirmed_at: DateTime::UNIX_EPOCH,
            variant: 1,
        }
    }

    fn after(tries: Tries, word: HandOver) -> (DeliveryState, Option<i64>) {
        let now = DateTime::UNIX_EPOCH;
        let outcome = judge(&recipient(tries), word, &Waits::default(), now);
        (outcome.state, outcome.retry_at.map(|at| (at - now).num_minutes()))
    }

    #[test]
    fn later_is_tried_again_with_growing_waits() {
        let word = || HandOver::negative(451, "4.7.1 greylisted");
        let waits: Vec<_> =
            [0, 1, 2, 5, 40].map(|n| after(Tries { deferred: n, ..Tries::default() }, word()).1).to_vec();
        assert_eq!(waits, [Some(5), Some(15), Some(30), Some(240), Some(240)]);
    }

    #[test]
    fn a_closing_relay_uses_up_no_attempt() {
        assert_eq!(after(Tries::default(), HandOver::negative(421, "bye")), (DeliveryState::Returned, Some(0)));
        let often = Tries { returned: 9, ..Tries::default() };
        assert_eq!(after(often, HandOver::NotHandedOver { why: String::new() }), (DeliveryState::Returned, Some(15)));
    }

    #[test]
    fn never_is_final() {
        assert_eq!(after(Tries::default(), HandOver::negative(550, "5.1.1 nobody")), (DeliveryState::Refused, None));
    }

    #[test]
    fn a_doubt_is_retried_and_the_third_parks() {
        let word = || HandOver::InDoubt { why: String::new() };
        assert_eq!(after(Tries::default(), word()), (DeliveryState::InDoubt, Some(1)));
        assert_eq!(after(Tries { in_doubt: 2, ..Tries::default() }, word()), (DeliveryState::Parked, None));
        assert_eq!(cut_off(&recipient(Tries { in_doubt: 2, ..Tries::default() }), DateTime::UNIX_EPOCH).retry_at, None);
    }
}
