//! Items of a feed → [`Sighting`]s: cleaned, summed up, dated, with a headline in any case.

use super::people::byline;
use super::{FeedDocument, FeedItem, Format, Person};
use crate::collect::clean::{Cleaner, is_counter};
use crate::collect::{language, notices, prose};
use crate::domain::article::{ArticleText, PictureLink, Sighting, believed};
use crate::domain::source::Source;
use crate::domain::text::{Language, Line};
use chrono::{DateTime, Utc};
use url::Url;

/// What a feed shows, cleaned, without items that have neither words nor address.
pub fn sightings(feed: &FeedDocument, source: &Source, now: DateTime<Utc>) -> Vec<Sighting> {
    let mut cleaner: Option<(Option<Url>, Cleaner)> = None;
    let mut seen = Vec::with_capacity(feed.items.len());
    for item in &feed.items {
        // One cleaner serves all items with the same base: making one costs more than using it.
        if cleaner.as_ref().is_none_or(|(base, _)| *base != base_of(item)) {
            let base = base_of(item);
            cleaner = Some((base.clone(), Cleaner::new(base.as_ref())));
        }
        if let Some((_, cleaner)) = &cleaner {
            seen.extend(sighting(feed, item, source, cleaner, now));
        }
    }
    seen
}

/// Links in an item's markup are relative to its `xml:base` or the feed; where neither is known, to its own page.
fn base_of(item: &FeedItem) -> Option<Url> {
    item.base.clone().or_else(|| item.link.as_deref().and_then(web_url))
}

fn sighting(
    feed: &FeedDocument,
    item: &FeedItem,
    source: &Source,
    cleaner: &Cleaner,
    now: DateTime<Utc>,
) -> Option<Sighting> {
    let own = item.original_link.as_deref().and_then(web_url);
    let url = own.or_else(|| item.link.as_deref().and_then(web_url));
    let body = body(item);
    let body_text = body.map(prose::to_text).unwrap_or_default();
    let (summary, summary_from_lead) = summary(item, &body_text);
    let title = title(item, &summary, url.as_ref())?;
    let declared = item.language.as_deref().or(feed.language.as_deref()).and_then(|l| Language::parse(l).ok());
    let text = ArticleText {
        language: language::of(declared, source.language.as_ref(), title.as_str(), &body_text, summary.as_str()),
        picture: if source.pictures.shows() { picture(item, body) } else { None },
        authors: authors(feed, item),
        labels: source
            .tags
            .iter()
            .map(String::as_str)
            .chain(item.categories.iter().map(String::as_str))
            .map(|l| Line::clean_to(l, 80))
            .filter(|l| !l.is_empty())
            .take(40)
            .collect(),
        column: None,
        words: prose::words(&body_text),
        content: body.map(|html| cleaner.clean(html)).unwrap_or_default(),
        paywalled: false,
        sponsored: notices::is_sponsored(title.as_str(), item.categories.iter().map(String::as_str), url.as_ref()),
        title,
        summary,
        summary_from_lead,
    };
    let published = item.published.or(item.updated);
    Some(Sighting {
        guid: item.id.as_deref().map(|id| Line::clean_to(id, 500).as_str().to_owned()).filter(|id| !id.is_empty()),
        url,
        published_raw: item.published_raw.clone().map(|raw| raw.chars().take(200).collect()),
        published_at: believed(published, now),
        updated_at: believed(item.updated, now),
        text,
    })
}

/// An http or https address; nothing else is a page that readers can open.
fn web_url(raw: &str) -> Option<Url> {
    Url::parse(raw).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host() && raw.len() <= 2_000)
}

/// A description longer than this is the article itself.
const ARTICLE: usize = 1_200;

fn body(item: &FeedItem) -> Option<&str> {
    item.content_html.as_deref().or_else(|| item.summary_html.as_deref().filter(|html| html.len() > ARTICLE))
}

/// The item's own summary, else one made of its lead, which is said with it.
fn summary(item: &FeedItem, body_text: &str) -> (Line, bool) {
    let own = item.summary_html.as_deref().map(prose::to_text).unwrap_or_default();
    let own = prose::summary(&own, prose::SUMMARY);
    if !own.is_empty() {
        return (own, false);
    }
    let made = prose::lead_or_beginning(body_text);
    let is_made = !made.is_empty();
    (made, is_made)
}

/// A headline: its own, else the beginning of what it says, else the last words of its address.
fn title(item: &FeedItem, summary: &Line, url: Option<&Url>) -> Option<Line> {
    let own = item.title.as_deref().map(Line::clean).filter(|title| !title.is_empty());
    own.or_else(|| Some(prose::summary(summary.as_str(), 90)).filter(|title| !title.is_empty())).or_else(|| {
        let last = url?.path_segments()?.rfind(|segment| !segment.is_empty())?;
        let words =
            last.rsplit_once('.').map_or(last, |(name, _)| name).replace(['-', '_', '+'], " ").replace("%20", " ");
        Some(Line::clean_to(&words, 90)).filter(|title| title.as_str().chars().any(char::is_alphabetic))
    })
}

/// The item's people; an Atom entry without any has its feed's (RFC 4287, 4.2.1).
fn authors(feed: &FeedDocument, item: &FeedItem) -> Vec<Line> {
    let people: &[Person] =
        if item.authors.is_empty() && feed.format == Format::Atom { &feed.authors } else { &item.authors };
    let mut names: Vec<Line> = Vec::new();
    for name in people.iter().filter_map(|person| person.name.as_deref()).flat_map(byline) {
        if !names.contains(&name) && names.len() < 12 {
            names.push(name);
        }
    }
    names
}

/// The item's own picture, else the first of its body that is no counter.
fn picture(item: &FeedItem, body: Option<&str>) -> Option<PictureLink> {
    if let Some(image) = &item.image
        && let Some(url) = web_url(&image.url)
    {
        let line = |text: &Option<String>| text.as_deref().map(Line::clean).unwrap_or_default();
        return Some(PictureLink {
            alt: line(&image.alt),
            credit: Some(line(&image.credit)).filter(|c| !c.is_empty()),
            ..PictureLink::new(url)
        });
    }
    let html = body.or(item.summary_html.as_deref())?;
    first_picture(html, base_of(item).as_ref())
}

/// The first picture of a fragment that is neither tiny nor a counter.
fn first_picture(html: &str, base: Option<&Url>) -> Option<PictureLink> {
    use crate::collect::entities::decode;
    use crate::collect::guard::{Token, Tokens};
    if !html.contains("<img") && !html.contains("<IMG") {
        return None;
    }
    Tokens::new(html).take(2_000).find_map(|token| {
        let Token::Tag(tag) = token else { return None };
        if tag.end || !tag.name.eq_ignore_ascii_case("img") {
            return None;
        }
        let tiny = ["width", "height"].iter().any(|side| {
            tag.attribute(side).and_then(|v| v.trim_end_matches("px").parse::<u32>().ok()).is_some_and(|n| n < 100)
        });
        let source = decode(tag.attribute("src")?);
        let url = super::absolute(&source, base).as_deref().and_then(web_url)?;
        let alt = Line::clean(&decode(tag.attribute("alt").unwrap_or_default()));
        (!tiny && !is_counter(url.as_str())).then_some(PictureLink { alt, ..PictureLink::new(url) })
    })
}
