//! What differs from one reader's copy of a mail to the next, and how a rendering marks the place.
//!
//! A rendering is made once per variant. Where a reader's own link stands, the template writes a mark: two noncharacters of U+FDD0…U+FDEF, which
//! the cleaner removes from everything that comes from outside, so no feed can plant one. `mail::mime` turns the marks into typed splice points.

/// What stands in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum What {
    /// The reader's address, as they typed it.
    Address,
    /// The https page that ends the subscription with one button.
    UnsubscribeUrl,
    /// The https page where the reader chooses topics and pauses.
    PreferencesUrl,
    /// The day the reader confirmed, already worded in the language of the variant.
    ConfirmedOn,
}

/// The kind of text around a slot, which decides how its value is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Where {
    /// Between tags of an HTML document.
    HtmlText,
    /// Inside a double-quoted attribute of an HTML document.
    HtmlAttribute,
    /// In plain text.
    PlainText,
}

/// Every kind of slot, in the order of its mark.
const WHATS: [What; 4] = [What::Address, What::UnsubscribeUrl, What::PreferencesUrl, What::ConfirmedOn];
const WHERES: [Where; 3] = [Where::HtmlText, Where::HtmlAttribute, Where::PlainText];

/// The first of the 32 noncharacters (Unicode 16, section 23.7) that marks are made of.
const FIRST: u32 = 0xFDD0;

/// The two-character mark of a slot: noncharacter `what`, then noncharacter `16 + where`.
pub fn mark(what: What, place: Where) -> String {
    let what = WHATS.iter().position(|w| *w == what).unwrap_or(0) as u32;
    let place = WHERES.iter().position(|w| *w == place).unwrap_or(0) as u32;
    [FIRST + what, FIRST + 16 + place].into_iter().filter_map(char::from_u32).collect()
}

/// Whether a character is a Unicode noncharacter: no text that comes from outside may hold one.
pub fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{FDD0}'..='\u{FDEF}') || (c as u32 & 0xFFFE) == 0xFFFE
}

/// A piece of a rendering: fixed text or a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text that is the same for everyone who shares the variant.
    Fixed(&'a str),
    /// A place for a reader's own value.
    Slot(What, Where),
}

/// Cuts a rendering at its marks. A lone noncharacter that is no whole mark is dropped.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(is_noncharacter) {
        if at > 0 {
            out.push(Piece::Fixed(&rest[..at]));
        }
        let mut chars = rest[at..].chars();
        let first = chars.next();
        let second = chars.clone().next();
        if let Some(slot) = slot_of(first, second) {
            chars.next();
            out.push(slot);
        }
        rest = chars.as_str();
    }
    if !rest.is_empty() {
        out.push(Piece::Fixed(rest));
    }
    out
}

/// A rendering with all its slots filled and escaped for their place: for looking at, outside of any mail.
pub fn fill(text: &str, value: impl Fn(What) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Fixed(fixed) => out.push_str(fixed),
            Piece::Slot(what, Where::PlainText) => out.push_str(&value(what)),
            Piece::Slot(what, Where::HtmlText | Where::HtmlAttribute) => escape(&value(what), &mut out),
        }
    }
    out
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

fn slot_of(first: Option<char>, second: Option<char>) -> Option<Piece<'static>> {
    let what = WHATS.get((first? as u32).checked_sub(FIRST)? as usize)?;
    let place = WHERES.get((second? as u32).checked_sub(FIRST + 16)? as usize)?;
    Some(Piece::Slot(*what, *place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_again_with_its_place() {
        let text = format!("to {} by", mark(What::UnsubscribeUrl, Where::HtmlAttribute));
        assert_eq!(
            pieces(&text),
            [Piece::Fixed("to "), Piece::Slot(What::UnsubscribeUrl, Where::HtmlAttribute), Piece::Fixed(" by")]
        );
    }

    #[test]
    fn a_filled_slot_is_escaped_for_its_place() {
        let html = format!("<a href=\"{}\">", mark(What::UnsubscribeUrl, Where::HtmlAttribute));
        assert_eq!(fill(&html, |_| "a\"&b".into()), "<a href=\"a&quot;&amp;b\">");
        assert_eq!(fill(&mark(What::Address, Where::PlainText), |_| "a&b".into()), "a&b");
    }

    #[test]
    fn a_lone_noncharacter_is_dropped() {
        assert_eq!(pieces("a\u{FDD0}b\u{FFFF}c"), [Piece::Fixed("a"), Piece::Fixed("b"), Piece::Fixed("c")]);
    }
}
