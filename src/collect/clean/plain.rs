//! The short way through the cleaner: markup as most newsrooms write it, well nested and in quotes, is read once and written anew without a DOM.
//!
//! Must never decide what parsers could read in another way: whatever is not certain goes the long way, and the tests hold both ways against each other.

use super::{address, is_counter, is_dot, keep_attribute};
use crate::collect::entities;
use std::borrow::Cow;
use url::Url;

/// Larger or deeper markup goes the long way, where the guard stands.
const BYTES: usize = 1 << 20;
const DEPTH: usize = 64;
const ELEMENTS: usize = 10_000;
const ATTRIBUTES: usize = 32;

/// The cleaned fragment, or nothing if the long way must be gone.
pub(super) fn clean(html: &str, base: Option<&Url>) -> Option<String> {
    if html.len() > BYTES || memchr::memchr2(0, b'\r', html.as_bytes()).is_some() {
        return None;
    }
    let mut writer = Writer { out: String::with_capacity(html.len() + html.len() / 4), base, ..Writer::default() };
    let mut rest = html;
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        text(&mut writer.out, &rest[..at])?;
        rest = &rest[at..];
        rest = match *rest.as_bytes().get(1)? {
            b'a'..=b'z' => writer.start(rest)?,
            b'/' => writer.end(rest)?,
            b'!' => comment(rest)?,
            _ => return None,
        };
    }
    text(&mut writer.out, rest)?;
    writer.open.is_empty().then_some(writer.out)
}

/// What the rules of nesting make of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Paragraph,
    Heading,
    List,
    Item,
    Block,
    Link,
    Inline,
    /// Has no content; a rule ends a paragraph, the others do not.
    Rule,
    Picture,
    Break,
}

/// An element that this way knows: its name as it is written, how it nests, and its name when it is kept.
struct Known {
    kind: Kind,
    kept: Option<&'static str>,
}

/// The elements that nest alike for every parser while nothing is left open. Tables, descriptions, ruby and all else go the long way.
fn known(name: &str) -> Option<Known> {
    let (kind, kept) = match name {
        "p" => (Kind::Paragraph, "p"),
        "h1" | "h2" => (Kind::Heading, "h2"),
        "h3" => (Kind::Heading, "h3"),
        "h4" => (Kind::Heading, "h4"),
        "h5" => (Kind::Heading, "h5"),
        "h6" => (Kind::Heading, "h6"),
        "ul" => (Kind::List, "ul"),
        "ol" => (Kind::List, "ol"),
        "li" => (Kind::Item, "li"),
        "div" | "section" | "article" | "header" | "footer" | "main" | "aside" | "address" | "center" => {
            (Kind::Block, "div")
        }
        "blockquote" => (Kind::Block, "blockquote"),
        "figure" => (Kind::Block, "figure"),
        "figcaption" => (Kind::Block, "figcaption"),
        "a" => (Kind::Link, "a"),
        "abbr" => (Kind::Inline, "abbr"),
        "b" => (Kind::Inline, "b"),
        "cite" => (Kind::Inline, "cite"),
        "code" => (Kind::Inline, "code"),
        "del" => (Kind::Inline, "del"),
        "em" => (Kind::Inline, "em"),
        "i" => (Kind::Inline, "i"),
        "ins" => (Kind::Inline, "ins"),
        "mark" => (Kind::Inline, "mark"),
        "q" => (Kind::Inline, "q"),
        "s" => (Kind::Inline, "s"),
        "small" => (Kind::Inline, "small"),
        "strong" => (Kind::Inline, "strong"),
        "sub" => (Kind::Inline, "sub"),
        "sup" => (Kind::Inline, "sup"),
        "time" => (Kind::Inline, "time"),
        "u" => (Kind::Inline, "u"),
        "hr" => (Kind::Rule, "hr"),
        "img" => (Kind::Picture, "img"),
        "br" => (Kind::Break, "br"),
        "span" | "font" | "big" | "strike" | "tt" => return Some(Known { kind: Kind::Inline, kept: None }),
        _ => return None,
    };
    Some(Known { kind, kept: Some(kept) })
}

/// An element that is open: its name as the document writes it, and as it was written anew.
struct Open<'h> {
    name: &'h str,
    known: Known,
}

#[derive(Default)]
struct Writer<'h, 'b> {
    out: String,
    base: Option<&'b Url>,
    open: Vec<Open<'h>>,
    elements: usize,
}

impl<'h> Writer<'h, '_> {
    fn is_open(&self, kind: Kind) -> bool {
        self.open.iter().any(|open| open.known.kind == kind)
    }

    /// Whether an element may begin here without a parser ending another, or opening it elsewhere.
    fn may_begin(&self, kind: Kind) -> bool {
        let apart_from_paragraphs = || !self.is_open(Kind::Paragraph);
        match kind {
            Kind::Paragraph | Kind::List | Kind::Block | Kind::Rule => apart_from_paragraphs(),
            Kind::Heading => apart_from_paragraphs() && !self.is_open(Kind::Heading),
            Kind::Item => self.open.last().is_some_and(|open| open.known.kind == Kind::List),
            Kind::Link => !self.is_open(Kind::Link),
            Kind::Inline | Kind::Picture | Kind::Break => true,
        }
    }

    /// Reads a start tag; returns what stands behind it.
    fn start(&mut self, html: &'h str) -> Option<&'h str> {
        let (name, mut rest) = name(&html[1..]);
        let known = known(name)?;
        self.elements += 1;
        if !self.may_begin(known.kind) || self.open.len() >= DEPTH || self.elements > ELEMENTS {
            return None;
        }
        let empty = matches!(known.kind, Kind::Rule | Kind::Picture | Kind::Break);
        let mut kept: Vec<(&str, Cow<'_, str>)> = Vec::new();
        for count in 0.. {
            let blank = rest.len() - rest.trim_start_matches([' ', '\n', '\t']).len();
            rest = &rest[blank..];
            match rest.as_bytes() {
                [b'>', ..] => {
                    rest = &rest[1..];
                    break;
                }
                // Elsewhere the slash means nothing, although its writer thought otherwise.
                [b'/', b'>', ..] if empty => {
                    rest = &rest[2..];
                    break;
                }
                _ if blank == 0 || count >= ATTRIBUTES => return None,
                _ => {}
            }
            let (key, value, after) = attribute(rest)?;
            rest = after;
            if known.kept.is_some_and(|element| may_have(element, key)) {
                if kept.iter().any(|(known, _)| *known == key) {
                    return None;
                }
                kept.push((key, decoded(value)?));
            }
        }
        if let Some(element) = known.kept {
            self.write(element, kept);
        }
        if !empty {
            self.open.push(Open { name, known });
        }
        Some(rest)
    }

    /// Writes a start tag with what is kept of its attributes, in the order in which the long way leaves them.
    fn write(&mut self, element: &'static str, mut kept: Vec<(&str, Cow<'_, str>)>) {
        kept.retain(|(key, value)| !is_address(key) || may_be_address(value, self.base));
        if element == "a" {
            kept.push(("rel", Cow::Borrowed("noopener noreferrer")));
        }
        for at in (0..kept.len()).rev() {
            let (key, value) = &kept[at];
            let new = match keep_attribute(element, key, value, self.base) {
                Some(Cow::Owned(new)) => Some(new),
                Some(Cow::Borrowed(_)) => continue,
                None => None,
            };
            match new {
                Some(new) => kept[at].1 = Cow::Owned(new),
                None => drop(kept.swap_remove(at)),
            }
        }
        if element == "img" && !is_picture(&kept) {
            return;
        }
        self.out.push('<');
        self.out.push_str(element);
        for (key, value) in &kept {
            self.out.push(' ');
            self.out.push_str(key);
            self.out.push_str("=\"");
            escape(&mut self.out, value, true);
            self.out.push('"');
        }
        self.out.push('>');
    }

    /// Reads an end tag, which must be that of the innermost element; returns what stands behind it.
    fn end(&mut self, html: &'h str) -> Option<&'h str> {
        let (name, rest) = name(&html[2..]);
        let open = self.open.pop().filter(|open| open.name == name)?;
        if let Some(element) = open.known.kept {
            self.out.push_str("</");
            self.out.push_str(element);
            self.out.push('>');
        }
        rest.strip_prefix('>')
    }
}

/// A name of lower-case letters and digits, and what stands behind it.
fn name(html: &str) -> (&str, &str) {
    html.split_at(html.bytes().take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit()).count())
}

/// One attribute as nearly everybody writes them: its name, its value as written, what stands behind it.
fn attribute(html: &str) -> Option<(&str, &str, &str)> {
    let length = html.bytes().take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-').count();
    let (key, rest) = html.split_at(length);
    if !key.as_bytes().first()?.is_ascii_lowercase() {
        return None;
    }
    let (value, after) = match rest.as_bytes() {
        [b'=', quote @ (b'"' | b'\''), ..] => {
            let end = 2 + memchr::memchr(*quote, &rest.as_bytes()[2..])?;
            (&rest[2..end], &rest[end + 1..])
        }
        [b'=', ..] => {
            let end = 1 + rest[1..].bytes().take_while(u8::is_ascii_alphanumeric).count();
            let ends = end > 1 && matches!(rest.as_bytes().get(end), Some(b' ' | b'\n' | b'\t' | b'>'));
            ends.then_some((&rest[1..end], &rest[end..]))?
        }
        _ => ("", rest),
    };
    memchr::memchr(b'<', value.as_bytes()).is_none().then_some((key, value, after))
}

/// The attributes that are looked at, as the long way is told.
fn may_have(element: &str, key: &str) -> bool {
    match key {
        "dir" | "lang" => true,
        "href" => element == "a",
        "title" => matches!(element, "a" | "abbr" | "img"),
        "src" | "alt" | "width" | "height" => element == "img",
        "start" => element == "ol",
        _ => false,
    }
}

fn is_address(key: &str) -> bool {
    matches!(key, "href" | "src")
}

/// Whether the long way hands an address on to be understood.
fn may_be_address(value: &str, base: Option<&Url>) -> bool {
    if address::at_a_glance(value, base).is_some() {
        return true;
    }
    match Url::parse(value) {
        Ok(url) => matches!(url.scheme(), "http" | "https" | "mailto"),
        Err(url::ParseError::RelativeUrlWithoutBase) => base.is_some(),
        Err(_) => false,
    }
}

/// Whether a picture has an address and is none that only counts readers.
fn is_picture(attributes: &[(&str, Cow<'_, str>)]) -> bool {
    let value = |key: &str| attributes.iter().find(|(known, _)| *known == key).map(|(_, value)| value.as_ref());
    let tiny = |side: &str| value(side).is_some_and(is_dot);
    value("src").is_some_and(|source| !source.is_empty() && !is_counter(source)) && !tiny("width") && !tiny("height")
}

/// Passes over a comment that every reader ends at the same place.
fn comment(html: &str) -> Option<&str> {
    let body = html.strip_prefix("<!--")?;
    let end = memchr::memchr(b'>', body.as_bytes())?;
    let inside = body[..end].strip_suffix("--")?;
    (!inside.contains("--") && !inside.starts_with('-') && !inside.ends_with('-') && !inside.contains('<'))
        .then_some(&body[end + 1..])
}

/// Writes text anew: references decoded, then what markup would be made of escaped.
fn text(out: &mut String, text: &str) -> Option<()> {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        push_words(out, &rest[..at]);
        let (c, length) = reference(&rest[at..], false)?;
        escape(out, c.encode_utf8(&mut [0; 4]), false);
        rest = &rest[at + length..];
    }
    push_words(out, rest);
    Some(())
}

/// Appends what stands between tags and references, and so has neither `<` nor `&`, as a serialiser writes it.
fn push_words(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let mut from = 0;
    for at in memchr::memchr2_iter(b'>', 0xC2, bytes) {
        let (written, length) = match bytes[at] {
            b'>' => ("&gt;", 1),
            _ if bytes[at + 1] == 0xA0 => ("&nbsp;", 2),
            _ => continue,
        };
        out.push_str(&text[from..at]);
        out.push_str(written);
        from = at + length;
    }
    out.push_str(&text[from..]);
}

/// The value of an attribute, its references decoded.
fn decoded(value: &str) -> Option<Cow<'_, str>> {
    let Some(first) = memchr::memchr(b'&', value.as_bytes()) else { return Some(Cow::Borrowed(value)) };
    let mut out = String::with_capacity(value.len());
    out.push_str(&value[..first]);
    let mut rest = &value[first..];
    while !rest.is_empty() {
        let (c, length) = reference(rest, true)?;
        out.push(c);
        rest = &rest[length..];
        let next = memchr::memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
        out.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    Some(Cow::Owned(out))
}

/// The character that an ampersand begins, and the length of what is written for it; nothing where parsers look closer.
fn reference(text: &str, in_attribute: bool) -> Option<(char, usize)> {
    let tail = &text[1..];
    match tail.bytes().next() {
        Some(b'#') => {
            let (c, length) = entities::closed(text)?;
            matches!(c, ' '..='~' | '\u{A0}'..).then_some((c, length))
        }
        Some(b) if b.is_ascii_alphanumeric() => {
            let length = tail.bytes().take_while(u8::is_ascii_alphanumeric).count();
            // `?a=1&copy=2` in an address is no reference.
            if in_attribute && tail.as_bytes().get(length) == Some(&b'=') {
                return Some(('&', 1));
            }
            // HTML 5 gave two names other characters than HTML 4, and has no capitals for the blank.
            entities::closed(text).filter(|_| !matches!(&tail[..length], "lang" | "rang" | "NBSP"))
        }
        _ => Some(('&', 1)),
    }
}

/// Appends text as a serialiser writes it.
fn escape(out: &mut String, text: &str, in_attribute: bool) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let written = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' if in_attribute => "&quot;",
            0xC2 if text.as_bytes()[at + 1] == 0xA0 => "&nbsp;",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        out.push_str(written);
        from = at + if byte == 0xC2 { 2 } else { 1 };
    }
    out.push_str(&text[from..]);
}

#[cfg(test)]
mod tests;
