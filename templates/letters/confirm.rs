//! The letters of signing up: the question, the answer to somebody who is subscribed already, and the welcome.

use super::Letter;
use super::frame::{Sheet, letter};
use crate::domain::newsletter::Newsletter;
use crate::templates::texts::Texts;
use crate::templates::writing::isolate;
use fluent_bundle::FluentValue;

/// What the question needs.
#[derive(Debug, Clone, Copy)]
pub struct Confirm<'a> {
    /// In whose name: the first newsletter that was asked for.
    pub newsletter: &'a Newsletter,
    /// In which language.
    pub texts: &'static Texts,
    /// The names of all that was asked for.
    pub names: &'a [&'a str],
    /// The titles of the topics, where some were chosen.
    pub topics: &'a [&'a str],
    /// The address that is asked.
    pub address: &'a str,
    /// When it was asked for, in words.
    pub asked_on: &'a str,
    /// Until when the link works, in words.
    pub until: &'a str,
    /// The host on which it was asked for.
    pub host: &'a str,
    /// The page with the button.
    pub url: &'a str,
}

/// Asks whether a subscription was meant: short, without content or pictures, with one link that matters.
pub fn confirm(with: Confirm<'_>) -> Letter {
    let texts = with.texts;
    let names = texts.list(with.names.iter().copied());
    let mut lead = vec![texts.say_of("letter-confirm-lead", "newsletter", &names)];
    if !with.topics.is_empty() {
        lead.push(texts.say_of("confirm-topics", "name", &texts.list(with.topics.iter().copied())));
    }
    letter(&Sheet {
        newsletter: with.newsletter,
        texts,
        subject: texts.say_of("letter-confirm-subject", "newsletter", &names),
        preheader: texts.say_of("letter-confirm-preheader", "newsletter", &names),
        title: texts.say("letter-confirm-title"),
        lead,
        list: Vec::new(),
        button: (texts.say("confirm-button"), with.url.to_owned()),
        notes: vec![texts.say_of("letter-confirm-until", "date", with.until)],
        why: why(texts, with.address, with.asked_on, with.host),
        links: vec![privacy(texts, with.newsletter)],
    })
}

/// What the answer to a subscriber needs.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// In whose name.
    pub newsletter: &'a Newsletter,
    /// In which language.
    pub texts: &'static Texts,
    /// The names of what was asked for.
    pub names: &'a [&'a str],
    /// Their address.
    pub address: &'a str,
    /// When it was asked for, in words.
    pub asked_on: &'a str,
    /// The host on which it was asked for.
    pub host: &'a str,
    /// Their private page.
    pub url: &'a str,
}

/// Tells somebody who asked again that it comes already.
pub fn known(with: Known<'_>) -> Letter {
    let texts = with.texts;
    let names = texts.list(with.names.iter().copied());
    letter(&Sheet {
        newsletter: with.newsletter,
        texts,
        subject: texts.say_of("letter-known-subject", "newsletter", &names),
        preheader: texts.say("letter-known-preheader"),
        title: texts.say("letter-known-title"),
        lead: vec![texts.say_of("letter-known-lead", "newsletter", &names)],
        list: Vec::new(),
        button: (texts.say("manage-preferences"), with.url.to_owned()),
        notes: vec![texts.say("letter-nothing-to-do")],
        why: why(texts, with.address, with.asked_on, with.host),
        links: vec![privacy(texts, with.newsletter)],
    })
}

/// What the welcome needs.
#[derive(Debug, Clone, Copy)]
pub struct Welcome<'a> {
    /// In whose name: the first newsletter that was confirmed.
    pub newsletter: &'a Newsletter,
    /// In which language.
    pub texts: &'static Texts,
    /// The names of what was confirmed.
    pub names: &'a [&'a str],
    /// Their address.
    pub address: &'a str,
    /// When they confirmed, in words.
    pub confirmed_on: &'a str,
    /// When the next issue comes, in words; none while no date is set.
    pub next: Option<&'a str>,
    /// Number of the latest issue.
    pub number: u32,
    /// Its stories: title and address.
    pub stories: &'a [(String, String)],
    /// Its page.
    pub issue_url: &'a str,
    /// Their private page.
    pub preferences_url: &'a str,
    /// The page that ends it.
    pub unsubscribe_url: &'a str,
}

/// Greets somebody who confirmed, with the way to the latest issue.
pub fn welcome(with: Welcome<'_>) -> Letter {
    let texts = with.texts;
    let names = texts.list(with.names.iter().copied());
    let address = isolate(with.address, texts.direction());
    let mut lead = vec![texts.say_with(
        "letter-welcome-lead",
        [("newsletter", FluentValue::from(names.as_str())), ("address", FluentValue::from(address.as_str()))],
    )];
    lead.extend(with.next.map(|next| texts.say_of("confirmed-next", "date", next)));
    letter(&Sheet {
        newsletter: with.newsletter,
        texts,
        subject: texts.say_of("letter-welcome-subject", "newsletter", &names),
        preheader: texts.say("letter-welcome-preheader"),
        title: texts.say("letter-welcome-title"),
        lead,
        list: with.stories.to_vec(),
        button: (texts.say_with("read-latest", [("number", with.number.into())]), with.issue_url.to_owned()),
        notes: Vec::new(),
        why: texts.say_with(
            "why-you",
            [
                ("newsletter", FluentValue::from(names)),
                ("address", FluentValue::from(address)),
                ("date", FluentValue::from(with.confirmed_on)),
            ],
        ),
        links: vec![
            (texts.say("manage-preferences"), with.preferences_url.to_owned()),
            (texts.say("unsubscribe"), with.unsubscribe_url.to_owned()),
            privacy(texts, with.newsletter),
        ],
    })
}

/// Why a letter came that somebody asked for.
pub(super) fn why(texts: &Texts, address: &str, asked_on: &str, host: &str) -> String {
    texts.say_with(
        "letter-why",
        [
            ("address", FluentValue::from(isolate(address, texts.direction()))),
            ("date", FluentValue::from(asked_on)),
            ("name", FluentValue::from(isolate(host, texts.direction()))),
        ],
    )
}

pub(super) fn privacy(texts: &Texts, newsletter: &Newsletter) -> (String, String) {
    (texts.say("privacy-how"), newsletter.publication.privacy_url.to_string())
}
