//! `[mail]`: by which way messages leave, how fast, and with which signature.

mod dkim;
mod relay;

use super::reader::Table;
use super::values::{choice, path, socket, whole};
use crate::domain::newsletter::Newsletter;
use std::net::SocketAddr;
use std::path::PathBuf;

pub use dkim::Dkim;
pub use relay::{Relay, Way};
use relay::{WAYS, WayWord};

/// How mail leaves.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The way.
    pub via: Via,
    /// Messages per second over all relays, at most; 0 for no limit.
    pub per_second: u32,
    /// Recipients that may be claimed and without an outcome at one time: what a crash can leave in doubt.
    pub open_claims: u32,
    /// The name server that is asked; the system's if not set.
    pub resolver: Option<SocketAddr>,
    /// The keys that sign; none: unsigned.
    pub dkim: Vec<Dkim>,
}

/// The ways out.
#[derive(Debug, Clone)]
pub enum Via {
    /// A Maildir that any mail client opens; nobody gets anything.
    Outbox(PathBuf),
    /// Relays that take messages to everyone; at least one, and one that is no fallback.
    Relays(Vec<Relay>),
}

impl Mail {
    /// The relays, if there are any.
    pub fn relays(&self) -> &[Relay] {
        match &self.via {
            Via::Outbox(_) => &[],
            Via::Relays(relays) => relays,
        }
    }
}

/// Reads `[mail]`.
pub(super) fn read(table: &Table<'_>) -> Option<Mail> {
    let [smtp, sendmail, ses, mailgun] = WAYS;
    let relays = relay::several(table);
    let way = table.optional("via", choice([("outbox", WayWord::Outbox), smtp, sendmail, ses, mailgun]));
    let is_simple = relays.is_empty() && !table.has("relays");
    let way = way.unwrap_or(if is_simple { WayWord::Outbox } else { WayWord::Smtp });
    let outbox = table.or("outbox", "\"outbox\"", path);
    let wants_one = is_simple && way != WayWord::Outbox;
    let one = relay::one(table, wants_one.then_some(way));
    for key in ["host", "port", "username", "kind", "command"] {
        if !is_simple && table.has(key) {
            table.problem(key, "belongs into one of [[mail.relays]], since there are several");
        }
    }
    let per_second = table.or("per_second", "0", whole(0..=100_000));
    let open_claims = table.or("open_claims", "200", whole(1..=10_000));
    let resolver = table.optional("resolver", socket);
    let all: Vec<Relay> = if is_simple { one.into_iter().collect() } else { relays };
    let unsigned_is_odd = way != WayWord::Outbox && !all.iter().all(|relay| relay.kind.signs());
    let dkim = dkim::read(&table.table("dkim"), unsigned_is_odd || (way != WayWord::Outbox && all.is_empty()));
    table.done();
    let via = match way {
        WayWord::Outbox => Via::Outbox(outbox),
        _ if all.is_empty() => return None,
        _ => Via::Relays(all),
    };
    Some(Mail { via, per_second, open_claims, resolver, dkim })
}

/// Warns of newsletters that no key can sign for.
pub(super) fn warn_of_foreign_signatures(table: &Table<'_>, mail: &Mail, newsletters: &[Newsletter]) {
    dkim::warn_of_foreign_signatures(table, &mail.dkim, newsletters);
}
