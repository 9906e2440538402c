//! A list that moves in by cohorts, as an operator does it: who gets which issue, and the plan that shows it.

use crate::support::faulty_relay::Plan;
use crate::support::newsroom::{Newsroom, assert_once, daily, now, relay};
use chrono::TimeDelta;
use serde_json::json;

/// So many addresses, each confirmed a day after the last.
fn list(count: u32) -> String {
    (1..=count).fold("email,status,confirmed_at\n".to_owned(), |csv, n| {
        csv + &format!("reader{n:02}@reader.example,active,2026-03-{n:02}T10:00:00Z\n")
    })
}

#[test]
fn a_list_moves_in_with_so_many_each_issue_and_the_schedule_shows_the_plan() {
    let mut newsroom = Newsroom::new();
    let file = newsroom.path("list.csv");
    std::fs::write(&file, list(10)).expect("our own folder");
    newsroom.make_due(5);
    let import = ["subscribers", "import", "list.csv", "--activate", "4", "--each-issue"];
    let said = newsroom.call(&[&import[..], &["--basis", "moved here"]].concat());
    assert_eq!(said.status, Some(0), "{said:?}");
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);

    // A schedule of tomorrow's dates, for the plan.
    let due = newsroom.settings.schedule.clone();
    newsroom.set(|settings| settings.schedule = daily(now() + TimeDelta::hours(1)));
    let plan = newsroom.json(&["schedule", "--next", "4", "--json"]);
    let readers: Vec<_> = plan[0]["occurrences"]
        .as_array()
        .expect("dates")
        .iter()
        .map(|date| json!([date["readers"], date["arriving"]]))
        .collect();
    assert_eq!(readers, [json!([4, 4]), json!([8, 4]), json!([10, 2]), json!([10, 0])]);
    let told = newsroom.done(&["schedule", "--next", "2"]);
    assert!(told.contains("4 readers, 4 of them arriving") && told.contains("8 readers, 4 of them arriving"), "{told}");

    newsroom.set(|settings| settings.schedule = due);
    let report = newsroom.send();
    assert_eq!((&report["state"], &report["accepted"]), (&json!("done"), &json!(4)));
    let got = |from: usize| {
        let mut got: Vec<String> =
            newsroom.outbox()[from..].iter().filter_map(|mail| crate::support::maildir::header(mail, "To")).collect();
        got.sort();
        got
    };
    let latest: Vec<String> = (7..=10).map(|n| format!("<reader{n:02}@reader.example>")).collect();
    assert_eq!(got(0), latest, "the latest to confirm come first");
}

#[test]
fn each_cohort_gets_the_issues_from_its_own_on_and_nobody_gets_one_twice() {
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.mail = relay(sink.port));
    newsroom.make_due(12);
    newsroom.import(&["loyal@reader.example".to_owned()]);
    // In no order in the file, so that only the day of the confirmation can tell.
    let days = [5, 2, 9, 1, 8, 3, 10, 7, 4, 6];
    let reader = |day: u32| format!("day{day:02}@reader.example");
    let list = days.iter().fold("email,status,confirmed_at\n".to_owned(), |csv, day| {
        csv + &format!("{},active,2026-03-{day:02}T10:00:00Z\n", reader(*day))
    });
    std::fs::write(newsroom.path("moving.csv"), list).expect("our own folder");
    newsroom.done(&["subscribers", "import", "moving.csv", "--activate", "4", "--each-issue", "--basis", "moved here"]);

    let issues = [
        (12, ["Harbour fees rise", "A new ferry", "Salt prices"], 7..=10),
        (8, ["Tide tables", "A lighthouse sold", "The pilots' strike"], 3..=10),
        (4, ["The dredger is back", "Nets and quotas", "Cranes for hire"], 1..=10),
        (1, ["Fog in the strait", "A bridge reopens", "The fish market moves"], 1..=10),
    ];
    for (at, (minutes, stories, arrived)) in issues.into_iter().enumerate() {
        newsroom.make_due(minutes);
        newsroom.bring(&stories);
        let before = sink.count();
        let report = newsroom.send();
        let readers: Vec<String> = arrived.map(reader).chain(["loyal@reader.example".to_owned()]).collect();
        assert_eq!((&report["issue"], &report["accepted"]), (&json!(at + 1), &json!(readers.len())), "{report}");
        assert_once(&sink.received()[before..], &readers);
    }
}

#[test]
fn a_relay_that_is_warmed_up_lets_a_list_in_as_it_grows_and_the_schedule_shows_one_plan() {
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    std::fs::write(newsroom.path("list.csv"), list(20)).expect("our own folder");
    newsroom.set(|settings| settings.mail = relay(sink.port) + "\nwarm_up = 3\n");
    newsroom.make_due(5);
    newsroom.done(&["subscribers", "import", "list.csv", "--activate", "8", "--each-issue", "--basis", "moved here"]);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    let plan = |newsroom: &mut Newsroom| {
        let due = newsroom.settings.schedule.clone();
        newsroom.set(|settings| settings.schedule = daily(now() + TimeDelta::hours(1)));
        let plan = newsroom.json(&["schedule", "--next", "4", "--json"]);
        newsroom.set(|settings| settings.schedule = due);
        let dates = plan[0]["occurrences"].as_array().expect("dates").clone();
        dates.iter().map(|date| json!([date["readers"], date["arriving"]])).collect::<Vec<_>>()
    };
    // Twice as many each day of mail, but no more at a time than the cohort says.
    assert_eq!(plan(&mut newsroom), [json!([3, 3]), json!([6, 3]), json!([12, 6]), json!([20, 8])]);

    let report = newsroom.send();

    assert_eq!((&report["state"], &report["accepted"]), (&json!("done"), &json!(3)));
    assert_eq!(sink.count(), 3);
    // Nobody more today: what a relay took counts from its next day on.
    assert_eq!(plan(&mut newsroom)[0], json!([3, 0]));
    let yesterday = "UPDATE relay_day SET day = day - 1";
    rusqlite::Connection::open(newsroom.path("subscribers.db")).unwrap().execute(yesterday, []).unwrap();
    assert_eq!(plan(&mut newsroom)[..3], [json!([6, 3]), json!([12, 6]), json!([20, 8])]);

    // More readers of one's own than a relay takes: it is said before, and what it means.
    newsroom.subscribe(30);
    let said = newsroom.call(&["send", "--dry-run"]);
    let problem = "33 messages are more than the relays take in a day (6 today, more as they are warmed up): this issue takes 3 days";
    assert!((said.out + &said.err).contains(problem), "33 are 6 + 12 + 15");
}
