//! `preview --serve`: how the coming issue would look, in a browser on the same machine, reloaded when something changes. It changes nothing.
//!
//! What stands in drafts is nobody else's business, so only this machine may ask: connections from elsewhere are refused, and so are requests
//! that came under another host's name (DNS rebinding, by which a foreign page reads from loopback).

mod watch;

pub use watch::{Sources, count_changes};

use crate::domain::tag::Slug;
use crate::domain::text::Line;
use crate::web::error::WebError;
use crate::web::serve::{Peer, serve_streams};
use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch::Receiver;

/// What to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewRequest {
    /// Which newsletter.
    pub newsletter: Slug,
    /// An instant, as a person writes it; now when it is missing.
    pub at: Option<String>,
    /// The address of the reader whose cut it is; everything when it is missing.
    pub reader: Option<String>,
}

/// An issue as it would go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The subject line.
    pub subject: String,
    /// The HTML part; its pictures on the web or under `/media/`.
    pub html: String,
    /// The text part.
    pub text: String,
    /// The whole message.
    pub eml: Vec<u8>,
}

/// What makes the previews. It is called on a thread that may wait.
pub trait Previewer: Send + Sync {
    /// The newsletters with their titles, in the order of the configuration.
    fn newsletters(&self) -> Vec<(Slug, Line)>;
    /// Renders an issue, or says in a sentence why not.
    fn render(&self, request: &PreviewRequest) -> Result<Rendered, String>;
    /// The bytes of a picture that is kept: `SHA256.png` or `.jpg`.
    fn picture(&self, file: &str) -> Option<Vec<u8>>;
}

/// What the preview's pages share.
#[derive(Clone)]
pub struct PreviewState {
    /// Renders.
    pub previewer: Arc<dyn Previewer>,
    /// A count that rises when something changed.
    pub changes: Receiver<u64>,
}

/// The pages of the preview.
pub fn router(state: PreviewState) -> Router {
    Router::new()
        .route("/", get(first))
        .route("/events", get(events))
        .route("/media/{file}", get(picture))
        .route("/{slug}/message.eml", get(message))
        .with_state(state)
        .layer(from_fn(this_machine_only))
}

/// Serves the preview until `shutdown` is ready. Refused on an address that other machines can reach.
pub async fn serve(
    listener: TcpListener,
    state: PreviewState,
    shutdown: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        let reason = format!("the preview shows drafts, so it listens on this machine alone, not on {address}");
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, reason));
    }
    serve_streams(listener, router(state), shutdown).await;
    Ok(())
}

/// Refuses whoever is not on this machine or was led here by another name.
async fn this_machine_only(request: Request, next: Next) -> Response {
    let is_here = request.extensions().get::<Peer>().is_none_or(|peer| peer.0.ip().to_canonical().is_loopback());
    if !is_here || !names_this_machine(request.headers()) {
        let sentence = "The preview is shown on this machine alone. Open it as http://localhost with its port.\n";
        return (StatusCode::MISDIRECTED_REQUEST, sentence).into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Whether the one `Host` line is a name of loopback. No name at all is a program that says nothing of where it was led.
fn names_this_machine(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(header::HOST).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return false };
    let Ok(authority) = Authority::try_from(line.as_bytes()) else { return false };
    matches!(authority.host(), "localhost" | "127.0.0.1" | "[::1]") && !line.as_bytes().contains(&b'@')
}

/// What the query of every page may say.
#[derive(Debug, Default, Deserialize)]
struct Question {
    #[serde(default)]
    at: String,
    #[serde(default, rename = "as")]
    reader: String,
}

impl Question {
    fn about(self, newsletter: Slug) -> PreviewRequest {
        let said = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        PreviewRequest { newsletter, at: said(self.at), reader: said(self.reader) }
    }
}

/// `GET /`: the first newsletter.
async fn first(State(state): State<PreviewState>) -> Result<Redirect, WebError> {
    let newsletters = state.previewer.newsletters();
    let (slug, _) = newsletters.first().ok_or(WebError::NotFound)?;
    Ok(Redirect::to(&format!("/{slug}")))
}

/// Renders on a thread that may wait.
async fn render(state: &PreviewState, slug: &str, question: Question) -> Result<Result<Rendered, String>, WebError> {
    let slug = Slug::parse(slug).map_err(|_| WebError::NotFound)?;
    let previewer = Arc::clone(&state.previewer);
    if !previewer.newsletters().iter().any(|(known, _)| *known == slug) {
        return Err(WebError::NotFound);
    }
    let request = question.about(slug);
    let rendering = tokio::task::spawn_blocking(move || previewer.render(&request));
    Ok(rendering.await.unwrap_or_else(|_| Err("the preview stopped in the middle of its work".to_owned())))
}

/// `GET /SLUG/message.eml`: the whole message, for a mail program.
async fn message(
    State(state): State<PreviewState>,
    Path(slug): Path<String>,
    Query(question): Query<Question>,
) -> Result<Response, WebError> {
    let headers =
        [(header::CONTENT_TYPE, "message/rfc822"), (header::CONTENT_DISPOSITION, "attachment; filename=\"issue.eml\"")];
    Ok(match render(&state, &slug, question).await? {
        Ok(rendered) => (headers, rendered.eml).into_response(),
        Err(sentence) => problem(&sentence),
    })
}

/// `GET /media/FILE`: a picture that is kept, wherever the public address of the newsletter may lead.
async fn picture(State(state): State<PreviewState>, Path(file): Path<String>) -> Result<Response, WebError> {
    let media_type = crate::web::media::media_type(&file).ok_or(WebError::NotFound)?;
    let previewer = Arc::clone(&state.previewer);
    let bytes = tokio::task::spawn_blocking(move || previewer.picture(&file)).await.ok().flatten();
    Ok(([(header::CONTENT_TYPE, media_type)], bytes.ok_or(WebError::NotFound)?).into_response())
}

/// A sentence in place of an issue.
fn problem(sentence: &str) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], format!("{sentence}\n"))
        .into_response()
}

/// `GET /events`: an event `change` whenever something is different (server-sent events; the page asks for itself anew).
async fn events(State(state): State<PreviewState>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(changes(state.changes)).keep_alive(KeepAlive::default())
}

/// One event for each change from now on; the stream ends with the watcher.
fn changes(mut counts: Receiver<u64>) -> impl Stream<Item = Result<Event, Infallible>> {
    counts.mark_unchanged();
    stream::unfold(counts, |mut counts| async move {
        counts.changed().await.ok()?;
        let count = *counts.borrow_and_update();
        Some((Ok(Event::default().event("change").data(count.to_string())), counts))
    })
}
