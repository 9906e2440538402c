//! Who may use the desk, from the command line: invited by mail, listed, removed, and never brought back by a restore.

use crate::support::maildir::header;
use crate::support::newsroom::Newsroom;
use week_in_review::domain::editor::{Password, Secret};
use week_in_review::editors::{invited, join};

const MONA: &str = "mona@harbour.example";

/// The secret of the link in an invitation.
fn secret_of(text: &str) -> Secret {
    let (_, rest) = text.split_once("/desk/join/").expect("a link");
    Secret::parse(rest.split_whitespace().next().unwrap_or_default()).expect("a whole link")
}

/// Invites Mona and lets her choose a password.
fn joined(newsroom: &Newsroom) {
    let link = newsroom.done(&["editors", "add", MONA, "--name", "Mona", "--print"]);
    let password = Password::typed("four quiet harbours");
    join(&newsroom.store(), &secret_of(&link), &password, [0; 16], crate::support::newsroom::now()).expect("joins");
}

#[test]
fn an_invitation_comes_by_mail_with_a_link_that_holds_nothing_of_the_database() {
    let newsroom = Newsroom::new();
    newsroom.done(&["editors", "add", MONA]);
    let mails = newsroom.outbox();
    let [mail] = &mails[..] else { panic!("one mail, not {}", mails.len()) };
    assert!(header(mail, "To").is_some_and(|to| to.contains(MONA)));
    assert!(header(mail, "List-Unsubscribe").is_none(), "it is no newsletter");
    let text = String::from_utf8_lossy(mail).replace("=\r\n", "").replace("=3D", "=");
    let secret = secret_of(&text);
    let editor = invited(&newsroom.store(), &secret, crate::support::newsroom::now()).expect("the link works");
    assert_eq!(editor.name.as_str(), "mona");
    let bytes = std::fs::read(newsroom.path("subscribers.db")).expect("our own folder");
    assert!(!String::from_utf8_lossy(&bytes).contains(&secret.text()), "only its hash is stored");
    assert_eq!(newsroom.json(&["editors", "list", "--json"])[0]["state"], "invited");
    assert!(newsroom.done(&["audit"]).contains("mona: may use the desk"));
}

#[test]
fn who_is_removed_is_gone_and_a_stranger_cannot_be_removed() {
    let newsroom = Newsroom::new();
    joined(&newsroom);
    assert!(newsroom.done(&["editors", "list"]).contains("joined"));
    assert!(newsroom.fails(1, &["subscribers", "erase", MONA, "--yes"]).contains("editors remove"));
    newsroom.done(&["editors", "remove", "MONA@harbour.example"]);
    assert!(newsroom.fails(1, &["editors", "remove", MONA]).contains("no editor has this address"));
    assert!(newsroom.fails(2, &["editors", "add", "no address"]).contains("no address"));
    newsroom.done(&["subscribers", "erase", MONA, "--yes"]);
}

#[test]
fn an_older_backup_lets_nobody_in_who_was_removed_since() {
    let newsroom = Newsroom::new();
    joined(&newsroom);
    newsroom.done(&["editors", "add", "otto@harbour.example", "--print"]);
    newsroom.done(&["backup", "week.backup"]);
    newsroom.done(&["editors", "remove", MONA]);
    newsroom.done(&["restore", "week.backup"]);
    let editors = newsroom.json(&["editors", "list", "--json"]);
    assert_eq!(editors.as_array().map(Vec::len), Some(1), "{editors}");
    assert_eq!(editors[0]["address"], "otto@harbour.example");
}
