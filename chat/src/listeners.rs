//! Those who listen to a room, as one thread hands out to them.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use slab::Slab;

use crate::feed::Signal;
use crate::outlet::{News, Offered, Outlet, Place, Wants};

/// Listeners that are served before others get at the list: a crowd takes milliseconds.
const SERVED_AT_ONCE: usize = 64;

/// The listeners of one room that one thread hands out to.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    /// Held while waiting for the list: whoever has just had it stands behind whoever waits. Without that the thread which hands
    /// out, and takes it again at once, keeps everybody from it until it is through.
    waiting: Mutex<()>,
    inside: Mutex<Slab<Listener>>,
    count: AtomicUsize,
    /// Whether the thread is going to come and look.
    is_queued: AtomicBool,
    /// The last seq that was handed out. Written by the thread alone.
    handed_out: AtomicU64,
}

/// Somebody who is told of what happens in a room.
#[derive(Debug)]
pub(crate) struct Listener {
    signal: Signal,
    place: Arc<Place>,
    outlet: Option<(Arc<dyn Outlet>, Wants)>,
}

impl Listener {
    pub(crate) const fn new(signal: Signal, place: Arc<Place>) -> Self {
        Self {
            signal,
            place,
            outlet: None,
        }
    }

    /// Has what an offer needs of this one fetched into the processor's cache.
    fn touch(&self) -> u64 {
        let outlet = self.outlet.as_ref();
        self.place.seq() + outlet.map_or(0, |(outlet, _)| Arc::strong_count(outlet) as u64)
    }

    fn offer(&self, news: &News) {
        let offered = match &self.outlet {
            Some((outlet, wants)) => outlet.offer(news, &self.place, *wants),
            None if self.place.seq() < news.last() => Offered::Wake,
            None => Offered::Settled,
        };
        if offered == Offered::Wake {
            self.signal.wake();
        }
    }
}

impl Listeners {
    pub(crate) fn insert(&self, listener: Listener) -> usize {
        let key = self.lock().insert(listener);
        self.count.fetch_add(1, Ordering::Relaxed);
        key
    }

    /// Hands out to `outlet` from now on, and wakes the listener only when that cannot take it.
    pub(crate) fn attach(&self, key: usize, outlet: Arc<dyn Outlet>, wants: Wants) {
        if let Some(listener) = self.lock().get_mut(key) {
            listener.outlet = Some((outlet, wants));
        }
    }

    /// From here on nothing more is handed out to this listener.
    pub(crate) fn remove(&self, key: usize) {
        let mut inside = self.lock();
        let removed = inside.try_remove(key);
        if inside.len() < inside.capacity() / 4 {
            inside.shrink_to_fit();
        }
        drop(inside);
        if removed.is_some() {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Whether the thread has to be woken for them: not when there are none, or it is going to look anyhow.
    pub(crate) fn queue(&self) -> bool {
        self.count.load(Ordering::Relaxed) > 0 && !self.is_queued.swap(true, Ordering::AcqRel)
    }

    /// To be called before looking at what is new.
    pub(crate) fn unqueue(&self) {
        self.is_queued.swap(false, Ordering::AcqRel);
    }

    pub(crate) fn handed_out(&self) -> u64 {
        self.handed_out.load(Ordering::Relaxed)
    }

    /// Hands out to all of them, some at a time. Whoever comes meanwhile and is missed has asked for the room's head after
    /// this was published.
    pub(crate) fn hand_out(&self, news: &News) {
        let mut next = 0;
        loop {
            let inside = self.lock();
            let end = inside.capacity().min(next + SERVED_AT_ONCE);
            let served = || (next..end).filter_map(|key| inside.get(key));
            // Their places are far apart in memory: to look at all of them first lets the processor fetch many at once.
            black_box(served().map(Listener::touch).sum::<u64>());
            for listener in served() {
                listener.offer(news);
            }
            if end == inside.capacity() {
                break;
            }
            next = end;
        }
        self.handed_out.store(news.last(), Ordering::Relaxed);
    }

    /// A panic while the lock is held cannot leave this half-changed: each change is one call.
    fn lock(&self) -> MutexGuard<'_, Slab<Listener>> {
        let _waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
