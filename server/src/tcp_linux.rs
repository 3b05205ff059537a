//! TCP_USER_TIMEOUT (RFC 5482; tcp(7)): how long written bytes may stay unacknowledged.

use std::time::Duration;

use protocol::limits::SILENCE_MAX_MS;
use socket2::SockRef;
use tokio::net::TcpStream;

pub(super) fn set(stream: &TcpStream) {
    let timeout = Duration::from_millis(SILENCE_MAX_MS);
    if let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(timeout)) {
        tracing::debug!(%error, "TCP_USER_TIMEOUT could not be set");
    }
}
