//! iCalendar (RFC 5545) → [`Event`]s, read tolerantly: one bad line loses a line and not the calendar.
//!
//! Own reader: the crates there are recurse into nested components and give up at the first line they do not like.

mod recur;
mod series;
mod zones;

use crate::collect::{decode, prose};
use crate::domain::event::Event;
use crate::domain::text::Line;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use series::{Changes, Series, Span};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use url::Url;
use zones::Zones;

/// The most events of a calendar that are read.
const EVENTS: usize = 5_000;
/// The most changes of a series that hold from a date on.
const ONWARD: usize = 100;
/// Periods that are tried for all recurring events of a calendar together: a few for each that has a date at all.
const TRIES: u32 = 200_000;

/// Why bytes are not read as a calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Nothing there.
    #[error("the document is empty")]
    Empty,
    /// Something else.
    #[error("this is no iCalendar file")]
    NoCalendar,
}

/// Reads a calendar; of a recurring event the next date at or after `now`. Cancelled events and those without title or date are left out. Times that
/// name no zone are those of the calendar's own zone, else of `zone`, the newsroom's.
pub fn read(bytes: &[u8], zone: Tz, now: DateTime<Utc>) -> Result<Vec<Event>, CalendarError> {
    let text = decode::decode(bytes, None);
    if text.trim().is_empty() {
        return Err(CalendarError::Empty);
    }
    if !text.lines().take(50).any(|line| line.trim().eq_ignore_ascii_case("BEGIN:VCALENDAR")) {
        return Err(CalendarError::NoCalendar);
    }
    let lines = unfolded(&text);
    let zone = lines
        .iter()
        .filter_map(|l| property(l))
        .find(|p| p.name == "X-WR-TIMEZONE")
        .and_then(|p| zones::by_name(&p.value))
        .unwrap_or(zone);
    let house = House { zones: Zones::read(&lines), zone, tries: Cell::new(TRIES) };
    let components: Vec<Raw> = components(&lines).into_iter().take(EVENTS).collect();
    Ok(newest(&components, &house, now))
}

/// The events of components, each in its newest version: that with the higher `SEQUENCE`, else the later (RFC 5546, 2.1.5). What the newest version
/// cancels is gone.
fn newest(components: &[Raw], house: &House, now: DateTime<Utc>) -> Vec<Event> {
    let mut events: Vec<Option<Event>> = Vec::new();
    let mut known: HashMap<String, (u32, Option<usize>)> = HashMap::new();
    let series: HashSet<String> =
        components.iter().filter(|raw| raw.is_series()).map(Raw::uid).filter(|uid| !uid.is_empty()).collect();
    let changes = changes(components, &series, house);
    // A calendar that cancels a series without naming a date means every date of it, also those that were moved (RFC 5546, 3.2.5).
    let mut taken_back: HashMap<String, (u32, usize)> = HashMap::new();
    for (at, raw) in components.iter().enumerate().filter(|(_, raw)| raw.in_cancel && !raw.is_instance()) {
        let newest = taken_back.entry(raw.uid()).or_default();
        *newest = (*newest).max((raw.sequence(), at));
    }
    for (at, raw) in components.iter().enumerate() {
        let (uid, version) = (raw.uid(), raw.sequence());
        let name = raw.name();
        if name.as_ref().and_then(|name| known.get(name)).is_some_and(|(newer, _)| *newer > version)
            || (!uid.is_empty() && taken_back.get(&uid).is_some_and(|whole| *whole > (version, at)))
        {
            continue;
        }
        if raw.is_cancelled() {
            if let Some((_, Some(before))) = name.and_then(|name| known.insert(name, (version, None))) {
                events[before] = None;
            }
            continue;
        }
        // A change of all dates from one on is told with its series.
        if raw.is_onward() && series.contains(&uid) {
            continue;
        }
        let none = Changes::default();
        let changes = changes.get(&uid).unwrap_or(&none);
        if changes.call_off(raw, house) {
            continue;
        }
        let Some(event) = raw.event(house, changes, now) else { continue };
        let place = known.get(&event.uid).and_then(|(_, place)| *place).unwrap_or(events.len());
        known.insert(event.uid.clone(), (version, Some(place)));
        if let Some(before) = events.get_mut(place) {
            *before = Some(event);
        } else {
            events.push(Some(event));
        }
    }
    events.into_iter().flatten().collect()
}

/// What components say of dates of the series that they belong to, by its name.
fn changes<'a>(components: &'a [Raw], series: &HashSet<String>, house: &House) -> HashMap<String, Changes<'a>> {
    let mut changes: HashMap<String, Changes<'a>> = HashMap::new();
    for raw in components {
        let uid = raw.uid();
        let date = raw.find("RECURRENCE-ID").and_then(|property| Stamp::read(property, house));
        let Some(date) = date.filter(|_| series.contains(&uid)) else { continue };
        let changes = changes.entry(uid).or_default();
        if !raw.is_onward() {
            changes.replaced.push(date);
        } else if changes.onward.len() < ONWARD {
            changes.onward.push((date, raw));
        }
    }
    changes
}

/// What dates without a zone of their own, or with one that the file describes, are understood by.
struct House {
    zones: Zones,
    zone: Tz,
    /// Periods of recurring events that may still be tried.
    tries: Cell<u32>,
}

/// Lines with their continuations (RFC 5545, 3.1).
fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) if last.len() < 100_000 => last.push_str(rest),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

struct Property {
    name: String,
    parameters: Vec<(String, String)>,
    value: String,
}

impl Property {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// `NAME;PARAM="value":value`; colons and semicolons in quotes do not count.
fn property(line: &str) -> Option<Property> {
    let mut quoted = false;
    let mut cuts = Vec::new();
    let mut colon = None;
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ';' if !quoted => cuts.push(at),
            ':' if !quoted => {
                colon = Some(at);
                break;
            }
            _ => {}
        }
    }
    let colon = colon?;
    cuts.push(colon);
    let name = line[..cuts[0]].trim().to_ascii_uppercase();
    let parameters = cuts
        .windows(2)
        .filter_map(|pair| line[pair[0] + 1..pair[1]].split_once('='))
        .map(|(key, value)| (key.trim().to_ascii_uppercase(), value.trim_matches('"').to_owned()));
    (!name.is_empty()).then(|| Property { parameters: parameters.collect(), value: line[colon + 1..].to_owned(), name })
}

#[derive(Default)]
struct Raw {
    properties: Vec<Property>,
    /// Whether its calendar cancels what it lists (`METHOD:CANCEL`, RFC 5546, 3.2.5).
    in_cancel: bool,
}

/// The `VEVENT`s, without what stands in components inside them, such as alarms.
fn components(lines: &[String]) -> Vec<Raw> {
    let mut found = Vec::new();
    let mut open: Option<Raw> = None;
    let mut inner = 0_usize;
    let mut in_cancel = false;
    // Where the events of a calendar begin: a file may hold several, and a calendar name its method behind them.
    let mut begins = 0;
    for property in lines.iter().filter_map(|line| property(line)) {
        match (property.name.as_str(), property.value.trim().to_ascii_uppercase().as_str()) {
            ("BEGIN", "VCALENDAR") => {
                found.extend(open.take());
                (inner, in_cancel, begins) = (0, false, found.len());
            }
            ("METHOD", method) if open.is_none() => {
                in_cancel = method == "CANCEL";
                for raw in &mut found[begins..] {
                    raw.in_cancel = in_cancel;
                }
            }
            ("BEGIN", "VEVENT") => {
                found.extend(open.replace(Raw { in_cancel, ..Raw::default() }));
                inner = 0;
            }
            ("END", "VEVENT") => found.extend(open.take()),
            ("BEGIN", _) => inner += 1,
            ("END", _) => inner = inner.saturating_sub(1),
            _ if inner == 0 || open.is_none() => {
                if let Some(raw) = open.as_mut().filter(|raw| raw.properties.len() < 200) {
                    raw.properties.push(property);
                }
            }
            _ => {}
        }
    }
    found.extend(open);
    found
}

/// A date as written: with or without a time, in a zone or in none.
#[derive(Clone, Copy)]
struct Stamp {
    day: NaiveDate,
    time: Option<NaiveTime>,
    zone: Tz,
}

impl Stamp {
    fn read(property: &Property, house: &House) -> Option<Self> {
        let default = house.zone;
        let value = property.value.trim();
        let day = NaiveDate::parse_from_str(value.get(..8)?, "%Y%m%d").ok()?;
        let Some(clock) = value.get(9..15).filter(|_| value.as_bytes().get(8) == Some(&b'T')) else {
            return Some(Self { day, time: None, zone: default });
        };
        let part = |from: usize| clock.get(from..from + 2)?.parse::<u32>().ok();
        let time = NaiveTime::from_hms_opt(part(0)?, part(2)?, part(4)?.min(59))?;
        let zone = if value.ends_with('Z') {
            Tz::UTC
        } else {
            property.parameter("TZID").and_then(|name| house.zones.named(name)).unwrap_or(default)
        };
        Some(Self { day, time: Some(time), zone })
    }

    fn local(self) -> NaiveDateTime {
        self.day.and_time(self.time.unwrap_or(NaiveTime::MIN))
    }

    /// What it takes out of a series: a day, or one time of it.
    fn in_series(self, start: Self) -> (NaiveDate, Option<NaiveTime>) {
        let at = self.in_zone_of(start);
        (at.date(), self.time.and(start.time).map(|_| at.time()))
    }

    /// The same by the clock of a series: programs write its dates in its own zone, in UTC or as a day alone.
    fn in_zone_of(self, start: Self) -> NaiveDateTime {
        let other = self.time.is_some() && self.zone != start.zone;
        let moved = if other { self.at(self.local()) } else { None };
        moved.map_or_else(|| self.local(), |at| at.with_timezone(&start.zone).naive_local())
    }

    fn at(self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        // In the gap of a clock change the event begins when the clock has moved on.
        let found = self
            .zone
            .from_local_datetime(&local)
            .earliest()
            .or_else(|| self.zone.from_local_datetime(&(local + TimeDelta::hours(1))).earliest());
        found.map(|at| at.to_utc())
    }
}

impl Raw {
    fn find(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    fn text(&self, name: &str) -> Line {
        self.find(name).map(|property| prose::line(&unescaped(&property.value))).unwrap_or_default()
    }

    fn uid(&self) -> String {
        Line::clean_to(self.find("UID").map_or("", |p| p.value.as_str()), 400).as_str().to_owned()
    }

    /// The name of an event, or of one date of a series: a changed date of a recurring event stands for itself.
    fn name(&self) -> Option<String> {
        let uid = Some(self.uid()).filter(|uid| !uid.is_empty())?;
        Some(self.find("RECURRENCE-ID").map_or(uid.clone(), |p| format!("{uid} {}", p.value.trim())))
    }

    fn sequence(&self) -> u32 {
        self.find("SEQUENCE").and_then(|p| p.value.trim().parse().ok()).unwrap_or_default()
    }

    fn is_instance(&self) -> bool {
        self.find("RECURRENCE-ID").is_some()
    }

    fn is_series(&self) -> bool {
        !self.is_instance() && (self.find("RRULE").is_some() || self.find("RDATE").is_some())
    }

    /// Whether it changes a date of its series and all that follow.
    fn is_onward(&self) -> bool {
        let range = self.find("RECURRENCE-ID").and_then(|p| p.parameter("RANGE"));
        range.is_some_and(|range| range.trim().eq_ignore_ascii_case("THISANDFUTURE"))
    }

    fn is_cancelled(&self) -> bool {
        self.in_cancel || self.find("STATUS").is_some_and(|p| p.value.trim().eq_ignore_ascii_case("CANCELLED"))
    }

    fn event(&self, house: &House, changes: &Changes<'_>, now: DateTime<Utc>) -> Option<Event> {
        let own = self.text("SUMMARY");
        if own.is_empty() {
            return None;
        }
        let span = self.span(house)?;
        let (when, told) = match Series::of(self, span, house, &changes.replaced) {
            Some(series) => series.next(&changes.onward, house, now)?,
            None => (span.at(span.start.local())?, self),
        };
        let title = Some(told.text("SUMMARY")).filter(|title| !title.is_empty()).unwrap_or(own);
        Some(Event {
            uid: self.name().unwrap_or_else(|| format!("{title} {}", when.starts_at().to_rfc3339())),
            when,
            location: told.text("LOCATION"),
            summary: prose::summary(
                &prose::to_text(&unescaped(&told.find("DESCRIPTION").map(|p| p.value.clone()).unwrap_or_default())),
                prose::SUMMARY,
            ),
            url: told
                .find("URL")
                .and_then(|p| Url::parse(p.value.trim()).ok())
                .filter(|url| matches!(url.scheme(), "http" | "https")),
            title,
        })
    }

    fn span(&self, house: &House) -> Option<Span> {
        let start = Stamp::read(self.find("DTSTART")?, house)?;
        let end = self.find("DTEND").and_then(|property| Stamp::read(property, house));
        let length = match (end, self.find("DURATION").and_then(|p| duration(&p.value))) {
            (Some(end), _) => end.at(end.local()).zip(start.at(start.local())).map(|(end, start)| end - start),
            (None, duration) => duration,
        };
        let length = length.filter(|length| *length > TimeDelta::zero() && *length < TimeDelta::days(366));
        Some(Span { start, length })
    }

    /// The dates that are added to a series or taken out of it; of a period its beginning.
    fn dates(&self, name: &str, house: &House) -> Vec<Stamp> {
        let dates = self.properties.iter().filter(|p| p.name == name);
        dates
            .flat_map(|p| {
                p.value.split(',').map(move |value| Property {
                    name: String::new(),
                    parameters: p.parameters.clone(),
                    value: value.to_owned(),
                })
            })
            .filter_map(|p| Stamp::read(&p, house))
            .take(1_000)
            .collect()
    }
}

/// `PT1H30M`, `P2D` (RFC 5545, 3.3.6).
fn duration(value: &str) -> Option<TimeDelta> {
    let mut total = TimeDelta::zero();
    let mut number = 0_i64;
    for c in value.trim().trim_start_matches('+').strip_prefix('P')?.chars() {
        match c {
            '0'..='9' => number = number.checked_mul(10)?.checked_add(i64::from(c.to_digit(10)?))?.min(100_000),
            'T' => {}
            unit => {
                total += match unit {
                    'W' => TimeDelta::weeks(number),
                    'D' => TimeDelta::days(number),
                    'H' => TimeDelta::hours(number),
                    'M' => TimeDelta::minutes(number),
                    'S' => TimeDelta::seconds(number),
                    _ => return None,
                };
                number = 0;
            }
        }
    }
    Some(total)
}

/// Escaped text (RFC 5545, 3.3.11).
fn unescaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
