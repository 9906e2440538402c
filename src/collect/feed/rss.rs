//! RSS 0.9x to 2.0, RSS 1.0 (RDF) and CDF: their elements → [`FeedDocument`].

use super::{
    Enclosure, FeedDocument, FeedItem, Format, ITEMS, ItemImage, Person, Reader, description, filled, language_tag,
    markup, media_image, original_link, plain,
};
use crate::collect::habit::Quiet;
use crate::collect::xml::{Node, Space};
use crate::collect::{dates, prose};
use std::borrow::Cow;

/// Reads a feed from its root.
pub fn read(root: Node<'_, '_>, format: Format, reader: &Reader) -> FeedDocument {
    let channel = if root.is("channel") { root } else { root.children().find(|n| n.is("channel")).unwrap_or(root) };
    let text = |space: Space, name: &str| field(channel, space, name).and_then(plain);
    let link = channel_link(channel, reader);
    let self_link = channel.children().find(|n| n.is("link") && n.attribute("rel").as_deref() == Some("self"));
    // Relative links of a file without address are relative to the site it names.
    let with_site = Reader {
        url: reader.url.clone().or_else(|| link.as_deref().and_then(|l| url::Url::parse(l).ok())),
        has_bases: reader.has_bases,
    };
    let updated = [
        (Space::Plain, "lastbuilddate"),
        (Space::Plain, "pubdate"),
        (Space::Atom, "updated"),
        (Space::Dc, "date"),
        (Space::Dc, "modified"),
        (Space::Dc, "issued"),
        (Space::Dc, "created"),
    ]
    .iter()
    .find_map(|(space, name)| dates::parse(&text(*space, name)?))
    .or_else(|| dates::parse(&channel.attribute("lastmod")?));
    FeedDocument {
        format,
        title: text(Space::Plain, "title").or_else(|| text(Space::Dc, "title")),
        description: [
            (Space::Plain, "description"),
            (Space::Plain, "abstract"),
            (Space::Itunes, "summary"),
            (Space::Itunes, "subtitle"),
            (Space::Atom, "subtitle"),
            (Space::Dc, "description"),
        ]
        .iter()
        .find_map(|(space, name)| field(channel, *space, name).and_then(description)),
        feed_url: self_link.and_then(|n| reader.link(&n.attribute("href")?, n)),
        language: text(Space::Plain, "language")
            .or_else(|| text(Space::Dc, "language"))
            .or_else(|| channel.attribute("xml:lang").map(Cow::into_owned))
            .or_else(|| root.attribute("xml:lang").map(Cow::into_owned))
            .and_then(|tag| language_tag(&tag)),
        updated,
        copyright: text(Space::Plain, "copyright").or_else(|| text(Space::Dc, "rights")),
        generator: generator(channel),
        image: image(root, channel, &with_site),
        categories: categories(channel),
        authors: channel_authors(channel, &with_site),
        older: older(channel, &with_site),
        ttl_minutes: ttl(channel),
        quiet: quiet(channel),
        items: root
            .descendants()
            .filter(|n| n.is("item") && n.space() == Space::Plain)
            .take(ITEMS)
            .map(|n| item(n, format, &with_site))
            .collect(),
        link,
    }
}

fn field<'t, 'a>(node: Node<'t, 'a>, space: Space, name: &str) -> Option<Node<'t, 'a>> {
    node.children().find(|child| child.space() == space && child.is(name) && child.is_filled())
}

fn channel_link(channel: Node<'_, '_>, reader: &Reader) -> Option<String> {
    let written = field(channel, Space::Plain, "link").map(|n| (n.text(), n));
    let by_attribute = || {
        let alternate = |n: &Node<'_, '_>| {
            n.is("link") && n.attribute("rel").is_none_or(|rel| rel.eq_ignore_ascii_case("alternate"))
        };
        channel.children().filter(alternate).find_map(|n| n.attribute("href").map(|href| (href, n)))
    };
    if let Some(link) = link_behind(channel).filter(|_| written.is_none()) {
        return Some(link);
    }
    let (raw, node) =
        written.or_else(by_attribute).or_else(|| channel.attribute("href").map(|href| (href, channel)))?;
    reader.link(&raw, node)
}

/// The archive before this document, else its next page (RFC 5005), as `atom:link` says it.
fn older(channel: Node<'_, '_>, reader: &Reader) -> Option<String> {
    let named = |rel: &str| {
        let is_it =
            |n: &Node<'_, '_>| n.is("link") && n.attribute("rel").is_some_and(|r| r.trim().eq_ignore_ascii_case(rel));
        channel.children().filter(is_it).find_map(|n| reader.link(&n.attribute("href")?, n))
    };
    named("prev-archive").or_else(|| named("next"))
}

/// Minutes for which the document says that it stays as it is; a week at most, for some say years.
fn ttl(channel: Node<'_, '_>) -> Option<u32> {
    let minutes: u32 = field(channel, Space::Plain, "ttl").and_then(plain)?.parse().ok()?;
    Some(minutes.min(7 * 24 * 60)).filter(|minutes| *minutes > 0)
}

/// Hours and days at which nobody need ask.
fn quiet(channel: Node<'_, '_>) -> Quiet {
    let said = |list: &str, one: &str| -> Vec<String> {
        let lists = channel.children().filter(|n| n.is(list));
        lists.flat_map(Node::children).filter(|n| n.is(one)).map(|n| n.text().trim().to_owned()).collect()
    };
    let hours = said("skiphours", "hour").into_iter().filter_map(|hour| hour.parse().ok());
    let days = said("skipdays", "day").into_iter().filter_map(|day| day.parse().ok());
    days.fold(hours.fold(Quiet::default(), Quiet::and_hour), Quiet::and_day)
}

fn generator(channel: Node<'_, '_>) -> Option<String> {
    let written = field(channel, Space::Plain, "generator").and_then(plain);
    written.or_else(|| {
        let agent = channel.children().find(|n| n.is("generatoragent"))?;
        filled(&agent.attribute("rdf:resource")?)
    })
}

fn image(root: Node<'_, '_>, channel: Node<'_, '_>, reader: &Reader) -> Option<String> {
    let images = || channel.children().chain(root.children()).filter(|n| n.is("image"));
    let by_url = images().find_map(|n| n.children().find(|c| c.is("url")).and_then(|c| reader.link(&c.text(), c)));
    by_url.or_else(|| podcast_image(channel, reader)).or_else(|| {
        let logo = channel.children().find(|n| n.is("logo"))?;
        reader.link(&logo.attribute("href")?, logo)
    })
}

/// The picture of a channel or item as podcasts give it: `<itunes:image href>`, by mistake `url`, and once `<itunes:link rel="image" href>`.
fn podcast_image(node: Node<'_, '_>, reader: &Reader) -> Option<String> {
    let is_image = |n: &Node<'_, '_>| {
        n.is("image") || (n.is("link") && n.attribute("rel").is_some_and(|rel| rel.eq_ignore_ascii_case("image")))
    };
    node.children().filter(is_image).find_map(|n| reader.link(&n.attribute("href").or_else(|| n.attribute("url"))?, n))
}

fn channel_authors(channel: Node<'_, '_>, reader: &Reader) -> Vec<Person> {
    let written = |space, name| field(channel, space, name).and_then(|n| person(n, reader));
    let first = [
        (Space::Plain, "managingeditor"),
        (Space::Dc, "creator"),
        (Space::Plain, "author"),
        (Space::Dc, "author"),
        (Space::Itunes, "author"),
        (Space::Itunes, "owner"),
        (Space::Plain, "webmaster"),
        (Space::Dc, "publisher"),
    ]
    .iter()
    .find_map(|(space, name)| written(*space, name));
    first.into_iter().collect()
}

fn categories(node: Node<'_, '_>) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for child in node.children() {
        let attribute = |name: &str| child.attribute(name).and_then(|l| filled(prose::line(&l).as_str()));
        let named = |name: &str| child.is(name);
        let found = match child.space() {
            Space::Dc if named("subject") => plain(child).into_iter().collect(),
            Space::Plain if named("category") => plain(child)
                .or_else(|| attribute("label"))
                .or_else(|| attribute("term"))
                .or_else(|| attribute("text"))
                .into_iter()
                .collect(),
            Space::Atom if named("category") => attribute("label").or_else(|| attribute("term")).into_iter().collect(),
            Space::Itunes if named("category") => std::iter::once(child)
                .chain(child.children())
                .filter_map(|n| n.attribute("text").and_then(|l| filled(prose::line(&l).as_str())))
                .collect(),
            Space::Itunes | Space::Media if named("keywords") => keywords(child),
            Space::Plain if named("tags") || named("keywords") => keywords(child),
            Space::Media if named("category") => attribute("label").or_else(|| plain(child)).into_iter().collect(),
            _ => Vec::new(),
        };
        for label in found {
            if labels.len() < super::MOST && !labels.contains(&label) {
                labels.push(label);
            }
        }
    }
    labels
}

/// Labels in one text, apart by commas.
fn keywords(node: Node<'_, '_>) -> Vec<String> {
    plain(node).unwrap_or_default().split([',', ';', '،', '、']).filter_map(filled).take(40).collect()
}

/// Where an item says when it was published, the surest first.
const PUBLISHED: [(Space, &str); 7] = [
    (Space::Plain, "pubdate"),
    (Space::Dc, "date"),
    (Space::Atom, "published"),
    (Space::Dc, "created"),
    (Space::Dc, "issued"),
    (Space::Plain, "published"),
    (Space::Plain, "date"),
];

fn item(node: Node<'_, '_>, format: Format, reader: &Reader) -> FeedItem {
    let text = |space, name: &str| field(node, space, name).and_then(plain);
    let raw = |space, name: &str| field(node, space, name).and_then(|n| filled(&n.text()));
    let id = raw(Space::Plain, "guid")
        .or_else(|| node.attribute("rdf:about").and_then(|a| filled(&a)))
        .or_else(|| raw(Space::Atom, "id"))
        .or_else(|| raw(Space::Dc, "identifier"));
    let lastmod = || node.attribute("lastmod").filter(|_| format == Format::Cdf).and_then(|d| filled(&d));
    let written = || {
        PUBLISHED.iter().filter_map(|(space, name)| raw(*space, name)).chain(std::iter::once_with(lastmod).flatten())
    };
    // One that can be read stands for one that cannot.
    let (published_raw, published) = written()
        .find_map(|raw| dates::parse(&raw).map(|at| (Some(raw), Some(at))))
        .unwrap_or_else(|| (written().next(), None));
    let updated = [
        raw(Space::Atom, "updated"),
        raw(Space::Dc, "modified"),
        raw(Space::Plain, "lastbuilddate"),
        raw(Space::Plain, "updated"),
    ];
    let described = field(node, Space::Plain, "description").or_else(|| field(node, Space::Plain, "abstract"));
    let summed_up = field(node, Space::Plain, "summary");
    // Beside a summary of its own, a description is the text.
    let (description, text_of_both) = if summed_up.is_some() { (summed_up, described) } else { (described, None) };
    let description = description.and_then(markup);
    let content = field(node, Space::Content, "encoded").and_then(markup);
    let content = content
        .or_else(|| {
            let body = |n: &Node<'_, '_>| matches!(n.space(), Space::Xhtml | Space::Plain) && n.is("body");
            node.children().find(body).and_then(markup)
        })
        .or_else(|| {
            ["fulltext", "fullitem", "encoded", "content"]
                .iter()
                .find_map(|name| field(node, Space::Plain, name))
                .and_then(markup)
        })
        .or_else(|| field(node, Space::Atom, "content").and_then(markup))
        .or_else(|| text_of_both.and_then(markup));
    let summary = description
        .or_else(|| field(node, Space::Atom, "summary").and_then(markup))
        .or_else(|| field(node, Space::Itunes, "summary").and_then(markup))
        .or_else(|| field(node, Space::Itunes, "subtitle").and_then(markup))
        .or_else(|| field(node, Space::Media, "description").and_then(markup))
        .or_else(|| field(node, Space::Dc, "description").and_then(markup));
    let enclosures = enclosures(node, reader);
    FeedItem {
        title: text(Space::Plain, "title")
            .or_else(|| text(Space::Dc, "title"))
            .or_else(|| text(Space::Itunes, "title"))
            .or_else(|| text(Space::Media, "title")),
        link: item_link(node, id.as_deref(), reader),
        original_link: original_link(node, reader),
        summary_html: summary,
        content_html: content,
        published,
        published_raw,
        updated: updated.into_iter().flatten().find_map(|raw| dates::parse(&raw)),
        authors: authors(node, reader),
        categories: categories(node),
        image: item_image(node, &enclosures, reader),
        enclosures,
        base: reader.base(node),
        language: text(Space::Dc, "language")
            .or_else(|| node.attribute("xml:lang").and_then(|l| filled(&l)))
            .and_then(|tag| language_tag(&tag)),
        id,
    }
}

/// `<link/>https://…`, which is what a program for HTML makes of a link: for it the element has no content.
fn link_behind(node: Node<'_, '_>) -> Option<String> {
    let empty = node.children().find(|n| n.name() == "link" && n.space() == Space::Plain)?;
    filled(&empty.text_behind()).filter(|text| text.starts_with("http://") || text.starts_with("https://"))
}

/// The item's page: its link, else a GUID that is an address and does not say that it is none.
fn item_link(node: Node<'_, '_>, id: Option<&str>, reader: &Reader) -> Option<String> {
    if let Some(link) = field(node, Space::Plain, "link") {
        return reader.link(&link.text(), link);
    }
    if let Some(link) = link_behind(node) {
        return Some(link);
    }
    let alternate =
        |n: &Node<'_, '_>| n.is("link") && n.attribute("rel").is_none_or(|rel| rel.eq_ignore_ascii_case("alternate"));
    if let Some((href, link)) =
        node.children().filter(alternate).find_map(|n| n.attribute("href").map(|href| (href, n)))
    {
        return reader.link(&href, link);
    }
    if let Some(href) = node.attribute("href") {
        return reader.link(&href, node);
    }
    let guid = node.children().find(|n| n.is("guid"));
    let said = guid.and_then(|n| n.attribute("ispermalink")).map(|said| said.trim().to_ascii_lowercase());
    match (id, said.as_deref()) {
        (Some(id), said) if id.starts_with("http://") || id.starts_with("https://") => {
            super::absolute(id, None).filter(|_| said != Some("false"))
        }
        // What says of itself that it is an address is one, written in short; a bare number or word is a mistake.
        (Some(id), Some("true")) if id.contains('/') && !id.contains(char::is_whitespace) => {
            super::absolute(id, reader.base(node).as_ref()).filter(|url| url.starts_with("http"))
        }
        _ => None,
    }
}

/// A name in text, or a person construct in the manner of Atom.
fn person(node: Node<'_, '_>, reader: &Reader) -> Option<Person> {
    if node.has_children() { super::atom::person(node, reader) } else { Person::parse(&node.text()) }
}

fn authors(node: Node<'_, '_>, reader: &Reader) -> Vec<Person> {
    let of = |space: Space, name: &str| -> Vec<Person> {
        let mut people: Vec<Person> = Vec::new();
        for child in node.children().filter(|n| n.space() == space && n.is(name)) {
            if let Some(person) =
                person(child, reader).filter(|person| people.len() < super::MOST && !people.contains(person))
            {
                people.push(person);
            }
        }
        people
    };
    [
        (Space::Dc, "creator"),
        (Space::Plain, "author"),
        (Space::Atom, "author"),
        (Space::Dc, "author"),
        (Space::Plain, "creator"),
        (Space::Itunes, "author"),
        (Space::Dc, "contributor"),
    ]
    .iter()
    .map(|(space, name)| of(*space, name))
    .find(|people| !people.is_empty())
    .unwrap_or_default()
}

fn enclosures(node: Node<'_, '_>, reader: &Reader) -> Vec<Enclosure> {
    let is_enclosure =
        |n: &Node<'_, '_>| n.is("enclosure") || (n.is("link") && n.attribute("rel").as_deref() == Some("enclosure"));
    let read = |n: Node<'_, '_>| {
        let url = n.attribute("url").or_else(|| n.attribute("href")).or_else(|| n.attribute("rdf:resource"))?;
        Some(Enclosure {
            url: reader.link(&url, n)?,
            media_type: n.attribute("type").and_then(|t| filled(&t)),
            length: n.attribute("length").and_then(|l| l.trim().parse().ok()),
        })
    };
    node.children().filter(is_enclosure).filter_map(read).collect()
}

fn item_image(node: Node<'_, '_>, enclosures: &[Enclosure], reader: &Reader) -> Option<ItemImage> {
    let alone = |url: String| ItemImage { url, ..ItemImage::default() };
    let image = || node.children().filter(|n| n.is("image"));
    media_image(node, reader)
        .or_else(|| {
            let is_image = |e: &&Enclosure| match &e.media_type {
                Some(media_type) => media_type.starts_with("image/"),
                None => super::has_image_ending(&e.url),
            };
            enclosures.iter().find(is_image).map(|e| alone(e.url.clone()))
        })
        .or_else(|| podcast_image(node, reader).map(alone))
        .or_else(|| {
            image().find_map(|n| n.children().find(|c| c.is("url")).and_then(|c| reader.link(&c.text(), c))).map(alone)
        })
        .or_else(|| {
            image()
                .find_map(|n| filled(&n.text()).filter(|t| super::has_image_ending(t)).and_then(|t| reader.link(&t, n)))
                .map(alone)
        })
}
