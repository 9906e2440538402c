//! An HTML page → [`Page`]: what it declares (JSON-LD, OpenGraph, meta, microdata, links), then what it shows.

use super::json_ld::{self, Described};
use super::{Page, body, names};
use crate::collect::feed::{Person, byline};
use crate::collect::{dates, decode, guard, prose};
use crate::domain::article::PictureLink;
use crate::domain::text::{Direction, Language, Line};
use scraper::{ElementRef, Html, Selector};
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
        let site_name = metas
            .line(&["og:site_name", "application-name", "twitter:app:name:iphone"])
            .or_else(|| described.publisher.clone());
        let (published_raw, updated_raw) =
            (published(&document, &metas, &described), metas.first(MODIFIED).or_else(|| described.modified.clone()));
        let mut labels = described.keywords.clone();
        extend(&mut labels, labels_of(&document, &metas));
        let categories = categories(&metas, &described);
        let page = Page {
            title: title(&document, &metas, &described, site_name.as_ref()),
            authors: authors(&document, &metas, &described),
            summary: metas
                .line(&[
                    "og:description",
                    "description",
                    "twitter:description",
                    "dc.description",
                    "dcterms.description",
                    "sailthru.description",
                ])
                .or_else(|| described.description.clone())
                .unwrap_or_default(),
            language: language(&document, &metas, &described),
            direction: direction(&document),
            published: published_raw.as_deref().and_then(dates::parse),
            updated: updated_raw.as_deref().and_then(dates::parse),
            picture: picture(&metas, &described, base.as_ref()),
            column: categories.first().cloned(),
            paywalled: described.free == Some(false)
                || metas.first(&["article:content_tier"]).is_some_and(|tier| tier != "free"),
            url: address,
            text: described.body.unwrap_or_default(),
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

fn resolve(href: &str, base: Option<&Url>) -> Option<Url> {
    let href = href.trim();
    let url = match base {
        Some(base) => base.join(href).ok()?,
        None => Url::parse(href).ok()?,
    };
    matches!(url.scheme(), "http" | "https").then_some(url)
}

fn all<'d>(document: &'d Html, selector: &str) -> impl Iterator<Item = ElementRef<'d>> {
    let selector = Selector::parse(selector).ok();
    let found: Vec<ElementRef<'d>> = selector.map(|s| document.select(&s).take(200).collect()).unwrap_or_default();
    found.into_iter()
}

fn first<'d>(document: &'d Html, selector: &str) -> Option<ElementRef<'d>> {
    all(document, selector).next()
}

fn text_of(element: ElementRef<'_>) -> Line {
    let words: Vec<&str> = element.text().take(200).collect();
    Line::clean(&words.concat())
}

/// The `meta` elements by name, in lower case.
struct Metas(HashMap<String, Vec<String>>);

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

    fn every(&self, name: &str) -> &[String] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.every(name).first().cloned())
    }

    fn line(&self, names: &[&str]) -> Option<Line> {
        names.iter().flat_map(|name| self.every(name)).map(|text| prose::line(text)).find(|line| !line.is_empty())
    }
}

fn title(document: &Html, metas: &Metas, described: &Described, site: Option<&Line>) -> Line {
    let heading = {
        let mut headings = all(document, "h1").map(text_of).filter(|h| !h.is_empty());
        headings.next()
    };
    let titled = first(document, "title").map(text_of).filter(|t| !t.is_empty());
    let declared = described.headline.clone().or_else(|| {
        metas.line(&["og:title", "twitter:title", "dc.title", "dcterms.title", "sailthru.title", "parsely-title"])
    });
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

fn published(document: &Html, metas: &Metas, described: &Described) -> Option<String> {
    let readable = |raw: &String| dates::parse(raw).is_some();
    let declared = described
        .published
        .clone()
        .filter(readable)
        .or_else(|| PUBLISHED.iter().flat_map(|name| metas.every(name)).find(|raw| readable(raw)).cloned());
    declared.or_else(|| {
        let selectors = [
            "[itemprop~=datePublished]",
            "time[pubdate]",
            "article header time",
            "article time",
            "header time",
            "main time",
            ".published",
            ".entry-date",
            ".post-date",
            ".date",
            "time",
        ];
        selectors.iter().flat_map(|selector| all(document, selector).take(3)).find_map(|element| {
            let written = ["datetime", "content", "title"].iter().find_map(|key| element.attr(key).map(str::to_owned));
            written
                .filter(readable)
                .or_else(|| Some(text_of(element).as_str().to_owned()).filter(|t| t.len() < 60).filter(readable))
        })
    })
}

fn authors(document: &Html, metas: &Metas, described: &Described) -> Vec<Line> {
    if !described.authors.is_empty() {
        return described.authors.clone();
    }
    let keys = [
        "author",
        "article:author",
        "parsely-author",
        "sailthru.author",
        "dc.creator",
        "dcterms.creator",
        "byl",
        "citation_author",
        "article:author_name",
        "twitter:data1",
    ];
    for key in &keys[..9] {
        // Facebook wants an address there; that is no name.
        let written = metas.every(key).iter().filter(|text| !text.starts_with("http"));
        let found = names(written.filter_map(|text| Person::parse(text)));
        if !found.is_empty() {
            return found;
        }
    }
    let selectors = [
        "[itemprop~=author] [itemprop~=name]",
        "[itemprop~=author]",
        "a[rel~=author]",
        "[class*=byline] a",
        ".author-name",
        ".author a",
        "[class*=byline]",
        ".author",
        "[class*=author-name]",
    ];
    for selector in selectors {
        let mut found: Vec<Line> = Vec::new();
        for element in all(document, selector).take(6) {
            let text = text_of(element);
            // A longer text is a biography or a whole header.
            if (3..=80).contains(&text.as_str().chars().count()) && !text.as_str().contains("http") {
                extend(&mut found, byline(text.as_str()).into_iter().filter(|name| is_name(name.as_str())).collect());
            }
        }
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// Whether a text could be somebody's name: few words, no digits, none of what stands around bylines.
fn is_name(text: &str) -> bool {
    let words = text.split_whitespace().count();
    (1..=6).contains(&words)
        && !text.chars().any(|c| c.is_ascii_digit() || matches!(c, ':' | '/' | '?' | '!'))
        && !["admin", "staff", "share", "follow", "editor"].contains(&text.to_lowercase().as_str())
}

fn labels_of(document: &Html, metas: &Metas) -> Vec<Line> {
    let mut labels: Vec<Line> = Vec::new();
    extend(&mut labels, metas.every("article:tag").iter().flat_map(|t| split(t)).collect());
    for key in ["news_keywords", "parsely-tags", "sailthru.tags", "cse_keywords"] {
        extend(&mut labels, metas.every(key).iter().flat_map(|t| split(t)).collect());
    }
    if labels.is_empty() {
        let links = all(document, "a[rel~=tag]")
            .chain(all(document, ".tags a, .post-tags a, .article-tags a, [class*=taglist] a, .topics a"));
        extend(&mut labels, links.map(text_of).filter(|l| (2..=60).contains(&l.as_str().chars().count())).collect());
    }
    if labels.is_empty() {
        extend(&mut labels, metas.every("keywords").iter().flat_map(|t| split(t)).collect());
    }
    labels
}

fn split(text: &str) -> Vec<Line> {
    text.split([',', ';', '،'])
        .map(|part| Line::clean_to(prose::line(part).as_str(), 80))
        .filter(|l| !l.is_empty() && !l.as_str().contains(':'))
        .collect()
}

fn extend(labels: &mut Vec<Line>, more: Vec<Line>) {
    for label in more {
        if labels.len() < 40 && !labels.iter().any(|known| known.as_str().eq_ignore_ascii_case(label.as_str())) {
            labels.push(label);
        }
    }
}

fn categories(metas: &Metas, described: &Described) -> Vec<Line> {
    let mut found = described.section.clone();
    for key in ["article:section", "articlesection", "parsely-section", "section", "category", "dc.subject"] {
        extend(
            &mut found,
            metas
                .every(key)
                .iter()
                .map(|t| prose::line(t))
                .filter(|l| !l.is_empty() && l.as_str().chars().count() <= 60)
                .collect(),
        );
    }
    found
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

fn picture(metas: &Metas, described: &Described, base: Option<&Url>) -> Option<PictureLink> {
    let alt = metas.line(&["og:image:alt", "twitter:image:alt"]);
    let (from_ld, caption, credit) =
        described.image.clone().map_or((None, None, None), |(url, caption, credit)| (Some(url), caption, credit));
    let source = metas
        .first(&[
            "og:image:secure_url",
            "og:image",
            "og:image:url",
            "twitter:image",
            "twitter:image:src",
            "sailthru.image.full",
            "parsely-image-url",
        ])
        .or(from_ld)?;
    let url = resolve(&source, base)?;
    Some(PictureLink { alt: alt.or(caption).unwrap_or_default(), credit, ..PictureLink::new(url) })
}
