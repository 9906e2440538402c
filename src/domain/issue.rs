//! One numbered edition of a newsletter: what was composed, and one reader's cut of it.

use crate::domain::article::{ArticleId, Picture};
use crate::domain::event::Event;
use crate::domain::newsletter::Newsletter;
use crate::domain::notice::{Notice, NoticePlace};
use crate::domain::prose::Prose;
use crate::domain::ranking::MostRead;
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
    /// What the editor has to say, or nothing.
    pub note: Prose,
    /// Every story that stands in the issue, each once, in the order of their score.
    pub stories: Vec<Story>,
    /// Upcoming dates, in order.
    pub events: Vec<Event>,
    /// What the editor wrote in place of what the program would have written.
    #[serde(default)]
    pub written: Written,
    /// The story that leads wherever it stands; where it does not, and without one, the highest score leads.
    #[serde(default)]
    pub lead: Option<ArticleId>,
    /// What was wrong in earlier issues: printed before everything else.
    #[serde(default)]
    pub corrections: Vec<Correction>,
    /// Notices of the house and of those who pay, at most two.
    #[serde(default)]
    pub notices: Vec<Notice>,
    /// Days that the issue covers, when that is more than usual: after a date that was skipped or carried over.
    #[serde(default)]
    pub covers_days: Option<u32>,
    /// Stories of earlier issues with the lead's tags, for readers who get everything.
    #[serde(default)]
    pub earlier: Vec<Earlier>,
    /// The other newsletters of the house.
    #[serde(default)]
    pub others: Vec<Other>,
    /// What is read most by the site's own numbers.
    #[serde(default)]
    pub most_read: Vec<MostRead>,
}

impl Issue {
    /// An issue in which nothing stands yet.
    pub fn empty(newsletter: Newsletter, number: u32, occurrence: Occurrence, window: Window) -> Self {
        Self {
            newsletter,
            number,
            occurrence,
            window,
            subject: Line::default(),
            note: Prose::default(),
            stories: Vec::new(),
            events: Vec::new(),
            written: Written::default(),
            lead: None,
            corrections: Vec::new(),
            notices: Vec::new(),
            covers_days: None,
            earlier: Vec::new(),
            others: Vec::new(),
            most_read: Vec::new(),
        }
    }
}

/// What the editor wrote; nothing where the program's own words stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The subject, with the places of the newsletter's template.
    pub subject: Option<Line>,
    /// The line that inboxes show beside the subject.
    pub preheader: Option<Line>,
}

/// A correction of an earlier issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The number of the issue that was wrong.
    pub number: u32,
    /// What was wrong and what is right.
    pub text: Prose,
}

/// A story of an earlier issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// Headline.
    pub title: Line,
    /// Where it lies.
    pub url: Url,
    /// The number of its issue.
    pub number: u32,
    /// Its language.
    pub language: Language,
}

/// Another newsletter of the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Other {
    /// What readers call it.
    pub title: Line,
    /// Its sentence, or nothing.
    pub tagline: Line,
    /// Its page, where it can be read and subscribed to.
    pub url: String,
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
    /// Whether the program made it of the story's lead: neither its source nor an editor gave one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub summary_from_lead: bool,
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
    /// Whether only subscribers of its site can read it whole.
    #[serde(default)]
    pub paywalled: bool,
    /// Whether somebody paid its source for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sponsored: bool,
    /// The source, by its name in the configuration; issues of the first versions do not say.
    #[serde(default)]
    pub source_id: Option<Slug>,
    /// The editor wants it before all others.
    #[serde(default)]
    pub pinned: bool,
    /// It was there for an earlier date already, which had too few stories or was skipped.
    #[serde(default)]
    pub carried: bool,
    /// The section that the editor moved it to.
    #[serde(default)]
    pub home: Option<Slug>,
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
    /// What else may please this reader: two at most.
    pub next: Vec<Next<'a>>,
}

/// What is offered at the end, under "Next for you".
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Next<'a> {
    /// A story of this issue that stands outside the topics that the reader chose.
    Outside(&'a Story),
    /// A story of an earlier issue, for readers who have this one whole.
    Earlier(&'a Earlier),
}

impl Next<'_> {
    /// Headline.
    pub fn title(&self) -> &Line {
        match self {
            Self::Outside(story) => &story.title,
            Self::Earlier(earlier) => &earlier.title,
        }
    }

    /// Where it lies; only what has an address is offered.
    pub fn url(&self) -> Option<&Url> {
        match self {
            Self::Outside(story) => story.url.as_ref(),
            Self::Earlier(earlier) => Some(&earlier.url),
        }
    }

    /// Its language.
    pub fn language(&self) -> &Language {
        match self {
            Self::Outside(story) => &story.language,
            Self::Earlier(earlier) => &earlier.language,
        }
    }
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

    /// A template of subject or preheader with its places filled: it names a story that the reader gets. Without a lead the title stands for it.
    pub fn filled(&self, template: &str) -> String {
        let (issue, newsletter) = (self.issue, &self.issue.newsletter);
        let first = self.sections.first().and_then(|section| section.stories.first().copied());
        let lead = self.lead.or(first);
        let values = [
            ("{lead}", lead.map_or(newsletter.title.as_str(), |story| story.title.as_str()).to_owned()),
            ("{title}", newsletter.title.to_string()),
            ("{number}", issue.number.to_string()),
            ("{count}", self.story_count().to_string()),
            ("{date}", issue.occurrence.local.format("%Y-%m-%d").to_string()),
        ];
        values.iter().fold(template.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.story_count() == 0
    }

    /// The notices of a place in this cut. One that belongs after a section that the reader does not get stands before the footer.
    pub fn notices(&self, place: &NoticePlace) -> impl Iterator<Item = &Notice> {
        let printed = |slug: &Slug| self.sections.iter().any(|cut| cut.section.slug == *slug);
        let home = move |notice: &Notice| match &notice.place {
            NoticePlace::After(slug) if !printed(slug) => NoticePlace::Footer,
            place => place.clone(),
        };
        self.issue.notices.iter().filter(move |notice| home(notice) == *place)
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
        for next in &self.next {
            hash.update(b"+");
            hash.update(next.url().map_or("", Url::as_str));
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
