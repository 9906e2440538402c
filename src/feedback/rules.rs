//! What returned mail does to its reader: whose it is, and whether they may still be mailed. The only writer of bounces and complaints.
//!
//! A reader is known by the token of the return path, by the relay's own name for the mail, by our Message-ID, or by an address in the report, in this
//! order. The first three cannot be made up. A report that only names an address can: it adds a point and never suppresses at once, and a complaint of that kind changes nothing. A token
//! of another epoch (the address was changed since) or of an issue long past changes nothing either.

use super::diagnose_reply;
use super::reading::{Finding, Kind, Reading, Traces};
use crate::domain::address::EmailAddress;
use crate::domain::issue::IssueId;
use crate::domain::refusal::{Cause, Class};
use crate::domain::returns::ReturnPath;
use crate::domain::score::Score;
use crate::domain::subscriber::{Subscriber, SubscriberId, SuppressionReason};
use crate::domain::token::{Keyring, Returned};
use crate::mail::reply::mask_addresses;
use crate::store::people::PeopleChange;
use crate::store::returned::{NewReturn, Refusal};
use crate::store::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

/// How long after its issue a returned message still counts. Systems try for five days; complaints come later.
const HONOURED_FOR: TimeDelta = TimeDelta::days(90);

/// How long after an issue a report that only names an address still counts.
const NAMED_FOR: TimeDelta = TimeDelta::days(14);

/// Something that came back, and by which way.
#[derive(Debug, Clone)]
pub struct Arrival<'a> {
    /// The way: `mail`, or a provider's name.
    pub origin: &'a str,
    /// What tells it from any other, so that reading it twice counts once.
    pub fingerprint: [u8; 32],
    /// What it says.
    pub reading: &'a Reading,
    /// When it came.
    pub at: DateTime<Utc>,
    /// Whether somebody whom we trust signed it: then an address in it is as good as a token of ours.
    pub is_signed: bool,
}

impl<'a> Arrival<'a> {
    /// A message as it came by mail.
    pub fn of_message(message: &[u8], reading: &'a Reading, at: DateTime<Utc>) -> Self {
        Self { origin: "mail", fingerprint: Sha256::digest(message).into(), reading, at, is_signed: false }
    }
}

/// What an arrival did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It was read before.
    Known,
    /// Nobody here is meant, or nobody can tell.
    NobodyFound,
    /// It was kept and changes nothing about its reader.
    Noted,
    /// A point against the address.
    Scored,
    /// The address gets nothing any more.
    Suppressed,
}

/// What finds readers.
#[derive(Debug, Clone, Copy)]
pub struct Finder<'a> {
    /// Verifies what we signed.
    pub keyring: &'a Keyring,
    /// The mailbox that returned mail comes back to, if one is set.
    pub path: Option<&'a ReturnPath>,
}

/// How somebody was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FoundBy {
    ReturnPath,
    RelayId,
    MessageId,
    Address,
}

impl FoundBy {
    fn as_str(self) -> &'static str {
        match self {
            Self::ReturnPath => "return path",
            Self::RelayId => "relay id",
            Self::MessageId => "message id",
            Self::Address => "address",
        }
    }
}

struct Found {
    subscriber: Subscriber,
    issue: IssueId,
    by: FoundBy,
}

/// Keeps what came back and carries out what it means.
pub fn carry_out(store: &Store, finder: Finder<'_>, arrival: &Arrival<'_>) -> Result<Effect, StoreError> {
    store.change_people(|people| carry_out_one(people, finder, arrival))
}

/// The same for several, in one transaction: the disk is asked once for all of them.
pub fn carry_out_all(store: &Store, finder: Finder<'_>, arrivals: &[Arrival<'_>]) -> Result<Vec<Effect>, StoreError> {
    store.change_people(|people| arrivals.iter().map(|arrival| carry_out_one(people, finder, arrival)).collect())
}

fn carry_out_one(people: &PeopleChange<'_>, finder: Finder<'_>, arrival: &Arrival<'_>) -> Result<Effect, StoreError> {
    let Some(found) = finder.find(people, arrival)? else {
        let kept = people.put_returned(&nobodys(arrival))?;
        return Ok(if kept { Effect::NobodyFound } else { Effect::Known });
    };
    let finding = about(&arrival.reading.results, &found.subscriber);
    let weight = Weight::of(arrival, finding, &found);
    let reply = finding.and_then(|finding| finding.reason.as_deref()).map(mask_addresses);
    let kept = people.put_returned(&NewReturn {
        fingerprint: arrival.fingerprint,
        at: arrival.at,
        origin: arrival.origin,
        kind: word(arrival.reading.kind),
        issue: Some(found.issue),
        subscriber: Some(found.subscriber.id),
        domain: found.subscriber.address.domain(),
        found_by: Some(found.by.as_str()),
        cause: finding.map(|finding| finding.cause),
        class: finding.map(|finding| finding.class),
        counts: matches!(weight, Weight::Point | Weight::Dead),
        status: finding.and_then(|finding| finding.status.as_deref()),
        reply: reply.as_deref(),
    })?;
    if !kept {
        return Ok(Effect::Known);
    }
    let cause = finding.map_or(Cause::Unknown, |finding| finding.cause);
    weigh(people, found.subscriber.id, weight, cause, arrival.at)
}

/// Carries out what relays refused at once for an issue: a refusal in the dialogue is a bounce, too (RFC 5321, section 4.2.3). Returns how many.
pub fn carry_out_refusals(store: &Store, issue: IssueId, now: DateTime<Utc>) -> Result<usize, StoreError> {
    const PAGE: usize = 200;
    let mut done = 0;
    loop {
        let page = store.new_refusals(issue, PAGE)?;
        store.change_people::<_, StoreError>(|people| {
            page.iter().try_for_each(|refusal| carry_out_refusal(people, issue, refusal, now))
        })?;
        done += page.len();
        if page.len() < PAGE {
            return Ok(done);
        }
    }
}

fn carry_out_refusal(
    people: &PeopleChange<'_>,
    issue: IssueId,
    refusal: &Refusal,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let text = refusal.reply.as_deref().unwrap_or_default();
    let (cause, class) = diagnose_reply(refusal.code, refusal.enhanced.as_deref(), text);
    let weight = match class {
        Class::Hard => Weight::Dead,
        _ if cause.counts() && cause != Cause::Unknown => Weight::Point,
        _ => Weight::Nothing,
    };
    let mark = format!("smtp {} {:?}", issue.0, refusal.place);
    people.put_returned(&NewReturn {
        fingerprint: Sha256::digest(mark).into(),
        at: now,
        origin: "smtp",
        kind: word(Kind::Bounce),
        issue: Some(issue),
        subscriber: Some(refusal.subscriber),
        domain: &refusal.domain,
        found_by: None,
        cause: Some(cause),
        class: Some(class),
        counts: weight != Weight::Nothing,
        status: refusal.enhanced.as_deref(),
        reply: Some(text),
    })?;
    weigh(people, refusal.subscriber, weight, cause, now).map(|_| ())
}

/// What something weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    Nothing,
    Point,
    Dead,
    Complaint,
}

impl Weight {
    fn of(arrival: &Arrival<'_>, finding: Option<&Finding>, found: &Found) -> Self {
        let is_certain = found.by != FoundBy::Address || arrival.is_signed;
        match (arrival.reading.kind, finding) {
            (Kind::Complaint, _) if is_certain => Self::Complaint,
            (Kind::Bounce, Some(finding)) => match finding.class {
                // Somebody's forwarding that leads nowhere says nothing final of the address that forwards.
                Class::Hard if is_certain && !is_elsewhere(finding, &found.subscriber) => Self::Dead,
                Class::Hard => Self::Point,
                Class::Soft if finding.cause.counts() => Self::Point,
                _ => Self::Nothing,
            },
            _ => Self::Nothing,
        }
    }
}

fn weigh(
    people: &PeopleChange<'_>,
    id: SubscriberId,
    weight: Weight,
    cause: Cause,
    now: DateTime<Utc>,
) -> Result<Effect, StoreError> {
    let (reason, detail) = match weight {
        Weight::Nothing => return Ok(Effect::Noted),
        Weight::Dead => (SuppressionReason::HardBounce, cause.in_words().to_owned()),
        Weight::Complaint => (SuppressionReason::Complaint, String::new()),
        Weight::Point => {
            let score = Score::of(people.turnouts(id)?);
            if !score.is_enough(now) {
                return Ok(Effect::Scored);
            }
            (
                SuppressionReason::HardBounce,
                format!("came back again and again for two weeks or longer: {}", cause.in_words()),
            )
        }
    };
    people.suppress(&people.hash_of(id)?, reason, &detail, now)?;
    Ok(Effect::Suppressed)
}

impl Finder<'_> {
    fn find(&self, people: &PeopleChange<'_>, arrival: &Arrival<'_>) -> Result<Option<Found>, StoreError> {
        let traces = &arrival.reading.traces;
        if let Some(returned) = self.by_return_path(traces) {
            // What we signed decides, even when it has become void: the words of the report do not bring back who is not meant any more.
            return verified(people, returned, FoundBy::ReturnPath, arrival.at);
        }
        if let Some(found) = by_relay_id(people, traces, arrival.at)? {
            return Ok(Some(found));
        }
        let ids = traces.message_ids.iter().filter_map(|id| id.split_once('@'));
        for (issue, public_id) in ids.filter_map(|(local, _)| self.keyring.verify_message_id(local)) {
            let found = sent_to(people, issue, public_id, arrival.at)?;
            if let Some(subscriber) = found {
                return Ok(Some(Found { subscriber, issue, by: FoundBy::MessageId }));
            }
        }
        if !arrival.is_signed && !matches!(arrival.reading.kind, Kind::Bounce | Kind::Delay) {
            return Ok(None);
        }
        let since = arrival.at - if arrival.is_signed { HONOURED_FOR } else { NAMED_FOR };
        named(people, &arrival.reading.results, since)
    }

    fn by_return_path(&self, traces: &Traces) -> Option<Returned> {
        let path = self.path?;
        let tokens = traces.sent_to.iter().filter_map(|address| path.token_in(address));
        tokens.filter_map(|token| self.keyring.verify_return(token).ok()).find(|returned| returned.issue.0 > 0)
    }
}

/// A relay that puts a Message-ID of its own in the place of ours makes it of the name that it gave the mail when it took it (Amazon SES, Postmark).
fn by_relay_id(people: &PeopleChange<'_>, traces: &Traces, now: DateTime<Utc>) -> Result<Option<Found>, StoreError> {
    let before_at = |id: &'_ String| id.split_once('@').map(|(local, _)| local.to_owned());
    let of_messages = traces.message_ids.iter().flat_map(|id| [Some(id.clone()), before_at(id)]).flatten();
    for id in traces.relay_ids.iter().cloned().chain(of_messages) {
        let Some((issue, subscriber)) = people.recipient_by_relay_id(&id)? else { continue };
        if is_past(people, issue, now)? {
            continue;
        }
        if let Some(subscriber) = people.by_id(subscriber)? {
            return Ok(Some(Found { subscriber, issue, by: FoundBy::RelayId }));
        }
    }
    Ok(None)
}

fn is_past(people: &PeopleChange<'_>, issue: IssueId, now: DateTime<Utc>) -> Result<bool, StoreError> {
    Ok(people.issue_frozen(issue)?.is_none_or(|frozen_at| now - frozen_at > HONOURED_FOR))
}

fn verified(
    people: &PeopleChange<'_>,
    returned: Returned,
    by: FoundBy,
    now: DateTime<Utc>,
) -> Result<Option<Found>, StoreError> {
    let Returned { issue, public_id, epoch } = returned;
    let subscriber = sent_to(people, issue, public_id, now)?;
    let subscriber = subscriber.filter(|subscriber| subscriber.epoch as u8 == epoch);
    Ok(subscriber.map(|subscriber| Found { subscriber, issue, by }))
}

/// The reader of a public id, if that issue went to them and is not long past.
fn sent_to(
    people: &PeopleChange<'_>,
    issue: IssueId,
    public_id: [u8; 8],
    now: DateTime<Utc>,
) -> Result<Option<Subscriber>, StoreError> {
    if is_past(people, issue, now)? {
        return Ok(None);
    }
    let Some(subscriber) = people.by_public_id(public_id)? else { return Ok(None) };
    Ok(people.is_recipient(issue, subscriber.id)?.then_some(subscriber))
}

/// The reader whom a report names, if an issue went to them lately.
fn named(people: &PeopleChange<'_>, findings: &[Finding], since: DateTime<Utc>) -> Result<Option<Found>, StoreError> {
    for address in findings.iter().filter_map(|finding| EmailAddress::parse(finding.recipient.as_deref()?).ok()) {
        let Some(subscriber) = people.by_address(&address)? else { continue };
        if let Some(issue) = people.latest_issue_of(subscriber.id, since)? {
            return Ok(Some(Found { subscriber, issue, by: FoundBy::Address }));
        }
    }
    Ok(None)
}

/// What a report says of a reader: under their own address, or, where it knows another one, all that it says.
fn about<'f>(findings: &'f [Finding], subscriber: &Subscriber) -> Option<&'f Finding> {
    let key = subscriber.address.key();
    let is_theirs = |finding: &&Finding| {
        finding
            .recipient
            .as_deref()
            .and_then(|address| EmailAddress::parse(address).ok())
            .is_some_and(|address| address.key() == key)
    };
    findings.iter().find(is_theirs).or(findings.first())
}

fn is_elsewhere(finding: &Finding, subscriber: &Subscriber) -> bool {
    let address = finding.recipient.as_deref().and_then(|address| EmailAddress::parse(address).ok());
    address.is_some_and(|address| address.key() != subscriber.address.key())
}

fn nobodys<'a>(arrival: &Arrival<'a>) -> NewReturn<'a> {
    NewReturn {
        fingerprint: arrival.fingerprint,
        at: arrival.at,
        origin: arrival.origin,
        kind: word(arrival.reading.kind),
        issue: None,
        subscriber: None,
        domain: "",
        found_by: None,
        cause: None,
        class: None,
        counts: false,
        status: None,
        reply: None,
    }
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Bounce => "bounce",
        Kind::Delay => "delay",
        Kind::Complaint => "complaint",
        Kind::AutoReply => "auto-reply",
        Kind::None => "none",
    }
}

#[cfg(test)]
mod tests;
