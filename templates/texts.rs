//! The fixed texts of mails and reader pages, per language, from the Fluent files beside this one.
//!
//! A language is added by adding its file and a line to [`LANGUAGES`], or by a publisher's own file (`own`); a test fails when a key is missing, unused or left untranslated.

use crate::domain::text::{Direction, Language};
use crate::templates::writing::{Digits, isolate};
use chrono::Locale;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::{LazyLock, PoisonError, RwLock};
use unic_langid::LanguageIdentifier;

mod own;

pub use own::TextFile;

/// What is known of a language in which the fixed texts exist.
struct Known {
    code: &'static str,
    /// What its readers call it.
    name: &'static str,
    source: &'static str,
    locale: Locale,
    digits: Digits,
}

const LANGUAGES: [Known; 7] = [
    Known {
        code: "en",
        name: "English",
        source: include_str!("texts/en.ftl"),
        locale: Locale::en_GB,
        digits: Digits::Latin,
    },
    Known {
        code: "fa",
        name: "فارسی",
        source: include_str!("texts/fa.ftl"),
        locale: Locale::fa_IR,
        digits: Digits::Persian,
    },
    Known {
        code: "fr",
        name: "Français",
        source: include_str!("texts/fr.ftl"),
        locale: Locale::fr_FR,
        digits: Digits::Latin,
    },
    Known {
        code: "de",
        name: "Deutsch",
        source: include_str!("texts/de.ftl"),
        locale: Locale::de_DE,
        digits: Digits::Latin,
    },
    Known {
        code: "es",
        name: "Español",
        source: include_str!("texts/es.ftl"),
        locale: Locale::es_ES,
        digits: Digits::Latin,
    },
    Known {
        code: "ar",
        name: "العربية",
        source: include_str!("texts/ar.ftl"),
        locale: Locale::ar_EG,
        digits: Digits::Arabic,
    },
    Known {
        code: "he",
        name: "עברית",
        source: include_str!("texts/he.ftl"),
        locale: Locale::he_IL,
        digits: Digits::Latin,
    },
];

/// The texts in use: ours, or what a publisher made of them. Replaced when a configuration is loaded, never while an issue is rendered by it.
static CURRENT: LazyLock<RwLock<(Vec<TextFile>, &'static [Texts])>> =
    LazyLock::new(|| RwLock::new((Vec::new(), Vec::leak(LANGUAGES.iter().map(Texts::load).collect()))));

fn all() -> &'static [Texts] {
    CURRENT.read().unwrap_or_else(PoisonError::into_inner).1
}

/// The fixed texts in one language.
pub struct Texts {
    code: &'static str,
    locale: Locale,
    digits: Digits,
    bundle: FluentBundle<FluentResource>,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Texts").field(&self.code).finish()
    }
}

impl Texts {
    /// The texts in a language, if they exist in it; `pt-br` finds `pt`.
    pub fn find(language: &Language) -> Option<&'static Self> {
        all().iter().find(|texts| texts.code == language.primary())
    }

    /// The texts in a language, else in English.
    pub fn of(language: &Language) -> &'static Self {
        Self::find(language).unwrap_or(&all()[0])
    }

    /// The languages in which the fixed texts exist.
    pub fn languages() -> impl Iterator<Item = &'static str> {
        all().iter().map(|texts| texts.code)
    }

    /// Our texts with those of some files over them, and a sentence on what a new language lacks; or every fault with file and line.
    pub fn build(files: &[TextFile]) -> Result<(Vec<Self>, Vec<String>), Vec<String>> {
        own::build(files)
    }

    /// Makes the texts of some files those in use. Files with a fault change nothing: they were told of when the configuration was read.
    pub fn install(files: &[TextFile]) {
        let mut current = CURRENT.write().unwrap_or_else(PoisonError::into_inner);
        if current.0 != files
            && let Ok((texts, _)) = Self::build(files)
        {
            // What is in use may be borrowed anywhere, so an earlier set is not freed; an editor makes few of them.
            *current = (files.to_vec(), Vec::leak(texts));
        }
    }

    /// The same with what their readers call them.
    pub fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
        LANGUAGES.iter().map(|known| (known.code, known.name))
    }

    fn load(known: &Known) -> Self {
        let language: LanguageIdentifier = known.code.parse().expect("the codes of our own files are language tags");
        let resource = FluentResource::try_new(known.source.to_owned())
            .unwrap_or_else(|(_, errors)| unreachable!("{}.ftl is compiled in and tested: {errors:?}", known.code));
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Isolation is decided where a text is put together: marks round every number would only add bytes.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(match known.digits {
            Digits::Latin => |value, _| Digits::Latin.of_value(value),
            Digits::Persian => |value, _| Digits::Persian.of_value(value),
            Digits::Arabic => |value, _| Digits::Arabic.of_value(value),
        }));
        bundle.add_resource(resource).expect("a file holds each key once, as its test proves");
        Self { code: known.code, locale: known.locale, digits: known.digits, bundle }
    }

    /// The language tag of these texts.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The direction in which these texts run.
    pub fn direction(&self) -> Direction {
        Language::parse(self.code).map_or(Direction::Ltr, |language| language.direction())
    }

    /// The locale of names of months and days.
    pub(super) fn locale(&self) -> Locale {
        self.locale
    }

    /// A whole number in local digits.
    pub fn number(&self, number: impl Into<u64>) -> String {
        self.digits.of(&number.into().to_string())
    }

    /// The numerals of a numbered list, as style sheets name them.
    pub fn numerals(&self) -> &'static str {
        match self.digits {
            Digits::Latin => "decimal",
            Digits::Persian => "persian",
            Digits::Arabic => "arabic-indic",
        }
    }

    /// A text in which digits become local.
    pub fn local_digits(&self, text: &str) -> String {
        self.digits.of(text)
    }

    /// A text of ours.
    pub fn say(&self, key: &str) -> String {
        self.say_with(key, [])
    }

    /// A text of ours with its places filled.
    pub fn say_with<'v, const N: usize>(&self, key: &str, values: [(&'static str, FluentValue<'v>); N]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            debug_assert!(false, "{}.ftl has no {key}", self.code);
            return key.to_owned();
        };
        let arguments: FluentArgs<'v> = values.into_iter().collect();
        self.bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned()
    }

    /// A text of ours with one place filled by words.
    pub fn say_of(&self, key: &str, name: &'static str, words: &str) -> String {
        self.say_with(key, [(name, FluentValue::from(words))])
    }

    /// A text of ours that counts.
    pub fn count(&self, key: &str, count: usize) -> String {
        self.say_with(key, [("count", FluentValue::from(count))])
    }

    /// Names joined as a sentence joins them: `A, B and C`.
    pub fn list<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> String {
        let mut names: Vec<String> = names.into_iter().map(|name| isolate(name, self.direction())).collect();
        let Some(last) = names.pop() else { return String::new() };
        if names.is_empty() {
            return last;
        }
        let first = names.join(&self.say("list-comma"));
        self.say_with("list-last", [("first", FluentValue::from(first)), ("last", FluentValue::from(last))])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use own::{entries, places};

    /// The source of every template, tests included.
    fn sources() -> String {
        fn read(folder: &std::path::Path, out: &mut String) {
            for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if entry.is_dir() {
                    read(&entry, out);
                } else if entry.extension().is_some_and(|extension| extension == "rs") {
                    out.push_str(&std::fs::read_to_string(entry).unwrap());
                }
            }
        }
        let mut out = String::new();
        read(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), &mut out);
        out
    }

    /// Texts that are rightly the same in several languages.
    const SAME: [&str; 1] = ["minutes"];

    #[test]
    fn no_key_is_missing_unused_or_untranslated() {
        let (english, sources) = (entries(LANGUAGES[0].source), sources());
        for key in english.keys() {
            assert!(sources.contains(&format!("\"{key}\"")), "no template uses {key}");
        }
        for known in &LANGUAGES[1..] {
            let texts = entries(known.source);
            assert_eq!(english.keys().collect::<Vec<_>>(), texts.keys().collect::<Vec<_>>(), "{}.ftl", known.code);
            for (key, text) in &texts {
                assert_eq!(places(&english[key].text), places(&text.text), "{}.ftl, {key}", known.code);
                let outside: String =
                    text.text.split('{').map(|part| part.split('}').next_back().unwrap_or_default()).collect();
                let words = outside.chars().any(char::is_alphabetic);
                assert!(
                    !words || text.text != english[key].text || SAME.contains(&key.as_str()),
                    "{}.ftl, {key}",
                    known.code
                );
            }
        }
    }

    #[test]
    fn every_text_can_be_said_in_every_language() {
        for texts in all() {
            for key in entries(LANGUAGES[0].source).keys() {
                let said = texts.say_with(
                    key,
                    [
                        "count",
                        "number",
                        "name",
                        "first",
                        "last",
                        "address",
                        "date",
                        "from",
                        "to",
                        "day",
                        "month",
                        "year",
                        "newsletter",
                        "words",
                    ]
                    .map(|place| (place, FluentValue::from(3))),
                );
                assert!(!said.is_empty() && !said.contains(['{', '}']), "{}: {key}: {said}", texts.code);
            }
        }
    }

    #[test]
    fn numbers_and_plurals_are_local() {
        let (english, persian) = (&all()[0], &all()[1]);
        assert_eq!(english.count("stories", 1), "1 story");
        assert_eq!(english.count("stories", 14), "14 stories");
        assert_eq!(persian.count("stories", 14), "۱۴ گزارش");
        assert_eq!(persian.number(2026_u32), "۲۰۲۶");
    }

    #[test]
    fn names_are_joined_as_a_sentence_joins_them() {
        assert_eq!(all()[0].list(["A"]), "A");
        assert_eq!(all()[0].list(["A", "B", "C"]), "A, B and C");
        assert_eq!(all()[1].list(["مینا", "آرش"]), "مینا و آرش");
        assert_eq!(all()[1].list(["مینا", "Ada"]), "مینا و \u{2068}Ada\u{2069}");
    }

    #[test]
    fn an_unknown_language_gets_english() {
        assert_eq!(Texts::of(&Language::parse("nl").unwrap()).code(), "en");
        assert_eq!(Texts::of(&Language::parse("fa-ir").unwrap()).code(), "fa");
    }
}
