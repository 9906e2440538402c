//! Mailgun: events as JSON with an HMAC-SHA-256 over timestamp and token, keyed by the account's signing key.

use super::{Event, FRESH, HookError, Told, bare_id, complained, event, finding, mark, text};
use crate::domain::refusal::Cause;
use crate::feedback::reading::{Action, Kind, Traces};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::Sha256;

/// A request with the right signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What the signature is over besides the time, and the content is not: a second request with it and another content was made by somebody else.
    pub token: String,
    /// Its events; none for those that say nothing about a reader.
    pub events: Vec<Event>,
}

/// Reads a request.
pub fn read(body: &[u8], key: &SecretString, now: i64) -> Result<Signed, HookError> {
    let value: Value = serde_json::from_slice(body).map_err(|_| HookError::Malformed)?;
    let signature = value.get("signature").ok_or(HookError::Malformed)?;
    let (timestamp, token) = (text(signature, "timestamp"), text(signature, "token"));
    verify(key, timestamp, token, text(signature, "signature"))?;
    let at: i64 = timestamp.parse().map_err(|_| HookError::Malformed)?;
    if (now - at).abs() > FRESH {
        return Err(HookError::Old);
    }
    let data = value.get("event-data").ok_or(HookError::Malformed)?;
    Ok(Signed { token: token.to_owned(), events: of(data).into_iter().collect() })
}

fn verify(key: &SecretString, timestamp: &str, token: &str, signature: &str) -> Result<(), HookError> {
    let mut mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(key.expose_secret().as_bytes()).map_err(|_| HookError::Forged)?;
    mac.update(timestamp.as_bytes());
    mac.update(token.as_bytes());
    let given = unhex(signature).ok_or(HookError::Forged)?;
    mac.verify_slice(&given).map_err(|_| HookError::Forged)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?, 16).ok())
        .collect()
}

fn of(data: &Value) -> Option<Event> {
    let recipient = text(data, "recipient");
    let headers = data.pointer("/message/headers").unwrap_or(&Value::Null);
    // Mailgun calls a mail by its Message-ID: ours, or the one that it put in its place.
    let id = bare_id(text(headers, "message-id"));
    let traces = Traces { relay_ids: id.clone(), message_ids: id, ..Traces::default() };
    let fingerprint = mark("mailgun", text(data, "id"));
    match text(data, "event") {
        "complained" => Some(event(fingerprint, Kind::Complaint, vec![complained(recipient)], traces)),
        "failed" => {
            let status = data.get("delivery-status").unwrap_or(&Value::Null);
            let code = status.get("code").and_then(Value::as_i64).unwrap_or_default();
            let words = format!("{code} {} {}", text(status, "message"), text(status, "description"));
            let is_permanent = text(data, "severity") == "permanent";
            let told = Told {
                recipient,
                status: text(status, "enhanced-code"),
                words: words.trim(),
                known: (code == 605 || code == 606 || code == 607).then_some(Cause::Restricted),
                action: if is_permanent { Action::Failed } else { Action::Delayed },
            };
            let kind = if is_permanent { Kind::Bounce } else { Kind::Delay };
            Some(event(fingerprint, kind, vec![finding(&told)], traces))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::refusal::Class;

    const NOW: i64 = 1_800_000_000;

    fn key() -> SecretString {
        SecretString::from("key-of-the-account")
    }

    fn signed(at: i64, signature: Option<&str>) -> Vec<u8> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(b"key-of-the-account").unwrap();
        mac.update(format!("{at}token").as_bytes());
        let ours = mac.finalize().into_bytes().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        serde_json::to_vec(&serde_json::json!({
            "signature": {"timestamp": at.to_string(), "token": "token", "signature": signature.unwrap_or(&ours)},
            "event-data": {
                "event": "failed", "severity": "permanent", "id": "e1", "recipient": "jo@example.org",
                "delivery-status": {"code": 550, "message": "5.1.1 The email account that you tried to reach does not exist"},
                "message": {"headers": {"message-id": "abc@news.example.org"}},
            },
        }))
        .unwrap()
    }

    #[test]
    fn a_signed_failure_is_a_bounce() {
        let events = read(&signed(NOW, None), &key(), NOW + 5).unwrap().events;
        let found = &events[0].reading.results[0];
        assert_eq!((found.class, found.status.as_deref()), (Class::Hard, Some("5.1.1")));
        assert_eq!(events[0].reading.traces.message_ids, ["abc@news.example.org"]);
    }

    #[test]
    fn forged_and_old_ones_are_refused() {
        assert_eq!(read(&signed(NOW, Some("00")), &key(), NOW), Err(HookError::Forged));
        assert_eq!(read(&signed(NOW, None), &SecretString::from("other"), NOW), Err(HookError::Forged));
        assert_eq!(read(&signed(NOW, None), &key(), NOW + FRESH + 1), Err(HookError::Old));
        assert_eq!(read(b"{}", &key(), NOW), Err(HookError::Malformed));
    }
}
