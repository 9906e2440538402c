//! What is due, and one step towards it. The loop around a step only repeats and waits; a restart needs no care, because what is due is asked of
//! the store and never kept in memory.

use crate::domain::issue::{IssueId, IssueState};
use crate::domain::newsletter::Newsletter;
use crate::domain::schedule::Occurrence;
use crate::publish::PublishError;
use crate::publish::compose::Desk;
use crate::publish::edition::{Composed, When, coming, compose_for, due, leave_out};
use crate::publish::freeze::freeze;
use crate::store::facts::hold;
use crate::store::issues::IssueRow;
use crate::store::recipients::Filled;
use crate::store::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};

/// What keeps this installation from mailing, all of it or beyond a measure; collecting, composing and pages go on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gate {
    /// The sentence that tells the operator why, and what to do.
    pub closed: Option<String>,
    /// Messages that the relays take of a day; none for no limit. No more readers arrive with an issue.
    pub a_day: Option<u64>,
}

/// What one step did.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Nothing was due.
    Idle,
    /// An issue was composed and waits for its time.
    Composed(IssueId),
    /// One that waits for its time was composed anew, because the editors' file says something else.
    Revised {
        /// The issue.
        issue: IssueId,
        /// Whether it was approved before and has to be approved again.
        asks_again: bool,
    },
    /// Too few stories: nothing goes out, they are carried over.
    Skipped {
        /// The date.
        occurrence: Occurrence,
        /// Stories there were.
        stories: usize,
        /// Stories there must be.
        minimum: usize,
    },
    /// A date that somebody skipped is over: nothing goes out, its stories are carried over.
    LeftOut {
        /// The date.
        occurrence: Occurrence,
        /// Why.
        because: String,
    },
    /// Recipients were written: mail can go out.
    Frozen {
        /// The issue.
        issue: IssueId,
        /// How many will get it, and for how many it holds nothing.
        filled: Filled,
    },
    /// There is nobody to send to: nothing goes out, the stories are carried over.
    NoReaders {
        /// What to do.
        reason: String,
    },
    /// It does not go out until a person says so.
    Held {
        /// The issue.
        issue: IssueId,
        /// Why.
        reason: String,
    },
    /// It is due and would go, but mailing is locked or the clock went back.
    Blocked {
        /// The issue.
        issue: IssueId,
        /// Why, and what to do.
        reason: String,
    },
}

/// A clock this far behind the last stored instant has gone back.
const BACKWARDS: TimeDelta = TimeDelta::minutes(1);

/// Does one thing for a newsletter: lets go what is due, else composes what has reached its cut-off.
pub fn step(
    store: &Store,
    newsletter: &Newsletter,
    desk: Desk<'_>,
    gate: &Gate,
    now: DateTime<Utc>,
) -> Result<Step, PublishError> {
    let id = store.newsletter_id(&newsletter.slug, now)?;
    let open = store.open_issues(id)?;
    if let Some(row) = open.iter().find(|row| is_ready(row) && row.occurrence.at <= now) {
        return let_go(store, newsletter, row, gate, now);
    }
    match due(store, newsletter, id, now)? {
        None => Ok(leave_out(store, newsletter, id, now)?
            .map_or(Step::Idle, |(occurrence, because)| Step::LeftOut { occurrence, because })),
        Some(occurrence) => {
            Ok(composed(&compose_for(store, newsletter, id, desk, occurrence, When::Due, now)?, occurrence))
        }
    }
}

/// The issue that the next step would let go: what the preflight looks at before it.
pub fn about_to_go(
    store: &Store,
    newsletter: u16,
    early: bool,
    now: DateTime<Utc>,
) -> Result<Option<IssueRow>, StoreError> {
    let open = store.open_issues(newsletter)?;
    Ok(open.into_iter().find(|row| is_ready(row) && (early || row.occurrence.at <= now)))
}

/// Takes the coming date of a newsletter now: composes it with what there is, and the next time lets it go. Its regular instant is used up.
pub fn take_early(
    store: &Store,
    newsletter: &Newsletter,
    desk: Desk<'_>,
    gate: &Gate,
    now: DateTime<Utc>,
) -> Result<Step, PublishError> {
    let id = store.newsletter_id(&newsletter.slug, now)?;
    let open = store.open_issues(id)?;
    if let Some(row) = open.iter().find(|row| is_ready(row)) {
        return let_go(store, newsletter, row, gate, now);
    }
    if let Some(row) = open.iter().find(|row| row.state == IssueState::Waiting) {
        let number = row.number.unwrap_or_default();
        return Ok(Step::Held {
            issue: row.id,
            reason: format!("No. {number} waits for an editor: `issues approve {number}`"),
        });
    }
    let Some(occurrence) = coming(store, newsletter, id, now)? else { return Ok(Step::Idle) };
    Ok(composed(&compose_for(store, newsletter, id, desk, occurrence, When::Early, now)?, occurrence))
}

/// The instant at which the next step of some newsletters can be due, for the loop to wait for.
pub fn next_due(
    store: &Store,
    newsletters: &[Newsletter],
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let mut earliest: Option<DateTime<Utc>> = None;
    for newsletter in newsletters {
        let id = store.newsletter_id(&newsletter.slug, now)?;
        let ready = store.open_issues(id)?.into_iter().filter(is_ready).map(|row| row.occurrence.at);
        let cut_off = coming(store, newsletter, id, now)?
            .map(|occurrence| occurrence.at - TimeDelta::minutes(i64::from(newsletter.cutoff_minutes)));
        earliest = ready.chain(cut_off).chain(earliest).min();
    }
    Ok(earliest)
}

fn composed(composed: &Composed, occurrence: Occurrence) -> Step {
    match *composed {
        Composed::Issue(issue) => Step::Composed(issue),
        Composed::Skipped { stories, minimum } => Step::Skipped { occurrence, stories, minimum },
    }
}

/// The states from which an issue goes out by itself.
const READY: [IssueState; 2] = [IssueState::Composed, IssueState::Approved];

fn is_ready(row: &IssueRow) -> bool {
    READY.contains(&row.state) && row.frozen_at.is_none()
}

/// What the preflight found that keeps an issue back, unless somebody took it upon themselves.
fn in_the_way(store: &Store, row: &IssueRow) -> Result<Option<String>, StoreError> {
    let Some(report) = store.preflight(row.id)? else { return Ok(None) };
    Ok(report.in_the_way(store.anyway(row.id)?.as_ref()))
}

fn let_go(
    store: &Store,
    newsletter: &Newsletter,
    row: &IssueRow,
    gate: &Gate,
    now: DateTime<Utc>,
) -> Result<Step, PublishError> {
    if let Some(reason) = &gate.closed {
        return Ok(Step::Blocked { issue: row.id, reason: reason.clone() });
    }
    if let Some(last) = store.last_instant()?.filter(|last| now + BACKWARDS < *last) {
        let reason = format!(
            "the clock says {}, but this database has seen {}; set the clock right and it goes out by itself",
            now.format("%Y-%m-%d %H:%M:%S UTC"),
            last.format("%Y-%m-%d %H:%M:%S UTC")
        );
        return Ok(Step::Blocked { issue: row.id, reason });
    }
    if let Some(reason) = store.take_fact(&hold(row.newsletter))? {
        store.move_issue(row.id, &READY, IssueState::Held, Some(&reason), now)?;
        return Ok(Step::Held { issue: row.id, reason });
    }
    let late = now - row.occurrence.at;
    if late > TimeDelta::hours(i64::from(newsletter.max_lateness_hours)) && row.released_at.is_none() {
        let reason = format!(
            "{} hours late, more than max_lateness ({} hours); `issues approve` lets it go all the same",
            late.num_hours(),
            newsletter.max_lateness_hours
        );
        store.move_issue(row.id, &READY, IssueState::Held, Some(&reason), now)?;
        return Ok(Step::Held { issue: row.id, reason });
    }
    store.let_in(row.newsletter, row.id, gate.a_day, now)?;
    if !store.has_eligible(row.newsletter, now)? && row.sent_revision.is_none() {
        let reason = "nobody to send to: no active subscriber; add one with `subscribers add` or `subscribers import`";
        store.skip_issue(row.id, "nobody to send to; its stories are carried over", now)?;
        return Ok(Step::NoReaders { reason: reason.to_owned() });
    }
    if let Some(sentence) = in_the_way(store, row)? {
        let number = row.number.unwrap_or_default();
        let reason = format!("{sentence}; mend it and approve the issue, or `issues approve {number} --anyway REASON`");
        store.move_issue(row.id, &READY, IssueState::Held, Some(&reason), now)?;
        return Ok(Step::Held { issue: row.id, reason });
    }
    let filled = freeze(store, row.id, now)?;
    store.note_instant(now)?;
    Ok(Step::Frozen { issue: row.id, filled })
}
