//! What one reader's copy of an issue of 60 KB costs: splicing it, splicing and signing it as a single mail, and as one of many copies.

use std::hint::black_box;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use week_in_review::domain::address::EmailAddress;
use week_in_review::domain::slot::{What, Where, mark};
use week_in_review::mail::copies::Copies;
use week_in_review::mail::dkim::{Signer, generate_ed25519, generate_rsa, prepend_signatures};
use week_in_review::mail::mime::{List, Mailbox, MessageParts, Personal, Skeleton};

const WORDS: &str = "Words of a story — naïve, and “quoted” — of the usual length. ";

/// A digest whose encoded message has about `kib` KiB.
fn skeleton(words: &str, kib: usize) -> Skeleton {
    let story = format!(
        "<h2><a href=\"https://harbour.example/stories/1\">A story</a></h2>\n<p style=\"margin: 0 0 16px\">{words}</p>\n"
    );
    let footer = format!(
        "<p>{} <a href=\"{}\">Preferences</a> <a href=\"{}\">Unsubscribe</a> {}</p>\n",
        mark(What::Address, Where::HtmlText),
        mark(What::PreferencesUrl, Where::HtmlAttribute),
        mark(What::UnsubscribeUrl, Where::HtmlAttribute),
        mark(What::ConfirmedOn, Where::HtmlText),
    );
    let html = story.repeat(kib * 800 / story.len()) + &footer;
    let text = words.repeat(kib * 100 / words.len())
        + &mark(What::PreferencesUrl, Where::PlainText)
        + "\n"
        + &mark(What::UnsubscribeUrl, Where::PlainText)
        + "\n";
    let from = EmailAddress::parse("digest@news.example.org").expect("a valid address");
    Skeleton::build(&MessageParts {
        from: Mailbox { name: "The Week in Review", address: &from },
        reply_to: None,
        subject: "The week in review",
        date: DateTime::parse_from_rfc3339("2026-11-20T08:30:00+01:00").expect("a valid date"),
        html: &html,
        text: &text,
        pictures: &[],
        list: Some(List {
            name: "The Week in Review",
            id: "weekly.news.example.org",
            help: Some("https://news.example.org/help"),
            owner: None,
            archive: None,
            feedback_id: Some("214:weekly:digest:weekinrev"),
        }),
    })
    .expect("parts that make a message")
}

fn personal(to: &EmailAddress) -> Personal<'_> {
    Personal {
        to,
        message_id: "214.0123456789abcdef0123@news.example.org",
        unsubscribe_url: "https://news.example.org/u/AXUAAQIDBAUGBwgAAQIDBAUGBwgJCgsMDQ4P",
        unsubscribe_mailbox: Some("u+aaaqeayeaudaocajbifqydiob4@news.example.org"),
        preferences_url: "https://news.example.org/p/AXAAAQIDBAUGBwgAAQIDBAUGBwgJCgsMDQ4P",
        confirmed_on: "3 May 2026",
    }
}

fn one_copy(criterion: &mut Criterion) {
    let to = EmailAddress::parse("reader@example.net").expect("a valid address");
    let at: DateTime<Utc> = DateTime::from_timestamp(1_795_163_400, 0).expect("a valid instant");
    let rsa = generate_rsa().and_then(|key| Signer::from_pem("news.example.org", "r1", &key)).expect("a new key signs");
    let ed25519 =
        generate_ed25519().and_then(|key| Signer::from_pem("news.example.org", "e1", &key)).expect("a new key signs");
    let english = skeleton(WORDS, 60);
    let persian = skeleton(&"هفته در یک نگاه، ایران و جهان، چه گذشت و چه خواهد شد ".repeat(3), 60);
    let mut out = Vec::new();

    let mut group = criterion.benchmark_group("one copy");
    group.throughput(Throughput::Elements(1));
    for (name, skeleton) in [("splice, quoted-printable", &english), ("splice, base64", &persian)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                out.clear();
                skeleton.splice(&personal(&to), &mut out);
                black_box(out.len())
            });
        });
    }
    for (name, signer) in [("splice and sign, RSA-2048", &rsa), ("splice and sign, Ed25519", &ed25519)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                out.clear();
                english.splice(&personal(&to), &mut out);
                prepend_signatures(std::slice::from_ref(signer), &mut out, at);
                black_box(out.len())
            });
        });
    }
    for (name, signer) in [("one of many copies, RSA-2048", rsa), ("one of many copies, Ed25519", ed25519)] {
        let copies = Copies::new(skeleton(WORDS, 60), Arc::new(vec![signer]));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                copies.write(&personal(&to), at, &mut out);
                black_box(out.len())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, one_copy);
criterion_main!(benches);
