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
            life: Some(Duration::from_secs(180)),
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
