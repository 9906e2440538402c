//! What commands that change stories and issues share.

use crate::app::App;
use crate::domain::hand::Actor;
use crate::domain::newsletter::Newsletter;
use crate::publish::hand::{Changed, Editor};
use crate::store::issues::Revised;

/// Somebody at work on a newsletter, now.
pub fn editor<'a>(app: &'a App, newsletter: &'a Newsletter, actor: &'a Actor) -> Editor<'a> {
    Editor { store: &app.store, newsletter, desk: app.desk(), actor, now: app.now() }
}

/// What was changed to what, and what that led to.
pub fn said(changed: &Changed) -> String {
    let field = changed.edit.field();
    match changed.edit.value() {
        Some(value) => format!("{field} is now {value:?}{}", led_to(changed)),
        None => format!("{field} is as the program makes it{}", led_to(changed)),
    }
}

/// What a change led to, as the end of a sentence.
pub fn led_to(changed: &Changed) -> String {
    match changed.revised {
        None => String::new(),
        Some(Revised::Same) => "; the issue stays as it is".to_owned(),
        Some(Revised::New { revision, asks_again: true }) => {
            format!("; revision {revision} has to be approved again")
        }
        Some(Revised::New { revision, asks_again: false }) => format!("; revision {revision}"),
        Some(Revised::TooLate) => "; too late for the issue, which is going out".to_owned(),
    }
}
