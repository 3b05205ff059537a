//! How far a room is read.

/// A read position that a person asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// Read up to this `seq`, at least.
    Read(u64),
    /// Read up to exactly this `seq`; what follows is unread.
    Unread(u64),
    /// The room is not followed.
    Left,
}
