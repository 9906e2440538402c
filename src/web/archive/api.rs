//! What was sent, as JSON: `/api/v1/issues`. Public issues only, as they read today.

use super::{PAGE, as_of_today, find, public_slugs, rows};
use crate::domain::archive::{Archive, Listed, PublicIssue};
use crate::domain::tag::Slug;
use crate::web::archive::issue::parse_number;
use crate::web::page::cacheable;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// `GET /api/v1/issues`: the latest issues of all public newsletters.
pub(in crate::web) async fn issues(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, WebError> {
    let site = state.site();
    let slugs = public_slugs(&site);
    let listed = state.with_store(move |store| store.list_public(&rows(store, &slugs)?, None, PAGE)).await?;
    let base = site.host().map_or("", |host| host.brand.web_base.as_str());
    let values: Vec<Value> = listed.iter().map(|issue| outline(base, issue)).collect();
    Ok(answer(&headers, &json!({ "issues": values })))
}

/// `GET /api/v1/issues/SLUG/NUMBER`.
pub(in crate::web) async fn issue(
    State(state): State<WebState>,
    Path((slug, number)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let (slug, number) = (Slug::parse(&slug).map_err(|_| WebError::NotFound)?, parse_number(&number)?);
    let wanted = slug.clone();
    let mut public = state.with_store(move |store| find(store, &wanted, number)).await?.ok_or(WebError::NotFound)?;
    as_of_today(&mut public, &state.site(), &slug);
    if public.issue.newsletter.archive == Archive::Subscribers {
        return Err(WebError::NotFound);
    }
    if let Some(at) = public.withdrawn_at {
        let gone = json!({ "newsletter": slug, "number": number, "withdrawn_at": at });
        return Ok((StatusCode::GONE, answer(&headers, &gone)).into_response());
    }
    Ok(answer(&headers, &whole(&public)))
}

fn answer(headers: &HeaderMap, value: &Value) -> Response {
    cacheable(headers, "application/json; charset=utf-8", value.to_string())
}

fn outline(base: &str, issue: &Listed) -> Value {
    json!({
        "newsletter": issue.newsletter, "number": issue.number, "subject": issue.subject, "published_at": issue.due_at,
        "changed_at": issue.changed_at, "stories": issue.outline.stories, "language": issue.outline.language,
        "url": format!("{base}/{}/{}", issue.newsletter, issue.number),
    })
}

fn whole(public: &PublicIssue) -> Value {
    let issue = &public.issue;
    let stories: Vec<Value> = issue
        .stories
        .iter()
        .map(|story| {
            json!({
                "title": story.title, "url": story.url, "summary": story.summary, "authors": story.authors, "source": story.source,
                "column": story.column, "tags": story.tags.iter().map(crate::domain::tag::Tag::label).collect::<Vec<_>>(),
                "language": story.language, "published_at": story.published_at,
                "picture": story.picture.as_ref().map(|picture| issue.newsletter.picture_url(picture)),
            })
        })
        .collect();
    let notes: Vec<Value> = public.notes.iter().map(|(at, note)| json!({ "at": at, "note": note })).collect();
    json!({
        "newsletter": issue.newsletter.slug, "number": issue.number, "subject": issue.subject, "published_at": issue.occurrence.at,
        "changed_at": public.amended_at(), "language": issue.newsletter.language,
        "url": issue.newsletter.issue_url(issue.number), "stories": stories, "notes": notes,
    })
}
