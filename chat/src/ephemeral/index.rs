//! In which rooms somebody is, so that a new name reaches those and no other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use protocol::UserId;

use super::lock;
use super::room::EphemeralRoom;
use crate::limits::PRESENCE_ROOMS_MAX;

/// The rooms of each person who is in any.
#[derive(Debug, Default)]
pub(super) struct Index(pub(super) Mutex<HashMap<UserId, Vec<Arc<EphemeralRoom>>>>);

impl Index {
    /// They are in this room now; false when they are in [`PRESENCE_ROOMS_MAX`] others. Called with the room's lock held, so that
    /// nobody takes them out meanwhile.
    pub(super) fn add(&self, user_id: UserId, room: &Arc<EphemeralRoom>) -> bool {
        let mut rooms_of = lock(&self.0);
        let rooms = rooms_of.entry(user_id).or_default();
        let has_room = rooms.len() < PRESENCE_ROOMS_MAX;
        if has_room {
            rooms.push(Arc::clone(room));
        }
        has_room
    }

    /// They are in it no more. Called with the room's lock held.
    pub(super) fn remove(&self, user_id: UserId, room: &EphemeralRoom) {
        let mut rooms_of = lock(&self.0);
        let Some(rooms) = rooms_of.get_mut(&user_id) else {
            return;
        };
        rooms.retain(|known| !std::ptr::eq(&raw const **known, room));
        if rooms.is_empty() {
            rooms_of.remove(&user_id);
        }
        if rooms_of.len() < rooms_of.capacity() / 4 {
            // A crowd that came and went must not leave its places behind.
            let room_to_grow = rooms_of.len() * 2;
            rooms_of.shrink_to(room_to_grow);
        }
    }

    pub(super) fn rooms_of(&self, user_id: UserId) -> Vec<Arc<EphemeralRoom>> {
        lock(&self.0).get(&user_id).cloned().unwrap_or_default()
    }
}
