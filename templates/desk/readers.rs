//! One reader: the field that finds them, what they get, and everything that was recorded of them.

use super::lists::{cell, table};
use super::shell::{Page, part};
use super::standing::short;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

/// A reader as the desk shows them.
#[derive(Debug, Clone)]
pub struct ReaderShown {
    /// Their address.
    pub address: String,
    /// Their name, or nothing.
    pub name: String,
    /// In which zone instants are told.
    pub zone: Tz,
    /// Why they get nothing, whatever they subscribed to.
    pub suppressed: Option<String>,
    /// What they get or got.
    pub subscriptions: Vec<Subscribed>,
    /// Everything that was recorded, oldest first.
    pub ledger: Vec<Entry>,
}

/// One subscription.
#[derive(Debug, Clone)]
pub struct Subscribed {
    /// The newsletter's name in forms.
    pub slug: String,
    /// The newsletter's title.
    pub title: String,
    /// Where it stands.
    pub word: String,
    /// The topics; empty for everything.
    pub topics: String,
    /// Whether there is anything to end.
    pub can_leave: bool,
}

/// One line of the consent ledger.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub event: &'static str,
    /// Of which newsletter; empty for all.
    pub newsletter: String,
    /// By which way.
    pub by: String,
    /// After which words.
    pub shown: String,
    /// From which network.
    pub network: String,
    /// Whatever else proves it.
    pub detail: Vec<(String, String)>,
}

/// The page.
pub fn readers(page: Page<'_>, typed: &str, reader: Option<&ReaderShown>) -> String {
    let main = html! {
        h1.title { "Readers" }
        p.deck { "One reader at a time, by their address." }
        (page.form("/desk/readers", "stack narrow", &html! {
            div.entry {
                label for="address" { "Mail address" }
                input.text #address type="email" name="address" value=(typed) required autocomplete="off" dir="ltr";
            }
            div.acts.row { button.button { "Find" } }
        }))
        @if let Some(reader) = reader {
            (part("gets", &reader.address, &gets(page, reader)))
            (part("ledger", "What was recorded", &ledger(reader)))
        }
    };
    page.render("Readers", "/desk/readers", &main, None)
}

fn gets(page: Page<'_>, reader: &ReaderShown) -> Markup {
    let leave = |which: &str, words: &str| {
        page.form(
            "/desk/readers",
            "one",
            &html! {
                input type="hidden" name="address" value=(reader.address);
                button.button.plain.small name="leave" value=(which) { (words) }
            },
        )
    };
    html! {
        @if !reader.name.is_empty() { p { bdi { (reader.name) } } }
        @if let Some(why) = &reader.suppressed { p.flag { "Gets nothing: " (why) } }
        @if reader.subscriptions.is_empty() { p.note { "No subscription." } }
        ul.hair {
            @for one in &reader.subscriptions {
                li {
                    p { b { (one.title) } ": " (one.word) @if !one.topics.is_empty() { ", " (one.topics) } }
                    @if one.can_leave { div.acts.row { (leave(&one.slug, &format!("Unsubscribe from {}", one.title))) } }
                }
            }
        }
        @if reader.subscriptions.iter().filter(|one| one.can_leave).count() > 1 {
            div.acts.row.after-deck { (leave("all", "Unsubscribe from everything")) }
        }
    }
}

fn ledger(reader: &ReaderShown) -> Markup {
    let body = html! {
        @for entry in &reader.ledger {
            tr {
                th scope="row" { (short(entry.at, reader.zone)) }
                (cell("What", "", &html! { (entry.event) @if !entry.newsletter.is_empty() { span.note.under { (entry.newsletter) } } }))
                (cell("By", "", &html! { (entry.by) @if !entry.network.is_empty() { span.note.under { (entry.network) } } }))
                (cell("Shown", "", &html! {
                    (entry.shown)
                    @for (name, value) in &entry.detail { span.note.under { (name) ": " (value) } }
                }))
            }
        }
    };
    table("Oldest first", &[("When", ""), ("What", ""), ("By", ""), ("Shown", "")], &body)
}
