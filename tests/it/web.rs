//! The public pages as a whole, asked without a socket; at the end with one.

mod archive;
mod attacks;
mod hooks;
mod hostile;
mod machines;
mod post_room;
mod readers;
mod service;

use axum::http::StatusCode;
use service::Service;
use week_in_review::domain::subscriber::Status;
use week_in_review::domain::token::Purpose;

const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// The agents under which scanners and mail programs come.
const AGENTS: [&str; 3] = ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0", "BarracudaCentral", ""];

fn left(status: Status) -> bool {
    matches!(status, Status::Left { .. })
}

#[tokio::test]
async fn looking_changes_nothing_however_often_and_by_whom() {
    let service = Service::new();
    let jo = service.reader("jo@reader.example");
    let before = service.people();
    for path in [service.link(&jo, Purpose::Unsubscribe), service.link(&jo, Purpose::Preferences)] {
        for agent in AGENTS {
            for method in ["GET", "HEAD"] {
                let answer = service.send(method, &path, &[("user-agent", agent)], "").await;
                assert_eq!(answer.status, StatusCode::OK, "{method} {path}");
                assert_eq!(answer.body.is_empty(), method == "HEAD");
            }
        }
        let page = service.get(&path).await;
        assert!(page.body.contains("method=\"post\"") && !page.body.contains("<script"), "{}", page.body);
    }
    assert_eq!(service.people(), before);
}

#[tokio::test]
async fn one_click_works_in_both_encodings_without_redirect_or_cookie() {
    let part = "--xx\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--xx--\r\n";
    for (content_type, body) in
        [("application/x-www-form-urlencoded", ONE_CLICK), ("multipart/form-data; boundary=xx", part)]
    {
        let service = Service::new();
        let jo = service.reader("jo@reader.example");
        let link = service.link(&jo, Purpose::Unsubscribe);
        let answer = service.send("POST", &link, &[("content-type", content_type)], body).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.headers.get("set-cookie").is_none() && answer.headers.get("location").is_none());
        assert!(answer.header("content-type").starts_with("text/plain") && answer.body.len() < 100);
        assert!(left(service.status("jo@reader.example", "week")));
        assert!(!left(service.status("jo@reader.example", "events-weekly")), "only the newsletter of the link ends");
    }
}

#[tokio::test]
async fn one_click_twice_or_for_nobody_is_answered_the_same() {
    let service = Service::new();
    let jo = service.reader("jo@reader.example");
    let link = service.link(&jo, Purpose::Unsubscribe);
    let first = service.post(&link, ONE_CLICK).await;
    let people = service.people();
    let second = service.post(&link, ONE_CLICK).await;
    let mut nobody = jo.clone();
    nobody.public_id = [7; 8];
    let unknown = service.post(&service.link(&nobody, Purpose::Unsubscribe), ONE_CLICK).await;
    assert_eq!(service.people(), people);
    assert_eq!((first.status, &first.body), (second.status, &second.body));
    assert_eq!((first.status, &first.body), (unknown.status, &unknown.body));
}

#[tokio::test]
async fn a_link_that_is_not_ours_changes_nothing() {
    let service = Service::new();
    let jo = service.reader("jo@reader.example");
    let people = service.people();
    let good = service.link(&jo, Purpose::Unsubscribe);
    let damaged = format!("{}{}", &good[..good.len() - 1], if good.ends_with('A') { 'B' } else { 'A' });
    let other = service.link(&jo, Purpose::Preferences).replace("/p/", "/u/");
    for link in [damaged.as_str(), &other, "/u/", "/u/x", "/u/%00", "/u/..%2f..%2fetc", "/u/'%20OR%201=1--"] {
        let looked = service.get(link).await;
        assert!(looked.status.is_client_error(), "{link}: {}", looked.status);
        let clicked = service.post(link, ONE_CLICK).await;
        assert!(clicked.status.as_u16() < 500, "{link}: {}", clicked.status);
        assert!(!clicked.body.contains("Unsubscribed"), "nothing was done, so nothing may be claimed: {link}");
        assert!(service.post(link, "confirm=1").await.status.is_client_error(), "{link}");
    }
    assert_eq!(service.people(), people);
}

#[tokio::test]
async fn a_post_without_the_number_is_not_taken_as_a_press() {
    let service = Service::new();
    let jo = service.reader("jo@reader.example");
    let people = service.people();
    let link = service.link(&jo, Purpose::Unsubscribe);
    for body in ["", "x=y", "List-Unsubscribe=", "confirm=1", "all=1"] {
        let answer = service.post(&link, body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert!(answer.body.contains("Nothing was done yet") && answer.body.contains("<form"), "{}", answer.body);
        assert_eq!(service.people(), people, "{body}");
    }
}

#[tokio::test]
async fn the_button_leaves_and_leads_to_a_page_that_may_be_reloaded() {
    let service = Service::at("https://paper.example/newsletter/");
    let jo = service.reader("jo@reader.example");
    let link = service.link(&jo, Purpose::Unsubscribe);
    assert!(link.starts_with("/newsletter/u/"));
    assert!(service.get(&link).await.body.contains("jo@reader.example"));
    let pressed = service.press(&link, "").await;
    assert_eq!(pressed.status, StatusCode::SEE_OTHER);
    assert_eq!(pressed.header("location"), link);
    assert!(left(service.status("jo@reader.example", "week")));
    let goodbye = service.get(&link).await;
    assert_eq!(goodbye.status, StatusCode::OK);
    assert!(!goodbye.body.contains("name=\"token\""), "{}", goodbye.body);
}

#[tokio::test]
async fn who_wants_to_leaves_everything_at_once() {
    let service = Service::new();
    let jo = service.reader("jo@reader.example");
    assert!(service.get(&service.link(&jo, Purpose::Unsubscribe)).await.body.contains("name=\"all\""));
    service.press(&service.link(&jo, Purpose::Unsubscribe), "all=1").await;
    for newsletter in ["week", "events-weekly"] {
        assert!(left(service.status("jo@reader.example", newsletter)), "{newsletter}");
    }
    let kim = service.reader("kim@reader.example");
    service.post(&service.link_about(&kim, Purpose::Unsubscribe, 0), ONE_CLICK).await;
    for newsletter in ["week", "events-weekly"] {
        assert!(left(service.status("kim@reader.example", newsletter)), "{newsletter}");
    }
}

#[tokio::test]
async fn only_a_trusted_proxy_says_where_a_reader_comes_from() {
    let service = Service::new();
    let jo = service.reader("jo@reader.example");
    let link = service.link(&jo, Purpose::Unsubscribe);
    service.from("10.1.2.3", "POST", &link, &[("x-forwarded-for", "198.51.100.1, 203.0.113.77")], ONE_CLICK).await;
    let kim = service.reader("kim@reader.example");
    let link = service.link(&kim, Purpose::Unsubscribe);
    service.from("192.0.2.9", "POST", &link, &[("x-forwarded-for", "198.51.100.1")], ONE_CLICK).await;
    let people = service.people();
    assert!(people.contains("203.0.113.0/24") && people.contains("192.0.2.0/24"), "{people}");
    assert!(!people.contains("203.0.113.77") && !people.contains("198.51.100"), "{people}");
}

#[tokio::test]
async fn topics_and_a_pause_are_saved_and_shown() {
    let service = Service::at("http://localhost:8080/newsletter");
    let jo = service.reader("jo@reader.example");
    let link = service.link(&jo, Purpose::Preferences);
    let saved = service.post(&link, "scope=topics&topic=lobbying&until=2026-12-24").await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    assert_eq!(saved.header("location"), format!("{link}?saved=1"));
    let found = service.find("jo@reader.example");
    let week = found.subscriptions.iter().find(|one| one.newsletter.as_str() == "week").expect("they have it");
    assert_eq!(week.choice.key(), "lobbying");
    let Status::Paused { until: Some(until), .. } = week.status else { panic!("{:?}", week.status) };
    assert_eq!(until.to_rfc3339(), "2026-12-24T00:00:00+00:00");
    let page = service.get(saved.header("location")).await;
    assert!(page.body.contains("2026-12-24") && page.body.contains("role=\"status\""), "{}", page.body);

    service.post(&link, "scope=everything&until=").await;
    assert!(matches!(service.status("jo@reader.example", "week"), Status::Active { .. }));
}

#[tokio::test]
async fn preferences_that_make_no_sense_are_shown_again_and_not_saved() {
    let service = Service::new();
    let jo = service.reader("jo@reader.example");
    let people = service.people();
    let link = service.link(&jo, Purpose::Preferences);
    for body in ["", "scope=topics&topic=gone", "scope=everything&until=2020-01-01", "scope=everything&until=soon"] {
        let answer = service.post(&link, body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert!(answer.body.contains("<form"), "{body}");
    }
    assert_eq!(service.people(), people);
}

#[tokio::test]
async fn preferences_open_for_their_own_link_alone() {
    let service = Service::new();
    let jo = service.reader("jo@reader.example");
    let leaving = service.link(&jo, Purpose::Unsubscribe).replace("/u/", "/p/");
    assert_eq!(service.get(&leaving).await.status, StatusCode::NOT_FOUND);
    let mut later = jo.clone();
    later.epoch = 1;
    let ended = service.link(&later, Purpose::Preferences);
    assert_eq!(service.get(&ended).await.status, StatusCode::NOT_FOUND);
    assert_eq!(service.post(&ended, "scope=everything").await.status, StatusCode::NOT_FOUND);
    service.post(&service.link(&jo, Purpose::Unsubscribe), ONE_CLICK).await;
    let people = service.people();
    let after = service.post(&service.link(&jo, Purpose::Preferences), "scope=everything").await;
    assert!(!after.body.contains("<form"), "who left is told so: {}", after.body);
    assert_eq!(service.people(), people, "and does not come back by saving");
}

#[tokio::test]
async fn an_issue_is_public_once_it_is_frozen() {
    let service = Service::new();
    service.issue(1, true);
    service.issue(2, true);
    service.issue(3, false);
    for (path, status) in [
        ("/week/1", 200),
        ("/week/2", 200),
        ("/week/3", 404),
        ("/week/9", 404),
        ("/week/02", 404),
        ("/week/-1", 404),
        ("/week/4294967297", 404),
        ("/other/1", 404),
        ("/Week/1", 404),
    ] {
        assert_eq!(service.get(path).await.status.as_u16(), status, "{path}");
    }
    let page = service.get("/week/1").await.body;
    assert!(page.contains("Story 10 &lt;script&gt;") && !page.contains("<script>alert"), "{page}");
    assert!(!page.contains(|c: char| ('\u{FDD0}'..='\u{FDEF}').contains(&c)), "no reader's slot is left");
    let front = service.get("/").await.body;
    assert!(front.contains("/week/2") && front.contains("Subject 2") && front.contains("No issue yet"));
}

#[tokio::test]
async fn a_page_that_is_known_is_not_sent_again() {
    let service = Service::new();
    service.issue(1, true);
    for path in ["/", "/week/1", "/site.css", "/icon.svg", "/robots.txt"] {
        let first = service.get(path).await;
        assert_eq!(first.status, StatusCode::OK, "{path}");
        assert!(first.header("cache-control").starts_with("public"), "{path}");
        let again = service.send("GET", path, &[("if-none-match", first.header("etag"))], "").await;
        assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}");
    }
}

#[tokio::test]
async fn pictures_are_kept_for_ever_under_their_hash() {
    let service = Service::new();
    let hash = "ab".repeat(32);
    service.picture(&hash, b"\x89PNG bytes");
    let path = format!("/media/{hash}.png");
    let answer = service.get(&path).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "image/png"));
    assert!(answer.header("cache-control").contains("immutable"));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("etag"), format!("\"{hash}\""));
    let again = service.send("GET", &path, &[("if-none-match", answer.header("etag"))], "").await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    for missing in [format!("/media/{hash}.jpg"), format!("/media/{}.png", "cd".repeat(32)), "/media/x".into()] {
        assert_eq!(service.get(&missing).await.status, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[tokio::test]
async fn every_page_has_its_security_headers() {
    let service = Service::new();
    service.issue(1, true);
    let jo = service.reader("jo@reader.example");
    let (leaving, choosing) = (service.link(&jo, Purpose::Unsubscribe), service.link(&jo, Purpose::Preferences));
    for path in ["/", "/week/1", "/nothing/here/at/all", "/u/x", &leaving, &choosing] {
        let answer = service.get(path).await;
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("script-src"), "{path}");
        assert_eq!(policy.contains("unsafe-inline"), path == "/week/1", "{path}: {policy}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000", "{path}");
        assert!(answer.header("content-type").starts_with("text/html"), "{path}");
        let private = path.starts_with("/u/") || path.starts_with("/p/");
        assert_eq!(answer.header("x-robots-tag").contains("noindex"), private, "{path}");
        assert_eq!(answer.header("cache-control") == "no-store", private || answer.status == 404, "{path}");
    }
    let plain = Service::at("http://localhost:8080");
    assert_eq!(plain.get("/").await.header("strict-transport-security"), "", "not where there is no https");
}

#[tokio::test]
async fn what_goes_wrong_is_said_in_a_sentence() {
    let service = Service::new();
    for (method, path, status) in [
        ("GET", "/no/such/page", 404),
        ("POST", "/", 405),
        ("DELETE", "/u/x", 405),
        ("GET", "/u/damaged", 404),
        ("GET", "/week/1", 404),
        ("GET", "/..%2f..%2fetc%2fpasswd", 404),
    ] {
        let answer = service.send(method, path, &[], "").await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}");
        assert!(answer.body.contains("<h1"), "{method} {path}: {}", answer.body);
    }
}

#[tokio::test]
async fn an_oversized_body_is_refused() {
    let service = Service::new();
    let jo = service.reader("jo@reader.example");
    let people = service.people();
    let body = format!("{ONE_CLICK}&x={}", "x".repeat(20_000));
    let answer = service.post(&service.link(&jo, Purpose::Unsubscribe), &body).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(service.people(), people);
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_our_fault_and_says_nothing_more() {
    let service = Service::new();
    let jo = service.reader("jo@reader.example");
    service.break_database();
    let answer = service.post(&service.link(&jo, Purpose::Unsubscribe), ONE_CLICK).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "so that the provider tries again");
    assert!(!answer.body.to_lowercase().contains("sql") && !answer.body.contains("subscription"), "{}", answer.body);
    let health = service.get("/health").await;
    assert_eq!(health.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(health.body.contains("\"ok\":false"), "{}", health.body);
}

#[tokio::test]
async fn health_is_said_without_secrets() {
    let service = Service::at("https://paper.example/newsletter");
    let answer = service.get("/newsletter/health").await;
    let health: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!((answer.status, &health["ok"], &health["newsletters"]), (StatusCode::OK, &true.into(), &2.into()));
    let database = service.database();
    assert!(!answer.body.contains(&*database.to_string_lossy()), "{}", answer.body);
}

#[tokio::test]
async fn a_base_address_with_a_path_holds_everything() {
    let service = Service::at("https://paper.example/newsletter");
    service.issue(1, true);
    for path in [
        "/newsletter",
        "/newsletter/",
        "/newsletter/week/1",
        "/newsletter/week",
        "/newsletter/site.css",
        "/newsletter/robots.txt",
    ] {
        assert_eq!(service.get(path).await.status, StatusCode::OK, "{path}");
    }
    // The issue was frozen when the pages lay at the root.
    let issue = service.get("/newsletter/week/1").await.body;
    assert!(issue.contains("href=\"/newsletter/site.css") && !issue.contains("href=\"/site.css"), "{issue}");
    assert!(service.get("/newsletter/robots.txt").await.body.contains("Disallow: /newsletter/u/"));
    for path in ["/", "/week/1", "/site.css", "/newsletters"] {
        assert_eq!(service.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
