//! What publishing systems hang on the end of an excerpt: "Continue reading", "The post … appeared first on …". Must not touch a text's own words.

use memchr::memmem;

/// Drops what publishing systems hang on the end of an excerpt.
pub fn without_trailer(text: &str) -> String {
    let mut text = text.trim();
    // "The post TITLE appeared first on SITE." stands in a paragraph of its own at the end.
    let is_there = |text: &str, words: &str| memmem::find(text.as_bytes(), words.as_bytes()).is_some();
    if is_there(text, "appeared first on")
        && let Some(at) = text.rfind("The post ").filter(|at| text[*at..].contains("appeared first on"))
    {
        text = text[..at].trim_end();
    }
    loop {
        let before = text;
        text = text.trim_end_matches(['→', '»', '›', '>', ' ', '\n', '\u{A0}']);
        for trailer in TRAILERS {
            if let Some(at) = ends_with_ignoring_case(text, trailer) {
                text = text[..at].trim_end();
            }
        }
        // "Continue reading TITLE": the words, then the title, after an ellipsis.
        if is_there(text, "Continue reading")
            && let Some(at) = text
                .rfind("Continue reading")
                .filter(|at| *at > 0 && text[..*at].trim_end().ends_with(['…', ']', '.', '"', '”']))
        {
            text = text[..at].trim_end();
        }
        if text == before {
            break;
        }
    }
    match ["[…]", "[...]", "[&hellip;]", "(…)", "(...)", "[ … ]"].iter().find_map(|mark| text.strip_suffix(mark))
    {
        // A whole sentence before the mark was not cut.
        Some(cut) if cut.trim_end().ends_with(['.', '!', '?', '。', '؟', '۔']) && !cut.trim_end().ends_with("..") => {
            cut.trim_end().to_owned()
        }
        Some(cut) if !cut.trim().is_empty() => {
            format!("{}…", cut.trim_end().trim_end_matches(['.', ',', ';', ':', '…']))
        }
        _ => text.to_owned(),
    }
}

const TRAILERS: [&str; 16] = [
    "read more",
    "read more...",
    "read more…",
    "continue reading",
    "continue reading...",
    "continue reading…",
    "keep reading",
    "read the full story",
    "full story",
    "weiterlesen",
    "mehr lesen",
    "lire la suite",
    "lire plus",
    "leer más",
    "ادامه مطلب",
    "اقرأ المزيد",
];

fn ends_with_ignoring_case(text: &str, ending: &str) -> Option<usize> {
    // No ending's last letter has a capital beyond ASCII.
    let last = |text: &str| text.bytes().last().map(|b| b.to_ascii_lowercase());
    if last(text) != last(ending) {
        return None;
    }
    let at = text.len().checked_sub(ending.len()).filter(|at| text.is_char_boundary(*at))?;
    // Not the end of a longer word, and not the whole text: a story may be called "Read more".
    let apart = at > 0 && text[..at].chars().next_back().is_some_and(|c| !c.is_alphanumeric());
    (apart && text[at..].chars().flat_map(char::to_lowercase).eq(ending.chars())).then_some(at)
}
