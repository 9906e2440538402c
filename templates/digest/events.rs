//! Upcoming dates: the one tinted band. Weekday, day and month are read in that order.

use super::section::{rail, rail_block};
use super::sheet::{Sheet, Voice};
use crate::domain::event::{Event, When, key};
use crate::domain::newsletter::Newsletter;
use crate::templates::texts::Texts;
use crate::templates::typography::{SUMMARY, join_last_words, whole_sentences};
use crate::templates::{dates, raw, tokens};
use chrono::{Datelike, NaiveDate};
use maud::{Markup, html};

/// The band, if there are dates.
pub fn events(sheet: &Sheet<'_>) -> Markup {
    if sheet.cut.events.is_empty() {
        return Markup::default();
    }
    let voice = sheet.voice();
    let id = sheet.is_web().then_some("events");
    let rail = rail(sheet, voice, id, &sheet.texts.say("events"), None, "");
    let rows = html! { @for (at, event) in sheet.cut.events.iter().enumerate() { (row(sheet, event, at, voice)) } };
    html! {
        (super::masthead::table(&html! { tr { td style="padding:18px 0 0;font-size:0;line-height:0" { (raw::nbsp()) } } }))
        (rail_block(sheet, voice, true, &rail, &rows))
    }
}

fn row(sheet: &Sheet<'_>, event: &Event, at: usize, voice: Voice<'_>) -> Markup {
    let (kind, texts) = (voice.kind, sheet.texts);
    let first = first_day(event, sheet.newsletter);
    let line = if at > 0 { format!(";border-top:1px solid {}", tokens::HAIR) } else { String::new() };
    let accent = &sheet.paint.accent_colour;
    // The longest name of a month must not touch the words beside it.
    let gap = if voice.is_rtl() { "padding:16px 0 16px 10px" } else { "padding:16px 10px 16px 0" };
    html! {
        tr {
            td.hair width="82" valign="top" align=(voice.align()) style={ "width:82px;" (gap) (line) } {
                p.acc style={ (kind.day) (accent) } { (dates::weekday(first, texts)) }
                p.acc style={ (kind.date) (accent) } { (texts.number(first.day())) }
                p.acc style={ (kind.day) (accent) } { (dates::month(first, texts)) }
            }
            td.hair valign="top" align=(voice.align()) style={ "padding:15px 0 18px" (line) } { (matter(sheet, event, voice)) }
        }
    }
}

fn matter(sheet: &Sheet<'_>, event: &Event, voice: Voice<'_>) -> Markup {
    let title = join_last_words(event.title.as_str());
    let place = place(event, sheet.newsletter, sheet.texts);
    let summary = whole_sentences(event.summary.as_str(), SUMMARY);
    // A calendar says in no language what it says: the words themselves show which way they run.
    html! {
        h3 dir="auto" style={ (voice.kind.head) } {
            @match &event.url {
                Some(url) => a.ink href=(url) style=(sheet.paint.ink) { (title) },
                None => span.ink style=(sheet.paint.ink) { (title) },
            }
        }
        @if !place.is_empty() { p.ink dir="auto" style=(voice.kind.detail) { (place) } }
        @if !summary.is_empty() { p.mute dir="auto" style=(voice.kind.detail) { (summary) } }
        p.mute style={ (voice.kind.meta) ";padding-top:4px" } {
            a.mute href=(calendar_url(event, sheet.newsletter)) style=(sheet.paint.quiet) { (sheet.texts.say("add-to-calendar")) }
        }
    }
}

/// Where an event lies as a file for calendars.
pub(super) fn calendar_url(event: &Event, newsletter: &Newsletter) -> String {
    format!("{}/events/{}.ics", newsletter.brand.web_base, key(&event.uid))
}

/// The day on which an event begins, in the newsletter's zone.
pub(super) fn first_day(event: &Event, newsletter: &Newsletter) -> NaiveDate {
    match &event.when {
        When::Timed { starts_at, .. } => starts_at.with_timezone(&newsletter.zone).date_naive(),
        When::Days { first, .. } => *first,
    }
}

/// `08:30–10:00 GMT, Ledger House`: the time in the newsletter's zone, with the zone's short name, and the place.
pub(super) fn place(event: &Event, newsletter: &Newsletter, texts: &Texts) -> String {
    let time = match &event.when {
        When::Timed { starts_at, ends_at } => {
            let (starts, zone) = (starts_at.with_timezone(&newsletter.zone), newsletter.zone);
            let ends = ends_at
                .map(|at| at.with_timezone(&zone))
                .filter(|end| *end > starts && end.date_naive() == starts.date_naive());
            let until = ends.map(|end| end.format("–%H:%M").to_string()).unwrap_or_default();
            let name =
                crate::templates::writing::isolate(&zone_name(&starts.format("%Z").to_string()), texts.direction());
            format!("{} {name}", texts.local_digits(&format!("{}{until}", starts.format("%H:%M"))))
        }
        When::Days { first, last } if first != last => dates::days(*first, *last, texts),
        When::Days { .. } => String::new(),
    };
    let parts: Vec<&str> =
        [time.as_str(), event.location.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(&texts.say("list-comma"))
}

/// A zone without letters of its own is named by its distance from UTC.
fn zone_name(short: &str) -> String {
    if short.starts_with(['+', '-']) { format!("UTC{short}") } else { short.to_owned() }
}
