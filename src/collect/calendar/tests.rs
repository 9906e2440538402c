//! Calendars as programs write them.

use super::*;

fn read_now(body: &str) -> Vec<Event> {
    let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}\r\nEND:VCALENDAR\r\n", body.replace('\n', "\r\n"));
    read(text.as_bytes(), "2026-11-20T12:00:00Z".parse().unwrap()).unwrap()
}

fn starts(event: &Event) -> String {
    event.when.starts_at().to_rfc3339()
}

#[test]
fn zones_whole_days_folding_and_escapes() {
    let events = read_now(
        "BEGIN:VEVENT\nUID:1\nSUMMARY:Talk\\, part one\\nand more in a lo\n ng line\nDTSTART;TZID=Europe/Berlin:20261127T180000\nDTEND;TZID=\"Europe/Berlin\":20261127T193000\nLOCATION:Hall\\; west\nURL:https://example.org/talk\nBEGIN:VALARM\nSUMMARY:no\nEND:VALARM\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:2\nSUMMARY:Fair\nDTSTART;VALUE=DATE:20261128\nDTEND;VALUE=DATE:20261130\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:3\nSUMMARY:Call\nDTSTART:20261201T090000Z\nDURATION:PT45M\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:4\nSUMMARY:Off\nSTATUS:CANCELLED\nDTSTART:20261201T090000Z\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:5\nSUMMARY:No date\nEND:VEVENT",
    );
    assert_eq!(events.len(), 3);
    assert_eq!(
        (events[0].title.as_str(), events[0].location.as_str()),
        ("Talk, part one and more in a long line", "Hall; west")
    );
    assert_eq!(starts(&events[0]), "2026-11-27T17:00:00+00:00");
    assert_eq!(
        events[1].when,
        When::Days { first: "2026-11-28".parse().unwrap(), last: "2026-11-29".parse().unwrap() }
    );
    assert!(
        matches!(events[2].when, When::Timed { starts_at, ends_at: Some(end) } if end - starts_at == TimeDelta::minutes(45))
    );
}

#[test]
fn a_recurring_event_shows_its_next_date() {
    let next = |rule: &str| {
        read_now(&format!("BEGIN:VEVENT\nUID:1\nSUMMARY:Weekly\nDTSTART;TZID=America/New_York:20260105T190000\nRRULE:{rule}\nEND:VEVENT")).first().map(starts)
    };
    assert_eq!(next("FREQ=WEEKLY").as_deref(), Some("2026-11-24T00:00:00+00:00"));
    assert_eq!(next("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE").as_deref(), Some("2026-11-24T00:00:00+00:00"));
    assert_eq!(next("FREQ=MONTHLY").as_deref(), Some("2026-12-06T00:00:00+00:00"));
    assert_eq!(next("FREQ=WEEKLY;COUNT=3"), None);
    assert_eq!(next("FREQ=DAILY;UNTIL=20260301T000000Z"), None);
}

#[test]
fn what_is_no_calendar_is_refused() {
    assert_eq!(read(b" ", DateTime::UNIX_EPOCH), Err(CalendarError::Empty));
    assert_eq!(read(b"<html>", DateTime::UNIX_EPOCH), Err(CalendarError::NoCalendar));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(BEGIN:VEVENT\\n|END:VEVENT\\n|SUMMARY:x\\n|DTSTART[;:A-Z=0-9]{0,20}\\n|RRULE:FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY);(INTERVAL|COUNT|BYDAY)=[0-9A-Z]{1,4}\\n|DURATION:P[0-9TDHMW]{0,12}\\n| \\PC{0,5}\\n|\\PC){0,30}") {
        let _ = read(format!("BEGIN:VCALENDAR\n{text}").as_bytes(), "2026-11-20T12:00:00Z".parse().unwrap());
    }
}
