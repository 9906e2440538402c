//! Site maps, pages of links, and feeds that are wanted whole: each new address is read as a page, a bounded number a visit, once, and only where
//! the site lets programs read.

use super::{Shown, VisitError, Visitor, address, blocking};
use crate::collect::fetch::{Answer, Document, Fetch, FetchError, Request};
use crate::collect::sitemap::{self, SiteMap};
use crate::collect::{identity, links, page, robots};
use crate::domain::article::Sighting;
use crate::domain::source::{Place, Source};
use crate::domain::text::Line;
use crate::store::pages::ListedPage;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;
use std::collections::HashSet;
use url::Url;

/// Pages that one visit reads; the rest waits for the next.
const PAGES: usize = 40;
/// Pages of one source that are read at the same time.
const AT_ONCE: usize = 4;
/// Parts of a site map's index that one visit reads.
const PARTS: usize = 12;
/// Pages older than this are not read when a source is first connected, nor looked at again.
const RECENT: TimeDelta = TimeDelta::days(14);
/// The most bytes of a page.
pub(super) const PAGE_BYTES: usize = 4 << 20;

pub(super) const HTML: &str = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1";
const XML: &str = "application/xml, text/xml;q=0.9, */*;q=0.5";

/// An address that a list names, and what the list says of it.
pub(super) struct Listing {
    url: Url,
    title: Line,
    published: Option<DateTime<Utc>>,
    modified: Option<DateTime<Utc>>,
    /// What the list itself shows of the story: it stands in for the page where that cannot be read.
    shown: Option<Sighting>,
}

impl Listing {
    /// An item of a feed that has an address.
    pub(super) fn of_item(sighting: Sighting) -> Option<Self> {
        Some(Self {
            url: sighting.url.clone()?,
            title: sighting.text.title.clone(),
            published: sighting.published_at,
            modified: sighting.updated_at,
            shown: Some(sighting),
        })
    }

    /// A page of a site map.
    fn of_entry(entry: sitemap::Listed, source: &Source, now: DateTime<Utc>) -> Self {
        Self {
            title: entry.news.as_ref().map(|news| news.title.clone()).unwrap_or_default(),
            published: entry.news.as_ref().and_then(|news| news.published),
            modified: entry.modified,
            shown: entry.sighting(source, now),
            url: entry.url,
        }
    }

    fn at(&self) -> Option<DateTime<Utc>> {
        self.published.or(self.modified)
    }
}

impl<F: Fetch> Visitor<'_, F> {
    /// Pages that a site's map says to be of some days, or to have been changed then.
    pub(super) async fn mapped_between(
        &self,
        map: Url,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<Listing>, VisitError> {
        let mut listed = Vec::new();
        match read_map(self.get(map, XML, sitemap::BYTES).await?).await? {
            SiteMap::Pages(pages) => listed = pages,
            SiteMap::Index(parts) => {
                for part in parts.into_iter().filter(|part| part.modified.is_none_or(|at| at >= from)).take(PARTS) {
                    listed.extend(self.part(part.url).await.unwrap_or_default());
                }
            }
        }
        let all = listed.into_iter().map(|entry| Listing::of_entry(entry, self.source, self.now));
        Ok(all.filter(|listing| listing.at().is_some_and(|at| at > from && at < to)).collect())
    }

    /// What a site map lists.
    pub(super) async fn site_map(&self, place: &Place) -> Result<Shown, VisitError> {
        let document = self.whole_document(place, XML, sitemap::BYTES).await?;
        let mut shown = Shown { visit: self.left_unfinished(&document), ..Shown::default() };
        let mut listed = Vec::new();
        match read_map(document).await? {
            SiteMap::Pages(pages) => listed = pages,
            SiteMap::Index(parts) => {
                let since = self.state.last_success_at.map(|at| at - TimeDelta::days(1));
                let mut parts: Vec<sitemap::Part> = parts
                    .into_iter()
                    .filter(|part| since.is_none() || part.modified.is_none() || part.modified >= since)
                    .collect();
                // The newest first; where none is dated, sites number them upwards or downwards: both ends are looked at.
                parts.sort_by_key(|part| std::cmp::Reverse(part.modified));
                if parts.len() > PARTS && parts.iter().all(|part| part.modified.is_none()) {
                    parts.drain(PARTS / 2..parts.len() - PARTS / 2);
                }
                for part in parts.into_iter().take(PARTS) {
                    match self.part(part.url.clone()).await {
                        Ok(pages) => listed.extend(pages),
                        Err(error) => shown.problems.push(format!("{}: {error}", part.url)),
                    }
                }
            }
        }
        let listings = listed.into_iter().map(|entry| Listing::of_entry(entry, self.source, self.now));
        self.read_listed(listings.collect(), &mut shown).await?;
        Ok(shown)
    }

    async fn part(&self, url: Url) -> Result<Vec<sitemap::Listed>, VisitError> {
        match read_map(self.get(url, XML, sitemap::BYTES).await?).await? {
            SiteMap::Pages(pages) => Ok(pages),
            SiteMap::Index(_) => {
                Err(VisitError::Format("an index inside an index, which sitemaps.org forbids".to_owned()))
            }
        }
    }

    /// What a page of links lists.
    pub(super) async fn page_of_links(&self, place: &Place, selector: Option<&str>) -> Result<Shown, VisitError> {
        let document = self.whole_document(place, HTML, PAGE_BYTES).await?;
        let mut shown = Shown { visit: self.left_unfinished(&document), ..Shown::default() };
        let selector = selector.map(str::to_owned);
        let found = blocking(move || {
            Ok(links::read(&document.bytes, document.charset.as_deref(), &document.url, selector.as_deref())?)
        });
        let listings = found.await?.into_iter().map(|link| Listing {
            url: link.url,
            title: link.text,
            published: link.published,
            modified: None,
            shown: None,
        });
        self.read_listed(listings.collect(), &mut shown).await?;
        Ok(shown)
    }

    /// Reads the pages of a list that are new or have changed. Whether some are left for the next visit.
    pub(super) async fn read_listed(&self, listings: Vec<Listing>, shown: &mut Shown) -> Result<bool, VisitError> {
        let mut taken = HashSet::new();
        let wanted: Vec<(String, Listing)> = listings
            .into_iter()
            .filter(|listing| self.source.choice.wants_url(&listing.url))
            .filter(|listing| listing.shown.as_ref().is_none_or(|shown| self.source.choice.wants(shown)))
            .filter_map(|listing| Some((identity::url_key(&listing.url)?, listing)))
            .filter(|(key, _)| taken.insert(key.clone()))
            .collect();
        let sorted = self.sort(wanted, shown).await?;
        let is_more = sorted.len() > PAGES;
        let reads = sorted.into_iter().take(PAGES).map(|(key, listing)| async move {
            let page = self.read_page(key.clone(), listing).await;
            (key, page)
        });
        let read: Vec<(String, ReadPage)> = futures_util::stream::iter(reads).buffered(AT_ONCE).collect().await;
        let mut unwanted = Vec::new();
        for (key, page) in read {
            if let Some((sighting, others)) = page.sighting {
                if !self.source.choice.wants(&sighting) {
                    unwanted.push(key);
                    continue;
                }
                if let Some(url) = &sighting.url {
                    shown.other_keys.insert(crate::collect::identity::address::without_tracking(url.clone()), others);
                }
                shown.sightings.push(sighting);
            }
            shown.problems.extend(page.problem);
        }
        self.leave_out(unwanted).await?;
        Ok(is_more)
    }

    /// Remembers pages that only their own words showed to be unwanted: read again at each visit, they would take the place of others. When the
    /// settings of the source change, they are looked at once more.
    async fn leave_out(&self, unwanted: Vec<String>) -> Result<(), VisitError> {
        if unwanted.is_empty() || self.manner.is_trial {
            return Ok(());
        }
        let (store, source) = (self.store.clone(), self.state.id);
        blocking(move || Ok(store.leave_out_pages(source, &unwanted)?)).await
    }

    /// Which pages are to be read, newest first; the others are noted as still listed or passed over.
    async fn sort(
        &self,
        wanted: Vec<(String, Listing)>,
        shown: &mut Shown,
    ) -> Result<Vec<(String, Listing)>, VisitError> {
        let (store, source, now) = (self.store.clone(), self.state.id, self.now);
        let keys: Vec<String> = wanted.iter().map(|(key, _)| key.clone()).collect();
        let is_choice_new = !self.manner.is_trial && !self.has_same_settings();
        let known = blocking(move || {
            if is_choice_new {
                store.reconsider_pages(source)?;
            }
            Ok(store.listed_pages(source, &keys, now)?)
        });
        let known = known.await?;
        // A list says first what is new; without a date its order is all there is.
        let connected_at = self.state.first_success_at.unwrap_or(now);
        let is_first = self.state.first_success_at.is_none();
        let (mut to_read, mut passed_over) = (Vec::new(), Vec::new());
        for ((key, listing), page) in wanted.into_iter().zip(known) {
            match page {
                ListedPage::Known { sighting, read_at, first_seen_at } => {
                    let has_changed = listing.modified.is_some_and(|at| at > read_at && at <= now);
                    if has_changed && now - first_seen_at < RECENT {
                        to_read.push((key, listing));
                    } else {
                        shown.still_listed.push(sighting);
                    }
                }
                ListedPage::New if listing.at().is_some_and(|at| at < connected_at - RECENT) => passed_over.push(key),
                ListedPage::New => to_read.push((key, listing)),
                ListedPage::PassedOver | ListedPage::Waiting => {}
            }
        }
        to_read.sort_by_key(|(_, listing)| std::cmp::Reverse(listing.at()));
        if is_first && to_read.len() > PAGES {
            passed_over.extend(to_read.drain(PAGES..).map(|(key, _)| key));
        }
        if !passed_over.is_empty() && !self.manner.is_trial {
            let store = self.store.clone();
            if is_first {
                shown.notes.push(format!(
                    "{} older pages are left alone: a first connection brings no back catalogue",
                    passed_over.len()
                ));
            }
            blocking(move || Ok(store.pass_over_pages(source, &passed_over, "older than the first connection")?))
                .await?;
        }
        Ok(to_read)
    }

    async fn read_page(&self, key: String, listing: Listing) -> ReadPage {
        let url = listing.url.clone();
        match self.try_page(&listing).await {
            Ok(Some(read)) => ReadPage { sighting: Some(read), problem: None },
            Ok(None) => self.give_up(key, listing, "the page has no headline".to_owned()).await,
            Err(VisitError::Fetch(FetchError::Private(host))) => {
                self.give_up(key, listing, FetchError::Private(host).to_string()).await
            }
            Err(error) => self.give_up(key, listing, format!("{url}: {error}")).await,
        }
    }

    /// A page that cannot be read: what the list shows stands in for it, if that is something; it is tried again later otherwise.
    async fn give_up(&self, key: String, listing: Listing, problem: String) -> ReadPage {
        if let Some(sighting) = listing.shown {
            return ReadPage { sighting: Some((sighting, Vec::new())), problem: Some(problem) };
        }
        if !self.manner.is_trial {
            let (store, source, now, note) = (self.store.clone(), self.state.id, self.now, problem.clone());
            let noted = blocking(move || Ok(store.note_page_trouble(source, &key, &note, now)?)).await;
            if let Err(error) = noted {
                tracing::warn!(source.id = %self.source.id, error = %error, "the trouble with a page could not be noted");
            }
        }
        ReadPage { sighting: None, problem: Some(problem) }
    }

    async fn try_page(&self, listing: &Listing) -> Result<Option<(Sighting, Vec<String>)>, VisitError> {
        let (source, now) = (self.source, self.now);
        if !robots::may_read(self.store, self.fetch, source, &listing.url, now).await? {
            return Err(VisitError::Format("its robots.txt asks programs to stay away".to_owned()));
        }
        let request = Request { pause: Some(self.manner.pause), ..self.request(listing.url.clone(), HTML, PAGE_BYTES) };
        let Answer::Document(document) = self.fetch.fetch(request).await? else {
            return Err(FetchError::Status(304).into());
        };
        let (source, shown, listed) =
            (source.clone(), listing.shown.clone(), (listing.url.clone(), listing.title.clone(), listing.published));
        blocking(move || read(&document, &source, shown, listed, now)).await
    }
}

/// What reading a page gave.
struct ReadPage {
    sighting: Option<(Sighting, Vec<String>)>,
    problem: Option<String>,
}

async fn read_map(document: Document) -> Result<SiteMap, VisitError> {
    blocking(move || Ok(sitemap::read(&document.bytes, document.charset.as_deref(), address(&document))?)).await
}

/// A page as the sighting of a story, with the other addresses that lead to it. A list's own word fills what the page leaves open; an item keeps the
/// name that its feed gives it.
fn read(
    document: &Document,
    source: &Source,
    shown: Option<Sighting>,
    (listed_at, title, published): (Url, Line, Option<DateTime<Utc>>),
    now: DateTime<Utc>,
) -> Result<Option<(Sighting, Vec<String>)>, VisitError> {
    let mut page = page::read(&document.bytes, document.charset.as_deref(), Some(&document.url))
        .map_err(|error| VisitError::Format(error.to_string()))?;
    if page.title.is_empty() {
        page.title = title;
    }
    page.published = page.published.or(published);
    let address = canonical(page.url.take(), &document.url);
    page.url = Some(address.clone());
    let guid = shown.as_ref().and_then(|shown| shown.guid.clone());
    let Some(mut sighting) = page.sighting(guid, source, now) else { return Ok(None) };
    if let Some(shown) = shown {
        sighting.published_raw = shown.published_raw.or(sighting.published_raw);
        sighting.published_at = shown.published_at.or(sighting.published_at);
        for label in shown.text.labels {
            if !sighting.text.labels.contains(&label) && sighting.text.labels.len() < 40 {
                sighting.text.labels.push(label);
            }
        }
        // What the list says of it in its own words is better than sentences picked from the page.
        let is_own = !shown.text.summary.is_empty() && !shown.text.summary_from_lead;
        if sighting.text.summary.is_empty() || (sighting.text.summary_from_lead && is_own) {
            sighting.text.summary = shown.text.summary;
            sighting.text.summary_from_lead = shown.text.summary_from_lead;
        }
    }
    let others = document.hops.iter().chain([&listed_at, &document.url]).filter_map(identity::url_key).collect();
    Ok(Some((sighting, others)))
}

/// The address that a page calls its own, if that can be: on the same site, and no front page (which careless sites name on every page).
fn canonical(own: Option<Url>, found: &Url) -> Url {
    let site = |url: &Url| {
        url.host_str()
            .map(|host| host.trim_start_matches("www.").trim_start_matches("m.").trim_start_matches("amp.").to_owned())
    };
    let is_front = |url: &Url| identity::url_key(url).is_none();
    own.filter(|own| site(own) == site(found) && (!is_front(own) || is_front(found))).unwrap_or_else(|| found.clone())
}

/// What a single page says, for somebody who names it: no list stands behind it.
pub(super) fn read_alone(
    document: &Document,
    source: &Source,
    asked: &Url,
    now: DateTime<Utc>,
) -> Result<Option<(Sighting, Vec<String>)>, VisitError> {
    read(document, source, None, (asked.clone(), Line::default(), None), now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_call_an_address_its_own_only_on_its_own_site() {
        let url = |text: &str| Url::parse(text).unwrap();
        let own = |own: &str, found: &str| canonical(Some(url(own)), &url(found)).to_string();
        assert_eq!(own("https://ex.org/a", "https://www.ex.org/a?utm_source=x"), "https://ex.org/a");
        assert_eq!(own("https://evil.example/a", "https://ex.org/a"), "https://ex.org/a");
        assert_eq!(own("https://ex.org/", "https://ex.org/a"), "https://ex.org/a");
    }
}
