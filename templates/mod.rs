//! From domain values to markup and text: the digest in HTML and plain text, the pages that readers see, the preview, the single mails.
//!
//! Functions only: no I/O, no clock, no queries; the same arguments give the same bytes. Markup without escaping is written in `raw` alone.
//!
//! | where | what |
//! |---|---|
//! | `desk` | the pages of editors |
//! | `digest` | one issue: [`digest::html`] for mail and web, [`digest::text`] for the text part |
//! | `pages` | the pages of readers and visitors, and their style sheet |
//! | `feeds` | the archive for programs: RSS, JSON Feed, Atom, site map, calendar |
//! | `preview` | the shell of `preview --serve`, and the views in the dark and without pictures |
//! | `letters` | single mails to one reader |
//! | `single` | the texts of mails to the house |
//! | `texts`, `dates` | the fixed texts and dates of each language |
//! | `tokens`, `accent` | colours, type, and a brand's own colour made legible |
//! | `typography`, `writing` | line ends and sentences; scripts, digits, direction |

pub mod accent;
pub mod dates;
pub mod desk;
pub mod digest;
pub mod feeds;
pub mod letters;
pub mod pages;
pub mod preview;
pub mod raw;
pub mod review;
pub mod single;
pub mod texts;
pub mod tokens;
pub mod typography;
pub mod writing;

/// Where the body of an issue is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// In a reader's mail, with slots for what is theirs.
    Mail {
        /// How its pictures come.
        pictures: Pictures,
    },
    /// On its public page.
    Web,
}

/// How pictures come into a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pictures {
    /// Inside it, shown by `cid:` (RFC 2392).
    Embedded,
    /// From the web.
    Linked,
}
