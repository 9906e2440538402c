//! What a publisher adds to the design beside the accent: a logo, the stack of the headlines, the tint of the one tinted band, and the line that
//! inboxes show beside the subject. Sizes, measure, ink and rules are not theirs to change.

use serde::{Deserialize, Serialize};
use url::Url;

/// The widest that a logo is shown, in CSS pixels; its file has twice as many.
pub const LOGO_WIDTH: u32 = 320;
/// The highest that a logo is shown.
pub const LOGO_HEIGHT: u32 = 64;

/// The type of headlines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Headlines {
    /// Georgia and its kin.
    #[default]
    Serif,
    /// Helvetica and its kin.
    Sans,
}

/// A logo as it is shown over the title, in place of the publication's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logo {
    /// Where it lies: https, PNG or JPEG.
    pub url: Url,
    /// CSS pixels across.
    pub width: u32,
    /// CSS pixels down.
    pub height: u32,
}

/// What a publisher adds to the design.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Livery {
    /// The logo, if there is one; else the name stands in type.
    pub logo: Option<Logo>,
    /// The type of headlines.
    pub headlines: Headlines,
    /// The ground of the tinted band, `#rrggbb`, light enough to read on; the design's own if not set.
    pub tint: Option<String>,
    /// A template for the line beside the subject; made of the headlines if empty.
    pub preheader: String,
}
