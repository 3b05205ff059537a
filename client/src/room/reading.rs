//! How far the room that is shown is read.

/// How far the room that is shown is read.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// The unread line stands below this `seq`.
    pub(crate) line: Option<u64>,
    pub(crate) is_line_known: bool,
    /// The last known read position.
    pub(crate) read: u64,
    /// Nothing is marked as read automatically until the room is left or something is written.
    pub(crate) is_suspended: bool,
    /// Nor while the position is before this one: it was moved back elsewhere.
    pub(crate) taken_back: Option<u64>,
}

/// With the unread line that the page shows.
impl From<Option<u64>> for Reading {
    fn from(line: Option<u64>) -> Self {
        Self {
            line,
            is_line_known: line.is_some(),
            ..Self::default()
        }
    }
}
