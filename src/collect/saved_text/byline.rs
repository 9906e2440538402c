//! People in running text: a byline, an author's note, who "writes" in a summary.

use crate::collect::feed;
use crate::domain::text::Line;

/// The names of a line that is a byline: "By Ann Smith", "Von Petra Klein".
pub fn of_line(line: &str) -> Option<Vec<Line>> {
    let line = line.trim();
    let by = ["By ", "BY ", "by ", "Von ", "Par ", "Por ", "Written by ", "Words by ", "Posted by "]
        .iter()
        .find(|by| line.starts_with(**by))?;
    let rest = &line[by.len()..];
    // "By Ann Smith, Washington | March 3, 2013": what follows a bar is not the name.
    let rest = rest.split(['|', '•', '·']).next().unwrap_or(rest);
    let short = rest.split_whitespace().count() <= 12 && !rest.trim_end().ends_with('.');
    let names = feed::byline(rest);
    (short && !names.is_empty() && names.iter().all(|name| name_at(name.as_str()) > 0)).then_some(names)
}

/// Who "writes", "reports" or "argues" in a sentence.
pub fn in_sentence(text: &str) -> Option<Line> {
    for verb in [" writes ", " reports ", " argues ", " explains "] {
        let padded = format!("{text} ");
        for (at, _) in padded.match_indices(verb) {
            let after = &padded[at + verb.len()..];
            // "…, writes Ann Smith." names the writer after the verb, "Ann Smith writes that …" before it.
            let follows = padded[..at].ends_with([',', '”', '"', '’']);
            let length = name_at(after);
            if follows && length > 0 {
                return Some(Line::clean(after[..length].trim_end_matches(['.', ',', ';', ':'])));
            }
            let start = padded[..at].rfind(['.', ',', '—']).map_or(0, |dot| dot + 1);
            let before = padded[start..at].trim();
            if name_at(before) == before.len() && !before.is_empty() {
                return Some(Line::clean(before));
            }
        }
    }
    None
}

/// The name that an author's note begins with: "Ann Smith is …", "Ann Smith covers …".
pub fn of_note(text: &str) -> Option<Line> {
    let text = text.trim().trim_start_matches("About the author:").trim_start_matches("About the author").trim();
    let length = name_at(text);
    let rest = text.get(length..)?.trim_start();
    let verbs = [
        "is ",
        "was ",
        "covers ",
        "writes ",
        "reports ",
        "works ",
        "teaches ",
        "has ",
        "contributed ",
        "lives ",
        "serves ",
        "edits ",
        "directs ",
        "joined ",
    ];
    (length > 0 && verbs.iter().any(|verb| rest.starts_with(verb)))
        .then(|| Line::clean(text[..length].trim_end_matches(',')))
}

/// Whether a paragraph tells of somebody who writes.
pub fn tells_of_a_writer(text: &str) -> bool {
    const WORDS: [&str; 32] = [
        "journalist",
        "correspondent",
        "columnist",
        "reporter",
        "freelance",
        "contributor",
        "contributing",
        "contributes",
        "analyst",
        "commentator",
        "editor of",
        "editor at",
        "editor in chief",
        "staff writer",
        "a writer",
        "author of",
        "author whose",
        "co-author",
        "professor",
        "lecturer",
        "fellow at",
        "senior fellow",
        "researcher",
        "scholar",
        "blogs at",
        "on twitter",
        "email him",
        "email her",
        "email them",
        "can be reached",
        "his latest book",
        "her latest book",
    ];
    let text = text.to_lowercase();
    text.chars().count() <= 700 && WORDS.iter().any(|word| text.contains(word))
}

/// The length in bytes of the name that a text begins with: two to five words with capital letters, small particles among them; 0 if there is none.
pub fn name_at(text: &str) -> usize {
    const PARTICLES: [&str; 20] = [
        "de", "da", "di", "del", "della", "la", "le", "van", "von", "der", "den", "bin", "ibn", "al", "el", "bint",
        "dos", "du", "zu", "y",
    ];
    const NEVER: [&str; 22] = [
        "the", "a", "an", "this", "that", "these", "in", "on", "at", "but", "and", "for", "when", "while", "after",
        "as", "it", "he", "she", "they", "we", "there",
    ];
    let (mut end, mut at, mut capitals) = (0, 0, 0);
    for word in text.split_inclusive(' ') {
        let bare = word.trim();
        let core = bare.trim_matches(|c: char| !c.is_alphabetic());
        let capital = core.chars().next().is_some_and(char::is_uppercase);
        let first = capitals == 0;
        if core.is_empty()
            || (first && NEVER.contains(&core.to_lowercase().as_str()))
            || bare.chars().any(|c| c.is_ascii_digit())
        {
            break;
        }
        if capital && capitals < 5 {
            capitals += 1;
            end = at + word.trim_end().len();
        } else if first || !PARTICLES.contains(&core) {
            break;
        }
        at += word.len();
        // "Q." is an initial; any other stop ends the name.
        let initial = core.chars().count() == 1 || matches!(core, "Jr" | "Sr" | "Dr" | "St");
        if bare.ends_with([',', ';', ':']) || (bare.ends_with('.') && !initial) {
            break;
        }
    }
    if capitals >= 2 { end } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_writes_is_found_on_either_side() {
        let who = |text| in_sentence(text).map(|n| n.as_str().to_owned());
        assert_eq!(who("The talks have stalled, writes Mina Vahid Rostami.").as_deref(), Some("Mina Vahid Rostami"));
        assert_eq!(who("Jan van der Meer reports that the dam held.").as_deref(), Some("Jan van der Meer"));
        assert_eq!(who("A committee writes the law."), None);
        assert_eq!(who("He writes about dams."), None);
    }

    #[test]
    fn a_note_begins_with_a_name() {
        assert_eq!(of_note("Ann Q. Smith is a reporter in Oslo.").unwrap().as_str(), "Ann Q. Smith");
        assert_eq!(of_note("The minister is a reporter's friend."), None);
        assert_eq!(of_note("Ministers are asked."), None);
        assert!(
            tells_of_a_writer("Ann Smith is a freelance journalist.")
                && !tells_of_a_writer("Ann Smith is a farmer from Oslo.")
        );
    }

    #[test]
    fn bylines_are_told_from_sentences() {
        assert_eq!(of_line("By Ann Smith and Bob Lee").unwrap().len(), 2);
        assert_eq!(of_line("By the end of the year"), None);
    }
}
