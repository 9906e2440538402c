//! People and what they asked for.

use crate::domain::address::EmailAddress;
use crate::domain::issue::Choice;
use crate::domain::tag::Slug;
use crate::domain::text::{Language, Line};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Row number of a subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SubscriberId(pub i64);

/// A person's address and what goes with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscriber {
    /// Which one.
    pub id: SubscriberId,
    /// The random id that tokens carry.
    pub public_id: [u8; 8],
    /// Raised to end all links of old mails but unsubscribing.
    pub epoch: u16,
    /// Where mail goes.
    pub address: EmailAddress,
    /// The name they gave, if any. Never used to greet.
    pub name: Line,
    /// The language they want the fixed texts in, if not the newsletter's.
    pub language: Option<Language>,
    /// Whether they want HTML or text alone.
    pub format: Format,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// What they get.
    pub subscriptions: Vec<Subscription>,
}

/// One newsletter for one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscription {
    /// Which newsletter.
    pub newsletter: Slug,
    /// Where it stands.
    pub status: Status,
    /// Which topics.
    pub choice: Choice,
    /// Brought from elsewhere, and not let in yet.
    pub is_arriving: bool,
}

impl Subscription {
    /// The word that people read.
    pub fn word(&self) -> &'static str {
        match self.status {
            Status::Active { .. } if self.is_arriving => "arriving",
            status => status.as_str(),
        }
    }
}

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Asked for, not confirmed: gets nothing but the question.
    Pending {
        /// When they asked.
        asked_at: DateTime<Utc>,
    },
    /// Confirmed.
    Active {
        /// When they confirmed.
        confirmed_at: DateTime<Utc>,
    },
    /// Confirmed, but not now.
    Paused {
        /// When they confirmed.
        confirmed_at: DateTime<Utc>,
        /// When mail comes again, if they said.
        until: Option<DateTime<Utc>>,
    },
    /// Ended.
    Left {
        /// When.
        left_at: DateTime<Utc>,
    },
}

impl Status {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending { .. } => "pending",
            Self::Active { .. } => "active",
            Self::Paused { .. } => "paused",
            Self::Left { .. } => "left",
        }
    }
}

/// What a reader wants to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// HTML with a text part.
    Html,
    /// Text alone.
    Text,
}

impl Format {
    /// The word in the database and in imports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Text => "text",
        }
    }

    /// The format of a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Html, Self::Text].into_iter().find(|format| format.as_str() == word)
    }
}

/// Why an address gets no issue, whatever its subscriptions say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuppressionReason {
    /// The mailbox does not exist, or mail to it came back for too long.
    HardBounce,
    /// The person reported the mail as unwanted.
    Complaint,
    /// The person was erased on their request.
    Erasure,
    /// The person had left before the list moved here.
    Left,
    /// An operator decided so.
    Operator,
}

impl SuppressionReason {
    /// All reasons with their words.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::HardBounce, "hard_bounce"),
        (Self::Complaint, "complaint"),
        (Self::Erasure, "erasure"),
        (Self::Left, "left"),
        (Self::Operator, "operator"),
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(reason, _)| *reason == self).map_or("operator", |(_, word)| word)
    }

    /// What people read.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::HardBounce => "mail to it comes back",
            Self::Complaint => "reported our mail as unwanted",
            Self::Erasure => "erased on request",
            Self::Left => "had left before the list moved here",
            Self::Operator => "an operator decided so",
        }
    }

    /// Which reason stays when a second one comes: the one that is harder to take back.
    pub fn weight(self) -> u8 {
        match self {
            Self::Left => 0,
            Self::Operator => 1,
            Self::HardBounce => 2,
            Self::Complaint => 3,
            Self::Erasure => 4,
        }
    }

    /// The reason of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(reason, _)| *reason)
    }
}
