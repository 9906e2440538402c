//! Asks the editors to look at an issue once it is composed: the issue itself by mail, with what is odd about it and the way to the desk. Once for each
//! issue; what no way took is tried again. Only the desk and the command line decide.

use super::raise;
use crate::app::{App, AppError};
use crate::domain::issue::IssueState;
use crate::domain::newsletter::{Newsletter, Review};
use crate::domain::preflight::Preflight;
use crate::rehearsal::{Rehearsal, rehearse};
use crate::store::facts;
use crate::store::issues::IssueRow;
use crate::templates::review::Asking;
use crate::watch;
use chrono::TimeDelta;
use std::sync::Arc;

/// How long after a try that reached nobody the next one is made.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(5);

/// Mails each issue that is composed and not yet on its way to the editors of its newsletter. Returns how many mails went out.
pub async fn ask_editors(app: &Arc<App>, newsletter: &Newsletter) -> Result<u64, AppError> {
    let mut asked = 0;
    if app.gate().closed.is_some() {
        return Ok(asked);
    }
    let is_composed = |row: &IssueRow| row.frozen_at.is_none() && row.sent_revision.is_none() && row.number.is_some();
    for row in app.store.open_issues(app.newsletter_id(newsletter)?)?.into_iter().filter(is_composed) {
        if !is_to_be_asked(app, &row)? {
            continue;
        }
        let (shared, letter, composed) = (Arc::clone(app), newsletter.clone(), row.clone());
        let made = tokio::task::spawn_blocking(move || prepared(&shared, &letter, &composed)).await;
        let rehearsal = made.map_err(|_| AppError::NoIssue("a review panicked; this is a bug".into()))??;
        let (mut told, mut failures) = (0, Vec::new());
        for address in app.editors()? {
            match rehearsal.mail(app, &address).await {
                Ok(_) => told += 1,
                Err(error) => failures.push(format!("mail to {}: {error}", address.masked())),
            }
        }
        asked += told;
        let word = if told > 0 || failures.is_empty() { "told" } else { "tried" };
        app.store.set_fact(&facts::editors_asked(row.id), &format!("{word} {}", app.now().to_rfc3339()))?;
        tracing::info!(newsletter = %newsletter.slug, issue = row.id.0, editors = told, "asked the editors to look at it");
        for failure in failures {
            raise(app, "editors not told", newsletter.slug.as_str(), &failure);
        }
    }
    Ok(asked)
}

/// Whether nobody was asked yet. What is due already and goes by itself needs no asking.
fn is_to_be_asked(app: &App, row: &IssueRow) -> Result<bool, AppError> {
    let waits = matches!(row.state, IssueState::Waiting | IssueState::Held);
    if !waits && row.occurrence.at <= app.now() {
        return Ok(false);
    }
    let Some(fact) = app.store.fact(&facts::editors_asked(row.id))? else { return Ok(true) };
    let tried = fact.strip_prefix("tried ").and_then(|at| chrono::DateTime::parse_from_rfc3339(at).ok());
    Ok(tried.is_some_and(|at| app.now() - at.to_utc() >= AGAIN_AFTER))
}

/// The issue with the note before it.
fn prepared(app: &App, newsletter: &Newsletter, row: &IssueRow) -> Result<Rehearsal, AppError> {
    let rehearsal = rehearse(app, newsletter, app.now(), None)?;
    let report = app.store.preflight(row.id)?;
    let mut odd: Vec<(String, String)> =
        report.iter().flat_map(Preflight::notable).map(|check| (check.words(), check.detail.clone())).collect();
    odd.extend(vanished(app, row)?);
    let asking = Asking {
        newsletter,
        number: row.number.unwrap_or_default(),
        occurrence: row.occurrence,
        asks: newsletter.policy.review == Review::Approve,
        held: row.reason.as_deref().filter(|_| row.state == IssueState::Held),
        odd: &odd,
        link: &format!("{}/desk/n/{}/preview", app.config.web.base_url, newsletter.slug),
    };
    Ok(rehearsal.with_note(&asking))
}

/// Stories of the window that were withdrawn.
fn vanished(app: &App, row: &IssueRow) -> Result<Vec<(String, String)>, AppError> {
    let gone = app.store.gone_since(row.window.from())?;
    Ok(gone.into_iter().map(|(title, why)| (format!("Withdrawn at its source: {title}"), why)).collect())
}

/// Raises an alarm when nobody approved an issue in time, at most hourly.
pub(super) fn alarm_of_silence(app: &App, newsletter: &Newsletter) -> Result<(), AppError> {
    let Some(finding) = watch::silence(&app.store, newsletter, app.now())? else { return Ok(()) };
    let about = newsletter.slug.as_str();
    let is_new = |alarm: &crate::store::alarms::Alarm| {
        alarm.kind == finding.kind && alarm.about == about && app.now() - alarm.last_at < TimeDelta::hours(1)
    };
    if !app.store.alarms()?.iter().any(is_new) {
        raise(app, finding.kind, about, &finding.sentence);
    }
    Ok(())
}
