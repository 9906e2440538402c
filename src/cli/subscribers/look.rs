//! Looking at the list: many people a line each, one person with all that happened. Changes nothing.

use super::{Surroundings, any};
use crate::domain::address::EmailAddress;
use crate::domain::issue::IssueId;
use crate::domain::refusal::Cause;
use crate::domain::standing::Stage;
use crate::domain::subscriber::{Status, Subscriber, SubscriberId, SuppressionReason};
use crate::domain::tag::Slug;
use crate::domain::text::Language;
use crate::store::StoreError;
use crate::store::consent::ConsentEntry;
use crate::store::ledger::IssueDelivery;
use crate::store::returned::ReturnEntry;
use crate::store::subscribers::{Filter, Listed};
use crate::store::suppressions::{Suppression, SuppressionEntry};
use anyhow::bail;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const PAGE: u32 = 500;

/// Lists subscribers.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example: week-in-review subscribers list --status pending --query example.org")]
pub struct ListArgs {
    /// Only those of this newsletter
    #[arg(long, value_name = "SLUG")]
    pub newsletter: Option<Slug>,
    /// Only these
    #[arg(long, value_enum)]
    pub status: Option<ListStatus>,
    /// Only those with this in their address or name
    #[arg(long, value_name = "TEXT")]
    pub query: Option<String>,
    /// Only those for whom the last N issues of a newsletter, each of them, held nothing that they chose
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub nothing_for: Option<u32>,
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
}

/// Whom to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ListStatus {
    /// Asked, not confirmed
    Pending,
    /// Gets mail, or arrives
    Active,
    /// Confirmed, but not now
    Paused,
    /// Ended
    Left,
    /// Gets nothing, whatever the subscriptions say
    Suppressed,
}

/// Shows one person.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example: week-in-review subscribers show jo@example.org")]
pub struct ShowArgs {
    /// The address
    #[arg(value_parser = any)]
    pub address: EmailAddress,
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
}

pub(super) fn list(args: &ListArgs, with: &mut Surroundings<'_>) -> anyhow::Result<()> {
    let newsletter = match &args.newsletter {
        Some(slug) => {
            super::newsletter(with.config, slug)?;
            // Nobody has subscribed to a newsletter without a row.
            Some(with.store.known_newsletter_id(slug)?.unwrap_or(0))
        }
        None => None,
    };
    let stage = args.status.and_then(|status| match status {
        ListStatus::Pending => Some(Stage::Pending),
        ListStatus::Active => Some(Stage::Active),
        ListStatus::Paused => Some(Stage::Paused),
        ListStatus::Left => Some(Stage::Left),
        ListStatus::Suppressed => None,
    });
    let suppressed = args.status == Some(ListStatus::Suppressed);
    let filter = Filter { newsletter, stage, suppressed, query: args.query.as_deref(), nothing_for: args.nothing_for };
    let mut rows = Rows::begin(args.json, with)?;
    let mut after = SubscriberId(0);
    loop {
        let page = with.store.read_people(|people| people.page(&filter, after, PAGE))?;
        let Some(last) = page.last() else { break };
        after = last.subscriber.id;
        for listed in &page {
            rows.write(with, || line(listed), || person(&listed.subscriber, listed.suppressed))?;
        }
    }
    rows.end(with, "nobody")
}

fn line(listed: &Listed) -> String {
    let subscriber = &listed.subscriber;
    let mut words = vec![subscriber.address.to_string()];
    words.extend(subscriber.subscriptions.iter().map(|one| format!("{}: {}", one.newsletter, one.word())));
    words.extend(listed.suppressed.map(|reason| format!("suppressed: {}", reason.in_words())));
    words.join("  ")
}

fn person(subscriber: &Subscriber, suppressed: Option<SuppressionReason>) -> Value {
    let subscriptions: Vec<Value> = subscriber
        .subscriptions
        .iter()
        .map(|one| {
            json!({
                "newsletter": one.newsletter, "status": one.word(), "since": instant(since(one.status)),
                "topics": one.choice.key().split(',').filter(|topic| !topic.is_empty()).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "email": subscriber.address.as_str(), "name": subscriber.name.as_str(),
        "language": subscriber.language.as_ref().map(Language::as_str), "created_at": instant(subscriber.created_at),
        "subscriptions": subscriptions, "suppressed": suppressed.map(SuppressionReason::as_str),
    })
}

fn since(status: Status) -> DateTime<Utc> {
    match status {
        Status::Pending { asked_at: at }
        | Status::Active { confirmed_at: at }
        | Status::Paused { confirmed_at: at, .. }
        | Status::Left { left_at: at } => at,
    }
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

pub(super) fn suppressions(as_json: bool, with: &mut Surroundings<'_>) -> anyhow::Result<()> {
    let mut rows = Rows::begin(as_json, with)?;
    let mut after = [0; 32];
    loop {
        let page = with.store.read_people(|people| people.suppressions(&after, PAGE))?;
        let Some(last) = page.last() else { break };
        after = last.hash;
        for one in &page {
            rows.write(
                with,
                || suppression_line(one),
                || {
                    json!({
                        "email": one.address, "hash": short(&one.hash), "reason": one.reason.as_str(),
                        "at": instant(one.at), "detail": one.detail,
                    })
                },
            )?;
        }
    }
    rows.end(with, "no address is suppressed")
}

fn suppression_line(one: &Suppression) -> String {
    let who = one.address.clone().unwrap_or_else(|| format!("hash {}", short(&one.hash)));
    let detail = if one.detail.is_empty() { String::new() } else { format!(" ({})", one.detail) };
    format!("{who}  {}  {}{detail}", one.at.format("%Y-%m-%d"), one.reason.in_words())
}

/// Enough of a hash to tell two apart.
fn short(hash: &[u8; 32]) -> String {
    hash[..8].iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// The latest issues that a history tells of.
const ISSUES: usize = 100;

/// What is known of one address.
struct History {
    subscriber: Option<Subscriber>,
    suppression: Option<Suppression>,
    log: Vec<SuppressionEntry>,
    consent: Vec<ConsentEntry>,
    returned: Vec<ReturnEntry>,
    issues: Vec<IssueDelivery>,
    /// What people call the issues that it tells of.
    names: BTreeMap<i64, String>,
}

pub(super) fn show(args: &ShowArgs, with: &mut Surroundings<'_>) -> anyhow::Result<()> {
    let hash = with.keyring.suppression_hash(&args.address);
    let mut history = with.store.read_people::<_, StoreError>(|people| {
        let subscriber = people.by_address(&args.address)?;
        Ok(History {
            suppression: people.suppression(&hash)?,
            log: people.suppression_log(&hash)?,
            consent: subscriber.as_ref().map_or(Ok(Vec::new()), |subscriber| people.consent(subscriber.id))?,
            returned: subscriber.as_ref().map_or(Ok(Vec::new()), |subscriber| people.returned_to(subscriber.id))?,
            issues: Vec::new(),
            names: BTreeMap::new(),
            subscriber,
        })
    })?;
    if let Some(subscriber) = &history.subscriber {
        history.issues = with.store.deliveries_of(subscriber.id, ISSUES)?;
    }
    let told = history.issues.iter().map(|one| one.issue.0).chain(history.returned.iter().filter_map(|one| one.issue));
    for id in told.collect::<BTreeSet<_>>() {
        if let Some(row) = with.store.issue(IssueId(id))? {
            history.names.insert(id, format!("{} {}", row.slug, row.name()));
        }
    }
    if history.subscriber.is_none() && history.log.is_empty() {
        bail!("{}: nothing is known of this address", args.address);
    }
    if args.json {
        serde_json::to_writer_pretty(&mut *with.out, &history.json(&args.address))?;
        writeln!(with.out)?;
        return Ok(());
    }
    for line in history.lines(&args.address) {
        writeln!(with.out, "{line}")?;
    }
    Ok(())
}

impl History {
    fn json(&self, address: &EmailAddress) -> Value {
        let reason = self.suppression.as_ref().map(|suppression| suppression.reason);
        let mut value = match &self.subscriber {
            Some(subscriber) => person(subscriber, reason),
            None => json!({"email": address.as_str(), "suppressed": reason.map(SuppressionReason::as_str)}),
        };
        let consent = self.consent.iter().map(|entry| {
            json!({
                "at": instant(entry.evidence.at), "event": entry.event.as_str(), "newsletter": entry.newsletter,
                "origin": entry.evidence.origin, "wording": entry.evidence.wording,
                "network": entry.evidence.network, "detail": entry.evidence.detail,
            })
        });
        let log = self.log.iter().map(|entry| {
            json!({
                "at": instant(entry.at), "event": if entry.lifted { "lifted" } else { "suppressed" },
                "reason": entry.reason, "detail": entry.detail,
            })
        });
        value["consent"] = consent.collect();
        value["returned"] = json!(self.returned);
        for (entry, shown) in self.returned.iter().zip(value["returned"].as_array_mut().into_iter().flatten()) {
            shown["name"] = json!(entry.issue.map(|issue| self.name(issue)));
        }
        let delivery = |one: &IssueDelivery| json!({"issue": one.issue.0, "name": self.name(one.issue.0), "attempts": one.remarks});
        value["deliveries"] = self.issues.iter().map(delivery).collect();
        value["suppressions"] = log.collect();
        value
    }

    fn name(&self, issue: i64) -> String {
        self.names.get(&issue).cloned().unwrap_or_else(|| format!("an issue that is gone ({issue})"))
    }

    fn lines(&self, address: &EmailAddress) -> Vec<String> {
        let mut lines = Vec::new();
        match &self.subscriber {
            Some(subscriber) => lines.extend(who(subscriber)),
            None => lines.push(format!("{address}: no subscriber")),
        }
        if let Some(one) = &self.suppression {
            lines.push(format!("gets nothing since {}: {}", one.at.format("%Y-%m-%d"), one.reason.in_words()));
        }
        // All ledgers as one story.
        let mut story: Vec<(DateTime<Utc>, String)> = Vec::new();
        story.extend(self.consent.iter().map(|entry| (entry.evidence.at, said(entry))));
        let of = |entry: &ReturnEntry| entry.issue.map(|issue| self.name(issue));
        story.extend(self.returned.iter().map(|entry| (entry.at, came_back(entry, of(entry)))));
        story.extend(self.issues.iter().filter_map(|one| delivered(one, &self.name(one.issue.0))));
        // What came back at the same instant is why.
        story.extend(self.log.iter().map(|entry| (entry.at, logged(entry))));
        story.sort_by_key(|(at, _)| *at);
        lines.extend(story.into_iter().map(|(at, words)| format!("{}  {words}", at.format("%Y-%m-%d %H:%M UTC"))));
        lines
    }
}

fn who(subscriber: &Subscriber) -> Vec<String> {
    let name = if subscriber.name.is_empty() { String::new() } else { format!(" ({})", subscriber.name.as_str()) };
    let mut lines = vec![format!("{}{name}", subscriber.address)];
    lines.extend(subscriber.subscriptions.iter().map(|one| {
        let topics = one.choice.key().replace(',', ", ");
        let topics = if topics.is_empty() { "everything".to_owned() } else { topics };
        let since = since(one.status).format("%Y-%m-%d");
        format!("{}: {} since {since}, {topics}", one.newsletter, one.word())
    }));
    lines
}

fn said(entry: &ConsentEntry) -> String {
    let of = entry.newsletter.as_ref().map(|slug| format!(" {slug}")).unwrap_or_default();
    let evidence = &entry.evidence;
    let mut words = vec![format!("{}{of}, by {}", entry.event.as_str().replace('_', " "), evidence.origin)];
    words.extend(["proof", "basis", "topics", "line"].into_iter().filter_map(|name| {
        let text = evidence.detail.get(name)?;
        Some(format!("{name}: {}", if text.is_empty() { "everything" } else { text }))
    }));
    words.join("; ")
}

/// What came back, in words.
fn came_back(entry: &ReturnEntry, issue: Option<String>) -> String {
    let of = issue.map(|name| format!(": {name}")).unwrap_or_default();
    let cause = entry.cause.as_deref().and_then(Cause::parse);
    let what = match (entry.kind.as_str(), entry.origin.as_str()) {
        ("bounce", "smtp") => "refused",
        ("bounce", _) => "came back",
        ("delay", _) => "delayed",
        ("complaint", _) => "reported as unwanted",
        ("auto-reply", _) => "answered by a machine",
        _ => "a message about it came",
    };
    let why = cause
        .filter(|_| matches!(entry.kind.as_str(), "bounce" | "delay"))
        .map(|cause| format!(", {}", cause.in_words()));
    let counts = if entry.counts { "; counts against the address" } else { "" };
    format!("{what}{of}{}{counts}", why.unwrap_or_default())
}

/// The last word on an issue, with its instant.
fn delivered(delivery: &IssueDelivery, name: &str) -> Option<(DateTime<Utc>, String)> {
    let last = delivery.remarks.last()?;
    Some((last.at, format!("{name}: {}", last.state.as_str().replace('_', " "))))
}

fn logged(entry: &SuppressionEntry) -> String {
    let detail = if entry.detail.is_empty() { String::new() } else { format!(" ({})", entry.detail) };
    if entry.lifted {
        return format!("suppression lifted: {}{detail}", entry.reason);
    }
    match SuppressionReason::parse(&entry.reason) {
        Some(reason) => format!("suppressed: {}{detail}", reason.in_words()),
        None => format!("suppressed: {}{detail}", entry.reason),
    }
}

/// Rows that are printed as they come: lines of text, or the elements of one JSON array.
struct Rows {
    as_json: bool,
    written: u64,
}

impl Rows {
    fn begin(as_json: bool, with: &mut Surroundings<'_>) -> std::io::Result<Self> {
        if as_json {
            write!(with.out, "[")?;
        }
        Ok(Self { as_json, written: 0 })
    }

    fn write(
        &mut self,
        with: &mut Surroundings<'_>,
        line: impl FnOnce() -> String,
        value: impl FnOnce() -> Value,
    ) -> anyhow::Result<()> {
        if self.as_json {
            write!(with.out, "{}", if self.written == 0 { "\n  " } else { ",\n  " })?;
            serde_json::to_writer(&mut *with.out, &value())?;
        } else {
            writeln!(with.out, "{}", line())?;
        }
        self.written += 1;
        Ok(())
    }

    fn end(self, with: &mut Surroundings<'_>, nothing: &str) -> anyhow::Result<()> {
        match (self.as_json, self.written) {
            (true, 0) => writeln!(with.out, "]")?,
            (true, _) => writeln!(with.out, "\n]")?,
            (false, 0) => writeln!(with.err, "{nothing}")?,
            (false, _) => {}
        }
        Ok(())
    }
}
