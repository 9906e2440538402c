//! The dates of a newsletter at the desk: shown, skipped, moved, restored, paused.

use super::hand::{actor, editor};
use super::visit::{Deed, Visit};
use super::{DeskError, Signed};
use crate::app::App;
use crate::domain::newsletter::Newsletter;
use crate::domain::plan::{DateChange, Fate, Planned};
use crate::domain::schedule::instant;
use crate::publish::dates::DatesError;
use crate::templates::desk::{self as pages, DateFate, DateLine};
use crate::web::form::Form;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::TimeDelta;

/// Dates on the page.
const SHOWN: usize = 10;

impl From<DatesError> for DeskError {
    fn from(error: DatesError) -> Self {
        match error {
            DatesError::Publish(error) => error.into(),
            other => Self::Refused(other.to_string()),
        }
    }
}

/// `GET /desk/n/SLUG/dates`.
pub(super) async fn show(visit: Visit) -> Result<Response, DeskError> {
    let render = visit.show(|seen, page| {
        let (dates, is_paused) = (lines(seen.app, seen.newsletter)?, is_paused(seen.app, seen.newsletter)?);
        Ok(pages::dates(page, &seen.standing.shown(), &dates, is_paused))
    });
    render.await
}

fn lines(app: &App, newsletter: &Newsletter) -> Result<Vec<DateLine>, DeskError> {
    let (id, now) = (app.newsletter_id(newsletter)?, app.now());
    let plan = app.store.plan(newsletter, id)?;
    let changes = app.store.date_changes(id)?;
    let is_single = |planned: &Planned<'_>| {
        changes
            .iter()
            .any(|kept| matches!(kept.changed.change, DateChange::Skip { date } if date == planned.scheduled.local))
    };
    // A date that was moved on may lie in the past by the schedule.
    let from = plan.next(now).map_or(now, |next| next.scheduled_at().min(now) - TimeDelta::milliseconds(1));
    let mut lines = Vec::new();
    for planned in plan.dates(from) {
        let scheduled = planned.scheduled;
        let (at, fate) = match planned.fate {
            Fate::Stands => (scheduled.at, DateFate::Stands),
            Fate::Moved(to, why) => {
                (instant(newsletter.zone, to).unwrap_or(scheduled.at), DateFate::Moved(why.to_owned()))
            }
            Fate::Skipped(why) if is_single(&planned) => (scheduled.at, DateFate::Skipped(why.to_owned())),
            Fate::Skipped(why) => (scheduled.at, DateFate::Paused(why.to_owned())),
        };
        if at > now {
            let is_composed = app.store.issue_for(id, scheduled)?.is_some_and(|row| !row.state.is_finished());
            lines.push(DateLine { key: scheduled.local, at, fate, is_composed });
        }
        if lines.len() == SHOWN {
            break;
        }
    }
    Ok(lines)
}

fn is_paused(app: &App, newsletter: &Newsletter) -> Result<bool, DeskError> {
    let now = app.now().with_timezone(&newsletter.zone).naive_local();
    let changes = app.store.date_changes(app.newsletter_id(newsletter)?)?;
    Ok(changes.iter().any(|kept| matches!(kept.changed.change, DateChange::Pause { until, .. } if until > now)))
}

/// `POST /desk/n/SLUG/dates`.
pub(super) async fn change(deed: Deed) -> Result<Response, DeskError> {
    let action = deed.work(perform).await?;
    deed.ring();
    Ok(Redirect::to(&format!("{}?done={action}", deed.place("dates"))).into_response())
}

/// Calls the verb; the word of the deed.
fn perform(app: &App, newsletter: &Newsletter, form: &Form, signed: &Signed) -> Result<&'static str, DeskError> {
    let actor = actor(signed);
    let editor = editor(app, newsletter, &actor);
    let field = |name: &str| form.first(name).unwrap_or_default();
    let decided = match field("do") {
        "skip" => editor.skip_date(field("date"), field("because"))?,
        "move" => editor.move_date(field("date"), field("to"), field("because"))?,
        "restore" => editor.restore_date(field("date"))?,
        "pause" => editor.pause_dates(field("until"), field("because"))?,
        "end-pause" => editor.end_pause()?,
        _ => return Err(DeskError::Form("there is no such deed")),
    };
    Ok(decided.action)
}
