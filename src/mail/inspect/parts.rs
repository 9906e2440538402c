//! The octets on the wire and the MIME structure (RFC 5322, section 2.1; RFC 2045, 2046).

use mail_parser::{Message, MessagePart, MimeHeaders, PartType};

use super::headers::Head;
use super::{Checks, Level};

/// Notes what must be true of the octets, whatever they mean.
pub fn check_octets(bytes: &[u8], head: &Head, checks: &mut Checks) {
    let count = |wanted: u8| memchr::memchr_iter(wanted, bytes).count();
    let (cr, lf) = (count(b'\r'), count(b'\n'));
    let crlf = memchr::memmem::find_iter(bytes, b"\r\n").count();
    // A stored file may have bare LF throughout; a mixture is how messages are smuggled.
    checks.error(
        "line-ends",
        cr == crlf && (crlf == lf || crlf == 0),
        format!("{crlf} CRLF among {cr} CR and {lf} LF"),
    );
    let longest = bytes.split(|byte| *byte == b'\n').map(|line| line.trim_ascii_end().len()).max().unwrap_or(0);
    checks.error("line-length", longest <= 998, format!("longest line {longest} octets, at most 998"));
    let folded = head.longest_line;
    checks.warning("header-lines", folded <= 200, format!("longest header line {folded} octets, 78 are wanted"));
    let (headers, body) = bytes.split_at(head.size);
    checks.error(
        "seven-bit",
        body.is_ascii() && !body.contains(&0),
        "the body is ASCII without NUL: any server passes it on",
    );
    checks.warning("ascii-headers", headers.is_ascii(), "headers outside ASCII need SMTPUTF8 all the way");
    checks.warning("size", bytes.len() <= 256 * 1024, format!("{} octets, at most 256 KiB are wanted", bytes.len()));
}

/// Notes what the parts must be: two alternatives, or for who wants it the plain text alone.
pub fn check(message: &Message<'_>, text_alone: bool, checks: &mut Checks) {
    let types: Vec<String> = message.parts.iter().map(media_type).collect();
    let at = |wanted: &str| types.iter().position(|found| found == wanted);
    let once = |wanted: &str| types.iter().filter(|found| *found == wanted).count() == 1;
    let ordered = at("text/plain") < at("text/html") && once("text/plain") && once("text/html");
    let alternative = once("multipart/alternative");
    let (well, wanted) = if text_alone {
        (types == ["text/plain"], "plain text alone")
    } else {
        (alternative && ordered, "plain text, then HTML, as alternatives")
    };
    checks.error("parts", well, format!("{wanted}; found {}", types.join(", ")));
    let foreign: Vec<String> = types
        .iter()
        .filter(|t| !t.starts_with("multipart/") && !t.starts_with("text/") && !t.starts_with("image/"))
        .cloned()
        .collect();
    checks.none_of(Level::Warning, "attachments", &foreign);
    let unread: Vec<String> = message.parts.iter().filter(|part| part.is_encoding_problem).map(media_type).collect();
    checks.none_of(Level::Error, "encoding", &unread);
    let foreign_charsets: Vec<String> =
        message.parts.iter().filter(|part| is_text(part)).filter_map(other_charset).collect();
    checks.none_of(Level::Error, "charset", &foreign_charsets);
}

fn media_type(part: &MessagePart<'_>) -> String {
    let Some(kind) = part.content_type() else {
        return "text/plain".to_owned();
    };
    format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()).to_ascii_lowercase()
}

fn is_text(part: &MessagePart<'_>) -> bool {
    matches!(part.body, PartType::Text(_) | PartType::Html(_))
}

fn other_charset(part: &MessagePart<'_>) -> Option<String> {
    let charset = part.content_type()?.attribute("charset").unwrap_or("none");
    (!charset.eq_ignore_ascii_case("utf-8")).then(|| format!("{}: {charset}", media_type(part)))
}
