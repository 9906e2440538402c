//! Signing in and out, taking an invitation, and an editor's own account.

use super::door::{self, Doormat, checked};
use super::{Desk, DeskError, Signed, error, host, page};
use crate::app::App;
use crate::domain::editor::{Editor, EditorId, Password, Secret};
use crate::editors::{self, EditorError, SigningIn};
use crate::templates::desk::{self as pages, Door, Page, Said, Session};
use crate::web::form::Form;
use crate::web::guard::Visitor;
use crate::web::page::html_page;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// What the address of the sign-in page may say.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    next: String,
}

/// `GET /desk/sign-in`.
pub(super) async fn ask(
    State(desk): State<Desk>,
    Extension(doormat): Extension<Doormat>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, DeskError> {
    let door = Door { next: &door::next_place(&desk, &wanted.next), ..Door::default() };
    sign_in_page(&desk.app(), &doormat, door)
}

fn sign_in_page(app: &App, doormat: &Doormat, door: Door<'_>) -> Result<Response, DeskError> {
    Ok(html_page(pages::sign_in(stranger(app, &doormat.0.form_token())?, door)))
}

/// The surroundings of a page at the door.
fn stranger<'a>(app: &'a App, token: &'a str) -> Result<Page<'a>, DeskError> {
    Ok(Page { host: host(app)?, editor: None, token, newsletters: &[], said: None })
}

/// `POST /desk/sign-in`: begins a session under a fresh secret, whatever the browser had before.
pub(super) async fn sign_in(
    State(desk): State<Desk>,
    Extension(doormat): Extension<Doormat>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    form: Option<Extension<Form>>,
) -> Result<Response, DeskError> {
    let form = checked(form)?;
    let typed = |name: &str| form.first(name).unwrap_or_default().to_owned();
    let (address, password) = (typed("address"), Password::typed(&typed("password")));
    let next = door::next_place(&desk, &typed("next"));
    let (session, replaced) = (Secret::new(desk.app().entropy.bytes()), door::session(&desk, &headers));
    let (network, life) = (visitor.network().unwrap_or_default(), desk.life());
    let (fresh, told) = (session.clone(), address.clone());
    let done = desk
        .hashing(move |app| {
            let who = SigningIn {
                address: &address,
                password: &password,
                network: &network,
                replaces: replaced.as_ref(),
                life,
                now: app.now(),
            };
            editors::sign_in(&app.store, &who, &fresh)
        })
        .await;
    match done {
        Ok(_) => Ok(welcome(&desk, &session, &next)),
        Err(DeskError::Editor(wrong @ (EditorError::Wrong | EditorError::TooMany))) => {
            let status = if matches!(wrong, EditorError::TooMany) {
                StatusCode::TOO_MANY_REQUESTS
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            let sentence = error::capitalised(&wrong.to_string());
            let door = Door { next: &next, address: &told, wrong: Some(&sentence) };
            Ok((status, sign_in_page(&desk.app(), &doormat, door)?).into_response())
        }
        Err(other) => Err(other),
    }
}

/// Lets somebody in who has just proven who they are.
fn welcome(desk: &Desk, session: &Secret, next: &str) -> Response {
    let mut response = Redirect::to(next).into_response();
    door::keep_session(desk, &mut response, session);
    response
}

/// `GET /desk/join/SECRET`: shows whom the invitation is for, and does not use it up.
pub(super) async fn invitation(
    State(desk): State<Desk>,
    Extension(doormat): Extension<Doormat>,
    Path(secret): Path<String>,
) -> Result<Response, DeskError> {
    match invited(&desk, &secret).await {
        Ok((_, editor)) => join_page(&desk.app(), &doormat, &secret, &editor, None),
        Err(DeskError::Editor(EditorError::Invitation)) => no_invitation(&desk, &doormat),
        Err(other) => Err(other),
    }
}

async fn invited(desk: &Desk, secret: &str) -> Result<(Secret, Editor), DeskError> {
    let secret = Secret::parse(secret).ok_or(EditorError::Invitation)?;
    let asked = secret.clone();
    let editor = desk.work(move |app| editors::invited(&app.store, &asked, app.now())).await?;
    Ok((secret, editor))
}

fn join_page(
    app: &App,
    doormat: &Doormat,
    secret: &str,
    editor: &Editor,
    wrong: Option<&str>,
) -> Result<Response, DeskError> {
    let token = doormat.0.form_token();
    let page = stranger(app, &token)?;
    Ok(html_page(pages::join(page, secret, editor.name.as_str(), editor.address.as_str(), wrong)))
}

fn no_invitation(desk: &Desk, doormat: &Doormat) -> Result<Response, DeskError> {
    let (app, token) = (desk.app(), doormat.0.form_token());
    Ok((StatusCode::NOT_FOUND, html_page(pages::no_invitation(stranger(&app, &token)?))).into_response())
}

/// `POST /desk/join/SECRET`: takes the invitation and signs in.
pub(super) async fn join(
    State(desk): State<Desk>,
    Extension(doormat): Extension<Doormat>,
    Extension(visitor): Extension<Visitor>,
    Path(link): Path<String>,
    form: Option<Extension<Form>>,
) -> Result<Response, DeskError> {
    let form = checked(form)?;
    let (secret, editor) = match invited(&desk, &link).await {
        Err(DeskError::Editor(EditorError::Invitation)) => return no_invitation(&desk, &doormat),
        found => found?,
    };
    let typed = |name: &str| form.first(name).unwrap_or_default();
    let password = match Password::choose(typed("new"), typed("again"), &editor) {
        Ok(password) => password,
        Err(wrong) => {
            let sentence = error::capitalised(&wrong.to_string());
            let answer = join_page(&desk.app(), &doormat, &link, &editor, Some(&sentence))?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response());
        }
    };
    let salt = desk.app().entropy.bytes();
    let joined = desk.hashing(move |app| editors::join(&app.store, &secret, &password, salt, app.now())).await;
    match joined {
        Ok(editor) => {
            let session = begin(&desk, editor, visitor).await?;
            Ok(welcome(&desk, &session, &desk.path("/desk")))
        }
        Err(DeskError::Editor(EditorError::Invitation)) => no_invitation(&desk, &doormat),
        Err(other) => Err(other),
    }
}

/// A fresh session for an editor who has just set a password.
async fn begin(desk: &Desk, editor: EditorId, visitor: Visitor) -> Result<Secret, DeskError> {
    let session = Secret::new(desk.app().entropy.bytes());
    let (hash, network, life) = (session.hash(), visitor.network().unwrap_or_default(), desk.life());
    desk.work(move |app| app.store.begin_session(editor, hash, None, &network, life, app.now())).await?;
    Ok(session)
}

/// `GET /desk/account`.
pub(super) async fn show(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Query(done): Query<super::act::Done>,
) -> Result<Response, DeskError> {
    let sentence = done.sentence(&desk, &signed).await?;
    account_page(&desk, &signed, None, sentence.as_deref()).await
}

async fn account_page(
    desk: &Desk,
    signed: &Signed,
    wrong: Option<&str>,
    said: Option<&str>,
) -> Result<Response, DeskError> {
    let (editor, this) = (signed.editor.id, signed.session.hash());
    let rows = desk.work(move |app| app.store.sessions(editor, this, app.now())).await?;
    let sessions: Vec<Session> = rows
        .into_iter()
        .map(|row| Session { began_at: row.began_at, seen_at: row.seen_at, network: row.network, is_this: row.is_this })
        .collect();
    let (app, token) = (desk.app(), signed.session.form_token());
    let said = said.map(|sentence| Said { sentence, well: true });
    let page = page(&app, signed, &token, said)?;
    Ok(html_page(pages::account(page, signed.editor.address.as_str(), &sessions, page.host.zone, wrong)))
}

/// `POST /desk/account`: another password. Every other session ends, and this one goes on under a fresh secret.
pub(super) async fn change_password(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Extension(visitor): Extension<Visitor>,
    form: Option<Extension<Form>>,
) -> Result<Response, DeskError> {
    let form = checked(form)?;
    let typed = |name: &str| form.first(name).unwrap_or_default();
    let old = Password::typed(typed("old"));
    let new = match Password::choose(typed("new"), typed("again"), &signed.editor) {
        Ok(new) => new,
        Err(wrong) => return refused(&desk, &signed, &wrong.to_string()).await,
    };
    let (editor, salt, network) =
        (signed.editor.clone(), desk.app().entropy.bytes(), visitor.network().unwrap_or_default());
    let changed = desk
        .hashing(move |app| editors::change_password(&app.store, &editor, &old, &new, salt, &network, app.now()))
        .await;
    match changed {
        Ok(()) => {
            let session = begin(&desk, signed.editor.id, visitor).await?;
            Ok(welcome(&desk, &session, &desk.path("/desk/account?done=password")))
        }
        Err(DeskError::Editor(EditorError::Wrong)) => {
            refused(&desk, &signed, "the password until now is not the right one").await
        }
        Err(DeskError::Editor(EditorError::TooMany)) => {
            refused(&desk, &signed, &EditorError::TooMany.to_string()).await
        }
        Err(other) => Err(other),
    }
}

async fn refused(desk: &Desk, signed: &Signed, why: &str) -> Result<Response, DeskError> {
    let answer = account_page(desk, signed, Some(&error::capitalised(why)), None).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response())
}

/// `POST /desk/sign-out`: here, or everywhere.
pub(super) async fn sign_out(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    form: Option<Extension<Form>>,
) -> Result<Response, DeskError> {
    let everywhere = checked(form)?.first("where") == Some("everywhere");
    desk.work(move |app| {
        if everywhere {
            editors::sign_out_everywhere(&app.store, &signed.editor, app.now()).map(|_| ())
        } else {
            app.store.end_session(signed.session.hash())
        }
    })
    .await?;
    let mut response = Redirect::to(&desk.path("/desk/sign-in")).into_response();
    door::forget_session(&desk, &mut response);
    Ok(response)
}
