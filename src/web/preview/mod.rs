//! `preview --serve`: how the coming issue would look, in a browser on the same machine, reloaded when something changes. It changes nothing.
//!
//! What stands in drafts is nobody else's business, so only this machine may ask: connections from elsewhere are refused, and so are requests
//! that came under another host's name (DNS rebinding, by which a foreign page reads from loopback).

mod watch;

pub use watch::{Sources, count_changes};

use crate::domain::tag::Slug;
use crate::domain::text::Line;
use crate::store::StoreError;
use crate::templates::preview::{self, Reasoned, Showing};
use crate::web::error::WebError;
use crate::web::page::html_page;
use crate::web::serve::{Peer, serve_streams};
use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use sha2::{Digest, Sha256};
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
    /// One line about it: number, stories, size.
    pub line: String,
    /// The HTML part; its pictures under `/media/` or on the web.
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
    /// Why each story stands where it does in that issue, or does not; or in a sentence why that cannot be told.
    fn reasons(&self, request: &PreviewRequest) -> Result<Vec<Reasoned>, String>;
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
        .route("/", get(shell))
        .route("/view/html", get(html))
        .route("/view/text", get(text))
        .route("/view/why", get(why))
        .route("/message.eml", get(message))
        .route("/media/{file}", get(picture))
        .route("/events", get(events))
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
    let is_ours = |name: &&str| authority.host().eq_ignore_ascii_case(name);
    ["localhost", "127.0.0.1", "[::1]"].iter().any(is_ours) && !line.as_bytes().contains(&b'@')
}

/// What the query of every page may say.
#[derive(Debug, Clone, Default, Deserialize)]
struct Question {
    #[serde(default)]
    newsletter: String,
    #[serde(default)]
    at: String,
    #[serde(default, rename = "as")]
    reader: String,
    /// `1` for the view in the dark.
    #[serde(default)]
    dark: String,
    /// `0` for the view without pictures.
    #[serde(default)]
    images: String,
}

impl Question {
    /// What it asks for; the first newsletter when it names none. `None` when it names one that there is not.
    fn request(&self, newsletters: &[(Slug, Line)]) -> Option<PreviewRequest> {
        let named = |(slug, _): &&(Slug, Line)| self.newsletter.is_empty() || slug.as_str() == self.newsletter;
        let (newsletter, _) = newsletters.iter().find(named)?;
        let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Some(PreviewRequest { newsletter: newsletter.clone(), at: said(&self.at), reader: said(&self.reader) })
    }
}

/// An answer to a question: which newsletters there are, what was asked for, and the issue or the reason why there is none.
struct Answer {
    newsletters: Vec<(Slug, Line)>,
    request: PreviewRequest,
    rendered: Result<Rendered, String>,
}

/// Renders on a thread that may wait.
async fn render(state: &PreviewState, question: &Question) -> Result<Answer, WebError> {
    let (previewer, question) = (Arc::clone(&state.previewer), question.clone());
    let rendering = tokio::task::spawn_blocking(move || {
        let newsletters = previewer.newsletters();
        let request = question.request(&newsletters)?;
        let rendered = previewer.render(&request);
        Some(Answer { newsletters, request, rendered })
    });
    match rendering.await {
        Ok(answer) => answer.ok_or(WebError::NotFound),
        Err(_) => Err(stopped()),
    }
}

fn stopped() -> WebError {
    StoreError::Unexpected("the preview stopped in the middle of its work".to_owned()).into()
}

/// `GET /`: the shell with its five views.
async fn shell(State(state): State<PreviewState>, Query(question): Query<Question>) -> Result<Response, WebError> {
    let answer = render(&state, &question).await?;
    let newsletters: Vec<(&str, &str)> =
        answer.newsletters.iter().map(|(slug, title)| (slug.as_str(), title.as_str())).collect();
    let page = preview::shell(Showing {
        newsletters: &newsletters,
        selected: answer.request.newsletter.as_str(),
        at: answer.request.at.as_deref(),
        reader: answer.request.reader.as_deref(),
        line: answer.rendered.as_ref().map_or_else(String::as_str, |rendered| rendered.line.as_str()),
    });
    Ok(with_policy(&shell_policy(), html_page(page)))
}

/// `GET /view/html`: the digest in its frame, also as it stands in the dark or without pictures.
async fn html(State(state): State<PreviewState>, Query(question): Query<Question>) -> Result<Response, WebError> {
    let rendered = match render(&state, &question).await?.rendered {
        Ok(rendered) => rendered,
        Err(sentence) => return Ok(problem(&sentence)),
    };
    let mut page = preview::framed(&rendered.html);
    if question.dark == "1" {
        page = preview::darkened(&page);
    }
    if question.images == "0" {
        page = preview::without_images(&page);
    }
    Ok(with_policy(VIEW_POLICY, html_page(page)))
}

/// `GET /view/text`: the text part.
async fn text(State(state): State<PreviewState>, Query(question): Query<Question>) -> Result<Response, WebError> {
    let rendered = match render(&state, &question).await?.rendered {
        Ok(rendered) => rendered,
        Err(sentence) => return Ok(problem(&sentence)),
    };
    let text = ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], rendered.text).into_response();
    Ok(with_policy(VIEW_POLICY, text))
}

/// `GET /view/why`: why each story stands where it does, or does not.
async fn why(State(state): State<PreviewState>, Query(question): Query<Question>) -> Result<Response, WebError> {
    let telling = tokio::task::spawn_blocking(move || {
        let request = question.request(&state.previewer.newsletters())?;
        Some(state.previewer.reasons(&request))
    });
    let told = telling.await.map_err(|_| stopped())?.ok_or(WebError::NotFound)?;
    Ok(match told {
        Ok(stories) => with_policy(VIEW_POLICY, html_page(preview::reasons(&stories))),
        Err(sentence) => problem(&sentence),
    })
}

/// `GET /message.eml`: the whole message, for a mail program.
async fn message(State(state): State<PreviewState>, Query(question): Query<Question>) -> Result<Response, WebError> {
    let headers =
        [(header::CONTENT_TYPE, "message/rfc822"), (header::CONTENT_DISPOSITION, "attachment; filename=\"issue.eml\"")];
    Ok(match render(&state, &question).await?.rendered {
        Ok(rendered) => (headers, rendered.eml).into_response(),
        Err(sentence) => problem(&sentence),
    })
}

/// The views may show themselves inside the shell, and run nothing.
const VIEW_POLICY: &str = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
    style-src 'unsafe-inline'; img-src 'self' https: data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

/// The shell runs its one script, named by its hash, and frames the views.
fn shell_policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(preview::RELOAD.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{hash}'; style-src 'unsafe-inline'; frame-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

fn with_policy(policy: &str, mut response: Response) -> Response {
    if let Ok(policy) = HeaderValue::from_str(policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
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
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    let said = (StatusCode::UNPROCESSABLE_ENTITY, headers, format!("{sentence}\n"));
    with_policy(VIEW_POLICY, said.into_response())
}

/// `GET /events`: a message whenever something is different (server-sent events); the shell then reloads its views.
async fn events(State(state): State<PreviewState>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(changes(state.changes)).keep_alive(KeepAlive::default())
}

/// One event for each change from now on; the stream ends with the watcher.
fn changes(mut counts: Receiver<u64>) -> impl Stream<Item = Result<Event, Infallible>> {
    counts.mark_unchanged();
    stream::unfold(counts, |mut counts| async move {
        counts.changed().await.ok()?;
        let count = *counts.borrow_and_update();
        Some((Ok(Event::default().data(count.to_string())), counts))
    })
}
