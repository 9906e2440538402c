//! Upcoming events, as a page and as a calendar.

use crate::domain::event::Event;
use crate::templates::{feeds, pages};
use crate::web::page::cacheable;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

/// Events that are shown.
const EVENTS: usize = 200;

/// `GET /events`.
pub(in crate::web) async fn page(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, WebError> {
    let events = upcoming(&state).await?;
    let site = state.site();
    let host = site.host().ok_or(WebError::NotFound)?;
    Ok(cacheable(&headers, "text/html; charset=utf-8", pages::events(pages::Site::of(host), host.zone, &events)))
}

/// `GET /events.ics`.
pub(in crate::web) async fn calendar(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, WebError> {
    let events = upcoming(&state).await?;
    answer(&state, &headers, &events)
}

/// `GET /events/KEY.ics`: one event, for the link in a mail, which is opened when it is.
pub(in crate::web) async fn one(
    State(state): State<WebState>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let wanted = file.strip_suffix(".ics").ok_or(WebError::NotFound)?.to_owned();
    let event = state.with_store(move |store| store.event_named(&wanted)).await?.ok_or(WebError::NotFound)?;
    answer(&state, &headers, &[event])
}

fn answer(state: &WebState, headers: &HeaderMap, events: &[Event]) -> Result<Response, WebError> {
    let site = state.site();
    let host = site.host().ok_or(WebError::NotFound)?;
    let own = url::Url::parse(&host.brand.web_base).ok();
    let domain = own.as_ref().and_then(url::Url::host_str).unwrap_or("localhost");
    // The stamp is the day's beginning, so that a calendar that did not change has the same version all day.
    let now = state.now();
    let stamp = now.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    let text = feeds::calendar(host.publication.name.as_str(), domain, events, stamp);
    Ok(cacheable(headers, "text/calendar; charset=utf-8", text))
}

async fn upcoming(state: &WebState) -> Result<Vec<Event>, WebError> {
    let now = state.now();
    state.with_store(move |store| store.upcoming_events(now, now, EVENTS)).await
}
