//! What goes wrong at the desk, as a page that says it in a sentence. Editors are told more than visitors: what was refused, and why.

use super::{Desk, host};
use crate::app::AppError;
use crate::domain::editor::PasswordError;
use crate::domain::look::LookError;
use crate::editors::EditorError;
use crate::store::StoreError;
use crate::templates::desk::{Page, notice};
use crate::web::WebError;
use crate::web::page::html_page;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Why a request to the desk was not done.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// There is no such page.
    #[error("there is no such page")]
    NotFound,
    /// The form does not carry the token of this session, or came from elsewhere.
    #[error("a form came without its token, or from another site")]
    Forged,
    /// The form does not say what it should.
    #[error("a form could not be read: {0}")]
    Form(&'static str),
    /// A verb refused, in words for the editor.
    #[error("{0}")]
    Refused(String),
    /// A link for outsiders that shows nothing any more.
    #[error(transparent)]
    Look(#[from] LookError),
    /// A password that may not be chosen.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// Signing in and the like.
    #[error(transparent)]
    Editor(#[from] EditorError),
    /// The program.
    #[error(transparent)]
    App(#[from] AppError),
    /// The request itself.
    #[error(transparent)]
    Web(#[from] WebError),
    /// The work stopped in the middle: a fault of ours.
    #[error("a request stopped in the middle of its work; this is a bug")]
    Panicked,
}

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl From<crate::publish::PublishError> for DeskError {
    fn from(error: crate::publish::PublishError) -> Self {
        Self::App(error.into())
    }
}

/// What the page says; marks a response that is still without words.
#[derive(Debug, Clone)]
struct Words {
    title: &'static str,
    sentence: String,
}

impl DeskError {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::Look(_) => StatusCode::NOT_FOUND,
            Self::Forged => StatusCode::FORBIDDEN,
            Self::Form(_) | Self::Password(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::Editor(EditorError::TooMany) => StatusCode::TOO_MANY_REQUESTS,
            Self::Editor(EditorError::Store(_)) | Self::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Editor(_) => StatusCode::UNPROCESSABLE_ENTITY,
            // What the program says of itself is meant for people: no issue, no key, no such newsletter.
            Self::App(AppError::Store(StoreError::Busy(_))) => StatusCode::SERVICE_UNAVAILABLE,
            Self::App(AppError::Store(_)) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::App(_) => StatusCode::CONFLICT,
            Self::Web(WebError::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Web(_) => StatusCode::BAD_REQUEST,
        }
    }

    fn words(&self) -> Words {
        let (title, sentence) = match self {
            Self::NotFound => ("There is no such page", "It may have been in an older configuration.".to_owned()),
            Self::Look(LookError::Over) => {
                ("This link is over", "A preview is shown for three days. Ask for a new link.".to_owned())
            }
            Self::Look(_) => ("This link does not work", "It is incomplete or not ours. Ask for a new one.".to_owned()),
            Self::Forged => (
                "Nothing was changed",
                "The form was out of date or came from elsewhere. Open the page again and repeat what you did."
                    .to_owned(),
            ),
            Self::Web(WebError::TooLarge) => ("Nothing was changed", "What you sent is too long.".to_owned()),
            Self::Panicked | Self::Web(_) | Self::Editor(EditorError::Store(_)) | Self::App(AppError::Store(_)) => {
                ("That did not work", "It was our fault, and the log has the cause. Try again.".to_owned())
            }
            other => ("Nothing was changed", capitalised(&other.to_string())),
        };
        Words { title, sentence }
    }
}

/// The sentence of a message: a capital letter, and a full stop.
pub(super) fn capitalised(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars.next().into_iter();
    // An address stays as it is.
    let is_address = message.split_whitespace().next().is_some_and(|word| word.contains("://") || word.contains('@'));
    let first: String = if is_address { first.collect() } else { first.flat_map(char::to_uppercase).collect() };
    let stop = if message.ends_with('.') { "" } else { "." };
    format!("{first}{}{stop}", chars.as_str())
}

impl IntoResponse for DeskError {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = %self, "a request to the desk failed");
        }
        let mut response = (status, "").into_response();
        response.extensions_mut().insert(self.words());
        response
    }
}

/// Turns a failure into a page that says it in a sentence.
pub(super) async fn as_page(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    // Whoever came by a link for outsiders has no desk to go to.
    let is_outside = request.uri().path().starts_with(&desk.path("/desk/look/"));
    let response = next.run(request).await;
    let Some(words) = response.extensions().get::<Words>().cloned() else { return response };
    let app = desk.app();
    let (mut head, _) = response.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.remove(header::CONTENT_TYPE);
    if head.status == StatusCode::TOO_MANY_REQUESTS {
        head.headers.insert(header::RETRY_AFTER, HeaderValue::from_static("900"));
    }
    let Ok(host) = host(&app) else { return (head, "").into_response() };
    let page = Page { host, editor: None, token: "", newsletters: &[], said: None };
    (head, html_page(notice(page, words.title, &words.sentence, is_outside))).into_response()
}
