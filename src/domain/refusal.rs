//! Why mail did not reach somebody, and what that says about their address. Reads no message.

use serde::Serialize;

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Cause {
    /// There is no such mailbox.
    NoMailbox,
    /// There is no such domain, or it has no mail server.
    NoDomain,
    /// The mailbox is elsewhere now, and mail is not forwarded.
    Moved,
    /// The domain takes no mail at all (RFC 7505, RFC 7504).
    TakesNoMail,
    /// The mailbox is full.
    Full,
    /// The mailbox is closed for a while, or switched off by its provider.
    Disabled,
    /// The person or their provider lets only certain senders through.
    Restricted,
    /// Our network address or domain is blocked or has a bad name.
    Reputation,
    /// It looked like spam.
    Spam,
    /// It broke a rule of the other side.
    Policy,
    /// Our signature or SPF record did not convince.
    Authentication,
    /// We sent too much at once.
    TooFast,
    /// The message, or a part of it, was not acceptable.
    Content,
    /// The message is too large.
    TooLarge,
    /// Our own address was not acceptable.
    Sender,
    /// A server on the way does not relay to that domain.
    Relaying,
    /// It was tried for too long.
    Expired,
    /// The connection, or the way to it, failed.
    Network,
    /// The other system has trouble of its own.
    System,
    /// It does not say, or not in words that we know.
    #[default]
    Unknown,
}

/// What a refusal says about the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Nothing will ever arrive there.
    Hard,
    /// Something is in the way at the moment, or the mail itself was.
    Soft,
    /// Nothing.
    None,
}

impl Class {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Soft => "soft",
            Self::None => "none",
        }
    }
}

impl Cause {
    /// All causes with their words in the database and in lists.
    pub const ALL: [(Self, &'static str, &'static str); 20] = [
        (Self::NoMailbox, "no_mailbox", "there is no such mailbox"),
        (Self::NoDomain, "no_domain", "the domain does not exist or has no mail server"),
        (Self::Moved, "moved", "the mailbox has moved"),
        (Self::TakesNoMail, "takes_no_mail", "the domain takes no mail"),
        (Self::Full, "full", "the mailbox is full"),
        (Self::Disabled, "disabled", "the mailbox is disabled or suspended"),
        (Self::Restricted, "restricted", "the mailbox takes mail from certain senders only"),
        (Self::Reputation, "reputation", "our address or domain is blocked there"),
        (Self::Spam, "spam", "it was taken for spam"),
        (Self::Policy, "policy", "it is against a policy there"),
        (Self::Authentication, "authentication", "our mail was not authenticated (SPF, DKIM, DMARC)"),
        (Self::TooFast, "too_fast", "we sent too much at once"),
        (Self::Content, "content", "its content was refused"),
        (Self::TooLarge, "too_large", "the message is too large"),
        (Self::Sender, "sender", "our sender's address was refused"),
        (Self::Relaying, "relaying", "a server on the way does not relay for that domain"),
        (Self::Expired, "expired", "it could not be delivered in time"),
        (Self::Network, "network", "the connection to its server failed"),
        (Self::System, "system", "the other system has trouble of its own"),
        (Self::Unknown, "unknown", "no reason that we know of was given"),
    ];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(cause, ..)| *cause == self).map_or("unknown", |(_, word, _)| word)
    }

    /// What people read.
    pub fn in_words(self) -> &'static str {
        Self::ALL.iter().find(|(cause, ..)| *cause == self).map_or("", |(.., words)| words)
    }

    /// The cause of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == word).map(|(cause, ..)| *cause)
    }

    /// What it says about the address when a delivery failed for it for good.
    pub fn class(self) -> Class {
        match self {
            Self::NoMailbox | Self::NoDomain | Self::Moved | Self::TakesNoMail => Class::Hard,
            _ => Class::Soft,
        }
    }

    /// Whether a soft refusal for it counts against the address: the mailbox, or the way to it, and nothing about us.
    pub fn counts(self) -> bool {
        !self.is_ours() && self != Self::Restricted
    }

    /// Whether it is about us and our mail, so that it never counts against a reader.
    pub fn is_ours(self) -> bool {
        matches!(
            self,
            Self::Reputation
                | Self::Spam
                | Self::Policy
                | Self::Authentication
                | Self::TooFast
                | Self::Content
                | Self::TooLarge
                | Self::Sender
                | Self::Relaying
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_its_words_and_is_found_by_them() {
        for (cause, word, words) in Cause::ALL {
            assert_eq!((cause.as_str(), Cause::parse(word)), (word, Some(cause)));
            assert_ne!(words, "", "{word}");
            assert!(!cause.is_ours() || cause.class() == Class::Soft, "{word}");
        }
    }
}
