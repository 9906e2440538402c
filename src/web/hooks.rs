//! What providers post when mail came back: `/hooks/amazon`, `/hooks/postmark`, `/hooks/mailgun`, `/hooks/sendgrid`. Only what is signed as each
//! documents it is taken; everything else gets a status and changes nothing.

use crate::feedback::hooks::{Event, FRESH, HookError, Hooks, amazon, mailgun, postmark, sendgrid};
use crate::feedback::rules::{Arrival, Finder, carry_out};
use crate::store::StoreError;
use crate::web::{WebError, WebState};
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// More than any provider posts at once.
const LARGEST: usize = 4 << 20;

/// `POST /hooks/PROVIDER`.
pub(super) async fn take(
    State(state): State<WebState>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, WebError> {
    let body = to_bytes(body, LARGEST).await.map_err(|_| WebError::TooLarge)?;
    let site = state.site();
    let (origin, read) = match provider.as_str() {
        "amazon" => ("ses", from_amazon(&state, &body, &site.hooks).await),
        "postmark" => ("postmark", from_postmark(&body, &headers, &site.hooks)),
        "mailgun" => ("mailgun", from_mailgun(&state, &body, &site.hooks)),
        "sendgrid" => ("sendgrid", from_sendgrid(&body, &headers, &site.hooks, state.now().timestamp())),
        _ => return Err(WebError::NotFound),
    };
    match read {
        Ok(events) => {
            carry_out_all(&state, origin, events).await?;
            Ok((StatusCode::OK, "taken\n").into_response())
        }
        Err(error) => {
            tracing::warn!(origin, "a webhook was refused: {error}");
            Ok((refused(error), format!("{error}\n")).into_response())
        }
    }
}

fn refused(error: HookError) -> StatusCode {
    match error {
        HookError::NotConfigured => StatusCode::NOT_FOUND,
        HookError::Malformed => StatusCode::BAD_REQUEST,
        HookError::Forged | HookError::Replayed | HookError::Old => StatusCode::FORBIDDEN,
    }
}

async fn carry_out_all(state: &WebState, origin: &'static str, events: Vec<Event>) -> Result<(), WebError> {
    let (site, now) = (state.site(), state.now());
    state
        .with_store(move |store| {
            let finder = Finder { keyring: &site.keyring, path: site.returns.as_ref() };
            for event in &events {
                let arrival = Arrival {
                    origin,
                    fingerprint: event.fingerprint,
                    reading: &event.reading,
                    at: now,
                    is_signed: true,
                };
                carry_out(store, finder, &arrival)?;
            }
            Ok::<_, StoreError>(())
        })
        .await
}

fn named<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn from_postmark(body: &[u8], headers: &HeaderMap, hooks: &Hooks) -> Result<Vec<Event>, HookError> {
    let password = hooks.postmark_password.as_ref().ok_or(HookError::NotConfigured)?;
    postmark::read(body, named(headers, header::AUTHORIZATION.as_str()), password)
}

/// Mailgun signs no content: a signature that was used is good for the same content alone, which is a retry.
fn from_mailgun(state: &WebState, body: &[u8], hooks: &Hooks) -> Result<Vec<Event>, HookError> {
    let now = state.now().timestamp();
    let signed = mailgun::read(body, hooks.mailgun_key.as_ref().ok_or(HookError::NotConfigured)?, now)?;
    if !state.visits().is_first(&signed.token, Sha256::digest(body).into(), now, now + 2 * FRESH) {
        return Err(HookError::Replayed);
    }
    Ok(signed.events)
}

fn from_sendgrid(body: &[u8], headers: &HeaderMap, hooks: &Hooks, now: i64) -> Result<Vec<Event>, HookError> {
    let key = hooks.sendgrid_key.as_ref().ok_or(HookError::NotConfigured)?;
    let timestamp = named(headers, "x-twilio-email-event-webhook-timestamp");
    sendgrid::read(body, timestamp, named(headers, "x-twilio-email-event-webhook-signature"), key, now)
}

/// The certificate is fetched from the address that was checked to be Amazon's, and a topic of ours is confirmed there.
async fn from_amazon(state: &WebState, body: &[u8], hooks: &Hooks) -> Result<Vec<Event>, HookError> {
    let unverified = amazon::read(body, &hooks.amazon_topics)?;
    let certificate = state.visits().certificate(&unverified.certificate).await.ok_or(HookError::Forged)?;
    match unverified.verify(&String::from_utf8_lossy(&certificate), state.now().timestamp())? {
        amazon::Message::Events(events) => Ok(events),
        amazon::Message::Confirm(url) => {
            let confirmed = state.visits().look(url).await.is_some();
            tracing::info!(confirmed, "a topic of Amazon SNS asked for confirmation");
            Ok(Vec::new())
        }
    }
}
