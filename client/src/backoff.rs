//! How long to wait before the next attempt.

use crate::limits::{BACKOFF_FIRST_MS, BACKOFF_MAX_MS};

/// Exponential backoff with full jitter: each wait is drawn evenly from nothing up to a bound that doubles with
/// every failure, [`BACKOFF_FIRST_MS`] to [`BACKOFF_MAX_MS`]. Clients that were cut off together come back apart.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next wait in milliseconds, from a random number. Counts as a failure.
    pub(crate) fn next_ms(&mut self, random: u32) -> u64 {
        // 200 ms doubled seven times is past the bound already.
        let bound = (BACKOFF_FIRST_MS << self.failures.min(7)).min(BACKOFF_MAX_MS);
        self.failures = self.failures.saturating_add(1);
        // Multiply and shift: even enough without the division's bias towards small waits.
        (u64::from(random) * (bound + 1)) >> 32
    }

    /// Whether nothing has failed since the last reset.
    #[must_use]
    pub(crate) fn is_fresh(&self) -> bool {
        self.failures == 0
    }

    /// Starts over. To be called when a frame arrived, not when a line merely opened: a server that accepts and
    /// drops would else be hammered.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_from_a_fifth_of_a_second_to_fifteen() {
        let mut backoff = Backoff::default();
        let longest: Vec<u64> = (0..9).map(|_| backoff.next_ms(u32::MAX)).collect();
        assert_eq!(
            longest,
            [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000]
        );
    }

    #[test]
    fn a_wait_is_spread_over_the_whole_of_its_bound() {
        assert_eq!(Backoff::default().next_ms(0), 0);
        assert_eq!(Backoff::default().next_ms(u32::MAX / 2), 100);
        assert_eq!(Backoff::default().next_ms(u32::MAX), 200);
    }

    #[test]
    fn it_starts_over_after_a_reset_and_never_overflows() {
        let mut backoff = Backoff { failures: u32::MAX };
        assert_eq!(backoff.next_ms(u32::MAX), 15_000);
        backoff.reset();
        assert_eq!(backoff.next_ms(u32::MAX), 200);
    }
}
