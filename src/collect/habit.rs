//! When a source is worth asking again: by its habit, by its own word, and by how it has failed. Pure.

use chrono::{DateTime, Datelike, DurationRound, TimeDelta, Timelike, Utc, Weekday};

/// A failing source is asked again after this at the latest.
const LONGEST_REST: TimeDelta = TimeDelta::hours(12);
/// A quiet source is asked again after this at the latest.
const LONGEST_QUIET: TimeDelta = TimeDelta::hours(6);
/// The shortest time between two looks, however fast a source is.
const SHORTEST: TimeDelta = TimeDelta::minutes(1);
/// No word of a server makes us wait longer.
const LONGEST_FRESH: TimeDelta = TimeDelta::hours(24);
/// Failures after which a source is no news any more but trouble.
const FAILURES: u32 = 5;
/// Items that tell the habit.
const ITEMS: usize = 30;

/// Hours and days at which a feed says that nobody need ask (RSS 2.0, `skipHours` and `skipDays`; both in GMT): bits 0 to 23 are hours, from bit 24 on
/// days, Monday first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quiet(pub u32);

impl Quiet {
    /// With one more hour; 24 is midnight in older feeds.
    pub fn and_hour(self, hour: u32) -> Self {
        if hour <= 24 { Self(self.0 | 1 << (hour % 24)) } else { self }
    }

    /// With one more day.
    pub fn and_day(self, day: Weekday) -> Self {
        Self(self.0 | 1 << (24 + day.num_days_from_monday()))
    }

    /// The first instant from one on at which one may ask. Who says that nobody may ever ask is not heeded.
    pub fn after(self, at: DateTime<Utc>) -> DateTime<Utc> {
        let is_quiet = |at: DateTime<Utc>| {
            self.0 & (1 << at.hour()) != 0 || self.0 & (1 << (24 + at.weekday().num_days_from_monday())) != 0
        };
        let hour = |n: i64| (at + TimeDelta::hours(n)).duration_trunc(TimeDelta::hours(1)).unwrap_or(at);
        if self.0 == 0 || !is_quiet(at) {
            return at;
        }
        (1..=7 * 24).map(hour).find(|at| !is_quiet(*at)).unwrap_or(at)
    }
}

/// What a document tells of its source's habit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Habit {
    /// Between two stories.
    pub between: Option<TimeDelta>,
    /// From the newest story that is shown to the oldest: a story that is published now is gone after it.
    pub span: Option<TimeDelta>,
    /// The newest publication.
    pub newest: Option<DateTime<Utc>>,
    /// The oldest publication.
    pub oldest: Option<DateTime<Utc>>,
}

impl Habit {
    /// Reads the habit from believed publications.
    pub fn of(published: impl IntoIterator<Item = DateTime<Utc>>) -> Self {
        let mut dates: Vec<DateTime<Utc>> = published.into_iter().collect();
        dates.sort_unstable_by(|a, b| b.cmp(a));
        let (Some(newest), Some(oldest)) = (dates.first().copied(), dates.last().copied()) else {
            return Self::default();
        };
        let span = (dates.len() > 2).then_some(newest - oldest);
        dates.truncate(ITEMS);
        let mut gaps: Vec<TimeDelta> = dates.windows(2).map(|pair| pair[0] - pair[1]).collect();
        gaps.sort_unstable();
        // The median: a weekend or a burst of one hour must not make the habit.
        let between = gaps.get(gaps.len() / 2).copied().filter(|_| gaps.len() >= 2);
        Self { between, span, newest: Some(newest), oldest: Some(oldest) }
    }

    /// How long until the next look: half the time between two stories, and a third of the time in which one scrolls off; never under a minute.
    pub fn pause(&self, every: TimeDelta) -> TimeDelta {
        let by_stories = self.between.map_or(every, |between| between / 2).clamp(every, LONGEST_QUIET.max(every));
        self.span
            .filter(|span| *span > TimeDelta::zero())
            .map_or(by_stories, |span| by_stories.min(span / 3))
            .max(SHORTEST)
    }
}

/// When to ask again after a success, with a little chance (`jitter` is any number) so that sources are not asked in step.
pub fn due_after(now: DateTime<Utc>, pause: TimeDelta, jitter: u64) -> DateTime<Utc> {
    let tenth = pause / 10;
    let share = TimeDelta::milliseconds((jitter % 2_000) as i64 * tenth.num_milliseconds() / 1_000);
    now + pause - tenth + share
}

/// When to ask again after a failure: twice as long each time, or when the server wants it.
pub fn retry_after(now: DateTime<Utc>, every: TimeDelta, failures: u32, asked: Option<u64>) -> DateTime<Utc> {
    let grown = every * 2_i32.pow(failures.saturating_sub(1).min(10));
    let asked = asked.map_or(TimeDelta::zero(), |seconds| TimeDelta::seconds(seconds.min(7 * 86_400) as i64));
    now + grown.min(LONGEST_REST.max(every)).max(asked)
}

/// Until when an answer stays fresh by the server's word.
pub fn fresh_until(now: DateTime<Utc>, max_age: Option<u64>, ttl_minutes: Option<u32>) -> Option<DateTime<Utc>> {
    let ttl = ttl_minutes.map(|minutes| TimeDelta::minutes(i64::from(minutes)));
    let age = max_age.map(|seconds| TimeDelta::seconds(seconds.min(30 * 86_400) as i64));
    ttl.into_iter().chain(age).max().map(|fresh| now + fresh.min(LONGEST_FRESH))
}

/// What an operator should know of a source's health, as a kind of alarm and a sentence.
pub fn trouble(
    id: &str,
    failures: u32,
    error: Option<&str>,
    last_success: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<String> {
    let since = last_success
        .map_or("it never answered".to_owned(), |at| format!("it last answered {}", at.format("%Y-%m-%d %H:%M UTC")));
    let is_long = last_success.is_none_or(|at| now - at > TimeDelta::hours(6));
    (failures >= FAILURES && is_long).then(|| {
        format!(
            "source \"{id}\" has failed {failures} times, {since}: {}; look with `sources try {id}`",
            error.unwrap_or("no reason is known")
        )
    })
}

/// For how long a source has brought nothing new, if that is against its habit.
pub fn silence(between: Option<TimeDelta>, last_new: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<TimeDelta> {
    let silent = now - last_new?;
    let usual = between?.max(TimeDelta::hours(1));
    (silent > (usual * 10).max(TimeDelta::days(3))).then_some(silent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        "2026-11-20T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hours)
    }

    const EVERY: TimeDelta = TimeDelta::minutes(15);

    #[test]
    fn a_fast_source_is_asked_before_anything_scrolls_off() {
        let fast = Habit::of((0..10).map(|n| at(0) - TimeDelta::minutes(n)));
        assert_eq!(fast.pause(EVERY), TimeDelta::minutes(3), "ten stories of nine minutes");
        let daily = Habit::of((0..10).map(|n| at(-24 * n)));
        assert_eq!(daily.pause(EVERY), TimeDelta::hours(6));
        let hourly = Habit::of((0..10).map(|n| at(-n)));
        assert_eq!(hourly.pause(EVERY), TimeDelta::minutes(30));
        assert_eq!(Habit::of([]).pause(EVERY), EVERY);
        assert_eq!(Habit::of([at(0); 5]).pause(EVERY), EVERY, "all at once tells no habit");
    }

    #[test]
    fn waits_grow_and_end_and_heed_the_server() {
        let wait = |failures, asked| retry_after(at(0), EVERY, failures, asked) - at(0);
        assert_eq!((wait(1, None), wait(2, None), wait(3, None)), (EVERY, EVERY * 2, EVERY * 4));
        assert_eq!(wait(60, None), LONGEST_REST);
        assert_eq!(wait(1, Some(7_200)), TimeDelta::hours(2));
        assert_eq!(wait(1, Some(u64::MAX)), TimeDelta::days(7));
    }

    #[test]
    fn a_word_of_the_server_counts_a_day_at_most() {
        assert_eq!(fresh_until(at(0), Some(60), Some(60)), Some(at(1)));
        assert_eq!(fresh_until(at(0), Some(u64::MAX), None), Some(at(24)));
        assert_eq!(fresh_until(at(0), None, None), None);
    }

    #[test]
    fn quiet_hours_and_days_are_left_alone() {
        // The day of these hours is a Friday.
        let night = (22..24).chain(0..6).fold(Quiet::default(), Quiet::and_hour);
        assert_eq!(night.after(at(12)), at(12));
        assert_eq!(night.after(at(22) + TimeDelta::minutes(7)), at(30));
        let weekend = Quiet::default().and_day(Weekday::Sat).and_day(Weekday::Sun);
        assert_eq!(weekend.after(at(24)), at(72));
        let ever = (0..=24).fold(Quiet::default(), Quiet::and_hour);
        assert_eq!(ever.after(at(3)), at(3), "who is never to be asked is asked all the same");
        assert_eq!(Quiet::default().and_hour(99), Quiet::default());
    }

    #[test]
    fn sources_are_not_asked_in_step() {
        let (a, b) = (due_after(at(0), TimeDelta::hours(1), 0), due_after(at(0), TimeDelta::hours(1), 1_999));
        assert!(a < b && a >= at(0) + TimeDelta::minutes(54) && b <= at(0) + TimeDelta::minutes(66));
    }

    #[test]
    fn silence_is_measured_by_the_habit() {
        assert!(silence(Some(TimeDelta::hours(2)), Some(at(-24 * 4)), at(0)).is_some());
        assert!(silence(Some(TimeDelta::days(1)), Some(at(-24 * 4)), at(0)).is_none());
        assert!(silence(None, Some(at(-24 * 40)), at(0)).is_none());
    }
}
