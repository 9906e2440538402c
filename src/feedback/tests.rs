//! Whole messages: what is read in them.

use super::*;
use crate::domain::refusal::Class;
use proptest::prelude::*;
use serde_json::Value;

#[test]
fn nothing_is_read_in_nothing() {
    for bytes in [&b""[..], b"\n", b"\xff\xfe", b"Subject: hello\n\nHow are you?"] {
        assert_eq!(read(bytes).kind, Kind::None);
    }
}

#[test]
fn a_bounce_of_qmail_is_hard() {
    let reading = read(b"From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\nHi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<jo@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <x@y.example>\n");
    assert_eq!(reading.kind, Kind::Bounce);
    let found = &reading.results[0];
    assert_eq!(
        (found.recipient.as_deref(), found.status.as_deref(), found.class),
        (Some("jo@example.org"), Some("5.1.1"), Class::Hard)
    );
}

/// The folder of messages in the form of many mail systems; its README says what they are.
fn fixtures() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/returned")
}

#[test]
fn messages_of_many_systems_and_languages_are_read_as_expected() {
    let table = std::fs::read(fixtures().join("expected.json")).unwrap();
    let expected: serde_json::Map<String, Value> = serde_json::from_slice(&table).unwrap();
    let files = std::fs::read_dir(fixtures()).unwrap().flatten();
    let messages = files.filter(|entry| entry.path().extension().is_some_and(|end| end == "eml")).count();
    assert_eq!(messages, expected.len(), "each message has an expectation and the other way round");
    for (name, wanted) in &expected {
        let message = std::fs::read(fixtures().join(format!("{name}.eml"))).unwrap();
        let found = serde_json::to_value(read(&message)).unwrap();
        assert_eq!(found["kind"], wanted["kind"], "{name}: {found:#}");
        let results = found["results"].as_array().unwrap();
        let wanted = wanted["results"].as_array().unwrap();
        assert_eq!(results.len(), wanted.len(), "{name}: {found:#}");
        for (result, wanted) in results.iter().zip(wanted) {
            assert_eq!(result["recipient"], wanted["recipient"], "{name}: {found:#}");
            if wanted["class"].is_string() {
                assert_eq!(result["class"], wanted["class"], "{name}: {found:#}");
            }
        }
    }
}

/// One recipient of a notification: local part, status, what was done.
fn recipients() -> impl Strategy<Value = Vec<(String, String, &'static str)>> {
    let status = prop_oneof![Just("5.1.1"), Just("5.2.2"), Just("4.4.7"), Just("5.7.1"), Just("2.0.0")];
    let action = prop_oneof![Just("failed"), Just("delayed"), Just("delivered"), Just("relayed"), Just("expanded")];
    proptest::collection::vec(
        ("[a-z][a-z0-9]{0,10}([.+_-][a-z0-9]{1,8})?", status.prop_map(str::to_owned), action),
        1..6,
    )
}

proptest! {
    #[test]
    fn a_notification_is_read_recipient_by_recipient(all in recipients(), crlf: bool, folded: bool) {
        let mut text = "From: MAILER-DAEMON@mx.example\nSubject: Undelivered\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nsorry\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n".to_owned();
        for (local, status, action) in &all {
            let fold = if folded { "\n " } else { " " };
            text += &format!("\nFinal-Recipient: rfc822;{fold}{local}@reader.example\nAction: {action}\nStatus: {status}\n");
        }
        text += "\n--b--\n";
        let text = if crlf { text.replace('\n', "\r\n") } else { text };
        let reading = read(text.as_bytes());
        prop_assert_eq!(reading.results.len(), all.len());
        for (found, (local, status, action)) in reading.results.iter().zip(&all) {
            prop_assert_eq!(found.recipient.clone(), Some(format!("{local}@reader.example")));
            prop_assert_eq!(found.status.as_deref(), Some(status.as_str()));
            let is_hard = *action == "failed" && status == "5.1.1";
            prop_assert_eq!(found.class == Class::Hard, is_hard);
        }
        let has = |wanted: &str| all.iter().any(|(.., action)| *action == wanted);
        let kind = if has("failed") { Kind::Bounce } else if has("delayed") { Kind::Delay } else { Kind::None };
        prop_assert_eq!(reading.kind, kind);
    }

    #[test]
    fn no_bytes_stop_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        read(&bytes);
        read(&[b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n".as_slice(), &bytes].concat());
    }
}

#[test]
fn a_message_of_fifty_megabytes_costs_no_more_than_its_beginning() {
    for filling in [
        "--b\n",
        "<",
        "a@",
        "\r",
        "=?utf-8?q?",
        "Received: x\n",
        "((((",
        "@@@@@@",
        "<br>",
        "&#",
        "<style>",
        "550 bytes ",
        "a@b.c ",
        "Action: failed\n",
        "X-Failed-Recipients: a@b.example\n",
    ] {
        let mut message =
            b"From: MAILER-DAEMON@x.example\nSubject: failure notice\nContent-Type: multipart/mixed; boundary=b\n\n"
                .to_vec();
        message.extend(filling.repeat((64 << 10) / filling.len()).as_bytes());
        read(&message);
        let status =
            b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n".to_vec();
        let blocks = filling.repeat(400).trim_end().to_owned() + "\n\n";
        let found = read(&[status, blocks.repeat(100).into_bytes()].concat());
        assert!(found.results.len() <= 200, "{filling:?}: {}", found.results.len());
    }
    let mut large = b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n".to_vec();
    large.resize(50 << 20, b'x');
    read(&large);
}
