//! An upper bound of the stack of open elements that a parser would hold (HTML, 13.2.4 and 13.2.6).
//!
//! End tags pop only where HTML certainly lets them; in doubt an element stays open and counts.

use super::scan::Tag;

/// What is open.
#[derive(Debug, Default)]
pub struct Stack<'a> {
    open: Vec<Open<'a>>,
    /// Formatting elements that were opened and not closed; a parser opens them anew in every block.
    formatting: usize,
    /// Where SVG or `MathML` began, while nothing has ended it.
    foreign: Option<usize>,
    ever_foreign: bool,
    misplaced: usize,
    /// Where `noscript` stands in `open`, while in it.
    noscript: Option<usize>,
}

/// An open element; its classes are looked up once, since every end tag may ask for them.
#[derive(Debug, Clone, Copy)]
struct Open<'a> {
    name: &'a str,
    special: bool,
    scope: bool,
}

impl<'a> Open<'a> {
    fn new(name: &'a str) -> Self {
        let scope = is(name, SCOPE);
        Self { name, scope, special: scope || is(name, SPECIAL) }
    }

    fn is(&self, names: &[&str]) -> bool {
        is(self.name, names)
    }
}

impl<'a> Stack<'a> {
    /// How many elements may be open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// How much content stood between table tags.
    pub fn misplaced(&self) -> usize {
        self.misplaced
    }

    /// Whether a parser may be inside SVG or `MathML`, where raw text is markup.
    pub fn may_be_foreign(&self) -> bool {
        self.ever_foreign
    }

    /// Text was seen.
    pub fn text(&mut self, blank: bool) {
        if !blank && self.in_table() {
            self.misplaced += 1;
        }
    }

    /// A start tag was seen. Returns how many elements a parser may make of it.
    pub fn start(&mut self, tag: &Tag<'a>) -> usize {
        let name = tag.name;
        if is(name, &["svg", "math"]) {
            self.foreign = self.foreign.or(Some(self.open.len()));
            self.ever_foreign = true;
        } else if self.foreign.is_some() && !is(name, FOREIGN) {
            // Many HTML elements end the SVG, and some SVG elements hold HTML: from here on nothing is certain.
            self.foreign = None;
        }
        if self.foreign.is_some() {
            if !tag.self_closing {
                self.open.push(Open::new(name));
            }
            return 1;
        }
        self.implied_ends(name);
        if self.in_table() && !is(name, TABLE_PARTS) {
            self.misplaced += 1;
        }
        let reopened = if is(name, VOID) && !is(name, &["br", "img", "input", "embed", "area", "wbr"]) {
            0
        } else {
            self.formatting
        };
        if is(name, FORMATTING) {
            self.formatting += 1;
        }
        if is(name, &["noscript"]) {
            self.noscript = Some(self.open.len());
        }
        if !is(name, VOID) {
            self.open.push(Open::new(name));
        }
        1 + reopened
    }

    /// An end tag was seen. Returns how many elements a parser may make of it.
    pub fn end(&mut self, name: &'a str) -> usize {
        if is(name, &["noscript"]) {
            return self.end_noscript();
        }
        if self.noscript.is_some() {
            return self.end_inside(self.noscript.map_or(0, |at| at + 1), name);
        }
        if is(name, &["svg", "math"]) {
            self.end_foreign(name);
            return 0;
        }
        if self.foreign.is_some() && !is(name, FOREIGN) {
            self.foreign = None;
        }
        self.end_inside(self.foreign.map_or(0, |at| at + 1), name)
    }

    /// Closes by name, not looking below `floor`.
    fn end_inside(&mut self, floor: usize, name: &'a str) -> usize {
        if is(name, FORMATTING) {
            // The adoption agency takes the element from among those that stay open; it may clone it eight times on the way.
            if let Some(at) = self.find(floor, name, |open| open.scope) {
                self.open.remove(at);
                self.formatting = self.formatting.saturating_sub(1);
                return 8;
            }
            return 0;
        }
        let at = if is(name, &["form", "body", "html"]) {
            // These close nothing but themselves, and body and html not even that.
            return if is(name, &["form"]) { self.remove(floor, name) } else { 0 };
        } else if is(name, HEADINGS) {
            self.find_any(floor, HEADINGS, |open| open.scope)
        } else if is(name, TABLE_PARTS) {
            self.find(floor, name, |open| open.is(&["table", "template", "html"]) && !open.is(&[name]))
        } else if is(name, &["li"]) {
            self.find(floor, name, |open| open.scope || open.is(&["ol", "ul"]))
        } else if is(name, &["p"]) {
            self.find(floor, name, |open| open.scope || open.is(&["button"]))
        } else if is(name, SPECIAL) {
            self.find(floor, name, |open| open.scope && !open.is(&[name]))
        } else {
            self.find(floor, name, |open| open.special)
        };
        if let Some(at) = at {
            self.open.truncate(at);
        }
        usize::from(is(name, &["p", "br"]))
    }

    fn remove(&mut self, floor: usize, name: &str) -> usize {
        if let Some(at) = self.find(floor, name, |open| open.scope) {
            self.open.remove(at);
        }
        0
    }

    fn end_foreign(&mut self, name: &str) {
        if let Some(at) = self.foreign.take() {
            // Everything since was SVG: the end tag closes it whole. A second root inside is closed with the first, which is no less.
            if self.open.get(at).is_some_and(|open| open.is(&[name])) {
                self.open.truncate(at);
                self.ever_foreign = false;
            } else {
                self.foreign = Some(at);
            }
        } else if self.open.last().is_some_and(|open| open.is(&[name])) {
            self.open.pop();
        }
    }

    /// Some parsers read the content as text, some as markup. If it was balanced both agree; else what it opened stays, as far as we know.
    fn end_noscript(&mut self) -> usize {
        if let Some(at) = self.noscript.take()
            && self.open.len() == at + 1
        {
            self.open.truncate(at);
        }
        0
    }

    /// Elements that a start tag ends by itself.
    fn implied_ends(&mut self, name: &str) {
        let floor = self.noscript.map_or(0, |at| at + 1);
        if is(name, CLOSES_P)
            && let Some(at) = self.find(floor, "p", |open| open.scope || open.is(&["button"]))
        {
            self.open.truncate(at);
        }
        let at = match name.to_ascii_lowercase().as_str() {
            "li" => self.find(floor, "li", |open| open.special && !open.is(&["li", "address", "div", "p"])),
            "dt" | "dd" => self
                .find_any(floor, &["dt", "dd"], |open| open.special && !open.is(&["dt", "dd", "address", "div", "p"])),
            "td" | "th" => self.find_any(floor, &["td", "th"], |open| open.is(&["table", "template", "html", "tr"])),
            "tr" => self.find(floor, "tr", |open| open.is(&["table", "template", "html"])),
            "tbody" | "thead" | "tfoot" => {
                self.find_any(floor, &["tbody", "thead", "tfoot"], |open| open.is(&["table", "template", "html"]))
            }
            "option" | "optgroup" => self.open.last().filter(|open| open.is(&["option"])).map(|_| self.open.len() - 1),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.open.last().filter(|open| open.is(HEADINGS)).map(|_| self.open.len() - 1)
            }
            "body" | "head" | "html" => None,
            _ => None,
        };
        if let Some(at) = at.filter(|at| *at >= floor) {
            self.open.truncate(at);
        }
    }

    fn in_table(&self) -> bool {
        self.open.last().is_some_and(|open| open.is(&["table", "tbody", "thead", "tfoot", "tr"]))
    }

    fn find(&self, floor: usize, name: &str, stops: impl Fn(&Open<'_>) -> bool) -> Option<usize> {
        self.find_any(floor, &[name], stops)
    }

    /// The innermost open element of these names, unless one that stops the search stands before it.
    fn find_any(&self, floor: usize, names: &[&str], stops: impl Fn(&Open<'_>) -> bool) -> Option<usize> {
        for at in (floor..self.open.len()).rev() {
            if self.open[at].is(names) {
                return Some(at);
            }
            if stops(&self.open[at]) {
                return None;
            }
        }
        None
    }
}

fn is(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    "keygen", "bgsound", "basefont", "frame",
];
const FORMATTING: &[&str] =
    &["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
const HEADINGS: &[&str] = &["h1", "h2", "h3", "h4", "h5", "h6"];
const TABLE_PARTS: &[&str] = &[
    "table", "caption", "colgroup", "col", "tbody", "thead", "tfoot", "tr", "td", "th", "script", "style", "template",
];
/// Elements that an end tag does not reach beyond.
const SCOPE: &[&str] = &[
    "applet",
    "caption",
    "html",
    "table",
    "td",
    "th",
    "marquee",
    "object",
    "template",
    "svg",
    "math",
    "foreignobject",
    "desc",
    "title",
    "mi",
    "mo",
    "mn",
    "ms",
    "mtext",
    "annotation-xml",
    "select",
];
/// Elements that end tags of unknown elements do not reach beyond.
const SPECIAL: &[&str] = &[
    "address",
    "applet",
    "area",
    "article",
    "aside",
    "base",
    "blockquote",
    "body",
    "br",
    "button",
    "caption",
    "center",
    "col",
    "colgroup",
    "dd",
    "details",
    "dir",
    "div",
    "dl",
    "dt",
    "embed",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "frame",
    "frameset",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hgroup",
    "hr",
    "html",
    "iframe",
    "img",
    "input",
    "li",
    "link",
    "listing",
    "main",
    "marquee",
    "menu",
    "meta",
    "nav",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "ol",
    "p",
    "param",
    "plaintext",
    "pre",
    "script",
    "search",
    "section",
    "select",
    "source",
    "style",
    "summary",
    "table",
    "tbody",
    "td",
    "template",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "track",
    "ul",
    "wbr",
    "xmp",
];
/// Blocks that end an open paragraph.
const CLOSES_P: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dd",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "li",
    "listing",
    "main",
    "menu",
    "nav",
    "ol",
    "p",
    "pre",
    "search",
    "section",
    "summary",
    "ul",
    "xmp",
];
/// Elements of SVG and `MathML` that neither end it nor hold HTML.
const FOREIGN: &[&str] = &[
    "svg",
    "math",
    "g",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "defs",
    "use",
    "symbol",
    "clippath",
    "mask",
    "lineargradient",
    "radialgradient",
    "stop",
    "text",
    "tspan",
    "textpath",
    "filter",
    "pattern",
    "marker",
    "animate",
    "animatetransform",
    "metadata",
    "view",
    "switch",
    "fegaussianblur",
    "feoffset",
    "feblend",
    "fecolormatrix",
    "feflood",
    "fecomposite",
    "femerge",
    "femergenode",
    "mrow",
    "mfrac",
    "msup",
    "msub",
    "msubsup",
    "msqrt",
    "mroot",
    "mover",
    "munder",
    "munderover",
    "mtable",
    "mtr",
    "mtd",
    "mspace",
    "mfenced",
    "mstyle",
    "mpadded",
    "mphantom",
    "semantics",
];
