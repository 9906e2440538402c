//! What is done to an issue after it was sent: what the public sees of it is amended or withdrawn, and those who have it are told by a short letter. The command line
//! and the desk both act through here, so a deed is checked, done and noted in the audit alike. Delivers nothing: a letter that is on its way goes out like any issue.

use crate::app::{App, AppError};
use crate::domain::archive::Change;
use crate::domain::issue::IssueId;
use crate::domain::text::Line;
use crate::publish::PublishError;
use crate::publish::archive::amend;
use crate::publish::correct::{Draft, draft};
use crate::publish::edition::revise_current;
use crate::store::StoreError;
use crate::store::corrections::NewCorrection;
use crate::store::issues::{IssueRow, Revised};

/// An issue that was sent, and who does something to it.
#[derive(Clone, Copy)]
pub struct Afterwards<'a> {
    /// The program.
    pub app: &'a App,
    /// The issue.
    pub row: &'a IssueRow,
    /// Who acts: the name in the audit.
    pub actor: &'a str,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The word of the audit.
    pub action: &'static str,
    /// Sentences, the deed first, then what it led to.
    pub sentences: Vec<String>,
}

/// Why it was not. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum AfterError {
    /// The program.
    #[error(transparent)]
    App(#[from] AppError),
    /// This installation does not mail.
    #[error("{0}")]
    Closed(String),
    /// Readers are told nothing.
    #[error("a note must say in a sentence what was changed")]
    NoNote,
    /// Nothing to take off.
    #[error("{0} has no correction that stands in the next issue")]
    NotInNext(String),
    /// What was looked at is not what would go out now.
    #[error("the letter would not read as you saw it any more; look at it once more")]
    NotAsSeen,
}

impl From<StoreError> for AfterError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl From<PublishError> for AfterError {
    fn from(error: PublishError) -> Self {
        Self::App(error.into())
    }
}

impl Afterwards<'_> {
    /// The letter about what was wrong, as it would go out.
    pub fn draft(&self, note: &str) -> Result<Draft, AfterError> {
        Ok(draft(&self.app.store, self.row, note, self.app.now())?)
    }

    /// Whether letters may leave here at all.
    pub fn may_mail(&self) -> Result<(), AfterError> {
        match &self.app.gate().closed {
            Some(reason) => Err(AfterError::Closed(reason.clone())),
            None => Ok(()),
        }
    }

    /// Sends a letter to exactly those who have the issue, once. From then on it is being delivered; the issue of the letter is returned.
    pub fn correct(&self, draft: Draft, in_next: bool) -> Result<(IssueId, Done), AfterError> {
        self.may_mail()?;
        let id = draft.send(&self.app.store, self.actor, in_next, self.app.now())?;
        let mut done = self.done("correct", "is being corrected by a letter to those who have it")?;
        done.sentences.extend(self.revise_next()?);
        Ok((id, done))
    }

    /// Changes what the public sees, with a note beside today's date; the next issue may say so, too.
    pub fn amend(&self, change: Change, note: &str, in_next: bool) -> Result<Done, AfterError> {
        let line = Line::clean(note);
        if line.is_empty() {
            return Err(AfterError::NoNote);
        }
        let (action, sentence) = match change {
            Change::Withdrawn => {
                ("withdraw", "is withdrawn: its page says so (410), and no list, feed or search shows it")
            }
            _ => ("amend", "reads differently on the web from now on"),
        };
        amend(&self.app.store, self.row.id, change, line, self.actor, self.app.now())?;
        let mut done = self.done(action, sentence)?;
        if in_next {
            let new =
                NewCorrection { corrects: self.row.id, note, actor: self.actor, in_next: true, at: self.app.now() };
            if self.app.store.announce_correction(&new)? {
                done.sentences.push("The next issue says so, too.".to_owned());
                done.sentences.extend(self.revise_next()?);
            }
        }
        Ok(done)
    }

    /// The next issue prints none of this one's corrections any more.
    pub fn take_off_the_next(&self) -> Result<Done, AfterError> {
        if self.app.store.offer_corrections(self.row.id, false)? == 0 {
            return Err(AfterError::NotInNext(self.row.name()));
        }
        let mut done = self.done("correct", "is not corrected in the next issue")?;
        done.sentences.extend(self.revise_next()?);
        Ok(done)
    }

    fn done(&self, action: &'static str, sentence: &str) -> Result<Done, AfterError> {
        let about = format!("{} {}", self.row.slug, self.row.name());
        self.app.store.audit(self.actor, action, &about, sentence, self.app.now())?;
        Ok(Done { action, sentences: vec![format!("{about} {sentence}.")] })
    }

    /// The next issue may be composed already: then it is composed anew with what stands first in it now.
    fn revise_next(&self) -> Result<Option<String>, AfterError> {
        let (app, newsletter) = (self.app, self.app.newsletter(self.row.slug.as_str())?);
        let revised = revise_current(&app.store, newsletter, app.desk(), self.row.newsletter, app.now())?;
        Ok(match revised {
            Some((next, Revised::New { asks_again, .. })) => {
                let again = if asks_again { "; it has to be approved again" } else { "" };
                Some(format!("{} was composed anew{again}.", next.name()))
            }
            _ => None,
        })
    }
}
