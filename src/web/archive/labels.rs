//! Stories under a tag, a column or an author; under a tag also as a feed.

use super::{PAGE, Wanted, cut_page, public_slugs, rows, skipped};
use crate::domain::archive::{Found, LabelKind};
use crate::store::StoreError;
use crate::templates::feeds;
use crate::templates::pages::{self, StoryList};
use crate::web::page::cacheable;
use crate::web::query::Words;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

/// `GET /tags/TAG`, `/tags/TAG.xml`.
pub(in crate::web) async fn tag(
    State(state): State<WebState>,
    Path(key): Path<String>,
    Words(wanted): Words<Wanted>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    match key.strip_suffix(".xml") {
        Some(key) => feed(&state, key, &headers).await,
        None => page(&state, LabelKind::Tag, key, &wanted, &headers).await,
    }
}

/// `GET /columns/NAME`.
pub(in crate::web) async fn column(
    State(state): State<WebState>,
    Path(key): Path<String>,
    Words(wanted): Words<Wanted>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    page(&state, LabelKind::Column, key, &wanted, &headers).await
}

/// `GET /authors/NAME`.
pub(in crate::web) async fn author(
    State(state): State<WebState>,
    Path(key): Path<String>,
    Words(wanted): Words<Wanted>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    page(&state, LabelKind::Author, key, &wanted, &headers).await
}

async fn page(
    state: &WebState,
    kind: LabelKind,
    key: String,
    wanted: &Wanted,
    headers: &HeaderMap,
) -> Result<Response, WebError> {
    let page = wanted.page();
    let (label, found) = read(state, kind, &key, skipped(page)).await?;
    let (stories, has_more) = cut_page(found);
    let site = state.site();
    let host = site.host().ok_or(WebError::NotFound)?;
    let list = StoryList { kind, key: &key, label: &label, stories: &stories, page, has_more };
    Ok(cacheable(headers, "text/html; charset=utf-8", pages::stories(pages::Site::of(host), host.zone, list)))
}

async fn feed(state: &WebState, key: &str, headers: &HeaderMap) -> Result<Response, WebError> {
    let (label, stories) = read(state, LabelKind::Tag, key, 0).await?;
    let site = state.site();
    let host = pages::Site::of(site.host().ok_or(WebError::NotFound)?);
    Ok(cacheable(headers, "application/atom+xml; charset=utf-8", feeds::atom(host, key, &label, &stories)))
}

/// How the label is written, and its stories from one on; nothing lies where there is none.
async fn read(state: &WebState, kind: LabelKind, key: &str, skip: usize) -> Result<(String, Vec<Found>), WebError> {
    let (slugs, key) = (public_slugs(&state.site()), key.to_owned());
    let (label, stories) = state
        .with_store(move |store| {
            let rows = rows(store, &slugs)?;
            let stories = store.public_stories(&rows, kind, &key, skip, PAGE + 1)?;
            Ok::<_, StoreError>((store.public_label(kind, &key)?, stories))
        })
        .await?;
    match label {
        Some(label) if !stories.is_empty() => Ok((label, stories)),
        _ => Err(WebError::NotFound),
    }
}
