//! The pieces a message is spliced from: bytes encoded once for everyone, and slots whose values are encoded as they are copied in.
//!
//! Splicing copies and encodes a few dozen octets per slot; nothing here looks at the fixed text again. A slot in quoted-printable stands
//! between soft line breaks, so a value of any length leaves the lines around it alone. In base64 a value shifts what follows by zero, one or two
//! octets against the groups of three, so each fixed piece is kept encoded at all three phases.

use std::sync::Arc;

use crate::domain::address::EmailAddress;
use crate::domain::slot::{Piece, What, Where};
use crate::mail::encode::{BODY_LINE, QuotedPrintable, base64_lines, header_uri};
use crate::mail::octets::Octets;

/// What one reader's copy has that no other has.
#[derive(Debug, Clone, Copy)]
pub struct Personal<'a> {
    /// The reader's address: in the text as they typed it, in the `To` header with its domain in ASCII.
    pub to: &'a EmailAddress,
    /// The Message-ID without its angle brackets.
    pub message_id: &'a str,
    /// The https address that ends the subscription.
    pub unsubscribe_url: &'a str,
    /// A mail address that ends the subscription when written to, if returned mail is read.
    pub unsubscribe_mailbox: Option<&'a str>,
    /// The https address where topics are chosen.
    pub preferences_url: &'a str,
    /// The day of the confirmation, in words.
    pub confirmed_on: &'a str,
}

impl<'a> Personal<'a> {
    fn value(&self, what: What) -> &'a str {
        match what {
            What::Address => self.to.as_str(),
            What::UnsubscribeUrl => self.unsubscribe_url,
            What::PreferencesUrl => self.preferences_url,
            What::ConfirmedOn => self.confirmed_on,
        }
    }
}

/// The values that stand in headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderSlot {
    /// The address of the `To` header, inside its angle brackets.
    To,
    /// The Message-ID, inside its angle brackets.
    MessageId,
    /// The whole value of `List-Unsubscribe`.
    ListUnsubscribe,
}

/// One piece of a message.
#[derive(Debug)]
pub enum Segment {
    /// Bytes that everybody gets.
    Fixed(Arc<[u8]>),
    /// A value in a header.
    Header(HeaderSlot),
    /// A value in a quoted-printable body, at the start of a line.
    Quoted(What, Where),
    /// A body in base64, with its slots.
    Base64(Vec<Base64Piece>),
}

impl Segment {
    /// The octets that everybody gets.
    pub fn fixed_size(&self) -> usize {
        match self {
            Segment::Fixed(bytes) => bytes.len(),
            Segment::Header(_) | Segment::Quoted(..) => 0,
            Segment::Base64(pieces) => pieces.iter().map(|piece| piece.plain.len() * 78 / 57 + 4).sum(),
        }
    }

    /// Lays the segment for one reader: what everybody gets is not copied.
    pub fn lay(&self, personal: &Personal<'_>, out: &mut Octets) {
        match self {
            Segment::Fixed(bytes) => out.share(bytes),
            slotted => slotted.splice(personal, out.own()),
        }
    }

    /// Writes the segment for one reader.
    pub fn splice(&self, personal: &Personal<'_>, out: &mut Vec<u8>) {
        match self {
            Segment::Fixed(bytes) => out.extend_from_slice(bytes),
            Segment::Header(slot) => splice_header(*slot, personal, out),
            Segment::Quoted(what, place) => splice_quoted(personal.value(*what), *place, out),
            Segment::Base64(pieces) => splice_base64(pieces, personal, out),
        }
    }
}

fn splice_header(slot: HeaderSlot, personal: &Personal<'_>, out: &mut Vec<u8>) {
    match slot {
        // Parsed: an address holds nothing that could leave its brackets.
        HeaderSlot::To => out.extend_from_slice(personal.to.ascii().as_bytes()),
        HeaderSlot::MessageId => header_uri(personal.message_id, out),
        HeaderSlot::ListUnsubscribe => {
            out.push(b'<');
            header_uri(personal.unsubscribe_url, out);
            out.push(b'>');
            if let Some(mailbox) = personal.unsubscribe_mailbox {
                out.extend_from_slice(b",\r\n <mailto:");
                header_uri(mailbox, out);
                out.push(b'>');
            }
        }
    }
}

fn splice_quoted(value: &str, place: Where, out: &mut Vec<u8>) {
    let mut line = QuotedPrintable::default();
    if is_plain_line(value) {
        out.extend_from_slice(value.as_bytes());
    } else {
        let mut escaped = Vec::with_capacity(value.len() + 64);
        escape(value, place, &mut escaped);
        line.write(&escaped, out);
    }
    line.join(out);
}

/// Whether a value stands as it is in every place and encoding, as most do: web addresses with a token, on one line.
fn is_plain_line(value: &str) -> bool {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b':' | b'-' | b'_' | b'.' | b'@' | b'+');
    value.len() < BODY_LINE && !value.starts_with(['.', 'F']) && value.bytes().all(is_plain)
}

/// Writes a value as the text around it demands. A value is one line: control characters, line ends among them, are left out.
fn escape(value: &str, place: Where, out: &mut Vec<u8>) {
    for c in value.chars().filter(|c| !c.is_control()) {
        match (c, place) {
            (_, Where::PlainText) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            ('&', _) => out.extend_from_slice(b"&amp;"),
            ('<', _) => out.extend_from_slice(b"&lt;"),
            ('>', _) => out.extend_from_slice(b"&gt;"),
            ('"', _) => out.extend_from_slice(b"&quot;"),
            ('\'', _) => out.extend_from_slice(b"&#39;"),
            _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// Fixed text of a base64 body, and the slot that stands before it.
#[derive(Debug)]
pub struct Base64Piece {
    slot_before: Option<(What, Where)>,
    plain: Vec<u8>,
    phases: [Aligned; 3],
}

/// A piece encoded for one phase: with so many octets of the group of three already taken by what stands before.
#[derive(Debug)]
struct Aligned {
    /// Octets at the front that complete the group begun before.
    head: usize,
    /// Whole groups, in lines.
    lines: Vec<u8>,
    /// Octets at the end that begin the next group.
    tail: usize,
}

impl Base64Piece {
    fn new(slot_before: Option<(What, Where)>, plain: Vec<u8>) -> Base64Piece {
        let phases = [0, 1, 2].map(|taken| Aligned::new(&plain, taken));
        Base64Piece { slot_before, plain, phases }
    }
}

impl Aligned {
    fn new(plain: &[u8], taken: usize) -> Aligned {
        let head = ((3 - taken) % 3).min(plain.len());
        let tail = (plain.len() - head) % 3;
        let mut lines = Vec::new();
        base64_lines(&plain[head..plain.len() - tail], &mut lines);
        Aligned { head, lines, tail }
    }
}

fn splice_base64(pieces: &[Base64Piece], personal: &Personal<'_>, out: &mut Vec<u8>) {
    let mut open = Vec::with_capacity(256);
    for piece in pieces {
        if let Some((what, place)) = piece.slot_before {
            escape(personal.value(what), place, &mut open);
        }
        let aligned = &piece.phases[open.len() % 3];
        if aligned.lines.is_empty() {
            open.extend_from_slice(&piece.plain);
            continue;
        }
        open.extend_from_slice(&piece.plain[..aligned.head]);
        base64_lines(&open, out);
        open.clear();
        out.extend_from_slice(&aligned.lines);
        open.extend_from_slice(&piece.plain[piece.plain.len() - aligned.tail..]);
    }
    base64_lines(&open, out);
}

/// A body as quoted-printable segments.
pub fn quoted_segments(pieces: &[Piece<'_>]) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut line = QuotedPrintable::default();
    let mut fixed = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Fixed(text) => line.write(text.as_bytes(), &mut fixed),
            Piece::Slot(what, place) => {
                line.soft_break(&mut fixed);
                segments.push(Segment::Fixed(std::mem::take(&mut fixed).into()));
                segments.push(Segment::Quoted(*what, *place));
                line = QuotedPrintable::default();
            }
        }
    }
    segments.push(Segment::Fixed(fixed.into()));
    segments
}

/// A body as one base64 segment. Its line ends are CRLF, the canonical form of text (RFC 2045, section 6.8).
pub fn base64_segment(pieces: &[Piece<'_>]) -> Segment {
    let mut encoded = Vec::new();
    let mut slot_before = None;
    for piece in pieces {
        match piece {
            Piece::Fixed(text) => {
                encoded.push(Base64Piece::new(slot_before.take(), text.replace('\n', "\r\n").into_bytes()));
            }
            Piece::Slot(what, place) => {
                if let Some(slot) = slot_before.replace((*what, *place)) {
                    encoded.push(Base64Piece::new(Some(slot), Vec::new()));
                }
            }
        }
    }
    encoded.push(Base64Piece::new(slot_before, Vec::new()));
    Segment::Base64(encoded)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn pieces<'a>() -> Vec<Piece<'a>> {
        let slot = Piece::Slot(What::ConfirmedOn, Where::HtmlText);
        vec![Piece::Fixed("a"), slot, slot, Piece::Fixed("b\nسلام "), slot, Piece::Fixed("c"), slot]
    }

    fn spliced(segments: &[Segment], value: &str) -> Vec<u8> {
        let personal = Personal {
            to: &EmailAddress::parse("reader@example.net").unwrap(),
            message_id: "1@example.org",
            unsubscribe_url: "https://example.org/u/1",
            unsubscribe_mailbox: None,
            preferences_url: "https://example.org/p/1",
            confirmed_on: value,
        };
        let mut out = Vec::new();
        for segment in segments {
            segment.splice(&personal, &mut out);
        }
        out
    }

    #[test]
    fn base64_is_whole_whatever_the_length_of_the_value() {
        let segments = [base64_segment(&pieces())];
        for length in 0..200 {
            let value = "x".repeat(length);
            let text = spliced(&segments, &value);
            let lines: Vec<&[u8]> = text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii_end).collect();
            assert!(lines.iter().all(|line| line.len() <= 76));
            let decoded = STANDARD.decode(lines.concat()).unwrap();
            assert_eq!(String::from_utf8(decoded).unwrap(), format!("a{value}{value}b\r\nسلام {value}c{value}"));
        }
    }

    #[test]
    fn quoted_printable_lines_keep_their_limit_whatever_the_length_of_the_value() {
        let segments = quoted_segments(&pieces());
        for length in 0..200 {
            let value = "é".repeat(length);
            let text = String::from_utf8(spliced(&segments, &value)).unwrap();
            assert!(text.lines().all(|line| line.len() <= 76), "{text}");
        }
    }

    #[test]
    fn a_plain_value_is_copied_and_the_start_of_its_line_guarded() {
        let quoted = |value: &str| {
            let mut out = Vec::new();
            splice_quoted(value, Where::HtmlAttribute, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(quoted("https://x.example/u/a-b_c"), "https://x.example/u/a-b_c=\r\n");
        assert_eq!(quoted(".a"), "=2Ea=\r\n");
        assert_eq!(quoted("a&b"), "a&amp;b=\r\n");
        assert_eq!(quoted(&"x".repeat(75)), format!("{}=\r\n", "x".repeat(75)));
        assert_eq!(quoted(&"x".repeat(76)), format!("{}=\r\nx=\r\n", "x".repeat(75)));
    }

    #[test]
    fn a_value_is_escaped_for_its_place() {
        let escaped = |place| {
            let mut out = Vec::new();
            escape("<\"&'\r\n>", place, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(escaped(Where::HtmlAttribute), "&lt;&quot;&amp;&#39;&gt;");
        assert_eq!(escaped(Where::HtmlText), "&lt;&quot;&amp;&#39;&gt;");
        assert_eq!(escaped(Where::PlainText), "<\"&'>");
    }
}
