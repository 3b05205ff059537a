//! Writing to a socket the runtime's way.

use std::io;

use tokio::net::TcpStream;

/// Writes what the system takes now.
///
/// # Errors
/// As [`TcpStream::try_write`].
pub(super) fn write(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    stream.try_write(bytes)
}
