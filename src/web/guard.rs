//! What stands before every handler: who the visitor is, how much they may take, and the headers that keep a page to itself.
//!
//! Nothing of a visitor is logged but the route they asked for: addresses and tokens stay out.

use crate::domain::network::Network;
use crate::domain::newsletter::Newsletter;
use crate::templates::pages;
use crate::web::serve::Peer;
use crate::web::{WebError, WebState};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// A visitor's address, no more of which is kept than one of its two networks; and whether they come from another of our pages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visitor {
    address: Option<IpAddr>,
    inside: bool,
}

impl Visitor {
    /// The part that may be kept beside what they consent to.
    pub(crate) fn network(self) -> Option<String> {
        self.address.map(|address| Network::of_visitor(address).to_string())
    }

    /// The part that budgets count by.
    pub(crate) fn household(self) -> Option<Network> {
        self.address.map(Network::of_household)
    }

    /// Whether their browser says that one of our own pages led them here.
    pub(crate) fn is_inside(self) -> bool {
        self.inside
    }
}

/// How much is done at once, and for how long.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    places: Arc<Semaphore>,
    patience: Duration,
}

/// Requests that are worked on at once; each may hold a thread that waits for the database.
const AT_ONCE: usize = 64;
/// From the head of a request to the head of its answer, its body included.
const PATIENCE: Duration = Duration::from_secs(20);

impl Default for Limits {
    fn default() -> Self {
        Self::new(AT_ONCE, PATIENCE)
    }
}

impl Limits {
    fn new(at_once: usize, patience: Duration) -> Self {
        Self { places: Arc::new(Semaphore::new(at_once)), patience }
    }
}

/// Answers in time or says why not. Who finds every place taken waits a little, so a burst is served and a flood is not.
pub(super) async fn within_limits(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let answer = async {
        let Ok(_place) = limits.places.acquire().await else { return WebError::Busy.into_response() };
        match tokio::time::timeout(limits.patience, next.run(request)).await {
            Ok(response) => response,
            Err(_) => WebError::TooSlow.into_response(),
        }
    };
    match tokio::time::timeout(limits.patience + Duration::from_secs(1), answer).await {
        Ok(response) => response,
        Err(_) => WebError::Busy.into_response(),
    }
}

/// Finds out where the visitor comes from, and logs the answer they got under the route's pattern, never under its address.
pub(super) async fn name_visitor(State(state): State<WebState>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    let address = peer.map(|peer| visitor(peer, request.headers(), &state.site().trusted_proxies));
    let inside = request.headers().get("sec-fetch-site").is_some_and(|from| from == "same-origin");
    request.extensions_mut().insert(Visitor { address, inside });
    let (began, method) = (Instant::now(), request.method().clone());
    let response = next.run(request).await;
    let route = response.extensions().get::<Route>().map_or("(none)", |route| route.0.as_str());
    tracing::debug!(%method, route, status = response.status().as_u16(), duration_ms = began.elapsed().as_millis(), "answered");
    response
}

/// The pattern of the route that answered.
#[derive(Debug, Clone)]
struct Route(MatchedPath);

/// Remembers the route for the log; stands inside the routes, where it is known.
pub(super) async fn name_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(Route(route));
    }
    response
}

/// The visitor's address: that of the other end, or, when that is a proxy we trust, the last one in `X-Forwarded-For` that is no such proxy.
/// What stands further left was written by the visitor and is worth nothing.
fn visitor(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut visitor = peer;
    let lines: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
    for said in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !is_trusted(visitor) {
            break;
        }
        let Ok(address) = said.trim().parse() else { break };
        visitor = address;
    }
    visitor
}

/// What pages may load and do: nothing but our own style sheet, pictures and forms. No script, no frame, no other place for a form.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' https:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The policy of a page, with the one style attribute that it has: the colours of a newsletter, named by their hash.
pub(crate) fn page_policy(newsletters: &[Newsletter]) -> HeaderValue {
    let styles: BTreeSet<String> = newsletters.iter().map(|one| pages::Site::of(one).style()).collect();
    let hash = |style: &String| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(style.as_bytes())));
    let hashes = styles.iter().map(hash).collect::<Vec<_>>().join(" ");
    HeaderValue::try_from(format!("{PAGE_POLICY}; style-src-attr 'unsafe-hashes' {hashes}"))
        .unwrap_or(HeaderValue::from_static(PAGE_POLICY))
}

/// The same for the page of an issue: its fragment is that of the mail, which must carry its styles inline.
pub(super) const ISSUE_POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' https:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers of every answer. A handler's own `Content-Security-Policy` or `Cache-Control` stays.
const ALWAYS: [(&str, &str); 5] = [
    // A token in the address must not travel to where a link leads.
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// Marks a page that some sites may show in a frame.
#[derive(Debug, Clone)]
pub(super) struct Framed(pub(super) Vec<String>);

/// Puts the headers on every answer.
pub(super) async fn page_headers(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let framed = response.extensions_mut().remove::<Framed>().filter(|framed| !framed.0.is_empty());
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    if let Some(Framed(sites)) = framed {
        // The older header knows no list of sites; where both stand, browsers obey the policy alone.
        headers.remove("x-frame-options");
        let policy = page_policy(&state.site().newsletters);
        let open = policy
            .to_str()
            .unwrap_or(PAGE_POLICY)
            .replace("frame-ancestors 'none'", &format!("frame-ancestors {}", sites.join(" ")));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::try_from(open).unwrap_or(policy));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(|| page_policy(&state.site().newsletters));
    if state.is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// Pages behind a reader's link are in no index and in no cache.
pub(super) async fn private_page(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow, noarchive"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        let trusted: Vec<Network> =
            ["127.0.0.0/8", "10.0.0.0/8"].iter().map(|text| Network::parse(text).unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_str(line).unwrap());
        }
        visitor(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_visitor_cannot_choose_their_address() {
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", &["198.51.100.1, 203.0.113.9"]), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", &["198.51.100.1", "203.0.113.9, 10.1.2.3"]), "203.0.113.9");
        assert_eq!(seen("::ffff:127.0.0.1", &["2001:db8::7"]), "2001:db8::7");
    }

    #[test]
    fn what_a_proxy_says_badly_is_not_used() {
        assert_eq!(seen("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", &["unknown"]), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", &["198.51.100.1, unknown, 10.0.0.1"]), "10.0.0.1");
    }
}
