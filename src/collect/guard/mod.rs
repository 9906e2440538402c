//! The linear guard that stands before every DOM parser.
//!
//! HTML parsers here are quadratic in nesting, in attributes of a tag and in formatting elements that are never closed; a thread cannot be stopped, so
//! a timer is no guard. This one reads the bytes once, keeps an upper bound of what a parser would build, and refuses what could take longer than a
//! second. It must never count less than a parser would; where the rules of HTML are intricate it counts more.

mod scan;
mod stack;

pub use scan::{Token, Tokens};
use stack::Stack;

/// What a document may be at most. The figures are measured: what keeps them is parsed within a second on a slow core.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of markup.
    pub bytes: usize,
    /// Elements open at once.
    pub depth: usize,
    /// Attributes of one tag.
    pub attributes: usize,
    /// Elements and comments in all, those included that a parser makes by itself when formatting is left open.
    pub elements: usize,
    /// The depths of all elements, added up: readers of articles walk from each element to the root.
    pub area: usize,
    /// Character references and stray angle brackets, in text and in attributes, angle brackets in comments, and zero bytes; ten line breaks count
    /// as one. Parsers handle each piece between them for itself, and are quadratic in the references of one text or value.
    pub pieces: usize,
}

/// Limits of a fragment that is only cleaned.
pub const FRAGMENT: Limits =
    Limits { bytes: 4 << 20, depth: 256, attributes: 256, elements: 60_000, area: 6_000_000, pieces: 100_000 };
/// Limits of a page whose article is looked for, which costs more per element.
pub const PAGE: Limits =
    Limits { bytes: 4 << 20, depth: 200, attributes: 256, elements: 30_000, area: 1_000_000, pieces: 100_000 };

/// Why a document is not given to a parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// More bytes than are read.
    #[error("more than {0} bytes of markup")]
    Bytes(usize),
    /// Nested deeper than pages are.
    #[error("nested more than {0} elements deep")]
    Depth(usize),
    /// One tag with too many attributes.
    #[error("a tag with more than {0} attributes")]
    Attributes(usize),
    /// Too many attributes of all tags together.
    #[error("more than {0} attributes in all")]
    AllAttributes(usize),
    /// Too many elements, or formatting left open so often that a parser would make too many.
    #[error("more than {0} elements")]
    Elements(usize),
    /// Too many elements that stand too deep.
    #[error("too many elements nested too deep")]
    Area,
    /// Too many character references or stray angle brackets.
    #[error("more than {0} character references and stray angle brackets")]
    Pieces(usize),
    /// Content in tables outside their cells, which parsers move about one by one.
    #[error("too much content misplaced in tables")]
    Misplaced,
}

/// Content between table tags beyond this is refused: moving it out costs a walk over all siblings.
const MISPLACED: usize = 1_000;

/// Attributes an element may have on average: most have one or two, and tags full of them cost as much as elements.
const ON_AVERAGE: usize = 10;

/// Whether a parser may have the document.
pub fn check(html: &str, limits: Limits) -> Result<(), GuardError> {
    if html.len() > limits.bytes {
        return Err(GuardError::Bytes(limits.bytes));
    }
    let mut stack = Stack::default();
    let (mut elements, mut area, mut pieces, mut end_tags) = (0_usize, 0_usize, 0_usize, 0_usize);
    let (mut breaks, mut attributes) = (0_usize, 0_usize);
    let mut tokens = Tokens::new(html);
    while let Some(token) = tokens.next() {
        if let Token::Tag(tag) = &token {
            if tag.attributes > limits.attributes {
                return Err(GuardError::Attributes(limits.attributes));
            }
            attributes += tag.attributes;
            if attributes > ON_AVERAGE * limits.elements {
                return Err(GuardError::AllAttributes(ON_AVERAGE * limits.elements));
            }
            pieces += memchr::memchr2_iter(b'&', 0, tag.rest.as_bytes()).count();
        }
        match token {
            Token::Tag(tag) if tag.end => {
                end_tags += 1;
                elements += stack.end(tag.name);
            }
            Token::Tag(tag) => {
                let made = stack.start(&tag);
                elements += made;
                area += made * stack.depth();
            }
            Token::Comment(text) => {
                elements += 1;
                pieces += memchr::memchr2_iter(b'<', 0, text.as_bytes()).count();
            }
            Token::Text(text) | Token::Raw(text) => {
                pieces += memchr::memchr3_iter(b'&', b'<', 0, text.as_bytes()).count();
                breaks += memchr::memchr_iter(b'\n', text.as_bytes()).count();
                stack.text(token.is_blank());
            }
        }
        tokens.raw_text_ends = !stack.may_be_foreign();
        // A document may close a few times what it opens; more is made to keep a parser searching.
        if elements > limits.elements || end_tags > 3 * limits.elements {
            return Err(GuardError::Elements(limits.elements));
        }
        if stack.depth() > limits.depth {
            return Err(GuardError::Depth(limits.depth));
        }
        if area > limits.area {
            return Err(GuardError::Area);
        }
        if pieces + breaks / 10 > limits.pieces {
            return Err(GuardError::Pieces(limits.pieces));
        }
        if stack.misplaced() > MISPLACED {
            return Err(GuardError::Misplaced);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fragment(html: &str) -> Result<(), GuardError> {
        check(html, FRAGMENT)
    }

    #[test]
    fn ordinary_pages_pass() {
        let rows = "<tr><td>x<td>y".repeat(500);
        let items = "<li>one<br><img src=a><p>two".repeat(500);
        let page = format!(
            "<!doctype html><html><head><style>a<b{{}}</style><script>if (a<b) x('<div>')</script></head><body>\
            <p>{}<table>{rows}</table><ul>{items}</ul><select><option>a<option>b</select></body></html>",
            "<p>para <b>x</b>".repeat(800)
        );
        assert_eq!(fragment(&page), Ok(()));
        let icons = "<a><svg viewBox='0 0 1 1'><path d='M0'/><g><circle/></g></svg></a>".repeat(400);
        assert_eq!(fragment(&icons), Ok(()));
        assert_eq!(fragment(&"<dl><dt>a<dd>b<dt>c<dd>d</dl>".repeat(200)), Ok(()));
    }

    #[test]
    fn nesting_attributes_elements_and_bytes_are_bounded() {
        assert_eq!(fragment(&"<div>".repeat(300)), Err(GuardError::Depth(256)));
        assert_eq!(fragment(&"<table><tr><td>".repeat(300)), Err(GuardError::Depth(256)));
        assert_eq!(fragment(&"<span>".repeat(300)), Err(GuardError::Depth(256)));
        let many: String = (0..300).map(|n| format!(" a{n}=1")).collect::<Vec<_>>().concat();
        assert_eq!(fragment(&format!("<p{many}>")), Err(GuardError::Attributes(256)));
        assert_eq!(fragment(&"<br>".repeat(70_000)), Err(GuardError::Elements(60_000)));
        assert_eq!(fragment(&" ".repeat(5 << 20)), Err(GuardError::Bytes(4 << 20)));
    }

    #[test]
    fn tricks_that_hide_nesting_do_not() {
        for trick in [
            "<div><table><tr><td></div>",                           // the end tag stops at the cell
            "<span><div></span>",                                   // the end tag stops at the block
            "<b><div></b>",                                         // the block stays open
            "<div><script><!--<script></script></div>--></script>", // a script within a script comment
            "<div><!-- > </div> -->",                               // a comment with an angle bracket
            "<svg><g a=/>",                                         // the slash is the attribute's value
            "<div a='></div>'>",                                    // an end tag in an attribute
            "<path/>",                                              // not empty outside of SVG
            "<svg><p><path/>",                                      // the paragraph ends the SVG
            "<svg><style><div></style>",                            // style is no raw text in SVG
            "<div/>",                                               // not empty in HTML
            "<div><noscript></div></noscript>",                     // raw text for some parsers
            "<div><textarea></div></textarea>",
            "<div></p >",
            "<ul><li>",
            "<button><div></button x",
        ] {
            assert!(fragment(&trick.repeat(600)).is_err(), "{trick}");
        }
    }

    #[test]
    fn formatting_that_is_never_closed_counts_as_often_as_a_parser_repeats_it() {
        let fonts: String = (0..100).map(|n| format!("<font size={n}>")).collect::<Vec<_>>().concat();
        assert!(fragment(&format!("{fonts}{}", "<p>x</p>".repeat(5_000))).is_err());
        assert_eq!(fragment(&"<p><b>bold<p>more</b>".repeat(100)), Ok(()));
    }

    #[test]
    fn what_parsers_are_quadratic_in_is_bounded() {
        assert_eq!(fragment(&"&amp;".repeat(100_001)), Err(GuardError::Pieces(100_000)));
        assert_eq!(fragment(&"< ".repeat(100_001)), Err(GuardError::Pieces(100_000)));
        let chain = "<div>".repeat(190) + "x" + &"</div>".repeat(190);
        assert_eq!(check(&chain.repeat(100), PAGE), Err(GuardError::Area));
        let value = format!("<p title='{}'>", "&amp;".repeat(100_001));
        assert_eq!(fragment(&value), Err(GuardError::Pieces(100_000)), "in an attribute too");
        assert_eq!(fragment(&"\0".repeat(100_001)), Err(GuardError::Pieces(100_000)));
        assert_eq!(fragment(&"\n".repeat(1_000_010)), Err(GuardError::Pieces(100_000)));
        assert_eq!(fragment(&"A line of a long text.\n".repeat(150_000)), Ok(()));
        assert_eq!(fragment(&"<!---->".repeat(60_001)), Err(GuardError::Elements(60_000)));
        assert_eq!(fragment(&"</b>".repeat(180_001)), Err(GuardError::Elements(60_000)));
        let opened = format!("<!--{}", "<!--".repeat(100_001));
        assert_eq!(fragment(&opened), Err(GuardError::Pieces(100_000)), "comments opened inside of a comment");
        let full: String = (0..250).map(|n| format!(" a{n}=1")).collect::<Vec<_>>().concat();
        assert_eq!(fragment(&format!("<p{full}>x</p>").repeat(2_401)), Err(GuardError::AllAttributes(600_000)));
        assert_eq!(fragment(&format!("<p{full}>x</p>").repeat(2_400)), Ok(()));
    }

    #[test]
    fn content_between_rows_is_bounded() {
        assert_eq!(fragment(&format!("<table>{}", "<br>".repeat(3_000))), Err(GuardError::Misplaced));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}") {
            let _ = fragment(&text);
        }

        #[test]
        fn no_markup_makes_it_panic(text in "(<[/!]?(div|svg|script|b|table|td|-->|--)[ a='\"/]{0,6}>?|x|é){0,40}") {
            let _ = fragment(&text);
        }
    }
}
