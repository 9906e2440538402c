//! Mail domains whose addresses are thrown away after use: an issue to one of them returns as a hard bounce within days. Asks nobody.

use crate::domain::address::EmailAddress;
use crate::domain::signup::Rules;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static DOMAINS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("disposable.txt").lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
});

/// Whether an address lies in a domain that is not taken: a known disposable one, or one that the configuration refuses, or anything below them.
pub fn is_disposable(address: &EmailAddress, rules: &Rules) -> bool {
    let is_listed = |domain: &str| {
        (!rules.allow_disposable && DOMAINS.contains(domain))
            || rules.refused_domains.iter().any(|refused| refused == domain)
    };
    let mut domain = address.domain();
    loop {
        if is_listed(domain) {
            return true;
        }
        match domain.split_once('.') {
            Some((_, rest)) => domain = rest,
            None => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disposable_domain_and_all_below_it_are_refused() {
        let rules = Rules { refused_domains: vec!["rival.example".into()], ..Rules::default() };
        let refused = |text: &str, rules: &Rules| is_disposable(&EmailAddress::parse(text).unwrap(), rules);
        for text in ["jo@mailinator.com", "jo@a.b.Mailinator.com", "jo@rival.example", "jo@x.rival.example"] {
            assert!(refused(text, &rules), "{text}");
        }
        for text in ["jo@example.org", "jo@notmailinator.com", "jo@mailinator.com.example"] {
            assert!(!refused(text, &rules), "{text}");
        }
        assert!(!refused("jo@mailinator.com", &Rules { allow_disposable: true, ..Rules::default() }));
    }
}
