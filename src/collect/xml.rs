//! XML as feeds really write it, read into a flat tree in one pass and linear time.
//!
//! Nothing is refused: missing and mismatched end tags, bare ampersands and angle brackets, unquoted attributes, undeclared prefixes and entities,
//! junk before and after the root are read as a careful person would. Must not expand entities recursively, nor nest deeper than [`DEPTH`].

use crate::collect::entities;
use memchr::memmem;
use std::borrow::Cow;

/// Elements deeper than this become siblings: no feed nests so deep, only attacks do.
pub const DEPTH: usize = 128;
/// Elements beyond this many are not read.
pub const ELEMENTS: usize = 400_000;
/// Attributes of one tag beyond this many are not read.
const ATTRIBUTES: usize = 64;
/// Internal entities beyond this many, or longer than 1,000 bytes, are not read.
const DECLARED: usize = 256;

/// The vocabulary an element belongs to, by its namespace or, undeclared, by its usual prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// No prefix, or one that stands for RSS or Atom itself.
    Plain,
    /// Atom inside another vocabulary.
    Atom,
    /// Dublin Core, elements and terms.
    Dc,
    /// `content:encoded`.
    Content,
    /// Media RSS.
    Media,
    /// Podcasts.
    Itunes,
    /// RDF.
    Rdf,
    /// XHTML.
    Xhtml,
    /// Anything else.
    Other,
}

/// One element. Its descendants are the elements after it, up to `next`.
#[derive(Debug)]
pub struct Element<'a> {
    /// Name without prefix, as written.
    pub local: &'a str,
    /// Its vocabulary.
    pub space: Space,
    attributes: Vec<(&'a str, &'a str)>,
    inner: (usize, usize),
    next: usize,
    parent: usize,
}

/// A document.
#[derive(Debug)]
pub struct Tree<'a> {
    source: &'a str,
    elements: Vec<Element<'a>>,
    declared: Vec<(String, String)>,
}

/// An element in its tree.
#[derive(Clone, Copy)]
pub struct Node<'t, 'a> {
    tree: &'t Tree<'a>,
    at: usize,
}

const NO_PARENT: usize = usize::MAX;

impl<'a> Tree<'a> {
    /// Reads a document. `closes(open, new)` says whether a start tag ends an element that its writer forgot to close.
    pub fn read(source: &'a str, closes: fn(&str, &str) -> bool) -> Self {
        Reader::new(source, closes).run()
    }

    /// The first element that passes, in document order.
    pub fn find(&self, test: impl Fn(&Element<'a>) -> bool) -> Option<Node<'_, 'a>> {
        self.elements.iter().position(test).map(|at| Node { tree: self, at })
    }
}

impl<'t, 'a> Node<'t, 'a> {
    /// Its name without prefix, in lower case.
    pub fn name(self) -> String {
        self.element().local.to_ascii_lowercase()
    }

    /// Whether that is its name, in whatever case.
    pub fn is(self, name: &str) -> bool {
        self.element().local.eq_ignore_ascii_case(name)
    }

    /// Its vocabulary.
    pub fn space(self) -> Space {
        self.element().space
    }

    fn element(self) -> &'t Element<'a> {
        &self.tree.elements[self.at]
    }

    /// The elements directly in it.
    pub fn children(self) -> impl Iterator<Item = Self> + use<'t, 'a> {
        let end = self.element().next;
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let child = (at < end).then_some(Node { tree: self.tree, at })?;
            at = self.tree.elements[at].next;
            Some(child)
        })
    }

    /// All elements in it, in document order.
    pub fn descendants(self) -> impl Iterator<Item = Self> + use<'t, 'a> {
        (self.at + 1..self.element().next).map(move |at| Node { tree: self.tree, at })
    }

    /// Itself, if it has the name, and all elements in it that have.
    pub fn named(self, name: &'static str) -> impl Iterator<Item = Self> + use<'t, 'a> {
        (self.at..self.element().next)
            .map(move |at| Node { tree: self.tree, at })
            .filter(move |node| node.element().local.eq_ignore_ascii_case(name))
    }

    /// Itself and what it stands in, inwards out.
    pub fn ancestry(self) -> impl Iterator<Item = Self> + use<'t, 'a> {
        std::iter::successors(Some(self), move |node| {
            let parent = node.element().parent;
            (parent != NO_PARENT).then_some(Node { tree: self.tree, at: parent })
        })
    }

    /// The value of an attribute, whatever its case; `name` with prefix, as usual.
    pub fn attribute(self, name: &str) -> Option<Cow<'t, str>> {
        let (_, value) = self.element().attributes.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(entities::decode_with(value, &self.tree.declared))
    }

    /// Whether it has elements in it.
    pub fn has_children(self) -> bool {
        self.element().next > self.at + 1
    }

    /// Whether there is anything in it but white space.
    pub fn is_filled(self) -> bool {
        let (start, end) = self.element().inner;
        match self.tree.source[start..end].trim_start().as_bytes().first() {
            None => false,
            // A reference may stand for a blank, and a tag or a section may hold none.
            Some(b'&' | b'<') => self.has_children() || !self.text().trim().is_empty(),
            Some(_) => true,
        }
    }

    /// Its text with that of its descendants, references decoded.
    pub fn text(self) -> Cow<'t, str> {
        let (start, end) = self.element().inner;
        let inner = &self.tree.source[start..end];
        if memchr::memchr(b'<', inner.as_bytes()).is_none() {
            return entities::decode_with(inner, &self.tree.declared);
        }
        if let Some(whole) = only_cdata(inner) {
            return Cow::Borrowed(whole);
        }
        let mut out = String::with_capacity(inner.len());
        for piece in Pieces(inner) {
            match piece {
                Piece::Text(text) => out.push_str(&entities::decode_with(text, &self.tree.declared)),
                Piece::Cdata(text) => out.push_str(text),
                Piece::Tag(_) | Piece::Nothing => {}
            }
        }
        Cow::Owned(out)
    }

    /// Its content as markup: what stands between its tags, with CDATA sections unwrapped and escaped.
    pub fn markup(self) -> String {
        let (start, end) = self.element().inner;
        let mut out = String::with_capacity(end - start);
        for piece in Pieces(&self.tree.source[start..end]) {
            match piece {
                Piece::Text(text) | Piece::Tag(text) | Piece::Cdata(text) => out.push_str(text),
                Piece::Nothing => {}
            }
        }
        out
    }
}

fn only_cdata(inner: &str) -> Option<&str> {
    let body = inner.trim().strip_prefix("<![CDATA[")?.strip_suffix("]]>")?;
    memmem::find(body.as_bytes(), b"]]>").is_none().then_some(body)
}

enum Piece<'a> {
    Text(&'a str),
    Cdata(&'a str),
    Tag(&'a str),
    Nothing,
}

/// The lexical pieces of a stretch of XML; every byte belongs to exactly one.
struct Pieces<'a>(&'a str);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let rest = self.0;
        let first = *rest.as_bytes().first()?;
        let (piece, length) = if first == b'<' {
            markup_piece(rest)
        } else {
            let length = memchr::memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
            (Piece::Text(&rest[..length]), length)
        };
        self.0 = &rest[length..];
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
    if rest.starts_with("<!") {
        return (Piece::Nothing, doctype_length(rest));
    }
    if rest.starts_with("<?") {
        // A stray `<?php` without an end must not eat the feed: it ends at the first `>` at the latest.
        return (Piece::Nothing, rest.find('>').map_or(rest.len(), |end| end + 1));
    }
    let opens =
        rest.as_bytes().get(1).is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'_' | b':' | 0x80..));
    match if opens { tag_length(rest) } else { None } {
        Some(length) => (Piece::Tag(&rest[..length]), length),
        None => (Piece::Text(&rest[..1]), 1),
    }
}

/// The length of `<!DOCTYPE …>` with its internal subset.
fn doctype_length(rest: &str) -> usize {
    let close = rest.find('>').map_or(rest.len(), |end| end + 1);
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

struct Reader<'a> {
    tree: Tree<'a>,
    open: Vec<usize>,
    prefixes: Vec<(&'a str, Space)>,
    closes: fn(&str, &str) -> bool,
}

impl<'a> Reader<'a> {
    fn new(source: &'a str, closes: fn(&str, &str) -> bool) -> Self {
        let declared = declared_entities(source);
        let tree = Tree { source, elements: Vec::with_capacity(source.len() / 64), declared };
        Self { tree, open: Vec::new(), prefixes: Vec::new(), closes }
    }

    fn run(mut self) -> Tree<'a> {
        let source = self.tree.source;
        let mut pieces = Pieces(source);
        let mut at = 0;
        while let Some(piece) = pieces.next() {
            let end = source.len() - pieces.0.len();
            if let Piece::Tag(tag) = piece {
                if let Some(name) = tag.strip_prefix("</") {
                    self.end_tag(name.trim_end_matches('>').trim(), at);
                } else if self.tree.elements.len() < ELEMENTS {
                    self.start_tag(tag, at, end);
                }
            }
            at = end;
        }
        self.close_to(0, source.len());
        self.tree
    }

    fn end_tag(&mut self, name: &str, at: usize) {
        let source = self.tree.source;
        let local = name.rsplit(':').next().unwrap_or(name);
        let whole = |open: &usize| {
            let element = &self.tree.elements[*open];
            let written = tag_name(source, element.inner.0);
            written.eq_ignore_ascii_case(name)
        };
        let found = self.open.iter().rposition(whole);
        let found = found.or_else(|| {
            // `</creator>` for `<dc:creator>`: only the innermost may be meant.
            let last = *self.open.last()?;
            self.tree.elements[last].local.eq_ignore_ascii_case(local).then(|| self.open.len() - 1)
        });
        if let Some(depth) = found {
            self.close_to(depth, at);
        }
    }

    fn start_tag(&mut self, tag: &'a str, at: usize, end: usize) {
        let empty = tag.ends_with("/>");
        let body = tag[1..].trim_end_matches('>').trim_end_matches('/');
        let length = body.find(|c: char| c.is_ascii_whitespace() || c == '/').unwrap_or(body.len());
        let (name, rest) = body.split_at(length);
        while let Some(open) = self.open.last() {
            if !(self.closes)(self.tree.elements[*open].local, name) {
                break;
            }
            self.close_to(self.open.len() - 1, at);
        }
        let attributes = attributes(rest);
        self.prefixes.extend(
            attributes
                .iter()
                .filter_map(|(key, uri)| {
                    let prefix = key.strip_prefix("xmlns:")?;
                    Some((prefix, space_of_uri(uri)))
                })
                .take(64_usize.saturating_sub(self.prefixes.len())),
        );
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let space = self.space(prefix);
        let index = self.tree.elements.len();
        let parent = self.open.last().copied().unwrap_or(NO_PARENT);
        self.tree.elements.push(Element { local, space, attributes, inner: (end, end), next: index + 1, parent });
        if !empty && self.open.len() < DEPTH {
            self.open.push(index);
        }
    }

    fn space(&self, prefix: &str) -> Space {
        if prefix.is_empty() {
            return Space::Plain;
        }
        let declared = self.prefixes.iter().rev().find(|(known, _)| *known == prefix).map(|(_, space)| *space);
        declared.filter(|space| *space != Space::Other).unwrap_or_else(|| space_of_prefix(prefix))
    }

    fn close_to(&mut self, depth: usize, at: usize) {
        let next = self.tree.elements.len();
        for index in self.open.drain(depth..) {
            let element = &mut self.tree.elements[index];
            element.inner.1 = at.max(element.inner.0);
            element.next = next;
        }
    }
}

/// The name in the start tag that ends where the inner part begins.
fn tag_name(source: &str, inner: usize) -> &str {
    // Names are short: look back for the `<` of the tag; quotes may hold none, see `tag_length`.
    let start = memchr::memrchr(b'<', &source.as_bytes()[..inner]).map_or(0, |at| at + 1);
    let tag = &source[start..inner];
    &tag[..tag.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>').unwrap_or(tag.len())]
}

/// The attributes of a start tag: quoted either way, unquoted or without value.
fn attributes(rest: &str) -> Vec<(&str, &str)> {
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
fn declared_entities(source: &str) -> Vec<(String, String)> {
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

fn space_of_uri(uri: &str) -> Space {
    let uri = uri.trim().trim_end_matches(['/', '#']).to_ascii_lowercase();
    let uri = uri.trim_start_matches("https:").trim_start_matches("http:");
    match uri {
        "//www.w3.org/2005/atom" | "//purl.org/atom/ns" => Space::Atom,
        "//purl.org/rss/1.0"
        | "//my.netscape.com/rdf/simple/0.9"
        | "//channel.netscape.com/rdf/simple/0.9"
        | "//backend.userland.com/rss2"
        | "//blogs.law.harvard.edu/tech/rss"
        | "//purl.org/net/rss1.1" => Space::Plain,
        "//purl.org/dc/elements/1.1" | "//purl.org/dc/elements/1.0" | "//purl.org/dc/terms" => Space::Dc,
        "//purl.org/rss/1.0/modules/content" => Space::Content,
        "//search.yahoo.com/mrss" | "//video.search.yahoo.com/mrss" => Space::Media,
        "//www.itunes.com/dtds/podcast-1.0.dtd" => Space::Itunes,
        "//www.w3.org/1999/02/22-rdf-syntax-ns" => Space::Rdf,
        "//www.w3.org/1999/xhtml" => Space::Xhtml,
        _ => Space::Other,
    }
}

fn space_of_prefix(prefix: &str) -> Space {
    match prefix.to_ascii_lowercase().as_str() {
        "atom" | "atom10" | "a10" => Space::Atom,
        "rss" => Space::Plain,
        "dc" | "dcterms" => Space::Dc,
        "content" => Space::Content,
        "media" => Space::Media,
        "itunes" | "googleplay" => Space::Itunes,
        "rdf" => Space::Rdf,
        "xhtml" => Space::Xhtml,
        _ => Space::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn never(_: &str, _: &str) -> bool {
        false
    }

    fn text_of(source: &str, name: &str) -> String {
        let tree = Tree::read(source, never);
        tree.find(|e| e.local == name).map(|n| n.text().into_owned()).unwrap_or_default()
    }

    #[test]
    fn text_cdata_and_references_are_read() {
        assert_eq!(
            text_of("<a><t>D&D &amp; <![CDATA[x < y &amp; z]]> caf&eacute;</t></a>", "t"),
            "D&D & x < y &amp; z café"
        );
        assert_eq!(text_of("<a><t> <![CDATA[only]]> </t></a>", "t"), "only");
    }

    #[test]
    fn mismatched_and_missing_end_tags_close_what_they_can() {
        assert_eq!(text_of("<a><t>two</titel></t><u>x</u></a>", "u"), "x");
        assert_eq!(text_of("<a><t>half", "t"), "half");
        assert_eq!(text_of("<a><t>1 < 2 <b>bold<br> x</t><u>after</u>", "u"), "after");
    }

    #[test]
    fn attributes_are_read_however_they_are_quoted() {
        let tree = Tree::read("<e a=1 B='two &amp; 3' c=\"x>y\" d/>", never);
        let node = tree.find(|e| e.local == "e").unwrap();
        let value = |name| node.attribute(name).map(Cow::into_owned);
        assert_eq!(value("a").as_deref(), Some("1"));
        assert_eq!(value("b").as_deref(), Some("two & 3"));
        assert_eq!(value("c").as_deref(), Some("x>y"));
        assert_eq!(value("d").as_deref(), Some(""));
    }

    #[test]
    fn prefixes_are_known_by_namespace_or_by_custom() {
        let tree = Tree::read(
            "<r xmlns:q='http://purl.org/dc/elements/1.1/'><q:creator>A</q:creator><media:credit>B</media:credit></r>",
            never,
        );
        assert_eq!(tree.find(|e| e.local == "creator").unwrap().space(), Space::Dc);
        assert_eq!(tree.find(|e| e.local == "credit").unwrap().space(), Space::Media);
    }

    #[test]
    fn declared_entities_are_literal_and_bombs_are_inert() {
        assert_eq!(
            text_of("<!DOCTYPE r [<!ENTITY x \"boom\"><!ENTITY y SYSTEM \"file:///etc/passwd\">]><r>a&x;&y;</r>", "r"),
            "aboom&y;"
        );
        let bomb =
            "<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;\">]><r>&c;</r>";
        assert_eq!(text_of(bomb, "r"), "&b;&b;&b;");
    }

    #[test]
    fn a_hundred_thousand_nested_elements_are_read_in_linear_time() {
        let deep = "<a>".repeat(100_000);
        let tree = Tree::read(&deep, never);
        assert_eq!(tree.elements.len(), 100_000);
    }

    #[test]
    fn markup_inside_is_kept_as_written() {
        let tree = Tree::read("<d>Hello <b>bold</b> &amp; <![CDATA[<i>x</i>]]><!-- no --></d>", never);
        assert_eq!(tree.find(|e| e.local == "d").unwrap().markup(), "Hello <b>bold</b> &amp; <i>x</i>");
    }
}
