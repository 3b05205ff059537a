//! What nodes do now and then, and those who look after them: snapshots, rebuilding, and what goes wrong with machines.

use std::collections::HashSet;

use bytes::Bytes;
use chat::simulation::{Done, State};
use chat::{Action, Command, LogPoint};
use cluster::Stopped;

use super::node::{Disk, Serving};
use super::plan::Trouble;
use super::{Event, NodeRef, World};
use crate::faults::Fault;

/// A copy of what a node has applied.
pub(crate) struct Snapshot {
    state: State,
    digest: [u8; 32],
    pub(crate) words: HashSet<String>,
    points: Vec<LogPoint>,
    /// Times that it may yet be looked whether others agree with it.
    looks: u32,
}

impl Snapshot {
    pub(crate) fn point(&self) -> LogPoint {
        self.points.last().copied().unwrap_or_default()
    }
}

impl World {
    /// One of the nodes that are ready makes a snapshot.
    pub(crate) fn make_snapshot(&mut self) -> anyhow::Result<()> {
        let delay = self.rng.between(2_000, 5_000);
        self.clock.after(delay, Event::Snapshot);
        let ready: Vec<_> = (0..self.nodes.len())
            .filter(|index| self.nodes[*index].is_ready())
            .collect();
        if ready.is_empty() {
            return Ok(());
        }
        let index = ready[self.rng.index(ready.len())];
        let by = NodeRef {
            index,
            run: self.nodes[index].run,
        };
        let is_early = self.fault == Some(Fault::SnapshotInTwoReads);
        let last = self
            .snapshots
            .last()
            .map_or(0, |snapshot| snapshot.point().position);
        let Some(process) = self.process(by).filter(|process| process.position() > last) else {
            return Ok(());
        };
        let mut snapshot = Box::new(Snapshot {
            digest: process.state.digest()?,
            words: process.state.words()?,
            state: process.state.copy()?,
            points: process.points().to_vec(),
            looks: 10,
        });
        let next = snapshot.point().position + 1;
        if is_early && self.log.get(next).is_some() {
            snapshot.points.push(self.judge.point(next));
        }
        let delay = self.rng.between(50, 1_500);
        self.clock.after(delay, Event::Uploaded { snapshot, by });
        Ok(())
    }

    /// A snapshot is there. It counts if the others agree with it.
    pub(crate) fn keep_snapshot(&mut self, mut snapshot: Snapshot, by: NodeRef) -> anyhow::Result<()> {
        let point = snapshot.point();
        let now_ms = self.clock.now_ms;
        let is_believed = self.fault == Some(Fault::NoComparison);
        let is_sound = self
            .process(by)
            .is_some_and(|process| process.comparison.is_confirmed(point.position, now_ms));
        let is_newer = self
            .snapshots
            .iter()
            .all(|known| known.point().position < point.position);
        if !is_newer {
            return Ok(());
        }
        if !(is_sound || is_believed) {
            if snapshot.looks > 0 {
                snapshot.looks -= 1;
                let snapshot = Box::new(snapshot);
                self.clock.after(500, Event::Uploaded { snapshot, by });
            }
            return Ok(());
        }
        let position = point.position;
        self.note(format!("n{} has made a snapshot at {position}", by.index));
        if point == self.judge.point(position) {
            let whose = format!("the snapshot at {position}");
            self.judge.tables(&whose, position, snapshot.digest);
        }
        // All of them are kept, to be judged; nodes are given the newest.
        self.snapshots.push(snapshot);
        if let Some(kept) = self.plan.kept_messages
            && let [.., oldest, _] = &self.snapshots[..]
        {
            let first = (oldest.point().position + 1).saturating_sub(kept);
            self.log.first = self.log.first.max(first);
        }
        Ok(())
    }

    /// Somebody starts a node that has stopped with what the cluster has.
    pub(crate) fn rebuild(&mut self, node: NodeRef) -> anyhow::Result<()> {
        if self.process(node).is_none() {
            return Ok(());
        }
        let newest = self.snapshots.last().map(|snapshot| snapshot.point().position);
        let slot = &self.nodes[node.index];
        let is_left_behind = matches!(
            slot.process.as_ref().map(|process| process.serving),
            Some(Serving::Stopped(Stopped::LeftBehind { .. }))
        );
        if newest.is_some() && newest == slot.built_from && !is_left_behind {
            // It led to the same again: the one before it is tried.
            self.snapshots.pop();
        }
        let newest = self.snapshots.last().map(|snapshot| snapshot.point().position);
        self.nodes[node.index].built_from = newest;
        let disk = match self.snapshots.last() {
            Some(snapshot) => Disk::new(snapshot.state.copy()?, snapshot.points.clone()),
            None => Disk::new(self.empty.copy()?, Vec::new()),
        };
        self.note(format!("n{} is rebuilt", node.index));
        self.nodes[node.index].process = None;
        self.nodes[node.index].disk = disk;
        self.nodes[node.index].differs = None;
        self.clock.after(100, Event::Start { index: node.index });
        Ok(())
    }

    /// With [`Fault::KeepDeletedText`]: what a defect in taking back a message might leave.
    pub(crate) fn tamper(
        &mut self,
        node: NodeRef,
        commands: &[Command],
        done: &[Done],
    ) -> anyhow::Result<()> {
        if self.fault != Some(Fault::KeepDeletedText) {
            return Ok(());
        }
        for (command, done) in commands.iter().zip(done) {
            let Action::Delete { room, target } = &command.action else {
                continue;
            };
            let text = self.judge.text_of(room, *target).map(str::to_owned);
            if done.event.is_some()
                && let Some(text) = text
                && let Some(process) = self.process(node)
            {
                let at = command.at;
                process.state.tamper(&format!(
                    "INSERT OR IGNORE INTO edits (room_id, seq, rev, at, body) VALUES (1, {target}, {target}, {at}, '{text}')"
                ))?;
            }
        }
        Ok(())
    }

    pub(crate) fn trouble(&mut self, trouble: Trouble) {
        let now_ms = self.clock.now_ms;
        self.note(format!("{trouble:?}"));
        match trouble {
            Trouble::Kill { index, for_ms } => {
                self.kill(index);
                let back_ms = (now_ms + for_ms).min(self.plan.active_ms.max(now_ms + 100));
                self.clock.at(back_ms, Event::Start { index });
            }
            Trouble::Freeze { index, for_ms } => {
                if let Some(process) = &mut self.nodes[index].process {
                    process.frozen_until_ms = process.frozen_until_ms.max(now_ms + for_ms);
                }
            }
            Trouble::Apart { index, for_ms } => {
                self.set_connected(index, false);
                let together = Trouble::Together { index };
                self.clock.after(for_ms, Event::Trouble(together));
            }
            Trouble::Together { index } => self.set_connected(index, true),
            Trouble::DiskFull { index, for_ms } => {
                if let Some(process) = &mut self.nodes[index].process {
                    process.full_until_ms = now_ms + for_ms;
                }
            }
            Trouble::Elect { for_ms } => self.log.electing_until_ms = now_ms + for_ms,
            Trouble::LogDown { for_ms, loses } => {
                self.log.is_down = true;
                self.log.downs += 1;
                for index in 0..self.nodes.len() {
                    self.set_connected(index, false);
                }
                let up = Trouble::LogUp { loses };
                self.clock.after(for_ms, Event::Trouble(up));
            }
            Trouble::LogUp { loses } => {
                self.log.downs -= 1;
                self.log.loses |= loses;
                if self.log.downs > 0 {
                    return;
                }
                self.log.is_down = false;
                if std::mem::take(&mut self.log.loses) && self.log.last() > 0 {
                    self.lose();
                }
                for index in 0..self.nodes.len() {
                    self.set_connected(index, true);
                }
            }
            Trouble::Foreign => self.append(Bytes::from_static(b"from somebody else")),
            Trouble::Calm => self.plan.calm(),
        }
    }

    fn set_connected(&mut self, index: usize, is_connected: bool) {
        let node = NodeRef {
            index,
            run: self.nodes[index].run,
        };
        if is_connected {
            self.clock.after(1, Event::Connect { node });
        } else {
            self.connect(node, false);
        }
    }
}
