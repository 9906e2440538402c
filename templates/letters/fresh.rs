//! The letters of what a reader asks to be done: their link, their data, erasing, another address.

use super::Letter;
use super::confirm::{privacy, why};
use super::frame::{Sheet, letter};
use crate::domain::letter::LetterKind;
use crate::domain::newsletter::Newsletter;
use crate::templates::texts::Texts;

/// What such a letter needs.
#[derive(Debug, Clone, Copy)]
pub struct Fresh<'a> {
    /// In whose name.
    pub newsletter: &'a Newsletter,
    /// In which language.
    pub texts: &'static Texts,
    /// The names of what they get.
    pub names: &'a str,
    /// The address it goes to.
    pub address: &'a str,
    /// When it was asked for, in words.
    pub asked_on: &'a str,
    /// Until when the link works, in words.
    pub until: &'a str,
    /// The host on which it was asked for.
    pub host: &'a str,
    /// Where the button leads.
    pub url: &'a str,
}

/// The letter of a kind; none for kinds that have letters of their own.
pub fn fresh(kind: LetterKind, with: Fresh<'_>) -> Option<Letter> {
    let texts = with.texts;
    let hour = || texts.say_of("letter-hour", "date", with.until);
    let (subject, lead, button, note) = match kind {
        LetterKind::Link => (
            "letter-link-subject",
            texts.say("letter-link-lead"),
            "manage-preferences",
            texts.say("letter-nothing-to-do"),
        ),
        LetterKind::Data => ("preferences-data", texts.say("letter-data-lead"), "me-data-button", hour()),
        LetterKind::Erase => ("me-erase-title", texts.say("letter-erase-lead"), "erase-button", hour()),
        LetterKind::Address => ("me-address-title", texts.say("letter-address-lead"), "address-button", hour()),
        LetterKind::Move => {
            ("letter-move-subject", texts.say_of("letter-move-lead", "newsletter", with.names), "move-title", hour())
        }
        LetterKind::Moved => (
            "letter-moved-subject",
            texts.say_with("letter-moved-lead", [("date", with.asked_on.into()), ("newsletter", with.names.into())]),
            "letter-moved-button",
            texts.say_of("letter-moved-until", "date", with.until),
        ),
        LetterKind::Confirm | LetterKind::Known | LetterKind::Welcome => return None,
    };
    Some(letter(&Sheet {
        newsletter: with.newsletter,
        texts,
        subject: texts.say(subject),
        preheader: lead.clone(),
        title: texts.say(subject),
        lead: vec![lead],
        list: Vec::new(),
        button: (texts.say(button), with.url.to_owned()),
        notes: vec![note],
        why: why(texts, with.address, with.asked_on, with.host),
        links: vec![privacy(texts, with.newsletter)],
    }))
}
