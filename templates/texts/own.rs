//! Texts of a publisher's own: Fluent files that stand before ours, or bring a language that we do not have.
//!
//! A file is named by its language (`de.ftl`). It may hold any of our keys with any of the places that the English text has. A new language says in
//! comments what it is called (`# name: Svenska`) and, where that does not follow from its code, which names of months it takes (`# locale: sv_SE`).
//! What it does not say stands in English.

use super::{Digits, Known, LANGUAGES, Texts};
use crate::domain::text::Language;
use chrono::Locale;
use fluent_bundle::FluentResource;
use std::collections::{BTreeMap, BTreeSet};

/// A file of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFile {
    /// Its path, for messages.
    pub name: String,
    /// The language that it is named by.
    pub code: String,
    /// What stands in it.
    pub source: String,
}

/// One text of a file.
pub(super) struct Entry {
    line: usize,
    pub(super) text: String,
}

/// Each key of a file with its text; keys that stand twice keep the last.
pub(super) fn entries(source: &str) -> BTreeMap<String, Entry> {
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    let mut key = String::new();
    for (at, line) in source.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty()) {
        if let Some((name, text)) = line.split_once('=').filter(|_| line.starts_with(|c: char| c.is_ascii_alphabetic()))
        {
            name.trim().clone_into(&mut key);
            entries.insert(key.clone(), Entry { line: at + 1, text: text.trim().to_owned() });
        } else if let Some(entry) = entries.get_mut(&key) {
            entry.text.push_str(line.trim());
        }
    }
    entries
}

/// The places in a text that are filled.
pub(super) fn places(text: &str) -> BTreeSet<&str> {
    text.split('$')
        .skip(1)
        .filter_map(|rest| rest.split(|c: char| !c.is_ascii_lowercase() && c != '-').next())
        .collect()
}

/// Our texts with those of some files over them, and what a new language lacks; or every fault with file and line.
pub(super) fn build(files: &[TextFile]) -> Result<(Vec<Texts>, Vec<String>), Vec<String>> {
    let (mut faults, mut missing) = (Vec::new(), Vec::new());
    let mut all: Vec<Texts> = LANGUAGES.iter().map(Texts::load).collect();
    for file in files {
        faults.extend(check(file));
        match FluentResource::try_new(file.source.clone()) {
            Err((_, errors)) => faults.extend(errors.iter().map(|error| {
                let line = file.source[..error.pos.start.min(file.source.len())].matches('\n').count() + 1;
                format!("{}:{line}: is not Fluent: {}", file.name, error.kind)
            })),
            Ok(own) => match all.iter_mut().find(|texts| texts.code == file.code) {
                Some(texts) => {
                    texts.bundle.add_resource_overriding(own);
                    faults.extend(silent(file, texts));
                }
                None => match new_language(file) {
                    Ok(mut texts) => {
                        missing.extend(lacking(file));
                        texts.bundle.add_resource_overriding(own);
                        faults.extend(silent(file, &texts));
                        all.push(texts);
                    }
                    Err(fault) => faults.push(fault),
                },
            },
        }
    }
    if faults.is_empty() { Ok((all, missing)) } else { Err(faults) }
}

/// Keys that we do not have, and places that their text does not fill.
fn check(file: &TextFile) -> Vec<String> {
    let english = entries(LANGUAGES[0].source);
    let mut faults = Vec::new();
    for (key, entry) in entries(&file.source) {
        let at = format!("{}:{}", file.name, entry.line);
        let Some(ours) = english.get(&key) else {
            faults.push(format!("{at}: no text of ours is called \"{key}\"; templates/texts/en.ftl lists them all"));
            continue;
        };
        let allowed = places(&ours.text);
        for place in places(&entry.text).difference(&allowed) {
            let known: Vec<String> = allowed.iter().map(|place| format!("${place}")).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            faults.push(format!("{at}: ${place} is filled by nothing in \"{key}\"; allowed: {known}"));
        }
    }
    faults
}

/// Texts without a letter where ours has some. What is paid for, the way out and every button must say what they are, so nothing can be silenced.
fn silent(file: &TextFile, texts: &Texts) -> Vec<String> {
    let english = entries(LANGUAGES[0].source);
    let is_said = |text: &str| text.chars().any(char::is_alphanumeric);
    let own = entries(&file.source).into_iter();
    let silent =
        own.filter(|(key, _)| english.get(key).is_some_and(|ours| is_said(&ours.text)) && !is_said(&texts.say(key)));
    silent
        .map(|(key, entry)| {
            format!("{}:{}: \"{key}\" says nothing; leave the line out to keep our text", file.name, entry.line)
        })
        .collect()
}

fn new_language(file: &TextFile) -> Result<Texts, String> {
    let language = Language::parse(&file.code)
        .map_err(|error| format!("{}: a file of texts is named by its language, such as nl.ftl: {error}", file.name))?;
    let comment =
        |name: &str| file.source.lines().find_map(|line| line.strip_prefix(name)).map(|said| said.trim().to_owned());
    let said = comment("# locale:");
    let code = language.primary().to_owned();
    let name = said.unwrap_or_else(|| format!("{code}_{}", code.to_uppercase()));
    let locale = Locale::try_from(name.as_str()).map_err(|_| {
        format!(
            "{}: there are no names of months for {name}; say which to take in a line such as \"# locale: sv_SE\"",
            file.name
        )
    })?;
    let digits = match code.as_str() {
        "ur" => Digits::Persian,
        "ckb" => Digits::Arabic,
        _ => Digits::Latin,
    };
    let own_name: &'static str = Box::leak(comment("# name:").unwrap_or_else(|| code.clone()).into_boxed_str());
    let code: &'static str = Box::leak(code.into_boxed_str());
    Ok(Texts::load(&Known { code, name: own_name, source: LANGUAGES[0].source, locale, digits }))
}

fn lacking(file: &TextFile) -> Option<String> {
    let own = entries(&file.source);
    let missing: Vec<String> = entries(LANGUAGES[0].source).into_keys().filter(|key| !own.contains_key(key)).collect();
    let names = missing.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
    (!missing.is_empty()).then(|| {
        let more = if missing.len() > 5 { ", …" } else { "" };
        format!("{}: {} texts are missing and stand in English: {names}{more}", file.name, missing.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(code: &str, source: &str) -> TextFile {
        TextFile { name: format!("texts/{code}.ftl"), code: code.to_owned(), source: source.to_owned() }
    }

    #[test]
    fn a_publisher_s_text_stands_before_ours_and_the_others_stay() {
        let (all, missing) = build(&[file("de", "unsubscribe = Abbestellen, bitte\n")]).unwrap();
        let german = all.iter().find(|texts| texts.code() == "de").unwrap();
        assert_eq!(german.say("unsubscribe"), "Abbestellen, bitte");
        assert_eq!(german.count("stories", 2), "2 Beiträge");
        assert!(missing.is_empty() && all.len() == LANGUAGES.len());
    }

    #[test]
    fn a_new_language_is_a_file_and_says_what_it_lacks() {
        let (all, missing) = build(&[file("nl", "unsubscribe = Afmelden\nissue-number = Nr. { $number }\n")]).unwrap();
        let dutch = all.last().unwrap();
        assert_eq!((dutch.code(), dutch.say("unsubscribe").as_str()), ("nl", "Afmelden"));
        assert_eq!(dutch.say("events"), "Events");
        assert_eq!(crate::templates::dates::month("2026-03-02".parse().unwrap(), dutch), "maart");
        assert!(missing[0].starts_with("texts/nl.ftl: ") && missing[0].contains("stand in English"), "{missing:?}");
    }

    #[test]
    fn what_is_paid_for_cannot_be_silenced_by_an_empty_text() {
        for nothing in ["{\"\"}", "{\" \"}", "\u{200B}", "·"] {
            let faults = build(&[file("de", &format!("# eigene\nsponsored = {nothing}\n"))]).unwrap_err();
            assert_eq!(faults, ["texts/de.ftl:2: \"sponsored\" says nothing; leave the line out to keep our text"]);
        }
        assert!(build(&[file("de", "sponsored = Werbung\n")]).is_ok());
    }

    #[test]
    fn every_fault_names_file_and_line() {
        let source = "# eigene\nunsubscibe = Abbestellen\nby = Von { $who }\n";
        let faults =
            build(&[file("de", source), file("fr", "by = { $name\n"), file("sv", "by = Av { $name }\n")]).unwrap_err();
        let faults = faults.join("\n");
        for said in [
            "texts/de.ftl:2: no text of ours is called \"unsubscibe\"",
            "texts/de.ftl:3: $who is filled by nothing in \"by\"; allowed: $name",
            "texts/fr.ftl:",
            "texts/sv.ftl: there are no names of months for sv_SV",
        ] {
            assert!(faults.contains(said), "{said} is not in\n{faults}");
        }
    }
}
