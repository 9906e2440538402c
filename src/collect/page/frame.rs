//! What of a page belongs to the article, and what frames it: menus, sidebars, other stories, comments. Looks at elements, decides nothing else.

use crate::domain::text::Line;
use scraper::{ElementRef, Html, Selector};

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

/// An element's words as a line; pieces of text stand apart.
pub fn text_of(element: ElementRef<'_>) -> Line {
    let words: Vec<&str> = element.text().take(200).collect();
    Line::clean(&words.concat())
}

/// Whether an element stands in what frames the article: its words are about something else.
pub fn is_beside(element: ElementRef<'_>) -> bool {
    element.ancestors().filter_map(ElementRef::wrap).chain([element]).any(|around| {
        matches!(around.value().name(), "aside" | "nav") || around.attr("role") == Some("complementary") || {
            let names = [around.attr("class"), around.attr("id")].into_iter().flatten();
            // The body and the article often carry the names of what else is on the page: "has-sidebar", "comments-open".
            !matches!(around.value().name(), "body" | "html" | "main" | "article")
                && names.into_iter().any(tells_of_others)
        }
    })
}

fn tells_of_others(names: &str) -> bool {
    const WORDS: [&str; 24] = [
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
        "footer",
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
    words(names).any(|word| WORDS.contains(&word.as_str()))
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
