//! The accept loop: bounded connections, in all and for one address; headers that must arrive and
//! answers that must be read in time; an orderly end.

mod patient;

use crate::guard::{Peer, Places};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use patient::Patient;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

/// Connections at once; more wait in the listener's queue.
const MOST_CONNECTIONS: usize = 8_192;
/// Of these for one address: a whole office, or a whole mobile network's gate.
const MOST_FROM_ONE: usize = 512;
/// How long the other end may leave an answer unread.
const UNREAD: Duration = Duration::from_secs(30);
/// How long a request's head may take, and how long an idle connection is kept.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// The largest head of a request.
const HEAD_BYTES: usize = 16 * 1024;
/// How long open connections may take to end once the program stops.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until `shutdown` is done, then lets requests under way finish. Behind a proxy all
/// connections come from its address, and it is the proxy that shares them out.
///
/// # Errors
/// Only what the listener itself cannot recover from.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    behind_proxy: bool,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let shares = Places::new(if behind_proxy {
        MOST_CONNECTIONS
    } else {
        MOST_FROM_ONE
    });
    let (stop, stopping) = watch::channel(false);
    tokio::pin!(shutdown);
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            break;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            // Out of file descriptors, or a client that left: the next one may do better.
            Err(problem) => {
                tracing::warn!(%problem, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(share) = shares.take(peer.ip()) else {
            tracing::debug!("an address holds all the connections that it may");
            continue;
        };
        let router = router.clone();
        let stopping = stopping.clone();
        tokio::spawn(async move {
            connection(stream, peer, router, stopping).await;
            drop((place, share));
        });
    }
    let _ = stop.send(true);
    let all = places.acquire_many(MOST_CONNECTIONS as u32);
    let _ = tokio::time::timeout(DRAIN, all).await;
    Ok(())
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    mut stopping: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request.map(Body::new))
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES.max(8 * 1024))
        .pipeline_flush(true)
        .serve_connection(TokioIo::new(Patient::new(stream, UNREAD)), service)
        .with_upgrades();
    tokio::pin!(serving);
    let stop = async move {
        let _ = stopping.wait_for(|stop| *stop).await;
    };
    let ended = tokio::select! {
        biased;
        ended = serving.as_mut() => ended,
        () = stop => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(problem) = ended {
        tracing::debug!(%problem, "a connection ended early");
    }
}
