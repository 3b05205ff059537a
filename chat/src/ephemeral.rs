//! Ephemeral state: who is in a room and who is typing there. It is in no log and on no disk; it is told anew and expires.
//!
//! Each room's state has a version, and a session holds the one it has told last. What it is told is absolute, so that
//! whatever it missed in between does not matter.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use protocol::{PersonName, RoomName, ServerFrame, UserId};

use crate::ids;
use crate::limits::TYPING_ROOM_PEOPLE_MAX;
use crate::presence::{Person, Presence};
use crate::rooms::Rooms;
use crate::segment::encode;
use crate::store::Name;
use crate::typing::Typing;

/// The ephemeral state of all rooms that have any.
#[derive(Debug)]
pub(crate) struct Ephemeral {
    rooms: Arc<Rooms>,
    /// What the last tick said; time does not pass in between.
    now_ms: AtomicU64,
    /// The last version given out, of any room.
    version: AtomicU64,
    by_room: Mutex<HashMap<RoomName, State>>,
}

#[derive(Debug, Default)]
struct State {
    presence: Presence,
    typing: Typing,
    /// Whether the presence has changed since its version was given out.
    is_stale: bool,
    presence_version: u64,
    typing_version: u64,
    /// As they stand now; made when they are first needed.
    presence_frame: Option<Bytes>,
    typing_frame: Option<Bytes>,
}

impl Ephemeral {
    pub(crate) fn new(rooms: Arc<Rooms>) -> Self {
        Self {
            rooms,
            now_ms: AtomicU64::new(0),
            // Versions are in cursors, and those outlive the process: the next one must not go back.
            version: AtomicU64::new(ids::unix_ms() << 10),
            by_room: Mutex::default(),
        }
    }

    /// A session of this person is in the room until what this returns is dropped.
    pub(crate) fn enter(this: &Arc<Self>, room: &RoomName, user_id: UserId) -> Here {
        let mut by_room = this.lock();
        let state = by_room.entry(room.clone()).or_default();
        if state.presence.enter(user_id, None) {
            state.presence_has_changed();
        }
        drop(by_room);
        Here {
            ephemeral: Arc::clone(this),
            room: room.clone(),
            user_id,
        }
    }

    /// Somebody is called something else now.
    pub(crate) fn rename(&self, user_id: UserId, name: &PersonName) {
        let mut changed = Vec::new();
        for (room, state) in self.lock().iter_mut() {
            if state.presence.rename(user_id, name) {
                state.presence_has_changed();
            }
            if state.typing.rename(user_id, name) {
                state.typing_version = self.next_version();
                state.typing_frame = None;
                changed.push((room.clone(), state.typing_version));
            }
        }
        for (room, version) in changed {
            self.wake(&room, version);
        }
    }

    /// Lets time pass, and tells rooms what has changed since the last time.
    pub(crate) fn tick(&self, now_ms: u64) {
        self.now_ms.store(now_ms, Ordering::Relaxed);
        let mut changed = Vec::new();
        let mut by_room = self.lock();
        by_room.retain(|room, state| {
            if state.presence.tick(now_ms) {
                state.presence_has_changed();
            }
            let mut version = None;
            if std::mem::take(&mut state.is_stale) {
                state.presence_version = self.next_version();
                version = Some(state.presence_version);
            }
            if state.typing.tick(now_ms) {
                state.typing_version = self.next_version();
                state.typing_frame = None;
                version = Some(state.typing_version);
            }
            changed.extend(version.map(|version| (room.clone(), version)));
            !state.presence.is_empty() || !state.typing.is_empty()
        });
        if by_room.len() < by_room.capacity() / 4 {
            // A crowd of names that came and went must not leave its places behind.
            let room_to_grow = by_room.len() * 2;
            by_room.shrink_to(room_to_grow);
        }
        drop(by_room);
        for (room, version) in changed {
            self.wake(&room, version);
        }
    }

    /// Somebody is typing, or no more. Dropped when it comes too often, when they are not in the room, or when that is
    /// too full.
    pub(crate) fn set_typing(&self, room: &RoomName, user_id: UserId, on: bool) {
        let now_ms = self.now_ms.load(Ordering::Relaxed);
        let mut by_room = self.lock();
        let Some(state) = by_room.get_mut(room) else {
            return;
        };
        let is_heard =
            state.presence.contains(user_id) && (!on || state.presence.count() <= TYPING_ROOM_PEOPLE_MAX);
        let name = state.presence.name_of(user_id).cloned();
        if !is_heard || !state.typing.set(user_id, name, now_ms, on) {
            return;
        }
        let version = self.next_version();
        state.typing_version = version;
        state.typing_frame = None;
        drop(by_room);
        self.wake(room, version);
    }

    fn wake(&self, room: &RoomName, version: u64) {
        if let Some(room) = self.rooms.get(room) {
            room.tell_softly(version);
        }
    }

    fn next_version(&self) -> u64 {
        self.version.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A panic while the lock is held cannot leave the state worse than out of date.
    fn lock(&self) -> MutexGuard<'_, HashMap<RoomName, State>> {
        self.by_room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_nameless(&self, user_id: UserId) -> bool {
        self.presence.name_of(user_id).is_none()
    }

    fn presence_has_changed(&mut self) {
        self.is_stale = true;
        self.presence_frame = None;
    }

    fn presence_frame(&mut self, room: &RoomName) -> Bytes {
        let presence = &self.presence;
        let frame = self.presence_frame.get_or_insert_with(|| {
            let present = presence.snapshot();
            encoded(&ServerFrame::Presence {
                room,
                people: people(&present.people),
                count: present.count as u64,
            })
        });
        frame.clone()
    }

    fn typing_frame(&mut self, room: &RoomName) -> Bytes {
        let typing = &self.typing;
        let frame = self.typing_frame.get_or_insert_with(|| {
            let typists = typing.snapshot();
            encoded(&ServerFrame::Typing {
                room,
                people: people(&typists),
            })
        });
        frame.clone()
    }
}

fn people(people: &[Person]) -> Vec<protocol::Person<'_>> {
    let shown = people.iter().map(|person| protocol::Person {
        user_id: person.user_id,
        name: person.name.as_ref().map(PersonName::as_str),
    });
    shown.collect()
}

fn encoded(frame: &ServerFrame<'_>) -> Bytes {
    let mut bytes = Vec::new();
    encode(frame, &mut bytes);
    Bytes::from(bytes)
}

/// A session's being in a room. It ends when this is dropped.
#[derive(Debug)]
pub struct Here {
    ephemeral: Arc<Ephemeral>,
    room: RoomName,
    user_id: UserId,
}

impl Here {
    /// Appends what has changed since the version `seen` to `out`, and returns the version this is. Before anything
    /// was told, `seen` is 0; then who is here is always told.
    pub fn pull(&self, seen: u64, out: &mut Vec<Bytes>) -> u64 {
        let latest = self.ephemeral.version.load(Ordering::Relaxed);
        // A version that was never given out is none.
        let seen = if seen > latest { 0 } else { seen };
        let mut by_room = self.ephemeral.lock();
        let Some(state) = by_room.get_mut(&self.room) else {
            return seen;
        };
        if seen == 0 || state.presence_version > seen {
            out.push(state.presence_frame(&self.room));
        }
        let is_typed = !state.typing.snapshot().is_empty();
        if state.typing_version > seen && (seen > 0 || is_typed) {
            out.push(state.typing_frame(&self.room));
        }
        // Where nothing has a version yet, the next one given out is news.
        let told = state.presence_version.max(state.typing_version);
        seen.max(if told > 0 { told } else { latest })
    }

    /// Whether it is not known here what the person is called.
    pub(crate) fn is_nameless(&self) -> bool {
        let by_room = self.ephemeral.lock();
        by_room
            .get(&self.room)
            .is_some_and(|state| state.presence.contains(self.user_id) && state.is_nameless(self.user_id))
    }

    /// Says what the person is called, unless it became known otherwise meanwhile: that is newer.
    pub(crate) fn introduce(&self, name: &Name) {
        let name = name.as_deref().and_then(|name| PersonName::parse(name).ok());
        let mut by_room = self.ephemeral.lock();
        if let (Some(state), Some(name)) = (by_room.get_mut(&self.room), name)
            && state.is_nameless(self.user_id)
        {
            if state.presence.rename(self.user_id, &name) {
                state.presence_has_changed();
            }
            // Told with the next tick, or when they go on.
            if state.typing.rename(self.user_id, &name) {
                state.typing_frame = None;
            }
        }
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        let now_ms = self.ephemeral.now_ms.load(Ordering::Relaxed);
        if let Some(state) = self.ephemeral.lock().get_mut(&self.room) {
            state.presence.leave(self.user_id, now_ms);
        }
    }
}
