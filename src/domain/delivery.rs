//! The states of one issue on its way to one recipient, and of the whole hand-over.

use crate::domain::address::EmailAddress;
use chrono::{DateTime, Utc};
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

/// Where one attempt stands in the ledger of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The claim that covers it.
    pub claim: i64,
    /// The lane of the recipient.
    pub lane: i64,
    /// The recipient within the lane.
    pub seq: i64,
    /// Which attempt this is, from 1.
    pub attempt: i64,
}

/// How often earlier attempts ended open, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tries {
    /// Times a relay asked to come back.
    pub deferred: u32,
    /// Times nobody could know.
    pub in_doubt: u32,
    /// Times it was given back without having been handed over.
    pub returned: u32,
}

/// What became of one attempt, as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Which attempt.
    pub place: Place,
    /// What it came to.
    pub state: DeliveryState,
    /// When it was known.
    pub at: DateTime<Utc>,
    /// When the next attempt may be made, if the state is open.
    pub retry_at: Option<DateTime<Utc>>,
    /// The relay's code, such as 250.
    pub code: Option<u16>,
    /// The relay's enhanced code (RFC 3463), such as `4.2.2`.
    pub enhanced: Option<String>,
    /// The relay's words, or ours; no address in it.
    pub reply: Option<String>,
    /// The name that the relay gave the message, where it names messages in what it sends back.
    pub relay_id: Option<String>,
}

/// The most times that one recipient's attempt may end in doubt in a living process, as where a relay hangs up before its last word; the last of
/// them parks it.
pub const MOST_IN_DOUBT: u32 = 3;

/// What another doubt makes of a recipient who was in doubt `before` times.
pub fn after_doubt(before: u32) -> DeliveryState {
    if before + 1 >= MOST_IN_DOUBT { DeliveryState::Parked } else { DeliveryState::InDoubt }
}

/// How often the program ended while a recipient was open: the evidence that their message is what ends it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Crashes {
    /// All such times.
    pub times: u32,
    /// Those of them with nobody else open.
    pub alone: u32,
}

impl Crashes {
    /// The count after one more; `alone`: nobody else was open.
    pub fn and_one(self, alone: bool) -> Self {
        Self { times: self.times + 1, alone: self.alone + u32::from(alone) }
    }

    /// What they make of the recipient. A crash among others proves nothing about any of them, and a single one alone may be chance: two alone, of
    /// three in all, park.
    pub fn verdict(self) -> DeliveryState {
        if self.alone >= 2 && self.times >= 3 { DeliveryState::Parked } else { DeliveryState::InDoubt }
    }

    /// Whether the next attempt is made with nobody else open: twice may be chance, but is worth a look.
    pub fn are_suspicious(self) -> bool {
        self.times >= 2
    }

    /// Whether that holds however many others are under suspicion too.
    pub fn single_out(self) -> bool {
        self.times >= 3 || self.alone >= 1
    }
}

/// Mailbox providers whose domains share one pace, by lane number; lane 0 is everybody else. A number is never given to another provider: it
/// stands in the rows of subscribers.
const LANES: [(i64, &[&str]); 7] = [
    (1, &["gmail.com", "googlemail.com"]),
    (2, &["outlook.", "hotmail.", "live.", "msn.com", "windowslive.com", "passport.com"]),
    (3, &["yahoo.", "ymail.com", "rocketmail.com", "aol.", "aim.com", "verizon.net", "myyahoo.com"]),
    (4, &["icloud.com", "me.com", "mac.com"]),
    (5, &["gmx.", "web.de", "mail.com", "1und1.de"]),
    (6, &["proton.me", "protonmail.com", "protonmail.ch", "pm.me"]),
    (7, &["mail.ru", "inbox.ru", "list.ru", "bk.ru", "yandex."]),
];

/// Names under which the mail servers of those providers stand in DNS, by lane.
const RECEIVERS: [(i64, &[&str]); 7] = [
    (1, &["google.com", "googlemail.com"]),
    (2, &["protection.outlook.com", "mx.microsoft", "hotmail.com"]),
    (3, &["yahoodns.net"]),
    (4, &["icloud.com", "apple.com"]),
    (5, &["gmx.net", "gmx.com", "web.de", "mail.com"]),
    (6, &["protonmail.ch"]),
    (7, &["mail.ru", "yandex.net", "yandex.ru"]),
];

/// The lane of a domain by the servers that receive for it (lower-case ASCII, the preferred first).
pub fn lane_of_receivers(receivers: &[String]) -> i64 {
    let is_below =
        |host: &str, name: &str| host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let lane_of = |host: &String| {
        RECEIVERS.iter().find(|(_, names)| names.iter().any(|name| is_below(host, name))).map(|(lane, _)| *lane)
    };
    // Only the preferred one counts: a second may be a company's own spare.
    receivers.first().and_then(lane_of).unwrap_or(0)
}

/// What people call the provider of each lane.
const PROVIDERS: [&str; 8] =
    ["other providers", "Gmail", "Outlook", "Yahoo", "iCloud", "GMX", "Proton", "Mail.ru and Yandex"];

/// What people call the provider of a lane.
pub fn provider(lane: i64) -> &'static str {
    usize::try_from(lane).ok().and_then(|lane| PROVIDERS.get(lane)).copied().unwrap_or(PROVIDERS[0])
}

/// The lane of a provider as people call it, or of one of its domains; `other` for all that have none of their own.
pub fn lane_called(name: &str) -> Option<i64> {
    let name = name.trim().to_lowercase();
    let is_part = |provider: &&str| provider.to_lowercase().split(' ').any(|word| word != "and" && word == name);
    let known = PROVIDERS.iter().position(is_part).and_then(|lane| i64::try_from(lane).ok());
    known.or_else(|| Some(lane(&name)).filter(|lane| *lane != 0))
}

/// The names that [`lane_called`] knows, for a person who mistyped one.
pub fn providers() -> String {
    let named = PROVIDERS.iter().skip(1).map(|name| name.to_lowercase().replace(" and ", ", "));
    named.chain(["other".to_owned()]).collect::<Vec<_>>().join(", ")
}

/// The lane of a recipient domain (lower-case ASCII): a pattern that ends in a dot stands for all national domains of a name.
pub fn lane(domain: &str) -> i64 {
    let is = |pattern: &str| match pattern.strip_suffix('.') {
        Some(name) => is_national(domain, name),
        None => domain == pattern,
    };
    LANES.iter().find(|(_, patterns)| patterns.iter().any(|pattern| is(pattern))).map_or(0, |(lane, _)| *lane)
}

/// Whether a domain is `name.tld` or `name.co.tld`: `yahoo.fr`, `yahoo.co.uk`, but not `yahoo.example.org`.
fn is_national(domain: &str, name: &str) -> bool {
    let Some(rest) = domain.strip_prefix(name).and_then(|rest| rest.strip_prefix('.')) else { return false };
    let top = rest.strip_prefix("co.").or_else(|| rest.strip_prefix("com.")).unwrap_or(rest);
    top == "com" || top == "net" || (top.len() == 2 && top.bytes().all(|b| b.is_ascii_lowercase()))
}

/// A subscriber who may be mailed now: confirmed, not paused, not suppressed. The only thing that delivery accepts; the store makes it when a
/// page is claimed, from a join that checks all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Its place in the ledger.
    pub place: Place,
    /// What became of earlier attempts.
    pub tries: Tries,
    /// The row of the subscriber.
    pub subscriber: i64,
    /// The random public id that tokens carry.
    pub public_id: [u8; 8],
    /// Raised when the person asks for all their old links to end.
    pub epoch: u16,
    /// Where it goes.
    pub address: EmailAddress,
    /// The day they confirmed, as an instant.
    pub confirmed_at: DateTime<Utc>,
    /// Which variant they get.
    pub variant: i64,
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

impl Tally {
    /// Whether every recipient has a final outcome.
    pub fn is_finished(&self) -> bool {
        self.queued == 0 && self.deferred == 0 && self.in_doubt == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_providers_of_a_lane_are_known_in_every_country() {
        for (domain, expected) in [
            ("gmail.com", 1),
            ("hotmail.co.uk", 2),
            ("outlook.com.br", 2),
            ("yahoo.fr", 3),
            ("yahoo.com", 3),
            ("icloud.com", 4),
            ("yahoo.example.org", 0),
            ("notgmail.com", 0),
            ("example.org", 0),
        ] {
            assert_eq!(lane(domain), expected, "{domain}");
        }
    }

    #[test]
    fn a_domain_is_in_the_lane_of_whoever_receives_for_it() {
        for (receivers, expected) in [
            (&["aspmx.l.google.com", "mx.example.org"][..], 1),
            (&["example-org.mail.protection.outlook.com"], 2),
            (&["mx.example.org", "aspmx.l.google.com"], 0),
            (&["mx.notgoogle.com"], 0),
            (&[], 0),
        ] {
            let receivers: Vec<String> = receivers.iter().map(|&host| host.to_owned()).collect();
            assert_eq!(lane_of_receivers(&receivers), expected, "{receivers:?}");
        }
    }

    #[test]
    fn a_provider_is_found_by_what_people_call_it() {
        for (name, expected) in [
            ("Outlook", Some(2)),
            ("hotmail.com", Some(2)),
            ("yandex", Some(7)),
            ("other", Some(0)),
            ("and", None),
            ("aplle", None),
        ] {
            assert_eq!(lane_called(name), expected, "{name}");
        }
        assert_eq!(providers(), "gmail, outlook, yahoo, icloud, gmx, proton, mail.ru, yandex, other");
    }

    #[test]
    fn the_third_doubt_parks() {
        use DeliveryState::{InDoubt, Parked};
        let states: Vec<_> = (0..4).map(after_doubt).collect();
        assert_eq!(states, [InDoubt, InDoubt, Parked, Parked]);
    }

    #[test]
    fn only_crashes_with_nobody_else_open_park() {
        use DeliveryState::{InDoubt, Parked};
        let verdicts = |alone: &[bool]| {
            let mut crashes = Crashes::default();
            let after = alone.iter().map(|alone| {
                crashes = crashes.and_one(*alone);
                crashes.verdict()
            });
            after.collect::<Vec<_>>()
        };
        assert_eq!(verdicts(&[false; 6]), [InDoubt; 6]);
        assert_eq!(verdicts(&[false, false, true, true]), [InDoubt, InDoubt, InDoubt, Parked]);
        assert_eq!(verdicts(&[true, true, true]), [InDoubt, InDoubt, Parked]);
        assert_eq!(verdicts(&[false, true, false, true]), [InDoubt, InDoubt, InDoubt, Parked]);
    }

    #[test]
    fn every_state_has_its_own_number_and_word() {
        for (state, code, word) in DeliveryState::ALL {
            assert_eq!(DeliveryState::from_code(code), Some(state));
            assert_eq!((state.code(), state.as_str()), (code, word));
        }
    }
}
