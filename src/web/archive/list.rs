//! Every issue of a newsletter, by month.

use super::{PAGE, cut_page, rows};
use crate::domain::archive::{Archive, LabelKind};
use crate::domain::tag::Slug;
use crate::store::StoreError;
use crate::templates::pages::{self, IssueList};
use crate::web::page::{cacheable, html_page};
use crate::web::query::{Words, number};
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

/// Subjects beside the list.
const SUBJECTS: usize = 20;

/// Where the list begins.
#[derive(Debug, Default, serde::Deserialize)]
pub(in crate::web) struct Before {
    before: Option<String>,
}

/// `GET /SLUG`, `/SLUG?before=NUMBER`.
pub(in crate::web) async fn issues(
    State(state): State<WebState>,
    Path(slug): Path<String>,
    Words(Before { before }): Words<Before>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let before = number(before.as_deref());
    let slug = Slug::parse(&slug).map_err(|_| WebError::NotFound)?;
    let site = state.site();
    let newsletter = site.newsletter(&slug).ok_or(WebError::NotFound)?;
    match newsletter.archive {
        Archive::Public => {}
        // Its issues are listed nowhere.
        Archive::Unlisted => return Err(WebError::NotFound),
        Archive::Subscribers => return Ok(html_page(pages::readers_only(newsletter))),
    }
    let (issues, subjects) = state
        .with_store(move |store| {
            let rows = rows(store, &[slug])?;
            let issues = store.list_public(&rows, before, PAGE + 1)?;
            Ok::<_, StoreError>((issues, store.public_labels(&rows, LabelKind::Tag, SUBJECTS)?))
        })
        .await?;
    let (issues, has_more) = cut_page(issues);
    let older = issues.last().filter(|_| has_more).map(|issue| issue.number);
    let list = IssueList { newsletter, issues: &issues, is_first: before.is_none(), older, subjects: &subjects };
    Ok(cacheable(&headers, "text/html; charset=utf-8", pages::issues(list)))
}
