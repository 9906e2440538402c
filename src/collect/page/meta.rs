//! An HTML page → [`Page`]: what it declares (JSON-LD, OpenGraph, meta, microdata, links), then what it shows.

use super::frame::{all, first, is_beside, text_of};
use super::json_ld::{self, Described};
use super::parsely::Parsely;
use super::title::Titles;
use super::when::Evidence;
use super::{Page, body, labels, lighten, people, picture};
use crate::collect::{decode, guard, notices, prose};
use crate::domain::text::{Direction, Language, Line};
use scraper::{ElementRef, Html, Selector};
use std::collections::HashMap;
use url::Url;

/// Reads a page. `url` is where it was fetched.
pub fn read(bytes: &[u8], http_charset: Option<&str>, url: Option<&Url>) -> Result<Page, guard::GuardError> {
    let text = decode::decode(bytes, http_charset);
    let html: String = text.chars().filter(|c| !c.is_control() || c.is_whitespace()).collect();
    if let Err(refused) = guard::check(&html, guard::PAGE) {
        return read_lightened(&lighten::page(&html), refused, url);
    }
    Ok(read_checked(&html, url))
}

fn read_checked(html: &str, url: Option<&Url>) -> Page {
    let head = Head::read(html, url);
    let base = head.base.clone();
    let mut page = head.page;
    body::fill(&mut page, html, base.as_ref());
    page
}

/// What is too much for a parser is often so for the sake of what nobody reads: scripts and drawings. Failing that, the head alone says who and when.
fn read_lightened(html: &str, refused: guard::GuardError, url: Option<&Url>) -> Result<Page, guard::GuardError> {
    if guard::check(html, guard::PAGE).is_ok() {
        return Ok(read_checked(html, url));
    }
    // Finding the text costs more for each element than reading what is said of it.
    if guard::check(html, guard::FRAGMENT).is_ok() {
        let mut page = Head::read(html, url).page;
        body::fill_plainly(&mut page, html);
        return Ok(page);
    }
    let head = lighten::head(html).filter(|head| guard::check(head, guard::PAGE).is_ok()).ok_or(refused)?;
    let mut page = Head::read(head, url).page;
    if page.title.is_empty() {
        return Err(refused);
    }
    body::fill_plainly(&mut page, html);
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
        let titles = Titles::of(&document, &metas, &described, &parsely);
        let declared_site = metas
            .line(&["og:site_name", "application-name", "twitter:app:name:iphone"])
            .or_else(|| described.publisher.clone())
            .or_else(|| metas.line(&["article:publisher", "publisher", "dc.publisher"]).filter(is_no_address))
            .or_else(|| described.site.clone());
        let title = titles.headline(declared_site.as_ref());
        let site_name = declared_site.or_else(|| titles.site(&title, address.as_ref()));
        let language = language(&document, &metas, &described);
        let evidence = Evidence {
            document: &document,
            html,
            metas: &metas,
            described: &described,
            parsely: &parsely,
            address: address.as_ref(),
            language: language.as_ref(),
        };
        let published = evidence.published();
        let authors = people::authors(&document, &metas, &described, &parsely, site_name.as_ref(), address.as_ref());
        let mut labels = labels::tags(&document, &metas, &described, &parsely, site_name.as_ref());
        // Words for search engines repeat the headline and the byline.
        labels.retain(|label| *label != title && !authors.contains(label));
        let categories = labels::categories(&document, &metas, &described, &parsely, site_name.as_ref());
        let all_labels = || labels.iter().chain(&categories).map(Line::as_str);
        let page = Page {
            authors,
            summary: standfirst(&document, &metas, &described, site_name.as_ref()),
            direction: direction(&document),
            supposed: if published.is_none() { evidence.supposed() } else { None },
            updated: evidence.updated().map(|dated| dated.at),
            published: published.as_ref().map(|dated| dated.at),
            published_raw: published.map(|dated| dated.raw),
            language,
            picture: picture::lead(&document, &metas, &described, base.as_ref()),
            column: categories.first().cloned(),
            paywalled: described.free == Some(false)
                || metas.first(&["article:content_tier"]).is_some_and(|tier| !tier.eq_ignore_ascii_case("free")),
            sponsored: described.paid_for || notices::is_sponsored(title.as_str(), all_labels(), address.as_ref()),
            url: address,
            text: described.body.unwrap_or_default(),
            title,
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

fn is_no_address(line: &Line) -> bool {
    !line.as_str().contains("://") && !line.as_str().starts_with('@')
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
        let metas: Vec<ElementRef<'_>> = document.select(&selector).take(500).collect();
        // OpenGraph's `property` is meant for whoever shows the page elsewhere, and is the surer where names clash.
        for key in ["property", "name", "itemprop", "http-equiv", "pubdate"] {
            for meta in &metas {
                // Templates leave the name of their maker in a `value`, which is no attribute of it.
                let content = ["content", "datetime"].iter().find_map(|key| meta.attr(key));
                let content = content.map(str::trim).filter(|c| !c.is_empty());
                if let (Some(names), Some(content)) = (meta.attr(key), content) {
                    for name in names.split_whitespace() {
                        let values = by_name.entry(name.to_ascii_lowercase()).or_default();
                        if !values.iter().any(|known| known == content) {
                            values.push(content.to_owned());
                        }
                    }
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

/// The article's own summary: what it declares; where every page declares the same or nothing, the standfirst that it shows.
fn standfirst(document: &Html, metas: &Metas, described: &Described, site: Option<&Line>) -> Line {
    const KEYS: [&str; 7] = [
        "dc:description",
        "og:description",
        "description",
        "twitter:description",
        "dc.description",
        "dcterms.description",
        "sailthru.description",
    ];
    let declared = KEYS.iter().flat_map(|key| metas.every(key)).map(|text| prose::line(text));
    // The site's name says nothing of the article.
    let says = |line: &Line| !line.is_empty() && Some(line) != site;
    declared.chain(described.description.clone()).find(says).unwrap_or_else(|| {
        let places = "[class*=standfirst i], [class*=subtitle i], [class*=subhead i], [class*=dek i], [class*=deck i], [itemprop~=description], \
            [class*=article-summary i], [class*=article__summary i], [class*=lede i], .lead, .summary, .excerpt";
        all(document, places)
            .filter(|e| !is_beside(*e))
            .map(text_of)
            .find(|text| (40..=600).contains(&text.as_str().chars().count()))
            .unwrap_or_default()
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
