//! Relays that take whole messages over HTTP: Amazon SES and Mailgun. One request a message; retries nothing.
//!
//! Postmark is reached by its SMTP: its API takes no finished message, and ours are finished.

pub mod mailgun;
pub mod ses;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use reqwest::{Client, Response, StatusCode};

use crate::mail::mailer::{Envelope, OpenError};
use crate::mail::reply::{HandOver, kept};
use mailgun::MailgunSettings;
use ses::SesSettings;

/// The present, as the caller's clock tells it: it stands in signatures of requests.
pub type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The most of an answer that is read.
const LONGEST_ANSWER: usize = 64 * 1024;

/// A relay behind an HTTP API.
#[derive(Clone)]
pub struct HttpRelay {
    client: Client,
    api: Arc<Api>,
    now: Now,
}

impl std::fmt::Debug for HttpRelay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpRelay").field("api", &self.api).finish_non_exhaustive()
    }
}

/// Whose API it is.
#[derive(Debug)]
pub enum Api {
    /// Amazon SES, version 2.
    Ses(SesSettings),
    /// Mailgun, version 3.
    Mailgun(MailgunSettings),
}

impl HttpRelay {
    /// Sets up what requests are made with; connects nowhere.
    pub fn new(api: Api, now: Now) -> Result<Self, OpenError> {
        let timeout = match &api {
            Api::Ses(settings) => settings.timeout,
            Api::Mailgun(settings) => settings.timeout,
        };
        let client = Client::builder().timeout(timeout).redirect(reqwest::redirect::Policy::none()).no_proxy().build();
        let failed = |error: reqwest::Error| OpenError::Tls { relay: name(&api), why: error.to_string() };
        Ok(Self { client: client.map_err(failed)?, api: Arc::new(api), now })
    }

    /// Its address, for people.
    pub fn name(&self) -> String {
        name(&self.api)
    }

    /// A way through it; the first message will tell whether it is there.
    pub fn open(&self) -> HttpSession {
        HttpSession { relay: self.clone(), is_broken: false }
    }
}

fn name(api: &Api) -> String {
    match api {
        Api::Ses(settings) => settings.endpoint.clone(),
        Api::Mailgun(settings) => settings.endpoint.clone(),
    }
}

/// An open way.
#[derive(Debug)]
pub struct HttpSession {
    relay: HttpRelay,
    is_broken: bool,
}

impl HttpSession {
    /// Hands over one message and waits for the last word on it.
    pub async fn send(&mut self, envelope: &Envelope<'_>, message: &[u8]) -> HandOver {
        let HttpRelay { client, api, now } = &self.relay;
        let request = match api.as_ref() {
            Api::Ses(settings) => ses::request(client, settings, envelope, message, now()),
            Api::Mailgun(settings) => mailgun::request(client, settings, envelope, message),
        };
        let answered = match request.send().await {
            Ok(response) => answer(response).await,
            Err(error) => Err(error),
        };
        match answered {
            Ok((status, fault, text)) => match api.as_ref() {
                Api::Ses(_) => ses::verdict(status, &fault, &text),
                Api::Mailgun(_) => mailgun::verdict(status, &text),
            },
            Err(error) => {
                self.is_broken = true;
                let why = kept(&in_full(&error));
                // Before there is a connection nothing was said; after that nobody can know.
                if error.is_connect() || error.is_builder() {
                    HandOver::NotHandedOver { why }
                } else {
                    HandOver::InDoubt { why }
                }
            }
        }
    }

    /// Whether the last request failed on the way.
    pub fn is_broken(&self) -> bool {
        self.is_broken
    }
}

/// Status, the kind of fault that Amazon names in a header, and the text.
async fn answer(mut response: Response) -> Result<(StatusCode, String, String), reqwest::Error> {
    let status = response.status();
    let fault = response.headers().get("x-amzn-errortype").and_then(|value| value.to_str().ok());
    let fault = fault.unwrap_or_default().to_owned();
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST_ANSWER {
            break;
        }
    }
    Ok((status, fault, String::from_utf8_lossy(&bytes).into_owned()))
}

/// The error and its causes, without the address of the request.
fn in_full(error: &reqwest::Error) -> String {
    let mut sentence = "no answer".to_owned();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        sentence.push_str(": ");
        sentence.push_str(&error.to_string());
        cause = error.source();
    }
    sentence
}

/// Bytes in lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// What a refusal over HTTP is in the words of SMTP, which the ledger keeps: our own fault or a quota is for later, the rest for never.
fn refused(status: StatusCode, words: &str) -> HandOver {
    match status.as_u16() {
        401 | 403 => HandOver::negative(454, &format!("4.7.8 the key is not accepted: {words}")),
        // Mailgun says that what is there may be missing for a while ("API Response Codes"); of ours it is the domain, at SES the configuration set.
        402 | 404 | 429 => HandOver::negative(454, &format!("4.7.1 {words}")),
        400..=499 => HandOver::negative(554, words),
        _ => HandOver::negative(451, &format!("4.3.0 {words}")),
    }
}

#[cfg(test)]
mod tests;
