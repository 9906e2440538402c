//! A short letter to those who have an issue in which something was wrong: drafted and looked at first, mailed once, through the same ledger as the
//! issue itself. Sends nothing; what is being sent goes out like any issue.

use super::PublishError;
use super::arrange::cut;
use super::freeze::{in_language, variant_of};
use super::markdown::prose;
use crate::domain::issue::{Choice, Correction, Cut, Issue, IssueId, IssueState, Written};
use crate::domain::slot::fill;
use crate::domain::subscriber::Format;
use crate::domain::text::{Language, Line};
use crate::store::Store;
use crate::store::corrections::{CorrectionRefusal, Letter, NewCorrection};
use crate::store::issues::{IssueRow, Variant};
use crate::templates::digest::correction_label;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// A correction that was drafted and nobody has yet.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The issue that was wrong.
    pub corrects: IssueId,
    /// What was wrong and what is right, in Markdown.
    pub note: String,
    /// How many have the issue and may still be mailed.
    pub readers: u64,
    /// As it would go out.
    pub letter: Letter,
}

/// How often readers may change their minds between rendering and writing.
const TRIES: usize = 5;

/// Drafts the letter about an issue for those who have it.
pub fn draft(store: &Store, row: &IssueRow, note: &str, now: DateTime<Utc>) -> Result<Draft, PublishError> {
    let note = note.trim();
    let words = prose(note);
    if words.is_empty() {
        return Err(PublishError::NothingSaid);
    }
    let sent = store.sent_revision(row.id)?.ok_or(PublishError::NotSent)?;
    if row.state == IssueState::Sending {
        return Err(PublishError::StillSending);
    }
    let content = Issue {
        subject: words.line(),
        written: Written { subject: None, preheader: Some(Line::clean_to(words.line().as_str(), PREHEADER)) },
        corrections: vec![Correction { number: sent.number, text: words }],
        ..Issue::empty(sent.newsletter, sent.number, sent.occurrence, sent.window)
    };
    let (readers, wishes) = store.readers_of(row.id, &content.newsletter.language, now)?;
    if readers == 0 {
        return Err(PublishError::NobodyHasIt);
    }
    Ok(Draft { corrects: row.id, note: note.to_owned(), readers, letter: letter(content, &wishes) })
}

/// What inboxes show of the words beside the subject.
const PREHEADER: usize = 200;

fn letter(issue: Issue, wishes: &[(Language, Format)]) -> Letter {
    let mut variants: Vec<Variant> = Vec::new();
    let mut places: HashMap<(Language, Format), usize> = HashMap::new();
    let mut served = Vec::new();
    for (language, format) in wishes {
        let translated = in_language(&issue, language);
        let key = (translated.newsletter.language.clone(), *format);
        let at = *places.entry(key).or_insert_with(|| {
            variants.push(rendered(&translated, *format));
            variants.len() - 1
        });
        served.push((language.clone(), *format, at));
    }
    Letter { issue, variants, wishes: served }
}

fn rendered(issue: &Issue, format: Format) -> Variant {
    let whole: Cut<'_> = cut(issue, &Choice::Everything);
    let label =
        issue.corrections.iter().map(|correction| correction_label(correction, &issue.newsletter.language)).next();
    Variant { subject: label.unwrap_or_default(), ..variant_of(&whole, format) }
}

impl Draft {
    /// Subject and text of the letter as most get it, without what differs from reader to reader.
    pub fn shown(&self) -> (&str, String) {
        let Some(letter) = self.letter.variants.first() else { return ("", String::new()) };
        (&letter.subject, fill(&letter.text, |_| "…".to_owned()))
    }

    /// What was looked at: another letter has another.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for letter in &self.letter.variants {
            for part in [&letter.subject, &letter.text, &letter.html] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
        hash.finalize().into()
    }

    /// Sends it: from then on it is delivered like an issue. Never twice: the same words about the same issue are refused.
    pub fn send(
        mut self,
        store: &Store,
        actor: &str,
        in_next: bool,
        now: DateTime<Utc>,
    ) -> Result<IssueId, PublishError> {
        for _ in 0..TRIES {
            let new = NewCorrection { corrects: self.corrects, note: &self.note, actor, in_next, at: now };
            match store.insert_correction(&new, &self.letter)? {
                Ok(id) => return Ok(id),
                Err(CorrectionRefusal::Said(at)) => {
                    return Err(PublishError::CorrectedAlready(at.format("%Y-%m-%d %H:%M UTC").to_string()));
                }
                Err(CorrectionRefusal::TooFast) => return Err(PublishError::Restless),
                Err(CorrectionRefusal::NewWishes) => {
                    let (_, wishes) = store.readers_of(self.corrects, &self.letter.issue.newsletter.language, now)?;
                    self.letter = letter(self.letter.issue, &wishes);
                }
            }
        }
        Err(PublishError::Restless)
    }
}
