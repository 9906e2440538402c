//! When an address that is not dead, but does not take mail either, gets no more of it. Pure.
//!
//! Each issue that came back softly adds a point: a full mailbox, one that is switched off, a system that cannot be reached. Each issue that arrived
//! halves what there was. At four points, the first of them two weeks ago or longer, it is enough. So a weekly newsletter gives up after four issues
//! in a row, a daily one after two weeks, and somebody who empties their mailbox now and then is never dropped. What is refused for our own sake
//! counts as nothing, neither for nor against.

use chrono::{DateTime, TimeDelta, Utc};

/// What became of one issue for one reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turnout {
    /// It was taken, and nothing came back.
    Arrived,
    /// It came back, and that counts against the address.
    CameBack,
}

/// Points at which it is enough.
pub const ENOUGH: f64 = 4.0;

/// The least time between the first point and giving up.
pub const AT_LEAST: TimeDelta = TimeDelta::days(14);

/// Points as they stand.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Score {
    /// How many.
    pub points: f64,
    /// When the first of them came.
    pub since: Option<DateTime<Utc>>,
}

impl Score {
    /// The score of a history, oldest first.
    pub fn of(history: impl IntoIterator<Item = (DateTime<Utc>, Turnout)>) -> Self {
        history.into_iter().fold(Self::default(), |score, (at, turnout)| score.after(at, turnout))
    }

    fn after(self, at: DateTime<Utc>, turnout: Turnout) -> Self {
        match turnout {
            Turnout::CameBack => Self { points: self.points + 1.0, since: self.since.or(Some(at)) },
            Turnout::Arrived if self.points < 1.0 => Self::default(),
            Turnout::Arrived => Self { points: self.points / 2.0, since: self.since },
        }
    }

    /// Whether the address gets nothing any more.
    pub fn is_enough(&self, now: DateTime<Utc>) -> bool {
        self.points >= ENOUGH && self.since.is_some_and(|since| now - since >= AT_LEAST)
    }
}

#[cfg(test)]
mod tests {
    use super::Turnout::{Arrived, CameBack};
    use super::*;

    fn day(n: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(n)
    }

    fn enough(every: i64, turnouts: &[Turnout]) -> bool {
        let history = turnouts.iter().enumerate().map(|(n, turnout)| (day(n as i64 * every), *turnout));
        Score::of(history).is_enough(day((turnouts.len() as i64 - 1) * every))
    }

    #[test]
    fn four_weekly_issues_in_a_row_are_enough_and_three_are_not() {
        assert!(!enough(7, &[CameBack; 3]));
        assert!(enough(7, &[CameBack; 4]));
    }

    #[test]
    fn a_daily_newsletter_waits_two_weeks() {
        assert!(!enough(1, &[CameBack; 14]));
        assert!(enough(1, &[CameBack; 15]));
    }

    #[test]
    fn who_gets_every_other_issue_is_never_dropped() {
        assert!(!enough(7, &[CameBack, Arrived].repeat(50)));
        assert!(!enough(7, &[CameBack, CameBack, Arrived].repeat(50)));
        assert!(!enough(7, &[[CameBack; 3].as_slice(), &[Arrived; 3], &[CameBack; 3]].concat()));
    }
}
