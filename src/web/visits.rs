//! What the answer to a webhook needs from outside, and what must not be answered twice: Amazon's certificates, by address, and the signatures that were
//! used already. Decides nothing; who asks has checked the address.

use crate::collect::fetch::{Answer, Fetch, HttpFetch, Limits, Request};
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use url::Url;

/// Reads what lies at an address; nothing where that failed, which was said.
pub type Visit = Arc<dyn Fn(Url) -> BoxFuture<'static, Option<Vec<u8>>> + Send + Sync>;

/// Certificates that are remembered; Amazon has one for each region and renews it once a year.
const REMEMBERED: usize = 16;

/// Signatures that are remembered within their time; more come from nobody.
const SIGNATURES: usize = 100_000;

/// Visits, and what they brought.
pub(super) struct Visits {
    visit: Visit,
    certificates: Mutex<HashMap<Url, Arc<[u8]>>>,
    used: Mutex<HashMap<String, (i64, [u8; 32])>>,
}

impl Default for Visits {
    fn default() -> Self {
        Self::by(Arc::new(|url| Box::pin(fetched(url))))
    }
}

impl Visits {
    pub(super) fn by(visit: Visit) -> Self {
        Self { visit, certificates: Mutex::default(), used: Mutex::default() }
    }

    /// What lies at an address, now.
    pub(super) async fn look(&self, url: Url) -> Option<Vec<u8>> {
        (self.visit)(url).await
    }

    /// A certificate: fetched once.
    pub(super) async fn certificate(&self, url: &Url) -> Option<Arc<[u8]>> {
        let known = self.certificates.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned();
        if known.is_some() {
            return known;
        }
        let found: Arc<[u8]> = self.look(url.clone()).await?.into();
        let mut certificates = self.certificates.lock().unwrap_or_else(PoisonError::into_inner);
        if certificates.len() >= REMEMBERED {
            certificates.clear();
        }
        certificates.insert(url.clone(), Arc::clone(&found));
        Some(found)
    }

    /// Whether a signature is new, or came with the same content before: who had no answer asks again. `until` is when it is too old anyway.
    pub(super) fn is_first(&self, signature: &str, content: [u8; 32], now: i64, until: i64) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= SIGNATURES {
            used.retain(|_, (until, _)| *until >= now);
        }
        used.entry(signature.to_owned()).or_insert((until, content)).1 == content
    }
}

async fn fetched(url: Url) -> Option<Vec<u8>> {
    let limits = Limits { total: Duration::from_secs(10), ..Limits::default() };
    let fetch = HttpFetch::new("week-in-review", limits);
    match fetch.fetch(Request::new(url, "*/*", 64 << 10)).await {
        Ok(Answer::Document(document)) => Some(document.bytes),
        Ok(Answer::NotModified(_)) => None,
        Err(error) => {
            tracing::warn!("Amazon SNS: {error}");
            None
        }
    }
}
