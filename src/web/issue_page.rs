//! The public page of an issue: the same frozen content that went into the mails, with everything that a cap left out and nothing of any reader.

use crate::domain::issue::{Choice, Issue};
use crate::domain::tag::Slug;
use crate::publish::arrange::cut;
use crate::store::{Store, StoreError};
use crate::templates::{Home, digest};
use crate::web::guard::ISSUE_POLICY;
use crate::web::page::cacheable;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

/// `GET /SLUG/NUMBER`. It is there from the moment the issue is frozen, before the first mail leaves.
pub(super) async fn show(
    State(state): State<WebState>,
    Path((slug, number)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let (slug, number) = (Slug::parse(&slug).map_err(|_| WebError::NotFound)?, parse_number(&number)?);
    let wanted = slug.clone();
    let mut issue = state.with_store(move |store| find(store, &wanted, number)).await?.ok_or(WebError::NotFound)?;
    // What was published is frozen; where the pages lie today is not, or a move would leave old issues without their style sheet.
    if let Some(host) = state.site().newsletter(&slug).or(state.site().host()) {
        issue.newsletter.brand.web_base.clone_from(&host.brand.web_base);
    }
    let page = digest::html(&cut(&issue, &Choice::Everything), Home::Web);
    let mut response = cacheable(&headers, "text/html; charset=utf-8", page);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(ISSUE_POLICY));
    Ok(response)
}

/// A number as our own links write it, so that every issue has one address.
fn parse_number(text: &str) -> Result<u32, WebError> {
    let number: u32 = text.parse().map_err(|_| WebError::NotFound)?;
    if number.to_string() == text { Ok(number) } else { Err(WebError::NotFound) }
}

fn find(store: &Store, slug: &Slug, number: u32) -> Result<Option<Issue>, StoreError> {
    match store.known_newsletter_id(slug)? {
        Some(newsletter) => store.published_issue(newsletter, number),
        None => Ok(None),
    }
}
