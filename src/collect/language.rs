//! The language of a text: declared, else the source's, else detected on enough of it.

use crate::domain::text::Language;

/// Fewer characters than this are too few to detect by.
const ENOUGH: usize = 120;

/// Decides a language. `parts` of the text are looked at only when nothing is declared.
pub fn of(
    declared: Option<Language>,
    source: Option<&Language>,
    title: &str,
    body: &str,
    summary: &str,
) -> Option<Language> {
    declared.or_else(|| source.cloned()).or_else(|| {
        let text = format!("{title}\n{}\n{summary}", body.chars().take(2_000).collect::<String>());
        detect(&text)
    })
}

/// Detects the language of a text of some length, if that can be said reliably.
pub fn detect(text: &str) -> Option<Language> {
    if text.chars().count() < ENOUGH {
        return None;
    }
    let found = whatlang::detect(text).filter(whatlang::Info::is_reliable)?;
    Language::parse(two_letters(found.lang())?).ok()
}

/// ISO 639-1 for the languages that the detector knows; newsletters are not written in the others.
fn two_letters(lang: whatlang::Lang) -> Option<&'static str> {
    use whatlang::Lang;
    Some(match lang {
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Pol => "pl",
        Lang::Kor => "ko",
        Lang::Tur => "tr",
        Lang::Swe => "sv",
        Lang::Dan => "da",
        Lang::Nob => "no",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Fin => "fi",
        Lang::Ron => "ro",
        Lang::Pes => "fa",
        Lang::Urd => "ur",
        Lang::Vie => "vi",
        Lang::Ind => "id",
        Lang::Tha => "th",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Cat => "ca",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Aze => "az",
        Lang::Ben => "bn",
        Lang::Tam => "ta",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_declared_wins_and_short_texts_are_not_guessed_at() {
        let fa = Language::parse("fa").unwrap();
        assert_eq!(of(Some(fa.clone()), None, "An English title", "", ""), Some(fa.clone()));
        assert_eq!(of(None, None, "Kurz", "", ""), None);
        let german = "Der Ausschuss hat sich am Freitag nach langen Verhandlungen auf einen Entwurf geeinigt, der im Parlament beraten wird. Wann abgestimmt wird, ist noch offen.";
        assert_eq!(of(None, Some(&fa), "", german, ""), Some(fa), "what is said of the source goes before a guess");
        assert_eq!(of(None, None, "", german, "").unwrap().as_str(), "de");
    }

    #[test]
    fn a_paragraph_is_enough_to_detect_by() {
        let german = "Der Ausschuss hat sich am Freitag nach langen Verhandlungen auf einen Entwurf geeinigt, der im kommenden Monat dem Parlament vorgelegt werden soll.";
        assert_eq!(detect(german).unwrap().as_str(), "de");
        let persian = "کمیته روز جمعه پس از مذاکرات طولانی بر سر پیش‌نویسی توافق کرد که قرار است ماه آینده به مجلس ارائه شود و درباره آن رأی‌گیری خواهد شد و نتیجه آن اعلام می‌شود.";
        assert_eq!(detect(persian).unwrap().as_str(), "fa");
    }
}
