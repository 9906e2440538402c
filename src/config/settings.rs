//! The list of all settings, for `init`, the documentation and the tests that compare them. Its sentences are the comments of the commented
//! file, its defaults those the code uses.

use super::document::{self, parse_value};
use super::reader::{Reading, Standard};
use std::path::Path;

/// The commented configuration that `init` writes.
pub const EXAMPLE: &str = include_str!("../../config/week-in-review.toml");

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Setting {
    /// Its key with all tables, `[]` for each list of tables: `newsletters[].schedule`.
    pub name: String,
    /// Its default as TOML, `required`, or `none`.
    pub default: String,
    /// What it is for.
    pub sentence: String,
}

/// A line of the commented file that sets something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<'t> {
    pub(super) name: String,
    pub(super) value: &'t str,
    pub(super) commented: bool,
    /// The header of its table, where that is commented, too.
    pub(super) header: Option<&'t str>,
    /// The comment above it.
    pub(super) sentence: String,
}

/// All settings, in the order of the commented file.
pub fn settings() -> Vec<Setting> {
    let known = known();
    let mut settings: Vec<Setting> = Vec::new();
    for line in lines(EXAMPLE) {
        let Some(standard) = known.get(&line.name) else { continue };
        if line.sentence.is_empty() || settings.iter().any(|setting| setting.name == line.name) {
            continue;
        }
        settings.push(Setting { name: line.name, default: standard.to_string(), sentence: line.sentence });
    }
    settings
}

/// What the code reads, learned by letting it read the commented file.
pub(super) fn known() -> std::collections::BTreeMap<String, Standard> {
    let path = Path::new(super::DEFAULT_PATH);
    let root = document::parse(path, EXAMPLE).expect("the commented file is part of this program and tested");
    let reading = Reading::of(path);
    let _ = super::read(path, &reading.root(&root));
    reading.known()
}

/// The setting lines of a commented file, commented or not.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let (mut table, mut sentence, mut found) = (String::new(), String::new(), Vec::new());
    let mut commented_header = None;
    for line in text.lines() {
        if let Some(words) = line.strip_prefix("# ") {
            sentence.push_str(if sentence.is_empty() { "" } else { " " });
            sentence.push_str(words);
            continue;
        }
        let (commented, line) = line.strip_prefix('#').map_or((false, line), |line| (true, line));
        if let Some(header) = line.strip_prefix('[') {
            table = pattern(header);
            commented_header = commented.then_some(line);
        } else if let Some((key, value)) = line.split_once(" = ").filter(|(_, value)| parse_value(value).is_some()) {
            let free = ["tags.aliases", "newsletters[].heirs", "newsletters[].link_parameters.add"];
            let key = if free.contains(&table.as_str()) { "*" } else { key };
            let name = if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") };
            found.push(Line { name, value, commented, header: commented_header, sentence: sentence.clone() });
            // `#tags = []` and an example below it share a comment.
            continue;
        }
        sentence.clear();
    }
    found
}

/// `[newsletters.sections]]` (its first bracket gone) is `newsletters[].sections[]`.
fn pattern(header: &str) -> String {
    let name = header.trim_matches(['[', ']']);
    if !header.starts_with('[') {
        // Tables inside a table of a list belong to its last one.
        return name
            .strip_prefix("newsletters.")
            .map_or_else(|| name.to_owned(), |inner| format!("newsletters[].{inner}"));
    }
    // Of the tables that hold lists of tables, only newsletters are a list themselves.
    format!("{}[]", name.replace("newsletters.", "newsletters[]."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Environment};
    use std::collections::BTreeSet;

    #[test]
    fn every_setting_of_the_code_is_in_the_file_and_the_other_way_round() {
        let in_code: BTreeSet<String> = known().into_keys().collect();
        let in_file: BTreeSet<String> = lines(EXAMPLE).into_iter().map(|line| line.name).collect();
        let missing: Vec<_> = in_code.difference(&in_file).collect();
        let stale: Vec<_> = in_file.difference(&in_code).collect();
        assert!(missing.is_empty() && stale.is_empty(), "not in the file: {missing:?}; not in the code: {stale:?}");
    }

    #[test]
    fn every_default_in_the_file_is_the_default_of_the_code() {
        let lines = lines(EXAMPLE);
        for (name, standard) in known() {
            let Standard::Default(default) = &standard else { continue };
            let mut shown = lines.iter().filter(|line| line.name == name);
            assert!(
                shown.any(|line| line.value == default),
                "{name} has the default {default}; the file does not say so"
            );
        }
        for line in lines.iter().filter(|line| line.commented) {
            if let Some(Standard::Default(default)) = known().get(&line.name) {
                assert_eq!(line.value, default, "{} is shown commented, as a default", line.name);
            }
        }
    }

    #[test]
    fn every_setting_has_a_sentence() {
        let names: Vec<String> = settings().into_iter().map(|setting| setting.name).collect();
        for name in known().into_keys() {
            assert!(names.contains(&name), "{name} has no comment in {}", crate::config::DEFAULT_PATH);
        }
    }

    #[test]
    fn the_commented_file_works_as_it_is_and_with_each_setting_uncommented() {
        let parse = |text: &str| Config::parse(Path::new("example.toml"), text, &Environment::new());
        let config = parse(EXAMPLE).unwrap();
        assert_eq!(
            config.newsletters.iter().map(|n| n.title.as_str()).collect::<Vec<_>>(),
            ["The Week in Review", "Lobbying"]
        );
        for line in lines(EXAMPLE).iter().filter(|line| line.commented && !line.name.ends_with('*')) {
            let key = line.name.rsplit('.').next().unwrap();
            let written = format!("{key} = {}", line.value);
            let (before, table) = match line.header {
                Some(header) => EXAMPLE.split_once(&format!("\n#{header}\n")).unwrap(),
                None => ("", EXAMPLE),
            };
            let table = format!("{}\n{table}", line.header.unwrap_or_default());
            let uncommented = table.replacen(&format!("\n#{written}\n"), &format!("\n{written}\n"), 1);
            assert_ne!(uncommented, table, "{written}");
            let text = format!("{before}\n{uncommented}");
            for problem in parse(&text).err().map(|error| error.problems).unwrap_or_default() {
                let sentence = &problem.sentence;
                let allowed = [
                    "clashes with",
                    "duplicate key",
                    "missing; ",
                    "a password needs",
                    "only for kind",
                    "a username needs",
                    "there is no file",
                    "cannot read",
                ];
                assert!(allowed.iter().any(|start| sentence.starts_with(start)), "{written}: {problem}");
            }
        }
    }
}
