//! Attempts to connect: what an attempt begins with, what ends it, and what its end says about the transport.

use super::{ConnectionPolicy, Stage};
use crate::connection::line::Line;
use crate::effect::Effect;
use crate::limits::{HASTEN_MS, HASTEN_SLACK_MS, RECONNECT_MAX_MS, REQUEST_MAX_MS, STRIKES_MAX};
use crate::model::now::Now;
use crate::model::transport::Transport;
use crate::step::Step;
use crate::wire::endpoints;

impl ConnectionPolicy {
    pub(super) fn attempt(&mut self, step: &mut Step<'_>) {
        if !self.asks_first {
            self.open(step, HASTEN_MS);
            return;
        }
        let id = self.channels.next();
        let until = step.now.ms + REQUEST_MAX_MS;
        self.stage = Stage::Asking { id, until };
        let address = endpoints::ME.to_owned();
        step.push(Effect::Request {
            id,
            address,
            body: None,
        });
    }

    /// The plain request was answered, or not. Only when it is, before and after, is a line that brought nothing the
    /// fault of its transport, and not of a server or a network that was away.
    pub(super) fn asked(&mut self, step: &mut Step<'_>, is_reachable: bool) {
        let suspicion = std::mem::take(&mut self.suspicion);
        if !is_reachable {
            self.silence.doubt();
            self.wait(step.now, None);
            return;
        }
        self.strikes += suspicion;
        if self.strikes >= STRIKES_MAX && self.level < self.transports.worst {
            self.use_transport(step, self.level.worse());
        }
        self.is_reachable = true;
        let asked_at = match self.stage {
            Stage::Asking { until, .. } => until.saturating_sub(REQUEST_MAX_MS),
            _ => step.now.ms,
        };
        let round_trip = step.now.ms.saturating_sub(asked_at);
        self.open(step, HASTEN_MS.min(round_trip * 4 + HASTEN_SLACK_MS));
    }

    /// Opens a line, which gets another beside it when it has shown nothing for so long, in ms.
    fn open(&mut self, step: &mut Step<'_>, patience_ms: u64) {
        self.stage = Stage::Line;
        let beat_ms = self.silence.next_ms;
        self.main = Some(Line::open(step, self.level, beat_ms, &mut self.channels));
        // Until something says otherwise, this attempt got nowhere.
        self.asks_first = true;
        let can_be_hastened =
            self.is_reachable && self.level < Transport::LongPoll.min(self.transports.worst);
        self.hasten_at = if can_be_hastened {
            step.now.ms + patience_ms
        } else {
            u64::MAX
        };
    }

    /// The line in use has brought nothing yet: goes on with the next transport, while it may still win.
    pub(super) fn hasten(&mut self, step: &mut Step<'_>) {
        if let Some(mut slower) = self.trial.line.take() {
            slower.close(step);
        }
        self.trial.line = self.main.take();
        self.use_transport(step, self.level.worse());
        self.open(step, HASTEN_MS);
    }

    /// Switches to another transport for this and later lines.
    fn use_transport(&mut self, step: &mut Step<'_>, transport: Transport) {
        self.level = transport;
        self.strikes = 0;
        self.trial.schedule(step.now);
        step.push(Effect::RememberTransport(transport, self.silence.proved_ms));
    }

    /// A line has brought something: promotes a trial that succeeded, ends the outage, clears strikes.
    pub(super) fn proved(&mut self, step: &mut Step<'_>) {
        if let Some(mut better) = self.trial.take_proved() {
            let transport = better.transport;
            if let Some(mut old) = self.main.take() {
                // All but the socket, which has shown it, post their commands alike.
                better.is_answered |= old.is_answered;
                old.close(step);
            }
            self.main = Some(better);
            self.use_transport(step, transport);
        }
        if self.is_answered() {
            self.outage.is_over();
            if self.silence.prove() {
                step.push(Effect::RememberTransport(self.level, self.silence.proved_ms));
            }
        }
        let Some(main) = &self.main else { return };
        if main.is_proved {
            self.asks_first = false;
            self.hasten_at = u64::MAX;
            self.strikes = 0;
        }
    }

    /// The line in use was cut: by a proxy that does not bear silence, perhaps. Then the next one is less silent.
    pub(super) fn suspect_silence(&mut self, now: Now, line: u32) {
        if let Some(main) = self.main.as_ref().filter(|main| main.number == line) {
            self.silence.cut(main, now.ms);
        }
    }

    /// A line failed: the one in use, or the one on trial.
    pub(super) fn lost(&mut self, step: &mut Step<'_>, line: u32, come_back_ms: Option<u64>) {
        if self.is_main(line) {
            self.fail(step, come_back_ms.map(|ms| ms.min(RECONNECT_MAX_MS)));
        } else if self.trial.line.as_ref().is_some_and(|trial| trial.number == line) {
            self.trial_failed(step);
        }
    }

    /// Gives up the line in use and waits for the next attempt.
    pub(super) fn fail(&mut self, step: &mut Step<'_>, mut come_back_ms: Option<u64>) {
        self.trial.give_up(step);
        if let Some(mut main) = self.main.take() {
            main.close(step);
            let greeted = main.greeting.is_some();
            let since = if greeted { main.received_at } else { step.now.ms };
            self.outage.since.get_or_insert(since);
            // A greeting is an answer, too.
            let is_reachable = self.is_reachable || greeted;
            let is_unheard = greeted && step.now.ms >= main.until();
            let is_plain = main.transport == Transport::Stream
                || (main.transport == Transport::WebSocket && (!main.is_open || is_unheard));
            if !main.is_answered {
                self.silence.doubt();
            }
            self.suspicion = match (main.is_proved, is_reachable) {
                (false, true) if is_plain => STRIKES_MAX,
                (false, true) => 1,
                _ => 0,
            };
            // Whether requests are still answered is the question then, and not worth a wait.
            if self.suspicion == STRIKES_MAX {
                come_back_ms = come_back_ms.or(Some(0));
            }
        }
        self.is_reachable = false;
        self.wait(step.now, come_back_ms);
    }

    fn wait(&mut self, now: Now, come_back_ms: Option<u64>) {
        let until = now.ms + self.outage.next_wait(now, come_back_ms);
        self.stage = Stage::Waiting { until };
    }

    pub(super) fn end(&mut self, step: &mut Step<'_>, stage: Stage) {
        if let Stage::Asking { id, .. } = self.stage {
            step.push(Effect::Close { id });
        }
        for mut line in [self.main.take(), self.trial.line.take()].into_iter().flatten() {
            line.close(step);
        }
        self.stage = stage;
    }
}
