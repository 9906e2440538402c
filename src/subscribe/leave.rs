//! Leaving: one step, at once, for good, and never an answer that tells whether an address is known.

use super::SubscribeError;
use crate::domain::address::EmailAddress;
use crate::domain::consent::{ConsentEvent, Evidence};
use crate::domain::letter::LetterKind;
use crate::domain::standing::Stage;
use crate::domain::subscriber::SubscriberId;
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use crate::domain::token::{Keyring, Purpose};
use crate::store::people::PeopleChange;
use crate::store::{Store, StoreError};

/// What somebody leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// One newsletter.
    One(Slug),
    /// All of them.
    All,
}

/// What a link in a mail ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FromLink {
    /// The newsletter that the mail was of.
    Newsletter,
    /// All newsletters.
    All,
}

/// What a one-click link did, enough for a page to say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OneClick {
    /// Whoever had the link gets no more of it; the same whether or not they did before.
    Left {
        /// The newsletter that ended; none for all, or where it is not known any more.
        newsletter: Option<Slug>,
    },
    /// The link is incomplete, changed or not ours.
    NotOurs,
}

/// An address leaves a newsletter or all. Returns the newsletters that ended now; none where it had left before.
pub fn leave(
    store: &Store,
    address: &EmailAddress,
    which: &Which,
    evidence: &Evidence,
) -> Result<Vec<Slug>, SubscribeError> {
    store.change_people(|people| {
        let subscriber = super::known(people, address)?;
        if let Which::One(slug) = which
            && subscriber.subscriptions.iter().all(|subscription| subscription.newsletter != *slug)
        {
            return Err(super::no_subscription(address, slug));
        }
        Ok(end(people, subscriber.id, evidence, |slug| match which {
            Which::All => true,
            Which::One(one) => one == slug,
        })?)
    })
}

/// Whoever holds a signed link leaves. Works for ever: with old keys, after any number of other steps, and a second time.
pub fn leave_by_token(
    store: &Store,
    keyring: &Keyring,
    token: &str,
    what: FromLink,
    evidence: &Evidence,
) -> Result<OneClick, StoreError> {
    let Ok(claim) = keyring.verify(token, Purpose::Unsubscribe) else { return Ok(OneClick::NotOurs) };
    let all = what == FromLink::All || claim.newsletter == 0;
    store.change_people(|people| {
        let newsletter = if all { None } else { people.newsletter_slug(claim.newsletter)? };
        if let Some(subscriber) = people.by_public_id(claim.public_id)? {
            end(people, subscriber.id, evidence, |slug| all || newsletter.as_ref() == Some(slug))?;
        }
        Ok(OneClick::Left { newsletter })
    })
}

/// The longest answer to why somebody left, in characters.
const LONGEST_REASON: usize = 500;

/// Whoever left by a signed link says why, once. What is said by somebody who has not left, or a second time, is not kept.
pub fn say_why(
    store: &Store,
    keyring: &Keyring,
    token: &str,
    words: &str,
    evidence: &Evidence,
) -> Result<(), StoreError> {
    let Ok(claim) = keyring.verify(token, Purpose::Unsubscribe) else { return Ok(()) };
    let words = Line::clean_to(words, LONGEST_REASON);
    store.change_people(|people| {
        let Some(person) = people.by_public_id(claim.public_id)? else { return Ok(()) };
        let last = people.consent(person.id)?.into_iter().next_back();
        if !words.is_empty() && last.is_some_and(|last| last.event == ConsentEvent::Left) {
            let newsletter = (claim.newsletter != 0).then_some(claim.newsletter);
            let evidence = evidence.clone().with("words", words.as_str());
            people.append_consent(person.id, newsletter, ConsentEvent::Reason, &evidence)?;
        }
        Ok(())
    })
}

fn end(
    people: &PeopleChange<'_>,
    subscriber: SubscriberId,
    evidence: &Evidence,
    ends: impl Fn(&Slug) -> bool,
) -> Result<Vec<Slug>, StoreError> {
    let mut ended = Vec::new();
    for (id, slug, standing) in people.standings(subscriber)? {
        if standing.stage != Stage::Left && ends(&slug) {
            people.put_standing(subscriber, id, &standing.leave(evidence.at))?;
            people.append_consent(subscriber, Some(id), ConsentEvent::Left, evidence)?;
            ended.push(slug);
        }
    }
    if !ended.is_empty() {
        // A question that was not answered yet is no way back in.
        people.overtake_letters(subscriber, LetterKind::Confirm, evidence.at)?;
    }
    Ok(ended)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::subscriber::Status;
    use crate::subscribe::fixtures::{Desk, address, at, evidence_of, week};

    #[test]
    fn leaving_is_immediate_final_and_harmless_twice() {
        let desk = Desk::new();
        desk.add("jo@example.org");
        let jo = address("jo@example.org");
        assert_eq!(leave(&desk.store, &jo, &Which::One(week()), &evidence_of(2)).unwrap(), [week()]);
        assert!(leave(&desk.store, &jo, &Which::All, &evidence_of(3)).unwrap().is_empty());
        assert_eq!(desk.status("jo@example.org"), Some(Status::Left { left_at: at(2) }));
        let unknown = leave(&desk.store, &address("x@example.org"), &Which::All, &evidence_of(3)).unwrap_err();
        assert_eq!(unknown.to_string(), "x@example.org: no subscriber has this address");
    }

    #[test]
    fn a_link_answers_the_same_whether_or_not_somebody_is_behind_it() {
        let desk = Desk::new();
        desk.add("jo@example.org");
        let here = desk.unsubscribe_token("jo@example.org");
        let nobody = desk.token_for([0x55; 8]);
        let click = |token: &str| {
            leave_by_token(&desk.store, &desk.keyring, token, FromLink::Newsletter, &evidence_of(2)).unwrap()
        };
        assert_eq!(click(&here), OneClick::Left { newsletter: Some(week()) });
        assert_eq!(click(&here), click(&nobody));
        assert!(matches!(desk.status("jo@example.org"), Some(Status::Left { .. })));
        assert_eq!(click("nonsense"), OneClick::NotOurs);
    }

    #[test]
    fn a_reason_is_kept_once_and_only_after_leaving() {
        let desk = Desk::new();
        desk.add("jo@example.org");
        let token = desk.unsubscribe_token("jo@example.org");
        let say = |words: &str| say_why(&desk.store, &desk.keyring, &token, words, &evidence_of(3)).unwrap();
        say("not yet");
        leave_by_token(&desk.store, &desk.keyring, &token, FromLink::All, &evidence_of(2)).unwrap();
        say("  ");
        say("too\r\nmuch mail");
        say("again");
        let events = desk.events("jo@example.org");
        assert_eq!(events[2..], [ConsentEvent::Left, ConsentEvent::Reason]);
        let jo = desk.found("jo@example.org").unwrap();
        let consent = desk.store.read_people(|people| people.consent(jo.id)).unwrap();
        assert_eq!(consent[3].evidence.detail["words"], "too much mail");
    }

    #[test]
    fn a_link_to_choose_topics_does_not_unsubscribe() {
        let desk = Desk::new();
        desk.add("jo@example.org");
        let token = desk.token("jo@example.org", Purpose::Preferences);
        let click = leave_by_token(&desk.store, &desk.keyring, &token, FromLink::All, &evidence_of(2)).unwrap();
        assert_eq!(click, OneClick::NotOurs);
        assert!(matches!(desk.status("jo@example.org"), Some(Status::Active { .. })));
    }
}
