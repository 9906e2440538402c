//! The dates of a recurring event (RFC 5545, 3.3.10), as far as calendars of events use them: daily, weekly on given days, monthly, yearly, with
//! interval, count and end. Other rules give the first date only.

use chrono::{Datelike, Days, Months, NaiveDateTime, Weekday};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Every {
    Day,
    Week,
    Month,
    Year,
}

/// A rule of recurrence.
pub struct Rule {
    every: Every,
    interval: u32,
    count: Option<u32>,
    until: Option<NaiveDateTime>,
    days: Vec<Weekday>,
    simple: bool,
}

/// Dates are tried at most so often.
const TRIES: u32 = 20_000;

impl Rule {
    /// Reads `FREQ=WEEKLY;BYDAY=MO,WE`.
    pub fn read(value: &str) -> Option<Self> {
        let mut rule =
            Self { every: Every::Day, interval: 1, count: None, until: None, days: Vec::new(), simple: true };
        let mut has_frequency = false;
        for (key, value) in value.trim().split(';').filter_map(|part| part.split_once('=')) {
            match key.trim().to_ascii_uppercase().as_str() {
                "FREQ" => {
                    has_frequency = true;
                    rule.every = match value.trim().to_ascii_uppercase().as_str() {
                        "DAILY" => Every::Day,
                        "WEEKLY" => Every::Week,
                        "MONTHLY" => Every::Month,
                        "YEARLY" => Every::Year,
                        _ => return None,
                    };
                }
                "INTERVAL" => rule.interval = value.trim().parse::<u32>().ok().filter(|n| (1..=1_000).contains(n))?,
                "COUNT" => rule.count = value.trim().parse().ok(),
                "UNTIL" => rule.until = until(value.trim()),
                "BYDAY" => rule.days = value.split(',').filter_map(|day| weekday(day.trim())).collect(),
                "WKST" => {}
                _ => rule.simple = false,
            }
        }
        rule.simple &= rule.days.is_empty() || rule.every == Every::Week;
        has_frequency.then_some(rule)
    }

    /// The first date from `start` on that is wanted; none when the rule has ended before.
    pub fn first(&self, start: NaiveDateTime, wanted: impl Fn(NaiveDateTime) -> bool) -> Option<NaiveDateTime> {
        if !self.simple {
            return Some(start);
        }
        let mut seen = 0;
        for step in 0..TRIES {
            for at in self.dates(start, step) {
                if at < start {
                    continue;
                }
                seen += 1;
                if self.until.is_some_and(|until| at > until) || self.count.is_some_and(|count| seen > count) {
                    return None;
                }
                if wanted(at) {
                    return Some(at);
                }
            }
        }
        None
    }

    /// The dates of one step: a day, a week's days, a month, a year. A day that a month lacks is skipped.
    fn dates(&self, start: NaiveDateTime, step: u32) -> Vec<NaiveDateTime> {
        let n = step.saturating_mul(self.interval);
        let one = match self.every {
            Every::Day => start.checked_add_days(Days::new(n.into())),
            Every::Week if !self.days.is_empty() => {
                let monday = start.checked_sub_days(Days::new(start.weekday().num_days_from_monday().into()));
                let Some(monday) = monday.and_then(|m| m.checked_add_days(Days::new(u64::from(n) * 7))) else {
                    return Vec::new();
                };
                let mut days: Vec<NaiveDateTime> = self
                    .days
                    .iter()
                    .filter_map(|day| monday.checked_add_days(Days::new(day.num_days_from_monday().into())))
                    .collect();
                days.sort_unstable();
                return days;
            }
            Every::Week => start.checked_add_days(Days::new(u64::from(n) * 7)),
            Every::Month => start.checked_add_months(Months::new(n)).filter(|at| at.day() == start.day()),
            Every::Year => {
                start.checked_add_months(Months::new(n.saturating_mul(12))).filter(|at| at.day() == start.day())
            }
        };
        one.into_iter().collect()
    }
}

fn until(value: &str) -> Option<NaiveDateTime> {
    let day = chrono::NaiveDate::parse_from_str(value.get(..8)?, "%Y%m%d").ok()?;
    let time = value.get(9..15).and_then(|clock| chrono::NaiveTime::parse_from_str(clock, "%H%M%S").ok());
    // A bare date includes its day; an instant in UTC may be a zone's offset away from local time, which a day's grace covers no worse.
    time.map_or_else(|| day.and_hms_opt(23, 59, 59), |time| Some(day.and_time(time)))
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text.to_ascii_uppercase().as_str() {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}
