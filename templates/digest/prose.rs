//! Words with light markup, as editors write notes, notices and corrections: paragraphs and lists of the sheet's own type, links in the accent.

use super::sheet::Paint;
use crate::domain::prose::{Block, Prose, Span, words_of};
use crate::templates::typography::join_last_words;
use maud::{Markup, html};

/// As markup; every paragraph has the style and the classes.
pub fn html(prose: &Prose, style: &str, classes: &str, paint: &Paint) -> Markup {
    html! {
        @for block in prose.blocks() {
            @match block {
                Block::Paragraph(spans) => p class=(classes) style=(style) { (inline(spans, paint)) },
                // Word and Outlook set lists as they please: a paragraph an item, each with its own mark, looks the same everywhere.
                Block::List(items) => @for item in items { p class=(classes) style=(style) { "• " (inline(item, paint)) } },
            }
        }
    }
}

fn inline(spans: &[Span], paint: &Paint) -> Markup {
    let last = spans.len().saturating_sub(1);
    html! {
        @for (at, span) in spans.iter().enumerate() {
            @match span {
                Span::Text(words) if at == last => (join_last_words(words)),
                Span::Text(words) => (words),
                Span::Emphasis(words) => em { (words) },
                Span::Strong(words) => strong { (words) },
                Span::Link { url, words } => a.acc href=(url) style=(paint.accent_link) { (words) },
                Span::Break => br;,
            }
        }
    }
}

/// As lines of the text part: the words, what opens their first line, and the addresses that follow them.
pub fn lines(block: &Block, indent: &str) -> Vec<(String, String, Vec<String>)> {
    let line = |spans: &[Span], opening: String| (words_of(spans), opening, links(spans));
    match block {
        Block::Paragraph(spans) => vec![line(spans, indent.to_owned())],
        Block::List(items) => items.iter().map(|item| line(item, format!("{indent}- "))).collect(),
    }
}

/// The addresses that some words lead to.
fn links(spans: &[Span]) -> Vec<String> {
    let linked = |span: &Span| match span {
        Span::Link { url, .. } => Some(url.to_string()),
        _ => None,
    };
    spans.iter().filter_map(linked).collect()
}
