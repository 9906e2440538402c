//! What a source shows and we do not take at its word: our own link parameters, impossible dates; and what else a page may be.

use super::*;
use crate::domain::newsletter::LinkParameters;
use std::sync::atomic::{AtomicU32, Ordering};

/// A feed that was known, and empty, before it shows what a test says.
async fn known_feed() -> (Site, Source, Arc<Store>) {
    let site = Site::open().await;
    site.with("/feed", rss(""));
    let source = source(SourceKind::Feed(Place::Url(site.url("/feed"))));
    let store = store();
    visit(&store, &source, now() - TimeDelta::hours(1)).await;
    (site, source, store)
}

#[tokio::test]
async fn a_story_that_comes_back_by_our_own_link_is_the_same_story_without_it() {
    let (site, source, store) = known_feed().await;
    let own = LinkParameters { hosts: vec!["wp.example".into()], parameters: vec![("from".into(), "week".into())] };
    let manner = Manner { own_links: vec![own], ..Manner::default() };
    let linked = |name: &str, query: &str| {
        item(1, "Fri, 20 Nov 2026 08:00:00 GMT")
            .replace("<guid>1<", &format!("<guid>{name}<"))
            .replace("example/1<", &format!("example/1{query}<"))
    };
    site.with("/feed", rss(&linked("a", "?from=week&amp;page=2")));
    assert_eq!(visit_with(&store, &source, now(), &manner).await.unwrap().new, 1);
    assert_eq!(stories(&store)[0].url.as_ref().unwrap().as_str(), "https://wp.example/1?page=2");
    site.with("/feed", rss(&linked("b", "?page=2")));
    let again = visit_with(&store, &source, now() + TimeDelta::hours(1), &manner).await.unwrap();
    assert_eq!((again.new, stories(&store).len()), (0, 1), "{again:?}");
    site.with("/feed", rss(&linked("c", "?page=2&amp;from=radio").replace("Item 1", "Another story of the radio")));
    visit_with(&store, &source, now() + TimeDelta::hours(2), &manner).await;
    let urls: Vec<String> = stories(&store).iter().map(|story| story.url.as_ref().unwrap().to_string()).collect();
    assert!(urls.iter().any(|url| url.ends_with("?page=2&from=radio")), "what others add stays: {urls:?}");
}

#[tokio::test]
async fn a_date_to_come_or_before_the_web_is_not_believed() {
    let (site, source, store) = known_feed().await;
    site.with(
        "/feed",
        rss(&[
            item(1, "Sun, 20 Nov 2033 08:00:00 GMT"),
            item(2, "Thu, 01 Jan 1970 00:00:00 GMT"),
            item(3, "Fri, 20 Nov 2026 12:20:00 GMT"),
            item(4, "Fri, 20 Nov 2026 11:30:00 GMT"),
        ]
        .concat()),
    );
    visit(&store, &source, now()).await;
    let seen = stories(&store);
    let story = |title: &str| seen.iter().find(|story| story.text.title.as_str() == title).unwrap();
    let half_past = now() - TimeDelta::minutes(30);
    for (title, published) in [("Item 1", None), ("Item 2", None), ("Item 3", Some(now())), ("Item 4", Some(half_past))]
    {
        assert_eq!((story(title).published_at, story(title).eligible_at), (published, now()), "{title}");
    }
}

#[tokio::test]
async fn a_page_that_announces_events_is_a_calendar() {
    let site = Site::open().await;
    let event = r#"{"@context":"https://schema.org","@type":"MusicEvent","name":"Choir at the quay","startDate":"2026-11-24T19:30:00+01:00","url":"/choir","location":{"@type":"Place","name":"Old harbour"}}"#;
    site.with(
        "/events",
        format!("<html><head><script type='application/ld+json'>{event}</script></head><body>Dates</body></html>"),
    );
    let source = source(SourceKind::Calendar(Place::Url(site.url("/events"))));
    let store = store();
    let report = visit(&store, &source, now()).await;
    assert_eq!((report.status, report.new), (Status::Ok, 1), "{report:?}");
    let events = store.upcoming_events(now(), now(), 5).unwrap();
    assert_eq!(events[0].title.as_str(), "Choir at the quay");
    assert_eq!(events[0].url.as_ref().map(Url::as_str), Some(site.url("/choir").as_str()));
    site.with("/events", "<html><body>Nothing is planned.</body></html>");
    assert_eq!(visit(&store, &source, now() + TimeDelta::hours(1)).await.new, 0);
}

#[tokio::test]
async fn a_recurring_event_moves_on_although_its_calendar_does_not_change() {
    let site = Site::open().await;
    let whole = Arc::new(AtomicU32::new(0));
    let answered = whole.clone();
    let calendar = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Market\nDTSTART:20261106T080000\nRRULE:FREQ=WEEKLY\nEND:VEVENT\nEND:VCALENDAR";
    site.on("/market.ics", move |asked| {
        let is_known = asked.headers().contains_key(header::IF_NONE_MATCH);
        if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            answered.fetch_add(1, Ordering::Relaxed);
            ([(header::ETAG, "\"1\"")], calendar).into_response()
        }
    });
    let to = site.url("/market.ics").to_string();
    site.on("/old.ics", move |_| (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, to.clone())]).into_response());
    let source = source(SourceKind::Calendar(Place::Url(site.url("/old.ics"))));
    let store = store();
    let trial = Manner { is_trial: true, ..Manner::default() };
    visit_with(&store, &source, now(), &trial).await.unwrap();
    let manner = Manner { zone: chrono_tz::Tz::Europe__Vienna, ..Manner::default() };
    let next = async |at| {
        assert_eq!(visit_with(&store, &source, at, &manner).await.unwrap().status, Status::Ok);
        let events = store.upcoming_events(at, at, 5).unwrap();
        events.iter().map(|event| event.when.starts_at().to_rfc3339()).collect::<Vec<_>>()
    };
    assert_eq!(next(now()).await, ["2026-11-27T07:00:00+00:00"], "eight by the newsroom's clock");
    assert_eq!(next(now() + TimeDelta::days(7)).await, ["2026-12-04T07:00:00+00:00"]);
    assert_eq!(next(now() + TimeDelta::days(14)).await, ["2026-12-11T07:00:00+00:00"]);
    assert_eq!(
        whole.load(Ordering::Relaxed),
        2,
        "sent whole to the trial, which keeps nothing, and to the first visit"
    );
}
