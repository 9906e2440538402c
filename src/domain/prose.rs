//! A few words with light markup, as an editor writes them: paragraphs, lists, emphasis and links. What Markdown said beyond that is gone, so that
//! every mail program and the text part can show it. Made by `publish::markdown`; never HTML.

use crate::domain::text::{Line, may_stand};
use serde::{Deserialize, Serialize};
use url::Url;

/// Paragraphs and lists, in order. Empty when nothing was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Prose {
    blocks: Vec<Block>,
}

/// A paragraph or a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Span>),
    /// A list, each of its items a paragraph.
    List(Vec<Vec<Span>>),
}

/// A piece of a paragraph. Its words have lost what may not stand in text from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// Words.
    Text(String),
    /// Words that lean.
    Emphasis(String),
    /// Words that weigh.
    Strong(String),
    /// A link on the web, or `mailto:`.
    Link {
        /// Where it leads.
        url: Url,
        /// What is read.
        words: String,
    },
    /// A new line within the paragraph.
    Break,
}

/// What a frozen model may hold: issues of the first versions had a note of one line.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Plain(Line),
    Blocks { blocks: Vec<Block> },
}

impl From<Stored> for Prose {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Plain(line) => Self::from(line),
            Stored::Blocks { blocks } => Self { blocks },
        }
    }
}

impl From<Line> for Prose {
    fn from(line: Line) -> Self {
        let paragraph = |line: &Line| Block::Paragraph(vec![Span::Text(line.to_string())]);
        Self { blocks: (!line.is_empty()).then(|| paragraph(&line)).into_iter().collect() }
    }
}

impl Prose {
    /// Takes blocks; what may not stand in text goes, and so do blocks without words.
    pub fn new(blocks: impl IntoIterator<Item = Block>) -> Self {
        let blocks = blocks.into_iter().filter_map(|block| match block {
            Block::Paragraph(spans) => sound(spans).map(Block::Paragraph),
            Block::List(items) => {
                let items: Vec<Vec<Span>> = items.into_iter().filter_map(sound).collect();
                (!items.is_empty()).then_some(Block::List(items))
            }
        });
        Self { blocks: blocks.collect() }
    }

    /// Its paragraphs and lists.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The characters that are read, markup apart.
    pub fn length(&self) -> usize {
        self.blocks.iter().flat_map(Block::spans).map(|span| span.words().chars().count()).sum()
    }

    /// The words alone, as one line.
    pub fn line(&self) -> Line {
        let words: Vec<String> = self
            .blocks
            .iter()
            .map(|block| match block {
                Block::Paragraph(spans) => words_of(spans),
                Block::List(items) => items.iter().map(|item| words_of(item)).collect::<Vec<_>>().join("; "),
            })
            .collect();
        Line::clean(&words.join(" "))
    }

    /// The addresses that it leads to.
    pub fn links(&self) -> impl Iterator<Item = &Url> {
        self.blocks.iter().flat_map(Block::spans).filter_map(|span| match span {
            Span::Link { url, .. } => Some(url),
            _ => None,
        })
    }
}

impl Block {
    fn spans(&self) -> impl Iterator<Item = &Span> {
        let lists: Vec<&[Span]> = match self {
            Self::Paragraph(spans) => vec![spans],
            Self::List(items) => items.iter().map(Vec::as_slice).collect(),
        };
        lists.into_iter().flatten()
    }
}

impl Span {
    /// What is read.
    pub fn words(&self) -> &str {
        match self {
            Self::Text(words) | Self::Emphasis(words) | Self::Strong(words) | Self::Link { words, .. } => words,
            Self::Break => " ",
        }
    }
}

/// The words of some spans.
pub fn words_of(spans: &[Span]) -> String {
    spans.iter().map(Span::words).collect()
}

/// Cleaned spans; `None` without words.
fn sound(spans: Vec<Span>) -> Option<Vec<Span>> {
    let spans: Vec<Span> = spans.into_iter().map(cleaned).filter(|span| !span.words().is_empty()).collect();
    spans.iter().any(|span| !span.words().trim().is_empty()).then_some(spans)
}

fn cleaned(span: Span) -> Span {
    let clean = |words: String| -> String {
        words.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| may_stand(*c)).collect()
    };
    match span {
        Span::Text(words) => Span::Text(clean(words)),
        Span::Emphasis(words) => Span::Emphasis(clean(words)),
        Span::Strong(words) => Span::Strong(clean(words)),
        Span::Link { url, words } => Span::Link { url, words: clean(words) },
        Span::Break => Span::Break,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_stand_in_text_goes_and_blocks_without_words_too() {
        let prose = Prose::new([
            Block::Paragraph(vec![Span::Text("a\u{FDD0}\u{202E} ".into()), Span::Strong("b\n".into())]),
            Block::Paragraph(vec![Span::Text(" ".into())]),
            Block::List(vec![vec![]]),
        ]);
        assert_eq!(prose.blocks().len(), 1);
        assert_eq!((prose.line().as_str(), prose.length()), ("a b", 4));
    }
}
