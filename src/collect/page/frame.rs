//! What of a page belongs to the article, and what frames it: menus, sidebars, other stories, comments. Looks at elements, decides nothing else.

use crate::domain::text::Line;
use scraper::{ElementRef, Html, Node, Selector};

/// The elements a selector finds, a bounded number.
pub fn all<'d>(document: &'d Html, selector: &str) -> impl Iterator<Item = ElementRef<'d>> {
    let selector = Selector::parse(selector).ok();
    let found: Vec<ElementRef<'d>> = selector.map(|s| document.select(&s).take(200).collect()).unwrap_or_default();
    found.into_iter()
}

/// The first of them.
pub fn first<'d>(document: &'d Html, selector: &str) -> Option<ElementRef<'d>> {
    all(document, selector).next()
}

/// An element's words as a line, without what its scripts, styles and drawings say; blocks stand apart.
pub fn text_of(element: ElementRef<'_>) -> Line {
    let mut words = String::new();
    gather(element, &mut words);
    Line::clean(&words)
}

/// The guard bounds how deep this goes.
fn gather(element: ElementRef<'_>, words: &mut String) {
    for child in element.children() {
        if words.len() > 20_000 {
            return;
        }
        match (child.value(), ElementRef::wrap(child)) {
            (Node::Text(text), _) => words.push_str(text),
            (Node::Element(inner), Some(within)) if !is_silent(inner.name()) => {
                let apart = stands_apart(inner.name());
                words.push_str(if apart { " " } else { "" });
                gather(within, words);
                words.push_str(if apart { " " } else { "" });
            }
            _ => {}
        }
    }
}

fn is_silent(name: &str) -> bool {
    matches!(name, "script" | "style" | "svg" | "noscript" | "template")
}

fn stands_apart(name: &str) -> bool {
    matches!(
        name,
        "br" | "p"
            | "div"
            | "li"
            | "ul"
            | "ol"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "td"
            | "tr"
            | "dt"
            | "dd"
            | "section"
            | "time"
    )
}

/// Whether an element stands in what frames the article: its words are about something else.
pub fn is_beside(element: ElementRef<'_>) -> bool {
    element.ancestors().filter_map(ElementRef::wrap).chain([element]).any(|around| {
        matches!(around.value().name(), "aside" | "nav") || around.attr("role") == Some("complementary") || {
            let names = [around.attr("class"), around.attr("id")].into_iter().flatten();
            // The body and the article often carry the names of what else is on the page: "has-sidebar", "comments-open".
            !matches!(around.value().name(), "body" | "html" | "main" | "article")
                && names.into_iter().any(|names| tells_of_others(names) && !frames_the_page(around, names))
        }
    })
}

/// The same for what microdata marks as an article's own: where it stands does not matter, but where that article does.
pub fn is_others(element: ElementRef<'_>) -> bool {
    let kind = |around: &ElementRef<'_>| around.attr("itemtype").unwrap_or_default().to_owned();
    let holder = element
        .ancestors()
        .filter_map(ElementRef::wrap)
        .filter(|around| around.attr("itemscope").is_some())
        .find(|around| !kind(around).ends_with("Person") && !kind(around).ends_with("Organization"));
    match holder {
        Some(article)
            if element.attr("itemprop").is_some()
                && (kind(&article).ends_with("Article") || kind(&article).ends_with("Posting")) =>
        {
            is_beside(article)
        }
        _ => is_beside(element),
    }
}

/// Whether a frame that is called after a sidebar or a menu is the one around the page's own text: it has no more to do with them than that they exist.
fn frames_the_page(element: ElementRef<'_>, names: &str) -> bool {
    let holds = |places: &str, fewest: usize| {
        Selector::parse(places).is_ok_and(|places| element.select(&places).nth(fewest - 1).is_some())
    };
    let of_readers = words(names).any(|word| matches!(word.as_str(), "comment" | "comments" | "disqus" | "related"));
    holds(
        "h1, article, main, .hentry, .blog-posts, .entry-content, .post-content, .post-body, [itemprop~=articleBody]",
        1,
    ) || (!of_readers && holds("p", 15))
}

fn tells_of_others(names: &str) -> bool {
    const WORDS: [&str; 23] = [
        "related",
        "recommended",
        "recommendations",
        "comment",
        "comments",
        "sidebar",
        "promo",
        "teaser",
        "trending",
        "popular",
        "latest",
        "newsletter",
        "nav",
        "navigation",
        "menu",
        "carousel",
        "cookie",
        "recirc",
        "outbrain",
        "taboola",
        "widget",
        "disqus",
        "morefrom",
    ];
    // The foot of an article has its tags and its date; that of the page has neither.
    const OWN: [&str; 8] = ["entry", "article", "post", "asset", "story", "content", "node", "card"];
    words(names).any(|word| WORDS.contains(&word.as_str()))
        || (words(names).any(|word| word == "footer") && !words(names).any(|word| OWN.contains(&word.as_str())))
}

/// The words of class names and identifiers: `post-tags`, `postTags` and `post__tags` are each two.
pub fn words(names: &str) -> impl Iterator<Item = String> + '_ {
    names.split(|c: char| !c.is_alphanumeric()).flat_map(|name| {
        let mut parts: Vec<String> = Vec::new();
        let mut previous = false;
        for c in name.chars() {
            if parts.is_empty() || (c.is_uppercase() && previous) {
                parts.push(String::new());
            }
            previous = c.is_lowercase();
            if let Some(part) = parts.last_mut() {
                part.extend(c.to_lowercase());
            }
        }
        parts
    })
}

/// Whether an element's class or identifier has one of some words.
pub fn is_called(element: ElementRef<'_>, wanted: &[&str]) -> bool {
    [element.attr("class"), element.attr("id")]
        .into_iter()
        .flatten()
        .flat_map(words)
        .any(|word| wanted.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_word_by_word() {
        assert_eq!(
            words("post__tags postTags POST-tags").collect::<Vec<_>>(),
            ["post", "tags", "post", "tags", "post", "tags"]
        );
    }

    #[test]
    fn what_frames_an_article_is_told_apart() {
        let page = Html::parse_document(
            "<body class=has-sidebar><article class=comments-open><p id=a>x</p><div class='related-posts'><p id=b>y</p></div></article><aside><p id=c>z</p></aside>",
        );
        let beside = |id: &str| is_beside(first(&page, id).unwrap());
        assert_eq!([beside("#a"), beside("#b"), beside("#c")], [false, true, true]);
    }
}
