//! Asking for newsletters and confirming that it was meant: how a subscription begins.

use super::{SubscribeError, known, refused};
use crate::domain::address::EmailAddress;
use crate::domain::consent::{ConsentEvent, Evidence};
use crate::domain::issue::Choice;
use crate::domain::standing::{Confirmer, Standing};
use crate::domain::subscriber::{Subscriber, SubscriberId};
use crate::domain::tag::Slug;
use crate::domain::text::{Language, Line};
use crate::domain::token::Keyring;
use crate::store::people::PeopleChange;
use crate::store::subscribers::NewSubscriber;
use crate::store::{Store, StoreError};

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct Asking {
    /// Their address.
    pub address: EmailAddress,
    /// The name they gave, or none.
    pub name: Line,
    /// The language they want.
    pub language: Option<Language>,
    /// Which newsletters.
    pub newsletters: Vec<Slug>,
    /// Which topics of them.
    pub choice: Choice,
}

/// Who asked, and where each newsletter stands now.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Who.
    pub subscriber: SubscriberId,
    /// Each newsletter that was asked for, and whether it waits for a confirmation; the others were subscribed already.
    pub newsletters: Vec<(Slug, bool)>,
}

/// Somebody asks for themselves. Suppressed addresses may ask too: their own confirmation lifts the suppression.
pub fn ask(
    store: &Store,
    keyring: &Keyring,
    asking: &Asking,
    public_id: [u8; 8],
    evidence: &Evidence,
) -> Result<Asked, SubscribeError> {
    let newsletters = rows_of(store, asking, evidence)?;
    store.change_people(|people| ask_inside(people, keyring, asking, &newsletters, public_id, evidence))
}

/// An operator asks for somebody: pending until that person confirms. A suppressed address is refused.
pub fn ask_for(
    store: &Store,
    keyring: &Keyring,
    asking: &Asking,
    public_id: [u8; 8],
    evidence: &Evidence,
) -> Result<Asked, SubscribeError> {
    let newsletters = rows_of(store, asking, evidence)?;
    store.change_people(|people| {
        refuse_suppressed(people, keyring, &asking.address)?;
        ask_inside(people, keyring, asking, &newsletters, public_id, evidence)
    })
}

/// An operator adds somebody whose consent they can prove; the proof stands in the evidence. Whoever left is refused unless `again` says that the
/// proof is newer than their leaving; whoever is suppressed is refused.
pub fn add_confirmed(
    store: &Store,
    keyring: &Keyring,
    asking: &Asking,
    again: bool,
    public_id: [u8; 8],
    evidence: &Evidence,
) -> Result<Asked, SubscribeError> {
    let newsletters = rows_of(store, asking, evidence)?;
    store.change_people(|people| {
        refuse_suppressed(people, keyring, &asking.address)?;
        let asked = ask_inside(people, keyring, asking, &newsletters, public_id, evidence)?;
        let by = Confirmer::Operator { again };
        for (slug, id, _) in &newsletters {
            confirm_one(people, &asking.address, asked.subscriber, (slug, *id), by, evidence)?;
        }
        Ok(Asked { newsletters: asked.newsletters.into_iter().map(|(slug, _)| (slug, false)).collect(), ..asked })
    })
}

/// Confirms what an address asked for: the named newsletters, or all that wait. The person's own confirmation lifts a suppression; an operator's is
/// refused by one. Returns the newsletters that are confirmed now, whether or not they were before.
pub fn confirm(
    store: &Store,
    keyring: &Keyring,
    address: &EmailAddress,
    newsletters: &[Slug],
    by: Confirmer,
    evidence: &Evidence,
) -> Result<Vec<Slug>, SubscribeError> {
    store.change_people(|people| {
        let subscriber = known(people, address)?;
        let waiting = wanted(people, &subscriber, newsletters)?;
        if let Confirmer::Operator { .. } = by {
            refuse_suppressed(people, keyring, address)?;
        }
        for (slug, id) in &waiting {
            confirm_one(people, address, subscriber.id, (slug, *id), by, evidence)?;
        }
        if by == Confirmer::Person && !waiting.is_empty() {
            people.lift(&keyring.suppression_hash(address), "confirmed a new subscription", "", evidence.at)?;
        }
        Ok(waiting.into_iter().map(|(slug, _)| slug).collect())
    })
}

/// The newsletters to confirm: those named, else all that wait.
fn wanted(
    people: &PeopleChange<'_>,
    subscriber: &Subscriber,
    named: &[Slug],
) -> Result<Vec<(Slug, u16)>, SubscribeError> {
    use crate::domain::standing::Stage;
    let standings = people.standings(subscriber.id)?;
    if named.is_empty() {
        let waiting = standings.into_iter().filter(|(.., standing)| standing.stage == Stage::Pending);
        return Ok(waiting.map(|(id, slug, _)| (slug, id)).collect());
    }
    named
        .iter()
        .map(|slug| {
            let found = standings.iter().find(|(_, known, _)| known == slug);
            let (id, ..) = found.ok_or_else(|| super::no_subscription(&subscriber.address, slug))?;
            Ok((slug.clone(), *id))
        })
        .collect()
}

/// A newsletter that is asked for: its slug, its row number, and which topics of it.
pub(super) type AskedFor = (Slug, u16, Choice);

fn rows_of(store: &Store, asking: &Asking, evidence: &Evidence) -> Result<Vec<AskedFor>, StoreError> {
    let row = |slug: &Slug| Ok((slug.clone(), store.newsletter_id(slug, evidence.at)?, asking.choice.clone()));
    asking.newsletters.iter().map(row).collect()
}

/// Asks within a transaction that somebody else began.
pub(super) fn ask_inside(
    people: &PeopleChange<'_>,
    keyring: &Keyring,
    asking: &Asking,
    newsletters: &[AskedFor],
    public_id: [u8; 8],
    evidence: &Evidence,
) -> Result<Asked, SubscribeError> {
    let subscriber = match people.by_address(&asking.address)? {
        Some(subscriber) => subscriber.id,
        None => people.insert_subscriber(&NewSubscriber {
            public_id,
            address: &asking.address,
            hash: keyring.suppression_hash(&asking.address),
            name: &asking.name,
            language: asking.language.as_ref(),
            created_at: evidence.at,
        })?,
    };
    let mut asked = Asked { subscriber, newsletters: Vec::new() };
    for (slug, id, choice) in newsletters {
        let before = people.standing(subscriber, *id)?;
        let after = Standing::ask(before.as_ref(), evidence.at, choice.clone());
        let changed = before.as_ref() != Some(&after);
        if changed {
            people.put_standing(subscriber, *id, &after)?;
            people.append_consent(subscriber, Some(*id), ConsentEvent::Asked, evidence)?;
        }
        asked.newsletters.push((slug.clone(), after.stage == crate::domain::standing::Stage::Pending));
    }
    Ok(asked)
}

fn confirm_one(
    people: &PeopleChange<'_>,
    address: &EmailAddress,
    subscriber: SubscriberId,
    (slug, newsletter): (&Slug, u16),
    by: Confirmer,
    evidence: &Evidence,
) -> Result<(), SubscribeError> {
    let before = people.standing(subscriber, newsletter)?;
    let after = Standing::confirm(before.as_ref(), evidence.at, by).map_err(refused(address, slug))?;
    if before.as_ref() != Some(&after) {
        people.put_standing(subscriber, newsletter, &after)?;
        people.append_consent(subscriber, Some(newsletter), ConsentEvent::Confirmed, evidence)?;
    }
    Ok(())
}

fn refuse_suppressed(people: &PeopleChange<'_>, keyring: &Keyring, to: &EmailAddress) -> Result<(), SubscribeError> {
    match people.suppression(&keyring.suppression_hash(to))? {
        None => Ok(()),
        Some(found) => Err(SubscribeError::Suppressed { address: to.to_string(), reason: found.reason, at: found.at }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::standing::StepError;
    use crate::domain::subscriber::{Status, SuppressionReason};
    use crate::subscribe::fixtures::{Desk, address, asking_for, at, evidence_of, week};
    use crate::subscribe::{Which, leave, suppress};

    #[test]
    fn who_asks_is_pending_until_they_confirm() {
        let desk = Desk::new();
        desk.ask("Jo@example.org");
        assert!(matches!(desk.status("jo@example.org"), Some(Status::Pending { .. })));
        let by = Confirmer::Person;
        confirm(&desk.store, &desk.keyring, &address("jo@example.org"), &[], by, &evidence_of(1)).unwrap();
        assert_eq!(desk.status("jo@example.org"), Some(Status::Active { confirmed_at: at(1) }));
        assert_eq!(desk.events("jo@example.org"), [ConsentEvent::Asked, ConsentEvent::Confirmed]);
    }

    #[test]
    fn a_second_confirmation_changes_nothing() {
        let desk = Desk::new();
        desk.add("jo@example.org");
        let (jo, events) = (address("jo@example.org"), desk.events("jo@example.org"));
        let again = confirm(&desk.store, &desk.keyring, &jo, &[week()], Confirmer::Person, &evidence_of(5)).unwrap();
        assert_eq!(again, [week()]);
        assert_eq!(desk.events("jo@example.org"), events);
    }

    #[test]
    fn who_left_is_not_added_as_confirmed_without_newer_proof() {
        let desk = Desk::new();
        desk.add("jo@example.org");
        leave(&desk.store, &address("jo@example.org"), &Which::All, &evidence_of(2)).unwrap();
        let asking = asking_for("jo@example.org");
        let add = |again| add_confirmed(&desk.store, &desk.keyring, &asking, again, [7; 8], &evidence_of(3));
        let error = add(false).unwrap_err();
        assert!(matches!(error, SubscribeError::Step { step: StepError::LeftBefore(_), .. }), "{error}");
        assert!(matches!(desk.status("jo@example.org"), Some(Status::Left { .. })), "the refusal rolled back");
        add(true).unwrap();
        assert!(matches!(desk.status("jo@example.org"), Some(Status::Active { .. })));
    }

    #[test]
    fn a_suppressed_address_is_refused_to_operators_and_freed_by_its_owner() {
        let desk = Desk::new();
        let jo = address("jo@example.org");
        suppress(&desk.store, &desk.keyring, &jo, SuppressionReason::Complaint, "", at(0)).unwrap();
        let asking = asking_for("Jo@Example.org");
        let refused = ask_for(&desk.store, &desk.keyring, &asking, [1; 8], &evidence_of(1)).unwrap_err();
        assert!(refused.to_string().starts_with("Jo@Example.org: suppressed since "), "{refused}");
        ask(&desk.store, &desk.keyring, &asking, [1; 8], &evidence_of(2)).unwrap();
        assert!(desk.suppressed("jo@example.org"), "asking alone frees nobody");
        let operator = Confirmer::Operator { again: true };
        assert!(confirm(&desk.store, &desk.keyring, &jo, &[], operator, &evidence_of(3)).is_err());
        confirm(&desk.store, &desk.keyring, &jo, &[], Confirmer::Person, &evidence_of(4)).unwrap();
        assert!(!desk.suppressed("jo@example.org"));
    }

    #[test]
    fn text_that_looks_like_sql_is_only_text() {
        let desk = Desk::new();
        let mut asking = asking_for("o'neil--@example.org");
        asking.name = Line::clean("'); DROP TABLE subscriber; --");
        ask(&desk.store, &desk.keyring, &asking, [1; 8], &evidence_of(0)).unwrap();
        let found = desk.store.read_people(|people| people.by_address(&asking.address)).unwrap().unwrap();
        assert_eq!(found.name, asking.name);
    }
}
