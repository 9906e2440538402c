//! What an article is filed under: its tags, and the column or section it stands in.

use super::frame::{all, is_beside, is_called, text_of};
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
        extend(&mut labels, metas.every(key).iter().flat_map(|t| split(t)).collect());
    }
    extend(&mut labels, parsely.tags.clone());
    if labels.is_empty() {
        extend(&mut labels, shown(document));
    }
    if labels.is_empty() {
        extend(&mut labels, metas.every("keywords").iter().flat_map(|t| split(t)).collect());
    }
    // The site's own name, or the section that every page of it has, says nothing about this one.
    labels.retain(|label| !site.is_some_and(|site| site.as_str().eq_ignore_ascii_case(label.as_str())));
    labels
}

/// Labels in one text, apart by commas or semicolons; systems put marks such as `type:article` among them.
fn split(text: &str) -> Vec<Line> {
    text.split([',', ';', '،', '、', '|'])
        .map(|part| Line::clean_to(prose::line(part).as_str().trim_start_matches('#'), 80))
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

/// The links of the first list that lead to pages of tags, by their addresses; more than a story has are a cloud.
fn led_to(document: &Html) -> Vec<ElementRef<'_>> {
    let leads = |e: &ElementRef<'_>| {
        let path = e.attr("href").unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
        ["/tag/", "/tags/", "/topic/", "/topics/"]
            .iter()
            .any(|place| path.split_once(place).is_some_and(|(_, name)| !name.is_empty()))
            && !is_beside(*e)
            && !is_in_prose(*e)
    };
    let list_of = |e: &ElementRef<'_>| {
        e.ancestors().filter_map(ElementRef::wrap).find(|around| around.value().name() != "li").map(|list| list.id())
    };
    let links: Vec<ElementRef<'_>> = all_links(document).filter(leads).collect();
    let list = links.first().and_then(list_of);
    let together: Vec<ElementRef<'_>> = links.into_iter().filter(|link| list_of(link) == list).collect();
    if together.len() > MOST { Vec::new() } else { together }
}

/// Whether a link is a word of running text: the paragraph around it says much more than its links do.
fn is_in_prose(link: ElementRef<'_>) -> bool {
    let Some(paragraph) = link.ancestors().filter_map(ElementRef::wrap).find(|e| e.value().name() == "p") else {
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
    const STARTS: [&str; 16] = [
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
        "mots-clés",
        "etiquetas",
        "temas",
        "برچسب",
        "کلمات کلیدی",
        "وسوم",
    ];
    for block in all(document, "p, div, ul, span, footer, section").filter(|e| !is_beside(*e)) {
        let text = text_of(block);
        let lower = text.as_str().to_lowercase();
        if text.as_str().chars().count() > 400 {
            continue;
        }
        let Some(start) = STARTS.iter().find(|start| lower.starts_with(*start)) else { continue };
        let Some(rest) = text.as_str().get(start.len()..) else { continue };
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
pub fn categories(document: &Html, metas: &Metas, described: &Described, parsely: &Parsely) -> Vec<Line> {
    let mut found = described.section.clone();
    for key in ["article:section", "articlesection", "parsely-section", "section", "category"] {
        let short = |l: &Line| !l.is_empty() && l.as_str().chars().count() <= 60 && !l.as_str().starts_with("http");
        extend(&mut found, metas.every(key).iter().map(|t| prose::line(t)).filter(short).collect());
    }
    extend(&mut found, parsely.section.iter().cloned().collect());
    if found.is_empty() {
        extend(&mut found, described.breadcrumb.iter().cloned().collect());
    }
    if found.is_empty() {
        extend(&mut found, shown_categories(document));
    }
    found
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
