//! A whole Friday on the command line: see, ask why, pin, drop, retitle, write the subject and the note, look, test, approve, hold, change once more,
//! let it go, and stop it in the middle. `tests/web/friday.test.mjs` does the same at the desk.

use crate::support::newsroom::{Newsroom, daily, eventually, now};
use chrono::TimeDelta;
use serde_json::Value;
use std::time::Duration;

/// The number of a story by its headline.
fn article(newsroom: &Newsroom, title: &str) -> String {
    let stories = newsroom.json(&["articles", "list", "--json", title]);
    let found = stories.as_array().into_iter().flatten().find(|story| story["title"] == title);
    found.unwrap_or_else(|| panic!("no story {title:?}: {stories}"))["article"].to_string()
}

fn state(newsroom: &Newsroom) -> String {
    newsroom.issue(1)["state"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_whole_friday_on_the_command_line() {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| {
        // Settled eight hours ago, due in twelve.
        settings.schedule = daily(now() + TimeDelta::hours(12));
        settings.newsletter = "cut_off = \"20h\"\nreview = \"approve\"".to_owned();
        settings.mail = "via = \"outbox\"\nper_second = 1".to_owned();
    });
    newsroom.bring(&["Harbour fees rise", "Salt prices", "A new ferry", "The lighthouse is painted"]);
    newsroom.subscribe(12);
    let service = newsroom.serve();
    eventually("the issue is composed", Duration::from_secs(30), || {
        (newsroom.call(&["issues", "show", "1", "--json"]).status == Some(0)).then_some(())
    });

    // See where it stands, and ask why.
    assert_eq!(state(&newsroom), "waiting");
    let (ferry, fees) = (article(&newsroom, "A new ferry"), article(&newsroom, "Harbour fees rise"));
    assert!(newsroom.done(&["articles", "explain", &ferry]).contains("score"));

    // Pin, drop, retitle; take a change back and make it again.
    newsroom.done(&["articles", "pin", &ferry]);
    newsroom.done(&["articles", "drop", &article(&newsroom, "The lighthouse is painted")]);
    newsroom.done(&["articles", "edit", &fees, "--title", "Harbour fees rise and rise"]);
    newsroom.done(&["articles", "undo", &fees]);
    newsroom.done(&["articles", "edit", &fees, "--title", "Harbour fees rise again"]);

    // The subject and the note, and what a phone shows of them.
    let subject = "What the tide took, and what it will bring back to the harbour";
    newsroom.done(&["issues", "edit", "--subject", subject, "--note", "A *quiet* week."]);
    let sides = newsroom.json(&["issues", "edit", "--json"]);
    assert_eq!(sides["issue"]["subject"]["cut"]["phone"], "What the tide took, and what it will bri");

    // Look at it, and mail a test to oneself.
    let text = newsroom.done(&["preview", "--format", "text"]);
    assert!(
        text.contains("Harbour fees rise again") && text.contains("quiet week") && !text.contains("lighthouse"),
        "{text}"
    );
    newsroom.done(&["send", "--to", "mona@harbour.example"]);
    let mails = newsroom.outbox();
    assert_eq!(mails.len(), 1);
    assert!(String::from_utf8_lossy(&mails[0]).contains("Subject: [Test] What the tide took"));

    // Approve, hold, let go; a change asks again.
    newsroom.done(&["issues", "approve", "1"]);
    assert_eq!(state(&newsroom), "approved");
    newsroom.done(&["issues", "hold", "1", "--reason", "a correction comes"]);
    assert_eq!(state(&newsroom), "held");
    newsroom.done(&["issues", "approve", "1"]);
    newsroom.done(&["issues", "edit", "1", "--note", "A quiet week, all in all."]);
    assert_eq!(state(&newsroom), "waiting");
    newsroom.done(&["issues", "approve", "1"]);

    // Stop it while it goes out.
    let _sending = newsroom.start(&["send", "--early", "--yes"]);
    eventually("it goes out", Duration::from_secs(30), || (state(&newsroom) == "sending").then_some(()));
    newsroom.done(&["issues", "hold", "1", "--reason", "stopped"]);
    let stopped = newsroom.issue(1);
    assert_eq!(stopped["state"], "paused");
    let accepted = |issue: &Value| issue["deliveries"]["accepted"].as_u64();
    assert!(accepted(&stopped).is_some_and(|accepted| accepted < 12), "{stopped}");

    // Who did what.
    let audit = newsroom.done(&["audit"]);
    for deed in ["approve", "hold", "edit", "undo"] {
        assert!(audit.contains(deed), "{audit}");
    }
    assert!(audit.contains("“Harbour fees rise”") && audit.contains("title changed"), "{audit}");
    assert!(audit.contains("subject, note changed"), "{audit}");
    drop(service);
}
