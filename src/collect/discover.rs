//! What a site offers to programs: its feeds, site maps and API, found from any address of it. Reads, and keeps nothing.

use super::decode;
use super::entities;
use super::fetch::{Answer, Document, Fetch, FetchError, Request};
use super::guard::{Token, Tokens};
use super::{feed, robots, sitemap, wordpress};
use crate::domain::source::{Place, Source, SourceKind};
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use chrono::{DateTime, Utc};
use std::collections::HashSet;
use url::Url;

/// The most bytes of anything that is looked at.
const BYTES: usize = 8 << 20;
/// Addresses that are tried at most.
const TRIED: usize = 14;
/// Where feeds lie when no page says so.
const FEEDS: [&str; 7] = ["/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json"];

/// A source that a site offers.
#[derive(Debug, Clone)]
pub struct Offer {
    /// As it would be configured.
    pub source: Source,
    /// How it was found.
    pub found: &'static str,
    /// What it shows now.
    pub items: usize,
}

/// Finds what the site at an address offers, the best first: what keeps more and dates better stands above what scrolls off.
pub async fn discover<F: Fetch>(
    fetch: &F,
    url: &Url,
    allow_private: bool,
    now: DateTime<Utc>,
) -> Result<Vec<Offer>, FetchError> {
    let site = Site { fetch, url, allow_private, now };
    let document = site.get(url.clone()).await?;
    if let Some(offer) = site.offer(&document, "it is one itself") {
        return Ok(vec![offer]);
    }
    let mut offers: Vec<Offer> = Vec::new();
    let mut tried: HashSet<Url> = HashSet::new();
    let named = links(&document);
    let guesses = FEEDS.iter().filter_map(|path| url.join(path).ok()).map(|url| (url, "a usual place"));
    let site_maps = site.site_maps().await;
    for (candidate, how) in named.into_iter().chain(site_maps).chain(guesses) {
        let is_guess = how == "a usual place";
        // Guesses are for sites that name nothing.
        if (is_guess && !offers.is_empty()) || tried.len() >= TRIED || !tried.insert(candidate.clone()) {
            continue;
        }
        if let Ok(document) = site.get(candidate).await
            && let Some(offer) = site.offer(&document, how)
            && offers.iter().all(|known| known.source.kind != offer.source.kind)
        {
            offers.push(offer);
        }
    }
    Ok(offers)
}

struct Site<'a, F> {
    fetch: &'a F,
    url: &'a Url,
    allow_private: bool,
    now: DateTime<Utc>,
}

impl<F: Fetch> Site<'_, F> {
    async fn get(&self, url: Url) -> Result<Document, FetchError> {
        let accept = "text/html, application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5";
        let request = Request { allow_private: self.allow_private, ..Request::new(url, accept, BYTES) };
        match self.fetch.fetch(request).await? {
            Answer::Document(document) => Ok(*document),
            Answer::NotModified(_) => Err(FetchError::Status(304)),
        }
    }

    /// The site maps that robots.txt names, else the usual one.
    async fn site_maps(&self) -> Vec<(Url, &'static str)> {
        let mut maps = Vec::new();
        if let Ok(place) = self.url.join("/robots.txt")
            && let Ok(document) = self.get(place).await
        {
            let text = String::from_utf8_lossy(&document.bytes);
            maps.extend(robots::named_maps(&text, self.url).into_iter().take(3).map(|map| (map, "robots.txt")));
        }
        if maps.is_empty() {
            maps.extend(self.url.join("/sitemap.xml").ok().map(|url| (url, "a usual place for site maps")));
        }
        maps
    }

    /// What a document is as a source, if it is one.
    fn offer(&self, document: &Document, found: &'static str) -> Option<Offer> {
        let place = Place::Url(document.moved_to.clone().unwrap_or_else(|| document.url.clone()));
        let charset = document.charset.as_deref();
        if document.url.path().contains("/wp-json/")
            || document.url.query().is_some_and(|query| query.contains("rest_route="))
        {
            let source = self.source("posts", SourceKind::WordPress(Place::Url(self.url.clone())), None);
            let posts =
                wordpress::read(&document.bytes, Some(&document.url), &wordpress::TAXONOMIES, &source, self.now)
                    .ok()?;
            return Some(Offer {
                source: self.source("posts", SourceKind::WordPress(Place::Url(site_of(&document.url))), None),
                found,
                items: posts.shown,
            });
        }
        if let Ok(parsed) = feed::read(&document.bytes, charset, Some(&document.url)) {
            let source = self.source("feed", SourceKind::Feed(place), parsed.title.as_deref());
            return Some(Offer { source, found, items: parsed.items.len() });
        }
        let items = match sitemap::read(&document.bytes, charset, Some(&document.url)).ok()? {
            sitemap::SiteMap::Pages(pages) => pages.len(),
            sitemap::SiteMap::Index(parts) => parts.len(),
        };
        Some(Offer { source: self.source("site-map", SourceKind::SiteMap(place), None), found, items })
    }

    fn source(&self, what: &str, kind: SourceKind, title: Option<&str>) -> Source {
        let host = self.url.host_str().unwrap_or("site").trim_start_matches("www.").to_ascii_lowercase();
        let name: String = title.unwrap_or(&host).to_owned();
        let id: String = host.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let id = format!("{}-{what}", id.trim_matches('-'));
        let fallback = || Slug::parse("site").expect("a constant slug parses");
        let source = Source::new(Slug::parse(&id).unwrap_or_else(|_| fallback()), Line::clean_to(&name, 80), kind);
        Source { allow_private: self.allow_private, ..source }
    }
}

/// The address of a WordPress site from that of its API.
fn site_of(api: &Url) -> Url {
    let mut site = api.clone();
    site.set_query(None);
    if let Some(at) = site.path().find("/wp-json/") {
        let path = site.path()[..=at].to_owned();
        site.set_path(&path);
    }
    site
}

/// Feeds and APIs that a page names in its head.
fn links(document: &Document) -> Vec<(Url, &'static str)> {
    let html = decode::decode(&document.bytes, document.charset.as_deref());
    let mut found = Vec::new();
    for token in Tokens::new(&html).take(20_000) {
        let Token::Tag(tag) = token else { continue };
        if tag.end || !tag.name.eq_ignore_ascii_case("link") {
            continue;
        }
        let value =
            |name: &str| tag.attribute(name).map(|value| entities::decode(value).to_string()).unwrap_or_default();
        let (rel, kind) = (value("rel").to_ascii_lowercase(), value("type").to_ascii_lowercase());
        let Ok(url) = document.url.join(value("href").trim()) else { continue };
        let is_feed = ["rss", "atom", "feed+json", "rdf"].iter().any(|word| kind.contains(word));
        if rel.split_whitespace().any(|word| word == "https://api.w.org/") {
            if let Ok(posts) = url.join("wp/v2/posts?per_page=5&_embed=author,wp:term") {
                found.insert(0, (posts, "the page names its API"));
            }
        } else if rel.split_whitespace().any(|word| word == "alternate") && is_feed && !url.path().contains("comments")
        {
            found.push((url, "the page names it"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::fetch::FixtureFetch;

    const RSS: &[u8] = b"<rss version='2.0'><channel><title>The Harbour</title><item><title>A</title><link>https://ex.org/a</link></item></channel></rss>";

    async fn of(fetch: FixtureFetch, url: &str) -> Vec<(String, &'static str, usize)> {
        let offers = discover(&fetch, &Url::parse(url).unwrap(), false, DateTime::UNIX_EPOCH).await.unwrap();
        offers
            .iter()
            .map(|offer| {
                (format!("{} {}", offer.source.kind.as_str(), offer.source.kind.place()), offer.found, offer.items)
            })
            .collect()
    }

    #[tokio::test]
    async fn what_a_page_names_is_found_and_comments_are_not() {
        let page = "<html><head><link rel='alternate' type='application/rss+xml' href='/news.rss'>\
            <link rel='alternate' type='application/rss+xml' href='/comments/feed'><link rel='https://api.w.org/' href='https://ex.org/wp-json/'></head></html>";
        let post =
            br#"[{"id":1,"link":"https://ex.org/1","title":{"rendered":"One"},"content":{"rendered":"<p>x</p>"}}]"#;
        let fetch = FixtureFetch::new()
            .with("https://ex.org/", "text/html", page.as_bytes().to_vec())
            .with("https://ex.org/news.rss", "application/rss+xml", RSS)
            .with("https://ex.org/comments/feed", "application/rss+xml", RSS)
            .with(
                "https://ex.org/wp-json/wp/v2/posts?per_page=5&_embed=author,wp:term",
                "application/json",
                post.as_slice(),
            )
            .with("https://ex.org/robots.txt", "text/plain", b"Sitemap: https://ex.org/maps/news.xml".as_slice())
            .with(
                "https://ex.org/maps/news.xml",
                "text/xml",
                b"<urlset><url><loc>https://ex.org/a</loc></url></urlset>".as_slice(),
            );
        assert_eq!(
            of(fetch, "https://ex.org/").await,
            [
                ("wordpress https://ex.org/".to_owned(), "the page names its API", 1),
                ("feed https://ex.org/news.rss".to_owned(), "the page names it", 1),
                ("sitemap https://ex.org/maps/news.xml".to_owned(), "robots.txt", 1),
            ]
        );
    }

    #[tokio::test]
    async fn a_silent_site_is_asked_at_the_usual_places_and_a_feed_is_taken_as_it_is() {
        let fetch = || {
            FixtureFetch::new().with("https://ex.org/", "text/html", b"<html></html>".as_slice()).with(
                "https://ex.org/rss.xml",
                "text/xml",
                RSS,
            )
        };
        assert_eq!(
            of(fetch(), "https://ex.org/").await,
            [("feed https://ex.org/rss.xml".to_owned(), "a usual place", 1)]
        );
        assert_eq!(
            of(fetch(), "https://ex.org/rss.xml").await,
            [("feed https://ex.org/rss.xml".to_owned(), "it is one itself", 1)]
        );
    }
}
