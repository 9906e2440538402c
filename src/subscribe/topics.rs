//! Choosing topics, pausing and coming back: what subscribers change without leaving.

use super::{SubscribeError, known, no_subscription, refused};
use crate::domain::address::EmailAddress;
use crate::domain::consent::{ConsentEvent, Evidence};
use crate::domain::issue::Choice;
use crate::domain::standing::{Standing, StepError};
use crate::domain::tag::Slug;
use crate::store::Store;
use chrono::{DateTime, Utc};

/// Sets the topics of a subscription.
pub fn choose(
    store: &Store,
    address: &EmailAddress,
    newsletter: &Slug,
    choice: &Choice,
    evidence: &Evidence,
) -> Result<(), SubscribeError> {
    let evidence = evidence.clone().with("topics", &choice.key());
    step(store, address, newsletter, ConsentEvent::Topics, &evidence, |standing| standing.choose(choice.clone()))
}

/// No mail for a while; `until` none: until they come back.
pub fn pause(
    store: &Store,
    address: &EmailAddress,
    newsletter: &Slug,
    until: Option<DateTime<Utc>>,
    evidence: &Evidence,
) -> Result<(), SubscribeError> {
    step(store, address, newsletter, ConsentEvent::Paused, evidence, |standing| standing.pause(until))
}

/// Ends a pause.
pub fn resume(
    store: &Store,
    address: &EmailAddress,
    newsletter: &Slug,
    evidence: &Evidence,
) -> Result<(), SubscribeError> {
    step(store, address, newsletter, ConsentEvent::Resumed, evidence, Standing::resume)
}

fn step(
    store: &Store,
    address: &EmailAddress,
    newsletter: &Slug,
    event: ConsentEvent,
    evidence: &Evidence,
    change: impl FnOnce(&Standing) -> Result<Standing, StepError>,
) -> Result<(), SubscribeError> {
    store.change_people(|people| {
        let subscriber = known(people, address)?;
        let id = people.newsletter(newsletter)?.ok_or_else(|| no_subscription(address, newsletter))?;
        let before = people.standing(subscriber.id, id)?.ok_or_else(|| no_subscription(address, newsletter))?;
        let after = change(&before).map_err(refused(address, newsletter))?;
        if after != before {
            people.put_standing(subscriber.id, id, &after)?;
            people.append_consent(subscriber.id, Some(id), event, evidence)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::subscriber::Status;
    use crate::subscribe::fixtures::{Desk, address, evidence_of, week};

    #[test]
    fn a_pause_ends_when_they_say_so() {
        let desk = Desk::new();
        desk.add("jo@example.org");
        let jo = address("jo@example.org");
        pause(&desk.store, &jo, &week(), None, &evidence_of(2)).unwrap();
        assert!(matches!(desk.status("jo@example.org"), Some(Status::Paused { until: None, .. })));
        resume(&desk.store, &jo, &week(), &evidence_of(3)).unwrap();
        assert!(matches!(desk.status("jo@example.org"), Some(Status::Active { .. })));
    }

    #[test]
    fn topics_are_chosen_per_newsletter_and_recorded() {
        let desk = Desk::new();
        desk.add("jo@example.org");
        let choice = Choice::from_key("energy,courts");
        choose(&desk.store, &address("jo@example.org"), &week(), &choice, &evidence_of(2)).unwrap();
        let jo = desk.found("jo@example.org").unwrap();
        assert_eq!(jo.subscriptions[0].choice.key(), "courts,energy");
        assert_eq!(desk.events("jo@example.org").last(), Some(&ConsentEvent::Topics));
        let other = Slug::parse("other").unwrap();
        let error = choose(&desk.store, &jo.address, &other, &choice, &evidence_of(3)).unwrap_err();
        assert_eq!(error.to_string(), "jo@example.org, other: not subscribed");
    }
}
