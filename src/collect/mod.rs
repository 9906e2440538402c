//! Sources → articles: fetch, read, clean, decide which story it is, keep.
//!
//! Everything that comes from outside passes here once: bytes are bounded, text is decoded, markup is cleaned and typed as clean. Must not compose
//! or mail anything.

pub mod clean;
pub mod dates;
pub mod decode;
pub mod entities;
pub mod feed;
pub mod folder;
pub mod guard;
pub mod language;
pub mod notices;
pub mod page;
pub mod prose;
pub mod saved_text;
pub mod xml;
