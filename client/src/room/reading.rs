//! How far the room that is shown is read.

/// How far the room that is shown is read.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// Where the line stands between what was read when the room was opened and what was not.
    pub(crate) line: Option<u64>,
    /// Whether it is known by now where it stands.
    pub(crate) is_line_known: bool,
    /// The last position that was known.
    pub(crate) read: u64,
    /// Nothing is read by itself until the room is left or something is written.
    pub(crate) is_suspended: bool,
    /// Nor is it while the position is before this one, which somebody took back elsewhere.
    pub(crate) taken_back: Option<u64>,
}

/// From what the page knows of where the line stands.
impl From<Option<u64>> for Reading {
    fn from(line: Option<u64>) -> Self {
        Self {
            line,
            is_line_known: line.is_some(),
            ..Self::default()
        }
    }
}
