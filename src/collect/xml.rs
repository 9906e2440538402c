//! XML as feeds really write it, read into a flat tree in one pass and linear time.
//!
//! Nothing is refused: missing and mismatched end tags, bare ampersands and angle brackets, unquoted attributes, undeclared prefixes and entities,
//! junk before and after the root are read as a careful person would. Must not expand entities recursively, nor nest deeper than [`DEPTH`].

mod pieces;
mod space;

pub use space::Space;

use crate::collect::entities;
use memchr::memmem;
use pieces::{Piece, Pieces, attributes, declared_entities};
use std::borrow::Cow;

/// Elements deeper than this become siblings: no feed nests so deep, only attacks do.
pub const DEPTH: usize = 128;
/// Elements beyond this many are not read.
pub const ELEMENTS: usize = 400_000;

/// One element. Its descendants are the elements after it, up to `next`.
#[derive(Debug)]
pub struct Element<'a> {
    /// Name without prefix, as written.
    pub local: &'a str,
    /// Its vocabulary.
    pub space: Space,
    /// Name as written, prefix and all: what its end tag says again.
    written: &'a str,
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
        for piece in Pieces::of(inner) {
            match piece {
                Piece::Text(text) => out.push_str(&entities::decode_with(text, &self.tree.declared)),
                Piece::Cdata(text) => out.push_str(text),
                Piece::Tag(_) | Piece::Nothing => {}
            }
        }
        Cow::Owned(out)
    }

    /// The text between its end and the next tag.
    pub fn text_behind(self) -> Cow<'t, str> {
        let behind = &self.tree.source[self.element().inner.1..];
        let end = memchr::memchr(b'<', behind.as_bytes()).unwrap_or(behind.len());
        entities::decode_with(behind[..end].trim(), &self.tree.declared)
    }

    /// Its content as markup: what stands between its tags, with CDATA sections unwrapped and escaped.
    pub fn markup(self) -> String {
        let (start, end) = self.element().inner;
        let mut out = String::with_capacity(end - start);
        for piece in Pieces::of(&self.tree.source[start..end]) {
            match piece {
                Piece::Tag(tag) => match closed_in_itself(tag) {
                    Some((start, name)) => out.extend([start, "></", name, ">"]),
                    None => out.push_str(tag),
                },
                Piece::Text(text) | Piece::Cdata(text) => out.push_str(text),
                Piece::Nothing => {}
            }
        }
        out
    }
}

/// The start and name of `<i class="icon"/>`, which HTML would leave open to the end of the text; of elements that are always empty, none.
fn closed_in_itself(tag: &str) -> Option<(&str, &str)> {
    const EMPTY: [&str; 14] =
        ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
    let start = tag.strip_suffix("/>")?.trim_end();
    let name = start[1..].split(|c: char| c.is_ascii_whitespace()).next().unwrap_or_default();
    let local = name.rsplit(':').next().unwrap_or(name);
    // The slash of `<a href=https://example.org/>` is the address's.
    let is_bare =
        !start.ends_with(['"', '\'']) && start.rsplit_once('=').is_some_and(|(_, value)| !value.contains(' '));
    let is_always_empty = EMPTY.iter().any(|empty| empty.eq_ignore_ascii_case(local));
    (!local.is_empty() && !is_bare && !is_always_empty).then_some((start, name))
}

fn only_cdata(inner: &str) -> Option<&str> {
    let body = inner.trim().strip_prefix("<![CDATA[")?.strip_suffix("]]>")?;
    memmem::find(body.as_bytes(), b"]]>").is_none().then_some(body)
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
        let mut pieces = Pieces::of(source);
        let mut at = 0;
        while let Some(piece) = pieces.next() {
            let end = source.len() - pieces.left();
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
        let local = name.rsplit(':').next().unwrap_or(name);
        let whole = |open: &usize| self.tree.elements[*open].written.eq_ignore_ascii_case(name);
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
                    Some((prefix, Space::of_uri(uri)))
                })
                .take(64_usize.saturating_sub(self.prefixes.len())),
        );
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let space = self.space(prefix);
        let index = self.tree.elements.len();
        let parent = self.open.last().copied().unwrap_or(NO_PARENT);
        let inner = (end, end);
        self.tree.elements.push(Element { local, space, written: name, attributes, inner, next: index + 1, parent });
        if !empty && self.open.len() < DEPTH {
            self.open.push(index);
        }
    }

    fn space(&self, prefix: &str) -> Space {
        if prefix.is_empty() {
            return Space::Plain;
        }
        let declared = self.prefixes.iter().rev().find(|(known, _)| *known == prefix).map(|(_, space)| *space);
        declared.filter(|space| *space != Space::Other).unwrap_or_else(|| Space::of_prefix(prefix))
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
    fn no_long_tag_nor_unfinished_doctype_is_walked_again_and_again() {
        // Each would cost minutes if every later piece looked through all of it.
        let tag = format!("<r a='{}'>{}", "x".repeat(1 << 20), "</q>".repeat(100_000));
        assert_eq!(Tree::read(&tag, never).elements.len(), 1);
        assert_eq!(Tree::read(&"<!DOCTYPE [>".repeat(200_000), never).elements.len(), 0);
        assert_eq!(Tree::read(&"<![>".repeat(400_000), never).elements.len(), 0);
    }

    #[test]
    fn what_is_closed_in_itself_is_not_left_open_in_the_markup() {
        let markup = |source| Tree::read(source, never).find(|e| e.local == "d").unwrap().markup();
        assert_eq!(
            markup("<d>a <i class='icon'/> b<br/><x:b /><img src='i'/> <a name='c'/>c</d>"),
            "a <i class='icon'></i> b<br/><x:b></x:b><img src='i'/> <a name='c'></a>c"
        );
        assert_eq!(markup("<d><a href=https://ex.org/>x</a></d>"), "<a href=https://ex.org/>x</a>");
    }

    #[test]
    fn markup_inside_is_kept_as_written() {
        let tree = Tree::read("<d>Hello <b>bold</b> &amp; <![CDATA[<i>x</i>]]><!-- no --></d>", never);
        assert_eq!(tree.find(|e| e.local == "d").unwrap().markup(), "Hello <b>bold</b> &amp; <i>x</i>");
    }
}
