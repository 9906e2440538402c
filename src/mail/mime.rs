//! A message built once per variant (RFC 5322, RFC 2045 to 2047) and spliced once per reader. Does not send, sign, read a clock or draw chance:
//! same parts, same bytes.
//!
//! Newsletters carry the list headers of RFC 2369, 2919 and 8058; a single mail (a test, an alarm, a request to confirm) is the same thing with
//! `list: None`.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, FixedOffset};
use memchr::memmem;
use sha2::{Digest, Sha256};

use crate::domain::address::EmailAddress;
use crate::domain::slot::pieces;
use crate::mail::encode::{
    HeaderWriter, QuotedPrintable, base64_lines, clean_body, clean_header, header_uri, is_dot_atom,
};
use crate::mail::octets::Octets;
use crate::mail::segment::{HeaderSlot, Segment, base64_segment, quoted_segments};

pub use crate::mail::segment::Personal;

/// A name and an address, as in `From`.
#[derive(Debug, Clone)]
pub struct Mailbox<'a> {
    /// The name shown to readers; may be empty.
    pub name: &'a str,
    /// The address behind it.
    pub address: &'a EmailAddress,
}

/// What makes a mail a newsletter.
#[derive(Debug, Clone)]
pub struct List<'a> {
    /// The name in `List-Id`.
    pub name: &'a str,
    /// The identifier in `List-Id`, such as `weekly.news.example.org`: never changed once mail went out (RFC 2919).
    pub id: &'a str,
    /// `List-Help`: an https or mailto address.
    pub help: Option<&'a str>,
    /// `List-Owner`: a mailto address.
    pub owner: Option<&'a str>,
    /// `List-Archive`: an https address.
    pub archive: Option<&'a str>,
    /// `Feedback-ID` as Gmail reads it: `issue:list:type:sender`.
    pub feedback_id: Option<&'a str>,
}

/// A picture inside the mail, shown where the HTML says `cid:`.
#[derive(Debug, Clone)]
pub struct Picture<'a> {
    /// The content id without its angle brackets: `name@domain` (RFC 2392).
    pub cid: &'a str,
    /// Such as `image/png`.
    pub media_type: &'a str,
    /// What a reader who saves it sees; characters outside plain ASCII become `_`.
    pub file_name: &'a str,
    /// The picture.
    pub bytes: &'a [u8],
}

/// All that one variant of a mail is made of.
#[derive(Debug, Clone)]
pub struct MessageParts<'a> {
    /// The sender.
    pub from: Mailbox<'a>,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<Mailbox<'a>>,
    /// The subject, in any script.
    pub subject: &'a str,
    /// The instant of the freeze, in the newsletter's zone; the same for retries.
    pub date: DateTime<FixedOffset>,
    /// The HTML document, with the marks of `domain::slot`; empty for a mail of plain text alone.
    pub html: &'a str,
    /// The plain text, with the marks of `domain::slot`.
    pub text: &'a str,
    /// Pictures that the HTML shows by `cid:`.
    pub pictures: &'a [Picture<'a>],
    /// The list headers; none for a single mail.
    pub list: Option<List<'a>>,
}

/// Why parts make no message: each is the operator's to set right in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// RFC 5322 allows it, readers and filters do not.
    #[error("the subject is empty")]
    EmptySubject,
    /// Mail from such an address reaches few servers (RFC 6531).
    #[error("sender {0:?}: the part before the @ must be ASCII")]
    SenderNotAscii(String),
    /// Not a dot-atom of at least two parts and at most 255 octets (RFC 2919, section 3).
    #[error("list id {0:?} is not of the form name.domain in at most 255 characters")]
    BadListId(String),
    /// Not four fields of printable ASCII.
    #[error("feedback id {0:?} is not of the form a:b:c:sender in ASCII")]
    BadFeedbackId(String),
    /// A list header that is no https or mailto address.
    #[error("{header} {value:?} is neither an https nor a mailto address")]
    BadListAddress {
        /// The header's name.
        header: &'static str,
        /// What stood there.
        value: String,
    },
    /// A content id or a media type of another form.
    #[error("picture {0:?}: the content id must have the form name@domain and the media type the form image/kind")]
    BadPicture(String),
}

/// A message for everybody who shares a variant, encoded but for the slots.
#[derive(Debug)]
pub struct Skeleton {
    segments: Vec<Segment>,
    fixed_size: usize,
}

impl Skeleton {
    /// Encodes the parts. Costs about as much as one message; splicing costs a copy.
    pub fn build(parts: &MessageParts<'_>) -> Result<Skeleton, BuildError> {
        check(parts)?;
        let boundary = Boundary::of(parts);
        let mut builder = Builder::default();
        builder.headers(parts, &boundary);
        builder.alternative(parts, &boundary);
        Ok(builder.finish())
    }

    /// Appends one reader's message to `out`: CRLF line ends, 7-bit unless the reader's address itself is not ASCII.
    pub fn splice(&self, personal: &Personal<'_>, out: &mut Vec<u8>) {
        // The slots' values and their headers rarely pass two kibibytes; if they do, the vector grows.
        out.reserve(self.fixed_size + 2048);
        for segment in &self.segments {
            segment.splice(personal, out);
        }
    }

    /// Appends one reader's message to `out`, the octets that all readers share without copying them.
    pub fn lay(&self, personal: &Personal<'_>, out: &mut Octets) {
        for segment in &self.segments {
            segment.lay(personal, out);
        }
    }

    /// The octets that every copy's body begins with.
    pub fn shared_body(&self) -> &[u8] {
        let mut fixed = self.segments.iter().filter_map(|segment| match segment {
            Segment::Fixed(bytes) => Some(&**bytes),
            _ => None,
        });
        // No header holds an empty line, whatever the values of its slots.
        fixed.find_map(|bytes| memmem::find(bytes, b"\r\n\r\n").map(|at| &bytes[at + 4..])).unwrap_or_default()
    }

    /// The octets that all readers share.
    pub fn fixed_size(&self) -> usize {
        self.fixed_size
    }
}

fn check(parts: &MessageParts<'_>) -> Result<(), BuildError> {
    if clean_header(parts.subject).is_empty() {
        return Err(BuildError::EmptySubject);
    }
    for mailbox in std::iter::once(&parts.from).chain(&parts.reply_to) {
        if mailbox.address.needs_smtputf8() {
            return Err(BuildError::SenderNotAscii(mailbox.address.as_str().to_owned()));
        }
    }
    parts.list.as_ref().map_or(Ok(()), check_list)?;
    parts.pictures.iter().try_for_each(check_picture)
}

fn check_list(list: &List<'_>) -> Result<(), BuildError> {
    if !is_dot_atom(list.id) || !list.id.contains('.') || list.id.len() > 255 {
        return Err(BuildError::BadListId(list.id.to_owned()));
    }
    if let Some(id) = list.feedback_id
        && (id.split(':').count() != 4 || id.len() > 200 || !id.bytes().all(|b| b.is_ascii_graphic()))
    {
        return Err(BuildError::BadFeedbackId(id.to_owned()));
    }
    for (header, value) in list.addresses() {
        if !value.starts_with("https://") && !value.starts_with("mailto:") {
            return Err(BuildError::BadListAddress { header, value: value.to_owned() });
        }
    }
    Ok(())
}

impl<'a> List<'a> {
    fn addresses(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let named = [("List-Help", self.help), ("List-Owner", self.owner), ("List-Archive", self.archive)];
        named.into_iter().filter_map(|(header, value)| Some((header, value?)))
    }
}

fn check_picture(picture: &Picture<'_>) -> Result<(), BuildError> {
    let id = picture.cid.split_once('@').is_some_and(|(left, right)| is_dot_atom(left) && is_dot_atom(right));
    let kind = picture.media_type.strip_prefix("image/").is_some_and(is_dot_atom);
    let fits = picture.cid.len() <= 200 && picture.media_type.len() <= 60;
    if id && kind && fits { Ok(()) } else { Err(BuildError::BadPicture(picture.cid.to_owned())) }
}

/// The lines that part the bodies: derived from the content, so that the same parts give the same bytes, and with `=_` in them, which neither
/// transfer encoding can produce.
struct Boundary(String);

impl Boundary {
    fn of(parts: &MessageParts<'_>) -> Boundary {
        let mut hash = Sha256::new();
        for text in [parts.subject, parts.text, parts.html] {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        Boundary(URL_SAFE_NO_PAD.encode(&hash.finalize()[..15]))
    }

    fn alternative(&self) -> String {
        format!("=_a{}", self.0)
    }

    fn related(&self) -> String {
        format!("=_r{}", self.0)
    }
}

/// Collects segments; consecutive fixed bytes become one.
#[derive(Default)]
struct Builder {
    segments: Vec<Segment>,
    fixed: Vec<u8>,
}

impl Builder {
    fn headers(&mut self, parts: &MessageParts<'_>, boundary: &Boundary) {
        self.mailbox("From", &parts.from);
        self.header_slot("To: <", HeaderSlot::To, ">\r\n");
        HeaderWriter::start("Subject", &mut self.fixed).text(parts.subject).end();
        self.line("Date", &parts.date.format("%a, %d %b %Y %H:%M:%S %z").to_string());
        self.header_slot("Message-ID: <", HeaderSlot::MessageId, ">\r\n");
        if let Some(mailbox) = &parts.reply_to {
            self.mailbox("Reply-To", mailbox);
        }
        self.line("Auto-Submitted", "auto-generated");
        if let Some(list) = &parts.list {
            self.list_headers(list);
        }
        self.line("MIME-Version", "1.0");
        if !parts.html.is_empty() {
            self.multipart("alternative", &boundary.alternative());
        }
    }

    fn list_headers(&mut self, list: &List<'_>) {
        HeaderWriter::start("List-Id", &mut self.fixed).phrase(list.name).token(&format!("<{}>", list.id)).end();
        self.header_slot("List-Unsubscribe: ", HeaderSlot::ListUnsubscribe, "\r\n");
        self.line("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        self.line("List-Post", "NO");
        for (header, value) in list.addresses() {
            self.fixed.extend_from_slice(format!("{header}: <").as_bytes());
            header_uri(value, &mut self.fixed);
            self.fixed.extend_from_slice(b">\r\n");
        }
        self.line("Precedence", "bulk");
        if let Some(id) = list.feedback_id {
            self.line("Feedback-ID", id);
        }
    }

    /// The text first, the HTML last: a reader's program shows the last it can (RFC 2046, section 5.1.4). Without HTML the text is the body.
    fn alternative(&mut self, parts: &MessageParts<'_>, boundary: &Boundary) {
        if parts.html.is_empty() {
            return self.body("text/plain", parts.text);
        }
        let delimiter = boundary.alternative();
        self.open_part(&delimiter);
        self.body("text/plain", parts.text);
        self.open_part(&delimiter);
        if parts.pictures.is_empty() {
            self.body("text/html", parts.html);
        } else {
            self.related(parts, &boundary.related());
        }
        self.close_parts(&delimiter);
    }

    /// The HTML and the pictures it shows (RFC 2387).
    fn related(&mut self, parts: &MessageParts<'_>, delimiter: &str) {
        let mut writer = HeaderWriter::start("Content-Type", &mut self.fixed);
        writer
            .token("multipart/related;")
            .token("type=\"text/html\";")
            .token(&format!("boundary=\"{delimiter}\""))
            .end();
        self.open_part(delimiter);
        self.body("text/html", parts.html);
        for picture in parts.pictures {
            self.open_part(delimiter);
            self.picture(picture);
        }
        self.close_parts(delimiter);
    }

    fn picture(&mut self, picture: &Picture<'_>) {
        self.line("Content-Type", picture.media_type);
        self.line("Content-Transfer-Encoding", "base64");
        self.line("Content-ID", &format!("<{}>", picture.cid));
        let name: String = picture.file_name.chars().take(60).map(plain_file_character).collect();
        self.line("Content-Disposition", &format!("inline; filename=\"{name}\""));
        self.fixed.extend_from_slice(b"\r\n");
        base64_lines(picture.bytes, &mut self.fixed);
    }

    fn body(&mut self, media_type: &str, text: &str) {
        let text: Cow<'_, str> = clean_body(text);
        let pieces = pieces(&text);
        let base64 = is_mostly_foreign(&text);
        self.line("Content-Type", &format!("{media_type}; charset=utf-8"));
        self.line("Content-Transfer-Encoding", if base64 { "base64" } else { "quoted-printable" });
        self.fixed.extend_from_slice(b"\r\n");
        if base64 {
            self.push(base64_segment(&pieces));
        } else {
            for segment in quoted_segments(&pieces) {
                self.push(segment);
            }
        }
    }

    fn mailbox(&mut self, header: &str, mailbox: &Mailbox<'_>) {
        let address = format!("<{}>", mailbox.address.ascii());
        HeaderWriter::start(header, &mut self.fixed).phrase(mailbox.name).token(&address).end();
    }

    fn multipart(&mut self, kind: &str, boundary: &str) {
        let mut writer = HeaderWriter::start("Content-Type", &mut self.fixed);
        writer.token(&format!("multipart/{kind};")).token(&format!("boundary=\"{boundary}\"")).end();
    }

    fn header_slot(&mut self, before: &str, slot: HeaderSlot, after: &str) {
        self.fixed.extend_from_slice(before.as_bytes());
        self.push(Segment::Header(slot));
        self.fixed.extend_from_slice(after.as_bytes());
    }

    /// A header whose value was checked or is our own.
    fn line(&mut self, header: &str, value: &str) {
        self.fixed.extend_from_slice(format!("{header}: {value}\r\n").as_bytes());
    }

    /// The CRLF before a delimiter belongs to the delimiter (RFC 2046, section 5.1.1); before the first, it ends the headers.
    fn open_part(&mut self, delimiter: &str) {
        self.fixed.extend_from_slice(format!("\r\n--{delimiter}\r\n").as_bytes());
    }

    fn close_parts(&mut self, delimiter: &str) {
        self.fixed.extend_from_slice(format!("\r\n--{delimiter}--\r\n").as_bytes());
    }

    fn push(&mut self, segment: Segment) {
        match segment {
            Segment::Fixed(bytes) => self.fixed.extend_from_slice(&bytes),
            slot => {
                self.segments.push(Segment::Fixed(std::mem::take(&mut self.fixed).into()));
                self.segments.push(slot);
            }
        }
    }

    fn finish(mut self) -> Skeleton {
        self.segments.push(Segment::Fixed(self.fixed.into()));
        let fixed_size = self.segments.iter().map(Segment::fixed_size).sum();
        Skeleton { segments: self.segments, fixed_size }
    }
}

fn plain_file_character(c: char) -> char {
    if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' }
}

/// Whether more than a third of the text is not ASCII: quoted-printable would then triple it, and its source is unreadable anyway.
fn is_mostly_foreign(text: &str) -> bool {
    text.bytes().filter(|byte| !byte.is_ascii()).count() * 3 > text.len()
}

/// The bytes that a text part takes as it travels: transfer-encoded, with its line ends. Slots count as they stand.
pub fn encoded_size(text: &str) -> usize {
    if is_mostly_foreign(text) {
        let encoded = text.len().div_ceil(3) * 4;
        return encoded + encoded.div_ceil(76) * 2;
    }
    let mut out = Vec::with_capacity(text.len() + text.len() / 8);
    QuotedPrintable::default().write(text.as_bytes(), &mut out);
    out.len()
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
