//! Slips of the finger in well-known mail domains: `gmial.com` was meant to be `gmail.com`. A hint for a person, never a correction.

use crate::domain::address::EmailAddress;

/// Domains that most addresses of the world lie in.
const KNOWN: [&str; 32] = [
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "yahoo.co.uk",
    "yahoo.fr",
    "yahoo.de",
    "ymail.com",
    "hotmail.com",
    "hotmail.co.uk",
    "hotmail.fr",
    "hotmail.de",
    "outlook.com",
    "outlook.de",
    "outlook.fr",
    "live.com",
    "msn.com",
    "icloud.com",
    "aol.com",
    "gmx.de",
    "gmx.net",
    "gmx.com",
    "web.de",
    "t-online.de",
    "freenet.de",
    "orange.fr",
    "wanadoo.fr",
    "laposte.net",
    "proton.me",
    "protonmail.com",
    "mail.ru",
    "yandex.ru",
    "btinternet.com",
];

/// Domains that are one letter away from a known one, and meant.
const HONEST: [&str; 5] = ["mail.com", "email.com", "fmail.com", "rmail.com", "yahoo.co.in"];

/// Ends that nobody registers mail under, and what they stand for.
const ENDS: [(&str, &str); 8] = [
    (".con", ".com"),
    (".cmo", ".com"),
    (".ocm", ".com"),
    (".comm", ".com"),
    (".vom", ".com"),
    (".xom", ".com"),
    (".ner", ".net"),
    (".ogr", ".org"),
];

/// The address that was probably meant, if this one looks like a slip.
pub fn meant(address: &EmailAddress) -> Option<EmailAddress> {
    let domain = address.domain();
    if KNOWN.contains(&domain) || HONEST.contains(&domain) {
        return None;
    }
    let end = || {
        let (wrong, right) = ENDS.iter().find(|(wrong, _)| domain.ends_with(wrong))?;
        Some(format!("{}{right}", domain.strip_suffix(wrong)?))
    };
    let better = near(domain).map(str::to_owned).or_else(end)?;
    let local = address.as_str().trim().rsplit_once('@')?.0;
    EmailAddress::parse(&format!("{local}@{better}")).ok()
}

/// The known domain that one slip away is this one: a letter too many, too few, wrong, or two swapped. Short names are too near to honest others.
fn near(domain: &str) -> Option<&'static str> {
    let slips = |known: &&&str| strsim::damerau_levenshtein(domain, known);
    let candidates = KNOWN.iter().filter(|known| known.len() >= 8);
    candidates.filter(|known| same_end(domain, known)).min_by_key(slips).filter(|known| slips(known) == 1).copied()
}

/// `gmail.co` and `gmail.de` exist: a slip is looked for before the last dot, or in an end of the same length.
fn same_end(domain: &str, known: &str) -> bool {
    let end = |name: &str| name.rsplit('.').next().unwrap_or_default().len();
    end(domain) == end(known) && {
        let (one, other) = (domain.rsplit('.').next(), known.rsplit('.').next());
        one == other || one.is_some_and(|end| ENDS.iter().any(|(wrong, _)| wrong.trim_start_matches('.') == end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(text: &str) -> Option<String> {
        meant(&EmailAddress::parse(text).unwrap()).map(|address| address.to_string())
    }

    #[test]
    fn a_slip_in_a_well_known_domain_is_seen() {
        for (typed, wanted) in [
            ("Jo@gmial.com", "Jo@gmail.com"),
            ("jo@gmal.com", "jo@gmail.com"),
            ("jo@gnail.com", "jo@gmail.com"),
            ("jo@gmail.con", "jo@gmail.com"),
            ("jo@hotmial.com", "jo@hotmail.com"),
            ("jo@outlok.com", "jo@outlook.com"),
            ("jo@yahooo.com", "jo@yahoo.com"),
            ("jo@bücher.con", "jo@xn--bcher-kva.com"),
        ] {
            assert_eq!(hint(typed).as_deref(), Some(wanted), "{typed}");
        }
    }

    #[test]
    fn an_honest_domain_is_left_alone() {
        for typed in
            ["jo@gmail.com", "jo@gmail.de", "jo@gmx.at", "jo@mail.com", "jo@live.nl", "jo@example.org", "jo@me.com"]
        {
            assert_eq!(hint(typed), None, "{typed}");
        }
    }
}
