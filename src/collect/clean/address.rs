//! Addresses in markup from outside → addresses that mean the same wherever they stand. Most are read at a glance; whatever is odd in the least is read
//! by the rules, and the tests hold both against each other.

use std::borrow::Cow;
use url::{Position, Url};

/// An address that means the same wherever it stands. `http:a.html`, `https:\\host`, blanks and line breaks are read otherwise by other readers, so
/// whatever is not written out in full is written out anew.
pub(super) fn absolute<'v>(value: &'v str, base: Option<&Url>, schemes: &[&str]) -> Option<Cow<'v, str>> {
    if schemes.contains(&"https")
        && let Some(seen) = at_a_glance(value, base)
    {
        return Some(seen);
    }
    in_full(value, base, schemes)
}

/// The same by the rules, whatever the address.
fn in_full<'v>(value: &'v str, base: Option<&Url>, schemes: &[&str]) -> Option<Cow<'v, str>> {
    let lax_scheme = |name: &str| {
        let scheme = value.trim_start().get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        scheme && !value.trim_start()[name.len()..].starts_with("//")
    };
    // Without an authority a browser takes the scheme of the page for granted and the rest for a path.
    if base.is_none() && (lax_scheme("http:") || lax_scheme("https:")) {
        return None;
    }
    let url = match base {
        Some(base) => base.join(value).ok()?,
        None => Url::parse(value).ok()?,
    };
    if !schemes.contains(&url.scheme()) || (url.scheme() != "mailto" && !url.has_host()) {
        return None;
    }
    let written_out = ["http://", "https://", "mailto:"]
        .iter()
        .any(|start| value.strip_prefix(start).is_some_and(|rest| !rest.starts_with('/')))
        && !value.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\');
    Some(if written_out { Cow::Borrowed(value) } else { Cow::Owned(url.into()) })
}

/// What nearly every newsroom writes: `https://www.example.org/a/b?c=1` in small letters up to its path, which stays as it is, and `/a/b`, which gets
/// the site before it.
pub(super) fn at_a_glance<'v>(value: &'v str, base: Option<&Url>) -> Option<Cow<'v, str>> {
    if let Some(rest) = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://")) {
        let length = rest.bytes().take_while(|b| b.is_ascii_lowercase() || matches!(b, b'.' | b'-')).count();
        let (host, path) = rest.split_at(length);
        let labels = || host.split('.');
        // A label with a hyphen in its third place may be in Punycode, and that can be wrong.
        let is_sound =
            labels().all(|label| !label.is_empty() && label.len() < 64 && label.as_bytes().get(2) != Some(&b'-'));
        let ends = matches!(path.as_bytes().first(), None | Some(b'/' | b'?'));
        return (is_sound && ends && host.len() < 250 && path.bytes().all(is_usual)).then_some(Cow::Borrowed(value));
    }
    let base = base?;
    let is_path = value.starts_with('/') && !value.starts_with("//") && value.bytes().all(is_usual);
    // `/.` and `/%2e` may lead upwards.
    (is_path && !value.contains("/.") && !value.contains('%'))
        .then(|| Cow::Owned([&base[..Position::BeforePath], value].concat()))
}

/// Characters that stand for themselves in a path and in a query.
fn is_usual(b: u8) -> bool {
    b.is_ascii_alphanumeric()
        || matches!(b, b'/' | b'-' | b'_' | b'.' | b'~' | b'?' | b'=' | b'&' | b'+' | b',' | b':' | b';' | b'%')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("https://user@ex.org:8443/a/b.html?c#d").unwrap()
    }

    #[test]
    fn what_is_usual_is_read_at_a_glance_and_what_is_odd_is_not() {
        let seen = |value: &str| at_a_glance(value, Some(&base())).map(Cow::into_owned);
        assert_eq!(seen("https://www.ex.org/a?b=1&c=%20").as_deref(), Some("https://www.ex.org/a?b=1&c=%20"));
        assert_eq!(seen("/c/d.html?e=f").as_deref(), Some("https://user@ex.org:8443/c/d.html?e=f"));
        for odd in [
            "//x.org/",
            "/../a",
            "/%2e%2e/a",
            "c",
            "https://1.2.3.4/",
            "https://xn--a/",
            "https://a..b/",
            "https://ex.org:80/",
            "HTTPS://ex.org",
        ] {
            assert_eq!(seen(odd), None, "{odd}");
        }
        assert_eq!(at_a_glance("/c", None), None);
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(4_000))]

        #[test]
        fn a_glance_says_nothing_else_than_the_rules(
            value in "(https?://|/|//)?([a-z0-9.-]{0,12}|www\\.ex\\.org|xn--[a-z]{0,4}|[a-z]{1,3}(\\.[a-z]{1,4}){0,2})(/|\\?|:)?([a-zA-Z0-9/._~?=&+,:;%@#\\\\ é'-]{0,16}|[a-z/.%]{0,8})",
        ) {
            for base in [None, Some(base()), Url::parse("http://ex.org").ok()] {
                if let Some(seen) = at_a_glance(&value, base.as_ref()) {
                    let by_rules = in_full(&value, base.as_ref(), &["http", "https"]);
                    proptest::prop_assert_eq!(Some(seen), by_rules, "{}", value);
                }
            }
        }
    }
}
