//! Schedules in every time zone, against an independent cron implementation that is right about daylight saving.

use chrono::{DateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use week_in_review::domain::schedule::Schedule;

/// The days on which a zone's clocks change within three years.
fn changes(zone: Tz) -> Vec<DateTime<Utc>> {
    let start = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap();
    let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
    let days = (0..3 * 365).map(|day| start + TimeDelta::days(day));
    days.filter(|day| offset(*day) != offset(*day + TimeDelta::days(1))).collect()
}

fn occurrences(expression: &str, zone: Tz, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let schedule = Schedule::parse(expression).expect("an expression");
    let mut at = from;
    std::iter::from_fn(|| {
        at = schedule.next(zone, at)?.at;
        (at <= to).then_some(at)
    })
    .collect()
}

fn oracle(expression: &str, zone: Tz, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let cron: croner::Cron = expression.parse().expect("an expression");
    let occurrences = cron.iter_after(from.with_timezone(&zone)).map(|at| at.with_timezone(&Utc));
    occurrences.take_while(|at| *at <= to).collect()
}

#[test]
fn every_zone_keeps_its_dates_when_clocks_change() {
    let mut compared = 0;
    for zone in chrono_tz::TZ_VARIANTS {
        for change in changes(zone) {
            let (from, to) = (change - TimeDelta::days(2), change + TimeDelta::days(3));
            for expression in ["30 2 * * *", "0 0 * * *", "45 1 * * *", "30 2 * * SUN"] {
                let ours = occurrences(expression, zone, from, to);
                assert_eq!(ours, oracle(expression, zone, from, to), "{expression} in {zone} around {change}");
                compared += ours.len();
            }
        }
    }
    assert!(compared > 5_000, "the clocks of the world change more often than {compared} dates show");
}
