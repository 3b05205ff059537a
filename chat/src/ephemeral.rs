//! Ephemeral state: who is in a room and who is typing there. It is in no log and on no disk; it is told anew and expires.
//!
//! Each room's state has a version, and a session holds the one it has told last. What it is told is absolute, so that
//! whatever it missed in between does not matter.
//!
//! Invariant: each room has a lock of its own, taken before that of the index and never while that is held. No lock is
//! taken over all rooms but to look one of them up.

mod elsewhere;
mod here;
mod index;
mod room;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::{PersonName, RoomName, UserId};

use crate::feed::Signal;
use crate::ids;
use crate::limits::EPHEMERAL_ROOMS_MAX;
use crate::presence::Present;
use elsewhere::Outward;
pub use elsewhere::{Elsewhere, LocalPresence, LocalRoom, Typed};
pub use here::Here;
use index::Index;
use room::{EphemeralRoom, Watching};

/// The ephemeral state of all rooms that have any.
#[derive(Debug)]
pub(crate) struct Ephemeral {
    clock: Clock,
    by_name: Mutex<HashMap<RoomName, Arc<EphemeralRoom>>>,
    index: Index,
    outward: Outward,
}

/// Time, and the versions that are given out in it.
#[derive(Debug)]
struct Clock {
    /// What the last tick said; time does not pass in between.
    now_ms: AtomicU64,
    /// The last version given out, of any room.
    version: AtomicU64,
    /// The last change of who is in a room by a session of this node.
    changes_here: AtomicU64,
}

impl Clock {
    fn now_ms(&self) -> u64 {
        self.now_ms.load(Ordering::Relaxed)
    }

    fn latest_version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }

    fn next_version(&self) -> u64 {
        self.version.fetch_add(VERSION_STEP, Ordering::Relaxed) + VERSION_STEP
    }

    fn next_change_here(&self) -> u64 {
        self.changes_here.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn last_change_here(&self) -> u64 {
        self.changes_here.load(Ordering::SeqCst)
    }
}

impl Ephemeral {
    pub(crate) fn new() -> Self {
        Self {
            clock: Clock {
                now_ms: AtomicU64::new(0),
                version: AtomicU64::new(first_version()),
                changes_here: AtomicU64::new(0),
            },
            by_name: Mutex::default(),
            index: Index::default(),
            outward: Outward::default(),
        }
    }

    /// A session of this person is in the room until what this returns is dropped; `signal` is woken when there is
    /// something to tell it.
    pub(crate) fn enter(this: &Arc<Self>, name: &RoomName, user_id: UserId, signal: Signal) -> Here {
        let room = Arc::clone(
            this.lock()
                .entry(name.clone())
                .or_insert_with_key(EphemeralRoom::new),
        );
        let watching = room.enter(user_id, signal, &this.clock, &this.index);
        Here::new(Arc::clone(this), room, user_id, watching)
    }

    /// A session has left the room. While more rooms than [`EPHEMERAL_ROOMS_MAX`] have any state, nobody stays there after that:
    /// what is remembered is then bounded by who is connected.
    fn leave(&self, room: &Arc<EphemeralRoom>, user_id: UserId, watching: Option<Watching>) {
        let has_grace = self.lock().len() <= EPHEMERAL_ROOMS_MAX;
        room.leave(user_id, watching, has_grace, &self.clock, &self.index);
        if !has_grace {
            let mut by_name = self.lock();
            // One hand on it is the leaving session's, the other the map's: whoever enters has a third.
            if Arc::strong_count(room) == 2 && room.is_empty() {
                by_name.remove(room.name());
            }
        }
    }

    /// Somebody is called something else now.
    pub(crate) fn rename(&self, user_id: UserId, name: &PersonName) {
        for room in self.index.rooms_of(user_id) {
            room.rename(user_id, name, &self.clock);
        }
    }

    /// Lets time pass, and tells rooms what has changed since the last time.
    pub(crate) fn tick(&self, now_ms: u64) {
        self.clock.now_ms.store(now_ms, Ordering::Relaxed);
        let rooms: Vec<_> = self.lock().values().cloned().collect();
        for room in rooms {
            room.tick(&self.clock, &self.index);
        }
        let mut by_name = self.lock();
        // Whoever enters has a hand on the room before this lock is let go.
        by_name.retain(|_, room| Arc::strong_count(room) > 1 || !room.is_empty());
        if by_name.len() < by_name.capacity() / 4 {
            // A crowd of names that came and went must not leave its places behind.
            let room_to_grow = by_name.len() * 2;
            by_name.shrink_to(room_to_grow);
        }
    }

    /// Somebody is typing, or no more. Dropped when it comes too often, when they are not in the room, or when that is
    /// too full.
    pub(crate) fn set_typing(&self, name: &RoomName, user_id: UserId, on: bool) {
        let room = self.lock().get(name).map(Arc::clone);
        if room.is_some_and(|room| room.set_typing(user_id, on, &self.clock)) {
            self.outward.tell(name, user_id, on);
        }
    }

    /// Who is in a room.
    pub(crate) fn present(&self, name: &RoomName) -> Present {
        let room = self.lock().get(name).map(Arc::clone);
        room.map(|room| room.present()).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RoomName, Arc<EphemeralRoom>>> {
        lock(&self.by_name)
    }
}

/// Versions are in cursors, and those outlive the process and go to other nodes, so one of another process must not be taken for
/// one of ours: they all end in the same 16 bits, which others have by chance only.
const VERSION_STEP: u64 = 1 << 16;

fn first_version() -> u64 {
    let [.., high, low] = *ids::user_id().as_bytes();
    // Before 2109 it has the bits for that.
    let number = ids::unix_ms() << 6;
    number.wrapping_mul(VERSION_STEP) | u64::from(u16::from_be_bytes([high, low]))
}

/// A panic while a lock is held cannot leave the state worse than out of date.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_another_node_is_none_of_this_one_and_everything_is_told() {
        let one = Arc::new(Ephemeral::new());
        let ends_alike = |other: &Ephemeral| {
            other.clock.latest_version() % VERSION_STEP == one.clock.latest_version() % VERSION_STEP
        };
        let other = Arc::new(loop {
            let other = Ephemeral::new();
            if !ends_alike(&other) {
                break other;
            }
        });
        let version = |ephemeral: &Arc<Ephemeral>, seen| {
            let here = Ephemeral::enter(ephemeral, &RoomName::lobby(), ids::user_id(), Signal::default());
            let mut told = Vec::new();
            let version = here.pull(seen, &mut told);
            (version, told.len())
        };
        let (seen, _) = version(&one, 0);
        while other.clock.latest_version() <= seen {
            other.clock.next_version();
        }
        assert_eq!(version(&other, seen).1, 1);
        let (seen, _) = version(&other, 0);
        assert_eq!(version(&other, seen), (seen, 0));
    }

    #[test]
    fn names_that_somebody_passed_through_are_remembered_up_to_a_bound() {
        let ephemeral = Arc::new(Ephemeral::new());
        let name = |number: usize| RoomName::parse(&format!("room-{number}")).unwrap();
        let stays = Ephemeral::enter(&ephemeral, &name(0), ids::user_id(), Signal::default());
        for number in 1..EPHEMERAL_ROOMS_MAX + 100 {
            let passes = Ephemeral::enter(&ephemeral, &name(number), ids::user_id(), Signal::default());
            drop(passes);
        }
        assert_eq!(ephemeral.lock().len(), EPHEMERAL_ROOMS_MAX);
        assert_eq!(ephemeral.present(&name(0)).count, 1);
        assert_eq!(super::lock(&ephemeral.index.0).len(), EPHEMERAL_ROOMS_MAX);
        drop(stays);
    }
}
