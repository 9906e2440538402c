//! The archive as visitors and programs find it: what is listed, found, amended and withdrawn, and who may see it.

use super::service::{Service, newsletter, now, slug};
use axum::http::StatusCode;
use chrono::TimeDelta;
use week_in_review::collect::calendar;
use week_in_review::domain::archive::{Archive, Change};
use week_in_review::domain::article::ArticleId;
use week_in_review::domain::event::{Event, When, key};
use week_in_review::domain::issue::IssueId;
use week_in_review::domain::text::Line;
use week_in_review::domain::token::Purpose;
use week_in_review::publish::archive::{amend, index_frozen};

/// Two issues that were sent and one that was not.
fn archive() -> Service {
    let service = Service::new();
    for (number, frozen) in [(7, true), (8, true), (9, false)] {
        service.issue(number, frozen);
    }
    index_frozen(&service.store).expect("the issues can be read");
    service
}

/// The same under another setting of who may see the first newsletter.
fn seen_by(archive_of_week: Archive) -> Service {
    let service = archive();
    let mut site = (*service.state.site()).clone();
    site.newsletters = vec![
        newsletter("week", "https://news.paper.example"),
        newsletter("events-weekly", "https://news.paper.example"),
    ];
    site.newsletters[0].archive = archive_of_week;
    service.state.replace(site);
    service
}

fn change(service: &Service, change: Change, note: &str) {
    amend(&service.store, IssueId(1), change, Line::clean(note), "operator", now()).expect("the issue was sent");
}

#[tokio::test]
async fn every_issue_that_was_sent_is_listed_and_no_other() {
    let page = archive().get("/week").await;
    assert_eq!(page.status, StatusCode::OK);
    let (latest, older) = (page.body.find("/week/8\"").expect("No. 8"), page.body.find("/week/7\"").expect("No. 7"));
    assert!(latest < older && !page.body.contains("/week/9\""));
    assert!(
        page.body.contains("November 2026")
            && page.body.contains("<bdi>nuclear</bdi>\u{a0}1, <bdi>lobbying</bdi>\u{a0}1"),
        "{}",
        page.body
    );
    let before = archive().get("/week?before=8").await.body;
    assert!(before.contains("/week/7\"") && !before.contains("/week/8\""));
    assert_eq!(archive().get("/nothing").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn stories_are_found_by_tag_and_by_their_words() {
    let service = archive();
    let tag = service.get("/tags/nuclear").await;
    assert_eq!(tag.status, StatusCode::OK);
    assert!(
        tag.body.contains("Story 80 &lt;script&gt;") && tag.body.contains("Story 70") && !tag.body.contains("Story 81")
    );
    assert_eq!(service.get("/tags/unheard-of").await.status, StatusCode::NOT_FOUND);
    let found = service.get("/search?q=happened+story+8").await.body;
    assert!(found.contains("Story 80") && found.contains("Story 81") && !found.contains("Story 70"), "{found}");
    for question in ["%22", "title:", "a*b(", "\u{0}", "NEAR(", "'; DROP TABLE issue; --"] {
        let asked: String = url::form_urlencoded::byte_serialize(question.as_bytes()).collect();
        let answer = service.get(&format!("/search?q={asked}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{question}");
    }
    let hostile = service.get("/search?q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E").await.body;
    assert!(!hostile.contains("<script>alert"), "{hostile}");
}

#[tokio::test]
async fn programs_read_the_same_as_people() {
    let service = archive();
    let rss = service.get("/week/feed.xml").await;
    assert!(rss.header("content-type").starts_with("application/rss+xml"));
    let feed = feed_rs::parser::parse(rss.body.as_bytes()).expect("another reader of feeds reads ours");
    assert_eq!(feed.entries.len(), 2);
    let body = feed.entries[0].content.as_ref().and_then(|content| content.body.clone()).expect("the whole text");
    assert!(body.contains("<h2>lobbying</h2>") && body.contains("Story 80 &lt;script&gt;"), "{body}");
    let json: serde_json::Value = serde_json::from_str(&service.get("/week/feed.json").await.body).expect("JSON");
    assert_eq!(json["items"][0]["url"], "https://news.paper.example/week/8");
    let whole = json["items"][0]["content_html"].as_str().expect("the whole text");
    assert!(whole.contains("<h2>lobbying</h2>") && whole.contains("Story 80 &lt;script&gt;"), "{whole}");
    assert!(whole.contains("What happened &amp; why.") && !whole.contains("<script"), "{whole}");
    let atom = service.get("/tags/nuclear.xml").await;
    assert_eq!(feed_rs::parser::parse(atom.body.as_bytes()).expect("Atom").entries.len(), 2);
    let map = service.get("/sitemap.xml").await.body;
    assert!(map.contains("<loc>https://news.paper.example/week/8</loc>"), "{map}");
    assert!(service.get("/robots.txt").await.body.contains("Sitemap: https://news.paper.example/sitemap.xml"));
    let api: serde_json::Value = serde_json::from_str(&service.get("/api/v1/issues/week/8").await.body).expect("JSON");
    assert_eq!(api["stories"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn an_issue_says_what_it_is_to_those_who_pass_it_on() {
    let page = archive().get("/week/8").await.body;
    for mark in [
        "<link rel=\"canonical\" href=\"https://news.paper.example/week/8\">",
        "property=\"og:title\"",
        "\"issueNumber\":8",
        "rel=\"prev\" href=\"/week/7\"",
    ] {
        assert!(page.contains(mark), "{mark}");
    }
    assert_eq!(page.matches("<script").count(), 1, "a block of data and no script");
    assert!(!page.contains("<script>alert"));
}

#[tokio::test]
async fn what_was_corrected_or_removed_is_so_everywhere_at_once() {
    let service = archive();
    let story = |id, title: &str| Change::Story {
        article: ArticleId(id),
        title: Some(Line::clean(title)),
        summary: None,
        url: None,
        authors: None,
        no_picture: true,
    };
    change(&service, story(70, "A name spelled right"), "The name of the envoy was spelled wrong.");
    change(
        &service,
        Change::Removed { article: ArticleId(71) },
        "A story about a meeting that did not happen was removed.",
    );
    let page = service.get("/week/7").await.body;
    assert!(page.contains("A name spelled right") && page.contains("The name of the envoy was spelled wrong."));
    assert!(page.contains("20 November 2026") && !page.contains("Story 71") && !page.contains("Story 70"));
    for path in
        ["/search?q=story+7", "/tags/lobbying", "/week/feed.xml", "/week/feed.json", "/api/v1/issues/week/7", "/week"]
    {
        let body = service.get(path).await.body;
        assert!(!body.contains("Story 70") && !body.contains("Story 71"), "{path}: {body}");
    }
    assert!(service.get("/search?q=spelled+right").await.body.contains("A name spelled"));
    let refused = amend(&service.store, IssueId(1), story(71, "x"), Line::clean("n"), "operator", now());
    assert!(refused.expect_err("it is gone").to_string().contains("70 (A name spelled right)"));
}

#[tokio::test]
async fn a_withdrawn_issue_is_gone_and_nothing_leads_to_it() {
    let service = archive();
    change(&service, Change::Withdrawn, "It went out by mistake.");
    let page = service.get("/week/7").await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.body.contains("It went out by mistake.") && !page.body.contains("Story 70"));
    assert_eq!(service.get("/api/v1/issues/week/7").await.status, StatusCode::GONE);
    let places = [
        "/week",
        "/week/8",
        "/search?q=story",
        "/tags/nuclear",
        "/tags/nuclear.xml",
        "/week/feed.xml",
        "/week/feed.json",
        "/api/v1/issues",
        "/sitemap.xml",
        "/",
    ];
    for path in places {
        let body = service.get(path).await.body;
        assert!(!body.contains("/week/7") && !body.contains("Story 70"), "{path}");
    }
    let again = amend(&service.store, IssueId(1), Change::Note, Line::clean("n"), "operator", now());
    assert!(again.is_err());
}

#[tokio::test]
async fn what_was_mailed_stays_as_evidence_byte_by_byte() {
    let service = archive();
    let frozen = || {
        let connection = rusqlite::Connection::open(service.database()).expect("the database");
        let mut statement = connection.prepare("SELECT hash, model FROM revision ORDER BY issue, n").expect("rows");
        let rows = statement.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?)));
        rows.expect("rows").collect::<Result<Vec<_>, _>>().expect("rows")
    };
    let before = frozen();
    let title = Some(Line::clean("Another headline"));
    let story =
        Change::Story { article: ArticleId(70), title, summary: None, url: None, authors: None, no_picture: false };
    change(&service, story, "It had another headline.");
    change(&service, Change::Removed { article: ArticleId(71) }, "It was wrong.");
    change(&service, Change::Withdrawn, "All of it was wrong.");
    assert_eq!(service.get("/week/7").await.status, StatusCode::GONE);
    assert!(frozen() == before && before.iter().any(|(_, model)| model.contains("Story 70")));
}

#[tokio::test]
async fn a_column_and_an_author_have_pages_of_their_own() {
    let service = archive();
    for (path, name) in [("/columns/the-long-view", "The Long View"), ("/authors/ada-quill", "Ada Quill")] {
        let page = service.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(
            page.body.contains(name) && page.body.contains("Story 80") && page.body.contains("/week/8"),
            "{path}: {}",
            page.body
        );
        assert!(!page.body.contains("Story 81"), "{path}");
        let again = service.send("GET", path, &[("if-none-match", page.header("etag"))], "").await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path}");
    }
    for path in ["/columns/nobody", "/authors/nobody", "/columns/the-long-view.xml", "/authors/"] {
        assert_eq!(service.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_picture_goes_with_the_last_story_that_shows_it() {
    let service = Service::new();
    let (shared, own, issues) = ("ab".repeat(32), "cd".repeat(32), "ef".repeat(32));
    for number in [7, 8] {
        service.issue(number, true);
    }
    for sha256 in [&shared, &own, &issues] {
        service.picture(sha256, b"\x89PNG bytes");
    }
    service.illustrate(7, 0, &shared);
    service.illustrate(7, 1, &own);
    service.illustrate(8, 0, &shared);
    service.illustrate(8, 1, &issues);
    index_frozen(&service.store).expect("the issues can be read");
    let status = async |sha256: &str| service.get(&format!("/media/{sha256}.png")).await.status;
    change(&service, Change::Removed { article: ArticleId(70) }, "It was wrong.");
    assert_eq!(status(&shared).await, StatusCode::OK, "another issue shows it");
    change(&service, Change::Removed { article: ArticleId(71) }, "It was wrong, too.");
    assert_eq!(status(&own).await, StatusCode::GONE);
    let withdrawn = Line::clean("It went out by mistake.");
    amend(&service.store, IssueId(2), Change::Withdrawn, withdrawn, "operator", now()).expect("it was sent");
    for sha256 in [&shared, &issues] {
        assert_eq!(status(sha256).await, StatusCode::GONE);
    }
}

#[tokio::test]
async fn an_unlisted_newsletter_is_found_by_nobody_who_was_not_told() {
    let service = seen_by(Archive::Unlisted);
    let issue = service.get("/week/8").await;
    assert_eq!((issue.status, issue.header("x-robots-tag")), (StatusCode::OK, "noindex, nofollow"));
    assert!(issue.body.contains("content=\"noindex\"") && !issue.body.contains("feed.xml"));
    for path in
        ["/week", "/week/feed.xml", "/week/feed.json", "/tags/nuclear", "/tags/nuclear.xml", "/authors/ada-quill"]
    {
        assert_eq!(service.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    nothing_leads_there(&service).await;
}

/// No list that everybody may see names an issue of the first newsletter, or tells of a story of it.
async fn nothing_leads_there(service: &Service) {
    let places = ["/", "/search?q=story", "/sitemap.xml", "/api/v1/issues", "/subscribe", "/events"];
    let lists = [
        "/week",
        "/week/feed.xml",
        "/week/feed.json",
        "/tags/nuclear",
        "/tags/nuclear.xml",
        "/columns/the-long-view",
        "/authors/ada-quill",
    ];
    for path in places.iter().chain(&lists) {
        let body = service.get(path).await.body;
        assert!(!body.contains("/week/8") && !body.contains("Story 8"), "{path}: {body}");
    }
}

#[tokio::test]
async fn issues_for_readers_open_by_the_link_in_their_mail_only() {
    let service = seen_by(Archive::Subscribers);
    let jo = service.reader("jo@reader.example");
    let closed = service.get("/week/8").await;
    assert_eq!(closed.status, StatusCode::FORBIDDEN);
    assert!(!closed.body.contains("Story 80") && closed.body.contains("/subscribe"));
    assert_eq!(service.get("/api/v1/issues/week/8").await.status, StatusCode::NOT_FOUND);
    nothing_leads_there(&service).await;
    let open = service.get(&format!("{}/week/8", service.link(&jo, Purpose::Preferences))).await;
    assert_eq!((open.status, open.header("cache-control")), (StatusCode::OK, "no-store"));
    assert!(open.body.contains("Story 80") && open.body.contains("content=\"noindex\""));
    let other = service.link_about(&jo, Purpose::Preferences, 2);
    for wrong in [other, service.link(&jo, Purpose::Unsubscribe).replace("/u/", "/p/"), "/p/x".to_owned()] {
        assert_eq!(service.get(&format!("{wrong}/week/8")).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    assert!(service.state.site().newsletter(&slug("week")).is_some());
}

#[tokio::test]
async fn the_calendar_is_read_back_by_our_own_reader() {
    let service = Service::new();
    let day = |text: &str| text.parse().expect("a day");
    let long = "Лекция о том, как читать повестку дня; и почему её всегда дополняют в последнюю минуту, \\ или позже";
    let event = |uid: &str, title: &str, when| Event {
        uid: uid.into(),
        title: Line::clean(title),
        when,
        location: Line::clean("Hall 2, upstairs"),
        summary: Line::default(),
        url: None,
    };
    let at = now() + TimeDelta::days(1);
    let events = [
        event("a@x", long, When::Timed { starts_at: at, ends_at: Some(at + TimeDelta::hours(2)) }),
        event("b", "Fair", When::Days { first: day("2026-12-31"), last: day("2027-01-02") }),
    ];
    let source = service.store.source_state(&slug("events")).expect("a source").id;
    service.store.keep_events(source, &events, now()).expect("kept");
    let answer = service.get("/events.ics").await;
    assert!(answer.header("content-type").starts_with("text/calendar"));
    assert!(answer.body.lines().all(|line| line.len() <= 75), "{}", answer.body);
    let read = calendar::read(answer.body.as_bytes(), chrono_tz::Tz::UTC, now()).expect("a calendar");
    let said = |events: &[Event]| -> Vec<_> {
        events.iter().map(|event| (event.title.clone(), event.when.clone(), event.location.clone())).collect()
    };
    assert_eq!(said(&read), said(&events));
    let one = service.get(&format!("/events/{}.ics", key("b"))).await.body;
    assert!(one.contains("SUMMARY:Fair") && one.matches("BEGIN:VEVENT").count() == 1);
    assert!(service.get("/events").await.body.contains("31 December 2026 – 2 January 2027"));
    assert_eq!(service.get("/events/other.ics").await.status, StatusCode::NOT_FOUND);

    // An issue leads to its events for as long as it can be read.
    service.wait(TimeDelta::days(3));
    assert_eq!(service.get("/events.ics").await.body.matches("BEGIN:VEVENT").count(), 1);
    let over = service.get(&format!("/events/{}.ics", key("a@x"))).await;
    assert!(over.status == StatusCode::OK && over.body.contains("BEGIN:VEVENT"), "{}", over.body);
    service.store.keep_events(source, &events[1..], now() + TimeDelta::days(3)).expect("kept");
    assert_eq!(service.get(&format!("/events/{}.ics", key("a@x"))).await.status, StatusCode::OK, "forgotten elsewhere");
    service.store.keep_events(source, &[], now() + TimeDelta::days(3)).expect("kept");
    assert_eq!(service.get(&format!("/events/{}.ics", key("b"))).await.status, StatusCode::NOT_FOUND, "called off");
}

#[tokio::test]
async fn a_withdrawn_picture_is_gone_for_those_who_have_its_address_too() {
    let service = archive();
    let sha256 = "5a".repeat(32);
    service.picture(&sha256, b"\x89PNG bytes");
    let path = format!("/media/{sha256}.png");
    let there = service.get(&path).await;
    assert_eq!((there.status, there.header("content-type")), (StatusCode::OK, "image/png"));
    assert!(there.header("cache-control").contains("immutable"));
    assert_eq!(service.get(&format!("/media/{sha256}.jpg")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(service.store.withdraw_picture(&sha256, now()).expect("it is kept").len(), 1);
    let gone = service.get(&path).await;
    assert_eq!((gone.status, gone.header("cache-control")), (StatusCode::GONE, "no-cache"));
    let etag = format!("\"{sha256}\"");
    let known = service.send("GET", &path, &[("if-none-match", &etag)], "").await;
    assert_eq!(known.status, StatusCode::GONE, "a browser that has it is told too");
}
