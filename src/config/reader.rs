//! Reads a table key by key: each setting is asked for once, by name, with its default and what it may be. Whatever was not asked for is an
//! unknown key. Collects every problem instead of stopping at the first, and remembers every setting so that the documentation can be compared.

use super::document::{Entry, Node, Value, parse_value};
use super::problem::{ConfigError, Place, Problem};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is noted while a configuration is read.
pub(super) struct Reading {
    file: PathBuf,
    problems: RefCell<Vec<Problem>>,
    warnings: RefCell<Vec<Problem>>,
    /// Settings by pattern, such as `newsletters[].cap`.
    known: RefCell<BTreeMap<String, Standard>>,
    unknown: RefCell<Vec<Unknown>>,
}

struct Unknown {
    place: Place,
    /// With the path of its table.
    key: String,
    name: String,
    /// What its table may hold.
    allowed: Vec<String>,
}

/// What holds when a setting is not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standard {
    Required,
    Optional,
    /// As TOML.
    Default(String),
}

impl std::fmt::Display for Standard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Required => "required",
            Self::Optional => "none",
            Self::Default(default) => default,
        })
    }
}

/// One table being read.
pub(super) struct Table<'r> {
    reading: &'r Reading,
    path: String,
    pattern: String,
    place: Place,
    entries: &'r [Entry],
    asked: RefCell<Vec<String>>,
    /// Keys that this table lacks are looked for there.
    fallback: Option<&'r Table<'r>>,
}

/// What a setting may be: the value, or why it is none.
pub(super) type Parsed<T> = Result<T, String>;

impl Reading {
    pub(super) fn of(file: &Path) -> Self {
        let (problems, warnings, known) = Default::default();
        Self { file: file.to_owned(), problems, warnings, known, unknown: RefCell::default() }
    }

    pub(super) fn root<'r>(&'r self, entries: &'r [Entry]) -> Table<'r> {
        Table::new(self, String::new(), String::new(), Place::Nowhere, entries)
    }

    pub(super) fn add(&self, problems: Vec<Problem>) {
        self.problems.borrow_mut().extend(problems);
    }

    pub(super) fn problem(&self, place: &Place, key: &str, sentence: impl Into<String>) {
        self.problems.borrow_mut().push(self.noted(place, key, sentence.into()));
    }

    pub(super) fn warn(&self, place: &Place, key: &str, sentence: impl Into<String>) {
        self.warnings.borrow_mut().push(self.noted(place, key, sentence.into()));
    }

    fn noted(&self, place: &Place, key: &str, sentence: String) -> Problem {
        Problem { file: self.file.clone(), place: place.clone(), key: key.to_owned(), sentence }
    }

    /// Settings by pattern.
    pub(super) fn known(&self) -> BTreeMap<String, Standard> {
        self.known.borrow().clone()
    }

    /// The warnings when nothing is wrong, else everything that is.
    pub(super) fn finish(self) -> Result<Vec<Problem>, ConfigError> {
        for unknown in self.unknown.take() {
            let sentence = self.nearest(&unknown);
            self.problem(&unknown.place, &unknown.key, sentence);
        }
        let problems = ConfigError::sorted(self.problems.take());
        if problems.is_empty() { Ok(ConfigError::sorted(self.warnings.take())) } else { Err(ConfigError { problems }) }
    }

    /// Only when everything was read is it known where a misplaced key belongs.
    fn nearest(&self, unknown: &Unknown) -> String {
        if let Some(name) = nearest(&unknown.name, unknown.allowed.iter().map(String::as_str)) {
            return format!("unknown key; did you mean {name:?}?");
        }
        let known = self.known.borrow();
        let elsewhere =
            known.keys().filter_map(|pattern| pattern.rsplit_once('.')).find(|(_, name)| *name == unknown.name);
        match elsewhere {
            Some((table, _)) => format!("unknown key here; it belongs into {}", brackets(table)),
            None => format!("unknown key; known here: {}", unknown.allowed.join(", ")),
        }
    }
}

/// A table's pattern as its header in the file.
fn brackets(pattern: &str) -> String {
    match pattern.strip_suffix("[]") {
        Some(list) => format!("[[{}]]", list.replace("[]", "")),
        None => format!("[{}]", pattern.replace("[]", "")),
    }
}

/// The word most like another, if one is like it at all.
pub(super) fn nearest<'w>(word: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let likeness = |known: &str| strsim::jaro_winkler(&word.to_lowercase(), &known.to_lowercase());
    words
        .into_iter()
        .map(|known| (likeness(known), known))
        .filter(|(likeness, _)| *likeness > 0.84)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}

impl<'r> Table<'r> {
    fn new(reading: &'r Reading, path: String, pattern: String, place: Place, entries: &'r [Entry]) -> Self {
        Self { reading, path, pattern, place, entries, asked: RefCell::default(), fallback: None }
    }

    /// Looks for the keys that this table lacks in another one.
    pub(super) fn inheriting(mut self, fallback: &'r Table<'r>) -> Self {
        self.fallback = Some(fallback);
        self
    }

    fn name(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The written entry of a setting, which is now known.
    fn ask(&self, key: &str, standard: Standard) -> Option<&'r Entry> {
        self.reading.known.borrow_mut().insert(self.pattern_of(key), standard);
        self.expect(key)
    }

    /// The written entry of a key, which is then not unknown.
    fn expect(&self, key: &str) -> Option<&'r Entry> {
        self.asked.borrow_mut().push(key.to_owned());
        self.entries.iter().find(|entry| entry.key == key)
    }

    fn pattern_of(&self, key: &str) -> String {
        if self.pattern.is_empty() { key.to_owned() } else { format!("{}.{key}", self.pattern) }
    }

    /// Where a key was written, or else the table itself.
    pub(super) fn place(&self, key: &str) -> Place {
        let own = self.entries.iter().find(|entry| entry.key == key).map(|entry| entry.place.clone());
        own.or_else(|| self.fallback.filter(|table| table.has(key)).map(|table| table.place(key)))
            .unwrap_or_else(|| self.place.clone())
    }

    /// Whether a key was written here.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    /// Notes that a key's value, sound by itself, will not do.
    pub(super) fn problem(&self, key: &str, sentence: impl Into<String>) {
        if let Some(table) = self.fallback.filter(|table| !self.has(key) && table.has(key)) {
            return table.problem(key, sentence);
        }
        self.reading.problem(&self.place(key), &self.name(key), sentence);
    }

    /// Notes that a key's value will do, but should be looked at.
    pub(super) fn warn(&self, key: &str, sentence: impl Into<String>) {
        if let Some(table) = self.fallback.filter(|table| !self.has(key) && table.has(key)) {
            return table.warn(key, sentence);
        }
        self.reading.warn(&self.place(key), &self.name(key), sentence);
    }

    /// Notes that two keys exclude each other.
    pub(super) fn clash(&self, one: &str, other: &str) {
        if self.has(one) && self.has(other) {
            let there = self.place(one).reference();
            self.problem(other, format!("clashes with {} ({there}); set one of the two", self.name(one)));
        }
    }

    fn parsed<T>(&self, key: &str, entry: &Entry, parse: impl Fn(&Node) -> Parsed<T>) -> Option<T> {
        let noted = |sentence| self.reading.problem(&entry.place, &self.name(key), sentence);
        parse(&entry.node).map_err(noted).ok()
    }

    /// A setting that may be left out.
    pub(super) fn optional<T>(&self, key: &str, parse: impl Fn(&Node) -> Parsed<T>) -> Option<T> {
        let entry = self.ask(key, Standard::Optional)?;
        self.parsed(key, entry, parse)
    }

    /// A setting that must be there; `example` says how it may look.
    pub(super) fn required<T>(&self, key: &str, example: &str, parse: impl Fn(&Node) -> Parsed<T>) -> Option<T> {
        let Some(entry) = self.ask(key, Standard::Required) else {
            self.reading.problem(&self.place, &self.name(key), format!("missing; set it, such as {key} = {example}"));
            return None;
        };
        self.parsed(key, entry, parse)
    }

    /// A setting with a default, written as TOML.
    pub(super) fn or<T>(&self, key: &str, default: &str, parse: impl Fn(&Node) -> Parsed<T>) -> T {
        let written = self.ask(key, default_of(default)).and_then(|entry| self.parsed(key, entry, &parse));
        written.unwrap_or_else(|| the_default(key, default, parse))
    }

    /// A setting that another table may give for all of its kind. It is documented there.
    pub(super) fn inherited<T>(&self, key: &str, default: &str, parse: impl Fn(&Node) -> Parsed<T>) -> T {
        let own = self.expect(key);
        let there = self.fallback.map(|table| (table, table.ask(key, default_of(default))));
        let value = match (own, there) {
            (Some(entry), _) => self.parsed(key, entry, &parse),
            (None, Some((table, Some(entry)))) => table.parsed(key, entry, &parse),
            _ => None,
        };
        value.unwrap_or_else(|| the_default(key, default, parse))
    }

    /// Like [`Self::inherited`], for what may be left out at both places.
    pub(super) fn inherited_optional<T>(&self, key: &str, parse: impl Fn(&Node) -> Parsed<T>) -> Option<T> {
        let own = self.expect(key);
        let there = self.fallback.and_then(|table| table.ask(key, Standard::Optional).map(|entry| (table, entry)));
        match (own, there) {
            (Some(entry), _) => self.parsed(key, entry, parse),
            (None, Some((table, entry))) => table.parsed(key, entry, parse),
            (None, None) => None,
        }
    }

    /// A list; each item is judged by itself. Empty by default.
    pub(super) fn list<T>(&self, key: &str, parse: impl Fn(&Node) -> Parsed<T>) -> Vec<T> {
        match self.ask(key, default_of("[]")) {
            Some(entry) => self.items(key, entry, parse),
            None => Vec::new(),
        }
    }

    /// Like [`Self::list`], inherited.
    pub(super) fn inherited_list<T>(&self, key: &str, parse: impl Fn(&Node) -> Parsed<T>) -> Vec<T> {
        let own = self.expect(key);
        let there = self.fallback.and_then(|table| table.ask(key, default_of("[]")).map(|entry| (table, entry)));
        match (own, there) {
            (Some(entry), _) => self.items(key, entry, parse),
            (None, Some((table, entry))) => table.items(key, entry, parse),
            (None, None) => Vec::new(),
        }
    }

    fn items<T>(&self, key: &str, entry: &Entry, parse: impl Fn(&Node) -> Parsed<T>) -> Vec<T> {
        let Some(items) = entry.node.items() else {
            let sentence = format!("must be a list in square brackets, not {}", entry.node.described());
            self.reading.problem(&entry.place, &self.name(key), sentence);
            return Vec::new();
        };
        let item = |(at, node): (usize, &Node)| {
            let noted =
                |sentence: String| self.reading.problem(&node.place, &format!("{}[{at}]", self.name(key)), sentence);
            parse(node).map_err(noted).ok()
        };
        items.iter().enumerate().filter_map(item).collect()
    }

    /// A table inside this one; an empty one if it is not there.
    pub(super) fn table(&self, key: &str) -> Table<'r> {
        let pattern = self.pattern_of(key);
        let Some(entry) = self.expect(key) else {
            return Table::new(self.reading, self.name(key), pattern, Place::Nowhere, &[]);
        };
        let Value::Table(entries) = &entry.node.value else {
            let sentence = format!("must be a table, written as [{}], not {}", self.name(key), entry.node.described());
            self.reading.problem(&entry.place, &self.name(key), sentence);
            return Table::new(self.reading, self.name(key), pattern, entry.place.clone(), &[]);
        };
        Table::new(self.reading, self.name(key), pattern, entry.place.clone(), entries)
    }

    /// The tables of a list of tables; with none, the list is empty.
    pub(super) fn tables(&self, key: &str) -> Vec<Table<'r>> {
        let pattern = format!("{}[]", self.pattern_of(key));
        let Some(entry) = self.expect(key) else { return Vec::new() };
        let header = format!("[[{}]]", pattern.replace("[]", ""));
        let Value::List(items) = &entry.node.value else {
            let sentence =
                format!("must be a list of tables, each written as {header}, not {}", entry.node.described());
            self.reading.problem(&entry.place, &self.name(key), sentence);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (at, node) in items.iter().enumerate() {
            let path = format!("{}[{at}]", self.name(key));
            match &node.value {
                Value::Table(entries) => {
                    tables.push(Table::new(self.reading, path, pattern.clone(), node.place.clone(), entries));
                }
                _ => self.reading.problem(
                    &node.place,
                    &path,
                    format!("must be a table written as {header}, not {}", node.described()),
                ),
            }
        }
        tables
    }

    /// What the tables of a list may hold, also where there is none: learned from an empty one, in which what is missing is nobody's fault.
    pub(super) fn learn(&self, key: &str, read: impl Fn(&Table<'_>)) {
        let pattern = format!("{}[]", self.pattern_of(key));
        let reading = Reading::of(&self.reading.file);
        read(&Table::new(&reading, pattern.clone(), pattern, self.place.clone(), &[]));
        self.reading.known.borrow_mut().extend(reading.known());
    }

    /// Keys that are names of the operator's choice, each with a list; the documentation knows them as one.
    pub(super) fn named_lists<T>(&self, parse: impl Fn(&Node) -> Parsed<T>) -> Vec<(String, Vec<T>)> {
        self.reading.known.borrow_mut().insert(self.pattern_of("*"), Standard::Optional);
        let all = self.entries.iter().map(|entry| (entry.key.clone(), self.items(&entry.key, entry, &parse)));
        all.collect()
    }

    /// Keys that are names of the operator's choice, each with one value; the documentation knows them as one.
    pub(super) fn named<T>(&self, parse: impl Fn(&Node) -> Parsed<T>) -> Vec<(String, T)> {
        self.reading.known.borrow_mut().insert(self.pattern_of("*"), Standard::Optional);
        let value = |entry: &Entry| Some((entry.key.clone(), self.parsed(&entry.key, entry, &parse)?));
        self.entries.iter().filter_map(value).collect()
    }

    /// The value of a key that was or will be read, for comparing; problems are not noted again.
    pub(super) fn peek<T>(&self, key: &str, parse: impl Fn(&Node) -> Parsed<T>) -> Option<T> {
        self.entries.iter().find(|entry| entry.key == key).and_then(|entry| parse(&entry.node).ok())
    }

    /// Whether a key was written with a value that it may not have.
    pub(super) fn unsound<T>(&self, key: &str, parse: impl Fn(&Node) -> Parsed<T>) -> bool {
        self.has(key) && self.peek(key, parse).is_none()
    }

    /// Whether a key was written here or where this table inherits from.
    pub(super) fn has_somewhere(&self, key: &str) -> bool {
        self.has(key) || self.fallback.is_some_and(|table| table.has(key))
    }

    /// Every key that nobody asked for is unknown.
    pub(super) fn done(&self) {
        let asked = self.asked.borrow();
        for entry in self.entries.iter().filter(|entry| !asked.contains(&entry.key)) {
            self.reading.unknown.borrow_mut().push(Unknown {
                place: entry.place.clone(),
                key: self.name(&entry.key),
                name: entry.key.clone(),
                allowed: asked.clone(),
            });
        }
    }
}

fn default_of(toml: &str) -> Standard {
    Standard::Default(toml.to_owned())
}

fn the_default<T>(key: &str, default: &str, parse: impl Fn(&Node) -> Parsed<T>) -> T {
    let node = parse_value(default);
    let value = node.ok_or_else(|| "not TOML".to_owned()).and_then(|node| parse(&node));
    value.unwrap_or_else(|reason| unreachable!("the default {default} of {key} is not allowed: {reason}"))
}
