//! When a newsletter goes out: a cron expression of five fields in a time zone, right where daylight saving makes days of 23 and 25 hours.
//!
//! The `cron` crate is asked on wall-clock time only. Left alone it skips a run that falls into a gap (a weekly issue would lose its week), fires
//! twice in an overlap, and counts weekdays from Sunday = 1; here a gap moves the run to the first instant after it, an overlap fires in its
//! first pass, and `5` is Friday, as everybody writes it.

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// A parsed schedule. Compares and serialises as the expression it was written as.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Schedule {
    expression: String,
    cron: cron::Schedule,
}

/// Why an expression is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Not five fields.
    #[error(
        "a schedule has five fields (minute hour day-of-month month day-of-week), such as \"0 17 * * FRI\"; {0:?} has {1}"
    )]
    Fields(String, usize),
    /// A weekday that is none.
    #[error("{0:?} is not a weekday: use 0 to 7 (0 and 7 are Sunday) or SUN to SAT")]
    Weekday(String),
    /// Day of month and day of week together: cron programs disagree whether that means both or either.
    #[error(
        "day-of-month and day-of-week together mean different things to different programs; use one of them and * for the other"
    )]
    BothDays,
    /// The cron crate does not understand a field.
    #[error("{0:?} is not a schedule: {1}")]
    Syntax(String, String),
    /// 30 February.
    #[error("{0:?} never fires")]
    Never(String),
}

/// One date of a newsletter: its wall-clock time and the instant it stands for. With the zone, the wall-clock time that the schedule gives it is its
/// identity, wherever it was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// Wall-clock time as the schedule says, also when the clocks skip it; of a moved date the one it was moved to.
    pub local: NaiveDateTime,
    /// The zone of that clock.
    pub zone: Tz,
    /// The instant.
    pub at: DateTime<Utc>,
    /// The schedule's own wall-clock time, where somebody moved the date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<NaiveDateTime>,
}

impl Occurrence {
    /// A date as the schedule has it.
    pub fn new(local: NaiveDateTime, zone: Tz, at: DateTime<Utc>) -> Self {
        Self { local, zone, at, moved_from: None }
    }

    /// What with the zone is its identity: the wall-clock time that the schedule gives it.
    pub fn key(&self) -> NaiveDateTime {
        self.moved_from.unwrap_or(self.local)
    }

    /// The instant that the schedule has for it.
    pub fn scheduled_at(&self) -> DateTime<Utc> {
        self.moved_from.and_then(|local| instant(self.zone, local)).unwrap_or(self.at)
    }
}

const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Schedule {
    /// Reads an expression of five fields.
    pub fn parse(expression: &str) -> Result<Self, ScheduleError> {
        let fields: Vec<&str> = expression.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            return Err(ScheduleError::Fields(expression.to_owned(), fields.len()));
        };
        let weekdays = weekdays(weekday)?;
        if weekdays != "*" && !matches!(day, "*" | "?") {
            return Err(ScheduleError::BothDays);
        }
        let six = format!("0 {minute} {hour} {day} {month} {weekdays}");
        let cron = cron::Schedule::from_str(&six).map_err(|error| {
            let reason = error.to_string().lines().last().unwrap_or_default().trim().to_owned();
            ScheduleError::Syntax(expression.to_owned(), reason)
        })?;
        let schedule = Self { expression: fields.join(" "), cron };
        if schedule.next_local(NaiveDateTime::default() + TimeDelta::days(20_000)).is_none() {
            return Err(ScheduleError::Never(expression.to_owned()));
        }
        Ok(schedule)
    }

    /// The expression, fields separated by one space.
    pub fn as_str(&self) -> &str {
        &self.expression
    }

    /// The first occurrence strictly after an instant; `None` past the year 2100.
    pub fn next(&self, zone: Tz, after: DateTime<Utc>) -> Option<Occurrence> {
        // Three hours cover every gap and overlap there has been, so nothing that maps to a later instant is stepped over.
        let mut local = after.with_timezone(&zone).naive_local() - TimeDelta::hours(3);
        loop {
            local = self.next_local(local)?;
            let at = instant(zone, local)?;
            if at > after {
                return Some(Occurrence::new(local, zone, at));
            }
        }
    }

    /// The last occurrence at or before an instant, looked for back to `not_before`.
    pub fn latest(&self, zone: Tz, not_before: DateTime<Utc>, until: DateTime<Utc>) -> Option<Occurrence> {
        // Spans of growing length back from `until`: a weekly schedule is found in the first step, a yearly one in a few.
        let mut span = TimeDelta::days(8);
        loop {
            let start = (until - span).max(not_before - TimeDelta::milliseconds(1));
            let mut found = None;
            let mut from = start;
            while let Some(occurrence) = self.next(zone, from).filter(|o| o.at <= until) {
                from = occurrence.at;
                found = Some(occurrence);
            }
            if found.is_some() || start < not_before {
                return found;
            }
            span = span * 4;
        }
    }

    fn next_local(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        self.cron.after(&Utc.from_utc_datetime(&after)).next().map(|at| at.naive_utc())
    }
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.expression == other.expression
    }
}
impl Eq for Schedule {}

impl TryFrom<String> for Schedule {
    type Error = ScheduleError;
    fn try_from(text: String) -> Result<Self, ScheduleError> {
        Self::parse(&text)
    }
}

impl From<Schedule> for String {
    fn from(schedule: Schedule) -> Self {
        schedule.expression
    }
}

/// The instant of a wall-clock time: in an overlap the first pass, in a gap the first instant after it.
pub fn instant(zone: Tz, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.with_timezone(&Utc)),
        LocalResult::None => (1..=26 * 60)
            .find_map(|minutes| zone.from_local_datetime(&(local + TimeDelta::minutes(minutes))).earliest())
            .map(|at| at.with_timezone(&Utc)),
    }
}

/// Weekdays as the cron crate wants them: names, because its numbers count from Sunday = 1.
fn weekdays(field: &str) -> Result<String, ScheduleError> {
    if matches!(field, "*" | "?") {
        return Ok("*".to_owned());
    }
    let mut chosen = [false; 7];
    for part in field.split(',') {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let step: usize =
            step.parse().ok().filter(|s| *s > 0).ok_or_else(|| ScheduleError::Weekday(part.to_owned()))?;
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (0, 6),
            Some((first, last)) => (weekday(first)?, weekday(last)?),
            None => (weekday(range)?, weekday(range)?),
        };
        let last = if last < first { last + 7 } else { last };
        (first..=last).step_by(step).for_each(|day| chosen[day % 7] = true);
    }
    Ok(DAYS.iter().zip(chosen).filter(|(_, on)| *on).map(|(day, _)| *day).collect::<Vec<_>>().join(","))
}

fn weekday(text: &str) -> Result<usize, ScheduleError> {
    let by_number = text.parse::<usize>().ok().filter(|n| *n <= 7);
    let by_name = || {
        let name = text.get(..3).filter(|_| text.bytes().all(|b| b.is_ascii_alphabetic()))?;
        DAYS.iter().position(|day| day.eq_ignore_ascii_case(name))
    };
    by_number.or_else(by_name).ok_or_else(|| ScheduleError::Weekday(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instants(expression: &str, zone: Tz, from: &str, count: usize) -> Vec<String> {
        let schedule = Schedule::parse(expression).unwrap();
        let mut at: DateTime<Utc> = from.parse().unwrap();
        (0..count)
            .map(|_| {
                at = schedule.next(zone, at).unwrap().at;
                at.with_timezone(&zone).format("%a %m-%d %H:%M %Z").to_string()
            })
            .collect()
    }

    #[test]
    fn five_and_fri_are_friday() {
        let friday = ["Fri 11-20 17:00 GMT", "Fri 11-27 17:00 GMT"];
        for expression in ["0 17 * * 5", "0 17 * * FRI", "0 17 * * friday"] {
            assert_eq!(instants(expression, Tz::Europe__London, "2026-11-20T16:59:00Z", 2), friday);
        }
        assert_eq!(instants("0 7 * * FRI-MON", Tz::UTC, "2026-11-20T00:00:00Z", 5).len(), 5);
    }

    #[test]
    fn a_run_in_a_gap_is_moved_behind_it_and_in_an_overlap_fires_once() {
        assert_eq!(
            instants("30 2 * * 0", Tz::Europe__Berlin, "2027-03-20T00:00:00Z", 3),
            ["Sun 03-21 02:30 CET", "Sun 03-28 03:00 CEST", "Sun 04-04 02:30 CEST"]
        );
        assert_eq!(
            instants("30 2 * * SUN", Tz::Europe__Berlin, "2027-10-30T00:00:00Z", 2),
            ["Sun 10-31 02:30 CEST", "Sun 11-07 02:30 CET"]
        );
    }

    #[test]
    fn asked_during_the_second_pass_it_never_answers_with_the_past() {
        let schedule = Schedule::parse("30 2 * * SUN").unwrap();
        let second_pass: DateTime<Utc> = "2027-10-31T01:10:00Z".parse().unwrap();
        assert!(schedule.next(Tz::Europe__Berlin, second_pass).unwrap().at > second_pass);
    }

    #[test]
    fn what_is_no_schedule_says_why() {
        let refusals = [
            ("0 17 * *", "has 4"),
            ("0 17 * * 8", "weekday"),
            ("0 17 13 * FRI", "day-of-month and day-of-week"),
            ("99 17 * * *", "is not a schedule"),
            ("0 0 30 2 *", "never fires"),
        ];
        for (expression, reason) in refusals {
            let error = Schedule::parse(expression).unwrap_err().to_string();
            assert!(error.contains(reason), "{expression}: {error}");
        }
    }

    #[test]
    fn the_latest_occurrence_is_the_one_a_late_start_must_catch_up_with() {
        let schedule = Schedule::parse("0 17 * * FRI").unwrap();
        let origin = "2026-11-01T00:00:00Z".parse().unwrap();
        let latest = |until: &str| schedule.latest(Tz::UTC, origin, until.parse().unwrap()).map(|o| o.at.to_rfc3339());
        assert_eq!(latest("2026-11-20T17:00:00Z").as_deref(), Some("2026-11-20T17:00:00+00:00"));
        assert_eq!(latest("2026-11-20T16:59:59Z").as_deref(), Some("2026-11-13T17:00:00+00:00"));
        assert_eq!(latest("2026-11-02T00:00:00Z"), None);
    }
}
