//! Who wrote an article, as people: declared in JSON-LD or meta elements, else shown in a byline of the article itself.

use super::frame::{all, is_beside, is_called, text_of};
use super::json_ld::Described;
use super::meta::{Metas, extend};
use super::names;
use super::parsely::Parsely;
use crate::collect::feed::{Person, byline};
use crate::domain::text::Line;
use scraper::{ElementRef, Html};

/// The names of the meta elements, the most trustworthy first.
const KEYS: [&str; 24] = [
    "dc:creator",
    "dc.creator",
    "dcterm.creator",
    "dcterms.creator",
    "author",
    "og:author",
    "article:author",
    "og:article:author",
    "article:author_name",
    "article_author",
    "author_name",
    "parsely-author",
    "sailthru.author",
    "shareaholic:article_author_name",
    "cxenseparse:author",
    "dcsext.author",
    "rbauthors",
    "byl",
    "byline",
    "bylines",
    "creator",
    "citation_author",
    "authors",
    "mediator_author",
];

/// Where pages show who wrote them.
const PLACES: [&str; 20] = [
    "[itemprop~=author] [itemprop~=name]",
    "[itemprop~=author]",
    "a[rel~=author], [rel~=author] a",
    ".byline-name, .byline__name, .author-name, .author__name, .authorName, #author-name",
    "[class*=byline i] a",
    "[data-testid*=byline i] a, [data-testid*=author i] a",
    ".p-author .p-name, .p-author, .vcard .fn, .fn",
    ".post-author a, .entry-author a, .article-author a, .author a, .submitted-by a, .submitted a",
    "a[href*='/author/'], a[href*='/authors/'], a[href*='/profile/'], a[href*='/autor/'], a[href*='/auteur/']",
    "author",
    "[class*=byline i], [data-component*=byline i]",
    "[id*=byline i]",
    "address[class*=author i], address",
    ".post-author, .entry-author, .article-author, .author, #author",
    "[class*=author-name i], [class*=authorname i], [id*=author-name i]",
    "[class*=author i]",
    "[class*=autor i], [class*=auteur i], [class*=writer i], [class*=journalist i], [class*=redacteur i], [class*=autore i]",
    ".username, .submitted-by, .submitted",
    "[class*=credit i]",
    "[id*=author i]",
];

/// The people who wrote a page.
pub fn authors(
    document: &Html,
    metas: &Metas,
    described: &Described,
    parsely: &Parsely,
    site: Option<&Line>,
) -> Vec<Line> {
    let is_site = |name: &Line| {
        site.is_some_and(|site| site.as_str().eq_ignore_ascii_case(name.as_str()))
            || described.publisher.as_ref().is_some_and(|publisher| publisher == name)
    };
    // "By the site" is true of every page of it: whoever else is named wrote this one.
    let persons = |found: &Vec<Line>| !found.is_empty() && !found.iter().all(is_site);
    let declared = || {
        KEYS.iter().map(|key| {
            // Facebook wants an address there; that is no name, and neither is an account.
            let written = metas.every(key).iter().filter(|text| !text.starts_with("http") && !text.starts_with('@'));
            names(written.filter_map(|text| Person::parse(text)))
        })
    };
    let listed = parsely.authors.clone();
    if let Some(found) = std::iter::once(described.authors.clone()).chain(declared()).chain([listed]).find(persons) {
        return found;
    }
    let shown = shown(document);
    if persons(&shown) {
        return shown;
    }
    let by_site = std::iter::once(described.authors.clone()).chain(declared()).find(|found| !found.is_empty());
    by_site.unwrap_or(shown)
}

/// The names of the first byline that stands in the article, with those beside it.
fn shown(document: &Html) -> Vec<Line> {
    for place in PLACES {
        let mut found: Vec<Line> = Vec::new();
        let mut around = None;
        for element in all(document, place)
            .filter(|e| !is_beside(*e) && !is_picture(*e) && !is_called(*e, &["bio", "biography", "about", "avatar"]))
        {
            let text = text_of(element);
            // A longer text is a biography or a whole header.
            if !(2..=160).contains(&text.as_str().chars().count()) || text.as_str().contains("http") {
                continue;
            }
            // Whoever stands in another part of the page wrote another story.
            let parent = element.parent().and_then(|p| p.parent()).map(|p| p.id());
            if around.is_some_and(|known| Some(known) != parent) {
                break;
            }
            let people: Vec<Line> = byline(text.as_str()).into_iter().filter(|name| is_name(name.as_str())).collect();
            if !people.is_empty() {
                around = around.or(parent);
                extend(&mut found, people);
            }
        }
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// Whether an element stands under a picture: it names who took it.
fn is_picture(element: ElementRef<'_>) -> bool {
    element
        .ancestors()
        .filter_map(ElementRef::wrap)
        .any(|around| matches!(around.value().name(), "figure" | "figcaption"))
}

/// Whether a text could be somebody's name: few words, no digits, none of what stands around bylines.
pub fn is_name(text: &str) -> bool {
    const NO_NAMES: [&str; 20] = [
        "follow author",
        "about the author",
        "unknown",
        "guest",
        "admin",
        "staff",
        "share",
        "follow",
        "editor",
        "author",
        "authors",
        "byline",
        "more",
        "view all posts",
        "all posts",
        "see all",
        "posted",
        "published",
        "updated",
        "comments",
    ];
    let words = text.split_whitespace().count();
    let lower = text.to_lowercase();
    (1..=6).contains(&words)
        && !text.chars().any(|c| c.is_ascii_digit() || matches!(c, ':' | '/' | '?' | '!' | '{' | '@'))
        && !NO_NAMES.contains(&lower.as_str())
        && ![
            "more from",
            "view all",
            "follow ",
            "about ",
            "read more",
            "share ",
            "last updated",
            "updated ",
            "published ",
            "posted ",
            "submitted ",
        ]
        .iter()
        .any(|start| lower.starts_with(start))
}
