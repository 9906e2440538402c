//! The verbs by which people decide whether an issue goes, for the command line and the desk alike: approve, hold, go on, reopen, cancel. Each is
//! noted in the audit with who did it. Sends nothing and asks nobody whether they are sure.
//!
//! | verb | from | to |
//! |---|---|---|
//! | [`Editor::approve`] | composed, waiting, held | approved: goes out when it is due, however late |
//! | [`Editor::approve_without_withdrawn`] | held because stories were withdrawn | approved, without those stories |
//! | [`Editor::hold`] | composed, waiting, approved; sending | held; stopped in the middle |
//! | [`Editor::resume`] | stopped; held | sending; approved |
//! | [`Editor::reopen`] | held, approved, frozen before the first mail, stopped | waiting, with its number and date |
//! | [`Editor::cancel`] | all that is not finished | cancelled |
//! | [`Editor::hold_coming`], [`Editor::let_coming_go`] | not composed yet | composed as held; as usual |

use super::PublishError;
use super::hand::{Editor, HandError};
use crate::domain::article::ArticleId;
use crate::domain::hand::{Actor, Place, StoryEdit};
use crate::domain::issue::IssueState;
use crate::store::StoreError;
use crate::store::alarms::NOT_APPROVED;
use crate::store::facts;
use crate::store::issues::IssueRow;
use crate::store::review::{CancelledWhen, Released, Reopened};

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The word of the audit.
    pub action: &'static str,
    /// Which issue: `week No. 215`.
    pub about: String,
    /// What follows, after `about`.
    pub sentence: String,
}

/// Why a decision was refused. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// The store, or composing anew.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// A withdrawn story could not be taken out.
    #[error(transparent)]
    Hand(#[from] HandError),
    /// It stands where that cannot be done.
    #[error("{about} is {state}: {only}")]
    NotNow {
        /// Which issue.
        about: String,
        /// Where it stands.
        state: &'static str,
        /// What could be done instead.
        only: &'static str,
    },
    /// The issue changed after the person had looked at it.
    #[error(
        "{0} has changed since you looked at it, so nothing was approved; look at it once more and approve it then"
    )]
    Changed(String),
    /// A moment after a stop.
    #[error("{1} messages of {0} are still in the relay's hands; wait some seconds and try again")]
    InHand(String, u64),
    /// Nothing was withdrawn.
    #[error("no story of {0} was withdrawn; `issues approve` lets it go")]
    NothingWithdrawn(String),
}

impl From<StoreError> for ReviewError {
    fn from(error: StoreError) -> Self {
        Self::Publish(error.into())
    }
}

/// The states in which an issue waits for its time or for a person.
const WAITING: [IssueState; 3] = [IssueState::Composed, IssueState::Waiting, IssueState::Approved];

impl Editor<'_> {
    /// Lets an issue go. `seen`: the hash of the revision that was looked at; another one is not approved.
    pub fn approve(&self, row: &IssueRow, seen: Option<&[u8]>) -> Result<Decided, ReviewError> {
        match self.store.release_issue(row.id, seen, self.now)? {
            Released::Yes => {}
            Released::Changed => return Err(ReviewError::Changed(about(row))),
            Released::NotNow => return Err(not_now(row, "only one that waits can be approved")),
        }
        self.store.clear_alarm(NOT_APPROVED, self.newsletter.slug.as_str())?;
        let revision = row.revision.unwrap_or_default();
        self.decided(row, "approve", format!("goes out as soon as it is due, as revision {revision}"))
    }

    /// Drops the stories for which the last look held an issue, and lets it go.
    pub fn approve_without_withdrawn(&self, row: &IssueRow) -> Result<Decided, ReviewError> {
        let withdrawn = self.store.fact(&facts::withdrawn(row.id))?.unwrap_or_default();
        let articles: Vec<ArticleId> = withdrawn.split(',').filter_map(|id| id.parse().ok()).map(ArticleId).collect();
        if articles.is_empty() || row.state != IssueState::Held {
            return Err(ReviewError::NothingWithdrawn(about(row)));
        }
        for article in articles {
            self.story(article, vec![StoryEdit::Place(Some(Place::Drop))])?;
        }
        let row = self.store.issue(row.id)?.ok_or(PublishError::NotApproved)?;
        self.approve(&row, None)
    }

    /// Keeps an issue from going out, or stops it in the middle.
    pub fn hold(&self, row: &IssueRow, why: &str) -> Result<Decided, ReviewError> {
        if self.store.move_issue(row.id, &WAITING, IssueState::Held, Some(why), self.now)? {
            return self.decided(row, "hold", "is held".to_owned());
        }
        if self.store.move_issue(row.id, &[IssueState::Sending], IssueState::Paused, Some(why), self.now)? {
            let tally = self.store.tally(row.id)?;
            let sentence = format!("is stopped; {} of {} had been handed over", tally.accepted, tally.recipients);
            return self.decided(row, "hold", sentence);
        }
        Err(not_now(row, "there is nothing to hold"))
    }

    /// Goes on with an issue that was stopped, or lets one go that was held.
    pub fn resume(&self, row: &IssueRow) -> Result<Decided, ReviewError> {
        if row.state == IssueState::Held {
            return self.approve(row, None);
        }
        if !self.store.move_issue(row.id, &[IssueState::Paused], IssueState::Sending, None, self.now)? {
            return Err(not_now(row, "only one that was stopped can go on"));
        }
        self.decided(row, "resume", "goes on: by itself while `run` runs, else with `send`".to_owned())
    }

    /// Gives an issue back to be changed, under its number and date. Whoever has it keeps what they have and gets nothing more.
    pub fn reopen(&self, row: &IssueRow) -> Result<Decided, ReviewError> {
        let reason = format!("reopened by {}", self.audit_name());
        let sentence = match self.store.reopen_issue(row.id, &reason)? {
            Reopened::Whole => "is open again and waits for approval; nobody has it".to_owned(),
            Reopened::Stopped { have, left } => format!(
                "is open again and waits for approval; {have} have it or may have it and get no other, {left} get it as it will be"
            ),
            Reopened::InHand(open) => return Err(ReviewError::InHand(about(row), open)),
            Reopened::NotNow if row.state == IssueState::Sending => {
                return Err(not_now(row, "hold it first, then reopen it"));
            }
            Reopened::NotNow => return Err(not_now(row, "only one that waits or was stopped can be reopened")),
        };
        self.decided(row, "reopen", sentence)
    }

    /// Takes an issue back for good.
    pub fn cancel(&self, row: &IssueRow, why: &str) -> Result<Decided, ReviewError> {
        let sentence = match self.store.cancel_issue(row.id, why, self.now)? {
            Some(CancelledWhen::BeforeFirstClaim) => "is cancelled; its stories and its number are free again",
            Some(CancelledWhen::PartlySent) => "is cancelled; some have it, so it keeps its number and its stories",
            None => return Err(not_now(row, "only one that is not finished can be taken back")),
        };
        self.decided(row, "cancel", sentence.to_owned())
    }

    /// Holds the issue that is still collected: at its cut-off it is composed and does not go out by itself.
    pub fn hold_coming(&self, number: u32, why: &str) -> Result<Decided, ReviewError> {
        self.store.set_fact(&facts::hold(self.id()?), why)?;
        self.noted(
            &format!("No. {number}"),
            "hold",
            "is held: it will be composed at its cut-off and goes out once it is approved".to_owned(),
        )
    }

    /// Takes that back.
    pub fn let_coming_go(&self, number: u32) -> Result<Decided, ReviewError> {
        if self.store.take_fact(&facts::hold(self.id()?))?.is_none() {
            return Err(ReviewError::NotNow {
                about: format!("{} No. {number}", self.newsletter.slug),
                state: "still collected",
                only: "it can be approved once its stories are settled",
            });
        }
        self.noted(&format!("No. {number}"), "approve", "is not held any more".to_owned())
    }

    fn decided(&self, row: &IssueRow, action: &'static str, sentence: String) -> Result<Decided, ReviewError> {
        self.noted(&row.name(), action, sentence)
    }

    fn noted(&self, name: &str, action: &'static str, sentence: String) -> Result<Decided, ReviewError> {
        let about = format!("{} {name}", self.newsletter.slug);
        self.store.audit(&self.audit_name(), action, &about, &sentence, self.now)?;
        Ok(Decided { action, about, sentence })
    }

    /// How the audit calls who acts.
    pub(super) fn audit_name(&self) -> String {
        match self.actor {
            Actor::CommandLine | Actor::File => "operator".to_owned(),
            Actor::Editor(name) => name.clone(),
        }
    }
}

fn about(row: &IssueRow) -> String {
    format!("{} {}", row.slug, row.name())
}

fn not_now(row: &IssueRow, only: &'static str) -> ReviewError {
    ReviewError::NotNow { about: about(row), state: row.state.as_str(), only }
}
