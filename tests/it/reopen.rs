//! An issue that is reopened, before its first mail and in the middle of a send: who gets what, and what the public sees meanwhile.

use crate::support::newsroom::{Newsroom, eventually, now};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

const READERS: usize = 12;

/// A newsroom with an issue that is due, and readers.
fn newsroom(mail: &str) -> Newsroom {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| mail.clone_into(&mut settings.mail));
    newsroom.make_due(10);
    newsroom.bring(&["Harbour fees rise", "Salt prices", "A new ferry"]);
    newsroom.subscribe(READERS);
    newsroom
}

fn article(newsroom: &Newsroom, title: &str) -> String {
    let store = newsroom.store();
    let row = store.issue_by_number(newsroom.newsletter_id(), 1).unwrap().unwrap();
    let (_, _, issue) = store.revision(row.id).unwrap().unwrap();
    issue.stories.iter().find(|story| story.title.as_str() == title).unwrap().article.0.to_string()
}

/// The mails of each reader, and for each whether it has a headline.
fn mails_with(newsroom: &Newsroom, title: &str) -> BTreeMap<String, Vec<bool>> {
    let mut found: BTreeMap<String, Vec<bool>> = BTreeMap::new();
    for mail in newsroom.outbox() {
        let mail = String::from_utf8_lossy(&mail).into_owned();
        let to = mail.lines().find_map(|line| line.strip_prefix("To: ")).unwrap().trim_matches(['<', '>']).to_owned();
        found.entry(to).or_default().push(mail.contains(title));
    }
    found
}

fn accepted(issue: &Value) -> u64 {
    issue["deliveries"]["accepted"].as_u64().unwrap()
}

#[test]
fn reopened_in_the_middle_each_reader_gets_one_issue_the_early_ones_the_old_one() {
    let mut newsroom = newsroom("via = \"outbox\"\nper_second = 3");
    let mut sending = newsroom.start(&["send", "--yes"]);
    eventually("some have it", Duration::from_mins(1), || {
        let issue = newsroom.call(&["issues", "show", "1", "--json"]);
        let issue: Value = serde_json::from_str(&issue.out).ok()?;
        (accepted(&issue) >= 2).then_some(())
    });
    assert!(newsroom.fails(1, &["issues", "reopen", "1"]).contains("hold it first"));
    newsroom.done(&["issues", "hold", "1", "--reason", "a wrong figure"]);
    eventually("the send has ended", Duration::from_mins(1), || (!sending.is_running()).then_some(()));
    let had = accepted(&newsroom.issue(1));
    assert!(had < READERS as u64);

    newsroom.done(&["issues", "reopen", "1"]);
    assert_eq!(newsroom.issue(1)["state"], "waiting");
    assert!(newsroom.done(&["audit"]).contains("reopen"));
    let fees = article(&newsroom, "Harbour fees rise");
    newsroom.done(&["articles", "edit", &fees, "--title", "Harbour fees fall"]);

    // Whoever has the mail and follows its link sees what they have; the issue keeps its number.
    let public = |newsroom: &Newsroom| {
        let issue = newsroom.store().published_issue(newsroom.newsletter_id(), 1).unwrap().unwrap().issue;
        issue.stories.iter().map(|story| story.title.to_string()).collect::<Vec<_>>()
    };
    assert!(public(&newsroom).contains(&"Harbour fees rise".to_owned()));

    newsroom.set(|settings| "via = \"outbox\"".clone_into(&mut settings.mail));
    newsroom.done(&["issues", "approve", "1"]);
    let sent = newsroom.send();
    assert_eq!((sent["state"].as_str(), sent["accepted"].as_u64()), (Some("done"), Some(READERS as u64)));
    let mails = mails_with(&newsroom, "Harbour fees fall");
    assert_eq!(mails.len(), READERS);
    assert!(mails.values().all(|mails| mails.len() == 1), "{mails:?}");
    assert_eq!(mails.values().filter(|mails| !mails[0]).count() as u64, had);
    assert!(public(&newsroom).contains(&"Harbour fees fall".to_owned()));
    let shown = newsroom.done(&["issues", "show", "1"]);
    assert!(shown.contains("reopened in the middle"), "{shown}");
}

#[test]
fn a_story_that_some_have_comes_in_no_later_issue_though_the_next_revision_leaves_it_out() {
    let mut newsroom = newsroom("via = \"outbox\"\nper_second = 3");
    let mut sending = newsroom.start(&["send", "--yes"]);
    eventually("some have it", Duration::from_mins(1), || (!newsroom.outbox().is_empty()).then_some(()));
    newsroom.done(&["issues", "hold", "1"]);
    eventually("the send has ended", Duration::from_mins(1), || (!sending.is_running()).then_some(()));
    newsroom.done(&["issues", "reopen", "1"]);
    newsroom.done(&["articles", "drop", &article(&newsroom, "Salt prices")]);
    newsroom.set(|settings| "via = \"outbox\"".clone_into(&mut settings.mail));
    newsroom.done(&["issues", "approve", "1"]);
    newsroom.send();
    newsroom.bring(&["Eels return", "Ropes are dear", "Nets are mended"]);
    newsroom.send_early();
    let last = newsroom.outbox().pop().unwrap();
    let titles = newsroom.store().revision(newsroom.issue_id(2)).unwrap().unwrap().2;
    assert!(titles.stories.iter().all(|story| story.title.as_str() != "Salt prices"));
    assert!(!last.is_empty());
}

#[test]
fn before_its_first_mail_an_issue_is_reopened_whole_and_leaves_the_public_pages() {
    let newsroom = newsroom("via = \"outbox\"");
    // Composed and frozen, as right after its date, and nothing claimed.
    let store = newsroom.store();
    for _ in 0..2 {
        newsroom.step_at(now());
    }
    assert_eq!(newsroom.issue(1)["state"], "sending");
    assert!(store.published_issue(newsroom.newsletter_id(), 1).unwrap().is_some());

    newsroom.done(&["issues", "reopen", "1"]);
    assert!(store.published_issue(newsroom.newsletter_id(), 1).unwrap().is_none());
    assert_eq!(newsroom.issue(1)["deliveries"]["recipients"], 0);
    newsroom.done(&["issues", "approve", "1"]);
    assert_eq!(newsroom.send()["accepted"], READERS);
    assert_eq!(newsroom.outbox().len(), READERS);
    assert!(newsroom.fails(1, &["issues", "reopen", "1"]).contains("only one that waits or was stopped"));
}
