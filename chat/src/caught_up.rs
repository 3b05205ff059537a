//! What was read from the database for somebody who fell behind, kept for a moment for the others: those who were cut off
//! together come back together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::limits::CAUGHT_UP_BYTES_MAX;
use crate::segment::Segment;

/// A room's segments that were read from the database a moment ago, [`CAUGHT_UP_BYTES_MAX`] of them at most.
#[derive(Debug, Default)]
pub(crate) struct CaughtUp {
    inside: Mutex<Inside>,
    /// Held by the one who reads.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Inside {
    kept: Vec<Kept>,
    /// Counts what was taken back: what was read before that may hold a text that is to be nowhere any more.
    version: u64,
    /// Whether [`CaughtUp::forget_unused`] is going to be called.
    is_listed: bool,
}

#[derive(Debug)]
struct Kept {
    segment: Arc<Segment>,
    /// Whether anybody used it since [`CaughtUp::forget_unused`] looked.
    is_used: bool,
}

impl CaughtUp {
    /// A segment that goes on from `cursor`.
    pub(crate) fn get(&self, cursor: u64) -> Option<Arc<Segment>> {
        let mut inside = self.lock();
        let kept = inside
            .kept
            .iter_mut()
            .find(|kept| kept.segment.goes_on_from(cursor))?;
        kept.is_used = true;
        Some(Arc::clone(&kept.segment))
    }

    /// Waits until nobody else reads.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// To be asked for before reading, for [`CaughtUp::put`].
    pub(crate) fn version(&self) -> u64 {
        self.lock().version
    }

    /// Keeps a segment, unless anything was taken back since `version`. True when [`CaughtUp::forget_unused`] has to be
    /// called from now on.
    pub(crate) fn put(&self, segment: Arc<Segment>, version: u64) -> bool {
        let mut inside = self.lock();
        if inside.version != version {
            return false;
        }
        let mut bytes_left = CAUGHT_UP_BYTES_MAX.saturating_sub(segment.weight_bytes());
        inside.kept.push(Kept {
            segment,
            is_used: true,
        });
        // The last one stays, whatever it weighs: somebody is about to read it.
        let before = inside.kept.len() - 1;
        let fits = |kept: &&Kept| {
            let left = bytes_left.checked_sub(kept.segment.weight_bytes());
            bytes_left = left.unwrap_or_default();
            left.is_some()
        };
        let kept = inside.kept[..before].iter().rev().take_while(fits).count();
        inside.kept.drain(..before - kept);
        !std::mem::replace(&mut inside.is_listed, true)
    }

    /// Drops what may hold the text of this message.
    pub(crate) fn take_back(&self, message: u64) {
        let mut inside = self.lock();
        inside.version += 1;
        inside.kept.retain(|kept| !kept.segment.tells_of(message));
    }

    /// Drops what nobody used since the last call. False when nothing is left, and it need
    /// not be called again.
    pub(crate) fn forget_unused(&self) -> bool {
        let mut inside = self.lock();
        inside.kept.retain_mut(|kept| std::mem::take(&mut kept.is_used));
        if inside.kept.is_empty() {
            inside.kept = Vec::new();
        }
        inside.is_listed = !inside.kept.is_empty();
        inside.is_listed
    }

    /// A panic while the lock is held cannot leave this half-changed: each change is one call.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn segment(first: u64, events: usize) -> Arc<Segment> {
        Arc::new(testing::segment(first, (0..events).map(|_| testing::topic())))
    }

    #[test]
    fn whoever_stands_before_or_inside_of_what_was_read_has_it_too() {
        let caught_up = CaughtUp::default();
        assert!(caught_up.put(segment(5, 3), caught_up.version()));
        assert!(
            !caught_up.put(segment(8, 2), caught_up.version()),
            "not the first"
        );
        let first_of = |cursor| caught_up.get(cursor).map(|segment| segment.first_seq());
        let found: Vec<_> = (3..11).map(first_of).collect();
        assert_eq!(
            found,
            [None, Some(5), Some(5), Some(5), Some(8), Some(8), None, None]
        );
    }

    #[test]
    fn what_was_read_before_something_was_taken_back_is_not_kept_after_it() {
        let caught_up = CaughtUp::default();
        caught_up.put(segment(1, 4), caught_up.version());
        caught_up.put(segment(5, 4), caught_up.version());
        let before = caught_up.version();
        let read = segment(9, 4);
        caught_up.take_back(2);
        assert!(caught_up.get(0).is_none());
        assert!(caught_up.get(4).is_some(), "the text does not stand in it");
        caught_up.put(read, before);
        assert!(caught_up.get(8).is_none());
    }

    #[test]
    fn little_is_kept_and_what_nobody_uses_any_more_is_not() {
        let caught_up = CaughtUp::default();
        let weight = segment(1, 1_000).weight_bytes();
        let count = 2 * CAUGHT_UP_BYTES_MAX / weight;
        for number in 0..count as u64 {
            caught_up.put(segment(1 + number * 1_000, 1_000), caught_up.version());
        }
        let kept = caught_up.lock().kept.len();
        assert_eq!(kept, CAUGHT_UP_BYTES_MAX / weight);
        let last = count as u64 * 1_000 - 1;
        assert!(caught_up.forget_unused());
        caught_up.get(last).unwrap();
        assert!(caught_up.forget_unused());
        assert_eq!(caught_up.lock().kept.len(), 1);
        assert!(!caught_up.forget_unused());
    }
}
