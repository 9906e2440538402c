//! A week on the command line: from a folder of articles to the outbox, what is said on the way, and that nothing happens twice.

use crate::support::maildir::header;
use crate::support::newsroom::{Newsroom, daily, now};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const STORIES: [&str; 4] = ["Harbour fees rise", "A new ferry", "The old customs house", "Salt prices"];

/// A newsroom with four stories, three readers and a date that was due ten minutes ago.
fn due_newsroom() -> Newsroom {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(10);
    newsroom.bring(&STORIES);
    newsroom.subscribe(3);
    newsroom
}

fn recipients(messages: &[Vec<u8>]) -> Vec<String> {
    let to = messages.iter().map(|message| header(message, "To").expect("To"));
    let mut to: Vec<String> = to.map(|to| to.trim_matches(['<', '>']).to_owned()).collect();
    to.sort();
    to
}

/// The titles of the stories of an issue, sorted.
fn stories(newsroom: &Newsroom, number: u32) -> Vec<String> {
    let issue = newsroom.json(&["issues", "show", &number.to_string(), "--json"]);
    let mut titles: Vec<String> = serde_json::from_value(issue["stories"].clone()).expect("a list of titles");
    titles.sort();
    titles
}

fn sorted(titles: &[&str]) -> Vec<String> {
    let mut titles: Vec<String> = titles.iter().map(|&title| title.to_owned()).collect();
    titles.sort();
    titles
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    names.sort();
    names
}

#[test]
fn a_week_goes_from_a_folder_to_the_outbox_once() {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(10);
    newsroom.write_stories(&STORIES);
    newsroom.subscribe(3);

    let collected = newsroom.json(&["collect", "--json"]);
    assert_eq!(collected["sources"][0]["source"], "desk");
    assert_eq!(collected["sources"][0]["new"], STORIES.len(), "{collected}");
    let again = newsroom.json(&["collect", "--json"]);
    assert_eq!(again["sources"][0]["new"], 0, "{again}");
    let text = newsroom.done(&["preview", "--format", "text"]);
    assert!(STORIES.iter().all(|title| text.contains(title)), "{text}");

    let report = newsroom.send();
    let keys: Vec<&str> = report.as_object().expect("an object").keys().map(String::as_str).collect();
    let mut contract = [
        "issue",
        "newsletter",
        "state",
        "recipients",
        "accepted",
        "deferred",
        "refused",
        "skipped",
        "expired",
        "in_doubt",
        "parked",
        "seconds",
    ];
    contract.sort_unstable();
    assert_eq!(keys, contract);
    let counts = ["issue", "newsletter", "state", "recipients", "accepted", "deferred", "refused", "in_doubt"];
    let said: Vec<&Value> = counts.iter().map(|key| &report[key]).collect();
    assert_eq!(json!(said), json!([1, "week", "done", 3, 3, 0, 0, 0]));
    let messages = newsroom.outbox();
    assert_eq!(
        recipients(&messages),
        ["reader0001@reader.example", "reader0002@reader.example", "reader0003@reader.example"]
    );
    assert!(messages.iter().all(|message| header(message, "List-Unsubscribe-Post").is_some()));

    let before = files(&newsroom.path("outbox/new"));
    assert_eq!(newsroom.send()["state"], "nothing_due");
    newsroom.done(&["collect"]);
    assert_eq!(newsroom.send()["state"], "nothing_due");
    assert_eq!(files(&newsroom.path("outbox/new")), before);
    let list = newsroom.json(&["issues", "list", "--json"]);
    assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
    assert_eq!((&list[0]["number"], &list[0]["state"]), (&json!(1), &json!("done")));
    assert_eq!(stories(&newsroom, 1), sorted(&STORIES));
}

#[test]
fn a_story_that_comes_after_the_cut_off_is_in_the_next_issue_and_none_is_in_two() {
    let mut newsroom = due_newsroom();
    newsroom.send();
    let late = ["The pilots' strike", "Tide tables", "A lighthouse sold"];
    newsroom.bring(&late);
    newsroom.make_due(2);
    assert_eq!(newsroom.send()["issue"], 2);
    assert_eq!(stories(&newsroom, 1), sorted(&STORIES));
    assert_eq!(stories(&newsroom, 2), sorted(&late));
    assert_eq!(newsroom.outbox().len(), 6);
}

#[test]
fn without_a_yes_and_without_a_terminal_nothing_goes_out() {
    let newsroom = due_newsroom();
    let said = newsroom.fails(2, &["send"]);
    assert!(said.contains("3 readers") && said.contains("--yes"), "{said}");
    assert_eq!(newsroom.outbox().len(), 0);
    assert_eq!(newsroom.json(&["issues", "list", "--json"]), json!([]));
}

#[test]
fn a_dry_run_says_what_would_go_out_and_writes_nothing() {
    let newsroom = due_newsroom();
    let said = newsroom.done(&["send", "--dry-run"]);
    assert!(said.contains("4 stories") && said.contains("3 readers"), "{said}");
    let report = newsroom.json(&["send", "--dry-run", "--json"]);
    assert_eq!((&report["issue"], &report["recipients"], &report["accepted"]), (&json!(1), &json!(3), &json!(0)));
    assert!(!newsroom.path("outbox").exists());
    assert_eq!(newsroom.json(&["issues", "list", "--json"]), json!([]));
}

#[test]
fn a_test_mail_goes_to_one_address_and_touches_no_state() {
    let newsroom = due_newsroom();
    newsroom.done(&["send", "--to", "editor@harbour.example"]);
    assert_eq!(recipients(&newsroom.outbox()), ["editor@harbour.example"]);
    assert_eq!(newsroom.json(&["issues", "list", "--json"]), json!([]));
    assert_eq!(newsroom.send()["recipients"], 3);
    newsroom.fails(2, &["send", "--to", "no address"]);
}

#[test]
fn a_thin_week_is_skipped_and_carried_over() {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(20);
    newsroom.bring(&STORIES[..2]);
    newsroom.subscribe(3);
    let output = newsroom.call(&["send", "--yes"]);
    assert_eq!(output.status, Some(0), "{output:?}");
    assert!(output.err.contains("2 stories") && output.err.contains("carried over"), "{output:?}");
    assert_eq!(newsroom.outbox().len(), 0);
    let list = newsroom.json(&["issues", "list", "--json"]);
    assert_eq!((&list[0]["state"], &list[0]["number"]), (&json!("skipped"), &Value::Null));
    assert_eq!(newsroom.send()["state"], "nothing_due", "a skipped date is not tried again");

    newsroom.make_due(5);
    newsroom.bring(&STORIES[2..3]);
    assert_eq!(newsroom.send()["issue"], 1, "a skipped date has no number");
    assert_eq!(stories(&newsroom, 1), sorted(&STORIES[..3]));
}

#[test]
fn an_empty_week_sends_nothing_and_is_no_failure() {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(5);
    newsroom.subscribe(1);
    let report = newsroom.send();
    assert_eq!((&report["state"], &report["issue"]), (&json!("skipped"), &Value::Null));
    assert_eq!(newsroom.outbox().len(), 0);
}

#[test]
fn a_look_back_shows_the_frozen_issue_whatever_has_changed_since() {
    let newsroom = due_newsroom();
    newsroom.send();
    let sent = newsroom.json(&["issues", "show", "1", "--json"]);
    let cut_off = sent["window"]["to"].as_str().expect("an instant").to_owned();
    let outline = newsroom.json(&["preview", "--at", &cut_off, "--format", "json"]);
    let html = newsroom.done(&["preview", "--at", &cut_off]);
    let article = newsroom.path("articles/Salt-prices.md");
    let changed = fs::read_to_string(&article).expect("it was written").replace("Salt prices", "Pepper prices");
    fs::write(&article, changed).expect("our own file");
    newsroom.bring(&["A fifth story"]);

    let again = newsroom.json(&["preview", "--at", &cut_off, "--format", "json"]);
    assert_eq!(again["kind"], "settled", "{again}");
    assert_eq!(again, outline);
    assert_eq!(newsroom.done(&["preview", "--at", &cut_off]), html);
    assert!(html.contains("Salt prices") && !html.contains("Pepper"), "{html}");
    newsroom.fails(2, &["preview", "--at", "some day"]);
}

#[test]
fn an_issue_that_is_far_too_late_waits_for_a_person() {
    let mut newsroom = due_newsroom();
    newsroom.make_due(7 * 60);
    let said = newsroom.fails(1, &["send", "--yes"]);
    assert!(said.contains("max_lateness") && said.contains("issues approve"), "{said}");
    assert_eq!(newsroom.outbox().len(), 0);
    assert_eq!(newsroom.json(&["issues", "show", "1", "--json"])["state"], "held");
    let output = newsroom.call(&["send", "--yes"]);
    assert!(output.out.contains("held"), "held is said, not done again: {output:?}");

    newsroom.done(&["issues", "approve", "1"]);
    assert_eq!(newsroom.send()["accepted"], 3);
    newsroom.fails(1, &["issues", "approve", "1"]);
}

#[test]
fn cancelled_before_anybody_has_it_an_issue_gives_back_its_stories_and_number() {
    let mut newsroom = due_newsroom();
    newsroom.make_due(7 * 60);
    newsroom.fails(1, &["send", "--yes"]);
    newsroom.fails(2, &["issues", "cancel", "1"]);
    newsroom.done(&["issues", "cancel", "1", "--yes", "--reason", "wrong week"]);
    let list = newsroom.json(&["issues", "list", "--json"]);
    assert_eq!((&list[0]["state"], &list[0]["number"]), (&json!("cancelled"), &Value::Null));

    newsroom.make_due(5);
    assert_eq!(newsroom.send()["issue"], 1);
    assert_eq!(stories(&newsroom, 1), sorted(&STORIES));
    assert_eq!(newsroom.outbox().len(), 3);
}

#[test]
fn an_issue_taken_early_uses_up_its_date() {
    let mut newsroom = Newsroom::new();
    let coming = now() + TimeDelta::hours(3);
    newsroom.set(|settings| settings.schedule = daily(coming));
    newsroom.bring(&STORIES);
    newsroom.subscribe(3);
    assert_eq!(newsroom.send()["state"], "nothing_due");
    let report = newsroom.json(&["send", "--early", "--yes", "--json"]);
    assert_eq!((&report["issue"], &report["state"], &report["accepted"]), (&json!(1), &json!("done"), &json!(3)));
    let issue = newsroom.json(&["issues", "show", "1", "--json"]);
    let due: chrono::DateTime<chrono::Utc> = serde_json::from_value(issue["due_at"].clone()).expect("an instant");
    assert_eq!(due.format("%H:%M").to_string(), coming.format("%H:%M").to_string());
    assert!(due > now());
    assert_eq!(newsroom.send()["state"], "nothing_due");
    assert_eq!(newsroom.outbox().len(), 3);
}

#[test]
fn an_early_issue_without_stories_leaves_everything_as_it_was() {
    let mut newsroom = Newsroom::new();
    let coming = now() + TimeDelta::hours(3);
    newsroom.set(|settings| settings.schedule = daily(coming));
    newsroom.subscribe(3);
    for _ in 0..2 {
        assert_eq!(newsroom.json(&["send", "--early", "--yes", "--json"])["state"], "skipped");
    }
    assert_eq!(newsroom.json(&["issues", "list", "--json"]), json!([]));
    newsroom.bring(&STORIES);
    assert_eq!(newsroom.json(&["send", "--early", "--yes", "--json"])["accepted"], 3);
}

#[test]
fn without_a_reader_no_story_is_used_up() {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(5);
    newsroom.bring(&STORIES);
    let said = newsroom.fails(1, &["send", "--yes"]);
    assert!(said.contains("nobody to send to") && said.contains("subscribers add"), "{said}");
    assert_eq!(newsroom.json(&["issues", "list", "--json"]), json!([]));
    newsroom.subscribe(3);
    assert_eq!(newsroom.send()["accepted"], 3);
    assert_eq!(stories(&newsroom, 1), sorted(&STORIES));
}

#[test]
fn a_command_in_the_wrong_folder_makes_no_database() {
    let newsroom = Newsroom::new();
    let said = newsroom.fails(2, &["--database", "elsewhere.db", "issues", "list"]);
    assert!(said.contains("elsewhere.db: there is none") && said.contains("init"), "{said}");
}

#[test]
fn a_copied_folder_does_not_mail_until_it_is_unlocked() {
    let newsroom = due_newsroom();
    newsroom.done(&["check"]);
    let elsewhere = tempfile::tempdir().expect("a folder for the test can be made");
    let target = elsewhere.path().join("copy");
    crate::support::process::run(std::process::Command::new("cp").arg("-a").arg(newsroom.path("")).arg(&target));
    let copy = Newsroom::at(&target, &newsroom.settings);

    let said = copy.fails(1, &["send", "--yes"]);
    assert!(said.contains("locked") && said.contains("unlock"), "{said}");
    // The issue waits since a moment ago: looking at that moment shows it, and so does looking now.
    let moment = now().to_rfc3339();
    for at in ["now", &moment] {
        let text = copy.done(&["preview", "--format", "text", "--at", at]);
        assert!(text.contains(STORIES[0]), "everything works but mailing: {text}");
    }
    assert_eq!(copy.outbox().len(), 0);
    copy.fails(2, &["unlock"]);
    let shown = copy.done(&["unlock", "--yes"]);
    assert!(shown.contains("3 readers"), "{shown}");
    assert_eq!(copy.send()["accepted"], 3);
}

#[test]
fn what_is_wrong_is_named_and_ends_with_two() {
    let mut newsroom = due_newsroom();
    newsroom.fails(2, &["send", "--newsletter", "weekly", "--yes"]);
    newsroom.fails(2, &["collect", "nowhere"]);
    newsroom.fails(2, &["sennd"]);
    newsroom.fails(1, &["issues", "show", "7"]);
    newsroom.set(|settings| settings.newsletter = "shedule = \"0 8 * * 1\"\ncut_off = 30".to_owned());
    let said = newsroom.fails(2, &["send", "--yes"]);
    assert!(said.contains("config/week-in-review.toml"), "{said}");
    assert!(said.contains("shedule") && said.contains("schedule"), "the nearest right key: {said}");
    assert!(said.contains("cut_off"), "all problems at once: {said}");
    newsroom.set(|settings| {
        settings.newsletter = String::new();
        settings.schedule = "0 8 30 2 *".to_owned();
    });
    let said = newsroom.fails(2, &["send", "--yes"]);
    assert!(said.contains("schedule"), "a date that never comes: {said}");
}
