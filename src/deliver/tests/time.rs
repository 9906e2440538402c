//! How long an issue is tried, and how often.

use super::*;
use crate::domain::newsletter::Policy;
use crate::domain::plan::{Changed, DateChange, Plan};
use crate::domain::schedule::Schedule;
use chrono_tz::Tz;

#[tokio::test]
async fn waits_grow_until_the_issues_time_is_over() {
    let room = Room::new(1);
    (0..50).for_each(|_| room.relay.answer_to("reader1@example.org", later()));
    let mut waits = Vec::new();
    loop {
        match room.deliver().await.ended {
            Ended::Waiting { until } => {
                let now = (room.delivery.now)();
                waits.push((until - now).num_minutes());
                *room.clock.lock().unwrap() = until;
            }
            ended => {
                assert_eq!(ended, Ended::Done);
                break;
            }
        }
    }
    assert_eq!(waits, [5, 15, 30, 60, 120, 240, 240, 240, 240, 240, 10]);
    assert_eq!(room.delivery.store.tally(room.order.issue).unwrap().expired, 1);
}

/// A newsletter of Fridays at five, whose issues are tried for a week and composed half an hour before their date.
fn fridays() -> Newsletter {
    let mut newsletter = newsletter();
    (newsletter.zone, newsletter.cutoff_minutes) = (Tz::UTC, 30);
    newsletter.schedule = Schedule::parse("0 17 * * FRI").unwrap();
    newsletter.policy.deliver_within_hours = 7 * 24;
    newsletter
}

fn at(text: &str) -> DateTime<Utc> {
    format!("2026-{text}:00Z").parse().unwrap()
}

/// Until when the issue of a Friday is tried that was frozen at an instant.
fn until(newsletter: &Newsletter, changes: Vec<DateChange>, frozen: &str) -> DateTime<Utc> {
    let changes = changes.into_iter().map(|change| Changed { change, because: "a holiday".into() }).collect();
    let plan = Plan::new(&newsletter.schedule, newsletter.zone, changes);
    newsletter.deliver_until(&plan, at("11-20T17:00"), at(frozen))
}

#[test]
fn an_issue_is_tried_for_its_time_and_never_beyond_the_next_cut_off() {
    let mut newsletter = fridays();
    assert_eq!(until(&newsletter, vec![], "11-20T17:00"), at("11-27T16:30"));
    assert_eq!(until(&newsletter, vec![], "11-18T09:00"), at("11-25T09:00"), "taken early: its own date is no limit");
    assert_eq!(until(&newsletter, vec![], "11-27T16:40"), at("12-04T16:30"));
    newsletter.policy.deliver_within_hours = 24;
    assert_eq!(until(&newsletter, vec![], "11-20T17:00"), at("11-21T17:00"));
    newsletter.schedule = Schedule::parse("0 * * * *").unwrap();
    assert_eq!(until(&newsletter, vec![], "11-20T17:00"), at("11-20T17:30"));
}

#[test]
fn the_next_cut_off_is_that_of_a_date_that_was_moved_and_of_none_that_was_skipped() {
    let newsletter = Newsletter { policy: two_weeks(), ..fridays() };
    let local = |text: &str| at(text).naive_utc();
    let friday = local("11-27T17:00");
    let earlier = DateChange::Move { date: friday, to: local("11-25T08:00") };
    assert_eq!(until(&newsletter, vec![earlier], "11-20T17:00"), at("11-25T07:30"));
    let later = DateChange::Move { date: friday, to: local("11-28T08:00") };
    assert_eq!(until(&newsletter, vec![later], "11-20T17:00"), at("11-28T07:30"));
    let skipped = DateChange::Skip { date: friday };
    assert_eq!(until(&newsletter, vec![skipped], "11-20T17:00"), at("12-04T16:30"));
    let paused = DateChange::Pause { from: local("11-24T00:00"), until: local("12-31T00:00") };
    assert_eq!(until(&newsletter, vec![paused], "11-20T17:00"), at("12-04T17:00"), "its own time ends it");
}

fn two_weeks() -> Policy {
    Policy { deliver_within_hours: 14 * 24, ..fridays().policy }
}
