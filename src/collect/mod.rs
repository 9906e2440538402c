//! Sources → articles: fetch, read, clean, decide which story it is, keep.
//!
//! Everything that comes from outside passes here once: bytes are bounded, text is decoded, markup is cleaned and typed as clean. Must not compose
//! or mail anything.

pub mod discover;
mod habit;
mod last_look;
pub mod link_check;
mod robots;
mod run;
mod visit;

// From the network to text.
pub mod decode;
pub mod entities;
pub mod fetch;

// What stands between hostile markup and a parser, and what is left of it.
pub mod clean;
pub mod guard;
pub mod notices;
pub mod prose;

// The kinds of document.
pub mod calendar;
pub mod dates;
pub mod feed;
pub mod folder;
pub mod language;
pub mod links;
pub mod page;
pub mod ranking;
pub mod saved_mail;
pub mod saved_text;
pub mod sitemap;
pub mod wordpress;
pub mod xml;

// What becomes of what was seen.
pub mod identity;
pub mod inspect;
pub mod pictures;

#[cfg(test)]
mod tests;

pub use habit::silence;
pub use last_look::{LookReport, last_look};
pub use run::{CollectReport, Manner, SourceReport, Status, collect};
pub use visit::{AddError, Added, add_page};
