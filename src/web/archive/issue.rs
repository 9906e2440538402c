//! The page of an issue: the same frozen content that went into the mails, with everything that a cap left out, what was amended since, and nothing
//! of any reader.

use super::{as_of_today, find};
use crate::domain::archive::{Archive, PublicIssue};
use crate::domain::issue::Choice;
use crate::domain::tag::Slug;
use crate::domain::token::Purpose;
use crate::publish::arrange::cut;
use crate::store::{Store, StoreError};
use crate::templates::pages::{self, Around};
use crate::templates::{dates, digest};
use crate::web::guard::ISSUE_POLICY;
use crate::web::page::{cacheable, html_page};
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// `GET /SLUG/NUMBER`. It is there from the moment the issue is frozen, before the first mail leaves.
pub(in crate::web) async fn show(
    State(state): State<WebState>,
    Path((slug, number)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let (slug, number) = (Slug::parse(&slug).map_err(|_| WebError::NotFound)?, parse_number(&number)?);
    let (public, around) = read(&state, slug, number).await?;
    if public.issue.newsletter.archive == Archive::Subscribers {
        return Ok((StatusCode::FORBIDDEN, html_page(pages::readers_only(&public.issue.newsletter))).into_response());
    }
    Ok(page(&headers, &public, &around))
}

/// `GET /p/TOKEN/SLUG/NUMBER`: an issue for its readers only, by the link in their mail.
pub(in crate::web) async fn show_reader(
    State(state): State<WebState>,
    Path((token, slug, number)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let claim = state.verify(&token, Purpose::Preferences)?;
    let (slug, number) = (Slug::parse(&slug).map_err(|_| WebError::NotFound)?, parse_number(&number)?);
    let wanted = slug.clone();
    let newsletter = state.with_store(move |store| store.known_newsletter_id(&wanted)).await?;
    if newsletter != Some(claim.newsletter) {
        return Err(WebError::NotFound);
    }
    let (public, around) = read(&state, slug, number).await?;
    Ok(page(&headers, &public, &Around { unlisted: true, ..around }))
}

async fn read(state: &WebState, slug: Slug, number: u32) -> Result<(PublicIssue, Around), WebError> {
    let wanted = slug.clone();
    let found = state
        .with_store(move |store| match find(store, &wanted, number)? {
            Some(public) => Ok::<_, StoreError>(Some((public, neighbours(store, &wanted, number)?))),
            None => Ok(None),
        })
        .await?;
    let (mut public, (older, newer)) = found.ok_or(WebError::NotFound)?;
    as_of_today(&mut public, &state.site(), &slug);
    let unlisted = public.issue.newsletter.archive != Archive::Public;
    let around = Around { notes: public.notes.clone(), older, newer, unlisted };
    Ok((public, around))
}

fn neighbours(store: &Store, slug: &Slug, number: u32) -> Result<(Option<u32>, Option<u32>), StoreError> {
    match store.known_newsletter_id(slug)? {
        Some(newsletter) => store.public_neighbours(newsletter, number),
        None => Ok((None, None)),
    }
}

fn page(headers: &HeaderMap, public: &PublicIssue, around: &Around) -> Response {
    let newsletter = &public.issue.newsletter;
    if let Some(at) = public.withdrawn_at {
        let site = pages::Site::of(newsletter);
        let on = dates::day(at.with_timezone(&newsletter.zone).date_naive(), site.texts());
        let note = public.notes.last().map(|(_, note)| note.as_str());
        let name = pages::issue_name(newsletter, public.issue.number);
        return (StatusCode::GONE, html_page(pages::withdrawn(site, &name, &on, note))).into_response();
    }
    let html = digest::web_page(&cut(&public.issue, &Choice::Everything), around);
    let mut response = cacheable(headers, "text/html; charset=utf-8", html);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(ISSUE_POLICY));
    if around.unlisted {
        response.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    }
    response
}

/// A number as our own links write it, so that every issue has one address.
pub(super) fn parse_number(text: &str) -> Result<u32, WebError> {
    let number: u32 = text.parse().map_err(|_| WebError::NotFound)?;
    if number.to_string() == text { Ok(number) } else { Err(WebError::NotFound) }
}
