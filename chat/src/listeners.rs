//! Those who listen to a room, as one thread hands out to them.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use slab::Slab;

use crate::feed::Signal;
use crate::outlet::{News, Offered, Outlet, Place, Wants};

/// Listeners of a group. They are served before others get at the list: a crowd takes milliseconds.
const GROUP_LISTENERS: usize = 64;

/// The listeners of one room that one thread hands out to.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    /// Held while waiting for the list: whoever has just had it stands behind whoever waits. Without that the thread which hands
    /// out, and takes it again at once, keeps everybody from it until it is through.
    waiting: Mutex<()>,
    inside: Mutex<Inside>,
    count: AtomicUsize,
    /// Whether the thread is going to come and look.
    is_queued: AtomicBool,
}

#[derive(Debug, Default)]
struct Inside {
    all: Slab<Listener>,
    /// The last seq that was handed out to each [`GROUP_LISTENERS`] of them.
    handed_out: Vec<u64>,
    /// What all of them had when the last round began.
    round_began_at: u64,
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
        let key = self.lock().all.insert(listener);
        self.count.fetch_add(1, Ordering::Relaxed);
        key
    }

    /// Hands out to `outlet` from now on, and wakes the listener only when that cannot take it.
    pub(crate) fn attach(&self, key: usize, outlet: Arc<dyn Outlet>, wants: Wants) {
        if let Some(listener) = self.lock().all.get_mut(key) {
            listener.outlet = Some((outlet, wants));
        }
    }

    /// From here on nothing more is handed out to this listener.
    pub(crate) fn remove(&self, key: usize) {
        let mut inside = self.lock();
        let removed = inside.all.try_remove(key);
        if inside.all.len() < inside.all.capacity() / 4 {
            inside.all.shrink_to_fit();
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

    /// Hands out to all of them, to each group what `news_after` the last seq that it had is there when its turn comes: in a
    /// crowd the last need not wait for what was published while the first were served. False when there was nothing for any.
    ///
    /// Whoever comes meanwhile and is missed has asked for the room's head after this was published.
    pub(crate) fn hand_out(&self, news_after: impl Fn(u64) -> Option<News>) -> bool {
        let groups = self.lock().begin_round();
        let mut is_new = false;
        for group in 0..groups {
            // Anew for each group: others get at the list in between.
            is_new |= self.lock().hand_out(group, &news_after);
        }
        is_new
    }

    /// Wakes all of them.
    pub(crate) fn wake(&self) {
        for (_, listener) in &self.lock().all {
            listener.signal.wake();
        }
    }

    /// A panic while the lock is held cannot leave this half-changed: each change is one call.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        let _waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    /// Begins a round: sees to it that everybody is in a group. How many groups there are.
    fn begin_round(&mut self) -> usize {
        let groups = self.all.capacity().div_ceil(GROUP_LISTENERS);
        // Whoever is in a new group came after the last round began, and has not missed what there was then.
        self.handed_out.resize(groups, self.round_began_at);
        if let Some(least) = self.handed_out.iter().min() {
            self.round_began_at = *least;
        }
        groups
    }

    /// Hands out to a group; false when there was nothing new.
    fn hand_out(&mut self, group: usize, news_after: impl Fn(u64) -> Option<News>) -> bool {
        let Some(handed_out) = self.handed_out.get_mut(group) else {
            return false;
        };
        let Some(news) = news_after(*handed_out) else {
            return false;
        };
        *handed_out = news.last();
        let first = group * GROUP_LISTENERS;
        let served = || (first..first + GROUP_LISTENERS).filter_map(|key| self.all.get(key));
        // Their places are far apart in memory: to look at all of them first lets the processor fetch many at once.
        black_box(served().map(Listener::touch).sum::<u64>());
        for listener in served() {
            listener.offer(&news);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::ring::Ring;
    use crate::testing;

    /// A connection that takes everything.
    #[derive(Debug, Default)]
    struct Open;

    impl Outlet for Open {
        fn offer(&self, news: &News, place: &Place, _: Wants) -> Offered {
            place.set(news.last());
            Offered::Settled
        }
    }

    fn publish(ring: &RefCell<Ring>, seq: u64) {
        ring.borrow_mut().push(testing::segment(seq, [testing::topic()]));
    }

    fn join(listeners: &Listeners) -> Arc<Place> {
        let place = Arc::new(Place::default());
        let key = listeners.insert(Listener::new(Signal::default(), Arc::clone(&place)));
        listeners.attach(key, Arc::new(Open), Wants::Everything);
        place
    }

    fn seqs(places: &[Arc<Place>]) -> Vec<u64> {
        let mut seqs: Vec<u64> = places.iter().map(|place| place.seq()).collect();
        seqs.dedup();
        seqs
    }

    #[test]
    fn what_is_published_while_a_crowd_is_served_goes_to_the_rest_of_it_at_once() {
        let (listeners, ring) = (Listeners::default(), RefCell::new(Ring::default()));
        let places: Vec<_> = (0..4 * GROUP_LISTENERS).map(|_| join(&listeners)).collect();
        publish(&ring, 1);
        let turns = RefCell::new(0);
        let news_after = |seq| {
            *turns.borrow_mut() += 1;
            if *turns.borrow() == 3 {
                publish(&ring, 2);
            }
            ring.borrow().news(seq)
        };
        // Memory knows nothing of what was before.
        assert!(listeners.hand_out(|_| Some(News::new(0, 0, Vec::new()))));
        assert!(listeners.hand_out(news_after));
        assert_eq!(
            seqs(&places),
            [1, 2],
            "the first groups have the first, the others both"
        );
        assert!(listeners.hand_out(news_after));
        assert_eq!(seqs(&places), [2]);
        assert!(!listeners.hand_out(news_after));
    }

    #[test]
    fn whoever_comes_while_others_are_served_misses_nothing_that_is_published_after_that() {
        let (listeners, ring) = (Listeners::default(), RefCell::new(Ring::default()));
        let news_after = |seq| ring.borrow().news(seq);
        let join_all = |count| (0..count).map(|_| join(&listeners)).collect::<Vec<_>>();
        let first = join_all(GROUP_LISTENERS);
        publish(&ring, 1);
        while listeners.hand_out(news_after) {}
        assert_eq!(listeners.lock().begin_round(), 1);
        let later = join_all(GROUP_LISTENERS);
        for place in &later {
            place.set(1);
        }
        publish(&ring, 2);
        assert!(listeners.lock().hand_out(0, news_after));
        assert_eq!((seqs(&first), seqs(&later)), (vec![2], vec![1]));
        while listeners.hand_out(news_after) {}
        assert_eq!(seqs(&later), [2]);
    }
}
