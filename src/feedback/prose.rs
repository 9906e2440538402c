//! Reports in a mail system's own words: no fields for machines, only sentences, an address on a line of its own, and a reason behind it. What dozens
//! of systems have in common is read, not each system's form: new versions change their sentences, seldom their shape.

use super::addresses::{self, is_machine, places};
use super::diagnosis::{Symptoms, diagnose, reply_code_in, status_in};
use super::dsn::reason;
use super::letter::{Letter, RECIPIENTS};
use super::phrases::{Phrases, plain};
use super::reading::{Action, Finding, Kind};
use crate::domain::refusal::{Cause, Class};
use std::sync::LazyLock;

/// What a report in words says; `None` where the message is none.
pub(super) fn read(letter: &Letter) -> Option<(Kind, Vec<Finding>)> {
    let delayed = is_delay(letter);
    if !(is_report(letter) || delayed && is_by_mail_system(letter)) {
        return None;
    }
    let action = if delayed { Action::Delayed } else { Action::Failed };
    let mut findings: Vec<Finding> =
        recipients(letter).into_iter().map(|address| finding(letter, Some(address), action)).collect();
    if findings.is_empty() {
        findings.push(finding(letter, None, action));
    }
    Some((if delayed { Kind::Delay } else { Kind::Bounce }, findings))
}

fn finding(letter: &Letter, recipient: Option<String>, action: Action) -> Finding {
    let words = recipient.as_deref().map(|address| about(letter, address)).unwrap_or_default();
    let status = status_in(&words).or_else(|| status_in(&letter.text));
    let reply_code = reply_code_in(&words).or_else(|| reply_code_in(&letter.text));
    let symptoms = |text| Symptoms { status: status.as_deref(), reply_code: reply_code.as_deref(), text };
    let mut found = diagnose(&symptoms(&words));
    if matches!(found.0, Cause::Unknown | Cause::System | Cause::Policy | Cause::Network) {
        let whole = diagnose(&symptoms(&letter.text));
        if whole.0 != Cause::Unknown {
            found = whole;
        }
    }
    if found.0 == Cause::Unknown {
        found = diagnose(&symptoms(letter.headers.first("subject").unwrap_or_default()));
    }
    let (cause, class) = found;
    let class = if action == Action::Delayed { Class::Soft } else { class };
    let told = if words.is_empty() { letter.text.as_str() } else { words.as_str() };
    Finding {
        recipient,
        reason: Some(reason(cause, told, action)),
        status,
        reply_code,
        action: Some(action),
        class,
        cause,
    }
}

/// Whether a mail system wrote it, by its sender, subject and headers.
pub(super) fn is_by_mail_system(letter: &Letter) -> bool {
    if letter.headers.has("x-failed-recipients") || !letter.status.is_empty() {
        return true;
    }
    says_bounce(letter.headers.first("subject").unwrap_or_default()) || is_from_system(letter)
}

fn is_from_system(letter: &Letter) -> bool {
    let from = letter.headers.first("from").unwrap_or_default().to_lowercase();
    let names = [
        "mailer-daemon",
        "mailer daemon",
        "mail delivery",
        "delivery subsystem",
        "mail system",
        "mail.delivery",
        "system administrator",
        "postmaster",
        "mail administrator",
        "internet mail delivery",
        "mailerdaemon",
        "mail daemon",
        "microsoft outlook",
        "returned mail",
        "mdaemon",
        "mmdf",
        "mail router",
        "delivery status",
        "zustellung",
        "bounce",
    ];
    from.contains("<>")
        || names.iter().any(|name| from.contains(name))
        || addresses::all(&from).iter().any(|address| is_machine(address))
}

/// Whether a mailbox's rules, or its fullness, threw the mail away and say so (RFC 5429).
pub(super) fn is_refusal_by_rule(letter: &Letter) -> bool {
    let text = plain(&letter.text);
    ["automatically rejected", "was rejected", "could not be delivered"].iter().any(|phrase| text.contains(phrase))
}

/// Whether sender, subject and words together are those of a failed delivery.
fn is_report(letter: &Letter) -> bool {
    let headers = &letter.headers;
    let text = plain(&letter.text);
    let subject = says_bounce(headers.first("subject").unwrap_or_default());
    let words = FAILED.any_in(&text);
    let empty_return =
        headers.all("return-path").any(|path| path.trim() == "<>" || path.to_lowercase().contains("mailer-daemon"));
    let code = reply_code_in(&letter.text).is_some() || status_in(&letter.text).is_some();
    let named = candidates(letter).iter().any(|candidate| candidate.points >= 3);
    let points = 3 * u8::from(headers.has("x-failed-recipients"))
        + 2 * u8::from(is_from_system(letter))
        + 2 * u8::from(subject)
        + 2 * u8::from(words)
        + u8::from(empty_return)
        + u8::from(code || named);
    // A person's letter may speak of a full mailbox, too: without a system behind it, somebody must be named or a code given.
    let is_from = is_from_system(letter);
    let says = subject || (words && (is_from || named || code)) || ((code || named) && is_from);
    points >= 3 && (headers.has("x-failed-recipients") || says)
}

/// Subjects of reports, in lower case.
static SUBJECTS: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(include_str!("words/subjects.txt")));

fn says_bounce(subject: &str) -> bool {
    SUBJECTS.any_in(&plain(subject))
}

/// Sentences of failed deliveries, as [`plain`] makes them.
static FAILED: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(include_str!("words/failed.txt")));

/// Sentences of those who go on trying.
static DELAYED: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(include_str!("words/delayed.txt")));

/// Sentences of those who have given up, whatever else they say.
static GIVEN_UP: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(include_str!("words/given_up.txt")));

/// Whether the report says that delivery goes on.
pub(super) fn is_delay(letter: &Letter) -> bool {
    let text = plain(&letter.text);
    let subject = letter.headers.first("subject").unwrap_or_default().to_lowercase();
    let by_subject = ["delay", "warning: could not send", "warning: message", "verzögert", "still trying", "not yet"]
        .iter()
        .any(|word| subject.contains(word));
    (DELAYED.any_in(&text) || by_subject) && !GIVEN_UP.any_in(&text)
}

/// An address in the words, and how much its place speaks for it.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    address: String,
    line: usize,
    points: u8,
    /// It is also one of ours.
    own: bool,
}

/// Whom a report is about: by a header, by its words, by the mail that it returns.
pub(super) fn recipients(letter: &Letter) -> Vec<String> {
    let failed: Vec<String> =
        letter.headers.all("x-failed-recipients").flat_map(addresses::all).take(RECIPIENTS).collect();
    if !failed.is_empty() {
        return failed;
    }
    let (own, candidates): (Vec<_>, Vec<_>) = candidates(letter).iter().partition(|candidate| candidate.own);
    let best = candidates.iter().map(|candidate| candidate.points).max().unwrap_or_default();
    let chosen = |least: u8| {
        unique(
            candidates.iter().filter(|candidate| candidate.points >= least).map(|candidate| candidate.address.clone()),
        )
    };
    if best >= 3 {
        return chosen(3);
    }
    let subject = letter.headers.first("subject").unwrap_or_default();
    let in_subject =
        || addresses::all(subject).into_iter().filter(|address| !is_own(letter, address)).collect::<Vec<_>>();
    let last =
        || unique(own.iter().filter(|candidate| candidate.points >= 3).map(|candidate| candidate.address.clone()));
    let steps: [&dyn Fn() -> Vec<String>; 6] = [
        &|| if best >= 2 { chosen(2) } else { Vec::new() },
        &|| names_of_own_domain(letter),
        &in_subject,
        &|| addressed(letter),
        &|| chosen(1),
        &last,
    ];
    steps.iter().map(|step| step()).find(|found| !found.is_empty()).unwrap_or_default()
}

/// Whom the returned mail was for: the address that the last server on its way had noted, if that is not the one that its `To` shows.
fn addressed(letter: &Letter) -> Vec<String> {
    let original = &letter.original;
    let to: Vec<String> =
        original.all("to").flat_map(addresses::all).filter(|address| !is_own(letter, address)).collect();
    let noted = original
        .all("received")
        .filter_map(|line| line.split_once(" for <"))
        .filter_map(|(_, rest)| rest.split_once('>'));
    let noted: Vec<String> =
        noted.map(|(address, _)| address.to_owned()).filter(|address| !is_own(letter, address)).collect();
    let agrees = noted.iter().any(|noted| to.iter().any(|to| to.eq_ignore_ascii_case(noted)));
    match noted.into_iter().next() {
        Some(last) if !agrees => vec![last],
        _ => to,
    }
}

/// Names without a domain, listed below a sentence that ends in a colon: they are of the domain that reports (AOL).
fn names_of_own_domain(letter: &Letter) -> Vec<String> {
    let from = letter.headers.all("from").flat_map(addresses::all).find(|from| is_machine(from));
    let Some(domain) = from.as_deref().and_then(|from| from.rsplit_once('@')).map(|(_, domain)| domain.to_owned())
    else {
        return Vec::new();
    };
    let lines: Vec<&str> = letter.text.lines().take(LINES).map(str::trim).filter(|line| !line.is_empty()).collect();
    let is_name = |line: &str| {
        line.len() <= 64 && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
    };
    let pairs =
        lines.windows(2).filter(|pair| pair[0].ends_with(':') && FAILED.any_in(&plain(pair[0])) && is_name(pair[1]));
    pairs.map(|pair| format!("{}@{}", pair[1], domain.to_ascii_lowercase())).collect()
}

fn unique(addresses: impl Iterator<Item = String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for address in addresses {
        if !found.iter().any(|known| known.eq_ignore_ascii_case(&address)) {
            found.push(address);
        }
    }
    found
}

/// More lines than this are no report.
const LINES: usize = 400;

/// Addresses that are weighed; a report has a few.
const CANDIDATES: usize = 200;

/// The part of a line that is looked at.
const LINE: usize = 1_000;

fn candidates(letter: &Letter) -> &[Candidate] {
    letter.candidates.get_or_init(|| find_candidates(letter))
}

fn find_candidates(letter: &Letter) -> Vec<Candidate> {
    let lines: Vec<&str> = letter.text.lines().take(LINES).map(beginning).collect();
    let mut found = Vec::new();
    for (line, text) in lines.iter().enumerate() {
        for (at, address) in places(text) {
            let points = if is_quoted_header(&lines, line) { 1 } else { points(text, at, address) };
            if !is_machine(address) && points > 0 && found.len() < CANDIDATES {
                found.push(Candidate { address: address.to_owned(), line, points, own: is_own(letter, address) });
            }
        }
    }
    found
}

fn beginning(line: &str) -> &str {
    line.char_indices().nth(LINE).map_or(line, |(end, _)| &line[..end])
}

/// `To: …` above `Subject: …`: what a report tells of the mail's headers.
fn is_quoted_header(lines: &[&str], line: usize) -> bool {
    let starts = |text: &str, name: &str| text.trim().to_lowercase().starts_with(name);
    let is_to =
        lines.get(line).is_some_and(|text| ["to:", "cc:", "an:", "à:", "para:"].iter().any(|name| starts(text, name)));
    let below = || lines.iter().skip(line + 1).filter(|text| !text.trim().is_empty()).take(3);
    is_to && below().any(|text| ["subject:", "betreff:", "objet:", "asunto:"].iter().any(|name| starts(text, name)))
}

/// Our own address, to which the report came or from which the mail was sent.
fn is_own(letter: &Letter, address: &str) -> bool {
    let same = |value: &str| addresses::all(value).iter().any(|own| own.eq_ignore_ascii_case(address));
    let report = ["to", "delivered-to", "x-original-to", "envelope-to", "from", "sender", "reply-to"];
    let ours = |name: &&str| letter.headers.all(name).any(same);
    // Somebody who writes to themselves is both.
    let sender = ["from", "sender", "return-path"].iter().any(|name| letter.original.all(name).any(same))
        && !letter.original.all("to").any(same);
    let told = report.iter().any(ours) && !is_quoted_as_recipient(letter, address);
    told || sender
}

/// A report that comes from the mailbox it is about.
fn is_quoted_as_recipient(letter: &Letter, address: &str) -> bool {
    let from = letter.headers.all("from").flat_map(addresses::all).any(|from| from.eq_ignore_ascii_case(address));
    from && letter.original.all("to").flat_map(addresses::all).any(|to| to.eq_ignore_ascii_case(address))
}

/// What stands before an address that failed, in lower case.
static LABELS: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(include_str!("words/labels.txt")));

/// What stands in sentences about others than the recipient.
static OTHERS: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(include_str!("words/others.txt")));

/// How much the place of an address in its line speaks for its being the one that failed: 3 very much, 1 little.
fn points(line: &str, at: usize, address: &str) -> u8 {
    let before = line[..at].trim().trim_start_matches(['*', '-', '>', '·', '•', '|', '+', ' ']).to_lowercase();
    let before = before.trim_end_matches(['<', '"', '\'', '(', '[', ' ']);
    let after = line[at + address.len()..].trim().trim_start_matches(['>', '"', '\'', ']']).trim_start();
    let lower = plain(line);
    let stands_alone = before.is_empty()
        && (after.is_empty()
            || after.starts_with([':', ',', ';', '(', '.', '<'])
            || after.to_lowercase().starts_with("on "));
    let is_code = |text: &str| reply_code_in(text).is_some() || status_in(text).is_some();
    if before.ends_with("generated from") {
        return 1;
    }
    if before.ends_with("from") {
        return 0;
    }
    let about_other = OTHERS.any_in(&lower) && !lower.contains("rcpt to");
    if stands_alone || lower.contains("rcpt to") || (is_code(before) && !about_other) {
        return 3;
    }
    if before.is_empty() && is_code(after) {
        return 3;
    }
    if LABELS.iter().any(|label| before.ends_with(label) || before.ends_with(&format!("{label}:")))
        && !before.ends_with("reply to")
    {
        return 3;
    }
    if about_other {
        return 1;
    }
    let says_why = diagnose(&Symptoms { text: &lower, ..Symptoms::default() }).0 != Cause::Unknown;
    if says_why || FAILED.any_in(&lower) {
        return 3;
    }
    if before.ends_with("to") || before.ends_with("for") || before.is_empty() { 2 } else { 1 }
}

/// The words about one recipient: its line, and those below until an empty line or the next recipient.
pub(super) fn about(letter: &Letter, address: &str) -> String {
    const MOST: usize = 14;
    let all = candidates(letter);
    let of = all.iter().filter(|candidate| candidate.address.eq_ignore_ascii_case(address));
    let Some(best) = of.max_by_key(|candidate| (candidate.points, usize::MAX - candidate.line)) else {
        return String::new();
    };
    let is_next = |line: usize| {
        all.iter().any(|other| other.line == line && other.points >= 3 && !other.address.eq_ignore_ascii_case(address))
    };
    let mut words = String::new();
    for (line, text) in letter.text.lines().enumerate().skip(best.line).take(MOST) {
        let is_empty = text.trim().is_empty();
        // The reason may stand in a paragraph of its own.
        let has_reason = words.replace(address, "").chars().filter(|c| c.is_alphabetic()).count() > 12;
        if line > best.line && (is_next(line) || (is_empty && has_reason)) {
            break;
        }
        words.push_str(text.trim());
        words.push(' ');
    }
    words.trim().to_owned()
}
