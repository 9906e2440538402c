//! The dates of a recurring event (RFC 5545, 3.3.10): daily to yearly, with interval, count, end, and the parts that choose days: `BYMONTH`,
//! `BYMONTHDAY`, `BYDAY` with or without a number, `BYSETPOS`. Rules with other parts (weeks or days of the year, hours) give the first date only.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, Weekday};
use std::cell::Cell;

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
    /// Weekdays; with a number the first, second or last of its month, 0 for all.
    days: Vec<(i32, Weekday)>,
    month_days: Vec<i32>,
    months: Vec<u32>,
    positions: Vec<i32>,
    /// The day on which weeks begin: which weeks are left out where not every one counts depends on it.
    week_begins: Weekday,
    simple: bool,
}

/// Periods are tried at most so often for one rule.
const TRIES: u32 = 20_000;

impl Rule {
    /// Reads `FREQ=WEEKLY;BYDAY=MO,WE`. `local` turns an end in UTC into the event's own time.
    pub fn read(value: &str, local: impl Fn(NaiveDateTime) -> NaiveDateTime) -> Option<Self> {
        let mut rule = Self {
            every: Every::Day,
            interval: 1,
            count: None,
            until: None,
            days: Vec::new(),
            month_days: Vec::new(),
            months: Vec::new(),
            positions: Vec::new(),
            week_begins: Weekday::Mon,
            simple: true,
        };
        let mut has_frequency = false;
        for (key, value) in value.trim().split(';').filter_map(|part| part.split_once('=')) {
            let value = value.trim();
            match key.trim().to_ascii_uppercase().as_str() {
                "FREQ" => {
                    has_frequency = true;
                    rule.every = match value.to_ascii_uppercase().as_str() {
                        "DAILY" => Every::Day,
                        "WEEKLY" => Every::Week,
                        "MONTHLY" => Every::Month,
                        "YEARLY" => Every::Year,
                        _ => return None,
                    };
                }
                "INTERVAL" => rule.interval = value.parse::<u32>().ok().filter(|n| (1..=1_000).contains(n))?,
                "COUNT" => rule.count = value.parse().ok(),
                "UNTIL" => rule.until = until(value).map(|at| if value.ends_with('Z') { local(at) } else { at }),
                "BYDAY" => rule.days = value.split(',').filter_map(|day| numbered_day(day.trim())).collect(),
                "BYMONTHDAY" => rule.month_days = numbers(value, 31),
                "BYMONTH" => rule.months = numbers(value, 12).into_iter().map(i32::unsigned_abs).collect(),
                "BYSETPOS" => rule.positions = numbers(value, 366),
                "WKST" => rule.week_begins = numbered_day(value).map_or(Weekday::Mon, |(_, day)| day),
                _ => rule.simple = false,
            }
        }
        has_frequency.then_some(rule)
    }

    /// The first date from `start` on that is wanted; none when the rule has ended before, or when all `tries` are used up. No date before `from` is
    /// wanted, and none from `before` on: a rule that does not count its dates begins there, and ends here.
    pub fn first(
        &self,
        start: NaiveDateTime,
        from: NaiveDateTime,
        before: Option<NaiveDateTime>,
        tries: &Cell<u32>,
        wanted: impl Fn(NaiveDateTime) -> bool,
    ) -> Option<NaiveDateTime> {
        if !self.simple {
            return Some(start);
        }
        let mut seen = 0;
        let skipped = if self.count.is_some() { 0 } else { self.periods_before(start, from) };
        for step in skipped..skipped + TRIES {
            tries.set(tries.get().checked_sub(1)?);
            for at in self.dates(start, step)?.into_iter().filter(|at| *at >= start) {
                seen += 1;
                let is_past = before.is_some_and(|before| at >= before) || self.until.is_some_and(|until| at > until);
                if is_past || self.count.is_some_and(|count| seen > count) {
                    return None;
                }
                if wanted(at) {
                    return Some(at);
                }
            }
        }
        None
    }

    /// Periods from `start` on that are surely over at `from`.
    fn periods_before(&self, start: NaiveDateTime, from: NaiveDateTime) -> u32 {
        let days = u32::try_from((from - start).num_days()).unwrap_or_default();
        let longest = match self.every {
            Every::Day => 1,
            Every::Week => 7,
            Every::Month => 31,
            Every::Year => 366,
        };
        (days / longest / self.interval).saturating_sub(1)
    }

    /// The dates of one period, in order; `None` beyond the calendar's end. A day that a month lacks is skipped.
    fn dates(&self, start: NaiveDateTime, step: u32) -> Option<Vec<NaiveDateTime>> {
        let n = step.saturating_mul(self.interval);
        let first = start.date();
        let mut days: Vec<NaiveDate> = match self.every {
            Every::Day => vec![first.checked_add_days(Days::new(n.into()))?],
            Every::Week => {
                let after = |day: Weekday| Days::new(day.days_since(self.week_begins).into());
                let week = first.checked_sub_days(after(first.weekday()))?;
                let week = week.checked_add_days(Days::new(u64::from(n) * 7))?;
                let own = [(0, first.weekday())];
                let wanted = if self.days.is_empty() { own.as_slice() } else { &self.days };
                wanted.iter().filter_map(|(_, day)| week.checked_add_days(after(*day))).collect()
            }
            Every::Month => self.days_of_month(first.with_day(1)?.checked_add_months(Months::new(n))?, first.day()),
            Every::Year => {
                let january = first.with_day(1)?.with_month(1)?.checked_add_months(Months::new(n.checked_mul(12)?))?;
                self.days_of_year(january, first)
            }
        };
        days.retain(|day| {
            let in_month = self.months.is_empty() || self.months.contains(&day.month());
            let daily = self.every != Every::Day
                || ((self.days.is_empty() || self.days.iter().any(|(_, wanted)| *wanted == day.weekday()))
                    && (self.month_days.is_empty() || self.is_month_day(*day)));
            in_month && daily
        });
        days.sort_unstable();
        days.dedup();
        Some(self.at_positions(days).into_iter().map(|day| day.and_time(start.time())).collect())
    }

    fn days_of_year(&self, january: NaiveDate, first: NaiveDate) -> Vec<NaiveDate> {
        let month = |number: u32| january.with_month(number);
        if !self.months.is_empty() {
            return self
                .months
                .iter()
                .filter_map(|number| month(*number))
                .flat_map(|month| self.days_of_month(month, first.day()))
                .collect();
        }
        if self.days.is_empty() && self.month_days.is_empty() {
            return month(first.month()).and_then(|month| month.with_day(first.day())).into_iter().collect();
        }
        let all: Vec<NaiveDate> = (1..=12).filter_map(month).flat_map(days_in).collect();
        if self.days.is_empty() {
            return all.into_iter().filter(|day| self.is_month_day(*day)).collect();
        }
        // A number counts within the year here.
        chosen(&all, &self.days)
    }

    /// The days of the month that begins at `month`, by weekday or number, else the day of the first date.
    fn days_of_month(&self, month: NaiveDate, own: u32) -> Vec<NaiveDate> {
        let all: Vec<NaiveDate> = days_in(month).collect();
        match (self.days.is_empty(), self.month_days.is_empty()) {
            (true, true) => month.with_day(own).into_iter().collect(),
            (true, false) => all.into_iter().filter(|day| self.is_month_day(*day)).collect(),
            (false, true) => chosen(&all, &self.days),
            // Both: "Friday the thirteenth".
            (false, false) => chosen(&all, &self.days).into_iter().filter(|day| self.is_month_day(*day)).collect(),
        }
    }

    fn is_month_day(&self, day: NaiveDate) -> bool {
        let length = days_in(day.with_day(1).unwrap_or(day)).count() as i32;
        let number = day.day() as i32;
        self.month_days.iter().any(|wanted| *wanted == number || *wanted == number - length - 1)
    }

    fn at_positions(&self, days: Vec<NaiveDate>) -> Vec<NaiveDate> {
        if self.positions.is_empty() {
            return days;
        }
        let mut found: Vec<NaiveDate> = self.positions.iter().filter_map(|position| nth(&days, *position)).collect();
        found.sort_unstable();
        found
    }
}

/// The days of a month from its first on.
fn days_in(month: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    month.iter_days().take(31).take_while(move |day| day.month() == month.month())
}

/// The `n`th of some days, from the end for a negative number.
fn nth(days: &[NaiveDate], n: i32) -> Option<NaiveDate> {
    let at = n.unsigned_abs().checked_sub(1)? as usize;
    if n > 0 { days.get(at).copied() } else { days.iter().rev().nth(at).copied() }
}

fn chosen(all: &[NaiveDate], wanted: &[(i32, Weekday)]) -> Vec<NaiveDate> {
    let of = |weekday: Weekday| all.iter().copied().filter(move |day| day.weekday() == weekday).collect::<Vec<_>>();
    wanted
        .iter()
        .flat_map(|(number, weekday)| match number {
            0 => of(*weekday),
            number => nth(&of(*weekday), *number).into_iter().collect(),
        })
        .collect()
}

fn numbers(value: &str, most: i32) -> Vec<i32> {
    value
        .split(',')
        .filter_map(|n| n.trim().parse().ok())
        .filter(|n: &i32| *n != 0 && n.abs() <= most)
        .take(400)
        .collect()
}

fn until(value: &str) -> Option<NaiveDateTime> {
    let day = NaiveDate::parse_from_str(value.get(..8)?, "%Y%m%d").ok()?;
    let time = value.get(9..15).and_then(|clock| chrono::NaiveTime::parse_from_str(clock, "%H%M%S").ok());
    // A bare date includes its day.
    time.map_or_else(|| day.and_hms_opt(23, 59, 59), |time| Some(day.and_time(time)))
}

/// `FR`, `1MO`, `-1SU`.
fn numbered_day(text: &str) -> Option<(i32, Weekday)> {
    let (number, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let number = if number.is_empty() { 0 } else { number.parse().ok().filter(|n: &i32| n.abs() <= 53)? };
    let day = match day.to_ascii_uppercase().as_str() {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    };
    Some((number, day))
}
