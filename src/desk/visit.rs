//! What every request to a page of one newsletter brings: who asks, for which newsletter and story, with which form. Handlers take one of these and
//! begin with their own work. Holds no rule.

use super::act::Done;
use super::coming::Standing;
use super::{Desk, DeskError, Signed, newsletter, page};
use crate::app::App;
use crate::domain::newsletter::Newsletter;
use crate::templates::desk::{Page, Said};
use crate::web::form::Form;
use crate::web::page::html_page;
use axum::Extension;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::response::Response;
use serde::Deserialize;

/// What the address of a page names.
#[derive(Debug, Deserialize)]
struct Place {
    slug: String,
    article: Option<i64>,
}

/// An editor who looks at a page of one newsletter.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) desk: Desk,
    pub(super) signed: Signed,
    pub(super) slug: String,
    /// The sentence of the deed that led to the page, if one did.
    pub(super) said: Option<String>,
    article: Option<i64>,
}

/// What such a page is made of.
#[derive(Debug)]
pub(super) struct Seen<'a> {
    pub(super) app: &'a App,
    pub(super) newsletter: &'a Newsletter,
    pub(super) standing: &'a Standing,
}

impl FromRequestParts<Desk> for Visit {
    type Rejection = DeskError;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, DeskError> {
        let (signed, Place { slug, article }) = named(parts, desk).await?;
        let done = Query::<Done>::from_request_parts(parts, desk).await.map_or_else(|_| Done::default(), |done| done.0);
        let said = done.sentence(desk, &signed).await?;
        Ok(Self { desk: desk.clone(), signed, slug, article, said })
    }
}

impl Visit {
    /// The story that the address names.
    pub(super) fn article(&self) -> Result<i64, DeskError> {
        self.article.ok_or(DeskError::NotFound)
    }

    /// Renders the page, with the sentence of the deed that led to it.
    pub(super) async fn show(
        self,
        render: impl FnOnce(&Seen<'_>, Page<'_>) -> Result<String, DeskError> + Send + 'static,
    ) -> Result<Response, DeskError> {
        let Self { desk, signed, slug, said, .. } = self;
        desk.work(move |app| {
            let newsletter = newsletter(app, &slug)?;
            let standing = Standing::of(app, newsletter)?;
            let token = signed.session.form_token();
            let said = said.as_deref().map(|sentence| Said { sentence, well: true });
            let page = page(app, &signed, &token, said)?;
            Ok::<_, DeskError>(html_page(render(&Seen { app, newsletter, standing: &standing }, page)?))
        })
        .await
    }
}

/// An editor who does something about one newsletter by a form that was checked.
#[derive(Debug)]
pub(super) struct Deed {
    pub(super) desk: Desk,
    pub(super) signed: Signed,
    pub(super) slug: String,
    pub(super) form: Form,
    article: Option<i64>,
}

impl FromRequestParts<Desk> for Deed {
    type Rejection = DeskError;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, DeskError> {
        let (signed, Place { slug, article }) = named(parts, desk).await?;
        let form = super::door::checked(parts.extensions.get::<Form>().cloned().map(Extension))?;
        Ok(Self { desk: desk.clone(), signed, slug, form, article })
    }
}

impl Deed {
    /// The story that the address names.
    pub(super) fn article(&self) -> Result<i64, DeskError> {
        self.article.ok_or(DeskError::NotFound)
    }

    /// The path of a page of the newsletter.
    pub(super) fn place(&self, page: &str) -> String {
        self.desk.path(&format!("/desk/n/{}/{page}", self.slug))
    }

    /// Calls a verb away from the threads that serve connections.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&App, &Newsletter, &Form, &Signed) -> Result<T, DeskError> + Send + 'static,
    ) -> Result<T, DeskError> {
        let (slug, form, signed) = (self.slug.clone(), self.form.clone(), self.signed.clone());
        self.desk.work(move |app| work(app, newsletter(app, &slug)?, &form, &signed)).await
    }

    /// Tells the service that there may be something to do.
    pub(super) fn ring(&self) {
        (self.desk.ring)();
    }
}

/// Who asks, as the door found them, and what the address names.
async fn named(parts: &mut Parts, desk: &Desk) -> Result<(Signed, Place), DeskError> {
    let signed = parts.extensions.get::<Signed>().cloned().ok_or(DeskError::NotFound)?;
    let Path(place) = Path::<Place>::from_request_parts(parts, desk).await.map_err(|_| DeskError::NotFound)?;
    Ok((signed, place))
}
