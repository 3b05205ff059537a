//! The lock of a browser's tabs, as Web Locks has it: one holder, the others in line, and who steals goes before all.

use std::collections::VecDeque;

/// One exclusive lock. Tabs are known by their slots.
#[derive(Debug, Default)]
pub(super) struct Lock {
    holder: Option<usize>,
    line: VecDeque<usize>,
}

impl Lock {
    /// Asks for the lock; who is granted it by this, if anybody is.
    pub(super) fn request(&mut self, tab: usize) -> Option<usize> {
        self.line.retain(|waiting| *waiting != tab);
        self.line.push_back(tab);
        self.next()
    }

    /// Takes the lock; who lost it by this, if anybody did.
    pub(super) fn steal(&mut self, tab: usize) -> Option<usize> {
        self.line.retain(|waiting| *waiting != tab);
        self.holder.replace(tab).filter(|loser| *loser != tab)
    }

    /// Gives the lock back, or the place in line; who is granted it by this, if anybody is.
    pub(super) fn release(&mut self, tab: usize) -> Option<usize> {
        self.line.retain(|waiting| *waiting != tab);
        self.holder.take_if(|holder| *holder == tab);
        self.next()
    }

    fn next(&mut self) -> Option<usize> {
        if self.holder.is_some() {
            return None;
        }
        self.holder = self.line.pop_front();
        self.holder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_goes_down_the_line_and_to_who_steals_it() {
        let mut lock = Lock::default();
        assert_eq!(lock.request(1), Some(1));
        assert_eq!(lock.request(2), None);
        assert_eq!(lock.request(3), None);
        assert_eq!(lock.release(2), None, "one in line leaves it");
        assert_eq!(lock.release(1), Some(3));
        assert_eq!(lock.steal(1), Some(3));
        assert_eq!(lock.request(3), None);
        assert_eq!(lock.release(1), Some(3));
        assert_eq!(lock.release(3), None);
    }
}
