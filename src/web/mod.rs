//! The web pages: all routes of the public service on this page, a small file per subject beside it.
//!
//! A handler reads the request into domain values, calls one verb and renders. It holds no rule and no query, and no GET changes anything.

mod error;
mod form;
mod guard;
mod health;
mod issue_page;
mod media;
mod page;
mod preferences;
pub mod preview;
mod public;
mod reader;
mod serve;
mod state;
mod unsubscribe;

pub use error::WebError;
pub use serve::{Peer, serve};
pub use state::{Site, WebState};

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;

/// Everything the service answers, under the path of its base address. Call it with a request, or hand it to [`serve`].
pub fn router(state: WebState) -> Router {
    let at = |route: &str| format!("{}{route}", state.base_path());
    let readers = Router::new()
        .route(&at("/u/{token}"), get(unsubscribe::ask).post(unsubscribe::leave))
        .route(&at("/p/{token}"), get(preferences::show).post(preferences::save))
        .layer(from_fn(guard::private_page));
    let everybody = Router::new()
        .route(&at("/"), get(public::front))
        .route(&at("/{slug}"), get(public::latest))
        .route(&at("/{slug}/{number}"), get(issue_page::show))
        .route(&at("/media/{file}"), get(media::picture))
        .route(&at("/subscribe"), get(public::subscribe))
        .route(&at("/site.css"), get(public::style_sheet))
        .route(&at("/icon.svg"), get(public::icon))
        .route(&at("/robots.txt"), get(public::robots))
        .route(&at("/health"), get(health::health));
    let everybody = match state.base_path() {
        "" => everybody,
        path => everybody.route(path, get(public::front)),
    };
    everybody
        .merge(readers)
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::not_allowed)
        .layer(from_fn(guard::name_route))
        .layer(from_fn_with_state(guard::Limits::default(), guard::within_limits))
        .layer(from_fn_with_state(state.clone(), error::as_page))
        .layer(from_fn_with_state(state.clone(), guard::page_headers))
        .layer(from_fn_with_state(state.clone(), guard::name_visitor))
        .with_state(state)
}
