//! What the pages of stories and of the face share: the editor's hand as rows of a form, and as a list of changes.

use super::{DeskError, Signed};
use crate::app::App;
use crate::domain::hand::{Actor, Change, Set};
use crate::domain::newsletter::Newsletter;
use crate::publish::hand::{Changed, Editor, HandError, TextSides, history};
use crate::publish::review::ReviewError;
use crate::templates::desk::{By, ChangeLine, Input, Pair};
use axum::response::{IntoResponse, Redirect, Response};

/// Changes that a page lists, at most.
const LISTED: usize = 200;

impl From<HandError> for DeskError {
    fn from(error: HandError) -> Self {
        match error {
            HandError::Publish(error) => error.into(),
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<ReviewError> for DeskError {
    fn from(error: ReviewError) -> Self {
        match error {
            ReviewError::Publish(error) => error.into(),
            other => Self::Refused(other.to_string()),
        }
    }
}

/// Who acts, for the verbs.
pub(super) fn actor(signed: &Signed) -> Actor {
    Actor::Editor(signed.actor())
}

/// Somebody at work on a newsletter, now.
pub(super) fn editor<'a>(app: &'a App, newsletter: &'a Newsletter, actor: &'a Actor) -> Editor<'a> {
    Editor { store: &app.store, newsletter, desk: app.desk(), actor, now: app.now() }
}

/// A pair with what to know before typing.
pub(super) fn hinted(pair: Pair, hint: &str) -> Pair {
    Pair { hint: hint.to_owned(), ..pair }
}

/// A row of a form.
pub(super) fn pair(name: &str, label: &str, sides: &TextSides, input: Input) -> Pair {
    let standing = sides.hand.as_ref().map_or(&sides.machine, |set| &set.value);
    let place = |name: &str| if name == "gmail" { "Gmail".to_owned() } else { "A phone".to_owned() };
    Pair {
        name: name.to_owned(),
        label: label.to_owned(),
        machine: sides.machine.clone(),
        standing: standing.clone(),
        by: sides.hand.as_ref().map(by),
        cuts: sides.cut.iter().map(|(name, shown)| (place(name), shown.clone())).collect(),
        input,
        hint: String::new(),
    }
}

/// Who set something.
pub(super) fn by<T>(set: &Set<T>) -> By {
    By { name: set.actor.to_string(), is_file: set.actor == Actor::File }
}

/// What a field was changed to, if the form says anything else than what stands. Browsers send line ends as CRLF.
pub(super) fn changed(typed: Option<&str>, sides: &TextSides) -> Option<String> {
    let standing = sides.hand.as_ref().map_or(sides.machine.as_str(), |set| set.value.as_str());
    let typed = typed?.replace("\r\n", "\n");
    (typed.trim() != standing.trim()).then(|| typed.trim().to_owned())
}

/// The changes of a newsletter that a page is about.
pub(super) fn changes(
    app: &App,
    newsletter: &Newsletter,
    is_meant: impl Fn(&Change) -> bool,
) -> Result<Vec<ChangeLine>, DeskError> {
    let all = history(&app.store, app.newsletter_id(newsletter)?, LISTED)?;
    Ok(all.into_iter().filter(is_meant).map(line).collect())
}

fn line(change: Change) -> ChangeLine {
    let field = super::error::capitalised(&change.edit.field());
    let field = field.trim_end_matches('.');
    let what = match change.edit.value() {
        Some(value) if value.is_empty() => format!("{field}: nothing"),
        Some(value) => format!("{field}: {value}"),
        None => format!("{field}: as the program makes it"),
    };
    ChangeLine {
        at: change.at,
        actor: change.actor.to_string(),
        what,
        undone_by: change.undone.map(|(actor, _)| actor.to_string()),
    }
}

/// Fails if there was nothing to take back.
pub(super) fn undone(change: Option<Changed>) -> Result<(), DeskError> {
    change.map(|_| ()).ok_or_else(|| DeskError::Refused("there is no change to take back".to_owned()))
}

/// Back to the page of a form, which says what was changed if anything was.
pub(super) fn back(place: &str, changed: bool) -> Response {
    let done = if changed { "?done=edit" } else { "" };
    Redirect::to(&format!("{place}{done}")).into_response()
}
