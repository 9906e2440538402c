//! Calendars as programs write them.

use super::*;
use crate::domain::event::When;

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

/// The next date of everything in a calendar at an instant, with where it is.
fn next_at(text: &str, now: &str) -> Vec<(String, String)> {
    let events = read(text.as_bytes(), Tz::UTC, now.parse().unwrap()).unwrap();
    events.iter().map(|event| (starts(event).replace("+00:00", "Z"), event.location.as_str().to_owned())).collect()
}

#[test]
fn from_a_date_on_a_series_is_told_anew_and_stays_one_event() {
    let lectures = include_str!("../../../examples/events/lectures.ics");
    for (now, at, location) in [
        ("2026-11-18T12:00:00Z", "2026-11-19T17:00:00Z", "Small hall"),
        ("2026-11-20T12:00:00Z", "2026-11-27T18:00:00Z", "Great hall"),
        // The tenth of December, named by its place in the series, is off; so no eleventh either.
        ("2026-12-05T12:00:00Z", "2026-12-18T18:00:00Z", "Great hall"),
        ("2027-04-01T12:00:00Z", "2027-04-02T17:00:00Z", "Great hall"),
    ] {
        assert_eq!(next_at(lectures, now), [(at.to_owned(), location.to_owned())], "{now}");
    }
    assert!(next_at(lectures, "2027-06-26T12:00:00Z").is_empty(), "the rule ends when it ended");
    let uids = |now: &str| read(lectures.as_bytes(), Tz::UTC, now.parse().unwrap()).unwrap().remove(0).uid;
    assert_eq!(uids("2026-11-18T12:00:00Z"), uids("2026-11-20T12:00:00Z"));
}

#[test]
fn a_change_of_all_dates_from_one_on_is_understood_as_programs_write_it() {
    let first = |id: &str, more: &str, now: &str| {
        let text = format!(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Weekly\nDTSTART;TZID=Europe/Berlin:20261106T190000\nRRULE:FREQ=WEEKLY;COUNT=6\nEND:VEVENT\n\
             BEGIN:VEVENT\nUID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE{id}\n{more}\nEND:VEVENT\nEND:VCALENDAR"
        );
        next_at(&text, now).into_iter().map(|(at, _)| at).collect::<Vec<_>>().join(" ")
    };
    let (soon, late) = ("2026-11-20T12:00:00Z", "2026-12-05T12:00:00Z");
    let hour_later = "DTSTART;TZID=Europe/Berlin:20261120T200000";
    for id in [";TZID=Europe/Berlin:20261120T190000", ":20261120T180000Z", ";VALUE=DATE:20261120"] {
        assert_eq!(first(id, hour_later, soon), "2026-11-20T19:00:00Z", "{id}");
        assert_eq!(first(id, hour_later, late), "2026-12-11T19:00:00Z", "{id}");
        assert_eq!(first(id, hour_later, "2026-12-12T12:00:00Z"), "", "six dates and no more: {id}");
        assert_eq!(first(id, hour_later, "2026-11-12T12:00:00Z"), "2026-11-13T18:00:00Z", "{id}");
        assert_eq!(first(id, "STATUS:CANCELLED", soon), "", "{id}");
        assert_eq!(first(id, "STATUS:CANCELLED", "2026-11-12T12:00:00Z"), "2026-11-13T18:00:00Z", "{id}");
    }
    let id = ":20261120T180000Z";
    assert_eq!(first(id, "DTSTART;VALUE=DATE:20261121", late), "2026-12-05T00:00:00Z", "whole days from then on");
    // A week before the series would have it: its own rule is looked for from a later date than today.
    assert_eq!(first(id, "DTSTART:20261113T180000Z", late), "");
    assert_eq!(first(id, "DTSTART:20261113T180000Z", "2026-11-28T12:00:00Z"), "2026-12-04T18:00:00Z");
    let again = "DTSTART:20261120T190000Z\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261204T180000Z\nDTSTART:20261204T090000Z";
    assert_eq!(first(id, again, "2026-11-26T12:00:00Z"), "2026-11-27T19:00:00Z");
    assert_eq!(first(id, again, "2026-11-28T12:00:00Z"), "2026-12-04T09:00:00Z");
    let alone = "DTSTART:20261120T190000Z\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\nSUMMARY:Once\nRECURRENCE-ID:20261127T180000Z\nDTSTART:20261128T090000Z";
    assert_eq!(first(id, alone, "2026-11-26T12:00:00Z"), "2026-12-04T19:00:00Z 2026-11-28T09:00:00Z");
}

#[test]
fn series_that_ended_by_a_change_long_ago_use_up_no_tries() {
    let ended = |n: usize| {
        format!(
            "BEGIN:VEVENT\nUID:e{n}\nSUMMARY:Ended\nDTSTART:19000101T190000Z\nRRULE:FREQ=DAILY\nEND:VEVENT\n\
             BEGIN:VEVENT\nUID:e{n}\nRECURRENCE-ID;RANGE=THISANDFUTURE:19500101T190000Z\nSTATUS:CANCELLED\nEND:VEVENT\n"
        )
    };
    let goes_on = "BEGIN:VEVENT\nUID:g\nSUMMARY:Goes on\nDTSTART:20260101T190000Z\nRRULE:FREQ=DAILY\nEND:VEVENT";
    let events = read_now(&format!("{}{goes_on}", (0..50).map(ended).collect::<String>()));
    assert_eq!(events.iter().map(|event| event.title.as_str()).collect::<Vec<_>>(), ["Goes on"]);
}

#[test]
fn a_calendar_that_cancels_lists_what_does_not_take_place() {
    let off = include_str!("../../../examples/events/called-off.ics");
    assert!(next_at(off, "2026-11-20T12:00:00Z").is_empty());
    assert_eq!(next_at(&off.replace("METHOD:CANCEL", "METHOD:PUBLISH"), "2026-11-20T12:00:00Z").len(), 2);
    let lines: Vec<&str> = off.lines().filter(|line| *line != "METHOD:CANCEL").collect();
    let behind = lines.join("\n").replace("END:VCALENDAR", "METHOD:CANCEL\nEND:VCALENDAR");
    assert!(next_at(&behind, "2026-11-20T12:00:00Z").is_empty(), "its method may stand behind its events");
}

#[test]
fn a_later_calendar_of_a_file_cancels_what_an_earlier_one_announced() {
    let series =
        "BEGIN:VEVENT\nUID:1\nSEQUENCE:1\nSUMMARY:Weekly\nDTSTART:20261106T190000Z\nRRULE:FREQ=WEEKLY\nEND:VEVENT\n";
    let moved = "BEGIN:VEVENT\nUID:1\nSEQUENCE:1\nSUMMARY:Moved\nRECURRENCE-ID:20261127T190000Z\nDTSTART:20261128T190000Z\nEND:VEVENT\n";
    let other = "BEGIN:VEVENT\nUID:2\nSUMMARY:Other\nDTSTART:20261201T190000Z\nEND:VEVENT\n";
    let publish = format!("BEGIN:VCALENDAR\nMETHOD:PUBLISH\n{series}{moved}{other}END:VCALENDAR\n");
    let cancel = |what: &str| {
        let dates = "DTSTART:20261106T190000Z\nEND:VEVENT\nEND:VCALENDAR\n";
        format!("BEGIN:VCALENDAR\nMETHOD:CANCEL\nBEGIN:VEVENT\nUID:1\n{what}\n{dates}")
    };
    let titles = |text: &str| {
        let events = read(text.as_bytes(), Tz::UTC, "2026-11-20T12:00:00Z".parse().unwrap()).unwrap();
        events.iter().map(|e| format!("{} {}", e.title, &starts(e)[5..10])).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(titles(&publish), "Weekly 11-20, Moved 11-28, Other 12-01");
    let all = cancel("SEQUENCE:2");
    assert_eq!(titles(&format!("{publish}{all}")), "Other 12-01");
    assert_eq!(titles(&format!("{all}{publish}")), "Other 12-01", "the higher number is the newer, wherever it stands");
    assert_eq!(titles(&format!("{publish}{}", cancel("SEQUENCE:0"))), "Weekly 11-20, Moved 11-28, Other 12-01");
    let one = cancel("SEQUENCE:2\nRECURRENCE-ID:20261120T190000Z");
    assert_eq!(titles(&format!("{publish}{one}")), "Weekly 12-04, Moved 11-28, Other 12-01");
    let rest = cancel("SEQUENCE:2\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261120T190000Z");
    assert_eq!(titles(&format!("{publish}{rest}")), "Other 12-01", "what was moved before is off, too");
}

#[test]
fn a_newer_version_that_is_cancelled_takes_the_older_out() {
    let version = |n: u32, more: &str| {
        format!("BEGIN:VEVENT\nUID:1\nSEQUENCE:{n}\nSUMMARY:Version {n}\nDTSTART:20261201T190000Z\n{more}END:VEVENT\n")
    };
    let titles = |body: &str| read_now(body).iter().map(|event| event.title.to_string()).collect::<Vec<_>>();
    let off = "STATUS:CANCELLED\n";
    assert!(titles(&(version(1, "") + &version(2, off))).is_empty());
    assert!(titles(&(version(2, off) + &version(1, ""))).is_empty());
    assert_eq!(titles(&(version(2, off) + &version(3, ""))), ["Version 3"]);
    assert_eq!(titles(&(version(2, "") + &version(1, ""))), ["Version 2"]);
    assert_eq!(titles(&(version(1, "") + &version(2, ""))), ["Version 2"]);
}

#[test]
fn what_is_no_calendar_is_refused() {
    assert_eq!(read(b" ", Tz::UTC, DateTime::UNIX_EPOCH), Err(CalendarError::Empty));
    assert_eq!(read(b"<html>", Tz::UTC, DateTime::UNIX_EPOCH), Err(CalendarError::NoCalendar));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(BEGIN:VEVENT\\n|END:VEVENT\\n|SUMMARY:x\\n|DTSTART[;:A-Z=0-9]{0,20}\\n|UID:a\\n|METHOD:CANCEL\\n|RECURRENCE-ID;RANGE=THISANDFUTURE:[0-9T]{0,15}\\n|DTSTART:20[0-9]{6}T[0-9]{6}Z?\\n|RRULE:FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY);(INTERVAL|COUNT|BYDAY)=[0-9A-Z]{1,4}\\n|DURATION:P[0-9TDHMW]{0,12}\\n| \\PC{0,5}\\n|\\PC){0,30}") {
        let _ = read(format!("BEGIN:VCALENDAR\n{text}").as_bytes(), Tz::UTC, "2026-11-20T12:00:00Z".parse().unwrap());
    }
}
