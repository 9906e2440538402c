//! Articles → issue: select what is eligible, score it, arrange it into sections, render each distinct cut, freeze.
//!
//! No I/O but the store. Composing and arranging are functions of their arguments: same input, same bytes, always.

pub mod archive;
pub mod arrange;
pub mod compose;
pub mod correct;
pub mod dates;
pub mod edition;
pub mod explain;
pub mod fit;
pub mod freeze;
pub mod hand;
pub mod markdown;
pub mod review;
pub mod score;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

use crate::store::StoreError;

/// Why an issue was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stored cut-off of the last issue lies after this one.
    #[error(transparent)]
    Window(#[from] crate::domain::window::WindowError),
    /// Somebody else composed an issue for the same date in this moment.
    #[error("the issue of {0} was composed by another process just now; look at it with `issues list`")]
    ComposedElsewhere(String),
    /// Readers kept choosing new topics faster than they could be rendered.
    #[error("readers changed their topics while the issue was frozen; try again")]
    Restless,
    /// It is held, cancelled, or changed since it was approved.
    #[error("the issue is not approved any more; look at it with `issues show`")]
    NotApproved,
    /// Only what was sent can be amended.
    #[error("the issue was not sent yet: change it with `issues edit`")]
    NotSent,
    /// Not everybody who will have it has it yet.
    #[error("the issue is still going out: stop it with `issues hold`, or wait until everybody has it")]
    StillSending,
    /// No relay took it for anybody, or so long ago that single deliveries are not kept any more, or all who have it left.
    #[error("nobody who may be mailed is known to have the issue: there is nobody to write to")]
    NobodyHasIt,
    /// A correction without words.
    #[error("the note is empty: it has to say what was wrong and what is right")]
    NothingSaid,
    /// The same words about the same issue.
    #[error("exactly this was said about the issue on {0}; nobody gets it twice")]
    CorrectedAlready(String),
    /// What was withdrawn is amended no more.
    #[error("the issue was withdrawn already")]
    Withdrawn,
    /// The issue holds no such story.
    #[error("the issue holds no story {0}; it holds: {1}")]
    NoStory(i64, String),
}
