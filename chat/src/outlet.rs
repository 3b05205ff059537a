//! What is published, handed to connections as the bytes they send, by the thread that hands it out.

use std::cell::OnceCell;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bytes::Bytes;

use crate::segment::Segment;

/// A connection that can be written to as it stands, without waking whoever carries its session.
///
/// Whoever carries the session and the thread that hands out never write at the same time: an outlet is closed while
/// the session is at work, and then takes nothing; when it opens again, the session looks whether it missed anything.
pub trait Outlet: Debug + Send + Sync {
    /// Takes what comes after `place` and moves that on, or leaves both as they are. Never blocks.
    fn offer(&self, news: &News, place: &Place, wants: Wants) -> Offered;
}

/// What a connection wants of a room's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// All of them.
    Everything,
    /// What was said.
    Messages,
}

/// What came of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// There is nothing more to do: it is taken, or the session is at work and looks for itself.
    Settled,
    /// The session has to see to it.
    Wake,
}

/// The seq of the last event of a room that a connection has, or that is being written to it.
#[derive(Debug, Default)]
pub struct Place(AtomicU64);

impl Place {
    /// Where it is.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Moves it on. Only by whoever may write to the connection now.
    pub fn set(&self, seq: u64) {
        self.0.store(seq, Ordering::Release);
    }
}

/// Consecutive events of a room that were just published, as the bytes a WebSocket sends.
#[derive(Debug)]
pub struct News {
    /// The seq before the first one.
    after: u64,
    last: u64,
    at: Instant,
    /// Empty where memory does not have them any more.
    segments: Vec<Arc<Segment>>,
    everything: OnceCell<Bytes>,
    messages: OnceCell<Bytes>,
}

/// What there is for a connection.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// It has all of it.
    Nothing,
    /// These bytes, perhaps none; then it is at this place.
    Bytes(Bytes, u64),
    /// It is further behind than this goes back.
    Elsewhere,
}

impl News {
    /// Events after `after` up to `last`; no segments where memory does not have them any more.
    pub(crate) fn new(after: u64, last: u64, segments: Vec<Arc<Segment>>) -> Self {
        Self {
            after,
            last,
            at: Instant::now(),
            segments,
            everything: OnceCell::new(),
            messages: OnceCell::new(),
        }
    }

    /// The seq of the last event.
    pub(crate) const fn last(&self) -> u64 {
        self.last
    }

    /// About when it is handed out.
    #[must_use]
    pub const fn at(&self) -> Instant {
        self.at
    }

    /// What comes after a place.
    #[must_use]
    pub fn after(&self, place: u64, wants: Wants) -> Next {
        if place >= self.last {
            return Next::Nothing;
        }
        if place < self.after || self.segments.is_empty() {
            return Next::Elsewhere;
        }
        let bytes = if place == self.after {
            // Nearly everyone stands here: made once, and the same for all.
            let made = match wants {
                Wants::Everything => &self.everything,
                Wants::Messages => &self.messages,
            };
            made.get_or_init(|| self.bytes_after(place, wants)).clone()
        } else {
            self.bytes_after(place, wants)
        };
        Next::Bytes(bytes, self.last)
    }

    fn bytes_after(&self, place: u64, wants: Wants) -> Bytes {
        let framed = |segment: &Arc<Segment>| match wants {
            Wants::Everything => segment.framed_after(place),
            Wants::Messages => segment.framed_messages_after(place),
        };
        if let [only] = &*self.segments {
            return framed(only);
        }
        let all: Vec<Bytes> = self.segments.iter().map(framed).collect();
        Bytes::from(all.concat())
    }
}
