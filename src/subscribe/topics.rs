//! Choosing topics, pausing and coming back: what subscribers change without leaving.

use super::{SubscribeError, known, no_subscription, refused};
use crate::domain::address::EmailAddress;
use crate::domain::consent::{ConsentEvent, Evidence};
use crate::domain::issue::Choice;
use crate::domain::standing::{Standing, StepError};
use crate::domain::subscriber::Format;
use crate::domain::tag::Slug;
use crate::domain::text::Language;
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

/// Ends the pauses whose day has come: mail has come again since then, now the ledger says so. Returns how many.
pub fn end_pauses(store: &Store, now: DateTime<Utc>) -> Result<usize, SubscribeError> {
    let mut all = 0;
    loop {
        let ended = store.change_people::<_, SubscribeError>(|people| {
            let over = people.pauses_over(now)?;
            for (subscriber, newsletter) in &over {
                if let Some(standing) = people.standing(*subscriber, *newsletter)?
                    && let Ok(after) = standing.resume()
                {
                    people.put_standing(*subscriber, *newsletter, &after)?;
                    let evidence = Evidence::new(now, "end of the pause");
                    people.append_consent(*subscriber, Some(*newsletter), ConsentEvent::Resumed, &evidence)?;
                }
            }
            Ok(over.len())
        })?;
        if ended == 0 {
            return Ok(all);
        }
        all += ended;
    }
}

/// Sets language and format; none is the newsletter's own language.
pub fn settle(
    store: &Store,
    address: &EmailAddress,
    language: Option<&Language>,
    format: Format,
    evidence: &Evidence,
) -> Result<(), SubscribeError> {
    store.change_people(|people| {
        let person = known(people, address)?;
        if person.language.as_ref() == language && person.format == format {
            return Ok(());
        }
        people.put_settings(person.id, language, format)?;
        let evidence =
            evidence.clone().with("language", language.map_or("", Language::as_str)).with("format", format.as_str());
        Ok(people.append_consent(person.id, None, ConsentEvent::Settings, &evidence)?)
    })
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
    fn a_paused_reader_comes_back_by_themselves_on_the_day() {
        let desk = Desk::new();
        desk.add("jo@example.org");
        pause(&desk.store, &address("jo@example.org"), &week(), Some(evidence_of(9).at), &evidence_of(2)).unwrap();
        assert_eq!(end_pauses(&desk.store, evidence_of(8).at).unwrap(), 0);
        assert_eq!(end_pauses(&desk.store, evidence_of(9).at).unwrap(), 1);
        assert!(matches!(desk.status("jo@example.org"), Some(Status::Active { .. })));
        assert_eq!(desk.events("jo@example.org").last(), Some(&ConsentEvent::Resumed));
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
