//! The rooms somebody is subscribed to, and who is woken when something happens in one.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use protocol::RoomName;

use crate::caught_up::CaughtUp;
use crate::error::Error;
use crate::feed::Signal;
use crate::limits::READER_WAIT_MS_MAX;
use crate::listeners::{Listener, Listeners};
use crate::outlet::{News, Outlet, Place, Wants};
use crate::ring::{Pull, Ring};
use crate::segment::Segment;
use crate::shards::Shards;
use crate::store::End;

/// Listeners of a room that are handed out to by the same thread: fewer are not worth waking two.
const LISTENERS_TOGETHER: usize = 64;

/// The rooms that have subscribers. A room nobody is subscribed to is not here and holds no memory.
#[derive(Debug)]
pub(crate) struct Rooms {
    shards: Arc<Shards>,
    hasher: RandomState,
    by_name: Mutex<HashMap<RoomName, Arc<Room>>>,
    /// Rooms that keep what was read for those who fell behind.
    reading: Mutex<Vec<Weak<Room>>>,
}

impl Rooms {
    /// No rooms yet, and the threads that hand out what is published in them.
    pub(crate) fn start() -> Result<Self, Error> {
        Shards::start().map(Self::handed_out_by)
    }

    /// No rooms yet; what is published in them is given to these threads.
    pub(crate) fn handed_out_by(shards: Shards) -> Self {
        Self {
            shards: Arc::new(shards),
            hasher: RandomState::new(),
            by_name: Mutex::default(),
            reading: Mutex::default(),
        }
    }

    /// Registers a subscriber with its room. From here on the room's ring gathers, and `signal` is woken after
    /// every publication.
    ///
    /// Invariant: whoever joins registers first and asks for the head afterwards: the room, which knows it once anybody
    /// read it or anything was published, else SQLite. A commit that is not in the answer is published after the
    /// registration, so the ring has it; one that is in both is told apart by the cursor. Asking first would lose what
    /// is committed in between.
    pub(crate) fn subscribe(self: &Arc<Self>, name: &RoomName, signal: Signal) -> Subscription {
        let (room, number) = self.enter(name);
        let shard = (room.first_shard + number / LISTENERS_TOGETHER) % room.listeners.len();
        let place = Arc::new(Place::default());
        // Not under the registry's lock: other rooms need not wait for this one.
        let key = room.listeners[shard].insert(Listener::new(signal, Arc::clone(&place)));
        Subscription {
            rooms: Arc::clone(self),
            room,
            name: name.clone(),
            place,
            shard,
            key,
        }
    }

    /// The room, if anybody is subscribed to it.
    pub(crate) fn get(&self, name: &RoomName) -> Option<Arc<Room>> {
        lock(&self.by_name).get(name).map(Arc::clone)
    }

    /// Forgets what was read for those who fell behind and was not used since the last time.
    pub(crate) fn forget_unused(&self) {
        let reading = std::mem::take(&mut *lock(&self.reading));
        let still = reading
            .into_iter()
            .filter(|room| room.upgrade().is_some_and(|room| room.caught_up.forget_unused()));
        let still: Vec<_> = still.collect();
        lock(&self.reading).extend(still);
    }

    /// The room, made if need be, with one subscriber more; how many it had.
    fn enter(&self, name: &RoomName) -> (Arc<Room>, usize) {
        let mut rooms = lock(&self.by_name);
        let room = rooms
            .entry(name.clone())
            .or_insert_with(|| Arc::new(self.new_room(name)));
        let number = room.subscriber_count.fetch_add(1, Ordering::Relaxed);
        (Arc::clone(room), number)
    }

    fn new_room(&self, name: &RoomName) -> Room {
        let shards = self.shards.count();
        let hash = usize::try_from(self.hasher.hash_one(name) >> 32).unwrap_or_default();
        Room {
            ring: RwLock::default(),
            head: AtomicU64::new(0),
            shards: Arc::clone(&self.shards),
            first_shard: hash % shards,
            listeners: (0..shards).map(|_| Listeners::default()).collect(),
            subscriber_count: AtomicUsize::new(0),
            joining: tokio::sync::Mutex::default(),
            caught_up: CaughtUp::default(),
        }
    }

    fn unsubscribe(&self, name: &RoomName, room: &Arc<Room>, shard: usize, key: usize) {
        room.listeners[shard].remove(key);
        let mut rooms = lock(&self.by_name);
        // Counted under the registry's lock, so that no one can subscribe between the count and the removal.
        if room.subscriber_count.fetch_sub(1, Ordering::Relaxed) == 1 {
            rooms.remove(name);
            if rooms.len() < rooms.capacity() / 4 {
                // A crowd of names that came and went must not leave its places behind.
                let room_to_grow = rooms.len() * 2;
                rooms.shrink_to(room_to_grow);
            }
        }
    }
}

/// A room with subscribers.
#[derive(Debug)]
pub(crate) struct Room {
    ring: RwLock<Ring>,
    /// The last seq published here; 0 before the first. Lets a session pass by a quiet room without a lock.
    head: AtomicU64,
    shards: Arc<Shards>,
    /// Which shard serves the first of its listeners.
    first_shard: usize,
    /// For each shard those that it hands out to.
    listeners: Box<[Listeners]>,
    subscriber_count: AtomicUsize,
    /// Held by the one who asks SQLite for the room's end, so that the others need not.
    joining: tokio::sync::Mutex<()>,
    caught_up: CaughtUp,
}

impl Room {
    pub(crate) fn head(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }

    /// Puts a commit's segment into the ring and has it handed out. Called by the publisher alone, after the commit.
    pub(crate) fn publish(self: &Arc<Self>, segment: Segment) {
        let head = segment.last_seq();
        for message in segment.takes_back() {
            self.caught_up.take_back(*message);
        }
        {
            let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
            ring.push(segment);
            // Before anybody can see it there: who is woken for what the ring has looks whether the head says so, too.
            self.head.fetch_max(head, Ordering::Release);
        }
        for (shard, listeners) in self.listeners.iter().enumerate() {
            if listeners.queue() {
                self.shards.wake(shard, Arc::clone(self));
            }
        }
    }

    /// Hands out what is new to the listeners of one shard, and what came meanwhile, as long as that has not taken `enough`.
    /// Whether there may be more then. Called by that shard alone.
    pub(crate) fn hand_out(&self, shard: usize, enough: Duration) -> bool {
        let Some(listeners) = self.listeners.get(shard) else {
            return false;
        };
        let begun = Instant::now();
        listeners.unqueue();
        while listeners.hand_out(|handed_out| self.news(handed_out)) {
            if begun.elapsed() >= enough {
                return true;
            }
        }
        false
    }

    /// Wakes those whom one shard serves, so that they look for themselves.
    pub(crate) fn wake(&self, shard: usize) {
        if let Some(listeners) = self.listeners.get(shard) {
            listeners.wake();
        }
    }

    fn news(&self, handed_out: u64) -> Option<News> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        ring.news(handed_out)
    }

    /// What is known here of the room's end and of the event at `seq`, or at the head. `None` when SQLite has to be asked.
    pub(crate) fn known(&self, seq: Option<u64>) -> Option<End> {
        self.ring
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .known(seq)
    }

    /// Takes in what SQLite said of the room's end.
    pub(crate) fn learn(&self, end: &End) {
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        self.head.fetch_max(ring.learn(end), Ordering::Release);
    }

    /// Waits until nobody else asks SQLite for the room's end; what they were told is then known here.
    ///
    /// # Errors
    /// [`Error::Busy`] when that takes as long as a reader may be waited for.
    pub(crate) async fn turn_to_join(&self) -> Result<tokio::sync::MutexGuard<'_, ()>, Error> {
        in_reading_time(self.joining.lock()).await
    }

    pub(crate) fn pull(&self, cursor: u64, out: &mut Vec<Bytes>) -> Pull {
        self.ring
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .pull(cursor, out)
    }
}

/// A place among a room's subscribers, given up when dropped.
#[derive(Debug)]
pub(crate) struct Subscription {
    rooms: Arc<Rooms>,
    room: Arc<Room>,
    name: RoomName,
    place: Arc<Place>,
    shard: usize,
    key: usize,
}

impl Subscription {
    pub(crate) fn room(&self) -> &Room {
        &self.room
    }

    pub(crate) const fn name(&self) -> &RoomName {
        &self.name
    }

    /// The last event that was handed out.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Has what is published handed to `outlet` from now on, which has to be closed still.
    pub(crate) fn attach(&self, outlet: Arc<dyn Outlet>, wants: Wants) {
        self.room.listeners[self.shard].attach(self.key, outlet, wants);
    }

    /// A segment that goes on from `cursor`, where the ring does not: one that was read for somebody else, or what `read`
    /// brings, of which there is one at a time in each room. `None` when nothing comes after it.
    ///
    /// # Errors
    /// Those of `read`.
    pub(crate) async fn catch_up(
        &self,
        cursor: u64,
        read: impl AsyncFnOnce() -> Result<Option<Segment>, Error>,
    ) -> Result<Option<Arc<Segment>>, Error> {
        let caught_up = &self.room.caught_up;
        if let Some(segment) = caught_up.get(cursor) {
            return Ok(Some(segment));
        }
        let turn = in_reading_time(caught_up.turn()).await?;
        if let Some(segment) = caught_up.get(cursor) {
            return Ok(Some(segment));
        }
        let before = caught_up.version();
        let Some(segment) = read().await?.map(Arc::new) else {
            return Ok(None);
        };
        if caught_up.put(Arc::clone(&segment), before) {
            lock(&self.rooms.reading).push(Arc::downgrade(&self.room));
        }
        drop(turn);
        Ok(Some(segment))
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.rooms
            .unsubscribe(&self.name, &self.room, self.shard, self.key);
    }
}

async fn in_reading_time<T>(turn: impl Future<Output = T>) -> Result<T, Error> {
    let wait = Duration::from_millis(READER_WAIT_MS_MAX);
    tokio::time::timeout(wait, turn).await.map_err(|_| Error::Busy)
}

/// A panic while a lock is held cannot leave these structures half-changed: each change is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_gone_with_its_last_subscriber() {
        let rooms = Arc::new(Rooms::start().unwrap());
        let name = RoomName::lobby();
        let first = rooms.subscribe(&name, Signal::default());
        let second = rooms.subscribe(&name, Signal::default());
        assert_eq!(
            rooms.get(&name).unwrap().subscriber_count.load(Ordering::Relaxed),
            2
        );
        drop(first);
        assert!(rooms.get(&name).is_some());
        drop(second);
        assert!(rooms.get(&name).is_none());
    }

    #[test]
    fn names_that_came_and_went_leave_no_memory_behind() {
        let rooms = Arc::new(Rooms::start().unwrap());
        let subscribe = |number| {
            let name = RoomName::parse(&format!("room-{number}")).unwrap();
            rooms.subscribe(&name, Signal::default())
        };
        let stays = subscribe(0);
        let crowd: Vec<_> = (1..10_000).map(subscribe).collect();
        assert_eq!(lock(&rooms.by_name).len(), 10_000);
        drop(crowd);
        assert_eq!(lock(&rooms.by_name).len(), 1);
        assert!(lock(&rooms.by_name).capacity() < 100);
        assert!(rooms.get(stays.name()).is_some());
    }

    #[test]
    fn subscribing_and_leaving_on_many_threads_leaves_neither_a_room_nor_a_lost_subscriber() {
        let rooms = Arc::new(Rooms::start().unwrap());
        let name = RoomName::lobby();
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    for _ in 0..2_000 {
                        let subscription = rooms.subscribe(&name, Signal::default());
                        let registered = rooms.get(&name).unwrap();
                        assert!(Arc::ptr_eq(&registered, &subscription.room));
                    }
                });
            }
        });
        assert!(rooms.get(&name).is_none());
    }
}
