//! Relays that are down, hang, drop, refuse or have had enough: what becomes of the readers.

use crate::support::faulty_relay::{Phase, Plan};
use crate::support::newsroom::{Newsroom, assert_once, eventually, relay, times};
use crate::support::process::free_port;
use serde_json::{Value, json};
use std::time::Duration;

/// A due issue for some readers by way of the relay at a port.
fn due_by(port: u16, readers: usize, mail: &str) -> (Newsroom, Vec<String>) {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.mail = format!("{}\n{mail}", relay(port)));
    newsroom.make_due(5);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    let readers = newsroom.subscribe(readers);
    (newsroom, readers)
}

fn counts(report: &Value) -> Value {
    json!([
        report["state"],
        report["accepted"],
        report["refused"],
        report["deferred"],
        report["in_doubt"],
        report["parked"]
    ])
}

#[test]
fn a_relay_that_is_down_puts_nobody_in_doubt_and_gets_everything_when_it_is_back() {
    let port = free_port();
    let (newsroom, readers) = due_by(port, 30, "");
    let sending = newsroom.begin(&["send", "--yes", "--json"]);
    let alarm = eventually("the alarm is kept", Duration::from_secs(30), || {
        newsroom.store().alarms().expect("the database answers").into_iter().find(|alarm| alarm.kind == "relay-down")
    });
    assert!(alarm.sentence.contains("connect") || alarm.sentence.contains("refused"), "{}", alarm.sentence);
    eventually("whoever waits is told", Duration::from_secs(10), || {
        sending.log().contains("nobody is lost").then_some(())
    });
    let deliveries = &newsroom.issue(1)["deliveries"];
    assert_eq!((&deliveries["queued"], &deliveries["in_doubt"]), (&json!(30), &json!(0)), "{deliveries}");

    let sink = Plan::default().start_at(port);
    assert_eq!(sending.wait_for_end(), 0, "{}", sending.log());
    assert_once(&sink.received(), &readers);
    let alarms = newsroom.store().alarms().expect("the database answers");
    assert!(alarms.iter().all(|alarm| alarm.kind != "relay-down"), "the alarm is over: {alarms:?}");
}

#[test]
fn a_relay_that_hangs_before_it_has_the_message_is_tried_again_without_doubt() {
    for phase in [Phase::Greeting, Phase::Rcpt] {
        let sink = Plan::default().hang_at(phase).start();
        let (newsroom, readers) = due_by(sink.port, 10, "timeout = \"5s\"");
        let sending = newsroom.begin(&["send", "--yes", "--json"]);
        sink.wait_until_hanging();
        // The patience of `timeout` must have run out once: a second round of connections comes.
        eventually("the relay is tried again", Duration::from_mins(1), || (sink.connections() > 4).then_some(()));
        sink.release();
        assert_eq!(sending.wait_for_end(), 0, "{}", sending.log());
        assert_once(&sink.received(), &readers);
        assert_eq!(newsroom.issue(1)["in_doubt"], json!([]), "{phase:?}");
    }
}

#[test]
fn a_connection_dropped_after_the_message_leaves_a_doubt_that_is_listed_and_tried_again_under_the_same_id() {
    let sink = Plan::default().drop_after_data(2).start();
    let (newsroom, readers) = due_by(sink.port, 20, "");
    let sending = newsroom.begin(&["send", "--yes", "--json"]);
    let doubts = eventually("both doubts are listed", Duration::from_secs(30), || {
        // Until the issue is composed there is none to show.
        let output = newsroom.call(&["issues", "show", "1", "--json"]);
        let issue: Value = serde_json::from_str(&output.out).ok()?;
        issue["in_doubt"].as_array().filter(|doubts| doubts.len() == 2).cloned()
    });
    assert!(doubts.iter().all(|doubt| doubt["retry_at"].is_string()), "{doubts:?}");
    // The first wait after a doubt is a minute.
    let status = eventually("the issue is done", Duration::from_mins(2), || {
        (newsroom.issue(1)["state"] == "done").then(|| sending.wait_for_end())
    });
    assert_eq!(status, 0, "{}", sending.log());
    let received = sink.received();
    let twice: Vec<_> = times(&received).into_iter().filter(|(_, times)| *times > 1).collect();
    assert_eq!(twice.iter().map(|(_, times)| *times).collect::<Vec<_>>(), [2, 2]);
    assert_eq!(times(&received).len(), readers.len());
    for (reader, _) in twice {
        let mut ids: Vec<_> = received
            .iter()
            .filter(|message| message.recipients == [reader.clone()])
            .map(|message| &message.message_id)
            .collect();
        ids.dedup();
        assert_eq!(ids.len(), 1, "{reader}");
    }
    assert_eq!(newsroom.issue(1)["in_doubt"].as_array().map(Vec::len), Some(2), "they stay listed, settled");
}

#[test]
fn a_relay_that_takes_no_leave_holds_up_no_send_and_leaves_nobody_in_doubt() {
    let says = |line| Plan::default().answer(Phase::Quit, line, usize::MAX);
    let lines = ["", "what?", "354 go on", "451 4.3.0 not now", "554 5.7.1 you stay"];
    for plan in lines.map(says).into_iter().chain([Plan::default().hang_at(Phase::Quit)]) {
        for plan in [plan.clone(), plan.takes_chunks()] {
            let what = format!("{plan:?}");
            let sink = plan.start();
            let (newsroom, readers) = due_by(sink.port, 6, "");
            assert_eq!(counts(&newsroom.send()), json!(["done", 6, 0, 0, 0, 0]), "{what}");
            assert_once(&sink.received(), &readers);
            assert_eq!(newsroom.issue(1)["in_doubt"], json!([]), "{what}");
            assert!(sink.goodbyes() > 0, "{what}");
        }
    }
}

#[test]
fn one_refused_recipient_is_listed_and_stops_nobody_else() {
    let refused = "reader0003@reader.example";
    let sink =
        Plan::default().refuse(refused, "550 5.1.1 <reader0003@reader.example> no such user", usize::MAX).start();
    let (newsroom, readers) = due_by(sink.port, 6, "");
    assert_eq!(counts(&newsroom.send()), json!(["done", 5, 1, 0, 0, 0]));
    let others: Vec<String> = readers.into_iter().filter(|reader| reader != refused).collect();
    assert_once(&sink.received(), &others);
    let issue = newsroom.issue(1);
    assert_eq!((&issue["refused"][0]["code"], &issue["refused"][0]["enhanced"]), (&json!(550), &json!("5.1.1")));
    assert!(!issue.to_string().contains(refused), "addresses are masked: {issue}");
}

#[test]
fn a_recipient_who_is_put_off_is_deferred_and_the_issue_stays_open() {
    let sink = Plan::default().refuse("reader0002@reader.example", "451 4.7.1 greylisted, come back", 1).start();
    let (newsroom, _) = due_by(sink.port, 4, "");
    assert_eq!(counts(&newsroom.send()), json!(["sending", 3, 0, 1, 0, 0]));
    let output = newsroom.call(&["send", "--yes"]);
    assert!(output.status == Some(0) && output.out.contains("The next try is at"), "{output:?}");
    assert_eq!(sink.count(), 3, "not before its time");
}

#[test]
fn whoever_no_relay_took_it_for_in_time_gets_it_no_more_and_that_is_no_bounce() {
    let sink = Plan::default().answer(Phase::Rcpt, "451 4.3.0 later", 3).start();
    let (mut newsroom, readers) = due_by(sink.port, 3, "");
    newsroom.set(|settings| "deliver_within = \"30h\"".clone_into(&mut settings.newsletter));
    assert_eq!(newsroom.send()["deferred"], 3);
    let an_earlier_freeze = |hours: i64| {
        let database = rusqlite::Connection::open(newsroom.path("subscribers.db")).expect("the database opens");
        let moved = database.execute("UPDATE issue SET frozen_at = frozen_at - ?1", [hours * 3_600_000]);
        assert_eq!(moved.expect("nobody else writes"), 1);
    };
    an_earlier_freeze(25);
    newsroom.done(&["send", "--yes"]);
    assert_eq!(newsroom.issue(1)["deliveries"]["expired"], 0, "as long as `deliver_within` says");
    an_earlier_freeze(6);
    newsroom.done(&["send", "--yes"]);
    let issue = newsroom.issue(1);
    assert_eq!((&issue["state"], &issue["deliveries"]["expired"]), (&json!("done"), &json!(3)), "{issue:#}");
    let report = newsroom.json(&["bounces", "report", "--issue", "1", "--json"]);
    assert_eq!((&report["totals"]["hard"], &report["totals"]["refused"]), (&json!(0), &json!(0)), "{report:#}");
    assert_eq!(newsroom.json(&["subscribers", "show", &readers[0], "--json"])["returned"], json!([]));

    newsroom.done(&["issues", "resend", "1", "--expired", "--yes"]);
    assert_eq!(counts(&newsroom.send()), json!(["done", 3, 0, 0, 0, 0]), "its time begins anew");
    assert_once(&sink.received(), &readers);
}

#[test]
fn a_relay_that_has_enough_after_a_hundred_messages_gets_the_rest_on_new_connections() {
    let sink = Plan::default().busy_after(100).start();
    let (newsroom, readers) = due_by(sink.port, 450, "connections = 2");
    assert_eq!(counts(&newsroom.send()), json!(["done", 450, 0, 0, 0, 0]));
    assert_once(&sink.received(), &readers);
    // A busy relay notices that one of the two has gone only after the next has come.
    assert!(
        sink.connections() >= 5 && sink.peak_connections() <= 4,
        "{} {}",
        sink.connections(),
        sink.peak_connections()
    );
}

#[test]
fn a_wrong_password_says_so_and_mails_nobody() {
    let sink = Plan::default().login("week", "correct horse").start();
    let (mut newsroom, readers) = due_by(sink.port, 3, "username = \"week\"\npassword = \"wrong\"");
    let said = newsroom.fails(1, &["send", "--to", "editor@harbour.example"]);
    assert!(said.contains("535") && !said.contains("wrong\""), "{said}");
    newsroom.set(|settings| settings.mail = settings.mail.replace("wrong", "correct horse"));
    assert_eq!(newsroom.send()["accepted"], 3);
    assert_once(&sink.received(), &readers);
}

/// The lines of `[mail]` for two relays on this machine, each with lines of its own.
fn two_relays(relays: [(u16, &str); 2]) -> String {
    relays.map(|(port, own)| format!("[[mail.relays]]\n{}\n{own}\n", relay(port))).concat()
}

#[test]
fn two_relays_share_an_issue_by_their_weights() {
    let (large, small) = (Plan::default().start(), Plan::default().start());
    let (mut newsroom, readers) = due_by(large.port, 400, "");
    newsroom.set(|settings| settings.mail = two_relays([(large.port, "weight = 3"), (small.port, "weight = 1")]));
    assert_eq!(counts(&newsroom.send()), json!(["done", 400, 0, 0, 0, 0]));
    assert_once(&[large.received(), small.received()].concat(), &readers);
    assert!((240..=360).contains(&large.count()), "{} and {}", large.count(), small.count());
}

#[test]
fn a_fallback_is_used_while_the_usual_relay_is_down_and_only_then() {
    let port = free_port();
    let spare = Plan::default().start();
    let (mut newsroom, readers) = due_by(port, 30, "");
    newsroom.set(|settings| settings.mail = two_relays([(port, ""), (spare.port, "fallback = true")]));
    assert_eq!(counts(&newsroom.send()), json!(["done", 30, 0, 0, 0, 0]));
    assert_once(&spare.received(), &readers);

    let usual = Plan::default().start_at(port);
    newsroom.make_due(2);
    newsroom.bring(&["Tide tables", "A lighthouse sold", "The pilots' strike"]);
    assert_eq!(counts(&newsroom.send()), json!(["done", 30, 0, 0, 0, 0]));
    assert_eq!((usual.count(), spare.count()), (30, 30), "the usual one is back");
}

#[test]
fn operators_hear_by_the_second_relay_that_the_first_is_gone() {
    let operator = "operator@harbour.example";
    let port = free_port();
    let spare = Plan::default().start();
    let (mut newsroom, _) = due_by(port, 5, "");
    newsroom.set(|settings| settings.mail = two_relays([(port, ""), (spare.port, "fallback = true")]));
    let file = newsroom.path("config/week-in-review.toml");
    let text = std::fs::read_to_string(&file).expect("our own folder");
    std::fs::write(&file, format!("operators = [\"{operator}\"]\n{text}")).expect("our own folder");

    let service = newsroom.serve();
    service.wait_until("tells the operator", || times(&spare.received()).get(operator).copied());
    let received = spare.received();
    let told = received.iter().find(|message| message.recipients == [operator]).expect("it was counted");
    let text = String::from_utf8_lossy(&told.bytes).split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(&format!("127.0.0.1:{port}")) && text.contains("by another relay"), "{text}");
    service.wait_until("delivers by the second", || service.log().contains("accepted=5").then_some(()));
}

#[test]
fn an_issue_that_is_more_than_a_days_quota_says_so_before_it_leaves() {
    let sink = Plan::default().start();
    let (newsroom, _) = due_by(sink.port, 25, "per_day = 10");
    let problem = "25 messages are more than the relays take in a day (10): this issue takes 3 days";
    let said = newsroom.call(&["send", "--dry-run"]);
    assert!((said.out + &said.err).contains(problem), "before anything happened");
    assert_eq!(sink.count(), 0);
    let sending = newsroom.begin(&["send", "--yes"]);
    sink.wait_for(10);
    let shown = eventually("the ten are recorded", Duration::from_mins(1), || {
        let issue = newsroom.issue(1);
        (issue["deliveries"]["accepted"] == 10).then_some(issue)
    });
    assert!(shown["preflight"].to_string().contains(problem), "{}", shown["preflight"]);
    sending.signal("TERM");
    sending.wait_for_end();
    assert_eq!(sink.count(), 10, "not one more today");
}
