//! The pages of readers and visitors: plain documents that need no script. A page that shows something changes nothing; what changes something is a
//! form that a person sends.

mod archive;
mod issue;
mod reader;
mod shell;
mod visitor;

pub use archive::{IssueList, Search, StoryList, encoded, events, issues, readers_only, search, stories, withdrawn};
pub use issue::{Around, issue_name};
pub use reader::{Leaving, Pause, Preferences, Wrong, goodbye, preferences, unsubscribe};
pub use shell::{CSS, ICON, Site, css_version};
pub use visitor::{Letter, failure, form_not_valid, front, link_not_valid, not_found, subscribe};

pub(super) use issue::issue;

#[cfg(test)]
pub(super) use visitor::tests::newsletter as sample_newsletter;
