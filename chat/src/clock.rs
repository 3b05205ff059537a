//! The time of day, with the system's clock believed only as far as it is plausible.
//!
//! A wall clock can be a year ahead for a moment: a wrong battery, a typing error, a virtual machine. What is written then
//! stays so. So it is held against a clock that only counts on (`counter`): what is more than [`CLOCK_AHEAD_MS_MAX`] ahead
//! of that is believed once it has stood for [`CLOCK_BELIEVED_AFTER_MS`], as it does where the time is set after the start.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::counter;
use crate::limits::{CLOCK_AHEAD_MS_MAX, CLOCK_BELIEVED_AFTER_MS};

/// The wall clock is followed by a fiftieth of what has gone by: clocks drift, and are set right little by little.
const FOLLOWING_DIVISOR: u64 = 50;

/// The time now, in Unix milliseconds; 0 on a clock set before 1970.
pub(crate) fn unix_ms() -> u64 {
    static CLOCK: OnceLock<Mutex<Clock>> = OnceLock::new();
    let wall_ms = wall_ms();
    let clock = CLOCK.get_or_init(|| Mutex::new(Clock::new(wall_ms, counter::ms())));
    // A panic cannot have left it half done: these are numbers.
    let mut clock = clock.lock().unwrap_or_else(PoisonError::into_inner);
    clock.read(wall_ms, counter::ms())
}

fn wall_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0))
}

/// A wall clock and what it is held against, in milliseconds.
#[derive(Debug)]
struct Clock {
    /// The time that is believed, at `counted_ms`.
    believed_ms: u64,
    counted_ms: u64,
    /// How far the wall clock is ahead, and since when.
    ahead: Option<(u64, u64)>,
}

impl Clock {
    const fn new(wall_ms: u64, counted_ms: u64) -> Self {
        Self {
            believed_ms: wall_ms,
            counted_ms,
            ahead: None,
        }
    }

    fn read(&mut self, wall_ms: u64, counted_ms: u64) -> u64 {
        let gone_by = counted_ms.saturating_sub(self.counted_ms);
        let expected = self.believed_ms.saturating_add(gone_by);
        if wall_ms <= expected.saturating_add(CLOCK_AHEAD_MS_MAX) {
            if self.ahead.take().is_some() {
                tracing::info!("the system's clock is right again");
            }
            let step = gone_by / FOLLOWING_DIVISOR;
            if step > 0 {
                self.counted_ms = counted_ms;
                self.believed_ms = wall_ms.clamp(expected.saturating_sub(step), expected + step);
            }
            return wall_ms;
        }
        let ahead_ms = wall_ms - expected;
        let since = match self.ahead {
            Some((known, since)) if known.abs_diff(ahead_ms) <= CLOCK_AHEAD_MS_MAX => since,
            _ => {
                tracing::warn!(
                    ahead_seconds = ahead_ms / 1_000,
                    "the system's clock has jumped ahead; it is believed if it stays so"
                );
                self.ahead = Some((ahead_ms, counted_ms));
                counted_ms
            }
        };
        if counted_ms.saturating_sub(since) < CLOCK_BELIEVED_AFTER_MS {
            return expected;
        }
        tracing::info!("the system's clock is believed again");
        *self = Self::new(wall_ms, counted_ms);
        wall_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR_MS: u64 = 365 * 24 * 60 * 60 * 1_000;
    const NOW_MS: u64 = 50 * YEAR_MS;

    #[test]
    fn a_clock_that_is_a_year_ahead_for_a_moment_is_not_believed() {
        let mut clock = Clock::new(NOW_MS, 1_000);
        assert_eq!(clock.read(NOW_MS + 10, 1_010), NOW_MS + 10);
        assert_eq!(clock.read(NOW_MS + 20 + YEAR_MS, 1_020), NOW_MS + 20);
        assert_eq!(clock.read(NOW_MS + 30, 1_030), NOW_MS + 30);
        let at_most = NOW_MS + 40 + CLOCK_AHEAD_MS_MAX;
        assert_eq!(clock.read(at_most, 1_040), at_most);
    }

    #[test]
    fn a_clock_that_was_set_and_stays_so_is_believed_after_a_while() {
        let mut clock = Clock::new(NOW_MS, 0);
        let set = NOW_MS + YEAR_MS;
        for minute in 0..10 {
            let gone_by = minute * 60_000;
            assert_eq!(clock.read(set + gone_by, gone_by), NOW_MS + gone_by);
        }
        let gone_by = CLOCK_BELIEVED_AFTER_MS;
        assert_eq!(clock.read(set + gone_by, gone_by), set + gone_by);
        assert_eq!(clock.read(set + gone_by + 1, gone_by + 1), set + gone_by + 1);
    }

    #[test]
    fn a_clock_that_runs_a_little_fast_or_is_set_back_is_followed() {
        let mut clock = Clock::new(NOW_MS, 0);
        for hour in 1..10_000_u64 {
            let counted = hour * 3_600_000;
            let wall = NOW_MS + counted + counted / 1_000;
            assert_eq!(clock.read(wall, counted), wall);
        }
        let mut clock = Clock::new(NOW_MS, 0);
        assert_eq!(clock.read(NOW_MS - YEAR_MS, 1_000), NOW_MS - YEAR_MS);
        assert_eq!(clock.read(NOW_MS + 2_000, 2_000), NOW_MS + 2_000);
    }
}
