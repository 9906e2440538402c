//! The door: signing in, taking an invitation, and an editor's own account. Says nothing about whether an address is known.

use super::shell::{Page, part};
use super::standing::short;
use crate::domain::editor::PASSWORD_LENGTH;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

/// What the sign-in page knows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Door<'a> {
    /// Where to go afterwards: a path of the desk.
    pub next: &'a str,
    /// What was typed as the address before.
    pub address: &'a str,
    /// Why it did not work, if it was tried.
    pub wrong: Option<&'a str>,
}

/// A session of the editor.
#[derive(Debug, Clone)]
pub struct Session {
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// When it was last used.
    pub seen_at: DateTime<Utc>,
    /// Part of the address that it came from.
    pub network: String,
    /// Whether it is this one.
    pub is_this: bool,
}

/// The page that asks for address and password.
pub fn sign_in(page: Page<'_>, door: Door<'_>) -> String {
    let fields = html! {
        input type="hidden" name="next" value=(door.next);
        @if let Some(wrong) = door.wrong { p.wrong.first #wrong role="alert" { (wrong) } }
        (field("address", "Your address", &html! {
            input.text #address type="email" name="address" value=(door.address) autocomplete="username" required
                aria-describedby=[door.wrong.map(|_| "wrong")] aria-invalid=[door.wrong.map(|_| "true")];
        }))
        (field("password", "Password", &html! {
            input.text #password type="password" name="password" autocomplete="current-password" required
                aria-describedby=[door.wrong.map(|_| "wrong")] aria-invalid=[door.wrong.map(|_| "true")];
        }))
        div.acts { button.button { "Sign in" } }
    };
    let main = html! {
        h1.title { "The desk" }
        p.deck { "For the editors of " (page.host.publication.name) "." }
        (page.form("/desk/sign-in", "stack narrow", &fields))
        p.note.after-form { "You have forgotten your password? Ask the person who runs the newsletter for a new invitation." }
    };
    page.render("Sign in", "", &main, None)
}

/// The page of an invitation: it asks for a password, twice.
pub fn join(page: Page<'_>, secret: &str, name: &str, address: &str, wrong: Option<&str>) -> String {
    let fields = html! {
        // For password managers, which otherwise keep a password without a name.
        (field("address", "Your address", &html! {
            input.text #address type="email" value=(address) autocomplete="username" readonly;
        }))
        (new_password(wrong))
        div.acts { button.button { "Choose this password and sign in" } }
    };
    let main = html! {
        h1.title { "Welcome, " (name) }
        p.deck { "Choose a password for the desk of " (page.host.publication.name) "." }
        (page.form(&format!("/desk/join/{secret}"), "stack narrow", &fields))
    };
    page.render("Choose a password", "", &main, None)
}

/// An invitation that cannot be taken.
pub fn no_invitation(page: Page<'_>) -> String {
    let main = html! {
        h1.title { "This link does not work any more" }
        p.deck { "An invitation works once, for three days, and a newer one replaces it. Ask the person who runs the newsletter for another." }
        div.acts.after-deck { a.button.plain href=(page.path("/desk/sign-in")) { "Sign in" } }
    };
    page.render("Invitation", "", &main, None)
}

/// The editor's own page: password and sessions.
pub fn account(page: Page<'_>, address: &str, sessions: &[Session], zone: Tz, wrong: Option<&str>) -> String {
    let main = html! {
        h1.title { (page.editor.unwrap_or_default()) }
        p.deck { "You sign in as " (address) "." }
        (part("sessions", "Where you are signed in", &html! {
            ul.hair {
                @for session in sessions {
                    li {
                        @if session.is_this { b { "Here" } } @else { b { "Elsewhere" } }
                        p.note {
                            "last used " (short(session.seen_at, zone)) ", began " (short(session.began_at, zone))
                            @if !session.network.is_empty() { ", from " (session.network) }
                        }
                    }
                }
            }
            div.acts.row {
                (page.button("/desk/sign-out", "button", "where", "here", "Sign out"))
                (page.button("/desk/sign-out", "button plain", "where", "everywhere", "Sign out everywhere"))
            }
        }))
        (part("change", "Change your password", &page.form("/desk/account", "stack narrow", &html! {
            // For password managers.
            input.visually-hidden type="email" value=(address) autocomplete="username" readonly tabindex="-1" aria-hidden="true";
            (field("old", "Password until now", &html! {
                input.text #old type="password" name="old" autocomplete="current-password" required;
            }))
            (new_password(wrong))
            p.note { "You are signed out everywhere else." }
            div.acts { button.button { "Change the password" } }
        })))
    };
    page.render("Your account", "/desk/account", &main, None)
}

fn new_password(wrong: Option<&str>) -> Markup {
    let about = if wrong.is_some() { "wrong rule" } else { "rule" };
    html! {
        @if let Some(wrong) = wrong { p.wrong.first #wrong role="alert" { (wrong) } }
        div.entry {
            label for="new" { "New password" }
            p.note #rule { "At least " (PASSWORD_LENGTH) " characters: some words that do not belong together are good." }
            input.text #new type="password" name="new" autocomplete="new-password" required minlength=(PASSWORD_LENGTH)
                aria-describedby=(about) aria-invalid=[wrong.map(|_| "true")];
        }
        (field("again", "The same again", &html! {
            input.text #again type="password" name="again" autocomplete="new-password" required aria-invalid=[wrong.map(|_| "true")];
        }))
    }
}

fn field(id: &str, label: &str, input: &Markup) -> Markup {
    html! { div.entry { label for=(id) { (label) } (input) } }
}
