//! How a node follows the log, and applies it.

use bytes::Bytes;
use cluster::core::envelope::Envelope;
use cluster::core::follower::{Delivered, Inspection};
use cluster::limits::COMPARED_BEFORE_READY_MS;

use super::{Disk, Received, Serving};
use crate::faults::Fault;
use crate::judge::Invariant;
use crate::world::{NodeRef, World, as_applied};

/// Messages after which what was applied is on the disk for certain.
const SYNCED_MESSAGES: usize = 24;

impl World {
    pub(super) fn begin_to_follow(&mut self, node: NodeRef, from: u64) {
        let consumer = self.consume(node, from);
        let now_ms = self.clock.now_ms;
        let log_has = self.log.get(from - 1).cloned();
        let is_kept = from > self.log.first;
        let truth = self.judge.point(from - 1);
        let was_lost = self.judge.was_lost;
        let Some(process) = self.process(node) else {
            return;
        };
        process.consumer = consumer;
        process.heard_ms = now_ms;
        let (is_wrong, had) = (process.is_wrong, process.last_payload.clone());
        // A double that came late may stand where the lost one stood: the last message alone says nothing then, and it takes a
        // comparison.
        process.is_wrong |= was_lost && process.follower.point() != truth;
        if is_kept && !is_wrong && had.is_some() && had != log_has {
            let what = format!("n{} goes on at {from} of a log that is another", node.index);
            self.judge.violated(Invariant::LostLogIsFound, what);
        }
    }

    /// A node looks at the stream. A server that is behind may be asked.
    pub(in crate::world) fn inspect(&mut self, node: NodeRef) {
        let now_ms = self.clock.now_ms;
        let is_down = self.log.is_down;
        let lag = if self.rng.permille(self.plan.lagging_reads) {
            self.rng.between(1, 3)
        } else {
            0
        };
        let last = self.log.last().saturating_sub(lag);
        let first = self.log.first;
        let fault = self.fault;
        let Some(process) = self.nodes[node.index].process.as_mut() else {
            return;
        };
        if is_down || !process.is_connected {
            process.follower.failed(now_ms);
            return;
        }
        let position = process.follower.position();
        let seen = |position: u64| self.log.get(position).filter(|_| position <= last);
        let mut inspection = Inspection {
            first,
            last,
            here: seen(position).map(|payload| &payload[..]),
            has_next: seen(position + 1).is_some(),
        };
        if fault == Some(Fault::NoRewriteCheck) {
            inspection.last = last.max(position);
            inspection.here = process.last_payload.as_deref().or(inspection.here);
        }
        process.follower.inspected(inspection, now_ms);
        // A server that is behind is no measure of what there is.
        if process.caught_up.is_none() {
            process.caught_up = Some(self.log.last());
            if fault == Some(Fault::ServeWhileJoining) && process.serving == Serving::Joining {
                process.serving = Serving::Ready;
            }
        }
    }

    /// Something comes from the log.
    pub(in crate::world) fn delivered(
        &mut self,
        node: NodeRef,
        consumer: u64,
        position: u64,
        payload: Bytes,
    ) {
        let now_ms = self.clock.now_ms;
        let fault = self.fault;
        let Some(process) = self.process(node) else {
            return;
        };
        if process.consumer != consumer || !process.is_connected {
            return;
        }
        process.heard_ms = now_ms;
        let next = process.follower.position() + 1;
        let position = if fault == Some(Fault::NoContinuityCheck) && position > next {
            next
        } else {
            position
        };
        match process.follower.delivered(position, &payload, now_ms) {
            Delivered::Apply { point, envelope } => {
                let replies = process.packer.delivered(position, envelope.as_ref(), now_ms);
                let commands = envelope.map_or_else(Vec::new, |Envelope { commands, .. }| commands);
                process.last_payload = Some(payload.clone());
                process.taken.push_back(Received {
                    at_ms: now_ms,
                    point,
                    payload,
                    commands,
                    replies,
                });
            }
            Delivered::Skip | Delivered::Gap { .. } => {}
            Delivered::Stop(stopped) => self.stop(node, stopped),
        }
    }

    /// A consumer says how far it has come.
    pub(in crate::world) fn idle_heard(&mut self, node: NodeRef, consumer: u64, sent: u64) {
        let now_ms = self.clock.now_ms;
        let is_sloppy = self.fault == Some(Fault::NoContinuityCheck);
        if let Some(process) = self.process(node)
            && process.consumer == consumer
        {
            process.heard_ms = now_ms;
            if sent > process.follower.position() && !is_sloppy {
                process.follower.failed(now_ms);
            }
        }
    }

    /// Applies what was taken, unless the disk is full.
    pub(super) fn apply(&mut self, node: NodeRef) -> anyhow::Result<()> {
        let now_ms = self.clock.now_ms;
        let fault = self.fault;
        loop {
            let corrupted = self.corrupted;
            let Some(process) = self
                .process(node)
                .filter(|process| process.full_until_ms <= now_ms)
            else {
                return Ok(());
            };
            let Some(Received {
                at_ms,
                point,
                payload,
                commands,
                replies,
            }) = process.taken.pop_front()
            else {
                break;
            };
            let position = point.position;
            let applied = as_applied(fault, node.index, position, commands.clone());
            let done = match process.state.apply(&point, &applied) {
                Ok(done) => done,
                Err(error) => {
                    let what = format!("n{} cannot apply {position}: {error}", node.index);
                    self.judge.violated(Invariant::SameHistory, what);
                    return Ok(());
                }
            };
            process.points.push(point);
            for (reply, done) in replies.into_iter().zip(&done) {
                if let Some(reply) = reply {
                    reply.send(done.outcome);
                }
            }
            self.applied += 1;
            if corrupted == Some((node, position)) && self.judge.hash(position) != point.hash {
                self.corrupted = None;
                self.note(format!("n{} applied what the log does not say", node.index));
                if let Some(process) = self.process(node) {
                    process.is_wrong = true;
                }
            }
            // What was taken before the log lost something may be of what it lost.
            let is_of_now = self.log.lost_at_ms.is_none_or(|lost_at_ms| at_ms > lost_at_ms);
            if is_of_now && self.process(node).is_some_and(|process| !process.is_wrong) {
                let name = self.nodes[node.index].name.clone();
                self.judge.applied(&name, point, &commands, &done);
            }
            self.keep(node.index, payload)?;
            self.tamper(node, &commands, &done)?;
            self.tell(node, &done)?;
        }
        self.become_ready(node);
        Ok(())
    }

    /// A node that joins is ready when it has everything and was compared with the others.
    fn become_ready(&mut self, node: NodeRef) {
        let now_ms = self.clock.now_ms;
        let Some(process) = self
            .process(node)
            .filter(|process| process.serving == Serving::Joining)
        else {
            return;
        };
        let has_caught_up = process
            .caught_up
            .is_some_and(|target| process.position() >= target);
        if !(has_caught_up && process.is_connected && process.comparison.is_settled()) {
            process.compared_since_ms = None;
            return;
        }
        let since_ms = *process.compared_since_ms.get_or_insert(now_ms);
        if now_ms >= since_ms + COMPARED_BEFORE_READY_MS {
            process.serving = Serving::Ready;
            let position = process.position();
            self.note(format!("n{} is ready at {position}", node.index));
        }
    }

    /// Writes down what was applied; for certain now and then.
    pub(super) fn keep(&mut self, index: usize, payload: Bytes) -> anyhow::Result<()> {
        let slot = &mut self.nodes[index];
        slot.disk.tail.push(payload);
        if slot.disk.tail.len() >= SYNCED_MESSAGES
            && let Some(process) = &slot.process
        {
            slot.disk = Disk::new(process.state.copy()?, process.points.clone());
        }
        Ok(())
    }

    /// What serves has to have caught up.
    pub(in crate::world) fn serves(&mut self, node: NodeRef) {
        let Some(process) = self.process(node) else {
            return;
        };
        let (position, target) = (process.position(), process.caught_up);
        if target.is_none_or(|target| position < target) {
            let what = format!("n{} serves at {position}, and came at {target:?}", node.index);
            self.judge.violated(Invariant::ServedWhenCaughtUp, what);
        }
    }

    /// A node is connected to the log, or not.
    pub(in crate::world) fn connect(&mut self, node: NodeRef, is_connected: bool) {
        let now_ms = self.clock.now_ms;
        let is_connected = is_connected && !self.log.is_down;
        if let Some(process) = self.process(node)
            && process.is_connected != is_connected
        {
            process.is_connected = is_connected;
            if is_connected {
                process.follower.connected(now_ms);
                process.packer.connected(now_ms);
                process.comparison.connected(now_ms);
            } else {
                process.follower.disconnected();
                process.packer.disconnected();
            }
        }
    }
}
