//! The lock of a browser's tabs, as Web Locks has it: one holder, a queue, and stealing.

use std::collections::VecDeque;

/// One exclusive lock. Tabs are known by their indices.
#[derive(Debug, Default)]
pub struct TabLock {
    holder: Option<usize>,
    queue: VecDeque<usize>,
    is_missing: bool,
}

impl TabLock {
    /// What a browser has that knows no locks.
    #[must_use]
    pub fn missing() -> Self {
        Self {
            is_missing: true,
            ..Self::default()
        }
    }

    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.is_missing
    }

    /// Asks for the lock; returns the tab that is granted it by this, if any.
    pub fn request(&mut self, tab: usize) -> Option<usize> {
        self.queue.retain(|waiting| *waiting != tab);
        self.queue.push_back(tab);
        self.next()
    }

    /// Takes the lock; returns the tab that lost it by this, if any.
    pub fn steal(&mut self, tab: usize) -> Option<usize> {
        self.queue.retain(|waiting| *waiting != tab);
        self.holder.replace(tab).filter(|loser| *loser != tab)
    }

    /// Gives the lock back, or the place in the queue; returns the tab that is granted it by this, if any.
    pub fn release(&mut self, tab: usize) -> Option<usize> {
        self.queue.retain(|waiting| *waiting != tab);
        self.holder.take_if(|holder| *holder == tab);
        self.next()
    }

    fn next(&mut self) -> Option<usize> {
        if self.holder.is_some() {
            return None;
        }
        self.holder = self.queue.pop_front();
        self.holder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_goes_down_the_queue_and_to_the_tab_that_steals_it() {
        let mut lock = TabLock::default();
        assert_eq!(lock.request(1), Some(1));
        assert_eq!(lock.request(2), None);
        assert_eq!(lock.request(3), None);
        assert_eq!(lock.release(2), None, "one in the queue leaves it");
        assert_eq!(lock.release(1), Some(3));
        assert_eq!(lock.steal(1), Some(3));
        assert_eq!(lock.request(3), None);
        assert_eq!(lock.release(1), Some(3));
        assert_eq!(lock.release(3), None);
    }
}
