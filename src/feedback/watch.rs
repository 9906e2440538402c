//! Whether a send does damage: complaints and dead addresses against what went out. Gmail wants complaints below 0.1 % and never 0.3 %; an old or
//! bought list shows in the first thousand by its dead addresses. Says what to do; the caller does it.

use crate::store::returned::Damage;

/// Complaints per thousand that operators are told of.
const WARN_PER_MILLE: u64 = 1;

/// Complaints per thousand, and at least how many, that stop a send.
const STOP_PER_MILLE: u64 = 3;
const STOP_COMPLAINTS: u64 = 5;

/// Dead addresses per hundred of those tried so far, and at least how many: looked at all along, so that the first thousand are enough.
const DEAD_PER_CENT: u64 = 5;
const DEAD_LEAST: u64 = 20;

/// Refusals for whatever reason per hundred of those tried so far, and at least how many: a block list or a broken signature, which more mail only
/// makes worse.
const REFUSED_PER_CENT: u64 = 20;
const REFUSED_LEAST: u64 = 50;

/// What the figures ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice {
    /// Go on.
    Fine,
    /// Tell the operators.
    Warn(String),
    /// Stop the send, or hold the next issue.
    Stop(String),
}

/// What the damage done so far asks for.
pub fn advise(damage: Damage) -> Advice {
    let Damage { tried, accepted, complaints, hard, refused } = damage;
    if complaints >= STOP_COMPLAINTS && complaints * 1_000 >= accepted * STOP_PER_MILLE {
        let share = share(complaints, accepted);
        return Advice::Stop(format!(
            "{complaints} of {accepted} readers who got it reported it as unwanted ({share}); providers block senders from 0.3 % on"
        ));
    }
    if hard >= DEAD_LEAST && hard * 100 >= tried * DEAD_PER_CENT {
        let share = share(hard, tried);
        return Advice::Stop(format!(
            "{hard} of the {tried} addresses tried so far do not exist ({share}); a list like that gets its sender blocked: where does it come from?"
        ));
    }
    if refused >= REFUSED_LEAST && refused * 100 >= tried * REFUSED_PER_CENT {
        let share = share(refused, tried);
        return Advice::Stop(format!(
            "{refused} of the {tried} messages tried so far were refused ({share}); `bounces report` says why, and `issues resend --refused` sends it again once the cause is gone"
        ));
    }
    if complaints > 0 && complaints * 1_000 >= accepted * WARN_PER_MILLE {
        let share = share(complaints, accepted);
        return Advice::Warn(format!(
            "{complaints} of {accepted} readers who got it reported it as unwanted ({share}); more than 0.1 % is too many"
        ));
    }
    Advice::Fine
}

/// A part of a whole in per cent, for sentences.
pub(super) fn share(part: u64, whole: u64) -> String {
    format!("{:.2} %", part as f64 * 100.0 / whole.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tried: u64, complaints: u64, hard: u64) -> Advice {
        advise(Damage { tried, accepted: tried - hard.min(tried), complaints, hard, refused: hard })
    }

    #[test]
    fn complaints_warn_at_one_in_a_thousand_and_stop_at_three() {
        assert_eq!(of(10_000, 9, 0), Advice::Fine);
        assert!(matches!(of(10_000, 10, 0), Advice::Warn(_)));
        assert!(matches!(of(10_000, 30, 0), Advice::Stop(_)));
        assert!(matches!(of(100, 4, 0), Advice::Warn(_)), "four of a hundred may be four friends");
        assert!(matches!(of(100, 5, 0), Advice::Stop(_)));
    }

    #[test]
    fn a_fifth_refused_for_whatever_reason_stops() {
        let refused = |refused| advise(Damage { tried: 300, accepted: 300 - refused, refused, ..Damage::default() });
        assert_eq!(refused(59), Advice::Fine);
        let Advice::Stop(sentence) = refused(60) else { panic!("a fifth") };
        assert!(sentence.contains("60 of the 300") && sentence.contains("bounces report"), "{sentence}");
    }

    #[test]
    fn dead_addresses_stop_among_the_first_thousand() {
        assert_eq!(of(300, 0, 19), Advice::Fine);
        assert!(matches!(of(300, 0, 20), Advice::Stop(_)));
        assert_eq!(of(1_000, 0, 49), Advice::Fine);
        assert!(matches!(of(1_000, 0, 50), Advice::Stop(_)));
        assert_eq!(of(50_000, 0, 2_400), Advice::Fine);
    }
}
