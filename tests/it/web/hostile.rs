//! Hostile words in every field that reaches a page and is not in the sign-up form: names, choices, queries, keys, JSON; and paths that lead elsewhere.

use super::post_room::House;
use super::service::now;
use axum::http::StatusCode;
use week_in_review::domain::address::EmailAddress;
use week_in_review::domain::consent::Evidence;
use week_in_review::domain::issue::Choice;
use week_in_review::domain::signup::Rules;
use week_in_review::domain::text::Line;
use week_in_review::domain::token::Purpose;
use week_in_review::subscribe::{Asking, add_confirmed};

const SCRIPTS: [&str; 5] = [
    "\"><script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "</title><script>alert(1)</script>",
    "javascript:alert(1)",
    "\u{202E}<img src=x onerror=alert(1)>",
];

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// No markup of theirs: neither an element nor an attribute.
fn is_text(body: &str) -> bool {
    !["<script>", "<img src=x", "\" onmouseover=\"", "href=\"javascript:"].iter().any(|mark| body.contains(mark))
}

#[tokio::test]
async fn a_name_and_every_choice_stay_text() {
    for hostile in SCRIPTS {
        let house = House::new();
        let asking = Asking {
            address: EmailAddress::parse("jo@reader.example").expect("an address"),
            name: Line::clean(hostile),
            language: None,
            newsletters: vec![super::service::slug("week")],
            choice: Choice::Everything,
        };
        let evidence = Evidence::new(now(), hostile).with("proof", hostile);
        let (store, keyring) = (&house.service.store, &house.service.keyring);
        add_confirmed(store, keyring, &asking, false, [7; 8], &evidence).expect("added");
        let jo = house.service.find("jo@reader.example");
        let (preferences, leaving) =
            (house.service.link(&jo, Purpose::Preferences), house.service.link(&jo, Purpose::Unsubscribe));
        let value = encoded(hostile);
        for field in ["topic", "until", "language", "format", "also", "scope", "open"] {
            let body = format!("scope=everything&others=1&{field}={value}");
            let answer = house.service.post(&preferences, &body).await;
            assert!(is_text(&answer.body), "{field}: {}", answer.body);
            assert!(!answer.header("location").contains("script"), "{field}: {}", answer.header("location"));
        }
        for path in [
            format!("{preferences}?saved={value}"),
            format!("{preferences}?mailed={value}"),
            format!("{leaving}?thanks={value}"),
            preferences.clone(),
            leaving.clone(),
        ] {
            let answer = house.service.get(&path).await;
            assert!(answer.status == StatusCode::OK && is_text(&answer.body), "{path}: {}", answer.body);
        }
        house.service.press(&format!("{preferences}/ask"), "what=address").await;
        let [letter] = house.post().await.try_into().expect("one letter");
        assert!(!String::from_utf8_lossy(&letter.bytes).contains("<script>"));
        let answer = house.service.press(&House::link(&letter, "me"), &format!("address={value}")).await;
        assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && is_text(&answer.body), "{}", answer.body);
        house.service.press(&format!("{preferences}/ask"), "what=data").await;
        let [letter] = house.post().await.try_into().expect("one letter");
        let file = house.service.press(&House::link(&letter, "me"), "").await;
        assert!(file.header("content-type").starts_with("application/json"), "a name in it is no page");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
    }
}

/// The paths of a page's links that begin in one way.
fn links(body: &str, start: &str) -> Vec<String> {
    let links = body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.filter(|link| link.starts_with(start)).map(str::to_owned).collect()
}

#[tokio::test]
async fn whatever_a_source_says_of_a_story_stays_text_on_every_page() {
    for hostile in SCRIPTS {
        let house = House::new();
        house.service.issue(7, true);
        // As the edge leaves it; what could not stand in a line is gone before.
        let retell =
            |what: &str, name: &str| house.service.retell(7, what, &format!("{} {name}", Line::clean(hostile)));
        retell("subject", "retold");
        for what in ["title", "summary", "source", "column", "authors[0]", "also_at[0]"] {
            retell(&format!("stories[0].{what}"), "retold");
        }
        week_in_review::publish::archive::index_frozen(&house.service.store).expect("indexed");
        let found = house.service.get("/search?q=retold").await.body;
        let (columns, authors) = (links(&found, "/columns/"), links(&found, "/authors/"));
        assert!(!columns.is_empty() && !authors.is_empty(), "{found}");
        let fixed = ["/", "/subscribe", "/week", "/week/7", "/tags/nuclear", "/search?q=retold"].map(str::to_owned);
        for path in fixed.iter().chain(&columns).chain(&authors) {
            let page = house.service.get(path).await;
            assert!(page.status == StatusCode::OK && is_text(&page.body), "{path}: {} {}", page.status, page.body);
            assert!(page.body.contains("retold"), "{path} shows it: {}", page.body);
        }
        for path in ["/week/feed.xml", "/tags/nuclear.xml"] {
            let feed = house.service.get(path).await.body;
            assert!(is_text(&feed), "{path}: {feed}");
            let read = feed_rs::parser::parse(feed.as_bytes()).expect("another reader of feeds reads ours");
            let entry = &read.entries[0];
            let whole = entry.content.iter().filter_map(|content| content.body.as_deref());
            // What a feed's reader takes for HTML (RSS 2.0, `description`); a summary of Atom is text.
            let summary = entry.summary.iter().map(|text| text.content.as_str()).filter(|_| path.contains("feed"));
            whole.chain(summary).for_each(|html| assert!(is_text(html), "{path}: {html}"));
        }
        for path in ["/week/feed.json", "/api/v1/issues/week/7"] {
            let answer = house.service.get(path).await;
            assert!(answer.header("content-type").contains("json"), "{path}");
            let json: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
            let whole = json["items"][0]["content_html"].as_str().unwrap_or_default();
            assert!(is_text(whole), "{path}: {whole}");
        }
    }
}

#[tokio::test]
async fn keys_and_queries_of_the_archive_stay_text() {
    let house = House::new();
    house.service.issue(7, true);
    week_in_review::publish::archive::index_frozen(&house.service.store).expect("indexed");
    for hostile in SCRIPTS {
        let value = encoded(hostile);
        for path in [
            format!("/tags/{value}"),
            format!("/tags/{value}.xml"),
            format!("/columns/{value}"),
            format!("/authors/{value}"),
            format!("/events/{value}"),
            format!("/media/{value}"),
            format!("/api/v1/issues/{value}/7"),
            format!("/week/{value}"),
            format!("/{value}"),
        ] {
            let answer = house.service.get(&path).await;
            assert!(
                answer.status.is_client_error() && is_text(&answer.body),
                "{path}: {} {}",
                answer.status,
                answer.body
            );
        }
        for path in [
            format!("/week?before={value}"),
            format!("/search?q={value}&page={value}"),
            format!("/tags/nuclear?page={value}"),
            format!("/api/v1/issues?newsletter={value}&before={value}"),
        ] {
            let answer = house.service.get(&path).await;
            assert!(
                answer.status == StatusCode::OK && is_text(&answer.body),
                "{path}: {} {}",
                answer.status,
                answer.body
            );
        }
    }
}

#[tokio::test]
async fn what_the_api_repeats_is_json_and_nothing_else() {
    let house = House::with(Rules { sites: vec!["https://www.friend.example".into()], ..Rules::default() });
    let headers = [("content-type", "application/json"), ("origin", "https://www.friend.example")];
    for hostile in SCRIPTS {
        let text = serde_json::to_string(hostile).expect("a string");
        for body in [
            format!(r#"{{"address":{text}}}"#),
            format!(r#"{{"address":"jo@reader.example","newsletters":[{text}]}}"#),
            format!(r#"{{"address":"jo@reader.example","topics":[{text}]}}"#),
            format!(r#"{{"address":"jo@reader.example",{text}:1}}"#),
        ] {
            let answer = house.service.from("198.51.100.7", "POST", "/api/v1/subscriptions", &headers, &body).await;
            assert!(answer.status.is_client_error(), "{body}: {}", answer.body);
            assert!(answer.header("content-type").starts_with("application/json"), "{body}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            serde_json::from_str::<serde_json::Value>(&answer.body).expect("JSON");
        }
    }
    let wording =
        r#"{"address":"jo@reader.example","wording":"<script>alert(1)</script>\r\nBcc: victim@reader.example"}"#;
    house.service.from("198.51.100.7", "POST", "/api/v1/subscriptions", &headers, wording).await;
    let [letter] = house.post().await.try_into().expect("one letter");
    let text = String::from_utf8_lossy(&letter.bytes);
    assert!(!text.contains("<script>") && !text.contains("Bcc:"), "{text}");
}

#[tokio::test]
async fn no_path_leads_out_of_the_archive() {
    let house = House::new();
    house.service.issue(7, true);
    for way in [
        "..%2f..%2f..%2fetc%2fpasswd",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "..%5c..%5cetc%5cpasswd",
        "../../../etc/passwd",
        "%2fetc%2fpasswd",
        "....//....//etc/passwd",
        "subscribers.db",
        "..%2fsubscribers.db",
        "%00",
        "passwd%00.png",
    ] {
        for room in ["/media", "/events", "/tags", "/columns", "/authors", "/week", "/p", "/u", "/c", "/me", ""] {
            let answer = house.service.get(&format!("{room}/{way}")).await;
            assert!(answer.status.is_client_error(), "{room}/{way}: {}", answer.status);
            assert!(!answer.body.contains("root:") && !answer.body.contains("SQLite format"), "{room}/{way}");
        }
    }
}
