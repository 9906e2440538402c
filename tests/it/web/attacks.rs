//! What strangers and machines try on readers' pages, and what comes of it: nothing.

use super::post_room::House;
use super::service::{Service, now};
use crate::support::nginx::Nginx;
use axum::http::StatusCode;
use chrono::TimeDelta;
use futures_util::{StreamExt, stream};
use std::time::{Duration, Instant};
use week_in_review::domain::signup::Rules;
use week_in_review::domain::token::{Claim, Purpose};
use week_in_review::web::{router, serve};

const HOSTILE: [&str; 8] = [
    "\"><script>alert(1)</script>",
    "'); DROP TABLE subscriber; --",
    "a%0d%0aBcc:%20victim@reader.example",
    "../../../../etc/passwd",
    "%00",
    "javascript:alert(1)",
    "\u{202E}evil",
    "{{7*7}}",
];

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test]
async fn no_field_that_reaches_a_page_is_more_than_text() {
    let house = House::new();
    let unsubscribe = {
        let jo = house.service.reader("jo@reader.example");
        house.service.link(&jo, Purpose::Unsubscribe)
    };
    for hostile in HOSTILE {
        for field in ["address", "newsletter", "topic", "language", "format", "via", "meant"] {
            let answer = house.sign_up(&format!("{field}={hostile}&x=y")).await;
            assert!(
                !answer.body.contains("<script") && !answer.body.contains("href=\"javascript:"),
                "{field}: {}",
                answer.body
            );
            let location = answer.header("location");
            assert!(location.is_empty() || location == "/subscribe/sent", "{field}: {location}");
        }
        house.service.post(&format!("{unsubscribe}/why"), &format!("why={hostile}")).await;
        let encoded: String = url::form_urlencoded::byte_serialize(hostile.as_bytes()).collect();
        for path in ["/c/", "/me/", "/u/", "/p/"] {
            let answer = house.service.get(&format!("{path}{encoded}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}{hostile}");
            assert!(!answer.body.contains("<script"), "{path}{hostile}");
        }
        let query = house.service.get(&format!("/subscribe?newsletter={encoded}&address={encoded}")).await;
        assert!(query.status == StatusCode::OK && !query.body.contains("<script"), "{}", query.body);
    }
    assert!(house.post().await.iter().all(|letter| !letter.to.contains("victim")), "no header was injected");
    assert!(house.service.people().contains("jo@reader.example"), "the tables stand");
}

#[tokio::test]
async fn a_token_is_for_one_purpose_and_cannot_be_guessed() {
    let house = House::new();
    house.sign_up("address=jo@reader.example").await;
    let [letter] = house.post().await.try_into().expect("one letter");
    let link = House::link(&letter, "c");
    let token = link.trim_start_matches("/c/");
    for page in ["u", "p", "me"] {
        assert_eq!(house.service.get(&format!("/{page}/{token}")).await.status, StatusCode::NOT_FOUND, "{page}");
    }
    let known = house.service.reader("known@reader.example");
    for purpose in [Purpose::Unsubscribe, Purpose::Preferences, Purpose::Form, Purpose::Fresh] {
        let claim = Claim { purpose, newsletter: 1, public_id: known.public_id, epoch: 0 };
        let other = house.service.keyring.url_token(claim);
        assert_eq!(house.service.press(&format!("/c/{other}"), "").await.status, StatusCode::NOT_FOUND, "{purpose:?}");
    }
    let people = house.service.people();
    for at in 0..token.len() {
        let mut guess = token.to_owned();
        let other = if &token[at..=at] == "A" { "B" } else { "A" };
        guess.replace_range(at..=at, other);
        assert_eq!(house.service.press(&format!("/c/{guess}"), "").await.status, StatusCode::NOT_FOUND, "{at}");
    }
    assert_eq!(house.service.people(), people);
}

#[tokio::test]
async fn forms_without_a_person_behind_them_write_to_nobody() {
    let house = House::new();
    let send = async |token: &str, more: &str| {
        let body = format!("token={token}&newsletter=week&address=jo@reader.example{more}");
        house.post_from("198.51.100.7", "/subscribe", &body).await
    };
    let honeypot = send(&house.form_at(now() - TimeDelta::minutes(1)), "&fax=5551234").await;
    assert_eq!(honeypot.header("location"), "/subscribe/sent", "the machine learns nothing");
    for token in [
        String::new(),
        "x".repeat(40),
        house.form_at(now() - TimeDelta::seconds(1)),
        house.form_at(now() - TimeDelta::hours(25)),
        house.form_at(now() + TimeDelta::hours(1)),
    ] {
        let answer = send(&token, "").await;
        assert!(
            answer.status == StatusCode::OK && answer.body.contains("press the button once more"),
            "{}",
            answer.body
        );
    }
    // Cross-site request forgery: a real token, sent by a page that is not ours.
    house.service.reader("known@reader.example");
    for path in ["/subscribe", "/link"] {
        for foreign in [
            [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
            [("origin", "null"), ("sec-fetch-site", "cross-site")],
            [("origin", "https://evil.example"), ("sec-fetch-site", "same-site")],
        ] {
            let token = house.form_at(now() - TimeDelta::minutes(1));
            let body = format!("token={token}&newsletter=week&address=known@reader.example");
            let answer =
                house.service.from("198.51.100.7", "POST", path, &[&foreign[..], &[FORM]].concat(), &body).await;
            assert_eq!((answer.status, answer.header("location")), (StatusCode::OK, ""), "{path} {foreign:?}");
        }
    }
    // Replay: one form, ten addresses, one letter.
    let token = house.form_at(now() - TimeDelta::minutes(1));
    for n in 0..10 {
        let body = format!("token={token}&newsletter=week&address=r{n}@reader.example");
        house.post_from("198.51.100.7", "/subscribe", &body).await;
    }
    assert_eq!(house.post().await.len(), 1);
}

/// Ten thousand sign-ups within a minute, each for another person's address.
async fn bomb(house: &House, peer: impl Fn(usize) -> String) -> usize {
    let mut refused = 0;
    for n in 0..10_000 {
        let answer = house.sign_up_from(&peer(n), &format!("address=victim{n}@d{}.example", n % 50)).await;
        refused += usize::from(answer.status != StatusCode::SEE_OTHER);
    }
    refused
}

#[tokio::test]
async fn ten_thousand_sign_ups_from_one_address_send_a_handful_of_mails() {
    let house = House::with(Rules::default());
    assert_eq!(bomb(&house, |_| "203.0.113.9".to_owned()).await, 9_980);
    assert_eq!(house.post().await.len(), 20);
}

#[tokio::test]
async fn ten_thousand_sign_ups_from_everywhere_close_the_form_and_raise_an_alarm() {
    let house = House::with(Rules::default());
    house.service.reader("known@reader.example");
    assert_eq!(bomb(&house, |n| format!("10.{}.{}.7", n / 250, n % 250).replacen("10.", "20.", 1)).await, 9_500);
    assert_eq!(house.post().await.len(), 500);
    let alarms = house.service.store.alarms().expect("alarms");
    assert_eq!(
        alarms.iter().map(|alarm| (alarm.kind.as_str(), alarm.times)).collect::<Vec<_>>(),
        [("sign-ups closed", 1)]
    );
    let page = house.sign_up_from("192.0.2.1", "address=honest@reader.example").await;
    assert_eq!((page.status, page.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "3600"));
    let known = house.service.find("known@reader.example");
    let leaving = house.service.link(&known, Purpose::Unsubscribe);
    assert_eq!(
        house.service.post(&leaving, super::ONE_CLICK).await.status,
        StatusCode::OK,
        "who wants to leave, leaves"
    );
}

/// Where a bomb goes off.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    /// The form, for the addresses of strangers.
    Form,
    /// "Send me my link", for those of thirty readers.
    Link,
    /// What another site asks for its visitors.
    Api,
}

impl Target {
    fn request(self, house: &House, n: usize) -> (&'static str, String) {
        let token = || house.form_at(now() - TimeDelta::minutes(1));
        match self {
            Self::Form => ("/subscribe", format!("token={}&newsletter=week&address=victim{n}@d{n}.example", token())),
            // Each network begins with other readers than the one before it: of thirty requests only twenty are taken in.
            Self::Link => {
                ("/link", format!("token={}&address=reader{1}@d{1}.example", token(), (n + n / 30 * 20) % 30))
            }
            Self::Api => ("/api/v1/subscriptions", format!(r#"{{"address":"victim{n}@d{n}.example"}}"#)),
        }
    }
}

/// How many mails some requests from many networks bring about, behind a real nginx that names the visitor, as `contrib/` has it, while the service trusts
/// it or not.
async fn behind_nginx(trusted: &[&str], requests: usize, target: Target) -> usize {
    let house = House::with(Rules { sites: vec!["https://www.friend.example".to_owned()], ..Rules::default() });
    if target == Target::Link {
        (0..30).for_each(|n| drop(house.service.reader(&format!("reader{n}@d{n}.example"))));
    }
    let site = house.service.state.site();
    let trusted_proxies =
        trusted.iter().map(|text| week_in_review::domain::network::Network::parse(text).expect("a network")).collect();
    house
        .service
        .state
        .replace(week_in_review::web::Site { trusted_proxies, ..week_in_review::web::Site::clone(&site) });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let inner = listener.local_addr().expect("an address").port();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, router(house.service.state.clone()), async {
        let _ = stopped.await;
    }));
    let port = crate::support::process::free_port();
    // Stands for an outer proxy in front of nginx, so that one client can come from many networks.
    let servers = format!(
        "server {{ listen 127.0.0.1:{port}; location / {{ proxy_set_header X-Forwarded-For $http_x_test_visitor; proxy_pass http://127.0.0.1:{inner}; }} }}"
    );
    let nginx = Nginx::start(port, &servers);
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client");
    let ask = |n: usize| {
        let (path, body) = target.request(&house, n);
        let visitor = format!("198.{}.{}.7", 51 + n / 30 / 250, n / 30 % 250);
        let request = client.post(nginx.url(path)).header("x-test-visitor", visitor);
        let request = match target {
            Target::Api => request.header("origin", "https://www.friend.example"),
            _ => request.header(FORM.0, FORM.1),
        };
        request.body(body).send()
    };
    let answers = stream::iter(0..requests).map(ask).buffer_unordered(16);
    let answered = answers.filter(|answer| std::future::ready(answer.is_ok())).count().await;
    assert_eq!(answered, requests, "nginx answers");
    let sent = house.post().await.len();
    stop.send(()).expect("it serves");
    serving.await.expect("it ends");
    sent
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_nginx_each_network_has_its_budget_and_without_trust_all_share_one() {
    assert_eq!(behind_nginx(&["127.0.0.1"], 90, Target::Form).await, 3 * 20);
    assert_eq!(
        behind_nginx(&["127.0.0.1"], 10_000, Target::Form).await,
        500,
        "beyond the budget of all the form closes"
    );
    assert_eq!(behind_nginx(&[], 10_000, Target::Form).await, 20, "nobody can pretend to be many");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_nginx_nobody_gets_their_link_more_than_once_a_day() {
    assert_eq!(behind_nginx(&["127.0.0.1"], 10_000, Target::Link).await, 30, "one for each reader");
    assert!(behind_nginx(&[], 10_000, Target::Link).await <= 20, "nobody can pretend to be many");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_nginx_the_api_has_a_budget_too() {
    assert_eq!(behind_nginx(&["127.0.0.1"], 10_000, Target::Api).await, 500, "beyond the budget of all it closes");
    assert_eq!(behind_nginx(&[], 10_000, Target::Api).await, 20, "nobody can pretend to be many");
}

/// The middle one of many times that an answer took, for each of some addresses; they take turns, so that whatever else the machine does meets them all.
async fn medians(addresses: &[&str], ask: impl AsyncFn(usize, &str)) -> Vec<Duration> {
    const ROUNDS: usize = 200;
    let mut times = vec![Vec::with_capacity(ROUNDS); addresses.len()];
    for round in 0..ROUNDS {
        for (times, address) in times.iter_mut().zip(addresses) {
            let began = Instant::now();
            ask(round, address).await;
            times.push(began.elapsed());
        }
    }
    times.iter_mut().for_each(|times| times.sort_unstable());
    times.iter().map(|times| times[ROUNDS / 2]).collect()
}

#[tokio::test]
async fn a_stopwatch_does_not_tell_known_addresses_from_unknown_ones() {
    const FRIEND: &str = "https://www.friend.example";
    let many = 1_000_000;
    let sites = vec![FRIEND.to_owned()];
    let house = House::with(Rules { per_network: many, per_form: many, per_hour: many, sites, ..Rules::default() });
    house.service.reader("known@reader.example");
    house.service.reader("leaves@reader.example");
    let leaves = house.service.find("leaves@reader.example");
    house.service.post(&house.service.link(&leaves, Purpose::Unsubscribe), super::ONE_CLICK).await;
    let peer = |round: usize| format!("20.{}.{}.7", round / 250, round % 250);
    let form = async |path: &str, round: usize, name: &str| {
        let token = house.form_at(now() - TimeDelta::minutes(1));
        let body = format!("token={token}&newsletter=week&address={name}@reader.example");
        assert_eq!(house.post_from(&peer(round), path, &body).await.status, StatusCode::SEE_OTHER, "{path} {name}");
    };
    let api = async |path: &str, round: usize, name: &str| {
        let (headers, body) = ([("origin", FRIEND)], format!(r#"{{"address":"{name}@reader.example"}}"#));
        let answer = house.service.from(&peer(round), "POST", path, &headers, &body).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{name}: {}", answer.body);
    };
    let addresses = ["known", "unknown", "leaves", "other"];
    for path in ["/subscribe", "/link", "/api/v1/subscriptions"] {
        let mut told = Vec::new();
        // A machine that is busy may delay one of them; a difference that is there is there each time.
        for _ in 0..5 {
            let medians = if path.starts_with("/api") {
                medians(&addresses, async |round, name| api(path, round, name).await).await
            } else {
                medians(&addresses, async |round, name| form(path, round, name).await).await
            };
            let (least, most) = (medians.iter().min().expect("four"), medians.iter().max().expect("four"));
            let is_alike = *most < *least + *least / 5 + Duration::from_micros(100);
            told.push(medians);
            if is_alike {
                break;
            }
        }
        assert!(told.len() < 5, "{path}: {told:?}");
    }
}

#[tokio::test]
async fn every_answer_of_readers_pages_keeps_to_itself() {
    let service = Service::new();
    for path in ["/subscribe", "/subscribe/sent", "/link", "/link/sent", "/me/asked", "/me/x", "/c/x", "/c/x/x"] {
        let answer = service.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("script-src"), "{path}: {policy}");
        assert_eq!((answer.header("referrer-policy"), answer.header("set-cookie")), ("no-referrer", ""), "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}
