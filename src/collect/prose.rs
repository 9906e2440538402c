//! Markup → plain text, and text → a summary. Pure functions over strings; must not parse a DOM.

mod trailer;

use crate::collect::entities;
use crate::collect::guard::{Token, Tokens};
use crate::domain::text::{LINE_LIMIT, Line, may_stand, only};
use std::borrow::Cow;
use trailer::without_trailer;

/// The text of a fragment: tags dropped, references decoded, blocks apart by line breaks, scripts and styles gone. Line breaks of the markup itself are
/// blanks, but for a text without any markup, whose lines are its own.
pub fn to_text(html: &str) -> String {
    let mut out = String::with_capacity(html.len().min(1 << 16));
    let mut hidden: Option<&str> = None;
    let mut wrapped = html.contains('<') && looks_like_markup(html);
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) if hidden.is_none() && wrapped => push_unwrapped(&mut out, &entities::decode(text)),
            Token::Text(text) if hidden.is_none() => out.push_str(&entities::decode(text)),
            Token::Tag(tag) => {
                if tag.name.eq_ignore_ascii_case("pre") {
                    wrapped = tag.end;
                }
                if is_block(tag.name) && !out.ends_with('\n') {
                    out.push('\n');
                }
                match hidden {
                    Some(name) if tag.end && tag.name.eq_ignore_ascii_case(name) => hidden = None,
                    None if !tag.end && tag.name.eq_ignore_ascii_case("noscript") => hidden = Some(tag.name),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    out
}

/// Appends text of markup, in which any run of white space is one blank.
fn push_unwrapped(out: &mut String, text: &str) {
    let is_blank = |b: u8| matches!(b, b' ' | b'\n' | b'\t' | b'\r' | 0xC);
    let bytes = text.as_bytes();
    // Nearly all text has single blanks only.
    if memchr::memchr3(b'\n', b'\t', b'\r', bytes).is_none()
        && memchr::memchr(0xC, bytes).is_none()
        && !text.contains("  ")
    {
        let repeats = out.is_empty() || out.ends_with([' ', '\n']);
        out.push_str(if repeats { text.strip_prefix(' ').unwrap_or(text) } else { text });
        return;
    }
    let mut at = 0;
    while at < bytes.len() {
        if is_blank(bytes[at]) {
            at += bytes[at..].iter().take_while(|b| is_blank(**b)).count();
            if !out.ends_with([' ', '\n']) && !out.is_empty() {
                out.push(' ');
            }
            continue;
        }
        // Words with single blanks between them are taken as they stand.
        let from = at;
        while at < bytes.len()
            && (!is_blank(bytes[at]) || (bytes[at] == b' ' && bytes.get(at + 1).is_some_and(|b| !is_blank(*b))))
        {
            at += 1;
        }
        out.push_str(&text[from..at]);
    }
}

/// Text that may hold markup or references, as a line.
pub fn line(text: &str) -> Line {
    line_to(text, LINE_LIMIT)
}

/// The same with a limit of its own, in characters.
pub fn line_to(text: &str, limit: usize) -> Line {
    if text.contains('<') && looks_like_markup(text) {
        return Line::clean_to(&to_text(text), limit);
    }
    let decoded = entities::decode(text);
    // Escaped twice, as feeds do with titles: "&amp;#8217;".
    let decoded = entities::decode(&decoded);
    if is_wrapped(&decoded) { Line::clean_to(&to_text(&decoded), limit) } else { Line::clean_to(&decoded, limit) }
}

/// Whether all of a text is one element: "<p>A vote</p>" is no headline about tags.
fn is_wrapped(text: &str) -> bool {
    let text = text.trim();
    let name =
        |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
    let (Some(start), Some((_, end))) = (text.strip_prefix('<'), text.rsplit_once("</")) else { return false };
    text.ends_with('>') && KNOWN.contains(&name(start).as_str()) && name(start) == name(end)
}

/// A text with its references read, as often as they were written over each other: "&amp;amp;".
pub fn unescaped(text: &str) -> String {
    let decoded = entities::decode(text);
    entities::decode(&decoded).into_owned()
}

/// Whether a text has a tag in it and not only a lone angle bracket.
pub fn looks_like_markup(text: &str) -> bool {
    memchr::memchr_iter(b'<', text.as_bytes()).any(|at| {
        let tail = &text[at + 1..];
        let name = tail.strip_prefix('/').unwrap_or(tail);
        let length = name.bytes().take_while(u8::is_ascii_alphanumeric).count();
        name.starts_with("!--")
            || (length > 0 && length < 16 && KNOWN.iter().any(|k| k.eq_ignore_ascii_case(&name[..length])))
    })
}

/// Elements that feeds write; "<T>" and "a <b" in a headline about code are none of them unless they really are.
const KNOWN: [&str; 56] = [
    "a",
    "abbr",
    "article",
    "aside",
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "center",
    "cite",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "li",
    "object",
    "ol",
    "p",
    "picture",
    "pre",
    "q",
    "s",
    "script",
    "section",
    "small",
    "span",
    "strong",
    "style",
    "sub",
    "sup",
    "table",
    "ul",
];

fn is_block(name: &str) -> bool {
    const BLOCKS: [&str; 30] = [
        "p",
        "div",
        "br",
        "li",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "tr",
        "td",
        "th",
        "table",
        "blockquote",
        "pre",
        "hr",
        "section",
        "article",
        "header",
        "footer",
        "figure",
        "figcaption",
        "dt",
        "dd",
        "dl",
        "aside",
        "center",
    ];
    // Most tags are links.
    name != "a" && BLOCKS.iter().any(|block| block.eq_ignore_ascii_case(name))
}

/// How long a summary is at most, in characters.
pub const SUMMARY: usize = 240;

/// A summary of a text: its first sentences, as many as fit, the first whatever its length cut at a word. Trailers such as "Continue reading" go.
pub fn summary(text: &str, limit: usize) -> Line {
    let line = Line::clean_to(&without_trailer(text), 20_000);
    let whole = line.as_str();
    if whole.chars().count() <= limit.min(LINE_LIMIT) {
        return line;
    }
    let mut end = 0;
    for at in sentence_ends(whole) {
        if whole[..at].chars().count() > limit {
            break;
        }
        end = at;
    }
    // A first "sentence" of a word or two is rather an abbreviation than a summary.
    if whole[..end].chars().count() * 3 < limit {
        return Line::clean_to(whole, limit);
    }
    Line::clean(&whole[..end])
}

/// The best sentences of an article's lead: the first paragraphs that are sentences, not captions, bylines or datelines.
pub fn lead(text: &str) -> Line {
    let sentences: Vec<&str> = text.lines().map(str::trim).filter(|line| is_sentence(line)).take(3).collect();
    summary(&sentences.join(" "), SUMMARY)
}

/// The lead's best sentences, or where it has none the beginning of the text: for a story whose source gives no summary.
pub fn lead_or_beginning(text: &str) -> Line {
    let lead = lead(text);
    if lead.is_empty() { summary(text, SUMMARY) } else { lead }
}

fn is_sentence(line: &str) -> bool {
    let ends = line
        .trim_end_matches(['"', '”', '»', ')', '’'])
        .ends_with(['.', '!', '?', '…', '。', '؟', '۔', '！', '？', ':']);
    let long = line.chars().count() >= 60
        || (line.chars().count() >= 20 && line.chars().any(|c| ('\u{3040}'..='\u{9FFF}').contains(&c)));
    ends && long
}

/// The byte offsets after each sentence.
pub fn sentence_ends(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.char_indices().filter_map(move |(at, c)| {
        let after = &text[at + c.len_utf8()..];
        let closing = after.len() - after.trim_start_matches(['"', '”', '’', '»', ')', '」']).len();
        let rest = &after[closing..];
        let ends = match c {
            '。' | '！' | '？' => true,
            '!' | '?' | '؟' | '۔' | '…' => rest.is_empty() || rest.starts_with(' '),
            '.' => (rest.is_empty() || rest.starts_with(' ')) && !is_abbreviation(&text[..at]) && !goes_on(rest),
            _ => false,
        };
        ends.then_some(at + c.len_utf8() + closing)
    })
}

/// A lower-case letter after a full stop means that the sentence goes on.
fn goes_on(rest: &str) -> bool {
    rest.trim_start().chars().next().is_some_and(char::is_lowercase)
}

fn is_abbreviation(before: &str) -> bool {
    const KNOWN: [&str; 33] = [
        "mr", "mrs", "ms", "dr", "st", "prof", "gen", "sen", "rep", "gov", "lt", "col", "jr", "sr", "vs", "no", "inc",
        "ltd", "co", "corp", "e.g", "i.e", "etc", "u.s", "u.k", "u.n", "z.b", "d.h", "bzw", "ca", "nr", "p.m", "a.m",
    ];
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    let single = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    single || KNOWN.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Words of a text, counted; scripts without spaces count two characters as a word.
pub fn words(text: &str) -> u32 {
    let (mut words, mut dense, mut counted) = (0, 0, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c.is_ascii() {
            // Most text is, and needs no table of Unicode.
            let length = rest.bytes().take_while(u8::is_ascii).count();
            for b in rest.bytes().take(length) {
                let is_word = b.is_ascii_alphanumeric();
                words += usize::from(is_word && !counted);
                counted = is_word || (counted && !char::from(b).is_whitespace());
            }
            rest = &rest[length..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        if c.is_alphanumeric() {
            words += usize::from(!counted);
            counted = true;
            dense += usize::from(('\u{3040}'..='\u{9FFF}').contains(&c));
        } else if c.is_whitespace() {
            counted = false;
        } else {
            dense += usize::from(('\u{3040}'..='\u{9FFF}').contains(&c));
        }
    }
    (words + dense / 2) as u32
}

/// Minutes it takes to read so many words, at the usual 230 a minute.
pub fn reading_minutes(words: u32) -> u32 {
    words.div_ceil(230)
}

/// Keeps only what may stand in text from outside, line breaks and tabs included.
pub fn standing(text: &str) -> Cow<'_, str> {
    only(text, |c| may_stand(c) || matches!(c, '\n' | '\t'))
}

/// Escapes text for HTML, paragraphs at blank lines, line breaks within them.
pub fn paragraphs(text: &str) -> String {
    let mut out = String::new();
    for paragraph in text.split("\n\n").map(str::trim).filter(|p| !p.is_empty()) {
        out.push_str("<p>");
        for (n, line) in paragraph.lines().map(str::trim).filter(|l| !l.is_empty()).enumerate() {
            if n > 0 {
                out.push_str("<br>");
            }
            out.push_str(&escape(line));
        }
        out.push_str("</p>");
    }
    out
}

/// Plain text as a fragment of HTML: one line stays a line, several become paragraphs.
pub fn fragment(text: &str) -> String {
    if text.trim().contains('\n') { paragraphs(text) } else { escape(text.trim()) }
}

/// Escapes text for HTML.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_that_is_all_one_element_is_what_stands_in_it() {
        assert_eq!(line("&lt;p&gt;A &lt;i&gt;vote&lt;/i&gt;&lt;/p&gt;").as_str(), "A vote");
        assert_eq!(line("&lt;p&gt; and &lt;/p&gt; are tags").as_str(), "<p> and </p> are tags");
        assert_eq!(line("&lt;T&gt; of &lt;/T&gt;").as_str(), "<T> of </T>");
    }

    #[test]
    fn text_is_what_a_reader_would_see() {
        let html = "<p>One &amp; <b>two</b></p><script>alert('<p>')</script><style>p{}</style><div>three<br>four</div><!-- five -->";
        assert_eq!(to_text(html).split_whitespace().collect::<Vec<_>>().join(" "), "One & two three four");
    }

    #[test]
    fn a_title_keeps_its_angle_brackets_and_loses_its_tags() {
        assert_eq!(line("AT&amp;T: <b>bold</b> claim").as_str(), "AT&T: bold claim");
        assert_eq!(line("Vec<T> and 1 < 2").as_str(), "Vec<T> and 1 < 2");
        assert_eq!(line("It&amp;#8217;s").as_str(), "It’s");
    }

    #[test]
    fn a_summary_ends_at_a_sentence() {
        let text = "The minister met Dr. Smith of the U.S. delegation on Friday. He said that talks would go on for as long as they are needed. \
            Nobody at the table expected a quick result, and the hosts had prepared for a long night of words over words and more.";
        assert_eq!(
            summary(text, 150).as_str(),
            "The minister met Dr. Smith of the U.S. delegation on Friday. He said that talks would go on for as long as they are needed."
        );
        // Neither a title nor an abbreviation in the middle of a sentence ends it.
        let text = "The council voted on Friday night. Its members had heard the report of Dr. Smith, who had been away for long.";
        assert_eq!(summary(text, 75).as_str(), "The council voted on Friday night.");
        let text = "The council voted on Friday night. Its members had met at approx. nine in the evening, as they always do there.";
        assert_eq!(summary(text, 75).as_str(), "The council voted on Friday night.");
        assert!(summary(&"word ".repeat(200), 100).as_str().ends_with("word…"));
        assert_eq!(summary("Short. But whole", 100).as_str(), "Short. But whole");
    }

    #[test]
    fn trailers_of_publishing_systems_go() {
        for (given, expected) in [
            ("The vote failed […] Continue reading", "The vote failed…"),
            ("The vote failed [&hellip;]", "The vote failed…"),
            ("The vote failed. Read more »", "The vote failed."),
            ("The vote failed… Continue reading The long vote →", "The vote failed…"),
            ("The vote failed.\nThe post The vote appeared first on The Gazette.", "The vote failed."),
            ("Das Gesetz ist gescheitert. Weiterlesen", "Das Gesetz ist gescheitert."),
            ("Read more", "Read more"),
        ] {
            assert_eq!(without_trailer(given), expected, "{given}");
        }
    }

    #[test]
    fn the_lead_skips_captions_and_bylines() {
        let text = "By Ann Smith\nPhoto: the minister\nThe minister arrived on Friday morning and left in the evening without a word to the press.\n";
        assert!(lead(text).as_str().starts_with("The minister arrived"));
    }

    #[test]
    fn runs_of_white_space_in_markup_are_one_blank_each() {
        assert_eq!(
            to_text("<p> One  two\n three <b> four</b>\tfive\u{A0} six </p>"),
            "\nOne two three four five\u{A0} six \n"
        );
    }

    #[test]
    fn words_are_counted_in_every_script() {
        for (text, expected) in
            [("", 0), ("One, two – three-four 5", 4), (" ‘a’ … b\u{A0}c", 3), ("他走了 是的", 4), ("سلام، دنیا", 2)]
        {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn persian_and_chinese_sentences_are_told_apart() {
        assert_eq!(sentence_ends("او رفت؟ بله. پایان").count(), 2);
        assert_eq!(sentence_ends("他走了。是的。").count(), 2);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,300}", limit in 1_usize..300) {
            let _ = (to_text(&text), line(&text), summary(&text, limit), lead(&text), without_trailer(&text));
        }
    }
}
