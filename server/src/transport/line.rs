//! One WebSocket as a line: whole frames out, many at a time, and a watch on whether anyone is still there.

use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::{SinkExt as _, poll};
use protocol::CloseCode;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, sleep_until, timeout};

use super::budget::FrameBudget;
use super::incoming::{Received, Unreadable};
use super::outlet::Outlet;
use super::raw::Raw;
use crate::limits::{PING_SECONDS, PONG_SECONDS_MAX, WRITE_SECONDS_MAX};
use crate::session::Ended;

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// A socket and when it last gave a sign of life.
pub(crate) struct Line {
    carrier: Carrier,
    last_heard: Instant,
    last_said: Instant,
    pinged: bool,
    /// What was owed when it last gave a sign of life.
    budget: FrameBudget,
}

/// What carries a line.
enum Carrier {
    /// Plain TCP.
    Raw(Raw),
    /// A stream of an HTTP/2 connection.
    Stream(Box<WebSocket>),
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
    pub(crate) fn over_stream(socket: WebSocket) -> Self {
        Self::new(Carrier::Stream(Box::new(socket)))
    }

    pub(crate) fn over_tcp(raw: Raw) -> Self {
        Self::new(Carrier::Raw(raw))
    }

    fn new(carrier: Carrier) -> Self {
        let now = Instant::now();
        Self {
            carrier,
            last_heard: now,
            last_said: now,
            pinged: false,
            budget: FrameBudget::default(),
        }
    }

    /// Where what is published can be written to past the session, if there is such a place.
    pub(crate) fn outlet(&self) -> Option<&Arc<Outlet>> {
        match &self.carrier {
            Carrier::Raw(raw) => Some(raw.outlet()),
            Carrier::Stream(_) => None,
        }
    }

    /// The next message from the peer, once there is room for one in its budget; `None` when there will be no more.
    /// Cancel-safe.
    pub(crate) async fn receive(&mut self) -> Option<Result<Received, Unreadable>> {
        if let Some(wait) = self.budget.wait() {
            // Boxed, because hardly anybody ever waits.
            Box::pin(sleep_until(self.last_heard + wait)).await;
        }
        let received = match &mut self.carrier {
            Carrier::Raw(raw) => raw.receive().await,
            Carrier::Stream(socket) => Box::pin(socket.recv()).await.map(received),
        };
        self.mark_alive();
        self.budget.charge();
        received
    }

    /// Does not count what was received last, if it has a rate of its own.
    pub(crate) const fn give_back_if(&mut self, has_own_rate: bool) {
        if has_own_rate {
            self.budget.give_back();
        }
    }

    /// Whether the peer has said so much that what its identity says is to be counted.
    pub(crate) const fn is_talkative(&self) -> bool {
        self.budget.is_half_used()
    }

    /// Leaves unread what the peer says in this time.
    pub(crate) fn hold_back(&mut self, time: Duration) {
        self.budget.hold_back(time);
    }

    /// Answers a ping, with the next [`Line::say`].
    pub(crate) fn put_pong(&self, payload: &[u8]) {
        // Over a stream the library has answered.
        if let Carrier::Raw(raw) = &self.carrier {
            raw.put_pong(payload);
        }
    }

    /// Whether something that was begun has to be written on.
    pub(crate) fn has_unsaid(&self) -> bool {
        self.outlet().is_some_and(|outlet| outlet.has_waiting())
    }

    /// Writes whole frames and flushes once. It is never cancelled half-way by us, and has a deadline.
    ///
    /// # Errors
    /// When the peer is gone, or has not taken them in [`WRITE_SECONDS_MAX`].
    pub(crate) async fn say(&mut self, frames: &mut Vec<Utf8Bytes>) -> Result<(), Ended> {
        if let Carrier::Raw(raw) = &self.carrier {
            raw.put(frames.drain(..));
            match raw.outlet().write() {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(_) => return Err(Ended(CloseCode::Normal)),
            }
        }
        // Boxed, because it is rare with the one carrier, and large with the other.
        let (waited, written) = Box::pin(self.say_in_time(frames)).await;
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

    /// Writes frames and what waits; whether that had to be waited for, and what came of it.
    async fn say_in_time(&mut self, frames: &mut Vec<Utf8Bytes>) -> (bool, Result<io::Result<()>, Elapsed>) {
        let write = async {
            match &mut self.carrier {
                Carrier::Raw(raw) => raw.flush().await,
                Carrier::Stream(socket) => say(socket, frames).await,
            }
        };
        let write = timeout(Duration::from_secs(WRITE_SECONDS_MAX), write);
        tokio::pin!(write);
        match poll!(write.as_mut()) {
            Poll::Ready(written) => (false, written),
            Poll::Pending => (true, write.await),
        }
    }

    /// Closes with a code, waiting no longer than a moment for it to be written.
    pub(crate) async fn close(mut self, code: CloseCode) {
        let closing = async {
            match &mut self.carrier {
                Carrier::Raw(raw) => {
                    raw.put_close(code);
                    raw.flush().await
                }
                Carrier::Stream(socket) => {
                    let frame = CloseFrame {
                        code: code.code(),
                        reason: code.reason().into(),
                    };
                    let closed = socket.send(Message::Close(Some(frame))).await;
                    closed.map_err(io::Error::other)
                }
            }
        };
        if let Ok(Ok(())) = timeout(GOODBYE, closing).await {
            // The peer's own close frame, if it comes at once, spares it a reset.
            let ending = async {
                match &mut self.carrier {
                    Carrier::Raw(raw) => raw.drain().await,
                    Carrier::Stream(socket) => drain(socket).await,
                }
            };
            let _ = timeout(GOODBYE, ending).await;
        }
    }

    /// Ends a line whose peer has left: its close frame, if that is how it left, is answered (RFC 6455, section 5.5.1).
    /// Waits no longer than a moment.
    pub(crate) async fn finish(mut self, goodbye: Option<Vec<u8>>) {
        let ending = async {
            match &mut self.carrier {
                Carrier::Raw(raw) => {
                    if let Some(payload) = goodbye {
                        raw.put_close_answer(&payload);
                        let _ = raw.flush().await;
                    }
                }
                // The library answers when it is read from once more.
                Carrier::Stream(socket) => drain(socket).await,
            }
        };
        let _ = timeout(GOODBYE, ending).await;
    }

    /// When [`Line::check`] should next be called.
    pub(crate) fn next_check(&self) -> Instant {
        let ping = self.last_heard + Duration::from_secs(PING_SECONDS);
        let dead = ping + Duration::from_secs(PONG_SECONDS_MAX);
        let beat = self.last_said() + Duration::from_secs(PING_SECONDS);
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
            let ping = async {
                match &mut self.carrier {
                    Carrier::Raw(raw) => {
                        raw.put_ping();
                        raw.flush().await
                    }
                    Carrier::Stream(socket) => {
                        let pinged = socket.send(Message::Ping(bytes::Bytes::new())).await;
                        pinged.map_err(io::Error::other)
                    }
                }
            };
            match Box::pin(timeout(Duration::from_secs(PONG_SECONDS_MAX), ping)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return Err(Ended(CloseCode::Silent)),
            }
        }
        if now - self.last_said() >= Duration::from_secs(PING_SECONDS) {
            self.last_said = now;
            return Ok(Due::Beat);
        }
        Ok(Due::Nothing)
    }

    /// Counts a sign of life.
    pub(crate) fn mark_alive(&mut self) {
        let now = Instant::now();
        self.budget.pass(now - self.last_heard);
        self.last_heard = now;
        self.pinged = false;
    }

    fn last_said(&self) -> Instant {
        let past_the_session = self.outlet().map(|outlet| outlet.last_said());
        past_the_session.map_or(self.last_said, |said| said.max(self.last_said))
    }
}

async fn say(socket: &mut WebSocket, frames: &mut Vec<Utf8Bytes>) -> io::Result<()> {
    for frame in frames.drain(..) {
        let fed = socket.feed(Message::Text(frame)).await;
        fed.map_err(io::Error::other)?;
    }
    socket.flush().await.map_err(io::Error::other)
}

async fn drain(socket: &mut WebSocket) {
    while let Some(Ok(_)) = socket.recv().await {}
}

/// What the library says it received.
fn received(received: Result<Message, axum::Error>) -> Result<Received, Unreadable> {
    match received {
        Ok(Message::Text(text)) => Ok(Received::Text(text.as_str().to_owned())),
        Ok(Message::Binary(_)) => Ok(Received::Binary),
        // Answered by the library, as is the close frame.
        Ok(Message::Ping(_) | Message::Pong(_)) => Ok(Received::Pong),
        Ok(Message::Close(_)) => Ok(Received::Close(Vec::new())),
        Err(error) => {
            let cause = error.source().and_then(|error| error.downcast_ref());
            Err(match cause {
                Some(tungstenite::Error::Capacity(_)) => Unreadable::TooBig,
                Some(tungstenite::Error::Utf8(_)) => Unreadable::NotText,
                _ => {
                    tracing::debug!(%error, "a socket broke off");
                    Unreadable::Broken
                }
            })
        }
    }
}
