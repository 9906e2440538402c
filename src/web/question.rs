//! Telling machines from people on the pages behind links in mails. What checks mail opens every link, runs scripts, follows what nobody sees, and presses buttons;
//! so such a page does its deed only for whoever sends the number that it shows, in a form shown a moment ago. Where a machine was seen, or is in haste, pressing is
//! not enough.

use crate::domain::question::{Heard, Question, Way};
use crate::domain::subscriber::SubscriberId;
use crate::domain::token::Purpose;
use crate::subscribe::{Link, open_link};
use crate::templates::pages::{Again, Asked};
use crate::web::form::Form;
use crate::web::guard::Visitor;
use crate::web::reader::Reader;
use crate::web::subscribe::{new_token, token as form_token};
use crate::web::{WebError, WebState};
use axum::Extension;
use axum::extract::{Path, State};
use axum::routing::{MethodRouter, get};

/// What a page shows now that does something for whoever answers: `page` is the letter of its address, `link` the token in it.
pub(super) fn ask(state: &WebState, (page, link): (&str, &str), way: Way, again: Option<Again>) -> Asked {
    let token = new_token(state);
    let question = Question::of(&state.site().keyring, &token, link);
    // Who was not believed once types the number, whoever they are.
    let way = if again.is_some() { Way::Type } else { way };
    Asked { token, question, way, again, canary: format!("{}/{page}/{link}/x", state.base_path()) }
}

/// Whether a form answers the question that its page asked; if not, why it is asked once more. What no person sends is remembered.
pub(super) async fn hear(
    state: &WebState,
    form: &Form,
    link: &str,
    (way, of): (Way, Option<SubscriberId>),
) -> Result<Option<Again>, WebError> {
    let said = match way {
        Way::Press => form.first("press").or(form.first("number")),
        Way::Type => form.first("number"),
    };
    let token = form.first("token").unwrap_or_default();
    let question = Question::of(&state.site().keyring, token, link);
    let heard = question.hear(way, said);
    // The right button of a page that was shown before pressing was not enough any more: asked once more, and nothing is held against its reader.
    if way == Way::Type && said.is_none() && question.hear(Way::Press, form.first("press")) == Heard::Right {
        return Ok(Some(Again::Unanswered));
    }
    if heard == Heard::Machine
        && let Some(of) = of
    {
        note(state, of).await?;
    }
    let is_fresh = form_token(state, form).is_some();
    Ok(match heard {
        Heard::Right if is_fresh => None,
        Heard::Slip if is_fresh => Some(Again::Slip),
        Heard::Machine if said.is_some() && is_fresh => Some(Again::Slip),
        _ => Some(Again::Unanswered),
    })
}

/// How a reader's page asks about what can be taken back: by a press, unless a machine walks through their mail, or somebody opens links faster than people do.
pub(super) async fn way_for(state: &WebState, of: Option<SubscriberId>, visitor: Visitor) -> Result<Way, WebError> {
    let (Some(of), now) = (of, state.now()) else { return Ok(Way::Press) };
    if state.haste().is_near(of, visitor, now) {
        return Ok(Way::Type);
    }
    let is_walked = state.with_store(move |store| store.read_people(|people| people.machine_seen(of, now))).await?;
    Ok(if is_walked { Way::Type } else { Way::Press })
}

async fn note(state: &WebState, of: SubscriberId) -> Result<(), WebError> {
    let now = state.now();
    state.with_store(move |store| store.note_machine(of, now)).await
}

/// `GET /PAGE/TOKEN/x`, for links of one purpose: nothing is here, and no person finds it. Whose mail the link stood in is remembered; for them nothing changes
/// but how they are asked.
pub(super) fn unseen(purpose: Purpose) -> MethodRouter<WebState> {
    get(
        move |State(state): State<WebState>, Path(token): Path<String>, Extension(visitor): Extension<Visitor>| async move {
            follow(&state, &token, purpose, visitor).await
        },
    )
}

async fn follow(state: &WebState, token: &str, purpose: Purpose, visitor: Visitor) -> WebError {
    let claim = match state.verify(token, purpose) {
        Ok(claim) => claim,
        Err(error) => return error,
    };
    let now = state.now();
    state.haste().caught(visitor, now);
    let found = match purpose {
        Purpose::Confirm | Purpose::Fresh => {
            let link = state.with_store(move |store| open_link(store, claim.public_id, now)).await;
            link.map(|link| match link {
                Link::Open(opened) | Link::Used(opened) | Link::Expired(opened) => Some(opened.person.id),
                Link::Gone => None,
            })
        }
        _ => state
            .with_store(move |store| Reader::find(store, claim))
            .await
            .map(|reader| reader.person.map(|person| person.id)),
    };
    match found {
        Ok(Some(of)) => note(state, of).await.err().unwrap_or(WebError::NotFound),
        Ok(None) => WebError::NotFound,
        Err(error) => error,
    }
}
