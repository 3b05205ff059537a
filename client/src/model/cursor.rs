//! How far a room has been read.

use protocol::{Epoch, EventId};

/// A position in a room's events, as `join` sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The database it counts in.
    pub epoch: Epoch,
    /// The last event that was applied; 0 for none.
    pub seq: u64,
    /// That event's id, where it is known.
    pub id: Option<EventId>,
}

/// The head in a `joined` that the leader says in the server's place.
pub(crate) const HEAD_UNKNOWN: u64 = u64::MAX;
