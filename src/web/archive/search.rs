//! The search over all public issues.

use super::{DEEPEST, PAGE, cut_page, public_slugs, rows, skipped};
use crate::domain::archive::LabelKind;
use crate::store::StoreError;
use crate::templates::pages::{self, Search};
use crate::web::page::cacheable;
use crate::web::query::{Words, number};
use crate::web::{WebError, WebState};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

/// The question.
#[derive(Debug, Default, serde::Deserialize)]
pub(in crate::web) struct Question {
    #[serde(default)]
    q: String,
    page: Option<String>,
}

/// Subjects below the answer.
const SUBJECTS: usize = 20;
/// Characters of a question that are read.
const LENGTH: usize = 200;

/// `GET /search?q=WORDS`.
pub(in crate::web) async fn search(
    State(state): State<WebState>,
    Words(Question { q, page }): Words<Question>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let question: String = q.trim().chars().filter(|c| !c.is_control()).take(LENGTH).collect();
    let page = number(page.as_deref()).unwrap_or(1).clamp(1, DEEPEST);
    let (slugs, words) = (public_slugs(&state.site()), question.clone());
    let (found, subjects) = state
        .with_store(move |store| {
            let rows = rows(store, &slugs)?;
            let found = store.search_public(&rows, &words, skipped(page), PAGE + 1)?;
            Ok::<_, StoreError>((found, store.public_labels(&rows, LabelKind::Tag, SUBJECTS)?))
        })
        .await?;
    let (stories, has_more) = cut_page(found);
    let site = state.site();
    let host = site.host().ok_or(WebError::NotFound)?;
    let search = Search { question: &question, stories: &stories, page, has_more, subjects: &subjects };
    Ok(cacheable(&headers, "text/html; charset=utf-8", pages::search(pages::Site::of(host), host.zone, search)))
}
