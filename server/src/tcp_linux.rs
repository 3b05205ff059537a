//! TCP_USER_TIMEOUT (RFC 5482; tcp(7)): how long written bytes may stay unacknowledged, or an unread peer's window
//! closed.
//!
//! A stream of events has no pongs to miss: what it writes, a beat at the least, has to be acknowledged.

use std::time::Duration;

use socket2::SockRef;
use tokio::net::TcpStream;

use crate::limits::PONG_SECONDS_MAX;

pub(super) fn set(stream: &TcpStream) {
    let timeout = Duration::from_secs(PONG_SECONDS_MAX);
    if let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(timeout)) {
        tracing::debug!(%error, "TCP_USER_TIMEOUT could not be set");
    }
}
