//! The settings of the service around the newsletters: web, database, keys, collecting, alarms, retention.

use super::reader::Table;
use super::values::{base_url, duration, network, path, socket, text, web_address, whole};
use crate::domain::editor::SessionLife;
use crate::domain::network::Network;
use crate::domain::newsletter::Newsletter;
use crate::store::retention::Limits;
use chrono::{DateTime, TimeDelta, Utc};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// The web pages.
#[derive(Debug, Clone)]
pub struct Web {
    /// The address under which they lie for readers, perhaps with a path; no slash at its end.
    pub base_url: String,
    /// Where the service listens.
    pub listen: SocketAddr,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
}

/// How sources are asked.
#[derive(Debug, Clone)]
pub struct Collect {
    /// How long between two looks at a source.
    pub every: TimeDelta,
    /// How long one source may take.
    pub timeout: Duration,
    /// Sources asked at one time.
    pub at_once: usize,
    /// The least time between two pages of one host.
    pub pause: Duration,
}

/// How the operators learn of trouble besides mail.
#[derive(Debug, Clone)]
pub struct Alarms {
    /// An address that gets each alarm as JSON by POST.
    pub webhook: Option<Url>,
    /// A program and its arguments; it gets each alarm on standard input.
    pub command: Vec<String>,
    /// An address that is asked after each issue that most of its readers got: who watches it notices when it is not.
    pub ping: Option<Url>,
}

/// How long things are kept.
#[derive(Debug, Clone)]
pub struct Retention {
    /// Single deliveries, which then become counts.
    pub deliveries: TimeDelta,
    /// Articles that no issue took.
    pub unmailed_articles: TimeDelta,
    /// Network prefixes in the consent ledger.
    pub network_prefixes: TimeDelta,
    /// Returned messages as they came by the spool.
    pub returned_mail: TimeDelta,
}

impl Retention {
    /// What is older than this goes. An article stays at least as long as a newsletter may still take it.
    pub fn limits(&self, newsletters: &[Newsletter], now: DateTime<Utc>) -> Limits {
        let wanted = newsletters.iter().map(|newsletter| TimeDelta::days(i64::from(newsletter.max_age_days))).max();
        Limits {
            network_prefixes: now - self.network_prefixes,
            unmailed_articles: now - self.unmailed_articles.max(wanted.unwrap_or_default()),
            deliveries: now - self.deliveries,
        }
    }
}

/// Reads `[web]`.
pub(super) fn web(table: &Table<'_>) -> Option<Web> {
    let base_url = table.required("base_url", "\"https://news.example.org\"", base_url);
    let listen = table.or("listen", "\"127.0.0.1:8080\"", socket);
    let trusted_proxies = table.list("trusted_proxies", network);
    table.done();
    let base_url = base_url?;
    if base_url.starts_with("http:") {
        table.warn(
            "base_url",
            "only this machine can follow links to it; set the public https address before mailing readers",
        );
    }
    Some(Web { base_url, listen, trusted_proxies })
}

/// Reads `[desk]`.
pub(super) fn desk(table: &Table<'_>) -> SessionLife {
    let idle = table.or("idle", "\"12h\"", duration("5m", "30d"));
    let whole = table.or("session", "\"14d\"", duration("1h", "90d"));
    table.done();
    SessionLife { idle, whole }
}

/// Reads `[collect]`.
pub(super) fn collect(table: &Table<'_>) -> Collect {
    let every = table.or("every", "\"15m\"", duration("1m", "7d"));
    let timeout = table.or("timeout", "\"30s\"", duration("1s", "10m")).to_std().unwrap_or_default();
    let at_once = table.or("at_once", "8", whole(1..=64));
    let pause = table.or("pause", "\"1s\"", duration("0s", "5m")).to_std().unwrap_or_default();
    table.done();
    Collect { every, timeout, at_once, pause }
}

/// Reads `[database]`.
pub(super) fn database(table: &Table<'_>) -> PathBuf {
    let path = table.or("path", "\"subscribers.db\"", path);
    table.done();
    path
}

/// Reads `[keys]`.
pub(super) fn keys(table: &Table<'_>) -> PathBuf {
    let file = table.or("file", "\"week-in-review.keys\"", path);
    table.done();
    file
}

/// Reads `[alarms]`.
pub(super) fn alarms(table: &Table<'_>) -> Alarms {
    let webhook = table.optional("webhook", web_address);
    let command = table.list("command", text);
    let ping = table.optional("ping", web_address);
    table.done();
    Alarms { webhook, command, ping }
}

/// Reads `[retention]`.
pub(super) fn retention(table: &Table<'_>) -> Retention {
    let kept = |key, default| table.or(key, default, duration("1d", "3650d"));
    let retention = Retention {
        deliveries: kept("deliveries", "\"730d\""),
        unmailed_articles: kept("unmailed_articles", "\"365d\""),
        network_prefixes: kept("network_prefixes", "\"30d\""),
        returned_mail: kept("returned_mail", "\"90d\""),
    };
    table.done();
    retention
}
