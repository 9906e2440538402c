//! From the cut-off to the send: the editors are asked, silence is told, and what was withdrawn since holds the issue.

use crate::support::newsroom::{Newsroom, daily, eventually, now};
use crate::support::nginx::Nginx;
use crate::support::process::{free_port, open_folder};
use crate::visiting::{page, write};
use chrono::TimeDelta;
use std::fs;
use std::time::Duration;
use week_in_review::domain::address::EmailAddress;
use week_in_review::domain::editor::{Password, Secret};
use week_in_review::domain::text::Line;
use week_in_review::editors;

/// A newsroom whose issue is settled at once and due in so many minutes, with an editor who joined the desk.
fn newsroom(review: &str, minutes: i64) -> Newsroom {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| {
        settings.schedule = daily(now() + TimeDelta::minutes(minutes));
        settings.newsletter = format!("cut_off = \"20h\"\nreview = \"{review}\"");
    });
    newsroom.subscribe(2);
    newsroom
}

/// Lets somebody join the desk.
pub fn join(newsroom: &Newsroom, address: &str) {
    let (store, secret) = (newsroom.store(), Secret::new([7; 32]));
    let address = EmailAddress::parse(address).unwrap();
    editors::invite(&store, &address, &Line::clean("Mona"), &secret, now()).unwrap();
    editors::join(&store, &secret, &Password::typed("four quiet harbours"), [1; 16], now()).unwrap();
}

/// The mails to an address, their lines joined where quoted-printable broke them.
fn mails_to(newsroom: &Newsroom, address: &str) -> Vec<String> {
    let mails = newsroom.outbox().into_iter().map(|mail| String::from_utf8_lossy(&mail).replace("=\r\n", ""));
    mails
        .filter(|mail| mail.contains(&format!("To: <{address}>")) || mail.contains(&format!("To: {address}")))
        .collect()
}

#[test]
fn at_the_cut_off_the_editors_get_the_issue_with_what_is_odd_and_the_way_to_the_desk() {
    let newsroom = newsroom("approve", 12 * 60);
    newsroom.bring(&["Harbour fees rise", "Salt prices", "A new ferry"]);
    join(&newsroom, "mona@harbour.example");
    let service = newsroom.serve();
    let mails = eventually("the editor is asked", Duration::from_mins(1), || {
        Some(mails_to(&newsroom, "mona@harbour.example")).filter(|mails| !mails.is_empty())
    });
    assert!(mails[0].contains("Subject: [Approve: The Harbour Week No. 1]"), "{}", mails[0]);
    for part in ["waits for your approval", "/desk/n/week/preview", "Harbour fees rise", "Below is the issue"] {
        assert!(mails[0].contains(part), "{part}: {}", mails[0]);
    }
    drop(service);

    // Once: a restart asks nobody again, and readers got nothing.
    let service = newsroom.serve();
    service.wait_until("has looked at what is due", || (service.log().matches("collected").count() >= 1).then_some(()));
    assert_eq!(newsroom.outbox().len(), 1);
    assert_eq!(newsroom.issue(1)["state"], "waiting");
}

#[test]
fn an_issue_that_goes_by_itself_says_so_and_can_be_held() {
    let newsroom = newsroom("auto", 12 * 60);
    newsroom.bring(&["Harbour fees rise", "Salt prices", "A new ferry"]);
    join(&newsroom, "mona@harbour.example");
    let _service = newsroom.serve();
    let mails = eventually("the editor is told", Duration::from_mins(1), || {
        Some(mails_to(&newsroom, "mona@harbour.example")).filter(|mails| !mails.is_empty())
    });
    assert!(
        mails[0].contains("Subject: [Look: The Harbour Week No. 1]") && mails[0].contains("unless somebody holds it")
    );
    newsroom.done(&["issues", "hold", "1"]);
    assert_eq!(newsroom.issue(1)["state"], "held");
}

#[test]
fn an_issue_that_only_send_composes_asks_its_editors_too_and_once() {
    let newsroom = newsroom("approve", 12 * 60);
    newsroom.bring(&["Harbour fees rise", "Salt prices", "A new ferry"]);
    join(&newsroom, "mona@harbour.example");
    for _ in 0..2 {
        assert!(newsroom.fails(1, &["send", "--early", "--yes"]).contains("waits for an editor"));
        assert_eq!(newsroom.issue(1)["state"], "waiting");
        assert_eq!(newsroom.outbox().len(), 1, "the editor is asked once, readers get nothing");
    }
    let mails = mails_to(&newsroom, "mona@harbour.example");
    assert!(mails[0].contains("Subject: [Approve: The Harbour Week No. 1]"), "{}", mails[0]);
}

#[test]
fn an_issue_that_send_lets_go_at_once_asks_nobody() {
    let newsroom = newsroom("auto", 12 * 60);
    newsroom.bring(&["Harbour fees rise", "Salt prices", "A new ferry"]);
    join(&newsroom, "mona@harbour.example");
    assert_eq!(newsroom.send_early()["accepted"], 2);
    let mails = mails_to(&newsroom, "mona@harbour.example");
    assert!(!mails.iter().any(|mail| mail.contains("Subject: [")), "only what became of it: {mails:#?}");
}

#[test]
fn nobodys_approval_is_an_alarm_until_somebody_approves() {
    let newsroom = newsroom("approve", 30);
    newsroom.bring(&["Harbour fees rise", "Salt prices", "A new ferry"]);
    let service = newsroom.serve();
    let alarms = || newsroom.store().alarms().unwrap();
    eventually("the silence is told", Duration::from_mins(1), || {
        alarms()
            .iter()
            .any(|alarm| alarm.kind == "not approved" && alarm.sentence.contains("issues approve 1"))
            .then_some(())
    });
    newsroom.done(&["issues", "approve", "1"]);
    assert!(alarms().iter().all(|alarm| alarm.kind != "not approved"));
    drop(service);
}

#[test]
fn an_issue_that_is_held_while_it_is_collected_waits_once_it_is_composed() {
    let newsroom = newsroom("auto", 12 * 60);
    newsroom.bring(&["Harbour fees rise", "Salt prices", "A new ferry"]);
    newsroom.done(&["issues", "hold", "1", "--reason", "the minister may resign"]);
    newsroom.step_at(now());
    let issue = newsroom.issue(1);
    assert_eq!((issue["state"].as_str(), issue["reason"].as_str()), (Some("held"), Some("the minister may resign")));
    newsroom.done(&["issues", "approve", "1"]);
    assert_eq!(newsroom.send_early()["accepted"], 2);
    // It held one issue, not all.
    newsroom.done(&["issues", "hold", "2"]);
    newsroom.done(&["issues", "approve", "2"]);
    assert!(newsroom.fails(1, &["issues", "approve", "2"]).contains("still collected"));
}

const STORIES: [&str; 5] = ["wall", "boats", "nets", "ropes", "sails"];

/// A site of five stories.
fn site(root: &std::path::Path) -> Nginx {
    let port = free_port();
    let locations = STORIES.map(|name| format!("<url><loc>http://127.0.0.1:{port}/{name}.html</loc></url>")).concat();
    write(root, "map.xml", format!("<urlset>{locations}</urlset>"));
    for name in STORIES {
        write(root, &format!("{name}.html"), page(&format!("About the {name}")));
    }
    Nginx::start(port, &format!("server {{ listen 127.0.0.1:{port}; root {}; }}", root.display()))
}

/// Collects from the site alone, and composes.
fn compose_from(newsroom: &mut Newsroom, nginx: &Nginx) {
    newsroom.set(|settings| {
        settings.sources = format!(
            "[[sources]]\nid = \"map\"\nname = \"The Site\"\nkind = \"sitemap\"\nurl = \"{}\"\nallow_private = true\n",
            nginx.url("/map.xml")
        );
    });
    newsroom.done(&["collect"]);
    newsroom.step_at(now());
}

#[test]
fn a_story_that_was_withdrawn_since_the_approval_holds_the_send_and_one_command_drops_it() {
    let folder = open_folder();
    let nginx = site(folder.path());
    let mut newsroom = newsroom("approve", 12 * 60);
    compose_from(&mut newsroom, &nginx);
    newsroom.done(&["issues", "approve", "1"]);

    fs::remove_file(folder.path().join("nets.html")).unwrap();
    let said = newsroom.fails(1, &["send", "--early", "--yes"]);
    assert!(said.contains("About the nets") && said.contains("`issues approve 1 --drop-withdrawn`"), "{said}");
    assert_eq!(newsroom.issue(1)["state"], "held");
    assert!(newsroom.outbox().is_empty());

    newsroom.done(&["issues", "approve", "1", "--drop-withdrawn"]);
    let sent = newsroom.send_early();
    assert_eq!((sent["state"].as_str(), sent["accepted"].as_u64()), (Some("done"), Some(2)));
    for mail in newsroom.outbox() {
        let mail = String::from_utf8_lossy(&mail).into_owned();
        assert!(mail.contains("About the wall") && !mail.contains("About the nets"));
    }
}

#[test]
fn a_person_may_let_it_go_as_it_is_after_they_were_told() {
    let folder = open_folder();
    let nginx = site(folder.path());
    let mut newsroom = newsroom("auto", 12 * 60);
    compose_from(&mut newsroom, &nginx);
    fs::remove_file(folder.path().join("nets.html")).unwrap();
    newsroom.fails(1, &["send", "--early", "--yes"]);
    newsroom.done(&["issues", "approve", "1"]);
    assert_eq!(newsroom.send_early()["accepted"], 2);
}

#[test]
fn a_picture_from_a_private_address_is_refused_and_the_story_keeps_its_own() {
    let folder = open_folder();
    let nginx = site(folder.path());
    let newsroom = newsroom("auto", 12 * 60);
    newsroom.bring(&["Harbour fees rise", "Salt prices", "A new ferry"]);
    let said = newsroom.fails(1, &["articles", "edit", "1", "--picture", &nginx.url("/a.png")]);
    assert!(said.contains("nothing was changed"), "{said}");
    assert!(!newsroom.done(&["articles", "undo", "1", "--history"]).contains("a.png"));
}
