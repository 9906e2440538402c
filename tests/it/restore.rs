//! A backup on an empty machine: a working, locked service, whose old links work and whose erased stay erased.

use crate::support::maildir::header;
use crate::support::newsroom::Newsroom;
use crate::support::process::open_folder;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// The path of the link with which the reader of a message leaves.
fn leaving(message: &[u8]) -> String {
    let offered = header(message, "List-Unsubscribe").expect("List-Unsubscribe");
    let url = offered.split(',').map(|part| part.trim().trim_matches(['<', '>'])).find(|part| part.starts_with("http"));
    let (_, path) = url.and_then(|url| url.split_once("/u/")).expect("a link to leave by");
    format!("/u/{path}")
}

fn mail_of<'a>(messages: &'a [Vec<u8>], reader: &str) -> &'a [u8] {
    messages.iter().find(|message| header(message, "To").is_some_and(|to| to.contains(reader))).expect("a mail")
}

fn emails(newsroom: &Newsroom) -> String {
    newsroom.done(&["subscribers", "export"])
}

#[tokio::test]
async fn a_backup_on_an_empty_machine_is_a_locked_service_whose_old_links_work() {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(10);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    let readers = newsroom.subscribe(4);
    newsroom.send();
    let mails = newsroom.outbox();
    newsroom.done(&["subscribers", "erase", &readers[3], "--yes"]);
    newsroom.done(&["backup", "week.backup"]);
    let backup = newsroom.path("week.backup");
    let mode = fs::metadata(&backup).expect("it was made").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let said = newsroom.fails(1, &["backup", "week.backup"]);
    assert!(said.contains("week.backup"), "nothing is overwritten: {said}");

    let machine = open_folder();
    fs::copy(&backup, machine.path().join("week.backup")).expect("our own folders");
    let mut restored = Newsroom::at(machine.path(), &newsroom.settings);
    restored.done(&["restore", "week.backup"]);
    fs::create_dir(restored.path("articles")).expect("it was in no backup");
    assert!(!emails(&restored).contains(&readers[3]), "erased before the backup");
    let bytes = fs::read(restored.path("subscribers.db")).expect("it is there");
    assert!(!bytes.windows(readers[3].len()).any(|part| part == readers[3].as_bytes()), "in no byte of the file");

    // It looks and serves, but it does not mail.
    let service = restored.serve();
    assert!(service.log().contains("mailing is locked"), "{}", service.log());
    let client = reqwest::Client::builder().no_proxy().build().expect("valid settings");
    let url = format!("http://127.0.0.1:{}{}", restored.settings.port, leaving(mail_of(&mails, &readers[0])));
    let answer = client
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("List-Unsubscribe=One-Click")
        .send()
        .await
        .expect("the service answers");
    assert!(answer.status().is_success(), "{}", answer.status());
    service.signal("TERM");
    assert_eq!(service.wait_for_end(), 0, "{}", service.log());

    restored.make_due(2);
    restored.bring(&["Tide tables", "A lighthouse sold", "The pilots' strike"]);
    let said = restored.fails(1, &["send", "--yes"]);
    assert!(said.contains("locked") && restored.outbox().is_empty(), "{said}");
    let shown = restored.done(&["unlock", "--yes"]);
    assert!(shown.contains("2 readers"), "{shown}");
    let report = restored.send();
    assert_eq!((&report["issue"], &report["accepted"]), (&2.into(), &2.into()), "{report}");
}

#[test]
fn an_older_backup_brings_back_nobody_who_left_or_was_erased_since() {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(10);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    let readers = newsroom.subscribe(4);
    newsroom.done(&["backup", "week.backup"]);
    newsroom.done(&["subscribers", "erase", &readers[0], "--yes"]);
    newsroom.done(&["subscribers", "unsubscribe", &readers[1]]);
    newsroom.done(&["subscribers", "suppress", &readers[2]]);

    newsroom.done(&["restore", "week.backup"]);
    assert!(!emails(&newsroom).contains(&readers[0]), "erased since");
    newsroom.done(&["unlock", "--yes"]);
    let report: Value = newsroom.send();
    assert_eq!((&report["recipients"], &report["accepted"]), (&1.into(), &1.into()), "{report}");
    assert!(header(&newsroom.outbox()[0], "To").is_some_and(|to| to.contains(&readers[3])));
}

#[test]
fn a_restore_beside_a_running_service_is_refused() {
    let newsroom = Newsroom::new();
    newsroom.done(&["backup", "week.backup"]);
    let _service = newsroom.serve();
    let said = newsroom.fails(1, &["restore", "week.backup"]);
    assert!(said.contains("stop"), "{said}");
}

#[test]
fn what_is_no_backup_is_named_and_changes_nothing() {
    let newsroom = Newsroom::new();
    fs::write(newsroom.path("notes.txt"), "no backup at all").expect("our own folder");
    let before = fs::read(newsroom.path("week-in-review.keys")).expect("init made it");
    for file in ["notes.txt", "missing.backup"] {
        let said = newsroom.fails(1, &["restore", file]);
        assert!(said.contains(file), "{said}");
    }
    assert_eq!(fs::read(newsroom.path("week-in-review.keys")).expect("still there"), before);
    newsroom.done(&["check"]);
}
