//! Reading from a socket and writing to it the runtime's way.

use std::io;

use tokio::net::TcpStream;

/// Reads what has come.
///
/// # Errors
/// As [`TcpStream::try_read`].
pub(super) fn read(stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    stream.try_read(buffer)
}

/// Writes what the system takes now.
///
/// # Errors
/// As [`TcpStream::try_write`].
pub(super) fn write(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    stream.try_write(bytes)
}
