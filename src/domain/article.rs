//! Stories: what a source showed (sightings), and the article that one or more sightings make.

use crate::domain::source::PictureUse;
use crate::domain::tag::Slug;
use crate::domain::text::{CleanHtml, Language, Line};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

/// Row number of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ArticleId(pub i64);

/// An article as one source showed it at one moment, cleaned, before it is decided which article it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// The source's own name for it, if it gave one: a GUID, a file name.
    pub guid: Option<String>,
    /// Its address, absolute, as the source gave it.
    pub url: Option<Url>,
    /// The date as the source wrote it, kept as seen.
    pub published_raw: Option<String>,
    /// The date as understood; `None` when there was none or it is not believed (before 1995, in the future).
    pub published_at: Option<DateTime<Utc>>,
    /// When the source says it last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// What it says.
    pub text: ArticleText,
}

/// What an article says: one version of it. Versions are appended, never changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ArticleText {
    /// Headline; never empty when stored.
    pub title: Line,
    /// The source's own summary, else the best sentences of its lead.
    pub summary: Line,
    /// Whether the summary was made of the lead, because the source gave none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub summary_from_lead: bool,
    /// The body, cleaned. May be empty: a feed may carry headlines only.
    pub content: CleanHtml,
    /// Who wrote it.
    pub authors: Vec<Line>,
    /// Labels as the source wrote them; `TagAliases` folds them when they are used, so that a changed alias works backwards.
    pub labels: Vec<Line>,
    /// The column or section it stands in, such as "Iran Pulse".
    pub column: Option<Line>,
    /// Its language, when declared or detected.
    pub language: Option<Language>,
    /// Words of its body, counted; 0 when unknown.
    pub words: u32,
    /// Its lead picture.
    pub picture: Option<PictureLink>,
    /// Whether only subscribers of the site can read it whole.
    #[serde(default)]
    pub paywalled: bool,
    /// Whether its source marks it as paid for by somebody: sponsored, an advertorial, a partner's content.
    #[serde(default)]
    pub sponsored: bool,
}

/// A picture as the source links it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureLink {
    /// Where it lies: absolute http(s), or `file:` for folders.
    pub url: Url,
    /// What it shows, in words.
    pub alt: Line,
    /// Who made it.
    pub credit: Option<Line>,
    /// Under which licence it may be shown, as its source words it: a name or an address.
    #[serde(default)]
    pub licence: Option<Line>,
    /// Pixels across and down, where the source says so; unproven until the picture is fetched.
    #[serde(default)]
    pub size: Option<(u32, u32)>,
}

impl PictureLink {
    /// A link of which nothing else is known.
    pub fn new(url: Url) -> Self {
        Self { url, alt: Line::default(), credit: None, licence: None, size: None }
    }
}

/// A picture that was fetched and kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// SHA-256 of the bytes, 64 hexadecimal digits: its name in `/media/`.
    pub sha256: String,
    /// `image/png` or `image/jpeg`.
    pub media_type: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// What it shows, in words.
    pub alt: Line,
    /// Who made it.
    pub credit: Option<Line>,
    /// A copyright notice, or the name of its licence.
    #[serde(default)]
    pub licence: Option<Line>,
    /// The same picture as it is shown in a section, where that is smaller.
    #[serde(default)]
    pub small: Option<Size>,
    /// Where it is shown from when it may not be copied; it is not in `/media/` then.
    #[serde(default)]
    pub link: Option<Url>,
}

/// Another size of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// SHA-256 of the bytes, 64 hexadecimal digits: its name in `/media/`.
    pub sha256: String,
    /// `image/png` or `image/jpeg`.
    pub media_type: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Picture {
    /// The size for the widest slot.
    pub fn wide(&self) -> Size {
        Size {
            sha256: self.sha256.clone(),
            media_type: self.media_type.clone(),
            width: self.width,
            height: self.height,
        }
    }

    /// Every size that is kept; none of a picture that is shown from elsewhere.
    pub fn sizes(&self) -> Vec<Size> {
        match self.link {
            Some(_) => Vec::new(),
            None => std::iter::once(self.wide()).chain(self.small.clone()).collect(),
        }
    }
}

impl Size {
    /// The file ending that goes with the media type.
    pub fn extension(&self) -> &'static str {
        if self.media_type == "image/png" { "png" } else { "jpg" }
    }

    /// Its name at `/media/`.
    pub fn file_name(&self) -> String {
        format!("{}.{}", self.sha256, self.extension())
    }
}

/// What is known of an article's picture before its source has said how it may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPicture {
    /// The picture, as if it was copied.
    pub picture: Picture,
    /// Whether its bytes are here.
    pub is_kept: bool,
    /// Where mail programs can show it from: https, PNG or JPEG.
    pub lies_at: Option<Url>,
}

impl FoundPicture {
    /// The picture as its source lets it be used.
    pub fn used(self, how: PictureUse) -> Option<Picture> {
        match how {
            PictureUse::Copy => Some(self.picture).filter(|_| self.is_kept),
            PictureUse::Link => {
                let link = Some(self.lies_at?);
                Some(Picture { link, small: None, ..self.picture })
            }
            PictureUse::None => None,
        }
    }
}

/// An article as the store knows it at some instant, ready to be composed into an issue.
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// Which one.
    pub id: ArticleId,
    /// Its address for readers.
    pub url: Option<Url>,
    /// The instant that decides which window it belongs to; set once.
    pub eligible_at: DateTime<Utc>,
    /// When this program first saw it.
    pub first_seen_at: DateTime<Utc>,
    /// Its believed publication.
    pub published_at: Option<DateTime<Utc>>,
    /// The source whose text is shown.
    pub source: Slug,
    /// Other sources and addresses that carry it.
    pub also_at: Vec<(Slug, Option<Url>)>,
    /// The version of the text that was current at the instant asked for.
    pub text: ArticleText,
    /// Its picture, if it was fetched.
    pub picture: Option<FoundPicture>,
}

/// The earliest date that is believed of an article: before it, dates are mistakes of a program.
pub fn believed(published: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    const FIRST_BELIEVED: i64 = 788_918_400; // 1995-01-01T00:00:00Z
    // Clocks of servers run ahead by minutes, time zones are mistaken by hours: up to a day ahead counts as now.
    published
        .filter(|at| at.timestamp() >= FIRST_BELIEVED && *at <= now + chrono::TimeDelta::days(1))
        .map(|at| at.min(now))
}

/// The instant by which an article belongs to a window, decided once when it is first seen: the later of its believed publication and our first
/// sight; on a source's first connection and in gap back-fill the publication alone, so that a back catalogue is not mailed.
pub fn eligible_at(published: Option<DateTime<Utc>>, first_seen: DateTime<Utc>, back_catalogue: bool) -> DateTime<Utc> {
    match published {
        Some(at) if back_catalogue => at,
        Some(at) => at.max(first_seen),
        None => first_seen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_date_in_2099_or_before_1995_is_not_believed() {
        let now = at("2026-11-20T17:00:00Z");
        assert_eq!(believed(Some(at("2099-01-01T00:00:00Z")), now), None);
        assert_eq!(believed(Some(at("1970-01-01T00:00:00Z")), now), None);
        assert_eq!(believed(Some(at("2026-11-20T19:00:00Z")), now), Some(now));
        assert_eq!(believed(Some(at("2026-11-19T19:00:00Z")), now), Some(at("2026-11-19T19:00:00Z")));
    }

    #[test]
    fn a_story_seen_late_belongs_to_the_window_of_its_first_sight() {
        let (published, seen) = (at("2026-11-13T10:00:00Z"), at("2026-11-14T10:00:00Z"));
        assert_eq!(eligible_at(Some(published), seen, false), seen);
        assert_eq!(eligible_at(Some(published), seen, true), published);
        assert_eq!(eligible_at(None, seen, true), seen);
    }
}
