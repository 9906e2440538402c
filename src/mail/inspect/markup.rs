//! Reads HTML as tags and text, once, from front to back: what the checks need, and nothing that could be made slow or deep. Builds no tree and
//! repairs nothing.

use std::borrow::Cow;

/// A tag or a run of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token<'a> {
    /// An opening tag.
    Open(Tag<'a>),
    /// A closing tag: its name in lower case.
    Close(String),
    /// Text between tags, as it stands in the source.
    Text(&'a str),
    /// What stands inside `script`, `style`, `title` or `textarea`, with the element's name.
    Raw(&'static str, &'a str),
}

/// An opening tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag<'a> {
    /// The name in lower case.
    pub name: String,
    attributes: Vec<(String, &'a str)>,
}

impl<'a> Tag<'a> {
    /// The first attribute of that name, its character references resolved.
    pub fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| unescape(value))
    }

    /// The names of all attributes, in lower case.
    pub fn attribute_names(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().map(|(name, _)| name.as_str())
    }

    /// Whether the element can hold nothing.
    pub fn is_void(&self) -> bool {
        const VOID: [&str; 12] =
            ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"];
        VOID.contains(&self.name.as_str())
    }
}

/// Elements whose content is not markup.
const RAW: [&str; 4] = ["script", "style", "title", "textarea"];

/// The tokens of a document, in order.
pub struct Tokens<'a> {
    rest: &'a str,
    raw: Option<&'static str>,
}

impl<'a> Tokens<'a> {
    /// Starts at the front.
    pub fn of(html: &'a str) -> Tokens<'a> {
        Tokens { rest: html, raw: None }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    /// Everything up to the element's own closing tag.
    fn raw_text(&mut self, name: &'static str) -> Token<'a> {
        let mut from = 0;
        while let Some(at) = self.rest[from..].find("</").map(|at| from + at) {
            let after = &self.rest.as_bytes()[at + 2..];
            if after.len() >= name.len() && after[..name.len()].eq_ignore_ascii_case(name.as_bytes()) {
                return Token::Raw(name, self.take(at));
            }
            from = at + 2;
        }
        Token::Raw(name, self.take(self.rest.len()))
    }

    /// A comment, a declaration or a processing instruction: skipped.
    fn skip_declaration(&mut self) {
        let end = if self.rest.starts_with("<!--") {
            self.rest[4..].find("-->").map(|at| at + 7)
        } else {
            self.rest.find('>').map(|at| at + 1)
        };
        self.take(end.unwrap_or(self.rest.len()));
    }

    fn tag(&mut self) -> Token<'a> {
        let length = tag_length(self.rest);
        let source = self.take(length);
        let inner = source.trim_start_matches('<').trim_end_matches('>');
        if let Some(name) = inner.strip_prefix('/') {
            return Token::Close(name.trim().to_ascii_lowercase());
        }
        let (name, attributes) = inner.split_at(inner.find(is_name_end).unwrap_or(inner.len()));
        let name = name.to_ascii_lowercase();
        self.raw = RAW.into_iter().find(|raw| *raw == name);
        Token::Open(Tag { name, attributes: attributes_of(attributes) })
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(name) = self.raw.take() {
            return Some(self.raw_text(name));
        }
        loop {
            let mut after = self.rest.as_bytes().iter().copied();
            match (after.next()?, after.next()) {
                (b'<', Some(b'!' | b'?')) => self.skip_declaration(),
                (b'<', Some(b'/')) => return Some(self.tag()),
                (b'<', Some(next)) if next.is_ascii_alphabetic() => return Some(self.tag()),
                _ => {
                    let end = memchr::memchr(b'<', &self.rest.as_bytes()[1..]).map_or(self.rest.len(), |at| at + 1);
                    return Some(Token::Text(self.take(end)));
                }
            }
        }
    }
}

fn is_name_end(c: char) -> bool {
    c.is_ascii_whitespace() || c == '/'
}

/// The length of a tag with its brackets: a `>` in quotes does not end it.
fn tag_length(source: &str) -> usize {
    let mut quote = None;
    let mut after_equals = false;
    for (at, byte) in source.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') if after_equals => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
        after_equals = byte == b'=' || (after_equals && byte.is_ascii_whitespace());
    }
    source.len()
}

fn attributes_of(source: &str) -> Vec<(String, &str)> {
    let mut out = Vec::new();
    let mut rest = source.trim_start_matches(is_name_end);
    while !rest.is_empty() {
        let end = rest.char_indices().skip(1).find(|(_, c)| is_name_end(*c) || *c == '=');
        let (name, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        let (value, after) = attribute_value(after.trim_ascii_start());
        out.push((name.to_ascii_lowercase(), value));
        rest = after.trim_start_matches(is_name_end);
    }
    out
}

/// The value after a name, and what follows it; an attribute without `=` is empty.
fn attribute_value(source: &str) -> (&str, &str) {
    let Some(value) = source.strip_prefix('=').map(str::trim_ascii_start) else {
        return ("", source);
    };
    for quote in ['"', '\''] {
        if let Some(quoted) = value.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    value.split_at(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len()))
}

/// Resolves the character references that HTML in mail uses; any other stays as it stands.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut pieces = text.split('&');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let reference = piece.split_once(';').and_then(|(name, rest)| Some((character(name)?, rest)));
        if let Some((character, rest)) = reference {
            out.push(character);
            out.push_str(rest);
        } else {
            out.push('&');
            out.push_str(piece);
        }
    }
    Cow::Owned(out)
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let code = hex.map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
        return code.and_then(char::from_u32);
    }
    let named = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", '\u{A0}'),
        ("zwnj", '\u{200C}'),
        ("shy", '\u{AD}'),
        ("mdash", '—'),
        ("ndash", '–'),
        ("middot", '·'),
        ("hellip", '…'),
    ];
    named.into_iter().find(|(known, _)| *known == name).map(|(_, character)| character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(html: &str) -> Vec<Token<'_>> {
        Tokens::of(html).collect()
    }

    fn only_tag(html: &str) -> Tag<'_> {
        match tokens(html).as_slice() {
            [Token::Open(tag)] => tag.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn tags_text_and_comments_are_told_apart() {
        let names: Vec<String> = tokens("<!doctype html><P>a < b<!-- <i> --><br/></P>x")
            .iter()
            .map(|token| match token {
                Token::Open(tag) => format!("<{}>", tag.name),
                Token::Close(name) => format!("</{name}>"),
                Token::Text(text) | Token::Raw(_, text) => (*text).to_owned(),
            })
            .collect();
        assert_eq!(names, ["<p>", "a ", "< b", "<br>", "</p>", "x"]);
    }

    #[test]
    fn attributes_are_read_in_every_form() {
        let tag = only_tag("<a HREF = \"x>y&amp;z\" b='2\"' c=3 d e=>");
        let value = |name| tag.attribute(name).map(Cow::into_owned);
        assert_eq!(value("href").as_deref(), Some("x>y&z"));
        assert_eq!(value("b").as_deref(), Some("2\""));
        assert_eq!(value("c").as_deref(), Some("3"));
        assert_eq!(value("d").as_deref(), Some(""));
        assert_eq!(value("f"), None);
    }

    #[test]
    fn raw_text_holds_no_tags() {
        let raw = tokens("<style>a>b{}</style><title>x <b></title>");
        assert!(raw.contains(&Token::Raw("style", "a>b{}")), "{raw:?}");
        assert!(raw.contains(&Token::Raw("title", "x <b>")), "{raw:?}");
    }

    #[test]
    fn references_are_resolved_and_unknown_ones_kept() {
        assert_eq!(unescape("a&amp;b&#39;&#x5d0;&nope;&"), "a&b'א&nope;&");
    }

    proptest::proptest! {
        #[test]
        fn anything_is_read_to_its_end(html in "([<>!/=\"' a-c&;#-]|é|title|script){0,80}") {
            let _ = tokens(&html).iter().filter_map(|token| match token {
                Token::Open(tag) => tag.attribute("a"),
                _ => None,
            }).count();
        }
    }
}
