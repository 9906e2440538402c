//! Pages behind a fresh mail: one's data, erasing, another address, undoing that. Each asks with one button and does nothing before.

use super::question::{Asked, around, asked};
use super::shell::{About, Site, page};
use super::signup::Notice;
use crate::templates::writing::isolate;
use maud::{Markup, html};

/// A page with one button.
#[derive(Debug, Clone, Copy)]
pub struct Button<'a> {
    /// On whose pages, in the reader's language.
    pub site: Site<'a>,
    /// Which address it is about.
    pub address: &'a str,
    /// Where it posts to.
    pub action: &'a str,
    /// What tells a person from a machine.
    pub asked: &'a Asked,
}

/// The button that brings everything that is stored.
pub fn my_data(with: Button<'_>) -> String {
    ask(with, "preferences-data", "me-data-deck", "me-data-button", false)
}

/// The button that erases.
pub fn erase_me(with: Button<'_>) -> String {
    ask(with, "me-erase-title", "me-erase-deck", "me-erase-button", true)
}

/// The button by which a new address confirms.
pub fn move_here(with: Button<'_>) -> String {
    ask(with, "move-title", "move-deck", "move-button", true)
}

/// The button by which the old address undoes a change.
pub fn undo(with: Button<'_>) -> String {
    ask(with, "undo-title", "undo-deck", "undo-button", true)
}

fn ask(with: Button<'_>, title: &str, deck: &str, button: &str, names_it: bool) -> String {
    let texts = with.site.texts();
    let (title, address) = (texts.say(title), isolate(with.address, texts.direction()));
    let words = if names_it { texts.say_of(button, "address", &address) } else { texts.say(button) };
    let main = html! {
        h1.title { (title) }
        p.deck { (texts.say_of(deck, "address", &address)) }
        form.block.stack method="post" action=(with.action) {
            div.oxford {}
            (asked(with.asked, &words, with.site, &html! { a href=(with.site.path("/")) { (texts.say("to-front")) } }))
        }
    };
    page(with.site, About { title: &title, ..About::default() }, &main)
}

/// Asks whether a fresh mail is wanted about one thing: `what` is its name in the form, `words` the key of what it is called.
pub fn ask_mail(with: Button<'_>, what: &str, words: &str) -> String {
    let texts = with.site.texts();
    let title = texts.say(words);
    let what = html! { input type="hidden" name="what" value=(what); };
    let form = html! {
        form.block.stack method="post" action=(with.action) {
            div.oxford {}
            (what)
            (asked(with.asked, &title, with.site, &html! {}))
        }
    };
    let main = html! {
        h1.title { (title) }
        p.deck { (texts.say_of("preferences-fresh-note", "address", &isolate(with.address, texts.direction()))) }
        (around(with.asked, with.action, &what, &form))
    };
    page(with.site, About { title: &title, ..About::default() }, &main)
}

/// The form for a new address.
pub fn new_address(with: Button<'_>, typed: &str, notice: Option<Notice<'_>>) -> String {
    let texts = with.site.texts();
    let title = texts.say("me-address-title");
    let main = html! {
        h1.title { (title) }
        p.deck { (texts.say_of("me-address-deck", "address", &isolate(with.address, texts.direction()))) }
        form.block.stack.narrow method="post" action=(with.action) novalidate {
            div.oxford {}
            (address_field("me-address-label", typed, notice, with.site))
            (asked(with.asked, &texts.say("me-address-button"), with.site, &html! {}))
        }
    };
    page(with.site, About { title: &title, ..About::default() }, &main)
}

/// The form by which a private link is sent to its owner.
pub fn send_link(site: Site<'_>, token: &str, action: &str, typed: &str, notice: Option<Notice<'_>>) -> String {
    let texts = site.texts();
    let title = texts.say("link-mail-title");
    let main = html! {
        h1.title { (title) }
        p.deck { (texts.say("link-mail-deck")) }
        form.block.stack.narrow method="post" action=(action) novalidate {
            div.oxford {}
            input type="hidden" name="token" value=(token);
            (address_field("email-address", typed, notice, site))
            div.acts { button.button type="submit" { (texts.say("link-mail-button")) } }
        }
    };
    page(site, About { title: &title, ..About::default() }, &main)
}

fn address_field(label: &str, typed: &str, notice: Option<Notice<'_>>, site: Site<'_>) -> Markup {
    let texts = site.texts();
    html! {
        div {
            label.name for="address" { (texts.say(label)) }
            @if let Some(notice) = notice { p.wrong #notice role="alert" { (texts.say(notice.key())) } }
            input.field #address type="email" name="address" value=(typed) autocomplete="email" inputmode="email" dir="ltr" maxlength="254"
                required aria-invalid=[notice.map(|_| "true")] aria-describedby=[notice.map(|_| "notice")];
        }
    }
}

/// What is said once something is done, or on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done<'a> {
    /// The person is erased.
    Erased,
    /// A new address is asked.
    AskedThere,
    /// A private link may be on its way.
    LinkSent,
    /// Everything goes to this address now.
    Moved(&'a str),
    /// Everything goes to this address again.
    Undone(&'a str),
    /// The link has ended.
    Ended,
}

/// Says what is done.
pub fn done(site: Site<'_>, done: Done<'_>) -> String {
    let texts = site.texts();
    let (title, deck, address) = match done {
        Done::Erased => ("erased-title", "erased-deck", None),
        Done::AskedThere => ("sent-title", "me-asked-deck", None),
        Done::LinkSent => ("sent-title", "link-sent-deck", None),
        Done::Moved(address) => ("moved-title", "moved-deck", Some(address)),
        Done::Undone(address) => ("undone-title", "undone-deck", Some(address)),
        Done::Ended => ("fresh-gone-title", "fresh-gone-deck", None),
    };
    let title = texts.say(title);
    let deck = match address {
        Some(address) => texts.say_of(deck, "address", &isolate(address, texts.direction())),
        None => texts.say(deck),
    };
    let main = html! {
        h1.title { (title) }
        p.deck role="status" { (deck) }
        div.block.stack {
            div.oxford {}
            div.acts {
                @if done == Done::Ended { a.button href=(site.path("/link")) { (texts.say("link-mail-title")) } }
                a href=(site.path("/")) { (texts.say("to-front")) }
            }
        }
    };
    page(site, About { title: &title, ..About::default() }, &main)
}
