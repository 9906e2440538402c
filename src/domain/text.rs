//! Text that came from outside and has been made safe once, at the edge; the types say so further in.

use crate::domain::slot::is_noncharacter;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One line of plain text: no control characters, noncharacters, C1 controls or direction overrides; white space folded; no markup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line(String);

/// The most characters a line keeps; longer ones are cut at a word with an ellipsis.
pub const LINE_LIMIT: usize = 1_000;

impl Line {
    /// Makes a line of any text. Never fails: what cannot stand is removed.
    pub fn clean(text: &str) -> Self {
        Self::clean_to(text, LINE_LIMIT)
    }

    /// Like [`Self::clean`], with a limit in characters.
    pub fn clean_to(text: &str, limit: usize) -> Self {
        if text.len() < limit && is_line_already(text) {
            return Self(text.to_owned());
        }
        let mut out = String::with_capacity(text.len().min(4 * limit));
        let mut count = 0;
        for word in text.split(|c: char| c.is_whitespace() || c == '\u{85}').filter(|w| !w.is_empty()) {
            let word = only(word, may_stand);
            if word.is_empty() {
                continue;
            }
            let length = word.chars().count();
            if count + length + 1 > limit {
                if out.is_empty() {
                    out.extend(word.chars().take(limit.saturating_sub(1)));
                }
                out.push('…');
                return Self(out);
            }
            if !out.is_empty() {
                out.push(' ');
                count += 1;
            }
            out.push_str(&word);
            count += length;
        }
        Self(out)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a text is printable ASCII with single blanks between its words, as most lines are.
fn is_line_already(text: &str) -> bool {
    let bytes = text.as_bytes();
    let printable = |bytes: &[u8]| bytes.iter().fold(true, |all, b| all & matches!(b, b' '..=b'~'));
    bytes.chunks(64).all(printable) && !bytes.starts_with(b" ") && !bytes.ends_with(b" ") && !text.contains("  ")
}

/// The text without the characters that `keep` refuses; itself, if that is none. Printable ASCII is always kept.
pub fn only(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    let Some(first) = first_refused(text, &keep) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    out.extend(text[first..].chars().filter(|c| matches!(c, ' '..='~') || keep(*c)));
    Cow::Owned(out)
}

/// Where the first character stands that is not kept. Nearly all text is ASCII or nearly so, which is read by the chunk.
fn first_refused(text: &str, keep: impl Fn(char) -> bool) -> Option<usize> {
    const CHUNK: usize = 16;
    let mut at = 0;
    loop {
        let chunks = text.as_bytes()[at..].chunks_exact(CHUNK);
        at +=
            CHUNK * chunks.take_while(|chunk| chunk.iter().fold(true, |all, b| all & matches!(b, b' '..=b'~'))).count();
        let c = text[at..].chars().next()?;
        if !matches!(c, ' '..='~') && !keep(c) {
            return Some(at);
        }
        at += c.len_utf8();
    }
}

/// Whether a character may stand in text from outside. ZWJ and ZWNJ stay: Persian and emoji need them. Direction marks stay, overrides and
/// embeddings go: they can turn the rest of a line around. C1 controls go: one U+0092 alone has made Gmail clip a mail.
pub fn may_stand(c: char) -> bool {
    !(c.is_control()
        || is_noncharacter(c)
        || matches!(c, '\u{00AD}' | '\u{200B}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}'))
}

/// HTML from outside that the cleaner has reduced to a small set of elements with absolute https, http or mailto links.
///
/// Only `collect::clean` makes one; the store reads back what it was given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CleanHtml(String);

impl CleanHtml {
    /// Takes the cleaner's word for it. Called by `collect::clean` and when reading what it stored.
    pub fn from_cleaner(html: String) -> Self {
        Self(html)
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The direction in which a text runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Left to right.
    #[default]
    Ltr,
    /// Right to left.
    Rtl,
}

/// A language as BCP 47 writes it, lower-cased: `en`, `fa`, `pt-br`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

/// A text that is no language tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a language tag such as \"en\" or \"pt-br\"")]
pub struct LanguageError(String);

impl Language {
    /// English, in which the fixed texts are complete by definition.
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// Reads a tag; `en_US` and `EN-us` become `en-us`.
    pub fn parse(text: &str) -> Result<Self, LanguageError> {
        let tag = text.trim().replace('_', "-").to_ascii_lowercase();
        let primary = tag.split('-').next().unwrap_or_default();
        let sound = (2..=8).contains(&primary.len())
            && primary.bytes().all(|b| b.is_ascii_alphabetic())
            && tag.len() <= 35
            && tag
                .split('-')
                .all(|part| !part.is_empty() && part.len() <= 8 && part.bytes().all(|b| b.is_ascii_alphanumeric()));
        if sound { Ok(Self(tag)) } else { Err(LanguageError(text.to_owned())) }
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The primary subtag: `pt` of `pt-br`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or("en")
    }

    /// The tag as it is usually written (BCP 47, 2.1.1): `en-US`, `zh-Hant`.
    pub fn with_usual_case(&self) -> String {
        let usual = |(at, part): (usize, &str)| match part.len() {
            2 if at > 0 => part.to_ascii_uppercase(),
            4 if at > 0 => format!("{}{}", part[..1].to_ascii_uppercase(), &part[1..]),
            _ => part.to_owned(),
        };
        self.0.split('-').enumerate().map(usual).collect::<Vec<_>>().join("-")
    }

    /// The direction its script runs in.
    pub fn direction(&self) -> Direction {
        match self.primary() {
            "ar" | "fa" | "he" | "ur" | "ps" | "ckb" | "yi" | "dv" | "sd" | "ug" | "iw" => Direction::Rtl,
            _ => Direction::Ltr,
        }
    }
}

impl TryFrom<String> for Language {
    type Error = LanguageError;
    fn try_from(text: String) -> Result<Self, LanguageError> {
        Self::parse(&text)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Direction {
    /// The value of the HTML attribute `dir`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_loses_what_could_break_a_header_or_plant_a_slot() {
        assert_eq!(Line::clean(" a\r\nBcc: x\u{0}\t\u{FDD0}\u{FDE0}b\u{202E}c\u{92} ").as_str(), "a Bcc: x bc");
        assert_eq!(Line::clean("می‌گویند").as_str(), "می‌گویند");
    }

    proptest::proptest! {
        #[test]
        fn only_what_may_stand_is_kept_wherever_it_stands(text in "([ -~]{0,40}|\\PC{0,8}|[\u{0}-\u{A0}\u{FDD0}\u{200B}é]{0,3}){0,6}") {
            let kept = only(&text, may_stand);
            let expected: String = text.chars().filter(|c| may_stand(*c)).collect();
            proptest::prop_assert_eq!(matches!(kept, Cow::Borrowed(_)), text == expected);
            proptest::prop_assert_eq!(kept.as_ref(), expected);
        }
    }

    #[test]
    fn a_title_of_three_thousand_characters_is_cut_at_a_word() {
        let line = Line::clean(&"word ".repeat(600));
        assert!(line.as_str().chars().count() <= LINE_LIMIT && line.as_str().ends_with("word…"));
        assert_eq!(Line::clean(&"x".repeat(3_000)).as_str().chars().count(), LINE_LIMIT);
    }

    #[test]
    fn languages_are_normalised_and_have_a_direction() {
        assert_eq!(Language::parse("EN_us").unwrap().as_str(), "en-us");
        assert_eq!(Language::parse("fa-IR").unwrap().direction(), Direction::Rtl);
        assert_eq!(Language::parse("zh_hant-tw").unwrap().with_usual_case(), "zh-Hant-TW");
        assert!(Language::parse("english language").is_err());
        assert!(Language::parse("").is_err());
    }
}
