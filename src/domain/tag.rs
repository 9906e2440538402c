//! Topic labels, made comparable: aliases fold into one tag, spelling and case do not matter.

use crate::domain::tag_rule::{TagRule, Untagged};
use crate::domain::text::Line;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;

/// A slug: what names a newsletter or a section in addresses, for ever. Lower-case ASCII letters, digits and hyphens, at most 64.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

/// A text that is no slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a slug: use lower-case letters, digits and hyphens, such as \"week-in-review\"")]
pub struct SlugError(String);

impl Slug {
    /// Reads a slug as written; nothing is converted.
    pub fn parse(text: &str) -> Result<Self, SlugError> {
        let sound = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-');
        if sound { Ok(Self(text.to_owned())) } else { Err(SlugError(text.to_owned())) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Slug {
    type Error = SlugError;
    fn try_from(text: String) -> Result<Self, SlugError> {
        Self::parse(&text)
    }
}

impl std::str::FromStr for Slug {
    type Err = SlugError;
    fn from_str(text: &str) -> Result<Self, SlugError> {
        Self::parse(text)
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl std::fmt::Display for Slug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A normalised topic label. Two tags are equal when their keys are; the label is what a reader sees.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tag {
    key: String,
    label: Line,
}

impl Tag {
    /// Makes a tag of a label; `None` when nothing but punctuation is left.
    pub fn parse(label: &str) -> Option<Self> {
        let label = Line::clean_to(label.trim().trim_start_matches('#'), 80);
        let key = key_of(label.as_str());
        if key.is_empty() { None } else { Some(Self { key, label }) }
    }

    /// The same of the name of a person or a column, which has no plural: Mary Jones is not Mary Jone.
    pub fn of_name(name: &str) -> Option<Self> {
        let label = Line::clean_to(name, 80);
        let key = spelled(label.as_str());
        if key.is_empty() { None } else { Some(Self { key, label }) }
    }

    /// What tags are compared by: NFKC, lower case, runs of punctuation and white space as one hyphen.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What a reader sees.
    pub fn label(&self) -> &str {
        self.label.as_str()
    }
}

impl PartialEq for Tag {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl Eq for Tag {}
impl std::hash::Hash for Tag {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}
impl PartialOrd for Tag {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Tag {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key)
    }
}

fn key_of(label: &str) -> String {
    singular(&spelled(label))
}

fn spelled(label: &str) -> String {
    let mut key = String::new();
    for c in label.nfkc().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() || c == '\u{200C}' || c == '+' || c == '#' {
            key.push(c);
        } else if !key.is_empty() && !key.ends_with('-') {
            key.push('-');
        }
    }
    key.truncate(key.trim_end_matches('-').len());
    key
}

/// The key with its last word in the singular, as far as English spells that: `sanctions` and `sanction` are one tag. Words that only look like a
/// plural (`politics`, `crisis`, `congress`) stay.
fn singular(key: &str) -> String {
    let word = key.rsplit('-').next().unwrap_or(key);
    let looks_plural = word.len() >= 4
        && word.bytes().all(|b| b.is_ascii_lowercase())
        && word.ends_with('s')
        && !["ss", "us", "is", "ics", "as", "os"].iter().any(|end| word.ends_with(end))
        && !["news", "series", "species", "texas", "wales", "lens", "times"].contains(&word);
    match key.strip_suffix('s') {
        Some(stem) if looks_plural => {
            stem.strip_suffix("ie").map_or_else(|| stem.to_owned(), |stem| format!("{stem}y"))
        }
        _ => key.to_owned(),
    }
}

/// Which labels fold into which tag, from the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagAliases {
    by_key: BTreeMap<String, Tag>,
    ignored: Vec<Tag>,
    parents: BTreeMap<String, Vec<Tag>>,
    rules: Vec<TagRule>,
}

impl TagAliases {
    /// `folds`: tag label → the labels that fold into it; `ignored`: labels that are dropped.
    pub fn new<'a>(
        folds: impl IntoIterator<Item = (&'a str, Vec<&'a str>)>,
        ignored: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut by_key = BTreeMap::new();
        for (label, aliases) in folds {
            let Some(tag) = Tag::parse(label) else { continue };
            by_key.insert(tag.key.clone(), tag.clone());
            for alias in aliases.into_iter().filter_map(Tag::parse) {
                by_key.insert(alias.key, tag.clone());
            }
        }
        let ignored = ignored.into_iter().filter_map(Tag::parse).collect();
        Self { by_key, ignored, parents: BTreeMap::new(), rules: Vec::new() }
    }

    /// With a hierarchy: each path such as `Economy > Energy` says that a story of the last tag counts for those before it too.
    #[must_use]
    pub fn with_hierarchy<'a>(mut self, paths: impl IntoIterator<Item = &'a str>) -> Self {
        for path in paths {
            let tags: Vec<Tag> = path.split('>').filter_map(Tag::parse).map(|tag| self.folded(tag)).collect();
            for pair in tags.windows(2).filter(|pair| pair[0] != pair[1]) {
                let above = self.parents.entry(pair[1].key.clone()).or_default();
                if !above.contains(&pair[0]) {
                    above.push(pair[0].clone());
                }
            }
        }
        self
    }

    /// With rules for stories that have no tag.
    #[must_use]
    pub fn with_rules(mut self, rules: impl IntoIterator<Item = TagRule>) -> Self {
        self.rules = rules.into_iter().map(|rule| TagRule { tag: self.folded(rule.tag.clone()), ..rule }).collect();
        self
    }

    fn folded(&self, tag: Tag) -> Tag {
        self.by_key.get(&tag.key).cloned().unwrap_or(tag)
    }

    /// The tags of raw labels: folded, without repetition, in order of first appearance. A label that is a path (`Economy > Energy`) is all its parts,
    /// the nearest first.
    pub fn fold<'a>(&self, labels: impl IntoIterator<Item = &'a str>) -> Vec<Tag> {
        self.labelled(labels).into_iter().map(|(tag, _)| tag).collect()
    }

    fn labelled<'a>(&self, labels: impl IntoIterator<Item = &'a str>) -> Vec<(Tag, TagBecause)> {
        let mut tags: Vec<(Tag, TagBecause)> = Vec::new();
        for (label, tag) in labels
            .into_iter()
            .flat_map(|label| label.rsplit(" > ").map(move |part| (label, part)))
            .filter_map(|(label, part)| Some((label, Tag::parse(part)?)))
        {
            let tag = self.folded(tag);
            if !self.ignored.contains(&tag) && tags.iter().all(|(known, _)| *known != tag) {
                tags.push((tag, TagBecause::Label(label.to_owned())));
            }
        }
        tags
    }

    /// The tags of a story: those of its labels, else those of the rules that it fits; then what stands above them in the hierarchy.
    pub fn tags_of<'a>(&self, labels: impl IntoIterator<Item = &'a str>, story: Untagged<'_>) -> Vec<Tag> {
        self.explained(labels, story).into_iter().map(|(tag, _)| tag).collect()
    }

    /// The same, each with what gave it.
    pub fn explained<'a>(
        &self,
        labels: impl IntoIterator<Item = &'a str>,
        story: Untagged<'_>,
    ) -> Vec<(Tag, TagBecause)> {
        let mut tags = self.labelled(labels);
        let has = |tags: &[(Tag, TagBecause)], tag: &Tag| tags.iter().any(|(known, _)| known == tag);
        if tags.is_empty() {
            for rule in self.rules.iter().filter(|rule| rule.fits(story)) {
                if !has(&tags, &rule.tag) {
                    tags.push((rule.tag.clone(), TagBecause::Rule(rule.to_string())));
                }
            }
        }
        // The list grows while it is walked: grandparents come after parents, and nobody twice, so that circles end.
        let mut at = 0;
        while at < tags.len() {
            let below = tags[at].0.clone();
            for parent in self.parents.get(&below.key).into_iter().flatten() {
                if !has(&tags, parent) && !self.ignored.contains(parent) {
                    tags.push((parent.clone(), TagBecause::Above(below.label().to_owned())));
                }
            }
            at += 1;
        }
        tags
    }
}

/// What gave a story a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TagBecause {
    /// A label of its source, as that writes it.
    Label(String),
    /// A rule for stories without labels.
    Rule(String),
    /// It stands above another of its tags.
    Above(String),
}

impl std::fmt::Display for TagBecause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Label(label) => write!(f, "its source says {label:?}"),
            Self::Rule(rule) => write!(f, "by the rule for {rule}"),
            Self::Above(tag) => write!(f, "stands above {tag}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_and_case_do_not_make_two_tags() {
        assert_eq!(Tag::parse("Iran  Sanctions"), Tag::parse("iran-sanctions"));
        assert_eq!(Tag::parse("ＮＡＴＯ"), Tag::parse("nato"));
        assert_ne!(Tag::parse("C"), Tag::parse("C++"));
        assert!(Tag::parse(" - ").is_none());
    }

    #[test]
    fn a_plural_is_the_same_tag() {
        for (one, other) in [("Sanction", "Sanctions"), ("Energy policy", "energy policies"), ("Port", "ports")] {
            assert_eq!(Tag::parse(one), Tag::parse(other));
        }
        for word in ["Politics", "Congress", "News", "Texas", "Crisis", "Gas"] {
            assert_eq!(Tag::parse(word).unwrap().key(), word.to_lowercase());
        }
    }

    #[test]
    fn a_name_keeps_its_last_letter() {
        for (name, key) in
            [("Mary Jones", "mary-jones"), ("Strait Lines", "strait-lines"), (" Ada  Quill ", "ada-quill")]
        {
            assert_eq!(Tag::of_name(name).unwrap().key(), key);
        }
        assert_ne!(Tag::of_name("Mary Jones"), Tag::of_name("Mary Jone"));
        assert!(Tag::of_name("…").is_none());
    }

    #[test]
    fn a_story_counts_for_what_stands_above_its_tags_and_rules_help_the_untagged() {
        let rule = TagRule {
            tag: Tag::parse("oil").unwrap(),
            column: Some("Markets".into()),
            source: None,
            url: None,
            words: vec![],
        };
        let aliases = TagAliases::new([("Energy", vec!["power"])], ["misc"])
            .with_hierarchy(["Economy > Power > Oil", "Oil > Economy"])
            .with_rules([rule]);
        let source = Slug::parse("a").unwrap();
        let story = Untagged { title: "x", summary: "", column: Some("markets"), source: &source, url: None };
        let labels = |raw: &[&str]| {
            aliases.tags_of(raw.iter().copied(), story).iter().map(|t| t.label().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(labels(&["power"]), ["Energy", "Economy", "Oil"]);
        assert_eq!(labels(&["Misc"]), ["oil", "Energy", "Economy"]);
        assert_eq!(labels(&["Trade > Tariffs"]), ["Tariffs", "Trade"]);
        let why = |raw: &[&str]| {
            let explained = aliases.explained(raw.iter().copied(), story).into_iter();
            explained.map(|(tag, because)| format!("{}: {because}", tag.label())).collect::<Vec<_>>()
        };
        assert_eq!(
            why(&["power"]),
            ["Energy: its source says \"power\"", "Economy: stands above Energy", "Oil: stands above Economy"]
        );
        assert_eq!(why(&[])[0], "oil: by the rule for the column \"Markets\"");
    }

    #[test]
    fn aliases_fold_and_ignored_labels_go() {
        let aliases = TagAliases::new([("Lobbying", vec!["K Street", "lobbyists"])], ["uncategorized"]);
        let tags = aliases.fold(["k street", "Uncategorized", "LOBBYISTS", "Energy"]);
        assert_eq!(tags.iter().map(Tag::label).collect::<Vec<_>>(), ["Lobbying", "Energy"]);
    }

    #[test]
    fn a_slug_is_taken_as_written_or_refused() {
        assert!(Slug::parse("week-2").is_ok());
        for text in ["", "Week", "a b", "-a", "a/b", "ü"] {
            assert!(Slug::parse(text).is_err(), "{text}");
        }
    }
}
