//! The web pages: all routes of the public service on this page, a small file per subject beside it.
//!
//! A handler reads the request into domain values, calls one verb and renders. It holds no rule and no query, and no GET changes anything.

mod archive;
mod confirm;
mod embed;
mod error;
pub(crate) mod form;
pub(crate) mod guard;
mod haste;
mod health;
mod hooks;
mod me;
mod media;
pub(crate) mod page;
mod preferences;
pub mod preview;
mod public;
mod query;
mod question;
mod reader;
mod serve;
mod state;
mod subscribe;
mod unsubscribe;
mod visits;

pub use error::WebError;
pub use serve::{Peer, serve};
pub use state::{Site, WebState};
pub use visits::Visit;

use crate::domain::token::Purpose;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use question::unseen;

/// Everything the service answers to readers, under the path of its base address. Call it with a request, or hand it to [`serve`].
pub fn router(state: WebState) -> Router {
    router_with(state, Router::new())
}

/// The same with the routes of the editors' desk, which has a state of its own. Limits and headers hold for those too.
pub fn router_with(state: WebState, desk: Router<WebState>) -> Router {
    let at = |route: &str| format!("{}{route}", state.base_path());
    let readers = Router::new()
        .route(&at("/u/{token}"), get(unsubscribe::ask).post(unsubscribe::leave))
        .route(&at("/p/{token}"), get(preferences::show).post(preferences::save))
        .route(&at("/p/{token}/{slug}/{number}"), get(archive::issue::show_reader))
        .route(&at("/p/{token}/ask"), post(preferences::ask))
        .route(&at("/u/{token}/why"), post(unsubscribe::say_why))
        .route(&at("/me/{token}"), get(me::show).post(me::press))
        .route(&at("/me/asked"), get(me::asked))
        .route(&at("/link"), get(me::link).post(me::send_link))
        .route(&at("/link/sent"), get(me::link_sent))
        .route(&at("/c/{token}"), get(confirm::show).post(confirm::press))
        .route(&at("/c/{token}/x"), unseen(Purpose::Confirm))
        .route(&at("/me/{token}/x"), unseen(Purpose::Fresh))
        .route(&at("/u/{token}/x"), unseen(Purpose::Unsubscribe))
        .route(&at("/p/{token}/x"), unseen(Purpose::Preferences))
        .route(&at("/subscribe/sent"), get(subscribe::sent))
        .layer(from_fn(guard::private_page));
    let everybody = Router::new()
        .route(&at("/"), get(public::front))
        .route(&at("/{slug}"), get(archive::list::issues))
        .route(&at("/{slug}/{number}"), get(archive::issue::show))
        .route(&at("/{slug}/feed.xml"), get(archive::feeds::rss))
        .route(&at("/{slug}/feed.json"), get(archive::feeds::json))
        .route(&at("/tags/{tag}"), get(archive::labels::tag))
        .route(&at("/columns/{name}"), get(archive::labels::column))
        .route(&at("/authors/{name}"), get(archive::labels::author))
        .route(&at("/search"), get(archive::search::search))
        .route(&at("/events"), get(archive::events::page))
        .route(&at("/events.ics"), get(archive::events::calendar))
        .route(&at("/events/{file}"), get(archive::events::one))
        .route(&at("/sitemap.xml"), get(archive::feeds::site_map))
        .route(&at("/api/v1/issues"), get(archive::api::issues))
        .route(&at("/api/v1/issues/{slug}/{number}"), get(archive::api::issue))
        .route(&at("/media/{file}"), get(media::picture))
        .route(&at("/subscribe/embed"), get(embed::frame))
        .route(&at("/api/v1/subscriptions"), post(embed::ask).options(embed::preflight))
        .route(&at("/subscribe"), get(subscribe::show).post(subscribe::ask))
        .route(&at("/site.css"), get(public::style_sheet))
        .route(&at("/icon.svg"), get(public::icon))
        .route(&at("/robots.txt"), get(public::robots))
        .route(&at("/hooks/{provider}"), post(hooks::take))
        .route(&at("/health"), get(health::health));
    let everybody = match state.base_path() {
        "" => everybody,
        path => everybody.route(path, get(public::front)),
    };
    everybody
        .merge(readers)
        .merge(desk)
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::not_allowed)
        .layer(from_fn(guard::name_route))
        .layer(from_fn_with_state(guard::Limits::default(), guard::within_limits))
        .layer(from_fn_with_state(state.clone(), error::as_page))
        .layer(from_fn_with_state(state.clone(), guard::page_headers))
        .layer(from_fn_with_state(state.clone(), guard::name_visitor))
        .with_state(state)
}
