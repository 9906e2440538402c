//! What a visitor asks for on a page: taken in without a look at who they are, so that no answer, and no time that it takes, tells whether an address is
//! known. Who gets which letter is the clerk's to decide, afterwards.

use super::SubscribeError;
use crate::domain::address::EmailAddress;
use crate::domain::letter::Terms;
use crate::domain::network::Network;
use crate::domain::signup::Rules;
use crate::store::people::People;
use crate::store::requests::{NewRequest, RequestKind};
use crate::store::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Where a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The form: our own page, a foreign site, the API.
    pub form: String,
    /// What makes the form distinct, where it was ours.
    pub nonce: Option<[u8; 8]>,
    /// The network that budgets count by.
    pub household: Option<Network>,
    /// The part of the visitor's address that may stand beside their consent.
    pub network: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Newsletters; with the words they were shown.
    Subscribe {
        /// Which, and how.
        terms: Terms,
        /// What the page said.
        wording: String,
    },
    /// The private link to their choices.
    Link,
}

/// Whether a request was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was, or had been before.
    Yes,
    /// Too many came from this network or form within the hour.
    TooMany,
    /// Too many came in all: nobody can sign up for a while.
    Closed,
}

/// What waits for the clerk, as JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Body {
    pub(super) address: String,
    #[serde(default)]
    pub(super) terms: Terms,
    #[serde(default)]
    pub(super) wording: String,
    #[serde(default)]
    pub(super) network: Option<String>,
}

/// The span that budgets look back.
const HOUR: TimeDelta = TimeDelta::hours(1);

/// Stands for all forms together.
const EVERY_FORM: &str = "every form";

/// The kind of the alarm that says that nobody can sign up.
const ALARM: &str = "sign-ups closed";

/// Takes a request in, if the budgets of network, form and hour allow it.
pub fn request(
    store: &Store,
    rules: &Rules,
    address: &EmailAddress,
    wish: &Wish,
    visit: &Visit,
) -> Result<Taken, SubscribeError> {
    let (kind, terms, wording) = match wish {
        Wish::Subscribe { terms, wording } => (RequestKind::Subscribe, terms.clone(), wording.clone()),
        Wish::Link => (RequestKind::Link, Terms::default(), String::new()),
    };
    let body = Body { address: address.to_string(), terms, wording, network: visit.network.clone() };
    let body = serde_json::to_string(&body).map_err(|error| StoreError::Unexpected(error.to_string()))?;
    let household = visit.household.map(|network| network.to_string());
    let new = NewRequest {
        kind,
        nonce: visit.nonce,
        at: visit.at,
        form: &visit.form,
        network: household.as_deref(),
        body: &body,
    };
    let verdict = |people: &People<'_>| verdict(people, rules, household.as_deref(), visit);
    // Looked at before the write lock is taken: a flood of refusals must not hold up a delivery.
    let mut found = store.read_people(verdict)?;
    if found == Verdict::Welcome {
        found = store.change_people::<_, StoreError>(|people| {
            let found = verdict(people)?;
            if found == Verdict::Welcome {
                people.put_request(&new)?;
            }
            Ok(found)
        })?;
    }
    Ok(match found {
        Verdict::Welcome => Taken::Yes,
        Verdict::Closed => Taken::Closed,
        Verdict::NetworkFull => Taken::TooMany,
        Verdict::FormFull => {
            close(store, &visit.form, rules.per_form, "subscribe.per_form", visit)?;
            Taken::Closed
        }
        Verdict::Full => {
            close(store, EVERY_FORM, rules.per_hour, "subscribe.per_hour", visit)?;
            Taken::Closed
        }
    })
}

/// What the budgets say of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Welcome,
    /// This form, or every form, is closed for the hour.
    Closed,
    NetworkFull,
    FormFull,
    Full,
}

fn verdict(people: &People<'_>, rules: &Rules, household: Option<&str>, visit: &Visit) -> Result<Verdict, StoreError> {
    for form in [EVERY_FORM, &visit.form] {
        if people.closed_until(form)?.is_some_and(|until| visit.at < until) {
            return Ok(Verdict::Closed);
        }
    }
    let counts = people.request_counts(household, &visit.form, visit.at - HOUR)?;
    Ok(if counts.all >= rules.per_hour {
        Verdict::Full
    } else if counts.form >= rules.per_form {
        Verdict::FormFull
    } else if counts.network >= rules.per_network {
        Verdict::NetworkFull
    } else {
        Verdict::Welcome
    })
}

/// Closes a form, or every form, for an hour and says so to the operators, unless it is closed already.
fn close(store: &Store, form: &str, most: u32, setting: &str, visit: &Visit) -> Result<(), SubscribeError> {
    let has_closed = store.change_people::<_, SubscribeError>(|people| {
        let is_closed = people.closed_until(form)?.is_some_and(|until| visit.at < until);
        if !is_closed {
            people.close_form(form, visit.at + HOUR)?;
        }
        Ok(!is_closed)
    })?;
    if has_closed {
        let until = (visit.at + HOUR).format("%H:%M UTC");
        let hidden = visit.household.as_ref().is_some_and(Network::is_private);
        let why = if hidden {
            "; all visitors seem to come from this machine or its neighbours: name your proxy in web.trusted_proxies, or each counts for all"
        } else {
            ""
        };
        let sentence = format!(
            "{most} people asked for newsletters within an hour, as many as {setting} allows; nobody can sign up there until {until}, nobody else is touched{why}"
        );
        store.raise_alarm(ALARM, form, &sentence, visit.at)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscribe::fixtures::{Desk, address, at};

    fn visit(second: i64, network: u8) -> Visit {
        let household = Network::parse(&format!("203.0.{network}.0/24")).unwrap();
        Visit {
            form: "page".into(),
            nonce: None,
            household: Some(household),
            network: None,
            at: at(0) + TimeDelta::seconds(second),
        }
    }

    fn ask(desk: &Desk, rules: &Rules, visit: &Visit) -> Taken {
        let wish = Wish::Subscribe { terms: Terms::default(), wording: String::new() };
        request(&desk.store, rules, &address("jo@example.org"), &wish, visit).unwrap()
    }

    fn waiting(desk: &Desk) -> u32 {
        desk.store.read_people(|people| people.request_counts(None, "page", at(-1))).unwrap().all
    }

    #[test]
    fn a_network_has_its_budget_and_another_has_its_own() {
        let (desk, rules) = (Desk::new(), Rules { per_network: 2, ..Rules::default() });
        assert_eq!(
            [0, 1, 2].map(|second| ask(&desk, &rules, &visit(second, 1))),
            [Taken::Yes, Taken::Yes, Taken::TooMany]
        );
        assert_eq!(ask(&desk, &rules, &visit(3, 2)), Taken::Yes);
        assert_eq!(ask(&desk, &rules, &visit(3_602, 1)), Taken::Yes, "an hour later");
    }

    #[test]
    fn a_form_that_is_sent_twice_asks_once() {
        let (desk, rules) = (Desk::new(), Rules::default());
        let again = Visit { nonce: Some([7; 8]), ..visit(0, 1) };
        assert_eq!([ask(&desk, &rules, &again), ask(&desk, &rules, &again)], [Taken::Yes, Taken::Yes]);
        assert_eq!(waiting(&desk), 1);
    }

    #[test]
    fn beyond_the_budget_of_one_form_it_closes_and_the_others_stay_open() {
        let (desk, rules) = (Desk::new(), Rules { per_form: 2, ..Rules::default() });
        let answers = [0, 1, 2, 3].map(|n| ask(&desk, &rules, &visit(n, n as u8)));
        assert_eq!(answers, [Taken::Yes, Taken::Yes, Taken::Closed, Taken::Closed]);
        let other = Visit { form: "another".into(), ..visit(4, 4) };
        assert_eq!(ask(&desk, &rules, &other), Taken::Yes);
        assert_eq!(desk.store.alarms().unwrap().iter().map(|alarm| alarm.about.as_str()).collect::<Vec<_>>(), ["page"]);
    }

    #[test]
    fn beyond_the_budget_of_all_the_door_closes_for_an_hour_and_the_operators_are_told_once() {
        let (desk, rules) = (Desk::new(), Rules { per_hour: 3, ..Rules::default() });
        let answers = (0..6).map(|n| ask(&desk, &rules, &visit(i64::from(n), n)));
        assert_eq!(answers.filter(|taken| *taken == Taken::Yes).count(), 3);
        let alarms = desk.store.alarms().unwrap();
        assert_eq!(alarms.iter().map(|alarm| alarm.times).collect::<Vec<_>>(), [1]);
        assert!(alarms[0].sentence.contains("as many as subscribe.per_hour allows"), "{}", alarms[0].sentence);
        assert_eq!(ask(&desk, &rules, &visit(3_000, 9)), Taken::Closed);
        assert_eq!(ask(&desk, &rules, &visit(3_605, 9)), Taken::Yes);
    }
}
