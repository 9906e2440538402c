//! What is known of a newsletter's coming issue: where it stands, and what its pages show of it.

use super::DeskError;
use crate::app::App;
use crate::domain::delivery::Tally;
use crate::domain::issue::{Choice, Issue, IssueState, hex};
use crate::domain::newsletter::{Newsletter, Review};
use crate::domain::preflight::Check;
use crate::domain::schedule::Occurrence;
use crate::publish::arrange::cut;
use crate::publish::edition::coming;
use crate::store::facts;
use crate::store::issues::IssueRow;
use crate::templates::desk::{Coming, Stage};
use chrono::{DateTime, TimeDelta, Utc};

/// The coming issue, with all that its pages show.
#[derive(Debug)]
pub(super) struct Standing {
    /// The newsletter as it is configured now.
    pub(super) newsletter: Newsletter,
    /// Its number.
    pub(super) number: u32,
    /// Its row, once it was composed.
    pub(super) row: Option<IssueRow>,
    /// Its content: settled, or as it would be now.
    pub(super) issue: Issue,
    occurrence: Option<Occurrence>,
    tally: Tally,
    readers: u64,
    sections: usize,
    locked: Option<String>,
    blocked: Option<String>,
    held: Option<String>,
    seen: Option<String>,
    withdrawn: bool,
    now: DateTime<Utc>,
}

impl Standing {
    /// Finds out: the issue that waits, is going out or is stopped, else the one of the next date.
    pub(super) fn of(app: &App, newsletter: &Newsletter) -> Result<Self, DeskError> {
        let (id, now) = (app.newsletter_id(newsletter)?, app.now());
        let row = app.store.open_issues(id)?.into_iter().find(|row| row.number.is_some());
        let occurrence = match &row {
            Some(row) => Some(row.occurrence),
            None => coming(&app.store, newsletter, id, now)?,
        };
        let settled = row.as_ref().map(|row| app.store.revision(row.id)).transpose()?.flatten();
        let (seen, issue) = match settled {
            Some((_, hash, issue)) => (Some(hex(&hash)), issue),
            None => (None, app.look(newsletter, now)?.issue),
        };
        let withdrawn = match &row {
            Some(row) if row.state == IssueState::Held => app.store.fact(&facts::withdrawn(row.id))?.is_some(),
            _ => false,
        };
        let sections = cut(&issue, &Choice::Everything).sections.len();
        Ok(Self {
            number: row.as_ref().and_then(|row| row.number).unwrap_or(issue.number),
            tally: row.as_ref().map_or(Ok(Tally::default()), |row| app.store.tally(row.id))?,
            readers: app.readers_of_next(id)?,
            locked: app.gate().closed.clone(),
            blocked: row.as_ref().map_or(Ok(None), |row| blocked(app, row))?,
            held: if row.is_some() { None } else { app.store.fact(&facts::hold(id))? },
            seen,
            withdrawn,
            newsletter: newsletter.clone(),
            row,
            issue,
            occurrence,
            sections,
            now,
        })
    }

    /// How it is told in words, as in the audit: `week No. 215`.
    pub(super) fn about(&self) -> String {
        format!("{} No. {}", self.newsletter.slug, self.number)
    }

    /// As the pages show it.
    pub(super) fn shown(&self) -> Coming<'_> {
        let cut_off = TimeDelta::minutes(i64::from(self.newsletter.cutoff_minutes));
        let stage = match &self.row {
            Some(row) => Stage::Settled { state: row.state, reason: row.reason.as_deref(), tally: self.tally },
            None => Stage::Collecting,
        };
        Coming {
            newsletter: &self.newsletter,
            number: self.number,
            occurrence: self.occurrence,
            cut_off: self.occurrence.map(|occurrence| occurrence.at - cut_off),
            stage,
            readers: self.readers,
            stories: self.issue.stories.len(),
            sections: self.sections,
            asks: self.newsletter.policy.review == Review::Approve,
            locked: self.locked.as_deref(),
            blocked: self.blocked.clone(),
            held: self.held.as_deref(),
            seen: self.seen.clone(),
            withdrawn: self.withdrawn,
            now: self.now,
        }
    }
}

/// What the checks of an issue have against it and nobody took upon themselves, in a few words.
fn blocked(app: &App, row: &IssueRow) -> Result<Option<String>, DeskError> {
    let Some(report) = app.store.preflight(row.id)? else { return Ok(None) };
    let anyway = app.store.anyway(row.id)?;
    let is_open = |name: &str| anyway.as_ref().is_none_or(|anyway| !anyway.covers.iter().any(|known| known == name));
    let words: Vec<String> = report.blocking().filter(|check| is_open(&check.name)).map(small).collect();
    Ok((!words.is_empty()).then(|| words.join(", ")))
}

/// The words of a finding within a sentence.
fn small(check: &Check) -> String {
    let words = check.words();
    let mut chars = words.chars();
    chars.next().into_iter().flat_map(char::to_lowercase).chain(chars).collect()
}
