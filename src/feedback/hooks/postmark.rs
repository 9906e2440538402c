//! Postmark: one record as JSON. It signs nothing; its documentation asks for a password in the address of the hook (HTTP Basic).

use super::{Event, HookError, Told, bare_id, complained, event, finding, mark, text};
use crate::domain::refusal::Cause;
use crate::feedback::reading::{Action, Kind, Traces};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::Sha256;

/// The event of a request; none for records that say nothing about a reader.
pub fn read(body: &[u8], authorization: &str, password: &SecretString) -> Result<Vec<Event>, HookError> {
    verify(authorization, password)?;
    let value: Value = serde_json::from_slice(body).map_err(|_| HookError::Malformed)?;
    Ok(of(&value).into_iter().collect())
}

/// Compares by MAC, so that the time tells nothing of how much was right.
fn verify(authorization: &str, password: &SecretString) -> Result<(), HookError> {
    let given = authorization.strip_prefix("Basic ").and_then(|text| STANDARD.decode(text.trim()).ok());
    let given = given.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(HookError::Forged)?;
    let (_, given) = given.split_once(':').ok_or(HookError::Forged)?;
    let mac = |text: &str| {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(b"compare").map_err(|_| HookError::Forged)?;
        mac.update(text.as_bytes());
        Ok::<_, HookError>(mac)
    };
    let ours = mac(password.expose_secret())?.finalize().into_bytes();
    mac(given)?.verify_slice(&ours).map_err(|_| HookError::Forged)
}

fn of(value: &Value) -> Option<Event> {
    let recipient = text(value, "Email");
    let id = value.get("ID").and_then(Value::as_i64).unwrap_or_default();
    let (kind, record) = (text(value, "Type"), text(value, "RecordType"));
    let fingerprint = mark("postmark", &format!("{record} {id} {recipient} {}", text(value, "BouncedAt")));
    let traces = Traces { relay_ids: bare_id(text(value, "MessageID")), ..Traces::default() };
    if record == "SpamComplaint" || kind == "SpamComplaint" {
        return Some(event(fingerprint, Kind::Complaint, vec![complained(recipient)], traces));
    }
    if record != "Bounce" {
        return None;
    }
    let known = match kind {
        "HardBounce" | "BadEmailAddress" => Some(Cause::NoMailbox),
        "DnsError" => Some(Cause::Network),
        "SpamNotification" => Some(Cause::Spam),
        "Blocked" => Some(Cause::Reputation),
        "DMARCPolicy" => Some(Cause::Authentication),
        "VirusNotification" => Some(Cause::Content),
        "ManuallyDeactivated" | "Unconfirmed" | "ChallengeVerification" | "Subscribe" | "Unsubscribe" => {
            Some(Cause::Restricted)
        }
        _ => None,
    };
    let words = format!("{} {}", text(value, "Details"), text(value, "Description"));
    match kind {
        "AutoResponder" | "AddressChange" | "OpenRelayTest" => {
            Some(event(fingerprint, Kind::AutoReply, Vec::new(), traces))
        }
        _ => {
            let is_late = kind == "Transient";
            let action = if is_late { Action::Delayed } else { Action::Failed };
            let told = Told { recipient, status: "", words: words.trim(), known, action };
            let kind = if is_late { Kind::Delay } else { Kind::Bounce };
            Some(event(fingerprint, kind, vec![finding(&told)], traces))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::refusal::Class;

    fn basic(password: &str) -> String {
        format!("Basic {}", STANDARD.encode(format!("hook:{password}")))
    }

    #[test]
    fn a_record_with_the_right_password_is_read() {
        let body = br#"{"RecordType":"Bounce","Type":"HardBounce","ID":4323372036854775807,"MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","Email":"jo@example.org","Details":"smtp;550 5.1.1 The email account does not exist","Description":"The server was unable to deliver your message"}"#;
        let password = SecretString::from("secret");
        let events = read(body, &basic("secret"), &password).unwrap();
        assert_eq!(events[0].reading.results[0].class, Class::Hard);
        assert_eq!(events[0].reading.traces.relay_ids, ["883953f4-6105-42a2-a16a-77a8eac79483"]);
        for wrong in [basic("secreT"), basic(""), "Bearer secret".to_owned(), String::new()] {
            assert_eq!(read(body, &wrong, &password), Err(HookError::Forged));
        }
    }

    #[test]
    fn a_blocked_message_costs_nobody_anything() {
        let body = br#"{"RecordType":"Bounce","Type":"Blocked","ID":1,"Email":"jo@example.org","Details":"","Description":"The message was blocked"}"#;
        let events = read(body, &basic("s"), &SecretString::from("s")).unwrap();
        let found = &events[0].reading.results[0];
        assert!(found.class == Class::Soft && found.cause.is_ours(), "{found:?}");
    }
}
