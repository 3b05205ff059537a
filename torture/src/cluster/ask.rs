//! One question by HTTP, whose answer may be a refusal.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long an answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(3);
/// The longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 1024 * 1024;

/// An answer: its status and its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

/// Asks for a path; `None` when there is no answer in time.
pub(super) async fn ask(address: SocketAddr, path: &str) -> Option<Answer> {
    tokio::time::timeout(ANSWER_MAX, answer(address, path))
        .await
        .ok()?
}

async fn answer(address: SocketAddr, path: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut bytes = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut bytes).await.ok()?;
    read(&String::from_utf8_lossy(&bytes))
}

fn read(answer: &str) -> Option<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer {
        status,
        body: body.trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_an_answer_with_its_words() {
        let answer = read("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\r\nthis node differs\n");
        let expected = Answer {
            status: 503,
            body: "this node differs".to_owned(),
        };
        assert_eq!(answer, Some(expected));
    }

    #[test]
    fn half_an_answer_is_none() {
        assert_eq!(read("HTTP/1.1 200 OK\r\nContent-"), None);
    }
}
