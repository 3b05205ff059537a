//! Which session follows which rooms and has joined which: kept both ways.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use protocol::limits::{JOINED_ROOMS_MAX, ROOMS_LISTED_MAX};
use protocol::{RoomName, UserId};
use slab::Slab;

use super::feed::News;

/// The sessions that hear how rooms are, and the rooms that somebody has to be told of.
#[derive(Debug, Default)]
pub(super) struct Places {
    sessions: Slab<Hearing>,
    by_person: HashMap<UserId, Vec<usize>>,
    by_room: HashMap<RoomName, Audience>,
}

/// Whom a room's changes are told.
#[derive(Debug, Default)]
pub(super) struct Audience {
    pub(super) sessions: HashSet<usize>,
    /// When they may be told next.
    pub(super) next_ms: u64,
}

#[derive(Debug)]
struct Hearing {
    news: Arc<News>,
    follows: Vec<RoomName>,
    /// It sees for itself what happens there.
    joined: Vec<RoomName>,
}

impl Places {
    /// A session that has joined these rooms; its key.
    pub(super) fn insert(&mut self, user_id: UserId, joined: Vec<RoomName>, news: Arc<News>) -> usize {
        let key = self.sessions.insert(Hearing {
            news,
            follows: Vec::new(),
            joined,
        });
        self.by_person.entry(user_id).or_default().push(key);
        key
    }

    pub(super) fn remove(&mut self, user_id: UserId, key: usize) {
        let Some(session) = self.sessions.try_remove(key) else {
            return;
        };
        for room in &session.follows {
            self.pass_over(key, room);
        }
        if let Some(keys) = self.by_person.get_mut(&user_id) {
            keys.retain(|known| *known != key);
            if keys.is_empty() {
                self.by_person.remove(&user_id);
                shrink(&mut self.by_person);
            }
        }
    }

    /// Whether anybody has to be told of this room.
    pub(super) fn is_told(&self, room: &RoomName) -> bool {
        self.by_room.contains_key(room)
    }

    pub(super) fn audience(&mut self, room: &RoomName) -> Option<&mut Audience> {
        self.by_room.get_mut(room)
    }

    /// Has a session told how a room is, unless it has joined that.
    pub(super) fn mark(&self, key: usize, room: &RoomName) {
        if let Some(session) = self.sessions.get(key)
            && !session.joined.contains(room)
        {
            session.news.mark(room);
        }
    }

    /// The session follows a room, unless it follows [`ROOMS_LISTED_MAX`] others. Whether that is news.
    pub(super) fn follow(&mut self, key: usize, room: &RoomName) -> bool {
        let Some(session) = self.sessions.get_mut(key) else {
            return false;
        };
        if session.follows.len() >= ROOMS_LISTED_MAX || session.follows.contains(room) {
            return false;
        }
        // The name that others have already, not another copy of it.
        let known = self.by_room.get_key_value(room).map(|(known, _)| known.clone());
        let room = known.unwrap_or_else(|| room.clone());
        session.follows.push(room.clone());
        if !session.joined.contains(&room) {
            self.by_room.entry(room).or_default().sessions.insert(key);
        }
        true
    }

    /// A person follows a room, or has read it further: their sessions are told.
    pub(super) fn follow_all(&mut self, user_id: UserId, room: &RoomName) {
        for key in self.by_person.get(&user_id).cloned().unwrap_or_default() {
            self.follow(key, room);
            self.mark(key, room);
        }
    }

    /// A person follows a room no more: their sessions are told, after whatever is on its way to them.
    pub(super) fn unfollow_all(&mut self, user_id: UserId, room: &RoomName) {
        for key in self.by_person.get(&user_id).cloned().unwrap_or_default() {
            if let Some(session) = self.sessions.get_mut(key) {
                session.follows.retain(|known| known != room);
            }
            self.pass_over(key, room);
            self.mark(key, room);
        }
    }

    /// The session has joined a room.
    pub(super) fn joined(&mut self, key: usize, room: &RoomName) {
        if let Some(session) = self.sessions.get_mut(key)
            && session.joined.len() < JOINED_ROOMS_MAX
            && !session.joined.contains(room)
        {
            session.joined.push(room.clone());
            session.news.unmark(room);
        }
        self.pass_over(key, room);
    }

    /// The session has unsubscribed from a room: if the person follows it, it is told how that is, and hears of it from now on.
    pub(super) fn unsubscribed(&mut self, key: usize, room: &str) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let Some(at) = session.joined.iter().position(|known| known.as_str() == room) else {
            return;
        };
        let room = session.joined.swap_remove(at);
        if session.follows.contains(&room) {
            session.news.mark(&room);
            self.by_room.entry(room).or_default().sessions.insert(key);
        }
    }

    /// The session need not be told of a room any more.
    fn pass_over(&mut self, key: usize, room: &RoomName) {
        if let Some(audience) = self.by_room.get_mut(room) {
            audience.sessions.remove(&key);
            if audience.sessions.is_empty() {
                self.by_room.remove(room);
                shrink(&mut self.by_room);
            }
        }
    }
}

/// A crowd that came and went must not leave its places behind.
fn shrink<K: std::hash::Hash + Eq, V>(map: &mut HashMap<K, V>) {
    if map.len() < map.capacity() / 4 {
        let room_to_grow = map.len() * 2;
        map.shrink_to(room_to_grow);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Signal;
    use crate::ids;

    #[test]
    fn a_session_that_has_ended_leaves_nothing_behind() {
        let mut places = Places::default();
        let [lobby, attic] = ["lobby", "attic"].map(|name| RoomName::parse(name).unwrap());
        let user_id = ids::user_id();
        let sessions = [(); 2].map(|()| {
            let key = places.insert(user_id, vec![lobby.clone()], News::new(Signal::default()));
            for room in [&lobby, &attic] {
                assert!(places.follow(key, room));
            }
            places.unsubscribed(key, "lobby");
            key
        });
        places.remove(user_id, sessions[0]);
        assert!(places.is_told(&lobby) && places.is_told(&attic), "to the other");
        places.remove(user_id, sessions[1]);
        assert!(places.sessions.is_empty() && places.by_person.is_empty() && places.by_room.is_empty());
    }
}
