//! Wall-clock times as people type them for a date: `2026-04-03`, `2026-04-03 17:00`, `17:00`, `Thursday 16:00`.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};

/// Days to either side of a date among which a weekday is looked for: each weekday is there once.
const AROUND: i64 = 3;

/// A day, with or without a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// A whole day.
    Day(NaiveDate),
    /// A moment of it.
    Moment(NaiveDateTime),
}

/// Reads a day or a moment.
pub fn parse(text: &str) -> Option<When> {
    let text = text.trim();
    let with_time = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"];
    let moment = with_time.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    moment.map(When::Moment).or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(When::Day))
}

/// Reads another time for a date: a moment, a time of the same day, or the weekday beside it with a time. A day alone keeps the time.
pub fn instead_of(date: NaiveDateTime, text: &str) -> Option<NaiveDateTime> {
    match parse(text) {
        Some(When::Moment(moment)) => return Some(moment),
        Some(When::Day(day)) => return Some(day.and_time(date.time())),
        None => {}
    }
    let (day, time) = text.trim().rsplit_once([' ', ',']).unwrap_or(("", text.trim()));
    let time = NaiveTime::parse_from_str(time, "%H:%M").ok()?;
    let day = day.trim_end_matches([',', ' ']);
    if day.is_empty() {
        return Some(date.date().and_time(time));
    }
    let weekday: Weekday = day.parse().ok()?;
    let days = (-AROUND..=AROUND).map(|days| date.date() + TimeDelta::days(days));
    days.into_iter().find(|day| day.weekday() == weekday).map(|day| day.and_time(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_time_is_read_as_people_say_it() {
        let friday: NaiveDateTime = "2026-04-03T17:00:00".parse().unwrap();
        let read = |text: &str| instead_of(friday, text).map(|at| at.format("%a %m-%d %H:%M").to_string());
        assert_eq!(read("Thursday 16:00").as_deref(), Some("Thu 04-02 16:00"));
        assert_eq!(read("thu, 16:00").as_deref(), Some("Thu 04-02 16:00"));
        assert_eq!(read("Mon 09:30").as_deref(), Some("Mon 04-06 09:30"));
        assert_eq!(read("18:30").as_deref(), Some("Fri 04-03 18:30"));
        assert_eq!(read("2026-04-02 16:00").as_deref(), Some("Thu 04-02 16:00"));
        assert_eq!(read("2026-04-02T16:00").as_deref(), Some("Thu 04-02 16:00"));
        assert_eq!(read("2026-04-04").as_deref(), Some("Sat 04-04 17:00"));
        for nothing in ["", "soon", "Thursday", "Caturday 16:00", "25:00", "2026-02-30"] {
            assert_eq!(read(nothing), None, "{nothing}");
        }
    }
}
