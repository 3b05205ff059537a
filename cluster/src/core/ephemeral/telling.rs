//! What a node tells the others of its people, and when.

use std::collections::HashMap;

use chat::LocalPresence;
use protocol::{RoomName, UserId};

use super::wire::Writing;
use crate::NodeId;
use crate::limits::{EPHEMERAL_CHANGE_MS, EPHEMERAL_FULL_MS, EPHEMERAL_PEOPLE_MAX, EPHEMERAL_ROOMS_MAX};

/// A node's account of its own people: who is in which room by a session of it.
///
/// Changes are told once every [`EPHEMERAL_CHANGE_MS`] at most, everything every [`EPHEMERAL_FULL_MS`] and soon after a node came
/// that knows nothing yet. [`EPHEMERAL_PEOPLE_MAX`] people are told, each counted in each room, in [`EPHEMERAL_ROOMS_MAX`] rooms;
/// further ones are left out.
#[derive(Debug)]
pub struct Telling {
    node: NodeId,
    /// Of the last message.
    sequence: u64,
    /// Of the chat, up to which it was told.
    version: u64,
    /// Who was told to be in which room, sorted.
    told: HashMap<RoomName, Vec<UserId>>,
    told_count: usize,
    left_out: usize,
    due_ms: u64,
    next_full_ms: u64,
}

impl Telling {
    /// Begins with everything, soon: `chance`, any number, says when within [`EPHEMERAL_CHANGE_MS`]. Nodes speak at moments of
    /// their own, also when all of them hear of a new one at once.
    #[must_use]
    pub fn new(node: NodeId, now_ms: u64, chance: u64) -> Self {
        Self {
            node,
            sequence: 0,
            version: 0,
            told: HashMap::new(),
            told_count: 0,
            left_out: 0,
            due_ms: now_ms + chance % EPHEMERAL_CHANGE_MS,
            next_full_ms: now_ms,
        }
    }

    /// A node knows nothing of this one's people, or has missed something: the next time, everything is told.
    pub fn begin_anew(&mut self) {
        self.next_full_ms = 0;
    }

    /// When the chat is to be asked next.
    #[must_use]
    pub const fn due_ms(&self) -> u64 {
        self.due_ms
    }

    /// Lets the time pass by, for nothing can be told now.
    pub fn put_off(&mut self, now_ms: u64) {
        self.due_ms = now_ms + EPHEMERAL_CHANGE_MS;
    }

    /// Since which version the chat is to be asked who is here: 0 when all is to be told.
    #[must_use]
    pub const fn since(&self, now_ms: u64) -> u64 {
        if now_ms >= self.next_full_ms {
            0
        } else {
            self.version
        }
    }

    /// The messages that tell what the chat said when it was asked [since](Self::since) then. `now_ms` is the same as there.
    pub fn tell(&mut self, now_ms: u64, presence: LocalPresence) -> Vec<Vec<u8>> {
        let is_all = now_ms >= self.next_full_ms;
        self.put_off(now_ms);
        self.version = presence.version;
        let mut writing = Writing::new(self.node, is_all);
        if is_all {
            self.next_full_ms = now_ms + EPHEMERAL_FULL_MS;
            self.told.clear();
            (self.told_count, self.left_out) = (0, 0);
        }
        for local in presence.rooms {
            self.tell_room(&local.room, local.people, &mut writing);
        }
        if is_all && self.told.len() < self.told.capacity() / 4 {
            // A crowd of rooms that came and went must not leave its places behind.
            self.told.shrink_to_fit();
        }
        writing.end(&mut self.sequence)
    }

    /// People who were not told, because there were too many, since everything was told last.
    #[must_use]
    pub const fn left_out(&self) -> usize {
        self.left_out
    }

    fn tell_room(&mut self, room: &RoomName, people: Vec<UserId>, writing: &mut Writing) {
        let before = self.told.remove(room).unwrap_or_default();
        self.told_count -= before.len();
        let mut now = people.clone();
        now.sort_unstable();
        let left: Vec<_> = without(&before, &now);
        let mut came = people;
        came.retain(|user_id| before.binary_search(user_id).is_err());
        let stayed = before.len() - left.len();
        let has_place = self.told.len() < EPHEMERAL_ROOMS_MAX;
        let places = if has_place {
            EPHEMERAL_PEOPLE_MAX.saturating_sub(self.told_count + stayed)
        } else {
            0
        };
        if came.len() > places {
            self.left_out += came.len() - places;
            now.retain(|user_id| before.binary_search(user_id).is_ok());
            came.truncate(places);
            now.extend(&came);
            now.sort_unstable();
        }
        writing.add(room, &came, &left);
        if !now.is_empty() {
            self.told_count += now.len();
            self.told.insert(room.clone(), now);
        }
    }
}

/// Those of `these`, sorted, who are not among `others`, sorted.
fn without(these: &[UserId], others: &[UserId]) -> Vec<UserId> {
    let is_missing = |user_id: &&UserId| others.binary_search(user_id).is_err();
    these.iter().filter(is_missing).copied().collect()
}
