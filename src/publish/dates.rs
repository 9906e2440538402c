//! The verbs by which people change the dates of a newsletter, for the command line and the desk alike: skip, move, pause, and back again. Each is
//! noted in the audit. An issue that was composed for such a date follows; one that is going out, or went, does not.

use super::PublishError;
use super::edition::revise;
use super::hand::Editor;
use super::review::Decided;
use crate::domain::issue::IssueState;
use crate::domain::plan::{Changed, DateChange, Fate, Plan, PlanError, Planned};
use crate::domain::schedule::{Occurrence, instant};
use crate::domain::when::{self, When};
use crate::store::StoreError;
use crate::store::issues::IssueRow;
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

/// Days around a day among which dates that are moved to it are looked for.
const AROUND: TimeDelta = TimeDelta::days(40);

/// Why dates were not changed. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DatesError {
    /// The store, or composing anew.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The schedule has no such date, or it would pass another.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// It cannot be read.
    #[error("{0:?} is no date: write it as 2026-04-03 or \"2026-04-03 17:00\"")]
    Unreadable(String),
    /// It cannot be read as another time for a date.
    #[error("{0:?} is no time: write \"2026-04-02 16:00\", \"Thursday 16:00\" or 16:00")]
    UnreadableTime(String),
    /// A day with several dates.
    #[error("{0} has several dates: {1}; say which, with its time")]
    Several(String, String),
    /// A reason is shown to everybody who looks at the schedule.
    #[error("say why, for the others who look at the schedule")]
    NoReason,
    /// An issue went out for it, or is going out, or it was skipped.
    #[error("the date of {0} is used up: its issue is {1}")]
    UsedUp(String, &'static str),
    /// It lies in the past.
    #[error("{0} is over; `schedule --next` shows the dates to come")]
    Over(String),
    /// Nothing to take back.
    #[error("{0} is as the schedule has it")]
    Unchanged(String),
    /// No pause.
    #[error("{0} is not paused")]
    NotPaused(String),
}

impl From<StoreError> for DatesError {
    fn from(error: StoreError) -> Self {
        Self::Publish(error.into())
    }
}

impl Editor<'_> {
    /// Nothing goes out for a date; its stories are in the next issue.
    pub fn skip_date(&self, date: &str, because: &str) -> Result<Decided, DatesError> {
        let because = reason(because)?;
        let date = self.changeable(date)?;
        self.keep_dates(DateChange::Skip { date: date.key() }, because)?;
        if let Some(row) = self.row(date)? {
            self.store.skip_issue(row.id, &format!("skipped: {because}"), self.now)?;
        }
        self.noted_date(date, "skip", format!("is skipped: {because}"))
    }

    /// A date is another one, once.
    pub fn move_date(&self, date: &str, to: &str, because: &str) -> Result<Decided, DatesError> {
        let because = reason(because)?;
        let date = self.changeable(date)?;
        let to = when::instead_of(date.key(), to).ok_or_else(|| DatesError::UnreadableTime(to.to_owned()))?;
        let moved = self.plan()?.check_move(date.key(), to)?;
        if moved.at <= self.now {
            return Err(DatesError::Over(said(to)));
        }
        self.keep_dates(DateChange::Move { date: date.key(), to }, because)?;
        self.follow(moved)?;
        self.noted_date(date, "move", format!("is moved to {}: {because}", said(to)))
    }

    /// No date counts from now until before a day.
    pub fn pause_dates(&self, until: &str, because: &str) -> Result<Decided, DatesError> {
        let because = reason(because)?;
        let from = self.now.with_timezone(&self.newsletter.zone).naive_local();
        let until = match when::parse(until) {
            Some(When::Day(day)) => day.and_time(chrono::NaiveTime::MIN),
            Some(When::Moment(moment)) => moment,
            None => return Err(DatesError::Unreadable(until.to_owned())),
        };
        if until <= from {
            return Err(DatesError::Over(said(until)));
        }
        self.keep_dates(DateChange::Pause { from, until }, because)?;
        let within = |row: &IssueRow| row.occurrence.at > self.now && row.occurrence.local < until;
        for row in self.store.open_issues(self.id()?)?.iter().filter(|row| within(row)) {
            self.store.skip_issue(row.id, &format!("skipped: {because}"), self.now)?;
        }
        self.noted_about("", "pause", format!("is paused until {}: {because}", said(until)))
    }

    /// A date is again as the schedule has it.
    pub fn restore_date(&self, date: &str) -> Result<Decided, DatesError> {
        let date = self.restorable(date)?;
        let about = |change: &DateChange| match change {
            DateChange::Skip { date: changed } | DateChange::Move { date: changed, .. } => *changed == date.key(),
            DateChange::Pause { .. } => false,
        };
        if !self.end(about)? {
            return Err(DatesError::Unchanged(said(date.key())));
        }
        if let Some(Planned { scheduled, fate: Fate::Stands }) = self.plan()?.date(date.key()) {
            if let Some(row) = self.row(scheduled)? {
                self.store.take_skip_back(row.id, self.now)?;
            }
            self.follow(scheduled)?;
        }
        self.noted_date(date, "restore", "is as the schedule has it".to_owned())
    }

    /// The dates that a pause left out count again, as far as they are still to come.
    pub fn end_pause(&self) -> Result<Decided, DatesError> {
        let now = self.now.with_timezone(&self.newsletter.zone).naive_local();
        if !self.end(|change| matches!(change, DateChange::Pause { until, .. } if *until > now))? {
            return Err(DatesError::NotPaused(self.newsletter.title.to_string()));
        }
        let plan = self.plan()?;
        let stands = |row: &IssueRow| {
            matches!(plan.date(row.occurrence.key()), Some(Planned { fate: Fate::Stands, .. }))
                && row.state == IssueState::Skipped
        };
        // The latest first: each gives its date back once there is none after it.
        for row in self.store.issues(Some(self.id()?), usize::from(u8::MAX))?.iter().filter(|row| stands(row)) {
            self.store.take_skip_back(row.id, self.now)?;
        }
        self.noted_about("", "restore", "is not paused any more".to_owned())
    }

    fn plan(&self) -> Result<Plan<'_>, DatesError> {
        Ok(self.store.plan(self.newsletter, self.id()?)?)
    }

    fn keep_dates(&self, change: DateChange, because: &str) -> Result<(), DatesError> {
        let changed = Changed { change, because: because.to_owned() };
        Ok(self.store.keep_date_change(self.id()?, &changed, self.actor, self.now)?)
    }

    /// Ends all changes that are meant. Whether there was one.
    fn end(&self, is_meant: impl Fn(&DateChange) -> bool) -> Result<bool, DatesError> {
        let mut ended = false;
        for kept in self.store.date_changes(self.id()?)?.iter().filter(|kept| is_meant(&kept.changed.change)) {
            ended |= self.store.end_date_change(kept.id, self.actor, self.now)?;
        }
        Ok(ended)
    }

    /// The date that a text means, if it may still be changed.
    fn changeable(&self, text: &str) -> Result<Occurrence, DatesError> {
        self.still(text, |_| Ok(false))
    }

    /// The same, or one that was skipped with its issue and is still the latest.
    fn restorable(&self, text: &str) -> Result<Occurrence, DatesError> {
        self.still(text, |row| {
            let is_latest = self.store.due_after(self.id()?)? == row.occurrence.at;
            Ok(row.state == IssueState::Skipped && is_latest && row.occurrence.at > self.now)
        })
    }

    /// The date that a text means, unless it is over or used up by an issue that has no `way_back`.
    fn still(
        &self,
        text: &str,
        way_back: impl Fn(&IssueRow) -> Result<bool, DatesError>,
    ) -> Result<Occurrence, DatesError> {
        let plan = self.plan()?;
        let planned = match when::parse(text) {
            Some(When::Moment(moment)) => plan.date(moment).ok_or_else(|| PlanError::NoDate(said(moment)))?,
            Some(When::Day(day)) => self.on(&plan, day)?,
            None => return Err(DatesError::Unreadable(text.to_owned())),
        };
        let date = planned.scheduled;
        let row = self.row(date)?;
        let counts_at = match (&row, planned.fate) {
            (Some(row), _) => row.occurrence.at,
            (None, Fate::Moved(to, _)) => instant(self.newsletter.zone, to).unwrap_or(date.at),
            (None, _) => date.at,
        };
        match row {
            Some(row) if way_back(&row)? => Ok(date),
            Some(row) if row.frozen_at.is_some() || row.sent_revision.is_some() || row.state.is_finished() => {
                Err(DatesError::UsedUp(said(date.local), row.state.as_str()))
            }
            None if counts_at <= self.now => Err(DatesError::Over(said(date.local))),
            _ => Ok(date),
        }
    }

    /// The one date of a day, by the schedule or moved to it.
    fn on<'p>(&self, plan: &'p Plan<'_>, day: NaiveDate) -> Result<Planned<'p>, DatesError> {
        let middle = instant(self.newsletter.zone, day.and_time(chrono::NaiveTime::MIN));
        let middle = middle.ok_or_else(|| DatesError::Unreadable(day.to_string()))?;
        let is_on = |planned: &Planned<'_>| {
            let moved = matches!(planned.fate, Fate::Moved(to, _) if to.date() == day);
            moved || planned.scheduled.local.date() == day
        };
        let near = plan.dates(middle - AROUND).take_while(|planned| planned.scheduled.at < middle + AROUND);
        let found: Vec<Planned<'p>> = near.filter(is_on).collect();
        match found[..] {
            [only] => Ok(only),
            [] => Err(PlanError::NoDate(day.format("%a %-d %b %Y").to_string()).into()),
            _ => {
                let times: Vec<String> =
                    found.iter().map(|planned| planned.scheduled.local.format("%H:%M").to_string()).collect();
                Err(DatesError::Several(day.to_string(), times.join(", ")))
            }
        }
    }

    fn row(&self, date: Occurrence) -> Result<Option<IssueRow>, DatesError> {
        Ok(self.store.issue_for(self.id()?, date)?)
    }

    /// An issue that was composed for a date goes out at its new time, and says so in its head.
    fn follow(&self, date: Occurrence) -> Result<(), DatesError> {
        let Some(row) = self.row(date)? else { return Ok(()) };
        if self.store.move_issue_date(row.id, date.at)?
            && let Some(row) = self.store.issue(row.id)?
        {
            revise(self.store, self.newsletter, self.desk, &row, self.now)?;
        }
        Ok(())
    }

    fn noted_date(&self, date: Occurrence, action: &'static str, sentence: String) -> Result<Decided, DatesError> {
        self.noted_about(&format!(", {}", said(date.key())), action, sentence)
    }

    fn noted_about(&self, which: &str, action: &'static str, sentence: String) -> Result<Decided, DatesError> {
        let about = format!("{}{which}", self.newsletter.slug);
        self.store.audit(&self.audit_name(), action, &about, &sentence, self.now)?;
        Ok(Decided { action, about, sentence })
    }
}

fn reason(because: &str) -> Result<&str, DatesError> {
    let because = because.trim();
    if because.is_empty() { Err(DatesError::NoReason) } else { Ok(because) }
}

fn said(local: NaiveDateTime) -> String {
    local.format("%a %-d %b %Y %H:%M").to_string()
}
