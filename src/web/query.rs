//! What an address says behind its question mark. What cannot be read says nothing: a visitor who was sent a damaged link sees the page all the same.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use std::convert::Infallible;

/// The words of an address.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Words<T>(pub(super) T);

impl<S: Sync, T: DeserializeOwned + Default> FromRequestParts<S> for Words<T> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Query::try_from_uri(&parts.uri).map_or_else(|_| T::default(), |Query(words)| words)))
    }
}

/// A number, or none.
pub(super) fn number<N: std::str::FromStr>(text: Option<&str>) -> Option<N> {
    text.and_then(|text| text.trim().parse().ok())
}
