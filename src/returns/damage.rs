//! Stops a send that does damage, or holds the next issue where it has ended, and tells the operators. Once for each issue: who lets it go on knows.

use crate::domain::issue::IssueState;
use crate::feedback::rules::carry_out_refusals;
use crate::feedback::watch::{Advice, advise};
use crate::store::facts::hold;
use crate::store::issues::IssueRow;
use crate::store::{Store, StoreError};
use chrono::{DateTime, Utc};

/// Looks at what an issue did so far: carries out what the relay refused, then weighs the damage. Returns a sentence when something was done.
pub fn look_after(store: &Store, row: &IssueRow, now: DateTime<Utc>) -> Result<Option<String>, StoreError> {
    carry_out_refusals(store, row.id, now)?;
    let number = row.number.or(row.corrects);
    let about = format!("{} {}", row.slug, number.map_or_else(String::new, |number| number.to_string()));
    match advise(store.damage(row.id)?) {
        Advice::Fine => Ok(None),
        Advice::Warn(sentence) => {
            let told = format!("told of issue {}", row.id.0);
            if store.fact(&told)?.is_some() {
                return Ok(None);
            }
            store.set_fact(&told, &sentence)?;
            store.raise_alarm("complaints", about.trim(), &sentence, now)?;
            Ok(Some(sentence))
        }
        Advice::Stop(sentence) => stop(store, row, &sentence, about.trim(), now),
    }
}

fn stop(
    store: &Store,
    row: &IssueRow,
    sentence: &str,
    about: &str,
    now: DateTime<Utc>,
) -> Result<Option<String>, StoreError> {
    let stopped = format!("stopped issue {}", row.id.0);
    if store.fact(&stopped)?.is_some() {
        return Ok(None);
    }
    store.set_fact(&stopped, sentence)?;
    let sentence = if store.move_issue(row.id, &[IssueState::Sending], IssueState::Paused, Some(sentence), now)? {
        format!("the send is paused: {sentence}; `issues show` tells more, `issues resume` goes on")
    } else {
        let held =
            format!("the issue before this one did damage: {sentence}; `issues approve` lets it go all the same");
        store.set_fact(&hold(row.newsletter), &held)?;
        format!("the next issue will wait for you: {sentence}; `issues approve` lets it go")
    };
    store.raise_alarm("returned mail", about, &sentence, now)?;
    Ok(Some(sentence))
}
