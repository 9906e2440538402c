//! Leaving, by the link in a mail: a page with one button, and what a mail provider posts for its reader (RFC 8058).
//!
//! Looking changes nothing, so a scanner that follows every link of a mail unsubscribes nobody. Pressing works at once, for ever and a second
//! time, asks for nothing, and tells nobody whether an address is known.

use crate::domain::consent::Evidence;
use crate::domain::token::{Claim, Purpose};
use crate::subscribe::{FromLink, OneClick, leave_by_token, say_why as reason};
use crate::templates::pages::{self, Leaving, Why};
use crate::web::form::Form;
use crate::web::guard::Visitor;
use crate::web::page::html_page;
use crate::web::reader::Reader;
use crate::web::{WebError, WebState};
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// `GET /u/TOKEN`: asks; says that it is done where there is nothing left to leave.
pub(super) async fn ask(
    State(state): State<WebState>,
    Path(token): Path<String>,
    Query(thanks): Query<Thanks>,
) -> Result<Response, WebError> {
    let claim = state.verify(&token, Purpose::Unsubscribe)?;
    let reader = state.with_store(move |store| Reader::find(store, claim)).await?;
    let site = state.site();
    let newsletter = reader.host(&site).ok_or(WebError::NotFound)?;
    let Some(person) = reader.person.as_ref().filter(|_| reader.is_subscribed()) else {
        let address = reader.person.as_ref().map(|person| person.address.as_str());
        let (said, action) = (thanks.thanks.is_some(), format!("{}/u/{token}/why", state.base_path()));
        let why = if said { Why::Thanks } else { Why::Ask(&action) };
        return Ok(html_page(pages::goodbye(newsletter, address, reader.is_about_all(), why)));
    };
    let base = state.base_path();
    let choosing = site.keyring.url_token(Claim { purpose: Purpose::Preferences, epoch: person.epoch, ..claim });
    Ok(html_page(pages::unsubscribe(Leaving {
        newsletter,
        address: person.address.as_str(),
        all: reader.is_about_all(),
        others: reader.has_others(),
        action: &format!("{base}/u/{token}"),
        preferences_url: reader.choosing(&site).map(|_| format!("{base}/p/{choosing}")).as_deref(),
    })))
}

/// `POST /u/TOKEN`: the button of the page, or the mail provider's own.
pub(super) async fn leave(
    State(state): State<WebState>,
    Path(token): Path<String>,
    Extension(visitor): Extension<Visitor>,
    form: Form,
) -> Result<Response, WebError> {
    let way = if form.is_one_click() { Way::Provider } else { Way::Page };
    let is_pressed = ["confirm", "all"].iter().any(|button| form.first(button).is_some());
    if way == Way::Page && !is_pressed {
        return Err(WebError::Form("the button was not pressed"));
    }
    let all = way == Way::Page && form.first("all").is_some();
    let what = if all { FromLink::All } else { FromLink::Newsletter };
    let evidence = Evidence { network: visitor.network(), ..Evidence::new(state.now(), way.origin()) };
    let (site, link) = (state.site(), token.clone());
    let done = state.with_store(move |store| leave_by_token(store, &site.keyring, &link, what, &evidence)).await?;
    match (way, done) {
        (Way::Provider, done) => Ok(answer_provider(&done)),
        (Way::Page, OneClick::Left { .. }) => {
            Ok(Redirect::to(&format!("{}/u/{token}", state.base_path())).into_response())
        }
        (Way::Page, OneClick::NotOurs) => {
            Err(state.verify(&token, Purpose::Unsubscribe).err().map_or(WebError::NotFound, Into::into))
        }
    }
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

/// Who presses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// A mail provider, for its reader.
    Provider,
    /// The reader, on our page.
    Page,
}

impl Way {
    /// The words in the consent ledger.
    fn origin(self) -> &'static str {
        match self {
            Self::Provider => "one-click in the mail program",
            Self::Page => "unsubscribe page",
        }
    }
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
