//! While there is no line: since when, when to try again, and what the person is told of it.

use crate::backoff::Backoff;
use crate::limits::{LOSS_UNTOLD_MS, REFUSALS_TOLD};
use crate::model::now::Now;

/// The outage that is under way, if one is.
#[derive(Debug, Default)]
pub(super) struct Outage {
    /// Since when, in ms.
    pub(super) since: Option<u64>,
    /// The person is told at this time, unless it is over by then.
    untold_until: Option<u64>,
    pub(super) is_told: bool,
    backoff: Backoff,
    /// The shortest wait before the next attempt, in ms: what was refused asked for it.
    wait_min_ms: u64,
    /// How often in a row requests were refused, and the status of the last refusal.
    refusals: u32,
    status: u16,
}

impl Outage {
    /// There is a line that leads both ways, or none is wanted any more. To be called when something was answered, not
    /// when a line merely opened or greeted: what refuses or drops all that is said would else be hammered.
    pub(super) fn is_over(&mut self) {
        *self = Self::default();
    }

    /// The next wait in milliseconds; `come_back_ms` is what the server asked for.
    pub(super) fn next_wait(&mut self, now: Now, come_back_ms: Option<u64>) -> u64 {
        self.since.get_or_insert(now.ms);
        if !self.is_told {
            self.untold_until.get_or_insert(now.ms + LOSS_UNTOLD_MS);
        }
        let wait = come_back_ms.unwrap_or_else(|| self.backoff.next_ms(now.random));
        wait.max(std::mem::take(&mut self.wait_min_ms))
    }

    /// A request was refused; the next attempt waits at least so long, in ms.
    pub(super) fn refused(&mut self, status: u16, wait_min_ms: u64) {
        self.refusals = self.refusals.saturating_add(1);
        self.status = status;
        self.wait_min_ms = wait_min_ms;
    }

    /// The status of what refuses our requests again and again; 0 where nothing does.
    pub(super) fn refused_with(&self) -> u16 {
        if self.refusals >= REFUSALS_TOLD {
            self.status
        } else {
            0
        }
    }

    /// The person knows of it.
    pub(super) fn tell(&mut self) {
        (self.is_told, self.untold_until) = (true, None);
    }

    /// When [`Outage::tick`] has something to do.
    pub(super) fn due(&self) -> u64 {
        self.untold_until.unwrap_or(u64::MAX)
    }

    pub(super) fn tick(&mut self, now: u64) {
        if now >= self.due() {
            self.tell();
        }
    }
}
