//! What `check` says of each newsletter: who sends it, and its next date as people made it. Reads; changes nothing.

use super::{Finding, Level, Place, note};
use crate::config::Config;
use crate::domain::newsletter::Newsletter;
use crate::domain::plan::{Fate, Plan};
use crate::store::{Store, StoreError};
use chrono::{DateTime, Utc};

/// Who sends each newsletter and when: with the dates that people skipped, moved or paused, as far as there is a database to keep them.
pub(super) fn newsletters(config: &Config, place: &Place<'_>, now: DateTime<Utc>) -> Vec<Finding> {
    let path = place.database.unwrap_or(&config.database);
    // What is wrong with the database is a finding of its own.
    let store = path.exists().then(|| Store::open(path).ok()).flatten();
    let finding = |newsletter: &Newsletter| {
        let sentence = match next_date(newsletter, store.as_ref(), now) {
            Ok(next) => format!("{}: from {}, next {next}", newsletter.slug, newsletter.sender.from_address),
            Err(error) => return note("newsletter", Level::Error, format!("{}: {error}", newsletter.slug)),
        };
        note("newsletter", Level::Ok, sentence)
    };
    config.newsletters.iter().map(finding).collect()
}

/// The next date, and what is otherwise about it and about those that are left out before it.
fn next_date(newsletter: &Newsletter, store: Option<&Store>, now: DateTime<Utc>) -> Result<String, StoreError> {
    let plan = match store {
        Some(store) => match store.known_newsletter_id(&newsletter.slug)? {
            Some(id) => store.plan(newsletter, id)?,
            None => Plan::new(&newsletter.schedule, newsletter.zone, Vec::new()),
        },
        None => Plan::new(&newsletter.schedule, newsletter.zone, Vec::new()),
    };
    let local = |at: DateTime<Utc>| at.with_timezone(&newsletter.zone).format("%a %d %b %Y %H:%M %Z").to_string();
    let Some(next) = plan.next(now) else { return Ok("never again".to_owned()) };
    let planned = plan.date(next.key()).map(|planned| planned.fate);
    let moved = match planned {
        Some(Fate::Moved(_, because)) => {
            format!(" instead of {} ({because})", next.key().format("%a %d %b %H:%M"))
        }
        _ => String::new(),
    };
    let skipped = plan.dates(now).take_while(|planned| planned.scheduled.at < next.at);
    let skipped: Vec<String> = skipped
        .filter_map(|planned| match planned.fate {
            Fate::Skipped(because) => Some(format!("{} ({because})", local(planned.scheduled.at))),
            Fate::Stands | Fate::Moved(..) => None,
        })
        .collect();
    let skipped = match skipped.as_slice() {
        [] => String::new(),
        [only] => format!("; skipped: {only}"),
        [first, .., last] => format!("; {} dates skipped, from {first} to {last}", skipped.len()),
    };
    Ok(format!("{}{moved}{skipped}", local(next.at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EXAMPLE, Environment};
    use crate::domain::hand::Actor;
    use crate::domain::plan::{Changed, DateChange};
    use std::path::Path;

    fn local(text: &str) -> chrono::NaiveDateTime {
        text.parse().unwrap()
    }

    fn told(changes: &[(&str, DateChange)]) -> String {
        let config = Config::parse(Path::new("c.toml"), EXAMPLE, &Environment::new()).unwrap();
        let (store, now) = (Store::in_memory().unwrap(), "2026-11-20T12:00:00Z".parse().unwrap());
        let newsletter = &config.newsletters[0];
        let id = store.newsletter_id(&newsletter.slug, now).unwrap();
        for (because, change) in changes {
            let changed = Changed { change: *change, because: (*because).to_owned() };
            store.keep_date_change(id, &changed, &Actor::CommandLine, now).unwrap();
        }
        next_date(newsletter, Some(&store), now).unwrap()
    }

    #[test]
    fn the_next_date_is_the_one_that_people_made_of_it() {
        assert_eq!(told(&[]), "Fri 20 Nov 2026 17:00 GMT");
        let skip = ("a holiday", DateChange::Skip { date: local("2026-11-20T17:00:00") });
        let to = local("2026-11-26T16:00:00");
        let moved = ("a party", DateChange::Move { date: local("2026-11-27T17:00:00"), to });
        assert_eq!(
            told(&[skip, moved]),
            "Thu 26 Nov 2026 16:00 GMT instead of Fri 27 Nov 17:00 (a party); skipped: Fri 20 Nov 2026 17:00 GMT (a holiday)"
        );
    }

    #[test]
    fn a_pause_is_told_by_its_first_and_its_last_date() {
        let pause = DateChange::Pause { from: local("2026-11-20T12:00:00"), until: local("2026-12-20T00:00:00") };
        assert_eq!(
            told(&[("winter", pause)]),
            "Fri 25 Dec 2026 17:00 GMT; 5 dates skipped, from Fri 20 Nov 2026 17:00 GMT (winter) to Fri 18 Dec 2026 17:00 GMT (winter)"
        );
    }
}
