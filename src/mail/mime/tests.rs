//! What a message is read back as by an independent parser, whatever went into it.

use mail_parser::{Message, MessageParser, MimeHeaders};
use proptest::prelude::*;

use super::*;
use crate::domain::slot::{What, Where, mark};

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn date() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-27T18:05:00+01:00").unwrap()
}

/// What differs from the usual newsletter, per test.
struct Case<'a> {
    name: &'a str,
    subject: &'a str,
    html: String,
    text: String,
    pictures: Vec<Picture<'a>>,
    single: bool,
}

impl Case<'_> {
    fn new() -> Case<'static> {
        Case {
            name: "The Week in Review",
            subject: "Subject",
            html: "<p>x</p>\n".into(),
            text: "x\n".into(),
            pictures: vec![],
            single: false,
        }
    }

    fn build(&self) -> Result<Skeleton, BuildError> {
        let from = address("digest@bücher.example");
        let list = List {
            name: self.name,
            id: "weekly.news.example.org",
            help: Some("https://news.example.org/help"),
            owner: Some("mailto:editor@news.example.org"),
            archive: None,
            feedback_id: Some("214:weekly:digest:weekinrev"),
        };
        Skeleton::build(&MessageParts {
            from: Mailbox { name: self.name, address: &from },
            reply_to: None,
            subject: self.subject,
            date: date(),
            html: &self.html,
            text: &self.text,
            pictures: &self.pictures,
            list: (!self.single).then_some(list),
        })
    }

    fn splice(&self, personal: &Personal<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        self.build().unwrap().splice(personal, &mut out);
        out
    }
}

fn personal(to: &EmailAddress) -> Personal<'_> {
    Personal {
        to,
        message_id: "214.abc@news.example.org",
        unsubscribe_url: "https://news.example.org/u/abc",
        unsubscribe_mailbox: Some("u+abc@news.example.org"),
        preferences_url: "https://news.example.org/p/abc",
        confirmed_on: "3 May 2026",
    }
}

fn usual(case: &Case<'_>) -> Vec<u8> {
    case.splice(&personal(&address("reader@example.net")))
}

fn parsed(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).unwrap()
}

/// The decoded body of one kind, its line ends as they went in.
fn body(message: &Message<'_>, media_type: &str) -> String {
    let (kind, subtype) = media_type.split_once('/').unwrap();
    let part = message.parts.iter().find(|part| part.is_content_type(kind, subtype)).unwrap();
    part.text_contents().unwrap().replace("\r\n", "\n")
}

/// What every message must be, byte by byte.
fn assert_wire_form(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.is_ascii());
    assert!(text.ends_with("\r\n"));
    assert_eq!(text.matches('\r').count(), text.matches("\r\n").count());
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.split("\r\n").all(|line| line.len() <= 998 && !line.trim().is_empty()), "{head}");
    for line in body.split("\r\n") {
        assert!(line.len() <= 78 && !line.starts_with('.') && !line.starts_with("From "), "{line}");
        assert!(!line.ends_with([' ', '\t']) && !line.contains("  "), "{line}");
    }
}

#[test]
fn a_newsletter_has_its_headers_once_and_in_order() {
    let mail = String::from_utf8(usual(&Case::new())).unwrap();
    let (head, _) = mail.split_once("\r\n\r\n").unwrap();
    let boundary = head.rsplit_once("boundary=").unwrap().1;
    let expected = expect_test::expect![[r"
        From: The Week in Review <digest@xn--bcher-kva.example>
        To: <reader@example.net>
        Subject: Subject
        Date: Fri, 27 Nov 2026 18:05:00 +0100
        Message-ID: <214.abc@news.example.org>
        Auto-Submitted: auto-generated
        List-Id: The Week in Review <weekly.news.example.org>
        List-Unsubscribe: <https://news.example.org/u/abc>,
         <mailto:u+abc@news.example.org>
        List-Unsubscribe-Post: List-Unsubscribe=One-Click
        List-Post: NO
        List-Help: <https://news.example.org/help>
        List-Owner: <mailto:editor@news.example.org>
        Precedence: bulk
        Feedback-ID: 214:weekly:digest:weekinrev
        MIME-Version: 1.0
        Content-Type: multipart/alternative; boundary=B"]];
    expected.assert_eq(&head.replace("\r\n", "\n").replace(boundary, "B"));
}

#[test]
fn a_single_mail_has_no_list_headers() {
    let mail = String::from_utf8(usual(&Case { single: true, ..Case::new() })).unwrap();
    assert!(!mail.contains("List-") && !mail.contains("Precedence") && !mail.contains("Feedback-ID"), "{mail}");
    assert!(mail.contains("Auto-Submitted: auto-generated\r\n"));
}

#[test]
fn the_same_parts_give_the_same_bytes_and_other_parts_another_boundary() {
    let one = usual(&Case::new());
    assert_eq!(one, usual(&Case::new()));
    let other = usual(&Case { text: "y\n".into(), ..Case::new() });
    let boundary = |mail: &[u8]| parsed(mail).content_type().unwrap().attribute("boundary").unwrap().to_owned();
    assert_ne!(boundary(&one), boundary(&other));
}

#[test]
fn pictures_stand_beside_the_html_that_shows_them() {
    let picture = Picture { cid: "a@x.org", media_type: "image/png", file_name: "bü\"\r\n.png", bytes: &[7; 200] };
    let mail = usual(&Case { pictures: vec![picture], ..Case::new() });
    assert_wire_form(&mail);
    let message = parsed(&mail);
    let types: Vec<String> = message
        .parts
        .iter()
        .map(|part| part.content_type().map_or_else(String::new, |t| format!("{}/{}", t.ctype(), t.subtype().unwrap())))
        .collect();
    assert_eq!(types, ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]);
    let part = &message.parts[4];
    assert_eq!(part.contents(), [7; 200]);
    assert_eq!(part.content_id(), Some("a@x.org"));
    assert_eq!(part.attachment_name(), Some("b____.png"));
}

#[test]
fn a_reader_whose_address_is_not_ascii_is_named_as_smtputf8_wants_it() {
    let reader = address("用户@例子.广告");
    assert!(reader.needs_smtputf8());
    let mail = String::from_utf8(Case::new().splice(&personal(&reader))).unwrap();
    assert!(mail.contains("\r\nTo: <用户@xn--fsqu00a.xn--4rr70v>\r\n"), "{mail}");
}

#[test]
fn persian_goes_as_base64_and_english_as_quoted_printable() {
    let mail = usual(&Case { text: "هفته در یک نگاه\n".into(), ..Case::new() });
    let encodings: Vec<String> =
        parsed(&mail).parts.iter().filter_map(|part| part.content_transfer_encoding().map(str::to_owned)).collect();
    assert_eq!(encodings, ["base64", "quoted-printable"]);
}

#[test]
fn parts_that_make_no_message_are_refused_by_name() {
    let error = |case: Case<'_>| case.build().unwrap_err();
    assert_eq!(error(Case { subject: "\u{202E}\r\n ", ..Case::new() }), BuildError::EmptySubject);
    let picture = Picture { cid: "a>\r\n", media_type: "image/png", file_name: "a", bytes: &[] };
    assert_eq!(error(Case { pictures: vec![picture], ..Case::new() }), BuildError::BadPicture("a>\r\n".into()));

    let list = List { name: "", id: "a.b", help: None, owner: None, archive: None, feedback_id: None };
    let list_error = |list: &List<'_>| check_list(list).unwrap_err();
    assert_eq!(list_error(&List { id: "weekly", ..list.clone() }), BuildError::BadListId("weekly".into()));
    assert_eq!(list_error(&List { id: "a.b>\r\n", ..list.clone() }), BuildError::BadListId("a.b>\r\n".into()));
    let feedback = "a:b:c:d\r\nBcc: x";
    assert_eq!(
        list_error(&List { feedback_id: Some(feedback), ..list.clone() }),
        BuildError::BadFeedbackId(feedback.into())
    );
    assert_eq!(
        list_error(&List { help: Some("http://x"), ..list }),
        BuildError::BadListAddress { header: "List-Help", value: "http://x".into() }
    );
}

#[test]
fn a_sender_that_few_servers_accept_is_refused() {
    let from = address("ü@example.org");
    let parts = MessageParts {
        from: Mailbox { name: "", address: &from },
        reply_to: None,
        subject: "x",
        date: date(),
        html: "",
        text: "",
        pictures: &[],
        list: None,
    };
    assert_eq!(Skeleton::build(&parts).unwrap_err(), BuildError::SenderNotAscii("ü@example.org".into()));
}

/// Text as a body holds it: no marks, no controls but line ends and tabs.
fn body_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~]{0,90}",
        "[a-z .]{0,10}\n",
        "(From |\\.|--|=|\t| ){1,3}",
        "[\u{600}-\u{6FF} ]{0,60}",
        "\\PC{0,40}",
    ];
    prop::collection::vec(piece, 0..12)
        .prop_map(|pieces| pieces.concat().replace(crate::domain::slot::is_noncharacter, ""))
}

/// Text for headers: anything at all, hostile included.
fn header_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{1,200}",
        "\\PC{1,120}",
        ".{1,60}",
        "[\u{600}-\u{6FF} ]{1,200}",
        "(=\\?|\\?=|\"|\\\\|<|>|@|,|\r\n| ){1,20}"
    ]
}

fn escaped(value: &str) -> String {
    let value = value.replace(char::is_control, "");
    value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn first_name(message: &Message<'_>) -> String {
    message.from().unwrap().first().unwrap().name().unwrap_or_default().to_owned()
}

proptest! {
    #[test]
    fn any_subject_and_name_are_read_back(subject in header_text(), name in header_text()) {
        prop_assume!(!clean_header(&subject).is_empty());
        let mail = usual(&Case { subject: &subject, name: &name, ..Case::new() });
        assert_wire_form(&mail);
        let (head, _) = std::str::from_utf8(&mail).unwrap().split_once("\r\n\r\n").unwrap();
        prop_assert!(head.split("\r\n").all(|line| line.len() <= 78), "{}", head);
        let message = parsed(&mail);
        prop_assert_eq!(message.subject().unwrap(), clean_header(&subject));
        prop_assert_eq!(first_name(&message), clean_header(&name));
        prop_assert_eq!(message.headers().len(), 16);
    }

    #[test]
    fn any_bodies_are_read_back_with_their_slots_filled(
        before in body_text(),
        between in body_text(),
        after in body_text(),
        url in "https://[a-z]{1,20}\\.org/[!-~]{0,400}",
        day in "\\PC{0,90}",
        local in "[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}",
    ) {
        let reader = address(&format!("{local}@example.net"));
        let personal = Personal { unsubscribe_url: &url, preferences_url: &url, confirmed_on: &day, ..personal(&reader) };
        let marked = |values: [String; 4]| {
            let [a, u, p, c] = values;
            format!("{before}{a}{u}{between}{p}{after}{c}")
        };
        let html = marked([
            mark(What::Address, Where::HtmlText),
            mark(What::UnsubscribeUrl, Where::HtmlAttribute),
            mark(What::PreferencesUrl, Where::HtmlText),
            mark(What::ConfirmedOn, Where::HtmlText),
        ]);
        let text = marked([What::Address, What::UnsubscribeUrl, What::PreferencesUrl, What::ConfirmedOn].map(|what| mark(what, Where::PlainText)));
        let mail = Case { html, text, ..Case::new() }.splice(&personal);
        assert_wire_form(&mail);
        let message = parsed(&mail);
        let day = day.replace(char::is_control, "");
        let plain = [reader.as_str(), &url, &url, &day];
        prop_assert_eq!(body(&message, "text/plain"), marked(plain.map(str::to_owned)));
        prop_assert_eq!(body(&message, "text/html"), marked(plain.map(escaped)));
        prop_assert_eq!(message.to().unwrap().first().unwrap().address().unwrap(), reader.ascii());
    }

    #[test]
    fn no_value_of_one_reader_can_add_a_header(url in ".{0,1500}", id in ".{0,400}") {
        let reader = address("reader@example.net");
        let mail = Case::new().splice(&Personal { unsubscribe_url: &url, message_id: &id, ..personal(&reader) });
        assert_wire_form(&mail);
        prop_assert_eq!(parsed(&mail).headers().len(), 16);
    }
}
