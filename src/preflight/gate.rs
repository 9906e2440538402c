//! The gate before an issue goes out: checks it at its cut-off and before the send, keeps what was found, raises the alarm, and takes the scheduler's
//! next step. Nothing goes out by another way.

use super::{Depth, check, gather};
use crate::app::{App, AppError};
use crate::domain::issue::IssueId;
use crate::domain::newsletter::Newsletter;
use crate::domain::preflight::{Anyway, Preflight};
use crate::scheduler::{self, Gate, Step};
use crate::store::issues::{IssueRow, Revised};
use chrono::TimeDelta;
use std::sync::Arc;

/// The kind of alarm that a block raises.
const ALARM: &str = "preflight";

/// How long a check that found nothing in the way is as good as a new one.
const JUST_NOW: TimeDelta = TimeDelta::minutes(1);

/// Checks an issue that was composed and is not out yet: gathers what can only be asked, looks at every rendering, keeps what was found. A block is an
/// alarm; one that was mended takes it back.
pub async fn run(app: &Arc<App>, newsletter: &Newsletter, row: &IssueRow) -> Result<Option<Preflight>, AppError> {
    let Some((revision, _, issue)) = app.store.revision(row.id)? else { return Ok(None) };
    let issue = app.store.without_withdrawn(issue)?;
    if let Err(error) = gather(app, newsletter, &issue).await {
        tracing::warn!(newsletter = %newsletter.slug, "not all could be asked before the issue goes out: {error}");
    }
    let (shared, letter) = (Arc::clone(app), newsletter.clone());
    let checked = tokio::task::spawn_blocking(move || check(&shared, &letter, &issue, Depth::Every));
    let report = checked.await.map_err(|_| AppError::NoIssue("the preflight panicked; this is a bug".into()))??;
    app.store.keep_preflight(row.id, revision, &report)?;
    tell(app, newsletter, row, &report)?;
    Ok(Some(report))
}

fn tell(app: &App, newsletter: &Newsletter, row: &IssueRow, report: &Preflight) -> Result<(), AppError> {
    let (slug, number) = (newsletter.slug.as_str(), row.number.unwrap_or_default());
    for check in report.notable() {
        tracing::debug!(newsletter = slug, issue = number, level = check.level.as_str(), "{}", check.sentence());
    }
    match report.in_the_way(app.store.anyway(row.id)?.as_ref()) {
        Some(sentence) => {
            let sentence =
                format!("No. {number} does not go out like this: {sentence}. {}", way_on(newsletter, number));
            app.store.raise_alarm(ALARM, slug, &sentence, app.now())?;
        }
        None => {
            app.store.clear_alarm(ALARM, slug)?;
        }
    }
    Ok(())
}

/// What a person can do about a block.
fn way_on(newsletter: &Newsletter, number: u32) -> String {
    format!(
        "Mend it and approve the issue, or `issues approve {number} --newsletter {} --anyway REASON`",
        newsletter.slug
    )
}

/// The scheduler's next step for a newsletter, with the preflight before anything goes out and right after something was composed. `early`: takes the
/// coming date now.
pub async fn step(app: &Arc<App>, newsletter: &Newsletter, early: bool) -> Result<Step, AppError> {
    let id = app.newsletter_id(newsletter)?;
    if let Some((row, revised)) = app.take_file(newsletter).await?
        && let Revised::New { asks_again, .. } = revised
    {
        run(app, newsletter, &row).await?;
        return Ok(Step::Revised { issue: row.id, asks_again });
    }
    if app.gate().closed.is_none()
        && let Some(row) = scheduler::about_to_go(&app.store, id, early, app.now())?
        && !was_well_just_now(app, row.id)?
    {
        run(app, newsletter, &row).await?;
    }
    let (shared, letter, a_day) = (Arc::clone(app), newsletter.clone(), app.a_day()?);
    let stepped = tokio::task::spawn_blocking(move || {
        let (store, desk, now) = (&shared.store, shared.desk(), shared.now());
        let gate = &Gate { a_day, ..shared.gate().clone() };
        if early {
            scheduler::take_early(store, &letter, desk, gate, now)
        } else {
            scheduler::step(store, &letter, desk, gate, now)
        }
    });
    let done = stepped.await.map_err(|_| AppError::NoIssue("composing panicked; this is a bug".into()))??;
    if let Step::Composed(issue) = done
        && let Some(row) = app.store.issue(issue)?
    {
        run(app, newsletter, &row).await?;
    }
    Ok(done)
}

/// Whether nothing stood in the way of an issue a moment ago: one that is composed late goes out at once, and need not be checked twice.
fn was_well_just_now(app: &App, issue: IssueId) -> Result<bool, AppError> {
    let report = app.store.preflight(issue)?;
    Ok(report.is_some_and(|report| {
        let since = app.now() - report.at;
        report.in_the_way(None).is_none() && since >= TimeDelta::zero() && since < JUST_NOW
    }))
}

/// Takes what blocks an issue upon a person, with their reason: kept in the audit. Returns what it was, nothing if nothing blocks.
pub fn let_go_anyway(app: &App, row: &IssueRow, actor: &str, reason: &str) -> Result<Vec<String>, AppError> {
    let blocking = blocking(app, row.id)?;
    let anyway = Anyway { reason: reason.to_owned(), actor: actor.to_owned(), covers: blocking.clone() };
    app.store.let_go_anyway(row.id, &anyway, app.now())?;
    let about = format!("{} No. {}", row.slug, row.number.unwrap_or_default());
    let detail = format!(
        "{reason} (in spite of: {})",
        if blocking.is_empty() { "nothing known".to_owned() } else { blocking.join(", ") }
    );
    app.store.audit(actor, "anyway", &about, &detail, app.now())?;
    app.store.clear_alarm(ALARM, row.slug.as_str())?;
    Ok(blocking)
}

fn blocking(app: &App, issue: IssueId) -> Result<Vec<String>, AppError> {
    let report = app.store.preflight(issue)?;
    Ok(report.iter().flat_map(Preflight::blocking).map(|check| check.name.clone()).collect())
}
