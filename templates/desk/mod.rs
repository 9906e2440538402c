//! The pages of editors: the coming issues, their stories and face, what was sent, and the door. Plain documents that need no script, in English
//! like the command line; every form posts, carries its token, and is one verb.

mod dates;
mod deeds;
mod door;
mod face;
mod home;
mod lists;
mod pair;
mod preview;
mod readers;
mod sent;
mod shell;
mod standing;
mod stories;

pub use dates::{DateFate, DateLine, dates};
pub use door::{Door, Session, account, join, no_invitation, sign_in};
pub use face::{Order, face};
pub use home::{Check, Home, Level, Sent, Trouble, home};
pub use lists::{Past, SourceLine, Well, audit, issues, sources};
pub use pair::{By, Input, Pair};
pub use preview::{Showing, View, look, preview};
pub use readers::{Entry, ReaderShown, Subscribed, readers};
pub use sent::{LetterShown, SentIssue, SentStory, ToldLine, sent};
pub use shell::{CSS, Page, Said, css_version, notice};
pub use standing::{Coming, Stage, moment as moment_of, sentence};
pub use stories::{ChangeLine, Group, StoryLine, stories, story};
