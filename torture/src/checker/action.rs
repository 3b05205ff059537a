//! What people do in a room, as they wrote it and as the log has it.

use std::sync::Arc;

/// Something somebody did in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Said this.
    Post(Arc<str>),
    /// Said this instead of what the message at `target` says.
    Edit { target: u64, text: Arc<str> },
    /// Took back the message at `target`.
    Delete { target: u64 },
    /// Put this emoji to the message at `target`, or took theirs back.
    React { target: u64, emoji: Arc<str>, on: bool },
}

impl Action {
    /// The `seq` of the message it changes; `None` of one that says something new.
    #[must_use]
    pub const fn target(&self) -> Option<u64> {
        match self {
            Self::Post(_) => None,
            Self::Edit { target, .. } | Self::Delete { target } | Self::React { target, .. } => Some(*target),
        }
    }

    /// What is said by it; `None` where nothing is.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Post(text) | Self::Edit { text, .. } => Some(text),
            Self::Delete { .. } | Self::React { .. } => None,
        }
    }

    /// Whether both are the same but for their texts.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Post(_), Self::Post(_)) => true,
            (Self::Edit { target: one, .. }, Self::Edit { target: two, .. }) => one == two,
            _ => self == other,
        }
    }
}
