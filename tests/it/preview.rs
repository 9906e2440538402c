//! The preview, asked without a socket, with a previewer that renders what it was asked for.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use futures_util::StreamExt;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceExt;
use week_in_review::domain::tag::Slug;
use week_in_review::domain::text::Line;
use week_in_review::templates::preview::Reasoned;
use week_in_review::web::Peer;
use week_in_review::web::preview::{self, PreviewRequest, PreviewState, Previewer, Rendered};

struct Echo;

impl Previewer for Echo {
    fn newsletters(&self) -> Vec<(Slug, Line)> {
        let entry = |slug, title| (Slug::parse(slug).expect("a slug"), Line::clean(title));
        vec![entry("week", "The Week"), entry("lobbying", "Lobbying & <Law>")]
    }

    fn render(&self, request: &PreviewRequest) -> Result<Rendered, String> {
        if request.at.as_deref() == Some("someday") {
            return Err("\"someday\" is no instant".to_owned());
        }
        let words = format!("{} at {:?} as {:?}", request.newsletter, request.at, request.reader);
        let schemes = ":root{color-scheme:light dark;supported-color-schemes:light dark}";
        let style = format!("<style>{schemes}@media (prefers-color-scheme:dark){{.ink{{color:#f1ece4}}}}</style>");
        Ok(Rendered {
            line: words.clone(),
            html: format!("<html><head>{style}</head><p>{words}<img src=\"/media/a.png\" alt=\"A pier\">"),
            text: words.clone(),
            eml: format!("Subject: {words}\r\n\r\n").into_bytes(),
        })
    }

    fn reasons(&self, request: &PreviewRequest) -> Result<Vec<Reasoned>, String> {
        Ok(vec![Reasoned {
            title: "Salt prices".to_owned(),
            language: "en".to_owned(),
            sentence: format!("out for {:?}", request.reader),
            why: Vec::new(),
        }])
    }

    fn picture(&self, file: &str) -> Option<Vec<u8>> {
        file.starts_with("ab").then(|| b"picture".to_vec())
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }
}

fn state() -> (watch::Sender<u64>, PreviewState) {
    let (changed, changes) = watch::channel(0);
    (changed, PreviewState { previewer: Arc::new(Echo), changes })
}

async fn ask(request: Request<Body>) -> Answer {
    let response = preview::router(state().1).oneshot(request).await.expect("a router answers");
    let (head, body) = response.into_parts();
    let body: Bytes = to_bytes(body, 1 << 20).await.expect("a short body");
    Answer { status: head.status, headers: head.headers, body: String::from_utf8_lossy(&body).into_owned() }
}

fn request(host: &str, path: &str) -> Request<Body> {
    Request::get(path).header("host", host).body(Body::empty()).expect("as the test wrote it")
}

async fn get(path: &str) -> Answer {
    ask(request("localhost:8081", path)).await
}

#[tokio::test]
async fn only_this_machine_under_its_own_name_sees_drafts() {
    for host in ["localhost", "localhost:8081", "127.0.0.1:8081", "[::1]:8081", "LOCALHOST:1"] {
        assert_eq!(ask(request(host, "/")).await.status, StatusCode::OK, "{host}");
    }
    for host in ["rebind.example:8081", "127.0.0.1.rebind.example", "localhost@rebind.example", "", "192.0.2.1"] {
        for path in ["/", "/view/html", "/view/text", "/message.eml", "/events"] {
            let answer = ask(request(host, path)).await;
            assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host} {path}");
            assert!(!answer.body.contains("week"), "{host} {path}");
        }
    }
    let nameless = Request::get("/").body(Body::empty()).expect("a request");
    assert_eq!(ask(nameless).await.status, StatusCode::MISDIRECTED_REQUEST);
    let mut foreign = request("localhost", "/");
    foreign.extensions_mut().insert(Peer("192.0.2.1:5000".parse().expect("an address")));
    assert_eq!(ask(foreign).await.status, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn it_listens_on_this_machine_alone() {
    let listener = TcpListener::bind("0.0.0.0:0").await.expect("a free port");
    let error = preview::serve(listener, state().1, async {}).await.expect_err("others could reach it");
    assert!(error.to_string().contains("this machine alone"), "{error}");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    preview::serve(listener, state().1, async {}).await.expect("nobody else can reach it");
}

#[tokio::test]
async fn the_shell_keeps_what_was_asked_for() {
    let page = get("/?newsletter=lobbying&at=2026-11-20T17%3A00&as=jo%40reader.example").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Lobbying &amp; &lt;Law&gt;"), "{}", page.body);
    assert!(page.body.contains("as=jo%40reader.example"), "{}", page.body);
    assert_eq!(page.body.matches("<iframe").count(), 6, "five views, and why beside them");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'sha256-") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("script-src 'unsafe") && page.header("cache-control") == "no-store", "{policy}");
    assert_eq!(get("/?newsletter=nobody").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_view_shows_the_same_issue() {
    let query = "newsletter=week&at=2026-11-20&as=jo%40reader.example";
    let words = "week at Some(\"2026-11-20\") as Some(\"jo@reader.example\")";
    for (path, media_type) in
        [("/view/html", "text/html"), ("/view/text", "text/plain"), ("/message.eml", "message/rfc822")]
    {
        let answer = get(&format!("{path}?{query}")).await;
        assert!(answer.body.contains(words), "{path}: {}", answer.body);
        assert!(answer.header("content-type").starts_with(media_type), "{path}");
    }
    let html = get("/view/html").await;
    assert!(html.body.contains("week at None as None") && html.body.contains("<base target=\"_blank\">"));
    let policy = html.header("content-security-policy");
    assert!(policy.starts_with("sandbox ") && !policy.contains("allow-scripts"), "{policy}");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'self'"), "{policy}");
}

#[tokio::test]
async fn the_dark_and_the_missing_pictures_are_views() {
    let light = get("/view/html?newsletter=week").await.body;
    let dark = get("/view/html?newsletter=week&dark=1").await.body;
    let blind = get("/view/html?newsletter=week&images=0").await.body;
    assert!(light.contains("@media") && light.contains("src=\"/media/a.png\""));
    assert!(!dark.contains("@media") && dark.contains("#f1ece4"), "{dark}");
    assert!(!blind.contains("src=\"/media") && blind.contains("alt=\"A pier\""), "{blind}");
}

#[tokio::test]
async fn what_cannot_be_shown_is_said() {
    for path in ["/view/html?at=someday", "/view/text?at=someday", "/message.eml?at=someday"] {
        let answer = get(path).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert_eq!(answer.body, "\"someday\" is no instant\n");
    }
    let shell = get("/?at=someday").await;
    assert!(shell.status == StatusCode::OK && shell.body.contains("is no instant"), "{}", shell.body);
}

#[tokio::test]
async fn pictures_come_from_the_previewer() {
    let name = "ab".repeat(32);
    let found = get(&format!("/media/{name}.png")).await;
    assert_eq!((found.header("content-type"), found.body.as_str()), ("image/png", "picture"));
    for missing in [format!("/media/{}.png", "cd".repeat(32)), "/media/..%2fkeys".into(), "/media/ab.png".into()] {
        assert_eq!(get(&missing).await.status, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[tokio::test]
async fn a_change_is_announced() {
    let (changed, state) = state();
    let response = preview::router(state).oneshot(request("localhost", "/events")).await.expect("an answer");
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.into_body().into_data_stream();
    changed.send_modify(|count| *count += 1);
    let event = stream.next().await.expect("an event").expect("no error");
    assert_eq!(event, "data: 1\n\n");
    drop(changed);
    assert!(stream.next().await.is_none(), "the stream ends with the watcher");
}

#[tokio::test]
async fn why_each_story_is_in_or_out_stands_beside_the_views_for_the_same_reader() {
    let answer = get("/view/why?newsletter=week&as=ann%40reader.example").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("Salt prices") && answer.body.contains("ann@reader.example"), "{}", answer.body);
    assert!(answer.header("content-security-policy").contains("default-src 'none'"));
    assert!(get("/").await.body.contains("src=\"/view/why?newsletter=week\""));
}
