//! Works off what visitors asked for: decides who gets which letter, within the budgets of the address and its domain, and records what was asked.
//!
//! Nothing of an address is kept for which no letter is written: whoever fills in other people's addresses leaves no trace of them.

use super::ask::{AskedFor, ask_inside};
use super::request::Body;
use super::{Asking, SubscribeError};
use crate::domain::address::EmailAddress;
use crate::domain::consent::Evidence;
use crate::domain::issue::Choice;
use crate::domain::letter::{LetterKind, Terms, Wanted};
use crate::domain::signup::{PER_ADDRESS_A_DAY, PER_ADDRESS_EVER, PER_SUPPRESSED_ADDRESS, Rules};
use crate::domain::standing::Stage;
use crate::domain::subscriber::{Status, Subscriber, SubscriberId};
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use crate::domain::token::Keyring;
use crate::store::letters::NewLetter;
use crate::store::people::PeopleChange;
use crate::store::requests::{Request, RequestKind};
use crate::store::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};

/// Mailboxes that several people read: taken, but only by their own confirmation, and the ledger says so (RFC 2142).
const ROLES: [&str; 14] = [
    "admin",
    "billing",
    "contact",
    "help",
    "hostmaster",
    "info",
    "jobs",
    "marketing",
    "newsroom",
    "office",
    "press",
    "sales",
    "support",
    "webmaster",
];

/// Who works requests off, and by which rules.
#[derive(Clone, Copy)]
pub struct Clerk<'a> {
    /// The database.
    pub store: &'a Store,
    /// Hashes addresses.
    pub keyring: &'a Keyring,
    /// What the configuration says of signing up.
    pub rules: &'a Rules,
    /// The newsletters that may be asked for.
    pub newsletters: &'a [Slug],
    /// Eight random bytes at each call.
    pub chance: &'a dyn Fn() -> [u8; 8],
}

impl std::fmt::Debug for Clerk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clerk").field("rules", &self.rules).finish_non_exhaustive()
    }
}

/// Who asks to be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// Somebody who typed an address, which may be anybody's.
    Anybody,
    /// Somebody with the link that stands in a reader's own mail.
    Reader,
}

/// What one step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worked {
    /// Nothing waits.
    Idle,
    /// A letter was written.
    Letter(LetterKind),
    /// A request was put away without one: nobody to write to, or a budget is used up.
    Nothing,
}

impl Clerk<'_> {
    /// Works off the request that has waited longest.
    pub fn work_off_one(&self, now: DateTime<Utc>) -> Result<Worked, SubscribeError> {
        self.store.change_people(|people| {
            let Some(request) = people.next_request()? else { return Ok(Worked::Idle) };
            people.request_done(request.id)?;
            let Some((address, body)) = read(&request) else { return Ok(Worked::Nothing) };
            let written = match request.kind {
                RequestKind::Subscribe => {
                    let evidence = evidence(&request, &body, &address);
                    self.answer(people, (&address, Asks::Anybody), &body.terms, &evidence, now)?
                }
                RequestKind::Link => self.send_link(people, &address, &request, &body, now)?,
            };
            Ok(written.map_or(Worked::Nothing, Worked::Letter))
        })
    }

    /// An operator asked for somebody: the letter that asks the person, unless a budget is used up. Returns whether one was written.
    pub fn ask_person(
        &self,
        address: &EmailAddress,
        terms: &Terms,
        evidence: &Evidence,
    ) -> Result<bool, SubscribeError> {
        let now = evidence.at;
        self.store.change_people(|people| {
            let Some(person) = people.by_address(address)? else { return Ok(false) };
            if !self.may_ask(people, address, now)? {
                return Ok(false);
            }
            self.write(people, LetterKind::Confirm, person.id, address, None, terms, &evidence.origin, now)?;
            Ok(true)
        })
    }

    /// Somebody who gets a newsletter and has their own link wants more: their own confirmation decides. Returns whether a letter was written: not
    /// while one of this day has no answer yet.
    pub fn ask_more(&self, address: &EmailAddress, terms: &Terms, evidence: &Evidence) -> Result<bool, SubscribeError> {
        let written = self
            .store
            .change_people(|people| self.answer(people, (address, Asks::Reader), terms, evidence, evidence.at))?;
        Ok(written == Some(LetterKind::Confirm))
    }

    /// Asks the person behind an address whether it was meant, or tells them that they are subscribed already.
    fn answer(
        &self,
        people: &PeopleChange<'_>,
        (address, asks): (&EmailAddress, Asks),
        asked: &Terms,
        evidence: &Evidence,
        now: DateTime<Utc>,
    ) -> Result<Option<LetterKind>, SubscribeError> {
        let is_suppressed = people.suppression(&self.keyring.suppression_hash(address))?.is_some();
        let person = people.by_address(address)?;
        let gets = |slug: &Slug| !is_suppressed && person.as_ref().is_some_and(|person| is_on(person, slug));
        let (known, wanted): (Vec<Wanted>, Vec<Wanted>) = asked
            .wanted
            .iter()
            .filter(|wanted| self.newsletters.contains(&wanted.newsletter))
            .cloned()
            .partition(|wanted| gets(&wanted.newsletter));
        let form = evidence.origin.as_str();
        match (&person, wanted.is_empty()) {
            (Some(person), true) if !known.is_empty() => self.tell(
                people,
                LetterKind::Known,
                person,
                address,
                &Terms { wanted: known, ..asked.clone() },
                form,
                now,
            ),
            (_, true) => Ok(None),
            (_, false) => {
                if !self.may_be_asked(people, address, asks, now)? {
                    return Ok(None);
                }
                let terms = Terms { wanted, ..asked.clone() };
                let id = self.pend(people, address, &terms, evidence)?;
                self.write(people, LetterKind::Confirm, id, address, None, &terms, form, now)?;
                Ok(Some(LetterKind::Confirm))
            }
        }
    }

    /// Writes down that an address waits for the newsletters of some terms.
    fn pend(
        &self,
        people: &PeopleChange<'_>,
        address: &EmailAddress,
        terms: &Terms,
        evidence: &Evidence,
    ) -> Result<SubscriberId, SubscribeError> {
        let mut newsletters: Vec<AskedFor> = Vec::new();
        for wanted in &terms.wanted {
            if let Some(id) = people.newsletter(&wanted.newsletter)? {
                newsletters.push((wanted.newsletter.clone(), id, wanted.choice()));
            }
        }
        let asking = Asking {
            address: address.clone(),
            name: Line::default(),
            language: terms.language.clone(),
            newsletters: Vec::new(),
            choice: Choice::Everything,
        };
        Ok(ask_inside(people, self.keyring, &asking, &newsletters, (self.chance)(), evidence)?.subscriber)
    }

    /// The private link, to whoever gets a newsletter; the question once more, to whoever did not answer it yet.
    fn send_link(
        &self,
        people: &PeopleChange<'_>,
        address: &EmailAddress,
        request: &Request,
        body: &Body,
        now: DateTime<Utc>,
    ) -> Result<Option<LetterKind>, SubscribeError> {
        let Some(person) = people.by_address(address)? else { return Ok(None) };
        if people.suppression(&self.keyring.suppression_hash(address))?.is_some() {
            return Ok(None);
        }
        if person.subscriptions.iter().any(|one| is_on(&person, &one.newsletter)) {
            return self.tell(people, LetterKind::Link, &person, address, &Terms::default(), &request.form, now);
        }
        let waiting =
            people.standings(person.id)?.into_iter().filter(|(.., standing)| standing.stage == Stage::Pending);
        let wanted: Vec<Wanted> = waiting.map(|(_, slug, standing)| Wanted::new(slug, &standing.choice)).collect();
        let terms = Terms { wanted, language: person.language.clone(), ..Terms::default() };
        let evidence = evidence(request, body, address);
        self.answer(people, (address, Asks::Anybody), &terms, &evidence, now)
    }

    /// A letter to somebody who gets a newsletter: once a day of each kind.
    #[expect(clippy::too_many_arguments, reason = "a letter has that many sides")]
    fn tell(
        &self,
        people: &PeopleChange<'_>,
        kind: LetterKind,
        person: &Subscriber,
        address: &EmailAddress,
        terms: &Terms,
        form: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<LetterKind>, SubscribeError> {
        let hash = self.keyring.suppression_hash(address);
        let (today, _) = people.letter_counts(&hash, kind, now - TimeDelta::days(1))?;
        if today >= PER_ADDRESS_A_DAY {
            return Ok(None);
        }
        self.write(people, kind, person.id, address, None, terms, form, now)?;
        Ok(Some(kind))
    }

    /// Whether the budgets allow to ask this address now.
    pub(super) fn may_ask(
        &self,
        people: &PeopleChange<'_>,
        address: &EmailAddress,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.may_be_asked(people, address, Asks::Anybody, now)
    }

    fn may_be_asked(
        &self,
        people: &PeopleChange<'_>,
        address: &EmailAddress,
        asks: Asks,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let hash = self.keyring.suppression_hash(address);
        let count = |kind, since| people.letter_counts(&hash, kind, since);
        let mut today = 0;
        let mut unanswered = 0;
        for kind in [LetterKind::Confirm, LetterKind::Move] {
            let since = now - TimeDelta::days(1);
            let (recent, open) = count(kind, since)?;
            // Who pressed the button of today's letter wanted it.
            let recent = if asks == Asks::Reader { people.letters_unanswered(&hash, kind, since)? } else { recent };
            (today, unanswered) = (today + recent, unanswered + open);
        }
        if today >= PER_ADDRESS_A_DAY || unanswered >= PER_ADDRESS_EVER {
            return Ok(false);
        }
        if let Some(suppression) = people.suppression(&hash)?
            && count(LetterKind::Confirm, suppression.at)?.0 >= PER_SUPPRESSED_ADDRESS
        {
            return Ok(false);
        }
        let domain = self.keyring.domain_hash(address);
        Ok(people.letters_to_domain(&domain, now - TimeDelta::hours(1))? < self.rules.per_domain)
    }

    /// Writes a letter; it waits to be handed over.
    #[expect(clippy::too_many_arguments, reason = "a letter has that many sides")]
    pub(super) fn write(
        &self,
        people: &PeopleChange<'_>,
        kind: LetterKind,
        subscriber: SubscriberId,
        to: &EmailAddress,
        other: Option<&EmailAddress>,
        terms: &Terms,
        form: &str,
        now: DateTime<Utc>,
    ) -> Result<[u8; 8], StoreError> {
        let code = (self.chance)();
        people.put_letter(&NewLetter {
            code,
            kind,
            subscriber,
            hash: self.keyring.suppression_hash(to),
            domain_hash: self.keyring.domain_hash(to),
            address: other,
            at: now,
            expires_at: now + kind.lifetime(self.rules.confirm_within),
            terms,
            form,
        })?;
        Ok(code)
    }
}

/// What a request says, if it can be read: it was written by this program, perhaps by an older version of it.
fn read(request: &Request) -> Option<(EmailAddress, Body)> {
    let body: Body = serde_json::from_str(&request.body).ok()?;
    Some((EmailAddress::parse_reader(&body.address).ok()?, body))
}

fn evidence(request: &Request, body: &Body, address: &EmailAddress) -> Evidence {
    let evidence = Evidence {
        wording: body.wording.clone(),
        network: body.network.clone(),
        ..Evidence::new(request.at, &request.form)
    };
    let local = address.as_str().split('@').next().unwrap_or_default().to_ascii_lowercase();
    if ROLES.contains(&local.as_str()) { evidence.with("role", &local) } else { evidence }
}

/// Whether somebody gets a newsletter, now or after a pause.
fn is_on(person: &Subscriber, newsletter: &Slug) -> bool {
    let found = person.subscriptions.iter().find(|one| one.newsletter == *newsletter);
    found.is_some_and(|one| matches!(one.status, Status::Active { .. } | Status::Paused { .. }))
}

#[cfg(test)]
mod tests;
