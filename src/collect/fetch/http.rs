//! Fetching over HTTP and HTTPS, as a careful and polite visitor.

use super::address::{is_private_host, is_public};
use super::unpack::{ACCEPTED, unpack};
use super::{Answer, Document, Fetch, FetchError, Request};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER, USER_AGENT,
};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use url::Url;

/// Redirects that are followed at most.
const REDIRECTS: usize = 5;
/// Requests to one host at the same time.
const PER_HOST: usize = 2;
/// The same on networks of our own, where nobody else is kept waiting.
const PER_OWN_HOST: usize = 32;
/// The longest wait that a server may ask for.
const LONGEST_WAIT: u64 = 7 * 86_400;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From the first byte asked to the last received, redirects included.
    pub total: Duration,
    /// Until a connection stands.
    pub connect: Duration,
    /// What pauses are varied by, so that many installations do not ask in step.
    pub seed: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { total: Duration::from_secs(30), connect: Duration::from_secs(10), seed: 0 }
    }
}

/// Fetches over the network.
#[derive(Debug)]
pub struct HttpFetch {
    user_agent: String,
    public_only: OnceLock<reqwest::Client>,
    any: OnceLock<reqwest::Client>,
    limits: Limits,
    varied: AtomicU64,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

/// What is due to one host.
#[derive(Debug)]
struct Host {
    turns: Semaphore,
    /// When it may next be asked for a page.
    free_at: tokio::sync::Mutex<Option<Instant>>,
}

impl HttpFetch {
    /// `user_agent` says honestly who asks, with an address where one may complain.
    pub fn new(user_agent: &str, limits: Limits) -> Self {
        Self {
            user_agent: user_agent.to_owned(),
            public_only: OnceLock::new(),
            any: OnceLock::new(),
            varied: AtomicU64::new(limits.seed),
            limits,
            hosts: Mutex::default(),
        }
    }

    /// The client for the public web, or for any address. Made when it is first needed: it reads all certificates of the system, and many a command
    /// that may fetch something fetches nothing.
    fn client(&self, public_only: bool) -> Result<&reqwest::Client, FetchError> {
        let kept = if public_only { &self.public_only } else { &self.any };
        if let Some(client) = kept.get() {
            return Ok(client);
        }
        let builder = reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            // A proxy would resolve names itself, behind the guard's back.
            .no_proxy()
            .connect_timeout(self.limits.connect)
            .pool_max_idle_per_host(PER_OWN_HOST);
        let builder = if public_only { builder.dns_resolver(Arc::new(PublicOnly)) } else { builder };
        let client = builder.build().map_err(|error| FetchError::Network(innermost(&error)))?;
        Ok(kept.get_or_init(|| client))
    }

    /// One for whom a name stands for an address, whatever that is: the public web of a test.
    #[cfg(test)]
    pub(in crate::collect) fn with_name(name: &str, address: SocketAddr) -> Self {
        let client = || {
            let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
            builder.resolve(name, address).build().unwrap()
        };
        let fetch = Self::new("week-in-review-test (https://example.org)", Limits::default());
        for kept in [&fetch.public_only, &fetch.any] {
            kept.set(client()).unwrap();
        }
        fetch
    }

    async fn follow(&self, request: &Request) -> Result<Answer, FetchError> {
        let mut url = request.url.clone();
        let mut been = vec![url.clone()];
        let mut permanent = true;
        loop {
            let response = self.ask(request, &url).await?;
            let status = response.status().as_u16();
            match status {
                200..=299 => {
                    let moved_to = (permanent && been.len() > 1).then(|| url.clone());
                    return read(response, Found { url, moved_to, hops: been }, request.bytes)
                        .await
                        .map(|document| Answer::Document(Box::new(document)));
                }
                304 => return Ok(Answer::NotModified(fresh_seconds(response.headers()))),
                301 | 302 | 303 | 307 | 308 => {
                    permanent &= matches!(status, 301 | 308);
                    let to = header(response.headers(), &LOCATION).and_then(|to| url.join(&to).ok());
                    url = to.ok_or(FetchError::Status(status))?;
                    if been.contains(&url) {
                        return Err(FetchError::Circle(url.into()));
                    }
                    if been.len() > REDIRECTS {
                        return Err(FetchError::TooManyRedirects(REDIRECTS));
                    }
                    been.push(url.clone());
                }
                429 | 503 => {
                    let asked = header(response.headers(), &RETRY_AFTER)
                        .and_then(|value| seconds_until(&value, response.headers()));
                    return Err(
                        asked.map_or(FetchError::Status(status), |seconds| FetchError::Later { status, seconds })
                    );
                }
                other => return Err(FetchError::Status(other)),
            }
        }
    }

    /// One request, on one hop: the parsed host is judged here, what its name resolves to by the resolver.
    async fn ask(&self, request: &Request, url: &Url) -> Result<reqwest::Response, FetchError> {
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(FetchError::Scheme(url.to_string()));
        }
        if !request.allow_private && is_private_host(url) {
            return Err(FetchError::Private(url.host_str().unwrap_or_default().to_owned()));
        }
        let client = self.client(!request.allow_private)?;
        let mut asked = client.get(url.clone()).header(ACCEPT, request.accept).header(ACCEPT_ENCODING, ACCEPTED);
        if let Some(user_agent) = &request.access.user_agent {
            asked = asked.header(USER_AGENT, user_agent);
        }
        // Validators and passwords belong to the place that they are for, and not to whoever it redirects to.
        if url.origin() == request.url.origin() {
            if let Some((name, password)) = &request.access.basic {
                asked = asked.basic_auth(name, Some(password.expose()));
            }
            for (name, value) in &request.access.headers {
                asked = asked.header(name, value.expose());
            }
            for (name, value) in [(IF_NONE_MATCH, &request.etag), (IF_MODIFIED_SINCE, &request.last_modified)] {
                if let Some(value) = value {
                    asked = asked.header(name, value);
                }
            }
        }
        asked.send().await.map_err(|error| self.fault(&error, url))
    }

    fn fault(&self, error: &reqwest::Error, url: &Url) -> FetchError {
        let mut cause: Option<&dyn std::error::Error> = Some(error);
        while let Some(current) = cause {
            if current.is::<NotPublic>() {
                return FetchError::Private(url.host_str().unwrap_or_default().to_owned());
            }
            cause = current.source();
        }
        if error.is_timeout() {
            return FetchError::TimedOut(self.limits.connect.as_secs());
        }
        FetchError::Network(innermost(error))
    }

    fn host(&self, url: &Url, is_own: bool) -> Arc<Host> {
        let name = url.host_str().unwrap_or_default().to_owned();
        let turns = if is_own { PER_OWN_HOST } else { PER_HOST };
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let host = || Arc::new(Host { turns: Semaphore::new(turns), free_at: tokio::sync::Mutex::default() });
        hosts.entry(name).or_insert_with(host).clone()
    }

    /// Waits until the host may be asked for a page again. Machines of our own are asked at once.
    async fn wait_for(&self, host: &Host, pause: Duration) {
        let mut free_at = host.free_at.lock().await;
        if let Some(at) = *free_at {
            tokio::time::sleep_until(at).await;
        }
        *free_at = Some(Instant::now() + self.varied(pause));
    }

    /// A pause, a quarter shorter to a quarter longer.
    fn varied(&self, pause: Duration) -> Duration {
        let n = self.varied.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        let share = (n ^ (n >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 40;
        pause.mul_f64(0.75 + 0.5 * share as f64 / f64::from(1_u32 << 24))
    }
}

impl Fetch for HttpFetch {
    async fn fetch(&self, request: Request) -> Result<Answer, FetchError> {
        let is_own = request.allow_private && is_private_host(&request.url);
        let host = self.host(&request.url, is_own);
        if let Some(pause) = request.pause.filter(|_| !is_own) {
            self.wait_for(&host, pause).await;
        }
        let _turn = host.turns.acquire().await.map_err(|_| FetchError::Network("shutting down".to_owned()))?;
        let fetched = tokio::time::timeout(self.limits.total, self.follow(&request)).await;
        fetched.unwrap_or(Err(FetchError::TimedOut(self.limits.total.as_secs())))
    }
}

/// Where a document was found.
struct Found {
    url: Url,
    moved_to: Option<Url>,
    hops: Vec<Url>,
}

/// Seconds until the instant of a `Retry-After`: a number, or a date compared with the server's own clock.
fn seconds_until(value: &str, headers: &HeaderMap) -> Option<u64> {
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(seconds.min(LONGEST_WAIT));
    }
    let date = |text: &str| chrono::DateTime::parse_from_rfc2822(text).ok();
    let now = headers.get(reqwest::header::DATE).and_then(|value| date(value.to_str().ok()?))?;
    Some((date(value)? - now).num_seconds().clamp(0, LONGEST_WAIT as i64) as u64)
}

/// `max-age` of `Cache-Control`, unless it says that nothing may be kept.
fn fresh_seconds(headers: &HeaderMap) -> Option<u64> {
    let value = header(headers, &CACHE_CONTROL)?.to_ascii_lowercase();
    let mut directives = value.split(',').map(str::trim);
    if directives.clone().any(|directive| matches!(directive, "no-store" | "no-cache")) {
        return None;
    }
    directives.find_map(|directive| directive.strip_prefix("max-age=")?.trim_matches('"').parse().ok())
}

/// Reads a body up to its limit, as it is sent and as it is unpacked.
async fn read(mut response: reqwest::Response, found: Found, limit: usize) -> Result<Document, FetchError> {
    let Found { url, moved_to, hops } = found;
    let headers = response.headers().clone();
    let content_type = header(&headers, &CONTENT_TYPE);
    let (media_type, charset) = content_type.as_deref().map_or((None, None), split_type);
    let codings = every(&headers, &CONTENT_ENCODING);
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| FetchError::Network(innermost(&error)))? {
        if bytes.len() + chunk.len() > limit {
            // Empty blocks can be packed without end: a body that gives nothing is as endless as one that gives too much.
            return Err(if codings.is_empty() {
                FetchError::TooLarge(limit)
            } else {
                FetchError::TooMuchPacked(limit)
            });
        }
        bytes.extend_from_slice(&chunk);
    }
    if !codings.is_empty() {
        let unpacked = tokio::task::spawn_blocking(move || unpack(bytes, &codings, limit));
        bytes = unpacked.await.map_err(|error| FetchError::Packed(error.to_string()))??;
    }
    Ok(Document {
        url,
        moved_to,
        hops,
        fresh_seconds: fresh_seconds(&headers),
        bytes,
        media_type,
        charset,
        etag: header(&headers, &ETAG),
        last_modified: header(&headers, &LAST_MODIFIED),
    })
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    // Locations in the wild hold UTF-8 as it is.
    let text = String::from_utf8_lossy(value.as_bytes()).trim().to_owned();
    (!text.is_empty() && text.len() <= 8_000).then_some(text)
}

/// All values of a header that may stand several times, as one list (RFC 9110, section 5.3).
fn every(headers: &HeaderMap, name: &HeaderName) -> String {
    let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    values.join(",")
}

fn split_type(value: &str) -> (Option<String>, Option<String>) {
    let mut parts = value.split(';').map(str::trim);
    let media_type = parts.next().map(str::to_ascii_lowercase).filter(|t| !t.is_empty());
    let charset = parts.find_map(|part| {
        part.split_once('=')
            .filter(|(key, _)| key.trim().eq_ignore_ascii_case("charset"))
            .map(|(_, v)| v.trim_matches(['"', '\'', ' ']).to_owned())
    });
    (media_type, charset)
}

/// The innermost cause says most, and says it without the address, which the caller names.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// Resolves names by the system, and refuses those that lead to a private address.
#[derive(Debug)]
struct PublicOnly;

#[derive(Debug, thiserror::Error)]
#[error("the name leads to a private address")]
struct NotPublic;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One private address among public ones is how a guard is tricked: all must be public.
            if found.iter().any(|address| !is_public(address.ip())) {
                return Err(NotPublic.into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests;
