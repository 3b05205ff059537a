//! How nodes compare what they have applied, and stop.

use chat::LogPoint;
use cluster::core::comparison::{Claim, Verdict};
use cluster::{FolderId, Stopped};

use super::Serving;
use crate::faults::Fault;
use crate::world::{Event, NodeRef, World};

/// How long a consumer may be silent, in milliseconds.
const SILENCE_MS: u64 = 2_000;

impl World {
    /// Every second: whether the log is silent, and how the others are.
    pub(in crate::world) fn beat(&mut self, node: NodeRef) {
        let now_ms = self.clock.now_ms;
        let Some(process) = self.process(node) else {
            return;
        };
        if process.is_connected && now_ms - process.heard_ms > SILENCE_MS {
            process.heard_ms = now_ms;
            process.follower.failed(now_ms);
        }
        self.clock.after(1_000, Event::Beat { node });
        if self.fault == Some(Fault::NoComparison) {
            return;
        }
        self.compare(node);
    }

    pub(super) fn compare(&mut self, node: NodeRef) {
        let now_ms = self.clock.now_ms;
        let Some(process) = self.process(node).filter(|process| process.is_connected) else {
            return;
        };
        let claim = Claim {
            node: process.id,
            folder: FolderId::new(node.index as u64),
            position: process.position(),
            hash: process.point().hash,
            is_stopped: matches!(process.serving, Serving::Stopped(_)),
        };
        let verdict = process.comparison.verdict(now_ms);
        let verdict = if claim.is_stopped {
            Verdict::Agrees
        } else {
            verdict
        };
        for index in 0..self.nodes.len() {
            let to = NodeRef {
                index,
                run: self.nodes[index].run,
            };
            if index != node.index && !self.rng.permille(self.plan.lost_beats) {
                let delay = self.delay();
                self.clock.after(delay, Event::Claimed { to, claim });
            }
        }
        match verdict {
            Verdict::Agrees => {}
            Verdict::Differs { position, .. } => self.stop(node, Stopped::Differs { position }),
            Verdict::Tie { agreed, position, .. } => self.settle(node, agreed, position),
        }
    }

    /// A node reads the log again, from where it last agreed with whom it differs from.
    pub(super) fn settle(&mut self, node: NodeRef, agreed: u64, position: u64) {
        self.note(format!(
            "n{} reads the log again from {agreed} to {position}",
            node.index
        ));
        let now_ms = self.clock.now_ms;
        let messages: Option<Vec<_>> = (agreed + 1..=position)
            .map(|position| self.log.get(position).cloned())
            .collect();
        if let Some(process) = self.process(node) {
            let from = if agreed == 0 {
                Some([0; 32])
            } else {
                process.hash_at(agreed)
            };
            let derived = messages.zip(from).map(|(messages, hash)| {
                let from = LogPoint {
                    position: agreed,
                    hash,
                };
                messages
                    .iter()
                    .fold(from, |point, payload| point.then(payload))
                    .hash
            });
            let own = process.hash_at(position);
            let is_right = derived.zip(own).map(|(derived, own)| derived == own);
            process.comparison.settled(is_right, now_ms);
        }
    }

    /// Another node says where it is.
    pub(in crate::world) fn claimed(&mut self, node: NodeRef, claim: Claim) {
        let now_ms = self.clock.now_ms;
        if let Some(process) = self.nodes[node.index]
            .process
            .as_mut()
            .filter(|process| process.is_connected)
        {
            let asked: Vec<_> = process.comparison.asks(&claim).collect();
            let hashes: Vec<_> = asked
                .iter()
                .map(|position| (*position, process.hash_at(*position)))
                .collect();
            let own = |position| hashes.iter().find(|(known, _)| *known == position)?.1;
            let applied = process.points.last().map_or(0, |point| point.position);
            process.comparison.heard(claim, applied, own, now_ms);
        }
    }

    /// A node serves nothing more until somebody rebuilds it.
    pub(in crate::world) fn stop(&mut self, node: NodeRef, stopped: Stopped) {
        let Some(process) = self.process(node) else {
            return;
        };
        if matches!(process.serving, Serving::Stopped(_)) {
            return;
        }
        process.serving = Serving::Stopped(stopped);
        process.follower.stop(stopped);
        process.sessions.clear();
        self.note(format!("n{} stops: {stopped:?}", node.index));
        let delay = self.rng.between(2_000, 8_000);
        self.clock.after(delay, Event::Rebuild { node });
    }
}
