//! The pages of readers and visitors: plain documents that need no script. A page that shows something changes nothing; what changes something is a
//! form that a person sends.

mod archive;
mod issue;
mod confirm;
mod fresh;
mod question;
mod reader;
mod shell;
mod signup;
mod visitor;

pub use archive::{IssueList, Search, StoryList, encoded, events, issues, readers_only, search, stories, withdrawn};
pub use confirm::{Confirming, OnTheList, confirm, confirm_wording, confirmed, link_expired, link_gone};
pub use fresh::{Button, Done, ask_mail, done, erase_me, move_here, my_data, new_address, send_link, undo};
pub use issue::{Around, issue_name};
pub use question::{Again, Asked};
pub use reader::{Leaving, Other, Pause, Preferences, Said, Why, Wrong, goodbye, preferences, unsubscribe};
pub use shell::{CSS, ICON, Site, css_version};
pub use signup::{Filled, HONEYPOT, Latest, Notice, SignUp, check_your_mail, embedded, sign_up, sign_up_wording};
pub use visitor::{Letter, busy, failure, form_not_valid, front, link_not_valid, not_found};

pub(super) use issue::issue;

#[cfg(test)]
pub(super) use visitor::tests::newsletter as sample_newsletter;
