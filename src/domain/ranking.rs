//! What a site's own numbers say is read most. Never guessed from clicks in mails: there are none to count.

use crate::domain::text::{Language, Line};
use serde::{Deserialize, Serialize};
use url::Url;

/// A page in a site's list, as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RankedPage {
    /// Its address.
    pub url: Url,
    /// The canonical form of that, by which its story is known.
    pub key: String,
    /// Its headline, if the list has one.
    pub title: Option<Line>,
    /// How often it was read, if the list says so.
    pub views: Option<u64>,
}

/// A page under "Most read" in an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MostRead {
    /// Headline.
    pub title: Line,
    /// Where it lies.
    pub url: Url,
    /// Its language, if it is known.
    pub language: Option<Language>,
}
