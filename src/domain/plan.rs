//! The dates of a newsletter as people changed them: its schedule, with dates that are skipped or moved, and pauses. Pure; who changed what is kept
//! by the store.
//!
//! A date keeps its identity, the wall-clock time at which the schedule has it, wherever it is moved: so it is used up once.

use super::schedule::{Occurrence, Schedule, instant};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// What somebody wants to be otherwise. All times are those of the newsletter's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DateChange {
    /// Nothing goes out for a date.
    Skip {
        /// As the schedule has it.
        date: NaiveDateTime,
    },
    /// A date is another one, once.
    Move {
        /// As the schedule has it.
        date: NaiveDateTime,
        /// When it is instead.
        to: NaiveDateTime,
    },
    /// No date counts from one moment until before another.
    Pause {
        /// From then on.
        from: NaiveDateTime,
        /// The first moment that counts again.
        until: NaiveDateTime,
    },
}

/// A change with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// What is otherwise.
    pub change: DateChange,
    /// Why, as people are told.
    pub because: String,
}

/// What becomes of a date of the schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate<'a> {
    /// It stands.
    Stands,
    /// It is moved; why.
    Moved(NaiveDateTime, &'a str),
    /// It is skipped; why.
    Skipped(&'a str),
}

/// A date of the schedule, and what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned<'a> {
    /// As the schedule has it.
    pub scheduled: Occurrence,
    /// What becomes of it.
    pub fate: Fate<'a>,
}

/// Why a date cannot be changed like that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The schedule has no such date.
    #[error("the schedule has no date at {0}; `schedule --next` shows those it has")]
    NoDate(String),
    /// It would pass another date.
    #[error("moved to {0} it would reach or pass the date of {1}; skip one of them instead")]
    Crosses(String, String),
}

/// The dates of a newsletter.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    schedule: &'a Schedule,
    zone: Tz,
    changes: Vec<Changed>,
}

impl<'a> Plan<'a> {
    /// A schedule with what was changed of it, the latest change last: of two about one date the later counts.
    pub fn new(schedule: &'a Schedule, zone: Tz, changes: Vec<Changed>) -> Self {
        Self { schedule, zone, changes }
    }

    /// The first date that counts strictly after an instant.
    pub fn next(&self, after: DateTime<Utc>) -> Option<Occurrence> {
        let moved = self.moved().filter(|moved| moved.at > after).min_by_key(|moved| moved.at);
        let standing = self.scheduled(after).find(|date| self.stands(date.local));
        [moved, standing].into_iter().flatten().min_by_key(|date| date.at)
    }

    /// The last date that counts at or before an instant, looked for back to `not_before`.
    pub fn latest(&self, not_before: DateTime<Utc>, until: DateTime<Utc>) -> Option<Occurrence> {
        let moved =
            self.moved().filter(|moved| not_before <= moved.at && moved.at <= until).max_by_key(|moved| moved.at);
        let mut end = until;
        let standing = loop {
            match self.schedule.latest(self.zone, not_before, end) {
                Some(date) if !self.stands(date.local) => end = date.at - TimeDelta::milliseconds(1),
                found => break found,
            }
        };
        [moved, standing].into_iter().flatten().max_by_key(|date| date.at)
    }

    /// The dates of the schedule after an instant, with what becomes of each.
    pub fn dates(&self, after: DateTime<Utc>) -> impl Iterator<Item = Planned<'_>> {
        self.scheduled(after).map(|scheduled| Planned { scheduled, fate: self.fate(scheduled.local) })
    }

    /// The date of the schedule at a wall-clock time, with what becomes of it.
    pub fn date(&self, local: NaiveDateTime) -> Option<Planned<'_>> {
        let before = instant(self.zone, local)? - TimeDelta::milliseconds(1);
        let scheduled = self.schedule.next(self.zone, before).filter(|date| date.local == local)?;
        Some(Planned { scheduled, fate: self.fate(local) })
    }

    /// Whether a date may be moved: it keeps its place between its neighbours, so that no date is passed.
    pub fn check_move(&self, date: NaiveDateTime, to: NaiveDateTime) -> Result<Occurrence, PlanError> {
        let said = |local: NaiveDateTime| local.format("%a %-d %b %Y %H:%M").to_string();
        let planned = self.date(date).ok_or_else(|| PlanError::NoDate(said(date)))?;
        let at = instant(self.zone, to).ok_or_else(|| PlanError::NoDate(said(to)))?;
        let others: Vec<Occurrence> =
            self.around(planned.scheduled.at, at).filter(|other| other.key() != date).collect();
        let (low, high) = (planned.scheduled.at.min(at), planned.scheduled.at.max(at));
        let crossed = others.iter().find(|other| {
            let own = instant(self.zone, other.key()).unwrap_or(other.at);
            (low <= other.at && other.at <= high) || (low <= own && own <= high)
        });
        match crossed {
            Some(other) => Err(PlanError::Crosses(said(to), said(other.local))),
            None => Ok(Occurrence { local: to, zone: self.zone, at, moved_from: Some(date) }),
        }
    }

    /// What becomes of a date of the schedule.
    fn fate(&self, date: NaiveDateTime) -> Fate<'_> {
        let of_date = self.changes.iter().rev().find_map(|changed| match changed.change {
            DateChange::Skip { date: skipped } if skipped == date => Some(Fate::Skipped(&changed.because)),
            DateChange::Move { date: moved, to } if moved == date => Some(Fate::Moved(to, &changed.because)),
            _ => None,
        });
        let paused = || {
            let pause = self.changes.iter().rev().find(|changed| match changed.change {
                DateChange::Pause { from, until } => from <= date && date < until,
                _ => false,
            });
            pause.map(|changed| Fate::Skipped(&changed.because))
        };
        of_date.or_else(paused).unwrap_or(Fate::Stands)
    }

    fn stands(&self, date: NaiveDateTime) -> bool {
        self.fate(date) == Fate::Stands
    }

    /// Dates that count at another time than the schedule's.
    fn moved(&self) -> impl Iterator<Item = Occurrence> {
        self.changes.iter().filter_map(|changed| {
            let DateChange::Move { date, to } = changed.change else { return None };
            let holds = matches!(self.date(date)?.fate, Fate::Moved(at, _) if at == to);
            let at = instant(self.zone, to).filter(|_| holds)?;
            Some(Occurrence { local: to, zone: self.zone, at, moved_from: Some(date) })
        })
    }

    /// The dates of the schedule strictly after an instant.
    fn scheduled(&self, after: DateTime<Utc>) -> impl Iterator<Item = Occurrence> {
        std::iter::successors(self.schedule.next(self.zone, after), |date| self.schedule.next(self.zone, date.at))
    }

    /// The dates that count, moved or not, around two instants.
    fn around(&self, one: DateTime<Utc>, other: DateTime<Utc>) -> impl Iterator<Item = Occurrence> {
        let (low, high) = (one.min(other), one.max(other));
        let standing = self.scheduled(low - TimeDelta::milliseconds(1)).take_while(move |date| date.at <= high);
        standing.filter(|date| self.stands(date.local)).chain(self.moved())
    }
}

#[cfg(test)]
mod tests;
