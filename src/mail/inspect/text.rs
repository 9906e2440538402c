//! The plain text part: a full rendering, not a remark that there is HTML.

use super::html::{Link, is_way_out};
use super::{Bodies, Checks, Expected, Level, letters};

/// Notes what the plain text must be.
pub fn check(bodies: &Bodies, links: &[Link], is_newsletter: bool, expected: Expected<'_>, checks: &mut Checks) {
    let text = &bodies.text;
    checks.error("text", text.trim().chars().count() >= 40, "a plain text that can be read by itself");
    let markup: Vec<String> = ["</", "<br", "<td", "&nbsp;", "&amp;", "&#"]
        .iter()
        .filter(|m| text.contains(**m))
        .map(|m| (*m).to_owned())
        .collect();
    checks.none_of(Level::Error, "text-markup", &markup);
    let wide = text.lines().filter(|line| line.chars().count() > 78 && !line.contains("://")).count();
    checks.warning("text-width", wide == 0, format!("{wide} lines of more than 78 characters"));
    let missing: Vec<String> = links
        .iter()
        .filter(|link| is_worth_repeating(link) && !text.contains(&link.url))
        .map(|l| l.url.clone())
        .collect();
    checks.none_of(Level::Warning, "text-links", &missing);
    if let Some(address) = expected.postal_address {
        let stands = !letters(address).is_empty() && letters(text).contains(&letters(address));
        checks.error("postal-address-in-text", stands, "the publisher's postal address, in the plain text");
    }
    if is_newsletter {
        checks.error(
            "unsubscribe-in-text",
            text.split_whitespace().any(|word| word.contains("://") && is_way_out(word)) || is_way_out(text),
            "the way out, in the plain text too",
        );
    }
}

/// Marks inside the page and label links need no repetition.
fn is_worth_repeating(link: &Link) -> bool {
    link.url.starts_with("http")
        && !link.url.contains('#')
        && !link.url.contains("/tags/")
        && !link.url.contains("/column/")
}
