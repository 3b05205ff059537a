//! How far a room is read.

/// Where somebody wishes to be in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// At this `seq` or beyond.
    Read(u64),
    /// At this `seq`.
    Unread(u64),
    /// Nowhere.
    Left,
}
