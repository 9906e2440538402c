//! What the tests of the desk share: a newsroom whose pages lie behind https and under a path, two editors, and a clock that is set.

use crate::support::newsroom::{Newsroom, now};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use std::sync::Arc;
use tower::ServiceExt;
use url::Url;
use week_in_review::app::App;
use week_in_review::clock::Clock;
use week_in_review::desk::{self, Desk};
use week_in_review::domain::address::EmailAddress;
use week_in_review::domain::editor::{Password, Secret};
use week_in_review::domain::text::Line;
use week_in_review::editors;
use week_in_review::entropy::Entropy;
use week_in_review::publish::edition::{When, coming, compose_for};
use week_in_review::web::{Peer, Site, WebState, router_with};

pub const MONA: &str = "mona@harbour.example";
pub const PASSWORD: &str = "four quiet harbours";
const BASE: &str = "https://news.harbour.example/newsletter";

pub struct Room {
    pub newsroom: Newsroom,
    pub clock: Clock,
    pub app: Arc<App>,
    router: Router,
}

/// What the desk answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("our own headers"))
    }

    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let (_, rest) = self.body.split_once(&mark).unwrap_or_else(|| panic!("no field {name}: {}", self.body));
        rest.split('"').next().unwrap_or_default().replace("&amp;", "&")
    }

    pub fn cookie_lines(&self) -> Vec<String> {
        let lines = self.headers.get_all("set-cookie").iter();
        lines.map(|line| line.to_str().expect("our own headers").to_owned()).collect()
    }

    /// All cookies that it sets, as a browser sends them back.
    pub fn cookies(&self) -> String {
        let pairs = self.cookie_lines();
        let pairs: Vec<&str> = pairs.iter().filter_map(|line| line.split(';').next()).collect();
        pairs.iter().filter(|pair| !pair.ends_with('=')).copied().collect::<Vec<_>>().join("; ")
    }

    /// The cookie of the session that it begins.
    pub fn session(&self) -> String {
        self.cookies().split("; ").find(|pair| pair.starts_with("__Host-desk=")).expect("a session").to_owned()
    }

    /// The page without what differs from one visitor to the next.
    pub fn without_tokens(&self) -> String {
        let mut pieces = self.body.split("name=\"form\" value=\"");
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |page, piece| page + piece.split_once('"').map_or("", |(_, rest)| rest))
    }
}

impl Room {
    /// Three stories, two readers, two editors, and no issue yet.
    pub fn new() -> Self {
        Self::with(Newsroom::new())
    }

    /// The same in a newsroom that was set up before.
    pub fn with(newsroom: Newsroom) -> Self {
        newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
        newsroom.subscribe(2);
        let mut config = newsroom.config();
        config.web.base_url = BASE.into();
        config.mail.via = week_in_review::config::Via::Outbox(newsroom.path("outbox"));
        for newsletter in &mut config.newsletters {
            newsletter.brand.web_base = BASE.into();
        }
        let clock = Clock::at(now());
        let app = Arc::new(App::open(config, clock.clone(), Entropy::System).expect("opens"));
        let site = Site {
            newsletters: app.config.newsletters.clone(),
            keyring: app.keyring.as_ref().clone(),
            trusted_proxies: Vec::new(),
            rules: app.config.subscribe.clone(),
            hooks: week_in_review::feedback::hooks::Hooks::default(),
            returns: None,
        };
        let (time, current) = (clock.clone(), Arc::clone(&app));
        let base = Url::parse(BASE).expect("an address");
        let web = WebState::new(Arc::clone(&app.store), site, &base, move || time.now(), Entropy::System);
        let router = router_with(web, desk::router(Desk::new(move || Arc::clone(&current), || {})));
        let room = Self { newsroom, clock, app, router };
        room.joined(MONA, "Mona");
        room.joined("otto@harbour.example", "Otto");
        room
    }

    fn secret(&self, address: &str, name: &str) -> Secret {
        let (secret, address) =
            (Secret::new(self.app.entropy.bytes()), EmailAddress::parse(address).expect("an address"));
        editors::invite(&self.app.store, &address, &Line::clean(name), &secret, self.clock.now()).expect("invites");
        secret
    }

    fn joined(&self, address: &str, name: &str) {
        let secret = self.secret(address, name);
        let password = Password::typed(PASSWORD);
        editors::join(&self.app.store, &secret, &password, [1; 16], self.clock.now()).expect("joins");
    }

    /// Invites somebody; the place of their link.
    pub fn invite(&self, address: &str, name: &str) -> String {
        format!("/desk/join/{}", self.secret(address, name).text())
    }

    pub async fn send(&self, method: &str, place: &str, cookies: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/newsletter{place}"))
            .header("host", "news.harbour.example")
            .header("content-type", "application/x-www-form-urlencoded")
            .extension(Peer("203.0.113.77:4321".parse().expect("an address")));
        if !cookies.is_empty() {
            request = request.header("cookie", cookies);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("a router answers");
        let (head, body) = response.into_parts();
        let body = to_bytes(body, 1 << 22).await.expect("a body");
        Answer { status: head.status, headers: head.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    pub async fn get(&self, place: &str, cookies: &str) -> Answer {
        self.send("GET", place, cookies, &[], "").await
    }

    pub async fn post(&self, place: &str, cookies: &str, body: &str) -> Answer {
        self.send("POST", place, cookies, &[], body).await
    }

    /// Signs in at a door; the answer, and the session if there is one.
    pub async fn sign_in_at(&self, door: &str, address: &str, password: &str) -> (Answer, Option<String>) {
        let page = self.get(door, "").await;
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("form", &page.hidden("form"))
            .append_pair("next", &page.hidden("next"))
            .append_pair("address", address)
            .append_pair("password", password)
            .finish();
        let answer = self.post("/desk/sign-in", &page.cookies(), &body).await;
        let session = answer.status.is_redirection().then(|| answer.session());
        (answer, session)
    }

    /// A session of Mona's.
    pub async fn mona(&self) -> String {
        self.sign_in_at("/desk/sign-in", MONA, PASSWORD).await.1.expect("signs in")
    }

    /// A session of Otto's.
    pub async fn otto(&self) -> String {
        self.sign_in_at("/desk/sign-in", "otto@harbour.example", PASSWORD).await.1.expect("signs in")
    }

    /// The token of a session's forms.
    pub async fn token(&self, session: &str) -> String {
        self.get("/desk/account", session).await.hidden("form")
    }

    /// Composes the coming issue now, as at its cut-off; it is due later.
    pub fn compose(&self) {
        let (app, newsletter) = (&self.app, &self.app.config.newsletters[0]);
        let (id, now) = (app.newsletter_id(newsletter).expect("the database answers"), self.clock.now());
        let date = coming(&app.store, newsletter, id, now).expect("the database answers").expect("a date to come");
        compose_for(&app.store, newsletter, id, app.desk(), date, When::Due, now).expect("three stories are enough");
    }

    /// Where the first issue stands.
    pub fn state_of_issue(&self) -> &'static str {
        let id = self.app.newsletter_id(&self.app.config.newsletters[0]).expect("the database answers");
        let row = self.app.store.issue_by_number(id, 1).expect("the database answers");
        row.expect("it is composed").state.as_str()
    }

    /// What must not change by itself: the issues, the audit, the editors, and the mail that went out.
    pub fn state(&self) -> String {
        let issues = self.app.store.issues(None, 100).expect("the database answers");
        let deeds: Vec<_> = self.app.store.deeds(100).expect("the database answers");
        let editors = self.app.store.editors().expect("the database answers");
        format!("{issues:?} {deeds:?} {editors:?} {}", self.newsroom.outbox().len())
    }
}
