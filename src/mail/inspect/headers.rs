//! The headers that every mail has: once each, well-formed, honest (RFC 5322, section 3.6).

use chrono::DateTime;
use mail_parser::{Address, Message};

use super::html::unfilled;
use super::{Checks, Level};
use crate::domain::address::EmailAddress;
use crate::mail::encode::{is_dot_atom, is_unfit_for_headers};

/// Headers that must stand exactly once.
const ONCE: [&str; 6] = ["from", "to", "subject", "date", "message-id", "mime-version"];
/// Headers that may stand once.
const AT_MOST_ONCE: [&str; 15] = [
    "sender",
    "reply-to",
    "cc",
    "bcc",
    "in-reply-to",
    "references",
    "content-type",
    "content-transfer-encoding",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-id",
    "precedence",
    "auto-submitted",
    "feedback-id",
    "return-path",
];

/// The raw header fields: names in lower case, values unfolded.
pub struct Head {
    fields: Vec<(String, String)>,
    /// The longest line, folding kept.
    pub longest_line: usize,
    /// Octets up to the empty line.
    pub size: usize,
}

impl Head {
    /// Reads the fields before the first empty line.
    pub fn of(bytes: &[u8]) -> Head {
        let mut head = Head { fields: Vec::new(), longest_line: 0, size: 0 };
        for raw in bytes.split_inclusive(|byte| *byte == b'\n') {
            let line = raw.trim_ascii_end();
            if line.is_empty() {
                break;
            }
            head.size += raw.len();
            head.longest_line = head.longest_line.max(line.len());
            let text = String::from_utf8_lossy(line);
            if text.starts_with([' ', '\t'])
                && let Some((_, value)) = head.fields.last_mut()
            {
                value.push(' ');
                value.push_str(text.trim());
            } else {
                let (name, value) = text.split_once(':').unwrap_or((&text, ""));
                head.fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        head
    }

    /// All values of one name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The first value of one name.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// How often a name stands.
    pub fn count(&self, name: &str) -> usize {
        self.fields.iter().filter(|(n, _)| n == name).count()
    }

    /// Whether a name stands at all.
    pub fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }

    /// The domain after the last `@` of the `From` header, in lower case.
    pub fn sender_domain(&self) -> String {
        let from = self.first("from").unwrap_or_default();
        let domain = from.rsplit_once('@').map_or("", |(_, domain)| domain);
        domain.trim_end_matches('>').trim().to_ascii_lowercase()
    }
}

/// Notes what the headers of any mail must be.
pub fn check(head: &Head, message: &Message<'_>, checks: &mut Checks) {
    let mut wrong: Vec<String> =
        ONCE.iter().filter(|name| head.count(name) != 1).map(|name| format!("{name}: {}", head.count(name))).collect();
    wrong.extend(AT_MOST_ONCE.iter().filter(|name| head.count(name) > 1).map(|name| format!("{name} twice")));
    checks.none_of(Level::Error, "headers-once", &wrong);
    check_people(head, message, checks);
    check_subject(message.subject().unwrap_or_default(), checks);
    let date = head.first("date").unwrap_or_default();
    checks.error("date", is_date(date), date);
    let id = head.first("message-id").unwrap_or_default();
    checks.error("message-id", is_message_id(id), id);
    checks.error("mime-version", head.first("mime-version") == Some("1.0"), "must be 1.0");
    let auto = head.first("auto-submitted");
    checks.warning(
        "auto-submitted",
        auto == Some("auto-generated"),
        "auto-generated keeps vacation replies away (RFC 3834)",
    );
    checks.warning("return-path", !head.has("return-path"), "the last server writes it, not the sender");
}

fn check_people(head: &Head, message: &Message<'_>, checks: &mut Checks) {
    let from = mailboxes(message.from());
    let valid = from.len() == 1 && EmailAddress::parse(&from[0].1).is_ok();
    checks.error("from", valid, format!("{} mailboxes, must be one with a valid address", from.len()));
    let name = from.first().map(|(name, _)| name.as_str()).unwrap_or_default();
    checks.warning(
        "from-name",
        !name.trim().is_empty() && !name.contains('@'),
        "a name that readers know, without an address in it",
    );
    let to = mailboxes(message.to());
    let one = to.len() == 1 && EmailAddress::parse(&to[0].1).is_ok();
    checks.error("to", one && !head.has("cc") && !head.has("bcc"), "exactly one reader, no Cc and no Bcc");
}

/// Names and addresses, decoded.
fn mailboxes(address: Option<&Address<'_>>) -> Vec<(String, String)> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    address.into_iter().flat_map(Address::iter).map(|mailbox| (text(mailbox.name()), text(mailbox.address()))).collect()
}

fn check_subject(subject: &str, checks: &mut Checks) {
    let clean = !subject.trim().is_empty() && !subject.contains(|c| is_unfit_for_headers(c) || c == '\u{FFFD}');
    checks.error("subject", clean, "present, decodes, without control characters or direction overrides");
    let length = subject.chars().count();
    checks.warning("subject-length", length <= 78, format!("{length} characters, at most 78 are shown"));
    let slots: Vec<String> = unfilled(subject).collect();
    checks.none_of(Level::Warning, "subject-slots", &slots);
    let start = subject.trim_start().to_lowercase();
    let pretends = ["re:", "fw:", "fwd:", "aw:", "wg:"].iter().any(|prefix| start.starts_with(prefix));
    let shouts = subject.contains("!!")
        || (length > 12 && subject == subject.to_uppercase() && subject != subject.to_lowercase());
    checks.warning("subject-honest", !pretends && !shouts, "no false Re:, no capitals throughout, no !!");
}

/// RFC 5322, section 3.3: a numeric zone, and a day of the week that fits.
fn is_date(text: &str) -> bool {
    let zone = text.rsplit(' ').next().unwrap_or_default();
    let numeric = zone.len() == 5 && zone.starts_with(['+', '-']) && zone[1..].bytes().all(|b| b.is_ascii_digit());
    numeric && DateTime::parse_from_rfc2822(text).is_ok()
}

/// `<unique@host.domain>` (RFC 5322, section 3.6.4).
fn is_message_id(text: &str) -> bool {
    let inner = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or_default();
    inner.split_once('@').is_some_and(|(left, right)| is_dot_atom(left) && is_dot_atom(right) && right.contains('.'))
}
