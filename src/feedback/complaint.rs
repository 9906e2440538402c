//! Complaints by readers: abuse reports (RFC 5965), and the forms that some providers use instead. Finds the address where the report still has it;
//! many blank it, and then only the returned mail's own marks tell who it was.

use super::addresses;
use super::letter::{Fields, Letter};
use super::reading::{Finding, Kind};
use crate::domain::refusal::{Cause, Class};

/// What a report about mail says; `None` where the message is none.
pub(super) fn read(letter: &Letter) -> Option<(Kind, Vec<Finding>)> {
    match &letter.feedback {
        Some(fields) => Some(by_fields(fields, letter)),
        None if is_in_prose(letter) => {
            Some((Kind::Complaint, vec![finding(complainer(&Fields::default(), letter), "abuse")]))
        }
        None => None,
    }
}

/// RFC 5965, section 7.3; RFC 6591; RFC 6430. Reports about authentication and the opposite of a complaint say nothing about a reader's wish.
const NO_COMPLAINTS: [&str; 3] = ["not-spam", "auth-failure", "dmarc"];

fn by_fields(fields: &Fields, letter: &Letter) -> (Kind, Vec<Finding>) {
    let kind = fields.first("feedback-type").unwrap_or("abuse").trim().to_ascii_lowercase();
    let is_complaint = !NO_COMPLAINTS.contains(&kind.as_str());
    let mut findings: Vec<Finding> = complainers(fields).into_iter().map(|who| finding(Some(who), &kind)).collect();
    if findings.is_empty() {
        findings.push(finding(complainer(fields, letter), &kind));
    }
    (if is_complaint { Kind::Complaint } else { Kind::None }, findings)
}

fn finding(recipient: Option<String>, kind: &str) -> Finding {
    let reason = match kind {
        "abuse" => "reported as unwanted".to_owned(),
        "opt-out" | "opt-out-list" => "asked to be taken off the list".to_owned(),
        "fraud" => "reported as fraud".to_owned(),
        "virus" => "reported for a virus".to_owned(),
        "not-spam" => "reported as wanted".to_owned(),
        "auth-failure" | "dmarc" => "a report about authentication".to_owned(),
        other => format!("reported: {}", other.chars().take(60).collect::<String>()),
    };
    Finding {
        recipient,
        status: None,
        reply_code: None,
        action: None,
        class: Class::None,
        reason: Some(reason),
        cause: Cause::Unknown,
    }
}

/// Everybody whom the report names as having complained; it may be about one mail to several (RFC 5965, section 3.2).
fn complainers(fields: &Fields) -> Vec<String> {
    let told = fields.all("original-rcpt-to").filter_map(addresses::of_field);
    let mut found: Vec<String> = Vec::new();
    for address in told.filter(|address| !is_blanked(address)) {
        if !found.iter().any(|known| known.eq_ignore_ascii_case(&address)) {
            found.push(address);
        }
    }
    found
}

/// Who complained, as far as the report says.
fn complainer(fields: &Fields, letter: &Letter) -> Option<String> {
    let told = ["original-rcpt-to", "original-recipient", "removal-recipient", "x-original-rcpt-to", "final-recipient"];
    let told = told.iter().find_map(|name| fields.all(name).find_map(addresses::of_field));
    // Where the mail was delivered to is more than where it said it went.
    let noted = ["x-hmxmroriginalrecipient", "x-original-to", "delivered-to", "x-rcpt-to", "x-apparently-to", "to"];
    let noted = || noted.iter().find_map(|name| letter.original.all(name).find_map(addresses::of_field));
    let beside = || letter.headers.all("x-hmxmroriginalrecipient").find_map(addresses::of_field);
    told.filter(|address| !is_blanked(address)).or_else(beside).or_else(noted).filter(|address| !is_blanked(address))
}

/// `redacted@…`, `xxxx@…`: no address of anybody.
fn is_blanked(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default().to_ascii_lowercase();
    local.is_empty()
        || local.bytes().all(|byte| matches!(byte, b'x' | b'*' | b'?'))
        || local.contains("redacted")
        || local.contains("removed")
}

/// Reports that are no `multipart/report`: those of Hotmail before 2010 and what providers' staff send by hand.
fn is_in_prose(letter: &Letter) -> bool {
    let subject = letter.headers.first("subject").unwrap_or_default().to_ascii_lowercase();
    let from = letter.headers.first("from").unwrap_or_default().to_ascii_lowercase();
    let by_hotmail =
        letter.headers.has("x-hmxmroriginalrecipient") || subject.starts_with("complaint about message from");
    let by_loop = subject.contains("feedback loop")
        || subject.contains("abuse report")
        || subject.contains("email feedback report");
    let by_machine = [
        "feedbackloop",
        "fbl@",
        "feedback@",
        "staff@hotmail.com",
        "abuse@",
        "scomp@",
        "complaints@",
        "feedback-loop",
        "arf@",
    ];
    by_hotmail || (by_loop && by_machine.iter().any(|name| from.contains(name)) && !letter.original.is_empty())
}
