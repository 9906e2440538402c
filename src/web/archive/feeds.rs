//! Issues for programs: RSS, JSON Feed, the site map.

use super::{as_of_today, find, public_slugs, rows};
use crate::domain::archive::{Archive, PublicIssue};
use crate::domain::issue::Choice;
use crate::domain::newsletter::Newsletter;
use crate::domain::tag::Slug;
use crate::publish::arrange::cut;
use crate::store::StoreError;
use crate::templates::feeds::{self, FeedIssue};
use crate::web::page::cacheable;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

/// Issues in a feed: each comes with its whole text.
const ISSUES: usize = 10;
/// Issues in the site map (its protocol allows 50,000 addresses).
const MAPPED: usize = 20_000;

/// `GET /SLUG/feed.xml`.
pub(in crate::web) async fn rss(
    State(state): State<WebState>,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    answer(&state, &slug, &headers, "application/rss+xml; charset=utf-8", feeds::rss).await
}

/// `GET /SLUG/feed.json`.
pub(in crate::web) async fn json(
    State(state): State<WebState>,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    answer(&state, &slug, &headers, "application/feed+json; charset=utf-8", feeds::json_feed).await
}

async fn answer(
    state: &WebState,
    slug: &str,
    headers: &HeaderMap,
    media_type: &'static str,
    write: impl Fn(&Newsletter, &[FeedIssue<'_>]) -> String,
) -> Result<Response, WebError> {
    let slug = Slug::parse(slug).map_err(|_| WebError::NotFound)?;
    let site = state.site();
    let public = |newsletter: &&Newsletter| newsletter.archive == Archive::Public;
    let newsletter = site.newsletter(&slug).filter(public).ok_or(WebError::NotFound)?;
    let mut issues = latest(state, slug.clone()).await?;
    for issue in &mut issues {
        as_of_today(issue, &site, &slug);
    }
    let whole: Vec<FeedIssue<'_>> =
        issues.iter().map(|public| FeedIssue { public, cut: cut(&public.issue, &Choice::Everything) }).collect();
    Ok(cacheable(headers, media_type, write(newsletter, &whole)))
}

async fn latest(state: &WebState, slug: Slug) -> Result<Vec<PublicIssue>, WebError> {
    state
        .with_store(move |store| {
            let rows = rows(store, std::slice::from_ref(&slug))?;
            let listed = store.list_public(&rows, None, ISSUES)?;
            let found = listed.iter().map(|issue| find(store, &slug, issue.number)).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, StoreError>(found.into_iter().flatten().collect())
        })
        .await
}

/// `GET /sitemap.xml`.
pub(in crate::web) async fn site_map(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, WebError> {
    let site = state.site();
    let slugs = public_slugs(&site);
    let wanted = slugs.clone();
    let issues = state.with_store(move |store| store.list_public(&rows(store, &wanted)?, None, MAPPED)).await?;
    let newsletters: Vec<&Newsletter> = slugs.iter().filter_map(|slug| site.newsletter(slug)).collect();
    let base = site.host().map_or("", |host| host.brand.web_base.as_str());
    Ok(cacheable(&headers, "application/xml; charset=utf-8", feeds::site_map(base, &newsletters, &issues)))
}
