//! Reads a site's list of what is read most: JSON (`[{"url": …, "views": …, "title": …}]`), a feed in that order, or a text with an address a line.
//! Whoever gives numbers is put into their order; else the list's own order holds.

use super::{feed, identity};
use crate::domain::ranking::RankedPage;
use crate::domain::text::Line;
use std::collections::BTreeSet;
use url::Url;

/// Pages that are kept of a list: an issue prints a few of them.
const MOST: usize = 50;

/// Why a list could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RankingError {
    /// It begins like JSON and is none, or none that lists pages.
    #[error(
        "not a list of pages: write [{{\"url\": \"https://…\", \"views\": 12}}, …], a feed, or an address a line ({0})"
    )]
    Json(String),
    /// It begins like a feed and is none.
    #[error(transparent)]
    Feed(#[from] feed::FeedError),
    /// Nothing in it is the address of a page.
    #[error("no line of it is the address of a page")]
    Empty,
}

#[derive(serde::Deserialize)]
struct Listed {
    url: String,
    #[serde(default)]
    views: Option<f64>,
    #[serde(default)]
    title: Option<String>,
}

/// Reads a list. `base` is where it lies, for relative links.
pub fn read(bytes: &[u8], charset: Option<&str>, base: Option<&Url>) -> Result<Vec<RankedPage>, RankingError> {
    let start = bytes.iter().find(|byte| !byte.is_ascii_whitespace() && !matches!(byte, 0xEF | 0xBB | 0xBF));
    let listed = match start {
        Some(b'[') => json(bytes)?,
        Some(b'<' | b'{') => of_feed(feed::read(bytes, charset, base)?),
        _ => String::from_utf8_lossy(bytes).lines().filter_map(line).collect(),
    };
    let mut told = BTreeSet::new();
    let mut pages: Vec<RankedPage> = listed.into_iter().filter_map(|listed| page(listed, base)).collect();
    if pages.iter().all(|page| page.views.is_some()) {
        pages.sort_by_key(|page| std::cmp::Reverse(page.views));
    }
    pages.retain(|page| told.insert(page.key.clone()));
    pages.truncate(MOST);
    if pages.is_empty() { Err(RankingError::Empty) } else { Ok(pages) }
}

fn json(bytes: &[u8]) -> Result<Vec<Listed>, RankingError> {
    let text = String::from_utf8_lossy(bytes);
    serde_json::from_str(text.trim_start_matches('\u{FEFF}')).map_err(|error| RankingError::Json(error.to_string()))
}

fn of_feed(feed: feed::FeedDocument) -> Vec<Listed> {
    let listed = |item: feed::FeedItem| Some(Listed { url: item.link?, views: None, title: item.title });
    feed.items.into_iter().filter_map(listed).collect()
}

/// An address, perhaps with a number after it; `#` begins a remark.
fn line(line: &str) -> Option<Listed> {
    let line = line.trim().trim_start_matches('\u{FEFF}');
    if line.starts_with('#') {
        return None;
    }
    let mut words = line.split([' ', '\t', ',', ';']).filter(|word| !word.is_empty());
    let url = words.next()?.to_owned();
    Some(Listed { url, views: words.next().and_then(|word| word.parse().ok()), title: None })
}

fn page(listed: Listed, base: Option<&Url>) -> Option<RankedPage> {
    let url = match base {
        Some(base) => base.join(listed.url.trim()).ok()?,
        None => Url::parse(listed.url.trim()).ok()?,
    };
    let is_web = matches!(url.scheme(), "http" | "https");
    // The front page is always read most, and is no story.
    let key = identity::url_key(&url).filter(|_| is_web)?;
    let title = listed.title.map(|title| Line::clean(&title)).filter(|title| !title.is_empty());
    let views = listed.views.filter(|views| views.is_finite() && *views >= 0.0).map(|views| views as u64);
    Some(RankedPage { url: identity::address::without_tracking(url), key, title, views })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        let base = Url::parse("https://paper.example/most.json").unwrap();
        let pages = read(text.as_bytes(), None, Some(&base)).unwrap();
        pages.iter().map(|page| page.url.path().to_owned()).collect()
    }

    #[test]
    fn numbers_order_a_list_and_without_them_its_own_order_holds() {
        let json = r#"[{"url":"/a","views":3},{"url":"https://paper.example/b","views":9,"title":"B"},{"url":"/","views":99}]"#;
        assert_eq!(paths(json), ["/b", "/a"]);
        assert_eq!(paths(r#"[{"url":"/a"},{"url":"/b","views":9}]"#), ["/a", "/b"]);
        assert_eq!(paths("# yesterday\nhttps://paper.example/a 5\n/b, 7\n/a?utm_source=x 1\n"), ["/b", "/a"]);
    }

    #[test]
    fn what_counts_visits_is_no_part_of_an_address() {
        let pages = read(b"https://paper.example/a?utm_source=social&id=3 5", None, None).unwrap();
        assert_eq!(pages[0].url.as_str(), "https://paper.example/a?id=3");
    }

    #[test]
    fn a_feed_is_read_in_its_order() {
        let feed = "<rss version='2.0'><channel><title>T</title><item><title>One</title><link>https://paper.example/1</link></item><item><title>Two</title><link>https://paper.example/2</link></item></channel></rss>";
        assert_eq!(paths(feed), ["/1", "/2"]);
    }

    #[test]
    fn what_is_no_list_is_refused_with_what_to_write() {
        for (text, said) in [("[1, 2]", "write [{\"url\""), ("", "no line of it"), ("<html></html>", "feed")] {
            let error = read(text.as_bytes(), None, None).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
