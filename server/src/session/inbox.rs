//! Where the publisher's thread leaves the outcomes of what a session asked for.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use chat::Outcome;
use protocol::{ClientId, RoomName};

use crate::limits::POSTS_IN_FLIGHT_MAX;

/// What an outcome is about.
#[derive(Clone, Debug)]
pub(super) enum About {
    /// What has an id of its own: its outcome is told.
    Command(ClientId),
    /// A read position in a room: only its refusal is told.
    Position(RoomName),
}

/// Outcomes waiting to be told. Never holds more than there were posts in flight, which is bounded.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    in_flight: AtomicUsize,
    /// Whether the session waits until nothing is in flight.
    is_awaited: AtomicBool,
    outcomes: Mutex<Vec<(About, Outcome)>>,
}

impl Inbox {
    /// Counts a post that is about to be submitted.
    pub(super) fn expect(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes back a count: the post did not need an outcome.
    pub(super) fn expect_no_more(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// As [`Inbox::expect_no_more`], for an outcome of which there is nothing to tell. Whether the session has to be woken: it
    /// waits for room, or until nothing is in flight.
    pub(super) fn settle(&self) -> bool {
        let before = self.in_flight.fetch_sub(1, Ordering::SeqCst);
        before >= POSTS_IN_FLIGHT_MAX || self.is_awaited.load(Ordering::SeqCst)
    }

    /// Has the session woken with each outcome from now on; how many are missing.
    pub(super) fn await_all(&self) -> usize {
        self.is_awaited.store(true, Ordering::SeqCst);
        self.in_flight.load(Ordering::SeqCst)
    }

    /// Leaves an outcome.
    pub(super) fn put(&self, about: About, outcome: Outcome) {
        self.outcomes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((about, outcome));
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Hands out what is there, in the order it came.
    pub(super) fn drain(&self, mut tell: impl FnMut(About, Outcome)) {
        if self.in_flight() == 0 {
            return;
        }
        // Taken whole, so that the lock is not held while frames are encoded and an idle session keeps no buffer.
        let outcomes = std::mem::take(&mut *self.outcomes.lock().unwrap_or_else(PoisonError::into_inner));
        self.in_flight.fetch_sub(outcomes.len(), Ordering::Relaxed);
        for (about, outcome) in outcomes {
            tell(about, outcome);
        }
    }
}
