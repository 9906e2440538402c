//! The states of one issue on its way to one recipient, and of the whole hand-over.

use crate::domain::address::EmailAddress;
use serde::{Deserialize, Serialize};

/// What the ledger says of one recipient of one issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// The relay took it.
    Accepted,
    /// The relay asked to come back later.
    Deferred,
    /// The relay refused it for good.
    Refused,
    /// The person left, paused, was suppressed or erased after the freeze.
    Skipped,
    /// Its time was over before a relay took it.
    Expired,
    /// Claimed by a process that died, or cut off before the relay's last word: nobody can know.
    InDoubt,
    /// In doubt too often: an operator decides.
    Parked,
    /// A living process knows that it never handed it over.
    Returned,
}

impl DeliveryState {
    /// All states, with the number that the ledger stores and the word that people read.
    pub const ALL: [(Self, i64, &'static str); 8] = [
        (Self::Accepted, 1, "accepted"),
        (Self::Deferred, 2, "deferred"),
        (Self::Refused, 3, "refused"),
        (Self::Skipped, 4, "skipped"),
        (Self::Expired, 5, "expired"),
        (Self::InDoubt, 6, "in_doubt"),
        (Self::Parked, 7, "parked"),
        (Self::Returned, 8, "returned"),
    ];

    /// The number in the ledger.
    pub fn code(self) -> i64 {
        Self::ALL.iter().find(|(state, ..)| *state == self).map_or(0, |(_, code, _)| *code)
    }

    /// The state of a number in the ledger.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == code).map(|(state, ..)| *state)
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(state, ..)| *state == self).map_or("accepted", |(.., word)| word)
    }

    /// Whether another attempt follows by itself.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Deferred | Self::InDoubt | Self::Returned)
    }
}

/// A subscriber who may be mailed now: confirmed, not paused, not suppressed. The only thing that delivery accepts; the store makes it when a
/// page is claimed, from a join that checks all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Its place in the ledger.
    pub seq: i64,
    /// The lane it stands in.
    pub lane: i64,
    /// Which attempt this is, from 1.
    pub attempt: i64,
    /// The row of the subscriber.
    pub subscriber: i64,
    /// The random public id that tokens carry.
    pub public_id: [u8; 8],
    /// Raised when the person asks for all their old links to end.
    pub epoch: u16,
    /// Where it goes.
    pub address: EmailAddress,
    /// The day they confirmed, as an instant.
    pub confirmed_at: chrono::DateTime<chrono::Utc>,
    /// Which variant they get.
    pub variant: i64,
}

/// The big mailbox providers, each with its lane: a group of recipient domains that share one pace.
const LANES: [(i64, &[&str]); 5] = [
    (1, &["gmail.com", "googlemail.com"]),
    (
        2,
        &[
            "outlook.com",
            "hotmail.com",
            "live.com",
            "msn.com",
            "hotmail.co.uk",
            "hotmail.de",
            "hotmail.fr",
            "outlook.de",
        ],
    ),
    (3, &["yahoo.com", "ymail.com", "rocketmail.com", "aol.com", "yahoo.co.uk", "yahoo.de", "yahoo.fr"]),
    (4, &["icloud.com", "me.com", "mac.com"]),
    (5, &["gmx.net", "gmx.de", "gmx.at", "gmx.ch", "gmx.com", "web.de"]),
];

/// The lane of a recipient domain in lower-case ASCII; 0 for all that belong to no big provider.
pub fn lane(domain: &str) -> i64 {
    LANES.iter().find(|(_, domains)| domains.contains(&domain)).map_or(0, |(lane, _)| *lane)
}

/// How an issue's hand-over stands, in numbers of recipients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// All who were to get it.
    pub recipients: u64,
    /// Taken by a relay.
    pub accepted: u64,
    /// To be tried again later.
    pub deferred: u64,
    /// Refused for good.
    pub refused: u64,
    /// Left, paused, suppressed or erased since.
    pub skipped: u64,
    /// Too late.
    pub expired: u64,
    /// Nobody can know.
    pub in_doubt: u64,
    /// Waiting for an operator.
    pub parked: u64,
    /// Not yet tried, or given back.
    pub queued: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_have_lanes_and_the_rest_share_one() {
        assert_eq!(lane("googlemail.com"), lane("gmail.com"));
        assert_ne!(lane("gmail.com"), lane("outlook.com"));
        assert_eq!(lane("example.org"), 0);
        assert_eq!(lane("notgmail.com"), 0);
    }
}
