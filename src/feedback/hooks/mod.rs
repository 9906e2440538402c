//! What providers tell of our mail by webhook, read and verified as each documents it. Pure: bytes and headers in, arrivals out; what is not signed by
//! whom it should be changes nothing, and the same event twice counts once.

pub mod amazon;
pub mod mailgun;
pub mod postmark;
pub mod sendgrid;

use super::diagnosis::{Symptoms, diagnose, reply_code_in, status_in};
use super::dsn::reason;
use super::reading::{Action, Finding, Kind, Reading, Traces};
use crate::domain::refusal::{Cause, Class};
use secrecy::SecretString;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What webhooks are verified with; a provider without its secret is not listened to.
#[derive(Debug, Clone, Default)]
pub struct Hooks {
    /// The topics of Amazon SNS that we subscribe to.
    pub amazon_topics: Vec<String>,
    /// The password that Postmark sends (HTTP Basic; it signs nothing).
    pub postmark_password: Option<SecretString>,
    /// Mailgun's signing key.
    pub mailgun_key: Option<SecretString>,
    /// `SendGrid`'s public key, as a P-256 point.
    pub sendgrid_key: Option<Vec<u8>>,
}

/// One event of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Tells it from any other.
    pub fingerprint: [u8; 32],
    /// What it says.
    pub reading: Reading,
}

/// Why a webhook is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    /// The provider is not configured.
    #[error("this provider is not configured")]
    NotConfigured,
    /// Not of the documented form.
    #[error("this is not of the documented form")]
    Malformed,
    /// The signature or password is wrong.
    #[error("the signature is wrong")]
    Forged,
    /// Right, but it came before with something else in it.
    #[error("this signature was used before")]
    Replayed,
    /// Right, but too long ago: it may be a copy.
    #[error("the signature is too old")]
    Old,
}

/// How far the clock of a provider may be from ours, and how long a retry may take.
pub const FRESH: i64 = 15 * 60;

/// The text of a field; empty where it is missing.
fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn mark(provider: &str, id: &str) -> [u8; 32] {
    Sha256::digest(format!("{provider} {id}")).into()
}

/// What a provider says of a failed delivery.
struct Told<'a> {
    recipient: &'a str,
    status: &'a str,
    words: &'a str,
    /// What its own classification says: for good, for now, or nothing.
    known: Option<Cause>,
    action: Action,
}

fn finding(told: &Told<'_>) -> Finding {
    let status =
        Some(told.status).filter(|status| !status.is_empty()).and_then(status_in).or_else(|| status_in(told.words));
    let reply_code = reply_code_in(told.words);
    let found = diagnose(&Symptoms { status: status.as_deref(), reply_code: reply_code.as_deref(), text: told.words });
    let (cause, class) = match (found.0, told.known) {
        (Cause::Unknown | Cause::System | Cause::Policy | Cause::Expired, Some(known)) => (known, known.class()),
        _ => found,
    };
    let class = if told.action == Action::Failed { class } else { Class::Soft };
    Finding {
        recipient: Some(told.recipient.to_owned()),
        reason: Some(reason(cause, told.words, told.action)),
        status,
        reply_code,
        action: Some(told.action),
        class,
        cause,
    }
}

fn complained(recipient: &str) -> Finding {
    Finding {
        recipient: Some(recipient.to_owned()),
        status: None,
        reply_code: None,
        action: None,
        class: Class::None,
        reason: Some("reported as unwanted".to_owned()),
        cause: Cause::Unknown,
    }
}

fn event(fingerprint: [u8; 32], kind: Kind, results: Vec<Finding>, traces: Traces) -> Event {
    Event { fingerprint, reading: Reading { kind, results, traces } }
}

/// A Message-ID with or without its angle brackets.
fn bare_id(id: &str) -> Vec<String> {
    Some(id.trim().trim_matches(['<', '>']).to_owned()).filter(|id| !id.is_empty()).into_iter().collect()
}
