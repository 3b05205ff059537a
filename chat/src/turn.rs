//! Whose turn it is at the write-ahead log: the writer's, for a transaction, or the checkpointer's, to begin the log anew.
//!
//! SQLite has a lock for that, but who waits for it sleeps and looks again, and a writer that takes it again at once keeps
//! the other out for ever. Here both come in the order in which they asked.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The turn. One has it at a time.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// Held while waiting: whoever has just had the turn stands behind whoever waits.
    waiting: Mutex<()>,
    held: Mutex<Left>,
}

/// What one leaves to the other.
#[derive(Debug, Default)]
pub(crate) struct Left {
    /// Pages that the writer keeps in memory may have in unused bytes what the files no more have (see `store::scrub`), and
    /// would bring it back: they are to be forgotten before anything is written.
    pub(crate) must_forget_pages: bool,
    /// A page could not be written into the database for sure: nothing more may be written.
    pub(crate) has_failed: bool,
}

impl Turn {
    /// Waits for the turn and takes it, until what this returns is dropped.
    pub(crate) fn take(&self) -> MutexGuard<'_, Left> {
        let _waiting = lock(&self.waiting);
        lock(&self.held)
    }
}

/// A panic leaves both values as true as they were.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn one_who_takes_it_again_and_again_keeps_the_other_out_no_longer_than_once() {
        let turn = Turn::default();
        let had_it = AtomicBool::new(false);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                while !had_it.load(Ordering::Relaxed) {
                    let mut left = turn.take();
                    left.must_forget_pages = false;
                }
            });
            for _ in 0..1_000 {
                turn.take().must_forget_pages = true;
            }
            had_it.store(true, Ordering::Relaxed);
        });
    }
}
