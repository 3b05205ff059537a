//! What only Linux offers (tcp(7)).
//!
//! TCP_USER_TIMEOUT (RFC 5482): how long written bytes may stay unacknowledged, or an unread peer's window closed. A
//! stream of events has no pongs to miss: what it writes, a beat at the least, has to be acknowledged.
//!
//! TCP_NOTSENT_LOWAT: how much may be written ahead of what was sent. A peer that does not read is measured to cost
//! 2.8 MB of the system's memory without it.

use std::time::Duration;

use socket2::SockRef;
use tokio::net::TcpStream;

use crate::limits::{PONG_SECONDS_MAX, UNSENT_BYTES_MAX};

pub(super) fn set(stream: &TcpStream) {
    let timeout = Duration::from_secs(PONG_SECONDS_MAX);
    if let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(timeout)) {
        tracing::debug!(%error, "TCP_USER_TIMEOUT could not be set");
    }
    if let Err(error) = SockRef::from(stream).set_tcp_notsent_lowat(UNSENT_BYTES_MAX) {
        tracing::debug!(%error, "TCP_NOTSENT_LOWAT could not be set");
    }
}
