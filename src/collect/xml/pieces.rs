//! The lexical pieces of XML as it is really written: text, CDATA sections, tags with their attributes, declared entities. Must not know how elements nest.

use crate::collect::entities;
use memchr::memmem;

/// Attributes of one tag beyond this many are not read.
const ATTRIBUTES: usize = 64;
/// Internal entities beyond this many, or longer than 1,000 bytes, are not read.
const DECLARED: usize = 256;

/// One lexical piece.
pub enum Piece<'a> {
    /// Characters, with their references as written.
    Text(&'a str),
    /// What stands in a CDATA section.
    Cdata(&'a str),
    /// A start or end tag with its brackets.
    Tag(&'a str),
    /// A comment, an instruction, a declaration.
    Nothing,
}

/// The lexical pieces of a stretch of XML; every byte belongs to exactly one.
pub struct Pieces<'a> {
    rest: &'a str,
    /// Whether a document type may still come; only the first has an internal subset that is looked for.
    before_doctype: bool,
}

impl<'a> Pieces<'a> {
    /// The pieces of a text.
    pub fn of(rest: &'a str) -> Self {
        Self { rest, before_doctype: true }
    }

    /// How many bytes are still to come.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    fn markup(&mut self) -> (Piece<'a>, usize) {
        let rest = self.rest;
        if rest.starts_with("<!") && !rest.starts_with("<!--") && !rest.starts_with("<![CDATA[") {
            let has_subset = std::mem::take(&mut self.before_doctype);
            let length = if has_subset { doctype_length(rest) } else { to_bracket(rest) };
            return (Piece::Nothing, length);
        }
        markup_piece(rest)
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let rest = self.rest;
        let first = *rest.as_bytes().first()?;
        let (piece, length) = if first == b'<' {
            self.markup()
        } else {
            let length = memchr::memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
            (Piece::Text(&rest[..length]), length)
        };
        self.rest = &rest[length..];
        Some(piece)
    }
}

fn markup_piece(rest: &str) -> (Piece<'_>, usize) {
    if let Some(body) = rest.strip_prefix("<![CDATA[") {
        let end = memmem::find(body.as_bytes(), b"]]>");
        return (Piece::Cdata(&body[..end.unwrap_or(body.len())]), end.map_or(rest.len(), |end| end + 12));
    }
    if let Some(body) = rest.strip_prefix("<!--") {
        return (Piece::Nothing, memmem::find(body.as_bytes(), b"-->").map_or(rest.len(), |end| end + 7));
    }
    if rest.starts_with("<?") {
        // A stray `<?php` without an end must not eat the feed: it ends at the first `>` at the latest.
        return (Piece::Nothing, to_bracket(rest));
    }
    let opens =
        rest.as_bytes().get(1).is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'_' | b':' | 0x80..));
    match if opens { tag_length(rest) } else { None } {
        Some(length) => (Piece::Tag(&rest[..length]), length),
        None => (Piece::Text(&rest[..1]), 1),
    }
}

/// The length of what ends with the next `>`.
fn to_bracket(rest: &str) -> usize {
    memchr::memchr(b'>', rest.as_bytes()).map_or(rest.len(), |end| end + 1)
}

/// The length of `<!DOCTYPE …>` with its internal subset.
fn doctype_length(rest: &str) -> usize {
    let close = to_bracket(rest);
    match rest[..close].find('[') {
        Some(_) => rest.find("]>").map(|end| end + 2).or_else(|| rest.find("] >").map(|end| end + 3)).unwrap_or(close),
        None => close,
    }
}

/// The length of a tag, quotes respected; `None` when a `<` or the end of the text comes before its `>`.
fn tag_length(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'>' => return Some(at + 1),
            b'<' => return None,
            quote @ (b'"' | b'\'') if bytes[at - 1] == b'=' || bytes[at - 1].is_ascii_whitespace() => {
                // A quote that is never closed ends with the tag.
                at = match memchr::memchr2(quote, b'<', &bytes[at + 1..]) {
                    Some(end) if bytes[at + 1 + end] == quote => at + 1 + end,
                    _ => at,
                };
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The attributes of a start tag: quoted either way, unquoted or without value.
pub fn attributes(rest: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
    while !rest.is_empty() && found.len() < ATTRIBUTES {
        let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=').unwrap_or(rest.len());
        let key = &rest[..end];
        let after = rest[end..].trim_start();
        let value;
        if let Some(after) = after.strip_prefix('=') {
            (value, rest) = attribute_value(after.trim_start());
        } else {
            (value, rest) = ("", after);
        }
        if !key.is_empty() {
            found.push((key, value));
        }
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
    }
    found
}

fn attribute_value(text: &str) -> (&str, &str) {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let body = &text[1..];
        return body.split_once(quote).unwrap_or((body, ""));
    }
    text.split_at(text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(text.len()))
}

/// Entities that the document declares with a literal value; external ones and those made of others are left unread.
pub fn declared_entities(source: &str) -> Vec<(String, String)> {
    let Some(start) = memmem::find(source.as_bytes(), b"<!DOCTYPE") else { return Vec::new() };
    let subset = &source[start..start + doctype_length(&source[start..])];
    let mut found = Vec::new();
    for declaration in subset.split("<!ENTITY").skip(1).take(DECLARED) {
        let Some((name, rest)) = declaration.trim_start().split_once(|c: char| c.is_ascii_whitespace()) else {
            continue;
        };
        let (value, _) = attribute_value(rest.trim_start());
        let literal = rest.trim_start().starts_with(['"', '\'']);
        if literal && value.len() <= 1_000 {
            // References in a value are decoded once, to characters only: that is as deep as it goes.
            found.push((name.to_owned(), entities::decode(value).into_owned()));
        }
    }
    found
}
