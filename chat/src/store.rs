//! The database: everything that is SQL is in this module and nowhere else.

mod open;
mod read;
mod schema;
mod write;

use protocol::{ClientId, EventId, UserId};

pub(crate) use open::{open_reader, open_writer};
pub(crate) use read::{applied, epoch, event_at, events_after, head, known, page};
pub(crate) use write::{AppliedPost, PostWrite, empty_wal, post, set_applied};

use crate::command::ContentDigest;

/// A message as it stands in its room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// Its place in the room.
    pub seq: u64,
    /// The event's id.
    pub id: EventId,
    /// The author's id for it.
    pub client_id: ClientId,
    /// The author.
    pub user_id: UserId,
    /// The text, as it was written.
    pub message: String,
    /// When it was taken, in Unix milliseconds.
    pub at: u64,
}

/// Which page of a room's history to read. With neither bound it is the latest one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageQuery {
    /// Only messages with a smaller seq. Alone, the page is the latest before it.
    pub before: Option<u64>,
    /// Only messages with a larger seq; the page is then the earliest after it.
    pub after: Option<u64>,
    /// Messages at most.
    pub limit: usize,
}

/// A page of history, true for one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The room's head at that moment.
    pub seq: u64,
    /// The messages, in order of seq.
    pub messages: Vec<MessageRow>,
    /// Whether there are messages before the first one.
    pub has_older: bool,
}

/// A command that was accepted before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The seq of the event it made.
    pub seq: u64,
    /// What it asked for.
    pub digest: ContentDigest,
}
