//! Other nodes: their people are here as those of this one are, and this one's are told to them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use protocol::{PersonName, RoomName, UserId};
use tokio::sync::{Notify, mpsc};

use super::room::EphemeralRoom;
use super::{Ephemeral, lock};
use crate::limits::{EPHEMERAL_ROOMS_MAX, NEWCOMERS_MAX, NEWCOMERS_PER_READ_MAX, TYPING_OUTWARD_MAX};
use crate::store::Name;

/// A person's being in a room by another node. It ends when this is dropped, and for others a little later.
#[derive(Debug)]
pub struct Elsewhere {
    ephemeral: Arc<Ephemeral>,
    room: Arc<EphemeralRoom>,
    user_id: UserId,
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.ephemeral.leave(&self.room, self.user_id, None);
    }
}

/// Who is in rooms by a session of this node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalPresence {
    /// The last change that is in it.
    pub version: u64,
    /// The rooms in which that has changed since the version that was asked for.
    pub rooms: Vec<LocalRoom>,
}

/// Who is in one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalRoom {
    pub room: RoomName,
    /// Each once, in the order in which they came; [`crate::limits::PRESENCE_PEOPLE_MAX`] at most.
    pub people: Vec<UserId>,
}

/// Somebody at this node is typing, or no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    pub room: RoomName,
    pub user_id: UserId,
    pub on: bool,
}

/// What concerns other nodes alone.
#[derive(Debug, Default)]
pub(super) struct Outward {
    typing: Mutex<Option<mpsc::Sender<Typed>>>,
    /// People who came from elsewhere and may have a name.
    newcomers: Mutex<HashSet<UserId>>,
    have_come: Notify,
}

impl Outward {
    /// Tells other nodes what somebody types here. Dropped when much waits already.
    pub(super) fn tell(&self, room: &RoomName, user_id: UserId, on: bool) {
        if let Some(typing) = &*lock(&self.typing) {
            let _ = typing.try_send(Typed {
                room: room.clone(),
                user_id,
                on,
            });
        }
    }

    fn add(&self, user_id: UserId) {
        let is_first = {
            let mut newcomers = lock(&self.newcomers);
            let is_first = newcomers.is_empty();
            if newcomers.len() < NEWCOMERS_MAX {
                newcomers.insert(user_id);
            }
            is_first
        };
        if is_first {
            self.have_come.notify_one();
        }
    }
}

impl Ephemeral {
    /// Another node says that a person is in a room there, until what this returns is dropped. `None` when there are as many
    /// people in the room, rooms of the person, or rooms in all as are remembered.
    pub(crate) fn enter_elsewhere(this: &Arc<Self>, name: &RoomName, user_id: UserId) -> Option<Elsewhere> {
        let room = {
            let mut by_name = this.lock();
            if by_name.len() >= EPHEMERAL_ROOMS_MAX && !by_name.contains_key(name) {
                return None;
            }
            let room = by_name.entry(name.clone());
            Arc::clone(room.or_insert_with_key(EphemeralRoom::new))
        };
        if !room.enter_elsewhere(user_id, &this.index) {
            return None;
        }
        if room.is_nameless(user_id) {
            this.outward.add(user_id);
        }
        Some(Elsewhere {
            ephemeral: Arc::clone(this),
            room,
            user_id,
        })
    }

    /// Who is in rooms by a session of this node: those rooms in which that has changed since the version `since`, and at 0 all
    /// in which anybody is. A room that everybody has left for so long that it is forgotten is left out.
    pub(crate) fn local_presence(&self, since: u64) -> LocalPresence {
        // Asked before the rooms are: what changes meanwhile is told twice rather than never.
        let version = self.clock.last_change_here();
        let rooms: Vec<_> = self.lock().values().cloned().collect();
        let rooms = rooms.iter().filter_map(|room| {
            let people = room.people_here(since)?;
            (since > 0 || !people.is_empty()).then(|| LocalRoom {
                room: room.name().clone(),
                people,
            })
        });
        LocalPresence {
            version,
            rooms: rooms.collect(),
        }
    }

    /// What is typed at this node from now on. Told to the last who asked.
    pub(crate) fn typing_outward(&self) -> mpsc::Receiver<Typed> {
        let (sender, receiver) = mpsc::channel(TYPING_OUTWARD_MAX);
        *lock(&self.outward.typing) = Some(sender);
        receiver
    }

    /// Somebody is typing at another node, or no more. Bounded as [`Ephemeral::set_typing`] is.
    pub(crate) fn typing_elsewhere(&self, name: &RoomName, user_id: UserId, on: bool) {
        let room = self.lock().get(name).map(Arc::clone);
        if let Some(room) = room {
            room.set_typing(user_id, on, &self.clock);
        }
    }

    /// Waits for people who came from elsewhere and whose names are not known here: [`NEWCOMERS_PER_READ_MAX`] at most.
    pub(crate) async fn newcomers(&self) -> Vec<UserId> {
        loop {
            let some: Vec<_> = {
                let mut newcomers = lock(&self.outward.newcomers);
                let some: Vec<_> = newcomers.iter().take(NEWCOMERS_PER_READ_MAX).copied().collect();
                for user_id in &some {
                    newcomers.remove(user_id);
                }
                if newcomers.is_empty() {
                    // A crowd that came at once must not leave its places behind.
                    newcomers.shrink_to_fit();
                }
                some
            };
            if !some.is_empty() {
                return some;
            }
            self.outward.have_come.notified().await;
        }
    }

    /// Their names could not be read: they wait again.
    pub(crate) fn ask_again(&self, newcomers: impl IntoIterator<Item = UserId>) {
        for user_id in newcomers {
            self.outward.add(user_id);
        }
    }

    /// Says what somebody is called, wherever it did not become known otherwise meanwhile: that is newer.
    pub(crate) fn introduce(&self, user_id: UserId, name: &Name) {
        let name = name.as_deref().and_then(|name| PersonName::parse(name).ok());
        if let Some(name) = name {
            for room in self.index.rooms_of(user_id) {
                room.introduce(user_id, &name);
            }
        }
    }
}
