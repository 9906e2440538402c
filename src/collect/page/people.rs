//! Who wrote an article, as people: declared in JSON-LD or meta elements, else shown in a byline of the article itself.

use super::frame::{all, is_called, is_others, text_of};
use super::json_ld::Described;
use super::meta::{Metas, extend};
use super::names;
use super::parsely::Parsely;
use crate::collect::feed::{Person, byline};
use crate::domain::text::Line;
use scraper::{ElementRef, Html, Selector};
use url::Url;

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
const PLACES: [&str; 21] = [
    "[itemprop~=author] [itemprop~=name]",
    "[itemprop~=author]",
    "a[rel~=author], [rel~=author] a",
    ".byline-name, .byline__name, .author-name, .author__name, .authorName, #author-name",
    "[class*=byline i] a",
    "[data-testid*=byline i] a, [data-testid*=author i] a, a[data-testid*=author i]",
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
    "[class*=signature i], [class*=firma i]",
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
    address: Option<&Url>,
) -> Vec<Line> {
    let host = address.and_then(Url::host_str).map(|host| squashed(host.trim_start_matches("www.")));
    let is_site = |name: &Line| {
        let name = squashed(name.as_str());
        [site, described.publisher.as_ref()].into_iter().flatten().any(|site| squashed(site.as_str()) == name)
            || host.as_ref().is_some_and(|host| *host == name || host.strip_suffix("com") == Some(&name))
    };
    let found = candidates(document, metas, described, parsely, &is_site);
    // "Mac & i" is one name, if it is the site's.
    if let Some(site) = site.filter(|site| {
        found.len() > 1 && squashed(&found.iter().map(Line::as_str).collect::<String>()) == squashed(site.as_str())
    }) {
        return vec![site.clone()];
    }
    // "Ann Smith, USA TODAY": who published it stands beside who wrote it.
    let people: Vec<Line> = found.iter().filter(|name| !is_site(name) && !is_agency(name.as_str())).cloned().collect();
    if people.is_empty() { found } else { people }
}

/// "Smith, Ann" the other way round.
fn given_name_first(name: &str) -> String {
    match name.split_once(',') {
        Some((family, given)) if !given.contains(',') => format!("{} {}", given.trim(), family.trim()),
        _ => name.to_owned(),
    }
}

/// Letters and digits of a name alone, in lower case: "USA TODAY" and "usatoday" are the same.
fn squashed(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The names of the surest place that has people.
fn candidates(
    document: &Html,
    metas: &Metas,
    described: &Described,
    parsely: &Parsely,
    is_site: &dyn Fn(&Line) -> bool,
) -> Vec<Line> {
    // "By the site" or an agency is true of many pages: whoever else is named wrote this one.
    let persons =
        |found: &Vec<Line>| !found.is_empty() && !found.iter().all(|name| is_site(name) || is_agency(name.as_str()));
    let declared = || {
        KEYS.iter().map(|key| {
            // Facebook wants an address there; that is no name, and neither is an account.
            let written = metas.every(key).iter().filter(|text| !text.starts_with("http") && !text.starts_with('@'));
            // Catalogues of papers put the family's name first.
            let written =
                written.map(|text| if *key == "citation_author" { given_name_first(text) } else { text.clone() });
            names(written.filter_map(|text| Person::parse(&text)))
        })
    };
    let listed = parsely.authors.clone();
    let written = described.authors.clone();
    let surest = written.clone().into_iter().filter(|_| !described.by_organisation).collect();
    let said = std::iter::once(surest).chain(declared()).chain([listed]).find(persons);
    // The name of an account stands for somebody whom the page may call by name.
    if let Some(found) = said.clone().filter(|found| !found.iter().all(|name| is_account(name.as_str()))) {
        return found;
    }
    let shown = shown(document);
    let named = |found: &Vec<Line>| persons(found) && found.iter().any(|name| name.as_str().contains(' '));
    if (said.is_none() && written.is_empty() && persons(&shown)) || named(&shown) {
        return shown;
    }
    if let Some(found) = said.or_else(|| Some(written).filter(persons)) {
        return found;
    }
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
            .filter(|e| !is_others(*e) && !is_picture(*e) && !is_quoted(*e) && !leads_to_settings(*e))
            .filter(|e| !is_called(*e, &["bio", "biography", "about", "avatar", "org"]))
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
    let told = told(document);
    if told.is_empty() { alone_linked(document) } else { told }
}

/// The byline that no markup calls one: a short line below the headline that begins with "By", "Von", "作者：" or the like and goes on with a name.
fn told(document: &Html) -> Vec<Line> {
    let Ok(places) = Selector::parse("h1, p, div, span, li, em, i, strong, small, h3, h4, h5, h6") else {
        return Vec::new();
    };
    let has_headline = all(document, "h1").next().is_some();
    let mut lines = 0_u32;
    for element in document.select(&places).take(3_000).skip_while(|e| has_headline && e.value().name() != "h1") {
        let Some(start) = element.text().map(str::trim).find(|text| !text.is_empty()) else { continue };
        lines += 1;
        if lines > 80 {
            break;
        }
        // The whole element is looked at only where its first words say so.
        if !begins_a_byline(start) || is_others(element) || is_picture(element) || is_quoted(element) {
            continue;
        }
        let text = text_of(element);
        let people = byline(text.as_str());
        let name = |name: &Line| {
            let words: Vec<&str> = name.as_str().split(' ').collect();
            let is_cased = |word: &&str| word.chars().next().is_some_and(|c| c.is_uppercase() || !c.is_lowercase());
            is_name(name.as_str())
                && (2..=4).contains(&words.len().max(usize::from(!name.as_str().is_ascii()) * 2))
                && words.first().is_some_and(is_cased)
                && words.last().is_some_and(is_cased)
        };
        if text.as_str().chars().count() <= 90 && !people.is_empty() && people.iter().all(name) {
            return people;
        }
    }
    Vec::new()
}

/// Whether a text begins as bylines do, and not only as sentences may.
fn begins_a_byline(text: &str) -> bool {
    const STARTS: [&str; 10] =
        ["By ", "BY ", "Von ", "Par ", "Por ", "Door ", "Av ", "Af ", "Written by ", "Posted by "];
    const MARKED: [&str; 12] =
        ["author", "autor", "autorin", "auteur", "autore", "автор", "текст", "作者", "记者", "文", "نویسنده", "بقلم"];
    let is_start = |start: &str| text.starts_with(start) || text == start.trim_end();
    let lower = text.to_lowercase();
    let is_marked =
        |mark: &str| lower.strip_prefix(mark).is_some_and(|rest| rest.trim_start().starts_with([':', '：', '/']));
    STARTS.iter().any(|start| is_start(start)) || MARKED.iter().any(|mark| is_marked(mark))
}

/// The one person whom a page links as its author, wherever: a box beside the article, if no other story has one.
fn alone_linked(document: &Html) -> Vec<Line> {
    let linked = all(document, "a[rel~=author]").map(text_of).filter(|line| !line.is_empty());
    let mut people: Vec<Line> = Vec::new();
    extend(&mut people, linked.flat_map(|line| byline(line.as_str())).collect());
    if people.len() == 1 && is_name(people[0].as_str()) { people } else { Vec::new() }
}

/// Whether an element stands under a picture: it names who took it.
fn is_picture(element: ElementRef<'_>) -> bool {
    element.ancestors().filter_map(ElementRef::wrap).chain([element]).any(|around| {
        matches!(around.value().name(), "figure" | "figcaption") || is_called(around, &["caption", "figcaption"])
    })
}

/// Whether an element names who is quoted.
fn is_quoted(element: ElementRef<'_>) -> bool {
    element
        .ancestors()
        .filter_map(ElementRef::wrap)
        .chain([element])
        .take(4)
        .any(|around| around.value().name() == "blockquote" || is_called(around, &["quote", "pullquote", "blockquote"]))
}

/// Whether a link leads readers to their own account.
fn leads_to_settings(element: ElementRef<'_>) -> bool {
    element
        .attr("href")
        .is_some_and(|href| ["/settings", "/account", "/login", "/edit"].iter().any(|p| href.contains(p)))
}

/// Whether a name is that of an account rather than of a person: "jsmith42", "admin".
fn is_account(name: &str) -> bool {
    !name.contains(' ')
        && name.is_ascii()
        && (name.bytes().any(|b| b.is_ascii_digit())
            || ["admin", "administrator", "editor", "webmaster", "root", "user"]
                .contains(&name.to_ascii_lowercase().as_str()))
}

/// Whether a name is that of a news agency.
fn is_agency(name: &str) -> bool {
    const AGENCIES: [&str; 20] = [
        "afp",
        "agence france-presse",
        "ansa",
        "ap",
        "apa",
        "associated press",
        "the associated press",
        "ats",
        "belga",
        "dpa",
        "efe",
        "europa press",
        "kna",
        "lusa",
        "pa media",
        "press association",
        "reuters",
        "sid",
        "tass",
        "upi",
    ];
    AGENCIES.contains(&name.to_lowercase().as_str())
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
            "account",
            "log in",
            "logged in",
            "sign in",
            "welcome",
        ]
        .iter()
        .any(|start| lower.starts_with(start))
}
