//! Pictures of stories, kept by their hash. An address says exactly which bytes it is, so a browser need never ask again.

use crate::store::pictures::Kept;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A year, the most that caches honour (RFC 9111 has no limit, habit has).
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// `GET /media/SHA256.png`, `.jpg`. 410 when it was withdrawn.
pub(super) async fn picture(
    State(state): State<WebState>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let (sha256, media_type) = name(&file).ok_or(WebError::NotFound)?;
    let wanted = sha256.to_owned();
    let bytes = match state.with_store(move |store| store.kept_picture(&wanted)).await? {
        Kept::Here(kept, bytes) if kept == media_type => bytes,
        Kept::Withdrawn => return Ok(withdrawn()),
        Kept::Here(..) | Kept::Nowhere => return Err(WebError::NotFound),
    };
    let etag = HeaderValue::from_str(&format!("\"{sha256}\"")).map_err(|_| WebError::NotFound)?;
    let mut response = if is_known(&headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, media_type)], bytes).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, etag);
    headers.insert(header::CACHE_CONTROL, FOR_EVER);
    // Webmail shows the pictures of a mail on pages of its own.
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    Ok(response)
}

/// The picture was here and is so no more (RFC 9110, section 15.5.11): caches on the way are to ask again and forget it.
fn withdrawn() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (StatusCode::GONE, headers, "This picture was withdrawn.\n").into_response()
}

/// The hash and media type of a file's name; nothing else is a name here, so no path can be smuggled in.
fn name(file: &str) -> Option<(&str, &'static str)> {
    let (sha256, extension) = file.split_once('.')?;
    let media_type = match extension {
        "png" => "image/png",
        "jpg" => "image/jpeg",
        _ => return None,
    };
    let is_hash = sha256.len() == 64 && sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_hash.then_some((sha256, media_type))
}

/// The media type of a file's name, if it is a name of a picture.
pub(super) fn media_type(file: &str) -> Option<&'static str> {
    name(file).map(|(_, media_type)| media_type)
}

/// Whether the visitor has this version already (RFC 9110 section 13.1.2).
pub(super) fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let Ok(etag) = etag.to_str() else { return false };
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|known| known.trim() == "*" || known.trim().trim_start_matches("W/") == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_named_by_its_hash_alone() {
        let hash = "0a".repeat(32);
        assert_eq!(name(&format!("{hash}.png")), Some((hash.as_str(), "image/png")));
        assert_eq!(name(&format!("{hash}.jpg")).map(|found| found.1), Some("image/jpeg"));
        for bad in [
            format!("{hash}.gif"),
            hash.to_uppercase() + ".png",
            hash.clone(),
            format!("{hash}.png.png"),
            "../../etc/passwd.png".into(),
            ".png".into(),
        ] {
            assert_eq!(name(&bad), None, "{bad}");
        }
    }

    #[test]
    fn a_known_version_is_not_sent_again() {
        let etag = HeaderValue::from_static("\"abc\"");
        for (line, known) in [
            ("\"abc\"", true),
            ("W/\"abc\"", true),
            ("\"x\", \"abc\"", true),
            ("*", true),
            ("\"x\"", false),
            ("abc", false),
        ] {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_str(line).unwrap())]);
            assert_eq!(is_known(&headers, &etag), known, "{line}");
        }
    }
}
