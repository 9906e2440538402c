//! The sign-up form for other sites: a page to be shown in a frame, and the API. Which sites may use them stands in the configuration. Neither carries a
//! token, so both may be kept for a week; neither writes to anybody who does not press one more button, or is not asked by mail first.

use crate::domain::address::EmailAddress;
use crate::domain::letter::Terms;
use crate::subscribe::{Taken, Visit, Wish, is_disposable, meant, request};
use crate::templates::pages;
use crate::web::form::LIMIT;
use crate::web::guard::{Framed, Visitor};
use crate::web::page::html_page;
use crate::web::subscribe::terms;
use crate::web::{Site, WebError, WebState};
use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

/// `GET /subscribe/embed`: the form alone, for a frame in a page of a site that may show it.
pub(super) async fn frame(State(state): State<WebState>) -> Result<Response, WebError> {
    let site = state.site();
    let host = site.host().ok_or(WebError::NotFound)?;
    let mut response = html_page(pages::embedded(pages::Site::of(host), &format!("{}/subscribe", host.brand.web_base)));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=604800"));
    response.extensions_mut().insert(Framed(site.rules.sites.clone()));
    Ok(response)
}

/// What the API is sent.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    address: String,
    newsletters: Vec<String>,
    topics: Vec<String>,
    language: String,
    format: String,
    /// What the person was shown, for the consent ledger.
    wording: String,
    /// The address is right although it looks like a slip.
    sure: bool,
}

/// The longest wording that is kept, in characters.
const LONGEST_WORDING: usize = 1_000;

/// `POST /api/v1/subscriptions`: 202 for every address that mail can be sent to, whoever it belongs to.
pub(super) async fn ask(
    State(state): State<WebState>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    body: Request<Body>,
) -> Response {
    let Some(origin) = friend(&headers, &state.site()) else {
        return refused(
            StatusCode::FORBIDDEN,
            "origin",
            "this site may not use the API; its origin must stand in subscribe.sites",
            None,
        );
    };
    let answer = match asked(&state, &origin, visitor, body.into_body()).await {
        Ok(answer) | Err(answer) => answer,
    };
    allowed(answer, &origin)
}

/// `OPTIONS /api/v1/subscriptions`: what a browser asks before it posts for another site (Fetch standard, CORS preflight).
pub(super) async fn preflight(State(state): State<WebState>, headers: HeaderMap) -> Response {
    match friend(&headers, &state.site()) {
        Some(origin) => allowed(StatusCode::NO_CONTENT.into_response(), &origin),
        None => StatusCode::FORBIDDEN.into_response(),
    }
}

fn friend(headers: &HeaderMap, site: &Site) -> Option<String> {
    let origin = headers.get(header::ORIGIN)?.to_str().ok()?;
    site.rules.welcomes(origin).then(|| origin.to_owned())
}

async fn asked(state: &WebState, origin: &str, visitor: Visitor, body: Body) -> Result<Response, Response> {
    let wrong = |field: &str, problem: &str| refused(StatusCode::UNPROCESSABLE_ENTITY, field, problem, None);
    let bytes = to_bytes(body, LIMIT)
        .await
        .map_err(|_| refused(StatusCode::PAYLOAD_TOO_LARGE, "body", "larger than any request of ours", None))?;
    let asked: Asked = serde_json::from_slice(&bytes).map_err(|error| {
        refused(StatusCode::BAD_REQUEST, "body", &format!("no JSON of the expected form: {error}"), None)
    })?;
    let site = state.site();
    let address =
        EmailAddress::parse_reader(asked.address.trim()).map_err(|error| wrong("address", &error.to_string()))?;
    if is_disposable(&address, &site.rules) {
        return Err(wrong("address", "addresses of this domain are thrown away after use"));
    }
    if let Some(better) = meant(&address).filter(|_| !asked.sure) {
        let problem = "this looks like a slip; send \"sure\": true if it is right";
        return Err(refused(StatusCode::UNPROCESSABLE_ENTITY, "address", problem, Some(better.as_str())));
    }
    let terms = asked_terms(&asked, &site).map_err(|(field, problem)| wrong(field, &problem))?;
    let wording = asked.wording.chars().filter(|c| !c.is_control()).take(LONGEST_WORDING).collect();
    let visit = Visit {
        form: format!("API, {origin}"),
        nonce: None,
        household: visitor.household(),
        network: visitor.network(),
        at: state.now(),
    };
    let wish = Wish::Subscribe { terms, wording };
    let taken = state.with_store(move |store| request(store, &site.rules, &address, &wish, &visit)).await;
    match taken.map_err(IntoResponse::into_response)? {
        Taken::Yes => {
            state.bell().notify_one();
            Ok((StatusCode::ACCEPTED, json_body(&json!({ "status": "asked" }))).into_response())
        }
        Taken::TooMany => Err(refused(StatusCode::TOO_MANY_REQUESTS, "request", "too many within the hour", None)),
        Taken::Closed => {
            Err(refused(StatusCode::SERVICE_UNAVAILABLE, "request", "nobody can sign up for a while", None))
        }
    }
}

/// What is asked for, in the form that our own page uses; unknown names are errors, for a program can mend them.
fn asked_terms(asked: &Asked, site: &Site) -> Result<Terms, (&'static str, String)> {
    let known = |slug: &String| site.newsletters.iter().any(|one| one.slug.as_str() == slug);
    if let Some(unknown) = asked.newsletters.iter().find(|slug| !known(slug)) {
        return Err(("newsletters", format!("there is no newsletter {unknown:?}")));
    }
    if !matches!(asked.format.as_str(), "" | "html" | "text") {
        return Err(("format", "must be \"html\" or \"text\"".to_owned()));
    }
    let mut newsletters = asked.newsletters.clone();
    if newsletters.is_empty() {
        newsletters.extend(site.host().map(|host| host.slug.to_string()));
    }
    let mut topics = Vec::new();
    for topic in &asked.topics {
        let of = site.newsletters.iter().filter(|one| newsletters.iter().any(|slug| *slug == one.slug.as_str()));
        let found: Vec<String> = of
            .filter(|one| one.sections.iter().any(|section| section.slug.as_str() == topic))
            .map(|one| format!("{}/{topic}", one.slug))
            .collect();
        if found.is_empty() {
            return Err(("topics", format!("there is no topic {topic:?} in these newsletters")));
        }
        topics.extend(found);
    }
    let filled = pages::Filled {
        newsletters,
        topics,
        language: asked.language.clone(),
        plain: asked.format == "text",
        ..pages::Filled::default()
    };
    Ok(terms(&filled, site))
}

fn refused(status: StatusCode, field: &str, problem: &str, meant: Option<&str>) -> Response {
    let mut error = json!({ "field": field, "problem": problem });
    if let Some(meant) = meant {
        error["meant"] = meant.into();
    }
    (status, json_body(&json!({ "error": error }))).into_response()
}

fn json_body(value: &Value) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "application/json; charset=utf-8"), (header::CACHE_CONTROL, "no-store")],
        value.to_string(),
    )
}

/// Lets the browser hand the answer to the site that asked.
fn allowed(mut response: Response, origin: &str) -> Response {
    let headers = response.headers_mut();
    if let Ok(origin) = HeaderValue::from_str(origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}
