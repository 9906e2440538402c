//! What the public sees of an issue after it was sent: the frozen content, and what was amended since. Pure: the frozen content itself is never
//! changed here, only what is shown.

use crate::domain::article::ArticleId;
use crate::domain::issue::{Issue, Story};
use crate::domain::tag::Slug;
use crate::domain::text::{Language, Line};
use crate::domain::window::Window;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

/// Who may see the issues of a newsletter on the web.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Archive {
    /// Everybody; they are listed, searched and in the feeds.
    #[default]
    Public,
    /// Whoever has the address of an issue; they are listed nowhere and robots are asked to keep out.
    Unlisted,
    /// Readers, by the signed link in their mail.
    Subscribers,
}

impl Archive {
    /// All of them, with the word that the configuration uses.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Public, "public"), (Self::Unlisted, "unlisted"), (Self::Subscribers, "subscribers")];
}

/// What an amendment changes on the web.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Change {
    /// A story reads differently; what is `None` stays.
    Story {
        /// Which.
        article: ArticleId,
        /// Its headline.
        title: Option<Line>,
        /// Its summary.
        summary: Option<Line>,
        /// Its address.
        url: Option<Url>,
        /// Who wrote it.
        authors: Option<Vec<Line>>,
        /// It loses its picture.
        #[serde(default)]
        no_picture: bool,
    },
    /// A story is gone.
    Removed {
        /// Which.
        article: ArticleId,
    },
    /// Nothing changes but that a sentence is added.
    Note,
    /// The whole issue is gone.
    Withdrawn,
}

/// How a story shall read from now on; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reworded {
    /// Its headline.
    pub title: Option<String>,
    /// Its summary.
    pub summary: Option<String>,
    /// Its address.
    pub url: Option<String>,
    /// Who wrote it; nobody for as it is.
    pub authors: Vec<String>,
    /// It loses its picture.
    pub no_picture: bool,
}

/// Why a story cannot read like that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RewordedError {
    /// Everything stays.
    #[error("nothing of the story was changed")]
    Nothing,
    /// A story without a headline.
    #[error("a story needs a headline")]
    NoTitle,
    /// Readers follow http and https only.
    #[error("{0:?} is no address that readers can follow: it has to begin with http:// or https://")]
    Address(String),
}

impl Reworded {
    /// The change that makes a story read like this.
    pub fn change(&self, article: ArticleId) -> Result<Change, RewordedError> {
        let line = |text: &Option<String>| text.as_deref().map(Line::clean);
        let authors: Vec<Line> =
            self.authors.iter().map(|name| Line::clean(name)).filter(|name| !name.is_empty()).collect();
        let (title, summary) = (line(&self.title), line(&self.summary));
        if title.as_ref().is_some_and(Line::is_empty) {
            return Err(RewordedError::NoTitle);
        }
        let url = self.url.as_deref().map(address).transpose()?;
        if title.is_none() && summary.is_none() && url.is_none() && authors.is_empty() && !self.no_picture {
            return Err(RewordedError::Nothing);
        }
        let authors = (!authors.is_empty()).then_some(authors);
        Ok(Change::Story { article, title, summary, url, authors, no_picture: self.no_picture })
    }
}

fn address(text: &str) -> Result<Url, RewordedError> {
    let url = Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.ok_or_else(|| RewordedError::Address(text.trim().to_owned()))
}

/// Something that was changed after the issue was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub change: Change,
    /// The sentence that readers see beside its date.
    pub note: Line,
}

/// An issue as the public sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicIssue {
    /// What stands in it now.
    pub issue: Issue,
    /// What was amended, in order.
    pub notes: Vec<(DateTime<Utc>, Line)>,
    /// When it was withdrawn; then nothing of it is shown but that.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

impl PublicIssue {
    /// The frozen content with everything that was amended since, in the order it was done.
    pub fn new(mut issue: Issue, amendments: &[Amendment]) -> Self {
        let mut withdrawn_at = None;
        for amendment in amendments {
            match &amendment.change {
                Change::Note => {}
                Change::Withdrawn => withdrawn_at = withdrawn_at.or(Some(amendment.at)),
                Change::Removed { article } => remove(&mut issue, *article),
                change @ Change::Story { .. } => reword(&mut issue, change),
            }
        }
        let notes = amendments.iter().map(|amendment| (amendment.at, amendment.note.clone())).collect();
        Self { issue, notes, withdrawn_at }
    }

    /// The latest instant at which it changed; `None` when it is as it was mailed.
    pub fn amended_at(&self) -> Option<DateTime<Utc>> {
        self.notes.last().map(|(at, _)| *at)
    }
}

fn remove(issue: &mut Issue, article: ArticleId) {
    let Some(at) = issue.stories.iter().position(|story| story.article == article) else { return };
    let gone = issue.stories.remove(at);
    // The subject was made of a headline: what is gone must not stay in lists and feeds either.
    if issue.subject.as_str().contains(gone.title.as_str()) {
        let instead = issue.stories.first().map_or(&issue.newsletter.title, |story| &story.title);
        issue.subject = Line::clean(&issue.subject.as_str().replace(gone.title.as_str(), instead.as_str()));
    }
}

fn reword(issue: &mut Issue, change: &Change) {
    let Change::Story { article, title, summary, url, authors, no_picture } = change else { return };
    let Some(story) = issue.stories.iter_mut().find(|story| story.article == *article) else { return };
    if let Some(title) = title {
        // The subject was made of the headline; what was wrong there must not stay in lists and feeds.
        if issue.subject.as_str().contains(story.title.as_str()) {
            issue.subject = Line::clean(&issue.subject.as_str().replace(story.title.as_str(), title.as_str()));
        }
        // Where a source says nothing about a picture, the headline stands for it.
        if let Some(picture) = story.picture.as_mut().filter(|picture| picture.alt == story.title) {
            picture.alt = title.clone();
        }
        story.title = title.clone();
    }
    if let Some(summary) = summary {
        story.summary = summary.clone();
    }
    if let Some(url) = url {
        story.url = Some(url.clone());
    }
    if let Some(authors) = authors {
        story.authors.clone_from(authors);
    }
    if *no_picture {
        story.picture = None;
    }
}

/// What a story is found under besides its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelKind {
    /// A topic.
    Tag,
    /// The column it stands in.
    Column,
    /// Who wrote it.
    Author,
}

impl LabelKind {
    /// All of them, with the word that the database uses and the first part of their addresses.
    pub const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::Tag, "tag", "tags"), (Self::Column, "column", "columns"), (Self::Author, "author", "authors")];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or("tag", |(_, word, _)| word)
    }

    /// The first part of its addresses, such as `tags`.
    pub fn route(self) -> &'static str {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or("tags", |(.., route)| route)
    }
}

/// What an issue holds, for lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// Whose stories it took.
    pub window: Window,
    /// The language of its newsletter.
    pub language: Language,
    /// All stories.
    pub stories: usize,
    /// The title of each section with the number of its stories, in order.
    pub sections: Vec<(Line, usize)>,
}

/// An issue in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Its newsletter.
    pub newsletter: Slug,
    /// Its number.
    pub number: u32,
    /// When it went out.
    pub due_at: DateTime<Utc>,
    /// When it last changed, the day it went out included.
    pub changed_at: DateTime<Utc>,
    /// Its subject.
    pub subject: Line,
    /// What it holds.
    pub outline: Outline,
}

/// A story that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its newsletter.
    pub newsletter: Slug,
    /// The number of its issue.
    pub number: u32,
    /// When that went out.
    pub due_at: DateTime<Utc>,
    /// The story.
    pub story: Story,
}

/// A tag, column or author with the number of its stories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Its part of the address.
    pub key: String,
    /// What readers see.
    pub label: String,
    /// Stories.
    pub stories: u64,
}
