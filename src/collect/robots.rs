//! `robots.txt` (RFC 9309): which pages of a site may be read by a program, and where its site maps lie. Not asked for feeds, which are there to be read
//! by programs. What a file allows is the library's business; whom to ask, how long an answer holds and what silence means is decided here.

use super::fetch::{Answer, Fetch, FetchError, Request};
use crate::domain::source::Source;
use crate::store::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use robotxt::Robots;
use std::sync::Arc;
use url::Url;

/// What a crawler must be able to read (section 2.5).
const BYTES: usize = 500 << 10;
/// How long an answer is used (section 2.4).
const KEPT: TimeDelta = TimeDelta::hours(24);
/// Site maps of one file beyond this many are not looked at.
const MAPS: usize = 5;
/// The name by which sites know us.
pub const PRODUCT: &str = "week-in-review";

/// Whether a file lets us have an address.
fn allows(text: &str, product: &str, url: &Url) -> bool {
    let named = text.lines().map(without_version).collect::<Vec<_>>().join("\n");
    Robots::parse(named.as_bytes(), product).is_url_allowed(url)
}

/// A line that names programs, without the version that some write behind the name and that does not matter (section 2.2.1).
fn without_version(line: &str) -> &str {
    let name_at = line
        .split_once(':')
        .filter(|(key, _)| key.trim().eq_ignore_ascii_case("user-agent"))
        .map(|(key, _)| key.len() + 1);
    name_at.and_then(|at| Some(at + line[at..].find('/')?)).map_or(line, |end| &line[..end])
}

/// Whether a page of a source may be read, by what its site says or said within a day. A site that cannot say because it is broken is left alone.
pub async fn may_read<F: Fetch>(
    store: &Arc<Store>,
    fetch: &F,
    source: &Source,
    url: &Url,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let product = source.access.user_agent.as_deref().and_then(|name| name.split(['/', ' ']).next()).unwrap_or(PRODUCT);
    Ok(of_site(store, fetch, source, url, now).await?.is_some_and(|text| allows(&text, product, url)))
}

/// The site maps that the site of an address names (sitemaps.org, "Specifying the Sitemap location in your robots.txt file"), on whatever host they lie.
pub async fn site_maps<F: Fetch>(
    store: &Arc<Store>,
    fetch: &F,
    source: &Source,
    url: &Url,
    now: DateTime<Utc>,
) -> Result<Vec<Url>, StoreError> {
    Ok(of_site(store, fetch, source, url, now).await?.map(|text| named_maps(&text, url)).unwrap_or_default())
}

/// What a file's `Sitemap` lines name; they belong to no group of programs.
pub fn named_maps(text: &str, site: &Url) -> Vec<Url> {
    let mut maps: Vec<Url> = Vec::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let Some((key, place)) = line.split_once(':') else { continue };
        if key.trim().trim_start_matches('\u{FEFF}').eq_ignore_ascii_case("sitemap")
            && let Ok(map) = site.join(place.trim())
            && matches!(map.scheme(), "http" | "https")
            && !place.trim().is_empty()
            && !maps.contains(&map)
            && maps.len() < MAPS
        {
            maps.push(map);
        }
    }
    maps
}

/// The file of a site, as it is or was within a day; `None` when a site cannot say and never said.
async fn of_site<F: Fetch>(
    store: &Arc<Store>,
    fetch: &F,
    source: &Source,
    url: &Url,
    now: DateTime<Utc>,
) -> Result<Option<String>, StoreError> {
    let Ok(place) = url.join("/robots.txt") else { return Ok(None) };
    let host = url.origin().ascii_serialization();
    let known = store.robots(&host)?;
    if let Some((text, at)) = &known
        && *at <= now
        && now - *at < KEPT
    {
        return Ok(Some(text.clone()));
    }
    let request = Request {
        allow_private: source.allow_private,
        access: source.access_for(url),
        ..Request::new(place, "text/plain, */*;q=0.1", BYTES)
    };
    let text = match fetch.fetch(request).await {
        Ok(Answer::Document(document)) => String::from_utf8_lossy(&document.bytes).into_owned(),
        // Not there: nothing is forbidden (section 2.3.1.3).
        Ok(Answer::NotModified(_)) | Err(FetchError::Status(400..=428 | 430..=499)) => String::new(),
        Err(FetchError::TooLarge(_) | FetchError::TooMuchPacked(_)) => String::new(),
        Err(_) => return Ok(known.map(|(text, _)| text)),
    };
    store.keep_robots(&host, &text, now)?;
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(text: &str, path: &str) -> bool {
        super::allows(text, PRODUCT, &Url::parse(&format!("https://ex.org{path}")).unwrap())
    }

    #[test]
    fn the_longest_rule_decides_and_allowing_wins_a_tie() {
        let text =
            "User-agent: *\nDisallow: /private/\nAllow: /private/press\nDisallow: /*.pdf$\nDisallow: /a\nAllow: /a";
        assert!(allows(text, "/news"));
        assert!(!allows(text, "/private/x"));
        assert!(allows(text, "/private/press/1"));
        assert!(!allows(text, "/x/y.pdf"));
        assert!(allows(text, "/x/y.pdf?download"));
        assert!(allows(text, "/a"));
    }

    #[test]
    fn our_own_group_stands_above_the_one_for_all() {
        let text =
            "User-Agent: *\nDisallow: /\n\nuser-agent: other\nUser-agent: Week-In-Review/1.0 # us\nDisallow: /search\n";
        assert!(allows(text, "/news"));
        assert!(!allows(text, "/search?q=x"));
        assert!(!super::allows(text, "unknown", &Url::parse("https://ex.org/news").unwrap()));
        assert!(
            allows("User-agent: week-in-review\nDisallow:\n\nUser-agent: *\nDisallow: /", "/x"),
            "nothing is forbidden to us"
        );
    }

    #[test]
    fn site_maps_are_named_anywhere_in_the_file() {
        let text = "\u{FEFF}sitemap: /a.xml\nUser-agent: x\nDisallow: /\nSiteMap : https://maps.example/b.xml.gz # all\nSitemap:\nSitemap: /a.xml\nSitemap: ftp://ex.org/c";
        let named: Vec<String> =
            named_maps(text, &Url::parse("https://ex.org/feed").unwrap()).into_iter().map(String::from).collect();
        assert_eq!(named, ["https://ex.org/a.xml", "https://maps.example/b.xml.gz"]);
    }

    #[test]
    fn nonsense_forbids_nothing() {
        for text in ["", "<!doctype html><title>404</title>", "Disallow: /", "\u{FEFF}User-agent: *\nDisallow"] {
            assert!(allows(text, "/news"), "{text}");
        }
    }
}
