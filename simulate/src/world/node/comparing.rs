//! How nodes compare what they have applied, and stop.

use chat::{LogHash, LogPoint};
use cluster::core::comparison::{Claim, Verdict, reread_from};
use cluster::{FolderId, Stopped};

use super::Serving;
use crate::faults::Fault;
use crate::world::plan::Trouble;
use crate::world::{Event, NodeRef, World};

/// How long a consumer may be silent, in milliseconds.
const SILENCE_MS: u64 = 2_000;
/// Hashes that a node keeps: few, as those are that a node has after hours in a real one.
const HASHES_KEPT: usize = 24;

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
            is_serving: process.serving == Serving::Ready,
            is_stopped: matches!(process.serving, Serving::Stopped(_)),
        };
        if claim.is_serving {
            process.comparison.serve();
        }
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
            "n{} reads the log again after {agreed} to {position}",
            node.index
        ));
        let now_ms = self.clock.now_ms;
        let first = self.log.first;
        let Some(process) = self.process(node) else {
            return;
        };
        let points = process.points();
        let own = process.hash_at(position);
        let oldest = points.len().saturating_sub(HASHES_KEPT);
        let oldest = points.get(oldest).map_or(0, |point| point.position);
        let from = reread_from(agreed, first, oldest, position);
        let hash = if from == 0 {
            Some(LogHash::default())
        } else {
            process.hash_at(from)
        };
        let messages: Option<Vec<_>> = (from + 1..=position)
            .map(|position| self.log.get(position))
            .collect();
        let derived = messages.zip(hash).filter(|_| from <= position);
        let derived = derived.map(|(messages, hash)| {
            let from = LogPoint { position: from, hash };
            let led = messages.iter().fold(from, |point, payload| point.then(payload));
            led.hash
        });
        let is_right = derived.zip(own).map(|(derived, own)| derived == own);
        if let Some(process) = self.process(node) {
            process.comparison.settled(position, is_right, now_ms);
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

    /// A node serves nothing more until somebody rebuilds it, however often it is started again.
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
        if matches!(stopped, Stopped::Differs { .. }) {
            self.nodes[node.index].differs = Some(stopped);
        }
        let delay = self.rng.between(2_000, 8_000);
        if self.rng.permille(300) {
            // Somebody only starts it again.
            let restart = Trouble::Kill {
                index: node.index,
                for_ms: 500,
            };
            self.clock.after(delay, Event::Trouble(restart));
        } else {
            self.clock.after(delay, Event::Rebuild { node });
        }
    }
}
