//! What becomes of a node where as many agree with it as do not.

use crate::limits::{REDERIVED_MESSAGES_MAX, TIE_SETTLED_WAIT_MS};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tie {
    None,
    /// The log is being read again.
    Reading {
        position: u64,
    },
    /// This node is right: the others have until then to find out that they are not.
    Right {
        position: u64,
        until_ms: u64,
    },
    /// The log says nothing about it.
    Unknown {
        position: u64,
    },
    /// This node is wrong, or nobody is known to be.
    Lost {
        position: u64,
    },
}

impl Tie {
    /// The log was read again. What was read for a tie that is over says nothing about another.
    pub(super) fn settle(&mut self, read: u64, own_is_right: Option<bool>, now_ms: u64) {
        let Self::Reading { position } = *self else {
            return;
        };
        if read != position {
            return;
        }
        *self = match own_is_right {
            Some(true) => Self::Right {
                position,
                until_ms: now_ms + TIE_SETTLED_WAIT_MS,
            },
            Some(false) => Self::Lost { position },
            None => Self::Unknown { position },
        };
    }

    /// The position at which this node is to be held to be wrong, if it is. `gives_way`: unless the log says that it is right and
    /// the others find the same in time.
    pub(super) const fn lost(self, gives_way: bool, now_ms: u64) -> Option<u64> {
        match self {
            Self::Lost { position } => Some(position),
            Self::Right { position, until_ms } if gives_way && until_ms <= now_ms => Some(position),
            Self::Unknown { position } if gives_way => Some(position),
            Self::None | Self::Reading { .. } | Self::Right { .. } | Self::Unknown { .. } => None,
        }
    }
}

/// From which position on the log is to be read again up to `position`: from where the two last agreed, or from the first from
/// which on that can be done. `first` is the first message that the log has, `oldest` the first position of which this node
/// keeps the hash.
#[must_use]
pub fn reread_from(agreed: u64, first: u64, oldest: u64, position: u64) -> u64 {
    let from = agreed
        .max(first.saturating_sub(1))
        .max(position.saturating_sub(REDERIVED_MESSAGES_MAX));
    // The hash before the first message needs not be kept.
    if from == 0 { from } else { from.max(oldest) }
}
