//! Events of calendars.

use super::sql_types::{from_json, json, millis};
use super::{Store, StoreError};
use crate::domain::event::{Event, key};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

/// Those that a calendar still holds, and those that it let go of after they had begun.
const LINKED: &str = "SELECT uid, event FROM event WHERE gone_at IS NULL OR gone_at > starts_at";

impl Store {
    /// The event with a name in our own addresses, also when it is over: issues lead to it.
    pub fn event_named(&self, name: &str) -> Result<Option<Event>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(LINKED)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if key(&row.get::<_, String>(0)?) == name {
                return Ok(Some(from_json(&row.get::<_, String>(1)?)?));
            }
        }
        Ok(None)
    }

    /// Stores the events that a calendar holds now; those it no longer holds are gone. Returns how many were not known.
    pub fn keep_events(&self, source: i64, events: &[Event], now: DateTime<Utc>) -> Result<u32, StoreError> {
        self.writing(|tx| {
            let mut new = 0;
            tx.execute("UPDATE event SET gone_at = ?2 WHERE source = ?1 AND gone_at IS NULL", params![source, millis(now)])?;
            for event in events {
                let text = json(event)?;
                let known: Option<String> = tx
                    .prepare_cached("SELECT event FROM event WHERE source = ?1 AND uid = ?2")?
                    .query_row(params![source, event.uid], |row| row.get(0))
                    .optional()?;
                new += u32::from(known.is_none());
                tx.prepare_cached(
                    "INSERT INTO event (source, uid, starts_at, seen_at, event) VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT (source, uid) DO UPDATE SET starts_at = excluded.starts_at, event = excluded.event, gone_at = NULL",
                )?
                .execute(params![source, event.uid, millis(event.when.starts_at()), millis(now), text])?;
            }
            Ok(new)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::When;
    use crate::domain::tag::Slug;
    use crate::domain::text::Line;

    fn event(uid: &str, at: DateTime<Utc>) -> Event {
        Event {
            uid: uid.into(),
            title: Line::clean(uid),
            when: When::Timed { starts_at: at, ends_at: None },
            location: Line::default(),
            summary: Line::default(),
            url: None,
        }
    }

    #[test]
    fn an_event_that_left_the_calendar_is_gone_and_may_come_back() {
        let store = Store::in_memory().unwrap();
        let now: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
        let source = store.source_state(&Slug::parse("events").unwrap()).unwrap().id;
        let later = now + chrono::TimeDelta::days(3);
        let titles = |at| store.upcoming_events(now, at, 10).unwrap().iter().map(|e| e.uid.clone()).collect::<Vec<_>>();
        assert_eq!(store.keep_events(source, &[event("a", later), event("b", later)], now).unwrap(), 2);
        assert_eq!(titles(now), ["a", "b"]);
        assert_eq!(store.keep_events(source, &[event("b", later)], now).unwrap(), 0);
        assert_eq!(titles(now), ["b"]);
        store.keep_events(source, &[event("a", later), event("b", later)], now).unwrap();
        assert_eq!(titles(now).len(), 2);
    }
}
