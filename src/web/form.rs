//! The body of a POST as fields, whichever of the two encodings it comes in. Mail providers use both (RFC 8058 section 3.1). No files.

use crate::web::WebError;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;

/// The largest body that is read, in bytes; the largest form has some hundred topics.
pub(super) const LIMIT: usize = 16 * 1024;

/// The largest body of an editor's form: a note or a summary may be long.
pub(crate) const EDITORS_LIMIT: usize = 64 * 1024;

/// The fields of a form, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// The first value of a field.
    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a field.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Whether this is what a mail provider sends when its reader presses "unsubscribe".
    pub(crate) fn is_one_click(&self) -> bool {
        self.0.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("List-Unsubscribe") && value.trim().eq_ignore_ascii_case("One-Click")
        })
    }

    /// Reads a body of a declared type; without a type it is taken for the encoding that browsers use.
    pub(crate) fn parse(content_type: &str, body: &[u8]) -> Self {
        match boundary(content_type) {
            Some(boundary) => Self(parts(&boundary, &String::from_utf8_lossy(body))),
            None => Self(url::form_urlencoded::parse(body).into_owned().collect()),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = WebError;

    async fn from_request(request: Request<Body>, _: &S) -> Result<Self, WebError> {
        Self::read(request, LIMIT).await
    }
}

impl Form {
    /// Reads the body of a request, up to a limit in bytes.
    pub(crate) async fn read(request: Request<Body>, limit: usize) -> Result<Self, WebError> {
        let declared = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let content_type = declared.to_owned();
        let body = to_bytes(request.into_body(), limit).await.map_err(|_| WebError::TooLarge)?;
        Ok(Self::parse(&content_type, &body))
    }
}

/// The boundary of a multipart body; `None` for every other type.
fn boundary(content_type: &str) -> Option<String> {
    let mut pieces = content_type.split(';').map(str::trim);
    if !pieces.next()?.eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    pieces.find_map(|piece| parameter(piece, "boundary"))
}

/// The value of one `name=value` or `name="value"`.
fn parameter(piece: &str, name: &str) -> Option<String> {
    let (key, value) = piece.split_once('=')?;
    key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
}

/// The fields of a multipart body (RFC 7578): every part that has a name and is no file.
fn parts(boundary: &str, body: &str) -> Vec<(String, String)> {
    let delimiter = format!("--{boundary}");
    body.split(&delimiter).skip(1).filter_map(part).collect()
}

fn part(text: &str) -> Option<(String, String)> {
    let text = text.strip_prefix("\r\n").or_else(|| text.strip_prefix('\n'))?;
    let (head, value) = text.split_once("\r\n\r\n").or_else(|| text.split_once("\n\n"))?;
    let disposition = head.lines().find_map(|line| {
        let (name, rest) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(rest)
    })?;
    let named = |name: &str| disposition.split(';').find_map(|piece| parameter(piece, name));
    if named("filename").is_some() {
        return None;
    }
    let value = value.strip_suffix("\r\n").or_else(|| value.strip_suffix('\n')).unwrap_or(value);
    Some((named("name")?, value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MULTIPART: &str = "multipart/form-data; boundary=xx";

    #[test]
    fn one_click_is_seen_in_both_encodings() {
        let part = "--xx\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--xx--\r\n";
        for (content_type, body) in [
            ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
            ("application/x-www-form-urlencoded; charset=utf-8", "a=b&List-Unsubscribe=One-Click\r\n"),
            ("", "List-Unsubscribe=One-Click"),
            (MULTIPART, part),
            ("Multipart/Form-Data; charset=utf-8; boundary=\"xx\"", part),
            (MULTIPART, &part.replace("\r\n", "\n")),
            (MULTIPART, &part.replace("\r\n\r\n", "\r\nContent-Type: text/plain\r\n\r\n")),
        ] {
            assert!(Form::parse(content_type, body.as_bytes()).is_one_click(), "{content_type}: {body}");
        }
    }

    #[test]
    fn nothing_else_is_one_click() {
        for (content_type, body) in [
            ("", ""),
            ("", "List-Unsubscribe"),
            ("", "confirm=1"),
            ("", "List-Unsubscribe=Two-Clicks"),
            ("text/plain", "please List-Unsubscribe=One-Click"),
            (MULTIPART, "List-Unsubscribe=One-Click"),
            (MULTIPART, "--yy\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--yy--"),
            (
                MULTIPART,
                "--xx\r\nContent-Disposition: form-data; name=\"x\"; filename=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--xx--",
            ),
            (MULTIPART, "--xx"),
            (MULTIPART, "--xx\r\n\r\n\r\n--xx--"),
            (
                "multipart/form-data",
                "--\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n----",
            ),
        ] {
            assert!(!Form::parse(content_type, body.as_bytes()).is_one_click(), "{content_type}: {body}");
        }
    }

    #[test]
    fn a_field_may_stand_more_than_once() {
        let form = Form::parse("", b"topic=nuclear&topic=k+street&until=2026-12-01&bad=%ff%zz");
        assert_eq!(form.all("topic").collect::<Vec<_>>(), ["nuclear", "k street"]);
        assert_eq!(form.first("until"), Some("2026-12-01"));
        assert_eq!(form.first("missing"), None);
    }
}
