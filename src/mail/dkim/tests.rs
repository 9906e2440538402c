//! Signatures read by a verifier that shares nothing with the signer, and what breaks them.

use aws_lc_rs::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use super::*;

const MESSAGE: &str = "From: A <a@news.example.org>\r\nTo: <b@example.net>\r\nSubject:  two\r\n\t lines \r\n\
    Date: Mon, 23 Nov 2026 07:00:00 +0000\r\nX-Other: 1\r\nList-Id: <w.example.org>\r\n\r\n a  b\t \r\n\r\n.c\r\n\r\n \r\n";

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_163_400, 0).unwrap()
}

fn rsa() -> Signer {
    Signer::from_pem("news.example.org", "s1", &generate_rsa().unwrap()).unwrap()
}

fn signed(signer: &Signer, message: &str) -> String {
    format!("{}{message}", String::from_utf8(signer.sign(message.as_bytes(), at())).unwrap())
}

/// A verifier that shares nothing with the signer but the RFC: it works on text, with other means.
fn verifies(record: &DnsRecord, message: &str) -> bool {
    let (head, body) = message.split_once("\r\n\r\n").unwrap();
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", "\t");
    let mut fields: Vec<(String, String)> = unfolded.split("\r\n").map(canonical_field).collect();
    let (_, signature) = fields.remove(0);
    let tag = |name: &str| {
        let tags = signature.split(';').map(|tag| tag.trim().split_once('=').unwrap());
        tags.filter(|(n, _)| *n == name).map(|(_, v)| v.replace(' ', "")).next().unwrap()
    };
    let mut lines: Vec<String> = body.split("\r\n").map(|line| squeeze(line).trim_end().to_owned()).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    let body = lines.iter().fold(String::new(), |body, line| body + line + "\r\n");
    if tag("bh") != STANDARD.encode(digest(&SHA256, body.as_bytes())) {
        return false;
    }
    let mut text = String::new();
    for name in tag("h").split(':') {
        if let Some(at) = fields.iter().rposition(|(n, _)| n == name) {
            let (name, value) = fields.remove(at);
            text = text + &name + ":" + &value + "\r\n";
        }
    }
    let unsigned = &signature[..signature.rfind("b=").unwrap() + 2];
    text = text + "dkim-signature:" + unsigned;
    let key = STANDARD.decode(record.value.split("p=").nth(1).unwrap()).unwrap();
    let octets = STANDARD.decode(tag("b")).unwrap();
    if tag("a") == "rsa-sha256" {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(text.as_bytes(), &octets).is_ok()
    } else {
        let hash = digest(&SHA256, text.as_bytes());
        UnparsedPublicKey::new(&ED25519, key).verify(hash.as_ref(), &octets).is_ok()
    }
}

fn canonical_field(field: &str) -> (String, String) {
    let (name, value) = field.split_once(':').unwrap();
    (name.trim().to_lowercase(), squeeze(value).trim().to_owned())
}

fn squeeze(text: &str) -> String {
    let mut text = text.replace('\t', " ");
    while text.contains("  ") {
        text = text.replace("  ", " ");
    }
    text
}

#[test]
fn signatures_of_both_kinds_verify() {
    let ed25519 = Signer::from_pem("news.example.org", "e1", &generate_ed25519().unwrap()).unwrap();
    for signer in [rsa(), ed25519] {
        assert!(verifies(&signer.dns_record(), &signed(&signer, MESSAGE)), "{signer:?}");
    }
}

#[test]
fn a_changed_body_a_changed_subject_and_a_second_from_break_the_signature() {
    let signer = rsa();
    let mail = signed(&signer, MESSAGE);
    for changed in [
        mail.replace(".c\r\n", ".d\r\n"),
        mail.replace("two", "too"),
        mail.replace("X-Other: 1", "From: x@example.com"),
        mail.replace("X-Other: 1", "Cc: x@example.com"),
        mail.replace("X-Other: 1", "Reply-To: x@example.com"),
    ] {
        assert!(!verifies(&signer.dns_record(), &changed), "{changed}");
    }
}

#[test]
fn what_transit_may_change_leaves_the_signature_whole() {
    let signer = rsa();
    let mail = signed(&signer, MESSAGE).replace("two\r\n\t lines ", "two lines").replace("X-Other: 1", "X-Other: 2");
    assert!(verifies(&signer.dns_record(), &format!("{mail}\r\n\r\n")));
}

#[test]
fn the_signature_is_dated_and_covers_the_whole_body() {
    let header = String::from_utf8(rsa().sign(MESSAGE.as_bytes(), at())).unwrap();
    assert!(header.contains(" t=1795163400;"), "{header}");
    assert!(!header.contains(" l="), "{header}");
    assert!(header.lines().all(|line| line.len() <= 78), "{header}");
}

#[test]
fn a_canonical_body_is_hashed_as_it_stands_and_any_other_is_made_canonical() {
    for (body, relaxed) in [
        ("a b\r\n", "a b\r\n"),
        ("", ""),
        ("\r\n", ""),
        ("\r\n\r\n", ""),
        ("a", "a\r\n"),
        (" a\r\n", " a\r\n"),
        ("  a \t b\t\r\n\r\nc\r\n \r\n", " a b\r\n\r\nc\r\n"),
    ] {
        assert_eq!(String::from_utf8(relaxed_body(body.as_bytes()).into_owned()).unwrap(), relaxed, "{body:?}");
    }
}

#[test]
fn the_dns_record_is_cut_at_255_octets() {
    let record = rsa().dns_record();
    assert_eq!(record.name, "s1._domainkey.news.example.org");
    assert!(record.value.starts_with("v=DKIM1; k=rsa; p=MII"), "{record}");
    assert_eq!(record.strings().len(), 2);
    assert!(record.strings().iter().all(|string| string.len() <= 255));
    assert_eq!(record.strings().concat(), record.value);
}

#[test]
fn what_is_no_key_or_no_name_is_refused() {
    let key = generate_ed25519().unwrap();
    let error = |domain: &str, selector: &str, pem: &SecretString| Signer::from_pem(domain, selector, pem).unwrap_err();
    assert_eq!(error("example.org", "s", &"junk".into()), KeyError::NotAKey("s".into()));
    assert_eq!(error("example.org", "s; x=", &key), KeyError::BadName("s; x=".into()));
    assert_eq!(error("ex ample.org", "s", &key), KeyError::BadName("ex ample.org".into()));
}

#[test]
fn a_signer_does_not_print_its_key() {
    assert_eq!(format!("{:?}", rsa()), "Signer(s1._domainkey.news.example.org, rsa-sha256)");
}

#[test]
fn the_keys_of_the_senders_domain_sign_and_others_only_where_there_is_none() {
    let signer =
        |domain: &str, selector: &str| Signer::from_pem(domain, selector, &generate_ed25519().unwrap()).unwrap();
    let signers = [
        signer("example.org", "a"),
        signer("news.example.org", "b"),
        signer("news.example.org", "c"),
        signer("example.net", "d"),
    ];
    let selectors = |domain: &str| {
        let message = format!("From: Week <week@{domain}>\r\n\r\n");
        fitting(&signers, message.as_bytes()).iter().map(|signer| signer.selector().to_owned()).collect::<String>()
    };
    for (domain, expected) in [
        ("example.org", "a"),
        ("x.example.org", "a"),
        ("news.example.org", "bc"),
        ("notexample.org", "abcd"),
        ("example.net", "d"),
    ] {
        assert_eq!(selectors(domain), expected);
    }
    let message = b"From: =?utf-8?q?x?= <week@news.example.org>\r\nTo: <jo@example.com>\r\n\r\nx\r\n";
    assert_eq!(from_domain(message), b"news.example.org");
    let mut message = message.to_vec();
    prepend_signatures(&signers, &mut message, DateTime::UNIX_EPOCH);
    let text = String::from_utf8(message).unwrap();
    assert_eq!(text.matches("DKIM-Signature:").count(), 2);
    assert!(!text.contains(" l="));
}

#[test]
fn every_header_that_a_mail_of_ours_may_have_is_signed() {
    use crate::domain::address::EmailAddress;
    use crate::mail::mime::{List, Mailbox, MessageParts, Personal, Skeleton};
    let address = EmailAddress::parse("week@news.example.org").unwrap();
    let list = List {
        name: "The week",
        id: "week.news.example.org",
        help: Some("mailto:jo@example.org"),
        owner: Some("mailto:jo@example.org"),
        archive: Some("https://news.example.org/week"),
        feedback_id: Some("214:week:newsletter:example"),
    };
    let parts = MessageParts {
        from: Mailbox { name: "The week", address: &address },
        reply_to: Some(Mailbox { name: "", address: &address }),
        subject: "The week",
        date: at().fixed_offset(),
        html: "<p>x</p>",
        text: "x",
        pictures: &[],
        list: Some(list),
    };
    let personal = Personal {
        to: &address,
        message_id: "1@news.example.org",
        unsubscribe_url: "https://news.example.org/u/a",
        unsubscribe_mailbox: None,
        preferences_url: "https://news.example.org/p/a",
        confirmed_on: "",
    };
    let mut message = Vec::new();
    Skeleton::build(&parts).unwrap().splice(&personal, &mut message);
    let (head, _) = split(&message);
    let own: Vec<String> =
        fields(head).into_iter().map(|field| String::from_utf8_lossy(field_name(field)).to_lowercase()).collect();
    assert!(own.contains(&"list-archive".to_owned()) && own.contains(&"reply-to".to_owned()), "{own:?}");
    let header = String::from_utf8(rsa().sign(&message, at())).unwrap().replace("\r\n", "").replace(' ', "");
    let signed: Vec<&str> = header.split(";h=").nth(1).unwrap().split(';').next().unwrap().split(':').collect();
    let unsigned: Vec<_> = own.iter().filter(|name| !signed.contains(&name.as_str())).collect();
    assert!(unsigned.is_empty(), "{unsigned:?} of {own:?}");
}

#[test]
fn headers_that_the_relay_replaces_are_not_signed() {
    let signer = Signer::from_pem("example.org", "a", &generate_ed25519().unwrap()).unwrap();
    let signer = signer.leaving_out(&["date", "message-id"]);
    let header = signer
        .sign(b"From: x@example.org\r\nDate: x\r\nMessage-ID: <1@x>\r\nTo: y@z\r\n\r\nx\r\n", DateTime::UNIX_EPOCH);
    let header = String::from_utf8(header).unwrap();
    assert!(
        header.contains("h=from:from:to:to:") && !header.contains("date") && !header.contains("message-id"),
        "{header}"
    );
}
