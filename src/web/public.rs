//! Pages for everybody that belong to no single issue: the front page, the style sheet, what robots may read.

use crate::domain::archive::{Archive, PublicIssue};
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use crate::store::{Store, StoreError};
use crate::templates::pages::{self, Letter};
use crate::web::page::cacheable;
use crate::web::{WebError, WebState};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

/// `GET /`: every newsletter with its latest issue.
pub(super) async fn front(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, WebError> {
    let site = state.site();
    let slugs: Vec<Slug> = site.newsletters.iter().map(|newsletter| newsletter.slug.clone()).collect();
    let latest = state
        .with_store(move |store| slugs.iter().map(|slug| latest_subject(store, slug)).collect::<Result<Vec<_>, _>>())
        .await?;
    let host = site.host().ok_or(WebError::NotFound)?;
    let letters: Vec<Letter<'_>> = std::iter::zip(&site.newsletters, &latest)
        .filter(|(newsletter, _)| newsletter.archive != Archive::Unlisted)
        .map(|(newsletter, latest)| Letter {
            newsletter,
            // Of what only its readers see, strangers are told no subject.
            latest: latest
                .as_ref()
                .filter(|_| newsletter.archive == Archive::Public)
                .map(|(number, subject)| (*number, subject.as_str())),
        })
        .collect();
    Ok(cacheable(&headers, "text/html; charset=utf-8", pages::front(pages::Site::of(host), &letters)))
}

/// Number and subject of the latest issue.
fn latest_subject(store: &Store, slug: &Slug) -> Result<Option<(u32, Line)>, StoreError> {
    store.known_newsletter_id(slug)?.map_or(Ok(None), |newsletter| store.latest_published(newsletter))
}

/// The latest issue with its stories.
pub(super) fn latest_issue(store: &Store, slug: &Slug) -> Result<Option<PublicIssue>, StoreError> {
    let Some(newsletter) = store.known_newsletter_id(slug)? else { return Ok(None) };
    let Some((number, _)) = store.latest_published(newsletter)? else { return Ok(None) };
    store.published_issue(newsletter, number)
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
    let map = state
        .site()
        .host()
        .map_or_else(String::new, |host| format!("\nSitemap: {}/sitemap.xml\n", host.brand.web_base));
    let rules = format!(
        "User-agent: *\nDisallow: {base}/u/\nDisallow: {base}/p/\nDisallow: {base}/c/\nDisallow: {base}/me/\nDisallow: {base}/health\nDisallow: {base}/search\nDisallow: {base}/desk\n{map}"
    );
    cacheable(&headers, "text/plain; charset=utf-8", rules)
}
