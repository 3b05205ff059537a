//! How many commands are likely to come together.

use std::collections::HashSet;

use protocol::UserId;

use crate::limits::{BATCH_LARGE_COMMANDS, BATCH_LARGE_LINGER_MS, BATCH_LINGER_MS};
use crate::order::Entry;

/// The last two batches. A crowd in which each waits for their answer before they say the next thing may be spread over two:
/// what one of them brought is then on its way while the other is written.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    last: HashSet<UserId>,
    before: HashSet<UserId>,
    last_commands: usize,
    expected: usize,
}

impl Crowd {
    /// Remembers a batch.
    pub(crate) fn had(&mut self, batch: &[Entry]) {
        std::mem::swap(&mut self.last, &mut self.before);
        self.last.clear();
        self.last.extend(batch.iter().map(|entry| entry.command.author));
        self.last_commands = batch.len();
        let others = self.before.difference(&self.last).count();
        self.expected = batch.len().max(self.last.len() + others);
    }

    /// How long it pays to wait for more, in milliseconds, after a batch like the last one.
    pub(crate) const fn linger_ms(&self) -> u64 {
        match self.last_commands {
            BATCH_LARGE_COMMANDS.. => BATCH_LARGE_LINGER_MS,
            2.. => BATCH_LINGER_MS,
            _ => 0,
        }
    }

    /// How many commands the next batch is likely to have: as many as the last one, or one of each who was there lately.
    pub(crate) const fn expected(&self) -> usize {
        self.expected
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Action, COMMAND_FORMAT, Command};
    use crate::ids;
    use protocol::RoomName;

    fn batch(authors: &[UserId]) -> Vec<Entry> {
        let entry = |author: &UserId| Entry {
            position: 1,
            command: Command {
                format: COMMAND_FORMAT,
                client_id: ids::client_id(),
                author: *author,
                event_id: ids::event_id(),
                at: 0,
                action: Action::Leave {
                    room: RoomName::lobby(),
                },
            },
            digest: [0; 16],
            reply: None,
        };
        authors.iter().map(entry).collect()
    }

    #[test]
    fn a_crowd_that_is_spread_over_two_batches_is_expected_in_one() {
        let people: Vec<_> = (0..5).map(|_| ids::user_id()).collect();
        let mut crowd = Crowd::default();
        assert_eq!((crowd.linger_ms(), crowd.expected()), (0, 0));
        crowd.had(&batch(&people[..3]));
        crowd.had(&batch(&people[2..]));
        assert_eq!((crowd.linger_ms(), crowd.expected()), (BATCH_LINGER_MS, 5));
        crowd.had(&batch(&people[..1]));
        crowd.had(&batch(&people[..1]));
        assert_eq!(
            (crowd.linger_ms(), crowd.expected()),
            (0, 1),
            "those who left are not waited for"
        );
        let one = people[0];
        crowd.had(&batch(&[one; 9]));
        assert_eq!(crowd.expected(), 9, "who said much may say much again");
        crowd.had(&batch(&[one; BATCH_LARGE_COMMANDS]));
        assert_eq!(crowd.linger_ms(), BATCH_LARGE_LINGER_MS);
    }
}
