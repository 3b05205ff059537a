//! What a node makes of what others tell it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use protocol::{RoomName, UserId};

use super::wire::{Part, Presence};
use crate::NodeId;
use crate::limits::{EPHEMERAL_PEOPLE_MAX, EPHEMERAL_ROOMS_MAX, EPHEMERAL_SILENT_MS, NODES_MAX};

/// People and rooms of one node that are known: twice what it may tell, for while it tells everything, those are known still who
/// are in none of the parts.
const PEOPLE_MAX: usize = 2 * EPHEMERAL_PEOPLE_MAX;
const ROOMS_MAX: usize = 2 * EPHEMERAL_ROOMS_MAX;

/// The people of other nodes, each held in a room by a `G`, which lets them go when it is dropped.
///
/// Of a node that something was missed of, who is known stays until it tells everything again.
#[derive(Debug)]
pub struct Hearing<G> {
    me: NodeId,
    nodes: HashMap<NodeId, Other<G>>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was understood, and followed what was known.
    Yes,
    /// Something before it was missed: it, and what follows, says nothing until the node tells everything.
    Waits,
    /// It comes late, or twice.
    Old,
    /// There are too many nodes.
    TooMany,
    /// This node said it itself.
    Own,
}

/// A node.
#[derive(Debug)]
struct Other<G> {
    heard_ms: u64,
    /// When it last told who is with it.
    told_ms: u64,
    /// The highest number of a message so far.
    last: u64,
    /// Whether none was missed since everything was told.
    is_following: bool,
    /// Whether the parts of everything are coming, and none was missed.
    is_hearing_all: bool,
    /// Counts the times that everything was told: whoever is not marked by the last was not in it.
    mark: u32,
    rooms: HashMap<RoomName, HashMap<UserId, Known<G>>>,
    count: usize,
}

#[derive(Debug)]
struct Known<G> {
    mark: u32,
    #[expect(dead_code, reason = "it is there to be dropped")]
    held: G,
}

impl<G> Hearing<G> {
    #[must_use]
    pub fn new(me: NodeId) -> Self {
        Self {
            me,
            nodes: HashMap::new(),
        }
    }

    /// Something was heard of a node. Whether it was not known before: then it knows nothing of this one's people either.
    pub fn heard(&mut self, node: NodeId, now_ms: u64) -> bool {
        if node == self.me {
            return false;
        }
        let count = self.nodes.len();
        match self.nodes.entry(node) {
            Entry::Occupied(mut known) => {
                known.get_mut().heard_ms = now_ms;
                false
            }
            Entry::Vacant(new) if count < NODES_MAX => {
                new.insert(Other::new(now_ms));
                true
            }
            Entry::Vacant(_) => false,
        }
    }

    /// A node tells who is with it. `enter` puts somebody into a room, or says that there is no place.
    pub fn take(
        &mut self,
        node: NodeId,
        presence: &Presence,
        now_ms: u64,
        enter: impl FnMut(&RoomName, UserId) -> Option<G>,
    ) -> Taken {
        if node == self.me {
            return Taken::Own;
        }
        self.heard(node, now_ms);
        match self.nodes.get_mut(&node) {
            Some(other) => {
                other.told_ms = now_ms;
                other.take(presence, enter)
            }
            None => Taken::TooMany,
        }
    }

    /// A node is gone, and its people with it.
    pub fn gone(&mut self, node: NodeId) {
        self.nodes.remove(&node);
    }

    /// Nodes of which nothing was heard for [`EPHEMERAL_SILENT_MS`] are gone; of those that live and have told nothing for so long
    /// nobody knows who is with them.
    pub fn sweep(&mut self, now_ms: u64) {
        let is_silent = |since_ms: u64| now_ms.saturating_sub(since_ms) >= EPHEMERAL_SILENT_MS;
        self.nodes.retain(|_, other| !is_silent(other.heard_ms));
        for other in self.nodes.values_mut().filter(|other| is_silent(other.told_ms)) {
            other.forget_people();
        }
    }

    /// Nodes that are known.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// People that are known, each counted at each node and in each room.
    #[must_use]
    pub fn people_count(&self) -> usize {
        self.nodes.values().map(|other| other.count).sum()
    }
}

impl<G> Other<G> {
    fn new(now_ms: u64) -> Self {
        Self {
            heard_ms: now_ms,
            told_ms: now_ms,
            last: 0,
            is_following: false,
            is_hearing_all: false,
            mark: 0,
            rooms: HashMap::new(),
            count: 0,
        }
    }

    /// Until it tells everything.
    fn forget_people(&mut self) {
        self.rooms = HashMap::new();
        self.count = 0;
        self.is_following = false;
        self.is_hearing_all = false;
    }

    fn take(&mut self, presence: &Presence, enter: impl FnMut(&RoomName, UserId) -> Option<G>) -> Taken {
        let begins = matches!(presence.part, Part::All { is_first: true, .. });
        if presence.sequence <= self.last {
            return Taken::Old;
        }
        // Whatever was missed, it is in what begins here.
        let follows = begins || (self.is_following && presence.sequence == self.last + 1);
        self.last = presence.sequence;
        self.is_following = follows;
        if !follows {
            self.is_hearing_all = false;
            return Taken::Waits;
        }
        if begins {
            self.mark = self.mark.wrapping_add(1);
            self.is_hearing_all = true;
        }
        self.change(presence, enter);
        if matches!(presence.part, Part::All { is_last: true, .. }) && self.is_hearing_all {
            self.is_hearing_all = false;
            self.keep_marked();
        }
        Taken::Yes
    }

    fn change(&mut self, presence: &Presence, mut enter: impl FnMut(&RoomName, UserId) -> Option<G>) {
        for change in &presence.rooms {
            if !change.left.is_empty() {
                self.leave(&change.room, &change.left);
            }
            if change.came.is_empty() {
                continue;
            }
            if self.rooms.len() >= ROOMS_MAX && !self.rooms.contains_key(&change.room) {
                continue;
            }
            let people = self.rooms.entry(change.room.clone()).or_default();
            for user_id in &change.came {
                if let Some(known) = people.get_mut(user_id) {
                    known.mark = self.mark;
                } else if self.count < PEOPLE_MAX
                    && let Some(held) = enter(&change.room, *user_id)
                {
                    let mark = self.mark;
                    people.insert(*user_id, Known { mark, held });
                    self.count += 1;
                }
            }
            if people.is_empty() {
                self.rooms.remove(&change.room);
            }
        }
    }

    fn leave(&mut self, room: &RoomName, left: &[UserId]) {
        let Some(people) = self.rooms.get_mut(room) else {
            return;
        };
        for user_id in left {
            self.count -= usize::from(people.remove(user_id).is_some());
        }
        if people.is_empty() {
            self.rooms.remove(room);
        }
    }

    /// Lets go those who were in none of the parts.
    fn keep_marked(&mut self) {
        let (mark, mut count) = (self.mark, 0);
        self.rooms.retain(|_, people| {
            people.retain(|_, known| known.mark == mark);
            if people.len() < people.capacity() / 4 {
                // A crowd that came and went must not leave its places behind.
                people.shrink_to_fit();
            }
            count += people.len();
            !people.is_empty()
        });
        self.count = count;
    }
}
