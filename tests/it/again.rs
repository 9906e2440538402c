//! An issue that is sent again: to whom, to whom never, and that a mailbox can tell that it has it.

use crate::support::faulty_relay::Plan;
use crate::support::newsroom::{Newsroom, assert_once, relay, times};
use serde_json::{Value, json};

const UNKNOWN: &str = "reader0001@reader.example";
const BLOCKED: &str = "reader0002@reader.example";
const LOST: &str = "reader0003@reader.example";

fn counts(report: &Value) -> Value {
    json!([report["state"], report["recipients"], report["accepted"], report["refused"]])
}

#[test]
fn who_was_refused_for_our_sake_gets_it_again_and_who_has_no_mailbox_does_not() {
    let blocked = "550 5.7.1 message blocked because of the reputation of your network";
    let sink =
        Plan::default().refuse(UNKNOWN, "550 5.1.1 no such user", usize::MAX).refuse(BLOCKED, blocked, 1).start();
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.mail = relay(sink.port));
    newsroom.make_due(5);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    newsroom.subscribe(4);
    assert_eq!(counts(&newsroom.send()), json!(["done", 4, 2, 2]));

    let found = newsroom.json(&["issues", "resend", "1", "--refused", "--dry-run", "--json"]);
    assert_eq!(
        found,
        json!({"issue": 1, "newsletter": "week", "queued": false, "readers": 1, "causes": {"reputation": 1}, "left_alone": 1})
    );
    let elsewhere = newsroom.json(&["issues", "resend", "1", "--refused", "--provider", "outlook", "--json"]);
    assert_eq!((&elsewhere["readers"], &elsewhere["queued"]), (&json!(0), &json!(false)));
    assert!(newsroom.fails(2, &["issues", "resend", "1", "--refused", "--provider", "outlok"]).contains("outlook"));
    assert!(newsroom.fails(2, &["issues", "resend", "1", "--refused"]).contains("--yes"), "nobody is there to ask");

    let said = newsroom.done(&["issues", "resend", "1", "--refused", "--yes"]);
    assert!(
        said.contains("our address or domain is blocked there") && said.contains("refused for their address"),
        "{said}"
    );
    assert_eq!(counts(&newsroom.send()), json!(["done", 4, 3, 1]));
    let nobody = newsroom.done(&["issues", "resend", "1", "--refused", "--yes"]);
    assert!(nobody.contains("Nobody is to get it again"), "{nobody}");
    assert_eq!(times(&sink.received()).get(BLOCKED), Some(&1));
}

#[test]
fn only_the_readers_of_one_provider_get_it_again() {
    let blocked = "550 5.7.1 message blocked because of the reputation of your network";
    let readers = ["ada@outlook.com", "ben@hotmail.co.uk", "cleo@gmail.com", "dora@reader.example"];
    let sink = readers.iter().fold(Plan::default(), |plan, reader| plan.refuse(reader, blocked, 1)).start();
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.mail = relay(sink.port));
    newsroom.make_due(5);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    newsroom.import(&readers.map(str::to_owned));
    newsroom.subscribe(20);
    newsroom.call(&["send", "--yes"]);
    let again = |provider| newsroom.done(&["issues", "resend", "1", "--refused", "--provider", provider, "--yes"]);
    for (provider, expected) in [("outlook", &readers[..2]), ("gmail", &readers[2..3]), ("other", &readers[3..])] {
        let before = sink.count();
        again(provider);
        newsroom.call(&["issues", "resume", "1"]);
        newsroom.send();
        let mut got: Vec<_> = sink.received()[before..].iter().map(|message| message.recipients[0].clone()).collect();
        got.sort();
        assert_eq!(got, expected, "{provider}");
    }
}

#[test]
fn at_one_provider_too_who_has_no_mailbox_does_not_get_it_again() {
    let blocked = "550 5.7.1 message blocked because of the reputation of your network";
    let [ada, ben, eve, cleo] = ["ada@outlook.com", "ben@hotmail.co.uk", "eve@outlook.com", "cleo@gmail.com"];
    let plan = Plan::default().refuse(eve, "550 5.1.1 no such user", 1);
    let sink = [ada, ben, cleo].iter().fold(plan, |plan, reader| plan.refuse(reader, blocked, 1)).start();
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.mail = relay(sink.port));
    newsroom.make_due(5);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    newsroom.import(&[ada, ben, eve, cleo, "dora@outlook.com"].map(str::to_owned));
    assert_eq!(counts(&newsroom.send()), json!(["done", 5, 1, 4]));
    // Who has no mailbox is suppressed; here an operator has lifted that, so that nothing but the cause is in the way.
    newsroom.done(&["subscribers", "suppressions", "lift", eve, "--reason", "they wrote to us"]);

    let again = ["issues", "resend", "1", "--refused", "--provider", "outlook", "--json"];
    let found = newsroom.json(&[&again[..], &["--dry-run"]].concat());
    assert_eq!((&found["readers"], &found["left_alone"], &found["queued"]), (&json!(2), &json!(1), &json!(false)));
    let queued = newsroom.json(&[&again[..], &["--yes"]].concat());
    assert_eq!(
        queued,
        json!({"issue": 1, "newsletter": "week", "queued": true, "readers": 2, "causes": {"reputation": 2}, "left_alone": 1})
    );
    assert_eq!(counts(&newsroom.send()), json!(["done", 5, 3, 2]));
    let readers = ["dora@outlook.com", ada, ben].map(str::to_owned);
    assert_once(&sink.received(), &readers);
}

#[test]
fn one_reader_who_lost_it_gets_it_again_under_the_same_name() {
    let sink = Plan::default().refuse(UNKNOWN, "550 5.1.1 no such user", usize::MAX).start();
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.mail = relay(sink.port));
    newsroom.make_due(5);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    newsroom.subscribe(3);
    newsroom.send();

    newsroom.done(&["issues", "resend", "1", "--to", LOST]);
    assert!(newsroom.fails(1, &["issues", "resend", "1", "--to", LOST]).contains("on its way"));
    assert_eq!(counts(&newsroom.send()), json!(["done", 4, 3, 1]));
    let received = sink.received();
    let theirs: Vec<_> = received.iter().filter(|message| message.recipients == [LOST]).collect();
    assert_eq!(theirs.len(), 2);
    assert_eq!(theirs[0].message_id, theirs[1].message_id);

    for (address, why) in [(UNKNOWN, "suppressed"), ("nobody@reader.example", "no subscriber has this address")] {
        let said = newsroom.fails(1, &["issues", "resend", "1", "--to", address]);
        assert!(said.contains(why), "{said}");
    }
    newsroom.done(&["subscribers", "unsubscribe", LOST, "--newsletter", "week"]);
    assert!(newsroom.fails(1, &["issues", "resend", "1", "--to", LOST]).contains("does not subscribe"));
}
