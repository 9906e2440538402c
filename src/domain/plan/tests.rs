//! Changed dates: shown as people mean them, and each used up once, also where clocks change.

use super::*;
use chrono::{Duration, NaiveDate};
use proptest::prelude::*;

fn local(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn skip(date: &str) -> Changed {
    Changed { change: DateChange::Skip { date: local(date) }, because: "a holiday".into() }
}

fn moved(date: &str, to: &str) -> Changed {
    Changed { change: DateChange::Move { date: local(date), to: local(to) }, because: "Good Friday".into() }
}

fn fridays() -> Schedule {
    Schedule::parse("0 17 * * FRI").unwrap()
}

/// The next dates that count.
fn next(plan: &Plan<'_>, after: &str, count: usize) -> Vec<String> {
    let first = plan.next(at(after));
    let dates = std::iter::successors(first, |date| plan.next(date.at));
    dates.take(count).map(|date| date.local.format("%a %m-%d %H:%M").to_string()).collect()
}

const LONDON: Tz = Tz::Europe__London;

#[test]
fn good_friday_goes_out_on_thursday_and_is_not_repeated_on_friday() {
    let schedule = fridays();
    let plan = Plan::new(&schedule, LONDON, vec![moved("2026-04-03T17:00:00", "2026-04-02T16:00:00")]);
    assert_eq!(next(&plan, "2026-03-28T00:00:00Z", 2), ["Thu 04-02 16:00", "Fri 04-10 17:00"]);
    assert_eq!(next(&plan, "2026-04-02T15:00:00Z", 1), ["Fri 04-10 17:00"]);
    let date = plan.latest(at("2026-03-30T00:00:00Z"), at("2026-04-05T00:00:00Z")).unwrap();
    assert_eq!((date.local, date.key()), (local("2026-04-02T16:00:00"), local("2026-04-03T17:00:00")));
}

#[test]
fn a_skipped_date_is_none_and_is_listed_with_its_reason() {
    let schedule = fridays();
    let plan = Plan::new(&schedule, LONDON, vec![skip("2026-12-25T17:00:00")]);
    assert_eq!(next(&plan, "2026-12-19T00:00:00Z", 2), ["Fri 01-01 17:00", "Fri 01-08 17:00"]);
    assert_eq!(plan.dates(at("2026-12-19T00:00:00Z")).next().unwrap().fate, Fate::Skipped("a holiday"));
    let latest = plan.latest(at("2026-12-10T00:00:00Z"), at("2026-12-26T00:00:00Z")).unwrap();
    assert_eq!(latest.local, local("2026-12-18T17:00:00"));
}

#[test]
fn a_pause_ends_before_its_last_day_and_a_later_wish_for_one_date_counts_more() {
    let schedule = fridays();
    let pause = DateChange::Pause { from: local("2026-08-01T00:00:00"), until: local("2026-09-01T00:00:00") };
    let pause = Changed { change: pause, because: "summer".into() };
    let plan = Plan::new(&schedule, LONDON, vec![pause.clone()]);
    assert_eq!(next(&plan, "2026-07-30T00:00:00Z", 2), ["Fri 07-31 17:00", "Fri 09-04 17:00"]);
    let plan = Plan::new(&schedule, LONDON, vec![pause, moved("2026-08-14T17:00:00", "2026-08-14T09:00:00")]);
    assert_eq!(next(&plan, "2026-08-01T00:00:00Z", 2), ["Fri 08-14 09:00", "Fri 09-04 17:00"]);
}

#[test]
fn of_two_changes_of_one_date_the_later_counts() {
    let schedule = fridays();
    let changes =
        vec![moved("2026-04-03T17:00:00", "2026-04-02T16:00:00"), moved("2026-04-03T17:00:00", "2026-04-04T09:00:00")];
    let plan = Plan::new(&schedule, LONDON, changes.clone());
    assert_eq!(next(&plan, "2026-03-28T00:00:00Z", 2), ["Sat 04-04 09:00", "Fri 04-10 17:00"]);
    let skipped = [changes, vec![skip("2026-04-03T17:00:00")]].concat();
    let plan = Plan::new(&schedule, LONDON, skipped);
    assert_eq!(next(&plan, "2026-03-28T00:00:00Z", 1), ["Fri 04-10 17:00"]);
}

#[test]
fn a_change_of_a_date_that_the_schedule_has_no_more_does_nothing() {
    let schedule = Schedule::parse("0 8 * * MON").unwrap();
    let plan = Plan::new(&schedule, LONDON, vec![moved("2026-04-03T17:00:00", "2026-04-02T16:00:00")]);
    assert_eq!(next(&plan, "2026-04-01T00:00:00Z", 1), ["Mon 04-06 08:00"]);
}

#[test]
fn a_date_is_moved_only_between_its_neighbours() {
    let schedule = fridays();
    let plan = Plan::new(&schedule, LONDON, Vec::new());
    let date = local("2026-04-03T17:00:00");
    let refused = |to: &str| plan.check_move(date, local(to)).unwrap_err().to_string();
    assert!(refused("2026-04-10T17:00:00").contains("the date of Fri 10 Apr 2026 17:00"));
    assert!(refused("2026-03-27T12:00:00").contains("the date of Fri 27 Mar 2026 17:00"));
    assert!(plan.check_move(date, local("2026-04-09T00:00:00")).is_ok());
    let stranger = plan.check_move(local("2026-04-02T17:00:00"), date).unwrap_err();
    assert!(matches!(stranger, PlanError::NoDate(_)));
}

/// Zones whose clocks change by an hour, by half an hour, not at all, and far from UTC.
const ZONES: [Tz; 6] = [
    Tz::Europe__London,
    Tz::America__New_York,
    Tz::Australia__Lord_Howe,
    Tz::Asia__Kathmandu,
    Tz::Pacific__Apia,
    Tz::Africa__Casablanca,
];

fn changes(count: usize) -> impl Strategy<Value = Vec<(usize, Option<i64>)>> {
    proptest::collection::vec((0..12_usize, proptest::option::of(-3 * 24 * 60..3 * 24 * 60_i64)), 0..count)
}

proptest! {
    /// Whatever is skipped or moved, whenever somebody looks: each date of the schedule counts at most once, those that stand exactly once.
    #[test]
    fn each_date_is_used_up_once_over_changes_of_clocks(
        zone in proptest::sample::select(&ZONES[..]),
        expression in proptest::sample::select(&["30 2 * * SUN", "0 17 * * FRI", "45 1 * * *", "0 0 1 * *"][..]),
        day in 0..700_i64,
        wanted in changes(8),
        steps in proptest::collection::vec(30..3_000_i64, 1..60),
    ) {
        let schedule = Schedule::parse(expression).unwrap();
        let start = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc() + Duration::days(day);
        let dates: Vec<Occurrence> = Plan::new(&schedule, zone, Vec::new()).scheduled(start).take(12).collect();
        let mut made = Vec::new();
        for (index, minutes) in wanted {
            let date = dates[index].local;
            let change = match minutes {
                None => DateChange::Skip { date },
                Some(minutes) => {
                    let to = date + Duration::minutes(minutes);
                    if Plan::new(&schedule, zone, made.clone()).check_move(date, to).is_err() { continue }
                    DateChange::Move { date, to }
                }
            };
            made.push(Changed { change, because: String::new() });
        }
        let plan = Plan::new(&schedule, zone, made);
        let end = dates[11].at;

        // The scheduler's way: what is the latest that is due, after the one that was used up last?
        let mut used: Vec<NaiveDateTime> = Vec::new();
        let (mut now, mut after) = (start, start);
        let mut step = steps.iter().cycle();
        while now < end {
            now += Duration::minutes(*step.next().unwrap());
            while let Some(date) = plan.next(after).filter(|date| date.at <= now && date.at < end) {
                prop_assert!(plan.latest(after + Duration::milliseconds(1), now).is_some());
                used.push(date.key());
                after = date.at;
            }
        }
        let mut once = used.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(once.len(), used.len(), "a date was used up twice: {:?}", used);
        for date in dates.iter().filter(|date| date.at < end) {
            match plan.fate(date.local) {
                Fate::Stands => prop_assert!(used.contains(&date.local), "{:?} was lost", date),
                Fate::Skipped(_) => prop_assert!(!used.contains(&date.local)),
                Fate::Moved(to, _) => {
                    let to = instant(zone, to).unwrap();
                    prop_assert_eq!(used.contains(&date.local), start < to && to < end, "{:?} moved to {}", date, to);
                }
            }
        }
    }
}
