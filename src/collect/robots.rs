//! `robots.txt` (RFC 9309): which pages of a site may be read by a program. Asked for pages only: a feed is there to be read by programs.
//!
//! The parser is our own hundred lines: the crates for it are unmaintained ports, and a rule is a prefix with two wildcards.

use super::fetch::{Answer, Fetch, FetchError, Request};
use crate::domain::source::Source;
use crate::store::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use url::Url;

/// What a crawler must be able to read (section 2.5).
const BYTES: usize = 500 << 10;
/// How long an answer is used (section 2.4).
const KEPT: TimeDelta = TimeDelta::hours(24);
/// The name by which sites know us.
pub const PRODUCT: &str = "week-in-review";

/// What a site says to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Robots {
    rules: Vec<(bool, String)>,
}

impl Robots {
    /// Reads a file: the groups for our name, else those for all.
    pub fn read(text: &str, product: &str) -> Self {
        let product = product.to_ascii_lowercase();
        let mut named: Option<Vec<(bool, String)>> = None;
        let mut all = Vec::new();
        let (mut is_ours, mut is_for_all, mut naming) = (false, false, false);
        for line in text.lines() {
            let line = line.trim_start_matches('\u{FEFF}').split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match key.trim().to_ascii_lowercase().as_str() {
                "user-agent" => {
                    if !naming {
                        (is_ours, is_for_all) = (false, false);
                    }
                    naming = true;
                    is_for_all |= value == "*";
                    // The name may be followed by a version, which does not matter (section 2.2.1).
                    is_ours |= value.split(['/', ' ']).next().is_some_and(|name| name.eq_ignore_ascii_case(&product));
                    if is_ours {
                        named.get_or_insert_default();
                    }
                }
                rule @ ("allow" | "disallow") => {
                    naming = false;
                    if value.is_empty() {
                        continue;
                    }
                    let rule = (rule == "allow", value.to_owned());
                    if let Some(named) = named.as_mut().filter(|_| is_ours) {
                        named.push(rule.clone());
                    }
                    if is_for_all {
                        all.push(rule);
                    }
                }
                _ => {}
            }
        }
        Self { rules: named.unwrap_or(all) }
    }

    /// Whether an address may be asked for: the longest rule that fits decides, and of two as long the one that allows (section 2.2.2).
    pub fn allows(&self, url: &Url) -> bool {
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let fitting = self.rules.iter().filter(|(_, pattern)| fits(pattern, &path));
        fitting.max_by_key(|(allow, pattern)| (pattern.len(), *allow)).is_none_or(|(allow, _)| *allow)
    }
}

/// Whether a path begins with what a pattern says: `*` stands for anything, `$` for the end.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, to_the_end) = pattern.strip_suffix('$').map_or((pattern, false), |pattern| (pattern, true));
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| path.strip_prefix(first)) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let last = if to_the_end { pieces.pop() } else { None };
    for piece in &pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    match last {
        Some(last) => rest.len() >= last.len() && rest.ends_with(last),
        None => !to_the_end || rest.is_empty(),
    }
}

/// Whether a page of a source may be read, by what its site says or said within a day. A site that cannot say because it is broken is left alone.
pub async fn may_read<F: Fetch>(
    store: &Arc<Store>,
    fetch: &F,
    source: &Source,
    url: &Url,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let Ok(place) = url.join("/robots.txt") else { return Ok(false) };
    let product = source.access.user_agent.as_deref().and_then(|name| name.split(['/', ' ']).next()).unwrap_or(PRODUCT);
    let host = url.origin().ascii_serialization();
    let known = store.robots(&host)?;
    let is_fresh = |at: DateTime<Utc>| at <= now && now - at < KEPT;
    if let Some((text, _)) = known.as_ref().filter(|(_, at)| is_fresh(*at)) {
        return Ok(Robots::read(text, product).allows(url));
    }
    let request = Request {
        allow_private: source.allow_private,
        access: source.access.clone(),
        ..Request::new(place, "text/plain, */*;q=0.1", BYTES)
    };
    let text = match fetch.fetch(request).await {
        Ok(Answer::Document(document)) => String::from_utf8_lossy(&document.bytes).into_owned(),
        // Not there: nothing is forbidden (section 2.3.1.3).
        Ok(Answer::NotModified) | Err(FetchError::Status(400..=428 | 430..=499)) => String::new(),
        Err(FetchError::TooLarge(_)) => String::new(),
        Err(_) => return Ok(known.is_some_and(|(text, _)| Robots::read(&text, product).allows(url))),
    };
    store.keep_robots(&host, &text, now)?;
    Ok(Robots::read(&text, product).allows(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(text: &str, path: &str) -> bool {
        Robots::read(text, PRODUCT).allows(&Url::parse(&format!("https://ex.org{path}")).unwrap())
    }

    #[test]
    fn the_longest_rule_decides_and_allowing_wins_a_tie() {
        let text =
            "User-agent: *\nDisallow: /private/\nAllow: /private/press\nDisallow: /*.pdf$\nDisallow: /a\nAllow: /a";
        assert!(allows(text, "/news"));
        assert!(!allows(text, "/private/x"));
        assert!(allows(text, "/private/press/1"));
        assert!(!allows(text, "/x/y.pdf"));
        assert!(allows(text, "/x/y.pdf?download"));
        assert!(allows(text, "/a"));
    }

    #[test]
    fn our_own_group_stands_above_the_one_for_all() {
        let text =
            "User-Agent: *\nDisallow: /\n\nuser-agent: other\nUser-agent: Week-In-Review/1.0 # us\nDisallow: /search\n";
        assert!(allows(text, "/news"));
        assert!(!allows(text, "/search?q=x"));
        assert!(!Robots::read(text, "unknown").allows(&Url::parse("https://ex.org/news").unwrap()));
        assert!(
            allows("User-agent: week-in-review\nDisallow:\n\nUser-agent: *\nDisallow: /", "/x"),
            "nothing is forbidden to us"
        );
    }

    #[test]
    fn nonsense_forbids_nothing() {
        for text in ["", "<!doctype html><title>404</title>", "Disallow: /", "\u{FEFF}User-agent *\nDisallow /"] {
            assert!(allows(text, "/news"), "{text}");
        }
    }
}
