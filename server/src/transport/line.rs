//! One WebSocket as a line: whole frames out, many at a time, and a watch on whether anyone is still there.

use std::io;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use futures_util::poll;
use protocol::CloseCode;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, sleep_until, timeout};

use super::budget::FrameBudget;
use super::incoming::{Received, Unreadable};
use super::outgoing;
use super::outlet::Outlet;
use super::raw::Raw;
use super::stream::Stream;
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
    Stream(Box<Stream>),
}

/// What the line needs when its time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing.
    Nothing,
    /// A sign of life, for a client that cannot see pings.
    Beat,
}

impl Carrier {
    async fn receive(&mut self) -> Option<Result<Received, Unreadable>> {
        match self {
            Self::Raw(raw) => raw.receive().await,
            Self::Stream(stream) => Box::pin(stream.receive()).await,
        }
    }

    /// Puts bytes behind what waits.
    fn put(&mut self, bytes: Bytes) {
        match self {
            Self::Raw(raw) => raw.outlet().put(bytes),
            Self::Stream(stream) => stream.put(bytes),
        }
    }

    /// Writes what waits.
    async fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Raw(raw) => raw.flush().await,
            Self::Stream(stream) => stream.flush().await,
        }
    }

    /// Reads and drops what comes until the peer says goodbye.
    async fn drain(&mut self) {
        loop {
            match (self.receive().await, &mut *self) {
                (None | Some(Ok(Received::Close(_))), _) => return,
                (Some(Ok(_)), _) => {}
                // What cannot be read is followed by more of it; only its end is of interest.
                (Some(Err(_)), Self::Raw(raw)) => raw.forget_received(),
                (Some(Err(_)), Self::Stream(stream)) => stream.forget_received(),
            }
        }
    }

    /// Says that nothing more comes; plain TCP says it by being dropped.
    async fn end(&mut self) {
        if let Self::Stream(stream) = self {
            stream.end().await;
        }
    }
}

impl Line {
    pub(crate) fn over_stream(stream: Stream) -> Self {
        Self::new(Carrier::Stream(Box::new(stream)))
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
        let received = self.carrier.receive().await;
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

    /// Whether what the peer says is left unread now.
    pub(crate) fn is_held_back(&self) -> bool {
        let wait = self.budget.wait();
        wait.is_some_and(|wait| self.last_heard + wait > Instant::now())
    }

    /// Answers a ping, with the next [`Line::say`].
    pub(crate) fn put_pong(&mut self, payload: &[u8]) {
        self.carrier.put(outgoing::pong(payload));
    }

    /// Whether something that was begun has to be written on.
    pub(crate) fn has_unsaid(&self) -> bool {
        match &self.carrier {
            Carrier::Raw(raw) => raw.outlet().has_waiting(),
            Carrier::Stream(stream) => stream.has_waiting(),
        }
    }

    /// Writes whole frames and flushes once. It is never cancelled half-way by us, and has a deadline.
    ///
    /// # Errors
    /// When the peer is gone, or has not taken them in [`WRITE_SECONDS_MAX`].
    pub(crate) async fn say(&mut self, frames: &mut Vec<Utf8Bytes>) -> Result<(), Ended> {
        outgoing::pack(frames.drain(..), |bytes| self.carrier.put(bytes));
        if let Carrier::Raw(raw) = &self.carrier {
            match raw.outlet().write() {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(_) => return Err(Ended(CloseCode::Normal)),
            }
        }
        // Boxed, because it is rare with the one carrier, and large with the other.
        let (waited, written) = Box::pin(self.say_in_time()).await;
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

    /// Writes what waits; whether that had to be waited for, and what came of it.
    async fn say_in_time(&mut self) -> (bool, Result<io::Result<()>, Elapsed>) {
        let write = timeout(Duration::from_secs(WRITE_SECONDS_MAX), self.carrier.flush());
        tokio::pin!(write);
        match poll!(write.as_mut()) {
            Poll::Ready(written) => (false, written),
            Poll::Pending => (true, write.await),
        }
    }

    /// Closes with a code, waiting no longer than a moment for it to be written.
    pub(crate) async fn close(mut self, code: CloseCode) {
        self.carrier.put(outgoing::close(code));
        if let Ok(Ok(())) = timeout(GOODBYE, self.carrier.flush()).await {
            // The peer's own close frame, if it comes at once, spares it a reset.
            let _ = timeout(GOODBYE, self.carrier.drain()).await;
            let _ = timeout(GOODBYE, self.carrier.end()).await;
        }
    }

    /// Ends a line whose peer has left: its close frame, if that is how it left, is answered (RFC 6455, section 5.5.1).
    /// Waits no longer than a moment.
    pub(crate) async fn finish(mut self, goodbye: Option<Vec<u8>>) {
        let ending = async {
            if let Some(payload) = goodbye {
                self.carrier.put(outgoing::close_answer(&payload));
                let _ = self.carrier.flush().await;
            }
            self.carrier.end().await;
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
            self.carrier.put(outgoing::ping());
            let ping = self.carrier.flush();
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
