//! Those who said something in a room, read once for all who ask until it may have changed: when somebody leaves a crowd, all
//! pages ask.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::RoomName;

use crate::error::Error;
use crate::limits::SPOKEN_ROOMS_MAX;
use crate::store::{Namesake, SpokeRow};

/// Those who said something in a room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoken {
    /// The last first: [`crate::limits::SPOKE_PEOPLE_MAX`] of those in the room's last [`crate::limits::SPOKE_MESSAGES_MAX`]
    /// messages.
    pub people: Vec<SpokeRow>,
    /// Those who follow the room and are called as some of them are; see [`crate::Chat::namesakes`]. Who begins or ceases to
    /// follow it makes a difference with the room's next event.
    pub namesakes: Vec<Namesake>,
}

/// What was read of [`SPOKEN_ROOMS_MAX`] rooms at most.
#[derive(Debug, Default)]
pub(crate) struct SpokenRooms {
    renamings: AtomicU64,
    by_room: Mutex<HashMap<RoomName, Arc<Slot>>>,
}

#[derive(Debug, Default)]
struct Slot {
    /// Held by the one who reads.
    known: tokio::sync::Mutex<Option<(Mark, Arc<Spoken>)>>,
    is_used: AtomicBool,
}

/// As long as this is the same, so is what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    head: u64,
    renamings: u64,
}

impl SpokenRooms {
    /// Somebody is called something else now.
    pub(crate) fn rename(&self) {
        self.renamings.fetch_add(1, Ordering::Release);
    }

    /// What is known of a room whose last event is the one that `head` says, `None` where that is not known; else what `read`
    /// brings, one at a time in each room.
    ///
    /// # Errors
    /// Those of `read`.
    pub(crate) async fn get(
        &self,
        room: &RoomName,
        head: impl FnOnce() -> Option<u64>,
        read: impl AsyncFnOnce() -> Result<Spoken, Error>,
    ) -> Result<Arc<Spoken>, Error> {
        let Some(slot) = self.slot(room) else {
            return read().await.map(Arc::new);
        };
        let mut known = slot.known.lock().await;
        // Looked at before it is read: what changes meanwhile is read anew.
        let mark = head().map(|head| Mark {
            head,
            renamings: self.renamings.load(Ordering::Acquire),
        });
        if let Some((of, spoken)) = &*known
            && Some(*of) == mark
        {
            return Ok(Arc::clone(spoken));
        }
        let spoken = Arc::new(read().await?);
        *known = mark.map(|mark| (mark, Arc::clone(&spoken)));
        Ok(spoken)
    }

    /// Forgets what nobody asked for since the last time.
    pub(crate) fn forget_unused(&self) {
        self.lock()
            .retain(|_, slot| slot.is_used.swap(false, Ordering::Relaxed));
    }

    fn slot(&self, room: &RoomName) -> Option<Arc<Slot>> {
        let mut by_room = self.lock();
        if by_room.len() >= SPOKEN_ROOMS_MAX && !by_room.contains_key(room) {
            return None;
        }
        let slot = by_room.entry(room.clone()).or_default();
        slot.is_used.store(true, Ordering::Relaxed);
        Some(Arc::clone(slot))
    }

    /// A panic while it is held leaves a map that is whole.
    fn lock(&self) -> MutexGuard<'_, HashMap<RoomName, Arc<Slot>>> {
        self.by_room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn room(number: usize) -> RoomName {
        RoomName::parse(&format!("room-{number}")).unwrap()
    }

    #[tokio::test]
    async fn it_is_read_anew_when_the_room_or_a_name_has_changed_and_where_that_is_not_known() {
        let rooms = SpokenRooms::default();
        let reads = Cell::new(0);
        let ask = async |head| {
            let read = async || {
                reads.set(reads.get() + 1);
                Ok(Spoken::default())
            };
            rooms.get(&room(1), || head, read).await.unwrap();
            reads.get()
        };
        assert_eq!((ask(Some(4)).await, ask(Some(4)).await), (1, 1));
        assert_eq!((ask(Some(5)).await, ask(Some(5)).await), (2, 2));
        rooms.rename();
        assert_eq!((ask(Some(5)).await, ask(Some(5)).await), (3, 3));
        assert_eq!((ask(None).await, ask(None).await), (4, 5));
        assert_eq!(ask(Some(5)).await, 6);
    }

    #[tokio::test]
    async fn of_no_more_rooms_than_there_is_a_bound_for_something_is_kept_and_only_while_it_is_used() {
        let rooms = SpokenRooms::default();
        for number in 0..SPOKEN_ROOMS_MAX + 5 {
            let read = async || Ok(Spoken::default());
            rooms.get(&room(number), || Some(1), read).await.unwrap();
        }
        assert_eq!(rooms.lock().len(), SPOKEN_ROOMS_MAX);
        rooms.forget_unused();
        let read = async || panic!("it is known");
        rooms.get(&room(0), || Some(1), read).await.unwrap();
        rooms.forget_unused();
        assert_eq!(rooms.lock().len(), 1);
    }
}
