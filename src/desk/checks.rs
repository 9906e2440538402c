//! What stands beside an issue before it goes: its preflight, as the desk shows it. Tells; decides nothing.

use super::DeskError;
use super::coming::Standing;
use super::error::capitalised;
use crate::app::App;
use crate::domain::preflight::{self as domain, Preflight};
use crate::preflight::{self, Depth};
use crate::templates::desk::{Check, Level};

/// All that was looked at: what was kept of an issue whose stories are settled, else the rendering of everything as it stands now.
pub(super) fn checks(app: &App, standing: &Standing) -> Result<Vec<Check>, DeskError> {
    if standing.issue.stories.is_empty() {
        return Ok(vec![Check {
            level: Level::Warning,
            found: "No story yet".to_owned(),
            detail: String::new(),
            mend: None,
        }]);
    }
    let kept = standing.row.as_ref().map(|row| app.store.preflight(row.id)).transpose()?.flatten();
    let report = match kept {
        Some(report) => report,
        None => match preflight::check(app, &standing.newsletter, &standing.issue, Depth::One) {
            Ok(report) => report,
            Err(error) => return Ok(vec![impossible(&error.to_string())]),
        },
    };
    Ok(shown(&report, standing))
}

/// What is not simply well, one by one; what is well, in one line.
fn shown(report: &Preflight, standing: &Standing) -> Vec<Check> {
    let mut checks: Vec<Check> = report
        .notable()
        .map(|check| Check {
            level: level(check.level),
            found: check.words(),
            detail: capitalised(&check.detail),
            mend: mend(&check.name, standing),
        })
        .collect();
    let fits = |check: &&domain::Check| check.name == "gmail-limit" && check.level == domain::Level::Good;
    checks.extend(report.checks.iter().filter(fits).map(|check| Check {
        level: Level::Good,
        found: format!("The largest has {}", check.detail),
        detail: String::new(),
        mend: None,
    }));
    let well = report.count(domain::Level::Good);
    checks.push(Check {
        level: Level::Good,
        found: format!("{well} checks of the finished message are well"),
        detail: String::new(),
        mend: None,
    });
    checks
}

fn level(level: domain::Level) -> Level {
    match level {
        domain::Level::Good => Level::Good,
        domain::Level::Repaired => Level::Repaired,
        domain::Level::Warned => Level::Warning,
        domain::Level::Blocking => Level::Blocking,
    }
}

/// Where a finding can be mended.
fn mend(name: &str, standing: &Standing) -> Option<(String, String)> {
    let place = |page: &str| format!("/desk/n/{}/{page}", standing.newsletter.slug);
    let (to, words) = match name {
        "sources" => ("/desk/sources".to_owned(), "Look at the sources"),
        "summaries" | "summary-from-lead" => (place("stories"), "Write them"),
        "alt-from-title" => (place("stories"), "Describe them"),
        "links" | "story-repeated" | "headline-repeated" => (place("stories"), "Look at the stories"),
        "subject-length" | "subject-repeated" | "subject-slots" | "subject-honest" | "preheader" | "merge-slots" => {
            (place("face"), "Change subject and note")
        }
        _ => return None,
    };
    Some((to, words.to_owned()))
}

fn impossible(error: &str) -> Check {
    Check {
        level: Level::Blocking,
        found: "The message cannot be made".to_owned(),
        detail: capitalised(error),
        mend: None,
    }
}
