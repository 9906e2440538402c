//! Feeds: their items, what lies between this document and the last one, and the pages of items where those are wanted whole.

use super::listed::Listing;
use super::{Got, Looked, Shown, VisitError, Visitor, address, blocking, wordpress_visit};
use crate::collect::fetch::{Document, Fetch};
use crate::collect::habit::{Habit, Quiet};
use crate::collect::{feed, identity, robots};
use crate::domain::article::Sighting;
use crate::domain::source::Place;
use crate::store::articles::Plan;
use chrono::{DateTime, Utc};
use std::collections::HashSet;
use url::Url;

/// What is asked for.
pub(super) const ACCEPT: &str = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5";

/// Older documents that are read to fill a gap.
const ARCHIVES: u32 = 10;

/// A feed as one document shows it.
pub(super) struct Reading {
    pub sightings: Vec<Sighting>,
    /// Where its older items lie.
    pub older: Option<Url>,
    /// Whether the program that made it also shows older pages by `?paged=`.
    is_wordpress: bool,
    ttl_minutes: Option<u32>,
    quiet: Quiet,
}

impl<F: Fetch> Visitor<'_, F> {
    /// What a feed shows.
    pub(super) async fn feed(&self, place: &Place) -> Result<Looked, VisitError> {
        let document = match self.document(place, ACCEPT).await? {
            Got::Changed(document) => *document,
            Got::Same(fresh_seconds) => return Ok(Looked::Same(fresh_seconds)),
        };
        let visit = self.left(&document);
        let url = document.url.clone();
        let reading = self.read_feed(document.clone()).await?;
        let mut shown = Shown { ttl_minutes: reading.ttl_minutes, quiet: reading.quiet, visit, ..Shown::default() };
        self.fill_gap(&reading, &url, &mut shown).await?;
        if !self.source.full {
            shown.sightings = reading.sightings;
            return Ok(Looked::shown(shown));
        }
        let listings = reading.sightings.into_iter().filter_map(Listing::of_item).collect();
        if self.read_listed(listings, &mut shown).await? {
            shown.visit = self.left_unfinished(&document);
        }
        Ok(Looked::shown(shown))
    }

    /// Reads a document as a feed.
    pub(super) async fn read_feed(&self, document: Document) -> Result<Reading, VisitError> {
        let (source, now) = (self.source.clone(), self.now);
        blocking(move || {
            let parsed = feed::read(&document.bytes, document.charset.as_deref(), address(&document))?;
            Ok(Reading {
                sightings: feed::sightings(&parsed, &source, now),
                older: parsed.older.as_deref().and_then(|url| Url::parse(url).ok()),
                is_wordpress: parsed
                    .generator
                    .as_deref()
                    .is_some_and(|name| name.to_ascii_lowercase().contains("wordpress")),
                ttl_minutes: parsed.ttl_minutes,
                quiet: parsed.quiet,
            })
        })
        .await
    }

    /// If nothing in the document was known, something may have scrolled off since the last visit: older documents are read until something is
    /// known (RFC 5005), or an editor is told that they cannot be.
    async fn fill_gap(&self, reading: &Reading, url: &Url, shown: &mut Shown) -> Result<(), VisitError> {
        let Some(reached_at) = self.state.reached_at.filter(|_| self.state.first_success_at.is_some()) else {
            return Ok(());
        };
        let oldest = Habit::of(reading.sightings.iter().filter_map(|sighting| sighting.published_at)).oldest;
        if oldest.is_none_or(|oldest| oldest <= reached_at) || !self.is_all_new(&reading.sightings).await? {
            return Ok(());
        }
        let days = format!(
            "from {} to {}",
            reached_at.format("%Y-%m-%d %H:%M"),
            oldest.unwrap_or(reached_at).format("%Y-%m-%d %H:%M UTC")
        );
        let mut next = reading.older.clone().or_else(|| reading.is_wordpress.then(|| paged(url, 2)));
        let (mut page, mut found, mut is_closed) = (2, 0, false);
        let mut asked = HashSet::from([url.clone()]);
        // An archive that names itself or one of those before is the last.
        while let Some(archive) = next.take().filter(|next| page <= ARCHIVES + 1 && asked.insert(next.clone())) {
            // An archive that cannot be read leaves the gap open; the document itself was read all the same.
            let Ok(document) = self.get(archive, ACCEPT, feed::BYTES).await else { break };
            let Ok(older) = self.read_feed(document).await else { break };
            let is_all_new = self.is_all_new(&older.sightings).await?;
            found += older.sightings.len();
            let reaches = Habit::of(older.sightings.iter().filter_map(|s| s.published_at))
                .oldest
                .is_some_and(|at| at <= reached_at);
            let is_empty = older.sightings.is_empty();
            next = older.older.or_else(|| reading.is_wordpress.then(|| paged(url, page + 1)));
            shown.archived.extend(older.sightings);
            if !is_all_new || reaches || is_empty {
                is_closed = true;
                break;
            }
            page += 1;
        }
        let posts = match oldest.filter(|_| !is_closed && reading.is_wordpress) {
            Some(oldest) => self.fill_from_wordpress(url, reached_at, oldest, shown).await,
            None => None,
        };
        let listed = match posts {
            None if !is_closed => self.fill_from_site_map(url, reached_at, oldest, shown).await,
            _ => 0,
        };
        shown.notes.push(if is_closed {
            format!("gap {days}: nothing of this document was known; {found} items were read from its archive")
        } else if let Some(posts) = posts {
            format!("gap {days}: nothing of this document was known; {posts} posts of those days were read from the WordPress API")
        } else if listed > 0 {
            format!("gap {days}: nothing of this document was known; {listed} pages of those days were read from the site's map")
        } else {
            format!("gap {days}: nothing of this document was known, and its archive does not reach back; stories may be missing, so ask it more often")
        });
        Ok(())
    }

    /// Reads the posts of a gap from the site's API, where its feed is that of the whole site and the API is open; how many they were.
    async fn fill_from_wordpress(
        &self,
        feed: &Url,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        shown: &mut Shown,
    ) -> Option<usize> {
        let posts = self.posts_between(&wordpress_visit::site_of_feed(feed)?, from, to).await?;
        let found = posts.len();
        shown.archived.extend(posts);
        Some(found)
    }

    /// Reads the pages of a gap that the site's own maps list; how many they were.
    async fn fill_from_site_map(
        &self,
        feed: &Url,
        from: DateTime<Utc>,
        to: Option<DateTime<Utc>>,
        shown: &mut Shown,
    ) -> usize {
        let to = to.unwrap_or(self.now);
        let mut listings = Vec::new();
        for map in self.site_maps(feed).await {
            listings.extend(self.mapped_between(map, from, to).await.unwrap_or_default());
        }
        let mut read = Shown::default();
        if self.read_listed(listings, &mut read).await.is_err() {
            return 0;
        }
        // The map says when a page was changed; the page itself says of which day it is.
        read.sightings.retain(|page| page.published_at.is_some_and(|at| at > from && at < to));
        let found = read.sightings.len();
        shown.archived.extend(read.sightings);
        shown.other_keys.extend(read.other_keys);
        found
    }

    /// Where a site says that its maps lie, else where they usually do.
    async fn site_maps(&self, feed: &Url) -> Vec<Url> {
        let named = robots::site_maps(self.store, self.fetch, self.source, feed, self.now).await.unwrap_or_default();
        if named.is_empty() { feed.join("/sitemap.xml").into_iter().collect() } else { named }
    }

    async fn is_all_new(&self, sightings: &[Sighting]) -> Result<bool, VisitError> {
        let (store, source, now, sightings) = (self.store.clone(), self.state.id, self.now, sightings.to_vec());
        let plan: Plan =
            blocking(move || Ok(store.plan_sightings(source, &identity::key(sightings), &[], now, identity::RULES)?))
                .await?;
        Ok(plan.same() == 0 && plan.moved() == 0)
    }
}

/// The same feed, some pages back, as WordPress shows it.
pub(super) fn paged(url: &Url, page: u32) -> Url {
    let mut url = url.clone();
    let kept: Vec<(String, String)> =
        url.query_pairs().filter(|(name, _)| name != "paged").map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
    url.query_pairs_mut().clear().extend_pairs(kept).append_pair("paged", &page.to_string());
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_a_feed_are_numbered_once() {
        let url = Url::parse("https://ex.org/?feed=rss2").unwrap();
        assert_eq!(paged(&paged(&url, 2), 3).as_str(), "https://ex.org/?feed=rss2&paged=3");
    }
}
