//! Names as feeds write them: `ed@example.org (Ed Itor)`, `Zoë Q. <z@example.org>`, `By Ann Smith and Bob Lee`.

use crate::collect::prose;
use crate::domain::text::Line;
use serde::Serialize;

/// Somebody who wrote something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Their page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Person {
    /// Reads a name that may have an address with it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = prose::line(text);
        let text = text.as_str();
        if text.is_empty() {
            return None;
        }
        let (name, email) = split_address(text);
        // "noreply@blogger.com" is nobody's address.
        let email = email.filter(|address| !address.starts_with("noreply@") && !address.starts_with("no-reply@"));
        let person = Self { name, email, url: None };
        (person.name.is_some() || person.email.is_some()).then_some(person)
    }
}

fn split_address(text: &str) -> (Option<String>, Option<String>) {
    let filled = |text: &str| {
        let text = text.trim().trim_matches(['"', '(', ')', '<', '>']).trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    for (open, close) in [('<', '>'), ('(', ')')] {
        if let Some((before, rest)) = text.split_once(open)
            && let Some((inside, _)) = rest.split_once(close)
        {
            let (before, inside) = (before.trim(), inside.trim().trim_start_matches("mailto:"));
            if is_address(inside) {
                return (filled(before), Some(inside.to_owned()));
            }
            if is_address(before) {
                return (filled(inside), Some(before.to_owned()));
            }
        }
    }
    let address = text.trim_start_matches("mailto:");
    if is_address(address) { (None, Some(address.to_owned())) } else { (filled_name(text), None) }
}

fn filled_name(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty() && domain.contains('.') && !text.contains(char::is_whitespace) && !domain.contains('@')
}

/// The most people that one byline names.
const MOST: usize = 60;

/// A byline as names: "By Ann Smith and Bob Lee" are two people.
pub fn byline(text: &str) -> Vec<Line> {
    let line = prose::line(text);
    let mut text = line.as_str().trim();
    // "Words by By Ann": what stands before the people may stand there twice.
    while let Some(rest) = BEFORE.iter().find_map(|by| without_start(text, by)) {
        text = rest;
    }
    let text = with_companions(without_surroundings(text));
    let mut names: Vec<Line> = Vec::new();
    let mut parts = vec![text.as_str()];
    for joint in [" and ", " AND ", " & ", " und ", " et ", " y ", " و ", ";", " | ", "、", "，", "،"] {
        if parts.iter().any(|part| part.contains(joint)) {
            parts = parts.into_iter().flat_map(|part| part.split(joint)).collect();
        }
    }
    for part in parts {
        for name in split_commas(part) {
            let name = name.trim().trim_matches([',', '|', '·', '-', '–', '—', '¿', '•']).trim();
            let name = Line::clean_to(&tidy_name(name), 120);
            if names.len() < MOST
                && !name.is_empty()
                && !names.contains(&name)
                && !is_address(name.as_str())
                && !name.as_str().starts_with("http")
            {
                names.push(name);
            }
        }
    }
    names
}

/// "Ann Smith (with Bob Lee)" are as many people as "Ann Smith and Bob Lee".
fn with_companions(text: &str) -> String {
    for open in [" (with ", " (avec ", " (mit ", " (con ", " (com ", " (met "] {
        if let Some((before, rest)) = text.split_once(open)
            && let Some((inside, after)) = rest.split_once(')')
        {
            return format!("{before} & {inside}{after}");
        }
    }
    text.to_owned()
}

/// What stands before the people, with a blank or a colon behind it.
const BEFORE: [&str; 38] = [
    "by",
    "von",
    "par",
    "por",
    "di",
    "door",
    "av",
    "af",
    "text",
    "texte",
    "texto",
    "testo",
    "tekst",
    "words",
    "story",
    "written by",
    "posted by",
    "published by",
    "reported by",
    "author",
    "authors",
    "autor",
    "autorin",
    "auteur",
    "autore",
    "reporter",
    "автор",
    "текст",
    "作者",
    "取材・文",
    "文",
    "撰文",
    "저자",
    "记者",
    "記者",
    "نویسنده",
    "بقلم",
    "كتب",
];

/// A text without a word at its beginning, if it begins with that and goes on.
fn without_start<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    let mut chars = text.char_indices();
    for expected in start.chars() {
        let (_, c) = chars.next()?;
        if !c.to_lowercase().eq(expected.to_lowercase()) {
            return None;
        }
    }
    let rest = chars.as_str();
    let after = rest.trim_start();
    let marked = after.strip_prefix([':', '：', '/', '・', '＝', '=']);
    let rest = marked.or((after.len() < rest.len()).then_some(after))?.trim_start();
    // "Author" alone, or "By the way", is nobody; "di" and "von" before one word belong to the name.
    (!rest.is_empty()).then_some(rest)
}

/// Cuts what stands behind the people: "Ann Smith in Washington", "Ann Smith · 5 min read", "Ann Smith, March 3, 2025".
fn without_surroundings(text: &str) -> &str {
    const MARKS: [&str; 26] = [
        " in ",
        " for ",
        " at ",
        " on ",
        " from ",
        " · ",
        " • ",
        " | ",
        " — ",
        " – ",
        " - ",
        " (http",
        " published ",
        " updated ",
        " posted ",
        " edited by ",
        " reviewed by ",
        " translated by ",
        " photos by ",
        " photographs by ",
        " photography by ",
        " illustrations by ",
        " illustration by ",
        " envoyé",
        " correspondant",
        " à ",
    ];
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return text;
    }
    let words_before = |at: usize| text[..at].split_whitespace().count();
    let mark = MARKS.iter().filter_map(|mark| lower.find(mark)).filter(|at| words_before(*at) >= 2).min();
    let digit = text.find(|c: char| c.is_ascii_digit()).filter(|at| words_before(*at) >= 2);
    // The word before a number is the month or the like.
    let digit =
        digit.map(|at| text[..at].trim_end().rfind([',', ' ']).unwrap_or(at)).filter(|at| words_before(*at) >= 2);
    text[..mark.unwrap_or(text.len()).min(digit.unwrap_or(text.len()))].trim_end_matches([' ', ',', '-', '|', '–'])
}

/// A name without what decorates it: pictographs, and the underlines of a user's name.
fn tidy_name(name: &str) -> String {
    // An address or the name of an account is another way to reach them.
    let words: Vec<&str> = name.split_whitespace().filter(|word| !word.contains('@')).collect();
    let spelt: String = words
        .join(" ")
        .chars()
        .filter(|c| !matches!(*c as u32, 0x2600..=0x27BF | 0x1F000..=0x1FAFF | 0xFE0F | 0x200D))
        .map(|c| if c == '_' { ' ' } else { c })
        .collect();
    let mut words: Vec<&str> = spelt.split_whitespace().collect();
    if words.len() == 2 && ["기자", "특파원", "논설위원", "記者", "记者"].contains(&words[1]) {
        words.pop();
    }
    // "Ann Smith Staff Writer": two words at least are the name. "Our Foreign Staff" is one.
    while words.len() > 2
        && !words[0].eq_ignore_ascii_case("our")
        && words.last().is_some_and(|last| OFFICES.contains(&last.to_lowercase().as_str()))
    {
        words.pop();
    }
    words.join(" ").trim_end_matches(['-', '–', '—', '/']).trim().to_owned()
}

/// What people are, where it follows their name without a comma.
const OFFICES: [&str; 12] = [
    "editor",
    "reporter",
    "correspondent",
    "writer",
    "staff",
    "senior",
    "contributor",
    "columnist",
    "redakteur",
    "redakteurin",
    "korrespondent",
    "korrespondentin",
];

/// Whether a piece is a degree or an agency: "Ann Smith, MD", "Ann Smith, AFP".
fn is_acronym(piece: &str) -> bool {
    let letters: String = piece.chars().filter(|c| *c != '.').collect();
    (2..=6).contains(&letters.len())
        && letters.bytes().all(|b| b.is_ascii_alphabetic())
        && letters.bytes().filter(u8::is_ascii_uppercase).count() >= 2
}

/// Words of what somebody is, not of what somebody is called.
fn is_role(piece: &str) -> bool {
    const ROLES: [&str; 40] = [
        "editor",
        "reporter",
        "correspondent",
        "writer",
        "staff",
        "contributor",
        "columnist",
        "analyst",
        "journalist",
        "author",
        "director",
        "professor",
        "fellow",
        "senior",
        "chief",
        "researcher",
        "producer",
        "photographer",
        "economist",
        "president",
        "university",
        "institute",
        "news",
        "technologist",
        "lecturer",
        "editor-in-chief",
        "freelance",
        "special",
        "redakteur",
        "redakteurin",
        "korrespondent",
        "korrespondentin",
        "journaliste",
        "rédacteur",
        "rédactrice",
        "redactor",
        "redactora",
        "manager",
        "desk",
        "times",
    ];
    piece.split_whitespace().any(|word| ROLES.contains(&word.to_lowercase().as_str()))
}

/// Commas part people when each side is a full name; "Smith, Ann" is one, and so is "Ann Smith, Washington".
fn split_commas(part: &str) -> Vec<&str> {
    let mut pieces: Vec<&str> = part.split(',').map(str::trim).filter(|piece| !piece.is_empty()).collect();
    if pieces.first().is_some_and(|name| name.split_whitespace().count() >= 2) {
        // A degree, an agency, or where they were: "Ann Smith, Washington".
        let is_name = |piece: &str| piece.contains(' ') || !piece.starts_with(char::is_uppercase);
        while pieces.len() > 1 && pieces.last().is_some_and(|last| is_acronym(last) || !is_name(last)) {
            pieces.pop();
        }
    }
    if let [name, rest @ ..] = pieces.as_slice()
        && !rest.is_empty()
        && name.split_whitespace().count() >= 2
        && !is_role(name)
        && rest.iter().any(|piece| is_role(piece))
    {
        let people = rest.iter().take_while(|piece| !is_role(piece) && piece.split_whitespace().count() >= 2);
        return std::iter::once(*name).chain(people.copied()).collect();
    }
    if pieces.len() > 1 && pieces.iter().all(|piece| piece.split_whitespace().count() >= 2) {
        pieces
    } else if let [alone] = pieces.as_slice() {
        vec![alone]
    } else {
        vec![part]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_told_apart() {
        let read = |text| {
            Person::parse(text).map(|p| (p.name.unwrap_or_default(), p.email.unwrap_or_default())).unwrap_or_default()
        };
        assert_eq!(read("ed@ex.org (Ed Itor)"), ("Ed Itor".into(), "ed@ex.org".into()));
        assert_eq!(read("Zoë Q. <z@ex.org>"), ("Zoë Q.".into(), "z@ex.org".into()));
        assert_eq!(read("z@ex.org"), (String::new(), "z@ex.org".into()));
        assert_eq!(read("noreply@blogger.com (Ann)"), ("Ann".into(), String::new()));
        assert_eq!(read("Ann (Reuters)"), ("Ann (Reuters)".into(), String::new()));
        assert_eq!(Person::parse("  "), None);
    }

    #[test]
    fn a_byline_is_people() {
        let names = |text| byline(text).iter().map(|n| n.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(names("By Ann Smith and Bob Lee"), ["Ann Smith", "Bob Lee"]);
        assert_eq!(names("Ann Smith, Bob Lee & Cy Orr"), ["Ann Smith", "Bob Lee", "Cy Orr"]);
        assert_eq!(names("Smith, Ann"), ["Smith, Ann"]);
        assert_eq!(names("Von Petra Klein"), ["Petra Klein"]);
        assert_eq!(names("Ann Smith, Senior Staff Writer, Privacy"), ["Ann Smith"]);
        assert_eq!(names("By Ann Smith in Washington"), ["Ann Smith"]);
        assert_eq!(names("Ann Smith · 5 min read"), ["Ann Smith"]);
        assert_eq!(names("By Ann Smith, March 3, 2025 4:00 pm"), ["Ann Smith"]);
        assert_eq!(names("Posted by ann"), ["ann"]);
        assert_eq!(names("By: Ann Smith ❤️"), ["Ann Smith"]);
        assert_eq!(names("Words by: Ann_Smith"), ["Ann Smith"]);
        assert_eq!(names("By Ann Smith, Bob Lee and Cy Orr, CNN"), ["Ann Smith", "Bob Lee", "Cy Orr"]);
        assert_eq!(names("By Brenda Goodman, MA"), ["Brenda Goodman"]);
        assert_eq!(names("Автор: Анна Кузнецова"), ["Анна Кузнецова"]);
        assert_eq!(names("作者：张伟"), ["张伟"]);
        assert_eq!(names("Byron Smith"), ["Byron Smith"]);
    }

    #[test]
    fn what_stands_behind_the_people_is_left_out_and_companions_are_not() {
        let names = |text| byline(text).iter().map(|n| n.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(
            names("Martine Leroy (avec Denis Roux et Anne Morel)"),
            ["Martine Leroy", "Denis Roux", "Anne Morel"]
        );
        assert_eq!(names("Ann Smith (with Bob Lee)"), ["Ann Smith", "Bob Lee"]);
        assert_eq!(names("ANN SMITH and BOB LEE - AP Technology Writers"), ["ANN SMITH", "BOB LEE"]);
        assert_eq!(names("Ann Smith – The Moon"), ["Ann Smith"]);
        assert_eq!(names("Ann Smith Edited by Bob Lee"), ["Ann Smith"]);
        assert_eq!(names("Anne Morel Envoyée spéciale à Toulouse"), ["Anne Morel"]);
        assert_eq!(names("Ann B. Smith (http://gazette.example/ann/)"), ["Ann B. Smith"]);
        assert_eq!(names("— Ann Smith"), ["Ann Smith"]);
        assert_eq!(names("Von Max Mustermann, Berlin"), ["Max Mustermann"]);
        assert_eq!(names("BY ANN SMITH AND BOB LEE"), ["ANN SMITH", "BOB LEE"]);
        assert_eq!(names("By Ann Smith ann@gazette.example"), ["Ann Smith"]);
        assert_eq!(names("By Ann Smith (@ann_smith)"), ["Ann Smith"]);
        assert_eq!(names("@ann_smith"), Vec::<String>::new());
        assert_eq!(names("文・山田太郎"), ["山田太郎"]);
        assert_eq!(names("김철수 기자"), ["김철수"]);
        assert_eq!(names("Ann Smith and Ann Smith"), ["Ann Smith"]);
        assert_eq!(names("Our Foreign Staff"), ["Our Foreign Staff"]);
        assert_eq!(names("Ann Smith Staff Writer"), ["Ann Smith"]);
    }
}
