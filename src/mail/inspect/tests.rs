//! A good newsletter, and what is said when one thing about it is wrong.

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::*;
use crate::domain::address::EmailAddress;
use crate::domain::slot::{What, Where, mark};
use crate::mail::dkim::{Signer, generate_ed25519, generate_rsa, prepend_signatures};
use crate::mail::mime::{List, Mailbox, MessageParts, Personal, Skeleton};

const HTML: &str = r#"<!DOCTYPE html>
<html lang="en" dir="ltr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Ferry week</title><style>@media (prefers-color-scheme: dark) { .page { color: #eee } }</style></head>
<body><div style="display: none; max-height: 0">New ferries, old piers, and a vote on who may land where.</div>
<table role="presentation" width="100%"><tr><td class="page">
<h1>Ferry week</h1>
<h2><a href="https://harbour.example/stories/new-ferries?from=digest&amp;n=1">New ferries — quieter, and late</a></h2>
<p>The council ordered three boats that run on batteries; the first arrives a year after the old ones retire. Zoë Ångström reports.</p>
<p><img src="https://harbour.example/media/boat.jpg" width="536" height="300" alt="A white ferry at its pier"></p>
<h2><a href="https://harbour.example/stories/piers">Who pays for the piers?</a></h2>
<p>Repairs were promised in March. Nobody has said by whom.</p>
<p>You asked for this on {confirmed}, as {address}. <a href="{preferences}">Change your preferences</a> or <a href="{unsubscribe}">unsubscribe</a>.<br>
Harbour Weekly, 12 Harbour Street</p>
</td></tr></table></body></html>
"#;

const TEXT: &str = "FERRY WEEK

New ferries — quieter, and late
The council ordered three boats that run on batteries; the first arrives a
year after the old ones retire. Zoë Ångström reports.
https://harbour.example/stories/new-ferries?from=digest&n=1

Who pays for the piers?
Repairs were promised in March. Nobody has said by whom.
https://harbour.example/stories/piers

You asked for this on {confirmed}, as {address}.
Change your preferences: {preferences}
Unsubscribe: {unsubscribe}
Harbour Weekly, 12 Harbour Street
";

fn with_marks(text: &str, [address, confirmed, preferences, unsubscribe]: [Where; 4]) -> String {
    text.replace("{address}", &mark(What::Address, address))
        .replace("{confirmed}", &mark(What::ConfirmedOn, confirmed))
        .replace("{preferences}", &mark(What::PreferencesUrl, preferences))
        .replace("{unsubscribe}", &mark(What::UnsubscribeUrl, unsubscribe))
}

fn newsletter(html: &str, text: &str, is_list: bool) -> Vec<u8> {
    let from = EmailAddress::parse("ferry@news.harbour.example").unwrap();
    let editor = EmailAddress::parse("editor@harbour.example").unwrap();
    let list = List {
        name: "Ferry Week",
        id: "ferry.news.harbour.example",
        help: Some("https://news.harbour.example/help"),
        owner: Some("mailto:editor@harbour.example"),
        archive: Some("https://news.harbour.example/ferry"),
        feedback_id: Some("47:ferry:digest:harbourweek"),
    };
    let skeleton = Skeleton::build(&MessageParts {
        from: Mailbox { name: "Ferry Week", address: &from },
        reply_to: Some(Mailbox { name: "Zoë at Harbour Weekly", address: &editor }),
        subject: "Ferry week: new boats — and old piers",
        date: DateTime::parse_from_rfc3339("2026-11-20T08:30:00+01:00").unwrap(),
        html: &with_marks(html, [Where::HtmlText, Where::HtmlText, Where::HtmlAttribute, Where::HtmlAttribute]),
        text: &with_marks(text, [Where::PlainText; 4]),
        pictures: &[],
        list: is_list.then_some(list),
    });
    let to = EmailAddress::parse("reader@example.net").unwrap();
    let mut out = Vec::new();
    skeleton.unwrap().splice(
        &Personal {
            to: &to,
            message_id: "47.0123456789abcdef@news.harbour.example",
            unsubscribe_url: "https://news.harbour.example/u/AXUAAQIDBAUGBwgAAQIDBAUGBwgJCgsMDQ4P",
            unsubscribe_mailbox: Some("u+aaaqeayeaudaocajbifqydiob4@news.harbour.example"),
            preferences_url: "https://news.harbour.example/p/AXAAAQIDBAUGBwgAAQIDBAUGBwgJCgsMDQ4P",
            confirmed_on: "3 May 2026",
        },
        &mut out,
    );
    out
}

fn good() -> String {
    String::from_utf8(newsletter(HTML, TEXT, true)).unwrap()
}

fn failed(report: &MessageReport) -> Vec<&'static str> {
    report.checks.iter().filter(|check| !check.ok).map(|check| check.name).collect()
}

fn failed_of(message: &str) -> Vec<&'static str> {
    failed(&inspect_message(message.as_bytes()))
}

#[test]
fn a_good_newsletter_passes_every_check() {
    let at: DateTime<Utc> = DateTime::from_timestamp(1_795_163_400, 0).unwrap();
    let signer = |selector, key| Signer::from_pem("harbour.example", selector, &key).unwrap();
    let signers = [signer("r1", generate_rsa().unwrap()), signer("e1", generate_ed25519().unwrap())];
    let mut message = newsletter(HTML, TEXT, true);
    prepend_signatures(&signers, &mut message, at);
    let report = inspect_message(&message);
    assert_eq!(failed(&report), Vec::<&str>::new(), "{report:#?}");
    assert!(report.ok);
    assert_eq!(report.size, message.len());
}

#[test]
fn each_fault_is_named() {
    let good = good();
    for (name, from, to) in [
        ("headers-once", "Subject: ", "Subject: x\r\nSubject: "),
        ("headers-once", "MIME-Version: 1.0\r\n", ""),
        ("from", "<ferry@news.harbour.example>", "<ferry>"),
        ("from-name", "From: Ferry Week <", "From: <"),
        ("to", "To: <reader@example.net>", "To: <reader@example.net>, <b@example.net>"),
        ("to", "Precedence: bulk", "Precedence: bulk\r\nBcc: <b@example.net>"),
        ("subject-honest", "Subject: ", "Subject: Re: "),
        ("subject-slots", "Subject: ", "Subject: {titel} "),
        ("date", "Fri, 20 Nov", "Mon, 20 Nov"),
        ("date", "+0100\r\nMessage", "CET\r\nMessage"),
        ("message-id", "<47.0123456789abcdef@news.harbour.example>", "<1@localhost>"),
        ("list-id", "<ferry.news.harbour.example>", "<ferry>"),
        ("list-unsubscribe", "List-Unsubscribe: <https:", "List-Unsubscribe: <ftp:"),
        ("list-unsubscribe-http", "List-Unsubscribe: <https:", "List-Unsubscribe: <http:"),
        ("unsubscribe-token", "/u/AXUAAQIDBAUGBwgAAQIDBAUGBwgJCgsMDQ4P>", "/u/47>"),
        ("unsubscribe-private", "MDQ4P>,", "MDQ4P?to=reader%40example.net>,"),
        ("one-click", "=One-Click", "=one-click"),
        ("precedence", "Precedence: bulk\r\n", ""),
        ("line-ends", "Precedence: bulk\r\n", "Precedence: bulk\n"),
        ("line-ends", "Precedence: bulk", "Precedence: \rbulk"),
        ("seven-bit", "FERRY WEEK", "FÄHRE"),
        ("parts", "multipart/alternative", "multipart/mixed"),
        ("charset", "text/html; charset=utf-8", "text/html; charset=iso-8859-1"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{name}");
        assert!(failed_of(&bad).contains(&name), "{name}: {:?}", failed_of(&bad));
    }
}

#[test]
fn each_fault_of_the_html_is_named() {
    for (name, from, to) in [
        ("lang", " lang=\"en\"", ""),
        ("dir", " dir=\"ltr\"", ""),
        ("title", "Ferry week</title>", "</title>"),
        ("active-content", "<h1>", "<script>x()</script><h1>"),
        ("active-content", "<h1>", "<form><input></form><h1>"),
        ("active-content", "<style>", "<link rel=stylesheet href='https://x.example/a.css'><style>"),
        ("event-attributes", "<h1>", "<h1 onClick=x()>"),
        ("absolute-urls", "href=\"https://harbour.example/stories/piers\"", "href=\"/stories/piers\""),
        ("absolute-urls", "href=\"https://harbour.example/stories/piers\"", "href=\"javascript:x()\""),
        (
            "https-urls",
            "href=\"https://harbour.example/stories/piers\"",
            "href=\"http://harbour.example/stories/piers\"",
        ),
        ("picture-sources", "src=\"https:", "src=\"http:"),
        ("alt-texts", " alt=\"A white ferry at its pier\"", ""),
        ("layout-tables", " role=\"presentation\"", ""),
        ("link-texts", ">Who pays for the piers?<", "><"),
        ("link-hosts", ">Who pays for the piers?<", ">www.bank.example<"),
        ("tracking-pixels", "width=\"536\"", "width=\"1\""),
        ("active-content", "<style>", "<meta http-equiv=Refresh content='0;url=https://x.example/'><style>"),
        ("leftovers", "<h1>", "<h1>{{title}}"),
        ("preheader", "display: none; max-height: 0", ""),
        ("preheader", "<body>", "<body>A line before it"),
        ("unsubscribe-in-html", "<a href=\"{unsubscribe}\">unsubscribe</a>", "no way out"),
        ("contrast", "<h1>", "<h1 style=\"color:#bbbbbb\">"),
        ("client-support", "<h1>", "<h1 style=\"position:absolute\">"),
        ("merge-slots", "New ferries, old piers,", "{titel}: new ferries, old piers,"),
        ("merge-slots", "<h1>", "<h1>Dear *|FNAME|*, "),
        ("html-size", "<h1>", &format!("<h1>{}", "x".repeat(102_400))),
        ("html-read", "<h1>", &format!("<h1>{}", "<div>".repeat(600))),
    ] {
        let html = HTML.replacen(from, to, 1);
        assert_ne!(html, HTML, "{name}");
        let report = inspect_message(&newsletter(&html, TEXT, true));
        assert!(failed(&report).contains(&name), "{name}: {:?}", failed(&report));
    }
}

#[test]
fn a_link_that_shows_its_own_host_is_honest() {
    for shown in
        ["harbour.example", "www.harbour.example", "https://harbour.example/stories/piers", "Mr. Smith", "v1.2"]
    {
        let html = HTML.replace(">Who pays for the piers?<", &format!(">{shown}<"));
        assert!(!failed(&inspect_message(&newsletter(&html, TEXT, true))).contains(&"link-hosts"), "{shown}");
    }
}

#[test]
fn each_fault_of_the_text_is_named() {
    for (name, text) in [
        ("text", "See the HTML.\n".to_owned()),
        ("text-markup", TEXT.replace("FERRY", "<b>FERRY</b>")),
        ("text-width", TEXT.replace("FERRY", &"FERRY ".repeat(20))),
        ("text-links", TEXT.replace("https://harbour.example/stories/piers\n", "")),
        ("unsubscribe-in-text", TEXT.replace("Unsubscribe: {unsubscribe}\n", "")),
    ] {
        let report = inspect_message(&newsletter(HTML, &text, true));
        assert!(failed(&report).contains(&name), "{name}: {:?}", failed(&report));
    }
}

#[test]
fn each_fault_of_a_signature_is_named() {
    let at: DateTime<Utc> = DateTime::from_timestamp(1_795_163_400, 0).unwrap();
    let signer = Signer::from_pem("harbour.example", "r1", &generate_rsa().unwrap()).unwrap();
    let signed = String::from_utf8(signer.sign(good().as_bytes(), at)).unwrap() + &good();
    assert_eq!(failed_of(&good()), ["dkim"]);
    for (name, from, to) in [
        ("dkim-form", "c=relaxed/relaxed", "c=simple/simple"),
        ("dkim-form", "t=1795163400;", "t=1795163400; l=1;"),
        ("dkim-coverage", "message-id:", ""),
        ("dkim-oversigned", "from:from:", "from:"),
        ("dkim-aligned", "d=harbour.example", "d=example.com"),
        ("dkim-aligned", "d=harbour.example", "d=bour.example"),
        ("dkim-rsa", "a=rsa-sha256", "a=ed25519-sha256"),
    ] {
        let bad = signed.replacen(from, to, 1);
        assert_ne!(bad, signed, "{name}");
        assert!(failed_of(&bad).contains(&name), "{name}: {:?}", failed_of(&bad));
    }
}

#[test]
fn a_single_mail_needs_no_list_headers_but_a_digest_without_them_does() {
    let html = "<!DOCTYPE html><html lang=en dir=ltr><title>Confirm</title><p><a href='https://a.example/c/1'>Confirm</a></p></html>";
    let text = "Open this page and press the button there: https://a.example/c/1\n";
    assert_eq!(failed(&inspect_message(&newsletter(html, text, false))), ["dkim"]);
    let digest = inspect_message(&newsletter(HTML, TEXT, false));
    assert!(failed(&digest).contains(&"list-unsubscribe"), "{digest:?}");
    assert!(!digest.ok);
}

#[test]
fn the_postal_address_must_stand_in_each_part_however_it_is_set() {
    let message = newsletter(&HTML.replace("12 Harbour Street", "12&nbsp;Harbour&nbsp;<b>Street</b>"), TEXT, true);
    let missing = |html: &str, text: &str, address: &str| {
        let expected = Expected { postal_address: Some(address), ..Expected::default() };
        let report = inspect_as(&newsletter(html, text, true), expected);
        failed(&report).into_iter().filter(|name| name.starts_with("postal")).collect::<Vec<_>>()
    };
    let expected = Expected { postal_address: Some("12 Harbour Street"), ..Expected::default() };
    assert_eq!(failed(&inspect_as(&message, expected)), ["dkim"]);
    assert_eq!(missing(HTML, TEXT, "13 Harbour Street"), ["postal-address-in-html", "postal-address-in-text"]);
    assert_eq!(missing(&HTML.replace("12 Harbour", "Harbour"), TEXT, "12 Harbour Street"), ["postal-address-in-html"]);
    assert_eq!(missing(HTML, TEXT, " "), ["postal-address-in-html", "postal-address-in-text"], "none is no address");
}

#[test]
fn a_reader_who_wants_plain_text_gets_no_html_and_nothing_is_missed() {
    let message = newsletter("", TEXT, true);
    let alone = Expected { text_alone: true, postal_address: Some("12 Harbour Street") };
    assert_eq!(failed(&inspect_as(&message, alone)), ["dkim"]);
    assert!(failed(&inspect_message(&message)).contains(&"parts"));
    assert!(failed(&inspect_as(&newsletter(HTML, TEXT, true), alone)).contains(&"parts"));
}

#[test]
fn nothing_and_noise_are_reported_not_feared() {
    for bytes in [&b""[..], b"\r\n", b"\0", b":", b"=?", &[0xFF; 300]] {
        assert!(!inspect_message(bytes).ok);
    }
}

#[test]
fn a_report_is_written_as_scripts_read_it() {
    let report = MessageReport {
        ok: false,
        size: 2,
        html_size: 1,
        checks: vec![Check { name: "date", level: Level::Error, ok: false, detail: "x".into() }],
    };
    let json =
        r#"{"ok":false,"size":2,"html_size":1,"checks":[{"name":"date","level":"error","ok":false,"detail":"x"}]}"#;
    assert_eq!(serde_json::to_string(&report).unwrap(), json);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        inspect_message(&bytes);
    }

    #[test]
    fn no_damage_to_a_real_message_makes_it_panic(cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20), end in any::<prop::sample::Index>()) {
        let mut bytes = good().into_bytes();
        for (at, byte) in cuts {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(end.index(bytes.len()) + 1);
        inspect_message(&bytes);
    }
}
