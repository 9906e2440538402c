//! The desk as a whole, asked without a socket: who is let in, which forms are believed, and what a link shows.

mod after;
pub mod room;

use crate::support::newsroom::Newsroom;
use crate::support::nginx::Nginx;
use crate::support::process::{free_port, open_folder};
use crate::visiting;

use axum::http::StatusCode;
use chrono::TimeDelta;
use room::{Answer, MONA, PASSWORD, Room};
use week_in_review::domain::look::LOOK_LASTS;

/// Every page that shows something, and every place that takes a form.
const PAGES: [&str; 16] = [
    "/desk/readers",
    "/desk",
    "/desk/n/week/preview",
    "/desk/n/week/view/wide",
    "/desk/n/week/view/phone",
    "/desk/n/week/view/dark",
    "/desk/n/week/view/bare",
    "/desk/n/week/view/text",
    "/desk/n/week/stories",
    "/desk/n/week/stories/1",
    "/desk/n/week/face",
    "/desk/n/week/dates",
    "/desk/issues",
    "/desk/sources",
    "/desk/audit",
    "/desk/account",
];
const FORMS: [&str; 14] = [
    "/desk/n/week/sent/1",
    "/desk/readers",
    "/desk/n/week/act",
    "/desk/n/week/test",
    "/desk/n/week/look",
    "/desk/n/week/stories",
    "/desk/n/week/stories/1",
    "/desk/n/week/stories/1/place",
    "/desk/n/week/stories/1/undo",
    "/desk/n/week/face",
    "/desk/n/week/face/undo",
    "/desk/n/week/dates",
    "/desk/account",
    "/desk/sign-out",
];

#[tokio::test]
async fn nobody_sees_or_changes_anything_without_a_session() {
    let room = Room::new();
    let before = room.state();
    for cookie in [String::new(), "desk=".to_owned(), format!("desk={}", "A".repeat(43)), "desk=x; desk=y".to_owned()] {
        for page in PAGES {
            let answer = room.get(page, &cookie).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{page}");
            assert!(answer.header("location").starts_with("/newsletter/desk/sign-in?next="), "{page}");
            assert!(answer.body.is_empty());
        }
        for form in FORMS {
            let answer = room.post(form, &cookie, "do=hold&form=x").await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{form}");
        }
    }
    assert_eq!(room.state(), before);
}

#[tokio::test]
async fn an_editor_is_led_back_to_where_they_wanted_to_go() {
    let room = Room::new();
    let answer = room.get("/desk/audit", "").await;
    let door = answer.header("location").trim_start_matches("/newsletter").to_owned();
    let (answer, _) = room.sign_in_at(&door, MONA, PASSWORD).await;
    assert_eq!(answer.header("location"), "/newsletter/desk/audit");
}

#[tokio::test]
async fn nobody_is_led_away_from_the_desk() {
    let room = Room::new();
    for wanted in [
        "https://evil.example/newsletter/desk",
        "//evil.example/newsletter/desk",
        "/\\evil.example/newsletter/desk",
        "\\\\evil.example",
        "/newsletter/desk/../../evil",
        "/newsletter/deskevil",
        "/newsletter/u/token",
        "javascript:alert(1)",
        "/newsletter/desk@evil.example",
        "\t//evil.example/newsletter/desk",
        "/newsletter/desk/%0d%0aSet-Cookie:x",
        "",
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", wanted).finish();
        let page = room.get(&format!("/desk/sign-in?{query}"), "").await;
        let next = page.hidden("next");
        assert!(next == "/newsletter/desk" || next == "/newsletter/desk/%0d%0aSet-Cookie:x", "{wanted:?}: {next}");
    }
}

#[tokio::test]
async fn a_form_is_believed_only_with_the_token_of_its_session() {
    let room = Room::new();
    let (mona, otto) = (room.mona().await, room.otto().await);
    let (own, foreign) = (room.token(&mona).await, room.token(&otto).await);
    let door = room.get("/desk/sign-in", "").await.hidden("form");
    let before = room.state();
    for token in [None, Some(""), Some(foreign.as_str()), Some(door.as_str()), Some(&own[1..]), Some("%00")] {
        let body = token.map_or("do=hold".to_owned(), |token| format!("do=hold&form={token}"));
        for form in FORMS {
            let answer = room.post(form, &mona, &body).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{form} with {token:?}");
            assert!(answer.body.contains("Nothing was changed"));
        }
    }
    // The token in the address is none in the form.
    let answer = room.post(&format!("/desk/n/week/act?form={own}"), &mona, "do=hold").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(room.state(), before);
    assert_eq!(room.post("/desk/n/week/look", &mona, &format!("form={own}")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_even_with_its_token() {
    let room = Room::new();
    let mona = room.mona().await;
    let body = format!("form={}", room.token(&mona).await);
    let cases = [
        (vec![("sec-fetch-site", "cross-site")], StatusCode::FORBIDDEN),
        (vec![("sec-fetch-site", "same-site")], StatusCode::FORBIDDEN),
        (vec![("sec-fetch-site", "none")], StatusCode::FORBIDDEN),
        (vec![("origin", "https://evil.example")], StatusCode::FORBIDDEN),
        (vec![("origin", "null")], StatusCode::FORBIDDEN),
        (vec![("origin", "https://news.harbour.example.evil.example")], StatusCode::FORBIDDEN),
        (vec![("origin", "https://news.harbour.example"), ("sec-fetch-site", "same-origin")], StatusCode::OK),
    ];
    for (headers, status) in cases {
        let answer = room.send("POST", "/desk/n/week/look", &mona, &headers, &body).await;
        assert_eq!(answer.status, status, "{headers:?}");
    }
    let door = room.get("/desk/sign-in", "").await;
    let body = format!("address={MONA}&password={}&form={}", PASSWORD.replace(' ', "+"), door.hidden("form"));
    let answer =
        room.send("POST", "/desk/sign-in", &door.cookies(), &[("origin", "https://evil.example")], &body).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "nobody is signed in as somebody else");
}

#[tokio::test]
async fn a_cookie_is_worth_nothing_once_its_session_is_over() {
    let room = Room::new();
    let (here, elsewhere) = (room.mona().await, room.mona().await);
    assert_ne!(here, elsewhere, "each sign-in has a session of its own");
    let leave = format!("where=here&form={}", room.token(&here).await);
    let left = room.post("/desk/sign-out", &here, &leave).await;
    assert!(left.cookie_lines().iter().any(|line| line.starts_with("__Host-desk=;") && line.contains("Max-Age=0")));
    assert_eq!(room.get("/desk", &here).await.status, StatusCode::SEE_OTHER, "replayed");
    assert_eq!(room.get("/desk", &elsewhere).await.status, StatusCode::OK);

    let third = room.mona().await;
    let everywhere = format!("where=everywhere&form={}", room.token(&third).await);
    room.post("/desk/sign-out", &third, &everywhere).await;
    assert_eq!(room.get("/desk", &elsewhere).await.status, StatusCode::SEE_OTHER);

    let idle = room.mona().await;
    room.clock.advance(TimeDelta::hours(12));
    assert_eq!(room.get("/desk", &idle).await.status, StatusCode::SEE_OTHER, "idle for too long");

    let busy = room.mona().await;
    for _ in 0..33 {
        room.clock.advance(TimeDelta::hours(10));
        assert_eq!(room.get("/desk/audit", &busy).await.status, StatusCode::OK);
    }
    room.clock.advance(TimeDelta::hours(10));
    assert_eq!(room.get("/desk/audit", &busy).await.status, StatusCode::SEE_OTHER, "over in any case");
}

#[tokio::test]
async fn a_session_that_somebody_planted_is_not_taken_over() {
    let room = Room::new();
    let planted = room.otto().await;
    let door = room.get("/desk/sign-in", &planted).await;
    let both = format!("{planted}; {}", door.cookies());
    let body = format!("address={MONA}&password={}&form={}", PASSWORD.replace(' ', "+"), door.hidden("form"));
    let answer = room.send("POST", "/desk/sign-in", &both, &[], &body).await;
    let fresh = answer.session();
    assert_ne!(fresh, planted);
    assert!(room.get("/desk", &fresh).await.body.contains("You, Mona"));
    assert_eq!(room.get("/desk", &planted).await.status, StatusCode::SEE_OTHER, "the planted one is over");
}

#[tokio::test]
async fn an_unknown_address_is_answered_byte_for_byte_as_a_wrong_password() {
    let room = Room::new();
    let wrong = |address: &'static str| {
        let room = &room;
        async move {
            let (answer, _) = room.sign_in_at("/desk/sign-in", address, "not the password").await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(answer.header("set-cookie").is_empty());
            answer.without_tokens().replace(address, "ADDRESS")
        }
    };
    assert_eq!(wrong(MONA).await, wrong("nobody@harbour.example").await);
    for _ in 0..4 {
        wrong("nobody@harbour.example").await;
    }
    let (answer, _) = room.sign_in_at("/desk/sign-in", "nobody@harbour.example", "again").await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn pages_of_the_desk_keep_to_themselves() {
    let room = Room::new();
    let mona = room.mona().await;
    for page in PAGES.iter().chain(&["/desk/account", "/desk/sign-in", "/desk/nowhere/at/all"]) {
        let answer = room.get(page, &mona).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{page}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("base-uri 'none'"), "{page}: {policy}");
        if page.contains("/view/") {
            assert!(policy.starts_with("sandbox ") && policy.contains("frame-ancestors 'self'"), "{policy}");
            assert!(!policy.contains("allow-same-origin") && !policy.contains("allow-scripts"));
            assert_eq!(answer.header("x-frame-options"), "SAMEORIGIN");
        } else {
            assert!(
                policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"),
                "{page}: {policy}"
            );
            assert_eq!(answer.header("x-frame-options"), "DENY", "{page}");
        }
        if !page.contains("nowhere") {
            assert_eq!(answer.status, StatusCode::OK, "{page}: {}", answer.body);
            assert_eq!(answer.header("cache-control"), "no-store", "{page}");
            assert_eq!(answer.header("referrer-policy"), "same-origin", "{page}");
            assert!(answer.header("x-robots-tag").contains("noindex"), "{page}");
        }
        assert!(!answer.body.contains("<script"), "{page}");
    }
}

#[tokio::test]
async fn cookies_are_kept_from_scripts_and_other_hosts() {
    let room = Room::new();
    let (answer, _) = room.sign_in_at("/desk/sign-in", MONA, PASSWORD).await;
    let lines = answer.cookie_lines();
    let session = lines.iter().find(|line| line.starts_with("__Host-desk=")).expect("a session");
    for part in ["; Path=/;", "HttpOnly", "SameSite=Lax", "; Secure", "Max-Age=1209600"] {
        assert!(session.contains(part), "{part}: {session}");
    }
    assert!(!session.contains("Domain"));
}

#[tokio::test]
async fn looking_at_pages_changes_nothing() {
    let room = Room::new();
    let mona = room.mona().await;
    let before = room.state();
    for page in PAGES {
        for method in ["GET", "HEAD"] {
            assert_eq!(room.send(method, page, &mona, &[], "").await.status, StatusCode::OK, "{page}");
        }
    }
    assert_eq!(room.state(), before);
}

#[tokio::test]
async fn an_invitation_is_not_used_up_by_looking() {
    let room = Room::new();
    let link = room.invite("leyla@harbour.example", "Leyla");
    for _ in 0..3 {
        assert!(room.get(&link, "").await.body.contains("Welcome, Leyla"));
    }
    let door = room.get(&link, "").await;
    let body = |new: &str, again: &str| format!("new={new}&again={again}&form={}", door.hidden("form"));
    let short = room.post(&link, &door.cookies(), &body("short", "short")).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.body.contains("at least 12 characters"));
    let joined = room.post(&link, &door.cookies(), &body("five+loud+lighthouses", "five+loud+lighthouses")).await;
    assert_eq!(joined.header("location"), "/newsletter/desk");
    assert!(room.get("/desk", &joined.session()).await.body.contains("You, Leyla"));
    let again = room.post(&link, &door.cookies(), &body("five+loud+lighthouses", "five+loud+lighthouses")).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    assert!(again.body.contains("does not work any more"));
}

#[tokio::test]
async fn a_link_for_outsiders_shows_one_issue_for_three_days_and_nothing_else() {
    let room = Room::new();
    let mona = room.mona().await;
    let made = room.post("/desk/n/week/look", &mona, &format!("form={}", room.token(&mona).await)).await;
    let (_, rest) = made.body.split_once("value=\"https://news.harbour.example/newsletter").expect("the whole address");
    let link = rest.split('"').next().unwrap_or_default().to_owned();
    let shown = |answer: &Answer| {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert!(answer.header("set-cookie").is_empty(), "no cookie for outsiders");
        assert!(answer.header("x-robots-tag").contains("noindex"));
        assert!(!answer.body.contains("<form") && !answer.body.contains("/desk/sign-out"));
    };
    shown(&room.get(&link, "").await);
    let frame = room.get(&format!("{link}/wide"), "").await;
    shown(&frame);
    assert!(frame.header("content-security-policy").starts_with("sandbox "));
    assert!(room.get(&format!("{link}/text"), "").await.header("content-type").starts_with("text/plain"));
    assert_eq!(room.post(&link, "", "do=approve").await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(room.get("/desk", "").await.status, StatusCode::SEE_OTHER);
    let (front, last) = link.split_at(link.len() - 1);
    let damaged = format!("{front}{}", if last == "A" { "B" } else { "A" });
    assert_eq!(room.get(&damaged, "").await.status, StatusCode::NOT_FOUND);
    room.clock.advance(LOOK_LASTS);
    let over = room.get(&link, "").await;
    assert_eq!(over.status, StatusCode::NOT_FOUND);
    assert!(over.body.contains("This link is over") && !over.body.contains("To the desk"), "{}", over.body);
    assert_eq!(room.get(&format!("{link}/wide"), "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_editor_changes_their_password_and_everybody_else_is_out() {
    let room = Room::new();
    let (here, elsewhere) = (room.mona().await, room.mona().await);
    let token = room.token(&here).await;
    let change = |old: &str, new: &str| format!("old={old}&new={new}&again={new}&form={token}").replace(' ', "+");
    let wrong = room.post("/desk/account", &here, &change("not the password", "five loud lighthouses")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(room.get("/desk", &elsewhere).await.status, StatusCode::OK);
    let changed = room.post("/desk/account", &here, &change(PASSWORD, "five loud lighthouses")).await;
    let fresh = changed.session();
    assert!(room.get("/desk/account?done=password", &fresh).await.body.contains("changed their password"));
    for old in [here, elsewhere] {
        assert_eq!(room.get("/desk", &old).await.status, StatusCode::SEE_OTHER);
    }
}

/// A room whose issue is composed and waits, with the hash that its page carries.
async fn composed() -> (Room, String) {
    let room = Room::new();
    let mona = room.mona().await;
    room.compose();
    (room, mona)
}

async fn act(room: &Room, session: &str, seen: &str, deed: &str) -> Answer {
    let body = format!("form={}&seen={seen}&do={deed}", room.token(session).await);
    room.post("/desk/n/week/act", session, &body).await
}

#[tokio::test]
async fn another_revision_than_the_one_that_was_looked_at_is_not_approved() {
    let (room, mona) = composed().await;
    assert_eq!(act(&room, &mona, "", "hold").await.status, StatusCode::SEE_OTHER);
    let seen = room.get("/desk/n/week/preview", &mona).await.hidden("seen");

    // Otto retitles a story meanwhile.
    let otto = room.otto().await;
    let edit = format!("form={}&title=Harbour+fees+fall", room.token(&otto).await);
    assert_eq!(room.post("/desk/n/week/stories/1", &otto, &edit).await.status, StatusCode::SEE_OTHER);

    let stale = act(&room, &mona, &seen, "approve").await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.body.contains("has changed since you looked at it"), "{}", stale.body);
    assert_eq!(room.state_of_issue(), "held");
    let seen = room.get("/desk/n/week/preview", &mona).await.hidden("seen");
    assert_eq!(act(&room, &mona, &seen, "approve").await.status, StatusCode::SEE_OTHER);
    assert_eq!(room.state_of_issue(), "approved");
    assert_eq!(act(&room, &mona, "not hexadecimal", "approve").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_issue_is_held_while_it_is_collected_and_reopened_before_its_first_mail() {
    let room = Room::new();
    let mona = room.mona().await;
    assert_eq!(act(&room, &mona, "", "hold").await.status, StatusCode::SEE_OTHER);
    assert!(room.get("/desk", &mona).await.body.contains("is held: once composed, it waits for an editor"));
    room.compose();
    assert_eq!(room.state_of_issue(), "held");
    assert_eq!(act(&room, &mona, "", "reopen").await.status, StatusCode::SEE_OTHER);
    assert_eq!(room.state_of_issue(), "waiting");
    let done = room.get("/desk?done=reopen", &mona).await;
    assert!(done.body.contains("is open again and waits for approval"), "{}", done.body);
}

#[tokio::test]
async fn a_date_is_skipped_moved_and_restored_at_the_desk() {
    let room = Room::new();
    let mona = room.mona().await;
    let page = room.get("/desk/n/week/dates", &mona).await;
    let date = page.hidden("date");
    let token = room.token(&mona).await;
    let post = async |fields: &str| {
        room.post("/desk/n/week/dates", &mona, &format!("form={token}&date={date}&{fields}")).await
    };
    assert_eq!(post("do=skip&because=").await.status, StatusCode::CONFLICT, "a reason is needed");
    assert_eq!(post("do=skip&because=Good+Friday").await.status, StatusCode::SEE_OTHER);
    let shown = room.get("/desk/n/week/dates?done=skip", &mona).await.body;
    assert!(shown.contains("Skipped: Good Friday") && shown.contains("is skipped: Good Friday"), "{shown}");
    assert_eq!(post("do=restore").await.status, StatusCode::SEE_OTHER);
    let later = date.replace("T17:00", "T18:00");
    assert_eq!(post(&format!("do=move&because=late&to={later}")).await.status, StatusCode::SEE_OTHER);
    assert!(room.get("/desk/n/week/dates", &mona).await.body.contains("Instead of"));
    assert_eq!(post("do=pause&until=2000-01-01&because=x").await.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_from_outside_is_taken_in_by_its_address_and_pinned_where_the_stories_are_settled() {
    let folder = open_folder();
    visiting::write(folder.path(), "wall.html", visiting::page("About the wall"));
    visiting::write(folder.path(), "boats.html", visiting::page("About the boats"));
    let port = free_port();
    let map = format!("<urlset><url><loc>http://127.0.0.1:{port}/boats.html</loc></url></urlset>");
    visiting::write(folder.path(), "map.xml", map);
    let nginx = Nginx::start(port, &format!("server {{ listen 127.0.0.1:{port}; root {}; }}", folder.path().display()));
    let mut newsroom = Newsroom::new();
    visiting::read_map(&mut newsroom, &nginx);
    let room = Room::with(newsroom);
    let mona = room.mona().await;
    room.compose();
    let token = room.token(&mona).await;
    let add = async |url: &str| {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("form", &token)
            .append_pair("url", url)
            .finish();
        room.post("/desk/n/week/stories", &mona, &body).await
    };
    let added = add(&nginx.url("/wall.html")).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let place = added.header("location").trim_start_matches("/newsletter").to_owned();
    let page = room.get(&place, &mona).await.body;
    assert!(page.contains("About the wall") && page.contains("pinned") && page.contains("is added"), "{page}");

    for refused in ["", "not an address", "http://169.254.169.254/latest/meta-data", &nginx.url("/nothing.html")] {
        let answer = add(refused).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{refused}");
        assert!(answer.body.contains("Nothing was changed"));
    }
}

#[tokio::test]
async fn an_alarm_leads_to_the_place_of_the_desk_where_it_is_dealt_with() {
    let room = Room::new();
    let mona = room.mona().await;
    let source = room.app.config.sources[0].id.to_string();
    let alarms = [
        ("not approved", "week", "n/week/preview"),
        ("no readers", "week", "n/week/dates"),
        ("parked", "week", "issues"),
        ("source-silent", source.as_str(), "sources"),
    ];
    for (kind, about, place) in alarms {
        room.app.store.raise_alarm(kind, about, "it is so; look with `a command`", room.app.now()).unwrap();
        let page = room.get("/desk", &mona).await.body;
        let alarm = page.split(&kind.replace('-', " ")).nth(1).expect(kind).split("</li>").next().expect("an item");
        let link = format!("<a href=\"/newsletter/desk/{place}\">");
        assert!(alarm.contains(&link), "{kind}: {alarm}");
        assert_eq!(room.get(&format!("/desk/{place}"), &mona).await.status, StatusCode::OK);
        room.app.store.clear_alarm(kind, about).unwrap();
    }
    room.app.store.raise_alarm("disk", "database", "it is nearly full", room.app.now()).unwrap();
    let page = room.get("/desk", &mona).await.body;
    let alarm = page.split("it is nearly full").nth(1).expect("it is shown").split("</li>").next().expect("an item");
    assert!(!alarm.contains("<a "), "that is for whoever has a shell: {alarm}");
}
