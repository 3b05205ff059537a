//! Which formats nodes may write while some of them are of another version.
//!
//! A node reads a range of formats and says so with each heartbeat. What one writes all have to read, so it writes the newest
//! that every live node reads; a new kind of command is taken once that is the format in which it came. So nodes are replaced one
//! by one, and what is new works from the moment on that the last of them is. A node of an older version that comes back after
//! that stops at the first message it cannot read, and is asked no more: one that has stopped reads nothing.

use chat::Action;
use serde::{Deserialize, Serialize};

use super::envelope::{NEWEST_FORMAT, OLDEST_FORMAT};

/// The formats that a node reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Formats {
    /// The oldest.
    pub min: u32,
    /// The newest.
    pub max: u32,
}

impl Formats {
    /// Those of this version.
    pub const OURS: Self = Self {
        min: OLDEST_FORMAT,
        max: NEWEST_FORMAT,
    };
}

/// The newest format that a node with these formats, and all the others, read; `None` where there is none: then nothing can be
/// said before the older or the newer nodes are gone.
#[must_use]
pub fn shared(own: Formats, others: impl IntoIterator<Item = Formats>) -> Option<u32> {
    let mut shared = own;
    for Formats { min, max } in others {
        shared.min = shared.min.max(min);
        shared.max = shared.max.min(max);
    }
    (shared.min <= shared.max).then_some(shared.max)
}

/// Whether this may be asked for where messages are written in this format.
#[must_use]
pub const fn is_usable(action: &Action, format: u32) -> bool {
    format >= came_in(action)
}

/// The format in which this kind of command came. Without a wildcard: whoever adds a kind has to say it here.
const fn came_in(action: &Action) -> u32 {
    match action {
        Action::Post { .. }
        | Action::Edit { .. }
        | Action::Delete { .. }
        | Action::React { .. }
        | Action::SetTopic { .. }
        | Action::Rename { .. }
        | Action::Read { .. }
        | Action::Positions { .. }
        | Action::Unread { .. }
        | Action::Leave { .. } => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{command, post};
    use super::*;

    const fn formats(min: u32, max: u32) -> Formats {
        Formats { min, max }
    }

    #[test]
    fn what_is_written_is_the_newest_that_every_node_reads() {
        assert_eq!(shared(formats(1, 1), []), Some(1));
        assert_eq!(shared(formats(1, 2), []), Some(2));
        assert_eq!(shared(formats(1, 2), [formats(1, 1), formats(1, 2)]), Some(1));
        assert_eq!(shared(formats(2, 3), [formats(1, 2), formats(2, 4)]), Some(2));
    }

    #[test]
    fn a_new_kind_is_used_once_the_last_older_node_is_replaced() {
        let upgrades = [
            [formats(1, 1), formats(1, 1)],
            [formats(1, 2), formats(1, 1)],
            [formats(1, 2), formats(1, 2)],
        ];
        let written = upgrades.map(|others| shared(formats(1, 2), others));
        assert_eq!(written, [Some(1), Some(1), Some(2)]);
    }

    #[test]
    fn nodes_that_share_no_format_say_nothing() {
        assert_eq!(shared(formats(3, 4), [formats(1, 2)]), None);
        assert_eq!(shared(formats(1, 2), [formats(3, 4)]), None);
    }

    #[test]
    fn what_there_is_today_may_be_asked_for_in_the_first_format_and_not_before() {
        for action in [command(1, 1).action, post(1, "hello").action] {
            assert!(is_usable(&action, 1));
            assert!(!is_usable(&action, 0));
        }
    }
}
