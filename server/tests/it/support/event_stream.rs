//! Server-Sent Events, read by the letter of HTML's section 9.2.

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::{Server, Visitor, in_time, is_ephemeral};

/// An open stream.
pub(crate) struct EventStream {
    lines: BufReader<TcpStream>,
    headers: Vec<(String, String)>,
}

/// One event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: Option<String>,
    pub(crate) frame: Value,
}

impl EventStream {
    pub(crate) async fn open(server: &Server, visitor: &Visitor, path: &str, last_id: Option<&str>) -> Self {
        let stream = TcpStream::connect(server.address()).await.unwrap();
        let mut lines = BufReader::new(stream);
        let last_id = last_id
            .map(|id| format!("Last-Event-ID: {id}\r\n"))
            .unwrap_or_default();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: text/event-stream\r\nCookie: {}\r\n{last_id}\r\n",
            server.address(),
            visitor.cookie().unwrap()
        );
        lines.write_all(request.as_bytes()).await.unwrap();
        let status = Self::line(&mut lines).await;
        assert_eq!(status, "HTTP/1.1 200 OK");
        let mut headers = Vec::new();
        loop {
            let line = Self::line(&mut lines).await;
            let Some((name, value)) = line.split_once(": ") else {
                break;
            };
            headers.push((name.to_owned(), value.to_owned()));
        }
        Self { lines, headers }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(of, _)| of == name)
            .map(|(_, value)| value.as_str())
    }

    /// The next event that is not ephemeral.
    pub(crate) async fn next(&mut self) -> Event {
        loop {
            let event = self.next_of_all().await;
            if !is_ephemeral(&event.frame) {
                return event;
            }
        }
    }

    /// The next event. The chunked coding's own lines are no fields, so they are passed over.
    pub(crate) async fn next_of_all(&mut self) -> Event {
        let mut id = None;
        loop {
            let line = Self::line(&mut self.lines).await;
            if let Some(value) = line.strip_prefix("id:") {
                id = Some(value.to_owned());
            } else if let Some(value) = line.strip_prefix("data:") {
                return Event {
                    id,
                    frame: serde_json::from_str(value).unwrap(),
                };
            }
        }
    }

    async fn line(lines: &mut BufReader<TcpStream>) -> String {
        let mut line = String::new();
        let read = in_time("a line of the stream", lines.read_line(&mut line))
            .await
            .unwrap();
        assert_ne!(read, 0, "the stream ended");
        line.trim_end().to_owned()
    }
}
