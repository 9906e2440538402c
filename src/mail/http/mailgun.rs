//! Mailgun, version 3 of its API: `messages.mime`, a form with the recipient and the finished message.

use std::fmt;
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{hex, refused};
use crate::mail::mailer::Envelope;
use crate::mail::reply::HandOver;

/// A domain of an account.
#[derive(Clone)]
pub struct MailgunSettings {
    /// The domain as Mailgun knows it.
    pub domain: String,
    /// The API key.
    pub key: SecretString,
    /// Where the API is, without a slash at its end; accounts in the European Union have another than the others.
    pub endpoint: String,
    /// How long one request may take.
    pub timeout: Duration,
}

impl fmt::Debug for MailgunSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mailgun({}, {}, ***)", self.endpoint, self.domain)
    }
}

/// The request for one message.
pub fn request(client: &Client, settings: &MailgunSettings, envelope: &Envelope<'_>, message: &[u8]) -> RequestBuilder {
    // Derived from the message, so it cannot stand in it.
    let boundary = hex(&Sha256::digest(message)[..16]);
    client
        .post(format!("{}/v3/{}/messages.mime", settings.endpoint, settings.domain))
        .basic_auth("api", Some(settings.key.expose_secret()))
        .header(CONTENT_TYPE, format!("multipart/form-data; boundary={boundary}"))
        .body(form(&boundary, &envelope.to.ascii(), message))
}

/// A form of two fields (RFC 7578).
fn form(boundary: &str, to: &str, message: &[u8]) -> Vec<u8> {
    let mut form = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\n{to}\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"message\"; filename=\"message.eml\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    form.extend_from_slice(message);
    form.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    form
}

/// What an answer means.
pub fn verdict(status: StatusCode, text: &str) -> HandOver {
    let answer: Value = serde_json::from_str(text).unwrap_or_default();
    match answer["id"].as_str() {
        Some(id) if status.is_success() => HandOver::Accepted { reply: format!("Queued {}", id.trim()) },
        _ if status.is_success() => HandOver::InDoubt { why: "the answer names no message".to_owned() },
        _ => refused(status, answer["message"].as_str().unwrap_or(status.as_str())),
    }
}
