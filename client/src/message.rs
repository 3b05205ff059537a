//! A message as the client keeps it.

use protocol::{ClientId, EventId, UserId};

/// A message of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its place in the room: 1, 2, 3, … without gaps.
    pub seq: u64,
    /// The event's id.
    pub id: EventId,
    /// The author's id for it.
    pub client_id: ClientId,
    /// Who said it.
    pub user_id: UserId,
    /// The text, as it was written.
    pub message: String,
    /// When the server took it, in Unix milliseconds.
    pub at: u64,
}
