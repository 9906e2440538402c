//! JSON Feed 1.0 and 1.1, leniently: numeric identifiers, a missing version and either form of author are understood.

use super::{Enclosure, FeedDocument, FeedError, FeedItem, Format, ITEMS, ItemImage, Person, absolute, filled, repair};
use crate::collect::habit::Quiet;
use crate::collect::{dates, prose};
use serde_json::{Map, Value};
use url::Url;

/// Reads a feed.
pub fn read(text: &str, url: Option<&Url>) -> Result<FeedDocument, FeedError> {
    let value: Value = serde_json::from_str(text)
        .or_else(|error| repair::mended(text).and_then(|text| serde_json::from_str(&text).ok()).ok_or(error))
        .map_err(|error| FeedError::Json(error.to_string()))?;
    let feed = value
        .as_object()
        .filter(|feed| feed.get("items").is_some_and(Value::is_array))
        .ok_or(FeedError::Other("some other JSON"))?;
    let link = string(feed, "home_page_url");
    let base =
        url.cloned().or_else(|| string(feed, "feed_url").or_else(|| link.clone()).and_then(|l| Url::parse(&l).ok()));
    let resolved = |name: &str| string(feed, name).map(|raw| absolute(&raw, base.as_ref()).unwrap_or(raw));
    let items = feed.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    Ok(FeedDocument {
        format: Format::Json,
        title: line(feed, "title"),
        description: line(feed, "description"),
        link: resolved("home_page_url"),
        feed_url: resolved("feed_url"),
        language: string(feed, "language").and_then(|tag| super::language_tag(&tag)),
        updated: None,
        copyright: None,
        generator: None,
        image: resolved("icon").or_else(|| resolved("favicon")),
        categories: Vec::new(),
        authors: authors(feed),
        older: resolved("next_url"),
        ttl_minutes: None,
        quiet: Quiet::default(),
        items: items.iter().filter_map(Value::as_object).take(ITEMS).map(|i| item(i, base.as_ref())).collect(),
    })
}

/// A text, or a number as text.
fn string(object: &Map<String, Value>, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) => filled(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn line(object: &Map<String, Value>, name: &str) -> Option<String> {
    string(object, name).and_then(|text| filled(prose::line(&text).as_str()))
}

fn item(item: &Map<String, Value>, base: Option<&Url>) -> FeedItem {
    let link = |name: &str| string(item, name).map(|raw| absolute(&raw, base).unwrap_or(raw));
    let published_raw = string(item, "date_published");
    let id = string(item, "id");
    let permanent = || {
        id.as_deref()
            .filter(|id| id.starts_with("http://") || id.starts_with("https://"))
            .and_then(|id| absolute(id, None))
    };
    FeedItem {
        title: line(item, "title"),
        original_link: None,
        link: link("url").or_else(|| link("external_url")).or_else(permanent),
        summary_html: string(item, "summary").map(|text| prose::fragment(&text)),
        content_html: string(item, "content_html")
            .or_else(|| string(item, "content_text").map(|text| prose::fragment(&text))),
        published: published_raw.as_deref().and_then(dates::parse),
        published_raw,
        updated: string(item, "date_modified").and_then(|raw| dates::parse(&raw)),
        authors: authors(item),
        categories: labels(item),
        enclosures: item
            .get("attachments")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|a| attachment(a, base))
            .collect(),
        image: link("image").or_else(|| link("banner_image")).map(|url| ItemImage { url, ..ItemImage::default() }),
        base: base.cloned(),
        language: string(item, "language"),
        id,
    }
}

/// Its tags; some writers put them into one text.
fn labels(item: &Map<String, Value>) -> Vec<String> {
    let written: Vec<&str> = match item.get("tags") {
        Some(Value::Array(tags)) => tags.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(tags)) => tags.split(',').collect(),
        _ => Vec::new(),
    };
    written.into_iter().filter_map(|tag| filled(prose::line(tag).as_str())).collect()
}

fn attachment(value: &Value, base: Option<&Url>) -> Option<Enclosure> {
    let object = value.as_object()?;
    let raw = string(object, "url")?;
    Some(Enclosure {
        url: absolute(&raw, base).unwrap_or(raw),
        media_type: string(object, "mime_type"),
        length: object.get("size_in_bytes").and_then(Value::as_u64),
    })
}

/// Version 1.1 has `authors`, 1.0 had `author`; some writers give a plain name.
fn authors(object: &Map<String, Value>) -> Vec<Person> {
    let many = object.get("authors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let people: Vec<Person> = many.iter().filter_map(person).collect();
    if people.is_empty() { object.get("author").and_then(person).into_iter().collect() } else { people }
}

fn person(value: &Value) -> Option<Person> {
    match value {
        Value::String(name) => Person::parse(name),
        Value::Object(object) => {
            let person =
                Person { name: line(object, "name"), email: string(object, "email"), url: string(object, "url") };
            (person != Person::default()).then_some(person)
        }
        _ => None,
    }
}
