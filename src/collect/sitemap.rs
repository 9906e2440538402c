//! Site maps (sitemaps.org 0.9) and site map indexes, plain or gzipped, with what Google News adds: which pages a site has, and what it says of them.
//!
//! As tolerant as the feed reader: missing and mismatched tags, bare ampersands, relative addresses and unknown parts are no trouble. Fetches nothing;
//! a page that is listed is read as a page by whoever wants its text.

use crate::collect::feed::FeedError;
use crate::collect::fetch::{FetchError, gunzip};
use crate::collect::xml::{Node, Tree};
use crate::collect::{dates, decode, language, prose};
use crate::domain::article::{ArticleText, PictureLink, Sighting, believed};
use crate::domain::source::Source;
use crate::domain::text::{Language, Line};
use chrono::{DateTime, Utc};
use url::Url;

/// The most bytes of a site map, unpacked: what sitemaps.org allows.
pub const BYTES: usize = 50 << 20;
/// The most addresses of one site map: what sitemaps.org allows.
pub const ENTRIES: usize = 50_000;

/// What a document lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteMap {
    /// Pages, in its order.
    Pages(Vec<Listed>),
    /// Other site maps, in its order.
    Index(Vec<Part>),
}

/// One page of a site map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Where it lies.
    pub url: Url,
    /// When it was last changed, if that is said.
    pub modified: Option<DateTime<Utc>>,
    /// What a Google News site map says of it.
    pub news: Option<News>,
    /// The first picture that an image site map names.
    pub picture: Option<PictureLink>,
}

/// One site map of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where it lies.
    pub url: Url,
    /// When it was last changed, if that is said.
    pub modified: Option<DateTime<Utc>>,
}

/// The news extension: enough for a story without its page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct News {
    /// Headline.
    pub title: Line,
    /// When it was published, as written.
    pub published_raw: Option<String>,
    /// When it was published.
    pub published: Option<DateTime<Utc>>,
    /// Its keywords, one by one.
    pub keywords: Vec<Line>,
    /// Its language.
    pub language: Option<Language>,
    /// Whether it is said to need a subscription or registration.
    pub paywalled: bool,
}

/// Why bytes are not read as a site map.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SiteMapError {
    /// Nothing there.
    #[error("the document is empty")]
    Empty,
    /// Too large, packed or unpacked.
    #[error("the site map is larger than {} MB unpacked", BYTES >> 20)]
    TooLarge,
    /// A gzip file that ends early or is damaged.
    #[error("the gzip file is damaged: {0}")]
    Gzip(String),
    /// Something else; what it is.
    #[error("this is no site map: {0}")]
    Other(String),
}

/// Reads a site map. `url` is where it was fetched.
pub fn read(bytes: &[u8], http_charset: Option<&str>, url: Option<&Url>) -> Result<SiteMap, SiteMapError> {
    let unpacked;
    let bytes = if bytes.starts_with(&[0x1F, 0x8B]) {
        unpacked = unpack(bytes)?;
        &unpacked
    } else {
        bytes
    };
    if bytes.len() > BYTES {
        return Err(SiteMapError::TooLarge);
    }
    let text = decode::decode(bytes, http_charset);
    let text = text.trim();
    if text.is_empty() {
        return Err(SiteMapError::Empty);
    }
    if !text.contains('<') {
        return addresses(text);
    }
    let tree = Tree::read(text, closes);
    let is = |name: &'static str| move |local: &str| local.eq_ignore_ascii_case(name);
    let root = tree.find(|e| is("urlset")(e.local) || is("sitemapindex")(e.local) || is("html")(e.local));
    let root = root.or_else(|| tree.find(|e| is("url")(e.local) || is("sitemap")(e.local)));
    match root {
        Some(root) if root.is("html") => Err(SiteMapError::Other("a web page".to_owned())),
        Some(root) if root.name().starts_with("sitemap") => {
            Ok(SiteMap::Index(root.named("sitemap").take(ENTRIES).filter_map(|node| part(node, url)).collect()))
        }
        Some(root) => {
            Ok(SiteMap::Pages(root.named("url").take(ENTRIES).filter_map(|node| listed(node, url)).collect()))
        }
        None => Err(SiteMapError::Other(what_else(bytes, url))),
    }
}

/// In words what it is instead.
fn what_else(bytes: &[u8], url: Option<&Url>) -> String {
    match crate::collect::feed::read(bytes, None, url) {
        Ok(_) => "a feed; use it as one".to_owned(),
        Err(FeedError::Other(what)) => what.to_owned(),
        Err(error) => error.to_string(),
    }
}

/// Unpacks a gzip file as far as the limit; what goes beyond is refused, not cut.
fn unpack(bytes: &[u8]) -> Result<Vec<u8>, SiteMapError> {
    gunzip(bytes, BYTES).map_err(|error| match error {
        FetchError::TooLarge(_) => SiteMapError::TooLarge,
        FetchError::Packed(why) => SiteMapError::Gzip(why),
        error => SiteMapError::Gzip(error.to_string()),
    })
}

/// The text form of sitemaps.org: an address a line.
fn addresses(text: &str) -> Result<SiteMap, SiteMapError> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pages: Vec<Listed> = lines()
        .filter_map(|line| web_url(line, None))
        .take(ENTRIES)
        .map(|url| Listed { url, modified: None, news: None, picture: None })
        .collect();
    // A text in which most lines are no address is some other text.
    if pages.is_empty() || pages.len() * 2 < lines().take(ENTRIES).count() {
        return Err(SiteMapError::Other("plain text".to_owned()));
    }
    Ok(SiteMap::Pages(pages))
}

/// A new entry ends one that its writer forgot to close; so does a new field.
fn closes(open: &str, new: &str) -> bool {
    const ENTRY: [&str; 2] = ["url", "sitemap"];
    const FIELDS: [&str; 4] = ["loc", "lastmod", "changefreq", "priority"];
    let is = |name: &str, names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    (is(new, &ENTRY) && (is(open, &ENTRY) || is(open, &FIELDS))) || (is(new, &FIELDS) && is(open, &FIELDS))
}

fn text_of(node: Node<'_, '_>, name: &str) -> Option<String> {
    let text = node.children().find(|child| child.is(name))?.text().trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn web_url(raw: &str, base: Option<&Url>) -> Option<Url> {
    let raw = raw.trim();
    let url = Url::parse(raw).ok().or_else(|| base?.join(raw).ok())?;
    (matches!(url.scheme(), "http" | "https") && url.has_host() && raw.len() <= 2_048).then_some(url)
}

fn part(node: Node<'_, '_>, base: Option<&Url>) -> Option<Part> {
    let url = web_url(&text_of(node, "loc")?, base)?;
    Some(Part { url, modified: text_of(node, "lastmod").as_deref().and_then(dates::parse) })
}

fn listed(node: Node<'_, '_>, base: Option<&Url>) -> Option<Listed> {
    let url = web_url(&text_of(node, "loc")?, base)?;
    let picture = node.children().filter(|child| child.is("image")).find_map(|image| {
        let link = PictureLink::new(web_url(&text_of(image, "loc")?, base)?);
        let line = |name: &str| text_of(image, name).map(|text| prose::line(&text));
        Some(PictureLink {
            alt: line("title").or_else(|| line("caption")).unwrap_or_default(),
            licence: line("license"),
            ..link
        })
    });
    Some(Listed {
        modified: text_of(node, "lastmod").as_deref().and_then(dates::parse),
        news: node.children().find(|child| child.is("news")).map(news),
        picture,
        url,
    })
}

fn news(node: Node<'_, '_>) -> News {
    let line = |name: &str| text_of(node, name).map(|text| prose::line(&text)).unwrap_or_default();
    let publication = node.children().find(|child| child.is("publication"));
    let published_raw = text_of(node, "publication_date");
    News {
        title: line("title"),
        published: published_raw.as_deref().and_then(dates::parse),
        published_raw,
        keywords: line("keywords").as_str().split([',', ';', '،']).map(Line::clean).filter(|l| !l.is_empty()).collect(),
        language: publication.and_then(|n| text_of(n, "language")).and_then(|tag| Language::parse(&tag).ok()),
        paywalled: !line("access").is_empty(),
    }
}

impl Listed {
    /// What the site map alone shows of a story, as one source's sighting; `None` where it gives no headline and the page must be read.
    pub fn sighting(&self, source: &Source, now: DateTime<Utc>) -> Option<Sighting> {
        let news = self.news.as_ref().filter(|news| !news.title.is_empty())?;
        let labels = source.tags.iter().map(|tag| Line::clean_to(tag, 80)).chain(news.keywords.iter().cloned());
        Some(Sighting {
            guid: None,
            url: Some(self.url.clone()),
            published_raw: news.published_raw.as_ref().map(|raw| raw.chars().take(200).collect()),
            published_at: believed(news.published.or(self.modified), now),
            updated_at: believed(self.modified, now),
            text: ArticleText {
                title: news.title.clone(),
                labels: labels.take(40).collect(),
                language: language::of(news.language.clone(), source.language.as_ref(), "", "", ""),
                picture: self.picture.clone().filter(|_| source.pictures.shows()),
                paywalled: news.paywalled,
                ..ArticleText::default()
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn pages(xml: &str) -> Vec<Listed> {
        match read(xml.as_bytes(), None, Url::parse("https://ex.org/maps/a.xml").ok().as_ref()).unwrap() {
            SiteMap::Pages(pages) => pages,
            SiteMap::Index(_) => panic!("an index"),
        }
    }

    const NEWS: &str = r#"<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:n="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
        <url><loc>https://ex.org/2026/11/20/a-vote</loc><n:news><n:publication><n:name>Ex</n:name><n:language>fa</n:language></n:publication>
        <n:publication_date>2026-11-20T08:30+01:00</n:publication_date><n:title>Votes &amp;amp; voters</n:title><n:keywords>Iran, oil ,,vote</n:keywords></n:news>
        <image:image><image:loc>https://ex.org/a.jpg</image:loc><image:caption>A hall</image:caption></image:image></url>
        <url><loc> /2026/b?x=1&y=2 </loc><lastmod>2026-11-19</lastmod></url></urlset>"#;

    #[test]
    fn news_and_pictures_are_read_whatever_their_prefix() {
        let pages = pages(NEWS);
        let news = pages[0].news.as_ref().unwrap();
        assert_eq!(news.title.as_str(), "Votes & voters");
        assert_eq!(news.published.unwrap().to_rfc3339(), "2026-11-20T07:30:00+00:00");
        assert_eq!(news.keywords.iter().map(Line::as_str).collect::<Vec<_>>(), ["Iran", "oil", "vote"]);
        assert_eq!(news.language.as_ref().unwrap().as_str(), "fa");
        assert_eq!(pages[0].picture.as_ref().unwrap().alt.as_str(), "A hall");
        assert_eq!((pages[1].url.as_str(), pages[1].news.is_none()), ("https://ex.org/2026/b?x=1&y=2", true));
        assert_eq!(pages[1].modified.unwrap().date_naive().to_string(), "2026-11-19");
    }

    #[test]
    fn an_index_lists_its_parts() {
        let xml = b"<sitemapindex><sitemap><loc>https://ex.org/1.xml.gz</loc><lastmod>2026-11-20</lastmod><sitemap><loc>https://ex.org/2.xml</loc></sitemapindex>";
        let SiteMap::Index(parts) = read(xml, None, None).unwrap() else { panic!("pages") };
        assert_eq!(
            parts.iter().map(|p| p.url.as_str()).collect::<Vec<_>>(),
            ["https://ex.org/1.xml.gz", "https://ex.org/2.xml"]
        );
    }

    #[test]
    fn gzip_is_known_by_its_first_bytes_and_a_bomb_is_refused() {
        let pack = |bytes: &[u8]| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        };
        let packed = pack(NEWS.as_bytes());
        assert!(matches!(read(&packed, None, None), Ok(SiteMap::Pages(pages)) if pages.len() == 1));
        assert!(matches!(read(&packed[..packed.len() - 20], None, None), Ok(SiteMap::Pages(_))));
        assert_eq!(read(&pack(&vec![b' '; BYTES + 1]), None, None), Err(SiteMapError::TooLarge));
        assert!(matches!(read(b"\x1F\x8Bnonsense", None, None), Err(SiteMapError::Gzip(_))));
    }

    #[test]
    fn a_list_of_addresses_is_a_site_map_and_other_documents_are_named() {
        assert!(
            matches!(read(b"https://ex.org/a\nhttps://ex.org/b\n", None, None), Ok(SiteMap::Pages(pages)) if pages.len() == 2)
        );
        let error = |bytes: &[u8]| read(bytes, None, None).unwrap_err().to_string();
        assert_eq!(
            error(b"<rss><channel><title>x</title></channel></rss>"),
            "this is no site map: a feed; use it as one"
        );
        assert_eq!(error(b"<!doctype html><html><body>x"), "this is no site map: a web page");
        assert_eq!(error(b"Not found"), "this is no site map: plain text");
        assert_eq!(error(b" "), "the document is empty");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(</?(urlset|url|loc|lastmod|news:news|sitemap)>?|https://ex.org/|&|\\PC){0,40}") {
            let _ = read(text.as_bytes(), None, None);
        }
    }
}
