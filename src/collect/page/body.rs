//! The body of a page: found by readability, freed of walls and notices, cleaned.

use super::Page;
use crate::collect::clean::Cleaner;
use crate::collect::{guard, notices, prose};
use crate::domain::text::{Direction, Line};
use url::Url;

/// Fills in what the body shows and what the head did not say.
pub fn fill(page: &mut Page, html: &str, base: Option<&Url>) {
    let declared_body = std::mem::take(&mut page.text);
    let address = base.filter(|base| base.has_host()).map(Url::as_str);
    let article =
        dom_smoothie::Readability::new(html, address, Some(config())).and_then(|mut reader| reader.parse()).ok();
    let cleaner = Cleaner::new(base);
    if let Some(article) = &article {
        let (kept, walled) = notices::without(&article.content);
        page.paywalled |= walled;
        page.text = tidy(&prose::to_text(&kept));
        page.content = cleaner.clean(&kept);
        fill_gaps(page, article);
    }
    if page.text.len() < declared_body.len() / 2 || page.text.is_empty() {
        let markup =
            if prose::looks_like_markup(&declared_body) { declared_body } else { prose::paragraphs(&declared_body) };
        if !markup.is_empty() {
            page.text = tidy(&prose::to_text(&markup));
            page.content = cleaner.clean(&markup);
        }
    }
    if page.text.is_empty() {
        fill_plainly(page, html);
    }
}

/// Fills in the longer runs of text, for a page in which no article can be looked for.
pub fn fill_plainly(page: &mut Page, html: &str) {
    page.text = tidy(&paragraphs_of(html));
    page.content = Cleaner::new(None).clean(&prose::paragraphs(&page.text.replace('\n', "\n\n")));
}

fn config() -> dom_smoothie::Config {
    dom_smoothie::Config {
        disable_json_ld: true,
        max_elements_to_parse: guard::PAGE.elements,
        ..dom_smoothie::Config::default()
    }
}

fn fill_gaps(page: &mut Page, article: &dom_smoothie::Article) {
    if page.title.is_empty() {
        page.title = Line::clean(&article.title);
    }
    if page.direction.is_none() {
        page.direction = match article.dir.as_deref() {
            Some("rtl") => Some(Direction::Rtl),
            Some("ltr") => Some(Direction::Ltr),
            _ => None,
        };
    }
}

/// Lines without blanks around them, and no empty ones.
fn tidy(text: &str) -> String {
    let lines = text.lines().map(|line| prose::standing(line.trim())).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// The paragraphs of a page that readability found nothing in: longer runs of text, in order.
fn paragraphs_of(html: &str) -> String {
    let text = prose::to_text(html);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| line.chars().count() >= 40).collect();
    if lines.is_empty() { text.trim().to_owned() } else { lines.join("\n") }
}
