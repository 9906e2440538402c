//! The signatures of an issue, judged by OpenDKIM: both kinds of key, and every header that a reader's mail program or a filter trusts.

use crate::support::newsroom::Newsroom;
use crate::support::opendkim;
use crate::support::process::open_folder;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};
use week_in_review::mail::dkim::{Signer, generate_ed25519, generate_rsa};

/// Headers of an issue that nobody may change on the way.
const SIGNED: [&str; 14] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Help",
    "Auto-Submitted",
    "Precedence",
    "Feedback-ID",
];

/// Headers of which nobody may add another.
const OVERSIGNED: [&str; 6] = ["From", "To", "Subject", "Date", "Reply-To", "Cc"];

/// One reader's copy of an issue, as it leaves.
fn issue() -> String {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(10);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "قیمت نمک در بندر"]);
    newsroom.subscribe(1);
    newsroom.send();
    let message = String::from_utf8(newsroom.outbox().remove(0)).expect("mail is ASCII");
    message.replace("\r\n", "\n").replace('\n', "\r\n")
}

#[test]
fn both_kinds_of_signature_verify_and_break_when_a_header_is_changed_or_added() {
    let message = issue();
    // In the past: OpenDKIM refuses signatures of the future.
    let signed_at = UNIX_EPOCH + Duration::from_hours(24 * 365 * 50);
    let folder = open_folder();
    let write = |name: String, text: String| -> PathBuf {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("our own folder");
        path
    };
    for (selector, key) in [("rsa", generate_rsa()), ("ed25519", generate_ed25519())] {
        let signer = Signer::from_pem("harbour.example", selector, &key.expect("a key can be made")).expect("ours");
        let signature = String::from_utf8(signer.sign(message.as_bytes(), signed_at.into())).expect("a header");
        let record = signer.dns_record();
        let records = [(record.name, record.value)];
        let good = write(format!("{selector}-good"), format!("{signature}{message}"));
        assert_eq!(opendkim::complaints(&[good], &records), [""; 0], "{selector}");

        let head = format!("\r\n{message}");
        let mut bad = Vec::new();
        for name in SIGNED {
            let changed = head.replacen(&format!("\r\n{name}: "), &format!("\r\n{name}: x"), 1);
            assert_ne!(changed, head, "there is no {name}");
            bad.push(write(format!("{selector}-changed-{name}"), format!("{signature}{}", &changed[2..])));
        }
        for name in OVERSIGNED {
            bad.push(write(
                format!("{selector}-added-{name}"),
                format!("{signature}{name}: x@other.example\r\n{message}"),
            ));
        }
        for file in bad {
            assert_eq!(opendkim::complaints(std::slice::from_ref(&file), &records).len(), 1, "{}", file.display());
        }
    }
}
