//! Why we may write to somebody: what they did, when, by which way, and what they were shown.

use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// What the consent ledger records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentEvent {
    /// They asked for a newsletter.
    Asked,
    /// They confirmed, or an operator did with proof.
    Confirmed,
    /// They chose topics.
    Topics,
    /// They want no mail for a while.
    Paused,
    /// Mail comes again.
    Resumed,
    /// They left.
    Left,
    /// A file brought them; the detail is its row as it came.
    Imported,
    /// The import was taken back.
    ImportUndone,
    /// They were replaced by a keyed hash.
    Erased,
    /// They chose language or format.
    Settings,
    /// They said why they left.
    Reason,
    /// They changed their address, or undid that.
    Moved,
}

impl ConsentEvent {
    const WORDS: [(Self, &'static str); 12] = [
        (Self::Asked, "asked"),
        (Self::Confirmed, "confirmed"),
        (Self::Topics, "topics"),
        (Self::Paused, "paused"),
        (Self::Resumed, "resumed"),
        (Self::Left, "left"),
        (Self::Imported, "imported"),
        (Self::ImportUndone, "import_undone"),
        (Self::Erased, "erased"),
        (Self::Settings, "settings"),
        (Self::Reason, "reason"),
        (Self::Moved, "moved"),
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(event, _)| *event == self).map_or("asked", |(_, word)| word)
    }

    /// The event of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(event, _)| *event)
    }
}

/// What proves one entry of the consent ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The form, command or file it came by.
    pub origin: String,
    /// What the person was shown.
    pub wording: String,
    /// The prefix of the network it came from, never a whole address.
    pub network: Option<String>,
    /// Whatever else proves it: an operator's words, the row of a file as it came.
    pub detail: BTreeMap<String, String>,
}

impl Evidence {
    /// Evidence of an instant and a way alone.
    pub fn new(at: DateTime<Utc>, origin: &str) -> Self {
        Self { at, origin: origin.to_owned(), ..Self::default() }
    }

    /// The same with one more detail.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.detail.insert(name.to_owned(), value.to_owned());
        self
    }
}
