//! The signatures of an issue, judged by OpenDKIM: both kinds of key, and every header that a reader's mail program or a filter trusts.

use crate::support::maildir::header;
use crate::support::newsroom::Newsroom;
use crate::support::opendkim;
use crate::support::process::open_folder;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};
use week_in_review::mail::dkim::{Signer, generate_ed25519, generate_rsa};

/// Headers of which nobody may add another.
const OVERSIGNED: [&str; 6] = ["From", "To", "Subject", "Date", "Reply-To", "Cc"];

/// One reader's copy of an issue, as it leaves.
fn issue() -> String {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| "reply_to = \"desk@harbour.example\"".clone_into(&mut settings.newsletter));
    newsroom.make_due(10);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "قیمت نمک در بندر"]);
    newsroom.subscribe(1);
    newsroom.send();
    let message = String::from_utf8(newsroom.outbox().remove(0)).expect("mail is ASCII");
    message.replace("\r\n", "\n").replace('\n', "\r\n")
}

/// A message once for each of its signatures, with that one alone, by the selector.
fn by_selector(message: &str) -> Vec<(String, String)> {
    let (head, body) = message.split_once("\r\n\r\n").expect("a message");
    let mut fields: Vec<String> = Vec::new();
    for line in head.split("\r\n") {
        match fields.last_mut().filter(|_| line.starts_with([' ', '\t'])) {
            Some(field) => *field += &format!("\r\n{line}"),
            None => fields.push(line.to_owned()),
        }
    }
    let (signatures, others): (Vec<_>, Vec<_>) =
        fields.into_iter().partition(|field| field.starts_with("DKIM-Signature:"));
    let rest = format!("{}\r\n\r\n{body}", others.join("\r\n"));
    let selector = |signature: &str| {
        let tags = signature.split(';').filter_map(|tag| tag.trim().strip_prefix("s=").map(str::to_owned));
        tags.into_iter().next().expect("a selector")
    };
    signatures.iter().map(|one| (selector(one), format!("{one}\r\n{rest}"))).collect()
}

/// The records that the program prints, with the selector of each.
fn records(newsroom: &Newsroom) -> Vec<(String, (String, String))> {
    let shown = newsroom.json(&["dkim", "show", "--offline", "--json"]);
    let record = |record: &serde_json::Value| {
        let name = record["name"].as_str().expect("a name").to_owned();
        let selector = name.split('.').next().expect("a label").to_owned();
        (selector, (name, record["value"].as_str().expect("a value").to_owned()))
    };
    shown.as_array().expect("a list").iter().map(record).collect()
}

#[test]
fn keys_are_changed_one_after_the_other_and_every_mail_verifies_as_long_as_its_key_is_published() {
    let folder = open_folder();
    let judge = |message: &str, records: &[(String, String)]| -> Vec<(String, bool)> {
        let one = |(selector, message): (String, String)| {
            let file = folder.path().join(&selector);
            fs::write(&file, message).expect("our own folder");
            let verifies = opendkim::complaints(&[file], records).is_empty();
            (selector, verifies)
        };
        by_selector(message).into_iter().map(one).collect()
    };
    let values = |records: &[(String, (String, String))]| records.iter().map(|(_, r)| r.clone()).collect::<Vec<_>>();
    let ed25519 = "[[mail.dkim.keys]]\nselector = \"ed1\"\nalgorithm = \"ed25519\"\n";
    let key = |selector: &str| format!("selector = \"{selector}\"\nkey_file = \"{selector}.pem\"\n");
    let dkim = |signing: &str, published: &str| {
        format!(
            "via = \"outbox\"\n[mail.dkim]\ndomain = \"harbour.example\"\n{}{ed25519}[[mail.dkim.keys]]\n{}signs = false\n",
            key(signing),
            key(published)
        )
    };
    let mut newsroom = Newsroom::new();
    newsroom.make_due(10);
    newsroom.subscribe(1);
    let issue = |newsroom: &mut Newsroom, minutes: i64, stories: [&str; 3]| {
        newsroom.make_due(minutes);
        newsroom.bring(&stories);
        let before = newsroom.outbox();
        newsroom.send();
        let new = newsroom.outbox().into_iter().find(|mail| !before.contains(mail)).expect("one more");
        String::from_utf8(new).expect("mail is ASCII").replace("\r\n", "\n").replace('\n', "\r\n")
    };

    // The next key is published before it signs.
    newsroom.set(|settings| settings.mail = dkim("spring", "autumn"));
    newsroom.done(&["dkim", "generate"]);
    let all = records(&newsroom);
    let selectors: Vec<_> = all.iter().map(|(selector, _)| selector.as_str()).collect();
    assert_eq!(selectors, ["spring", "ed1", "autumn"]);
    let all = values(&all);
    let first = issue(&mut newsroom, 8, ["Harbour fees rise", "A new ferry", "Salt prices"]);
    assert_eq!(judge(&first, &all), [("spring".to_owned(), true), ("ed1".to_owned(), true)]);

    // It takes over; the last stays published for what is still on its way.
    newsroom.set(|settings| settings.mail = dkim("autumn", "spring"));
    let second = issue(&mut newsroom, 3, ["Tide tables", "A lighthouse sold", "The pilots' strike"]);
    assert_eq!(judge(&second, &all), [("autumn".to_owned(), true), ("ed1".to_owned(), true)]);
    assert_eq!(judge(&first, &all), [("spring".to_owned(), true), ("ed1".to_owned(), true)]);

    // Gone from DNS, it proves nothing any more.
    assert_eq!(judge(&first, &all[1..]), [("spring".to_owned(), false), ("ed1".to_owned(), true)]);
}

#[test]
fn newsletters_of_two_houses_are_signed_each_by_its_own_and_change_their_keys_apart() {
    let second = "[[newsletters]]\nslug = \"ports\"\ntitle = \"Ports Today\"\nschedule = \"0 5 1 1 *\"\nfrom_address = \"desk@ports.example\"\n\
        [[newsletters.sections]]\nslug = \"all\"\ntitle = \"All\"\nrest = true\n";
    // The domain that changes its key, with the selector that signs and the one that is published only.
    let mail = |signing: &str, published: &str| {
        format!(
            "via = \"outbox\"\n[mail.dkim]\ndomain = \"harbour.example\"\nselector = \"spring\"\nkey_file = \"harbour.pem\"\n\
             [[mail.dkim.keys]]\ndomain = \"ports.example\"\nselector = \"{signing}\"\n\
             [[mail.dkim.keys]]\ndomain = \"ports.example\"\nselector = \"{published}\"\nsigns = false\n"
        )
    };
    let folder = open_folder();
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| {
        settings.sources += second;
        settings.mail = mail("spring", "autumn");
    });
    newsroom.done(&["dkim", "generate"]);
    let published: Vec<_> = records(&newsroom).into_iter().map(|(_, record)| record).collect();
    assert_eq!(published.len(), 3, "{published:?}");
    newsroom.subscribe(1);
    fs::write(newsroom.path("ports.csv"), "email,status,confirmed_at\njo@reader.example,active,2026-01-05T09:00:00Z\n")
        .expect("our own folder");
    newsroom.done(&["subscribers", "import", "ports.csv", "--newsletter", "ports"]);

    // The signatures of the next issue of a newsletter, as domain and selector; each must verify.
    let signed_by = |newsroom: &Newsroom, slug: &str, stories: [&str; 3]| -> Vec<String> {
        newsroom.bring(&stories);
        let before = newsroom.outbox();
        newsroom.done(&["send", "--newsletter", slug, "--early", "--yes"]);
        let new: Vec<_> = newsroom.outbox().into_iter().filter(|mail| !before.contains(mail)).collect();
        let [mail] = new.as_slice() else { panic!("one reader, one mail: {}", new.len()) };
        let mail = String::from_utf8_lossy(mail).replace("\r\n", "\n").replace('\n', "\r\n");
        let names = by_selector(&mail).into_iter().map(|(selector, message)| {
            let file = folder.path().join(format!("{slug}-{selector}"));
            let tags = message.split("\r\n\r\n").next().unwrap_or_default().to_owned();
            fs::write(&file, message).expect("our own folder");
            assert_eq!(opendkim::complaints(&[file], &published), [""; 0], "{slug} by {selector}");
            let domain = tags.split(';').find_map(|tag| tag.trim().strip_prefix("d=").map(str::to_owned));
            format!("{} {selector}", domain.expect("a domain"))
        });
        names.collect()
    };
    let stories = ["Harbour fees rise", "A new ferry", "Salt prices"];
    assert_eq!(signed_by(&newsroom, "week", stories), ["harbour.example spring"]);
    assert_eq!(signed_by(&newsroom, "ports", stories), ["ports.example spring"]);

    newsroom.set(|settings| settings.mail = mail("autumn", "spring"));
    let stories = ["Tide tables", "A lighthouse sold", "The pilots' strike"];
    assert_eq!(signed_by(&newsroom, "week", stories), ["harbour.example spring"], "the other house changes nothing");
    assert_eq!(signed_by(&newsroom, "ports", stories), ["ports.example autumn"]);
}

#[test]
fn both_kinds_of_signature_verify_and_break_when_a_header_is_changed_or_added() {
    let message = issue();
    let (head, _) = message.split_once("\r\n\r\n").expect("a message");
    let own: BTreeSet<&str> = head.lines().filter_map(|line| line.split_once(": ")).map(|(name, _)| name).collect();
    assert!(own.is_superset(&["From", "Reply-To", "List-Unsubscribe", "List-Post", "Feedback-ID"].into()), "{own:?}");
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
        // Whatever we write, nobody may change on the way.
        for name in &own {
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

#[test]
fn what_one_of_several_relays_writes_anew_is_signed_for_none_of_them() {
    let relay = |kind: &str, more: &str| {
        format!("[[mail.relays]]\nvia = \"sendmail\"\ncommand = [\"/bin/sh\", \"program\"]\nkind = \"{kind}\"\n{more}")
    };
    let dkim = "[mail.dkim]\ndomain = \"harbour.example\"\nselector = \"spring\"\nkey_file = \"spring.pem\"\n";
    for (usual, spare) in [("smtp", "ses"), ("ses", "postmark"), ("postmark", "ses")] {
        let mut newsroom = Newsroom::new();
        newsroom.set(|settings| settings.mail = relay(usual, "") + &relay(spare, "fallback = true\n") + dkim);
        fs::write(newsroom.path("program"), "cat > taken\n").expect("our own folder");
        newsroom.done(&["dkim", "generate"]);
        newsroom.make_due(5);
        newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
        newsroom.subscribe(1);
        assert_eq!(newsroom.send()["accepted"], 1);
        let taken = fs::read(newsroom.path("taken")).expect("it was given");
        let signature = header(&taken, "DKIM-Signature").expect("signed").replace(' ', "");
        let (_, names) = signature.split_once(";h=").expect("the headers that it covers");
        let names: Vec<&str> = names.split(';').next().unwrap_or_default().split(':').collect();
        assert!(names.contains(&"from") && names.contains(&"subject"), "{names:?}");
        assert!(!names.contains(&"date") && !names.contains(&"message-id"), "{usual}, {spare}: {names:?}");
    }
}
