//! What the tests of the pages share: a newsletter, a published issue, readers, and a service that is asked without a socket.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tower::ServiceExt;
use url::Url;
use week_in_review::domain::address::EmailAddress;
use week_in_review::domain::article::ArticleId;
use week_in_review::domain::consent::Evidence;
use week_in_review::domain::issue::{Choice, Issue, IssueState, Story};
use week_in_review::domain::network::Network;
use week_in_review::domain::newsletter::{Brand, Look, Newsletter, Policy, Publication, Section, Sender};
use week_in_review::domain::question::Question;
use week_in_review::domain::schedule::{Occurrence, Schedule};
use week_in_review::domain::signup::Rules;
use week_in_review::domain::subscriber::Format;
use week_in_review::domain::subscriber::{Status, Subscriber};
use week_in_review::domain::tag::{Slug, Tag};
use week_in_review::domain::text::{Language, Line};
use week_in_review::domain::token::{Claim, Key, Keyring, Purpose, SuppressionKey};
use week_in_review::domain::window::Window;
use week_in_review::entropy::Entropy;
use week_in_review::store::Store;
use week_in_review::store::issues::NewIssue;
use week_in_review::store::recipients::Wish;
use week_in_review::subscribe::{Asking, add_confirmed};
use week_in_review::web::{Peer, Site, WebState, router};

pub fn now() -> DateTime<Utc> {
    "2026-11-20T18:00:00Z".parse().expect("as the test set it up")
}

pub fn slug(text: &str) -> Slug {
    Slug::parse(text).expect("as the test set it up")
}

fn section(name: &str) -> Section {
    Section {
        slug: slug(name),
        title: Line::clean(name),
        tags: Tag::parse(name).into_iter().collect(),
        sources: Vec::new(),
        language: None,
        rest: false,
        cap: 4,
        minimum: 0,
        look: Look::Rail,
        intro: Line::default(),
    }
}

pub fn newsletter(name: &str, web_base: &str) -> Newsletter {
    let url = |text: &str| Url::parse(text).expect("as the test set it up");
    Newsletter {
        slug: slug(name),
        title: Line::clean(&format!("The {name} letter")),
        publication: Publication {
            name: Line::clean("The Paper"),
            url: url("https://paper.example/"),
            postal_address: Line::clean("1 Street, Town"),
            privacy_url: url("https://paper.example/privacy"),
            contact: "editors@paper.example".into(),
        },
        schedule: Schedule::parse("0 17 * * FRI").expect("as the test set it up"),
        zone: Tz::Europe__London,
        language: Language::english(),
        cutoff_minutes: 60,
        tags: Vec::new(),
        sections: vec![section("nuclear"), section("lobbying")],
        minimum: 1,
        max_age_days: 14,
        max_lateness_hours: 6,
        first_number: 1,
        test_addresses: Vec::new(),
        sender: Sender {
            from_name: Line::clean("The Paper"),
            from_address: "week@paper.example".into(),
            reply_to: None,
            list_id: "week.paper.example".into(),
            bounce_address: None,
            returns: None,
        },
        brand: Brand {
            accent: "#9b1b22".into(),
            accent_dark: "#ff9d92".into(),
            tagline: Line::default(),
            header: week_in_review::domain::prose::Prose::default(),
            footer: week_in_review::domain::prose::Prose::default(),
            pictures: true,
            embed_pictures: false,
            livery: week_in_review::domain::livery::Livery::default(),
            web_base: web_base.into(),
        },
        events: 0,
        archive: week_in_review::domain::archive::Archive::Public,
        subject: "{lead}".into(),
        policy: Policy::default(),
    }
}

fn story(id: i64, tag: &str) -> Story {
    Story {
        article: ArticleId(id),
        title: Line::clean(&format!("Story {id} <script>alert(1)</script>")),
        url: Url::parse(&format!("https://paper.example/{id}")).ok(),
        summary: Line::clean("What happened & why."),
        authors: if id % 10 == 0 { vec![Line::clean("Ada Quill")] } else { Vec::new() },
        source: Line::clean("News"),
        column: (id % 10 == 0).then(|| Line::clean("The Long View")),
        tags: Tag::parse(tag).into_iter().collect(),
        language: Language::english(),
        minutes: None,
        published_at: None,
        picture: None,
        also_at: Vec::new(),
        summary_from_lead: false,
        paywalled: false,
        sponsored: false,
        source_id: None,
        pinned: false,
        carried: false,
        home: None,
    }
}

/// What the service answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("as the test set it up"))
    }
}

/// A service with two newsletters, and a database in a folder that ends with it.
pub struct Service {
    pub store: Arc<Store>,
    pub state: WebState,
    pub base: String,
    pub keyring: Keyring,
    url: Url,
    later: Arc<AtomicI64>,
    _folder: tempfile::TempDir,
}

impl Service {
    pub fn new() -> Self {
        Self::at("https://news.paper.example")
    }

    pub fn at(base_url: &str) -> Self {
        let folder = tempfile::tempdir().expect("as the test set it up");
        let store = Arc::new(Store::open(&folder.path().join("subscribers.db")).expect("as the test set it up"));
        let keyring = Keyring::new(vec![Key { id: 1, secret: [1; 32], retired: false }], SuppressionKey([9; 32]))
            .expect("as the test set it up");
        let newsletters = vec![newsletter("week", base_url), newsletter("events-weekly", base_url)];
        for newsletter in &newsletters {
            store.newsletter_id(&newsletter.slug, now() - TimeDelta::days(30)).expect("as the test set it up");
        }
        let site = Site {
            newsletters,
            keyring: keyring.clone(),
            trusted_proxies: vec![Network::parse("10.0.0.0/8").expect("as the test set it up")],
            rules: Rules::default(),
            hooks: week_in_review::feedback::hooks::Hooks::default(),
            returns: None,
        };
        let url = Url::parse(base_url).expect("as the test set it up");
        let base = url.path().trim_end_matches('/').to_owned();
        let later = Arc::default();
        let state = state(&store, site, &url, &later);
        Self { store, state, base, keyring, url, later, _folder: folder }
    }

    /// Time passes.
    pub fn wait(&self, time: TimeDelta) {
        self.later.fetch_add(time.num_milliseconds(), Ordering::Relaxed);
    }

    /// The process ends, and another begins with the same database.
    pub fn restart(&mut self) {
        self.store = Arc::new(Store::open(&self.database()).expect("as it was left"));
        self.state = state(&self.store, Site::clone(&self.state.site()), &self.url, &self.later);
    }

    pub fn database(&self) -> PathBuf {
        self.store.path().expect("as the test set it up").to_owned()
    }

    /// Somebody who gets both newsletters.
    pub fn reader(&self, address: &str) -> Subscriber {
        let asking = Asking {
            address: EmailAddress::parse(address).expect("as the test set it up"),
            name: Line::default(),
            language: None,
            newsletters: vec![slug("week"), slug("events-weekly")],
            choice: Choice::Everything,
        };
        let public_id: [u8; 8] = public_id(address);
        let evidence = Evidence::new(now() - TimeDelta::days(1), "test").with("proof", "card");
        add_confirmed(&self.store, &self.keyring, &asking, false, public_id, &evidence).expect("as the test set it up");
        self.find(address)
    }

    pub fn find(&self, address: &str) -> Subscriber {
        let address = EmailAddress::parse(address).expect("as the test set it up");
        self.store
            .read_people(|people| people.by_address(&address))
            .expect("as the test set it up")
            .expect("as the test set it up")
    }

    /// The statuses of somebody's subscriptions, by newsletter.
    pub fn status(&self, address: &str, newsletter: &str) -> Status {
        let found = self.find(address);
        found.subscriptions.iter().find(|one| one.newsletter == slug(newsletter)).expect("as the test set it up").status
    }

    /// A link of the first newsletter, without its host.
    pub fn link(&self, of: &Subscriber, purpose: Purpose) -> String {
        self.link_about(of, purpose, 1)
    }

    pub fn link_about(&self, of: &Subscriber, purpose: Purpose, newsletter: u16) -> String {
        let token = self.keyring.url_token(Claim { purpose, newsletter, public_id: of.public_id, epoch: of.epoch });
        let page = if purpose == Purpose::Preferences { "p" } else { "u" };
        format!("{}/{page}/{token}", self.base)
    }

    /// What a person sends who reads the page behind a link a minute after it was shown: its token and the number that it asks for.
    pub fn answer(&self, link: &str) -> String {
        self.answer_at(link, now() - TimeDelta::minutes(1))
    }

    /// The same for a page that was shown at another instant.
    pub fn answer_at(&self, link: &str, shown_at: DateTime<Utc>) -> String {
        let (token, question) = self.question(link, shown_at);
        format!("token={token}&press={0}&number={0}", question.number())
    }

    /// The token and the question of the page behind a link.
    pub fn question(&self, link: &str, shown_at: DateTime<Utc>) -> (String, Question) {
        let token = self.keyring.form_token(shown_at.timestamp_millis(), [7; 4]);
        let signed = link.split('/').find(|part| part.len() == 40).expect("a link with a token");
        let question = Question::of(&self.keyring, &token, signed);
        (token, question)
    }

    /// Answers the page behind a link as a person does, with whatever else the form has.
    pub async fn press(&self, link: &str, more: &str) -> Answer {
        self.post(link, &format!("{}&{more}", self.answer(link))).await
    }

    /// Every row about people, as text: two looks at it are equal when nothing changed.
    pub fn people(&self) -> String {
        let connection = rusqlite::Connection::open(self.database()).expect("as the test set it up");
        let mut out = String::new();
        for table in ["subscriber", "subscription", "consent", "suppression", "suppression_log"] {
            let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).expect("as the test set it up");
            let columns = statement.column_count();
            let mut rows = statement.query([]).expect("as the test set it up");
            while let Some(row) = rows.next().expect("as the test set it up") {
                let cells: Vec<rusqlite::types::Value> =
                    (0..columns).map(|at| row.get(at).expect("as the test set it up")).collect();
                writeln!(out, "{table} {cells:?}").expect("memory");
            }
        }
        out
    }

    /// An issue of the first newsletter that was frozen, or only composed.
    pub fn issue(&self, number: u32, frozen: bool) {
        let due = now() - TimeDelta::weeks(10 - i64::from(number));
        let newsletter = newsletter("week", "https://news.paper.example");
        let occurrence = Occurrence::new(due.naive_utc(), newsletter.zone, due);
        let window = Window::new(due - TimeDelta::weeks(1), due).expect("as the test set it up");
        let first = i64::from(number) * 10;
        for id in [first, first + 1] {
            self.article(id, due);
        }
        let issue = Issue {
            subject: Line::clean(&format!("Subject {number}")),
            stories: vec![story(first, "nuclear"), story(first + 1, "lobbying")],
            ..Issue::empty(newsletter, number, occurrence, window)
        };
        let new = NewIssue {
            newsletter: 1,
            occurrence,
            window,
            state: IssueState::Approved,
            reason: None,
            content: Some(&issue),
        };
        let id = self.store.insert_issue(&new, due).expect("as the test set it up").expect("as the test set it up");
        if frozen {
            let wish = Wish {
                choice: Choice::Everything,
                choice_key: String::new(),
                language: Language::english(),
                format: Format::Html,
                readers: 0,
            };
            self.store
                .freeze_issue(id, &[], &[(wish, None)], &Language::english(), due)
                .expect("as the test set it up")
                .expect("as the test set it up");
        }
    }

    fn article(&self, id: i64, at: DateTime<Utc>) {
        let connection = rusqlite::Connection::open(self.database()).expect("as the test set it up");
        let at = at.timestamp_millis();
        connection
            .execute("INSERT INTO article (id, eligible_at, first_seen_at) VALUES (?1, ?2, ?2)", [id, at])
            .expect("as the test set it up");
    }

    pub fn picture(&self, sha256: &str, bytes: &[u8]) {
        let connection = rusqlite::Connection::open(self.database()).expect("as the test set it up");
        connection
            .execute(
                "INSERT INTO picture (sha256, media_type, width, height, bytes, fetched_at) VALUES (?1, 'image/png', 1, 1, ?2, 0)",
                rusqlite::params![sha256, bytes],
            )
            .expect("as the test set it up");
    }

    /// Gives a story of an issue a picture, before the issue is indexed.
    pub fn illustrate(&self, number: u32, story: usize, sha256: &str) {
        let connection = rusqlite::Connection::open(self.database()).expect("as the test set it up");
        let picture = format!(
            r#"{{"sha256":"{sha256}","media_type":"image/png","width":640,"height":360,"alt":"A ship","credit":null}}"#
        );
        let sql = format!(
            "UPDATE revision SET model = json_set(model, '$.stories[{story}].picture', json(?1))
             WHERE issue = (SELECT id FROM issue WHERE number = ?2)"
        );
        connection.execute(&sql, rusqlite::params![picture, number]).expect("as the test set it up");
    }

    /// Has an issue say something else, before it is indexed; `what` is the place in its model.
    pub fn retell(&self, number: u32, what: &str, words: &str) {
        let connection = rusqlite::Connection::open(self.database()).expect("as the test set it up");
        let sql = format!(
            "UPDATE revision SET model = json_set(model, '$.{what}', ?1)
             WHERE issue = (SELECT id FROM issue WHERE number = ?2)"
        );
        connection.execute(&sql, rusqlite::params![words, number]).expect("as the test set it up");
    }

    pub async fn ask(&self, request: Request<Body>) -> Answer {
        let response = router(self.state.clone()).oneshot(request).await.expect("as the test set it up");
        let (head, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.expect("as the test set it up");
        Answer { status: head.status, headers: head.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    /// The same as if it came over the network from an address.
    pub async fn from(&self, peer: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = request(method, path, headers, body);
        let peer = SocketAddr::new(peer.parse().expect("an address"), 40_000);
        request.extensions_mut().insert(Peer(peer));
        self.ask(request).await
    }

    /// Takes the tables of people away under the running service.
    pub fn break_database(&self) {
        let connection = rusqlite::Connection::open(self.database()).expect("as the test set it up");
        let sql = "PRAGMA foreign_keys = OFF; DROP TABLE subscription; DROP TABLE subscriber; DROP TABLE alarm;";
        connection.execute_batch(sql).expect("as the test set it up");
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub async fn post(&self, path: &str, body: &str) -> Answer {
        self.send("POST", path, &[("content-type", "application/x-www-form-urlencoded")], body).await
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.ask(request(method, path, headers, body)).await
    }
}

fn state(store: &Store, site: Site, url: &Url, later: &Arc<AtomicI64>) -> WebState {
    let (store, later) = (Arc::new(store.another().expect("as the test set it up")), Arc::clone(later));
    let clock = move || now() + TimeDelta::milliseconds(later.load(Ordering::Relaxed));
    WebState::new(store, site, url, clock, Entropy::seeded(1))
}

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).expect("as the test wrote it")
}

/// Eight bytes that stand for an address.
fn public_id(address: &str) -> [u8; 8] {
    use sha2::{Digest, Sha256};
    Sha256::digest(address.as_bytes())[..8].try_into().expect("as the test set it up")
}
