//! Feeds over real HTTP: asked politely, and the bad ones never stop the good.

use crate::support::newsroom::{Newsroom, now};
use crate::support::nginx::Nginx;
use crate::support::process::{free_port, open_folder};
use chrono::TimeDelta;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::thread;

/// An item of a feed; each line is XML.
fn item(n: usize, lines: &str) -> String {
    format!("<item><link>https://www.harbour.example/story-{n}</link><guid>story-{n}</guid>{lines}</item>")
}

fn dated(title: &str) -> String {
    let at = (now() - TimeDelta::hours(20)).to_rfc2822();
    format!("<title>{title}</title><pubDate>{at}</pubDate><description>What happened, in one sentence.</description>")
}

fn feed(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel><title>Harbour</title>\
         <link>https://www.harbour.example/</link><description>All of it</description>{items}</channel></rss>"
    )
}

fn source(id: &str, url: &str) -> String {
    format!("[[sources]]\nid = \"{id}\"\nname = \"Source {id}\"\nurl = \"{url}\"\nallow_private = true\n\n")
}

/// A newsroom with the sources `(id, address)`.
fn newsroom_of(sources: &[(String, String)]) -> Newsroom {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| {
        settings.sources = sources.iter().fold(String::new(), |text, (id, url)| text + &source(id, url));
    });
    newsroom
}

/// What `collect --json` says of each source, whatever its exit status.
fn collect(newsroom: &Newsroom) -> (Option<i32>, Vec<Value>) {
    let output = newsroom.call(&["collect", "--json"]);
    let report: Value = serde_json::from_str(&output.out).unwrap_or_else(|_| panic!("{output:?}"));
    (output.status, report["sources"].as_array().expect("a list").clone())
}

fn about<'a>(sources: &'a [Value], id: &str) -> &'a Value {
    sources.iter().find(|source| source["source"] == id).unwrap_or_else(|| panic!("{id} is missing in {sources:?}"))
}

#[test]
fn a_feed_travels_compressed_and_only_when_it_changed() {
    let folder = open_folder();
    let many: String = (0..100).map(|n| item(n, &dated(&format!("Story {n}")))).collect();
    let text = feed(&many);
    fs::write(folder.path().join("feed.xml"), &text).expect("our own folder");
    let nginx = Nginx::serve(folder.path());
    let newsroom = newsroom_of(&[("news".to_owned(), nginx.url("/feed.xml"))]);

    let (status, first) = collect(&newsroom);
    assert_eq!((status, &first[0]["new"], &first[0]["seen"]), (Some(0), &100.into(), &100.into()), "{first:?}");
    let (status, second) = collect(&newsroom);
    assert_eq!(
        (status, &second[0]["status"], &second[0]["new"]),
        (Some(0), &"unchanged".into(), &0.into()),
        "{second:?}"
    );
    let log = nginx.log();
    let answers: Vec<(&str, usize)> = log
        .lines()
        .filter_map(|line| line.split_once("\" ")?.1.split_once(' '))
        .filter_map(|(status, rest)| Some((status, rest.split(' ').next()?.parse().ok()?)))
        .collect();
    assert_eq!(answers.iter().map(|(status, _)| *status).collect::<Vec<_>>(), ["200", "304"], "{log}");
    assert!(answers[0].1 * 5 < text.len(), "{} bytes of {} travelled", answers[0].1, text.len());
    assert!(log.contains("week-in-review/"), "we say who we are: {log}");

    // A server's clock knows whole seconds; the length tells the two apart.
    fs::write(folder.path().join("feed.xml"), feed(&(many + &item(100, &dated("Story 100, longer")))))
        .expect("our own folder");
    assert_eq!(collect(&newsroom).1[0]["new"], 1);
}

/// A server whose one answer never ends; its port.
fn start_endless() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let port = listener.local_addr().expect("it is bound").port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request);
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nConnection: close\r\n\r\n<rss version=\"2.0\"><channel>";
                let _ = stream.write_all(head.as_bytes());
                while stream.write_all("<item><title>More and more</title></item>".repeat(500).as_bytes()).is_ok() {}
            });
        }
    });
    port
}

/// A quarter of a gigabyte in a quarter of a megabyte.
fn gzip_bomb() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(b"<rss version=\"2.0\"><channel>").expect("in memory");
    for _ in 0..256 {
        encoder.write_all(&vec![b' '; 1 << 20]).expect("in memory");
    }
    encoder.finish().expect("in memory")
}

fn write_bad_feeds(folder: &Path) {
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).expect("our own folder");
    write(
        "good.xml",
        feed(&(0..3).map(|n| item(n, &dated(&format!("Good story {n}")))).collect::<String>()).as_bytes(),
    );
    write(
        "page.xml",
        b"<!doctype html><html><head><title>We have moved</title></head><body><p>Not here.</p></body></html>",
    );
    write("empty.xml", b"");
    write("bomb.xml", &gzip_bomb());
    File::create(folder.join("huge.xml")).and_then(|file| file.set_len(200 << 20)).expect("our own folder");
    write("cut.xml", &feed(&item(50, &dated("Cut off"))).as_bytes()[..150]);
    // Declared as UTF-8, written as Windows-1252.
    let cafe = feed(&item(60, &dated("Caf\u{fffd} closes"))).replace('\u{fffd}', "\u{1}");
    write("charset.xml", &cafe.bytes().map(|b| if b == 1 { 0xe9 } else { b }).collect::<Vec<u8>>());
    let mut odd = item(70, "<title>Without a date</title>");
    odd += &item(71, "<title>From the future</title><pubDate>Fri, 20 Nov 2099 10:00:00 GMT</pubDate>");
    odd += &item(
        72,
        "<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate><description>It has no title but a text.</description>",
    );
    odd += &item(73, &dated(&"A very long title ".repeat(167)));
    odd += &item(74, &dated("Bell &#7; and \u{fdd0}slot\u{fdd1} \u{ffff}"));
    odd += &item(74, &dated("The same GUID again"));
    write("odd.xml", feed(&odd).as_bytes());
}

#[test]
fn bad_feeds_are_named_one_by_one_and_never_stop_the_good_ones() {
    let folder = open_folder();
    write_bad_feeds(folder.path());
    let port = free_port();
    let root = folder.path().display();
    let nginx = Nginx::start(
        port,
        &format!(
            "server {{ listen 127.0.0.1:{port}; root {root};
               location = /bomb.xml {{ add_header Content-Encoding gzip; }}
               location = /circle {{ return 302 /circle-b; }} location = /circle-b {{ return 302 /circle; }}
               location = /gone.xml {{ return 410; }} }}"
        ),
    );
    let bad = ["page.xml", "empty.xml", "bomb.xml", "huge.xml", "circle", "gone.xml", "missing.xml"];
    let mut sources: Vec<(String, String)> =
        bad.iter().map(|name| (name.replace('.', "-"), nginx.url(&format!("/{name}")))).collect();
    sources.push(("endless".to_owned(), format!("http://127.0.0.1:{}/feed", start_endless())));
    sources.push(("down".to_owned(), format!("http://127.0.0.1:{}/feed", free_port())));
    sources.extend(["good", "charset", "odd"].map(|name| (name.to_owned(), nginx.url(&format!("/{name}.xml")))));
    let mut newsroom = newsroom_of(&sources);
    newsroom.make_due(10);

    let (status, report) = collect(&newsroom);
    assert_eq!(status, Some(1), "a source that failed is a failure");
    let expected = [
        ("page-xml", "a web page (\"We have moved\"), not a feed"),
        ("empty-xml", "empty"),
        ("bomb-xml", "larger than"),
        ("huge-xml", "larger than"),
        ("circle", "in a circle"),
        ("gone-xml", "410"),
        ("missing-xml", "404"),
        ("endless", "larger than"),
        ("down", ""),
    ];
    for (id, words) in expected {
        let error = about(&report, id)["error"].as_str().unwrap_or_else(|| panic!("{id}: {report:?}"));
        assert!(error.contains(words), "{id}: {error}");
        assert_eq!(about(&report, id)["new"], 0, "{id}");
    }
    for (id, new) in [("good", 3), ("charset", 1)] {
        let source = about(&report, id);
        assert_eq!((&source["new"], &source["error"]), (&new.into(), &Value::Null), "{source}");
    }
    let odd = about(&report, "odd");
    assert!(odd["error"].is_null() && odd["new"].as_u64().is_some_and(|new| new >= 5), "{odd}");

    newsroom.subscribe(2);
    assert_eq!(newsroom.send()["state"], "done");
    let issue = newsroom.json(&["issues", "show", "1", "--json"]);
    let titles: Vec<&str> = issue["stories"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert!((0..3).all(|n| titles.contains(&format!("Good story {n}").as_str())), "{titles:?}");
    assert!(titles.contains(&"Café closes"), "{titles:?}");
    assert!(titles.contains(&"Without a date"), "it takes its first sight: {titles:?}");
    assert!(titles.iter().all(|title| title.chars().count() <= 1_000), "{titles:?}");
    let is_plain = |c: char| !c.is_control() && !('\u{fdd0}'..='\u{fdef}').contains(&c) && c != '\u{ffff}';
    assert!(titles.iter().all(|title| title.chars().all(is_plain)), "{titles:?}");
    for message in newsroom.outbox() {
        assert!(!message.iter().any(|byte| matches!(byte, 0x07 | 0x00)), "a control character in a mail");
    }
    // Unchanged sources bring nothing new, and the bad ones are tried again.
    let (_, again) = collect(&newsroom);
    assert!(again.iter().all(|source| source["new"] == 0), "{again:?}");
}

#[test]
fn two_sources_with_one_address_are_refused_by_line() {
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| {
        let mut text = String::new();
        for id in ["one", "two"] {
            write!(text, "{}", source(id, "https://www.harbour.example/feed.xml")).expect("a string can be written");
        }
        settings.sources = text;
    });
    let said = newsroom.fails(2, &["collect"]);
    assert!(said.contains("one") && said.contains("each story would be seen twice"), "{said}");
}

#[test]
fn a_private_address_is_not_fetched_unless_that_is_meant() {
    let folder = open_folder();
    fs::write(folder.path().join("feed.xml"), feed(&item(1, &dated("Inside")))).expect("our own folder");
    let nginx = Nginx::serve(folder.path());
    let mut newsroom = newsroom_of(&[("inside".to_owned(), nginx.url("/feed.xml"))]);
    newsroom
        .set(|settings| settings.sources = settings.sources.replace("allow_private = true", "allow_private = false"));
    let (status, report) = collect(&newsroom);
    assert_eq!(status, Some(1));
    assert!(report[0]["error"].as_str().is_some_and(|error| error.contains("allow_private")), "{report:?}");
    assert!(!nginx.log().contains("GET"), "nobody was asked: {}", nginx.log());
}

#[test]
fn a_shared_story_is_told_by_who_weighs_most_whoever_came_first() {
    let folder = open_folder();
    let shared = |headline: &str| feed(&item(1, &dated(headline)));
    for (file, headline) in [("agency.xml", "Harbour, the agency says"), ("own.xml", "Harbour, as we found it out")] {
        fs::write(folder.path().join(file), shared(headline)).expect("our own folder");
    }
    let nginx = Nginx::serve(folder.path());
    let agency = source("agency", &nginx.url("/agency.xml"));
    let own = source("own", &nginx.url("/own.xml"));
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.sources = agency.clone());
    collect(&newsroom);
    let told = |newsroom: &Newsroom| newsroom.done(&["preview", "--format", "text"]);
    assert!(told(&newsroom).contains("Harbour, the agency says"));

    // Of equals, the one that the configuration names first.
    newsroom.set(|settings| settings.sources = agency.clone() + &own);
    collect(&newsroom);
    assert!(told(&newsroom).contains("Harbour, the agency says"));

    newsroom.set(|settings| {
        settings.sources = agency.clone() + &own.replace("allow_private", "weight = 80\nallow_private");
    });
    let text = told(&newsroom);
    assert!(text.contains("Harbour, as we found it out") && !text.contains("the agency says"), "{text}");
}
