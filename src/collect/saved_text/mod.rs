//! A web page that somebody saved as text → [`Page`]: headline, column, summary, author, tags and body, without what stood around them.
//!
//! Works by what such texts have in common (short lines at the top, labelled parts, an author's note, notices at the end), not by one site's words.

mod block;
mod byline;

use crate::collect::page::Page;
use crate::collect::{clean::Cleaner, dates, decode, notices, prose};
use crate::domain::text::Line;
use block::{Block, Kind};
use std::collections::VecDeque;
use url::Url;

/// Reads a saved text; a text without a single line gives a page without a headline.
pub fn read(bytes: &[u8]) -> Page {
    read_text(&decode::decode(bytes, None))
}

/// Like [`read`], for text that is decoded already.
pub fn read_text(text: &str) -> Page {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = prose::standing(&text);
    let mut page = Page::default();
    let blocks: VecDeque<Block> = block::blocks(&text).into();
    let blocks = take_labelled(&mut page, blocks);
    let (blocks, notes) = take_notices(&mut page, blocks);
    let blocks = take_head(&mut page, blocks);
    let body = take_author(&mut page, blocks, &notes);
    let html = block::to_html(&body);
    page.content = Cleaner::new(None).clean(&html);
    page.text = body.iter().map(Block::text).collect::<Vec<_>>().join("\n");
    page
}

/// Takes out the parts that say what they are: summary, tags, author, date, address.
fn take_labelled(page: &mut Page, mut blocks: VecDeque<Block>) -> VecDeque<Block> {
    let mut rest = VecDeque::new();
    while let Some(mut block) = blocks.pop_front() {
        let mut kept = Vec::new();
        let mut lines: VecDeque<String> = std::mem::take(&mut block.lines).into();
        while let Some(line) = lines.pop_front() {
            let Some((label, value)) = labelled(&line) else {
                kept.push(line);
                continue;
            };
            // A label alone on its line speaks of what follows: the rest of its block, else the next block.
            let value = if value.is_empty() { following(label, &mut lines, &mut blocks) } else { value.to_owned() };
            take(page, label, &value);
        }
        if !kept.is_empty() {
            rest.push_back(Block { lines: kept });
        }
    }
    rest
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    Summary,
    Tags,
    Author,
    Date,
    Updated,
    Column,
    Title,
    Address,
}

const LABELS: [(&str, Label); 47] = [
    ("article summary", Label::Summary),
    ("summary", Label::Summary),
    ("abstract", Label::Summary),
    ("in brief", Label::Summary),
    ("in short", Label::Summary),
    ("at a glance", Label::Summary),
    ("key points", Label::Summary),
    ("zusammenfassung", Label::Summary),
    ("résumé", Label::Summary),
    ("resumen", Label::Summary),
    ("خلاصه", Label::Summary),
    ("ملخص", Label::Summary),
    ("found in", Label::Tags),
    ("tags", Label::Tags),
    ("tag", Label::Tags),
    ("tagged", Label::Tags),
    ("tagged with", Label::Tags),
    ("tagged as", Label::Tags),
    ("filed under", Label::Tags),
    ("filed in", Label::Tags),
    ("posted in", Label::Tags),
    ("topics", Label::Tags),
    ("keywords", Label::Tags),
    ("categories", Label::Tags),
    ("category", Label::Tags),
    ("related topics", Label::Tags),
    ("more on", Label::Tags),
    ("schlagwörter", Label::Tags),
    ("themen", Label::Tags),
    ("mots-clés", Label::Tags),
    ("etiquetas", Label::Tags),
    ("برچسب‌ها", Label::Tags),
    ("author", Label::Author),
    ("authors", Label::Author),
    ("written by", Label::Author),
    ("autor", Label::Author),
    ("auteur", Label::Author),
    ("نویسنده", Label::Author),
    ("published", Label::Date),
    ("posted", Label::Date),
    ("date", Label::Date),
    ("published on", Label::Date),
    ("posted on", Label::Date),
    ("updated", Label::Updated),
    ("section", Label::Column),
    ("column", Label::Column),
    ("title", Label::Title),
];

/// A line's label and what follows its colon; a label needs no colon when it stands alone.
fn labelled(line: &str) -> Option<(Label, &str)> {
    let line = line.trim();
    if let Some(address) = line
        .strip_prefix("URL:")
        .or_else(|| line.strip_prefix("Source:"))
        .or(Some(line))
        .map(str::trim)
        .filter(|a| is_address(a))
    {
        return Some((Label::Address, address));
    }
    let (name, value) = match line.split_once([':', '：']) {
        Some((name, value)) => (name.trim(), value.trim()),
        None => (line, ""),
    };
    if name.chars().count() > 24 {
        return None;
    }
    let name = name.to_lowercase();
    let label = LABELS.iter().find(|(known, _)| *known == name).map(|(_, label)| *label)?;
    // "Published March 3" has no colon; a lone "Date" or "Title" is rather a headline than a label.
    let alone_is_enough = matches!(label, Label::Summary | Label::Tags);
    (line.contains([':', '：']) || alone_is_enough).then_some((label, value))
}

fn is_address(text: &str) -> bool {
    (text.starts_with("http://") || text.starts_with("https://")) && !text.contains(char::is_whitespace)
}

fn following(label: Label, lines: &mut VecDeque<String>, blocks: &mut VecDeque<Block>) -> String {
    let own: Vec<String> = lines.drain(..).collect();
    let lines = if own.is_empty() { blocks.pop_front().map(|block| block.lines).unwrap_or_default() } else { own };
    let joint = if label == Label::Tags { ", " } else { " " };
    lines.iter().map(|line| block::without_bullet(line)).collect::<Vec<_>>().join(joint)
}

fn take(page: &mut Page, label: Label, value: &str) {
    match label {
        Label::Summary if page.summary.is_empty() => page.summary = Line::clean(value),
        Label::Tags => take_tags(page, value),
        Label::Author if page.authors.is_empty() => page.authors = crate::collect::feed::byline(value),
        Label::Date | Label::Updated => take_date(page, label, value),
        Label::Column if page.column.is_none() => {
            page.column = Some(Line::clean_to(value, 80)).filter(|c| !c.is_empty());
        }
        Label::Title if page.title.is_empty() => page.title = Line::clean(value),
        Label::Address if page.url.is_none() => page.url = Url::parse(value).ok(),
        _ => {}
    }
}

fn take_tags(page: &mut Page, value: &str) {
    let separators: &[char] =
        if value.contains([',', ';', '،']) { &[',', ';', '،'] } else { &['|', '•', '·', '/'] };
    for part in value.split(separators) {
        let label = Line::clean_to(part.trim().trim_start_matches('#').trim_end_matches('.'), 80);
        let known = page.labels.iter().any(|l| l.as_str().eq_ignore_ascii_case(label.as_str()));
        // A label of many words is a sentence that a list of tags ran into.
        if !label.is_empty() && !known && label.as_str().split_whitespace().count() <= 6 && page.labels.len() < 40 {
            page.labels.push(label);
        }
    }
}

fn take_date(page: &mut Page, label: Label, value: &str) {
    let Some(at) = dates::parse(value) else { return };
    if label == Label::Updated {
        page.updated = page.updated.or(Some(at));
    } else if page.published.is_none() {
        page.published = Some(at);
        page.published_raw = Some(value.to_owned());
    }
}

/// Cuts at what opens other stories, drops notices and furniture. Also returns what stood after the cut: an author's note may be repeated there.
fn take_notices(page: &mut Page, blocks: VecDeque<Block>) -> (Vec<Block>, Vec<Block>) {
    let (mut kept, mut after): (Vec<Block>, Vec<Block>) = (Vec::new(), Vec::new());
    let (mut over, mut in_wall) = (false, false);
    for block in blocks {
        let text = block.text();
        // Two blocks in, a headline may yet read like "Comments"; later it is one.
        if kept.len() > 2 && block.lines.len() == 1 && notices::opens_other_stories(&text) {
            over = true;
            continue;
        }
        if notices::is_wall(&text) {
            page.paywalled = true;
            // What one gets by registering is listed after it.
            in_wall = true;
            over |= kept.len() > 2;
            continue;
        }
        if in_wall && block.kind() != Kind::Paragraph {
            continue;
        }
        in_wall = false;
        if notices::is_consent(&text) || block.lines.iter().all(|line| notices::is_furniture(line)) {
            continue;
        }
        if over { after.push(block) } else { kept.push(block) }
    }
    (kept, after)
}

/// Takes headline and column from the short lines at the top, with byline and date where they stand there.
fn take_head(page: &mut Page, blocks: Vec<Block>) -> Vec<Block> {
    let mut head: Vec<Line> = Vec::new();
    let mut rest = VecDeque::from(blocks);
    while let Some(block) = rest.front() {
        if head.len() >= 4 || !block.lines.iter().all(|line| is_head_line(line)) || block.kind() != Kind::Paragraph {
            break;
        }
        for line in rest.pop_front().map(|block| block.lines).unwrap_or_default() {
            if let Some(names) = byline::of_line(&line) {
                if page.authors.is_empty() {
                    page.authors = names;
                }
            } else if page.published.is_none() && is_date_line(&line) {
                take_date(page, Label::Date, &line);
            } else if is_breadcrumb(&line) {
                page.column = page
                    .column
                    .take()
                    .or_else(|| line.rsplit(['>', '›', '»', '/']).next().map(|c| Line::clean_to(c, 80)));
            } else {
                head.push(Line::clean(&line));
            }
        }
    }
    name_head(page, head, &mut rest);
    rest.into()
}

/// Of two lines the column comes first; of one it is the headline. What remains is a standfirst.
fn name_head(page: &mut Page, head: Vec<Line>, rest: &mut VecDeque<Block>) {
    let mut head = VecDeque::from(head);
    let words = |line: &Line| line.as_str().split_whitespace().count();
    if page.column.is_none()
        && page.title.is_empty()
        && head.len() >= 2
        && words(&head[0]) <= 5
        && words(&head[0]) < words(&head[1])
    {
        page.column = head.pop_front();
    }
    if page.title.is_empty() {
        page.title = head.pop_front().unwrap_or_default();
    }
    if page.summary.is_empty()
        && let Some(standfirst) = head.pop_front_if(|line| words(line) >= 6)
    {
        page.summary = standfirst;
    }
    for line in head.into_iter().rev().filter(|line| words(line) > 1) {
        rest.push_front(Block { lines: vec![line.as_str().to_owned()] });
    }
    if page.title.is_empty()
        && let Some(first) = rest.front()
    {
        page.title = prose::summary(&first.text(), 110);
    }
}

/// A line that may stand in a head: short, and no sentence of running text.
fn is_head_line(line: &str) -> bool {
    let line = line.trim();
    let words = line.split_whitespace().count();
    let sentence = line.ends_with(['.', '۔', '。', ';', ',']) && words > 8;
    (1..=26).contains(&words) && line.chars().count() <= 180 && !sentence
}

fn is_date_line(line: &str) -> bool {
    let words = line.split_whitespace().count();
    let digits = line.chars().filter(char::is_ascii_digit).count();
    words <= 9
        && digits >= 4
        && dates::parse(line.trim_start_matches("Published").trim_start_matches("Posted").trim_start_matches(" on"))
            .is_some()
}

fn is_breadcrumb(line: &str) -> bool {
    [" > ", " › ", " » "].iter().any(|mark| line.contains(mark)) && line.split_whitespace().count() <= 12
}

/// Finds who wrote it: a byline, an author's note, or who "writes" in the summary. Notes leave the body.
fn take_author(page: &mut Page, mut body: Vec<Block>, after: &[Block]) -> Vec<Block> {
    let candidates = || page.authors.iter().cloned().chain(byline::in_sentence(page.summary.as_str()));
    let known: Vec<Line> = candidates().collect();
    let notes: Vec<(usize, Line)> = body
        .iter()
        .enumerate()
        .rev()
        .take(5)
        .filter_map(|(at, block)| Some((at, byline::of_note(&block.text())?)))
        .collect();
    let repeated: Vec<Line> = after.iter().filter_map(|block| byline::of_note(&block.text())).collect();
    let is_note = |at: usize, name: &Line| {
        let named = known.contains(name) || repeated.contains(name);
        named || byline::tells_of_a_writer(&body[at].text())
    };
    let notes: Vec<(usize, Line)> = notes.into_iter().filter(|(at, name)| is_note(*at, name)).collect();
    if page.authors.is_empty() {
        let found = known.first().cloned().or_else(|| notes.first().map(|(_, name)| name.clone()));
        let found = found.or_else(|| {
            after.iter().filter(|b| byline::tells_of_a_writer(&b.text())).find_map(|b| byline::of_note(&b.text()))
        });
        page.authors.extend(found);
    }
    for (at, _) in notes {
        body.remove(at);
    }
    body
}

#[cfg(test)]
mod tests;
