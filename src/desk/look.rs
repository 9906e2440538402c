//! Links by which somebody outside sees one coming issue: for three days, without a cookie, and nothing else. When the issue is out, they lead to its
//! public page.

use super::coming::Standing;
use super::preview::{Asked, frame, shown};
use super::visit::Deed;
use super::{Desk, DeskError, host};
use crate::app::App;
use crate::domain::look::{LOOK_LASTS, LookLink};
use crate::domain::newsletter::Newsletter;
use crate::rehearsal::rehearse;
use crate::templates::desk::{self as pages, Page};
use crate::web::page::html_page;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};

/// `POST /desk/n/SLUG/look`: makes a link, and shows it once.
pub(super) async fn make(deed: Deed) -> Result<Response, DeskError> {
    let make = deed.work(|app, newsletter, _, signed| {
        let standing = Standing::of(app, newsletter)?;
        let until = app.now() + LOOK_LASTS;
        let link = LookLink { newsletter: app.newsletter_id(newsletter)?, number: standing.number, until };
        let address = format!("{}/desk/look/{}", app.config.web.base_url, link.token(&app.keyring));
        app.store.audit(
            signed.editor.actor(),
            "look",
            &standing.about(),
            "made a link for somebody outside",
            app.now(),
        )?;
        let said = "Copy the link: it is shown only now.";
        shown(app, signed, newsletter, &Asked::default(), Some((&address, until)), Some(said))
    });
    make.await
}

/// `GET /desk/look/TOKEN`.
pub(super) async fn show(State(desk): State<Desk>, Path(token): Path<String>) -> Result<Response, DeskError> {
    let base = desk.base_path.to_string();
    desk.work(move |app| {
        let (link, newsletter) = read(app, &token)?;
        let standing = Standing::of(app, newsletter)?;
        if standing.number != link.number {
            return Ok(Redirect::to(&format!("{base}/{}/{}", newsletter.slug, link.number)).into_response());
        }
        let page = Page { host: host(app)?, editor: None, token: "", newsletters: &[], said: None };
        let until = pages::moment_of(link.until, newsletter.zone);
        Ok::<_, DeskError>(html_page(pages::look(page, newsletter.title.as_str(), link.number, &token, &until)))
    })
    .await
}

/// `GET /desk/look/TOKEN/VIEW`: one frame.
pub(super) async fn view(
    State(desk): State<Desk>,
    Path((token, view)): Path<(String, String)>,
) -> Result<Response, DeskError> {
    let base = desk.base_path.to_string();
    desk.work(move |app| {
        let (link, newsletter) = read(app, &token)?;
        let rehearsal = rehearse(app, newsletter, app.now(), None)?;
        if rehearsal.issue.number != link.number {
            return Err(DeskError::NotFound);
        }
        frame(&rehearsal, &view, &base)
    })
    .await
}

fn read<'a>(app: &'a App, token: &str) -> Result<(LookLink, &'a Newsletter), DeskError> {
    let link = LookLink::read(token, &app.keyring, app.now())?;
    let named = |newsletter: &&Newsletter| app.newsletter_id(newsletter).is_ok_and(|id| id == link.newsletter);
    let newsletter = app.config.newsletters.iter().find(named).ok_or(DeskError::NotFound)?;
    Ok((link, newsletter))
}
