//! Who is told how the rooms are that they follow, without reading them.
//!
//! What happens in a room is noted, once however much happens. With the next tick each session that follows the room, and has
//! not joined it, is marked for it and woken, and asks the database how the room is. Ephemeral: a session is told how rooms
//! are from when it begins to hear on; how they were before is in the list of rooms.

mod feed;
mod places;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::{RoomName, UserId};

use crate::limits::{ROOM_TOLD_MS_MAX, ROOM_TOLD_MS_PER_FOLLOWER, ROOMS_NOTED_MAX, ROOMS_TOLD_PER_TICK_MAX};
pub use feed::RoomsFeed;

use feed::News;
use places::Places;

/// The sessions that hear how the rooms are. Nobody else is here.
#[derive(Debug, Default)]
pub(crate) struct Followers {
    /// How many there are: while there are none, nothing is noted.
    count: AtomicUsize,
    /// All that whoever tells a message touches. It is held for a moment only, whatever the tick does meanwhile.
    noted: Mutex<Noted>,
    /// Taken before `noted`.
    inside: Mutex<Inside>,
}

/// What happened since the last tick.
#[derive(Debug, Default)]
struct Noted {
    rooms: HashSet<RoomName>,
    /// Who follows a room now, or follows it no more.
    people: HashMap<(UserId, RoomName), bool>,
}

#[derive(Debug, Default)]
struct Inside {
    places: Places,
    /// Rooms in which something happened that is not told yet, of those that somebody has to be told of.
    due: HashSet<RoomName>,
    /// Rooms that are being told, each with the sessions that are left.
    telling: VecDeque<(RoomName, Vec<usize>)>,
    meanwhile: Meanwhile,
}

/// What happened while it is being read which rooms some sessions follow.
#[derive(Debug, Default)]
struct Meanwhile {
    /// How many sessions those are.
    sessions: usize,
    rooms: HashSet<RoomName>,
    /// There was more than is remembered.
    is_full: bool,
}

impl Followers {
    /// Something happened in a room. Called by the publisher alone, after the commit.
    pub(crate) fn happened(&self, room: &RoomName) {
        self.note(|noted| {
            if !noted.rooms.contains(room) {
                noted.rooms.insert(room.clone());
            }
        });
    }

    /// Somebody follows a room, perhaps only now, or has read it further. Called by the publisher alone, after the commit.
    pub(crate) fn follows(&self, user_id: UserId, room: &RoomName) {
        self.note(|noted| {
            noted.people.insert((user_id, room.clone()), true);
        });
    }

    /// Somebody follows a room no more. Called by the publisher alone, after the commit.
    pub(crate) fn left(&self, user_id: UserId, room: &RoomName) {
        self.note(|noted| {
            noted.people.insert((user_id, room.clone()), false);
        });
    }

    /// A session begins to hear that has joined these rooms; its key. Which rooms it follows is not known yet.
    fn begin(&self, user_id: UserId, joined: Vec<RoomName>, news: &Arc<News>) -> usize {
        let mut inside = lock(&self.inside);
        // What was noted before is no concern of this session.
        self.take_in(&mut inside);
        self.count.fetch_add(1, Ordering::SeqCst);
        inside.meanwhile.sessions += 1;
        inside.places.insert(user_id, joined, Arc::clone(news))
    }

    /// It is known now which rooms a session follows. It is told of those in which something happened since it began.
    fn begun(&self, key: usize, news: &News, followed: &[RoomName]) {
        let mut inside = lock(&self.inside);
        self.take_in(&mut inside);
        // The session may have ended, and another have its key.
        if !news.begun() {
            return;
        }
        for room in followed {
            if inside.places.follow(key, room) && inside.meanwhile.has(room) {
                inside.places.mark(key, room);
            }
        }
        inside.meanwhile.end();
    }

    /// A session hears no more.
    fn end(&self, user_id: UserId, key: usize, news: &News) {
        let mut inside = lock(&self.inside);
        inside.places.remove(user_id, key);
        if news.begun() {
            inside.meanwhile.end();
        }
        if self.count.fetch_sub(1, Ordering::SeqCst) == 1 {
            *inside = Inside::default();
            *lock(&self.noted) = Noted::default();
        }
    }

    /// Marks those for whom the time has come, [`ROOMS_TOLD_PER_TICK_MAX`] at most. `now_ms` never runs backwards.
    pub(crate) fn tick(&self, now_ms: u64) {
        if self.is_empty() {
            return;
        }
        let mut inside = lock(&self.inside);
        self.take_in(&mut inside);
        if inside.telling.is_empty() {
            inside.begin(now_ms);
        }
        inside.tell();
    }

    fn is_empty(&self) -> bool {
        self.count.load(Ordering::SeqCst) == 0
    }

    fn note(&self, note: impl FnOnce(&mut Noted)) {
        if self.is_empty() {
            return;
        }
        let is_full = {
            let mut noted = lock(&self.noted);
            note(&mut noted);
            noted.rooms.len() + noted.people.len() >= ROOMS_NOTED_MAX
        };
        if is_full {
            // So many between two ticks: that it waits for the tick now and then is what bounds it.
            self.take_in(&mut lock(&self.inside));
        }
    }

    /// Takes in what was noted.
    fn take_in(&self, inside: &mut Inside) {
        let noted = std::mem::take(&mut *lock(&self.noted));
        for ((user_id, room), follows) in noted.people {
            if follows {
                inside.places.follow_all(user_id, &room);
            } else {
                inside.places.unfollow_all(user_id, &room);
            }
        }
        for room in noted.rooms {
            inside.meanwhile.note(&room);
            if inside.places.is_told(&room) {
                inside.due.insert(room);
            }
        }
    }
}

impl Inside {
    /// Begins to tell those rooms whose time has come. All that were begun before are told.
    fn begin(&mut self, now_ms: u64) {
        let (places, telling) = (&mut self.places, &mut self.telling);
        self.due.retain(|room| match places.audience(room) {
            None => false,
            Some(audience) if now_ms < audience.next_ms => true,
            Some(audience) => {
                // What a crowd is told does not grow with it.
                let followers = audience.sessions.len() as u64;
                audience.next_ms = now_ms + (followers * ROOM_TOLD_MS_PER_FOLLOWER).min(ROOM_TOLD_MS_MAX);
                telling.push_back((room.clone(), audience.sessions.iter().copied().collect()));
                false
            }
        });
        // A few need not wait for a crowd.
        self.telling
            .make_contiguous()
            .sort_unstable_by_key(|(_, sessions)| sessions.len());
    }

    fn tell(&mut self) {
        for _ in 0..ROOMS_TOLD_PER_TICK_MAX {
            let Some((room, sessions)) = self.telling.front_mut() else {
                return;
            };
            if let Some(key) = sessions.pop() {
                self.places.mark(key, room);
            }
            if sessions.is_empty() {
                self.telling.pop_front();
            }
        }
    }
}

impl Meanwhile {
    fn note(&mut self, room: &RoomName) {
        if self.sessions == 0 || self.is_full {
            return;
        }
        self.is_full = self.rooms.len() >= ROOMS_NOTED_MAX;
        self.rooms.insert(room.clone());
    }

    fn has(&self, room: &RoomName) -> bool {
        self.is_full || self.rooms.contains(room)
    }

    /// It is known what one of the sessions follows, or need not be known any more.
    fn end(&mut self) {
        self.sessions -= 1;
        if self.sessions == 0 {
            *self = Self::default();
        }
    }
}

/// A panic while a lock is held cannot leave the state worse than out of date.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
