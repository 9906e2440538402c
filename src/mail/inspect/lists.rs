//! What makes a newsletter one for a mail program: list headers and one-click unsubscribing (RFC 2369, 2919, 8058).

use url::Url;

use super::headers::Head;
use super::html::Link;
use super::{Checks, Level};
use crate::mail::encode::is_dot_atom;

/// Fewer links than this make a single mail (a confirmation, an alarm) of one that has no list header at all.
const LINKS_OF_A_SINGLE_MAIL: usize = 3;

/// The least that a token in an address must have so that nobody guesses it: 128 bits in base64url.
const TOKEN_LENGTH: usize = 22;

/// Whether the message claims to be, or looks like, one that many people get.
pub fn is_newsletter(head: &Head, links: &[Link], text: &str) -> bool {
    let says_so =
        ["list-id", "list-unsubscribe", "list-unsubscribe-post", "feedback-id"].iter().any(|name| head.has(name));
    let bulk = head
        .first("precedence")
        .is_some_and(|value| value.eq_ignore_ascii_case("bulk") || value.eq_ignore_ascii_case("list"));
    let mut targets: Vec<&str> =
        links.iter().map(|link| link.url.as_str()).filter(|url| url.starts_with("http")).collect();
    targets.sort_unstable();
    targets.dedup();
    says_so || bulk || targets.len().max(text.matches("http").count()) > LINKS_OF_A_SINGLE_MAIL
}

/// Notes what the headers of a newsletter must be.
pub fn check(head: &Head, checks: &mut Checks) {
    let id = head.first("list-id").unwrap_or_default();
    checks.error("list-id", is_list_id(id), "Name <id.domain>, once (RFC 2919)");
    check_unsubscribe(head, checks);
    let post = head.first("list-unsubscribe-post");
    checks.error(
        "one-click",
        post == Some("List-Unsubscribe=One-Click"),
        "List-Unsubscribe-Post as RFC 8058 spells it",
    );
    let bulk = matches!(head.first("precedence"), Some("bulk" | "list"));
    checks.warning("precedence", bulk, "bulk keeps old answering machines quiet");
    let feedback = head.first("feedback-id").map(|id| id.split(':').count());
    checks.warning("feedback-id", feedback == Some(4), "a:b:c:sender, for Gmail's complaint figures");
    let contact = ["list-help", "list-owner", "list-archive"].iter().any(|name| head.has(name));
    checks.warning("list-contact", contact, "one of List-Help, List-Owner, List-Archive");
}

fn is_list_id(text: &str) -> bool {
    let id = text.rsplit_once('<').and_then(|(_, id)| id.strip_suffix('>')).unwrap_or_default();
    is_dot_atom(id) && id.contains('.') && id.len() <= 255
}

fn check_unsubscribe(head: &Head, checks: &mut Checks) {
    let uris = bracketed(head.first("list-unsubscribe").unwrap_or_default());
    let of = |scheme: &str| {
        uris.iter().filter(|uri| uri.to_ascii_lowercase().starts_with(scheme)).cloned().collect::<Vec<_>>()
    };
    let https = of("https://");
    checks.error("list-unsubscribe", https.len() == 1, format!("{} https addresses, must be one", https.len()));
    checks.none_of(Level::Error, "list-unsubscribe-http", &of("http://"));
    checks.warning("list-unsubscribe-mailto", !of("mailto:").is_empty(), "a mail address beside it");
    let Some(uri) = https.first() else { return };
    let longest = uri.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).map(str::len).max();
    checks.error("unsubscribe-token", longest >= Some(TOKEN_LENGTH), "the address holds a token nobody can guess");
    let reader = bracketed(head.first("to").unwrap_or_default()).into_iter().next().unwrap_or_default().to_lowercase();
    let shown = uri.to_lowercase().replace("%40", "@").contains(&reader);
    checks.error("unsubscribe-private", reader.is_empty() || !shown, "the address does not show the reader's own");
    checks.error("unsubscribe-url", Url::parse(uri).is_ok() && uri.is_ascii(), "a plain web address");
}

/// What stands in angle brackets, white space left out (RFC 2369, section 2).
fn bracketed(text: &str) -> Vec<String> {
    let inner = text.split('<').skip(1).filter_map(|piece| piece.split_once('>'));
    inner.map(|(uri, _)| uri.split_whitespace().collect()).collect()
}
