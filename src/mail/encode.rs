//! The ways text becomes 7-bit bytes: quoted-printable, base64, encoded words, folded header lines. Knows nothing of slots or of what a message holds.
//!
//! Everything written here is already in the relaxed canonical form of RFC 6376 section 3.4 where that costs nothing: no white space at a line's
//! end, no run of white space, no tab. A signer can then hash the bytes as they stand.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::domain::slot::is_noncharacter;

/// The longest line of an encoded body, without its CRLF (RFC 2045, sections 6.7 and 6.8).
pub const BODY_LINE: usize = 76;
/// The longest header line where folding allows it, without its CRLF (RFC 5322, section 2.1.1).
const HEADER_LINE: usize = 78;
/// The longest encoded word (RFC 2047, section 2).
const ENCODED_WORD: usize = 75;
/// The longest header line that holds an encoded word (RFC 2047, section 2).
const ENCODED_LINE: usize = 76;
/// A word or quoted name longer than this is written as encoded words, which fold anywhere.
const LONGEST_PLAIN_WORD: usize = 60;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Writes quoted-printable (RFC 2045, section 6.7), carrying the column from one piece of text to the next.
#[derive(Debug, Default)]
pub struct QuotedPrintable {
    column: usize,
    after_space: bool,
}

impl QuotedPrintable {
    /// Encodes text whose lines end in a bare LF.
    ///
    /// A line never starts with a full stop (so SMTP needs no dot-stuffing) nor with `From ` (which old mailbox files quote).
    pub fn write(&mut self, text: &[u8], out: &mut Vec<u8>) {
        for (at, &byte) in text.iter().enumerate() {
            if byte == b'\n' {
                self.end_line(b"\r\n", out);
                continue;
            }
            let mut literal = self.is_literal(byte, &text[at + 1..]);
            if self.column + if literal { 1 } else { 3 } > BODY_LINE - 1 {
                self.soft_break(out);
                // Asked again: a new line has other rules for its first character.
                literal = self.is_literal(byte, &text[at + 1..]);
            }
            if literal {
                out.push(byte);
                self.column += 1;
            } else {
                out.extend_from_slice(&hex(b'=', byte));
                self.column += 3;
            }
            self.after_space = out.last() == Some(&b' ');
        }
    }

    /// Starts a new line that a decoder joins to the last, unless a new line has just begun.
    pub fn soft_break(&mut self, out: &mut Vec<u8>) {
        if self.column > 0 {
            self.end_line(b"=\r\n", out);
        }
    }

    /// Ends the line for a decoder's eyes only, even when it is empty: what follows may be anything.
    pub fn join(&mut self, out: &mut Vec<u8>) {
        self.end_line(b"=\r\n", out);
    }

    fn end_line(&mut self, end: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(end);
        self.column = 0;
        self.after_space = false;
    }

    fn is_literal(&self, byte: u8, rest: &[u8]) -> bool {
        match byte {
            b' ' => !self.after_space && rest.first().is_some_and(|next| *next != b'\n'),
            b'=' => false,
            b'.' => self.column > 0,
            b'F' => self.column > 0 || !rest.starts_with(b"rom "),
            _ => byte.is_ascii_graphic(),
        }
    }
}

fn hex(mark: u8, byte: u8) -> [u8; 3] {
    [mark, HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]
}

/// Writes base64 in lines of at most 76 characters, each ended by CRLF (RFC 2045, section 6.8).
pub fn base64_lines(bytes: &[u8], out: &mut Vec<u8>) {
    let mut line = [0; BODY_LINE];
    for chunk in bytes.chunks(BODY_LINE / 4 * 3) {
        let length = STANDARD.encode_slice(chunk, &mut line).expect("57 octets make one line of 76 characters");
        out.extend_from_slice(&line[..length]);
        out.extend_from_slice(b"\r\n");
    }
}

/// The text of a body as it may stand in mail: lines end in LF, and no control characters but the tab.
pub fn clean_body(text: &str) -> Cow<'_, str> {
    let is_dirty = |c: char| c.is_control() && c != '\n' && c != '\t';
    if !text.contains(is_dirty) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n").replace(is_dirty, ""))
}

/// A title or a name as it may stand in a header: one line, no control characters, nothing that reorders the text around it.
///
/// White space of any kind and length becomes one space. What is removed could otherwise add a header (CR, LF, NUL), show a reader another
/// text than was written (bidirectional overrides), or pass for a slot (noncharacters).
pub fn clean_header(text: &str) -> String {
    if is_clean(text.as_bytes()) {
        return text.to_owned();
    }
    let spaced = text.replace(|c: char| c.is_whitespace() || matches!(c, '\u{2028}' | '\u{2029}'), " ");
    let kept = spaced.replace(is_unfit_for_headers, "");
    kept.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Words in ASCII with one space between: what most headers and replies are.
fn is_clean(text: &[u8]) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_graphic();
    let is_plain = text.windows(2).all(|pair| is_word(&pair[0]) || (pair[0] == b' ' && is_word(&pair[1])));
    is_plain && text.first().is_none_or(is_word) && text.last().is_none_or(is_word)
}

/// Controls, bidirectional overrides, embeddings and isolates (UAX #9), and noncharacters.
pub fn is_unfit_for_headers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}') || is_noncharacter(c)
}

/// Writes the tokens of one header field, folding before a token that would pass the line's end.
pub struct HeaderWriter<'a> {
    out: &'a mut Vec<u8>,
    column: usize,
}

impl<'a> HeaderWriter<'a> {
    /// Starts the field `name`.
    pub fn start(name: &str, out: &'a mut Vec<u8>) -> Self {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        HeaderWriter { out, column: name.len() + 1 }
    }

    /// Writes one token, which is never broken.
    pub fn token(&mut self, token: &str) -> &mut Self {
        self.within(HEADER_LINE, token)
    }

    /// Writes unstructured text such as a subject: as it is where ASCII allows, else as encoded words.
    pub fn text(&mut self, text: &str) -> &mut Self {
        let text = clean_header(text);
        if is_plain(&text) { self.words(&text) } else { self.encoded_words(&text) }
    }

    /// Writes a phrase such as a display name (RFC 5322, section 3.2.5): atoms, a quoted string, or encoded words.
    pub fn phrase(&mut self, text: &str) -> &mut Self {
        let text = clean_header(text);
        if !is_plain(&text) {
            return self.encoded_words(&text);
        }
        if text.bytes().all(|b| is_atext(b) || b == b' ') {
            return self.words(&text);
        }
        let quoted = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        if quoted.len() > LONGEST_PLAIN_WORD { self.encoded_words(&text) } else { self.token(&quoted) }
    }

    /// Ends the field.
    pub fn end(&mut self) {
        self.out.extend_from_slice(b"\r\n");
    }

    fn words(&mut self, text: &str) -> &mut Self {
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            self.token(word);
        }
        self
    }

    /// Encoded words of whole characters, in whichever of the two encodings is shorter (RFC 2047, sections 4 and 5).
    fn encoded_words(&mut self, text: &str) -> &mut Self {
        let encoding = WordEncoding::shorter(text);
        let mut rest = text;
        while !rest.is_empty() {
            let room = ENCODED_WORD.min(ENCODED_LINE.saturating_sub(self.column + usize::from(!self.is_fresh())));
            let taken = encoding.fitting(rest, room);
            if taken == 0 {
                self.fold();
                continue;
            }
            let word = encoding.encode(&rest[..taken]);
            self.within(ENCODED_LINE, &word);
            rest = &rest[taken..];
        }
        self
    }

    fn within(&mut self, limit: usize, token: &str) -> &mut Self {
        if !self.is_fresh() && self.column + 1 + token.len() > limit {
            self.fold();
        } else if !self.is_fresh() {
            self.out.push(b' ');
            self.column += 1;
        }
        self.out.extend_from_slice(token.as_bytes());
        self.column += token.len();
        self
    }

    /// Breaks the line; the space that makes it a continuation is the space between two tokens.
    fn fold(&mut self) {
        self.out.extend_from_slice(b"\r\n ");
        self.column = 1;
    }

    /// Whether the line holds nothing but the space of its folding; a field's first line holds at least its name.
    fn is_fresh(&self) -> bool {
        self.column == 1
    }
}

/// Whether text may stand in a header without encoding.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
        && !text.contains("=?")
        && text.split(' ').all(|word| word.len() <= LONGEST_PLAIN_WORD)
}

/// The characters of an atom (RFC 5322, section 3.2.3).
pub fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

/// Whether text is a dot-atom (RFC 5322, section 3.2.3), the form of message ids, content ids and list ids.
pub fn is_dot_atom(text: &str) -> bool {
    text.split('.').all(|part| !part.is_empty() && part.bytes().all(is_atext))
}

#[derive(Clone, Copy)]
enum WordEncoding {
    Q,
    B,
}

/// What stands around an encoded word's text: `=?utf-8?Q?` and `?=`.
const WORD_FRAME: usize = 12;

impl WordEncoding {
    fn shorter(text: &str) -> WordEncoding {
        let q: usize = text.chars().map(q_width).sum();
        if q > text.len().div_ceil(3) * 4 { WordEncoding::B } else { WordEncoding::Q }
    }

    /// How many octets of the text fit into an encoded word of `room` octets, in whole characters.
    fn fitting(self, text: &str, room: usize) -> usize {
        let room = room.saturating_sub(WORD_FRAME);
        let (mut used, mut taken) = (0, 0);
        for c in text.chars() {
            used += match self {
                WordEncoding::Q => q_width(c),
                WordEncoding::B => c.len_utf8(),
            };
            let width = match self {
                WordEncoding::Q => used,
                WordEncoding::B => used.div_ceil(3) * 4,
            };
            if width > room {
                break;
            }
            taken += c.len_utf8();
        }
        taken
    }

    fn encode(self, text: &str) -> String {
        match self {
            WordEncoding::Q => format!("=?utf-8?Q?{}?=", q_text(text)),
            WordEncoding::B => format!("=?utf-8?B?{}?=", STANDARD.encode(text)),
        }
    }
}

/// Octets of a character in the Q encoding, by the rules for phrases, which are safe everywhere (RFC 2047, section 5).
fn q_width(c: char) -> usize {
    if c == ' ' || is_q_literal(c) { 1 } else { 3 * c.len_utf8() }
}

fn is_q_literal(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '!' | '*' | '+' | '-' | '/')
}

fn q_text(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c == ' ' {
            out.push('_');
        } else if is_q_literal(c) {
            out.push(c);
        } else {
            out.extend(c.encode_utf8(&mut [0; 4]).bytes().flat_map(|b| hex(b'=', b)).map(char::from));
        }
    }
    out
}

/// Writes an address of the web or a message id into a header: whatever could end the line, the brackets or the header is percent-encoded.
///
/// A value beyond a line's length is folded; readers ignore white space inside the angle brackets (RFC 2369, section 2).
pub fn header_uri(uri: &str, out: &mut Vec<u8>) {
    // As nearly all are.
    if uri.len() <= 300 && uri.bytes().all(may_stand_in_uri) {
        out.extend_from_slice(uri.as_bytes());
        return;
    }
    // Three hundred octets are at most nine hundred when each is encoded: under the 998 of RFC 5322, section 2.1.1.
    for (at, chunk) in uri.as_bytes().chunks(300).enumerate() {
        if at > 0 {
            out.extend_from_slice(b"\r\n ");
        }
        for part in chunk.chunk_by(|one, other| may_stand_in_uri(*one) == may_stand_in_uri(*other)) {
            if may_stand_in_uri(part[0]) {
                out.extend_from_slice(part);
            } else {
                out.extend(part.iter().flat_map(|byte| hex(b'%', *byte)));
            }
        }
    }
}

fn may_stand_in_uri(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"' | b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(text: &str) -> String {
        let mut out = Vec::new();
        QuotedPrintable::default().write(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    fn subject(text: &str) -> String {
        let mut out = Vec::new();
        HeaderWriter::start("Subject", &mut out).text(text).end();
        String::from_utf8(out).unwrap()
    }

    fn phrase(text: &str) -> String {
        let mut out = Vec::new();
        HeaderWriter::start("From", &mut out).phrase(text).end();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn quoted_printable_guards_line_starts_and_ends() {
        assert_eq!(quoted(".a\nFrom b\nc \n"), "=2Ea\r\n=46rom b\r\nc=20\r\n");
    }

    #[test]
    fn quoted_printable_has_no_tab_and_no_run_of_spaces() {
        assert_eq!(quoted("a  b\tc=é"), "a =20b=09c=3D=C3=A9");
    }

    #[test]
    fn quoted_printable_breaks_before_column_76() {
        let text = quoted(&"x".repeat(200));
        assert!(text.lines().all(|line| line.len() <= 76), "{text}");
        assert_eq!(text.replace("=\r\n", ""), "x".repeat(200));
    }

    #[test]
    fn a_full_stop_after_a_soft_break_is_guarded_too() {
        assert_eq!(quoted(&format!("{}.", "x".repeat(75))), format!("{}=\r\n=2E", "x".repeat(75)));
    }

    #[test]
    fn an_ascii_subject_is_folded_at_spaces() {
        let text = subject(&"word ".repeat(40));
        assert!(text.lines().all(|line| line.len() <= 78), "{text}");
        assert_eq!(text.replace("\r\n", "").trim_start_matches("Subject: "), "word ".repeat(40).trim());
    }

    #[test]
    fn a_subject_in_another_script_is_encoded_in_whole_characters() {
        let text = subject("هفته در یک نگاه، ایران و جهان، چه گذشت و چه خواهد شد");
        for line in text.lines() {
            assert!(line.len() <= 76, "{line}");
            let word = line.split(' ').next_back().unwrap();
            let inner = word.strip_prefix("=?utf-8?B?").and_then(|w| w.strip_suffix("?=")).unwrap();
            assert!(String::from_utf8(STANDARD.decode(inner).unwrap()).is_ok());
        }
    }

    #[test]
    fn mostly_latin_text_stays_readable_in_the_q_encoding() {
        assert_eq!(subject("Die Woche im Überblick"), "Subject: =?utf-8?Q?Die_Woche_im_=C3=9Cberblick?=\r\n");
    }

    #[test]
    fn names_are_atoms_quoted_strings_or_encoded_words() {
        assert_eq!(phrase("The Week in Review"), "From: The Week in Review\r\n");
        assert_eq!(phrase("Smith, \"J\" (x)"), "From: \"Smith, \\\"J\\\" (x)\"\r\n");
        assert_eq!(phrase("=?utf-8?Q?x?="), "From: =?utf-8?B?PT91dGYtOD9RP3g/PQ==?=\r\n");
    }

    #[test]
    fn a_title_cannot_add_a_header() {
        assert_eq!(subject("a\r\nBcc: b\u{0}\u{202E}c\u{FDD0}"), "Subject: a Bcc: bc\r\n");
    }

    #[test]
    fn an_address_cannot_leave_its_brackets() {
        let mut out = Vec::new();
        header_uri("https://x/> \r\nBcc: é", &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "https://x/%3E%20%0D%0ABcc:%20%C3%A9");
    }

    #[test]
    fn control_characters_leave_the_body_and_line_ends_are_one_kind() {
        assert_eq!(clean_body("a\r\nb\rc\u{0}\u{85}\td"), "a\nb\nc\td");
    }
}
