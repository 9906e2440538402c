//! Dates that a page announces: schema.org `Event` in JSON-LD or microdata. For pages of events where there is no iCalendar.

use super::frame::{all, text_of};
use super::json_ld;
use super::meta::resolve;
use crate::collect::{dates, decode, guard, prose};
use crate::domain::event::{Event, When};
use crate::domain::text::Line;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use scraper::{ElementRef, Html, Selector};
use serde_json::{Map, Value};
use url::Url;

/// The most events of a page that are read.
const EVENTS: usize = 500;

/// The events of a page that are not over; cancelled and postponed ones, and those without title or date, are left out. Times that name no zone are
/// those of `zone`, the newsroom's.
pub fn events(
    bytes: &[u8],
    charset: Option<&str>,
    url: Option<&Url>,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<Vec<Event>, guard::GuardError> {
    let html = decode::decode(bytes, charset);
    guard::check(&html, guard::FRAGMENT)?;
    let document = Html::parse_document(&html);
    let scripts = all(&document, "script[type='application/ld+json']").map(|script| script.text().collect::<String>());
    let told = json_ld::every(scripts)
        .iter()
        .filter(|object| is_event(object))
        .filter_map(|o| described(o, url, zone))
        .collect::<Vec<_>>();
    let found = if told.is_empty() {
        all(&document, "[itemtype*='schema.org/'][itemtype$='Event']")
            .filter_map(|element| marked(element, url, zone))
            .collect()
    } else {
        told
    };
    let mut events: Vec<Event> = Vec::new();
    for event in found.into_iter().filter(|event| ends(&event.when) >= now).take(EVENTS) {
        if !events.iter().any(|known| known.uid == event.uid) {
            events.push(event);
        }
    }
    Ok(events)
}

/// Whether a document is a page rather than a calendar.
pub fn is_page(bytes: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(2_000)]).to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<body"].iter().any(|mark| start.contains(mark))
}

/// The instant at which it is over; without an end, a day after its beginning.
fn ends(when: &When) -> DateTime<Utc> {
    match when {
        When::Timed { ends_at: Some(at), .. } => *at,
        When::Timed { starts_at, .. } => *starts_at + TimeDelta::days(1),
        When::Days { last, .. } => last.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::days(1),
    }
}

fn is_event(object: &Map<String, Value>) -> bool {
    json_ld::texts(object.get("@type"))
        .iter()
        .any(|kind| kind.ends_with("Event") || kind.ends_with("Festival") || kind.ends_with("Hackathon"))
}

fn is_off(status: &str) -> bool {
    ["Cancelled", "Canceled", "Postponed"].iter().any(|word| status.ends_with(word))
}

fn described(object: &Map<String, Value>, base: Option<&Url>, zone: Tz) -> Option<Event> {
    let text = |key: &str| json_ld::texts(object.get(key)).into_iter().next();
    if text("eventStatus").is_some_and(|status| is_off(&status)) {
        return None;
    }
    let url = text("url").and_then(|url| resolve(&url, base));
    event(
        &text("name")?,
        (&text("startDate")?, text("endDate").as_deref(), zone),
        &object.get("location").map(place).unwrap_or_default(),
        &text("description").unwrap_or_default(),
        url,
        object.get("@id").and_then(Value::as_str),
    )
}

/// A place: its name and the town, or an address in one text; "online" by its address on the web.
fn place(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(many) => many.first().map(place).unwrap_or_default(),
        Value::Object(object) => {
            let name = json_ld::texts(object.get("name")).into_iter().next();
            let town = object.get("address").map(|address| match address {
                Value::Object(address) => ["streetAddress", "addressLocality"]
                    .iter()
                    .flat_map(|key| json_ld::texts(address.get(*key)))
                    .collect::<Vec<_>>()
                    .join(", "),
                other => json_ld::texts(Some(other)).join(", "),
            });
            let parts: Vec<String> = name.into_iter().chain(town).filter(|part| !part.trim().is_empty()).collect();
            if parts.is_empty() { json_ld::texts(object.get("url")).join(", ") } else { parts.join(", ") }
        }
        _ => String::new(),
    }
}

fn marked(element: ElementRef<'_>, base: Option<&Url>, zone: Tz) -> Option<Event> {
    let property = |name: &str| {
        let selector = Selector::parse(&format!("[itemprop~={name}]")).ok()?;
        // What stands in a thing inside the event, such as its place, is said of that.
        let is_own = |found: &ElementRef<'_>| {
            let mut above = found.ancestors().filter_map(ElementRef::wrap).take_while(|above| *above != element);
            above.all(|above| above.attr("itemscope").is_none())
        };
        element.select(&selector).find(is_own)
    };
    let said = |name: &str| {
        let found = property(name)?;
        let written = ["content", "datetime", "href"].iter().find_map(|key| found.attr(key)).map(str::to_owned);
        Some(written.unwrap_or_else(|| text_of(found).as_str().to_owned())).filter(|text| !text.trim().is_empty())
    };
    if said("eventStatus").is_some_and(|status| is_off(&status)) {
        return None;
    }
    let url = said("url").and_then(|url| resolve(&url, base));
    let location = property("location").map(|l| text_of(l).as_str().to_owned()).unwrap_or_default();
    event(
        &said("name")?,
        (&said("startDate")?, said("endDate").as_deref(), zone),
        &location,
        &said("description").unwrap_or_default(),
        url,
        None,
    )
}

/// A date as written; one with a time and no zone is told by the newsroom's clock.
fn instant(raw: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&raw.trim().replacen(' ', "T", 1), form).ok());
    let here = local.and_then(|local| local.and_local_timezone(zone).earliest()).map(|at| at.to_utc());
    here.or_else(|| dates::parse(raw))
}

fn event(
    name: &str,
    (start, end, zone): (&str, Option<&str>, Tz),
    location: &str,
    summary: &str,
    url: Option<Url>,
    id: Option<&str>,
) -> Option<Event> {
    let title = prose::line(name);
    let starts_at = instant(start, zone)?;
    let ends_at = end.and_then(|end| instant(end, zone)).filter(|at| *at >= starts_at);
    let when = if dates::has_time(start) {
        When::Timed { starts_at, ends_at }
    } else {
        When::Days { first: starts_at.date_naive(), last: ends_at.unwrap_or(starts_at).date_naive() }
    };
    // A series has one page and many dates.
    let named =
        id.map(str::to_owned).or_else(|| url.as_ref().map(Url::to_string)).unwrap_or_else(|| title.as_str().to_owned());
    (!title.is_empty()).then(|| Event {
        uid: format!("{named} {start}"),
        location: Line::clean_to(prose::line(location).as_str(), 200),
        summary: prose::summary(prose::line(summary).as_str(), prose::SUMMARY),
        title,
        when,
        url,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str) -> Vec<Event> {
        let base = Url::parse("https://hall.example/events/").unwrap();
        events(html.as_bytes(), None, Some(&base), Tz::Europe__Vienna, "2026-11-20T12:00:00Z".parse().unwrap()).unwrap()
    }

    #[test]
    fn events_of_json_ld_are_read_and_those_that_are_off_or_over_are_not() {
        let found = read(
            r#"<html><script type="application/ld+json">[
            {"@type":"MusicEvent","name":"Night of &amp; for ferries","startDate":"2026-11-24T19:30:00+01:00","endDate":"2026-11-24T22:00:00+01:00","url":"ferries",
             "location":{"@type":"Place","name":"Town hall","address":{"streetAddress":"1 Quay","addressLocality":"Harborough"}},"description":"<p>A night.</p>"},
            {"@type":["Event"],"name":"Open days","startDate":"2026-11-27","endDate":"2026-11-29"},
            {"@type":"Event","name":"Off","startDate":"2026-11-25","eventStatus":"https://schema.org/EventCancelled"},
            {"@type":"Event","name":"Over","startDate":"2026-11-01"},
            {"@type":"Event","name":"Never"}]</script></html>"#,
        );
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(
            (found[0].title.as_str(), found[0].location.as_str()),
            ("Night of & for ferries", "Town hall, 1 Quay, Harborough")
        );
        assert_eq!(found[0].url.as_ref().unwrap().as_str(), "https://hall.example/events/ferries");
        assert_eq!(found[0].when.starts_at().to_rfc3339(), "2026-11-24T18:30:00+00:00");
        assert!(matches!(found[1].when, When::Days { first, last } if (last - first).num_days() == 2));
    }

    #[test]
    fn the_example_has_one_event_that_takes_place() {
        let found = read(include_str!("../../../examples/events/whats-on.html"));
        assert_eq!(
            found.iter().map(|event| event.title.as_str()).collect::<Vec<_>>(),
            ["Letters from the strait: a reading"]
        );
    }

    #[test]
    fn events_of_microdata_are_read() {
        let found = read(
            "<div itemscope itemtype='https://schema.org/Event'><p itemprop=organizer itemscope><b itemprop=name>Friends</b></p><h3 itemprop=name>Reading</h3><time itemprop=startDate datetime='2026-12-01T18:00'>1 Dec</time>\
             <span itemprop=location>Library</span><a itemprop=url href=/reading>more</a></div>",
        );
        assert_eq!(
            (found[0].title.as_str(), found[0].location.as_str(), found[0].url.as_ref().unwrap().path()),
            ("Reading", "Library", "/reading")
        );
        assert_eq!(found[0].when.starts_at().to_rfc3339(), "2026-12-01T17:00:00+00:00", "by the newsroom's clock");
        assert!(is_page(b"<!DOCTYPE html><p>x") && !is_page(b"BEGIN:VCALENDAR"));
    }

    #[test]
    fn a_hostile_page_is_refused_by_the_guard() {
        assert!(events("<div>".repeat(10_000).as_bytes(), None, None, Tz::UTC, DateTime::UNIX_EPOCH).is_err());
    }
}
