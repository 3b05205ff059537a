//! How a node hands to the log what it was asked for, and answers.

use bytes::Bytes;
use protocol::EventId;

use crate::faults::Fault;
use crate::world::{Event, NodeRef, World};

impl World {
    pub(super) fn publish(&mut self, from: NodeRef, number: u64, attempt: u32, payload: &Bytes) {
        if self.fault == Some(Fault::AckBeforeApply) {
            self.answer_early(from, payload);
        }
        if self.fault == Some(Fault::PublishOnce) && attempt > 1 {
            return;
        }
        if self.rng.permille(self.plan.lost_publishes) {
            return;
        }
        let mut delay = self.delay();
        if self.rng.permille(self.plan.late_publishes) {
            delay += self.rng.between(500, 6_000);
        }
        let copies = 1 + u64::from(self.rng.permille(self.plan.doubled_publishes));
        for copy in 0..copies {
            let event = Event::Published {
                from,
                number,
                attempt,
                payload: payload.clone(),
            };
            self.clock.after(delay + copy * 40, event);
        }
    }

    /// What came of a publication.
    pub(in crate::world) fn answered(
        &mut self,
        node: NodeRef,
        number: u64,
        attempt: u32,
        position: Option<u64>,
    ) {
        let now_ms = self.clock.now_ms;
        if let Some(process) = self.process(node).filter(|process| process.is_connected) {
            match position {
                Some(position) => process.packer.acked(number, position, now_ms),
                None => process.packer.failed(number, attempt, now_ms),
            }
        }
    }

    /// Hands answers to their sessions.
    pub(super) fn answer(&mut self, node: NodeRef) {
        let Some(process) = self.process(node) else {
            return;
        };
        let applied = process.position();
        for (session, place, outcome) in process.take_answers() {
            self.send_answer(node, session, place, outcome, applied);
        }
    }

    pub(in crate::world) fn event_id(&mut self) -> EventId {
        EventId::from_parts(self.clock.now_ms, self.rng.bytes())
    }
}
