//! A log server: what NATS does as far as nodes see it, and may do to them.

use bytes::Bytes;

use super::{NodeRef, World};
use crate::world::Event;

/// The stream, and who reads it.
#[derive(Debug, Default)]
pub(crate) struct LogServer {
    /// Of each position; `None` for what was lost from within.
    pub(crate) messages: Vec<Option<Bytes>>,
    /// The first position that is kept.
    pub(crate) first: u64,
    pub(crate) is_down: bool,
    /// Reasons for which it is, and whether it comes back with less.
    pub(crate) downs: usize,
    pub(crate) loses: bool,
    /// When it lost something.
    pub(crate) lost_at_ms: Option<u64>,
    /// Until then there is no leader: nothing is taken, and everything can be read.
    pub(crate) electing_until_ms: u64,
    consumers: Vec<Consumer>,
    given: u64,
}

#[derive(Debug)]
struct Consumer {
    id: u64,
    of: NodeRef,
    next: u64,
    /// When what was sent last arrives.
    arrives_ms: u64,
}

impl LogServer {
    pub(crate) fn new() -> Self {
        Self {
            first: 1,
            ..Self::default()
        }
    }

    pub(crate) fn last(&self) -> u64 {
        self.messages.len() as u64
    }

    pub(crate) fn get(&self, position: u64) -> Option<&Bytes> {
        let index = usize::try_from(position).ok()?.checked_sub(1)?;
        let message = self.messages.get(index)?.as_ref();
        message.filter(|_| position >= self.first)
    }
}

/// How often a consumer without news says so, in milliseconds.
const IDLE_MS: u64 = 500;

impl World {
    /// A message arrives at the log.
    pub(crate) fn log_takes(&mut self, from: NodeRef, number: u64, attempt: u32, payload: Bytes) {
        let now_ms = self.clock.now_ms;
        let answer = if self.log.is_down {
            return;
        } else if now_ms < self.log.electing_until_ms {
            // Some get through to whoever is elected, and are not answered.
            if self.rng.permille(100) {
                self.append(payload);
                return;
            }
            None
        } else {
            self.append(payload);
            Some(self.log.last())
        };
        if !self.rng.permille(self.plan.lost_acks) {
            let delay = self.delay();
            let event = Event::Answered {
                to: from,
                number,
                attempt,
                position: answer,
            };
            self.clock.after(delay, event);
        }
    }

    /// The log takes a message, whoever sent it.
    pub(crate) fn append(&mut self, payload: Bytes) {
        self.judge.appended(&payload);
        self.log.messages.push(Some(payload));
        for index in 0..self.log.consumers.len() {
            let id = self.log.consumers[index].id;
            self.clock.after(1, Event::Push { consumer: id });
        }
    }

    /// A node asks for everything from a position on.
    pub(crate) fn consume(&mut self, of: NodeRef, from: u64) -> u64 {
        self.log.consumers.retain(|consumer| consumer.of != of);
        self.log.given += 1;
        let id = self.log.given;
        self.log.consumers.push(Consumer {
            id,
            of,
            next: from,
            arrives_ms: 0,
        });
        let delay = self.delay();
        self.clock.after(delay, Event::Push { consumer: id });
        self.clock.after(IDLE_MS, Event::Idle { consumer: id });
        id
    }

    /// A consumer sends what there is.
    pub(crate) fn push(&mut self, id: u64) {
        if self.log.is_down {
            return;
        }
        let Some(index) = self.log.consumers.iter().position(|consumer| consumer.id == id) else {
            return;
        };
        if self.rng.permille(self.plan.dropped_consumers) {
            // It is gone, and nobody says so.
            self.log.consumers.swap_remove(index);
            return;
        }
        while self.log.consumers[index].next <= self.log.last() {
            let position = self.log.consumers[index].next;
            self.log.consumers[index].next += 1;
            let Some(payload) = self.log.get(position).cloned() else {
                continue;
            };
            let to = self.log.consumers[index].of;
            let payload = self.corrupt(to, position, payload);
            let copies = 1 + u64::from(self.rng.permille(self.plan.doubled_deliveries));
            for _ in 0..copies {
                if self.rng.permille(self.plan.lost_deliveries) {
                    continue;
                }
                let at_ms = self.arrival(index);
                let event = Event::Delivered {
                    to,
                    consumer: id,
                    position,
                    payload: payload.clone(),
                };
                self.clock.at(at_ms, event);
            }
        }
    }

    /// A consumer without news says how far it has come.
    pub(crate) fn idle(&mut self, id: u64) {
        if self.log.is_down {
            return;
        }
        let Some(index) = self.log.consumers.iter().position(|consumer| consumer.id == id) else {
            return;
        };
        let to = self.log.consumers[index].of;
        let sent = self.log.consumers[index].next - 1;
        let at_ms = self.arrival(index);
        let event = Event::IdleHeard {
            to,
            consumer: id,
            sent,
        };
        self.clock.at(at_ms, event);
        self.clock.after(IDLE_MS, Event::Idle { consumer: id });
    }

    /// When what is sent now arrives: after what was sent before, most of the time.
    fn arrival(&mut self, index: usize) -> u64 {
        let at_ms = self.clock.now_ms + self.delay();
        if self.rng.permille(self.plan.reordered_deliveries) {
            return at_ms + self.rng.between(0, 300);
        }
        let consumer = &mut self.log.consumers[index];
        consumer.arrives_ms = consumer.arrives_ms.max(at_ms);
        consumer.arrives_ms
    }

    /// A bit flips on the way to a node, or on the disk of the server that serves it.
    fn corrupt(&mut self, to: NodeRef, position: u64, payload: Bytes) -> Bytes {
        let is_due = self
            .plan
            .corrupt_from_ms
            .is_some_and(|ms| ms <= self.clock.now_ms);
        if !is_due || position <= self.nodes[to.index].position() {
            return payload;
        }
        // In the text of a post, where it stays a message like any other.
        let mark = b"\"message\":\"w";
        let found = payload.windows(mark.len()).position(|window| window == mark);
        let Some(at) = found.map(|at| at + mark.len()) else {
            return payload;
        };
        let mut bytes = payload.to_vec();
        bytes[at] ^= 1;
        self.plan.corrupt_from_ms = None;
        self.corrupted = Some((to, position));
        self.note(format!("n{} is sent a flipped bit at {position}", to.index));
        bytes.into()
    }

    /// The log comes back without its last messages, or without one in between.
    pub(crate) fn lose(&mut self) {
        let last = self.log.last();
        self.log.lost_at_ms = Some(self.clock.now_ms);
        if self.rng.permille(500) {
            let lost = self.rng.between(1, 3).min(last);
            let kept = last - lost;
            self.log.messages.truncate(usize::try_from(kept).unwrap_or(0));
            self.judge.cut(kept);
            self.note(format!("the log lost everything after {kept}"));
        } else if last > 0 {
            let index = usize::try_from(last - 1).unwrap_or(0);
            self.log.messages[index] = None;
            self.judge.was_lost = true;
            self.note(format!("the log lost {last} from within"));
        }
    }
}
