//! What is set on every TCP connection.

use tokio::net::TcpStream;

#[cfg(target_os = "linux")]
#[path = "tcp_linux.rs"]
mod user_timeout;
#[cfg(not(target_os = "linux"))]
#[path = "tcp_other.rs"]
mod user_timeout;

/// Small frames leave at once, and bytes that are never acknowledged end the connection. A failure to set either is
/// no reason to refuse it.
pub(crate) fn prepare(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    user_timeout::set(stream);
}
