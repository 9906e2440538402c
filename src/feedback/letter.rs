//! A returned message taken apart: its headers, the words for people, the fields for machines, and what is left of the mail that it is about.
//!
//! Forgiving to the last: mail systems send boundaries that do not close, lines that end in a lone CR, types that are not true. Everything is one
//! pass over lines with a bounded depth, so that no message can stall it. Interprets nothing.

use super::html;
use super::octets::{in_charset, latin, octets, readable, with_line_feeds};
use super::prose::Candidate;
use mail_parser::MessageParser;
use mail_parser::decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode};
use std::borrow::Cow;
use std::cell::OnceCell;

/// A report stands at the beginning; what lies beyond is the returned mail.
const LOOKED_AT: usize = 1 << 20;

/// Parts within parts.
const DEPTH: usize = 8;

/// Recipients of one report that are read: what names more is made to keep somebody busy.
pub(super) const RECIPIENTS: usize = 200;

/// Parts of a message that are looked at.
const PARTS: usize = 64;

/// Characters of one field that are kept.
const VALUE: usize = 8_192;

/// Fields of one header block that are kept.
const FIELDS: usize = 400;

/// A block of header fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The values of a field, its name in lower case.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a field that has one.
    pub(super) fn first<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).find(|value| !value.is_empty())
    }

    /// Whether a field stands there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a field.
    pub(super) fn push(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// Names and values in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Reads a block: unfolded, encoded words decoded (RFC 2047). Ends at an empty line; lines that are no field are passed over.
    pub(super) fn read(block: &str) -> Self {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in block.lines() {
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut().filter(|(_, value)| value.len() < VALUE) {
                    value.push(' ');
                    value.extend(line.trim().chars().take(VALUE));
                }
            } else if let Some((name, value)) = line.split_once(':').filter(|(name, _)| is_name(name.trim_end())) {
                if fields.len() == FIELDS {
                    break;
                }
                fields.push((name.trim_end().to_ascii_lowercase(), value.trim().chars().take(VALUE).collect()));
            }
        }
        for (_, value) in &mut fields {
            if value.contains("=?") {
                *value = decoded_words(value);
            }
        }
        Self(fields)
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 76 && name.bytes().all(|b| b.is_ascii_graphic())
}

fn decoded_words(value: &str) -> String {
    let message = format!("Subject: {}\n\n", value.replace(['\r', '\n'], " "));
    let parsed = MessageParser::new().default_header_text().parse_headers(message.as_bytes());
    parsed.and_then(|parsed| parsed.subject().map(str::to_owned)).unwrap_or_else(|| value.to_owned())
}

/// A message, taken apart.
#[derive(Debug, Default)]
pub(super) struct Letter {
    /// The message's own headers.
    pub(super) headers: Fields,
    /// What is written for people, up to where the returned mail begins.
    pub(super) text: String,
    /// The blocks of `message/delivery-status`: the first is about the message, each other one about a recipient.
    pub(super) status: Vec<Fields>,
    /// The fields of `message/feedback-report`.
    pub(super) feedback: Option<Fields>,
    /// The fields of `message/disposition-notification`.
    pub(super) disposition: Option<Fields>,
    /// The headers of the mail that it is about.
    pub(super) original: Fields,
    /// Who may be meant in the words; looked for once.
    pub(super) candidates: OnceCell<Vec<Candidate>>,
}

/// What kind of part a piece of a message is.
struct Part<'a> {
    media: String,
    boundary: Option<String>,
    charset: Option<String>,
    encoding: String,
    body: Cow<'a, str>,
}

impl Letter {
    /// Takes a message apart.
    pub(super) fn read(message: &[u8]) -> Self {
        let message = &message[..message.len().min(LOOKED_AT)];
        let lines = with_line_feeds(strip_envelope(message));
        let text = latin(&lines);
        let (head, body) = split_head(&text);
        let mut letter = Self { headers: Fields::read(&readable(head)), ..Self::default() };
        let mut parts = 0;
        letter.take(&letter.headers.clone(), body, 0, &mut parts);
        letter.part_original();
        letter
    }

    /// The values of a field in all blocks of the report.
    pub(super) fn report_fields<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.status.iter().chain(&self.feedback).chain(&self.disposition).flat_map(move |fields| fields.all(name))
    }

    /// Takes one part in; `body` holds octets as characters.
    fn take(&mut self, headers: &Fields, body: &str, depth: usize, parts: &mut usize) {
        *parts += 1;
        if depth > DEPTH || *parts > PARTS {
            return;
        }
        let part = Part::of(headers, body);
        if part.media.starts_with("multipart/")
            && let Some(boundary) = &part.boundary
            && body.contains(&format!("--{boundary}"))
        {
            for piece in pieces(body, boundary) {
                let (head, inner) = split_head(piece);
                self.take(&Fields::read(&readable(head)), inner, depth + 1, parts);
            }
            return;
        }
        self.take_leaf(&part, depth, parts);
    }

    fn take_leaf(&mut self, part: &Part<'_>, depth: usize, parts: &mut usize) {
        let is_first = depth == 0 || self.text.is_empty();
        match part.media.as_str() {
            "message/delivery-status" | "message/global-delivery-status" => self.status.extend(blocks(&part.text())),
            "message/feedback-report" => self.feedback = Some(Fields::read(&flat(&part.text()))),
            "message/disposition-notification" | "message/global-disposition-notification" => {
                self.disposition = Some(Fields::read(&flat(&part.text())));
            }
            "message/rfc822"
            | "message/global"
            | "text/rfc822-headers"
            | "message/global-headers"
            | "text/rfc822-header"
            | "message/rfc822-headers"
            | "message/partial" => {
                self.take_inner(&part.text(), depth, parts);
            }
            "text/html" if self.text.trim().is_empty() => self.add(&html::text(&part.text())),
            "text/html" => {}
            media if media.starts_with("text/") || media.starts_with("multipart/") => self.add(&part.text()),
            // Some call the words of a report by no type that exists.
            media if is_first && !media.contains("octet-stream") && !is_binary(media) => self.add(&part.text()),
            _ => {}
        }
    }

    fn add(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    /// A message in the message: the mail that the report is about, or the report itself, which some system on the way has wrapped.
    fn take_inner(&mut self, text: &str, depth: usize, parts: &mut usize) {
        let (head, body) = split_head(text.trim_start_matches(['\n', '\r']));
        let headers = Fields::read(head);
        let is_report = headers.first("content-type").is_some_and(|kind| {
            let kind = kind.to_ascii_lowercase();
            kind.starts_with("multipart/report") && !kind.contains("disposition")
        });
        if is_report && self.status.is_empty() && self.feedback.is_none() {
            self.take(&headers, body, depth + 1, parts);
        } else if self.original.is_empty() {
            self.original = headers;
        }
    }

    /// In words of their own many systems append the returned mail to the text: everything from its first header on is not the system's.
    fn part_original(&mut self) {
        let Some((end, begin)) = original_in(&self.text) else { return };
        let tail = self.text[begin..].trim_start_matches(['\n', '\r']).to_owned();
        self.text.truncate(end);
        if self.original.is_empty() {
            let unquoted: String = tail.lines().flat_map(|line| [unquoted(line), "\n"]).collect();
            self.original = Fields::read(split_head(unquoted.trim_start()).0);
        }
    }
}

fn is_binary(media: &str) -> bool {
    ["image/", "audio/", "video/", "font/", "application/"].iter().any(|kind| media.starts_with(kind))
}

impl<'a> Part<'a> {
    fn of(headers: &Fields, body: &'a str) -> Self {
        let kind = headers.first("content-type").unwrap_or("text/plain");
        let media = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let encoding = headers.first("content-transfer-encoding").unwrap_or_default().trim().to_ascii_lowercase();
        Self {
            media,
            boundary: parameter(kind, "boundary"),
            charset: parameter(kind, "charset"),
            encoding,
            body: Cow::Borrowed(body),
        }
    }

    /// The part's text, decoded.
    fn text(&self) -> String {
        let octets: Vec<u8> = octets(&self.body);
        let decoded = match self.encoding.as_str() {
            "quoted-printable" => quoted_printable_decode(&octets).unwrap_or(octets),
            "base64" => base64_decode(&octets).filter(|decoded| !decoded.is_empty()).unwrap_or(octets),
            _ => octets,
        };
        in_charset(&with_line_feeds(&decoded), self.charset.as_deref())
    }
}

/// A parameter of a header field, quoted or not.
fn parameter(value: &str, name: &str) -> Option<String> {
    let lower = value.to_ascii_lowercase();
    for (at, _) in lower.match_indices(name) {
        let before = lower[..at].trim_end();
        let after = value[at + name.len()..].trim_start();
        if (before.ends_with(';') || at == 0)
            && let Some(after) = after.strip_prefix('=').map(str::trim_start)
        {
            let value = match after.strip_prefix('"') {
                Some(quoted) => quoted.split('"').next(),
                None => after.split([';', ' ', '\t']).next(),
            };
            return value.filter(|value| !value.is_empty()).map(str::to_owned);
        }
    }
    None
}

/// What a mailbox file put before the headers.
fn strip_envelope(message: &[u8]) -> &[u8] {
    let rest = message.trim_ascii_start();
    if rest.starts_with(b"From ") || rest.starts_with(b">From ") {
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        return rest[end..].trim_ascii_start();
    }
    rest
}

/// Headers and body.
fn split_head(text: &str) -> (&str, &str) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end_matches(['\n', ' ', '\t']).is_empty() {
            return (&text[..at], &text[at + line.len()..]);
        }
        at += line.len();
    }
    (text, "")
}

/// What stands between boundary lines. A boundary that never closes ends with the text.
fn pieces<'t>(body: &'t str, boundary: &str) -> Vec<&'t str> {
    let delimiter = format!("--{boundary}");
    let (mut found, mut begin, mut at) = (Vec::new(), None, 0);
    for line in body.split_inclusive('\n') {
        let next = at + line.len();
        if let Some(rest) = line.strip_prefix(delimiter.as_str())
            && (rest.trim().is_empty() || rest.trim_end() == "--")
        {
            found.extend(begin.map(|begin| &body[begin..at]));
            begin = (!rest.starts_with("--")).then_some(next);
        }
        at = next;
    }
    found.extend(begin.map(|begin| &body[begin..]));
    found
}

/// Blocks of fields, parted by empty lines.
fn blocks(text: &str) -> Vec<Fields> {
    let mut blocks = Vec::new();
    let mut block = String::new();
    for line in text.lines().chain([""]) {
        if line.trim().is_empty() {
            blocks.extend(Some(Fields::read(&block)).filter(|fields| !fields.is_empty()));
            block.clear();
        } else {
            block.push_str(line);
            block.push('\n');
        }
    }
    blocks.truncate(RECIPIENTS);
    blocks
}

/// One block, whatever empty lines stand in it.
fn flat(text: &str) -> String {
    text.lines().filter(|line| !line.trim().is_empty()).flat_map(|line| [line, "\n"]).collect()
}

/// Header fields with which the returned mail begins in a text.
const ORIGINAL_BEGINS: [&str; 8] = [
    "return-path:",
    "received:",
    "x-apparently-to:",
    "delivered-to:",
    "dkim-signature:",
    "message-id:",
    "x-envelope-from:",
    "mime-version:",
];

/// Lines after which the returned mail follows; as they begin, in lower case, without leading dashes and stars.
const MARKERS: [&str; 34] = [
    "this is a copy of",
    "this is a copy of your message",
    "this is the original message",
    "below this line is a copy",
    "below this line is the original bounce",
    "below is a copy of",
    "original message follows",
    "original message header",
    "original message headers",
    "original message",
    "original headers",
    "original mail follows",
    "the original message follows",
    "the following is a copy of",
    "message header follows",
    "message headers follow",
    "message follows",
    "returned message follows",
    "returned message",
    "returned mail follows",
    "undelivered message follows",
    "undelivered message",
    "unsent message follows",
    "unsent message below",
    "your message follows",
    "your original message",
    "your mail follows",
    "headers of the original message",
    "header of the original message",
    "the header of the original message is following",
    "enclosed is a copy",
    "the headers of the message",
    "copy of the message",
    "the body of the message is",
];

/// Where the system's words end and where the returned mail's headers begin.
fn original_in(text: &str) -> Option<(usize, usize)> {
    let mut at = 0;
    let mut marker: Option<(usize, usize)> = None;
    for line in text.split_inclusive('\n') {
        let plain = unquoted(line).trim().to_ascii_lowercase();
        let next = at + line.len();
        if ORIGINAL_BEGINS.iter().any(|name| plain.starts_with(name)) {
            return Some((marker.map_or(at, |(end, _)| end), at));
        }
        let dashed = plain.trim_matches(['-', '=', '*', '_', ' ', '+', '|', '#', '~']);
        if marker.is_none() && dashed.len() < 90 && is_marker(&plain, dashed) {
            marker = Some((at, next));
        }
        at = next;
    }
    marker
}

fn is_marker(plain: &str, dashed: &str) -> bool {
    let follows = dashed.ends_with(':') || dashed.ends_with('.') || dashed.len() < plain.len();
    MARKERS.iter().any(|marker| {
        dashed.starts_with(marker) && (dashed.len() <= marker.len() + 3 || follows || dashed.contains("follow"))
    })
}

/// A line without what quotes or indents it.
fn unquoted(line: &str) -> &str {
    line.trim_end_matches(['\n', '\r']).trim_start_matches(['>', '|', ' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_carriage_returns_and_mailbox_lines_are_no_obstacle() {
        let message = b"From x Mon Jan 1\rSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\rX-A: 1\r b\r\rHello\rWorld";
        let letter = Letter::read(message);
        assert_eq!(letter.headers.first("subject"), Some("Grüße"));
        assert_eq!(letter.headers.first("x-a"), Some("1 b"));
        assert_eq!(letter.text, "Hello\nWorld");
    }

    #[test]
    fn a_report_is_parted_into_words_fields_and_the_mail_it_is_about() {
        let message = b"Content-Type: multipart/report; boundary=\"b 1\"\n\n--b 1\n\nSorry.\n--b 1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.example\n\n--b 1\nContent-Type: text/rfc822-headers\n\nMessage-ID: <1@x>\n";
        let letter = Letter::read(message);
        assert_eq!(letter.text.trim(), "Sorry.");
        assert_eq!(letter.status.len(), 2);
        assert_eq!(letter.original.first("message-id"), Some("<1@x>"));
    }

    #[test]
    fn the_returned_mail_behind_the_words_is_not_the_systems() {
        let letter = Letter::read(b"Subject: x\n\n<a@b.example>:\nno\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <c@d.example>\nMessage-ID: <2@x>\n\nbody");
        assert_eq!(letter.text.trim(), "<a@b.example>:\nno");
        assert_eq!(letter.original.first("message-id"), Some("<2@x>"));
    }
}
