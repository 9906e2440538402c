//! What an editor does with a whole issue: approve, hold, stop, go on, reopen, and a test to themselves.

use super::coming::Standing;
use super::hand::{actor, editor};
use super::visit::Deed;
use super::{Desk, DeskError, Signed};
use crate::app::App;
use crate::domain::issue::IssueState;
use crate::domain::newsletter::Newsletter;
use crate::preflight;
use crate::publish::hand::Editor;
use crate::publish::review::{Decided, ReviewError};
use crate::rehearsal::rehearse;
use crate::store::issues::IssueRow;
use crate::web::form::Form;
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
                deeds.iter().find(is_it).map(|deed| super::error::capitalised(&told(&deed.about, &deed.detail))),
            )
        })
        .await
    }
}

/// A deed in one sentence: most details say what became of what they are about.
fn told(about: &str, detail: &str) -> String {
    let goes_on = ["is ", "was ", "goes ", "waits "].iter().any(|verb| detail.starts_with(verb));
    format!("{about}{}{detail}", if goes_on { " " } else { ": " })
}

/// `POST /desk/n/SLUG/act`.
pub(super) async fn act(deed: Deed) -> Result<Response, DeskError> {
    let action = deed.work(perform).await?;
    deed.ring();
    Ok(Redirect::to(&deed.desk.path(&format!("/desk?done={action}"))).into_response())
}

/// Calls the verb; the word of the deed.
fn perform(app: &App, newsletter: &Newsletter, form: &Form, signed: &Signed) -> Result<&'static str, DeskError> {
    let standing = Standing::of(app, newsletter)?;
    let actor = actor(signed);
    let editor = editor(app, newsletter, &actor);
    let why = format!("by {actor}");
    let decided = match (&standing.row, form.first("do").unwrap_or_default()) {
        (Some(row), "approve") => editor.approve(row, Some(&seen(form)?))?,
        (Some(row), "anyway") => anyway(app, &editor, row, form)?,
        (Some(row), "drop-withdrawn") => editor.approve_without_withdrawn(row)?,
        (Some(row), "hold") => editor.hold(row, &why)?,
        (Some(row), "resume") => editor.resume(row)?,
        (Some(row), "reopen") => editor.reopen(row)?,
        (None, "hold") => editor.hold_coming(standing.number, &why)?,
        (None, "approve") => editor.let_coming_go(standing.number)?,
        (None, _) => {
            return Err(DeskError::Refused(format!(
                "{} is still collected; it can be held now, and approved once its stories are settled",
                standing.about()
            )));
        }
        _ => return Err(DeskError::Form("there is no such deed")),
    };
    Ok(decided.action)
}

/// Takes upon the editor what the preflight has against an issue, and lets it go.
fn anyway(app: &App, editor: &Editor<'_>, row: &IssueRow, form: &Form) -> Result<Decided, DeskError> {
    let why = form.first("reason").unwrap_or_default().trim();
    if why.is_empty() {
        return Err(DeskError::Refused("say why it must go all the same".to_owned()));
    }
    let seen = seen(form)?;
    preflight::let_go_anyway(app, row, &editor.actor.to_string(), why)?;
    match editor.approve(row, Some(&seen)) {
        // Approved before, and stopped by nothing but what was just taken upon oneself.
        Err(ReviewError::NotNow { about, .. }) if row.state == IssueState::Approved => {
            Ok(Decided { action: "anyway", about, sentence: "goes out as soon as it is due".to_owned() })
        }
        decided => Ok(decided?),
    }
}

/// The hash of the revision that the page of the form showed.
fn seen(form: &Form) -> Result<Vec<u8>, DeskError> {
    let hex = form.first("seen").unwrap_or_default();
    let byte = |at: usize| hex.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes = (0..hex.len()).step_by(2).map(byte).collect::<Option<Vec<u8>>>();
    bytes.filter(|bytes| !bytes.is_empty()).ok_or(DeskError::Form("it does not say which revision is approved"))
}

/// `POST /desk/n/SLUG/test`: mails the issue as it stands to the editor who asks, and to nobody else.
pub(super) async fn test(deed: Deed) -> Result<Response, DeskError> {
    let rehearsal = deed.work(|app, newsletter, _, _| Ok(rehearse(app, newsletter, app.now(), None)?)).await?;
    let number = rehearsal.issue.number;
    let way = rehearsal.send_test(&deed.desk.app(), &deed.signed.editor.address).await?;
    tracing::info!(newsletter = deed.slug, number, "an editor mailed themselves a test by way of {way}");
    let note = deed.work(move |app, newsletter, _, signed| {
        let about = format!("{} No. {number}", newsletter.slug);
        Ok(app.store.audit(&signed.actor(), "test", &about, "a test is on its way to you", app.now())?)
    });
    note.await?;
    Ok(Redirect::to(&deed.desk.path("/desk?done=test")).into_response())
}
