//! A stream of Server-Sent Events, read as a browser reads one (HTML, section 9.2.6).

use http_body_util::BodyExt as _;
use hyper::StatusCode;

use super::http::request;
use super::{Event, Network};

/// The longest event, in bytes.
const EVENT_BYTES_MAX: usize = 1024 * 1024;

/// Runs a stream to its end.
pub(super) async fn run(network: &Network, id: u64, path: &str) {
    let Some((response, _connection)) = request(network, path, "text/event-stream", None).await else {
        return;
    };
    if response.status() != StatusCode::OK {
        return;
    }
    let mut body = response.into_body();
    let mut reader = Reader::default();
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(bytes) = frame.into_data() else {
            continue;
        };
        for (text, cursor) in reader.read(&bytes) {
            network.report(id, Event::Text(text, cursor)).await;
        }
        if reader.line.len() + reader.data.len() > EVENT_BYTES_MAX {
            return;
        }
    }
}

/// What has been read of the event that is under way.
#[derive(Debug, Default)]
struct Reader {
    line: Vec<u8>,
    data: String,
    last_id: Option<String>,
}

impl Reader {
    /// Takes bytes; the events they complete, each with the last id there was.
    fn read(&mut self, bytes: &[u8]) -> Vec<(String, Option<String>)> {
        let mut events = Vec::new();
        for &byte in bytes {
            if byte != b'\n' {
                self.line.push(byte);
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches('\r');
            if line.is_empty() {
                if !self.data.is_empty() {
                    events.push((std::mem::take(&mut self.data), self.last_id.clone()));
                }
            } else {
                self.field(line);
            }
        }
        events
    }

    fn field(&mut self, line: &str) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => {
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            "id" => self.last_id = Some(value.to_owned()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_whole_however_the_bytes_are_cut_with_the_last_id_before_them() {
        let text =
            "data:{\"a\":\"\u{b9d0}\"}\n\nid:AB\ndata: two\n\n: a comment\ndata:three\r\n\r\ndata:unfini";
        let expected = [
            ("{\"a\":\"\u{b9d0}\"}".to_owned(), None),
            ("two".to_owned(), Some("AB".to_owned())),
            ("three".to_owned(), Some("AB".to_owned())),
        ];
        for piece in 1..text.len() {
            let mut reader = Reader::default();
            let events: Vec<_> = text
                .as_bytes()
                .chunks(piece)
                .flat_map(|bytes| reader.read(bytes))
                .collect();
            assert_eq!(events, expected, "pieces of {piece}");
        }
    }
}
