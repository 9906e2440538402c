//! Our own web address, as readers reach it: the way out of every mail leads there, so an issue does not leave while it is broken or its certificate
//! is not good. Asked over the network and kept as a fact.

use crate::app::{App, AppError};
use crate::collect::fetch::address::is_private_host;
use crate::collect::fetch::{Answer, Fetch, FetchError, Request};
use crate::config::Via;
use crate::domain::network::is_reserved_name;
use crate::domain::newsletter::Newsletter;
use crate::domain::preflight::{Gathering, Level};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

/// The fact that this is kept under.
const FACT: &str = "preflight own address";
/// How long an answer says something.
const COUNTS: TimeDelta = TimeDelta::hours(24);
/// The most bytes of an answer.
const BYTES: usize = 64 << 10;

/// What asking our own address gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Own {
    at: DateTime<Utc>,
    base: String,
    /// What is wrong; nothing when it answers as it should.
    problem: Option<String>,
}

/// Whether the address is one for trying the program out: on this machine, or one that cannot exist. Nobody is mailed from there in earnest.
pub(super) fn is_trial(base: &str) -> bool {
    let Ok(url) = Url::parse(base) else { return false };
    is_private_host(&url) || url.host_str().is_none_or(is_reserved_name)
}

/// Asks.
pub(super) async fn ask<F: Fetch>(app: &App, fetch: &F, newsletter: &Newsletter) -> Result<(), AppError> {
    let base = &newsletter.brand.web_base;
    if is_trial(base) {
        return Ok(());
    }
    let Ok(url) = Url::parse(&format!("{base}/health")) else { return Ok(()) };
    // It may well resolve to an address of our own network.
    let request = Request { allow_private: true, ..Request::new(url, "application/json", BYTES) };
    let own = Own { at: app.now(), base: base.clone(), problem: problem(fetch.fetch(request).await) };
    let value = serde_json::to_string(&own).map_err(|error| AppError::NoIssue(error.to_string()))?;
    Ok(app.store.set_fact(FACT, &value)?)
}

fn problem(answer: Result<Answer, FetchError>) -> Option<String> {
    match answer {
        Ok(Answer::Document(document)) => {
            let answer: Option<serde_json::Value> = serde_json::from_slice(&document.bytes).ok();
            let is_ours = answer.is_some_and(|answer| answer["ok"] == true && answer["newsletters"].is_number());
            (!is_ours).then(|| format!("{} answers, but not with our pages", document.url))
        }
        Ok(Answer::NotModified(_)) => Some("it answers that nothing has changed, which nobody asked".to_owned()),
        Err(error) => Some(error.to_string()),
    }
}

/// What the answer means.
pub(super) fn judge(app: &App, newsletter: &Newsletter, found: &mut Gathering) -> Result<(), AppError> {
    let base = &newsletter.brand.web_base;
    if is_trial(base) {
        found.whole(
            "own-address",
            Level::Warned,
            format!("{base} is for trying out: readers elsewhere cannot reach it"),
        );
        // Without https there is no one-click header; it is missed once the address is a public one.
        found.at_most("list-unsubscribe", Level::Warned);
        return Ok(());
    }
    let known = app.store.fact(FACT)?.and_then(|value| serde_json::from_str::<Own>(&value).ok());
    let counts = |own: &Own| own.base == *base && app.now() - own.at < COUNTS;
    match known.filter(counts) {
        None => {}
        Some(Own { problem: None, .. }) => found.whole("own-address", Level::Good, format!("{base} answers")),
        Some(Own { problem: Some(problem), .. }) => {
            // What only goes into a folder reaches no reader.
            let is_mailed = !matches!(app.config.mail.via, Via::Outbox(_));
            let level = if is_mailed { Level::Blocking } else { Level::Warned };
            let sentence = format!("{base}: {problem}; readers could neither unsubscribe nor read online");
            found.whole("own-address", level, sentence);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::fetch::FixtureFetch;

    async fn said(body: &'static str) -> Option<String> {
        let fetch = FixtureFetch::new().with("https://news.meridian.press/health", "application/json", body.as_bytes());
        let url = Url::parse("https://news.meridian.press/health").unwrap();
        problem(fetch.fetch(Request::new(url, "*/*", BYTES)).await)
    }

    #[tokio::test]
    async fn our_own_pages_are_told_from_others() {
        assert_eq!(said(r#"{"ok":true,"version":"0.1.0","newsletters":2,"alarms":0}"#).await, None);
        assert!(said("<h1>Router</h1>").await.unwrap().contains("not with our pages"));
        assert!(said(r#"{"ok":false}"#).await.is_some());
        assert_eq!(
            problem(Err(FetchError::Network("invalid peer certificate: Expired".into()))).unwrap(),
            "invalid peer certificate: Expired"
        );
    }

    #[test]
    fn addresses_for_trying_out_are_known() {
        for base in
            ["http://127.0.0.1:8080", "https://news.example.org", "https://localhost/news", "https://a.harbour.example"]
        {
            assert!(is_trial(base), "{base}");
        }
        assert!(!is_trial("https://news.meridian.press/newsletter"));
    }
}
