//! The link in a confirmation mail: what it still allows, and confirming by it. It works once, for a time, and never undoes a later leaving.

use super::SubscribeError;
use super::clerk::Clerk;
use crate::domain::consent::{ConsentEvent, Evidence};
use crate::domain::letter::{LetterKind, Wanted};
use crate::domain::standing::{Confirmer, Stage, Standing};
use crate::domain::subscriber::Subscriber;
use crate::domain::tag::Slug;
use crate::store::letters::Letter;
use crate::store::people::{People, PeopleChange};
use crate::store::{Store, StoreError};
use chrono::{DateTime, Utc};

/// What a link of a letter still allows.
#[derive(Debug, Clone, PartialEq)]
pub enum Link {
    /// What it was sent for.
    Open(Box<Opened>),
    /// It did its work before, or was overtaken by another.
    Used(Box<Opened>),
    /// Its time is over.
    Expired(Box<Opened>),
    /// Whom it was sent to is not known any more.
    Gone,
}

/// A letter and the person it went to.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The letter.
    pub letter: Letter,
    /// The person, with their subscriptions as they are now.
    pub person: Subscriber,
}

/// What confirming did.
#[derive(Debug, Clone, PartialEq)]
pub enum Confirmed {
    /// They get these newsletters from now on.
    Yes(Vec<Slug>),
    /// The link did not allow it any more.
    No,
}

/// What the link that carries a code allows now. Reads, and changes nothing.
pub fn open_link(store: &Store, code: [u8; 8], now: DateTime<Utc>) -> Result<Link, StoreError> {
    store.read_people(|people| open(people, code, now))
}

/// The same inside a transaction.
pub(super) fn open(people: &People<'_>, code: [u8; 8], now: DateTime<Utc>) -> Result<Link, StoreError> {
    let Some(letter) = people.letter(code)? else { return Ok(Link::Gone) };
    let person = match letter.subscriber {
        Some(id) => people.by_id(id)?,
        None => None,
    };
    let Some(person) = person else { return Ok(Link::Gone) };
    let (is_used, is_over) = (letter.used_at.is_some(), letter.expires_at <= now);
    let opened = Box::new(Opened { letter, person });
    Ok(if is_used {
        Link::Used(opened)
    } else if is_over {
        Link::Expired(opened)
    } else {
        Link::Open(opened)
    })
}

/// The person confirms by the link that only they were sent. Lifts a suppression; ends all other open questions to them.
pub fn confirm_by_link(clerk: &Clerk<'_>, code: [u8; 8], evidence: &Evidence) -> Result<Confirmed, SubscribeError> {
    clerk.store.change_people(|people| {
        let Link::Open(opened) = open(people, code, evidence.at)? else { return Ok(Confirmed::No) };
        let Opened { letter, person } = *opened;
        if letter.kind != LetterKind::Confirm {
            return Ok(Confirmed::No);
        }
        let mut confirmed = Vec::new();
        for wanted in &letter.terms.wanted {
            if let Some(id) = people.newsletter(&wanted.newsletter)?
                && confirm_one(people, &person, (&wanted.newsletter, id), &letter, evidence)?
            {
                confirmed.push(wanted.newsletter.clone());
            }
        }
        people.put_settings(person.id, letter.terms.language.as_ref(), letter.terms.format())?;
        people.lift(
            &clerk.keyring.suppression_hash(&person.address),
            "confirmed a new subscription",
            "",
            evidence.at,
        )?;
        people.overtake_letters(person.id, LetterKind::Confirm, evidence.at)?;
        if clerk.rules.welcome {
            let (kind, to) = (LetterKind::Welcome, &person.address);
            clerk.write(people, kind, person.id, to, None, &letter.terms, &letter.form, evidence.at)?;
        }
        Ok(Confirmed::Yes(confirmed))
    })
}

/// Whether one newsletter is confirmed now. Who left after the letter was written does not come back by it.
fn confirm_one(
    people: &PeopleChange<'_>,
    person: &Subscriber,
    (slug, id): (&Slug, u16),
    letter: &Letter,
    evidence: &Evidence,
) -> Result<bool, SubscribeError> {
    let before = people.standing(person.id, id)?;
    let left_since = before.as_ref().is_some_and(|standing| {
        standing.stage == Stage::Left && standing.left_at.is_some_and(|left_at| left_at >= letter.at)
    });
    if left_since {
        return Ok(false);
    }
    let choice = letter.terms.wanted.iter().find(|wanted| wanted.newsletter == *slug).map(Wanted::choice);
    let asked = Standing::ask(before.as_ref(), letter.at, choice.unwrap_or_default());
    let after = Standing::confirm(Some(&asked), evidence.at, Confirmer::Person)
        .map_err(super::refused(&person.address, slug))?;
    if before.as_ref() != Some(&after) {
        people.put_standing(person.id, id, &after)?;
        let evidence = evidence.clone().with("asked_by", &letter.form).with("topics", &after.choice.key());
        people.append_consent(person.id, Some(id), ConsentEvent::Confirmed, &evidence)?;
    }
    Ok(true)
}
