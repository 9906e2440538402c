//! The settings of signing up: `[subscribe]`.

use super::document::Node;
use super::reader::{Parsed, Table};
use super::values::{duration, switch, whole};
use crate::domain::signup::Rules;
use url::Url;

/// Reads `[subscribe]`.
pub(super) fn read(table: &Table<'_>) -> Rules {
    let rules = Rules {
        confirm_within: table.or("confirm_within", "\"7d\"", duration("1h", "30d")),
        forget_after: table.or("forget_after", "\"30d\"", duration("1d", "365d")),
        welcome: table.or("welcome", "false", switch),
        sites: table.list("sites", origin),
        fill_time: table.or("fill_time", "\"2s\"", duration("0s", "1m")),
        allow_disposable: table.or("allow_disposable", "false", switch),
        refused_domains: table.list("refused_domains", domain),
        per_network: table.or("per_network", "20", whole(1..=100_000)),
        per_form: table.or("per_form", "500", whole(1..=1_000_000)),
        per_domain: table.or("per_domain", "300", whole(1..=1_000_000)),
        per_hour: table.or("per_hour", "600", whole(1..=1_000_000)),
    };
    if rules.forget_after < rules.confirm_within {
        table.problem("forget_after", "must not be shorter than confirm_within, or links would end before their time");
    }
    table.done();
    rules
}

/// The origin of a site as browsers name it: scheme, host, and a port of its own.
fn origin(node: &Node) -> Parsed<String> {
    let text = node.text()?.trim();
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.path() == "/");
    let bare = url.filter(|url| url.query().is_none() && url.fragment().is_none() && url.username().is_empty());
    bare.map(|url| url.origin().ascii_serialization())
        .ok_or_else(|| format!("{text:?} is not a site such as \"https://www.example.org\", without a path"))
}

/// A mail domain in ASCII.
fn domain(node: &Node) -> Parsed<String> {
    let text = node.text()?.trim().trim_start_matches('@');
    let ascii = idna::domain_to_ascii_strict(text).ok().filter(|ascii| ascii.contains('.'));
    ascii
        .map(|ascii| ascii.to_ascii_lowercase())
        .ok_or_else(|| format!("{text:?} is not a mail domain such as \"example.org\""))
}
