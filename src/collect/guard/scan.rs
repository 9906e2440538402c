//! HTML's tokens, read as browsers read them (HTML, 13.2.5), without building anything.

use memchr::{memchr, memmem};

/// One token.
#[derive(Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// A start or end tag.
    Tag(Tag<'a>),
    /// Text between tags, references as written.
    Text(&'a str),
    /// The content of a script, a style sheet or another element that holds no markup.
    Raw(&'a str),
    /// A comment, a document type, an instruction.
    Comment(&'a str),
}

impl Token<'_> {
    /// Whether a parser would find nothing but white space here.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) => text.bytes().all(|b| b.is_ascii_whitespace()),
            _ => true,
        }
    }
}

/// A tag.
#[derive(Debug, PartialEq, Eq)]
pub struct Tag<'a> {
    /// Its name as written.
    pub name: &'a str,
    /// Whether it is an end tag.
    pub end: bool,
    /// Whether it ends with `/>`.
    pub self_closing: bool,
    /// How many attributes it has.
    pub attributes: usize,
    /// Everything between name and `>`.
    pub rest: &'a str,
}

impl Tag<'_> {
    /// The value of an attribute as written, references undecoded.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut found = None;
        attributes(self.rest.as_bytes(), |key, value| {
            if found.is_none() && self.rest[key.0..key.1].eq_ignore_ascii_case(name) {
                found = Some(&self.rest[value.0..value.1]);
            }
        });
        found
    }
}

/// The tokens of a document, in order.
pub struct Tokens<'a> {
    rest: &'a str,
    raw: Option<&'a str>,
    /// Whether elements such as `style` hold raw text; inside SVG they hold markup.
    pub raw_text_ends: bool,
}

impl<'a> Tokens<'a> {
    /// Begins to read.
    pub fn new(html: &'a str) -> Self {
        Self { rest: html, raw: None, raw_text_ends: true }
    }

    /// How many bytes have not been read yet.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (token, rest) = self.rest.split_at(length);
        self.rest = rest;
        token
    }

    fn raw_text(&mut self, name: &str) -> &'a str {
        let length =
            if name.eq_ignore_ascii_case("script") { script_length(self.rest) } else { raw_length(self.rest, name) };
        self.take(length)
    }

    /// A tag; one that never ends is dropped by parsers, with everything after it.
    fn tag_or_rest(&mut self) -> Option<Token<'a>> {
        self.tag().or_else(|| Some(Token::Comment(std::mem::take(&mut self.rest))))
    }

    fn tag(&mut self) -> Option<Token<'a>> {
        let end = self.rest.as_bytes().get(1) == Some(&b'/');
        let name_at = if end { 2 } else { 1 };
        let length = tag_end(self.rest.as_bytes(), name_at)?;
        let text = self.take(length);
        let body = &text[name_at..length - 1];
        let name_length = body.find(|c: char| c.is_ascii_whitespace() || c == '/').unwrap_or(body.len());
        let (name, rest) = body.split_at(name_length);
        let (mut attributes_seen, mut value_ends) = (0, 0);
        attributes(rest.as_bytes(), |_, value| {
            attributes_seen += 1;
            value_ends = value.1;
        });
        // In `<g a=/>` the slash is the value of the attribute.
        let self_closing = rest.ends_with('/') && value_ends < rest.len();
        if !end && is_raw(name) {
            self.raw = Some(name);
        }
        Some(Token::Tag(Tag { name, end, self_closing, attributes: attributes_seen, rest }))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(name) = self.raw.take()
            && self.raw_text_ends
        {
            return Some(Token::Raw(self.raw_text(name)));
        }
        let bytes = self.rest.as_bytes();
        if *bytes.first()? != b'<' {
            let length = memchr(b'<', bytes).unwrap_or(bytes.len());
            return Some(Token::Text(self.take(length)));
        }
        match bytes.get(1) {
            Some(b) if b.is_ascii_alphabetic() => self.tag_or_rest(),
            Some(b'/') if bytes.get(2).is_some_and(u8::is_ascii_alphabetic) => self.tag_or_rest(),
            Some(b'!' | b'?' | b'/') => {
                let length = comment_length(self.rest);
                Some(Token::Comment(self.take(length)))
            }
            _ => {
                let length = memchr(b'<', &bytes[1..]).map_or(bytes.len(), |at| at + 1);
                Some(Token::Text(self.take(length)))
            }
        }
    }
}

/// Elements whose content is no markup.
fn is_raw(name: &str) -> bool {
    const RAW: [&str; 8] = ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"];
    RAW.iter().any(|raw| raw.eq_ignore_ascii_case(name))
}

/// Where the tag that starts at 0 ends (after its `>`), quoted attribute values respected.
fn tag_end(bytes: &[u8], name_at: usize) -> Option<usize> {
    let mut at = name_at + bytes[name_at..].iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'))?;
    while at < bytes.len() {
        match bytes[at] {
            b'>' => return Some(at + 1),
            b'=' if value_follows(bytes, at) => at = value_end(bytes, at + 1)?,
            _ => at += 1,
        }
    }
    None
}

/// An equals sign at the beginning of an attribute's name belongs to the name (HTML, 13.2.5.32).
fn value_follows(bytes: &[u8], equals: usize) -> bool {
    let before = bytes[..equals].iter().rposition(|b| !b.is_ascii_whitespace());
    !matches!(before.map(|at| bytes[at]), None | Some(b'/'))
        && before.is_some_and(|at| at + 1 == equals || name_stands_before(bytes, at))
}

/// Whether what ends at `at` is an attribute's name and not the tag's own.
fn name_stands_before(bytes: &[u8], at: usize) -> bool {
    bytes[..=at].iter().any(u8::is_ascii_whitespace) || bytes[..=at].contains(&b'/')
}

/// The index after an attribute's value.
fn value_end(bytes: &[u8], from: usize) -> Option<usize> {
    let start = from + bytes[from..].iter().position(|b| !b.is_ascii_whitespace())?;
    match bytes[start] {
        quote @ (b'"' | b'\'') => Some(start + 2 + memchr(quote, &bytes[start + 1..])?),
        _ => Some(start + bytes[start..].iter().position(|b| b.is_ascii_whitespace() || *b == b'>')?),
    }
}

/// Calls `each` with the ranges of every attribute's name and value.
fn attributes(bytes: &[u8], mut each: impl FnMut((usize, usize), (usize, usize))) {
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii_whitespace() || bytes[at] == b'/' {
            at += 1;
            continue;
        }
        let name = at;
        at += 1;
        while at < bytes.len() && !bytes[at].is_ascii_whitespace() && !matches!(bytes[at], b'/' | b'=') {
            at += 1;
        }
        let name_end = at;
        let mut next = at;
        while next < bytes.len() && bytes[next].is_ascii_whitespace() {
            next += 1;
        }
        if bytes.get(next) != Some(&b'=') {
            each((name, name_end), (name_end, name_end));
            continue;
        }
        let value = next + 1 + bytes[next + 1..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let (value, value_end, after) = match bytes.get(value) {
            Some(quote @ (b'"' | b'\'')) => {
                let end = memchr(*quote, &bytes[value + 1..]).map_or(bytes.len(), |end| value + 1 + end);
                (value + 1, end, (end + 1).min(bytes.len()))
            }
            Some(_) => {
                let end =
                    bytes[value..].iter().position(u8::is_ascii_whitespace).map_or(bytes.len(), |end| value + end);
                (value, end, end)
            }
            None => (bytes.len(), bytes.len(), bytes.len()),
        };
        each((name, name_end), (value, value_end));
        at = after;
    }
}

/// The length of a comment, a declaration or another construct that begins with `<!`, `<?` or `</` (HTML, 13.2.5.42 to 13.2.5.52).
fn comment_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let Some(body) = rest.strip_prefix("<!--") else {
        return memchr(b'>', bytes).map_or(bytes.len(), |at| at + 1);
    };
    if body.starts_with('>') {
        return 5;
    }
    if body.starts_with("->") {
        return 6;
    }
    let mut from = 4;
    while let Some(at) = memmem::find(&bytes[from..], b"--") {
        let after = &bytes[from + at + 2..];
        match after.first() {
            Some(b'>') => return from + at + 3,
            Some(b'!') if after.get(1) == Some(&b'>') => return from + at + 4,
            _ => from += at + 1,
        }
    }
    bytes.len()
}

/// The length of raw text up to its end tag.
fn raw_length(rest: &str, name: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut from = 0;
    while let Some(at) = memmem::find(&bytes[from..], b"</") {
        if is_named(&bytes[from + at + 2..], name) {
            return from + at;
        }
        from += at + 2;
    }
    bytes.len()
}

/// The length of a script up to the end tag that ends it: within `<!--`, a `<script` hides the next `</script` (HTML, 13.2.5.17 and on).
fn script_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let (mut escaped, mut double) = (false, false);
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'<', b'-', &bytes[at..]) {
        at += found;
        let here = &bytes[at..];
        if here.starts_with(b"-->") {
            (escaped, double) = (false, false);
        } else if here.starts_with(b"<!--") && !escaped {
            escaped = true;
            // `<!-->` and `<!--->` end at once: look at the same hyphens again.
            at += 2;
            continue;
        } else if here.starts_with(b"</") && is_named(&here[2..], "script") {
            if !double {
                return at;
            }
            double = false;
        } else if here.starts_with(b"<") && escaped && is_named(&here[1..], "script") {
            double = true;
        }
        at += 1;
    }
    bytes.len()
}

fn is_named(bytes: &[u8], name: &str) -> bool {
    bytes.get(..name.len()).is_some_and(|b| b.eq_ignore_ascii_case(name.as_bytes()))
        && bytes.get(name.len()).is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(html: &str) -> String {
        let tags = Tokens::new(html).filter_map(|token| match token {
            Token::Tag(tag) => Some(format!("{}{}", if tag.end { "/" } else { "" }, tag.name)),
            _ => None,
        });
        tags.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn quotes_hide_angle_brackets() {
        assert_eq!(names("<a b='>' c=\"<d>\" e=f><g>"), "a g");
        assert_eq!(names("<a b'><c>"), "a c");
        assert_eq!(names("<a =\"><c>\">"), "a c");
    }

    #[test]
    fn comments_end_where_browsers_end_them() {
        assert_eq!(names("<!--><a>--><b>"), "a b");
        assert_eq!(names("<!-- <a> --!><b>"), "b");
        assert_eq!(names("<!-- <a> --><b><!-- <c>"), "b");
        assert_eq!(names("<?php <a> ?><b>"), "b");
    }

    #[test]
    fn scripts_and_styles_hide_markup() {
        assert_eq!(names("<script>'<a>'</script><style><b></styles></style><c>"), "script /script style /style c");
        assert_eq!(names("<script><!--<script></script><a>--></script><b>"), "script /script b");
        assert_eq!(names("<title><a></title><textarea><b></textarea>"), "title /title textarea /textarea");
    }

    #[test]
    fn attributes_are_found_as_written() {
        let Some(Token::Tag(tag)) = Tokens::new("<img SRC = 'a b' width=1 alt>").next() else { panic!("no tag") };
        assert_eq!(
            (tag.attribute("src"), tag.attribute("WIDTH"), tag.attribute("alt"), tag.attribute("x")),
            (Some("a b"), Some("1"), Some(""), None)
        );
        assert_eq!(tag.attributes, 3);
    }
}
