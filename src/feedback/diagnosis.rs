//! From codes and words to a cause: what a refusal is about. Enhanced codes decide where they say something (RFC 3463, RFC 5248), words where they are
//! plainer than the code; a refusal for our own sake never becomes a dead mailbox.

use super::phrases::{self, Said};
use crate::domain::refusal::{Cause, Class};

/// What is known of a refusal.
#[derive(Debug, Clone, Default)]
pub(super) struct Symptoms<'a> {
    /// The enhanced code that the report gives, or that stands in the words.
    pub(super) status: Option<&'a str>,
    /// The reply code.
    pub(super) reply_code: Option<&'a str>,
    /// The words.
    pub(super) text: &'a str,
}

/// Why, and what it says about the address once the delivery was given up.
pub(super) fn diagnose(symptoms: &Symptoms<'_>) -> (Cause, Class) {
    let said = phrases::said(symptoms.text);
    let by_code = symptoms.status.map_or(Cause::Unknown, by_status);
    let cause = decide(&said, by_code, symptoms);
    let class = match cause.class() {
        Class::Hard if is_for_now(symptoms, cause) => Class::Soft,
        class => class,
    };
    (cause, class)
}

fn decide(said: &Said, by_code: Cause, symptoms: &Symptoms<'_>) -> Cause {
    let about_address = said.first_of(&[Cause::NoMailbox, Cause::NoDomain, Cause::Moved, Cause::TakesNoMail]);
    let about_us = said.first_of(&[
        Cause::Reputation,
        Cause::Authentication,
        Cause::Spam,
        Cause::TooFast,
        Cause::Sender,
        Cause::Content,
        Cause::Relaying,
        Cause::Policy,
    ]);
    // A full or closed mailbox exists, whatever else the sentence says.
    if let Some(cause) = said.first_of(&[Cause::Full, Cause::Disabled, Cause::TooLarge]) {
        let is_gone = cause == Cause::Disabled && about_address.is_some() && by_code.class() == Class::Hard;
        let is_blocked = cause != Cause::Full && about_us == Some(Cause::Reputation);
        if !is_gone && !is_blocked {
            return cause;
        }
    }
    match (about_address, about_us) {
        (Some(address), None) => address,
        // "Blocked: user unknown" is about the address only if the code says so, too.
        (Some(address), Some(us)) => {
            if by_code.class() == Class::Hard || is_unknown_at_the_edge(symptoms, us) {
                address
            } else {
                us
            }
        }
        (None, Some(us)) => {
            let is_weak = matches!(us, Cause::Policy | Cause::Sender | Cause::Content | Cause::Relaying);
            if is_weak && by_code.class() == Class::Hard { by_code } else { us }
        }
        (None, None) => said
            .first_of(&[Cause::Restricted, Cause::Expired, Cause::Network, Cause::System])
            .filter(|_| !matches!(by_code, Cause::NoMailbox | Cause::Full | Cause::NoDomain))
            .or(Some(by_code).filter(|cause| *cause != Cause::Unknown))
            .unwrap_or_else(|| by_reply(symptoms)),
    }
}

/// Microsoft 365 refuses whom it does not know with "recipient address rejected: access denied" and a code of its own, which no policy has.
fn is_unknown_at_the_edge(symptoms: &Symptoms<'_>, us: Cause) -> bool {
    us == Cause::Policy && symptoms.status == Some("5.4.1")
}

/// Whether the other side says that it may change its mind.
fn is_for_now(symptoms: &Symptoms<'_>, cause: Cause) -> bool {
    let temporary = |code: Option<&str>| code.is_some_and(|code| code.starts_with('4'));
    let permanent = |code: Option<&str>| code.is_some_and(|code| code.starts_with('5'));
    match cause {
        // What Postfix says of a resolver that did not answer.
        Cause::NoDomain if phrases::plain(symptoms.text).contains("not found, try again") => true,
        // A resolver that fails for days gives 4.4.4 with the very words of a domain that is gone.
        _ if permanent(symptoms.reply_code) => false,
        _ => temporary(symptoms.status) || temporary(symptoms.reply_code),
    }
}

/// What an enhanced code says by itself.
fn by_status(status: &str) -> Cause {
    let Some((_, detail)) = status.split_once('.') else { return Cause::Unknown };
    match detail {
        "1.0" if status.starts_with('5') => Cause::Unknown,
        "1.1" | "1.3" => Cause::NoMailbox,
        // An ambiguous address is somebody's.
        "1.4" => Cause::System,
        "1.2" => Cause::NoDomain,
        "1.6" => Cause::Moved,
        "1.10" => Cause::TakesNoMail,
        "1.7" | "1.8" | "7.27" => Cause::Sender,
        "2.1" | "7.13" => Cause::Disabled,
        "2.2" => Cause::Full,
        "2.3" | "3.4" | "7.16" => Cause::TooLarge,
        "2.0" | "2.4" => Cause::Restricted,
        "3.0" | "3.1" | "3.2" | "3.3" | "3.5" | "4.3" | "5.0" | "5.1" | "5.2" | "5.4" | "5.5" => Cause::System,
        "4.7" => Cause::Expired,
        "4.0" | "4.1" | "4.2" | "4.4" | "4.6" | "4.9" => Cause::Network,
        "4.5" | "5.3" => Cause::TooFast,
        "7.17" | "7.18" => Cause::Moved,
        "7.20" | "7.21" | "7.22" | "7.23" | "7.24" | "7.26" | "7.29" | "7.30" | "7.515" | "7.509" => {
            Cause::Authentication
        }
        "7.25" => Cause::Reputation,
        "7.28" => Cause::TooFast,
        _ if detail.starts_with("6.") => Cause::Content,
        _ if detail.starts_with("7.") => Cause::Policy,
        _ => Cause::Unknown,
    }
}

/// What a bare reply code says (RFC 5321, section 4.2.3). 550 alone says too much to mean anything.
fn by_reply(symptoms: &Symptoms<'_>) -> Cause {
    match symptoms.reply_code {
        Some("552") => Cause::Full,
        Some("551") => Cause::Moved,
        Some("421" | "451") => Cause::System,
        Some("452") => Cause::Full,
        _ => Cause::Unknown,
    }
}

/// The enhanced code in words such as `550 5.1.1 …`, `(#5.1.1)`.
pub(super) fn status_in(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    (0..bytes.len()).find_map(|at| {
        let class = matches!(bytes[at], b'2' | b'4' | b'5') && bytes.get(at + 1) == Some(&b'.');
        let free = at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || matches!(bytes[at - 1], b'.' | b'@' | b'_'));
        if !class || !free {
            return None;
        }
        let (subject, rest) = digits(&text[at + 2..])?;
        let (detail, rest) = digits(rest.strip_prefix('.')?)?;
        let ends = !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) && !is_dotted_on(rest);
        (subject.len() == 1 && ends).then(|| format!("{}.{subject}.{detail}", char::from(bytes[at])))
    })
}

/// `5.1.1.2` is part of a network address or a version.
fn is_dotted_on(rest: &str) -> bool {
    rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=3).contains(&end).then(|| text.split_at(end))
}

/// The reply code in words: `550 …`, `550-…`, `SMTP error 550`, `said: 550`, `<<< 550`.
pub(super) fn reply_code_in(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let code_at = |at: usize| {
        let code = text.get(at..at + 3)?;
        let first =
            matches!(bytes[at], b'4' | b'5') && matches!(bytes[at + 1], b'0'..=b'5') && bytes[at + 2].is_ascii_digit();
        let before = at.checked_sub(1).map_or(b' ', |before| bytes[before]);
        let after = bytes.get(at + 3).copied().unwrap_or(b' ');
        let free_before = before.is_ascii_whitespace()
            || matches!(before, b'(' | b'<' | b':' | b';' | b'\'' | b'"' | b'#' | b'=' | b'[' | b'>' | b'-');
        let free_after = after.is_ascii_whitespace()
            || matches!(after, b'-' | b')' | b'\'' | b'"' | b':' | b',' | b'.' | b';' | b'#' | b']');
        (first && free_before && free_after && is_no_count(text, at)).then(|| code.to_owned())
    };
    (0..bytes.len().saturating_sub(2)).filter(|at| text.is_char_boundary(*at)).find_map(code_at)
}

/// `451 bytes`, `port 550`, `in 500 hours` are no replies.
fn is_no_count(text: &str, at: usize) -> bool {
    let after: String = text[at + 3..].chars().take(16).collect();
    let after = after.trim_start().to_ascii_lowercase();
    !["bytes", "kb", "mb", "hours", "days", "minutes", "seconds", "characters", "messages", "lines"]
        .iter()
        .any(|unit| after.starts_with(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: &str, code: &str, text: &str) -> (Cause, Class) {
        let some = |text| Some(text).filter(|text: &&str| !text.is_empty());
        diagnose(&Symptoms { status: some(status), reply_code: some(code), text })
    }

    #[test]
    fn codes_that_mean_a_dead_address_are_hard() {
        for status in ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"] {
            assert_eq!(of(status, "550", "").1, Class::Hard, "{status}");
        }
        for status in ["4.1.1", "5.2.1", "5.2.2", "4.2.2", "5.3.4", "5.7.1", "5.7.26", "5.0.0", "4.4.7", "5.7.515"] {
            assert_eq!(of(status, "", "").1, Class::Soft, "{status}");
        }
    }

    #[test]
    fn words_are_believed_where_they_are_plainer_than_the_code() {
        assert_eq!(of("5.7.1", "550", "550 5.7.1 Recipient rejected: User unknown").0, Cause::NoMailbox);
        assert_eq!(of("5.0.0", "", "smtp; 550 Requested action not taken: mailbox unavailable").0, Cause::NoMailbox);
        assert_eq!(of("5.1.1", "550", "550 5.1.1 mailbox is full").0, Cause::Full);
        assert_eq!(
            of("5.1.1", "554", "554 5.1.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org")
                .0,
            Cause::Reputation
        );
        assert_eq!(of("5.4.1", "550", "550 5.4.1 Recipient address rejected: Access denied").0, Cause::NoMailbox);
        assert_eq!(of("5.7.1", "554", "554 5.7.1 Recipient address rejected: Access denied").0, Cause::Policy);
        let asleep = "Host or domain name not found. Name service error for name=x type=MX: Host not found, try again";
        assert_eq!(of("", "", asleep).1, Class::Soft);
        assert_eq!(of("5.7.1", "550", "550 blocked: invalid recipient or listed by Spamhaus").0, Cause::Reputation);
    }

    #[test]
    fn codes_are_found_in_words_and_addresses_are_not_taken_for_them() {
        assert_eq!(status_in("no mailbox here. (#5.1.1)").as_deref(), Some("5.1.1"));
        assert_eq!(status_in("550-5.7.26 x").as_deref(), Some("5.7.26"));
        assert_eq!(status_in("host 192.5.1.1 and 5.1.1.9 with Exim 4.63.2x"), None);
        assert_eq!(reply_code_in("host mx [192.0.2.1] said: 554 no").as_deref(), Some("554"));
        assert_eq!(reply_code_in("tried for 500 hours on port 5500"), None);
    }
}
