//! Pages behind a fresh mail: one's data, erasing, another address, undoing that; and asking for one's private link. Looking changes nothing
//! here either, and nor does pressing without the number that the page shows.

use crate::domain::address::{AddressError, EmailAddress};
use crate::domain::consent::Evidence;
use crate::domain::letter::LetterKind;
use crate::domain::newsletter::Newsletter;
use crate::domain::question::Way;
use crate::domain::signup::Rules;
use crate::domain::tag::Slug;
use crate::domain::token::Purpose;
use crate::store::Store;
use crate::subscribe::{
    Clerk, Link, Opened, SubscribeError, Visit, Wish, ask_move, dossier, erase_by_link, is_disposable, move_by_link,
    open_link, undo_move,
};
use crate::templates::pages::{self, Again, Button, Done, Notice};
use crate::web::form::Form;
use crate::web::guard::Visitor;
use crate::web::page::html_page;
use crate::web::question;
use crate::web::subscribe::{Whence, new_token, take, token as form_token};
use crate::web::{Site, WebError, WebState};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

/// The words in the consent ledger, by what is done.
const PAGES: [(LetterKind, &str); 4] = [
    (LetterKind::Erase, "erase page"),
    (LetterKind::Address, "address page"),
    (LetterKind::Move, "new address's page"),
    (LetterKind::Moved, "old address's page"),
];

/// `GET /me/TOKEN`.
pub(super) async fn show(State(state): State<WebState>, Path(token): Path<String>) -> Result<Response, WebError> {
    let (site, link) = (state.site(), open(&state, &token).await?);
    let Link::Open(opened) = link else { return ended(&site) };
    page(&state, &token, &opened, Typed::default())
}

/// `POST /me/TOKEN`: does what the mail was sent for.
pub(super) async fn press(
    State(state): State<WebState>,
    Path(token): Path<String>,
    Extension(visitor): Extension<Visitor>,
    form: Form,
) -> Result<Response, WebError> {
    let site = state.site();
    let Link::Open(opened) = open(&state, &token).await? else { return ended(&site) };
    let (kind, code) = (opened.letter.kind, opened.letter.code);
    let origin = PAGES.iter().find(|(known, _)| *known == kind).map_or("private page", |(_, origin)| origin);
    let evidence = Evidence { network: visitor.network(), ..Evidence::new(state.now(), origin) };
    let again = question::hear(&state, &form, &token, (Way::Type, Some(opened.person.id))).await?;
    let typed = form.first("address").unwrap_or_default();
    let address = if kind == LetterKind::Address { checked(typed, &site.rules).map(Some) } else { Ok(None) };
    let address = match (address, again) {
        (Ok(address), None) => address,
        (address, again) => {
            let page = page(&state, &token, &opened, Typed { address: typed, notice: address.err(), again })?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    if let Some(address) = address {
        with_clerk(&state, move |clerk| ask_move(clerk, code, &address, &evidence)).await?;
        state.bell().notify_one();
        return Ok(Redirect::to(&format!("{}/me/asked", state.base_path())).into_response());
    }
    let shown = pages_of(&site, &opened)?;
    let to = opened.letter.address.as_ref().unwrap_or(&opened.person.address).as_str().to_owned();
    let (is_done, done) = match kind {
        LetterKind::Data => return data(&state, &opened).await,
        LetterKind::Erase => {
            let now = state.now();
            let erased = with_clerk(&state, move |clerk| erase_by_link(clerk, code, origin, now)).await?;
            (erased.is_some(), Done::Erased)
        }
        LetterKind::Move => {
            (with_clerk(&state, move |clerk| move_by_link(clerk, code, &evidence)).await?, Done::Moved(&to))
        }
        LetterKind::Moved => {
            (with_clerk(&state, move |clerk| undo_move(clerk, code, &evidence)).await?, Done::Undone(&to))
        }
        _ => (false, Done::Ended),
    };
    state.bell().notify_one();
    Ok(html_page(pages::done(shown, if is_done { done } else { Done::Ended })))
}

/// `GET /me/asked`: what everybody reads who gave a new address.
pub(super) async fn asked(State(state): State<WebState>) -> Result<Response, WebError> {
    let site = state.site();
    let host = site.host().ok_or(WebError::NotFound)?;
    Ok(html_page(pages::done(pages::Site::of(host), Done::AskedThere)))
}

/// `GET /link`.
pub(super) async fn link(State(state): State<WebState>) -> Result<Response, WebError> {
    link_page(&state, "", None)
}

/// `POST /link`: the same answer for every address.
pub(super) async fn send_link(
    State(state): State<WebState>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, WebError> {
    let site = state.site();
    let typed = form.first("address").unwrap_or_default();
    let address = match checked(typed, &site.rules) {
        Ok(address) => address,
        Err(notice) => {
            let page = link_page(&state, typed, Some(notice))?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let (Whence::Here, Some(nonce)) = (Whence::of(&headers, &site.rules), form_token(&state, &form)) else {
        return link_page(&state, typed, Some(Notice::OneMorePress));
    };
    let visit = Visit {
        form: "link page".to_owned(),
        nonce: Some(nonce),
        household: visitor.household(),
        network: visitor.network(),
        at: state.now(),
    };
    take(&state, address, Wish::Link, visit).await?;
    Ok(Redirect::to(&format!("{}/link/sent", state.base_path())).into_response())
}

/// `GET /link/sent`.
pub(super) async fn link_sent(State(state): State<WebState>) -> Result<Response, WebError> {
    let site = state.site();
    let host = site.host().ok_or(WebError::NotFound)?;
    Ok(html_page(pages::done(pages::Site::of(host), Done::LinkSent)))
}

fn link_page(state: &WebState, typed: &str, notice: Option<Notice<'_>>) -> Result<Response, WebError> {
    let site = state.site();
    let host = site.host().ok_or(WebError::NotFound)?;
    let action = format!("{}/link", state.base_path());
    Ok(html_page(pages::send_link(pages::Site::of(host), &new_token(state), &action, typed, notice)))
}

async fn open(state: &WebState, token: &str) -> Result<Link, WebError> {
    let (claim, now) = (state.verify(token, Purpose::Fresh)?, state.now());
    state.with_store(move |store| open_link(store, claim.public_id, now)).await
}

fn ended(site: &Site) -> Result<Response, WebError> {
    let host = site.host().ok_or(WebError::NotFound)?;
    Ok((StatusCode::GONE, html_page(pages::done(pages::Site::of(host), Done::Ended))).into_response())
}

/// What was sent, where it is asked once more.
#[derive(Debug, Clone, Copy, Default)]
struct Typed<'a> {
    address: &'a str,
    notice: Option<Notice<'a>>,
    again: Option<Again>,
}

fn page(state: &WebState, token: &str, opened: &Opened, typed: Typed<'_>) -> Result<Response, WebError> {
    let (site, Opened { letter, person }) = (state.site(), opened);
    let action = format!("{}/me/{token}", state.base_path());
    let address = letter.address.as_ref().unwrap_or(&person.address).as_str();
    let asked = question::ask(state, ("me", token), Way::Type, typed.again);
    let with = Button { site: pages_of(&site, opened)?, address, action: &action, asked: &asked };
    Ok(html_page(match letter.kind {
        LetterKind::Data => pages::my_data(with),
        LetterKind::Erase => pages::erase_me(with),
        LetterKind::Address => pages::new_address(with, typed.address, typed.notice),
        LetterKind::Move => pages::move_here(with),
        LetterKind::Moved => pages::undo(with),
        _ => return ended(&site),
    }))
}

/// The pages in the name and language of what the reader gets.
fn pages_of<'s>(site: &'s Site, opened: &'s Opened) -> Result<pages::Site<'s>, WebError> {
    let about: Option<&Newsletter> = opened.letter.terms.newsletters(&site.newsletters).first().copied();
    let newsletter = about.or(site.host()).ok_or(WebError::NotFound)?;
    Ok(pages::Site::of(newsletter).in_language(opened.person.language.as_ref()))
}

/// Everything that is stored about the person, as a file.
async fn data(state: &WebState, opened: &Opened) -> Result<Response, WebError> {
    let person = opened.person.clone();
    let dossier = state.with_store(move |store| dossier(store, &person)).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"my-data.json\""),
    ];
    Ok((headers, format!("{dossier:#}\n")).into_response())
}

fn checked(typed: &str, rules: &Rules) -> Result<EmailAddress, Notice<'static>> {
    let address = EmailAddress::parse_reader(typed).map_err(|error| match error {
        AddressError::RoleAccount(_) => Notice::Role,
        _ => Notice::NoAddress,
    })?;
    if is_disposable(&address, rules) { Err(Notice::Disposable) } else { Ok(address) }
}

/// Runs a verb that writes letters.
pub(super) async fn with_clerk<T: Send + 'static>(
    state: &WebState,
    work: impl FnOnce(&Clerk<'_>) -> Result<T, SubscribeError> + Send + 'static,
) -> Result<T, WebError> {
    let (site, source) = (state.site(), state.clone());
    state
        .with_store(move |store: &Store| {
            let newsletters: Vec<Slug> = site.newsletters.iter().map(|newsletter| newsletter.slug.clone()).collect();
            let chance = || source.chance();
            work(&Clerk {
                store,
                keyring: &site.keyring,
                rules: &site.rules,
                newsletters: &newsletters,
                chance: &chance,
            })
        })
        .await
}
