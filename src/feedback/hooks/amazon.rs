//! Amazon SES through SNS: a notification as JSON, signed with RSA by a certificate that lies at an address of Amazon's. The address is checked before
//! anything is fetched from it; the topic must be one of ours.

use super::{Event, FRESH, HookError, Told, bare_id, complained, event, finding, mark, text};
use crate::domain::refusal::Cause;
use crate::feedback::addresses;
use crate::feedback::reading::{Action, Finding, Kind, Traces};
use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use serde_json::Value;
use url::Url;

/// A message of SNS whose signature was not verified yet.
#[derive(Debug, Clone)]
pub struct Unverified {
    value: Value,
    /// Where the certificate lies: an address of Amazon's.
    pub certificate: Url,
}

/// What a verified message asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Events of ours.
    Events(Vec<Event>),
    /// To confirm that we want a topic, by a visit to this address of Amazon's.
    Confirm(Url),
}

/// Reads a message that a topic of ours claims to have sent.
pub fn read(body: &[u8], topics: &[String]) -> Result<Unverified, HookError> {
    let value: Value = serde_json::from_slice(body).map_err(|_| HookError::Malformed)?;
    if !topics.iter().any(|topic| topic == text(&value, "TopicArn")) {
        return Err(HookError::NotConfigured);
    }
    let certificate = amazons(text(&value, "SigningCertURL"))
        .filter(|url| url.path().rsplit_once('.').is_some_and(|(_, end)| end == "pem"));
    Ok(Unverified { certificate: certificate.ok_or(HookError::Forged)?, value })
}

/// An https address on a host of SNS; anybody may have a bucket elsewhere below amazonaws.com.
fn amazons(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let host = url.host_str()?;
    let region = host.strip_prefix("sns.")?;
    let region = region.strip_suffix(".amazonaws.com").or_else(|| region.strip_suffix(".amazonaws.com.cn"))?;
    let is_region = !region.is_empty() && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (is_region && url.scheme() == "https" && url.port().is_none() && url.username().is_empty()).then_some(url)
}

impl Unverified {
    /// Verifies it with the certificate and says what it asks for.
    pub fn verify(&self, certificate_pem: &str, now: i64) -> Result<Message, HookError> {
        let key = key_of(certificate_pem).ok_or(HookError::Forged)?;
        let algorithm: &dyn VerificationAlgorithm = match text(&self.value, "SignatureVersion") {
            "1" => &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            "2" => &RSA_PKCS1_2048_8192_SHA256,
            _ => return Err(HookError::Malformed),
        };
        let signature = STANDARD.decode(text(&self.value, "Signature")).map_err(|_| HookError::Forged)?;
        let signed = self.signed().ok_or(HookError::Malformed)?;
        UnparsedPublicKey::new(algorithm, &key).verify(signed.as_bytes(), &signature).map_err(|_| HookError::Forged)?;
        let at = DateTime::parse_from_rfc3339(text(&self.value, "Timestamp")).map_err(|_| HookError::Malformed)?;
        // SNS tries again for up to an hour, with the same time stamp.
        if (now - at.timestamp()).abs() > FRESH + 3_600 {
            return Err(HookError::Old);
        }
        match text(&self.value, "Type") {
            "SubscriptionConfirmation" => {
                amazons(text(&self.value, "SubscribeURL")).map(Message::Confirm).ok_or(HookError::Forged)
            }
            "Notification" => Ok(Message::Events(events(text(&self.value, "Message")))),
            _ => Ok(Message::Events(Vec::new())),
        }
    }

    /// The string that SNS signs: names and values of some fields in their order, a line each.
    fn signed(&self) -> Option<String> {
        let names: &[&str] = match text(&self.value, "Type") {
            "Notification" => &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
            "SubscriptionConfirmation" | "UnsubscribeConfirmation" => {
                &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
            }
            _ => return None,
        };
        let fields = names.iter().filter_map(|name| Some(format!("{name}\n{}\n", self.value.get(*name)?.as_str()?)));
        Some(fields.collect())
    }
}

/// The `SubjectPublicKeyInfo` of an X.509 certificate in PEM form: its seventh field at most, behind an optional version (RFC 5280, section 4.1).
fn key_of(pem: &str) -> Option<Vec<u8>> {
    let body = pem.split_once("-----BEGIN CERTIFICATE-----")?.1.split_once("-----END CERTIFICATE-----")?.0;
    let der = STANDARD.decode(body.split_whitespace().collect::<String>()).ok()?;
    let (_, certificate, _) = element(&der)?;
    let (_, mut rest, _) = element(certificate)?;
    let mut fields = Vec::new();
    while let Some((whole, _, after)) = element(rest) {
        fields.push(whole);
        rest = after;
    }
    let has_version = fields.first()?.first() == Some(&0xa0);
    fields.get(if has_version { 6 } else { 5 }).map(|key| key.to_vec())
}

/// An element of DER: all of it, its content, and what follows.
fn element(der: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let first = usize::from(*der.get(1)?);
    let (head, length) = match first {
        0..=0x7f => (2, first),
        0x81..=0x83 => {
            let octets = der.get(2..2 + (first - 0x80))?;
            (2 + octets.len(), octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)))
        }
        _ => return None,
    };
    let end = head.checked_add(length).filter(|end| *end <= der.len())?;
    Some((&der[..end], &der[head..end], &der[end..]))
}

/// The events of a notification of SES, one for each recipient.
fn events(message: &str) -> Vec<Event> {
    let Ok(value) = serde_json::from_str::<Value>(message) else { return Vec::new() };
    let kind = [text(&value, "notificationType"), text(&value, "eventType")].concat();
    let list = |at: &str| value.pointer(at).and_then(Value::as_array).cloned().unwrap_or_default();
    let build = |kind, id: &str, finding: Finding| {
        let id = format!("{id} {}", finding.recipient.clone().unwrap_or_default());
        event(mark("ses", &id), kind, vec![finding], traces(&value))
    };
    match kind.as_str() {
        "Bounce" => {
            let bounce = value.get("bounce").unwrap_or(&Value::Null);
            let known = cause(text(bounce, "bounceType"), text(bounce, "bounceSubType"));
            let each = list("/bounce/bouncedRecipients");
            each.iter()
                .map(|one| build(Kind::Bounce, text(bounce, "feedbackId"), bounced(one, known, Action::Failed)))
                .collect()
        }
        "Complaint" => {
            let complaint = value.get("complaint").unwrap_or(&Value::Null);
            // SES keeps a list of its own; what is on it never left.
            if text(complaint, "complaintSubType") == "OnAccountSuppressionList"
                || text(complaint, "complaintFeedbackType") == "not-spam"
            {
                return Vec::new();
            }
            let each = list("/complaint/complainedRecipients");
            each.iter()
                .map(|one| build(Kind::Complaint, text(complaint, "feedbackId"), complained(text(one, "emailAddress"))))
                .collect()
        }
        "DeliveryDelay" => {
            let id = text(value.get("mail").unwrap_or(&Value::Null), "messageId").to_owned();
            let each = list("/deliveryDelay/delayedRecipients");
            each.iter()
                .map(|one| build(Kind::Delay, &format!("{id} delay"), bounced(one, None, Action::Delayed)))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn cause(kind: &str, sub: &str) -> Option<Cause> {
    match (kind, sub) {
        ("Permanent", "General" | "NoEmail") => Some(Cause::NoMailbox),
        (_, "Suppressed" | "OnAccountSuppressionList" | "UnsubscribedRecipient") => Some(Cause::Restricted),
        (_, "MailboxFull") => Some(Cause::Full),
        (_, "MessageTooLarge") => Some(Cause::TooLarge),
        (_, "ContentRejected" | "AttachmentRejected") => Some(Cause::Content),
        _ => None,
    }
}

fn bounced(one: &Value, known: Option<Cause>, action: Action) -> Finding {
    let told = Told {
        recipient: text(one, "emailAddress"),
        status: text(one, "status"),
        words: text(one, "diagnosticCode"),
        known,
        action,
    };
    finding(&told)
}

/// SES calls the mail by the name that it gave when it took it. Our Message-ID stands in the headers, if SES was told to include them; the return
/// path as `source`.
fn traces(value: &Value) -> Traces {
    let mail = value.get("mail").unwrap_or(&Value::Null);
    let headers = mail.get("headers").and_then(Value::as_array).cloned().unwrap_or_default();
    let ids = headers.iter().filter(|header| text(header, "name").eq_ignore_ascii_case("message-id"));
    Traces {
        sent_to: addresses::all(text(mail, "source")),
        relay_ids: bare_id(text(mail, "messageId")),
        message_ids: ids.flat_map(|header| bare_id(text(header, "value"))).collect(),
        ..Traces::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::refusal::Class;
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};

    const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:returned";

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let mut out = vec![tag, 0x82, (length >> 8) as u8, length as u8];
        out.extend(content);
        out
    }

    /// A certificate as far as its key goes.
    fn certificate(spki: &[u8]) -> String {
        let mut fields = der(0xa0, &[2, 1, 2]);
        for _ in 0..5 {
            fields.extend(der(0x30, &[]));
        }
        fields.extend(spki);
        let whole = der(0x30, &der(0x30, &fields));
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(whole))
    }

    fn sns(kind: &str, message: &str, pair: &KeyPair) -> Value {
        let mut value = serde_json::json!({
            "Type": kind, "MessageId": "1", "TopicArn": TOPIC, "Message": message, "Timestamp": "2026-11-25T12:00:00.000Z",
            "SignatureVersion": "2", "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
            "Token": "t", "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
        });
        let signed = Unverified { certificate: Url::parse("https://x.example").unwrap(), value: value.clone() }
            .signed()
            .unwrap();
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        value["Signature"] = STANDARD.encode(signature).into();
        value
    }

    fn now() -> i64 {
        DateTime::parse_from_rfc3339("2026-11-25T12:01:00Z").unwrap().timestamp()
    }

    #[test]
    fn a_signed_notification_is_read_and_altered_or_old_ones_refused() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let spki = pair.public_key().as_der().unwrap();
        let certificate = certificate(spki.as_ref());
        let bounce = r#"{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General","feedbackId":"f","bouncedRecipients":[{"emailAddress":"jo@example.org","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]},"mail":{"messageId":"0100-abc","source":"bounces+abc@news.example.org"}}"#;
        let value = sns("Notification", bounce, &pair);
        let topics = [TOPIC.to_owned()];
        let read_value = |value: &Value| read(&serde_json::to_vec(value).unwrap(), &topics);
        let Ok(Message::Events(events)) = read_value(&value).unwrap().verify(&certificate, now()) else {
            panic!("no events")
        };
        assert_eq!(events[0].reading.results[0].class, Class::Hard);
        assert_eq!(events[0].reading.traces.relay_ids, ["0100-abc"]);
        assert_eq!(events[0].reading.traces.sent_to, ["bounces+abc@news.example.org"]);
        let mut altered = value.clone();
        altered["Message"] = bounce.replace("jo@", "al@").into();
        assert_eq!(read_value(&altered).unwrap().verify(&certificate, now()), Err(HookError::Forged));
        assert_eq!(read_value(&value).unwrap().verify(&certificate, now() + 90_000), Err(HookError::Old));
        assert_eq!(read(&serde_json::to_vec(&value).unwrap(), &[]).unwrap_err(), HookError::NotConfigured);
        let confirm =
            read_value(&sns("SubscriptionConfirmation", "please", &pair)).unwrap().verify(&certificate, now());
        assert!(matches!(confirm, Ok(Message::Confirm(url)) if url.host_str() == Some("sns.eu-west-1.amazonaws.com")));
    }

    #[test]
    fn a_certificate_elsewhere_is_not_fetched() {
        for url in [
            "http://sns.eu-west-1.amazonaws.com/x.pem",
            "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem",
            "https://evil.s3.amazonaws.com/x.pem",
            "https://sns.evil.example/.amazonaws.com/x.pem",
            "https://sns.eu-west-1.amazonaws.com:8443/x.pem",
            "https://sns.a.b.amazonaws.com/x.pem",
            "https://u@sns.eu-west-1.amazonaws.com/x.pem",
        ] {
            assert_eq!(amazons(url), None, "{url}");
        }
    }
}
