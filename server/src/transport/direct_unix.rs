//! Reading from a socket and writing to it with fewer system calls and less bookkeeping than the runtime's.

use std::io::{self, ErrorKind};

use rustix::net::{RecvFlags, SendFlags, recv, send};
use tokio::io::Interest;
use tokio::net::TcpStream;

/// Reads what has come. Where that is less than there is room for, the runtime takes it that nothing more is there and says so
/// when something comes: nobody has to read once more to find that out.
///
/// # Errors
/// As [`TcpStream::try_read`].
pub(super) fn read(stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = None;
    let room = buffer.len();
    let tried = stream.try_io(Interest::READABLE, || {
        let (_, read) = recv(stream, &mut *buffer, RecvFlags::empty())?;
        length = Some(read);
        // In here, so that what comes after the read is not taken for what was read.
        if (1..room).contains(&read) {
            return Err(ErrorKind::WouldBlock.into());
        }
        Ok(())
    });
    length.map_or_else(|| tried.map(|()| 0), Ok)
}

/// Writes what the system takes now.
///
/// # Errors
/// As [`TcpStream::try_write`]. Where the system takes nothing, the runtime does not learn of it: it finds that out when
/// somebody tries next. Whether the peer is gone is an error and no signal: Rust's runtime ignores SIGPIPE from the start.
pub(super) fn write(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    send(stream, bytes, SendFlags::empty()).map_err(io::Error::from)
}
