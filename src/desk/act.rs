//! What an editor does with a whole issue: approve, hold, stop, go on, and a test to themselves.

use super::coming::Standing;
use super::door::checked;
use super::{Desk, DeskError, Signed, newsletter};
use crate::app::App;
use crate::domain::issue::IssueState;
use crate::preflight;
use crate::rehearsal::rehearse;
use crate::web::form::Form;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// Which deed a page speaks of: a word in its address, never a sentence, so that nobody can put words into the desk's mouth.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

impl Done {
    /// The sentence of the deed: the latest of this editor of that kind, if it is new.
    pub(super) async fn sentence(&self, desk: &Desk, signed: &Signed) -> Result<Option<String>, DeskError> {
        const NEW: chrono::TimeDelta = chrono::TimeDelta::minutes(2);
        const LOOKED_AT: usize = 20;
        if self.done.is_empty() {
            return Ok(None);
        }
        let (actor, action) = (signed.actor(), self.done.clone());
        desk.work(move |app| {
            let deeds = app.store.deeds(LOOKED_AT)?;
            let is_it = |deed: &&crate::store::audit::Deed| {
                deed.actor == actor && deed.action == action && app.now() - deed.at < NEW
            };
            Ok::<_, DeskError>(
                deeds
                    .iter()
                    .find(is_it)
                    .map(|deed| super::error::capitalised(&format!("{}: {}", deed.about, deed.detail))),
            )
        })
        .await
    }
}

/// `POST /desk/n/SLUG/act`.
pub(super) async fn act(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Path(slug): Path<String>,
    form: Option<Extension<Form>>,
) -> Result<Response, DeskError> {
    let form = checked(form)?;
    let wanted = form.first("do").unwrap_or_default().to_owned();
    let why = form.first("reason").unwrap_or_default().trim().to_owned();
    let action = desk.work(move |app| perform(app, &slug, &wanted, &why, &signed)).await?;
    (desk.ring)();
    Ok(Redirect::to(&desk.path(&format!("/desk?done={action}"))).into_response())
}

fn perform(app: &App, slug: &str, wanted: &str, why: &str, signed: &Signed) -> Result<&'static str, DeskError> {
    let standing = Standing::of(app, newsletter(app, slug)?)?;
    let now = app.now();
    let Some(row) = &standing.row else {
        return Err(DeskError::Refused(format!(
            "{} is still collected; it can be approved or held once its stories are settled",
            standing.about()
        )));
    };
    let reason = format!("by {}", signed.editor.actor());
    let (action, done, sentence) = match wanted {
        "anyway" if why.is_empty() => return Err(DeskError::Refused("say why it must go all the same".to_owned())),
        "anyway" => {
            preflight::let_go_anyway(app, row, signed.editor.actor(), why)?;
            let released = app.store.release_issue(row.id, now)? || row.state == IssueState::Approved;
            ("approve", released, "goes out as soon as it is due, in spite of the preflight")
        }
        "approve" => ("approve", app.store.release_issue(row.id, now)?, "goes out as soon as it is due"),
        "hold" if row.state == IssueState::Sending => {
            let stopped =
                app.store.move_issue(row.id, &[IssueState::Sending], IssueState::Paused, Some(&reason), now)?;
            ("hold", stopped, "is stopped")
        }
        "hold" => {
            let waiting = [IssueState::Composed, IssueState::Waiting, IssueState::Approved];
            ("hold", app.store.move_issue(row.id, &waiting, IssueState::Held, Some(&reason), now)?, "is held")
        }
        "resume" => {
            let resumed = app.store.move_issue(row.id, &[IssueState::Paused], IssueState::Sending, None, now)?;
            ("resume", resumed, "goes on")
        }
        _ => return Err(DeskError::Form("there is no such deed")),
    };
    if !done {
        return Err(DeskError::Refused(format!(
            "{} is {}: that cannot be done now",
            standing.about(),
            row.state.as_str()
        )));
    }
    app.store.audit(signed.editor.actor(), action, &standing.about(), sentence, now)?;
    Ok(action)
}

/// `POST /desk/n/SLUG/test`: mails the issue as it stands to the editor who asks, and to nobody else.
pub(super) async fn test(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Path(slug): Path<String>,
) -> Result<Response, DeskError> {
    let app = desk.app();
    let wanted = slug.clone();
    let rehearsal = desk
        .work(move |app| {
            let newsletter = newsletter(app, &wanted)?;
            Ok::<_, DeskError>(rehearse(app, newsletter, app.now(), None)?)
        })
        .await?;
    let number = rehearsal.issue.number;
    let way = rehearsal.send_test(&app, &signed.editor.address).await?;
    tracing::info!(newsletter = slug, number, "an editor mailed themselves a test by way of {way}");
    let (about, actor) = (format!("{slug} No. {number}"), signed.actor());
    desk.work(move |app| app.store.audit(&actor, "test", &about, "a test is on its way to you", app.now())).await?;
    Ok(Redirect::to(&desk.path("/desk?done=test")).into_response())
}
