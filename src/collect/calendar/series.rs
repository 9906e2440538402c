//! The next date of an event that recurs: its rule, dates that were added, taken out, moved or cancelled (RFC 5545, 3.8.4.4 and 3.8.5), and changes of
//! all dates from one on (`RANGE=THISANDFUTURE`, 3.2.13). Knows dates only: what an event says is read elsewhere.

use super::{House, Raw, Stamp, recur};
use crate::domain::event::When;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use std::collections::HashSet;

/// How long a date is and what it is measured from: a beginning, with or without a length.
#[derive(Clone, Copy)]
pub struct Span {
    /// Its beginning as written.
    pub start: Stamp,
    /// How long it takes, where that is said.
    pub length: Option<TimeDelta>,
}

impl Span {
    /// What is shown when it begins at a local time.
    pub fn at(&self, local: NaiveDateTime) -> Option<When> {
        if self.start.time.is_none() {
            let days = self.length.map_or(1, |length| length.num_days().max(1)) as u64;
            // The end of a whole-day event is the day after it (RFC 5545, 3.6.1).
            return Some(When::Days { first: local.date(), last: local.date().checked_add_days(Days::new(days - 1))? });
        }
        let starts_at = self.start.at(local)?;
        Some(When::Timed { starts_at, ends_at: self.length.map(|length| starts_at + length) })
    }

    fn is_over(&self, local: NaiveDateTime, now: DateTime<Utc>) -> bool {
        let shortest = if self.start.time.is_none() { TimeDelta::days(1) } else { TimeDelta::zero() };
        let end = self.start.at(local).and_then(|at| at.checked_add_signed(self.length.unwrap_or(shortest)));
        end.is_none_or(|end| end < now)
    }
}

/// What components of the same name say of single dates of a series, and of all from one on.
#[derive(Default)]
pub struct Changes<'a> {
    /// Dates that were moved or cancelled: each stands in a component of its own, and no more in the series.
    pub replaced: Vec<Stamp>,
    /// Dates from which on another component tells the series.
    pub onward: Vec<(Stamp, &'a Raw)>,
}

impl Changes<'_> {
    /// Whether all dates from one on were cancelled after a single one of them was moved.
    pub fn call_off(&self, moved: &Raw, house: &House) -> bool {
        let Some(date) = moved.find("RECURRENCE-ID").and_then(|property| Stamp::read(property, house)) else {
            return false;
        };
        self.onward.iter().any(|(from, by)| {
            by.is_cancelled() && by.sequence() > moved.sequence() && from.at(from.local()) <= date.at(date.local())
        })
    }
}

/// An event that recurs.
pub struct Series<'a> {
    raw: &'a Raw,
    span: Span,
    rule: Option<recur::Rule>,
    added: Vec<NaiveDateTime>,
    out: HashSet<(NaiveDate, Option<NaiveTime>)>,
}

/// A part of a series: its dates from one on and before another, by the clock of the series, and what tells them.
struct Part<'a> {
    from: Option<NaiveDateTime>,
    before: Option<NaiveDateTime>,
    raw: &'a Raw,
    span: Span,
}

impl<'a> Series<'a> {
    /// The series of a component, if it is one.
    pub fn of(raw: &'a Raw, span: Span, house: &House, replaced: &[Stamp]) -> Option<Self> {
        if !raw.is_series() {
            return None;
        }
        let start = span.start;
        let to_local = |at: NaiveDateTime| at.and_utc().with_timezone(&start.zone).naive_local();
        let rule = raw.find("RRULE").and_then(|p| recur::Rule::read(&p.value, to_local));
        let added: Vec<NaiveDateTime> =
            raw.dates("RDATE", house).into_iter().map(|date| date.in_zone_of(start)).collect();
        let out = raw.dates("EXDATE", house);
        let out = out.iter().chain(replaced).map(|date| date.in_series(start)).collect();
        Some(Self { raw, span, rule, added, out })
    }

    /// The next date and what tells it.
    pub fn next(&self, onward: &[(Stamp, &'a Raw)], house: &House, now: DateTime<Utc>) -> Option<(When, &'a Raw)> {
        let parts = self.parts(onward, house);
        let dates = parts
            .iter()
            .filter(|part| !part.raw.is_cancelled())
            .filter_map(|part| Some((self.next_of(part, house, now)?, part.raw)));
        dates.min_by_key(|(when, _)| when.starts_at())
    }

    /// The series up to its first change, and what each change says up to the next. A later version of a change leaves the earlier no dates.
    fn parts(&self, onward: &[(Stamp, &'a Raw)], house: &House) -> Vec<Part<'a>> {
        let mut parts = vec![Part { from: None, before: None, raw: self.raw, span: self.span }];
        let mut changes: Vec<Part<'a>> = onward
            .iter()
            .filter_map(|(date, raw)| {
                let mut from = date.in_zone_of(self.span.start);
                // A day alone stands for its date of the series, whatever the hour.
                if let (None, Some(time)) = (date.time, self.span.start.time) {
                    from = from.date().and_time(time);
                }
                // What is cancelled needs no time of its own.
                let span = raw.span(house).or_else(|| raw.is_cancelled().then_some(self.span))?;
                Some(Part { from: Some(from), before: None, raw, span })
            })
            .collect();
        changes.sort_by_key(|part| (part.from, part.raw.sequence()));
        for change in changes {
            if let Some(last) = parts.last_mut() {
                last.before = change.from;
            }
            parts.push(change);
        }
        parts
    }

    fn next_of(&self, part: &Part<'_>, house: &House, now: DateTime<Utc>) -> Option<When> {
        let start = self.span.start.local();
        // All dates of a part are moved by as much as its first.
        let base = part.from.unwrap_or(start);
        let moved = |at: NaiveDateTime| part.span.start.local().checked_add_signed(at - base);
        let is_of_part =
            |at: NaiveDateTime| part.from.is_none_or(|from| at >= from) && part.before.is_none_or(|before| at < before);
        let wanted = |at: NaiveDateTime| {
            is_of_part(at) && !self.is_out(at) && moved(at).is_some_and(|at| !part.span.is_over(at, now))
        };
        let today = now.with_timezone(&part.span.start.zone).naive_local();
        let since = today - part.span.length.unwrap_or_default() - TimeDelta::days(2);
        let since = since.checked_sub_signed(part.span.start.local() - base)?.max(base);
        let by_rule = match &self.rule {
            Some(rule) => rule.first(start, since, part.before, &house.tries, wanted),
            None => Some(start).filter(|at| wanted(*at)),
        };
        // The date that a change names is one of the series, whether its rule is understood or not.
        let named = part.from.filter(|at| wanted(*at));
        let added = self.added.iter().copied().filter(|at| wanted(*at));
        let first = by_rule.filter(|at| is_of_part(*at)).into_iter().chain(named).chain(added).min()?;
        part.span.at(moved(first)?)
    }

    fn is_out(&self, at: NaiveDateTime) -> bool {
        let is_timed = self.span.start.time.is_some();
        self.out.contains(&(at.date(), None)) || (is_timed && self.out.contains(&(at.date(), Some(at.time()))))
    }
}
