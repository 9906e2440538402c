//! What stands beside an issue before it goes: its sources, and the preflight of the finished message. Tells; decides nothing.

use super::DeskError;
use super::coming::Standing;
use super::error::capitalised;
use crate::app::App;
use crate::mail::inspect::{self, inspect_message};
use crate::rehearsal::rehearse;
use crate::templates::desk::{Check, Level};

/// All that was looked at.
pub(super) fn checks(app: &App, standing: &Standing) -> Result<Vec<Check>, DeskError> {
    let mut checks = sources(app)?;
    checks.extend(summaries(standing));
    if standing.issue.stories.is_empty() {
        return Ok(checks);
    }
    let message =
        rehearse(app, &standing.newsletter, app.now(), None).and_then(|rehearsal| rehearsal.message(app, None));
    match message {
        Ok(message) => checks.extend(of_message(&message)),
        Err(error) => checks.push(Check {
            level: Level::Blocking,
            found: "The message cannot be made".to_owned(),
            detail: capitalised(&error.to_string()),
            mend: None,
        }),
    }
    Ok(checks)
}

fn sources(app: &App) -> Result<Vec<Check>, DeskError> {
    let mut silent = Vec::new();
    for source in &app.config.sources {
        if app.store.known_source_state(&source.id)?.is_some_and(|state| state.last_error.is_some()) {
            silent.push(source.name.to_string());
        }
    }
    let all = app.config.sources.len();
    Ok(vec![match silent.len() {
        0 => good(format!("{all} of {all} sources answer")),
        n => Check {
            level: Level::Warning,
            found: format!("{n} of {all} sources do not answer"),
            detail: silent.join(", "),
            mend: Some(("/desk/sources".to_owned(), "Look at the sources".to_owned())),
        },
    }])
}

fn summaries(standing: &Standing) -> Option<Check> {
    let stories = &standing.issue.stories;
    let bare = stories.iter().filter(|story| story.summary.is_empty()).count();
    match (bare, stories.len()) {
        (_, 0) => None,
        (0, n) => Some(good(format!("Each of the {n} stories has a summary"))),
        (bare, n) => Some(Check {
            level: Level::Warning,
            found: format!("{bare} of {n} stories lack a summary"),
            detail: String::new(),
            mend: Some((format!("/desk/n/{}/stories", standing.newsletter.slug), "Write them".to_owned())),
        }),
    }
}

/// What the preflight finds wrong, one by one; what is well, in one line.
fn of_message(message: &[u8]) -> Vec<Check> {
    let report = inspect_message(message);
    let (well, wrong): (Vec<_>, Vec<_>) = report.checks.iter().partition(|check| check.ok);
    let mut checks: Vec<Check> = wrong
        .into_iter()
        .map(|check| Check {
            level: if check.level == inspect::Level::Error { Level::Blocking } else { Level::Warning },
            found: capitalised(&check.name.replace(['-', '_'], " ")).trim_end_matches('.').to_owned(),
            detail: check.detail.clone(),
            mend: None,
        })
        .collect();
    checks.push(good(format!("{} KB of HTML of the 102 KB that Gmail shows", report.html_size.div_ceil(1024))));
    checks.push(good(format!("{} checks of the finished message are well", well.len())));
    checks
}

fn good(found: String) -> Check {
    Check { level: Level::Good, found, detail: String::new(), mend: None }
}
