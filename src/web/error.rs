//! The only mapping from failures to status codes. Visitors see a plain sentence; the log has the cause.

use crate::domain::token::TokenError;
use crate::store::StoreError;
use crate::subscribe::Taken;
use crate::templates::pages;
use crate::web::WebState;
use crate::web::page::html_page;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Which page a visitor reads when something went wrong. Marks a response that is still without words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Nothing lies at this address.
    NotFound,
    /// The link does not work.
    Link,
    /// The form could not be read.
    Form,
    /// Others were faster.
    Crowd,
    /// It was our fault.
    Ours,
}

/// Why a request is not answered with what it asked for.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// There is nothing at this address.
    #[error("there is no page at this address")]
    NotFound,
    /// The page is there, but not for this method.
    #[error("the page has no such method")]
    NotAllowed,
    /// The link in the address is damaged, not ours or for something else.
    #[error(transparent)]
    Link(#[from] TokenError),
    /// The form does not say what it should.
    #[error("a form could not be read: {0}")]
    Form(&'static str),
    /// The request is larger than any form of ours.
    #[error("a form was too large")]
    TooLarge,
    /// The request did not arrive in time.
    #[error("a request took too long")]
    TooSlow,
    /// More visitors than the service serves at once.
    #[error("too many requests at once")]
    Busy,
    /// More people want to sign up than are let in.
    #[error("too many sign-ups: {0:?}")]
    TooMany(Taken),
    /// The database did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl WebError {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::Link(_) => StatusCode::NOT_FOUND,
            Self::NotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Form(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany(Taken::Closed) => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::Store(StoreError::Busy(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Which sentence the visitor reads.
    fn trouble(&self) -> Trouble {
        match self {
            Self::NotFound | Self::NotAllowed => Trouble::NotFound,
            Self::Link(_) => Trouble::Link,
            Self::Form(_) | Self::TooLarge | Self::TooSlow => Trouble::Form,
            Self::TooMany(_) => Trouble::Crowd,
            Self::Busy | Self::Store(_) => Trouble::Ours,
        }
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() && !matches!(self, Self::TooMany(_)) {
            tracing::error!(error = %self, "a request failed");
        }
        // The words are put on by `as_page`, which knows the publication and its language.
        let (mut response, trouble) = ((status, "").into_response(), self.trouble());
        response.extensions_mut().insert(trouble);
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match status {
            _ if trouble == Trouble::Crowd => {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("3600"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
            }
            _ => {}
        }
        response
    }
}

/// Turns a failure into a page that says it in a sentence.
pub(super) async fn as_page(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let Some(trouble) = response.extensions().get::<Trouble>().copied() else { return response };
    let site = state.site();
    let (mut head, _) = response.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.remove(header::CONTENT_TYPE);
    let Some(host) = site.host().map(pages::Site::of) else { return (head, "").into_response() };
    let page = match trouble {
        Trouble::NotFound => pages::not_found(host),
        Trouble::Link => pages::link_not_valid(host),
        Trouble::Form => pages::form_not_valid(host),
        Trouble::Crowd => pages::busy(host),
        Trouble::Ours => pages::failure(host),
    };
    (head, html_page(page)).into_response()
}

/// Whatever has no route.
pub(super) async fn not_found() -> WebError {
    WebError::NotFound
}

/// Whatever has a route, but not for this method.
pub(super) async fn not_allowed() -> WebError {
    WebError::NotAllowed
}
