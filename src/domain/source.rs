//! Where articles come from, as configured.

use crate::domain::tag::Slug;
use crate::domain::text::{Language, Line};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use url::Url;

/// One source of articles or events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its name in the configuration, the database and messages.
    pub id: Slug,
    /// What readers see beside a story.
    pub name: Line,
    /// What it is and where.
    pub kind: SourceKind,
    /// Where its articles lie on the web when they do not say: relative links are resolved against it, and a folder's file `a/b.md` without an
    /// address of its own is `BASE/a/b`.
    pub base_url: Option<Url>,
    /// Raw labels that every article of it carries.
    pub tags: Vec<String>,
    /// Its language when the articles do not say.
    pub language: Option<Language>,
    /// How much its stories count when the lead is chosen, 0 to 100; 50 is neutral.
    pub weight: u8,
    /// Whether addresses on private networks may be fetched.
    pub allow_private: bool,
    /// How its pictures may be used.
    pub pictures: PictureUse,
}

/// How the pictures of a source may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PictureUse {
    /// Copied, set to the size of their slot, and served by us.
    Copy,
    /// Shown from where they lie; agencies often allow no copy.
    Link,
    /// Not at all.
    None,
}

impl PictureUse {
    /// Whether they are shown at all.
    pub fn shows(self) -> bool {
        self != Self::None
    }
}

/// The kinds of source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// RSS, Atom, RDF or JSON Feed.
    Feed(Place),
    /// A folder of Markdown, HTML and text files, each an article.
    Folder(PathBuf),
    /// An iCalendar file: events, not articles.
    Calendar(Place),
}

/// A document on the web or in the file system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// An http or https address.
    Url(Url),
    /// A file.
    File(PathBuf),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url(url) => url.fmt(f),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

impl SourceKind {
    /// Whether it lies on the web.
    pub fn is_remote(&self) -> bool {
        matches!(self, Self::Feed(Place::Url(_)) | Self::Calendar(Place::Url(_)))
    }

    /// Where it lies, in words.
    pub fn place(&self) -> String {
        match self {
            Self::Feed(place) | Self::Calendar(place) => place.to_string(),
            Self::Folder(path) => path.display().to_string(),
        }
    }

    /// The word for it in the configuration.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Feed(_) => "feed",
            Self::Folder(_) => "folder",
            Self::Calendar(_) => "calendar",
        }
    }
}
