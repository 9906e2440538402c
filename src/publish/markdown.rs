//! Markdown as editors write notes → the few kinds of words that every mail program can show. HTML in it is dropped, headings become paragraphs
//! that weigh, pictures become their words. Does no I/O.

use crate::domain::prose::{Block, Prose, Span};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use url::Url;

/// Notes are short; what is longer is cut.
const MOST: usize = 8_000;

/// Reads Markdown.
pub fn prose(markdown: &str) -> Prose {
    let end = markdown.char_indices().nth(MOST).map_or(markdown.len(), |(at, _)| at);
    let mut reading = Reading::default();
    for event in Parser::new_ext(&markdown[..end], Options::ENABLE_SMART_PUNCTUATION) {
        reading.take(event);
    }
    reading.end_paragraph();
    Prose::new(reading.blocks)
}

#[derive(Default)]
struct Reading {
    blocks: Vec<Block>,
    spans: Vec<Span>,
    items: Vec<Vec<Span>>,
    /// Lists within lists become one.
    lists: usize,
    strong: usize,
    emphasis: usize,
    link: Option<(Url, String)>,
}

impl Reading {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Text(words) | Event::Code(words) => self.words(&words),
            Event::SoftBreak => self.words(" "),
            Event::HardBreak => self.spans.push(Span::Break),
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Strong => self.strong += 1,
            Tag::Heading { .. } => {
                self.end_paragraph();
                self.strong += 1;
            }
            Tag::Emphasis => self.emphasis += 1,
            Tag::Link { dest_url, .. } => {
                let url = Url::parse(&dest_url).ok();
                self.link = url
                    .filter(|url| matches!(url.scheme(), "http" | "https" | "mailto"))
                    .map(|url| (url, String::new()));
            }
            Tag::List(_) => {
                self.end_paragraph();
                self.lists += 1;
            }
            Tag::Item | Tag::Paragraph => self.end_paragraph(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.strong = self.strong.saturating_sub(1),
            TagEnd::Heading(_) => {
                self.strong = self.strong.saturating_sub(1);
                self.end_paragraph();
            }
            TagEnd::Emphasis => self.emphasis = self.emphasis.saturating_sub(1),
            TagEnd::Link => {
                if let Some((url, words)) = self.link.take() {
                    let words = if words.trim().is_empty() { url.to_string() } else { words };
                    self.spans.push(Span::Link { url, words });
                }
            }
            TagEnd::List(_) => {
                self.end_paragraph();
                self.lists = self.lists.saturating_sub(1);
                if self.lists == 0 {
                    self.blocks.push(Block::List(std::mem::take(&mut self.items)));
                }
            }
            TagEnd::Paragraph | TagEnd::Item | TagEnd::CodeBlock | TagEnd::BlockQuote(_) => self.end_paragraph(),
            _ => {}
        }
    }

    fn words(&mut self, words: &str) {
        if let Some((_, linked)) = &mut self.link {
            linked.push_str(words);
            return;
        }
        let span = match (self.strong > 0, self.emphasis > 0) {
            (true, _) => Span::Strong(words.to_owned()),
            (_, true) => Span::Emphasis(words.to_owned()),
            _ => Span::Text(words.to_owned()),
        };
        match (self.spans.last_mut(), span) {
            (Some(Span::Text(before)), Span::Text(words))
            | (Some(Span::Strong(before)), Span::Strong(words))
            | (Some(Span::Emphasis(before)), Span::Emphasis(words)) => before.push_str(&words),
            (_, span) => self.spans.push(span),
        }
    }

    fn end_paragraph(&mut self) {
        let spans = std::mem::take(&mut self.spans);
        if spans.is_empty() {
            return;
        }
        if self.lists > 0 { self.items.push(spans) } else { self.blocks.push(Block::Paragraph(spans)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Line;

    #[test]
    fn paragraphs_lists_emphasis_and_links_stay() {
        let prose = prose("A *quiet* **week**, see [the page](https://example.org/a).\n\n- one\n- two\n");
        let text = |words: &str| Span::Text(words.to_owned());
        assert_eq!(
            prose.blocks(),
            [
                Block::Paragraph(vec![
                    text("A "),
                    Span::Emphasis("quiet".into()),
                    text(" "),
                    Span::Strong("week".into()),
                    text(", see "),
                    Span::Link { url: "https://example.org/a".parse().unwrap(), words: "the page".into() },
                    text("."),
                ]),
                Block::List(vec![vec![text("one")], vec![text("two")]]),
            ]
        );
    }

    #[test]
    fn a_note_of_the_first_versions_is_still_read() {
        let prose: Prose = serde_json::from_str("\"A quiet week.\"").unwrap();
        assert_eq!(prose, Prose::from(Line::clean("A quiet week.")));
        let empty: Prose = serde_json::from_str("\"\"").unwrap();
        assert!(empty.is_empty());
        let again: Prose = serde_json::from_str(&serde_json::to_string(&prose).unwrap()).unwrap();
        assert_eq!(again, prose);
    }

    #[test]
    fn html_and_dangerous_links_lose_their_markup() {
        let prose = prose("<script>alert(1)</script>\n\nHello <b>you</b> [x](javascript:alert(1)) \u{FDD0}");
        assert_eq!(prose.line().as_str(), "Hello you x");
        assert_eq!(prose.links().count(), 0);
    }

    #[test]
    fn whatever_is_written_gives_words_or_nothing() {
        for odd in ["", "   ", "***", "- - -", "[](https://example.org)", "# ", "> quote", "1. a\n   - b\n\n   c"] {
            let _ = prose(odd).line();
        }
        assert_eq!(prose("# Title\ntext").line().as_str(), "Title text");
        assert_eq!(prose("- a\n  - b\n- c").blocks().len(), 1);
    }
}
