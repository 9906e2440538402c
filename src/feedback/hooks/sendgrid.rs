//! `SendGrid`: a list of events as JSON, signed with ECDSA on P-256 over timestamp and body.

use super::{Event, FRESH, HookError, Told, bare_id, complained, event, finding, mark, text};
use crate::domain::refusal::Cause;
use crate::feedback::reading::{Action, Kind, Traces};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// An uncompressed point on P-256: a byte 4, then x and y.
const POINT: usize = 65;

/// Reads the verification key that `SendGrid` shows: base64 of a `SubjectPublicKeyInfo`, whose end is the point.
pub fn public_key(text: &str) -> Result<Vec<u8>, String> {
    let bytes = STANDARD.decode(text.trim()).map_err(|_| "is not base64 text".to_owned())?;
    let point = bytes.last_chunk::<POINT>().filter(|point| point[0] == 4);
    point.map(|point| point.to_vec()).ok_or_else(|| "is not a public key on P-256, as SendGrid shows it".to_owned())
}

/// The events of a request, but for those that say nothing about a reader.
pub fn read(body: &[u8], timestamp: &str, signature: &str, key: &[u8], now: i64) -> Result<Vec<Event>, HookError> {
    let given = STANDARD.decode(signature.trim()).map_err(|_| HookError::Forged)?;
    let signed = [timestamp.as_bytes(), body].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key).verify(&signed, &given).map_err(|_| HookError::Forged)?;
    let at: i64 = timestamp.parse().map_err(|_| HookError::Malformed)?;
    if (now - at).abs() > FRESH {
        return Err(HookError::Old);
    }
    let events: Vec<Value> = serde_json::from_slice(body).map_err(|_| HookError::Malformed)?;
    Ok(events.iter().filter_map(of).collect())
}

fn of(value: &Value) -> Option<Event> {
    let recipient = text(value, "email");
    let fingerprint = mark("sendgrid", text(value, "sg_event_id"));
    let traces = Traces {
        relay_ids: relay_id(text(value, "sg_message_id")),
        message_ids: bare_id(text(value, "smtp-id")),
        ..Traces::default()
    };
    let words = format!("{} {}", text(value, "reason"), text(value, "response"));
    let told = |known, action| Told { recipient, status: text(value, "status"), words: words.trim(), known, action };
    match text(value, "event") {
        "spamreport" => Some(event(fingerprint, Kind::Complaint, vec![complained(recipient)], traces)),
        "bounce" | "blocked" => {
            let blocked = text(value, "type") == "blocked" || text(value, "event") == "blocked";
            let told = told(blocked.then_some(Cause::Reputation), Action::Failed);
            Some(event(fingerprint, Kind::Bounce, vec![finding(&told)], traces))
        }
        // Not sent at all, for SendGrid's own list says that it would come back.
        "dropped" => {
            let told = told(Some(Cause::Restricted), Action::Failed);
            Some(event(fingerprint, Kind::Bounce, vec![finding(&told)], traces))
        }
        "deferred" => Some(event(fingerprint, Kind::Delay, vec![finding(&told(None, Action::Delayed))], traces)),
        _ => None,
    }
}

/// The name that was given when the mail was taken, without what the machines behind have added (`NAME.filter0001.123.ABC-0`).
fn relay_id(text: &str) -> Vec<String> {
    bare_id(text.split_once('.').map_or(text, |(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::refusal::Class;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

    const NOW: i64 = 1_800_000_000;
    const BODY: &[u8] = br#"[{"email":"jo@example.org","event":"bounce","sg_event_id":"e1","sg_message_id":"Q1w2e3r4T5y6.filter0001p1las1-7434-5A6B-1.0","smtp-id":"<abc@news.example.org>","status":"5.1.1","type":"bounce","reason":"550 5.1.1 no such user"},{"event":"delivered"}]"#;

    #[test]
    fn signed_events_are_read_and_others_refused() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let stamp = NOW.to_string();
        let sign = |bytes: &[u8]| {
            let signed = [stamp.as_bytes(), bytes].concat();
            STANDARD.encode(pair.sign(&SystemRandom::new(), &signed).unwrap())
        };
        let key = pair.public_key().as_ref();
        let events = read(BODY, &stamp, &sign(BODY), key, NOW).unwrap();
        assert_eq!((events.len(), events[0].reading.results[0].class), (1, Class::Hard));
        assert_eq!(events[0].reading.traces.relay_ids, ["Q1w2e3r4T5y6"]);
        assert_eq!(read(BODY, &stamp, &sign(b"[]"), key, NOW), Err(HookError::Forged));
        assert_eq!(read(BODY, "1", &sign(BODY), key, NOW), Err(HookError::Forged));
        assert_eq!(read(BODY, &stamp, &sign(BODY), key, NOW + FRESH + 1), Err(HookError::Old));
    }

    #[test]
    fn a_key_that_is_none_is_named() {
        assert!(public_key("hello").is_err() && public_key(&STANDARD.encode([1; 91])).is_err());
    }
}
