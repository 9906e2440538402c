//! Operators and editors are told what they must know, also when the relay itself is down.

use crate::support::faulty_relay::{Plan, Relay};
use crate::support::newsroom::{Newsroom, relay, times};
use crate::support::process::wait_until;
use chrono::{DateTime, TimeDelta, Utc};
use std::net::TcpListener;
use std::path::Path;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use week_in_review::config::{Config, EXAMPLE, Environment};
use week_in_review::domain::address::EmailAddress;
use week_in_review::mail::mailer::{Mailer, OpenError};
use week_in_review::mail::memory::MemoryMailer;
use week_in_review::store::Store;
use week_in_review::telling::{Teller, ping};
use week_in_review::templates::single::Sent;

const EDITOR: &str = "editor@harbour.example";

fn now() -> DateTime<Utc> {
    "2026-11-20T17:00:00Z".parse().unwrap()
}

fn raise(store: &Store, at: DateTime<Utc>) {
    store.raise_alarm("relay down", "smtp.example.org:587", "it does not answer; check that it runs", at).unwrap();
}

fn unreachable() -> OpenError {
    OpenError::Unreachable { relay: "smtp.example.org:587".into(), why: "connection refused".into() }
}

/// Everything that telling needs, from the commented example.
struct House {
    config: Config,
    store: Store,
    memory: MemoryMailer,
    mailer: Mailer,
    editors: Vec<EmailAddress>,
    command: Vec<String>,
    webhook: Option<url::Url>,
}

impl House {
    fn new() -> Self {
        let memory = MemoryMailer::new();
        Self {
            config: Config::parse(Path::new("c.toml"), EXAMPLE, &Environment::new()).unwrap(),
            store: Store::in_memory().unwrap(),
            mailer: Mailer::Memory(memory.clone()),
            memory,
            editors: vec![EmailAddress::parse("editor@example.org").unwrap()],
            command: Vec::new(),
            webhook: None,
        }
    }

    fn teller(&self) -> Teller<'_> {
        Teller {
            store: &self.store,
            mailer: &self.mailer,
            signers: &[],
            newsletter: &self.config.newsletters[0],
            operators: &self.config.operators,
            editors: &self.editors,
            webhook: self.webhook.as_ref(),
            command: &self.command,
            host: "news",
            nonce: [7; 8],
        }
    }
}

#[tokio::test]
async fn operators_are_told_by_mail_at_most_hourly() {
    let house = House::new();
    raise(&house.store, now());
    assert_eq!(house.teller().tell_operators(now()).await.unwrap().alarms, 1);
    let sent = house.memory.sent();
    let text = String::from_utf8(sent[0].bytes.clone()).unwrap();
    assert_eq!((sent.len(), sent[0].to.as_str(), sent[0].from.as_deref()), (1, "operators@example.org", None));
    assert!(
        text.contains("Subject: Alarm on news: relay down") && text.contains("Auto-Submitted: auto-generated"),
        "{text}"
    );
    assert!(!text.contains("List-Unsubscribe") && !text.contains("multipart"), "{text}");

    raise(&house.store, now() + TimeDelta::minutes(5));
    assert_eq!(house.teller().tell_operators(now() + TimeDelta::minutes(6)).await.unwrap().alarms, 0);
    assert_eq!(house.teller().tell_operators(now() + TimeDelta::minutes(61)).await.unwrap().alarms, 1);
    assert_eq!(house.memory.sent().len(), 2);
}

#[tokio::test]
async fn what_no_way_took_is_told_again() {
    let house = House::new();
    raise(&house.store, now());
    house.memory.refuse_opening(unreachable());
    let told = house.teller().tell_operators(now()).await.unwrap();
    assert!(told.alarms == 0 && told.failures[0].contains("connection refused"), "{told:?}");
    assert!(!told.failures[0].contains("operators@example.org"), "{told:?}");
    assert_eq!(house.teller().tell_operators(now()).await.unwrap().alarms, 1);
}

#[tokio::test]
async fn a_command_is_told_when_the_relay_itself_is_down() {
    let folder = tempfile::tempdir().unwrap();
    let heard = folder.path().join("heard");
    let mut house = House::new();
    house.command = ["sh", "-c", &format!("cat > {}", heard.display())].map(str::to_owned).to_vec();
    raise(&house.store, now());
    house.memory.refuse_opening(unreachable());
    let told = house.teller().tell_operators(now()).await.unwrap();
    assert!(told.alarms == 1 && told.failures.len() == 1, "{told:?}");
    let said: serde_json::Value = serde_json::from_slice(&std::fs::read(heard).unwrap()).unwrap();
    assert_eq!((&said["host"], &said["alarms"][0]["kind"]), (&"news".into(), &"relay down".into()));
}

#[tokio::test]
async fn a_webhook_is_told_and_its_refusal_is_named() {
    use axum::http::StatusCode;
    let (heard, mut said) = unbounded_channel();
    let hook = axum::Router::new()
        .route("/ok", axum::routing::post(async move |body: String| heard.send(body).unwrap()))
        .route("/no", axum::routing::post(async || StatusCode::FORBIDDEN));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, hook).await });

    let mut house = House::new();
    raise(&house.store, now());
    house.webhook = url::Url::parse(&format!("http://127.0.0.1:{port}/no")).ok();
    house.memory.refuse_opening(unreachable());
    let told = house.teller().tell_operators(now()).await.unwrap();
    assert!(told.alarms == 0 && told.failures[1].contains("webhook: 403"), "{told:?}");

    house.webhook = url::Url::parse(&format!("http://127.0.0.1:{port}/ok")).ok();
    house.memory.refuse_opening(unreachable());
    assert_eq!(house.teller().tell_operators(now()).await.unwrap().alarms, 1);
    let said: serde_json::Value = serde_json::from_str(&said.recv().await.unwrap()).unwrap();
    assert_eq!((&said["host"], &said["alarms"][0]["about"]), (&"news".into(), &"smtp.example.org:587".into()));
}

#[tokio::test]
async fn a_command_that_fails_is_named() {
    let mut house = House::new();
    house.command = vec!["false".into()];
    raise(&house.store, now());
    house.memory.refuse_opening(unreachable());
    let told = house.teller().tell_operators(now()).await.unwrap();
    assert!(told.alarms == 0 && told.failures[1].contains("command \"false\""), "{told:?}");
}

#[tokio::test]
async fn editors_are_told_of_a_week_that_is_carried_over() {
    let house = House::new();
    assert!(house.teller().tell_skipped(now(), 2, Some(now() + TimeDelta::days(7)), now()).await.is_empty());
    let sent = house.memory.sent();
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, "editor@example.org"));
}

#[tokio::test]
async fn editors_are_told_what_became_of_an_issue() {
    let house = House::new();
    let tally =
        week_in_review::domain::delivery::Tally { recipients: 10, accepted: 9, refused: 1, ..Default::default() };
    let refusals = [("550 5.1.1 no such user".to_owned(), 1)];
    let sent = Sent { number: 3, tally, refusals: &refusals, left: 2, next: None, changed: &[] };
    assert!(house.teller().tell_sent(&sent, now()).await.is_empty());
    let mails = house.memory.sent();
    assert_eq!(mails[0].to.as_str(), "editor@example.org");
    let text = String::from_utf8(mails[0].bytes.clone()).unwrap();
    assert!(text.contains("No. 3: 9 of 10 accepted") && text.contains("1 x 550 5.1.1 no such user"), "{text}");
}

/// A service that watches over the newsletter, at `/ping` on a port of its own, and what it hears.
async fn watching_service() -> (u16, UnboundedReceiver<()>) {
    let (heard, asked) = unbounded_channel();
    let watcher = axum::Router::new().route("/ping", axum::routing::get(async move || heard.send(()).unwrap()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, watcher).await });
    (port, asked)
}

#[tokio::test]
async fn a_watching_service_hears_of_an_issue_and_its_silence_is_no_failure_of_ours() {
    let (port, mut asked) = watching_service().await;
    let url = |path: &str| url::Url::parse(&format!("http://127.0.0.1:{port}{path}")).unwrap();
    ping(&url("/ping")).await.unwrap();
    asked.recv().await.unwrap();
    assert!(ping(&url("/other")).await.unwrap_err().contains("404"));
}

/// A newsroom with one editor and a due issue for two readers.
fn with_an_editor(port: u16, further: &str) -> Newsroom {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.mail = relay(port) + further);
    newsroom.make_due(5);
    let file = newsroom.path("config/week-in-review.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("editors = [\"{EDITOR}\"]\n{text}")).unwrap();
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    newsroom.subscribe(2);
    newsroom
}

fn to_the_editor(sink: &Relay) -> usize {
    times(&sink.received()).get(EDITOR).copied().unwrap_or_default()
}

#[test]
fn editors_hear_of_an_issue_although_the_program_died_before_they_were_told() {
    let sink = Plan::default().hang_on(EDITOR).start();
    let newsroom = with_an_editor(sink.port, "");
    let sending = newsroom.start(&["send", "--yes"]);
    wait_until(|| (sink.named() > 0).then_some(())).expect("the issue is through, its editor is about to be told");
    sending.kill();
    sink.release();
    assert_eq!((newsroom.issue(1)["state"].as_str(), to_the_editor(&sink)), (Some("done"), 0));

    let service = newsroom.serve();
    service.wait_until("tells the editor", || (to_the_editor(&sink) == 1).then_some(()));
    service.signal("TERM");
    assert_eq!(service.wait_for_end(), 0, "{}", service.log());
    let again = newsroom.serve();
    again.signal("TERM");
    assert_eq!((again.wait_for_end(), to_the_editor(&sink)), (0, 1), "once");
}

#[test]
fn editors_whom_no_mail_reached_are_told_later() {
    let sink = Plan::default().refuse(EDITOR, "451 4.3.0 later", 1).start();
    let watching = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    watching.set_nonblocking(true).expect("it is ours");
    let port = watching.local_addr().expect("it is bound").port();
    let newsroom = with_an_editor(sink.port, &format!("\n[alarms]\nping = \"http://127.0.0.1:{port}/ping\""));
    newsroom.send();
    let alarms = newsroom.store().alarms().unwrap();
    assert!(alarms.iter().any(|alarm| alarm.kind == "editors not told"), "{alarms:?}");
    assert_eq!(to_the_editor(&sink), 0);
    assert!(watching.accept().is_err(), "whoever watches is not told that all went well");

    let service = newsroom.serve();
    service.wait_until("tells the editor", || (to_the_editor(&sink) == 1).then_some(()));
    let over = || newsroom.store().alarms().unwrap().iter().all(|alarm| alarm.kind != "editors not told");
    service.wait_until("takes the alarm back", || over().then_some(()));
    service.wait_until("tells who watches", || watching.accept().is_ok().then_some(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_watches_is_told_of_no_issue_that_reached_nobody_until_it_has() {
    let blocked = "554 5.7.1 message blocked because of the reputation of your network";
    let readers = ["reader0001@reader.example", "reader0002@reader.example"];
    let sink = readers.iter().fold(Plan::default(), |plan, reader| plan.refuse(reader, blocked, 1)).start();
    let (port, mut asked) = watching_service().await;
    let newsroom = with_an_editor(sink.port, &format!("\n[alarms]\nping = \"http://127.0.0.1:{port}/ping\""));
    assert_eq!(newsroom.send()["refused"], 2);
    assert_eq!(to_the_editor(&sink), 1, "the editors hear how it went");
    assert!(asked.try_recv().is_err(), "and whoever watches is not told that all went well");

    newsroom.done(&["issues", "resend", "1", "--refused", "--yes"]);
    assert_eq!(newsroom.send()["accepted"], 2);
    asked.try_recv().expect("the cause was mended");
    assert_eq!(to_the_editor(&sink), 1, "once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issue_that_the_command_line_sends_is_told_to_the_editors_and_the_watching_service() {
    let (port, mut asked) = watching_service().await;
    let mut newsroom = Newsroom::new();
    newsroom.make_due(5);
    newsroom.set(|settings| settings.mail += &format!("\n[alarms]\nping = \"http://127.0.0.1:{port}/ping\""));
    let file = newsroom.path("config/week-in-review.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("editors = [\"editor@harbour.example\"]\n{text}")).unwrap();
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    newsroom.subscribe(2);
    newsroom.send();
    asked.recv().await.unwrap();
    newsroom.send();
    let mails: Vec<String> = newsroom.outbox().iter().map(|mail| String::from_utf8_lossy(mail).into_owned()).collect();
    let told: Vec<_> = mails.iter().filter(|mail| mail.contains("editor@harbour.example")).collect();
    assert_eq!((mails.len(), told.len()), (3, 1), "told once");
    assert!(told[0].contains("2 of 2 accepted"), "{}", told[0]);
}
