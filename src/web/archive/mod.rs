//! The archive: every page that shows what was sent. What is public is decided here once, by the configuration of today; nothing is written.

pub(super) mod api;
pub(super) mod events;
pub(super) mod feeds;
pub(super) mod issue;
pub(super) mod labels;
pub(super) mod list;
pub(super) mod search;

use crate::domain::archive::{Archive, PublicIssue};
use crate::domain::newsletter::Newsletter;
use crate::domain::tag::Slug;
use crate::store::{Store, StoreError};
use crate::web::Site;
use crate::web::query::number;

/// Entries on one page of a list.
const PAGE: usize = 30;

/// The deepest page of a list that is answered: beyond it lie robots, not readers.
const DEEPEST: usize = 200;

/// The slugs of the newsletters that everybody may see.
fn public_slugs(site: &Site) -> Vec<Slug> {
    let public = |newsletter: &&Newsletter| newsletter.archive == Archive::Public;
    site.newsletters.iter().filter(public).map(|newsletter| newsletter.slug.clone()).collect()
}

/// The row numbers of newsletters; those that never had an issue have none.
fn rows(store: &Store, slugs: &[Slug]) -> Result<Vec<u16>, StoreError> {
    let rows = slugs.iter().map(|slug| store.known_newsletter_id(slug)).collect::<Result<Vec<_>, _>>()?;
    Ok(rows.into_iter().flatten().collect())
}

/// An issue by the slug of its newsletter and its number.
fn find(store: &Store, slug: &Slug, number: u32) -> Result<Option<PublicIssue>, StoreError> {
    match store.known_newsletter_id(slug)? {
        Some(newsletter) => store.published_issue(newsletter, number),
        None => Ok(None),
    }
}

/// What was published is frozen; where the pages lie today and who may see them is not, or a move would leave old issues without their style sheet.
fn as_of_today(public: &mut PublicIssue, site: &Site, slug: &Slug) {
    let newsletter = &mut public.issue.newsletter;
    if let Some(host) = site.newsletter(slug).or(site.host()) {
        newsletter.brand.web_base.clone_from(&host.brand.web_base);
    }
    if let Some(today) = site.newsletter(slug) {
        newsletter.archive = today.archive;
    }
}

/// One page of a list of which one entry too many was read, and whether there is another.
fn cut_page<T>(mut entries: Vec<T>) -> (Vec<T>, bool) {
    let has_more = entries.len() > PAGE;
    entries.truncate(PAGE);
    (entries, has_more)
}

/// Which page of a list is asked for, from 1.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Wanted {
    page: Option<String>,
}

impl Wanted {
    fn page(&self) -> usize {
        number(self.page.as_deref()).unwrap_or(1).clamp(1, DEEPEST)
    }
}

/// Entries before a page.
fn skipped(page: usize) -> usize {
    (page - 1) * PAGE
}
