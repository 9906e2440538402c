//! What was done to a mail so that no mail program cuts it off.

use serde::{Deserialize, Serialize};

/// The most bytes of a mail's HTML as it travels. Gmail cuts at 102,400 and then hides the end, the footer with it.
pub const BUDGET: usize = 100_000;

/// How a mail came to fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fit {
    /// Bytes of its HTML before anything was done, encoded, with every slot filled; 0 for text alone.
    pub asked: usize,
    /// Bytes of its HTML as it goes out.
    pub size: usize,
    /// Pictures of sections that were left out.
    pub pictures: usize,
    /// Stories that lost their summary.
    pub shortened: usize,
    /// Stories that became "more on the web".
    pub folded: usize,
}

/// What one story gave up so that the mail fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GivenUp {
    /// Its picture.
    Picture,
    /// Its summary, and its picture if it had one.
    Summary,
    /// Its place: it stands on the web alone.
    Place,
}

impl Fit {
    /// Whether anything was done.
    pub fn is_trimmed(self) -> bool {
        self.pictures + self.shortened + self.folded > 0
    }

    /// Whether it is small enough now.
    pub fn fits(self) -> bool {
        self.size <= BUDGET
    }
}

impl std::fmt::Display for Fit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} KB of at most {} KB", self.size.div_ceil(1_000), BUDGET / 1_000)?;
        if self.is_trimmed() {
            write!(
                f,
                " ({} KB before; {} pictures left out, {} summaries, {} stories on the web only)",
                self.asked.div_ceil(1_000),
                self.pictures,
                self.shortened,
                self.folded
            )?;
        }
        if self.fits() { Ok(()) } else { f.write_str("; Gmail will cut it off") }
    }
}
