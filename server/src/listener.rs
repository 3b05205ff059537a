//! Taking connections: one bounded number of them, each with a deadline for its first request.
//!
//! `axum::serve` is not used: it sets no timer for reading request heads and has no bound on connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::Request;
use axum::http::Version;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::answers::ConnectionAnswers;
use crate::gate::Gate;
use crate::limits::{
    ANSWER_LOOK_SECONDS, HEADER_READ_SECONDS_MAX, KEEP_ALIVE_SECONDS, PING_SECONDS, PONG_SECONDS_MAX,
    STREAM_BYTES_MAX, STREAMS_MAX,
};
use crate::shares::Peer;
use crate::shutdown::Shutdown;
use crate::streams::StreamExecutor;
use crate::tcp;

/// A connection's place among those that are taken, held for as long as anything lives on that connection. It is an
/// extension of each request, so that a socket that outlives its upgrade keeps it.
#[derive(Clone)]
pub(crate) struct ConnectionPermit(#[expect(dead_code, reason = "held, not read")] Arc<OwnedSemaphorePermit>);

/// Marks the requests of a connection that is plain TCP and nothing else, and speaks HTTP/1.1: once it is upgraded, the
/// connection itself can be had.
#[derive(Clone, Copy)]
pub(crate) struct PlainTcp;

/// Accepts and serves until dropped, so many connections at a time. Those that were taken go on.
pub(crate) async fn serve(listener: TcpListener, gate: Gate, shutdown: Shutdown, connections: usize) {
    let permits = Arc::new(Semaphore::new(connections));
    let mut full = false;
    let mut failing = false;
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, mostly: the connection stays in the backlog, so spinning would not help.
                if !failing {
                    tracing::warn!(%error, "a connection could not be accepted; trying again");
                }
                failing = true;
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        failing = false;
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else {
            if !full {
                tracing::warn!(connections, "all connections are taken; more are turned away");
            }
            full = true;
            continue;
        };
        full = false;
        tcp::prepare(&stream);
        let permit = ConnectionPermit(Arc::new(permit));
        shutdown.spawn(serve_connection(
            stream,
            gate.clone(),
            Peer(peer.ip()),
            permit,
            shutdown.clone(),
        ));
    }
}

async fn serve_connection(
    stream: TcpStream,
    gate: Gate,
    peer: Peer,
    permit: ConnectionPermit,
    shutdown: Shutdown,
) {
    let has_asked = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&has_asked);
    let answers = ConnectionAnswers::default();
    let of_connection = answers.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        asked.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(permit.clone());
        if request.version() == Version::HTTP_11 {
            request.extensions_mut().insert(PlainTcp);
        }
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(of_connection.clone());
        gate.clone().answer(request)
    });
    let builder = builder();
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let first_request = tokio::time::sleep(Duration::from_secs(HEADER_READ_SECONDS_MAX));
    tokio::pin!(first_request);
    let mut waits_for_first = true;
    let period = Duration::from_secs(ANSWER_LOOK_SECONDS);
    // Not at once, as an interval begins by itself: that is a timer and a turn more for each connection.
    let mut look = tokio::time::interval_at(Instant::now() + period, period);
    let mut leaving = false;
    loop {
        let result = tokio::select! {
            result = connection.as_mut() => result,
            () = first_request.as_mut(), if waits_for_first => {
                waits_for_first = false;
                if has_asked.load(Ordering::Relaxed) {
                    continue;
                }
                return;
            }
            _ = look.tick() => {
                if answers.are_overdue() {
                    tracing::debug!("a connection ended: it did not read its answers");
                    return;
                }
                continue;
            }
            () = shutdown.begun(), if !leaving => {
                leaving = true;
                connection.as_mut().graceful_shutdown();
                continue;
            }
        };
        if let Err(error) = result {
            tracing::debug!(error = &*error, "a connection ended");
        }
        return;
    }
}

fn builder() -> auto::Builder<StreamExecutor> {
    let mut builder = auto::Builder::new(StreamExecutor);
    builder
        .http1()
        .timer(TokioTimer::new())
        // It runs from the end of the answer before; the first request has a deadline of its own.
        .header_read_timeout(Duration::from_secs(KEEP_ALIVE_SECONDS))
        .max_headers(100)
        .max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .enable_connect_protocol()
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(32 * 1024)
        .max_send_buf_size(STREAM_BYTES_MAX as usize)
        .initial_stream_window_size(STREAM_BYTES_MAX)
        .initial_connection_window_size(4 * STREAM_BYTES_MAX)
        .max_local_error_reset_streams(Some(64))
        .keep_alive_interval(Duration::from_secs(PING_SECONDS))
        .keep_alive_timeout(Duration::from_secs(PONG_SECONDS_MAX));
    builder
}
