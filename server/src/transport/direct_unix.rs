//! Writing to a socket past the runtime: to a crowd its bookkeeping costs as much as all else that is not the system's.

use std::io;

use rustix::net::{SendFlags, send};
use tokio::net::TcpStream;

/// Writes what the system takes now.
///
/// # Errors
/// As [`TcpStream::try_write`], which does not know of it: where the system takes nothing, the runtime learns that from
/// whoever tries to write next.
pub(super) fn write(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    send(stream, bytes, SendFlags::empty()).map_err(io::Error::from)
}
