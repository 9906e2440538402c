//! The marks by which publishers take a story back in its headline, in the languages that the product writes and those of its neighbours. Judges a headline
//! alone, and rather misses a mark than takes a story about a withdrawal for a withdrawn one.

use unicode_normalization::UnicodeNormalization;

/// What only a publisher says at the beginning of a headline, as a whole or parted from the rest by a mark. "Withdrawn troops return" is a story.
const SAID: [&str; 66] = [
    "withdrawn",
    "retracted",
    "retraction",
    "retracted article",
    "withdrawn article",
    "retraction note",
    "article withdrawn",
    "article retracted",
    "story withdrawn",
    "story retracted",
    "this article has been removed",
    "this article has been withdrawn",
    "this article has been retracted",
    "this story has been removed",
    "this story has been withdrawn",
    "this story has been retracted",
    // German
    "artikel zurückgezogen",
    "beitrag zurückgezogen",
    "dieser artikel wurde zurückgezogen",
    "dieser beitrag wurde zurückgezogen",
    "dieser text wurde zurückgezogen",
    "dieser artikel wurde entfernt",
    "dieser beitrag wurde entfernt",
    "dieser artikel wurde gelöscht",
    "dieser beitrag wurde gelöscht",
    // French
    "rétracté",
    "article rétracté",
    "article retiré",
    "article supprimé",
    "cet article a été retiré",
    "cet article a été rétracté",
    "cet article a été supprimé",
    // Spanish
    "retractado",
    "artículo retractado",
    "artículo retirado",
    "noticia retirada",
    "este artículo ha sido retirado",
    "este artículo ha sido eliminado",
    "esta noticia ha sido retirada",
    "esta noticia ha sido eliminada",
    // Italian
    "articolo ritirato",
    "articolo ritrattato",
    "articolo rimosso",
    "questo articolo è stato ritirato",
    "questo articolo è stato rimosso",
    // Dutch
    "artikel ingetrokken",
    "artikel teruggetrokken",
    "dit artikel is ingetrokken",
    "dit artikel is teruggetrokken",
    "dit artikel is verwijderd",
    // Portuguese
    "artigo retratado",
    "artigo retirado",
    "este artigo foi retratado",
    "este artigo foi retirado",
    "este artigo foi removido",
    "esta notícia foi removida",
    // Arabic
    "تم سحب هذا المقال",
    "تم حذف هذا المقال",
    "تم سحب هذا الخبر",
    "تم حذف هذا الخبر",
    // Persian
    "این خبر حذف شد",
    "این مطلب حذف شد",
    "این مقاله پس گرفته شد",
    // Hebrew
    "כתבה זו הוסרה",
    "הכתבה הוסרה",
    "ידיעה זו הוסרה",
];

/// What news says of laws, goods and candidates too: "Zurückgezogen: Gesetz zur Maut", "Ritirato: salmone in vaschetta". It counts in brackets, or when the
/// headline says nothing else.
const IN_BRACKETS: [&str; 34] = [
    "removed",
    "deleted",
    "zurückgezogen",
    "widerrufen",
    "entfernt",
    "gelöscht",
    "retiré",
    "retirée",
    "supprimé",
    "supprimée",
    "rétractation",
    "retirado",
    "retirada",
    "eliminado",
    "eliminada",
    "retractación",
    "ritirato",
    "ritrattato",
    "ritrattazione",
    "rimosso",
    "ingetrokken",
    "teruggetrokken",
    "verwijderd",
    "retratado",
    "retratação",
    "removido",
    "removida",
    "محذوف",
    "مسحوب",
    "تم الحذف",
    "حذف شد",
    "حذف شده",
    "הוסר",
    "הוסרה",
];

const OPENING: [char; 4] = ['[', '(', '*', '【'];
const CLOSING: [char; 4] = [']', ')', '*', '】'];

/// By which word a headline takes its story back.
pub fn withdrawn(title: &str) -> Option<&'static str> {
    let title: String = title.nfc().filter(|c| !is_direction(*c)).collect::<String>().to_lowercase();
    let title = title.trim();
    let bare = title.trim_start_matches(|c| OPENING.contains(&c) || c == ' ');
    let is_bracketed = bare.len() < title.len();
    let said = SAID.into_iter().find(|word| bare.strip_prefix(word).is_some_and(is_parted));
    said.or_else(|| IN_BRACKETS.into_iter().find(|word| is_alone(bare, word, is_bracketed)))
        .or_else(|| SAID.into_iter().chain(IN_BRACKETS).find(|word| is_behind(title, word)))
}

/// Whether what follows a word is no more of its sentence: nothing, or a mark, as in "Retracted:", "Rétracté :", "Withdrawn – ".
fn is_parted(rest: &str) -> bool {
    let after = rest.trim_start();
    let is_dashed = after.starts_with(['-', '–', '—', '|']) && after.len() < rest.len();
    rest.is_empty() || is_dashed || after.starts_with([':', '：', '.', '!']) || after.starts_with(CLOSING)
}

/// Whether a word stands in brackets before a headline, or is all of it.
fn is_alone(bare: &str, word: &str, is_bracketed: bool) -> bool {
    bare.strip_prefix(word).is_some_and(|rest| {
        let is_closed = is_bracketed && rest.trim_start().starts_with(CLOSING);
        is_closed || rest.trim_end_matches(['.', '!']).is_empty()
    })
}

/// Whether a headline ends in a word in square brackets. Round ones hold what a headline says: "Nine bills and their fate (withdrawn)".
fn is_behind(title: &str, word: &str) -> bool {
    let inside = title.strip_suffix(']').and_then(|rest| rest.trim_end().strip_suffix(word));
    inside.is_some_and(|rest| rest.trim_end().ends_with('['))
}

/// Marks that turn the direction of writing, and show nothing.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publishers_mark_withdraws_in_every_language() {
        for title in [
            "Withdrawn",
            "WITHDRAWN: Harbour fees",
            "[Retracted] Harbour fees",
            "Retraction – harbour fees",
            "RETRACTED ARTICLE: Harbour fees and their end",
            "This story has been removed.",
            "[Removed] Harbour fees",
            "Harbour fees [Retracted]",
            "[Zurückgezogen] Die Hafengebühr",
            "[ZURU\u{308}CKGEZOGEN] Die Hafengebühr",
            "Zurückgezogen",
            "Artikel zurückgezogen: Die Hafengebühr",
            "Dieser Beitrag wurde gelöscht",
            "Rétracté : les droits de port",
            "Rétracté\u{a0}: les droits de port",
            "[Retiré] Les droits de port",
            "Cet article a été supprimé.",
            "Retractado: las tasas del puerto",
            "(Retirado) Las tasas del puerto",
            "Esta noticia ha sido eliminada",
            "[Ritirato] Le tasse del porto",
            "Articolo ritirato – Le tasse del porto",
            "[Ingetrokken] De havengelden",
            "Dit artikel is verwijderd",
            "[Retratado] As taxas do porto",
            "Artigo retirado: as taxas do porto",
            "\u{200f}تم حذف هذا المقال",
            "[محذوف] رسوم الميناء",
            "این خبر حذف شد",
            "[حذف شد] عوارض بندر",
            "הכתבה הוסרה",
            "[הוסר] אגרות הנמל",
            "【Retracted】 Harbour fees",
        ] {
            assert!(withdrawn(title).is_some(), "{title}");
        }
    }

    #[test]
    fn a_headline_about_a_withdrawal_withdraws_nothing() {
        for title in [
            "Withdrawn troops return home",
            "Retraction of the claws",
            "Removed from office, the mayor speaks",
            "Removed: the statue that divided a town",
            "Deleted: the scenes that nobody saw",
            "Retracted-wing planes",
            "Paper on harbour fees retracted",
            "Nine bills and their fate (withdrawn)",
            "A mayor withdraws [Opinion]",
            "Zurückgezogen: Gesetz zur Maut scheitert",
            "Zurückgezogen – wie Eremiten heute leben",
            "Zurückgezogene Truppen kehren heim",
            "Artikel zurückgezogener Autoren",
            "Entfernt verwandt: Neandertaler und wir",
            "Gelöscht: Brand in der Altstadt",
            "Le témoin s'est rétracté",
            "Rétractation : vos droits après un achat",
            "Retiré : un champion se souvient",
            "Retraité : combien pour vivre",
            "Retirada: las tropas vuelven",
            "Retirado del fútbol, abre un bar",
            "Retratado: o artista e o seu tempo",
            "Ritirato: salmone in vaschetta",
            "Ritirato dal mercato un lotto di salmone",
            "Ingetrokken: vergunning voor haven",
            "Teruggetrokken leven op een eiland",
            "حذف شدن نام او از فهرست",
            "محذوف من القائمة: قصة لاعب",
            "הוסרה המגבלה על הנמל",
            "",
            "[",
            "[]",
        ] {
            assert!(withdrawn(title).is_none(), "{title}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_word_counts_in_brackets_and_never_within_another(at in 0..(SAID.len() + IN_BRACKETS.len()), tail in "[b-df-z][a-z]{0,5}( [a-z]{1,6})?") {
            let word = SAID.into_iter().chain(IN_BRACKETS).nth(at).unwrap();
            let marked = format!("[{}] {tail}", word.to_uppercase());
            proptest::prop_assert!(withdrawn(&marked).is_some(), "{}", marked);
            let merged = format!("{word}{tail}");
            proptest::prop_assert_eq!(withdrawn(&merged), None, "{}", merged);
        }
    }
}
