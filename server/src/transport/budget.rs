//! How many frames are read from one connection, and how often.

use std::time::Duration;

use tokio::time::sleep;

use crate::limits::{CRUMB_BYTES, CRUMB_PAUSE_MS, CRUMBS_AT_ONCE, FRAMES_AT_ONCE, FRAMES_PER_SECOND};

/// What one frame takes, in microseconds.
const FRAME_US: u32 = 1_000_000 / FRAMES_PER_SECOND;
/// What [`FRAMES_AT_ONCE`] take.
const BURST_US: u32 = FRAMES_AT_ONCE * FRAME_US;

/// The frames of one connection: [`FRAMES_AT_ONCE`] at once and [`FRAMES_PER_SECOND`] in the long run. What is beyond that is
/// not refused but left unread, so that TCP, or the window of an HTTP/2 stream, holds its sender back.
///
/// The generic cell rate algorithm (ITU-T I.371). It reads no clock: whoever has it says what time has passed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FrameBudget {
    /// How long it takes until nothing is owed any more, in microseconds.
    owed_us: u32,
}

impl FrameBudget {
    /// Lets time pass.
    pub(super) fn pass(&mut self, time: Duration) {
        let us = u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
        self.owed_us = self.owed_us.saturating_sub(us);
    }

    /// Counts a frame that was read.
    pub(super) const fn charge(&mut self) {
        self.owed_us = self.owed_us.saturating_add(FRAME_US);
    }

    /// Takes back the count of a frame that has a rate of its own.
    pub(super) const fn give_back(&mut self) {
        self.owed_us = self.owed_us.saturating_sub(FRAME_US);
    }

    /// Has nothing read for so long, beside what is owed.
    pub(super) fn hold_back(&mut self, time: Duration) {
        let us = u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
        self.owed_us = self.owed_us.max(BURST_US - FRAME_US).saturating_add(us);
    }

    /// How long to wait before the next frame is read; `None` when there is room for one.
    pub(super) fn wait(self) -> Option<Duration> {
        let us = self.owed_us.saturating_sub(BURST_US - FRAME_US);
        (us > 0).then(|| Duration::from_micros(us.into()))
    }

    /// Whether more than half of what may come at once has come.
    pub(super) const fn is_half_used(self) -> bool {
        self.owed_us > BURST_US / 2
    }
}

/// A frame that comes in crumbs, byte by byte at worst: each would have the server woken for it.
#[derive(Debug, Default)]
pub(super) struct Crumbs(u32);

impl Crumbs {
    /// So many bytes were read, and the frame is not whole yet.
    pub(super) fn read(&mut self, bytes: usize) {
        self.0 = if bytes < CRUMB_BYTES { self.0 + 1 } else { 0 };
    }

    /// Waits for more to come together, when there were many.
    pub(super) async fn pause(&self) {
        if self.0 > CRUMBS_AT_ONCE {
            // Boxed, because hardly anybody ever waits.
            Box::pin(sleep(Duration::from_millis(CRUMB_PAUSE_MS))).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    /// Reads as long as there is room: how many that were.
    fn read_all(budget: &mut FrameBudget) -> u32 {
        let mut count = 0;
        while budget.wait().is_none() {
            budget.charge();
            count += 1;
        }
        count
    }

    #[test]
    fn a_burst_is_read_at_once_and_then_so_many_a_second() {
        let mut budget = FrameBudget::default();
        assert_eq!(read_all(&mut budget), FRAMES_AT_ONCE);
        assert_eq!(budget.wait(), Some(Duration::from_micros(FRAME_US.into())));
        budget.pass(Duration::from_secs(1));
        assert_eq!(read_all(&mut budget), FRAMES_PER_SECOND);
        budget.pass(Duration::from_secs(3_600));
        assert_eq!(read_all(&mut budget), FRAMES_AT_ONCE);
    }

    #[tokio::test]
    async fn a_frame_in_crumbs_is_waited_for_and_one_in_two_pieces_is_not() {
        let mut crumbs = Crumbs::default();
        for _ in 0..CRUMBS_AT_ONCE {
            crumbs.read(1);
            assert!(crumbs.pause().now_or_never().is_some());
        }
        for _ in 0..100 {
            crumbs.read(CRUMB_BYTES - 1);
            assert!(crumbs.pause().now_or_never().is_none());
        }
        crumbs.read(CRUMB_BYTES);
        assert!(crumbs.pause().now_or_never().is_some());
    }

    #[test]
    fn what_has_a_rate_of_its_own_does_not_count() {
        let mut budget = FrameBudget::default();
        for _ in 0..100_000 {
            assert_eq!(budget.wait(), None);
            budget.charge();
            budget.give_back();
        }
        assert!(!budget.is_half_used());
    }

    #[test]
    fn who_is_held_back_is_not_read_for_so_long() {
        let mut budget = FrameBudget::default();
        budget.hold_back(Duration::from_millis(300));
        assert_eq!(budget.wait(), Some(Duration::from_millis(300)));
        assert!(budget.is_half_used());
        budget.pass(Duration::from_millis(300));
        assert_eq!(read_all(&mut budget), 1);
    }
}
