//! Takes connections and hands their requests to a router, with an end for those who are slow. Knows no route.
//!
//! `axum::serve` waits for ever for the head of a request, so a few thousand silent connections would lock everybody out. Here a head has ten
//! seconds, a connection some minutes, and there are only so many of them.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::ServiceExt;

/// The other end of the connection that a request came by: a visitor, or a proxy.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// How connections are limited.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// Connections at once; more wait in the system's queue.
    connections: usize,
    /// From the opening of a connection, or the end of its last answer, to the end of the next request's head.
    head: Duration,
    /// The whole life of a connection; an endless stream is longer than that only in the preview.
    life: Option<Duration>,
    /// How long answers that have begun may take once the service stops.
    farewell: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connections: 512,
            head: Duration::from_secs(10),
            life: Some(Duration::from_mins(3)),
            farewell: Duration::from_secs(5),
        }
    }
}

/// Serves until `shutdown` is ready, then lets the answers that have begun come to their end.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) {
    serve_with(listener, router, shutdown, Patience::default()).await;
}

/// The same for pages that keep a connection open, as a preview that reloads itself does.
pub(super) async fn serve_streams(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) {
    let patience = Patience { life: None, farewell: Duration::ZERO, ..Patience::default() };
    serve_with(listener, router, shutdown, patience).await;
}

async fn serve_with(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>, patience: Patience) {
    let places = Arc::new(Semaphore::new(patience.connections));
    let (stop, stopped) = watch::channel(false);
    tokio::pin!(shutdown);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = &mut shutdown => break,
            next = next => next,
        };
        let Ok(place) = place else { break };
        match accepted {
            Ok((stream, peer)) => {
                tokio::spawn(connection(stream, Peer(peer), router.clone(), patience, stopped.clone(), place));
            }
            // A visitor who has gone again, or no file handle left: both pass.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    stop.send_replace(true);
    // All places are free once every connection has ended.
    let all = places.acquire_many(u32::try_from(patience.connections).unwrap_or(u32::MAX));
    if tokio::time::timeout(patience.farewell, all).await.is_err() {
        tracing::info!("some connections were closed before their end");
    }
}

async fn connection(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    patience: Patience,
    mut stopped: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
) {
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.clone().oneshot(request.map(Body::new))
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    let ended = tokio::select! {
        _ = serving.as_mut() => true,
        () = lifetime(patience.life) => false,
        _ = stopped.wait_for(|stopped| *stopped) => false,
    };
    if !ended {
        serving.as_mut().graceful_shutdown();
        // What a broken connection says concerns nobody.
        let _ = tokio::time::timeout(patience.farewell, serving).await;
    }
}

async fn lifetime(life: Option<Duration>) {
    match life {
        Some(life) => tokio::time::sleep(life).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use std::future::pending;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;

    const QUICK: Patience = Patience {
        connections: 1,
        head: Duration::from_millis(50),
        life: Some(Duration::from_mins(1)),
        farewell: Duration::from_secs(5),
    };

    async fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    async fn say(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    const ASK: &str = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    #[tokio::test]
    async fn who_says_nothing_is_shown_out_and_makes_room() {
        let (listener, address) = listener().await;
        let router = Router::new().route("/", get(|| async { "hello" }));
        tokio::spawn(serve_with(listener, router, pending(), QUICK));
        // There is room for one connection only, so an answer means that the silent one before it was closed.
        for silent in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(silent.as_bytes()).await.unwrap();
            assert!(say(address, ASK).await.ends_with("hello"), "{silent:?}");
        }
    }

    #[tokio::test]
    async fn an_answer_that_has_begun_comes_to_its_end() {
        let (listener, address) = listener().await;
        let (began, has_begun) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let (go_on, may_go_on) = oneshot::channel::<()>();
        let channels = Arc::new(std::sync::Mutex::new(Some((began, may_go_on))));
        let slow = get(move || {
            let (began, may_go_on) = channels.lock().unwrap().take().unwrap();
            async move {
                began.send(()).unwrap();
                may_go_on.await.unwrap();
                "finished"
            }
        });
        let router = Router::new().route("/", slow);
        let serving = tokio::spawn(serve_with(
            listener,
            router,
            async {
                let _ = stopped.await;
            },
            QUICK,
        ));
        let asking = tokio::spawn(say(address, ASK));
        has_begun.await.unwrap();
        stop.send(()).unwrap();
        // The door is closed at once: nobody new is let in while the last answer is finished.
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        go_on.send(()).unwrap();
        assert!(asking.await.unwrap().ends_with("finished"));
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn a_request_says_where_it_came_from() {
        let (listener, address) = listener().await;
        let who = get(|peer: axum::Extension<Peer>| async move { peer.0.0.ip().to_string() });
        tokio::spawn(serve(listener, Router::new().route("/", who), pending()));
        assert!(say(address, ASK).await.ends_with("127.0.0.1"));
    }
}
