//! A single page that an editor names: it is read as every other, and its story is eligible from now on.

use super::listed::{HTML, PAGE_BYTES, read_alone};
use super::{VisitError, blocking};
use crate::collect::fetch::{Answer, Fetch, FetchError, Request};
use crate::collect::identity;
use crate::domain::article::{ArticleId, eligible_at};
use crate::domain::source::Source;
use crate::domain::text::Line;
use crate::store::Store;
use crate::store::articles::Decision;
use crate::store::pages::ListedPage;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use url::Url;

/// A page that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Its story.
    pub article: ArticleId,
    /// Whether nobody had seen it.
    pub is_new: bool,
    /// Its headline.
    pub title: Line,
    /// Why it is that story.
    pub reason: String,
}

/// Why a page was not taken.
#[derive(Debug, thiserror::Error)]
#[error("{url}: {reason}")]
pub struct AddError {
    /// Which.
    pub url: Url,
    /// In words.
    pub reason: String,
}

/// Reads a page and keeps its story. `robots.txt` is not asked: it speaks to programs that find their way alone, and here a person names a page.
pub async fn add_page<F: Fetch>(
    store: &Arc<Store>,
    fetch: &F,
    source: &Source,
    url: &Url,
    now: DateTime<Utc>,
) -> Result<Added, AddError> {
    let failed = |reason: String| AddError { url: url.clone(), reason };
    let request = Request {
        allow_private: source.allow_private,
        access: source.access_for(url),
        ..Request::new(url.clone(), HTML, PAGE_BYTES)
    };
    let document = match fetch.fetch(request).await {
        Ok(Answer::Document(document)) => *document,
        Ok(Answer::NotModified(_)) => return Err(failed(FetchError::Status(304).to_string())),
        Err(error) => return Err(failed(error.to_string())),
    };
    let (store, source, asked) = (store.clone(), source.clone(), url.clone());
    let added = blocking(move || {
        let no_headline = || VisitError::Format("the page has no headline; is it an article?".to_owned());
        let (sighting, others) = read_alone(&document, &source, &asked, now)?.ok_or_else(no_headline)?;
        let row = store.source_state(&source.id)?.id;
        let title = sighting.text.title.clone();
        let mut keyed = identity::key(vec![sighting]);
        for story in &mut keyed {
            story.other_keys = others.iter().filter(|key| story.url_key.as_ref() != Some(key)).cloned().collect();
        }
        let plan = store.plan_sightings(row, &keyed, &[], now, identity::RULES)?;
        let eligible = |sighting: &crate::domain::article::Sighting| eligible_at(sighting.published_at, now, false);
        let kept = store.keep_sightings(row, &keyed, &plan, now, &eligible, identity::RULES)?;
        let keys: Vec<String> = keyed.iter().filter_map(|story| story.url_key.clone()).collect();
        let Some(ListedPage::Known { sighting, .. }) = store.listed_pages(row, &keys, now)?.into_iter().next() else {
            return Err(VisitError::Format("a site's front page is no story; name the article".to_owned()));
        };
        let article = store.article_of(sighting)?.ok_or_else(no_headline)?;
        let reason = match plan.decisions.into_iter().next() {
            Some(Decision::Of(_, reason) | Decision::Moved(_, reason) | Decision::New(reason)) => reason,
            _ => "its address was known".to_owned(),
        };
        Ok(Added { article, is_new: kept.new > 0, title, reason })
    });
    added.await.map_err(|error| failed(error.to_string()))
}
