//! The journey from a source to the store, over a real server on loopback and with every kind of bad server.

use super::fetch::{FetchError, FixtureFetch, HttpFetch, Limits, Request};
use super::*;
use crate::domain::article::Article;
use crate::domain::source::{PictureUse, Place, Source, SourceKind};
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use crate::domain::window::Window;
use crate::store::Store;
use crate::store::candidates::Wanted;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use chrono::{DateTime, TimeDelta, Utc};
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

const RSS: &str = "<rss><channel><title>T</title><link>https://ex.org</link>\
    <item><guid>1</guid><title>One</title><link>https://ex.org/1?utm_source=rss</link><pubDate>Wed, 18 Nov 2026 08:00:00 GMT</pubDate><description>The first story of the week.</description></item>\
    <item><guid>2</guid><title>Two</title><link>https://ex.org/2</link><pubDate>Sun, 01 Nov 2026 08:00:00 GMT</pubDate></item></channel></rss>";

fn now() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

pub(super) fn source(id: &str, kind: SourceKind) -> Source {
    let source = Source::new(Slug::parse(id).unwrap(), Line::clean(id), kind);
    Source { allow_private: true, ..source }
}

fn feed_at(id: &str, url: &str) -> Source {
    source(id, SourceKind::Feed(Place::Url(Url::parse(url).unwrap())))
}

fn fetcher() -> HttpFetch {
    let limits = Limits { total: Duration::from_secs(20), connect: Duration::from_secs(5), seed: 0 };
    HttpFetch::new("week-in-review-test (https://example.org)", limits)
}

fn stories(store: &Store, now: DateTime<Utc>) -> Vec<Article> {
    let newsletter = store.newsletter_id(&Slug::parse("week").unwrap(), now).unwrap();
    let eligible = Window::new(now - TimeDelta::days(365), now + TimeDelta::days(1)).unwrap();
    store
        .candidates(Wanted {
            newsletter,
            tellers: &[],
            eligible,
            as_of: now,
            composing: None,
            also: &[],
            also_as_of: now,
        })
        .unwrap()
}

fn titles(store: &Store) -> Vec<String> {
    stories(store, now()).iter().map(|article| article.text.title.as_str().to_owned()).collect()
}

/// Serves the routes of the tests below and returns the address.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

async fn run(store: &Arc<Store>, sources: &[Source], now: DateTime<Utc>) -> CollectReport {
    collect(store, &fetcher(), sources, now, &Manner::default()).await
}

fn gzip(bytes: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeroes = vec![b' '; 1 << 20];
    for _ in 0..bytes >> 20 {
        encoder.write_all(&zeroes).unwrap();
    }
    encoder.finish().unwrap()
}

/// A body that never ends.
fn endless() -> Body {
    let chunk = Bytes::from(vec![b' '; 1 << 16]);
    Body::from_stream(futures_util::stream::repeat_with(move || Ok::<_, std::io::Error>(chunk.clone())))
}

#[tokio::test]
async fn one_bad_source_never_stops_the_rest_and_says_what_it_is() {
    let bomb = gzip(200 << 20);
    let base = serve(
        Router::new()
            .route("/good", get(|| async { ([(header::CONTENT_TYPE, "application/rss+xml")], RSS) }))
            .route("/html", get(|| async { "<!doctype html><html><head><title>Moved</title></head></html>" }))
            .route("/empty", get(|| async { "" }))
            .route("/bomb", get(move || async move { ([(header::CONTENT_ENCODING, "gzip")], bomb) }))
            .route("/endless", get(|| async { endless() }))
            .route("/circle", get(|| async { Redirect::temporary("/circle-2") }))
            .route("/circle-2", get(|| async { Redirect::temporary("/circle") }))
            .route("/gone", get(|| async { StatusCode::GONE }))
            .route("/file", get(|| async { Redirect::temporary("file:///etc/passwd") })),
    )
    .await;
    let paths = ["html", "empty", "bomb", "endless", "circle", "gone", "file", "good"];
    let sources: Vec<Source> = paths.iter().map(|path| feed_at(path, &format!("{base}/{path}"))).collect();
    let store = Arc::new(Store::in_memory().unwrap());
    let report = run(&store, &sources, now()).await;
    let error = |path: &str| {
        report.sources.iter().find(|s| s.source.as_str() == path).unwrap().error.clone().unwrap_or_default()
    };
    assert_eq!(error("html"), "this is a web page (\"Moved\"), not a feed");
    assert_eq!(error("empty"), "the document is empty");
    assert_eq!(error("bomb"), "larger than 8388608 bytes");
    assert_eq!(error("endless"), "larger than 8388608 bytes");
    assert!(error("circle").starts_with("redirected in a circle"));
    assert_eq!(error("gone"), "the server answered 410");
    assert_eq!(error("file"), "file:///etc/passwd is no http or https address");
    let good = report.sources.last().unwrap();
    assert_eq!((good.status, good.new, good.seen, good.error.as_deref()), (Status::Ok, 2, 2, None));
    let state = store.source_state(&sources[0].id).unwrap();
    assert_eq!((state.failures, state.last_success_at), (1, None));
    assert_eq!(serde_json::to_value(&report).unwrap()["sources"][7]["status"], "ok");
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up() {
    let base = serve(Router::new().route(
        "/",
        get(|| async { Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>()) }),
    ))
    .await;
    let fetch =
        HttpFetch::new("test", Limits { total: Duration::from_millis(200), connect: Duration::from_secs(1), seed: 0 });
    let report =
        collect(&Arc::new(Store::in_memory().unwrap()), &fetch, &[feed_at("slow", &base)], now(), &Manner::default())
            .await;
    assert!(report.sources[0].error.as_ref().unwrap().starts_with("timed out"));
}

#[tokio::test]
async fn a_source_that_stalls_delays_no_other() {
    let good_was_asked = Arc::new(tokio::sync::Notify::new());
    let (waits, tells) = (good_was_asked.clone(), good_was_asked);
    // Answers only when all the others have been asked, so it would hang if they had to wait for it.
    let stalling = serve(Router::new().route(
        "/",
        get(move || async move {
            waits.notified().await;
            RSS
        }),
    ))
    .await;
    let last = serve(Router::new().route(
        "/",
        get(move || async move {
            tells.notify_one();
            RSS
        }),
    ))
    .await;
    let good = serve(Router::new().route("/", get(|| async { RSS }))).await;
    let mut sources = vec![feed_at("stalls", &stalling)];
    sources.extend((0..20).map(|n| feed_at(&format!("good-{n}"), &format!("{good}/?{n}"))));
    sources.push(feed_at("last", &last));
    let report = run(&Arc::new(Store::in_memory().unwrap()), &sources, now()).await;
    let failed: Vec<&SourceReport> = report.sources.iter().filter(|source| source.status != Status::Ok).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

#[tokio::test]
async fn an_unchanged_feed_is_asked_for_with_its_validator() {
    let answer = |headers: HeaderMap| async move {
        if headers.get(header::IF_NONE_MATCH).is_some_and(|tag| tag == "\"v1\"") {
            return StatusCode::NOT_MODIFIED.into_response();
        }
        ([(header::ETAG, "\"v1\"")], RSS).into_response()
    };
    let base = serve(Router::new().route("/feed", get(answer))).await;
    let store = Arc::new(Store::in_memory().unwrap());
    let mut source = feed_at("gazette", &format!("{base}/feed"));
    assert_eq!(run(&store, std::slice::from_ref(&source), now()).await.sources[0].status, Status::Ok);
    assert_eq!(run(&store, std::slice::from_ref(&source), now()).await.sources[0].status, Status::Unchanged);
    source.tags = vec!["Energy".into()];
    assert_eq!(run(&store, &[source], now()).await.sources[0].status, Status::Ok);
    assert_eq!(stories(&store, now())[0].text.labels[0].as_str(), "Energy");
}

#[tokio::test]
async fn private_addresses_are_refused_as_literal_as_name_and_behind_a_redirect() {
    let base = serve(Router::new().route("/", get(|| async { RSS }))).await;
    let port = Url::parse(&base).unwrap().port().unwrap();
    let fetch = fetcher();
    let urls = [
        base.clone(),
        format!("http://localhost:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
    ];
    for url in urls {
        let request = Request::new(Url::parse(&url).unwrap(), "*/*", 1_000);
        let error = fetch::Fetch::fetch(&fetch, request).await.unwrap_err();
        assert!(matches!(error, FetchError::Private(_)), "{url}: {error}");
    }
}

#[tokio::test]
async fn two_sources_with_one_url_make_one_article() {
    let other = RSS
        .replace("<guid>1</guid>", "<guid>other-1</guid>")
        .replace("https://ex.org/1?utm_source=rss", "http://www.ex.org/1/?fbclid=x");
    let fetch = FixtureFetch::new().with("https://a.example/f", "application/rss+xml", RSS.as_bytes()).with(
        "https://b.example/f",
        "application/rss+xml",
        other.into_bytes(),
    );
    let store = Arc::new(Store::in_memory().unwrap());
    let sources = [feed_at("a", "https://a.example/f"), feed_at("b", "https://b.example/f")];
    let report = collect(&store, &fetch, &sources, now(), &Manner::default()).await;
    assert_eq!(report.sources.iter().map(|s| s.new).sum::<u32>(), 2);
    let stories = stories(&store, now());
    assert_eq!((stories.len(), stories[0].also_at.len()), (2, 1));
    let reasons = store.story(stories[0].id).unwrap().unwrap().sightings;
    assert!(reasons[1].reason.starts_with("same address as at source"), "{reasons:?}");
}

#[tokio::test]
async fn duplicated_guids_do_not_swallow_stories_and_a_new_title_is_a_new_version() {
    let doubled = RSS.replace("<guid>2</guid>", "<guid>1</guid>");
    let store = Arc::new(Store::in_memory().unwrap());
    let source = [feed_at("a", "https://a.example/f")];
    let at = |text: String| FixtureFetch::new().with("https://a.example/f", "application/rss+xml", text.into_bytes());
    collect(&store, &at(doubled.clone()), &source, now(), &Manner::default()).await;
    assert_eq!(titles(&store), ["One", "Two"]);
    let report = collect(
        &store,
        &at(doubled.replace("One", "One, corrected")),
        &source,
        now() + TimeDelta::hours(1),
        &Manner::default(),
    )
    .await;
    assert_eq!(report.sources[0].new, 0);
    assert_eq!(titles(&store), ["One", "Two"]);
    let later: Vec<String> =
        stories(&store, now() + TimeDelta::hours(2)).iter().map(|a| a.text.title.as_str().to_owned()).collect();
    assert_eq!(later, ["One, corrected", "Two"]);
}

#[tokio::test]
async fn the_first_connection_is_back_catalogue_and_later_stories_count_from_their_sight() {
    let store = Arc::new(Store::in_memory().unwrap());
    let source = [feed_at("a", "https://a.example/f")];
    let at = |text: String| FixtureFetch::new().with("https://a.example/f", "application/rss+xml", text.into_bytes());
    collect(&store, &at(RSS.to_owned()), &source, now(), &Manner::default()).await;
    let first = stories(&store, now());
    assert_eq!(first[1].eligible_at.to_rfc3339(), "2026-11-01T08:00:00+00:00");
    let more = RSS.replace("</channel>", "<item><guid>3</guid><title>Late</title><pubDate>Mon, 02 Nov 2026 08:00:00 GMT</pubDate></item><item><title>2099</title><pubDate>Thu, 01 Jan 2099 00:00:00 GMT</pubDate></item></channel>");
    let later = now() + TimeDelta::hours(2);
    collect(&store, &at(more), &source, later, &Manner::default()).await;
    let stories = stories(&store, later);
    assert_eq!((stories[2].text.title.as_str(), stories[2].eligible_at), ("Late", later));
    assert_eq!((stories[3].published_at, stories[3].eligible_at), (None, later));
}

#[tokio::test]
async fn pictures_are_fetched_once_and_bad_ones_remembered() {
    let item = |n: u32, image: &str| {
        format!(
            "<item><guid>{n}</guid><title>T{n}</title><link>https://ex.org/{n}</link><enclosure url='https://ex.org/{image}' type='image/png'/></item>"
        )
    };
    let feed = format!(
        "<rss><channel><title>T</title>{}{}{}</channel></rss>",
        item(1, "big.png"),
        item(2, "tiny.png"),
        item(3, "none.png")
    );
    let fetch = FixtureFetch::new()
        .with("https://a.example/f", "application/rss+xml", feed.into_bytes())
        .with("https://ex.org/big.png", "image/png", pictures::tests::png(640, 360))
        .with("https://ex.org/tiny.png", "image/png", pictures::tests::png(1, 1));
    let store = Arc::new(Store::in_memory().unwrap());
    collect(&store, &fetch, &[feed_at("a", "https://a.example/f")], now(), &Manner::default()).await;
    let stories = stories(&store, now());
    assert_eq!(
        stories.iter().map(|a| a.picture.as_ref().map(|p| p.picture.width)).collect::<Vec<_>>(),
        [Some(640), None, None]
    );
    assert!(store.pictures_wanted(&[("a", PictureUse::Copy)], now() - TimeDelta::days(14), 10).unwrap().is_empty());
    let sha256 = &stories[0].picture.as_ref().unwrap().picture.sha256;
    assert_eq!(store.picture_bytes(sha256).unwrap().unwrap().0, "image/png");
}

#[tokio::test]
async fn files_folders_and_calendars_are_sources_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("feed.xml"), RSS).unwrap();
    std::fs::create_dir(folder.path().join("desk")).unwrap();
    std::fs::write(folder.path().join("desk/a.md"), "---\ntitle: From the desk\n---\nText").unwrap();
    std::fs::write(folder.path().join("desk/b.txt"), [0_u8, 1, 2]).unwrap();
    std::fs::write(
        folder.path().join("events.ics"),
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Talk\nDTSTART:20261125T180000Z\nEND:VEVENT\nEND:VCALENDAR\n",
    )
    .unwrap();
    let place = |name: &str| Place::File(folder.path().join(name));
    let sources = [
        source("feed", SourceKind::Feed(place("feed.xml"))),
        source("desk", SourceKind::Folder(folder.path().join("desk"))),
        source("events", SourceKind::Calendar(place("events.ics"))),
        source("missing", SourceKind::Feed(place("missing.xml"))),
        source("device", SourceKind::Feed(Place::File("/dev/zero".into()))),
    ];
    let store = Arc::new(Store::in_memory().unwrap());
    let report = collect(&store, &FixtureFetch::new(), &sources, now(), &Manner::default()).await;
    let statuses: Vec<Status> = report.sources.iter().map(|s| s.status).collect();
    assert_eq!(statuses, [Status::Ok, Status::Ok, Status::Ok, Status::Failed, Status::Failed]);
    assert_eq!(report.sources[1].problems, ["b.txt: not a text file"]);
    assert!(report.sources[3].error.as_ref().unwrap().contains("missing.xml"));
    assert_eq!(store.upcoming_events(now(), now(), 5).unwrap()[0].title.as_str(), "Talk");
    let again = collect(&store, &FixtureFetch::new(), &sources[..3], now(), &Manner::default()).await;
    assert!(again.sources.iter().all(|s| s.new == 0));
    assert_eq!(titles(&store).len(), 3);
}

#[tokio::test]
async fn a_wrongly_declared_charset_a_long_title_and_controls_are_read() {
    let mut bytes = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss><channel><item><title>Caf\xe9 na\xefve \x93q\x94</title><link>https://ex.org/1</link></item><item><title>".to_vec();
    bytes.extend("wort ".repeat(600).as_bytes());
    bytes.extend(b"</title><link>https://ex.org/2</link></item><item><title>a&#xFDD0;&#xFDE0;\x01b</title><link>https://ex.org/3</link></item></channel></rss>");
    let answer = ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], bytes);
    let base = serve(Router::new().route("/feed", get(move || async move { answer }))).await;
    let store = Arc::new(Store::in_memory().unwrap());
    run(&store, &[feed_at("a", &format!("{base}/feed"))], now()).await;
    let titles = titles(&store);
    assert_eq!((titles[0].as_str(), titles[2].as_str()), ("Café naïve “q”", "ab"));
    assert!(titles[1].chars().count() <= 1_000);
}
