//! A TOML text and the environment as one tree in which every value knows where it was written. Knows no setting by name.

use super::problem::{ConfigError, Place, Problem};
use std::collections::BTreeMap;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// The variables that override settings begin so; the levels of a key are joined by two underscores.
pub const PREFIX: &str = "WEEK_IN_REVIEW__";

/// A value and where it was written.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// What TOML can say.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(String),
    Whole(i64),
    Fraction(f64),
    Switch(bool),
    Moment(String),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// A key of a table, where the key was written, and its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) place: Place,
    pub(super) node: Node,
}

/// Parses the text of a file. All errors of syntax are reported.
pub(super) fn parse(file: &Path, text: &str) -> Result<Vec<Entry>, ConfigError> {
    let lines = Lines::of(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(entries(table.into_inner(), &lines));
    }
    let problem = |error: &toml::de::Error| Problem {
        file: file.to_owned(),
        place: error.span().map_or(Place::Nowhere, |span| lines.place(span.start)),
        key: String::new(),
        sentence: error.message().lines().collect::<Vec<_>>().join("; "),
    };
    Err(ConfigError { problems: ConfigError::sorted(errors.iter().map(problem).collect()) })
}

/// Parses one value as it would stand after `key =`.
pub(super) fn parse_value(text: &str) -> Option<Node> {
    let value = DeValue::parse(text).ok()?;
    Some(Node { place: Place::Nowhere, value: convert(value.into_inner(), &Lines::of(text)) }.without_place())
}

/// Where the lines of a text begin.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        Place::Line { line, column: before.chars().count() + 1 }
    }
}

fn entries(table: DeTable<'_>, lines: &Lines<'_>) -> Vec<Entry> {
    let entry = |(key, value): (toml::Spanned<toml::de::DeString<'_>>, toml::Spanned<DeValue<'_>>)| {
        let place = lines.place(key.span().start);
        let node = Node { place: lines.place(value.span().start), value: convert(value.into_inner(), lines) };
        Entry { key: key.into_inner().into_owned(), place, node }
    };
    table.into_iter().map(entry).collect()
}

fn convert(value: DeValue<'_>, lines: &Lines<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.into_owned()),
        // The parser has checked the digits; what is too large for 64 bits becomes the largest and fails every range.
        DeValue::Integer(number) => {
            Value::Whole(i64::from_str_radix(number.as_str(), number.radix()).unwrap_or(i64::MAX))
        }
        DeValue::Float(number) => Value::Fraction(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(on) => Value::Switch(on),
        DeValue::Datetime(moment) => Value::Moment(moment.to_string()),
        DeValue::Array(list) => Value::List(
            list.into_iter()
                .map(|item| Node { place: lines.place(item.span().start), value: convert(item.into_inner(), lines) })
                .collect(),
        ),
        DeValue::Table(table) => Value::Table(entries(table, lines)),
    }
}

impl Node {
    /// Defaults stand nowhere, list items included.
    fn without_place(mut self) -> Self {
        self.place = Place::Nowhere;
        if let Value::List(items) = self.value {
            self.value = Value::List(items.into_iter().map(Node::without_place).collect());
        }
        self
    }

    /// How a message names what was found.
    pub(super) fn described(&self) -> String {
        match &self.value {
            Value::Text(text) => format!("{text:?}"),
            Value::Whole(number) => number.to_string(),
            Value::Fraction(number) => number.to_string(),
            Value::Switch(on) => on.to_string(),
            Value::Moment(moment) => moment.clone(),
            Value::List(_) => "a list".to_owned(),
            Value::Table(_) => "a table".to_owned(),
        }
    }

    fn is_from_variable(&self) -> bool {
        matches!(self.place, Place::Variable(_))
    }

    /// A text.
    pub(super) fn text(&self) -> Result<&str, String> {
        match &self.value {
            Value::Text(text) => Ok(text),
            _ => Err(format!("must be a text in quotes, not {}", self.described())),
        }
    }

    /// A whole number; a variable's text may be one.
    pub(super) fn whole(&self) -> Option<i64> {
        match &self.value {
            Value::Whole(number) => Some(*number),
            Value::Text(text) if self.is_from_variable() => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Yes or no; a variable's text may say it.
    pub(super) fn switch(&self) -> Option<bool> {
        match &self.value {
            Value::Switch(on) => Some(*on),
            Value::Text(text) if self.is_from_variable() => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The items of a list; a variable's text is split at commas.
    pub(super) fn items(&self) -> Option<Vec<Node>> {
        match &self.value {
            Value::List(items) => Some(items.clone()),
            Value::Text(text) if self.is_from_variable() => Some(
                text.split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(|item| Node { place: self.place.clone(), value: Value::Text(item.to_owned()) })
                    .collect(),
            ),
            _ => None,
        }
    }
}

/// Lays the variables that begin with [`PREFIX`] over the tree: `WEEK_IN_REVIEW__MAIL__HOST` is `mail.host`, and
/// `WEEK_IN_REVIEW__NEWSLETTERS__0__SCHEDULE` the schedule of the first newsletter.
pub(super) fn overlay(file: &Path, root: &mut Vec<Entry>, environment: &BTreeMap<String, String>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, value) in environment {
        let Some(key) = name.strip_prefix(PREFIX) else { continue };
        let levels: Vec<String> = key.split("__").map(str::to_ascii_lowercase).collect();
        let place = Place::Variable(name.clone());
        if let Err(sentence) = set(root, &levels, value, &place) {
            problems.push(Problem { file: file.to_owned(), place, key: levels.join("."), sentence });
        }
    }
    problems
}

fn set(table: &mut Vec<Entry>, levels: &[String], text: &str, place: &Place) -> Result<(), String> {
    let Some((key, rest)) = levels.split_first().filter(|(key, _)| !key.is_empty()) else {
        return Err("names no setting".to_owned());
    };
    let leaf = Node { place: place.clone(), value: Value::Text(text.to_owned()) };
    let at = table.iter().position(|entry| entry.key == *key).unwrap_or_else(|| {
        let node = Node { place: place.clone(), value: Value::Table(Vec::new()) };
        table.push(Entry { key: key.clone(), place: place.clone(), node });
        table.len() - 1
    });
    if rest.is_empty() {
        table[at] = Entry { key: key.clone(), place: place.clone(), node: leaf };
        return Ok(());
    }
    match &mut table[at].node.value {
        Value::Table(inner) => set(inner, rest, text, place),
        Value::List(items) => {
            let count = items.len();
            let item = rest[0].parse::<usize>().ok().and_then(|index| items.get_mut(index));
            let item = item
                .ok_or_else(|| format!("{key} has {count} entries, counted from 0; {:?} is none of them", rest[0]))?;
            match &mut item.value {
                Value::Table(inner) => set(inner, &rest[1..], text, place),
                _ if rest.len() == 1 => {
                    *item = leaf;
                    Ok(())
                }
                _ => Err(format!("{key} holds no tables")),
            }
        }
        _ => Err(format!("{key} is a single value and has nothing below it")),
    }
}
