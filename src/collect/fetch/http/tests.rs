//! What is due to a host: few questions at a time, pauses between pages, and its own word on when to come again.

use super::*;
use axum::Router;
use axum::extract::Request as Asked;
use axum::http::Uri;
use tokio::sync::watch;

fn request(url: &str) -> Request {
    Request::new(Url::parse(url).unwrap(), "*/*", 1_000)
}

/// A page that is asked for with a pause. Its scheme is none that we ask, so that nothing but the pause takes time.
fn page(host: &str, n: usize) -> Request {
    Request { pause: Some(Duration::from_secs(1)), ..request(&format!("ftp://{host}/{n}")) }
}

async fn waited(fetch: &HttpFetch, request: Request) -> Duration {
    let before = Instant::now();
    assert!(matches!(fetch.fetch(request).await, Err(FetchError::Scheme(_))));
    before.elapsed()
}

#[tokio::test(start_paused = true)]
async fn pages_of_one_host_are_asked_a_varied_pause_apart_and_no_other_host_waits_for_it() {
    let fetch = HttpFetch::new("t", Limits::default());
    assert_eq!(waited(&fetch, page("harbour.example", 0)).await, Duration::ZERO, "the first is asked at once");
    let mut pauses = Vec::new();
    for n in 1..6 {
        let other = waited(&fetch, page(&format!("other-{n}.example"), 0)).await;
        assert_eq!(other, Duration::ZERO, "another host is asked meanwhile");
        pauses.push(waited(&fetch, page("harbour.example", n)).await);
    }
    let (least, most) = (Duration::from_millis(750), Duration::from_millis(1_251));
    assert!(pauses.iter().all(|pause| (least..=most).contains(pause)), "{pauses:?}");
    assert!(
        pauses.iter().any(|pause| *pause != pauses[0]),
        "many programs in step would be one great visitor: {pauses:?}"
    );
    let feed = request("ftp://harbour.example/feed");
    assert_eq!(waited(&fetch, feed).await, Duration::ZERO, "a feed is asked rarely and waits for no page");
    for _ in 0..3 {
        let own = Request { allow_private: true, ..page("127.0.0.1", 1) };
        assert_eq!(waited(&fetch, own).await, Duration::ZERO, "a machine of our own keeps nobody waiting");
    }
}

#[tokio::test(start_paused = true)]
async fn pages_that_are_asked_for_together_still_come_one_after_the_other() {
    let fetch = HttpFetch::new("t", Limits::default());
    let before = Instant::now();
    futures_util::future::join_all((0..5).map(|n| fetch.fetch(page("harbour.example", n)))).await;
    let took = before.elapsed();
    assert!((Duration::from_secs(3)..Duration::from_millis(5_010)).contains(&took), "four pauses: {took:?}");
}

/// A server that answers pages below `/held/` only once it is told to, and says how many have been asked for.
async fn holding() -> (SocketAddr, watch::Receiver<usize>, watch::Sender<bool>) {
    let (arrived, seen) = watch::channel(0);
    let (open, is_open) = watch::channel(false);
    let answer = move |asked: Asked| {
        let (arrived, mut is_open) = (arrived.clone(), is_open.clone());
        async move {
            if is_held(asked.uri()) {
                arrived.send_modify(|n| *n += 1);
                let _ = is_open.wait_for(|is_open| *is_open).await;
            }
            "a page"
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await.unwrap() });
    (address, seen, open)
}

fn is_held(uri: &Uri) -> bool {
    uri.path().starts_with("/held/")
}

#[tokio::test]
async fn one_host_is_asked_two_things_at_a_time_while_others_are_served() {
    let (address, mut arrived, open) = holding().await;
    let port = address.port();
    let fetch = HttpFetch::with_name("harbour.example", address);
    let held = (0..6).map(|n| fetch.fetch(request(&format!("http://harbour.example:{port}/held/{n}"))));
    let meanwhile = async {
        arrived.wait_for(|n| *n == PER_HOST).await.unwrap();
        // Whoever else was on the way would have arrived by the time that twenty others, one after the other, have come and gone.
        for n in 0..20 {
            let other = Request { allow_private: true, ..request(&format!("http://127.0.0.1:{port}/{n}")) };
            assert!(fetch.fetch(other).await.is_ok());
        }
        let so_far = *arrived.borrow();
        open.send(true).unwrap();
        so_far
    };
    let (answers, so_far) = tokio::join!(futures_util::future::join_all(held), meanwhile);
    assert_eq!(so_far, PER_HOST);
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(*arrived.borrow(), 6, "in the end all are served");
}

fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
    lines.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
}

#[test]
fn a_server_says_when_to_come_again_in_seconds_or_by_its_own_clock() {
    let clock = headers(&[(reqwest::header::DATE, "Fri, 20 Nov 2026 12:00:00 GMT")]);
    assert_eq!(seconds_until("120", &clock), Some(120));
    assert_eq!(seconds_until("Fri, 20 Nov 2026 12:30:00 GMT", &clock), Some(1_800));
    assert_eq!(seconds_until("Fri, 20 Nov 2026 11:00:00 GMT", &clock), Some(0), "it is past by its own clock");
    assert_eq!(seconds_until("99999999999", &clock), Some(LONGEST_WAIT));
    assert_eq!(seconds_until("Fri, 20 Nov 2037 12:00:00 GMT", &clock), Some(LONGEST_WAIT));
    assert_eq!(seconds_until("soon", &clock), None);
    assert_eq!(seconds_until("Fri, 20 Nov 2026 12:30:00 GMT", &HeaderMap::new()), None, "whose clock would that be");
}

#[test]
fn what_a_server_says_of_freshness_counts_unless_nothing_may_be_kept() {
    let fresh = |value: &str| fresh_seconds(&headers(&[(CACHE_CONTROL, value)]));
    assert_eq!(fresh("max-age=600"), Some(600));
    assert_eq!(fresh("Public, Max-Age=\"60\", must-revalidate"), Some(60));
    for nothing in ["no-cache, max-age=600", "max-age=600, no-store", "private", "max-age=soon", "s-maxage=600"] {
        assert_eq!(fresh(nothing), None, "{nothing}");
    }
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_refused_when_it_is_resolved() {
    // The host itself is judged before this; here the name stands for any whose owner points it at this machine.
    let fetch = HttpFetch::new("t", Limits::default());
    let url = Url::parse("http://localhost:9/").unwrap();
    let error = fetch.client(true).unwrap().get(url.clone()).send().await.unwrap_err();
    assert!(matches!(fetch.fault(&error, &url), FetchError::Private(host) if host == "localhost"));
}
