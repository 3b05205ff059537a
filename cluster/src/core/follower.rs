//! What of the log may be applied next.
//!
//! The log is not trusted. What it delivers is taken when it is the very next message, skipped when it was taken before, and
//! otherwise asked about: the stream is looked at ([`Next::Inspect`]), and a consumer is made from the next message on
//! ([`Next::Consume`]). Nothing is consumed before it was seen that the log still has, at the place where this node stands, what
//! this node applied. What contradicts that has to do so for [`HOLE_WAIT_MS`]: a server that was just elected, or is behind, may
//! not know yet what it has.

use chat::{LogHash, LogPoint};

use super::envelope::{Envelope, Read, read};
use crate::Stopped;
use crate::limits::{
    CONSUMER_RETRY_MS_MAX, CONSUMER_RETRY_MS_MIN, HOLE_LOOK_INTERVAL_MS, HOLE_LOOKS_MIN, HOLE_WAIT_MS,
};

/// Where a node stands in the log, and how it gets on.
#[derive(Debug)]
pub struct Follower {
    point: LogPoint,
    /// The hash before the last message; unknown where it was not kept.
    before: Option<LogHash>,
    phase: Phase,
    /// Times that following came to nothing since the last message.
    failures: u32,
    doubt: Option<Doubt>,
}

/// What to do with what was delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// It is the next message: it is to be applied, and leads to this point. Without an envelope it says nothing.
    Apply {
        point: LogPoint,
        envelope: Option<Envelope>,
    },
    /// It was taken before, or comes from a consumer that is no more.
    Skip,
    /// Something is missing before it: the consumer is to be given up.
    Gap { expected: u64 },
    /// Nothing may be applied any more.
    Stop(Stopped),
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Look at the stream, and say so by [`Follower::inspected`] or [`Follower::failed`].
    Inspect,
    /// Make a consumer from this position on, and hand what it delivers to [`Follower::delivered`] until
    /// [`Follower::failed`], or until that says otherwise.
    Consume { from: u64 },
    /// Nothing, until then; or until something happens.
    Wait { until_ms: Option<u64> },
    /// Nothing any more.
    Stopped(Stopped),
}

/// What the stream was seen to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inspection<'a> {
    /// Position of the first message that it has; one after the last if it has none.
    pub first: u64,
    /// Position of the last message that it ever had; 0 before there was one.
    pub last: u64,
    /// What it has at [`Follower::position`].
    pub here: Option<&'a [u8]>,
    /// Whether it has something at the position after that. Asked for only where it is before `last`.
    pub has_next: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// NATS is away.
    Away,
    ToInspect {
        at_ms: u64,
    },
    Inspecting,
    ToConsume,
    Consuming,
    Stopped(Stopped),
}

/// Something that the log should not say, and says.
#[derive(Clone, Copy, Debug)]
struct Doubt {
    of: Stopped,
    since_ms: u64,
    looks: u32,
}

impl Follower {
    /// From this point on, with the hash before its last message if that is known; not connected.
    #[must_use]
    pub const fn new(point: LogPoint, before: Option<LogHash>) -> Self {
        let before = match before {
            // Before the first message there is nothing that would have to be kept.
            None if point.position == 1 => Some([0; 32]),
            before => before,
        };
        Self {
            point,
            before,
            phase: Phase::Away,
            failures: 0,
            doubt: None,
        }
    }

    /// The last message that was taken.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.point.position
    }

    /// The point after it.
    #[must_use]
    pub const fn point(&self) -> LogPoint {
        self.point
    }

    /// NATS is there.
    pub const fn connected(&mut self, now_ms: u64) {
        self.failures = 0;
        self.doubt = None;
        self.inspect(now_ms);
    }

    /// NATS is away.
    pub const fn disconnected(&mut self) {
        if !self.is_stopped() {
            self.phase = Phase::Away;
        }
    }

    /// What is to be done. Each thing is said once; it is under way from here on.
    pub const fn next(&mut self, now_ms: u64) -> Next {
        match self.phase {
            Phase::ToInspect { at_ms } if at_ms <= now_ms => {
                self.phase = Phase::Inspecting;
                Next::Inspect
            }
            Phase::ToInspect { at_ms } => Next::Wait {
                until_ms: Some(at_ms),
            },
            Phase::ToConsume => {
                self.phase = Phase::Consuming;
                Next::Consume {
                    from: self.point.position + 1,
                }
            }
            Phase::Away | Phase::Inspecting | Phase::Consuming => Next::Wait { until_ms: None },
            Phase::Stopped(stopped) => Next::Stopped(stopped),
        }
    }

    /// What was to be done could not be, or the consumer fell silent.
    pub fn failed(&mut self, now_ms: u64) {
        if matches!(self.phase, Phase::Inspecting | Phase::Consuming) {
            self.again(now_ms);
        }
    }

    /// What the stream was seen to be. Ignored unless it was asked for.
    pub fn inspected(&mut self, inspection: Inspection<'_>, now_ms: u64) {
        if self.phase != Phase::Inspecting {
            return;
        }
        let Inspection { first, last, .. } = inspection;
        let LogPoint { position, .. } = self.point;
        if last >= position && first > position + 1 {
            self.stop(Stopped::LeftBehind { position, first });
            return;
        }
        match self.contradiction(inspection) {
            None => {
                self.doubt = None;
                self.phase = Phase::ToConsume;
            }
            Some(of) => self.doubt(of, now_ms),
        }
    }

    /// Something was delivered.
    #[must_use]
    pub fn delivered(&mut self, position: u64, payload: &[u8], now_ms: u64) -> Delivered {
        if let Phase::Stopped(stopped) = self.phase {
            return Delivered::Stop(stopped);
        }
        let expected = self.point.position + 1;
        if self.phase != Phase::Consuming || position < expected {
            return Delivered::Skip;
        }
        if position > expected {
            self.again(now_ms);
            return Delivered::Gap { expected };
        }
        let envelope = match read(payload) {
            Read::Ours(envelope) => Some(envelope),
            Read::Foreign => None,
            Read::UnknownFormat(format) => {
                let stopped = Stopped::UnknownFormat { position, format };
                self.stop(stopped);
                return Delivered::Stop(stopped);
            }
        };
        self.before = Some(self.point.hash);
        self.point = self.point.then(payload);
        self.failures = 0;
        let point = self.point;
        Delivered::Apply { point, envelope }
    }

    /// Nothing more is to be applied, for this reason.
    pub const fn stop(&mut self, stopped: Stopped) {
        if !self.is_stopped() {
            self.phase = Phase::Stopped(stopped);
        }
    }

    const fn is_stopped(&self) -> bool {
        matches!(self.phase, Phase::Stopped(_))
    }

    const fn inspect(&mut self, at_ms: u64) {
        if !self.is_stopped() {
            self.phase = Phase::ToInspect { at_ms };
        }
    }

    /// Looks again, later each time that nothing comes of it.
    fn again(&mut self, now_ms: u64) {
        let wait = CONSUMER_RETRY_MS_MIN << self.failures.min(16);
        self.failures = self.failures.saturating_add(1);
        self.inspect(now_ms + wait.min(CONSUMER_RETRY_MS_MAX));
    }

    /// What the stream says against what this node has applied.
    fn contradiction(&self, inspection: Inspection<'_>) -> Option<Stopped> {
        let LogPoint { position, hash } = self.point;
        let rewritten = Some(Stopped::Rewritten { position });
        if inspection.last < position {
            return rewritten;
        }
        if position > 0 && inspection.first <= position {
            let Some(payload) = inspection.here else {
                return rewritten;
            };
            let then = self.before.map(|hash| {
                let before = LogPoint {
                    position: position - 1,
                    hash,
                };
                before.then(payload).hash
            });
            if then.is_some_and(|then| then != hash) {
                return rewritten;
            }
        }
        let is_hole = inspection.last > position && !inspection.has_next;
        is_hole.then_some(Stopped::Hole {
            position: position + 1,
        })
    }

    fn doubt(&mut self, of: Stopped, now_ms: u64) {
        let (since_ms, looks) = match self.doubt {
            Some(doubt) if doubt.of == of => (doubt.since_ms, doubt.looks + 1),
            _ => (now_ms, 1),
        };
        if looks >= HOLE_LOOKS_MIN && now_ms.saturating_sub(since_ms) >= HOLE_WAIT_MS {
            self.stop(of);
            return;
        }
        self.doubt = Some(Doubt { of, since_ms, looks });
        self.inspect(now_ms + HOLE_LOOK_INTERVAL_MS);
    }
}

#[cfg(test)]
#[path = "follower/tests.rs"]
mod tests;
