//! Pages for everybody that belong to no single issue: the front page, the style sheet, what robots may read.

use crate::domain::issue::Issue;
use crate::domain::tag::Slug;
use crate::store::{Store, StoreError};
use crate::templates::pages::{self, Letter};
use crate::web::page::cacheable;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};

/// `GET /`: every newsletter with its latest issue.
pub(super) async fn front(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, WebError> {
    let site = state.site();
    let slugs: Vec<Slug> = site.newsletters.iter().map(|newsletter| newsletter.slug.clone()).collect();
    let latest = state
        .with_store(move |store| slugs.iter().map(|slug| latest_issue(store, slug)).collect::<Result<Vec<_>, _>>())
        .await?;
    let host = site.host().ok_or(WebError::NotFound)?;
    let letters: Vec<Letter<'_>> = std::iter::zip(&site.newsletters, &latest)
        .map(|(newsletter, latest)| Letter {
            newsletter,
            latest: latest.as_ref().map(|issue| (issue.number, issue.subject.as_str())),
        })
        .collect();
    Ok(cacheable(&headers, "text/html; charset=utf-8", pages::front(pages::Site::of(host), &letters)))
}

fn latest_issue(store: &Store, slug: &Slug) -> Result<Option<Issue>, StoreError> {
    let Some(newsletter) = store.known_newsletter_id(slug)? else { return Ok(None) };
    let Some(number) = store.latest_published(newsletter)? else { return Ok(None) };
    store.published_issue(newsletter, number)
}

/// `GET /SLUG`: leads to its latest issue; to the front page while there is none.
pub(super) async fn latest(State(state): State<WebState>, Path(slug): Path<String>) -> Result<Response, WebError> {
    let slug = Slug::parse(&slug).map_err(|_| WebError::NotFound)?;
    let is_configured = state.site().newsletter(&slug).is_some();
    let wanted = slug.clone();
    let number = state
        .with_store(move |store| match store.known_newsletter_id(&wanted)? {
            Some(newsletter) => store.latest_published(newsletter),
            None => Ok(None),
        })
        .await?;
    let base = state.base_path();
    let to = match number {
        Some(number) => format!("{base}/{slug}/{number}"),
        None if is_configured => format!("{base}/"),
        None => return Err(WebError::NotFound),
    };
    // It leads elsewhere next week.
    Ok(([(header::CACHE_CONTROL, "no-cache")], Redirect::to(&to)).into_response())
}

/// `GET /subscribe`, where the mails say that one signs up.
pub(super) async fn subscribe(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, WebError> {
    let site = state.site();
    let host = site.host().ok_or(WebError::NotFound)?;
    Ok(cacheable(&headers, "text/html; charset=utf-8", pages::subscribe(pages::Site::of(host))))
}

/// `GET /site.css`.
pub(super) async fn style_sheet(headers: HeaderMap) -> Response {
    cacheable(&headers, "text/css; charset=utf-8", pages::CSS)
}

/// `GET /icon.svg`.
pub(super) async fn icon(headers: HeaderMap) -> Response {
    cacheable(&headers, "image/svg+xml", pages::ICON)
}

/// `GET /robots.txt`: readers' own pages are nobody's business. Read by robots at the root of a host only.
pub(super) async fn robots(State(state): State<WebState>, headers: HeaderMap) -> Response {
    let base = state.base_path();
    let rules = format!(
        "User-agent: *\nDisallow: {base}/u/\nDisallow: {base}/p/\nDisallow: {base}/c/\nDisallow: {base}/health\n"
    );
    cacheable(&headers, "text/plain; charset=utf-8", rules)
}
