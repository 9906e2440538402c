//! Leaving, by the link in a mail: a page with one button, and what a mail provider posts for its reader (RFC 8058).
//!
//! Looking changes nothing, so a scanner that follows every link of a mail unsubscribes nobody; nor does one that presses every button, for the page names the one
//! to press. That works at once, for ever and a second time, asks for nothing else, and tells nobody whether an address is known.

use crate::domain::consent::Evidence;
use crate::domain::token::{Claim, Purpose};
use crate::subscribe::{FromLink, OneClick, leave_by_token, say_why as reason};
use crate::templates::pages::{self, Again, Leaving, Why};
use crate::web::form::Form;
use crate::web::guard::Visitor;
use crate::web::haste::Page;
use crate::web::page::html_page;
use crate::web::query::Words;
use crate::web::question;
use crate::web::reader::Reader;
use crate::web::{WebError, WebState};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// `GET /u/TOKEN`: asks; says that it is done where there is nothing left to leave.
pub(super) async fn ask(
    State(state): State<WebState>,
    Path(token): Path<String>,
    Extension(visitor): Extension<Visitor>,
    Words(thanks): Words<Thanks>,
) -> Result<Response, WebError> {
    let reader = find(&state, &token).await?;
    if let Some(person) = &reader.person {
        state.haste().opened(Page::Leaving, person.id, visitor, state.now());
    }
    page(&state, &token, (&reader, visitor), thanks.thanks.is_some(), None).await
}

async fn find(state: &WebState, token: &str) -> Result<Reader, WebError> {
    let claim = state.verify(token, Purpose::Unsubscribe)?;
    state.with_store(move |store| Reader::find(store, claim)).await
}

/// The page that asks, perhaps once more, or says goodbye.
async fn page(
    state: &WebState,
    token: &str,
    (reader, visitor): (&Reader, Visitor),
    thanked: bool,
    again: Option<Again>,
) -> Result<Response, WebError> {
    let (site, base) = (state.site(), state.base_path());
    let newsletter = reader.host(&site).ok_or(WebError::NotFound)?;
    let Some(person) = reader.person.as_ref().filter(|_| reader.is_subscribed()) else {
        let person = reader.person.as_ref().map(|person| (person.address.as_str(), person.language.as_ref()));
        let action = format!("{base}/u/{token}/why");
        let why = if thanked { Why::Thanks } else { Why::Ask(&action) };
        return Ok(html_page(pages::goodbye(newsletter, person, reader.is_about_all(), why)));
    };
    let choosing = site.keyring.url_token(Claim { purpose: Purpose::Preferences, epoch: person.epoch, ..reader.claim });
    let way = question::way_for(state, Some(person.id), visitor).await?;
    Ok(html_page(pages::unsubscribe(Leaving {
        newsletter,
        address: person.address.as_str(),
        language: person.language.as_ref(),
        all: reader.is_about_all(),
        others: reader.has_others(),
        action: &format!("{base}/u/{token}"),
        asked: &question::ask(state, ("u", token), way, again),
        preferences_url: reader.choosing(&site).map(|_| format!("{base}/p/{choosing}")).as_deref(),
    })))
}

/// `POST /u/TOKEN`: the page's form, or the mail provider's own.
pub(super) async fn leave(
    State(state): State<WebState>,
    Path(token): Path<String>,
    Extension(visitor): Extension<Visitor>,
    form: Form,
) -> Result<Response, WebError> {
    let network = visitor.network();
    if form.is_one_click() {
        return Ok(answer_provider(
            &end(&state, &token, FromLink::Newsletter, "one-click in the mail program", network).await?,
        ));
    }
    let reader = find(&state, &token).await?;
    let of = reader.person.as_ref().filter(|_| reader.is_subscribed()).map(|person| person.id);
    if of.is_some() {
        let way = question::way_for(&state, of, visitor).await?;
        let again = question::hear(&state, &form, &token, (way, of)).await?;
        if again.is_some() {
            let asked = page(&state, &token, (&reader, visitor), false, again).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, asked).into_response());
        }
    }
    let what = if form.first("all").is_some() { FromLink::All } else { FromLink::Newsletter };
    end(&state, &token, what, "unsubscribe page", network).await?;
    Ok(Redirect::to(&format!("{}/u/{token}", state.base_path())).into_response())
}

/// Ends what a link is about; `origin` are the words in the consent ledger.
async fn end(
    state: &WebState,
    token: &str,
    what: FromLink,
    origin: &str,
    network: Option<String>,
) -> Result<OneClick, WebError> {
    let evidence = Evidence { network, ..Evidence::new(state.now(), origin) };
    let (site, token) = (state.site(), token.to_owned());
    state.with_store(move |store| leave_by_token(store, &site.keyring, &token, what, &evidence)).await
}

/// What the page says that thanks for an answer.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Thanks {
    thanks: Option<String>,
}

/// `POST /u/TOKEN/why`: a short reason, if they like. Changes nothing but the ledger.
pub(super) async fn say_why(
    State(state): State<WebState>,
    Path(token): Path<String>,
    Extension(visitor): Extension<Visitor>,
    form: Form,
) -> Result<Response, WebError> {
    state.verify(&token, Purpose::Unsubscribe)?;
    let evidence = Evidence { network: visitor.network(), ..Evidence::new(state.now(), "goodbye page") };
    let (site, link) = (state.site(), token.clone());
    let words = form.first("why").unwrap_or_default().to_owned();
    state.with_store(move |store| reason(store, &site.keyring, &link, &words, &evidence)).await?;
    Ok(Redirect::to(&format!("{}/u/{token}?thanks=1", state.base_path())).into_response())
}

/// Always 200, without redirect or cookie (RFC 8058 section 3.1). Also for a link that is not ours: a provider can do nothing about it and would
/// only try again. The text says what is true.
fn answer_provider(done: &OneClick) -> Response {
    let text = match done {
        OneClick::Left { .. } => "Unsubscribed.\n",
        OneClick::NotOurs => "This link is incomplete or not ours. Nothing was changed.\n",
    };
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}
