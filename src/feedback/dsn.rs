//! Delivery status notifications (RFC 3464, RFC 6533): what the fields for machines say of each recipient, and the words for people where the fields
//! are silent.

use super::addresses;
use super::diagnosis::{Symptoms, diagnose, reply_code_in, status_in};
use super::letter::{Fields, Letter, RECIPIENTS};
use super::prose;
use super::reading::{Action, Finding, Kind};
use crate::domain::refusal::{Cause, Class};

/// What a notification says; `None` where the message is none.
pub(super) fn read(letter: &Letter) -> Option<(Kind, Vec<Finding>)> {
    let groups = recipients(&letter.status);
    if groups.is_empty() {
        return None;
    }
    let mut findings: Vec<Finding> = groups.iter().map(|group| finding(group, letter)).collect();
    name_the_nameless(&mut findings, letter);
    Some((kind(&findings), findings))
}

/// What a message with such findings is.
pub(super) fn kind(findings: &[Finding]) -> Kind {
    let has = |action| findings.iter().any(|finding| finding.action == Some(action));
    if has(Action::Failed) {
        Kind::Bounce
    } else if has(Action::Delayed) {
        Kind::Delay
    } else {
        Kind::None
    }
}

const RECIPIENT: [&str; 2] = ["final-recipient", "original-recipient"];

/// The fields of each recipient. They should stand in a block of their own; what a stray empty line has parted is put together again.
fn recipients(blocks: &[Fields]) -> Vec<Fields> {
    let mut groups: Vec<Fields> = Vec::new();
    let says_what = |fields: &Fields| ["action", "status", "diagnostic-code"].iter().any(|name| fields.has(name));
    for block in blocks {
        if groups.len() >= RECIPIENTS {
            break;
        }
        let names_somebody = RECIPIENT.iter().any(|name| block.has(name));
        let continues = groups.last().is_some_and(|last| {
            if names_somebody {
                !RECIPIENT.iter().any(|name| last.has(name))
            } else {
                !last.has("action") || !last.has("status")
            }
        });
        if !(names_somebody || says_what(block)) {
            continue;
        }
        if !continues {
            groups.push(Fields::default());
        }
        for (name, value) in block.iter() {
            let repeats =
                matches!(name, "final-recipient" | "action") && groups.last().is_some_and(|last| last.has(name));
            if repeats {
                groups.push(Fields::default());
            }
            if let Some(last) = groups.last_mut() {
                last.push(name, value);
            }
        }
    }
    groups.truncate(RECIPIENTS);
    groups.retain(|group| says_what(group) || RECIPIENT.iter().any(|name| group.has(name)));
    groups
}

fn finding(fields: &Fields, letter: &Letter) -> Finding {
    let recipient = recipient(fields);
    let diagnostic: Vec<&str> =
        fields.all("diagnostic-code").map(without_type).filter(|text| !text.is_empty()).collect();
    let diagnostic = diagnostic.join(" ");
    let about = recipient.as_deref().map(|address| prose::about(letter, address)).unwrap_or_default();
    let words = if says_something(&diagnostic) {
        diagnostic.clone()
    } else {
        format!("{diagnostic} {about}").trim().to_owned()
    };
    let stated = fields.first("status").and_then(status_in);
    let status = match (stated, status_in(&diagnostic).or_else(|| status_in(&words))) {
        (Some(stated), Some(told)) if is_vague(&stated) || (told[..1] == stated[..1] && !is_vague(&told)) => Some(told),
        (stated, told) => stated.or(told),
    };
    let reply_code = reply_code_in(&diagnostic).or_else(|| reply_code_in(&words));
    let action = action(fields, status.as_deref(), letter);
    let (cause, class) = cause_of(status.as_deref(), reply_code.as_deref(), &words, letter);
    let class = match action {
        Action::Failed => class,
        // Late is not gone: the system goes on trying.
        Action::Delayed => Class::Soft,
        _ => Class::None,
    };
    Finding {
        recipient,
        reason: Some(reason(cause, &words, action)),
        status,
        reply_code,
        action: Some(action),
        class,
        cause,
    }
}

/// Looks at the words of the whole report only where those about the recipient say nothing.
fn cause_of(status: Option<&str>, reply_code: Option<&str>, words: &str, letter: &Letter) -> (Cause, Class) {
    let found = diagnose(&Symptoms { status, reply_code, text: words });
    if found.0 != Cause::Unknown || says_something(words) {
        return found;
    }
    diagnose(&Symptoms { status, reply_code, text: &letter.text })
}

/// The address that we wrote to: the one that it had before others forwarded it, where the report knows it (RFC 3464, section 2.3.1).
fn recipient(fields: &Fields) -> Option<String> {
    let names = ["original-recipient", "final-recipient", "x-actual-recipient", "x-original-recipient"];
    names.iter().find_map(|name| fields.all(name).find_map(addresses::of_field))
}

fn action(fields: &Fields, status: Option<&str>, letter: &Letter) -> Action {
    let word = fields.first("action").unwrap_or_default().trim().to_ascii_lowercase();
    let known = [
        ("fail", Action::Failed),
        ("delay", Action::Delayed),
        ("deliver", Action::Delivered),
        ("relay", Action::Relayed),
        ("expand", Action::Expanded),
    ];
    if let Some((_, action)) = known.iter().find(|(start, _)| word.starts_with(start)) {
        return *action;
    }
    match status.map(|status| status.as_bytes()[0]) {
        Some(b'2') => Action::Delivered,
        Some(b'4') if prose::is_delay(letter) => Action::Delayed,
        _ => Action::Failed,
    }
}

/// `smtp; 550 …` without its type.
fn without_type(value: &str) -> &str {
    let rest = value
        .split_once(';')
        .filter(|(kind, _)| kind.len() < 24 && !kind.trim().contains(' '))
        .map_or(value, |(_, rest)| rest);
    rest.trim()
}

/// Whether a diagnosis has words besides its codes.
fn says_something(text: &str) -> bool {
    text.split_whitespace().filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 2).count() > 1
}

fn is_vague(status: &str) -> bool {
    status.ends_with(".0.0") || status.ends_with(".0.1") || status.len() < 5
}

/// What people read: the cause, and what the other system wrote.
pub(super) fn reason(cause: Cause, words: &str, action: Action) -> String {
    let told: String = words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect();
    let meaning = match (action, cause) {
        (Action::Delivered, _) => "delivered",
        (Action::Relayed, _) => "handed on to a system that reports no further",
        (Action::Expanded, _) => "handed on to several addresses",
        (Action::Delayed, Cause::Unknown) => "not delivered yet; its system goes on trying",
        (_, cause) => cause.in_words(),
    };
    if told.is_empty() { meaning.to_owned() } else { format!("{meaning}: {told}") }
}

/// Reports without an address of their own have it in a header, in their words, or in the mail that they return.
fn name_the_nameless(findings: &mut Vec<Finding>, letter: &Letter) {
    if findings.iter().all(|finding| finding.recipient.is_some()) {
        return;
    }
    let named: Vec<String> = findings.iter().filter_map(|finding| finding.recipient.clone()).collect();
    let mut others = prose::recipients(letter).into_iter().filter(|address| !named.contains(address));
    for finding in findings.iter_mut().filter(|finding| finding.recipient.is_none()) {
        finding.recipient = others.next();
    }
    if findings.len() == 1
        && let Some(only) = findings.first().filter(|only| only.recipient.is_some()).cloned()
    {
        findings.extend(others.map(|address| Finding { recipient: Some(address), ..only.clone() }));
    }
}
