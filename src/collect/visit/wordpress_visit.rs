//! WordPress sites: their API page by page, so that nothing scrolls off; where plugins have closed it, the pages of the feed.

use super::{Shown, VisitError, Visitor, address, blocking, feed_visit};
use crate::collect::fetch::{Fetch, FetchError};
use crate::collect::{feed, wordpress};
use crate::domain::article::Sighting;
use crate::domain::source::Place;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use url::Url;

const JSON: &str = "application/json, */*;q=0.1";
/// Posts of one answer.
const PER_PAGE: usize = 50;
/// Answers that one visit reads.
const PAGES: u32 = 10;
/// Pages of the feed that are read where the API is closed.
const FEED_PAGES: u32 = 5;
/// What a first visit reaches back.
const FIRST: TimeDelta = TimeDelta::days(14);
/// The most bytes of an answer.
const BYTES: usize = 16 << 20;

impl<F: Fetch> Visitor<'_, F> {
    /// What a WordPress site has published or changed since the last visit.
    pub(super) async fn wordpress(&self, place: &Place) -> Result<Shown, VisitError> {
        let site = match place {
            Place::Url(url) => self.moved(url),
            Place::File(path) => {
                let document = self.file(path).await?;
                let sightings = self.posts(document).await??.sightings;
                return Ok(Shown { sightings, ..Shown::default() });
            }
        };
        let mut closed = None;
        for api in endpoints(&site) {
            match self.api(&api).await? {
                Ok(shown) => return Ok(shown),
                // What its usual place says counts; the other one is a guess.
                Err(reason) => {
                    closed.get_or_insert(reason);
                }
            }
        }
        let reason = closed.unwrap_or_else(|| "no answer".to_owned());
        self.paged_feed(&site, &reason).await
    }

    /// The posts of the API, or why it has none.
    async fn api(&self, api: &Url) -> Result<Result<Shown, String>, VisitError> {
        let mut shown = Shown {
            visit: crate::store::sources::Visit {
                body_hash: Some(super::settings_hash(self.source).to_vec()),
                ..Default::default()
            },
            ..Shown::default()
        };
        let (posts, is_all) = match self.pages(api, self.since()).await? {
            Ok(read) => read,
            Err(reason) => return Ok(Err(reason)),
        };
        if !is_all {
            shown.notes.push(format!(
                "more than {} posts are new or changed since the last visit; the oldest of them were not read, so ask it more often",
                posts.len()
            ));
        }
        shown.sightings = posts;
        Ok(Ok(shown))
    }

    /// What a site published between two instants, if its API is open and tells all of it.
    pub(super) async fn posts_between(
        &self,
        site: &Url,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Option<Vec<Sighting>> {
        for api in endpoints(site) {
            if let Ok(Ok((posts, true))) = self.pages(&api, Since::Between(from, to)).await {
                return Some(posts);
            }
        }
        None
    }

    /// The posts of an API, page by page, and whether that is all of them; or why it has none.
    async fn pages(&self, api: &Url, since: Since) -> Result<Result<(Vec<Sighting>, bool), String>, VisitError> {
        let mut all = Vec::new();
        for page in 1..=PAGES {
            let url = query(api, since, page);
            let document = match self.get(url, JSON, BYTES).await {
                Ok(document) => document,
                // Beyond the last page WordPress answers 400.
                Err(VisitError::Fetch(FetchError::Status(400))) if page > 1 => return Ok(Ok((all, true))),
                Err(VisitError::Fetch(FetchError::Status(status @ (400..=428 | 430..=499)))) if page == 1 => {
                    return Ok(Err(format!("the server answered {status}")));
                }
                Err(error) => return Err(error),
            };
            let posts = match self.posts(document).await? {
                Ok(posts) => posts,
                Err(wordpress::WordPressError::NoMore) => return Ok(Ok((all, true))),
                Err(error) if page == 1 && error.asks_for_the_feed() => return Ok(Err(error.to_string())),
                Err(error) => return Err(error.into()),
            };
            let is_last = posts.shown < PER_PAGE;
            all.extend(posts.sightings);
            if is_last {
                return Ok(Ok((all, true)));
            }
        }
        Ok(Ok((all, false)))
    }

    /// From when posts are asked for: a day before the last visit, for clocks differ and drafts are published under older dates.
    fn since(&self) -> Since {
        match self.state.last_success_at.filter(|_| self.has_same_settings()) {
            Some(at) => Since::Modified(at - TimeDelta::days(1)),
            None => Since::Published(self.now - FIRST),
        }
    }

    async fn posts(
        &self,
        document: crate::collect::fetch::Document,
    ) -> Result<Result<wordpress::Posts, wordpress::WordPressError>, VisitError> {
        let (source, now) = (self.source.clone(), self.now);
        blocking(move || {
            let named: Vec<&str> = source.taxonomies.iter().map(String::as_str).collect();
            let taxonomies = if named.is_empty() { wordpress::TAXONOMIES.to_vec() } else { named };
            Ok(wordpress::read(&document.bytes, address(&document), &taxonomies, &source, now))
        })
        .await
    }

    /// The feed in place of a closed API: page by page, until something is known.
    async fn paged_feed(&self, site: &Url, reason: &str) -> Result<Shown, VisitError> {
        let feed = feed_of(site);
        let mut shown = Shown::default();
        let mut pages = 0;
        for page in 1..=FEED_PAGES {
            let url = if page == 1 { feed.clone() } else { feed_visit::paged(&feed, page) };
            let document = match self.get(url, feed_visit::ACCEPT, feed::BYTES).await {
                Ok(document) => document,
                Err(_) if page > 1 => break,
                Err(error) => {
                    return Err(VisitError::Format(format!(
                        "the WordPress API gives nothing ({reason}), and neither does the feed {feed}: {error}"
                    )));
                }
            };
            if page == 1 {
                shown.visit = self.left(&document);
                shown.visit.moved_to = None;
            }
            let reading = self.read_feed(document).await?;
            pages = page;
            let oldest = reading.sightings.iter().filter_map(|sighting| sighting.published_at).min();
            let is_enough = reading.sightings.is_empty() || oldest.is_none_or(|at| at < self.oldest_wanted());
            shown.sightings.extend(reading.sightings);
            if is_enough {
                break;
            }
        }
        shown.notes.push(format!(
            "the WordPress API is closed ({reason}); {pages} pages of the feed {feed} were read instead"
        ));
        Ok(shown)
    }

    fn oldest_wanted(&self) -> DateTime<Utc> {
        self.state.last_success_at.map_or(self.now - FIRST, |at| at - TimeDelta::days(1))
    }
}

/// Which posts are asked for.
#[derive(Clone, Copy)]
enum Since {
    Published(DateTime<Utc>),
    Modified(DateTime<Utc>),
    Between(DateTime<Utc>, DateTime<Utc>),
}

/// Where the API of a site may lie: below `wp-json`, or behind a parameter where addresses are plain.
fn endpoints(site: &Url) -> Vec<Url> {
    if site.path().contains("/wp-json/") || site.query().is_some_and(|query| query.contains("rest_route=")) {
        return vec![site.clone()];
    }
    let base = folder_of(site);
    let pretty = base.join("wp-json/wp/v2/posts").ok();
    let plain = base.join("?rest_route=/wp/v2/posts").ok();
    pretty.into_iter().chain(plain).collect()
}

/// The site whose feed of everything an address is: `/feed/` and `?feed=rss2`, but not the feed of a category.
pub(super) fn site_of_feed(feed: &Url) -> Option<Url> {
    let mut site = feed.clone();
    site.set_fragment(None);
    let names: Vec<String> = feed.query_pairs().map(|(name, _)| name.into_owned()).collect();
    if names.iter().any(|name| name == "feed") {
        site.set_query(None);
        return names.iter().all(|name| matches!(name.as_str(), "feed" | "paged")).then_some(site);
    }
    let path = feed.path().trim_end_matches('/');
    let before = ["/feed", "/feed/rss2", "/feed/rss", "/feed/atom"].iter().find_map(|end| path.strip_suffix(end))?;
    let of_a_part =
        ["/category/", "/tag/", "/author/", "/comments"].iter().any(|part| format!("{before}/").contains(part));
    site.set_query(None);
    site.set_path(&format!("{before}/"));
    (!of_a_part).then_some(site)
}

fn feed_of(site: &Url) -> Url {
    let mut base = folder_of(site);
    if let Some(at) = base.path().find("/wp-json/") {
        let path = base.path()[..=at].to_owned();
        base.set_path(&path);
    }
    base.join("feed/").unwrap_or(base)
}

/// The site's address as a folder, without query and fragment.
fn folder_of(site: &Url) -> Url {
    let mut base = site.clone();
    base.set_query(None);
    base.set_fragment(None);
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    base
}

fn query(api: &Url, since: Since, page: u32) -> Url {
    let mut url = api.clone();
    let at = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let (name, value) = match since {
        Since::Published(instant) | Since::Between(instant, _) => ("after", at(instant)),
        // `modified_after` is known since WordPress 5.7; older ones ignore it and show the latest.
        Since::Modified(instant) => ("modified_after", at(instant)),
    };
    url.query_pairs_mut()
        .append_pair("per_page", &PER_PAGE.to_string())
        .append_pair("page", &page.to_string())
        .append_pair("_embed", "author,wp:term,wp:featuredmedia")
        .append_pair(name, &value);
    if let Since::Between(_, end) = since {
        url.query_pairs_mut().append_pair("before", &at(end));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_is_looked_for_below_the_site_and_behind_a_parameter() {
        let of = |url: &str| endpoints(&Url::parse(url).unwrap()).iter().map(Url::to_string).collect::<Vec<_>>();
        assert_eq!(
            of("https://ex.org/blog"),
            ["https://ex.org/blog/wp-json/wp/v2/posts", "https://ex.org/blog/?rest_route=/wp/v2/posts"]
        );
        assert_eq!(of("https://ex.org/wp-json/wp/v2/reports?x=1"), ["https://ex.org/wp-json/wp/v2/reports?x=1"]);
        let feed = |url: &str| feed_of(&Url::parse(url).unwrap()).to_string();
        assert_eq!(feed("https://ex.org/blog?x"), "https://ex.org/blog/feed/");
        assert_eq!(feed("https://ex.org/wp-json/wp/v2/posts"), "https://ex.org/feed/");
    }

    #[test]
    fn only_the_feed_of_everything_stands_for_the_site() {
        let site = |feed: &str| site_of_feed(&Url::parse(feed).unwrap()).map(|site| site.to_string());
        for feed in ["https://ex.org/blog/feed/", "https://ex.org/blog/feed", "https://ex.org/blog/feed/atom/?x"] {
            assert_eq!(site(feed).as_deref(), Some("https://ex.org/blog/"), "{feed}");
        }
        assert_eq!(site("https://ex.org/?feed=rss2").as_deref(), Some("https://ex.org/"));
        for feed in
            ["category/oil/feed/", "tag/x/feed", "author/ann/feed/", "comments/feed/", "?feed=rss2&cat=7", "rss.xml"]
        {
            assert_eq!(site(&format!("https://ex.org/{feed}")), None, "{feed}");
        }
    }
}
