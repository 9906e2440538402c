//! Amazon SES, version 2 of its API: `SendEmail` with a raw message, signed by Signature Version 4.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{hex, refused};
use crate::mail::mailer::Envelope;
use crate::mail::reply::HandOver;

/// The one address of the API that is used.
const PATH: &str = "/v2/email/outbound-emails";
const JSON: &str = "application/json";

/// An account.
#[derive(Clone)]
pub struct SesSettings {
    /// Such as `eu-west-1`.
    pub region: String,
    /// The id of the access key.
    pub access_key: String,
    /// The key.
    pub secret_key: SecretString,
    /// A configuration set, by which SES tells events apart.
    pub configuration_set: Option<String>,
    /// Where the API is, without a slash at its end.
    pub endpoint: String,
    /// How long one request may take.
    pub timeout: Duration,
}

impl fmt::Debug for SesSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ses({}, {}, ***)", self.endpoint, self.access_key)
    }
}

/// The request for one message.
pub fn request(
    client: &Client,
    settings: &SesSettings,
    envelope: &Envelope<'_>,
    message: &[u8],
    now: DateTime<Utc>,
) -> RequestBuilder {
    let mut body = json!({
        "Destination": { "ToAddresses": [envelope.to.ascii()] },
        "Content": { "Raw": { "Data": STANDARD.encode(message) } },
    });
    if let Some(set) = &settings.configuration_set {
        body["ConfigurationSetName"] = json!(set);
    }
    let body = body.to_string();
    let host = settings.endpoint.split_once("://").map_or("", |(_, host)| host);
    let authorization = authorization(settings, host, body.as_bytes(), now);
    client
        .post(format!("{}{PATH}", settings.endpoint))
        .header(CONTENT_TYPE, JSON)
        .header("X-Amz-Date", stamp(now))
        .header(AUTHORIZATION, authorization)
        .body(body)
}

fn stamp(now: DateTime<Utc>) -> String {
    now.format("%Y%m%dT%H%M%SZ").to_string()
}

/// The `Authorization` header ("Create a signed AWS API request", Signature Version 4).
fn authorization(settings: &SesSettings, host: &str, body: &[u8], now: DateTime<Utc>) -> String {
    let (stamp, day) = (stamp(now), now.format("%Y%m%d").to_string());
    let signed = "content-type;host;x-amz-date";
    let canonical = format!(
        "POST\n{PATH}\n\ncontent-type:{JSON}\nhost:{host}\nx-amz-date:{stamp}\n\n{signed}\n{}",
        hex(&Sha256::digest(body))
    );
    let scope = format!("{day}/{}/ses/aws4_request", settings.region);
    let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let first = format!("AWS4{}", settings.secret_key.expose_secret());
    let mut key = first.into_bytes();
    for part in [day.as_str(), &settings.region, "ses", "aws4_request"] {
        key = mac(&key, part);
    }
    let signature = hex(&mac(&key, &to_sign));
    format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={signed}, Signature={signature}",
        settings.access_key
    )
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Faults that are the account's and not the message's (errors of `SendEmail` in the reference of the API): whoever was to get it gets it once they
/// are mended.
const OF_THE_ACCOUNT: [&str; 4] = [
    "AccountSuspendedException",
    "LimitExceededException",
    "MailFromDomainNotVerifiedException",
    "SendingPausedException",
];

/// What an answer means. `fault`: the header `x-amzn-ErrorType`, which may have an address after a colon.
pub fn verdict(status: StatusCode, fault: &str, text: &str) -> HandOver {
    let answer: Value = serde_json::from_str(text).unwrap_or_default();
    match answer["MessageId"].as_str() {
        Some(id) if status.is_success() => HandOver::accepted(&format!("Ok {id}")),
        _ if status.is_success() => HandOver::InDoubt { why: "the answer names no message".to_owned() },
        _ if OF_THE_ACCOUNT.contains(&fault.split(':').next().unwrap_or_default()) => {
            let words = answer["message"].as_str().or(answer["Message"].as_str()).unwrap_or_default();
            HandOver::negative(454, &format!("4.7.1 {fault} {words}"))
        }
        _ => refused(status, answer["message"].as_str().or(answer["Message"].as_str()).unwrap_or(status.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_signed_as_the_documents_say() {
        let settings = SesSettings {
            region: "us-east-1".into(),
            access_key: "AKIDEXAMPLE".into(),
            secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            configuration_set: None,
            endpoint: "https://email.us-east-1.amazonaws.com".into(),
            timeout: Duration::from_secs(1),
        };
        let now = DateTime::from_timestamp(1_440_938_160, 0).unwrap();
        let said = authorization(&settings, "email.us-east-1.amazonaws.com", b"{}", now);
        // Computed once with an independent implementation (Python's hmac and hashlib).
        let expected = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/ses/aws4_request, \
                        SignedHeaders=content-type;host;x-amz-date, Signature=b503625e599c445a22475858513d0eeea1be5207ca0536be15345410d08b51b1";
        assert_eq!(said, expected);
    }

    #[test]
    fn answers_are_read() {
        let taken = verdict(StatusCode::OK, "", r#"{"MessageId":"0100-abc-000000"}"#);
        assert_eq!(taken, HandOver::accepted("Ok 0100-abc-000000"));
        let said = r#"{"message":"Email address is not verified."}"#;
        assert!(matches!(
            verdict(StatusCode::BAD_REQUEST, "MessageRejected", said),
            HandOver::Refused { code: 554, .. }
        ));
        for status in [StatusCode::TOO_MANY_REQUESTS, StatusCode::FORBIDDEN, StatusCode::BAD_GATEWAY] {
            assert!(matches!(verdict(status, "", "<html>"), HandOver::Deferred { .. }));
        }
        for fault in ["SendingPausedException", "LimitExceededException:http://internal.amazon.com/coral/"] {
            let paused = verdict(StatusCode::BAD_REQUEST, fault, r#"{"message":"Sending paused for this account."}"#);
            assert!(
                matches!(&paused, HandOver::Deferred { .. }),
                "nobody is refused for the account's fault: {paused:?}"
            );
        }
        assert!(matches!(verdict(StatusCode::OK, "", "{}"), HandOver::InDoubt { .. }));
    }
}
