//! Feeds of every family, as they really are, read into one shape: RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, CDF, JSON Feed.
//!
//! Reads bytes and nothing else: no network, no clock. What it returns is still untrusted; `sighting` cleans it.

mod atom;
mod json;
mod mojibake;
mod people;
mod repair;
mod rss;
mod sighting;

pub use people::{Person, byline};
pub use sighting::sightings;

use crate::collect::fetch::{FetchError, gunzip};
use crate::collect::habit::Quiet;
use crate::collect::xml::{Node, Space, Tree};
use crate::collect::{decode, entities, prose};
use crate::domain::slot::is_noncharacter;
use crate::domain::text::only;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::borrow::Cow;
use url::Url;

/// The most labels and people that one item or feed has; each new one is looked for among those before.
const MOST: usize = 200;

/// The most bytes of a feed, decoded.
pub const BYTES: usize = 8 << 20;
/// The most items of a feed that are read.
pub const ITEMS: usize = 5_000;

/// The family a feed belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// RSS 0.91 to 2.0.
    Rss,
    /// Atom 0.3 and 1.0.
    Atom,
    /// RSS 0.9 and 1.0.
    Rdf,
    /// JSON Feed 1.x.
    Json,
    /// Channel Definition Format of 1997.
    Cdf,
}

/// A feed as its writer meant it. Texts are plain, `…_html` is untrusted markup, links are absolute where a base is known.
#[derive(Debug, Clone)]
pub struct FeedDocument {
    /// Its family.
    pub format: Format,
    /// Its name.
    pub title: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// The page it belongs to.
    pub link: Option<String>,
    /// Its own address, as it says.
    pub feed_url: Option<String>,
    /// Its language, as written.
    pub language: Option<String>,
    /// When it last changed.
    pub updated: Option<DateTime<Utc>>,
    /// Whose it is.
    pub copyright: Option<String>,
    /// The program that made it.
    pub generator: Option<String>,
    /// Its picture.
    pub image: Option<String>,
    /// Its topics.
    pub categories: Vec<String>,
    /// Its people.
    pub authors: Vec<Person>,
    /// Where its older items lie: the archive before this document, or its next page (RFC 5005, sections 3 and 4).
    pub older: Option<String>,
    /// How long it need not be asked again, in minutes, as RSS 2.0 says it in `ttl`.
    pub ttl_minutes: Option<u32>,
    /// When it says that nobody need ask.
    pub quiet: Quiet,
    /// Its items, in its order.
    pub items: Vec<FeedItem>,
}

/// One item of a feed.
#[derive(Debug, Clone, Default)]
pub struct FeedItem {
    /// The feed's own name for it.
    pub id: Option<String>,
    /// Headline, plain.
    pub title: Option<String>,
    /// Its page.
    pub link: Option<String>,
    /// The page that its link leads to by way of whoever counts readers, as `FeedBurner` says it.
    pub original_link: Option<String>,
    /// Description or summary; untrusted markup.
    pub summary_html: Option<String>,
    /// Body; untrusted markup.
    pub content_html: Option<String>,
    /// When it was published, as written.
    pub published_raw: Option<String>,
    /// When it was published.
    pub published: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated: Option<DateTime<Utc>>,
    /// Who wrote it.
    pub authors: Vec<Person>,
    /// Its labels.
    pub categories: Vec<String>,
    /// Files that belong to it.
    pub enclosures: Vec<Enclosure>,
    /// Its picture.
    pub image: Option<ItemImage>,
    /// What relative links in its markup are relative to.
    pub base: Option<Url>,
    /// Its language where it differs.
    pub language: Option<String>,
}

/// A picture of an item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemImage {
    /// Its address.
    pub url: String,
    /// What it shows.
    pub alt: Option<String>,
    /// Who made it.
    pub credit: Option<String>,
}

/// A file that belongs to an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Enclosure {
    /// Its address.
    pub url: String,
    /// Its media type.
    #[serde(rename = "type")]
    pub media_type: Option<String>,
    /// Its size in bytes.
    pub length: Option<u64>,
}

/// Why bytes are not read as a feed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// Nothing there.
    #[error("the document is empty")]
    Empty,
    /// Too large to be a feed.
    #[error("the document is larger than {} MB", BYTES >> 20)]
    TooLarge,
    /// A web page, as sites serve it when a feed has moved.
    #[error("this is a web page{}, not a feed", title.as_ref().map(|t| format!(" ({t:?})")).unwrap_or_default())]
    WebPage {
        /// The page's title.
        title: Option<String>,
    },
    /// Something else.
    #[error("this is {0}, not a feed")]
    Other(&'static str),
    /// JSON that cannot be read.
    #[error("the JSON is broken: {0}")]
    Json(String),
}

/// Reads a feed. `http_charset` is what HTTP said, `url` where it was fetched.
pub fn read(bytes: &[u8], http_charset: Option<&str>, url: Option<&Url>) -> Result<FeedDocument, FeedError> {
    if bytes.len() > BYTES {
        return Err(FeedError::TooLarge);
    }
    if bytes.starts_with(&[0x1F, 0x8B]) {
        // Packed as a file rather than on the way; nothing packed twice is a feed.
        let unpacked = gunzip(bytes, BYTES).map_err(|error| match error {
            FetchError::TooLarge(_) => FeedError::TooLarge,
            _ => FeedError::Other("a damaged gzip archive"),
        })?;
        return match binary(&unpacked) {
            Some(what) => Err(FeedError::Other(what)),
            None => read(&unpacked, http_charset, url),
        };
    }
    if let Some(what) = binary(bytes) {
        return Err(FeedError::Other(what));
    }
    let text = decode::decode(bytes, http_charset);
    let text = prose_of(&text);
    let text = text.trim();
    if text.is_empty() {
        return Err(FeedError::Empty);
    }
    if text.starts_with(['{', '[']) || is_call(text) {
        return json::read(text, url);
    }
    read_xml(text, url).or_else(|error| match as_shown(text) {
        Some(shown) => read_xml(&shown, url).map_err(|_| error),
        None => Err(error),
    })
}

/// Whether a document is JSON in the argument of a call: `callback({…})`.
fn is_call(text: &str) -> bool {
    let name = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.' | '/' | '*'));
    name.len() < text.len() && name.starts_with("({")
}

/// A feed that a page shows instead of being it, `&lt;rss version=…`: its markup, once more. A page that says anything before it tells of feeds.
fn as_shown(text: &str) -> Option<String> {
    let start = ["&lt;rss", "&lt;feed", "&lt;rdf:RDF"].iter().filter_map(|root| text.find(root)).min()?;
    let before = prose::to_text(&text[..start]);
    if !before.trim().is_empty() && !before.trim_start().starts_with("<?xml") {
        return None;
    }
    Some(entities::decode(&text[start..]).into_owned())
}

fn read_xml(text: &str, url: Option<&Url>) -> Result<FeedDocument, FeedError> {
    let tree = Tree::read(text, closes);
    let is = |names: &'static [&str]| move |local: &str| names.iter().any(|name| name.eq_ignore_ascii_case(local));
    let root_name = is(&["rss", "rdf", "feed", "channel", "entry"]);
    let page_name = is(&["html", "body", "head"]);
    let Some(root) = tree.find(|e| root_name(e.local) || page_name(e.local)) else {
        return Err(FeedError::Other(what_else(&tree, text)));
    };
    // A program that takes everything for a page wraps it in one.
    let inner = || tree.find(|e| is(&["rss", "rdf"])(e.local) || e.local.eq_ignore_ascii_case("feed"));
    let root = if page_name(&root.name()) { inner().filter(|n| has_items(*n)).unwrap_or(root) } else { root };
    let reader = Reader { url: url.cloned(), has_bases: memchr::memmem::find(text.as_bytes(), b"xml:base").is_some() };
    match root.name().as_str() {
        "feed" | "entry" => Ok(atom::read(root, &reader)),
        "rss" => Ok(rss::read(root, Format::Rss, &reader)),
        "rdf" => Ok(rss::read(root, Format::Rdf, &reader)),
        "channel"
            if ["href", "lastmod"].iter().any(|name| {
                root.attribute(name).is_some() || root.children().any(|c| c.is("item") && c.attribute(name).is_some())
            }) =>
        {
            Ok(rss::read(root, Format::Cdf, &reader))
        }
        "channel" => Ok(rss::read(root, Format::Rss, &reader)),
        _ => Err(FeedError::WebPage {
            title: tree
                .find(|e| e.local.eq_ignore_ascii_case("title"))
                .and_then(|t| filled(prose::line(&t.text()).as_str())),
        }),
    }
}

fn has_items(root: Node<'_, '_>) -> bool {
    root.descendants().any(|n| matches!(n.name().as_str(), "item" | "entry"))
}

/// Characters that no text may hold, but for line breaks and tabs: they would stand in every field.
fn prose_of(text: &str) -> Cow<'_, str> {
    only(text, |c| (!c.is_control() || matches!(c, '\n' | '\t' | '\r')) && !is_noncharacter(c))
}

fn binary(bytes: &[u8]) -> Option<&'static str> {
    const SIGNS: [(&[u8], &str); 7] = [
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a picture"),
        (b"\xFF\xD8\xFF", "a picture"),
        (b"GIF8", "a picture"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\x1F\x8B", "a gzip archive in another"),
        (b"SQLite format 3", "a database"),
    ];
    SIGNS.iter().find(|(sign, _)| bytes.starts_with(sign)).map(|(_, what)| *what)
}

fn what_else(tree: &Tree<'_>, text: &str) -> &'static str {
    let has = |name: &str| tree.find(|e| e.local.eq_ignore_ascii_case(name)).is_some();
    match () {
        () if has("urlset") || has("sitemapindex") => "a site map",
        () if has("opml") => "a list of feeds (OPML)",
        () if has("error") => "an error message in XML",
        () if text.starts_with("BEGIN:VCALENDAR") => "a calendar",
        () if has("p") || has("div") || has("table") => "a piece of a web page",
        () if tree.find(|_| true).is_some() => "some other XML",
        () => "plain text",
    }
}

/// Whether a start tag ends an element that was never closed: fields of an item do not hold each other.
fn closes(open: &str, new: &str) -> bool {
    const TEXTS: [&str; 15] = [
        "title",
        "link",
        "guid",
        "pubdate",
        "lastbuilddate",
        "category",
        "id",
        "updated",
        "published",
        "language",
        "copyright",
        "generator",
        "ttl",
        "docs",
        "comments",
    ];
    const FIELDS: [&str; 21] = [
        "title",
        "link",
        "guid",
        "pubdate",
        "description",
        "category",
        "author",
        "item",
        "entry",
        "id",
        "updated",
        "published",
        "summary",
        "content",
        "content:encoded",
        "dc:creator",
        "dc:date",
        "dc:subject",
        "enclosure",
        "comments",
        "items",
    ];
    let is = |name: &str, names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    if is(new, &["item", "entry"])
        && is(open, &["item", "entry", "description", "summary", "encoded", "creator", "date", "author"])
    {
        return true;
    }
    (is(open, &TEXTS) && is(new, &FIELDS))
        || (is(open, &["description", "encoded"]) && is(new, &["pubdate", "guid", "content:encoded"]))
}

/// What every part of the reading needs to know.
struct Reader {
    url: Option<Url>,
    has_bases: bool,
}

impl Reader {
    /// What links in an element are relative to: its `xml:base`, else the document's address.
    fn base(&self, node: Node<'_, '_>) -> Option<Url> {
        if !self.has_bases {
            return self.url.clone();
        }
        let bases: Vec<_> = node.ancestry().filter_map(|n| n.attribute("xml:base")).collect();
        bases.iter().rev().fold(self.url.clone(), |base, next| {
            absolute(next, base.as_ref()).and_then(|url| Url::parse(&url).ok()).or(base)
        })
    }

    /// A link, made absolute if it can be; as written if not.
    fn link(&self, raw: &str, node: Node<'_, '_>) -> Option<String> {
        let raw = raw.trim();
        if raw.is_empty() {
            return None;
        }
        Some(absolute(raw, self.base(node).as_ref()).unwrap_or_else(|| raw.to_owned()))
    }
}

/// A link made absolute; `None` when it is relative and nothing is known that it is relative to.
fn absolute(raw: &str, base: Option<&Url>) -> Option<String> {
    let raw = raw.trim();
    if raw.is_empty() {
        return None;
    }
    match Url::parse(raw) {
        // What is a web address already stays as its writer wrote it.
        Ok(url) if url.has_host() && raw.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') => Some(raw.to_owned()),
        Ok(url) => Some(url.into()),
        Err(url::ParseError::RelativeUrlWithoutBase) => base?.join(raw).ok().map(Into::into),
        Err(_) => None,
    }
}

/// A text that has something in it.
fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// An element's text as one plain line.
fn plain(node: Node<'_, '_>) -> Option<String> {
    let text = if node.has_children() { prose::to_text(&node.markup()) } else { node.text().into_owned() };
    filled(prose::line(&mojibake::mended(&text)).as_str())
}

/// An element's text as one plain line that may be long.
fn description(node: Node<'_, '_>) -> Option<String> {
    let text = if node.has_children() { prose::to_text(&node.markup()) } else { node.text().into_owned() };
    filled(prose::line_to(&mojibake::mended(&text), 10_000).as_str())
}

/// An element's content as markup, whether it was escaped, in CDATA or neither.
fn markup(node: Node<'_, '_>) -> Option<String> {
    if node.has_children() {
        return filled(&mojibake::mended(&node.markup()));
    }
    let text = node.text();
    let text = mojibake::mended(&text);
    filled(unescaped(&text).as_deref().unwrap_or(&text))
}

/// The markup of a text that was markup already when it was escaped once more: it begins with an escaped tag and has no other, or ones that a program
/// has hung on it, as Reddit's does.
fn unescaped(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim_start();
    let (escaped, hung_on) = text.split_at(memchr::memchr(b'<', text.as_bytes()).unwrap_or(text.len()));
    let inner = escaped.strip_prefix("&lt;")?;
    inner.chars().next().filter(|c| c.is_ascii_alphabetic() || *c == '!')?;
    let ends = memchr::memmem::find_iter(escaped.as_bytes(), b"&lt;/").count();
    let is_block = || ["!--", "div", "p&gt;", "p ", "table"].iter().any(|name| inner.starts_with(name));
    let is_markup = if hung_on.is_empty() { ends > 0 || escaped.contains("/&gt;") } else { ends > 1 && is_block() };
    is_markup.then(|| {
        if hung_on.is_empty() {
            entities::decode(text)
        } else {
            Cow::Owned(entities::decode(escaped).into_owned() + hung_on)
        }
    })
}

/// A language tag as standards write it: `en_US` becomes `en-US`.
fn language_tag(text: &str) -> Option<String> {
    filled(&text.replace('_', "-"))
}

/// Pictures of Media RSS in an item, the largest first sight: content that is an image, then thumbnails.
fn media_image(item: Node<'_, '_>, reader: &Reader) -> Option<ItemImage> {
    let media = || item.descendants().filter(|n| n.space() == Space::Media);
    let is_image = |node: &Node<'_, '_>| {
        let medium = node.attribute("medium");
        let media_type = node.attribute("type");
        let url = node.attribute("url").unwrap_or_default();
        match (medium.as_deref(), media_type.as_deref()) {
            (Some(medium), _) => medium.eq_ignore_ascii_case("image"),
            (None, Some(media_type)) => media_type.starts_with("image/"),
            (None, None) => has_image_ending(&url),
        }
    };
    let width = |node: &Node<'_, '_>| node.attribute("width").and_then(|w| w.parse::<u32>().ok()).unwrap_or(0);
    let content = media()
        .filter(|n| n.is("content") && is_image(n))
        .max_by_key(|n| (width(n), std::cmp::Reverse(n.children().count() == 0)));
    let node = content.or_else(|| media().filter(|n| n.is("thumbnail")).max_by_key(width))?;
    let field = |name: &str| {
        let inside = node.children().find(|n| n.space() == Space::Media && n.is(name));
        inside.or_else(|| item.children().find(|n| n.space() == Space::Media && n.is(name))).and_then(plain)
    };
    Some(ItemImage {
        url: reader.link(&node.attribute("url")?, node)?,
        alt: field("title").or_else(|| field("description")),
        credit: field("credit").or_else(|| field("copyright")),
    })
}

/// Where `FeedBurner` and its like have put the address that they replaced by one that counts.
fn original_link(item: Node<'_, '_>, reader: &Reader) -> Option<String> {
    let node = item.children().find(|n| n.space() == Space::Other && n.is("origlink"))?;
    reader.link(&node.text(), node)
}

fn has_image_ending(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".webp", ".gif"].iter().any(|ending| path.ends_with(ending))
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wild;
