//! One WebSocket as a line: whole frames out, many at a time, and a watch on whether anyone is still there.

use std::task::Poll;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::{SinkExt as _, poll};
use protocol::CloseCode;
use tokio::time::Instant;

use crate::limits::{PING_SECONDS, PONG_SECONDS_MAX, WRITE_SECONDS_MAX};
use crate::session::Ended;

/// A socket and when it last gave a sign of life.
pub(crate) struct Line {
    socket: WebSocket,
    last_heard: Instant,
    last_said: Instant,
    pinged: bool,
}

/// What the line needs when its time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing.
    Nothing,
    /// A sign of life, for a client that cannot see pings.
    Beat,
}

impl Line {
    pub(crate) fn new(socket: WebSocket) -> Self {
        let now = Instant::now();
        Self {
            socket,
            last_heard: now,
            last_said: now,
            pinged: false,
        }
    }

    /// The next message from the peer; `None` when there will be no more. Cancel-safe.
    pub(crate) async fn receive(&mut self) -> Option<Result<Message, axum::Error>> {
        let received = self.socket.recv().await;
        self.mark_alive();
        received
    }

    /// Writes whole frames and flushes once. It is never cancelled half-way by us, and has a deadline.
    ///
    /// # Errors
    /// When the peer is gone, or has not taken them in [`WRITE_SECONDS_MAX`].
    pub(crate) async fn say(&mut self, frames: &mut Vec<Utf8Bytes>) -> Result<(), Ended> {
        let (waited, written) = {
            let write = async {
                for frame in frames.drain(..) {
                    self.socket.feed(Message::Text(frame)).await?;
                }
                self.socket.flush().await
            };
            let write = tokio::time::timeout(Duration::from_secs(WRITE_SECONDS_MAX), write);
            tokio::pin!(write);
            match poll!(write.as_mut()) {
                Poll::Ready(written) => (false, written),
                Poll::Pending => (true, write.await),
            }
        };
        match written {
            Ok(Ok(())) => {
                self.last_said = Instant::now();
                if waited {
                    // The peer made room: a pong behind such a backlog is late, not missing.
                    self.mark_alive();
                }
                Ok(())
            }
            Ok(Err(_)) => Err(Ended(CloseCode::Normal)),
            Err(_) => Err(Ended(CloseCode::TooSlow)),
        }
    }

    /// Closes with a code, waiting no longer than a moment for it to be written.
    pub(crate) async fn close(mut self, code: CloseCode) {
        let frame = CloseFrame {
            code: code.code(),
            reason: code.reason().into(),
        };
        let moment = Duration::from_secs(1);
        let closing = self.socket.send(Message::Close(Some(frame)));
        if let Ok(Ok(())) = tokio::time::timeout(moment, closing).await {
            // The peer's own close frame, if it comes at once, spares it a reset.
            self.finish().await;
        }
    }

    /// Ends a line whose peer has left: the library answers its close frame (RFC 6455, section 5.5.1) when it is read
    /// from once more. Waits no longer than a moment.
    pub(crate) async fn finish(mut self) {
        let ending = async { while let Some(Ok(_)) = self.socket.recv().await {} };
        let _ = tokio::time::timeout(Duration::from_secs(1), ending).await;
    }

    /// When [`Line::check`] should next be called.
    pub(crate) fn next_check(&self) -> Instant {
        let ping = self.last_heard + Duration::from_secs(PING_SECONDS);
        let dead = ping + Duration::from_secs(PONG_SECONDS_MAX);
        let beat = self.last_said + Duration::from_secs(PING_SECONDS);
        beat.min(if self.pinged { dead } else { ping })
    }

    /// Pings a silent peer, gives up one that has not answered, and says whether a beat is due.
    ///
    /// # Errors
    /// When the peer has been silent for too long.
    pub(crate) async fn check(&mut self) -> Result<Due, Ended> {
        let now = Instant::now();
        let silence = now - self.last_heard;
        if silence >= Duration::from_secs(PING_SECONDS + PONG_SECONDS_MAX) {
            return Err(Ended(CloseCode::Silent));
        }
        if silence >= Duration::from_secs(PING_SECONDS) && !self.pinged {
            self.pinged = true;
            let ping = self.socket.send(Message::Ping(bytes::Bytes::new()));
            match tokio::time::timeout(Duration::from_secs(PONG_SECONDS_MAX), ping).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return Err(Ended(CloseCode::Silent)),
            }
        }
        if now - self.last_said >= Duration::from_secs(PING_SECONDS) {
            self.last_said = now;
            return Ok(Due::Beat);
        }
        Ok(Due::Nothing)
    }

    /// Counts a sign of life.
    pub(crate) fn mark_alive(&mut self) {
        self.last_heard = Instant::now();
        self.pinged = false;
    }
}
