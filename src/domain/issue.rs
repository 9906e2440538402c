//! One numbered edition of a newsletter: what was composed, and one reader's cut of it.

use crate::domain::article::{ArticleId, Picture};
use crate::domain::event::Event;
use crate::domain::newsletter::Newsletter;
use crate::domain::schedule::Occurrence;
use crate::domain::tag::{Slug, Tag};
use crate::domain::text::{Language, Line};
use crate::domain::window::Window;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use url::Url;

/// Row number of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IssueId(pub i64);

/// Everything that a revision of an issue consists of. Frozen as JSON; its hash is what is approved; every rendering is a function of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    /// The newsletter as it was configured when the issue was composed.
    pub newsletter: Newsletter,
    /// Its number.
    pub number: u32,
    /// The date it was composed for.
    pub occurrence: Occurrence,
    /// Whose stories it takes.
    pub window: Window,
    /// The subject line.
    pub subject: Line,
    /// A sentence of the editor above the stories, or nothing.
    pub note: Line,
    /// Every story that stands in the issue, each once, in the order of their score.
    pub stories: Vec<Story>,
    /// Upcoming dates, in order.
    pub events: Vec<Event>,
}

/// A story in an issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Story {
    /// Which article.
    pub article: ArticleId,
    /// Headline.
    pub title: Line,
    /// The article's own address, without tracking parameters.
    pub url: Option<Url>,
    /// Summary, cut at a sentence.
    pub summary: Line,
    /// Who wrote it.
    pub authors: Vec<Line>,
    /// The name of its source.
    pub source: Line,
    /// The column it stands in.
    pub column: Option<Line>,
    /// Its tags, folded.
    pub tags: Vec<Tag>,
    /// Its language.
    pub language: Language,
    /// Minutes to read, when the length is known.
    pub minutes: Option<u32>,
    /// Its believed publication.
    pub published_at: Option<DateTime<Utc>>,
    /// Its picture.
    pub picture: Option<Picture>,
    /// Other sources that carry it, by name.
    pub also_at: Vec<Line>,
}

/// What a reader chose. No choice means everything, later topics included.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Choice {
    /// All sections, also those that come later.
    #[default]
    Everything,
    /// These topics.
    Topics(BTreeSet<Slug>),
}

impl Choice {
    /// The form in which it is stored and compared: topics sorted and joined by commas; empty for everything.
    pub fn key(&self) -> String {
        match self {
            Self::Everything => String::new(),
            Self::Topics(topics) => topics.iter().map(Slug::as_str).collect::<Vec<_>>().join(","),
        }
    }

    /// Reads the stored form; what is no slug is left out.
    pub fn from_key(key: &str) -> Self {
        let topics: BTreeSet<Slug> = key.split(',').filter_map(|slug| Slug::parse(slug.trim()).ok()).collect();
        if topics.is_empty() { Self::Everything } else { Self::Topics(topics) }
    }
}

/// One reader's arrangement of an issue: what one variant shows. Borrows the issue's stories.
#[derive(Debug, Clone, PartialEq)]
pub struct Cut<'a> {
    /// The issue it is cut from.
    pub issue: &'a Issue,
    /// The story that opens it.
    pub lead: Option<&'a Story>,
    /// The slug of the section that the lead would stand in.
    pub lead_section: Option<&'a Slug>,
    /// Its sections, none of them empty.
    pub sections: Vec<CutSection<'a>>,
    /// Upcoming dates.
    pub events: &'a [Event],
}

/// One section of a cut.
#[derive(Debug, Clone, PartialEq)]
pub struct CutSection<'a> {
    /// What was configured.
    pub section: &'a crate::domain::newsletter::Section,
    /// The stories that are printed, at least one.
    pub stories: Vec<&'a Story>,
    /// The stories beyond the cap, which stand on the web.
    pub more: Vec<&'a Story>,
}

impl Cut<'_> {
    /// Stories printed, the lead included.
    pub fn story_count(&self) -> usize {
        usize::from(self.lead.is_some()) + self.sections.iter().map(|s| s.stories.len()).sum::<usize>()
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.story_count() == 0
    }

    /// What makes two cuts the same variant: the order of their stories and where each stands.
    pub fn key(&self) -> String {
        let mut hash = Sha256::new();
        if let Some(lead) = self.lead {
            hash.update(lead.article.0.to_le_bytes());
        }
        for section in &self.sections {
            hash.update(b"/");
            hash.update(section.section.slug.as_str());
            hash.update((section.more.len() as u64).to_le_bytes());
            for story in &section.stories {
                hash.update(story.article.0.to_le_bytes());
            }
        }
        hex(&hash.finalize())
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The states of an issue, from composing to the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueState {
    /// Stories are settled, the due time has not come.
    Composed,
    /// An editor has to approve it first.
    Waiting,
    /// It goes out when it is due.
    Approved,
    /// It does not go out until somebody says so.
    Held,
    /// Frozen; mail is going out.
    Sending,
    /// Frozen; stopped in the middle.
    Paused,
    /// Every recipient has a final outcome.
    Done,
    /// Nothing went out for this date; its stories are carried over.
    Skipped,
    /// Taken back.
    Cancelled,
}

impl IssueState {
    /// All states, with the word that the database and the command line use.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::Composed, "composed"),
        (Self::Waiting, "waiting"),
        (Self::Approved, "approved"),
        (Self::Held, "held"),
        (Self::Sending, "sending"),
        (Self::Paused, "paused"),
        (Self::Done, "done"),
        (Self::Skipped, "skipped"),
        (Self::Cancelled, "cancelled"),
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("composed", |(_, word)| word)
    }

    /// The state of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(state, _)| *state)
    }

    /// Whether nothing more can happen by itself.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Done | Self::Skipped | Self::Cancelled)
    }
}
