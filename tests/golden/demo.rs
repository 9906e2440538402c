//! The issue that `week-in-review demo` puts into its outbox, as the reader of everything gets it: what a newcomer sees first, and the only golden
//! that went the whole way, from the sources over collecting, composing and delivery.

use super::compare;
use mail_parser::MessageParser;
use std::path::Path;
use std::process::Command;

const READER: &str = "To: <amal.richtering@readers.example>";

/// Runs the demo in a folder and returns the reader's message.
fn message(folder: &Path) -> String {
    let demo = Command::new(env!("CARGO_BIN_EXE_week-in-review"))
        .args(["demo", "--no-serve"])
        .env_remove("WEEK_IN_REVIEW_CONFIG")
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
    let outbox = std::fs::read_dir(folder.join("demo/outbox/new")).unwrap();
    let messages = outbox.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    messages.into_iter().find(|message| message.contains(READER)).expect("the reader of everything has a message")
}

/// Without the signatures, whose keys are made anew in each folder. Everything else of the demo is the same on any day and machine.
fn unsigned(message: &str) -> &str {
    let at = message.find("\nFrom: ").expect("a message has an author");
    let (signatures, rest) = message.split_at(at + 1);
    assert_eq!(
        signatures.matches("DKIM-Signature: ").count(),
        2,
        "one with each algorithm, and nothing else: {signatures}"
    );
    rest
}

#[test]
fn the_demo_s_issue_is_as_it_was_approved() {
    let folder = tempfile::tempdir().unwrap();
    let message = message(folder.path());
    let parsed = MessageParser::default().parse(message.as_bytes()).unwrap();
    compare("demo.eml", unsigned(&message));
    compare("demo.html", &parsed.body_html(0).unwrap());
    compare("demo.txt", &parsed.body_text(0).unwrap());
}
