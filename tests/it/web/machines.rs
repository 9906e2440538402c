//! Machines that check mail, and how far each kind gets on the pages behind links: given a link, when it is opened, walked through or its buttons are pressed, then
//! nobody is confirmed, moved, erased or lost, and the person who comes after them is served.

use super::post_room::House;
use super::service::{Answer, now};
use axum::http::StatusCode;
use chrono::TimeDelta;
use week_in_review::domain::question::Question;
use week_in_review::domain::subscriber::Status;
use week_in_review::domain::token::Purpose;

async fn confirmation(house: &House, address: &str) -> String {
    house.sign_up(&format!("address={address}")).await;
    let [letter] = house.post().await.try_into().expect("one letter");
    House::link(&letter, "c")
}

fn is_pending(house: &House) -> bool {
    matches!(house.service.status("jo@reader.example", "week"), Status::Pending { .. })
}

/// Every link of a page, seen or not.
fn links(page: &Answer) -> Vec<String> {
    let links = page.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.filter(|link| link.starts_with('/')).map(str::to_owned).collect()
}

#[tokio::test]
async fn one_that_follows_every_link_confirms_nobody_and_nobody_is_lost() {
    let house = House::new();
    let link = confirmation(&house, "jo@reader.example").await;
    let people = house.service.people();
    let page = house.service.get(&link).await;
    let found = links(&page);
    assert!(found.contains(&format!("{link}/x")), "{found:?}");
    for target in found {
        house.service.get(&target).await;
        house.service.send("HEAD", &target, &[], "").await;
    }
    assert_eq!(house.service.people(), people);
    house.service.press(&link, "").await;
    assert!(!is_pending(&house), "the person is not lost");
}

/// What machines send that press buttons: nothing, all that a page once took, the form without its number, with another, too fast, too late, or with what
/// belongs to another page.
fn pressed_by_machines(house: &House, link: &str, other: &str) -> Vec<String> {
    let (minute, day) = (now() - TimeDelta::minutes(1), now() - TimeDelta::hours(25));
    let (token, question) = house.service.question(link, minute);
    let [before, after] = question.decoys();
    vec![
        String::new(),
        "confirm=1&do=1&all=1&person=1".to_owned(),
        format!("token={token}"),
        format!("token={token}&number="),
        format!("token={token}&number=test"),
        format!("token={token}&press={before}&number={before}"),
        format!("token={token}&press={after}&number={after}"),
        format!("press={0}&number={0}", question.number()),
        format!("token={0}&press={1}&number={1}", "x".repeat(40), question.number()),
        house.service.answer_at(link, now()),
        house.service.answer_at(link, day),
        house.service.answer(other),
    ]
}

#[tokio::test]
async fn one_that_presses_buttons_confirms_nobody_and_the_link_stays_good() {
    let house = House::new();
    let other = confirmation(&house, "other@reader.example").await;
    let link = confirmation(&house, "jo@reader.example").await;
    for body in pressed_by_machines(&house, &link, &other) {
        let answer = house.service.post(&link, &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert!(answer.body.contains("role=\"alert\"") && is_pending(&house), "{body}: {}", answer.body);
    }
    house.service.press(&link, "").await;
    assert!(!is_pending(&house), "the person is not lost");
}

#[tokio::test]
async fn one_that_presses_buttons_erases_moves_and_undoes_nothing() {
    let house = House::new();
    let other = house.subscriber("jo@reader.example").await;
    let preferences = house.service.link(&house.service.find("jo@reader.example"), Purpose::Preferences);
    for what in ["data", "address", "erase"] {
        // The button of the preferences alone brings no mail.
        let asked = house.service.post(&format!("{preferences}/ask"), &format!("what={what}")).await;
        assert!(asked.status == StatusCode::OK && asked.body.contains("name=\"what\""), "{}", asked.body);
        assert!(house.post().await.is_empty(), "{what}");
        house.service.press(&format!("{preferences}/ask"), &format!("what={what}")).await;
        let [letter] = house.post().await.try_into().expect("one letter");
        let link = House::link(&letter, "me");
        let people = house.service.people();
        for body in pressed_by_machines(&house, &link, &other) {
            let answer = house.service.post(&link, &format!("{body}&address=new@reader.example")).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{what} {body}");
        }
        assert!(house.service.people() == people && house.post().await.is_empty(), "{what}");
        let answer = house.service.press(&link, "address=new@reader.example").await;
        assert!(answer.status.is_success() || answer.status == StatusCode::SEE_OTHER, "{what}: {}", answer.status);
        if what == "address" {
            let [letter] = house.post().await.try_into().expect("one letter");
            let moving = House::link(&letter, "me");
            for body in pressed_by_machines(&house, &moving, &other) {
                assert_eq!(house.service.post(&moving, &body).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
            }
            assert!(house.service.people().contains("jo@reader.example"), "nothing moved");
        }
    }
    assert!(!house.service.people().contains("jo@reader.example"), "the person erased themselves at last");
}

#[tokio::test]
async fn one_that_presses_buttons_unsubscribes_nobody_and_is_remembered() {
    let house = House::new();
    let jo = house.service.reader("jo@reader.example");
    let link = house.service.link(&jo, Purpose::Unsubscribe);
    let people = house.service.people();
    let page = house.service.get(&link).await;
    assert_eq!(page.body.matches("name=\"press\"").count(), 3, "one to press, and two that nobody sees: {}", page.body);
    assert!(!page.body.contains("name=\"number\""), "one press is enough for a person: {}", page.body);
    let (token, question) = house.service.question(&link, now() - TimeDelta::minutes(1));
    for decoy in question.decoys() {
        house.service.post(&link, &format!("token={token}&press={decoy}")).await;
    }
    assert_eq!(house.service.people(), people, "the first button and the last");
    let page = house.service.get(&link).await;
    assert!(page.body.contains("name=\"number\"") && !page.body.contains("name=\"press\""), "{}", page.body);
    // Its memory outlives the process: it stands in the database.
    let connection = rusqlite::Connection::open(house.service.database()).expect("the database");
    let seen: i64 = connection.query_row("SELECT count(*) FROM machine", [], |row| row.get(0)).expect("a number");
    assert_eq!(seen, 1);
    house.service.press(&link, "").await;
    assert!(matches!(house.service.status("jo@reader.example", "week"), Status::Left { .. }), "the person leaves");
}

#[tokio::test]
async fn whoever_follows_what_nobody_sees_is_asked_to_type_on_every_page() {
    let house = House::new();
    for page in ["u", "p"] {
        let jo = house.service.reader(&format!("{page}@reader.example"));
        let purpose = if page == "u" { Purpose::Unsubscribe } else { Purpose::Preferences };
        let link = house.service.link(&jo, purpose);
        let (shown, people) = (house.service.get(&link).await, house.service.people());
        let canary = links(&shown).into_iter().find(|link| link.ends_with("/x")).expect("a link that nobody sees");
        assert_eq!(house.service.get(&canary).await.status, StatusCode::NOT_FOUND);
        assert_eq!(house.service.people(), people);
        let leaving = house.service.link(&jo, Purpose::Unsubscribe);
        assert!(house.service.get(&leaving).await.body.contains("name=\"number\""), "{page}");
        assert_eq!(house.service.post(&leaving, super::ONE_CLICK).await.status, StatusCode::OK);
        let status = house.service.status(&format!("{page}@reader.example"), "week");
        assert!(matches!(status, Status::Left { .. }), "one click in the mail program works at once");
    }
}

#[tokio::test]
async fn what_was_seen_of_machines_outlives_the_process() {
    let mut house = House::new();
    let jo = house.service.reader("jo@reader.example");
    let link = house.service.link(&jo, Purpose::Unsubscribe);
    house.service.get(&format!("{link}/x")).await;
    house.service.restart();
    let page = house.service.get(&link).await.body;
    assert!(page.contains("name=\"number\"") && !page.contains("name=\"press\""), "{page}");
    house.service.wait(TimeDelta::days(91));
    house.service.restart();
    assert!(house.service.get(&link).await.body.contains("name=\"press\""), "a season later it is forgotten");
}

/// Presses the one button that people see on a page that was shown a minute ago, and nothing else.
async fn press_what_is_shown(house: &House, link: &str, peer: &str) -> StatusCode {
    let (token, question) = house.service.question(link, now() - TimeDelta::minutes(1));
    let body = format!("token={token}&press={}", question.number());
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    house.service.from(peer, "POST", link, &headers, &body).await.status
}

fn has_left(house: &House, address: &str) -> bool {
    matches!(house.service.status(address, "week"), Status::Left { .. })
}

#[tokio::test]
async fn one_that_opens_all_links_of_a_mail_and_presses_what_is_shown_loses_nobody() {
    let house = House::new();
    let jo = house.service.reader("jo@reader.example");
    let (link, choosing) =
        (house.service.link(&jo, Purpose::Unsubscribe), house.service.link(&jo, Purpose::Preferences));
    let people = house.service.people();
    for (link, peer) in [(&link, "203.0.113.5"), (&choosing, "198.51.100.9")] {
        house.service.from(peer, "GET", link, &[], "").await;
    }
    assert_eq!(press_what_is_shown(&house, &link, "203.0.113.5").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(house.service.people(), people);
    assert!(house.service.get(&link).await.body.contains("name=\"number\""), "a person would type it");
    house.service.wait(TimeDelta::minutes(11));
    let page = house.service.get(&link).await.body;
    assert!(page.contains("name=\"press\"") && !page.contains("name=\"number\""), "not held against them: {page}");
    assert_eq!(press_what_is_shown(&house, &link, "203.0.113.5").await, StatusCode::SEE_OTHER);
    assert!(has_left(&house, "jo@reader.example"));
}

#[tokio::test]
async fn who_goes_from_one_page_to_the_next_or_takes_their_time_presses_one_button() {
    let house = House::new();
    for (n, (from, time)) in [("same-origin", 1), ("none", 11)].into_iter().enumerate() {
        let address = format!("jo{n}@reader.example");
        let (jo, peer) = (house.service.reader(&address), format!("203.0.{n}.5"));
        let (link, choosing) =
            (house.service.link(&jo, Purpose::Unsubscribe), house.service.link(&jo, Purpose::Preferences));
        house.service.from(&peer, "GET", &choosing, &[("sec-fetch-site", "none")], "").await;
        house.service.wait(TimeDelta::seconds(time));
        let page = house.service.from(&peer, "GET", &link, &[("sec-fetch-site", from)], "").await.body;
        assert!(page.contains("name=\"press\"") && !page.contains("name=\"number\""), "{from}: {page}");
        assert_eq!(press_what_is_shown(&house, &link, &peer).await, StatusCode::SEE_OTHER, "{from}");
        assert!(has_left(&house, &address), "{from}");
    }
}

#[tokio::test]
async fn one_network_that_opens_the_links_of_several_readers_is_asked_to_type() {
    let house = House::new();
    let address = |n: usize| format!("reader{n}@firm.example");
    let links: Vec<String> =
        (0..5).map(|n| house.service.link(&house.service.reader(&address(n)), Purpose::Unsubscribe)).collect();
    let people = house.service.people();
    for link in &links {
        house.service.from("203.0.113.5", "GET", link, &[], "").await;
    }
    for link in &links {
        assert_eq!(press_what_is_shown(&house, link, "203.0.113.77").await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(house.service.people(), people, "a machine of a firm loses nobody of it");
    assert_eq!(press_what_is_shown(&house, &links[0], "198.51.100.7").await, StatusCode::SEE_OTHER, "elsewhere");
    let clicked = house.service.from("203.0.113.5", "POST", &links[1], &[], super::ONE_CLICK).await;
    assert!(clicked.status == StatusCode::OK && has_left(&house, &address(1)), "one click asks nothing");
    // Behind a proxy that is not trusted everybody seems to come from one place, which tells nothing.
    for link in &links[2..] {
        house.service.from("127.0.0.1", "GET", link, &[], "").await;
    }
    assert_eq!(press_what_is_shown(&house, &links[2], "127.0.0.1").await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_network_that_was_caught_types_for_its_other_readers_too() {
    let house = House::new();
    let [jo, kim] = ["jo@firm.example", "kim@firm.example"].map(|address| house.service.reader(address));
    let canary = format!("{}/x", house.service.link(&jo, Purpose::Preferences));
    house.service.from("203.0.113.5", "GET", &canary, &[], "").await;
    house.service.wait(TimeDelta::minutes(5));
    let link = house.service.link(&kim, Purpose::Unsubscribe);
    let page = house.service.from("203.0.113.5", "GET", &link, &[], "").await.body;
    assert!(page.contains("name=\"number\"") && !page.contains("name=\"press\""), "{page}");
    let elsewhere = house.service.from("198.51.100.7", "GET", &link, &[], "").await.body;
    assert!(elsewhere.contains("name=\"press\""), "{elsewhere}");
}

#[tokio::test]
async fn each_showing_asks_for_another_number() {
    let house = House::new();
    let link = confirmation(&house, "jo@reader.example").await;
    let signed = link.trim_start_matches("/c/");
    let mut numbers = std::collections::BTreeSet::new();
    for _ in 0..12 {
        let page = house.service.get(&link).await.body;
        let token =
            page.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
        let number = Question::of(&house.service.keyring, token, signed).number();
        assert!(page.contains(&format!("Type {number}")), "{page}");
        numbers.insert(number);
    }
    assert!(numbers.len() > 3, "{numbers:?}");
}
