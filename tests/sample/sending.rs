//! An issue in the middle of being sent to as many readers as a test needs, put into a database by the library's own verbs.

use super::{at, line, newsletter};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use week_in_review::domain::address::EmailAddress;
use week_in_review::domain::fit::Fit;
use week_in_review::domain::issue::{Choice, Issue, IssueId, IssueState};
use week_in_review::domain::newsletter::Newsletter;
use week_in_review::domain::schedule::Occurrence;
use week_in_review::domain::standing::{Stage, Standing};
use week_in_review::domain::text::Line;
use week_in_review::domain::window::Window;
use week_in_review::store::Store;
use week_in_review::store::StoreError;
use week_in_review::store::issues::{NewIssue, Variant};
use week_in_review::store::subscribers::NewSubscriber;

/// Readers that are written in one transaction.
const SLICE: i64 = 10_000;

/// The address of the `n`th reader, whose row it is.
pub fn reader(n: i64) -> String {
    let domain = if n % 3 == 0 { "gmail.com" } else { "readers.example" };
    format!("reader{n}@{domain}")
}

/// The newsletter that is sent; its slug is `week`.
pub fn week_newsletter() -> Newsletter {
    newsletter("en", "The Week", "The Meridian", Vec::new())
}

/// Adds readers 1 to `readers` and freezes an issue of one variant for them.
pub fn sending(store: &Store, readers: i64, html: &str, text: &str, now: DateTime<Utc>) -> IssueId {
    let newsletter = week_newsletter();
    let row = store.newsletter_id(&newsletter.slug, now).unwrap();
    let mut first = 1;
    while first <= readers {
        let last = readers.min(first + SLICE - 1);
        add_readers(store, row, first..=last, now);
        first = last + 1;
    }
    freeze(store, newsletter, row, html, text, now)
}

fn add_readers(store: &Store, newsletter: u16, numbers: std::ops::RangeInclusive<i64>, now: DateTime<Utc>) {
    let standing = Standing {
        stage: Stage::Active,
        asked_at: Some(now),
        confirmed_at: Some(now),
        paused_until: None,
        left_at: None,
        choice: Choice::Everything,
    };
    store
        .change_people(|people| {
            for n in numbers {
                let mut hash = [0; 32];
                hash[..8].copy_from_slice(&n.to_be_bytes());
                let id = people.insert_subscriber(&NewSubscriber {
                    public_id: n.to_be_bytes(),
                    address: &EmailAddress::parse(&reader(n)).unwrap(),
                    hash,
                    name: &Line::default(),
                    language: None,
                    created_at: now,
                })?;
                assert_eq!(id.0, n, "the database was empty");
                people.put_standing(id, newsletter, &standing)?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

fn freeze(store: &Store, newsletter: Newsletter, row: u16, html: &str, text: &str, now: DateTime<Utc>) -> IssueId {
    let language = newsletter.language.clone();
    let occurrence = Occurrence::new(now.naive_utc(), Tz::UTC, now);
    let window = Window::new(now - TimeDelta::days(7), now).unwrap();
    let issue = Issue { subject: line("The week"), ..Issue::empty(newsletter, 1, occurrence, window) };
    let new = NewIssue {
        newsletter: row,
        occurrence,
        window,
        state: IssueState::Approved,
        reason: None,
        content: Some(&issue),
    };
    let id = store.insert_issue(&new, now).unwrap().unwrap();
    let wishes = store.wishes(row, &language, now).unwrap();
    let variants: Vec<Variant> = wishes
        .iter()
        .take(1)
        .map(|wish| Variant {
            cut_key: "all".into(),
            language: wish.language.clone(),
            format: wish.format,
            subject: "The week".into(),
            html: html.to_owned(),
            text: text.to_owned(),
            stories: 1,
            fit: Fit::default(),
        })
        .collect();
    let wishes: Vec<_> = wishes.into_iter().map(|wish| (wish, Some(0))).collect();
    store.freeze_issue(id, &variants, &wishes, &language, now).unwrap().unwrap();
    id
}

/// The instant that benchmarks freeze their issue at.
pub fn friday() -> DateTime<Utc> {
    at("2026-11-20T17:00:00Z")
}
