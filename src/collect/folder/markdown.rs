//! A Markdown file with front matter → [`Page`].

use super::front_matter;
use crate::collect::clean::Cleaner;
use crate::collect::feed::byline;
use crate::collect::page::{Page, Remark};
use crate::collect::{dates, decode, prose};
use crate::domain::article::PictureLink;
use crate::domain::text::{Language, Line};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::{Map, Value};
use url::Url;

/// Reads a file. Links are relative to `address`.
pub fn read(bytes: &[u8], address: Option<&Url>) -> Result<Page, String> {
    let text = decode::decode(bytes, None).replace("\r\n", "\n");
    let mut remarks = Vec::new();
    let (mut front, body) = front_matter::split(&text, &mut remarks);
    // Themes of Zola and Hugo keep what the generator itself does not know under these.
    for own in ["extra", "params"].map(|key| front.get(key).cloned()) {
        for (key, value) in own.as_ref().and_then(Value::as_object).into_iter().flatten() {
            if SUMMARIES.iter().chain(&PEOPLE).chain(&PICTURES).any(|known| known == key) {
                front.entry(key).or_insert_with(|| value.clone());
            }
        }
    }
    let (html, heading) = render(body, front.contains_key("title"));
    if html.len() > 4 << 20 {
        return Err("larger than 4 MB once rendered".to_owned());
    }
    let mut page = described(&front, address);
    if page.title.is_empty() {
        page.title = heading;
    }
    let unread = |keys: &[&'static str]| {
        let key = keys.iter().copied().find(|key| front.get(*key).and_then(scalar).is_some())?;
        let raw = scalar(front.get(key)?)?;
        // Jekyll's `published` is a switch.
        let is_date = dates::parse(&raw).is_some() || switch(&raw).is_some();
        let words = format!("{key} {raw:?} is no date that can be read");
        (!is_date).then(|| Remark { line: front_matter::line_of(&text, key), words })
    };
    remarks.extend([unread(&DATES), unread(&CHANGES), unread(&ENDS)].into_iter().flatten());
    page.remarks = remarks;
    let base = page.url.as_ref().or(address);
    page.text = prose::to_text(&html).lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n");
    page.content = Cleaner::new(base).clean(&html);
    Ok(page)
}

/// The body as HTML, and its first heading, which is left out when it serves as the headline.
fn render(markdown: &str, has_title: bool) -> (String, Line) {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_SMART_PUNCTUATION;
    let mut heading = String::new();
    // 0: before anything, 1: inside the first heading, 2: after it, or there is none at the top.
    let mut stage = if has_title { 2 } else { 0 };
    let events = Parser::new_ext(markdown, options).filter(|event| {
        match (stage, event) {
            (0, Event::Start(Tag::Heading { .. })) => stage = 1,
            (0, Event::Html(_) | Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock)) => {}
            (0, _) => stage = 2,
            (1, Event::Text(text) | Event::Code(text)) => heading.push_str(text),
            (1, Event::End(TagEnd::Heading(_))) => {
                stage = 2;
                return false;
            }
            _ => {}
        }
        stage != 1
    });
    let mut html = String::with_capacity(markdown.len() * 2);
    pulldown_cmark::html::push_html(&mut html, events);
    (html, Line::clean(&heading))
}

/// The keys of the generators for when a page was published, last changed, and ceases to be shown.
const DATES: [&str; 8] =
    ["date", "pubDate", "pubdate", "published", "publishDate", "publish_date", "published_at", "created"];
const CHANGES: [&str; 6] = ["lastmod", "updated", "modified", "updatedDate", "last_modified_at", "modified_date"];
const ENDS: [&str; 3] = ["expiryDate", "expiry_date", "expires"];

/// The keys for what it says of itself, who wrote it, and its picture.
const SUMMARIES: [&str; 7] = ["description", "summary", "excerpt", "abstract", "subtitle", "lead", "standfirst"];
const PEOPLE: [&str; 4] = ["authors", "author", "byline", "by"];
#[rustfmt::skip]
const PICTURES: [&str; 10] =
    ["image", "cover", "hero", "heroImage", "hero_image", "thumbnail", "featured_image", "featuredImage", "images", "banner"];

/// What the front matter says, by the keys of the generators.
fn described(front: &Map<String, Value>, address: Option<&Url>) -> Page {
    let text = |keys: &[&str]| keys.iter().find_map(|key| scalar(front.get(*key)?));
    let line = |keys: &[&str]| text(keys).map(|t| prose::line(&t)).filter(|l| !l.is_empty());
    let published_raw = text(&DATES);
    // Hugo shows a page from its `publishDate` on, whatever its date.
    let not_before = text(&["publishDate", "publish_date", "pubDate"]).and_then(|raw| dates::parse(&raw));
    let flag = |key: &str| switch(&scalar(front.get(key)?)?);
    Page {
        title: line(&["title", "headline"]).unwrap_or_default(),
        authors: authors(front),
        summary: line(&SUMMARIES).unwrap_or_default(),
        language: text(&["lang", "language", "locale"]).and_then(|l| Language::parse(&l).ok()),
        published: published_raw.as_deref().and_then(dates::parse).max(not_before),
        updated: text(&CHANGES).and_then(|raw| dates::parse(&raw)),
        expires: text(&ENDS).and_then(|raw| dates::parse(&raw)),
        published_raw,
        picture: picture(front, address),
        url: text(&["canonical", "canonical_url", "canonicalUrl", "canonicalURL", "url", "permalink", "link"])
            .and_then(|raw| address_of(&raw, address)),
        slug: text(&["slug"]).map(|slug| slug.trim_matches('/').to_owned()).filter(|slug| !slug.is_empty()),
        column: line(&["column", "section", "series"]),
        categories: labels(front, &["categories", "category"]),
        labels: labels(front, &["tags", "tag", "keywords", "topics"]),
        draft: flag("draft").unwrap_or(false) || flag("published") == Some(false) || flag("hidden").unwrap_or(false),
        ..Page::default()
    }
}

/// An absolute address, or a path on the site if that is known.
fn address_of(raw: &str, base: Option<&Url>) -> Option<Url> {
    // A permalink pattern such as `/:year/:title/` is no address.
    if raw.contains("/:") {
        return None;
    }
    let url = Url::parse(raw).ok().or_else(|| base?.join(raw).ok())?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// Yes or no, as YAML 1.1 spells it; what reads YAML 1.2 takes most of these for words, and a draft for finished.
fn switch(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|t| !t.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn many(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
        None => Vec::new(),
    }
}

/// Labels at the top or under Zola's `taxonomies`; one text may hold several parted by commas.
fn labels(front: &Map<String, Value>, keys: &[&str]) -> Vec<Line> {
    let taxonomies = front.get("taxonomies").and_then(Value::as_object);
    let mut found: Vec<Line> = Vec::new();
    for map in [Some(front), taxonomies].into_iter().flatten() {
        for value in keys.iter().flat_map(|key| many(map.get(*key))) {
            for part in scalar(value).unwrap_or_default().split(',') {
                let label = Line::clean_to(part, 80);
                if !label.is_empty() && !found.contains(&label) && found.len() < 40 {
                    found.push(label);
                }
            }
        }
    }
    found
}

fn authors(front: &Map<String, Value>) -> Vec<Line> {
    let taxonomies = front.get("taxonomies").and_then(Value::as_object);
    let values = PEOPLE.iter().flat_map(|key| {
        let nested = taxonomies.and_then(|t| t.get(*key));
        many(front.get(*key)).into_iter().chain(many(nested))
    });
    let mut names: Vec<Line> = Vec::new();
    for value in values {
        let name = match value {
            Value::Object(person) => person.get("name").or_else(|| person.get("title")).and_then(scalar),
            value => scalar(value),
        };
        for name in name.iter().flat_map(|name| byline(name)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The lead picture: a path, or an object with one.
fn picture(front: &Map<String, Value>, address: Option<&Url>) -> Option<PictureLink> {
    let value = PICTURES.iter().find_map(|key| many(front.get(*key)).first().copied())?;
    let object = value.as_object();
    let source = scalar(value).or_else(|| {
        object.and_then(|o| ["src", "url", "path", "image", "file"].iter().find_map(|key| scalar(o.get(*key)?)))
    })?;
    let word = |keys: &[&str]| {
        let inside = object.and_then(|o| keys.iter().find_map(|key| scalar(o.get(*key)?)));
        inside.map(|text| prose::line(&text))
    };
    let beside = |keys: &[&str]| keys.iter().find_map(|key| scalar(front.get(*key)?)).map(|text| prose::line(&text));
    Some(PictureLink {
        alt: word(&["alt", "caption", "title"])
            .or_else(|| beside(&["image_alt", "imageAlt", "heroImageAlt", "alt"]))
            .unwrap_or_default(),
        credit: word(&["credit", "credits"]).or_else(|| beside(&["image_credit", "imageCredit", "photo_credit"])),
        licence: word(&["license", "licence"]).or_else(|| beside(&["image_license", "imageLicense"])),
        ..PictureLink::new(address_of(&source, address)?)
    })
}
