//! Visits to every kind of source, over a server on loopback whose answers the tests write.

use crate::collect::fetch::{Fetch, FetchError, HttpFetch, Limits, Request};
use crate::collect::{Manner, SourceReport, Status, collect};
use crate::domain::article::Article;
use crate::domain::source::{Access, Place, Secret, Source, SourceKind, UrlPattern};
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use crate::domain::window::Window;
use crate::store::Store;
use crate::store::candidates::Wanted;
use axum::Router;
use axum::extract::Request as Asked;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use url::Url;

mod choices;
mod doubts;
mod gaps;
mod times;

fn now() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

type Made = Arc<dyn Fn(&Asked) -> Response + Send + Sync>;

/// A site whose paths answer what a test says, and that remembers what it was asked.
#[derive(Clone, Default)]
struct Site {
    answers: Arc<Mutex<HashMap<String, Made>>>,
    asked: Arc<Mutex<Vec<String>>>,
    base: String,
}

impl Site {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = Self { base: format!("http://{}", listener.local_addr().unwrap()), ..Self::default() };
        let shared = site.clone();
        let answer = move |asked: Asked| {
            let site = shared.clone();
            async move { site.answer(&asked) }
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await.unwrap() });
        site
    }

    fn answer(&self, asked: &Asked) -> Response {
        let path = asked.uri().path_and_query().unwrap().to_string();
        self.asked.lock().unwrap().push(path.clone());
        let answers = self.answers.lock().unwrap();
        let made = answers.get(&path).or_else(|| answers.get(path.split('?').next().unwrap())).cloned();
        drop(answers);
        made.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |made| made(asked))
    }

    fn on(&self, path: &str, made: impl Fn(&Asked) -> Response + Send + Sync + 'static) -> &Self {
        self.answers.lock().unwrap().insert(path.to_owned(), Arc::new(made));
        self
    }

    fn with(&self, path: &str, body: impl Into<Vec<u8>>) -> &Self {
        let body: Vec<u8> = body.into();
        self.on(path, move |_| body.clone().into_response())
    }

    fn page(&self, path: &str, title: &str, published: &str) -> &Self {
        let text = "The council met at night and voted nine to two, after hours in which nobody would say what the wall had cost. ".repeat(6);
        self.with(
            path,
            format!(
                "<html><head><title>{title} - The Harbour</title><meta property='og:site_name' content='The Harbour'><meta property='og:title' content='{title}'>\
                 <meta property='article:published_time' content='{published}'><meta name='description' content='What is said of {title}, in one sentence.'></head>\
                 <body><article><h1>{title}</h1><p>{title}. {text}</p><p>{text}</p></article></body></html>"
            ),
        )
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("{}{path}", self.base)).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn source(kind: SourceKind) -> Source {
    let source = Source::new(Slug::parse("harbour").unwrap(), Line::clean("The Harbour"), kind);
    Source { allow_private: true, ..source }
}

fn store() -> Arc<Store> {
    Arc::new(Store::in_memory().unwrap())
}

async fn visit_with(store: &Arc<Store>, source: &Source, at: DateTime<Utc>, manner: &Manner) -> Option<SourceReport> {
    let fetch = HttpFetch::new("week-in-review-test (https://example.org)", Limits::default());
    collect(store, &fetch, std::slice::from_ref(source), at, manner).await.sources.into_iter().next()
}

async fn visit(store: &Arc<Store>, source: &Source, at: DateTime<Utc>) -> SourceReport {
    visit_with(store, source, at, &Manner::default()).await.unwrap()
}

fn stories(store: &Store) -> Vec<Article> {
    let newsletter = store.newsletter_id(&Slug::parse("week").unwrap(), now()).unwrap();
    let eligible = Window::new(now() - TimeDelta::days(365), now() + TimeDelta::days(60)).unwrap();
    let as_of = now() + TimeDelta::days(60);
    store
        .candidates(Wanted { newsletter, tellers: &[], eligible, as_of, composing: None, also: &[], also_as_of: as_of })
        .unwrap()
}

fn titles(store: &Store) -> Vec<String> {
    let mut titles: Vec<String> = stories(store).iter().map(|article| article.text.title.to_string()).collect();
    titles.sort();
    titles
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn urlset(site: &Site, entries: &[(&str, &str)]) -> String {
    let entry = |(path, at): &(&str, &str)| format!("<url><loc>{}{path}</loc><lastmod>{at}</lastmod></url>", site.base);
    let entries = entries.iter().map(entry).collect::<Vec<_>>().concat();
    format!("<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{entries}</urlset>")
}

#[tokio::test]
async fn a_site_map_of_packed_parts_brings_new_pages_once_and_no_back_catalogue() {
    let site = Site::open().await;
    let index = format!(
        "<sitemapindex><sitemap><loc>{0}/a.xml.gz</loc></sitemap><sitemap><loc>{0}/b.xml</loc></sitemap></sitemapindex>",
        site.base
    );
    let old = urlset(&site, &[("/2020/old", "2020-01-01"), ("/tag/x", "2026-11-19")]);
    site.with("/sitemap.xml", index)
        .with("/a.xml.gz", gzip(&urlset(&site, &[("/news/wall", "2026-11-19T08:00:00Z")])))
        .with("/b.xml", old);
    site.page("/news/wall", "The wall stands", "2026-11-19T08:00:00Z");
    let mut source = source(SourceKind::SiteMap(Place::Url(site.url("/sitemap.xml"))));
    source.choice.exclude_urls = UrlPattern::parse("/tag/*").into_iter().collect();
    let store = store();
    let first = visit(&store, &source, now()).await;
    assert_eq!((first.status, first.new), (Status::Ok, 1), "{first:?}");
    assert_eq!(site.asked(), ["/sitemap.xml", "/a.xml.gz", "/b.xml", "/robots.txt", "/news/wall"]);
    let article = &stories(&store)[0];
    assert_eq!(
        (article.text.title.as_str(), article.eligible_at.to_rfc3339()),
        ("The wall stands", "2026-11-19T08:00:00+00:00".to_owned())
    );
    let second = visit(&store, &source, now() + TimeDelta::hours(1)).await;
    assert_eq!((second.new, second.seen), (0, 1));
    assert!(!site.asked().contains(&"/news/wall".to_owned()), "a known page is not read again");
    site.page("/news/wall", "The wall fell", "2026-11-19T08:00:00Z");
    site.with("/a.xml.gz", gzip(&urlset(&site, &[("/news/wall", "2026-11-20T13:30:00Z")])));
    assert_eq!(visit(&store, &source, now() + TimeDelta::hours(2)).await.new, 0);
    assert_eq!(titles(&store), ["The wall fell"], "but when it has changed");
}

#[tokio::test]
async fn a_page_of_links_is_read_link_by_link_where_robots_may() {
    let site = Site::open().await;
    let entry = |n| format!("<li><h2><a href='/story/{n}'>Story number {n} of the harbour</a></h2></li>");
    let list = (1..=4).map(entry).collect::<Vec<_>>().concat();
    site.with("/front", format!("<html><body><ul>{list}</ul></body></html>"));
    site.with("/robots.txt", "User-agent: week-in-review\nDisallow: /story/3\n");
    for n in [1, 2, 3] {
        site.page(&format!("/story/{n}"), &format!("Story {n}"), "2026-11-20T08:00:00Z");
    }
    let place = Place::Url(site.url("/front"));
    let source = source(SourceKind::Page { place, selector: None });
    let store = store();
    let report = visit(&store, &source, now()).await;
    assert_eq!(report.new, 2, "{report:?}");
    assert_eq!(report.problems.len(), 2);
    assert!(report.problems[0].contains("robots.txt") && report.problems[1].contains("404"), "{:?}", report.problems);
    assert!(!site.asked().contains(&"/story/3".to_owned()));
    visit(&store, &source, now() + TimeDelta::minutes(5)).await;
    assert_eq!(site.asked(), ["/front"], "what failed waits, what is known stays");
}

fn post(id: u32, title: &str, at: &str) -> String {
    format!(
        r#"{{"id":{id},"date_gmt":"{at}","link":"https://wp.example/{id}","title":{{"rendered":"{title}"}},"excerpt":{{"rendered":"<p>Said of {title} in a sentence.</p>"}},
        "content":{{"rendered":"<p>Text of {title}.</p>"}},"_embedded":{{"wp:term":[[{{"name":"Energy","taxonomy":"category"}}]]}}}}"#
    )
}

#[tokio::test]
async fn wordpress_is_read_by_its_api_and_only_what_changed_the_next_time() {
    let site = Site::open().await;
    site.with("/blog/wp-json/wp/v2/posts", format!("[{}]", post(1, "First", "2026-11-19T08:00:00")));
    let source = source(SourceKind::WordPress(Place::Url(site.url("/blog"))));
    let store = store();
    assert_eq!(visit(&store, &source, now()).await.new, 1);
    assert_eq!(stories(&store)[0].text.labels[0].as_str(), "Energy");
    visit(&store, &source, now() + TimeDelta::hours(1)).await;
    let asked = site.asked();
    assert!(asked[0].contains("after=2026-11-06") && asked[1].contains("modified_after=2026-11-19T12"), "{asked:?}");
}

fn rss(items: &str) -> String {
    format!(
        "<rss version='2.0'><channel><title>T</title><generator>https://wordpress.org/?v=6.4</generator>{items}</channel></rss>"
    )
}

fn item(n: u32, at: &str) -> String {
    format!(
        "<item><guid>{n}</guid><title>Item {n}</title><link>https://wp.example/{n}</link><pubDate>{at}</pubDate></item>"
    )
}

#[tokio::test]
async fn a_closed_api_falls_back_to_the_paged_feed_and_says_so() {
    let site = Site::open().await;
    site.on("/wp-json/wp/v2/posts", |_| {
        (StatusCode::UNAUTHORIZED, r#"{"code":"rest_disabled","message":"No."}"#).into_response()
    });
    site.with("/feed/", rss(&item(2, "Fri, 20 Nov 2026 08:00:00 GMT")));
    site.with("/feed/?paged=2", rss(&item(1, "Mon, 02 Nov 2026 08:00:00 GMT")));
    let store = store();
    let report = visit(&store, &source(SourceKind::WordPress(Place::Url(site.url("/")))), now()).await;
    assert_eq!((report.status, report.new), (Status::Ok, 2), "{report:?}");
    assert!(
        report.notes[0].starts_with("the WordPress API is closed (the server answered 401); 2 pages of the feed"),
        "{:?}",
        report.notes
    );
}

#[tokio::test]
async fn a_feed_that_is_wanted_whole_reads_each_page_once() {
    let site = Site::open().await;
    let item = |n: u32| {
        format!(
            "<item><guid>g{n}</guid><title>Teaser {n}</title><link>{}/r/{n}</link><category>Trade</category></item>",
            site.base
        )
    };
    site.with("/feed", rss(&format!("{}{}", item(1), item(2))));
    let to = site.url("/full/1?utm_source=rss").to_string();
    site.on("/r/1", move |_| (StatusCode::FOUND, [(header::LOCATION, to.clone())]).into_response());
    site.page("/full/1", "The whole story", "2026-11-20T08:00:00Z");
    let mut source = source(SourceKind::Feed(Place::Url(site.url("/feed"))));
    source.full = true;
    let store = store();
    let report = visit(&store, &source, now()).await;
    assert_eq!(
        (report.new, report.problems.len()),
        (2, 1),
        "the item whose page is gone stands by what the feed says: {report:?}"
    );
    assert_eq!(titles(&store), ["Teaser 2", "The whole story"]);
    let whole = stories(&store).into_iter().find(|story| story.text.title.as_str() == "The whole story").unwrap();
    assert_eq!((whole.url.unwrap(), whole.text.labels[0].as_str()), (site.url("/full/1"), "Trade"));
    site.asked();
    site.with("/feed", rss(&format!("{}{} ", item(1), item(2))));
    visit(&store, &source, now() + TimeDelta::hours(1)).await;
    assert_eq!(
        site.asked(),
        ["/feed"],
        "neither is read again: the link of the redirected one is known as another address"
    );
}

async fn fetched(site: &Site, path: &str, bytes: usize) -> Result<Vec<u8>, FetchError> {
    let fetch = HttpFetch::new("t", Limits::default());
    let request = Request { allow_private: true, ..Request::new(site.url(path), "*/*", bytes) };
    fetch.fetch(request).await.map(|answer| match answer {
        crate::collect::fetch::Answer::Document(document) => document.bytes,
        crate::collect::fetch::Answer::NotModified(_) => Vec::new(),
    })
}

#[tokio::test]
async fn packed_answers_are_bounded_as_they_are_sent_and_as_they_are_unpacked() {
    let site = Site::open().await;
    let answers = |path: &str, body: Vec<u8>| {
        site.on(path, move |_| ([(header::CONTENT_ENCODING, "gzip")], body.clone()).into_response());
    };
    answers("/feed", gzip("<rss/>"));
    answers("/bomb", gzip(&" ".repeat(8 << 20)));
    // Members of nothing: as many bytes as one likes over the wire, and not one when unpacked.
    answers("/long", gzip("").repeat(10_000));
    assert_eq!(fetched(&site, "/feed", 1_000).await.as_deref(), Ok(b"<rss/>".as_slice()));
    assert_eq!(fetched(&site, "/bomb", 1 << 20).await, Err(FetchError::TooLarge(1 << 20)));
    assert_eq!(fetched(&site, "/long", 100_000).await, Err(FetchError::TooMuchPacked(100_000)));
    site.with("/plain", "x".repeat(2_000));
    assert_eq!(fetched(&site, "/plain", 1_000).await, Err(FetchError::TooLarge(1_000)));
}

#[tokio::test]
async fn a_list_cannot_send_our_password_elsewhere() {
    let (site, other) = (Site::open().await, Site::open().await);
    let heard = Arc::new(Mutex::new(Vec::new()));
    for (site, path) in [(&site, "/own"), (&other, "/foreign")] {
        let heard = heard.clone();
        site.on(path, move |asked| {
            heard.lock().unwrap().push((path, asked.headers().contains_key(header::AUTHORIZATION)));
            StatusCode::NOT_FOUND.into_response()
        });
    }
    let entry = |url: Url| format!("<url><loc>{url}</loc><lastmod>2026-11-19</lastmod></url>");
    site.with("/map.xml", format!("<urlset>{}{}</urlset>", entry(site.url("/own")), entry(other.url("/foreign"))));
    let mut source = source(SourceKind::SiteMap(Place::Url(site.url("/map.xml"))));
    source.access = Access { basic: Some(("ann".into(), Secret::new("hunter2".into()))), ..Access::default() };
    visit(&store(), &source, now()).await;
    let mut heard = heard.lock().unwrap().clone();
    heard.sort_unstable();
    assert_eq!(heard, [("/foreign", false), ("/own", true)]);
}

#[tokio::test]
async fn a_site_that_moves_or_shows_its_past_floods_no_issue() {
    let site = Site::open().await;
    let day = |n: u32| format!("{:02} Nov 2026 08:00:00 GMT", 1 + n % 18);
    let lead = |n: u32| {
        format!(
            "<description>Account number {n} of what the council of harbour town {n} did about wall {n} and its cost</description>"
        )
    };
    let story = |n: u32, path: &str| {
        format!(
            "<item><guid>{path}{n}</guid><title>Report {n} on wall {n} of town {n}</title><link>https://x.example/{path}/{n}</link><pubDate>{}</pubDate>{}</item>",
            day(n),
            lead(n)
        )
    };
    let all = |path: &str| (0..12).map(|n| story(n, path)).collect::<String>();
    site.with("/feed", rss(&all("old")));
    let source = source(SourceKind::Feed(Place::Url(site.url("/feed"))));
    let store = store();
    assert_eq!(visit(&store, &source, now()).await.new, 12);
    site.with("/feed", rss(&(all("new") + &item(50, "Wed, 04 Nov 2026 08:00:00 GMT"))));
    let report = visit(&store, &source, now() + TimeDelta::hours(1)).await;
    assert_eq!(report.new, 1, "{report:?}");
    assert!(report.notes[0].starts_with("12 of these 13 look already known"), "{:?}", report.notes);
    let odd = stories(&store).into_iter().find(|story| story.text.title.as_str() == "Item 50").unwrap();
    assert_eq!(odd.eligible_at, odd.published_at.unwrap());
    let past: String = (100..115).map(|n| item(n, "Sun, 01 Nov 2026 08:00:00 GMT")).collect();
    site.with("/feed", rss(&(all("new") + &past)));
    let report = visit(&store, &source, now() + TimeDelta::hours(2)).await;
    assert!(report.notes[0].starts_with("15 stories are new here but older"), "{:?}", report.notes);
    assert!(stories(&store).iter().all(|story| story.eligible_at < now()));
}

#[tokio::test]
async fn a_password_goes_to_its_own_host_and_to_no_other() {
    let site = Site::open().await;
    let other = Site::open().await;
    let seen: Arc<Mutex<Vec<(bool, bool)>>> = Arc::default();
    let note = |seen: &Arc<Mutex<Vec<(bool, bool)>>>, asked: &Asked| {
        let has = |name: &str| asked.headers().contains_key(name);
        seen.lock().unwrap().push((has("authorization"), has("x-access")));
    };
    let (here, there, to) = (seen.clone(), seen.clone(), other.url("/feed").to_string());
    site.on("/feed", move |asked| {
        note(&here, asked);
        assert_eq!(asked.headers()["user-agent"], "courier/1.0");
        (StatusCode::FOUND, [(header::LOCATION, to.clone())]).into_response()
    });
    other.on("/feed", move |asked| {
        note(&there, asked);
        rss("").into_response()
    });
    let mut source = source(SourceKind::Feed(Place::Url(site.url("/feed"))));
    source.access = Access {
        user_agent: Some("courier/1.0".into()),
        headers: vec![("X-Access".into(), Secret::new("abc".into()))],
        basic: Some(("ann".into(), Secret::new("hunter2".into()))),
    };
    assert_eq!(visit(&store(), &source, now()).await.status, Status::Ok);
    assert_eq!(*seen.lock().unwrap(), [(true, true), (false, false)]);
}

#[tokio::test]
async fn a_public_place_cannot_redirect_to_a_private_one() {
    let site = Site::open().await;
    let port = site.url("/").port().unwrap();
    for to in ["http://169.254.169.254/latest/meta-data/", "http://localhost/", "http://[::1]/", "http://0x7f000001/"] {
        site.on("/feed", move |_| (StatusCode::FOUND, [(header::LOCATION, to)]).into_response());
        let fetch = HttpFetch::with_name("public.example", ([127, 0, 0, 1], port).into());
        let url = Url::parse(&format!("http://public.example:{port}/feed")).unwrap();
        let error = fetch.fetch(Request::new(url, "*/*", 1_000)).await.unwrap_err();
        assert!(matches!(&error, FetchError::Private(_)), "{to}: {error}");
        assert_eq!(site.asked(), ["/feed"], "the first hop was asked, the second was not");
    }
}
