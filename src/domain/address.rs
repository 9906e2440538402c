//! Mail addresses as this program accepts, compares and sends to them. Does not look up anything.

use std::fmt;

/// An address that mail can be sent to: RFC 5321 syntax without comments, quoted or obsolete forms, and a domain with a dot.
///
/// Keeps what the person typed for showing, the ASCII form for the wire, and a key by which two spellings are the same person. Plus tags and dots
/// in the local part are never folded: they are the reader's own business.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    typed: String,
    local: String,
    domain: String,
}

/// Why a text is not an address that mail can be sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is nothing but white space.
    #[error("the address is empty")]
    Empty,
    /// No `@`, or nothing on one side of it.
    #[error("an address has the form name@domain")]
    NoDomain,
    /// A character that cannot stand there unquoted.
    #[error("the character {0:?} cannot stand in an address")]
    BadCharacter(char),
    /// Dots at an end, or two in a row.
    #[error("dots in the part before the @ must stand between other characters")]
    Dots,
    /// RFC 5321 4.5.3.1: 64 octets before the @, 254 in all.
    #[error("the address is longer than mail servers accept")]
    TooLong,
    /// Not a host name with at least one dot and a top-level domain that is no number.
    #[error("{0:?} is not a mail domain")]
    BadDomain(String),
    /// RFC 2142 mailboxes that belong to no reader, and senders that read nothing.
    #[error("{0}@ is read by machines or administrators, not by a reader")]
    RoleAccount(String),
}

impl EmailAddress {
    /// Reads one address, white space around it allowed.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let typed = text.trim();
        if typed.is_empty() {
            return Err(AddressError::Empty);
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(AddressError::NoDomain)?;
        if local.is_empty() || domain.is_empty() {
            return Err(AddressError::NoDomain);
        }
        check_local(local)?;
        let domain = ascii_domain(domain)?;
        if local.len() > 64 || local.len() + 1 + domain.len() > 254 {
            return Err(AddressError::TooLong);
        }
        Ok(Self { typed: typed.to_owned(), local: local.to_owned(), domain })
    }

    /// Like [`Self::parse`], but refuses mailboxes that no reader stands behind (RFC 2142 and `noreply@`).
    pub fn parse_reader(text: &str) -> Result<Self, AddressError> {
        let address = Self::parse(text)?;
        let local = address.local.to_ascii_lowercase();
        let machines = ["abuse", "postmaster", "mailer-daemon", "noreply", "no-reply", "donotreply"];
        if machines.contains(&local.as_str()) { Err(AddressError::RoleAccount(local)) } else { Ok(address) }
    }

    /// The address as the person typed it.
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// The address for the wire: the local part as typed, the domain in ASCII (RFC 5891).
    pub fn ascii(&self) -> String {
        [&self.local, "@", &self.domain].concat()
    }

    /// The part before the @ as typed.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// This address with more behind its local part, which the caller knows to be plain and short enough.
    pub fn tagged(&self, delimiter: char, tag: &str) -> Self {
        let local = format!("{}{delimiter}{tag}", self.local);
        Self { typed: format!("{local}@{}", self.domain), local, domain: self.domain.clone() }
    }

    /// The domain in lower-case ASCII.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// What makes two spellings the same person: NFC, lower case, ASCII domain.
    pub fn key(&self) -> String {
        use unicode_normalization::UnicodeNormalization;
        format!("{}@{}", self.local.nfc().collect::<String>().to_lowercase(), self.domain)
    }

    /// Whether only a relay with SMTPUTF8 (RFC 6531) can take it: the local part is not ASCII.
    pub fn needs_smtputf8(&self) -> bool {
        !self.local.is_ascii()
    }

    /// For logs and lists: the first letter and the domain.
    pub fn masked(&self) -> String {
        let first: String = self.local.chars().take(1).collect();
        format!("{first}…@{}", self.domain)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

fn check_local(local: &str) -> Result<(), AddressError> {
    let bad = |c: char| {
        let atext = c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        !(atext || (!c.is_ascii() && !c.is_control() && !c.is_whitespace() && !is_invisible(c)))
    };
    if let Some(c) = local.chars().find(|c| bad(*c)) {
        return Err(AddressError::BadCharacter(c));
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err(AddressError::Dots);
    }
    Ok(())
}

/// Zero-width and direction characters: they make two addresses look the same.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
        || crate::domain::slot::is_noncharacter(c)
}

fn ascii_domain(domain: &str) -> Result<String, AddressError> {
    let bad = || AddressError::BadDomain(domain.to_owned());
    if let Some(c) = domain.chars().find(|c| is_invisible(*c) || c.is_control() || c.is_whitespace()) {
        return Err(AddressError::BadCharacter(c));
    }
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| bad())?.to_ascii_lowercase();
    let top = ascii.rsplit('.').next().unwrap_or_default();
    let known = ascii.contains('.') && !top.is_empty() && !top.bytes().all(|b| b.is_ascii_digit());
    if known && ascii.split('.').all(|label| !label.is_empty()) { Ok(ascii) } else { Err(bad()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_people_have_are_accepted() {
        for text in [
            "user+tag@example.com",
            "o'neil@example.org",
            "a.b@sub.example.co.uk",
            "ü@bücher.example",
            "用户@例子.广告",
        ] {
            assert!(EmailAddress::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_no_server_delivers_is_refused() {
        for text in [
            "",
            "plain",
            "@example.org",
            "a@",
            "a..b@example.org",
            ".a@example.org",
            "a.@example.org",
            "a@example..com",
            "a@-ex.com",
            "user@localhost",
            "user@1.2.3.4",
            "user@[192.0.2.1]",
            "a@ex_ample.com",
            "a@ex%00ample.com",
            "a@\u{200B}example.com",
            "A <a@b.co>",
            "a b@example.org",
            "a@example.org\r\nBcc: x@y.zz",
            "a,b@example.org",
            "a@example.org.",
            "\"a\"@example.org",
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(EmailAddress::parse(&format!("{}@example.org", "x".repeat(65))), Err(AddressError::TooLong));
    }

    #[test]
    fn two_spellings_of_one_mailbox_share_a_key() {
        let one = EmailAddress::parse("Jo@BÜCHER.example").unwrap();
        let two = EmailAddress::parse("jo@xn--bcher-kva.example").unwrap();
        assert_eq!(one.key(), two.key());
        assert_eq!(one.ascii(), "Jo@xn--bcher-kva.example");
        assert!(!one.needs_smtputf8());
    }

    #[test]
    fn a_role_account_is_no_reader() {
        assert!(EmailAddress::parse("postmaster@example.org").is_ok());
        assert_eq!(EmailAddress::parse_reader("Abuse@example.org"), Err(AddressError::RoleAccount("abuse".into())));
        assert!(EmailAddress::parse_reader("info@example.org").is_ok());
    }
}
