//! An issue in which something was wrong: a letter to exactly those who have it, once, whatever happens on the way, and the first item of the next.

use crate::support::faulty_relay::Plan;
use crate::support::newsroom::{Newsroom, assert_once, relay};
use std::fs;
use std::thread;
use std::time::Duration;

const NOTE: &str = "We wrote that the ferry sails on **Monday**. It sails on *Tuesday*: see [the timetable](https://www.harbour.example/ferry).";

fn text(message: &[u8]) -> String {
    String::from_utf8_lossy(message).replace("=\r\n", "").replace("=3D", "=")
}

/// What came into the outbox while something was done, as one text.
fn new_in(newsroom: &Newsroom, doing: impl FnOnce()) -> String {
    let before = newsroom.outbox();
    doing();
    newsroom.outbox().iter().filter(|message| !before.contains(message)).map(|message| text(message)).collect()
}

/// An issue that three readers have.
fn sent() -> (Newsroom, Vec<String>) {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(10);
    let readers = newsroom.subscribe(3);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    assert_eq!(newsroom.send()["accepted"], 3);
    fs::write(newsroom.path("note.md"), NOTE).expect("our own folder");
    (newsroom, readers)
}

#[test]
fn a_correction_goes_to_those_who_have_the_issue_and_once() {
    let (newsroom, readers) = sent();
    newsroom.import(&["late@reader.example".to_owned()]);
    newsroom.done(&["subscribers", "unsubscribe", &readers[2]]);
    let before = newsroom.outbox().len();

    let preview = newsroom.done(&["issues", "correct", "1", "--note", "note.md", "--preview"]);
    assert!(
        preview.contains("To 2 readers, who have the issue") && preview.contains("Subject: Correction to No. 1"),
        "{preview}"
    );
    assert!(preview.contains("It sails on Tuesday"), "{preview}");
    assert_eq!(newsroom.outbox().len(), before, "a preview writes nothing");
    assert!(newsroom.fails(2, &["issues", "correct", "1", "--note", "note.md"]).contains("--yes"));

    let report = newsroom.json(&["issues", "correct", "1", "--note", "note.md", "--yes", "--json"]);
    assert_eq!((&report["state"], &report["recipients"]), (&"done".into(), &3.into()), "{report:#}");
    assert_eq!(report["deliveries"]["accepted"], 2);
    assert_eq!(report["deliveries"]["skipped"], 1, "who left since gets nothing");
    let letters: Vec<String> = newsroom
        .outbox()
        .iter()
        .map(|message| text(message))
        .filter(|text| text.contains("Correction to No"))
        .collect();
    assert_eq!(letters.len(), 2);
    for letter in &letters {
        assert!(letter.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{letter}");
        assert!(letter.contains("It sails on") && !letter.contains("Harbour fees rise"), "{letter}");
        assert!(!letter.contains("late@reader.example") && !letter.contains(readers[2].as_str()), "{letter}");
    }

    let again = newsroom.fails(1, &["issues", "correct", "1", "--note", "note.md", "--yes"]);
    assert!(again.contains("nobody gets it twice"), "{again}");
    assert_eq!(newsroom.outbox().len(), before + 2);
    let shown = newsroom.issue(1);
    assert!(shown["corrections"][0].as_str().is_some_and(|line| line.contains("mailed to 2 of 3")), "{shown:#}");
    let listed = newsroom.json(&["issues", "list", "--json"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "the letter is no issue of its own: {listed:#}");
}

#[test]
fn a_letter_is_for_those_who_still_may_be_mailed_and_for_nobody_else() {
    let (newsroom, readers) = sent();
    let preview = |expected: &str| {
        let shown = newsroom.done(&["issues", "correct", "1", "--note", "note.md", "--preview"]);
        assert!(shown.contains(expected), "{shown}");
    };
    preview("To 3 readers");
    newsroom.done(&["subscribers", "suppress", &readers[0]]);
    preview("To 2 readers");
    newsroom.done(&["subscribers", "erase", &readers[1], "--yes"]);
    preview("To 1 reader,");
    newsroom.done(&["subscribers", "unsubscribe", &readers[2]]);
    let said = newsroom.fails(1, &["issues", "correct", "1", "--note", "note.md", "--preview"]);
    assert!(said.contains("there is nobody to write to"), "{said}");
}

#[test]
fn the_next_issue_begins_with_it_and_the_one_after_does_not() {
    let (mut newsroom, _) = sent();
    newsroom.json(&["issues", "correct", "1", "--note", "note.md", "--yes", "--json"]);
    newsroom.done(&["issues", "amend", "1", "--note", "The fee is 4 marks.", "--in-next-issue"]);
    newsroom.make_due(3);
    newsroom.bring(&["Tide tables", "A lighthouse sold", "The pilots' strike"]);
    let next = new_in(&newsroom, || assert_eq!(newsroom.send()["accepted"], 3));
    let at = |words: &str| next.find(words).unwrap_or_else(|| panic!("no {words:?} in {next}"));
    assert!(at("It sails on") < at("Tide tables") && at("The fee is 4 marks.") < at("Tide tables"));
    assert!(at("Correction to No. 1") < at("It sails on"));

    newsroom.make_due(1);
    newsroom.bring(&["Mussels", "A bridge", "The mayor"]);
    let after = new_in(&newsroom, || assert_eq!(newsroom.send()["accepted"], 3));
    assert!(after.contains("Mussels") && !after.contains("It sails on"), "{after}");
}

#[test]
fn who_does_not_want_it_in_the_next_issue_takes_it_off() {
    let (mut newsroom, _) = sent();
    newsroom.json(&["issues", "correct", "1", "--note", "note.md", "--yes", "--json"]);
    newsroom.done(&["issues", "correct", "1", "--not-in-next"]);
    newsroom.fails(2, &["issues", "correct", "1", "--not-in-next"]);
    newsroom.make_due(3);
    newsroom.bring(&["Tide tables", "A lighthouse sold", "The pilots' strike"]);
    let next = new_in(&newsroom, || assert_eq!(newsroom.send()["accepted"], 3));
    assert!(next.contains("Tide tables") && !next.contains("It sails on"), "{next}");
}

#[test]
fn what_cannot_be_corrected_is_said() {
    let (mut newsroom, _) = sent();
    fs::write(newsroom.path("empty.md"), " \n").expect("our own folder");
    assert!(newsroom.fails(1, &["issues", "correct", "1", "--note", "empty.md", "--yes"]).contains("what was wrong"));
    assert!(newsroom.fails(1, &["issues", "correct", "9", "--note", "note.md", "--yes"]).contains("no issue No. 9"));
    assert!(newsroom.fails(1, &["issues", "correct", "1", "--note", "gone.md", "--yes"]).contains("gone.md"));
    newsroom.set(|settings| settings.mail = relay(1));
    newsroom.fails(2, &["issues", "correct", "1"]);
}

const READERS: usize = 300;

#[test]
fn killed_in_the_middle_it_goes_on_and_nobody_gets_it_twice() {
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    newsroom.make_due(10);
    let readers = newsroom.subscribe(READERS);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    assert_eq!(newsroom.send()["accepted"], READERS);
    fs::write(newsroom.path("note.md"), NOTE).expect("our own folder");
    newsroom.set(|settings| settings.mail = format!("{}\nopen_claims = 20", relay(sink.port)));

    let running = newsroom.start(&["issues", "correct", "1", "--note", "note.md", "--yes"]);
    while sink.count() < 10 {
        thread::park_timeout(Duration::from_millis(1));
    }
    running.kill();
    newsroom.fails(1, &["issues", "correct", "1", "--note", "note.md", "--yes"]);
    let report = newsroom.send();
    assert_eq!((&report["state"], &report["issue"]), (&"done".into(), &1.into()), "{report:#}");
    let received = sink.received();
    let twice = received.len().saturating_sub(READERS);
    assert!(twice <= 20, "only those in doubt may get it twice: {twice}");
    if twice == 0 {
        assert_once(&received, &readers);
    }
}
