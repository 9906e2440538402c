//! The service as it runs on a server: sends by itself at its minute, stops in the middle and goes on, takes a new configuration or keeps the old
//! one, and lets other commands work beside it.

use crate::support::faulty_relay::{Phase, Plan};
use crate::support::newsroom::{BINARY, Newsroom, assert_once, daily, eventually, now, relay, week};
use crate::support::process::{open_folder, run};
use crate::support::small_disk::SmallDisk;
use crate::support::unit::{SERVICE_USER, Service};
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const STORIES: [&str; 3] = ["Harbour fees rise", "A new ferry", "Salt prices"];

/// The next full minute that leaves the service some seconds to start.
fn coming_minute() -> DateTime<Utc> {
    let at = now() + TimeDelta::seconds(65);
    at.with_second(0).and_then(|at| at.with_nanosecond(0)).expect("every minute has a first second")
}

#[test]
fn under_the_unit_the_service_sends_at_its_minute_by_itself_and_once() {
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    let due = coming_minute();
    newsroom.set(|settings| {
        settings.mail = relay(sink.port);
        settings.schedule = daily(due);
    });
    // Known for an hour, so that its date of today counts. No command may run before the service: it is the installation that mails.
    newsroom.store().newsletter_id(&week(), now() - TimeDelta::hours(1)).expect("the database answers");
    newsroom.write_stories(&STORIES);
    let readers = newsroom.subscribe(5);
    let config = open_folder();
    let file = "week-in-review.toml";
    fs::copy(newsroom.path("config").join(file), config.path().join(file)).expect("our own folders");
    crate::support::process::set_mode(&config.path().join(file), 0o644);
    let state = newsroom.path("");
    run(Command::new("chown").arg("-R").arg(SERVICE_USER.to_string()).arg(&state));
    let start = || Service::start(Path::new(BINARY), &[], &state, config.path());

    let service = start();
    service.process.wait_for_port(newsroom.settings.port);
    eventually("the issue goes out by itself", Duration::from_secs(100), || {
        let ended = service.process.log().contains("recipients=5 accepted=5");
        ended.then_some(())
    });
    assert!(now() >= due, "not before its time");
    service.process.signal("TERM");
    assert_eq!(service.process.wait_for_end(), 0, "{}", service.process.log());

    let again = start();
    again.process.wait_for_port(newsroom.settings.port);
    again.process.wait_until("has looked at what is due", || again.process.log().contains("collected").then_some(()));
    again.process.signal("TERM");
    assert_eq!(again.process.wait_for_end(), 0, "{}", again.process.log());
    assert_once(&sink.received(), &readers);
}

#[test]
fn a_stop_in_the_middle_finishes_what_the_relay_has_in_hand_and_the_next_start_the_rest() {
    let sink = Plan::default().hang_at(Phase::Message).start();
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.mail = relay(sink.port));
    newsroom.make_due(5);
    newsroom.bring(&STORIES);
    let readers = newsroom.subscribe(60);

    let service = newsroom.serve();
    sink.wait_until_hanging();
    service.signal("TERM");
    service.wait_until("hears the signal", || service.log().contains("stopping").then_some(()));
    sink.release();
    assert_eq!(service.wait_for_end(), 0, "{}", service.log());
    let taken = sink.count() as u64;
    assert!((1..60).contains(&taken), "in the middle: {taken}");
    let deliveries = &newsroom.issue(1)["deliveries"];
    assert_eq!((deliveries["accepted"].as_u64(), deliveries["in_doubt"].as_u64()), (Some(taken), Some(0)));

    let service = newsroom.serve();
    service.wait_until("finishes the issue", || service.log().contains("accepted=60").then_some(()));
    service.signal("TERM");
    assert_eq!(service.wait_for_end(), 0, "{}", service.log());
    assert_once(&sink.received(), &readers);
    assert_eq!(newsroom.issue(1)["state"], "done");
}

#[test]
fn stops_at_any_moment_and_restarts_lose_and_repeat_nobody() {
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.mail = relay(sink.port) + "\nper_second = 60");
    newsroom.make_due(5);
    newsroom.bring(&STORIES);
    let readers = newsroom.subscribe(120);
    for share in [20, 60, 90] {
        let service = newsroom.serve();
        sink.wait_for(share);
        service.signal("TERM");
        assert_eq!(service.wait_for_end(), 0, "{}", service.log());
        assert!(sink.count() < readers.len(), "in the middle");
    }
    let report = newsroom.send();
    assert_eq!((&report["state"], &report["accepted"]), (&"done".into(), &120.into()), "{report}");
    assert_once(&sink.received(), &readers);
}

#[test]
fn a_new_configuration_is_taken_as_a_whole_or_not_at_all() {
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.mail = relay(sink.port));
    newsroom.store().newsletter_id(&week(), now() - TimeDelta::days(1)).expect("the database answers");
    newsroom.bring(&STORIES);
    let readers = newsroom.subscribe(4);
    let service = newsroom.serve();
    let good = newsroom.settings.clone();

    newsroom.set(|settings| {
        settings.schedule = daily(now() - TimeDelta::minutes(5));
        settings.newsletter = "cut_of = \"30m\"".to_owned();
    });
    service.signal("HUP");
    service.wait_until("says why it keeps the old one", || {
        let log = service.log();
        (log.contains("the configuration stays as it was") && log.contains("cut_of") && log.contains("cut_off"))
            .then_some(())
    });
    assert_eq!(sink.count(), 0, "no part of it was taken: its schedule would have sent at once");

    newsroom.settings = good;
    newsroom.make_due(5);
    service.signal("HUP");
    service.wait_until("takes the new one", || service.log().contains("took the new configuration").then_some(()));
    sink.wait_for(4);
    service.wait_until("delivers", || service.log().contains("accepted=4").then_some(()));
    assert_once(&sink.received(), &readers);
}

/// Whether a site may show the form in a frame, have it filled in for its visitors, and use the API.
async fn welcomes(base: &str, site: &str) -> [bool; 3] {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let from = |request: reqwest::RequestBuilder| request.header("origin", site).header("sec-fetch-site", "cross-site");
    let frame = from(client.get(format!("{base}/subscribe/embed"))).send().await.expect("an answer");
    let policy = frame.headers()["content-security-policy"].to_str().expect("a header").to_owned();
    let form = client.post(format!("{base}/subscribe")).header("content-type", "application/x-www-form-urlencoded");
    let page = from(form).body("address=jo@reader.example").send().await.expect("an answer");
    let page = page.text().await.expect("a page");
    let api = from(client.post(format!("{base}/api/v1/subscriptions"))).body("{}").send().await.expect("an answer");
    [policy.contains(site), page.contains("value=\"jo@reader.example\""), api.status() != 403]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sites_that_may_carry_the_form_change_with_the_configuration() {
    let mut newsroom = Newsroom::new();
    let only = |newsroom: &mut Newsroom, site: &str| {
        newsroom.set(|settings| settings.mail = format!("via = \"outbox\"\n\n[subscribe]\nsites = [\"{site}\"]"));
    };
    let [one, two] = ["https://one.example", "https://two.example"];
    only(&mut newsroom, one);
    let service = newsroom.serve();
    let base = format!("http://127.0.0.1:{}", newsroom.settings.port);
    assert_eq!((welcomes(&base, one).await, welcomes(&base, two).await), ([true; 3], [false; 3]));
    only(&mut newsroom, two);
    service.signal("HUP");
    service.wait_until("takes the new one", || service.log().contains("took the new configuration").then_some(()));
    assert_eq!((welcomes(&base, one).await, welcomes(&base, two).await), ([false; 3], [true; 3]), "without a restart");
}

#[test]
fn send_beside_the_service_leaves_the_delivery_to_it_and_shows_how_it_goes() {
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.mail = relay(sink.port));
    newsroom.store().newsletter_id(&week(), now() - TimeDelta::days(1)).expect("the database answers");
    newsroom.bring(&STORIES);
    let readers = newsroom.subscribe(40);
    let service = newsroom.serve();
    // The service still has the configuration in which nothing is due; the command reads the new one.
    newsroom.make_due(5);

    let output = newsroom.call(&["send", "--yes", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&output.out).unwrap_or_else(|_| panic!("{output:?}"));
    assert!(output.err.contains("Another process delivers"), "{output:?}");
    assert_eq!((&report["state"], &report["accepted"]), (&"done".into(), &40.into()), "{report}");
    assert!(service.log().contains("accepted=40"), "it was the service that delivered: {}", service.log());
    assert_once(&sink.received(), &readers);
}

#[test]
fn send_goes_on_itself_where_the_service_ends_in_the_middle() {
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.mail = relay(sink.port) + "\nper_second = 20");
    newsroom.store().newsletter_id(&week(), now() - TimeDelta::days(1)).expect("the database answers");
    newsroom.bring(&STORIES);
    let readers = newsroom.subscribe(60);
    let service = newsroom.serve();
    newsroom.make_due(5);

    let sending = newsroom.begin(&["send", "--yes"]);
    sink.wait_for(5);
    service.signal("KILL");
    assert_eq!(sending.wait_for_end(), 0, "{}", sending.log());
    let said = sending.log();
    assert!(said.contains("Another process delivers") && said.contains("has ended; this one goes on"), "{said}");
    let received = sink.received();
    let lost: Vec<_> =
        readers.iter().filter(|reader| !received.iter().any(|mail| mail.recipients.contains(reader))).collect();
    assert!(lost.is_empty(), "{lost:?}\n{said}");
}

#[test]
fn a_source_that_never_answers_does_not_keep_the_service_from_ending() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let url = format!("http://{}/feed.xml", silent.local_addr().expect("it is bound"));
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| {
        let feed = format!(
            "[[sources]]\nid = \"silent\"\nname = \"Silent\"\nkind = \"feed\"\nurl = \"{url}\"\nallow_private = true\n"
        );
        settings.sources = format!("{}{feed}[collect]\ntimeout = \"10m\"\n", settings.sources);
    });
    let service = newsroom.begin(&["run"]);
    let (_asked, _) = silent.accept().expect("the service asks it");
    service.signal("TERM");
    assert_eq!(service.wait_for_end(), 0, "{}", service.log());
}

#[test]
fn a_second_service_on_the_same_port_says_so_and_ends() {
    let newsroom = Newsroom::new();
    let _service = newsroom.serve();
    let said = newsroom.fails(1, &["run"]);
    assert!(said.contains("web.listen") && said.contains("is another one running?"), "{said}");
}

#[test]
fn who_is_added_without_proof_is_asked_by_mail_once_the_service_runs() {
    let newsroom = Newsroom::new();
    let said = newsroom.done(&["subscribers", "add", "jo@reader.example"]);
    assert!(said.contains("the mail that asks its owner is written"), "{said}");
    let service = newsroom.serve();
    let letter = service.wait_until("mails the question", || newsroom.outbox().into_iter().next());
    let text = String::from_utf8_lossy(&letter).replace("=\r\n", "");
    assert!(text.contains("\nTo: <jo@reader.example>") && text.contains("/c/"), "{text}");
    assert!(!text.contains("List-Unsubscribe"), "it is no issue: {text}");
    let shown = newsroom.json(&["subscribers", "show", "jo@reader.example", "--json"]);
    assert_eq!(shown["subscriptions"][0]["status"], "pending", "{shown:#}");
}

#[test]
fn a_disk_with_less_than_a_tenth_free_raises_an_alarm_until_there_is_room() {
    let disk = SmallDisk::with_room_for(64 * 1024);
    let newsroom = Newsroom::within(&disk.path().join("newsroom"));
    newsroom.configure();
    let raised = || {
        let alarms = newsroom.store().alarms().expect("the database answers");
        alarms.into_iter().find(|alarm| alarm.kind == "disk")
    };
    let filler = disk.path().join("filler");
    let mut file = fs::File::create(&filler).expect("our own folder");
    while week_in_review::watch::disk(&newsroom.path("subscribers.db")).expect("it is mounted").is_none() {
        std::io::Write::write_all(&mut file, &vec![0; 256 * 1024]).expect("a tenth is still free");
    }
    drop(file);
    let service = newsroom.serve();
    let alarm = service.wait_until("raises the alarm", raised);
    assert!(alarm.sentence.contains("MB are free; make room"), "{alarm:?}");
    service.signal("TERM");
    assert_eq!(service.wait_for_end(), 0, "{}", service.log());

    fs::remove_file(&filler).expect("our own file");
    let service = newsroom.serve();
    service.wait_until("takes it back", || raised().is_none().then_some(()));
}

#[test]
fn returned_mail_is_kept_for_ninety_days_as_it_came() {
    let newsroom = Newsroom::new();
    let config = newsroom.config();
    assert_eq!(config.retention.returned_mail, TimeDelta::days(90));
    let read = newsroom.path("").join(&config.returns.spool).join("read");
    fs::create_dir_all(&read).expect("our own folder");
    let put = |name: &str, days: i64| {
        let path = read.join(name);
        fs::write(&path, "Subject: returned\n\nas it came").expect("our own folder");
        let file = fs::File::options().write(true).open(&path).expect("our own file");
        file.set_modified((now() - TimeDelta::days(days)).into()).expect("our own file");
        path
    };
    let (old, recent) = (put("old.eml", 91), put("recent.eml", 89));
    let service = newsroom.serve();
    service.wait_until("lets go of the old one", || (!old.exists()).then_some(()));
    assert!(recent.exists(), "{}", service.log());
}
