//! What is made of one file: the shapes of `inspect feed`, `page` and `html`. Never fails to give an answer for a page or a fragment.

use crate::collect::clean::Cleaner;
use crate::collect::feed::{self, Enclosure, FeedDocument, FeedError, FeedItem, Format, Person};
use crate::collect::folder::markdown;
use crate::collect::page::{self, Page};
use crate::collect::{decode, entities, language, prose, saved_mail, saved_text};
use crate::domain::text::{Direction, Line};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use url::Url;

/// A feed, as `inspect feed` shows it.
#[derive(Debug, Serialize)]
pub struct FeedView {
    format: Format,
    title: Option<String>,
    description: Option<String>,
    link: Option<String>,
    feed_url: Option<String>,
    language: Option<String>,
    updated: Option<String>,
    copyright: Option<String>,
    generator: Option<String>,
    image: Option<String>,
    categories: Vec<String>,
    authors: Vec<Person>,
    items: Vec<ItemView>,
}

#[derive(Debug, Serialize)]
struct ItemView {
    id: Option<String>,
    title: Option<String>,
    link: Option<String>,
    summary: Option<String>,
    content: Option<String>,
    published: Option<String>,
    updated: Option<String>,
    authors: Vec<Person>,
    categories: Vec<String>,
    enclosures: Vec<Enclosure>,
    image: Option<String>,
}

/// Reads a feed.
pub fn feed(bytes: &[u8], url: Option<&Url>) -> Result<FeedView, FeedError> {
    let FeedDocument {
        format,
        title,
        description,
        link,
        feed_url,
        language,
        updated,
        copyright,
        generator,
        image,
        categories,
        authors,
        items,
        ..
    } = feed::read(bytes, None, url)?;
    let items = items.into_iter().map(item).collect();
    let updated = updated.map(time);
    Ok(FeedView {
        format,
        title,
        description,
        link,
        feed_url,
        language,
        updated,
        copyright,
        generator,
        image,
        categories,
        authors,
        items,
    })
}

fn item(item: FeedItem) -> ItemView {
    let base = item.base.clone().or_else(|| item.link.as_deref().and_then(|link| Url::parse(link).ok()));
    let cleaner = Cleaner::new(base.as_ref());
    // A text without markup is shown as one, unless what it says would be taken for markup.
    let clean = |html: String| {
        let line = Line::clean_to(&entities::decode(&entities::decode(&html)), feed::BYTES);
        if has_tags(&html) || has_tags(line.as_str()) {
            cleaner.clean(&html).as_str().to_owned()
        } else {
            line.as_str().to_owned()
        }
    };
    ItemView {
        summary: item.summary_html.map(clean),
        content: item.content_html.map(clean),
        id: item.id,
        title: item.title,
        link: item.link,
        published: item.published.map(time),
        updated: item.updated.map(time),
        authors: item.authors,
        categories: item.categories,
        enclosures: item.enclosures,
        image: item.image.map(|image| image.url),
    }
}

/// Whether a browser would find a tag, whatever its name, or a comment.
fn has_tags(text: &str) -> bool {
    text.as_bytes()
        .windows(2)
        .any(|pair| pair[0] == b'<' && (pair[1].is_ascii_alphabetic() || b"/!?".contains(&pair[1])))
}

/// RFC 3339 in UTC, whole seconds.
fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// An article, as `inspect page` shows it.
#[derive(Debug, Serialize)]
pub struct PageView {
    title: Option<Line>,
    byline: Option<String>,
    excerpt: Option<Line>,
    site_name: Option<Line>,
    lang: Option<String>,
    dir: Option<&'static str>,
    published: Option<String>,
    updated: Option<String>,
    text: String,
    words: u32,
    reading_minutes: u32,
    image: Option<Url>,
    image_alt: Option<Line>,
    image_size: Option<(u32, u32)>,
    credit: Option<Line>,
    licence: Option<Line>,
    canonical_url: Option<Url>,
    column: Option<Line>,
    categories: Vec<Line>,
    tags: Vec<Line>,
    paywalled: bool,
    sponsored: bool,
}

/// Reads an article: a page, or by the ending of its name a saved text, Markdown or a mail.
pub fn page(bytes: &[u8], name: &str, url: Option<&Url>) -> PageView {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let page = match ending.as_str() {
        "txt" | "text" => saved_text::read(bytes),
        "md" | "markdown" => markdown::read(bytes, url).unwrap_or_default(),
        "eml" => saved_mail::read(bytes),
        _ => page::read(bytes, None, url).unwrap_or_else(|_| plain(bytes)),
    };
    view(page)
}

/// What can be said of a page that no parser may have.
fn plain(bytes: &[u8]) -> Page {
    let html = decode::decode(bytes, None);
    let text = prose::to_text(&html);
    let text = prose::standing(&text);
    let text: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let title = html
        .split_once("<title>")
        .and_then(|(_, rest)| rest.split_once("</title>"))
        .map(|(title, _)| prose::line(title));
    Page { title: title.unwrap_or_default(), text: text.join("\n"), ..Page::default() }
}

fn view(page: Page) -> PageView {
    let names: Vec<&str> = page.authors.iter().map(Line::as_str).collect();
    let excerpt = if page.summary.is_empty() { page.excerpt() } else { page.summary.clone() };
    let language = page.language.clone().or_else(|| language::detect(&page.text));
    let direction = page.direction.or_else(|| language.as_ref().map(crate::domain::text::Language::direction));
    let picture = page.picture.as_ref();
    let words = prose::words(&page.text);
    PageView {
        byline: (!names.is_empty()).then(|| names.join(", ")),
        title: Some(page.title).filter(|title| !title.is_empty()),
        excerpt: Some(excerpt).filter(|excerpt| !excerpt.is_empty()),
        site_name: page.site_name,
        lang: language.map(|language| language.with_usual_case()),
        dir: direction.map(Direction::as_str),
        // Whoever names only the last change was published by then.
        published: page.published.or(page.updated).or(page.supposed).map(time),
        updated: page.updated.map(time),
        words,
        reading_minutes: prose::reading_minutes(words),
        image: picture.map(|picture| picture.url.clone()),
        image_alt: picture.map(|picture| picture.alt.clone()).filter(|alt| !alt.is_empty()),
        image_size: picture.and_then(|picture| picture.size),
        credit: picture.and_then(|picture| picture.credit.clone()),
        licence: picture.and_then(|picture| picture.licence.clone()),
        text: page.text,
        canonical_url: page.url,
        column: page.column,
        categories: page.categories,
        tags: page.labels,
        paywalled: page.paywalled,
        sponsored: page.sponsored,
    }
}

/// A fragment, as `inspect html` shows it.
#[derive(Debug, Serialize)]
pub struct HtmlView {
    html: String,
}

/// Cleans a fragment; without an address its relative links go.
pub fn html(bytes: &[u8]) -> HtmlView {
    HtmlView { html: Cleaner::new(None).clean(&decode::decode(bytes, None)).as_str().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_is_shown_with_times_in_utc_and_clean_content() {
        let xml = b"<rss><channel><title>T</title><item><title>x</title><pubDate>Fri, 20 Nov 2026 08:30:00 +0100</pubDate><description>a &lt;b onclick=x&gt;b&lt;/b&gt;</description></item></channel></rss>";
        let shown = serde_json::to_value(feed(xml, None).unwrap()).unwrap();
        assert_eq!(shown["items"][0]["published"], "2026-11-20T07:30:00Z");
        assert_eq!(shown["items"][0]["summary"], "a <b>b</b>");
        assert_eq!(shown["format"], "rss");
    }

    #[test]
    fn a_long_text_without_markup_is_shown_whole() {
        let long = "All the words. ".repeat(200);
        let xml = format!(
            "<rss><channel><description>{long}</description><item><description>{long}</description></item></channel></rss>"
        );
        let shown = serde_json::to_value(feed(xml.as_bytes(), None).unwrap()).unwrap();
        assert_eq!(shown["items"][0]["summary"], long.trim());
        assert_eq!(shown["description"], long.trim());
    }

    #[test]
    fn markup_that_feeds_seldom_write_is_cleaned_too() {
        for (description, expected) in [
            ("safe&lt;link rel=stylesheet href=x&gt; words", "safe words"),
            ("&lt;blink onclick=x&gt;safe&lt;/blink&gt;", "safe"),
            ("of the &amp;lt;blink&amp;gt; tag", "of the &lt;blink&gt; tag"),
            ("AT&amp;amp;T at 3 &amp;lt; 4", "AT&T at 3 < 4"),
        ] {
            let xml = format!("<rss><channel><item><description>{description}</description></item></channel></rss>");
            let shown = serde_json::to_value(feed(xml.as_bytes(), None).unwrap()).unwrap();
            assert_eq!(shown["items"][0]["summary"], expected);
        }
    }

    #[test]
    fn a_page_that_no_parser_may_have_is_still_answered() {
        let shown = serde_json::to_value(page(
            format!("<title>T</title>{}deep", "<div>".repeat(5_000)).as_bytes(),
            "a.html",
            None,
        ))
        .unwrap();
        assert_eq!(
            (shown["title"].as_str(), shown["text"].as_str().map(|t| t.contains("deep"))),
            (Some("T"), Some(true))
        );
    }

    #[test]
    fn a_mail_is_an_article() {
        let shown = serde_json::to_value(page(b"From: Ann Smith <ann@example.org>\r\nSubject: A week of rain\r\nDate: Fri, 20 Nov 2026 08:30:00 +0100\r\n\r\nIt rained all week, and nobody minded but the swimmers.\r\n", "a.eml", None)).unwrap();
        assert_eq!(
            (shown["title"].as_str(), shown["byline"].as_str(), shown["published"].as_str()),
            (Some("A week of rain"), Some("Ann Smith"), Some("2026-11-20T07:30:00Z"))
        );
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300), name in "a\\.(txt|md|eml|html)") {
            let _ = (feed(&bytes, None).is_ok(), page(&bytes, &name, None), html(&bytes));
        }
    }
}
