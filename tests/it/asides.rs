//! What stands beside the stories of an issue, as the real program mails it: dates with their way into a calendar, headlines alone, notices, our other
//! newsletters, what comes next for whom, and what a date that was skipped leaves behind.

use crate::support::newsroom::{Newsroom, daily, now};
use chrono::TimeDelta;
use std::fs;
use week_in_review::domain::issue::Choice;
use week_in_review::publish::arrange::cut;
use week_in_review::scheduler::Step;
use week_in_review::templates::{Home, Pictures, digest};

/// The coming issue in both of its forms.
fn preview(newsroom: &Newsroom, further: &[&str]) -> (String, String) {
    let of = |format| newsroom.done(&[&["preview", "--format", format], further].concat());
    (of("html"), of("text"))
}

const STORIES: [&str; 4] = ["Harbour fees rise", "Salt prices", "A new ferry", "The lighthouse is painted"];

#[tokio::test(flavor = "multi_thread")]
async fn a_date_stands_in_the_newsletters_zone_and_leads_into_a_calendar() {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| {
        settings.newsletter = "zone = \"Asia/Kathmandu\"".to_owned();
        settings
            .sources
            .push_str("[[sources]]\nid = \"dates\"\nname = \"Dates\"\nkind = \"calendar\"\npath = \"dates.ics\"\n");
    });
    // The year after the one to come: whenever the next issue goes out, it is still ahead.
    let day = (now() + TimeDelta::days(200)).format("%Y%m%d");
    let event = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:regatta@harbour.example\r\nDTSTART:{day}T190000Z\r\n\
         DTEND:{day}T203000Z\r\nSUMMARY:The regatta\r\nLOCATION:Long Quay\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    fs::write(newsroom.path("dates.ics"), event).expect("our own folder");
    newsroom.subscribe(1);
    newsroom.bring(&STORIES);
    newsroom.set(|settings| settings.schedule = daily(now() + TimeDelta::hours(2)));

    let (html, text) = preview(&newsroom, &[]);

    for part in [&html, &text] {
        assert!(part.contains("The regatta") && part.contains("Long Quay"), "{part}");
        // 19:00 UTC is a quarter to one of the next day there.
        assert!(part.contains("00:45") && part.contains("02:15"), "{part}");
    }
    assert!(html.contains(">Add to calendar<"));
    let (_, link) = html.split_once("/events/").expect("the address of its file");
    let file = link.split(".ics").next().expect("a name");
    let _service = newsroom.serve();
    let url = format!("http://127.0.0.1:{}/events/{file}.ics", newsroom.settings.port);
    let answer = reqwest::get(&url).await.expect("the service answers");
    assert!(answer.headers()["content-type"].to_str().is_ok_and(|kind| kind.starts_with("text/calendar")));
    let calendar = answer.text().await.expect("a calendar");
    assert!(calendar.contains("BEGIN:VCALENDAR") && calendar.contains("SUMMARY:The regatta"), "{calendar}");
    assert!(calendar.contains(&format!("DTSTART:{day}T190000Z")), "{calendar}");
}

#[test]
fn a_section_in_brief_has_headlines_alone() {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| {
        settings.sources.push_str(
            "[[newsletters]]\nslug = \"short\"\ntitle = \"The Short Week\"\nschedule = \"0 17 * * *\"\n\
             [[newsletters.sections]]\nslug = \"all\"\ntitle = \"In brief\"\nrest = true\nlook = \"brief\"\n",
        );
    });
    newsroom.bring(&STORIES);
    let (html, text) = preview(&newsroom, &["--newsletter", "short"]);
    for part in [&html, &text] {
        let titles = STORIES.iter().filter(|title| part.contains(**title)).count();
        assert_eq!(titles, STORIES.len(), "{part}");
    }
    // The lead alone has its summary.
    assert_eq!(text.matches("What there is to know about").count(), 1, "{text}");
    let (_, below) = html.split_once(">In brief<").expect("its section");
    assert!(!below.contains("What there is to know about"), "{below}");
}

#[test]
fn the_other_newsletters_are_named_unless_one_does_not_want_it() {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| {
        settings.sources.push_str(
            "[[newsletters]]\nslug = \"boats\"\ntitle = \"Boats of the Week\"\nschedule = \"0 17 * * *\"\nmore_from_us = false\n\
             [[newsletters.sections]]\nslug = \"all\"\ntitle = \"All\"\nrest = true\n",
        );
    });
    newsroom.bring(&STORIES);
    let (html, text) = preview(&newsroom, &[]);
    assert!(html.contains("More from The Harbour Courier") && html.contains("Boats of the Week"), "{html}");
    assert!(text.contains("Boats of the Week") && text.contains("/boats"), "{text}");
    let (html, text) = preview(&newsroom, &["--newsletter", "boats"]);
    assert!(!html.contains("The Harbour Week") && !text.contains("The Harbour Week"), "{text}");
}

#[test]
fn what_is_paid_for_is_marked_whatever_its_label_and_place() {
    let mut newsroom = Newsroom::new();
    newsroom.bring(&STORIES);
    for place in ["top", "after economy", "footer"] {
        for label in ["", "label = \"From our friends\"\n"] {
            newsroom.set(|settings| {
                let (sources, _) = settings.sources.split_once("[[notices]]").unwrap_or((&settings.sources, ""));
                settings.sources = format!(
                    "{sources}[[notices]]\ntext = \"Buy *ropes*.\"\nplace = \"{place}\"\nsponsored = true\n{label}"
                );
            });
            let (html, text) = preview(&newsroom, &[]);
            assert!(html.contains("Sponsored") && html.contains("<em>ropes</em>"), "{place}, {label:?}");
            assert!(text.contains("Sponsored") && text.contains("Buy ropes."), "{place}, {label:?}: {text}");
        }
    }
}

#[test]
fn a_notice_stands_in_its_newsletters_and_between_its_dates_and_two_at_most() {
    let mut newsroom = Newsroom::new();
    newsroom.bring(&STORIES);
    let day = |days: i64| (now() + TimeDelta::days(days)).format("%Y-%m-%d").to_string();
    let notice = |text: &str, lines: &str| format!("[[notices]]\ntext = \"{text}\"\nplace = \"top\"\n{lines}\n");
    newsroom.set(|settings| {
        settings.schedule = daily(now() + TimeDelta::hours(2));
        settings.sources.push_str(
            &[
                notice("It is over.", &format!("until = {}", day(-1))),
                notice("It comes later.", &format!("from = {}", day(3))),
                notice("The first.", &format!("from = {}\nuntil = {}", day(-1), day(2))),
                notice("The second.", ""),
                notice("The third.", ""),
            ]
            .concat(),
        );
    });
    let (_, text) = preview(&newsroom, &[]);
    let printed =
        ["It is over.", "It comes later.", "The first.", "The second.", "The third."].map(|words| text.contains(words));
    assert_eq!(printed, [false, false, true, true, false], "{text}");
}

#[test]
fn next_for_a_reader_of_topics_are_two_stories_of_the_other_topics() {
    let newsroom = Newsroom::new();
    newsroom.bring(&STORIES);
    let date = (now() - TimeDelta::days(1)).format("%Y-%m-%dT%H:%M:%SZ");
    for (name, title) in [("eels", "Eels return"), ("nets", "Nets are mended")] {
        let head = format!(
            "title: {title}\ndate: {date}\nurl: https://www.harbour.example/{name}\ntags: [Fish]\nsummary: Of {name}."
        );
        fs::write(newsroom.path(&format!("articles/{name}.md")), format!("---\n{head}\n---\n\nOf {name}, early.\n"))
            .unwrap();
    }
    newsroom.done(&["collect"]);
    newsroom.subscribe(1);
    let reader = "reader0001@reader.example";
    newsroom.done(&["subscribers", "topics", reader, "more"]);

    let (html, text) = preview(&newsroom, &["--as", reader]);

    for part in [&html, &text] {
        let (own, next) = part.split_once("Next for you").or_else(|| part.split_once("NEXT FOR YOU")).expect(part);
        assert!(own.contains("Eels return") && own.contains("Nets are mended"), "{part}");
        assert!(STORIES.iter().all(|title| !own.contains(title)), "only what they chose: {part}");
        assert_eq!(STORIES.iter().filter(|title| next.contains(**title)).count(), 2, "{part}");
    }
    let (_, whole) = preview(&newsroom, &[]);
    assert!(!whole.contains("NEXT FOR YOU"), "nothing of the lead's tags was there before: {whole}");
}

#[test]
fn next_for_a_reader_of_everything_are_earlier_stories_of_the_leads_tags() {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(60);
    newsroom.bring(&STORIES);
    newsroom.subscribe(1);
    assert_eq!(newsroom.send()["accepted"], 1);
    newsroom.bring(&["Eels return", "Nets are mended", "Ropes are dear"]);
    newsroom.set(|settings| settings.schedule = daily(now() + TimeDelta::hours(2)));
    let (html, text) = preview(&newsroom, &[]);
    for part in [&html, &text] {
        let (own, next) = part.split_once("Next for you").or_else(|| part.split_once("NEXT FOR YOU")).expect(part);
        assert!(own.contains("Eels return") && STORIES.iter().all(|title| !own.contains(title)), "{part}");
        assert_eq!(STORIES.iter().filter(|title| next.contains(**title)).count(), 2, "{part}");
    }
}

#[test]
fn after_a_skipped_date_the_head_and_the_sections_speak_of_the_last_two_weeks() {
    let mut newsroom = Newsroom::new();
    let at = now() + TimeDelta::hours(2);
    newsroom.set(|settings| {
        settings.schedule = format!("{} * * {}", at.format("%-M %-H"), at.format("%a").to_string().to_uppercase());
    });
    newsroom.set(|settings| settings.newsletter = "max_age = \"30d\"".to_owned());
    newsroom.bring(&STORIES);
    newsroom.subscribe(1);
    assert_eq!(newsroom.send_early()["accepted"], 1);
    let (skipped, next) = (at + TimeDelta::days(7), at + TimeDelta::days(14));
    newsroom.done(&["schedule", "skip", &skipped.format("%Y-%m-%d").to_string(), "--because", "a holiday"]);
    newsroom.step_at(skipped);
    newsroom.bring(&["Eels return", "Nets are mended", "Ropes are dear"]);
    assert!(matches!(newsroom.step_at(next), Step::Composed(_)));
    let (_, _, issue) = newsroom.store().revision(newsroom.issue_id(2)).unwrap().expect("it is composed");
    let whole = cut(&issue, &Choice::Everything);
    let home = Home::Mail { pictures: Pictures::Linked };
    for part in [digest::html(&whole, home), digest::text(&whole)] {
        assert!(part.contains("the last two weeks"), "{part}");
    }
}
