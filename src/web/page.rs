//! Answers that are HTML, and what a browser may keep of them.

use crate::web::media::is_known;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// How long a public page may be shown without asking again, in seconds: short, for an issue may be amended.
const FRESH: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// A page.
pub(crate) fn html_page(html: String) -> Response {
    Html(html).into_response()
}

/// A public page or style sheet under a version of its own, so that who has it already gets no second copy.
pub(crate) fn cacheable(asked: &HeaderMap, content_type: &'static str, body: impl Into<String>) -> Response {
    let body = body.into();
    let version = URL_SAFE_NO_PAD.encode(&Sha256::digest(body.as_bytes())[..12]);
    let etag = HeaderValue::from_str(&format!("\"{version}\"")).expect("base64 is ASCII without controls");
    let mut response = if is_known(asked, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, content_type)], body).into_response()
    };
    response.headers_mut().insert(header::ETAG, etag);
    response.headers_mut().insert(header::CACHE_CONTROL, FRESH);
    response
}
