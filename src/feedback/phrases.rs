//! What mail systems write when they refuse, by cause: the stems of sentences, in lower case, as many systems word them. A sentence counts for every
//! cause that it speaks of; which of them wins is not decided here.

use crate::domain::refusal::Cause;
use std::sync::LazyLock;

/// A list of phrases: a file with one a line, in lower case; `…` in a phrase is anything within a sentence, lines that begin with `#` are remarks.
#[derive(Debug)]
pub(super) struct Phrases(Vec<&'static str>);

impl Phrases {
    /// Reads a list.
    pub(super) fn of(list: &'static str) -> Self {
        Self(list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect())
    }

    /// Whether a text that [`plain`] made has one of them.
    pub(super) fn any_in(&self, text: &str) -> bool {
        self.0.iter().any(|phrase| matches(text, phrase))
    }

    /// Each of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }
}

/// The causes that a text speaks of.
#[derive(Debug, Default)]
pub(super) struct Said(Vec<Cause>);

impl Said {
    /// The first of some causes that the text speaks of.
    pub(super) fn first_of(&self, causes: &[Cause]) -> Option<Cause> {
        causes.iter().copied().find(|cause| self.0.contains(cause))
    }
}

/// Which causes a text speaks of.
pub(super) fn said(text: &str) -> Said {
    let plain = plain(text);
    Said(PHRASES.iter().filter(|(_, phrases)| phrases.any_in(&plain)).map(|(cause, _)| *cause).collect())
}

/// Longer diagnoses repeat themselves.
const LOOKED_AT: usize = 4_000;

/// Lower case, runs of white space as one blank, typographic apostrophes as plain ones, continued replies (`550-5.1.1 …`) joined.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LOOKED_AT));
    for word in text.split_whitespace() {
        if out.len() > LOOKED_AT {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().flat_map(char::to_lowercase).map(|c| if c == '\u{2019}' { '\'' } else { c }));
    }
    out
}

/// A phrase stands in a text; `…` in it is anything within a sentence's length.
fn matches(text: &str, phrase: &str) -> bool {
    let Some((first, rest)) = phrase.split_once('…') else { return stands_in(text, phrase) };
    text.match_indices(first).any(|(at, _)| {
        let after = &text[at + first.len()..];
        let end = after.char_indices().nth(120).map_or(after.len(), |(end, _)| end);
        matches(&after[..end], rest)
    })
}

/// A short word counts only by itself: "ube" does not stand in "tube".
fn stands_in(text: &str, phrase: &str) -> bool {
    if phrase.len() > 5 || !phrase.is_ascii() || !phrase.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return text.contains(phrase);
    }
    let in_word = |c: char| c.is_alphanumeric();
    text.match_indices(phrase)
        .any(|(at, _)| !text[..at].ends_with(in_word) && !text[at + phrase.len()..].starts_with(in_word))
}

/// The lists, cause by cause.
const LISTS: [(Cause, &str); 20] = [
    (Cause::NoMailbox, include_str!("words/no_mailbox.txt")),
    (Cause::NoMailbox, include_str!("words/no_mailbox_elsewhere.txt")),
    (Cause::NoDomain, include_str!("words/no_domain.txt")),
    (Cause::Moved, include_str!("words/moved.txt")),
    (Cause::TakesNoMail, include_str!("words/takes_no_mail.txt")),
    (Cause::Full, include_str!("words/full.txt")),
    (Cause::Disabled, include_str!("words/disabled.txt")),
    (Cause::TooLarge, include_str!("words/too_large.txt")),
    (Cause::Restricted, include_str!("words/restricted.txt")),
    (Cause::Reputation, include_str!("words/reputation.txt")),
    (Cause::Authentication, include_str!("words/authentication.txt")),
    (Cause::Spam, include_str!("words/spam.txt")),
    (Cause::TooFast, include_str!("words/too_fast.txt")),
    (Cause::Sender, include_str!("words/sender.txt")),
    (Cause::Content, include_str!("words/content.txt")),
    (Cause::Policy, include_str!("words/policy.txt")),
    (Cause::Relaying, include_str!("words/relaying.txt")),
    (Cause::Expired, include_str!("words/expired.txt")),
    (Cause::Network, include_str!("words/network.txt")),
    (Cause::System, include_str!("words/system.txt")),
];

/// The lists as they are searched.
static PHRASES: LazyLock<Vec<(Cause, Phrases)>> =
    LazyLock::new(|| LISTS.iter().map(|(cause, list)| (*cause, Phrases::of(list))).collect());

#[cfg(test)]
mod tests {
    use super::*;

    fn speaks_of(text: &str, cause: Cause) -> bool {
        said(text).first_of(&[cause]).is_some()
    }

    #[test]
    fn a_phrase_may_have_a_gap_but_none_over_sentences() {
        assert!(matches("quota for jo exceeded", "quota …exceeded"));
        assert!(!matches(&format!("quota {} exceeded", "x".repeat(200)), "quota …exceeded"));
    }

    #[test]
    fn other_languages_are_understood() {
        for text in [
            "Der Empfänger existiert nicht",
            "Utilisateur inconnu",
            "пользователь не найден",
            "宛先不明",
            "用户不存在",
            "usuário desconhecido",
        ] {
            assert!(speaks_of(text, Cause::NoMailbox), "{text}");
        }
        for text in [
            "Postfach voll",
            "boîte du destinataire pleine",
            "ящик переполнен",
            "信箱已满",
            "casella del destinatario piena",
        ] {
            assert!(speaks_of(text, Cause::Full), "{text}");
        }
    }
}
