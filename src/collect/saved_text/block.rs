//! Blocks of a plain text: what blank lines part, and what kind each is.

use crate::collect::prose;

/// Lines that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its lines, not empty, as written.
    pub lines: Vec<String>,
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Running text.
    Paragraph,
    /// Every line begins with a bullet.
    Bullets,
    /// Every line begins with a number.
    Numbers,
}

impl Block {
    /// Its lines as one.
    pub fn text(&self) -> String {
        self.lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        if self.lines.iter().all(|line| bullet(line).is_some()) {
            Kind::Bullets
        } else if self.lines.iter().all(|line| number(line).is_some()) {
            Kind::Numbers
        } else {
            Kind::Paragraph
        }
    }
}

/// The blocks of a text; a list is a block of its own even without a blank line before or after it.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if line.trim().is_empty() {
            open = false;
            continue;
        }
        let item = is_item(line);
        match blocks.last_mut() {
            Some(block) if open && item == is_item(&block.lines[0]) => block.lines.push(line.to_owned()),
            _ => blocks.push(Block { lines: vec![line.to_owned()] }),
        }
        open = true;
    }
    blocks
}

fn is_item(line: &str) -> bool {
    bullet(line).is_some() || number(line).is_some()
}

/// The text of a line without the bullet or number it may begin with.
pub fn without_bullet(line: &str) -> &str {
    bullet(line).or_else(|| number(line)).unwrap_or(line).trim()
}

fn bullet(line: &str) -> Option<&str> {
    let line = line.trim_start();
    ["• ", "· ", "* ", "- ", "– ", "▪ ", "◦ ", "‣ "].iter().find_map(|mark| line.strip_prefix(mark))
}

fn number(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=2).contains(&digits) {
        return None;
    }
    line[digits..].strip_prefix(". ").or_else(|| line[digits..].strip_prefix(") "))
}

/// Blocks as markup: paragraphs and lists.
pub fn to_html(blocks: &[Block]) -> String {
    let mut html = String::new();
    for block in blocks {
        let list = match block.kind() {
            Kind::Paragraph => {
                html.push_str(&prose::paragraphs(&paragraph(block)));
                continue;
            }
            Kind::Bullets => "ul",
            Kind::Numbers => "ol",
        };
        html.extend(["<", list, ">"]);
        for line in &block.lines {
            html.extend(["<li>", &prose::escape(without_bullet(line)), "</li>"]);
        }
        html.extend(["</", list, ">"]);
    }
    html
}

/// Wrapped lines are one paragraph; short lines that were meant as lines (verses, addresses) stay apart.
fn paragraph(block: &Block) -> String {
    let wrapped = block.lines.iter().rev().skip(1).all(|line| line.chars().count() >= 50);
    if wrapped { block.text() } else { block.lines.join("\n") }
}
