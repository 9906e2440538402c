//! What a relay takes of a day: a fixed limit, or while it is warmed up one that grows with what it took before. Counts nothing itself.

use chrono::{DateTime, Utc};

/// What one relay takes of a day (UTC).
///
/// A sending address that nobody knows earns its name by volume that grows: providers of relays let it start with tens or hundreds and at most double
/// from one day to the next. Counted are the days on which it sent, since days without mail earn nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Messages at most, whatever it took before; none for no limit.
    pub per_day: Option<u64>,
    /// Messages on the first day of a relay that is warmed up; none for one that is known.
    pub warm_up: Option<u64>,
    /// The most that it took on an earlier day.
    pub best: u64,
}

impl Allowance {
    /// Messages that it takes on a day; none for no limit.
    pub fn of_a_day(self) -> Option<u64> {
        let warm = self.warm_up.map(|first| first.max(self.best.saturating_mul(2)));
        [self.per_day, warm].into_iter().flatten().min()
    }

    /// The same on the day after one on which it took so many.
    #[must_use]
    pub fn after(self, taken: u64) -> Self {
        Self { best: self.best.max(taken), ..self }
    }
}

/// What several relays take together of a day; none where one of them has no limit, and where there are none.
pub fn of_all(relays: &[Allowance]) -> Option<u64> {
    if relays.is_empty() {
        return None;
    }
    relays.iter().try_fold(0_u64, |sum, relay| Some(sum.saturating_add(relay.of_a_day()?)))
}

/// The same on the day after one on which they took so many together, each its part of it.
pub fn all_after(relays: &[Allowance], taken: u64) -> Vec<Allowance> {
    let Some(all) = of_all(relays).filter(|all| *all > 0) else { return relays.to_vec() };
    let part = |of_a_day: u64| (u128::from(taken.min(all)) * u128::from(of_a_day)).div_ceil(u128::from(all)) as u64;
    relays.iter().map(|relay| relay.after(part(relay.of_a_day().unwrap_or_default()))).collect()
}

/// On how many days so many messages leave; none where there is no limit or nothing ever leaves.
pub fn days_for(messages: u64, relays: &[Allowance]) -> Option<u64> {
    let (mut left, mut relays, mut days) = (messages, relays.to_vec(), 0);
    while left > 0 {
        let today = of_all(&relays).filter(|today| *today > 0)?;
        let taken = left.min(today);
        (left, relays, days) = (left - taken, all_after(&relays, taken), days + 1);
    }
    Some(days)
}

/// The day of an instant, in UTC, by number since 1970.
pub fn day_of(instant: DateTime<Utc>) -> i64 {
    instant.timestamp().div_euclid(86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLD: Allowance = Allowance { per_day: None, warm_up: Some(50), best: 0 };

    #[test]
    fn a_cold_relay_doubles_from_one_day_of_mail_to_the_next_until_its_limit() {
        let mut relay = Allowance { per_day: Some(500), ..COLD };
        let days: Vec<u64> = (0..6)
            .map(|_| {
                let taken = relay.of_a_day().unwrap();
                relay = relay.after(taken);
                taken
            })
            .collect();
        assert_eq!(days, [50, 100, 200, 400, 500, 500]);
        assert_eq!(COLD.after(10).of_a_day(), Some(50), "a small day takes nothing back");
        assert_eq!(COLD.after(40).of_a_day(), Some(80), "what was not sent earned nothing");
        assert_eq!(Allowance::default().of_a_day(), None);
    }

    #[test]
    fn several_relays_take_their_parts_and_one_without_a_limit_takes_all() {
        let two = [COLD, Allowance { per_day: Some(150), ..Allowance::default() }];
        assert_eq!(of_all(&two), Some(200));
        assert_eq!(of_all(&all_after(&two, 200)), Some(250));
        assert_eq!(of_all(&[COLD, Allowance::default()]), None);
        assert_eq!((days_for(750, &[COLD]), days_for(751, &[COLD]), days_for(9, &[])), (Some(4), Some(5), None));
        assert_eq!(days_for(25, &[Allowance { per_day: Some(10), ..Allowance::default() }]), Some(3));
    }
}
