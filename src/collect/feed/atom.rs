//! Atom 1.0 (RFC 4287) and 0.3 → [`FeedDocument`].

use super::{
    Enclosure, FeedDocument, FeedItem, Format, ITEMS, ItemImage, Person, Reader, filled, language_tag, media_image,
    mojibake, original_link, plain, unescaped,
};
use crate::collect::habit::Quiet;
use crate::collect::xml::{Node, Space};
use crate::collect::{dates, entities, prose};
use base64::Engine as _;
use std::borrow::Cow;
use url::Url;

/// Reads a feed, or the lone entry that some servers give.
pub fn read(root: Node<'_, '_>, reader: &Reader) -> FeedDocument {
    // A lone entry has no feed around it but the one that it may say it was taken from.
    let lone = root.is("entry").then_some(root);
    let about = if lone.is_some() { source_of(root) } else { Some(root) };
    let field = |names: &[&str]| about.and_then(|n| field(n, names));
    let text = |names: &[&str]| field(names).and_then(text_of);
    let link = about.and_then(|n| link(n, reader, "alternate")).or_else(|| by_id(field(&["id"])?));
    let feed_url = about.and_then(|n| link_of(n, reader, &["self"]));
    let guess = || feed_url.as_deref().or(link.as_deref()).and_then(|l| Url::parse(l).ok());
    let with_site = Reader { url: reader.url.clone().or_else(guess), has_bases: reader.has_bases };
    // Some mix it with RSS.
    let is_entry = |n: &Node<'_, '_>| matches!(n.name().as_str(), "entry" | "item") && is_atom(*n);
    FeedDocument {
        format: Format::Atom,
        title: text(&["title"]),
        description: text(&["subtitle", "tagline", "info"]),
        language: root.attribute("xml:lang").and_then(|l| language_tag(&l)),
        updated: text(&["updated", "modified"]).and_then(|raw| dates::parse(&raw)),
        copyright: text(&["rights", "copyright"]),
        generator: field(&["generator"]).and_then(|n| plain(n).or_else(|| filled(&n.attribute("uri")?))),
        image: field(&["logo", "icon"]).and_then(|n| with_site.link(&n.text(), n)),
        categories: about.map(categories).unwrap_or_default(),
        authors: about.map(|n| people(n, &with_site)).unwrap_or_default(),
        older: link_of(root, &with_site, &["prev-archive"]).or_else(|| link_of(root, &with_site, &["next"])),
        ttl_minutes: None,
        quiet: Quiet::default(),
        items: lone
            .into_iter()
            .chain(root.descendants().filter(is_entry))
            .take(ITEMS)
            .map(|n| entry(n, &with_site))
            .collect(),
        feed_url,
        link,
    }
}

/// The feed that an entry was taken from (RFC 4287, 4.2.11).
fn source_of<'t, 'a>(entry: Node<'t, 'a>) -> Option<Node<'t, 'a>> {
    entry.children().find(|n| is_atom(*n) && n.is("source"))
}

/// Without any link, an identifier that is an address is the best there is.
fn by_id(id: Node<'_, '_>) -> Option<String> {
    let url = Url::parse(id.text().trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    super::absolute(url.as_str(), None)
}

fn is_atom(node: Node<'_, '_>) -> bool {
    matches!(node.space(), Space::Plain | Space::Atom)
}

fn field<'t, 'a>(node: Node<'t, 'a>, names: &[&str]) -> Option<Node<'t, 'a>> {
    let named = |name: &str| node.children().find(|n| is_atom(*n) && n.is(name) && n.is_filled());
    names.iter().find_map(|name| named(name))
}

fn entry(node: Node<'_, '_>, reader: &Reader) -> FeedItem {
    let raw = |names: &[&str]| field(node, names).and_then(|n| filled(&n.text()));
    let dc =
        |name: &str| node.children().find(|n| n.space() == Space::Dc && n.is(name)).and_then(|n| filled(&n.text()));
    let id = raw(&["id"]);
    let published_raw =
        raw(&["published", "issued", "created", "pubdate"]).or_else(|| dc("date")).or_else(|| dc("created"));
    let enclosures = enclosures(node, reader);
    let content = node.children().find(|n| is_atom(*n) && n.is("content"));
    let group = |name: &str| node.descendants().find(|n| n.space() == Space::Media && n.is(name));
    let source = content.and_then(|n| n.attribute("src").and_then(|src| reader.link(&src, n)));
    let link = link(node, reader, "alternate").or(source).or_else(|| by_id(field(node, &["id"])?));
    let mut categories = categories(node);
    categories.extend(node.children().filter(|n| n.space() == Space::Dc && n.is("subject")).filter_map(plain));
    let mut authors = people(node, reader);
    if authors.is_empty() {
        authors.extend(
            node.children()
                .filter(|n| n.space() == Space::Dc && n.is("creator"))
                .filter_map(|n| Person::parse(&n.text())),
        );
    }
    // RFC 4287, 4.2.1: then those of the feed that the entry was taken from.
    if authors.is_empty() {
        authors = source_of(node).map(|n| people(n, reader)).unwrap_or_default();
    }
    FeedItem {
        title: field(node, &["title"]).and_then(text_of).or_else(|| group("title").and_then(plain)),
        link,
        original_link: original_link(node, reader),
        summary_html: field(node, &["summary"])
            .and_then(html_of)
            .or_else(|| group("description").and_then(|n| filled(&prose::fragment(&n.text())))),
        content_html: content.and_then(html_of).or_else(|| {
            let encoded = |n: &Node<'_, '_>| n.space() == Space::Content && n.is("encoded");
            node.children().find(encoded).and_then(super::markup)
        }),
        published: published_raw.as_deref().and_then(dates::parse),
        published_raw,
        updated: raw(&["updated", "modified"]).or_else(|| dc("modified")).and_then(|raw| dates::parse(&raw)),
        authors,
        categories,
        image: media_image(node, reader).or_else(|| {
            let image = enclosures.iter().find(|e| e.media_type.as_deref().is_some_and(|t| t.starts_with("image/")))?;
            Some(ItemImage { url: image.url.clone(), ..ItemImage::default() })
        }),
        enclosures,
        base: content.or_else(|| field(node, &["summary"])).map_or_else(|| reader.base(node), |n| reader.base(n)),
        language: node.ancestry().find_map(|n| n.attribute("xml:lang")).and_then(|l| language_tag(&l)),
        id,
    }
}

/// A text construct as a plain line: `type="html"` is escaped markup, `xhtml` is markup, everything else is text that may yet hold markup.
fn text_of(node: Node<'_, '_>) -> Option<String> {
    let kind = node.attribute("type").unwrap_or(Cow::Borrowed("text"));
    if node.has_children() {
        return filled(prose::line(&prose::to_text(&node.markup())).as_str());
    }
    if let Some(decoded) = from_base64(node) {
        return filled(crate::domain::text::Line::clean(&prose::to_text(&decoded)).as_str());
    }
    match kind.trim() {
        "html" | "text/html" | "xhtml" => {
            let html = node.text();
            filled(crate::domain::text::Line::clean(&prose::to_text(&html)).as_str())
        }
        _ => plain(node),
    }
}

/// A text or content construct as markup.
fn html_of(node: Node<'_, '_>) -> Option<String> {
    let kind = node.attribute("type").unwrap_or(Cow::Borrowed("text"));
    let kind = kind.trim().to_ascii_lowercase();
    if node.has_children() {
        // XHTML may have a prefix of its own, `<xhtml:div>`; HTML has none.
        let markup = node.markup();
        let prefix = node
            .children()
            .next()
            .and_then(|child| (child.space() == Space::Xhtml).then(|| prefix_of(&markup)))
            .flatten();
        let markup = prefix.map_or(markup.clone(), |prefix| {
            markup.replace(&format!("<{prefix}:"), "<").replace(&format!("</{prefix}:"), "</")
        });
        // The one `div` around XHTML is no part of the content (RFC 4287, 3.1.1.3).
        let inner = if node.children().count() == 1 { without_div(&markup) } else { &markup };
        let inner = mojibake::mended(inner);
        // Where HTML is promised and stands escaped in one plain `div`, that was put around it by a program that knew no better.
        if matches!(kind.as_str(), "html" | "text/html") && !inner.contains('<') && inner.contains("&lt;/") {
            return filled(&entities::decode(&inner));
        }
        return filled(&inner);
    }
    if let Some(decoded) = from_base64(node) {
        return filled(&decoded);
    }
    let text = node.text();
    let text = mojibake::mended(&text);
    if let Some(unescaped) = unescaped(&text) {
        return filled(&unescaped);
    }
    match kind.as_str() {
        "html" | "text/html" | "xhtml" | "application/xhtml+xml" => filled(&text),
        // What says it is text and is markup was meant as markup; other media types hold base64 or XML.
        kind if prose::looks_like_markup(&text) && !kind.contains('/') => filled(&text),
        "text/plain" if prose::looks_like_markup(&text) => filled(&text),
        // References in text were meant to be read, too.
        kind if kind == "text/plain" || !kind.contains('/') => filled(&prose::fragment(&entities::decode(&text))),
        _ if node.attribute("mode").as_deref() == Some("escaped") => filled(&text),
        _ if prose::looks_like_markup(&text) => filled(&text),
        _ => None,
    }
}

/// What stands in the `div` that is all of the markup; the markup where there is none.
fn without_div(markup: &str) -> &str {
    let inner = || {
        let body = markup.trim().strip_prefix("<div")?.strip_suffix("</div>")?;
        let (attributes, inner) = body.split_once('>')?;
        // A direction or language on it is worth more than the rule.
        let bare = attributes.is_empty() || attributes.starts_with(char::is_whitespace) && !attributes.contains("dir=");
        (bare && !attributes.ends_with('/')).then_some(inner)
    };
    inner().unwrap_or(markup)
}

/// Text that is declared as base64, or as a type that can stand there only so, if it is text (Atom 0.3 `mode`; RFC 4287, 4.1.3.3).
fn from_base64(node: Node<'_, '_>) -> Option<String> {
    let declared = node.attribute("mode").is_some_and(|mode| mode.trim().eq_ignore_ascii_case("base64"));
    let other = || {
        let kind = node.attribute("type")?.trim().to_ascii_lowercase();
        Some(kind.contains('/') && !kind.starts_with("text/") && !kind.ends_with("xml") && !kind.contains("html"))
    };
    if !declared && other() != Some(true) {
        return None;
    }
    let packed: String = node.text().split_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(packed).ok()?;
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

fn prefix_of(markup: &str) -> Option<String> {
    let tag = markup.trim_start().strip_prefix('<')?;
    let name = &tag[..tag.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?];
    name.split_once(':').map(|(prefix, _)| prefix.to_owned())
}

fn rel(node: Node<'_, '_>) -> String {
    let rel = node.attribute("rel").unwrap_or(Cow::Borrowed("alternate"));
    rel.trim().rsplit('/').next().unwrap_or_default().to_ascii_lowercase()
}

fn link_of(node: Node<'_, '_>, reader: &Reader, rels: &[&str]) -> Option<String> {
    let links = || node.children().filter(|n| is_atom(*n) && n.is("link"));
    links().filter(|n| rels.contains(&rel(*n).as_str())).find_map(|n| reader.link(&n.attribute("href")?, n))
}

/// The link of a kind: an HTML one before others; Atom 0.3 and mistaken writers put the address between the tags.
fn link(node: Node<'_, '_>, reader: &Reader, kind: &str) -> Option<String> {
    let links = || node.children().filter(|n| is_atom(*n) && n.is("link") && rel(*n) == kind);
    let is_html = |n: &Node<'_, '_>| n.attribute("type").is_none_or(|t| t.contains("html"));
    let href = |n: Node<'_, '_>| reader.link(&n.attribute("href")?, n);
    links()
        .filter(is_html)
        .find_map(href)
        .or_else(|| links().find_map(href))
        .or_else(|| links().find_map(|n| reader.link(&n.text(), n)))
}

fn categories(node: Node<'_, '_>) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for child in node.children().filter(|n| is_atom(*n) && n.is("category")) {
        let attribute =
            |name: &str| child.attribute(name).and_then(|value| filled(crate::collect::prose::line(&value).as_str()));
        if let Some(label) = attribute("label")
            .or_else(|| attribute("term"))
            .or_else(|| plain(child))
            .filter(|label| labels.len() < super::MOST && !labels.contains(label))
        {
            labels.push(label);
        }
    }
    labels
}

fn people(node: Node<'_, '_>, reader: &Reader) -> Vec<Person> {
    node.children().filter(|n| is_atom(*n) && n.is("author")).filter_map(|n| person(n, reader)).collect()
}

/// A person construct, or a plain name where one should be.
pub fn person(node: Node<'_, '_>, reader: &Reader) -> Option<Person> {
    if !node.has_children() {
        return Person::parse(&node.text());
    }
    let part = |names: &[&str]| field(node, names).and_then(plain);
    let url = field(node, &["uri", "url", "homepage"]).and_then(|n| reader.link(&n.text(), n));
    let mut person = Person { name: part(&["name"]), email: part(&["email"]), url };
    if person.email.as_deref().is_some_and(|address| address.starts_with("noreply@")) {
        person.email = None;
    }
    (person != Person::default()).then_some(person)
}

fn enclosures(node: Node<'_, '_>, reader: &Reader) -> Vec<Enclosure> {
    let read = |n: Node<'_, '_>| {
        Some(Enclosure {
            url: reader.link(&n.attribute("href")?, n)?,
            media_type: n.attribute("type").and_then(|t| filled(&t)),
            length: n.attribute("length").and_then(|l| l.trim().parse().ok()),
        })
    };
    node.children().filter(|n| is_atom(*n) && n.is("link") && rel(*n) == "enclosure").filter_map(read).collect()
}
