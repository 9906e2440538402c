//! The dates of a newsletter: those to come, those that are otherwise, and the forms that skip, move or restore one, or pause all.

use super::preview::heading;
use super::shell::{Page, part};
use super::standing::{Coming, short};
use chrono::{DateTime, NaiveDateTime, Utc};
use maud::{Markup, html};

/// A date as the list shows it.
#[derive(Debug, Clone)]
pub struct DateLine {
    /// As the schedule has it: its name in forms.
    pub key: NaiveDateTime,
    /// When it counts.
    pub at: DateTime<Utc>,
    /// What is otherwise, if anything.
    pub fate: DateFate,
    /// Whether its issue is composed already.
    pub is_composed: bool,
}

/// What becomes of a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateFate {
    /// It stands.
    Stands,
    /// It was moved; why.
    Moved(String),
    /// Nothing goes out; why.
    Skipped(String),
    /// Nothing goes out because of a pause; why.
    Paused(String),
}

/// The page of the dates.
pub fn dates(page: Page<'_>, coming: &Coming<'_>, dates: &[DateLine], is_paused: bool) -> String {
    let place = format!("/desk/n/{}/dates", coming.newsletter.slug);
    let main = html! {
        (heading(page, coming, "dates"))
        (part("dates", "Dates to come", &html! {
            p.note { "By the schedule " code { (coming.newsletter.schedule.as_str()) } ", in " (coming.newsletter.zone.name()) "." }
            ol.dates { @for date in dates { (row(page, coming, &place, date)) } }
        }))
        (part("pause", "Pause", &pause(page, &place, is_paused)))
    };
    page.render(&format!("Dates of {}", coming.newsletter.title), "/desk", &main, None)
}

fn row(page: Page<'_>, coming: &Coming<'_>, place: &str, date: &DateLine) -> Markup {
    let zone = coming.newsletter.zone;
    let key = date.key.format("%Y-%m-%dT%H:%M").to_string();
    let spoken = date.key.format("%A %-d %B, %H:%M").to_string();
    let is_out = matches!(date.fate, DateFate::Skipped(_) | DateFate::Paused(_));
    html! {
        li.dropped[is_out] #{ "d-" (date.key.format("%Y%m%dT%H%M")) } {
            h3 { (short(date.at, zone)) }
            (fate(date, &spoken))
            @match date.fate {
                DateFate::Stands => details {
                    summary { "Move or skip" span.visually-hidden { " " (spoken) } }
                    (page.form(place, "", &change(&key, date)))
                },
                DateFate::Moved(_) | DateFate::Skipped(_) => (page.form(place, "one", &html! {
                    input type="hidden" name="date" value=(key);
                    button.button.plain.small name="do" value="restore" aria-label={ "As the schedule has it: " (spoken) } { "As the schedule has it" }
                })),
                DateFate::Paused(_) => {},
            }
        }
    }
}

fn fate(date: &DateLine, spoken: &str) -> Markup {
    html! {
        @match &date.fate {
            DateFate::Stands if date.is_composed => p.note { "Its issue is composed." },
            DateFate::Stands => {},
            DateFate::Moved(why) => p.flag { "Instead of " (spoken) ": " (why) },
            DateFate::Skipped(why) => p.flag { "Skipped: " (why) },
            DateFate::Paused(why) => p.flag { "Paused: " (why) },
        }
    }
}

fn change(key: &str, date: &DateLine) -> Markup {
    let id = date.key.format("%Y%m%dT%H%M").to_string();
    html! {
        input type="hidden" name="date" value=(key);
        div.entry {
            label for={ "b-" (id) } { "Why" }
            p.note { "Everybody who looks at the schedule sees it." }
            input.text id={ "b-" (id) } name="because" required placeholder="Good Friday";
        }
        div.entry {
            label for={ "t-" (id) } { "When instead" }
            input.text id={ "t-" (id) } name="to" type="datetime-local" value=(key);
        }
        div.acts.row {
            button.button.plain name="do" value="move" { "Move it" }
            button.button.plain name="do" value="skip" { "Skip it" }
        }
    }
}

fn pause(page: Page<'_>, place: &str, is_paused: bool) -> Markup {
    html! {
        @if is_paused {
            p { "The newsletter is paused." }
            div.acts.row { (page.button(place, "button plain", "do", "end-pause", "End the pause")) }
        } @else {
            p.note { "Nothing goes out before that day. Stories are kept as long as they may be old, and stand in the first issue after it." }
            (page.form(place, "stack narrow after-deck", &html! {
                div.entry { label for="until" { "Until" } input.text #until type="date" name="until" required; }
                div.entry { label for="why" { "Why" } input.text #why name="because" required placeholder="Summer"; }
                div.acts.row { button.button.plain name="do" value="pause" { "Pause" } }
            }))
        }
    }
}
