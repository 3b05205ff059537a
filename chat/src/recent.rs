//! The commands that were accepted last, in memory: a repeat of one is answered without the writer or a reader.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::{ClientId, UserId};

use crate::limits::{RECENT_COMMANDS_MAX, RECENT_MS};
use crate::store::Known;

type Id = (UserId, ClientId);

/// What the last [`RECENT_COMMANDS_MAX`] of them stand for.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<Inside>);

#[derive(Debug, Default)]
struct Inside {
    known: HashMap<Id, Known>,
    /// In the order in which they came.
    ids: VecDeque<Id>,
}

impl Recent {
    /// Remembers commands that are on the disk.
    pub(crate) fn remember(&self, commands: impl Iterator<Item = (UserId, ClientId, Known)>) {
        let mut inside = self.lock();
        for (author, client_id, known) in commands {
            let id = (author, client_id);
            if inside.known.insert(id, known).is_none() {
                inside.ids.push_back(id);
            }
            if inside.ids.len() > RECENT_COMMANDS_MAX
                && let Some(oldest) = inside.ids.pop_front()
            {
                inside.known.remove(&oldest);
            }
        }
    }

    /// What this stands for, if it was accepted lately.
    pub(crate) fn get(&self, author: UserId, client_id: ClientId) -> Option<Known> {
        self.lock().known.get(&(author, client_id)).copied()
    }

    /// A panic leaves at worst an id too many or too few.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an id was made in the last [`RECENT_MS`] or so, as its time says (UUIDv7: the first 48 bits are Unix
/// milliseconds): it is then hardly one that was forgotten here. One of another kind says no time, or any.
pub(crate) fn is_of_now(client_id: ClientId, now_ms: u64) -> bool {
    let [a, b, c, d, e, f, ..] = *client_id.as_bytes();
    u64::from_be_bytes([0, 0, a, b, c, d, e, f]).abs_diff(now_ms) < RECENT_MS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;

    #[test]
    fn the_last_ones_are_remembered_and_no_more() {
        let recent = Recent::default();
        let author = ids::user_id();
        let all: Vec<_> = (0..RECENT_COMMANDS_MAX as u64 + 10)
            .map(|seq| (author, ids::client_id(), Known { seq, digest: [0; 16] }))
            .collect();
        recent.remember(all.iter().copied());
        recent.remember(all[20..30].iter().copied());
        assert_eq!(recent.lock().known.len(), RECENT_COMMANDS_MAX);
        assert_eq!(recent.lock().ids.len(), RECENT_COMMANDS_MAX);
        assert_eq!(recent.get(author, all[9].1), None);
        assert_eq!(recent.get(author, all[10].1), Some(all[10].2));
        assert_eq!(recent.get(ids::user_id(), all[10].1), None);
    }

    #[test]
    fn an_id_of_a_week_ago_or_of_no_time_at_all_is_not_of_now() {
        let now_ms = 1_764_000_000_000;
        assert!(is_of_now(ClientId::from_parts(now_ms - 1_000, [7; 10]), now_ms));
        assert!(is_of_now(ClientId::from_parts(now_ms + 1_000, [7; 10]), now_ms));
        let week_ms = 7 * 24 * 3_600 * 1_000;
        assert!(!is_of_now(
            ClientId::from_parts(now_ms - week_ms, [7; 10]),
            now_ms
        ));
        assert!(!is_of_now(ClientId::from_bytes([0x9b; 16]), now_ms));
    }
}
