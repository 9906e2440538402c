//! Dates that are skipped, moved and paused, as an operator says it, and what goes out then.

use crate::support::faulty_relay::Plan;
use crate::support::newsroom::{Newsroom, daily, now, relay};
use chrono::TimeDelta;
use week_in_review::scheduler::Step;

/// A newsroom whose next date is in two hours, every day.
fn newsroom() -> (Newsroom, chrono::DateTime<chrono::Utc>) {
    let mut newsroom = Newsroom::new();
    let at = now() + TimeDelta::hours(2);
    newsroom.set(|settings| settings.schedule = daily(at));
    newsroom.bring(&["Harbour fees rise", "Salt prices", "A new ferry"]);
    newsroom.subscribe(2);
    (newsroom, at)
}

fn coming(newsroom: &Newsroom) -> serde_json::Value {
    newsroom.json(&["schedule", "--next", "2", "--json"])[0]["occurrences"].clone()
}

#[test]
fn a_skipped_date_is_shown_with_its_reason_and_can_be_had_again() {
    let (newsroom, at) = newsroom();
    let day = at.format("%Y-%m-%d").to_string();
    newsroom.done(&["schedule", "skip", &day, "--because", "Good Friday"]);
    let dates = coming(&newsroom);
    assert_eq!((dates[0]["skipped"].as_bool(), dates[0]["because"].as_str()), (Some(true), Some("Good Friday")));
    assert!(newsroom.done(&["schedule", "--next", "1"]).contains("skipped: Good Friday"));
    let tomorrow = (at + TimeDelta::days(1)).format("%Y-%m-%d").to_string();
    assert!(newsroom.done(&["send", "--yes"]).contains(&tomorrow), "the date after it is the next");
    newsroom.done(&["schedule", "restore", &day]);
    assert_eq!(coming(&newsroom)[0]["skipped"], false);
    assert!(newsroom.fails(1, &["schedule", "restore", &day]).contains("is as the schedule has it"));
    assert!(newsroom.done(&["audit"]).contains("restore"));
}

#[test]
fn a_date_that_is_moved_earlier_goes_out_then_and_not_once_more() {
    let (newsroom, at) = newsroom();
    // To the minute that begins next, so that it is composed and sent at once by its cut-off.
    let to = (now() + TimeDelta::minutes(2)).format("%Y-%m-%d %H:%M").to_string();
    let day = at.format("%Y-%m-%d").to_string();
    newsroom.done(&["schedule", "move", &day, &to, "--because", "a holiday"]);
    assert_eq!(coming(&newsroom)[0]["because"], "a holiday");
    let sent = newsroom.send_early();
    assert_eq!((sent["issue"].as_u64(), sent["accepted"].as_u64()), (Some(1), Some(2)));
    let issue = newsroom.issue(1);
    assert_eq!(issue["occurrence"].as_str().unwrap()[..16].replace('T', " "), to);
    assert!(newsroom.fails(1, &["schedule", "restore", &day]).contains("used up"));
    assert!(newsroom.fails(1, &["schedule", "skip", &day, "--because", "x"]).contains("used up"));
    assert_eq!(newsroom.send()["state"], "nothing_due");
}

#[test]
fn an_issue_that_is_composed_already_follows_its_date() {
    let (mut newsroom, at) = newsroom();
    newsroom.set(|settings| settings.newsletter = "cut_off = \"20h\"\nreview = \"approve\"".to_owned());
    newsroom.step_at(now());
    assert_eq!(newsroom.issue(1)["state"], "waiting");
    let day = at.format("%Y-%m-%d").to_string();
    let to = (at + TimeDelta::hours(1)).format("%Y-%m-%d %H:%M").to_string();
    newsroom.done(&["schedule", "move", &day, &to, "--because", "a late result"]);
    assert_eq!(newsroom.issue(1)["occurrence"].as_str().unwrap()[..16].replace('T', " "), to);
    newsroom.done(&["schedule", "skip", &day, "--because", "nothing happened"]);
    let list = newsroom.done(&["issues", "list"]);
    assert!(list.contains("skipped: nothing happened"), "{list}");
    // Its stories are free again for the next date, whose issue says that it covers more.
    let stories = newsroom.json(&["preview", "--format", "json"]);
    assert!(stories.to_string().contains("Harbour fees rise"));
    // It was a mistake: the date comes back, and its issue is composed anew under its number.
    newsroom.done(&["schedule", "restore", &day]);
    newsroom.step_at(now());
    let again = newsroom.issue(1);
    assert_eq!((again["state"].as_str(), again["stories"].as_array().map(Vec::len)), (Some("waiting"), Some(3)));
    assert_eq!(again["occurrence"].as_str().unwrap()[11..16], at.format("%H:%M").to_string());
}

#[test]
fn a_pause_that_is_ended_gives_back_the_issue_that_was_composed() {
    let (mut newsroom, at) = newsroom();
    newsroom.set(|settings| settings.newsletter = "cut_off = \"20h\"\nreview = \"approve\"".to_owned());
    newsroom.step_at(now());
    let until = (at + TimeDelta::days(5)).format("%Y-%m-%d").to_string();
    newsroom.done(&["schedule", "pause", "--until", &until, "--because", "summer"]);
    assert!(newsroom.done(&["issues", "list"]).contains("skipped: summer"));
    newsroom.done(&["schedule", "restore"]);
    newsroom.step_at(now());
    assert_eq!(newsroom.issue(1)["state"], "waiting");
}

#[test]
fn a_week_that_was_too_thin_is_not_restored() {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| {
        settings.schedule = daily(now() + TimeDelta::hours(2));
        settings.newsletter = "cut_off = \"20h\"".to_owned();
    });
    newsroom.bring(&["A new ferry"]);
    newsroom.subscribe(2);
    newsroom.step_at(now());
    let day = (now() + TimeDelta::hours(2)).format("%Y-%m-%d").to_string();
    assert!(newsroom.fails(1, &["schedule", "restore", &day]).contains("is as the schedule has it"));
    assert!(newsroom.done(&["issues", "list"]).contains("carried over"));
}

#[test]
fn a_pause_leaves_out_all_its_dates() {
    let (newsroom, at) = newsroom();
    let until = (at + TimeDelta::days(5)).format("%Y-%m-%d").to_string();
    newsroom.done(&["schedule", "pause", "--until", &until, "--because", "summer"]);
    let shown = newsroom.done(&["schedule", "--next", "6"]);
    assert_eq!(shown.matches("skipped: summer").count(), 5, "{shown}");
    newsroom.done(&["schedule", "restore"]);
    assert!(!newsroom.done(&["schedule", "--next", "6"]).contains("summer"));
}

#[test]
fn what_is_no_date_says_so() {
    let (newsroom, at) = newsroom();
    let day = at.format("%Y-%m-%d").to_string();
    let refused = |arguments: &[&str]| newsroom.fails(1, arguments);
    assert!(refused(&["schedule", "skip", "soon", "--because", "x"]).contains("is no date"));
    assert!(refused(&["schedule", "move", &day, "soon", "--because", "x"]).contains("is no time"));
    assert!(refused(&["schedule", "skip", &day, "--because", " "]).contains("say why"));
    let far = (at + TimeDelta::days(1)).format("%Y-%m-%d %H:%M").to_string();
    assert!(refused(&["schedule", "move", &day, &far, "--because", "x"]).contains("pass the date of"));
    assert!(refused(&["schedule", "skip", "2020-01-01", "--because", "x"]).contains("is over"));
}

#[test]
fn a_skipped_date_leaves_a_cut_off_behind_and_the_next_issue_says_that_it_covers_more() {
    let (newsroom, at) = newsroom();
    newsroom.done(&["send", "--early", "--yes"]);
    let (first, second) = (at + TimeDelta::days(1), at + TimeDelta::days(2));
    let day = first.format("%Y-%m-%d").to_string();
    newsroom.done(&["schedule", "skip", &day, "--because", "a holiday"]);
    assert!(matches!(newsroom.step_at(first), Step::LeftOut { .. }));
    assert_eq!(newsroom.step_at(first), Step::Idle, "it is used up once");
    newsroom.bring(&["Eels return", "Ropes are dear", "Nets are mended"]);
    assert!(matches!(newsroom.step_at(second), Step::Composed(_)));
    let (_, _, issue) = newsroom.store().revision(newsroom.issue_id(2)).unwrap().unwrap();
    assert_eq!(issue.covers_days, Some(2));
    assert!(issue.stories.iter().all(|story| story.carried), "they were there for the date that was skipped");
}

#[test]
fn an_issue_is_not_tried_beyond_the_cut_off_of_a_date_that_was_moved_to_meet_it() {
    let sink = Plan::default().refuse("reader0002@reader.example", "451 4.7.1 greylisted, come back", 9).start();
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| {
        settings.mail = relay(sink.port);
        settings.newsletter = "cut_off = \"1h\"".to_owned();
    });
    newsroom.make_due(5);
    newsroom.bring(&["Harbour fees rise", "Salt prices", "A new ferry"]);
    newsroom.subscribe(3);
    let first = newsroom.send();
    assert_eq!((first["state"].as_str(), first["deferred"].as_u64()), (Some("sending"), Some(1)), "{first}");
    // As if it had been frozen two hours ago, before the cut-off that the next date is about to get.
    let database = rusqlite::Connection::open(newsroom.path("subscribers.db")).expect("the database opens");
    database.execute("UPDATE issue SET frozen_at = frozen_at - 7200000", []).expect("nobody else writes");
    let tomorrow = (now() + TimeDelta::days(1) - TimeDelta::minutes(5)).format("%Y-%m-%d").to_string();
    let soon = (now() + TimeDelta::minutes(50)).format("%Y-%m-%d %H:%M").to_string();
    newsroom.done(&["schedule", "move", &tomorrow, &soon, "--because", "an election"]);
    newsroom.call(&["send", "--yes"]);
    let deliveries = &newsroom.issue(1)["deliveries"];
    assert_eq!((deliveries["accepted"].as_u64(), deliveries["expired"].as_u64()), (Some(2), Some(1)), "{deliveries}");
}
