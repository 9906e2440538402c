//! Where returned mail comes back to: one mailbox, and behind its name a token for each message that left (VERP). Signs and verifies nothing.

use super::address::{AddressError, EmailAddress};
use serde::{Deserialize, Serialize};

/// RFC 5321, section 4.5.3.1.1.
const LOCAL_PART: usize = 64;

/// The mailbox as it is configured and frozen with an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnMailbox {
    /// Its address without a token.
    pub address: String,
    /// What the mail system there takes for the end of a mailbox's name.
    pub delimiter: char,
}

/// A mailbox that tokens fit into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnPath {
    address: EmailAddress,
    delimiter: char,
}

/// Why returned mail cannot come back to an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReturnPathError {
    /// No address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// RFC 6531: a return path of other characters is refused by many servers.
    #[error("the part before the @ must be ASCII")]
    NotAscii,
    /// With the token behind it the local part would be too long.
    #[error("the part before the @ has {0} characters; at most {most} leave room for the token of a message", most = LONGEST_NAME)]
    TooLong(usize),
}

const LONGEST_NAME: usize = LOCAL_PART - 1 - super::token::MAIL_TOKEN;

impl ReturnPath {
    /// A mailbox, if the token of a message fits behind its name.
    pub fn new(address: EmailAddress, delimiter: char) -> Result<Self, ReturnPathError> {
        if address.needs_smtputf8() {
            return Err(ReturnPathError::NotAscii);
        }
        match address.local().len() {
            length if length > LONGEST_NAME => Err(ReturnPathError::TooLong(length)),
            _ => Ok(Self { address, delimiter }),
        }
    }

    /// Reads a configured mailbox.
    pub fn parse(mailbox: &ReturnMailbox) -> Result<Self, ReturnPathError> {
        Self::new(EmailAddress::parse(&mailbox.address)?, mailbox.delimiter)
    }

    /// The mailbox without a token.
    pub fn plain(&self) -> &EmailAddress {
        &self.address
    }

    /// The address that carries a token of [`super::token::MAIL_TOKEN`] characters.
    pub fn with(&self, token: &str) -> EmailAddress {
        self.address.tagged(self.delimiter, token)
    }

    /// What stands behind the mailbox's name in an address; none for another mailbox. Servers on the way may have changed the case.
    pub fn token_in<'a>(&self, address: &'a str) -> Option<&'a str> {
        let (local, domain) = address.rsplit_once('@')?;
        let name = self.address.local();
        let is_ours = domain.eq_ignore_ascii_case(self.address.domain())
            && local.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        local.get(name.len()..).filter(|_| is_ours)?.strip_prefix(self.delimiter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(address: &str) -> Result<ReturnPath, ReturnPathError> {
        ReturnPath::parse(&ReturnMailbox { address: address.to_owned(), delimiter: '+' })
    }

    #[test]
    fn a_token_is_found_again_behind_the_name_in_any_case() {
        let path = path("bounces@news.example.org").unwrap();
        let address = path.with("abc234");
        assert_eq!(address.as_str(), "bounces+abc234@news.example.org");
        assert_eq!(path.token_in(address.as_str()), Some("abc234"));
        assert_eq!(path.token_in("BOUNCES+ABC234@News.Example.ORG"), Some("ABC234"));
        for other in ["bounces@news.example.org", "bounces+abc234@example.org", "jo+abc234@news.example.org", "bounces"]
        {
            assert_eq!(path.token_in(other), None, "{other}");
        }
    }

    #[test]
    fn a_name_that_leaves_no_room_for_the_token_is_refused() {
        assert!(path("fifteen-letters@example.org").is_ok());
        assert_eq!(path("sixteen--letters@example.org"), Err(ReturnPathError::TooLong(16)));
        assert_eq!(path("zurück@example.org"), Err(ReturnPathError::NotAscii));
    }
}
