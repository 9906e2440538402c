//! A page that lists links to articles: a section front, an archive, a table of reports → its links with their texts, in its order.
//!
//! With a CSS selector the site's reader says where they stand; without one the repeating structure is looked for. Fetches nothing: each link is read
//! as a page by whoever wants its text.

use crate::collect::{dates, decode, guard, prose};
use crate::domain::text::Line;
use chrono::{DateTime, Utc};
use scraper::{ElementRef, Html, Selector};
use std::collections::HashMap;
use url::Url;

/// The most links of one page.
const LINKS: usize = 500;

/// One link of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedLink {
    /// Where it leads, absolute, without fragment.
    pub url: Url,
    /// What it is called there: the longest text that any link to it has.
    pub text: Line,
    /// The date that stands beside it, if there is one.
    pub published: Option<DateTime<Utc>>,
}

/// Why a page gives no links.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinksError {
    /// A selector that is none.
    #[error("{0:?} is not a CSS selector")]
    Selector(String),
    /// No parser may have the page.
    #[error(transparent)]
    Guard(#[from] guard::GuardError),
    /// The selector fits nothing that is or holds a link.
    #[error("nothing on the page that {0:?} selects is or holds a link")]
    NothingSelected(String),
    /// No list that could be one of articles.
    #[error("no repeating list of links was found on the page; name it with a CSS selector")]
    NoList,
}

/// Whether a text is a selector, to be asked while the configuration is read.
pub fn check_selector(text: &str) -> Result<(), LinksError> {
    selector(text).map(|_| ())
}

fn selector(text: &str) -> Result<Selector, LinksError> {
    Selector::parse(text).map_err(|_| LinksError::Selector(text.to_owned()))
}

/// Reads a page. `url` is where it was fetched; links to it are none.
pub fn read(
    bytes: &[u8],
    http_charset: Option<&str>,
    url: &Url,
    selected: Option<&str>,
) -> Result<Vec<ListedLink>, LinksError> {
    let text = decode::decode(bytes, http_charset);
    let html = prose::standing(&text);
    guard::check(&html, guard::PAGE)?;
    let document = Html::parse_document(&html);
    let base = Selector::parse("base[href]")
        .ok()
        .and_then(|base| document.select(&base).next()?.attr("href"))
        .and_then(|href| url.join(href).ok())
        .unwrap_or_else(|| url.clone());
    let page = Front { url, base };
    let Some(text) = selected else {
        let found = page.listed(page.best_list(&document));
        return if found.len() < FEWEST { Err(LinksError::NoList) } else { Ok(found) };
    };
    let found = page.listed(document.select(&selector(text)?).flat_map(anchors_of).collect());
    if found.is_empty() { Err(LinksError::NothingSelected(text.to_owned())) } else { Ok(found) }
}

/// Fewer links than this are no list.
const FEWEST: usize = 3;

/// An element that is a link, or the first link in it that has words.
fn anchors_of(element: ElementRef<'_>) -> Vec<ElementRef<'_>> {
    if element.value().name() == "a" {
        return vec![element];
    }
    let anchors: Vec<ElementRef<'_>> =
        Selector::parse("a[href]").map(|a| element.select(&a).collect()).unwrap_or_default();
    // A heading that is linked is the story; other links of the same item lead to its author, topic or comments.
    let in_heading =
        anchors.iter().find(|a| a.ancestors().filter_map(ElementRef::wrap).any(|e| is_heading(e.value().name())));
    let with_words = in_heading.or_else(|| anchors.iter().find(|a| !words_of(**a).is_empty()));
    with_words.or(anchors.first()).copied().into_iter().collect()
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

fn words_of(element: ElementRef<'_>) -> Line {
    let text: String = element.text().take(100).flat_map(|part| [part, " "]).collect();
    let line = Line::clean_to(&text, 300);
    if !line.is_empty() {
        return line;
    }
    Line::clean_to(element.attr("title").or_else(|| element.attr("aria-label")).unwrap_or_default(), 300)
}

/// A link and where it stands among all of the page.
struct Placed<'d> {
    at: usize,
    anchor: ElementRef<'d>,
    url: Url,
}

/// Links that stand in the same structure.
type Group<'d> = Vec<Placed<'d>>;

/// How many words a link has, as far as that matters.
fn words(anchor: ElementRef<'_>) -> usize {
    words_of(anchor).as_str().split_whitespace().count().min(14)
}

struct Front<'u> {
    url: &'u Url,
    base: Url,
}

impl Front<'_> {
    /// Where a link leads, if that is another page of the web.
    fn target(&self, anchor: ElementRef<'_>) -> Option<Url> {
        let mut url = self.base.join(anchor.attr("href")?.trim()).ok()?;
        url.set_fragment(None);
        let other = url.path().trim_end_matches('/') != self.url.path().trim_end_matches('/')
            || url.host() != self.url.host()
            || url.query().is_some_and(|query| Some(query) != self.url.query());
        (matches!(url.scheme(), "http" | "https") && url.has_host() && other && url.as_str().len() <= 2_000)
            .then_some(url)
    }

    /// The links, each address once, with the longest text that leads to it.
    fn listed(&self, anchors: Vec<ElementRef<'_>>) -> Vec<ListedLink> {
        let mut found: Vec<ListedLink> = Vec::new();
        let mut places: HashMap<Url, usize> = HashMap::new();
        for anchor in anchors {
            let Some(url) = self.target(anchor) else { continue };
            let text = words_of(anchor);
            let at = *places.entry(url.clone()).or_insert(found.len());
            if let Some(known) = found.get_mut(at) {
                if known.text.as_str().len() < text.as_str().len() {
                    known.text = text;
                }
            } else if found.len() < LINKS {
                found.push(ListedLink { url, text, published: date_beside(anchor) });
            } else {
                break;
            }
        }
        found
    }

    /// The links of the best repeating structure: many, with words, in the page's main part, to pages of the same site that look alike.
    fn best_list<'d>(&self, document: &'d Html) -> Vec<ElementRef<'d>> {
        let Ok(every) = Selector::parse("a[href]") else { return Vec::new() };
        let mut groups: HashMap<String, Group<'d>> = HashMap::new();
        for (at, anchor) in document.select(&every).enumerate().take(5_000) {
            if let Some(url) = self.target(anchor).filter(|url| self.is_own(url) && !leads_elsewhere(url))
                && let Some(place) = place_of(anchor)
            {
                groups.entry(place).or_default().push(Placed { at, anchor, url });
            }
        }
        let mut scored: Vec<(f64, Group<'d>)> = groups.into_values().map(|group| (score(&group), group)).collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1[0].at.cmp(&b.1[0].at)));
        let Some((_, best)) = scored.first().filter(|(score, _)| *score > 0.0) else { return Vec::new() };
        // A lead story stands in a frame of its own: other links belong to the list when their addresses are of the same make.
        let shape = common_shape(best);
        let belongs = |link: &&Placed<'d>| {
            shape.is_some()
                && shape == Some(shape_of(&link.url))
                && looks_like_an_article(&link.url)
                && words(link.anchor) >= 3
        };
        let others = scored.iter().skip(1).flat_map(|(_, group)| group).filter(belongs);
        let mut chosen: Vec<&Placed<'d>> = best.iter().chain(others).collect();
        chosen.sort_by_key(|link| link.at);
        chosen.into_iter().map(|link| link.anchor).collect()
    }

    fn is_own(&self, url: &Url) -> bool {
        let site =
            |url: &Url| url.host_str().map(|host| host.trim_start_matches("www.").to_owned()).unwrap_or_default();
        let (own, other) = (site(self.url), site(url));
        own == other || other.ends_with(&format!(".{own}")) || own.ends_with(&format!(".{other}"))
    }
}

/// Addresses that list or serve something other than an article.
fn leads_elsewhere(url: &Url) -> bool {
    const PARTS: [&str; 22] = [
        "tag",
        "tags",
        "category",
        "categories",
        "author",
        "authors",
        "page",
        "login",
        "signin",
        "register",
        "subscribe",
        "about",
        "contact",
        "privacy",
        "terms",
        "search",
        "account",
        "cart",
        "feed",
        "rss",
        "topics",
        "newsletters",
    ];
    let segments: Vec<String> =
        url.path_segments().into_iter().flatten().filter(|s| !s.is_empty()).map(str::to_ascii_lowercase).collect();
    let last = segments.last().map(String::as_str).unwrap_or_default();
    segments.first().is_none_or(|first| PARTS.contains(&first.as_str()) && segments.len() <= 3)
        || PARTS.contains(&last)
        || [".jpg", ".jpeg", ".png", ".gif", ".webp", ".zip", ".mp3", ".mp4", ".xml", ".css", ".js"]
            .iter()
            .any(|end| last.ends_with(end))
}

/// Where a link stands: its elements with their classes from the body on; `None` in what frames a page.
fn place_of(anchor: ElementRef<'_>) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    for element in std::iter::once(anchor).chain(anchor.ancestors().filter_map(ElementRef::wrap)) {
        let name = element.value().name();
        if name == "body" {
            break;
        }
        if matches!(name, "nav" | "footer" | "form" | "dialog") || is_frame(element) {
            return None;
        }
        // One class is enough to tell places apart, and the first is the most stable; numbers in it are the item's own.
        let class =
            element.value().classes().find(|class| !class.bytes().any(|b| b.is_ascii_digit())).unwrap_or_default();
        parts.push(format!("{name}.{class}"));
    }
    parts.reverse();
    Some(parts.join(">"))
}

/// Menus, breadcrumbs and the like by their own names.
fn is_frame(element: ElementRef<'_>) -> bool {
    const WORDS: [&str; 16] = [
        "nav",
        "navbar",
        "navigation",
        "menu",
        "breadcrumb",
        "breadcrumbs",
        "footer",
        "pagination",
        "pager",
        "social",
        "share",
        "cookie",
        "sidebar",
        "masthead",
        "tags",
        "comments",
    ];
    let role = element
        .attr("role")
        .is_some_and(|role| matches!(role, "navigation" | "menu" | "menubar" | "contentinfo" | "search"));
    let named = [element.attr("id"), element.attr("class")].into_iter().flatten().any(|names| {
        names
            .split(|c: char| c.is_whitespace() || c == '-' || c == '_')
            .any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
    });
    // The whole page may be classed "has-sidebar": only an element inside it frames anything.
    role || (named && !matches!(element.value().name(), "main" | "article" | "body" | "html"))
}

fn score(group: &[Placed<'_>]) -> f64 {
    let mut addresses: Vec<&Url> = group.iter().map(|link| &link.url).collect();
    addresses.sort();
    addresses.dedup();
    if addresses.len() < FEWEST {
        return 0.0;
    }
    let mean = group.iter().map(|link| words(link.anchor)).sum::<usize>() as f64 / group.len() as f64;
    if mean < 2.0 {
        return 0.0;
    }
    let ancestor = |test: fn(&str) -> bool| {
        group[0].anchor.ancestors().filter_map(ElementRef::wrap).any(|element| test(element.value().name()))
    };
    let mut score = (addresses.len().min(40) as f64).sqrt() * mean;
    let slugs = addresses.iter().filter(|url| looks_like_an_article(url)).count() as f64 / addresses.len() as f64;
    score *= 0.4 + slugs;
    if ancestor(is_heading) {
        score *= 1.6;
    }
    if ancestor(|name| matches!(name, "article" | "main")) {
        score *= 1.4;
    }
    if ancestor(|name| matches!(name, "aside" | "header")) {
        score *= 0.4;
    }
    score
}

/// An address with a date, a number or several words at its end.
fn looks_like_an_article(url: &Url) -> bool {
    let last = url.path_segments().into_iter().flatten().rfind(|s| !s.is_empty()).unwrap_or_default();
    let hyphens = last.matches(['-', '_']).count();
    let digits = last.bytes().filter(u8::is_ascii_digit).count();
    hyphens >= 2
        || digits >= 4
        || last.contains('%')
        || has_year(url)
        || url.query().is_some_and(|q| q.bytes().any(|b| b.is_ascii_digit()))
}

fn has_year(url: &Url) -> bool {
    url.path_segments().into_iter().flatten().any(|part| {
        part.len() == 4
            && (part.starts_with("19") || part.starts_with("20"))
            && part.bytes().all(|b| b.is_ascii_digit())
    })
}

/// The make of an address: how deep, with or without a year, and its first part where it has several.
fn shape_of(url: &Url) -> (usize, bool, Option<String>) {
    let parts: Vec<&str> = url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let first = parts
        .first()
        .filter(|first| parts.len() > 1 && !first.bytes().all(|b| b.is_ascii_digit()))
        .map(|f| (*f).to_owned());
    (parts.len(), has_year(url), first)
}

fn common_shape(group: &[Placed<'_>]) -> Option<(usize, bool, Option<String>)> {
    let shapes: Vec<_> =
        group.iter().filter(|link| looks_like_an_article(&link.url)).map(|l| shape_of(&l.url)).collect();
    let most =
        |shape: &&(usize, bool, Option<String>)| shapes.iter().filter(|other| other == shape).count() * 2 > group.len();
    shapes.iter().find(most).cloned()
}

/// A date in the item that a link stands in: the nearest element around it that has one, as long as that is not the whole list.
fn date_beside(anchor: ElementRef<'_>) -> Option<DateTime<Utc>> {
    let times = Selector::parse("time, .date, .published").ok()?;
    let links = Selector::parse("a[href]").ok()?;
    for element in anchor.ancestors().filter_map(ElementRef::wrap).take(4) {
        if element.select(&links).take(12).count() > 8 {
            return None;
        }
        let written = |time: ElementRef<'_>| {
            let attribute = time.attr("datetime").and_then(dates::parse);
            attribute.or_else(|| dates::parse(words_of(time).as_str()))
        };
        if let Some(date) = element.select(&times).take(4).find_map(written) {
            return Some(date);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(html: &str, selector: Option<&str>) -> Result<Vec<(String, String)>, LinksError> {
        let url = Url::parse("https://ex.org/news/").unwrap();
        let found = read(html.as_bytes(), None, &url, selector)?;
        Ok(found.into_iter().map(|l| (l.url.path().to_owned(), l.text.as_str().to_owned())).collect())
    }

    fn front() -> String {
        let item = |n: usize| {
            format!(
                "<li class='item item-{n}'><a href='/2026/11/story-number-{n}-of-many'><img src=x.jpg alt=''></a><h3><a href='/2026/11/story-number-{n}-of-many#top'>The story of number {n}</a></h3>\
                 <time datetime='2026-11-{:02}'>x</time> by <a href='/author/ann-{n}'>Ann {n}</a> in <a href='/tag/energy-{n}'>Energy</a></li>",
                10 + n
            )
        };
        let items: String = (1..8).map(item).collect();
        format!(
            "<body><nav><a href='/a-b-c'>Home of all news and more</a><a href='/about'>About us and them</a></nav>\
             <main><div class=hero><h1><a href='/2026/11/the-lead-story-of-today'>The lead story of today</a></h1></div><ul class=list>{items}</ul>\
             <div class=pagination><a href='/news/?page=2'>Older stories on page two</a></div></main>\
             <footer><a href='/privacy'>Privacy policy of ours</a></footer></body>"
        )
    }

    #[test]
    fn the_repeating_list_is_found_with_its_lead_story() {
        let found = links(&front(), None).unwrap();
        assert_eq!(found.len(), 8, "{found:?}");
        assert_eq!(found[0], ("/2026/11/the-lead-story-of-today".into(), "The lead story of today".into()));
        assert_eq!(found[1].1, "The story of number 1");
    }

    #[test]
    fn a_selector_chooses_links_or_what_holds_them() {
        assert_eq!(links(&front(), Some("ul.list li")).unwrap().len(), 7);
        assert_eq!(links(&front(), Some(".hero a")).unwrap()[0].1, "The lead story of today");
        assert_eq!(links(&front(), Some("p.none")), Err(LinksError::NothingSelected("p.none".into())));
        assert_eq!(links(&front(), Some("a[")), Err(LinksError::Selector("a[".into())));
    }

    #[test]
    fn the_date_beside_a_link_is_its_own() {
        let url = Url::parse("https://ex.org/news/").unwrap();
        let found = read(front().as_bytes(), None, &url, None).unwrap();
        assert_eq!(found[0].published, None);
        assert_eq!(found[2].published.unwrap().date_naive().to_string(), "2026-11-12");
    }

    #[test]
    fn a_page_without_a_list_says_so() {
        assert_eq!(links("<p>An <a href=/x-y-z>only link of mine</a></p>", None), Err(LinksError::NoList));
        assert_eq!(links("", None), Err(LinksError::NoList));
        assert!(matches!(links(&"<div>".repeat(999), None), Err(LinksError::Guard(_))));
    }

    #[test]
    fn a_plain_table_of_reports_is_a_list() {
        let row =
            |n| format!("<tr><td>2026-11-0{n}</td><td><a href=report-{n}.html>Report {n} on the ports</a></td></tr>");
        let rows = (1..6).map(row).collect::<Vec<_>>().concat();
        assert_eq!(links(&format!("<table>{rows}</table>"), None).unwrap()[0].0, "/news/report-1.html");
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_page_its_links_lead_elsewhere_each_once(
            parts in proptest::collection::vec(
                "(<a href=['\"]?((https?:|ftp:|javascript:|mailto:)?/{0,2}[a-z0-9:.?=#%-]{0,12}|\\PC{0,8})['\"]?>|</a>|<(li|h2|nav|base href=//x.example/)>|</(li|h2|ul)>|[A-Za-z ]{1,20}|\\PC{0,4}|2026-11-20)",
                0..60,
            ),
            selector in "(|a|li|[a-z.#\\[\\]:()>*]{1,6})",
        ) {
            let url = Url::parse("https://ex.org/news/?page=1").unwrap();
            let selector = (!selector.is_empty()).then_some(selector.as_str());
            let Ok(found) = read(parts.concat().as_bytes(), None, &url, selector) else { return Ok(()) };
            proptest::prop_assert!(!found.is_empty() && found.len() <= LINKS);
            let mut addresses = std::collections::HashSet::new();
            for link in &found {
                proptest::prop_assert!(matches!(link.url.scheme(), "http" | "https") && link.url.has_host());
                proptest::prop_assert!(link.url.fragment().is_none() && link.url != url, "{}", link.url);
                proptest::prop_assert!(addresses.insert(link.url.clone()), "{} twice", link.url);
            }
        }
    }
}
