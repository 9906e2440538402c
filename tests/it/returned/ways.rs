//! The other ways in: a Maildir, mail to the unsubscribe address; what a real Postfix cannot deliver, for now and for ever; and a send that does damage.

use super::{Alias, Mailbox, PATIENCE, bounce, complain_to, is_empty, mail_by, suppressed};
use crate::support::faulty_relay::Plan;
use crate::support::maildir::header;
use crate::support::newsroom::{Newsroom, assert_once, eventually, relay};
use crate::support::postfix::Postfix;
use serde_json::{Value, json};
use std::fs;

const STORIES: [&str; 3] = ["Harbour fees rise", "A new ferry", "Salt prices"];
const RETURNS: &str = "[returns]\naddress = \"bounces@returns.harbour.example\"";

/// An issue in the outbox, with return paths of its own.
fn sent(readers: usize) -> (Newsroom, Vec<String>) {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.mail = format!("via = \"outbox\"\n\n{RETURNS}"));
    newsroom.make_due(10);
    let readers = newsroom.subscribe(readers);
    newsroom.bring(&STORIES);
    assert_eq!(newsroom.send()["accepted"], readers.len());
    (newsroom, readers)
}

fn read(newsroom: &Newsroom, mailbox: &Mailbox) -> Value {
    let inbox = mailbox.inbox();
    newsroom.json(&["bounces", "read", "--maildir", &inbox.to_string_lossy(), "--json"])
}

fn status(newsroom: &Newsroom, reader: &str) -> String {
    let shown = newsroom.json(&["subscribers", "show", reader, "--json"]);
    shown["subscriptions"][0]["status"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_maildir_is_read_once_and_its_messages_are_filed_as_seen() {
    let (newsroom, readers) = sent(3);
    let mailbox = Mailbox::new();
    mailbox.deliver("1.bounce", &bounce(&newsroom, &readers[0]));
    mailbox.deliver("2.letter", "From: jo@example.org\nTo: bounces@returns.harbour.example\n\nHello, how are you?\n");
    mailbox.deliver("3.odd", "\u{0}\u{1}\n\n");
    let first = read(&newsroom, &mailbox);
    assert_eq!(
        (&first["read"], &first["suppressed"], &first["nobody"]),
        (&json!(3), &json!(1), &json!(2)),
        "{first:#}"
    );
    assert_eq!(read(&newsroom, &mailbox)["read"], 0);
    let seen = fs::read_dir(mailbox.inbox().join("cur")).expect("our own folder").flatten();
    assert!(seen.map(|entry| entry.file_name()).all(|name| name.to_string_lossy().ends_with(":2,S")));
    mailbox.deliver("4.again", &bounce(&newsroom, &readers[0]));
    assert_eq!(read(&newsroom, &mailbox)["known"], 1, "the same message counts once, by whichever way it comes");
    let none = newsroom.fails(1, &["bounces", "read", "--maildir", "articles"]);
    assert!(none.contains("is no Maildir"), "{none}");
}

/// The mailbox of `List-Unsubscribe` in a reader's mail.
fn unsubscribe_address(newsroom: &Newsroom, reader: &str) -> String {
    let outbox = newsroom.outbox();
    let is_theirs = |message: &&Vec<u8>| header(message, "To").is_some_and(|to| to.contains(reader));
    let theirs = outbox.iter().find(is_theirs).expect("a mail of theirs");
    let ways = header(theirs, "List-Unsubscribe").expect("a way out");
    let at = ways.find("<mailto:").expect("an address to write to") + "<mailto:".len();
    ways[at..].split(['>', '?']).next().expect("it ends").to_owned()
}

#[test]
fn who_writes_to_the_unsubscribe_address_leaves_and_a_machine_or_a_forger_does_not() {
    let (newsroom, readers) = sent(3);
    let mailbox = Mailbox::new();
    let addresses: Vec<String> = readers.iter().map(|reader| unsubscribe_address(&newsroom, reader)).collect();
    let letter = |from: &str, to: &str, more: &str| format!("From: {from}\nTo: {to}\n{more}Subject: unsubscribe\n\n");
    // From another mailbox of theirs: the token says who leaves.
    mailbox.deliver("1.leaves", &letter("other@private.example", &addresses[0], ""));
    mailbox.deliver("2.away", &letter(&readers[1], &addresses[1], "Auto-Submitted: auto-replied\n"));
    let token = addresses[2].split(['+', '@']).nth(1).expect("a token");
    let changed: String = token.chars().map(|c| if c == 'a' { 'b' } else { 'a' }).take(8).collect();
    let forged = addresses[2].replacen(&token[..8], &changed, 1);
    mailbox.deliver("3.forged", &letter(&readers[2], &forged, ""));
    let count = read(&newsroom, &mailbox);
    assert_eq!((&count["left"], &count["suppressed"]), (&json!(1), &json!(0)), "{count:#}");
    let statuses: Vec<String> = readers.iter().map(|reader| status(&newsroom, reader)).collect();
    assert_eq!(statuses, ["left", "active", "active"]);
}

/// How Postfix treats some domains: accepts them and then finds none of that name, or no answer.
fn awkward(alias: &Alias) -> String {
    let transports =
        "gone.example error:5.1.2 no such domain\nslow.example retry:4.4.1 the server of the domain does not answer\n";
    alias.settings(transports)
        + "relay_domains = gone.example slow.example\ndelay_warning_time = 1s\nminimal_backoff_time = 1s\nmaximal_backoff_time = 1s\nqueue_run_delay = 1s\n"
}

#[test]
fn a_domain_that_is_gone_ends_its_readers_and_a_delay_touches_nobody() {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(10);
    let at = |domain: &str| (1..=3).map(|n| format!("reader{n}@{domain}")).collect::<Vec<_>>();
    let (healthy, gone, slow) = (at("reader.example"), at("gone.example"), at("slow.example"));
    let all: Vec<String> = healthy.iter().chain(&gone).chain(&slow).cloned().collect();
    newsroom.import(&all);
    let alias = Alias::new();
    let postfix = Postfix::start_with(&healthy, &awkward(&alias));
    newsroom.set(|settings| settings.mail = mail_by(&postfix, &alias));
    newsroom.bring(&STORIES);
    assert_eq!(newsroom.send()["accepted"], all.len(), "{}", postfix.log());
    let returned = |reader: &str| newsroom.json(&["subscribers", "show", reader, "--json"])["returned"].clone();
    let service = newsroom.serve();
    for reader in gone.iter().chain(&slow) {
        eventually(&format!("something comes back for {reader}"), PATIENCE, || {
            returned(reader).as_array().is_some_and(|entries| !entries.is_empty()).then_some(())
        });
    }
    eventually("the spool is empty", PATIENCE, || is_empty(&alias.spool()).then_some(()));
    service.signal("TERM");
    assert_eq!(service.wait_for_end(), 0, "{}", service.log());

    let expected = gone.iter().map(|reader| (reader.clone(), "hard_bounce".to_owned())).collect();
    assert_eq!(suppressed(&newsroom), expected, "{}", postfix.log());
    let delay = &returned(&slow[0])[0];
    assert_eq!((&delay["kind"], &delay["counts"]), (&json!("delay"), &json!(false)), "{delay:#}");
    assert!(healthy.iter().all(|reader| returned(reader) == json!([])));
    let kept = fs::read_dir(alias.spool().join("read")).expect("put away").count();
    assert!(kept >= gone.len() + slow.len(), "what came is kept for a while");
}

const LIST: usize = 160;

#[test]
fn a_send_to_many_dead_addresses_pauses_itself_and_an_editor_lets_it_go_on() {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(10);
    let readers = newsroom.subscribe(LIST);
    let plan = readers[..30].iter().fold(Plan::default(), |plan, dead| plan.refuse(dead, "550 5.1.1 no such user", 9));
    let sink = plan.start();
    newsroom.set(|settings| settings.mail = format!("{}\nper_second = 30", relay(sink.port)));
    newsroom.bring(&STORIES);
    let paused = newsroom.send();
    assert_eq!(paused["state"], "paused", "{paused:#}");
    assert!(paused["refused"].as_u64() >= Some(20) && paused["accepted"].as_u64() < Some(130), "{paused:#}");
    let shown = newsroom.issue(1);
    assert!(shown["reason"].as_str().is_some_and(|reason| reason.contains("do not exist")), "{shown:#}");
    let alarms = newsroom.store().alarms().expect("the database answers");
    assert!(alarms.iter().any(|alarm| alarm.sentence.contains("issues resume")), "{alarms:#?}");

    newsroom.set(|settings| settings.mail = relay(sink.port));
    assert!(newsroom.call(&["send", "--yes"]).out.contains("is paused"), "it does not go on by itself");
    newsroom.done(&["issues", "resume", "1"]);
    let done = newsroom.send();
    assert_eq!((&done["state"], &done["accepted"], &done["refused"]), (&json!("done"), &json!(LIST - 30), &json!(30)));
}

/// Words that are about us and say nothing about a reader.
const POLICY: [&str; 3] = [
    "554 5.7.1 message blocked because of the reputation of your network",
    "550 5.7.26 this mail is unauthenticated",
    "550 5.7.0 local policy violation",
];

#[test]
fn a_send_that_is_refused_for_our_sake_pauses_itself_and_blames_no_reader() {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(10);
    let readers = newsroom.subscribe(LIST);
    let refused = readers[..60].iter().zip(POLICY.iter().cycle());
    let sink = refused.fold(Plan::default(), |plan, (reader, words)| plan.refuse(reader, words, 1)).start();
    newsroom.set(|settings| settings.mail = format!("{}\nper_second = 30", relay(sink.port)));
    newsroom.bring(&STORIES);
    let paused = newsroom.send();
    assert_eq!(paused["state"], "paused", "{paused:#}");
    assert!(paused["refused"].as_u64() >= Some(50) && paused["accepted"].as_u64() < Some(100), "{paused:#}");
    let shown = newsroom.issue(1);
    let reason = shown["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("messages tried so far were refused") && !reason.contains("do not exist"), "{shown:#}");
    let alarms = newsroom.store().alarms().expect("the database answers");
    assert!(alarms.iter().any(|alarm| alarm.sentence.contains("issues resend --refused")), "{alarms:#?}");
    assert!(suppressed(&newsroom).is_empty(), "no address is at fault");

    newsroom.set(|settings| settings.mail = relay(sink.port));
    newsroom.done(&["issues", "resume", "1"]);
    let done = newsroom.send();
    assert_eq!((&done["state"], &done["accepted"], &done["refused"]), (&json!("done"), &json!(LIST - 60), &json!(60)));
    newsroom.done(&["issues", "resend", "1", "--refused", "--yes"]);
    assert_eq!(newsroom.send()["accepted"], LIST);
    assert_once(&sink.received(), &readers);
}

#[test]
fn after_an_issue_that_was_complained_about_the_next_waits_for_an_editor() {
    let (mut newsroom, readers) = sent(20);
    let mailbox = Mailbox::new();
    for (n, message) in newsroom.outbox().iter().take(5).enumerate() {
        mailbox.deliver(&format!("{n}.complaint"), &complain_to(message));
    }
    assert_eq!(read(&newsroom, &mailbox)["suppressed"], 5);
    let alarms = newsroom.store().alarms().expect("the database answers");
    assert!(alarms.iter().any(|alarm| alarm.sentence.contains("the next issue will wait for you")), "{alarms:#?}");

    newsroom.make_due(2);
    newsroom.bring(&["Tide tables", "A lighthouse sold", "The pilots' strike"]);
    let held = newsroom.call(&["send", "--yes"]);
    assert!((held.out + &held.err).contains("did damage"));
    assert_eq!(newsroom.issue(2)["state"], "held");
    newsroom.done(&["issues", "approve", "2"]);
    assert_eq!(newsroom.send()["accepted"], readers.len() - 5, "and goes to none of those who complained");
}

#[test]
fn one_persons_whole_history_is_told_and_a_suppression_is_lifted_for_a_reason() {
    let (newsroom, readers) = sent(2);
    let jo = readers[0].as_str();
    let mailbox = Mailbox::new();
    mailbox.deliver("1.bounce", &bounce(&newsroom, jo));
    read(&newsroom, &mailbox);
    let listed = newsroom.done(&["subscribers", "suppressions", "list"]);
    assert!(listed.contains(jo) && listed.contains("there is no such mailbox"), "{listed}");
    newsroom.fails(2, &["subscribers", "suppressions", "lift", jo]);
    newsroom.done(&["subscribers", "suppressions", "lift", jo, "--reason", "wrote from the same address on 3 May"]);
    assert_eq!(newsroom.json(&["subscribers", "suppressions", "list", "--json"]), json!([]));

    let story = newsroom.done(&["subscribers", "show", jo]);
    let at = |words: &str| story.find(words).unwrap_or_else(|| panic!("no {words:?} in {story}"));
    assert!(at("imported week") < at("week No. 1: accepted"));
    assert!(
        at("week No. 1: accepted") < at("came back: week No. 1, there is no such mailbox; counts against the address")
    );
    assert!(at("came back: ") < at("suppressed: "));
    assert!(at("suppressed: ") < at("suppression lifted: operator (wrote from the same address on 3 May)"));
    let shown = newsroom.json(&["subscribers", "show", jo, "--json"]);
    assert_eq!(
        (&shown["returned"][0]["name"], &shown["suppressed"]),
        (&json!("week No. 1"), &Value::Null),
        "{shown:#}"
    );

    let issue = newsroom.done(&["issues", "show", "1"]);
    assert!(
        issue.contains("1 reader at other providers: there is no such mailbox; the address gets nothing any more"),
        "{issue}"
    );
    let over_time = newsroom.done(&["bounces", "report"]);
    assert!(
        over_time.contains("week No. 1: 2 tried; 1 dead addresses (50.00 %), 0 complaints (0.00 %)"),
        "{over_time}"
    );
    let over_time = newsroom.json(&["bounces", "report", "--json"]);
    assert_eq!(over_time["issues"][0]["damage"]["hard"], 1, "{over_time:#}");
}
