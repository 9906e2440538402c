//! From sign-up to goodbye, as readers go through it: given a form, when it is sent and the post room works, then pages, letters and the ledger.

use super::post_room::House;
use super::service::now;
use axum::http::StatusCode;
use chrono::TimeDelta;
use week_in_review::domain::consent::ConsentEvent;
use week_in_review::domain::signup::Rules;
use week_in_review::domain::subscriber::{Format, Status, SuppressionReason};
use week_in_review::domain::text::Language;
use week_in_review::domain::token::Purpose;
use week_in_review::subscribe::suppress;

#[tokio::test]
async fn a_reader_signs_up_confirms_and_the_ledger_tells_it() {
    let house = House::new();
    let page = house.service.get("/subscribe").await;
    assert_eq!((page.status, page.header("cache-control")), (StatusCode::OK, "no-store"));
    let sent = house.sign_up("address=Jo%40Reader.example&topic=week/nuclear&language=fa&format=text").await;
    assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, "/subscribe/sent"));
    let letters = house.post().await;
    assert_eq!((letters.len(), letters[0].to.as_str(), &letters[0].from), (1, "Jo@reader.example", &None));
    let letter = mail_parser::MessageParser::default().parse(&letters[0].bytes).expect("a mail");
    let (subject, words) = (letter.subject().unwrap_or_default(), letter.body_text(0).unwrap_or_default());
    let is_persian = |text: &str| text.chars().any(|c| ('\u{600}'..='\u{6FF}').contains(&c));
    assert!(is_persian(subject) && is_persian(&words), "in their language: {subject} {words}");
    let link = House::link(&letters[0], "c");
    let page = house.service.get(&link).await;
    assert!(page.body.contains("lang=\"fa\"") && page.body.contains("Jo@Reader.example"), "{}", page.body);
    assert!(matches!(house.service.status("jo@reader.example", "week"), Status::Pending { .. }));

    let pressed = house.post_from("198.51.100.7", &link, &house.service.answer(&link)).await;
    assert_eq!((pressed.status, pressed.header("location")), (StatusCode::SEE_OTHER, link.as_str()));
    let jo = house.service.find("jo@reader.example");
    assert!(matches!(jo.subscriptions[0].status, Status::Active { .. }));
    assert_eq!((jo.subscriptions[0].choice.key().as_str(), jo.format), ("nuclear", Format::Text));
    assert_eq!(jo.language.as_ref().map(Language::as_str), Some("fa"));
    let ledger = house.service.store.read_people(|people| people.consent(jo.id)).expect("the ledger");
    let told: Vec<_> = ledger.iter().map(|entry| (entry.event, entry.evidence.origin.as_str())).collect();
    assert_eq!(told, [(ConsentEvent::Asked, "sign-up page"), (ConsentEvent::Confirmed, "confirmation page")]);
    assert!(ledger.iter().all(|entry| entry.evidence.network.as_deref() == Some("198.51.100.0/24")));
    assert!(
        ledger[0].evidence.wording.contains("One click ends it")
            && ledger[1].evidence.wording.contains("The week letter")
    );

    let people = house.service.people();
    let again = house.service.press(&link, "").await;
    assert_eq!((again.status, house.service.people()), (StatusCode::SEE_OTHER, people), "once");
    assert_eq!(house.service.get(&link).await.status, StatusCode::OK, "and says that they are on the list");
}

#[tokio::test]
async fn the_answer_is_the_same_whoever_the_address_belongs_to() {
    let house = House::new();
    house.service.reader("known@reader.example");
    house.sign_up("address=waits@reader.example").await;
    house.post().await;
    let gone = "gone@reader.example".parse_address();
    suppress(&house.service.store, &house.service.keyring, &gone, SuppressionReason::Complaint, "", now())
        .expect("suppressed");
    let (mut answers, mut rows) = (Vec::new(), Vec::new());
    for who in ["nobody", "known", "waits", "gone"] {
        let people = house.service.people();
        let answer = house.sign_up(&format!("address={who}@reader.example")).await;
        answers.push((answer.status, answer.headers, answer.body));
        rows.push(house.service.people() == people);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    // The same time as well: the handler writes one row and looks nobody up.
    assert_eq!(rows, [true; 4]);
    for path in ["/link"] {
        let mut answers = Vec::new();
        for who in ["nobody", "known"] {
            let body = format!("token={}&address={who}@reader.example", house.form_at(now() - TimeDelta::minutes(1)));
            let answer = house.post_from("198.51.100.7", path, &body).await;
            answers.push((answer.status, answer.headers, answer.body));
        }
        assert_eq!(answers[0], answers[1], "{path}");
    }
}

trait ParseAddress {
    fn parse_address(&self) -> week_in_review::domain::address::EmailAddress;
}

impl ParseAddress for str {
    fn parse_address(&self) -> week_in_review::domain::address::EmailAddress {
        week_in_review::domain::address::EmailAddress::parse(self).expect("an address")
    }
}

#[tokio::test]
async fn what_cannot_be_meant_is_said_with_the_fields_filled_in() {
    let house = House::new();
    for (fields, says) in [
        ("address=", "needs the form"),
        ("address=jo", "needs the form"),
        ("address=a..b@reader.example", "needs the form"),
        ("address=postmaster@reader.example", "read by machines"),
        ("address=jo@mailinator.com", "vanish soon"),
    ] {
        let answer = house.sign_up(fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields}");
        assert!(
            answer.body.contains(says) && answer.body.contains("aria-invalid=\"true\""),
            "{fields}: {}",
            answer.body
        );
    }
    let none = format!("token={}&address=jo@reader.example", house.form_at(now() - TimeDelta::minutes(1)));
    assert!(house.post_from("198.51.100.7", "/subscribe", &none).await.body.contains("Choose at least one newsletter"));
    let slip = house.sign_up("address=jo@gmial.com").await;
    assert!(slip.status == StatusCode::OK && slip.body.contains("value=\"jo@gmail.com\""), "{}", slip.body);
    assert!(house.post().await.is_empty());
    house.sign_up("address=jo@gmial.com&meant=jo@gmail.com").await;
    house.sign_up("address=jill@gmial.com&sure=1").await;
    house.sign_up("address=%E7%94%A8%E6%88%B7@b%C3%BCcher.example").await;
    let to: Vec<String> = house.post().await.into_iter().map(|letter| letter.to).collect();
    assert_eq!(to, ["jo@gmail.com", "jill@gmial.com", "用户@xn--bcher-kva.example"]);
}

#[tokio::test]
async fn a_form_in_another_sites_page_leads_to_ours_with_the_address_filled_in() {
    let house = House::with(Rules { sites: vec!["https://www.friend.example".into()], ..Rules::default() });
    let post = async |origin: &str| {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", origin),
            ("sec-fetch-site", "cross-site"),
        ];
        house.service.from("198.51.100.7", "POST", "/subscribe", &headers, "address=jo@reader.example").await
    };
    let friend = post("https://www.friend.example").await;
    assert!(friend.status == StatusCode::OK && friend.body.contains("value=\"jo@reader.example\""), "{}", friend.body);
    let stranger = post("https://evil.example").await;
    assert!(!stranger.body.contains("jo@reader.example"), "{}", stranger.body);
    assert!(house.post().await.is_empty(), "nobody is written to before the button on our page");
    house.sign_up("address=jo@reader.example&via=https://www.friend.example").await;
    assert_eq!(house.post().await.len(), 1);
    let jo = house.service.find("jo@reader.example");
    let ledger = house.service.store.read_people(|people| people.consent(jo.id)).expect("the ledger");
    assert_eq!(ledger[0].evidence.origin, "form of https://www.friend.example");

    let frame = house.service.get("/subscribe/embed").await;
    assert!(frame.header("content-security-policy").contains("frame-ancestors https://www.friend.example"));
    assert_eq!((frame.header("x-frame-options"), frame.header("cache-control")), ("", "public, max-age=604800"));
    assert!(!frame.body.contains("name=\"token\""));
    let closed = House::new().service.get("/subscribe/embed").await;
    assert!(closed.header("content-security-policy").contains("frame-ancestors 'none'"));
}

#[tokio::test]
async fn a_form_that_was_kept_for_a_week_still_leads_to_one_button() {
    let friend = "https://www.friend.example";
    let house = House::with(Rules { sites: vec![friend.into()], ..Rules::default() });
    let kept = house.service.get("/subscribe/embed").await.body;
    let form = kept.split_once("<form").and_then(|(_, rest)| rest.split_once("</form>")).expect("a form").0;
    assert!(form.contains("action=\"https://news.paper.example/subscribe\"") && !form.contains("token"), "{form}");
    house.service.wait(TimeDelta::days(7));
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", friend)];
    let page = house.service.from("198.51.100.7", "POST", "/subscribe", &headers, "address=jo@reader.example").await;
    assert_eq!(page.status, StatusCode::OK);
    let form = page.body.split_once("<form").and_then(|(_, rest)| rest.split_once("</form>")).expect("a form").0;
    assert!(form.contains("value=\"jo@reader.example\"") && form.matches("<button").count() == 1, "{form}");
    let field = |name: &str| {
        let after = form.split_once(&format!("name=\"{name}\" value=\"")).expect("a field").1;
        after.split('"').next().expect("a value").to_owned()
    };
    // What a person sends who presses it after a while.
    house.service.wait(TimeDelta::seconds(20));
    let body = format!("token={}&newsletter=week&address=jo@reader.example&via={}", field("token"), field("via"));
    let pressed = house.post_from("198.51.100.7", "/subscribe", &body).await;
    assert_eq!((pressed.status, pressed.header("location")), (StatusCode::SEE_OTHER, "/subscribe/sent"));
    let later = now() + TimeDelta::days(7) + TimeDelta::seconds(21);
    assert_eq!(house.post_at(later).await.len(), 1);
}

#[tokio::test]
async fn the_api_takes_subscriptions_from_the_sites_that_are_named() {
    let house = House::with(Rules { sites: vec!["https://www.friend.example".into()], ..Rules::default() });
    let api = async |origin: &str, body: &str| {
        let headers = [("content-type", "application/json"), ("origin", origin)];
        house.service.from("198.51.100.7", "POST", "/api/v1/subscriptions", &headers, body).await
    };
    let friend = "https://www.friend.example";
    let good =
        api(friend, r#"{"address":"jo@reader.example","topics":["lobbying"],"format":"text","wording":"Join"}"#).await;
    assert_eq!(
        (good.status, good.header("access-control-allow-origin")),
        (StatusCode::ACCEPTED, friend),
        "{}",
        good.body
    );
    assert_eq!(house.post().await.len(), 1);
    for (origin, body, status, says) in [
        ("https://evil.example", r#"{"address":"jo@reader.example"}"#, 403, "subscribe.sites"),
        (friend, "{", 400, "no JSON"),
        (friend, r#"{"address":"jo@reader.example","extra":1}"#, 400, "unknown field"),
        (friend, r#"{"address":"jo"}"#, 422, "\"address\""),
        (friend, r#"{"address":"jo@gmial.com"}"#, 422, "\"meant\":\"jo@gmail.com\""),
        (friend, r#"{"address":"jo@reader.example","newsletters":["none"]}"#, 422, "\"newsletters\""),
        (friend, r#"{"address":"jo@reader.example","topics":["none"]}"#, 422, "\"topics\""),
    ] {
        let answer = api(origin, body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.body);
        assert!(answer.body.contains(says), "{body}: {}", answer.body);
    }
    let asks = [("origin", friend), ("access-control-request-method", "POST")];
    let preflight = house.service.send("OPTIONS", "/api/v1/subscriptions", &asks, "").await;
    assert_eq!((preflight.status.as_u16(), preflight.header("access-control-allow-methods")), (204, "POST"));
}

#[tokio::test]
async fn language_format_and_other_newsletters_are_chosen_by_the_private_link() {
    let house = House::new();
    house.subscriber("jo@reader.example").await;
    let jo = house.service.find("jo@reader.example");
    let link = house.service.link(&jo, Purpose::Preferences);
    let saved = house.service.post(&link, "scope=everything&language=de&format=text&others=1&also=events-weekly").await;
    assert_eq!(saved.header("location"), format!("{link}?saved=asked"));
    let found = house.service.find("jo@reader.example");
    assert_eq!(
        (found.format, found.language.map(|language| language.to_string())),
        (Format::Text, Some("de".to_owned()))
    );
    assert!(house.service.get(&link).await.body.contains("<html lang=\"de\""));
    let other = || {
        house
            .service
            .find("jo@reader.example")
            .subscriptions
            .into_iter()
            .find(|one| one.newsletter.as_str() == "events-weekly")
    };
    assert!(
        other().is_none_or(|one| matches!(one.status, Status::Pending { .. })),
        "a forwarded link subscribes to nothing"
    );
    // Today's letter was answered, so the page's promise is kept; but one without an answer is enough for a day, and the page says so.
    let [letter] = house.post().await.try_into().expect("one letter");
    let again = house.service.post(&link, "scope=everything&others=1&also=events-weekly").await;
    assert_eq!(again.header("location"), format!("{link}?saved=waits"));
    assert!(house.service.get(again.header("location")).await.body.contains("heute schon"));
    assert!(house.post().await.is_empty());
    house.service.press(&House::link(&letter, "c"), "").await;
    assert!(other().is_some_and(|one| matches!(one.status, Status::Active { .. })));
}

#[tokio::test]
async fn data_erasing_and_another_address_ask_once_more_by_a_fresh_mail() {
    let house = House::new();
    house.subscriber("old@reader.example").await;
    let old = house.service.find("old@reader.example");
    let preferences = house.service.link(&old, Purpose::Preferences);
    let fresh = async |what: &str| {
        house.service.press(&format!("{preferences}/ask"), &format!("what={what}")).await;
        let [letter] = house.post().await.try_into().expect("one letter");
        House::link(&letter, "me")
    };
    let data = fresh("data").await;
    assert!(house.service.get(&data).await.body.contains("Download my data"));
    let file = house.service.press(&data, "").await;
    assert!(file.header("content-disposition").starts_with("attachment"));
    let said: serde_json::Value = serde_json::from_str(&file.body).expect("JSON");
    assert_eq!((&said["address"], said["history"].as_array().map(Vec::len)), (&"old@reader.example".into(), Some(2)));

    let address = fresh("address").await;
    assert_eq!(house.service.press(&address, "address=nonsense").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(house.service.press(&address, "address=new@reader.example").await.header("location"), "/me/asked");
    let [letter] = house.post().await.try_into().expect("one letter");
    assert_eq!(letter.to, "new@reader.example");
    let moving = House::link(&letter, "me");
    assert!(house.service.get(&moving).await.body.contains("new@reader.example"));
    assert!(house.service.press(&moving, "").await.body.contains("Your address is changed"));
    assert_eq!(house.service.get(&preferences).await.status, StatusCode::NOT_FOUND, "the old links have ended");
    let [letter] = house.post().await.try_into().expect("one letter");
    assert_eq!(letter.to, "old@reader.example");
    let undo = House::link(&letter, "me");
    assert!(house.service.press(&undo, "").await.body.contains("The change is undone"));
    assert_eq!(house.service.press(&undo, "").await.status, StatusCode::GONE);

    let back = house.service.find("old@reader.example");
    let preferences = house.service.link(&back, Purpose::Preferences);
    house.service.press(&format!("{preferences}/ask"), "what=erase").await;
    let [letter] = house.post().await.try_into().expect("one letter");
    let erase = House::link(&letter, "me");
    assert!(house.service.get(&erase).await.body.contains("Erase everything?"));
    assert!(house.service.press(&erase, "").await.body.contains("You are erased"));
    assert!(!house.service.people().contains("old@reader.example"));
}

#[tokio::test]
async fn who_leaves_may_say_why_and_is_gone_either_way() {
    let house = House::new();
    house.subscriber("jo@reader.example").await;
    let jo = house.service.find("jo@reader.example");
    let link = house.service.link(&jo, Purpose::Unsubscribe);
    house.service.press(&link, "").await;
    let page = house.service.get(&link).await;
    assert!(page.body.contains(&format!("action=\"{link}/why\"")), "{}", page.body);
    house.service.post(&format!("{link}/why"), "why=Too+much+mail%3Cscript%3E").await;
    assert!(house.service.get(&format!("{link}?thanks=1")).await.body.contains("Thank you, that helps"));
    let ledger = house.service.store.read_people(|people| people.consent(jo.id)).expect("the ledger");
    assert_eq!(ledger.last().map(|entry| entry.event), Some(ConsentEvent::Reason));
}

#[tokio::test]
async fn an_expired_link_brings_a_new_one_by_one_button() {
    let house = House::new();
    house.sign_up("address=jo@reader.example").await;
    let [letter] = house.post().await.try_into().expect("one letter");
    let link = House::link(&letter, "c");
    let connection = rusqlite::Connection::open(house.service.database()).expect("the database");
    let eight_days = 8 * 86_400_000_i64;
    connection
        .execute("UPDATE letter SET at = at - ?1, expires_at = expires_at - ?1", [eight_days])
        .expect("time passes");
    let page = house.service.get(&link).await;
    assert!(page.body.contains("This link has expired") && page.body.contains("7 days"), "{}", page.body);
    house.service.press(&link, "").await;
    assert!(matches!(house.service.status("jo@reader.example", "week"), Status::Pending { .. }));
    assert_eq!(house.service.post(&link, "again=1").await.header("location"), "/subscribe/sent");
    assert_eq!(house.post().await.len(), 1);
}

#[tokio::test]
async fn a_welcome_brings_the_way_to_the_latest_issue_and_can_be_ended() {
    let house = House::with(Rules { welcome: true, ..Rules::default() });
    house.service.issue(1, true);
    house.subscriber("jo@reader.example").await;
    let [welcome] = house.post().await.try_into().expect("one letter");
    let text = String::from_utf8_lossy(&welcome.bytes).replace("=\r\n", "");
    assert!(text.contains("/week/1") && text.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{text}");
    house.service.post(&House::link(&welcome, "u"), super::ONE_CLICK).await;
    assert!(matches!(house.service.status("jo@reader.example", "week"), Status::Left { .. }));
}
