//! The compositor's rules: no lonely last word, no summary that runs on, no sentence cut in two.

use crate::domain::text::Language;
use unicode_segmentation::UnicodeSegmentation;

/// The characters of a story's summary on a printed page: two lines of the column.
pub const SUMMARY: usize = 120;
/// The characters of the lead's summary.
pub const STANDFIRST: usize = 320;

/// A no-break space.
const NBSP: char = '\u{A0}';
/// A last word of at most so many letters does not stand alone on a line.
const SHORT_WORD: usize = 5;

/// A headline or summary whose last two words stay together when the last is short. Left alone when there are few words to begin with.
pub fn join_last_words(text: &str) -> String {
    let short = |last: &str| last.chars().filter(|c| c.is_alphanumeric()).count() <= SHORT_WORD;
    match text.rsplit_once(' ') {
        Some((before, last)) if short(last) && before.split(' ').count() >= 3 => format!("{before}{NBSP}{last}"),
        _ => text.to_owned(),
    }
}

/// Words with the spaces that French sets before high signs and inside its quotation marks made unbreakable: none of them begins or ends a line.
/// Other languages set none there.
pub fn keep_signs(text: &str, language: &Language) -> String {
    if language.primary() != "fr" || !text.contains([';', ':', '!', '?', '»', '«', '%', '€']) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    let mut before = None;
    while let Some(c) = chars.next() {
        let stays = c == ' ' && (before == Some('«') || chars.peek().is_some_and(|next| ";:!?»%€".contains(*next)));
        out.push(if stays { NBSP } else { c });
        before = Some(c);
    }
    out
}

/// A title whose last two words stay together: `The Week in Review` never breaks before `Review`.
pub fn join_title(text: &str) -> String {
    match text.rsplit_once(' ') {
        Some((before, last)) if before.contains(' ') => format!("{before}{NBSP}{last}"),
        _ => text.to_owned(),
    }
}

/// As many whole sentences as fit into `limit` characters. A first sentence that is longer stays whole up to twice the limit; beyond that it ends at
/// a clause, and at a word where there is none. Never with an ellipsis: what stands there reads as finished.
pub fn whole_sentences(text: &str, limit: usize) -> &str {
    if text.len() <= limit || text.chars().count() <= limit {
        return text;
    }
    let ends = sentence_ends(text);
    let fits = |end: &&usize, room: usize| text[..**end].chars().count() <= room;
    if let Some(end) = ends.iter().rev().find(|end| fits(end, limit)) {
        return text[..*end].trim_end();
    }
    match ends.first().filter(|end| fits(end, 2 * limit)) {
        Some(end) => text[..*end].trim_end(),
        None => clause(text, 2 * limit),
    }
}

/// Where sentences end. A full stop after an initial or a short capitalised word (`Mr.`, `St.`, `U.S.`) is none.
fn sentence_ends(text: &str) -> Vec<usize> {
    text.split_sentence_bound_indices()
        .map(|(start, sentence)| (start + sentence.len(), sentence.trim_end()))
        .filter(|(end, sentence)| *end == text.len() || ends_sentence(sentence))
        .map(|(end, _)| end)
        .collect()
}

fn ends_sentence(sentence: &str) -> bool {
    let last = sentence.rsplit(' ').next().unwrap_or_default();
    let abbreviation = last
        .strip_suffix('.')
        .is_some_and(|word| word.contains('.') || (word.chars().count() <= 3 && word.starts_with(char::is_uppercase)));
    !abbreviation
}

/// The longest beginning of at most `limit` characters that ends at a clause, else at a word.
fn clause(text: &str, limit: usize) -> &str {
    let end = text.char_indices().nth(limit).map_or(text.len(), |(at, _)| at);
    let head = &text[..end];
    let stop = head.rfind([';', ':', ',', '،', '؛', '–', '—']).filter(|at| head[..*at].chars().count() * 2 > limit);
    let stop = stop.or_else(|| head.rfind(' ')).unwrap_or(end);
    head[..stop].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '–' | '—' | '،'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_last_word_takes_its_neighbour_along() {
        assert_eq!(join_last_words("Border towns count the cost"), "Border towns count the\u{A0}cost");
        assert_eq!(join_last_words("Border towns count again tomorrow"), "Border towns count again tomorrow");
        assert_eq!(join_last_words("Open talks"), "Open talks");
        assert_eq!(join_title("The Week in Review"), "The Week in\u{A0}Review");
    }

    #[test]
    fn french_signs_stay_with_their_word() {
        let french = Language::parse("fr").unwrap();
        assert_eq!(keep_signs("« Non », dit-il : 5 % ?", &french), "«\u{A0}Non\u{A0}», dit-il\u{A0}: 5\u{A0}%\u{A0}?");
        assert_eq!(keep_signs("No ; yes ?", &Language::english()), "No ; yes ?");
    }

    #[test]
    fn a_summary_ends_with_a_sentence() {
        let text = "The round ended early. What left the agenda says more than the joint statement. Mr. Hale disagrees, and at length, in a letter of nine pages.";
        assert_eq!(
            whole_sentences(text, 120),
            "The round ended early. What left the agenda says more than the joint statement."
        );
        assert_eq!(whole_sentences(text, 30), "The round ended early.");
        assert_eq!(whole_sentences("Short.", 120), "Short.");
    }

    #[test]
    fn a_title_before_a_name_is_no_end_of_a_sentence() {
        let text = "She met Mr. Hale of the U.S. Treasury on Monday. He said little.";
        assert_eq!(whole_sentences(text, 50), "She met Mr. Hale of the U.S. Treasury on Monday.");
    }

    #[test]
    fn an_endless_sentence_ends_at_a_clause_without_an_ellipsis() {
        let text = format!("{}, and then nothing more was heard of it for years", "word ".repeat(40).trim_end());
        let cut = whole_sentences(&text, 120);
        assert!(cut.ends_with("word") && cut.chars().count() <= 240, "{cut}");
        assert_eq!(whole_sentences(&"x".repeat(900), 120).chars().count(), 240);
    }
}
