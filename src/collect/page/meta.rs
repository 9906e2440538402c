//! An HTML page → [`Page`]: what it declares (JSON-LD, OpenGraph, meta, microdata, links), then what it shows.

use super::frame::{all, first, is_beside, text_of};
use super::json_ld::{self, Described};
use super::{Page, body, labels, people, picture};
use crate::collect::feed::byline;
use crate::collect::{dates, decode, guard, notices, prose};
use crate::domain::text::{Direction, Language, Line};
use scraper::{Html, Selector};
use std::collections::HashMap;
use url::Url;

/// Reads a page. `url` is where it was fetched.
pub fn read(bytes: &[u8], http_charset: Option<&str>, url: Option<&Url>) -> Result<Page, guard::GuardError> {
    let text = decode::decode(bytes, http_charset);
    let html: String = text.chars().filter(|c| !c.is_control() || c.is_whitespace()).collect();
    guard::check(&html, guard::PAGE)?;
    let head = Head::read(&html, url);
    let base = head.base.clone();
    let mut page = head.page;
    body::fill(&mut page, &html, base.as_ref());
    Ok(page)
}

struct Head {
    page: Page,
    base: Option<Url>,
}

impl Head {
    fn read(html: &str, url: Option<&Url>) -> Self {
        let document = Html::parse_document(html);
        let metas = Metas::of(&document);
        let described =
            json_ld::read(all(&document, "script[type='application/ld+json']").map(|script| script.text().collect()));
        let base = first(&document, "base[href]")
            .and_then(|b| b.attr("href"))
            .and_then(|href| resolve(href, url))
            .or_else(|| url.cloned());
        let canonical = first(&document, "link[rel~=canonical]").and_then(|l| l.attr("href")).map(str::to_owned);
        let address = canonical.or_else(|| metas.first(&["og:url"])).or_else(|| described.url.clone());
        let address =
            address.and_then(|href| resolve(&href, base.as_ref())).filter(is_article_address).or_else(|| url.cloned());
        let base = base.or_else(|| address.clone());
        let parsely = Parsely::of(&metas);
        let site_name = metas
            .line(&["og:site_name", "application-name", "twitter:app:name:iphone"])
            .or_else(|| described.publisher.clone());
        let published_raw = published(&document, &metas, &described, &parsely);
        // Where nothing names a date, the address often does.
        let published =
            published_raw.as_deref().and_then(dates::parse).or_else(|| address.as_ref().and_then(dates::in_address));
        let updated_raw = metas.first(MODIFIED).or_else(|| described.modified.clone());
        let labels = labels::tags(&document, &metas, &described, &parsely, site_name.as_ref());
        let categories = labels::categories(&document, &metas, &described, &parsely);
        let title = title(&document, &metas, &described, &parsely, site_name.as_ref());
        let all_labels = || labels.iter().chain(&categories).map(Line::as_str);
        let page = Page {
            authors: people::authors(&document, &metas, &described, &parsely, site_name.as_ref()),
            summary: standfirst(&document, &metas, &described),
            language: language(&document, &metas, &described),
            direction: direction(&document),
            published,
            updated: updated_raw.as_deref().and_then(dates::parse),
            picture: picture::lead(&document, &metas, &described, base.as_ref()),
            column: categories.first().cloned(),
            paywalled: described.free == Some(false)
                || metas.first(&["article:content_tier"]).is_some_and(|tier| !tier.eq_ignore_ascii_case("free")),
            sponsored: described.paid_for || notices::is_sponsored(title.as_str(), all_labels(), address.as_ref()),
            url: address,
            text: described.body.unwrap_or_default(),
            title,
            published_raw,
            categories,
            labels,
            site_name,
            ..Page::default()
        };
        Self { page, base }
    }
}

/// A canonical address that is the site's front page is a template's mistake.
fn is_article_address(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && (url.path().len() > 1 || url.query().is_some())
}

/// An address of the web, absolute.
pub fn resolve(href: &str, base: Option<&Url>) -> Option<Url> {
    let href = href.trim();
    let url = match base {
        Some(base) => base.join(href).ok()?,
        None => Url::parse(href).ok()?,
    };
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// The `meta` elements by name, in lower case.
pub struct Metas(HashMap<String, Vec<String>>);

impl Metas {
    fn of(document: &Html) -> Self {
        let mut by_name: HashMap<String, Vec<String>> = HashMap::new();
        let Ok(selector) = Selector::parse("meta") else { return Self(by_name) };
        for meta in document.select(&selector).take(500) {
            let name = ["property", "name", "itemprop", "http-equiv"].iter().find_map(|key| meta.attr(key));
            if let (Some(name), Some(content)) = (name, meta.attr("content").map(str::trim).filter(|c| !c.is_empty())) {
                for name in name.split_whitespace() {
                    by_name.entry(name.to_ascii_lowercase()).or_default().push(content.to_owned());
                }
            }
        }
        Self(by_name)
    }

    /// All values of a name.
    pub fn every(&self, name: &str) -> &[String] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The first value of the first name that has one.
    pub fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.every(name).first().cloned())
    }

    /// The same as a line.
    pub fn line(&self, names: &[&str]) -> Option<Line> {
        names.iter().flat_map(|name| self.every(name)).map(|text| prose::line(text)).find(|line| !line.is_empty())
    }
}

fn title(document: &Html, metas: &Metas, described: &Described, parsely: &Parsely, site: Option<&Line>) -> Line {
    let heading = {
        let mut headings = all(document, "h1").map(text_of).filter(|h| !h.is_empty());
        headings.next()
    };
    let titled = first(document, "title").map(text_of).filter(|t| !t.is_empty());
    let declared = described.headline.clone().or_else(|| {
        metas.line(&["og:title", "twitter:title", "dc.title", "dcterms.title", "sailthru.title", "parsely-title"])
    });
    let declared = declared.or_else(|| parsely.title.clone());
    let chosen = match (&declared, &heading) {
        // A declared title that holds the heading and more has the site's name, or a summary, around it.
        (Some(declared), Some(heading))
            if heading.as_str().chars().count() >= 12 && declared.as_str().contains(heading.as_str()) =>
        {
            heading.clone()
        }
        (Some(declared), _) => declared.clone(),
        (None, Some(heading))
            if titled.as_ref().is_none_or(|t| {
                t.as_str().contains(heading.as_str()) || heading.as_str().split_whitespace().count() > 3
            }) =>
        {
            heading.clone()
        }
        (None, heading) => titled.clone().or_else(|| heading.clone()).unwrap_or_default(),
    };
    without_site(&chosen, site, heading.as_ref())
}

/// Drops " | Site" and "Site: " from a title: when it is the site's name, or what is left is the page's heading.
pub fn without_site(title: &Line, site: Option<&Line>, heading: Option<&Line>) -> Line {
    const BARS: [&str; 9] = [" | ", " - ", " – ", " — ", " · ", " • ", " :: ", " » ", " « "];
    let text = title.as_str();
    let same = |a: &str, b: &str| a.trim().to_lowercase() == b.trim().to_lowercase();
    let is_site = |part: &str| {
        site.is_some_and(|site| same(part, site.as_str()) || same(part, site.as_str().trim_start_matches("The ")))
    };
    for bar in BARS {
        if let Some((head, tail)) = text.rsplit_once(bar)
            && (is_site(tail) || heading.is_some_and(|h| same(head, h.as_str())))
        {
            return without_site(&Line::clean(head), site, heading);
        }
        if let Some((head, tail)) = text.split_once(bar)
            && (is_site(head) || heading.is_some_and(|h| same(tail, h.as_str())))
        {
            return Line::clean(tail);
        }
    }
    // Without any other sign, what follows the last bar is a site's name if it is short and the rest is not.
    if site.is_none()
        && let Some((head, tail)) = text.rsplit_once(" | ")
        && tail.split_whitespace().count() <= 4
        && head.split_whitespace().count() >= 4
    {
        return Line::clean(head);
    }
    title.clone()
}

/// Whether a text names a year: a day of the month alone is no date.
fn has_year(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|number| number.len() == 4 && number.starts_with(['1', '2']))
        || text.chars().any(|c| c.is_numeric() && !c.is_ascii_digit())
}

/// The article's own summary: what it declares; where every page declares the same or nothing, the standfirst that it shows.
fn standfirst(document: &Html, metas: &Metas, described: &Described) -> Line {
    let declared = metas.line(&[
        "og:description",
        "description",
        "twitter:description",
        "dc.description",
        "dcterms.description",
        "sailthru.description",
    ]);
    declared.or_else(|| described.description.clone()).unwrap_or_else(|| {
        let places = "[class*=standfirst i], [class*=subtitle i], [class*=subhead i], [class*=dek i], [class*=deck i], [itemprop~=description], \
            [class*=article-summary i], [class*=article__summary i], [class*=lede i], .lead, .summary, .excerpt";
        all(document, places)
            .filter(|e| !is_beside(*e))
            .map(text_of)
            .find(|text| (40..=600).contains(&text.as_str().chars().count()))
            .unwrap_or_default()
    })
}

/// What the Parse.ly service is told in one `meta` element as JSON; many newsrooms have nothing else.
#[derive(Debug, Default)]
pub struct Parsely {
    /// The people.
    pub authors: Vec<Line>,
    /// The tags.
    pub tags: Vec<Line>,
    /// The section.
    pub section: Option<Line>,
    /// The date as written.
    published: Option<String>,
    title: Option<Line>,
}

impl Parsely {
    fn of(metas: &Metas) -> Self {
        let value =
            metas.first(&["parsely-page"]).and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
        let Some(value) = value else { return Self::default() };
        let texts = |key: &str| -> Vec<String> {
            match value.get(key) {
                Some(serde_json::Value::String(text)) => vec![text.clone()],
                Some(serde_json::Value::Array(many)) => {
                    many.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
                }
                _ => Vec::new(),
            }
        };
        let lines = |key: &str| {
            texts(key).iter().map(|text| Line::clean_to(prose::line(text).as_str(), 80)).collect::<Vec<_>>()
        };
        let authors = lines("authors").into_iter().chain(lines("author"));
        let mut people: Vec<Line> = Vec::new();
        extend(&mut people, authors.flat_map(|name| byline(name.as_str())).collect());
        Self {
            authors: people,
            tags: lines("tags").into_iter().filter(|tag| !tag.is_empty() && !tag.as_str().contains(':')).collect(),
            section: lines("section").into_iter().find(|section| !section.is_empty()),
            published: texts("pub_date").into_iter().next(),
            title: lines("title").into_iter().find(|title| !title.is_empty()),
        }
    }
}

const PUBLISHED: &[&str] = &[
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "date",
    "dc.date.issued",
    "dc.date",
    "dcterms.created",
    "dcterms.issued",
    "dcterms.date",
    "dc.date.created",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "publication_date",
    "article.published",
    "citation_publication_date",
    "cxenseparse:recs:publishtime",
    "displaydate",
    "created",
];
const MODIFIED: &[&str] = &[
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "last-modified",
    "lastmod",
    "article.updated",
];

fn published(document: &Html, metas: &Metas, described: &Described, parsely: &Parsely) -> Option<String> {
    let readable = |raw: &String| dates::parse(raw).is_some();
    let declared = described
        .published
        .clone()
        .filter(readable)
        .or_else(|| PUBLISHED.iter().flat_map(|name| metas.every(name)).find(|raw| readable(raw)).cloned())
        .or_else(|| parsely.published.clone().filter(readable));
    declared.or_else(|| {
        let selectors = [
            "[itemprop~=datePublished]",
            "time[pubdate]",
            "article header time",
            "article time",
            "header time",
            "main time",
            ".published",
            ".dt-published",
            ".entry-date",
            ".post-date",
            ".date",
            "time",
            "[class*=publish i]",
            "[class*=date i]",
            "[class*=timestamp i], [class*=posted i]",
            "[class*=byline i], [class*=meta i]",
        ];
        let places = selectors.iter().flat_map(|selector| all(document, selector).filter(|e| !is_beside(*e)).take(3));
        places.into_iter().find_map(|element| {
            let written = ["datetime", "content", "data-datetime", "title"]
                .iter()
                .find_map(|key| element.attr(key).map(str::to_owned));
            written.filter(readable).or_else(|| {
                Some(text_of(element).as_str().to_owned()).filter(|t| t.len() < 80 && has_year(t)).filter(readable)
            })
        })
    })
}

/// Adds labels that are not there yet, up to a limit.
pub fn extend(labels: &mut Vec<Line>, more: Vec<Line>) {
    for label in more {
        if labels.len() < 40 && !labels.iter().any(|known| known.as_str().eq_ignore_ascii_case(label.as_str())) {
            labels.push(label);
        }
    }
}

fn language(document: &Html, metas: &Metas, described: &Described) -> Option<Language> {
    let root = document.root_element();
    let declared = [root.attr("lang"), root.attr("xml:lang")].into_iter().flatten().map(str::to_owned);
    let others = [
        metas.first(&["content-language", "language", "dc.language", "dcterms.language"]),
        described.language.clone(),
        metas.first(&["og:locale"]),
    ];
    declared
        .chain(others.into_iter().flatten())
        .find_map(|tag| Language::parse(tag.split(',').next().unwrap_or_default()).ok())
}

fn direction(document: &Html) -> Option<Direction> {
    let body = first(document, "body");
    let written = document.root_element().attr("dir").or_else(|| body?.attr("dir")).map(str::to_ascii_lowercase)?;
    match written.trim() {
        "rtl" => Some(Direction::Rtl),
        "ltr" => Some(Direction::Ltr),
        _ => None,
    }
}
