//! Whole messages: what is read in them.

use super::*;
use crate::domain::refusal::Class;

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
