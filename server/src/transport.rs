//! What carries a session. One file each; all speak the same frames and read the same cursors.

mod budget;
#[cfg(not(unix))]
#[path = "transport/direct_other.rs"]
mod direct;
#[cfg(unix)]
#[path = "transport/direct_unix.rs"]
mod direct;
mod incoming;
mod line;
mod outgoing;
mod outlet;
pub(crate) mod poll;
mod raw;
pub(crate) mod sse;
mod stream;
pub(crate) mod websocket;

use axum::extract::Request;
use axum::http::{Method, header};
use hyper::ext::Protocol;

/// Whether a request asks to become a WebSocket: by `Upgrade` (RFC 6455), or by Extended CONNECT (RFC 8441).
pub(crate) fn asks_for_upgrade(request: &Request) -> bool {
    if request.method() == Method::CONNECT {
        return request
            .extensions()
            .get::<Protocol>()
            .is_some_and(|protocol| protocol.as_str() == "websocket");
    }
    request
        .headers()
        .get_all(header::UPGRADE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|protocol| protocol.trim().eq_ignore_ascii_case("websocket"))
}
