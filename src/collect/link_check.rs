//! Whether links lead anywhere: each is asked once, by whoever comes first, and what its server said is kept as a fact. What a dead link means for an
//! issue is decided by those who compose and send it.

use super::fetch::{Answer, Fetch, FetchError, Request};
use super::run::Manner;
use crate::domain::network::is_reserved_name;
use crate::domain::source::Source;
use crate::store::links::{LinkCheck, Verdict};
use crate::store::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;
use std::collections::BTreeSet;
use std::sync::Arc;
use url::Url;

/// Links that are asked at the same time; each host has its own pace.
const AT_ONCE: usize = 8;
/// The most bytes that are read: more of a document proves no more.
const BYTES: usize = 64 << 10;
/// How long the word of a server counts that a document is there, and that there is none.
const FRESH: (TimeDelta, TimeDelta) = (TimeDelta::hours(6), TimeDelta::minutes(30));

/// Asks the links of which nothing fresh is known, and keeps what was said. Returns how many were asked.
pub async fn check_links<F: Fetch>(
    store: &Arc<Store>,
    fetch: &F,
    sources: &[Source],
    links: &[String],
    now: DateTime<Utc>,
    manner: &Manner,
) -> Result<usize, StoreError> {
    let known = store.link_checks(links)?;
    let is_fresh = |url: &str| known.iter().any(|check| check.url == url && is_fresh(check, now));
    let wanted: BTreeSet<&String> = links.iter().filter(|url| !is_fresh(url)).collect();
    let wanted: Vec<Url> = wanted.into_iter().filter_map(|url| Url::parse(url).ok()).filter(is_askable).collect();
    // Hosts of our own network are asked only if a source lies there: a feed must not make us knock at other doors.
    let own: BTreeSet<String> = sources
        .iter()
        .filter(|source| source.allow_private)
        .filter_map(|source| source.kind.url().map(origin))
        .collect();
    let checks: Vec<LinkCheck> = futures_util::stream::iter(wanted)
        .map(|url| {
            let allow_private = own.contains(&origin(&url));
            async move {
                let request = Request {
                    allow_private,
                    pause: Some(manner.pause),
                    ..Request::new(url.clone(), "text/html, */*;q=0.5", BYTES)
                };
                fact(url.as_str(), &fetch.fetch(request).await, now)
            }
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    store.keep_link_checks(&checks, now)?;
    Ok(checks.len())
}

/// What an answer says of the link that it answers.
pub(super) fn fact(url: &str, answer: &Result<Answer, FetchError>, now: DateTime<Utc>) -> LinkCheck {
    let (verdict, detail) = match answer {
        Ok(_) | Err(FetchError::TooLarge(_) | FetchError::TooMuchPacked(_) | FetchError::Packed(_)) => {
            (Verdict::Alive, "it answers".to_owned())
        }
        Err(error @ FetchError::Status(404 | 410)) => (Verdict::Dead, error.to_string()),
        Err(error @ (FetchError::Circle(_) | FetchError::TooManyRedirects(_) | FetchError::Scheme(_))) => {
            (Verdict::Dead, error.to_string())
        }
        Err(error) => (Verdict::Unsure, error.to_string()),
    };
    LinkCheck { url: url.to_owned(), checked_at: now, verdict, detail }
}

fn is_fresh(check: &LinkCheck, now: DateTime<Utc>) -> bool {
    let counts = if check.verdict == Verdict::Alive { FRESH.0 } else { FRESH.1 };
    check.checked_at <= now && now - check.checked_at < counts
}

/// Names that nobody can have lead nowhere, and that is no news.
fn is_askable(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !is_reserved_name(host))
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Answers by the last part of the path, and counts.
    #[derive(Default)]
    struct Web(AtomicUsize);

    impl Fetch for Web {
        async fn fetch(&self, request: Request) -> Result<Answer, FetchError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            match request.url.path() {
                "/alive" => Ok(Answer::NotModified(None)),
                "/large" => Err(FetchError::TooLarge(BYTES)),
                "/slow" => Err(FetchError::TimedOut(30)),
                "/later" => Err(FetchError::Later { status: 503, seconds: 60 }),
                path => Err(FetchError::Status(path[1..].parse().unwrap_or(404))),
            }
        }
    }

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_100_000 + hours * 3_600, 0).unwrap()
    }

    async fn ask(store: &Arc<Store>, web: &Web, paths: &[&str], now: DateTime<Utc>) -> Vec<(String, Verdict)> {
        let links: Vec<String> = paths.iter().map(|path| format!("https://paper.press/{path}")).collect();
        let manner = Manner { pause: std::time::Duration::ZERO, ..Manner::default() };
        check_links(store, web, &[], &links, now, &manner).await.unwrap();
        let name = |url: &str| url.rsplit('/').next().unwrap_or_default().to_owned();
        store.link_checks(&links).unwrap().into_iter().map(|check| (name(&check.url), check.verdict)).collect()
    }

    #[tokio::test]
    async fn only_what_is_surely_gone_is_dead() {
        let (store, web) = (Arc::new(Store::in_memory().unwrap()), Web::default());
        let paths = ["alive", "large", "404", "410", "401", "403", "429", "500", "later", "slow"];
        let found = ask(&store, &web, &paths, at(0)).await;
        let of = |wanted| found.iter().filter(|(_, v)| *v == wanted).map(|(name, _)| name.as_str()).collect::<Vec<_>>();
        assert_eq!(of(Verdict::Alive), ["alive", "large"]);
        assert_eq!(of(Verdict::Dead), ["404", "410"]);
        assert_eq!(of(Verdict::Unsure), ["401", "403", "429", "500", "later", "slow"]);
    }

    #[tokio::test]
    async fn a_link_is_asked_once_and_a_dead_one_soon_again() {
        let (store, web) = (Arc::new(Store::in_memory().unwrap()), Web::default());
        ask(&store, &web, &["alive", "alive", "404"], at(0)).await;
        assert_eq!(web.0.load(Ordering::Relaxed), 2);
        ask(&store, &web, &["alive", "404"], at(1)).await;
        assert_eq!(web.0.load(Ordering::Relaxed), 3, "the dead one alone");
        ask(&store, &web, &["alive"], at(7)).await;
        assert_eq!(web.0.load(Ordering::Relaxed), 4);
    }

    #[tokio::test]
    async fn names_for_examples_are_not_asked() {
        let (store, web) = (Arc::new(Store::in_memory().unwrap()), Web::default());
        let links = ["https://paper.example/alive".to_owned(), "mailto:a@paper.press".to_owned()];
        let asked = check_links(&store, &web, &[], &links, at(0), &Manner::default()).await.unwrap();
        assert_eq!((asked, web.0.load(Ordering::Relaxed)), (0, 0));
    }
}
