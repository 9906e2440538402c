//! Fetching over HTTP and HTTPS, as a careful and polite visitor.

use super::address::{is_private_host, is_public};
use super::{Answer, Document, Fetch, FetchError, Request};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION,
};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use url::Url;

/// Redirects that are followed at most.
const REDIRECTS: usize = 5;
/// Requests to one host at the same time.
const PER_HOST: usize = 2;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From the first byte asked to the last received, redirects included.
    pub total: Duration,
    /// Until a connection stands.
    pub connect: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { total: Duration::from_secs(30), connect: Duration::from_secs(10) }
    }
}

/// Fetches over the network.
#[derive(Debug)]
pub struct HttpFetch {
    public_only: reqwest::Client,
    any: reqwest::Client,
    limits: Limits,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl HttpFetch {
    /// `user_agent` says honestly who asks, with an address where one may complain.
    pub fn new(user_agent: &str, limits: Limits) -> Result<Self, FetchError> {
        let client = |public_only: bool| {
            let builder = reqwest::Client::builder()
                .user_agent(user_agent)
                .redirect(reqwest::redirect::Policy::none())
                // A proxy would resolve names itself, behind the guard's back.
                .no_proxy()
                .connect_timeout(limits.connect)
                .pool_max_idle_per_host(PER_HOST);
            let builder = if public_only { builder.dns_resolver(Arc::new(PublicOnly)) } else { builder };
            builder.build().map_err(|error| FetchError::Network(innermost(&error)))
        };
        Ok(Self { public_only: client(true)?, any: client(false)?, limits, hosts: Mutex::default() })
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
                    return read(response, url, moved_to, request.bytes)
                        .await
                        .map(|document| Answer::Document(Box::new(document)));
                }
                304 => return Ok(Answer::NotModified),
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
        let client = if request.allow_private { &self.any } else { &self.public_only };
        let mut asked = client.get(url.clone()).header(ACCEPT, request.accept);
        // Validators belong to the place that gave them, and are not for whoever it redirects to.
        if url.host() == request.url.host() {
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

    fn host(&self, url: &Url) -> Arc<Semaphore> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.entry(host).or_insert_with(|| Arc::new(Semaphore::new(PER_HOST))).clone()
    }
}

impl Fetch for HttpFetch {
    async fn fetch(&self, request: Request) -> Result<Answer, FetchError> {
        let host = self.host(&request.url);
        let _turn = host.acquire().await.map_err(|_| FetchError::Network("shutting down".to_owned()))?;
        let fetched = tokio::time::timeout(self.limits.total, self.follow(&request)).await;
        fetched.unwrap_or(Err(FetchError::TimedOut(self.limits.total.as_secs())))
    }
}

/// Reads a body up to its limit; what is compressed is counted unpacked.
async fn read(
    mut response: reqwest::Response,
    url: Url,
    moved_to: Option<Url>,
    limit: usize,
) -> Result<Document, FetchError> {
    let headers = response.headers().clone();
    let content_type = header(&headers, &CONTENT_TYPE);
    let (media_type, charset) = content_type.as_deref().map_or((None, None), split_type);
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| FetchError::Network(innermost(&error)))? {
        if bytes.len() + chunk.len() > limit {
            return Err(FetchError::TooLarge(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Document {
        url,
        moved_to,
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
