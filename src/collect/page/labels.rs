//! What an article is filed under: its tags, and the column or section it stands in.

use super::frame::{all, first, is_beside, is_called, is_others, text_of};
use super::json_ld::Described;
use super::meta::{Metas, extend};
use super::parsely::Parsely;
use crate::collect::prose;
use crate::domain::text::Line;
use scraper::{ElementRef, Html, Selector};

/// The tags of a page, declared ones first; the keywords meant for search engines only where there is nothing else.
pub fn tags(
    document: &Html,
    metas: &Metas,
    described: &Described,
    parsely: &Parsely,
    site: Option<&Line>,
) -> Vec<Line> {
    let mut labels = described.keywords.clone();
    for key in [
        "article:tag",
        "news_keywords",
        "parsely-tags",
        "sailthru.tags",
        "cse_keywords",
        "dc.subject",
        "dcterms.subject",
    ] {
        let written = metas.every(key);
        // Whoever writes an element for each label may have commas in one: "Mergers, Acquisitions and Divestitures".
        let each = |t: &String| if written.len() > 1 { split_at(t, &[';', '|']) } else { split(t) };
        extend(&mut labels, written.iter().flat_map(each).collect());
    }
    extend(&mut labels, parsely.tags.clone());
    let labels = without_noise(labels, site);
    if !labels.is_empty() {
        return labels;
    }
    let mut labels = without_noise(shown(document), site);
    // What a menu or a list of other stories says are headlines: most of them have many words.
    let long = labels.iter().filter(|label| label.as_str().split_whitespace().count() >= 5).count();
    if 2 * long >= labels.len() {
        labels.clear();
    }
    if labels.is_empty() {
        extend(&mut labels, metas.every("keywords").iter().flat_map(|t| split(t)).collect());
    }
    without_noise(labels, site)
}

/// Labels without what says nothing about this story: the site's own name, what its programs write where there is no label, what stands around labels.
fn without_noise(mut labels: Vec<Line>, site: Option<&Line>) -> Vec<Line> {
    const NOISE: [&str; 20] = [
        "nil",
        "null",
        "none",
        "n/a",
        "undefined",
        "false",
        "true",
        "tag",
        "tags",
        "topics",
        "keywords",
        "more",
        "more topics",
        "see all",
        "uncategorized",
        "uncategorised",
        "allgemein",
        "non classé",
        "sin categoría",
        "senza categoria",
    ];
    labels.retain(|label| {
        let text = label.as_str();
        let lower = text.to_lowercase();
        site.is_none_or(|site| site.as_str().to_lowercase() != lower)
            && !NOISE.contains(&lower.trim_end_matches(':'))
            && !text.ends_with(['»', '›', '…', '>'])
            && !text.starts_with('[')
            && text.contains(char::is_alphanumeric)
            && !is_counted(text)
            && !is_number_of_a_record(text)
    });
    labels
}

/// "Travel (12)": how many stories a category has is told in the list of all categories, and not under one of them.
fn is_counted(text: &str) -> bool {
    text.strip_suffix(')')
        .and_then(|text| text.rsplit_once(" ("))
        .is_some_and(|(_, count)| !count.is_empty() && count.len() <= 5 && count.bytes().all(|b| b.is_ascii_digit()))
}

/// "9A43D8FC-F4CF-44D9-9B34-138D30468F8F": what only a program calls a section.
fn is_number_of_a_record(text: &str) -> bool {
    text.len() >= 20
        && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
        && text.bytes().any(|b| b.is_ascii_digit())
}

/// Labels in one text, apart by commas or semicolons; systems put marks such as `type:article` among them.
fn split(text: &str) -> Vec<Line> {
    split_at(text, &[',', ';', '،', '、', '|'])
}

fn split_at(text: &str, marks: &[char]) -> Vec<Line> {
    // References first: the semicolon of one parts no labels.
    let text = prose::unescaped(text);
    text.split(marks)
        .map(|part| Line::clean_to(prose::line(part).as_str().trim_start_matches(['#', '@', '‘', '“']), 80))
        .filter(|l| !l.is_empty() && !l.as_str().contains(':'))
        .collect()
}

/// The tags that a page shows: links that say so, lists that are called so, lists that begin with "Found in:" or the like.
fn shown(document: &Html) -> Vec<Line> {
    let mut labels: Vec<Line> = Vec::new();
    let is_label =
        |l: &Line| (2..=60).contains(&l.as_str().chars().count()) && l.as_str().split_whitespace().count() <= 6;
    let words = |links: Vec<ElementRef<'_>>| -> Vec<Line> {
        let lines = links
            .into_iter()
            .map(text_of)
            .map(|l| Line::clean(l.as_str().trim_start_matches('#').trim_end_matches([',', ';'])));
        lines.filter(is_label).collect()
    };
    let marked = all(document, "[itemprop~=keywords]").filter(|e| !is_others(*e) && e.value().name() != "meta");
    let links = |e: &ElementRef<'_>| -> Vec<Line> {
        Selector::parse("a").map(|a| e.select(&a).map(text_of).collect()).unwrap_or_default()
    };
    let each =
        |e: ElementRef<'_>| Some(links(&e)).filter(|l| !l.is_empty()).unwrap_or_else(|| split(text_of(e).as_str()));
    extend(&mut labels, marked.flat_map(each).filter(is_label).collect());
    extend(&mut labels, words(all(document, "a[rel~=tag]:not([rel~=category])").filter(|e| !is_beside(*e)).collect()));
    if labels.is_empty() {
        let named = |e: &ElementRef<'_>| {
            e.ancestors().filter_map(ElementRef::wrap).take(4).any(|around| {
                is_called(around, &["tags", "tag", "tagged", "taglist", "keywords", "topics", "hashtags"])
                    && !is_called(around, &["cloud", "tagcloud", "popular", "trending"])
            })
        };
        extend(&mut labels, words(all_links(document).filter(|e| named(e) && !is_beside(*e)).collect()));
    }
    if labels.is_empty() {
        extend(&mut labels, words(led_to(document)));
    }
    if labels.is_empty() {
        extend(&mut labels, found_in(document));
    }
    labels
}

/// The most tags that one story has; more are a cloud.
const MOST: usize = 25;

/// The most that stand above its headline; more are a menu.
const MOST_ABOVE: usize = 6;

/// What stands before the name of a tag in the address of its page.
const WAYS: [&str; 10] = [
    "/tag/",
    "/tags/",
    "/topic/",
    "/topics/",
    "/search/label/",
    "/keyword/",
    "/keywords/",
    "/etiqueta/",
    "/etiquetas/",
    "/etiket/",
];

/// The links of the first list that lead to pages of tags, by their addresses; more than a story has are a cloud.
fn led_to(document: &Html) -> Vec<ElementRef<'_>> {
    let leads = |e: &ElementRef<'_>| {
        let path = e.attr("href").unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
        WAYS.iter().any(|place| path.split_once(place).is_some_and(|(_, name)| !name.is_empty())) && !is_beside(*e)
    };
    let list_of = |e: &ElementRef<'_>| {
        e.ancestors().filter_map(ElementRef::wrap).find(|around| around.value().name() != "li").map(|list| list.id())
    };
    let links: Vec<ElementRef<'_>> = all_links(document).filter(leads).collect();
    // Each of the links in one long block would have the whole of it read again: a few are asked.
    let list = links.iter().take(50).find(|link| !is_in_prose(**link)).and_then(list_of);
    let together: Vec<ElementRef<'_>> =
        links.into_iter().filter(|link| list.is_some() && list_of(link) == list).collect();
    let headline = first(document, "h1");
    let is_above = |link: &ElementRef<'_>| {
        let mut order = document.tree.root().descendants().map(|node| node.id());
        headline.is_some_and(|h| order.find(|id| *id == h.id() || *id == link.id()) == Some(link.id()))
    };
    let most = if together.first().is_some_and(is_above) { MOST_ABOVE } else { MOST };
    if together.len() > most { Vec::new() } else { together }
}

/// Whether a link is a word of running text: the paragraph around it says much more than its links do.
fn is_in_prose(link: ElementRef<'_>) -> bool {
    let blocks = ["p", "div", "td", "section", "article", "blockquote"];
    let Some(paragraph) = link.ancestors().filter_map(ElementRef::wrap).find(|e| blocks.contains(&e.value().name()))
    else {
        return false;
    };
    let length = |e: ElementRef<'_>| text_of(e).as_str().chars().count();
    let linked: usize = Selector::parse("a").map(|a| paragraph.select(&a).map(length).sum()).unwrap_or_default();
    length(paragraph) > 3 * linked + 40
}

fn all_links(document: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    let links = Selector::parse("a[href]").ok();
    let found: Vec<ElementRef<'_>> = links.map(|s| document.select(&s).take(2_000).collect()).unwrap_or_default();
    found.into_iter()
}

/// The links, or the words, of a short block that begins with "Found in", "Tags", "Filed under", "Topics" or the like.
fn found_in(document: &Html) -> Vec<Line> {
    const STARTS: [&str; 28] = [
        "found in",
        "tags",
        "tagged",
        "filed under",
        "topics",
        "keywords",
        "more on",
        "posted in",
        "schlagwörter",
        "themen",
        "schlagworte",
        "stichworte",
        "stichwörter",
        "mots-clés",
        "mots clés",
        "mots clefs",
        "palavras-chave",
        "trefwoorden",
        "ключевые слова",
        "теги",
        "etiketler",
        "关键词",
        "标签",
        "etiquetas",
        "temas",
        "برچسب",
        "کلمات کلیدی",
        "وسوم",
    ];
    let Ok(blocks) = Selector::parse("p, div, ul, span, footer, section") else { return Vec::new() };
    // The list stands at the end of a long page: the first word of each block says whether it is worth more.
    let begins = |block: &ElementRef<'_>| {
        let first = block.text().map(str::trim).find(|text| !text.is_empty()).map(str::to_lowercase);
        first.is_some_and(|first| STARTS.iter().any(|start| first.starts_with(start)))
    };
    for block in document.select(&blocks).take(5_000).filter(begins).filter(|e| !is_beside(*e)).take(200) {
        let text = text_of(block);
        let lower = text.as_str().to_lowercase();
        if text.as_str().chars().count() > 400 {
            continue;
        }
        let Some(start) = STARTS.iter().find(|start| lower.starts_with(*start)) else { continue };
        let Some(rest) = text.as_str().get(start.len()..) else { continue };
        // "Topicseed" begins with no label.
        if rest.starts_with(char::is_alphanumeric) {
            continue;
        }
        let rest = rest.trim_start();
        let links: Vec<Line> =
            Selector::parse("a").ok().map(|a| block.select(&a).map(text_of).collect()).unwrap_or_default();
        let links: Vec<Line> =
            links.into_iter().filter(|l| !l.is_empty() && l.as_str().chars().count() <= 60).collect();
        if !links.is_empty() && rest.len() > 1 {
            return links;
        }
        if let Some(list) =
            rest.strip_prefix(':').filter(|list| list.split(',').all(|part| part.split_whitespace().count() <= 5))
        {
            return split(list);
        }
    }
    Vec::new()
}

/// The categories or sections, the first of which is the column.
pub fn categories(
    document: &Html,
    metas: &Metas,
    described: &Described,
    parsely: &Parsely,
    site: Option<&Line>,
) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    extend(&mut found, described.section.iter().flat_map(sections).collect());
    for key in ["article:section", "articlesection", "parsely-section", "section", "category"] {
        let short = |l: &Line| !l.is_empty() && l.as_str().chars().count() <= 60 && !l.as_str().starts_with("http");
        extend(&mut found, metas.every(key).iter().flat_map(|t| sections(&prose::line(t))).filter(short).collect());
    }
    extend(&mut found, parsely.section.iter().cloned().collect());
    let mut found = without_noise(found, site);
    if found.is_empty() {
        extend(&mut found, described.breadcrumb.iter().cloned().collect());
    }
    if found.is_empty() {
        extend(&mut found, shown_categories(document));
    }
    without_noise(found, site)
}

/// The sections in one text: `news,nation` are two, `/world/middle_east` is the last of its parts; "Arts, Culture & Books" is one.
fn sections(text: &Line) -> Vec<Line> {
    let text = text.as_str();
    if let Some(path) = text.strip_prefix('/').filter(|_| !text.contains(' ')) {
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        return vec![Line::clean(&last.replace('_', " "))];
    }
    if text.contains(',') && !text.contains(' ') {
        return text.split(',').map(Line::clean).filter(|part| !part.is_empty()).collect();
    }
    vec![Line::clean(text)]
}

/// The categories that a page shows: links that say so, lists that are called so, the line above the headline, the breadcrumbs.
fn shown_categories(document: &Html) -> Vec<Line> {
    const PLACES: [&str; 4] = [
        "a[rel~=category], [rel='category tag'] a",
        "[class*=entry-categor i] a, [class*=post-categor i] a, [class*=article-categor i] a, [class*=cat-links i] a, [class*=blog-categor i] a, \
            [class*=postinfo i] a[href*='/category/'], [class*=entry i] a[href*='/category/'], [class*=meta i] a[href*='/category/']",
        "[class*=kicker i], [class*=eyebrow i], [class*=rubric i]",
        "[class*=breadcrumb i] a, [aria-label=breadcrumb i] a",
    ];
    let words = |l: &Line| (2..=40).contains(&l.as_str().chars().count()) && !is_home(l.as_str());
    for (at, place) in PLACES.iter().enumerate() {
        // Breadcrumbs stand in a `nav` of their own and lead down to the article: the last is the nearest.
        let found: Vec<Line> = match at {
            0 | 1 => all(document, place).filter(|e| !is_beside(*e)).map(text_of).filter(words).take(8).collect(),
            2 => all(document, place).filter(|e| !is_beside(*e)).map(text_of).find(words).into_iter().collect(),
            _ => {
                let above = all(document, place)
                    .filter(|e| !e.ancestors().filter_map(ElementRef::wrap).any(|a| a.value().name() == "footer"));
                above.map(text_of).filter(words).last().into_iter().collect()
            }
        };
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// Names of a site's front page in breadcrumbs.
pub fn is_home(text: &str) -> bool {
    ["home", "homepage", "startseite", "start", "accueil", "inicio", "خانه", "الرئيسية"]
        .contains(&text.trim().to_lowercase().as_str())
}
