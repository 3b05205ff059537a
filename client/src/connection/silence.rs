//! How long a line may be silent. Some proxies cut one after a few seconds: then it is kept from being silent for so long.

use crate::connection::line::Line;
use crate::limits::{CUT_SILENCE_MAX_MS, CUT_SILENCE_MIN_MS};

/// The longest silences, in milliseconds; 0 where nothing cuts silent lines.
#[derive(Debug)]
pub(super) struct Silence {
    /// The one that has held.
    pub(super) proved_ms: u64,
    /// The one that the last line's end suggests. It holds if the next line comes up at once: then it was no outage.
    pub(super) next_ms: u64,
}

impl Silence {
    pub(super) fn new(proved_ms: u64) -> Self {
        Self {
            proved_ms,
            next_ms: proved_ms,
        }
    }

    /// A line was cut without a word.
    pub(super) fn cut(&mut self, line: &Line, now: u64) {
        let silence = now.saturating_sub(line.silent_since());
        if line.is_answered && (CUT_SILENCE_MIN_MS..CUT_SILENCE_MAX_MS).contains(&silence) {
            let shorter = silence * 6 / 10;
            self.next_ms = if self.proved_ms > 0 {
                shorter.min(self.proved_ms)
            } else {
                shorter
            };
        }
    }

    /// An attempt got nowhere.
    pub(super) fn doubt(&mut self) {
        self.next_ms = self.proved_ms;
    }

    /// A line leads both ways. True when it is to be less silent than those before.
    pub(super) fn prove(&mut self) -> bool {
        std::mem::replace(&mut self.proved_ms, self.next_ms) != self.next_ms
    }
}
