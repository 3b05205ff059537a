//! Trials of a better transport beside the line in use, which is closed only when the better one has spoken.

use crate::connection::channel_ids::ChannelIds;
use crate::connection::line::Line;
use crate::limits::{TRIAL_FIRST_MS, TRIAL_MAX_MS, TRIAL_ONLINE_MS};
use crate::model::now::Now;
use crate::model::transport::Transport;
use crate::step::Step;

/// The trial that is under way, or when the next one begins.
#[derive(Debug)]
pub(super) struct UpgradeTrial {
    pub(super) line: Option<Line>,
    /// When the next trial begins, if a better transport is wanted then.
    pub(super) next_at: u64,
    /// The time between two trials: it doubles with every failure, up to [`TRIAL_MAX_MS`].
    wait: u64,
}

impl Default for UpgradeTrial {
    fn default() -> Self {
        Self {
            line: None,
            next_at: 0,
            wait: TRIAL_FIRST_MS,
        }
    }
}

impl UpgradeTrial {
    pub(super) fn begin(
        &mut self,
        step: &mut Step<'_>,
        transport: Transport,
        beat_ms: u64,
        channels: &mut ChannelIds,
    ) {
        self.line = Some(Line::open(step, transport, beat_ms, channels));
    }

    /// Takes the line of a trial that succeeded.
    pub(super) fn take_proved(&mut self) -> Option<Line> {
        self.line
            .take_if(|line| line.is_proved && line.greeting.is_some())
    }

    /// The transport that was tried brings nothing either: tries the next one that is better than `level`.
    pub(super) fn failed(
        &mut self,
        step: &mut Step<'_>,
        level: Transport,
        beat_ms: u64,
        channels: &mut ChannelIds,
    ) {
        let Some(mut line) = self.line.take() else {
            return;
        };
        line.close(step);
        let next = line.transport.worse();
        if next < level {
            self.begin(step, next, beat_ms, channels);
        } else {
            self.back_off(step.now);
        }
    }

    pub(super) fn give_up(&mut self, step: &mut Step<'_>) {
        if let Some(mut line) = self.line.take() {
            line.close(step);
            self.back_off(step.now);
        }
    }

    /// The next trial is a whole wait away.
    pub(super) fn schedule(&mut self, now: Now) {
        self.next_at = now.ms + self.wait;
    }

    /// The browser is on another network, perhaps: what failed before may work.
    pub(super) fn network_changed(&mut self, now: Now) {
        self.wait = TRIAL_FIRST_MS;
        self.soon(now);
    }

    /// The transport in use has turned out worse than it was.
    pub(super) fn soon(&mut self, now: Now) {
        self.next_at = self.next_at.min(now.ms + TRIAL_ONLINE_MS);
    }

    fn back_off(&mut self, now: Now) {
        self.wait = (self.wait * 2).min(TRIAL_MAX_MS);
        self.schedule(now);
    }
}
