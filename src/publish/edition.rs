//! Which edition is due, how it is composed at its cut-off, and what an issue was or would be at any instant.

use super::PublishError;
use super::compose::{Desk, Edition, compose};
use crate::domain::issue::{Issue, IssueId, IssueState};
use crate::domain::newsletter::{Newsletter, Review};
use crate::domain::plan::Fate;
use crate::domain::schedule::Occurrence;
use crate::domain::window::Window;
use crate::store::facts::{file_hand, hold};
use crate::store::issues::{IssueRow, NewIssue, Revised};
use crate::store::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};

/// What composing a date gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Composed {
    /// An issue that goes out when it is due.
    Issue(IssueId),
    /// Too few stories: nothing goes out for this date, the stories are carried over.
    Skipped {
        /// Stories there were.
        stories: usize,
        /// Stories there must be.
        minimum: usize,
    },
}

/// Whether a date is composed because its cut-off has come, or before that because somebody asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Its cut-off has come: too few stories use it up.
    Due,
    /// Taken early: too few stories leave everything as it was.
    Early,
}

/// What an issue was or would be at an instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Its content.
    pub issue: Issue,
    /// How it came about.
    pub kind: LookKind,
}

/// How the content that one looks at came about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LookKind {
    /// It was composed: these bytes go out or went out.
    Settled,
    /// Composed for looking, as it would go at that instant.
    WouldBe,
    /// The instant is to come: the schedule's date, the stories of now.
    Coming,
}

/// The latest date whose cut-off has come and for which there is no issue yet; `None` when all dates are accounted for.
pub fn due(
    store: &Store,
    newsletter: &Newsletter,
    id: u16,
    now: DateTime<Utc>,
) -> Result<Option<Occurrence>, StoreError> {
    let after = store.due_after(id)?;
    let cut_off = now + TimeDelta::minutes(i64::from(newsletter.cutoff_minutes));
    let latest = store.plan(newsletter, id)?.latest(after + TimeDelta::milliseconds(1), cut_off);
    match latest {
        Some(occurrence) if store.issue_for(id, occurrence)?.is_none() => Ok(Some(occurrence)),
        _ => Ok(None),
    }
}

/// The next date for which there is no issue yet.
pub fn coming(
    store: &Store,
    newsletter: &Newsletter,
    id: u16,
    now: DateTime<Utc>,
) -> Result<Option<Occurrence>, StoreError> {
    let plan = store.plan(newsletter, id)?;
    let mut next = plan.next(store.due_after(id)?.max(now));
    // A date that went out already, and whose move was taken back since, does not come again.
    while let Some(date) = next {
        if store.issue_for(id, date)?.is_none() {
            return Ok(Some(date));
        }
        next = plan.next(date.at);
    }
    Ok(None)
}

/// Uses up the dates that somebody skipped and whose cut-off has come: their stories are carried over, and nothing goes out. Returns the last of them
/// with its reason.
pub fn leave_out(
    store: &Store,
    newsletter: &Newsletter,
    id: u16,
    now: DateTime<Utc>,
) -> Result<Option<(Occurrence, String)>, PublishError> {
    let cut_off = now + TimeDelta::minutes(i64::from(newsletter.cutoff_minutes));
    let plan = store.plan(newsletter, id)?;
    let mut left_out = None;
    for planned in plan.dates(store.due_after(id)?).take_while(|planned| planned.scheduled.at <= cut_off) {
        let Fate::Skipped(because) = planned.fate else { continue };
        let reason = format!("skipped: {because}");
        let skipped = NewIssue {
            newsletter: id,
            occurrence: planned.scheduled,
            window: Window::new(store.window_from(id)?.min(now), now)?,
            state: IssueState::Skipped,
            reason: Some(&reason),
            content: None,
        };
        if store.insert_issue(&skipped, now)?.is_some() {
            left_out = Some((planned.scheduled, because.to_owned()));
        }
    }
    Ok(left_out)
}

/// Composes the issue of a date. Its window ends now: what is first seen from now on belongs to the next. Once done it is never done again for
/// the same date; a second process that tries gets `ComposedElsewhere`.
pub fn compose_for(
    store: &Store,
    newsletter: &Newsletter,
    id: u16,
    desk: Desk<'_>,
    occurrence: Occurrence,
    when: When,
    now: DateTime<Utc>,
) -> Result<Composed, PublishError> {
    let window = Window::new(store.window_from(id)?, now)?;
    let number = store.next_number(id, newsletter.first_number)?;
    let edition = Edition { newsletter: id, number, occurrence, window, as_of: now, hand_as_of: now, composing: None };
    let issue = compose(store, newsletter, desk, edition)?;
    let stories = issue.stories.len();
    let thin = stories < newsletter.minimum.max(1);
    if thin && when == When::Early {
        // The date is still to come: by then there may be stories enough.
        return Ok(Composed::Skipped { stories, minimum: newsletter.minimum.max(1) });
    }
    let held = if thin { None } else { store.fact(&hold(id))? };
    let too_few = || format!("only {stories} stories, {} are needed; they are carried over", newsletter.minimum.max(1));
    let reason = if thin { Some(too_few()) } else { held.clone() };
    let new = NewIssue {
        newsletter: id,
        occurrence,
        // A skipped week's stories stay eligible by `max_age`, so its cut-off is stored all the same.
        window,
        state: match newsletter.policy.review {
            _ if thin => IssueState::Skipped,
            _ if held.is_some() => IssueState::Held,
            Review::Auto => IssueState::Approved,
            Review::Approve => IssueState::Waiting,
        },
        reason: reason.as_deref(),
        content: (!thin).then_some(&issue),
    };
    match store.insert_issue(&new, now)? {
        Some(_) if thin => Ok(Composed::Skipped { stories, minimum: newsletter.minimum.max(1) }),
        Some(issue) => {
            if held.is_some() {
                store.take_fact(&hold(id))?;
            }
            remember_file(store, newsletter, desk, issue)?;
            Ok(Composed::Issue(issue))
        }
        None => Err(PublishError::ComposedElsewhere(occurrence.local.format("%Y-%m-%d %H:%M").to_string())),
    }
}

/// The edition that editors work on now: the issue that was composed and not frozen yet, else the coming one.
#[derive(Debug, Clone, PartialEq)]
pub struct Current {
    /// What is asked for to compose it (anew).
    pub edition: Edition,
    /// Its row, once it is composed.
    pub row: Option<IssueRow>,
}

/// The edition that editors work on now; `None` when the schedule has no further date.
pub fn current(
    store: &Store,
    newsletter: &Newsletter,
    id: u16,
    now: DateTime<Utc>,
) -> Result<Option<Current>, PublishError> {
    let open = store.open_issues(id)?.into_iter().find(|row| row.frozen_at.is_none() && row.number.is_some());
    if let Some(row) = open {
        return Ok(Some(Current { edition: settled(&row, now), row: Some(row) }));
    }
    let Some(occurrence) = coming(store, newsletter, id, now)? else { return Ok(None) };
    let window = Window::new(store.window_from(id)?.min(now), now)?;
    let number = store.next_number(id, newsletter.first_number)?;
    let edition = Edition { newsletter: id, number, occurrence, window, as_of: now, hand_as_of: now, composing: None };
    Ok(Some(Current { edition, row: None }))
}

/// The edition of an issue that was composed: its own number, date, window and stories as they were at its cut-off, and the editor's hand as it was
/// at an instant.
pub fn settled(row: &IssueRow, now: DateTime<Utc>) -> Edition {
    Edition {
        newsletter: row.newsletter,
        number: row.number.unwrap_or_default(),
        occurrence: row.occurrence,
        window: row.window,
        as_of: row.window.to(),
        hand_as_of: now,
        composing: Some(row.id.0),
    }
}

/// Composes an issue anew that was composed and not frozen yet, as its next revision. Nothing changes when the content is the same. One that was
/// approved by a person is asked about again; one that needs no approval goes out as it is now.
pub fn revise(
    store: &Store,
    newsletter: &Newsletter,
    desk: Desk<'_>,
    row: &IssueRow,
    now: DateTime<Utc>,
) -> Result<Revised, PublishError> {
    let issue = compose(store, newsletter, desk, settled(row, now))?;
    let asks_again = newsletter.policy.review == Review::Approve;
    let revised = store.revise_issue(row.id, &issue, asks_again, now)?;
    remember_file(store, newsletter, desk, row.id)?;
    Ok(revised)
}

/// The issue that waits for its time and was composed when the editors' file said something else than now.
pub fn with_another_file(
    store: &Store,
    newsletter: &Newsletter,
    id: u16,
    desk: Desk<'_>,
) -> Result<Option<IssueRow>, StoreError> {
    let file = file_of(newsletter, desk)?;
    for row in store.open_issues(id)?.into_iter().filter(|row| row.frozen_at.is_none() && row.number.is_some()) {
        if store.fact(&file_hand(row.id))?.unwrap_or_default() != file {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

fn remember_file(store: &Store, newsletter: &Newsletter, desk: Desk<'_>, issue: IssueId) -> Result<(), StoreError> {
    let (name, file) = (file_hand(issue), file_of(newsletter, desk)?);
    if store.fact(&name)?.unwrap_or_default() == file { Ok(()) } else { store.set_fact(&name, &file) }
}

/// What the editors' file says, as it is compared; nothing if there is none.
fn file_of(newsletter: &Newsletter, desk: Desk<'_>) -> Result<String, StoreError> {
    let file = desk.hands.iter().find(|(slug, _)| *slug == newsletter.slug);
    file.map_or(Ok(String::new()), |(_, hand)| {
        serde_json::to_string(hand).map_err(|error| StoreError::Unexpected(error.to_string()))
    })
}

/// Composes the issue that waits for its time anew, if there is one: something else stands in it since.
pub fn revise_current(
    store: &Store,
    newsletter: &Newsletter,
    desk: Desk<'_>,
    id: u16,
    now: DateTime<Utc>,
) -> Result<Option<(IssueRow, Revised)>, PublishError> {
    let Some(row) = current(store, newsletter, id, now)?.and_then(|current| current.row) else { return Ok(None) };
    let revised = revise(store, newsletter, desk, &row, now)?;
    Ok(Some((row, revised)))
}

/// What the issue of a newsletter was at an instant, or would be.
pub fn look(
    store: &Store,
    newsletter: &Newsletter,
    id: u16,
    desk: Desk<'_>,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Look, PublishError> {
    let settled = settled_at(store, id, at, now)?.map(|row| content_at(store, &row, at)).transpose()?.flatten();
    if let Some(settled) = settled {
        return Ok(Look { issue: store.without_withdrawn(settled)?, kind: LookKind::Settled });
    }
    let issue = compose(store, newsletter, desk, would_be(store, newsletter, id, at, now)?)?;
    Ok(Look { issue, kind: if at > now { LookKind::Coming } else { LookKind::WouldBe } })
}

/// The edition that [`look`] shows at an instant, for those who ask why its stories stand where they do.
pub fn edition_at(
    store: &Store,
    newsletter: &Newsletter,
    id: u16,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Edition, PublishError> {
    match settled_at(store, id, at, now)? {
        Some(row) => Ok(settled(&row, at.max(row.window.to()).min(now))),
        None => would_be(store, newsletter, id, at, now),
    }
}

/// What would be composed at an instant for which nothing is settled.
fn would_be(
    store: &Store,
    newsletter: &Newsletter,
    id: u16,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Edition, PublishError> {
    let from = window_from_at(store, id, at)?;
    let window = Window::new(from.min(at), at)?;
    let occurrence = store.plan(newsletter, id)?.next(at - TimeDelta::milliseconds(1));
    let here = at.with_timezone(&newsletter.zone).naive_local();
    let occurrence = occurrence.unwrap_or(Occurrence::new(here, newsletter.zone, at));
    let number = match number_at(store, id, at)? {
        Some(number) => number,
        None => store.next_number(id, newsletter.first_number)?,
    };
    let as_of = at.min(now);
    Ok(Edition { newsletter: id, number, occurrence, window, as_of, hand_as_of: as_of, composing: None })
}

/// The settled issue at an instant: from its stored cut-off, before which nobody knew what would be in it, until it was finished; and the one that is
/// due right then, however late it was composed.
fn settled_at(store: &Store, id: u16, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<Option<IssueRow>, StoreError> {
    let issues = store.issues(Some(id), usize::MAX >> 1)?;
    let stands = |row: &&IssueRow| {
        let until = row.finished_at.unwrap_or(now.max(row.occurrence.at));
        row.number.is_some() && row.window.to() <= at && at <= until
    };
    let is_due = |row: &&IssueRow| row.number.is_some() && row.occurrence.at == at;
    Ok(issues.iter().find(is_due).or_else(|| issues.iter().find(stands)).cloned())
}

/// What stood in a settled issue at an instant: what was mailed, once it was, and before that the revision of then.
fn content_at(store: &Store, row: &IssueRow, at: DateTime<Utc>) -> Result<Option<Issue>, StoreError> {
    let mailed = if row.frozen_at.is_some_and(|frozen| frozen <= at) || at >= row.occurrence.at {
        store.sent_revision(row.id)?.filter(|_| row.frozen_at.is_some())
    } else {
        None
    };
    match mailed {
        Some(issue) => Ok(Some(issue)),
        None => store.revision_at(row.id, at),
    }
}

/// The number that the issue got which was collected at an instant, if it was composed since.
fn number_at(store: &Store, id: u16, at: DateTime<Utc>) -> Result<Option<u32>, StoreError> {
    let issues = store.issues(Some(id), usize::MAX >> 1)?;
    Ok(issues.iter().filter(|row| row.window.contains(at)).find_map(|row| row.number))
}

/// Where the window that holds an instant began: the last stored cut-off at or before it.
fn window_from_at(store: &Store, id: u16, at: DateTime<Utc>) -> Result<DateTime<Utc>, StoreError> {
    let issues = store.issues(Some(id), usize::MAX >> 1)?;
    let before = issues
        .iter()
        .filter(|row| row.state != IssueState::Cancelled)
        .map(|row| row.window.to())
        .filter(|to| *to <= at)
        .max();
    match before {
        Some(to) => Ok(to),
        None => store.first_window_from(id),
    }
}
