//! Rules by which a story that its source left untagged gets a tag: by column, source, address or words. Pure functions over what is known of it.

use crate::domain::tag::{Slug, Tag};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// One rule; all conditions that it has must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagRule {
    /// What a story gets.
    pub tag: Tag,
    /// The column or section it stands in, whatever its case.
    pub column: Option<String>,
    /// The source that shows it.
    pub source: Option<Slug>,
    /// A part of its address; `*` stands for anything.
    pub url: Option<String>,
    /// Words or phrases of which one stands in its title or summary.
    pub words: Vec<String>,
}

/// What rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Untagged<'a> {
    /// Headline.
    pub title: &'a str,
    /// Summary.
    pub summary: &'a str,
    /// Column or section.
    pub column: Option<&'a str>,
    /// The source whose text is shown.
    pub source: &'a Slug,
    /// Its address.
    pub url: Option<&'a str>,
}

impl TagRule {
    /// Whether a story fits.
    pub fn fits(&self, story: Untagged<'_>) -> bool {
        let column = |wanted: &String| story.column.is_some_and(|column| plain(column) == plain(wanted));
        let in_words = || {
            let text = format!(" {} {} ", plain(story.title), plain(story.summary));
            self.words
                .iter()
                .map(|word| plain(word))
                .any(|word| !word.is_empty() && text.contains(&format!(" {word} ")))
        };
        self.column.as_ref().is_none_or(column)
            && self.source.as_ref().is_none_or(|source| source == story.source)
            && self.url.as_deref().is_none_or(|pattern| story.url.is_some_and(|url| is_like(pattern, url)))
            && (self.words.is_empty() || in_words())
    }
}

/// What it looks for, in words.
impl std::fmt::Display for TagRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = (!self.words.is_empty()).then(|| format!("one of the words {}", self.words.join(", ")));
        let conditions = [
            self.column.as_ref().map(|column| format!("the column {column:?}")),
            self.source.as_ref().map(|source| format!("the source {source}")),
            self.url.as_ref().map(|url| format!("addresses like {url}")),
            words,
        ];
        f.write_str(&conditions.into_iter().flatten().collect::<Vec<_>>().join(" and "))
    }
}

/// Words in lower case with single blanks between them, nothing else.
fn plain(text: &str) -> String {
    let folded: String = text.nfkc().flat_map(char::to_lowercase).collect();
    folded
        .split(|c: char| !(c.is_alphanumeric() || c == '\u{200C}'))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether an address holds the pieces of a pattern in their order.
fn is_like(pattern: &str, url: &str) -> bool {
    let mut rest = url;
    for piece in pattern.split('*').filter(|piece| !piece.is_empty()) {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> TagRule {
        TagRule { tag: Tag::parse("Energy").unwrap(), column: None, source: None, url: None, words: Vec::new() }
    }

    fn fits(rule: &TagRule) -> bool {
        let source = Slug::parse("front-page").unwrap();
        rule.fits(Untagged {
            title: "Oil: who’s paying for the pipeline?",
            summary: "A report on natural  gas.",
            column: Some("Markets"),
            source: &source,
            url: Some("https://ex.org/news/energy/2026/oil-pays"),
        })
    }

    #[test]
    fn words_are_whole_words_and_phrases() {
        for (words, expected) in [(["oil"], true), (["Natural gas"], true), (["pipe"], false), ([""], false)] {
            assert_eq!(fits(&TagRule { words: words.map(str::to_owned).to_vec(), ..rule() }), expected, "{words:?}");
        }
    }

    #[test]
    fn all_conditions_of_a_rule_must_hold() {
        let by_url = TagRule { url: Some("/news/*/2026/".to_owned()), ..rule() };
        assert!(fits(&by_url) && fits(&TagRule { column: Some("MARKETS".to_owned()), ..by_url.clone() }));
        assert!(!fits(&TagRule { column: Some("Sport".to_owned()), ..by_url.clone() }));
        assert!(!fits(&TagRule { source: Slug::parse("other").ok(), ..by_url }));
    }
}
