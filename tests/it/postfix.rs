//! A real Postfix takes an issue for a thousand readers over STARTTLS: everybody finds it once, every signature verifies, and who leaves by the
//! button of their mail program is not in the next.

use crate::support::maildir::header;
use crate::support::newsroom::{Newsroom, eventually};
use crate::support::opendkim;
use crate::support::postfix::Postfix;
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const READERS: usize = 1_000;

fn mail_by(postfix: &Postfix) -> String {
    format!(
        "via = \"smtp\"\nhost = \"localhost\"\nport = {}\nencryption = \"starttls\"\nca_file = \"{}\"\nhelo = \"news.harbour.example\"\n\
         [mail.dkim]\ndomain = \"harbour.example\"\nselector = \"week\"",
        postfix.port,
        postfix.certificates.authority.display()
    )
}

/// The files of a mailbox, new or seen.
fn files(postfix: &Postfix, address: &str) -> Vec<PathBuf> {
    let (local, domain) = address.rsplit_once('@').expect("an address");
    let maildir = postfix.mailboxes().join(domain).join(local);
    let list = |part: &str| fs::read_dir(maildir.join(part)).into_iter().flatten().flatten().map(|entry| entry.path());
    list("new").chain(list("cur")).collect()
}

/// Presses the button that a mail program shows (RFC 8058): an HTTP POST to the address in the header, with this one field.
async fn press_unsubscribe(message: &[u8]) -> reqwest::StatusCode {
    let offered = header(message, "List-Unsubscribe").expect("List-Unsubscribe");
    assert_eq!(header(message, "List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"));
    let url = offered.split(',').map(|part| part.trim().trim_matches(['<', '>'])).find(|part| part.starts_with("http"));
    let client = reqwest::Client::builder().no_proxy().build().expect("valid settings");
    let post = client
        .post(url.expect("an address on the web"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("List-Unsubscribe=One-Click");
    post.send().await.expect("the service answers").status()
}

#[tokio::test]
async fn a_thousand_readers_find_one_signed_issue_each_and_who_leaves_gets_no_other() {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(10);
    let readers = newsroom.subscribe(READERS);
    let postfix = Postfix::start_with(&readers, "default_process_limit = 40\n");
    newsroom.set(|settings| settings.mail = mail_by(&postfix));
    let record = newsroom.json(&["dkim", "generate", "--json"]);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "قیمت نمک در بندر"]);

    let report = newsroom.send();
    assert_eq!((&report["state"], &report["accepted"]), (&json!("done"), &json!(READERS)), "{report}");
    postfix.wait_until_idle();
    let mut ids = BTreeSet::new();
    let mut mails = Vec::new();
    for reader in &readers {
        let [file] = files(&postfix, reader).try_into().unwrap_or_else(|files| panic!("{reader} has {files:?}"));
        let message = fs::read(&file).expect("a delivered message can be read");
        assert_eq!(header(&message, "To").map(|to| to.trim_matches(['<', '>']).to_owned()).as_ref(), Some(reader));
        let text = String::from_utf8_lossy(&message).into_owned();
        let others = text.matches("@reader.example").count() - text.matches(reader.as_str()).count();
        assert_eq!(others, 0, "{reader} sees another reader's address");
        let received = header(&message, "Received").expect("Received");
        assert!(received.contains("TLSv1"), "{received}");
        assert!(ids.insert(header(&message, "Message-ID").expect("Message-ID")), "a Message-ID was given twice");
        mails.push(file);
    }
    let records =
        [(record["name"].as_str().expect("a name").to_owned(), record["value"].as_str().expect("a value").to_owned())];
    assert_eq!(opendkim::complaints(&mails, &records), [""; 0]);

    let service = newsroom.serve();
    let leaver = fs::read(&mails[0]).expect("a delivered message can be read");
    assert!(press_unsubscribe(&leaver).await.is_success(), "{}", service.log());
    service.signal("TERM");
    assert_eq!(service.wait_for_end(), 0, "{}", service.log());

    newsroom.make_due(2);
    newsroom.bring(&["Tide tables", "A lighthouse sold", "The pilots' strike"]);
    assert_eq!(newsroom.send()["recipients"], READERS - 1);
    postfix.wait_until_idle();
    assert_eq!(files(&postfix, &readers[0]).len(), 1, "who left gets no other");
    assert!(readers[1..].iter().all(|reader| files(&postfix, reader).len() == 2), "everybody else does");
}

#[test]
fn a_relay_with_a_certificate_of_a_stranger_gets_nothing() {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(10);
    newsroom.import(&["ada@reader.example".to_owned()]);
    let postfix = Postfix::start(&["ada@reader.example"]);
    let trusting = mail_by(&postfix).split("\n[mail.dkim]").next().expect("the first part").to_owned();
    let stranger = crate::support::process::open_folder();
    let other = crate::support::tls::Certificates::make(stranger.path());
    let wary = trusting.replace(&*postfix.certificates.authority.to_string_lossy(), &other.authority.to_string_lossy());
    newsroom.set(|settings| settings.mail = wary);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);

    let said = newsroom.fails(1, &["send", "--to", "ada@reader.example"]);
    assert!(said.contains("certificate"), "{said}");
    newsroom.set(|settings| settings.mail = trusting);
    newsroom.done(&["send", "--to", "ada@reader.example"]);
    postfix.wait_until_idle();
    assert_eq!(postfix.mailbox("ada@reader.example").len(), 1);
}

#[test]
fn what_postfix_took_before_an_issue_was_stopped_can_be_deleted_from_its_queue() {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(10);
    let readers = newsroom.subscribe(400);
    // It takes everything and passes nothing on.
    let postfix = Postfix::start_with(&readers, "defer_transports = virtual\ndefault_process_limit = 40\n");
    let mail = mail_by(&postfix).split("\n[mail.dkim]").next().expect("the first part").to_owned();
    newsroom.set(|settings| settings.mail = format!("{mail}\nkind = \"postfix\"\nper_second = 100"));
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    let sending = newsroom.begin(&["send", "--yes"]);
    eventually("Postfix holds some", Duration::from_mins(1), || (postfix.queued() >= 20).then_some(()));

    let held = Instant::now();
    let said = newsroom.call(&["issues", "hold", "1"]).err;
    assert_eq!(sending.wait_for_end(), 0, "{}", sending.log());
    assert!(held.elapsed() < Duration::from_secs(5), "it stops within a second, and a busy machine has its time");
    assert!(said.contains("of 400 had been handed over"), "{said}");
    let accepted = newsroom.issue(1)["deliveries"]["accepted"].as_u64().expect("a number");
    assert!((20..400).contains(&accepted), "{accepted}");
    let command = said.lines().find(|line| line.contains("postsuper")).expect("the command is told").trim();
    postfix.run(command);
    eventually("the queue is empty", Duration::from_secs(30), || (postfix.queued() == 0).then_some(()));
}
