//! Sessions over Server-Sent Events (HTML, section 9.2).
//!
//! What is gathered at once is written as one chunk; its last event carries the cursor as its `id`, so that a client
//! which loses the stream goes on from there. A client that stops reading stops the gathering: nothing piles up.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ws::Utf8Bytes;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream;
use protocol::{CloseCode, ServerFrame};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::limits::STREAM_SECONDS_MAX;
use crate::session::{Ended, Session, encode};
use crate::state::AppState;

struct Stream {
    state: AppState,
    session: Session,
    /// What was gathered before the stream began.
    first: Vec<Utf8Bytes>,
    /// How long it is silent at most.
    beat: Duration,
    ends: Instant,
    sessions: CancellationToken,
    /// When it ends because the sessions do: drawn once, whatever else happens until then.
    leaves: Option<Instant>,
    ended: bool,
}

/// Answers with a stream that is silent for no longer than `beat`.
pub(crate) fn respond(state: &AppState, session: Session, first: Vec<Utf8Bytes>, beat: Duration) -> Response {
    let ends = Instant::now() + Duration::from_secs(STREAM_SECONDS_MAX);
    let stream = Stream {
        state: state.clone(),
        session,
        first,
        beat,
        ends,
        sessions: state.shutdown.sessions(),
        leaves: None,
        ended: false,
    };
    let chunks = stream::unfold(stream, |mut stream| async move {
        let chunk = stream.next_chunk().await?;
        Some((Ok::<_, Infallible>(chunk), stream))
    });
    let mut response = Body::from_stream(chunks).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-store, no-transform"),
    );
    // nginx gathers what it proxies unless it is told not to.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

impl Stream {
    /// The next chunk: events as soon as there are any, a beat when there were none for a while, a goodbye at the
    /// end. `None` after that.
    async fn next_chunk(&mut self) -> Option<Bytes> {
        if self.ended {
            return None;
        }
        if self.sessions.is_cancelled() && self.leaves.is_none() {
            self.leaves = Some(Instant::now() + self.state.shutdown.moment_to_leave());
        }
        let mut out = std::mem::take(&mut self.first);
        let beat = Instant::now() + self.beat;
        loop {
            if let Err(Ended(code)) = self.session.gather(&mut out).await {
                self.say_goodbye(code, &mut out);
            } else if let Some(code) = self.is_over() {
                self.say_goodbye(code, &mut out);
            }
            if !out.is_empty() {
                return Some(chunk(&self.session.cursor().encode(), &out));
            }
            tokio::select! {
                () = self.session.woken() => {}
                () = tokio::time::sleep_until(beat) => out.push(encode(&ServerFrame::Beat)),
                () = tokio::time::sleep_until(self.ends) => {}
                () = leaving(&self.state, &self.sessions, &mut self.leaves) => {}
            }
        }
    }

    /// Whether the stream's time has come, however much there is still to tell: its cursor says where to go on.
    fn is_over(&self) -> Option<CloseCode> {
        let now = Instant::now();
        if self.leaves.is_some_and(|leaves| leaves <= now) {
            Some(CloseCode::GoingAway)
        } else if self.ends <= now {
            Some(CloseCode::Renew)
        } else {
            None
        }
    }

    fn say_goodbye(&mut self, code: CloseCode, out: &mut Vec<Utf8Bytes>) {
        self.ended = true;
        let reconnect_ms = if code == CloseCode::Renew {
            0
        } else {
            self.state.shutdown.reconnect_ms()
        };
        out.push(encode(&ServerFrame::Bye {
            code: code.code(),
            reconnect_ms,
        }));
    }
}

async fn leaving(state: &AppState, sessions: &CancellationToken, leaves: &mut Option<Instant>) {
    sessions.cancelled().await;
    let moment = leaves.get_or_insert_with(|| Instant::now() + state.shutdown.moment_to_leave());
    tokio::time::sleep_until(*moment).await;
}

/// One `data` field an event, the cursor as the last one's `id`. Frames are JSON without line breaks.
fn chunk(cursor: &str, frames: &[Utf8Bytes]) -> Bytes {
    let bytes: usize = frames.iter().map(|frame| frame.len() + 8).sum();
    let mut chunk = Vec::with_capacity(bytes + cursor.len() + 8);
    for (index, frame) in frames.iter().enumerate() {
        if index + 1 == frames.len() {
            chunk.extend_from_slice(b"id:");
            chunk.extend_from_slice(cursor.as_bytes());
            chunk.push(b'\n');
        }
        chunk.extend_from_slice(b"data:");
        chunk.extend_from_slice(frame.as_bytes());
        chunk.extend_from_slice(b"\n\n");
    }
    Bytes::from(chunk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_event_of_a_chunk_carries_the_cursor() {
        let frames = vec![encode(&ServerFrame::Beat); 2];
        let chunk = chunk("abc", &frames);
        let text = std::str::from_utf8(&chunk).unwrap();
        assert_eq!(
            text,
            "data:{\"type\":\"beat\"}\n\nid:abc\ndata:{\"type\":\"beat\"}\n\n"
        );
    }
}
