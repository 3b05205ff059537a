//! Asking a part of the cluster how it is.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result};

/// How long a part may take for its answer before it counts as gone.
const ANSWER_WAIT: Duration = Duration::from_secs(2);
/// As much of an answer as is read.
const ANSWER_BYTES_MAX: u64 = 4 * 1024;

/// What was answered: the status, and the first line of the body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) says: String,
}

/// Asks with GET.
pub(crate) fn get(address: SocketAddr, path: &str) -> Result<Answer> {
    let mut socket = TcpStream::connect_timeout(&address, ANSWER_WAIT)?;
    socket.set_read_timeout(Some(ANSWER_WAIT))?;
    socket.set_write_timeout(Some(ANSWER_WAIT))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes())?;
    let mut answer = String::new();
    socket.take(ANSWER_BYTES_MAX).read_to_string(&mut answer)?;
    read(&answer).with_context(|| format!("{address} answers {answer:?}"))
}

fn read(answer: &str) -> Option<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let says = body.lines().next().unwrap_or_default().to_owned();
    Some(Answer { status, says })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_its_status_and_its_first_line() {
        let answer = read("HTTP/1.1 503 Service Unavailable\r\na: b\r\n\r\njoining: 42%\n").unwrap();
        assert_eq!((answer.status, answer.says.as_str()), (503, "joining: 42%"));
        assert_eq!(read("SSH-2.0"), None);
    }
}
