//! Whatever the texts and the reader's values are, lines keep their limits and an independent parser reads back what was meant.

use mail_parser::{MessageParser, MessagePart};
use proptest::prelude::*;

use super::*;
use crate::mail::copies::Copies;
use crate::mail::dkim::{Signer, generate_ed25519, generate_rsa, prepend_signatures};
use std::sync::{Arc, LazyLock};

static SIGNERS: LazyLock<Arc<Vec<Signer>>> = LazyLock::new(|| {
    let keys = [
        ("news.example.org", generate_rsa()),
        ("example.org", generate_rsa()),
        ("news.example.org", generate_ed25519()),
    ];
    let signers = keys.into_iter().enumerate();
    Arc::new(
        signers
            .map(|(at, (domain, key))| Signer::from_pem(domain, &format!("s{at}"), &key.unwrap()).unwrap())
            .collect(),
    )
});

use crate::domain::slot::{What, Where, mark};

/// A text as it stands between the marks: words of any script, lines of any length, dots where SMTP does not want them.
fn words() -> impl Strategy<Value = String> {
    let line = prop_oneof!["\\PC{0,120}", "\\.{1,3}[a-z]{0,90}", "[ -~]{0,200}", "From [a-z ]{0,40}", "[سلام ]{0,80}"];
    proptest::collection::vec(line, 1..6).prop_map(|lines| lines.join("\n"))
}

fn address() -> impl Strategy<Value = EmailAddress> {
    ("[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]{1,64}", "[a-z]{1,60}", "[a-z]{2,60}")
        .prop_filter_map("an address", |(local, host, top)| EmailAddress::parse(&format!("{local}@{host}.{top}")).ok())
}

fn escaped(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// What a decoder should find: the marks replaced by values.
fn filled(template: &str, values: &[(What, &str)], place: Where) -> String {
    let mut text = clean_body(template).into_owned();
    for (what, value) in values {
        let value = if place == Where::PlainText { (*value).to_owned() } else { escaped(value) };
        text = text.replace(&mark(*what, place), &value);
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_address_text_and_link_keep_the_limits_and_are_read_back(
        to in address(),
        subject in "[a-zA-Z\\PC]{1,150}",
        name in "\\PC{0,80}",
        pieces in proptest::collection::vec(words(), 4),
        path in "[a-zA-Z0-9_/-]{1,400}",
        day in "\\PC{0,60}",
    ) {
        let from = EmailAddress::parse("week@news.example.org").unwrap();
        let whole = |place| {
            let slots = [What::Address, What::UnsubscribeUrl, What::ConfirmedOn].map(|what| mark(what, place));
            format!("{}{}{}{}{}{}{}", pieces[0], slots[0], pieces[1], slots[1], pieces[2], slots[2], pieces[3])
        };
        let (html, text) = (whole(Where::HtmlText), whole(Where::PlainText));
        let parts = MessageParts {
            from: Mailbox { name: &name, address: &from },
            reply_to: None,
            subject: &format!("x{subject}"),
            date: DateTime::parse_from_rfc3339("2026-11-20T17:00:00+01:00").unwrap(),
            html: &html,
            text: &text,
            pictures: &[],
            list: None,
        };
        let skeleton = Skeleton::build(&parts).unwrap();
        let url = format!("https://news.example.org/u/{path}");
        let personal = Personal {
            to: &to,
            message_id: "1@news.example.org",
            unsubscribe_url: &url,
            unsubscribe_mailbox: None,
            preferences_url: &url,
            confirmed_on: &day,
        };
        let mut message = Vec::new();
        skeleton.splice(&personal, &mut message);
        let at = DateTime::from_timestamp(1_795_163_400, 0).unwrap();
        let (copies, mut copy, mut signed) = (Copies::new(skeleton, SIGNERS.clone()), b"before".to_vec(), message.clone());
        copies.write(&personal, at, &mut copy);
        prepend_signatures(&SIGNERS, &mut signed, at);
        prop_assert!(signed == copy, "signed with what copies have in common, a copy is the same octets");

        let source = String::from_utf8(message.clone()).unwrap();
        prop_assert!(source.is_ascii());
        for line in source.split("\r\n") {
            prop_assert!(line.len() <= 998 && !line.starts_with('.') && !line.contains(['\r', '\n']), "{line:?}");
        }
        let (_, body) = source.split_once("\r\n\r\n").unwrap();
        // RFC 2045, section 6.7, rule 5: the `=` of a soft break counted.
        prop_assert!(body.split("\r\n").all(|line| line.len() <= 76), "{body}");
        let read = MessageParser::default().parse(&message).unwrap();
        let sent_to = to.ascii();
        let sender = read.from().and_then(|from| from.first()).unwrap();
        prop_assert_eq!(sender.address(), Some(from.as_str()));
        prop_assert_eq!(sender.name().unwrap_or_default(), clean_header(&name));
        prop_assert_eq!(read.to().and_then(|to| to.first()).and_then(|to| to.address()), Some(sent_to.as_str()));
        let values = [(What::Address, to.as_str()), (What::UnsubscribeUrl, url.as_str()), (What::ConfirmedOn, day.as_str())];
        let said = |found: Option<&[u8]>| String::from_utf8(found.unwrap_or_default().to_vec()).unwrap().replace("\r\n", "\n");
        let found_text = said(read.text_part(0).map(MessagePart::contents));
        let found_html = said(read.html_part(0).map(MessagePart::contents));
        let (text, html) = (filled(&text, &values, Where::PlainText), filled(&html, &values, Where::HtmlText));
        prop_assert_eq!(found_text.trim_end(), text.trim_end());
        prop_assert_eq!(found_html.trim_end(), html.trim_end());
    }
}
