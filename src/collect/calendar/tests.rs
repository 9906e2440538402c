//! Calendars as programs write them.

use super::*;

fn read_now(body: &str) -> Vec<Event> {
    let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}\r\nEND:VCALENDAR\r\n", body.replace('\n', "\r\n"));
    read(text.as_bytes(), Tz::UTC, "2026-11-20T12:00:00Z".parse().unwrap()).unwrap()
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
fn the_first_friday_and_the_last_day_of_a_month_are_understood() {
    let next = |rule: &str| {
        read_now(&format!("BEGIN:VEVENT\nUID:1\nSUMMARY:Regular\nDTSTART:20260102T190000Z\nRRULE:{rule}\nEND:VEVENT"))
            .first()
            .map(starts)
    };
    for (rule, expected) in [
        ("FREQ=MONTHLY;BYDAY=1FR", "2026-12-04"),
        ("FREQ=MONTHLY;BYDAY=-1WE", "2026-11-25"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-11-30"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "2027-08-13"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-11-30"),
        ("FREQ=YEARLY;BYMONTH=3,12;BYDAY=2SU", "2026-12-13"),
        ("FREQ=YEARLY;BYMONTHDAY=24;BYMONTH=12", "2026-12-24"),
        ("FREQ=DAILY;BYDAY=SA", "2026-11-21"),
        ("FREQ=WEEKLY;UNTIL=20261120T190000Z", "2026-11-20"),
    ] {
        assert_eq!(next(rule).as_deref().and_then(|at| at.get(..10)), Some(expected), "{rule}");
    }
}

#[test]
fn a_date_of_a_series_may_be_added_moved_or_cancelled() {
    let series = "BEGIN:VEVENT\nUID:1\nSUMMARY:Weekly\nDTSTART:20261106T190000Z\nRRULE:FREQ=WEEKLY\nEXDATE:20261120T190000Z\nRDATE:20261122T100000Z\nEND:VEVENT";
    assert_eq!(starts(&read_now(series)[0]), "2026-11-22T10:00:00+00:00");
    let cancelled = series.replace("RDATE:20261122T100000Z\n", "")
        + "\nBEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20261127T190000Z\nSUMMARY:Weekly\nSTATUS:CANCELLED\nDTSTART:20261127T190000Z\nEND:VEVENT";
    assert_eq!(read_now(&cancelled).iter().map(starts).collect::<Vec<_>>(), ["2026-12-04T19:00:00+00:00"]);
    let moved = cancelled.replace("STATUS:CANCELLED\nDTSTART:20261127", "DTSTART:20261128");
    assert_eq!(
        read_now(&moved).iter().map(starts).collect::<Vec<_>>(),
        ["2026-12-04T19:00:00+00:00", "2026-11-28T19:00:00+00:00"]
    );
}

#[test]
fn a_date_of_a_series_is_taken_out_in_utc_or_as_a_day_too() {
    let series = |more: &str| {
        let series =
            "BEGIN:VEVENT\nUID:1\nSUMMARY:Weekly\nDTSTART;TZID=Europe/Berlin:20261106T190000\nRRULE:FREQ=WEEKLY\n";
        read_now(&format!("{series}{more}\nEND:VEVENT")).first().map(starts)
    };
    assert_eq!(series("X-NOTE:none").as_deref(), Some("2026-11-20T18:00:00+00:00"));
    for out in ["EXDATE:20261120T180000Z", "EXDATE;VALUE=DATE:20261120", "EXDATE;TZID=Europe/London:20261120T180000"] {
        assert_eq!(series(out).as_deref(), Some("2026-11-27T18:00:00+00:00"), "{out}");
    }
    assert_eq!(series("EXDATE:20261120T190000Z").as_deref(), Some("2026-11-20T18:00:00+00:00"), "another time");
    let added = series("EXDATE:20261120T180000Z\nRDATE:20261121T090000Z");
    assert_eq!(added.as_deref(), Some("2026-11-21T09:00:00+00:00"));
    let cancelled = "END:VEVENT\nBEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20261120T180000Z\nSUMMARY:x\nSTATUS:CANCELLED\nDTSTART:20261120T180000Z";
    assert_eq!(series(cancelled).as_deref(), Some("2026-11-27T18:00:00+00:00"));
}

#[test]
fn every_second_week_is_counted_from_the_day_on_which_weeks_begin() {
    let next = |begins: &str| {
        let rule = format!("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST={begins}");
        starts(&read_now(&format!("BEGIN:VEVENT\nUID:1\nSUMMARY:x\nDTSTART:20261110T190000Z\n{rule}\nEND:VEVENT"))[0])
    };
    // The Sunday after that Tuesday is of its week, or of the next, which is left out: then the next but one is.
    assert_eq!((next("MO"), next("SU")), ("2026-11-24T19:00:00+00:00".into(), "2026-11-22T19:00:00+00:00".into()));
}

#[test]
fn a_time_that_names_no_zone_is_the_calendars_else_the_newsrooms() {
    let at = |head: &str| {
        let text = format!(
            "BEGIN:VCALENDAR\n{head}BEGIN:VEVENT\nUID:1\nSUMMARY:x\nDTSTART:20261201T180000\nEND:VEVENT\nEND:VCALENDAR"
        );
        starts(&read(text.as_bytes(), Tz::Asia__Tehran, "2026-11-20T12:00:00Z".parse().unwrap()).unwrap()[0])
    };
    assert_eq!(at(""), "2026-12-01T14:30:00+00:00");
    assert_eq!(at("X-WR-TIMEZONE:Europe/Berlin\n"), "2026-12-01T17:00:00+00:00");
}

#[test]
fn rules_that_have_no_date_use_up_the_tries_of_their_calendar_and_no_more() {
    let never = "BEGIN:VEVENT\nUID:n\nSUMMARY:x\nDTSTART:20260101T190000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\nEND:VEVENT\n";
    let old = "BEGIN:VEVENT\nUID:o\nSUMMARY:Old\nDTSTART:19000101T190000Z\nRRULE:FREQ=DAILY\nEND:VEVENT\n";
    let plain = "BEGIN:VEVENT\nUID:p\nSUMMARY:Once\nDTSTART:20261201T190000Z\nEND:VEVENT";
    let events = read_now(&format!("{old}{}{old}{plain}", never.repeat(2_000)));
    // A date a century after the first is found at once, and what recurs never costs the others nothing but what recurs after it.
    assert_eq!(events.iter().map(|event| event.title.as_str()).collect::<Vec<_>>(), ["Old", "Once"]);
    assert_eq!(starts(&events[0]), "2026-11-20T19:00:00+00:00");
}

#[test]
fn a_zone_of_the_files_own_is_understood_by_its_offsets() {
    let zone = "BEGIN:VTIMEZONE\nTZID:Customized\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\n\
        BEGIN:DAYLIGHT\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:DAYLIGHT\nEND:VTIMEZONE\n";
    let at = |name: &str| {
        starts(
            &read_now(&format!(
                "{zone}BEGIN:VEVENT\nUID:1\nSUMMARY:x\nDTSTART;TZID={name}:20270701T100000\nEND:VEVENT"
            ))[0],
        )
    };
    assert_eq!(at("Customized"), "2027-07-01T08:00:00+00:00");
    assert_eq!(at("Eastern Standard Time"), "2027-07-01T14:00:00+00:00");
    assert_eq!(at("Nowhere"), "2027-07-01T10:00:00+00:00");
}

#[test]
fn what_is_no_calendar_is_refused() {
    assert_eq!(read(b" ", Tz::UTC, DateTime::UNIX_EPOCH), Err(CalendarError::Empty));
    assert_eq!(read(b"<html>", Tz::UTC, DateTime::UNIX_EPOCH), Err(CalendarError::NoCalendar));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(BEGIN:VEVENT\\n|END:VEVENT\\n|SUMMARY:x\\n|DTSTART[;:A-Z=0-9]{0,20}\\n|RRULE:FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY);(INTERVAL|COUNT|BYDAY)=[0-9A-Z]{1,4}\\n|DURATION:P[0-9TDHMW]{0,12}\\n| \\PC{0,5}\\n|\\PC){0,30}") {
        let _ = read(format!("BEGIN:VCALENDAR\n{text}").as_bytes(), Tz::UTC, "2026-11-20T12:00:00Z".parse().unwrap());
    }
}
