//! Virtual time, and what happens when.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// What is to happen, by time; what happens at the same time, in the order in which it was said.
#[derive(Debug)]
pub(crate) struct Clock<E> {
    pub(crate) now_ms: u64,
    said: u64,
    due: BinaryHeap<Reverse<(u64, u64)>>,
    events: BTreeMap<u64, E>,
}

impl<E> Clock<E> {
    pub(crate) const fn new() -> Self {
        Self {
            now_ms: 0,
            said: 0,
            due: BinaryHeap::new(),
            events: BTreeMap::new(),
        }
    }

    pub(crate) fn at(&mut self, ms: u64, event: E) {
        self.said += 1;
        self.due.push(Reverse((ms.max(self.now_ms), self.said)));
        self.events.insert(self.said, event);
    }

    pub(crate) fn after(&mut self, ms: u64, event: E) {
        self.at(self.now_ms + ms, event);
    }

    /// Goes on to the next event; with the number under which it was said.
    pub(crate) fn next(&mut self) -> Option<(u64, E)> {
        let Reverse((at_ms, said)) = self.due.pop()?;
        self.now_ms = at_ms;
        Some((said, self.events.remove(&said)?))
    }

    /// Puts off what just happened. It stays before what was said after it.
    pub(crate) fn put_off(&mut self, until_ms: u64, said: u64, event: E) {
        self.due.push(Reverse((until_ms, said)));
        self.events.insert(said, event);
    }
}
