//! The desk, where editors see, change and release the coming issues. All its routes are on this page; a small file per subject beside it.
//!
//! A handler reads the form, calls a verb that the command line has too, and renders; it holds no rule and no query. It stands above `app`, as the
//! command line does, because an editor may do what an operator may. No GET changes anything; every POST needs a session and its form token.

mod account;
mod act;
mod checks;
mod coming;
mod dates;
mod door;
mod error;
mod face;
mod hand;
mod home;
mod lists;
mod look;
mod preview;
mod readers;
mod sent;
mod stories;
mod visit;

pub use error::DeskError;

use crate::app::{App, AppError};
use crate::domain::editor::{Editor, Secret, SessionLife};
use crate::domain::newsletter::Newsletter;
use crate::domain::tag::Slug;
use crate::templates::desk::{CSS, Page, Said};
use crate::web::WebState;
use crate::web::page::cacheable;
use axum::Router;
use axum::http::HeaderMap;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Hashing a password takes 19 MiB: no more than so many at one time, the others wait.
const HASHING_AT_ONCE: usize = 2;

/// Requests that read and render at one time; the others wait. The pages of readers are served beside them.
const WORKING_AT_ONCE: usize = 4;

/// Requests that ask another site at one time, and how long such an answer may take.
const FETCHING_AT_ONCE: usize = 2;
const FETCHED_WITHIN: Duration = Duration::from_secs(30);

/// What every handler of the desk is given. Clones share everything.
#[derive(Clone)]
pub struct Desk {
    app: Arc<dyn Fn() -> Arc<App> + Send + Sync>,
    ring: Arc<dyn Fn() + Send + Sync>,
    hashing: Arc<Semaphore>,
    working: Arc<Semaphore>,
    fetching: Arc<Semaphore>,
    base_path: Arc<str>,
    origin: Arc<str>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl Desk {
    /// Puts it together; `app` gives the program as it is configured at that moment, `ring` tells the service that there may be something to do.
    pub fn new(app: impl Fn() -> Arc<App> + Send + Sync + 'static, ring: impl Fn() + Send + Sync + 'static) -> Self {
        let base = app().config.web.base_url.clone();
        let (origin, path) = url::Url::parse(&base).map_or_else(
            |_| (String::new(), String::new()),
            |url| (url.origin().ascii_serialization(), url.path().trim_end_matches('/').to_owned()),
        );
        Self {
            app: Arc::new(app),
            ring: Arc::new(ring),
            hashing: Arc::new(Semaphore::new(HASHING_AT_ONCE)),
            working: Arc::new(Semaphore::new(WORKING_AT_ONCE)),
            fetching: Arc::new(Semaphore::new(FETCHING_AT_ONCE)),
            base_path: path.into(),
            origin: origin.into(),
        }
    }

    fn app(&self) -> Arc<App> {
        (self.app)()
    }

    fn now(&self) -> DateTime<Utc> {
        self.app().now()
    }

    fn life(&self) -> SessionLife {
        self.app().config.desk
    }

    /// The path of a place, with that of the base address before it.
    fn path(&self, place: &str) -> String {
        format!("{}{place}", self.base_path)
    }

    fn is_https(&self) -> bool {
        self.origin.starts_with("https:")
    }

    /// Runs work on the database away from the threads that serve connections.
    async fn work<T, E>(&self, work: impl FnOnce(&App) -> Result<T, E> + Send + 'static) -> Result<T, DeskError>
    where
        T: Send + 'static,
        E: Send + 'static,
        DeskError: From<E>,
    {
        let _place = self.working.acquire().await.map_err(|_| DeskError::Panicked)?;
        let app = self.app();
        match tokio::task::spawn_blocking(move || work(&app)).await {
            Ok(done) => Ok(done?),
            Err(_) => Err(DeskError::Panicked),
        }
    }

    /// Waits for another site, but not for ever.
    async fn fetching<T>(&self, fetch: impl Future<Output = Result<T, AppError>>) -> Result<T, DeskError> {
        let _place = self.fetching.acquire().await.map_err(|_| DeskError::Panicked)?;
        let late = || DeskError::Refused("the other site takes too long to answer; try again later".to_owned());
        Ok(tokio::time::timeout(FETCHED_WITHIN, fetch).await.map_err(|_| late())??)
    }

    /// Work on the database that hashes a password.
    async fn hashing<T, E>(&self, work: impl FnOnce(&App) -> Result<T, E> + Send + 'static) -> Result<T, DeskError>
    where
        T: Send + 'static,
        E: Send + 'static,
        DeskError: From<E>,
    {
        let _place = self.hashing.acquire().await.map_err(|_| DeskError::Panicked)?;
        self.work(work).await
    }
}

/// An editor whose session was found, and the secret of their forms.
#[derive(Debug, Clone)]
struct Signed {
    editor: Editor,
    session: Secret,
}

impl Signed {
    /// What stands in the audit for them.
    fn actor(&self) -> String {
        self.editor.actor().to_owned()
    }
}

/// The pages of the desk, to be merged into those of readers.
pub fn router(desk: Desk) -> Router<WebState> {
    let at = |place: &str| desk.path(place);
    let inside = Router::new()
        .route(&at("/desk"), get(home::show))
        .route(&at("/desk/n/{slug}/preview"), get(preview::show))
        .route(&at("/desk/n/{slug}/view/{view}"), get(preview::view))
        .route(&at("/desk/n/{slug}/stories"), get(stories::list).post(stories::add))
        .route(&at("/desk/n/{slug}/stories/{article}"), get(stories::show).post(stories::save))
        .route(&at("/desk/n/{slug}/stories/{article}/place"), post(stories::place))
        .route(&at("/desk/n/{slug}/stories/{article}/undo"), post(stories::undo))
        .route(&at("/desk/n/{slug}/face"), get(face::show).post(face::save))
        .route(&at("/desk/n/{slug}/face/undo"), post(face::undo))
        .route(&at("/desk/n/{slug}/dates"), get(dates::show).post(dates::change))
        .route(&at("/desk/n/{slug}/sent/{number}"), get(sent::show).post(sent::change))
        .route(&at("/desk/n/{slug}/act"), post(act::act))
        .route(&at("/desk/n/{slug}/test"), post(act::test))
        .route(&at("/desk/n/{slug}/look"), post(look::make))
        .route(&at("/desk/issues"), get(lists::issues))
        .route(&at("/desk/readers"), get(readers::show).post(readers::find))
        .route(&at("/desk/sources"), get(lists::sources))
        .route(&at("/desk/audit"), get(lists::audit))
        .route(&at("/desk/account"), get(account::show).post(account::change_password))
        .route(&at("/desk/sign-out"), post(account::sign_out))
        .layer(from_fn_with_state(desk.clone(), door::signed_in));
    let door = Router::new()
        .route(&at("/desk/sign-in"), get(account::ask).post(account::sign_in))
        .route(&at("/desk/join/{secret}"), get(account::invitation).post(account::join))
        .layer(from_fn_with_state(desk.clone(), door::at_the_door));
    let outside = Router::new()
        .route(&at("/desk/look/{token}"), get(look::show))
        .route(&at("/desk/look/{token}/{view}"), get(look::view));
    let pages = inside
        .merge(door)
        .merge(outside)
        .layer(from_fn_with_state(desk.clone(), error::as_page))
        .layer(from_fn_with_state(desk.clone(), door::headers));
    pages.route(&at("/desk/desk.css"), get(style_sheet)).with_state(desk)
}

/// `GET /desk/desk.css`.
async fn style_sheet(headers: HeaderMap) -> Response {
    cacheable(&headers, "text/css; charset=utf-8", CSS)
}

/// The newsletter in whose colours the desk stands.
fn host(app: &App) -> Result<&Newsletter, DeskError> {
    app.config.newsletters.first().ok_or(DeskError::NotFound)
}

/// The newsletter that an address names.
fn newsletter<'a>(app: &'a App, slug: &str) -> Result<&'a Newsletter, DeskError> {
    let slug = Slug::parse(slug).map_err(|_| DeskError::NotFound)?;
    app.config.newsletter(&slug).ok_or(DeskError::NotFound)
}

/// The surroundings of a page for an editor who is signed in.
fn page<'a>(app: &'a App, signed: &'a Signed, token: &'a str, said: Option<Said<'a>>) -> Result<Page<'a>, DeskError> {
    Ok(Page {
        host: host(app)?,
        editor: Some(signed.editor.actor()),
        token,
        newsletters: &app.config.newsletters,
        said,
    })
}
