//! A node: the cluster's own packer, follower and comparison around chat's own queue and apply, and what a database keeps when
//! the process is killed.

mod comparing;
mod following;
mod publishing;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use chat::order::Queue;
use chat::simulation::State;
use chat::{Command, LogHash, LogPoint, Outcome, Reply};
use cluster::core::comparison::Comparison;
use cluster::core::follower::{Follower, Next};
use cluster::core::packer::{Overdue, Packer, Taken};
use cluster::{NodeId, Stopped};

use super::client::Session;
use super::{Event, NodeRef, World};
use crate::faults::Fault;

/// A place where a node runs: its disk, and the process if there is one.
pub(crate) struct Slot {
    pub(crate) name: String,
    pub(crate) run: u64,
    pub(crate) disk: Disk,
    pub(crate) process: Option<Process>,
    /// The position of the snapshot from which it was built last.
    pub(crate) built_from: Option<u64>,
    /// What is noted of its database where others have another history.
    pub(crate) differs: Option<Stopped>,
}

/// What is left when the process is killed.
pub(crate) struct Disk {
    /// On the disk for certain.
    image: State,
    image_points: Vec<LogPoint>,
    /// Applied since: as much of it as happened to reach the disk.
    tail: Vec<Bytes>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Serving {
    Joining,
    Ready,
    Stopped(Stopped),
}

/// A node that runs.
pub(crate) struct Process {
    pub(crate) id: NodeId,
    pub(crate) queue: Queue,
    packer: Packer<Reply>,
    follower: Follower,
    pub(crate) comparison: Comparison,
    pub(crate) state: State,
    /// Every point that it knows, the last one being where it is.
    points: Vec<LogPoint>,
    pub(crate) serving: Serving,
    pub(crate) is_connected: bool,
    consumer: u64,
    heard_ms: u64,
    /// Where the log ended when this node came.
    caught_up: Option<u64>,
    /// Since when it has everything, and it is not open who is wrong.
    compared_since_ms: Option<u64>,
    taken: VecDeque<Received>,
    pub(crate) full_until_ms: u64,
    pub(crate) frozen_until_ms: u64,
    step_at_ms: u64,
    pub(crate) sessions: Vec<Session>,
    /// Outcomes that wait to be sent: of which session's which command.
    answers: Arc<Mutex<Vec<(u64, usize, Outcome)>>>,
    pub(crate) is_wrong: bool,
    last_payload: Option<Bytes>,
}

struct Received {
    at_ms: u64,
    point: LogPoint,
    payload: Bytes,
    commands: Vec<Command>,
    replies: Vec<Option<Reply>>,
}

impl Disk {
    pub(crate) const fn new(image: State, image_points: Vec<LogPoint>) -> Self {
        Self {
            image,
            image_points,
            tail: Vec::new(),
        }
    }
}

impl Slot {
    /// How far it has applied the log; 0 where nothing runs.
    pub(crate) fn position(&self) -> u64 {
        self.process.as_ref().map_or(0, Process::position)
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.process
            .as_ref()
            .is_some_and(|process| process.serving == Serving::Ready)
    }
}

impl Process {
    pub(crate) fn point(&self) -> LogPoint {
        self.points.last().copied().unwrap_or_default()
    }

    pub(crate) fn position(&self) -> u64 {
        self.point().position
    }

    pub(crate) fn points(&self) -> &[LogPoint] {
        &self.points
    }

    fn hash_at(&self, position: u64) -> Option<LogHash> {
        let first = self.points.first()?.position;
        let index = usize::try_from(position.checked_sub(first)?).ok()?;
        self.points.get(index).map(|point| point.hash)
    }

    /// Takes a command from a session; whether it was let in. The reply comes among the answers.
    pub(crate) fn submit(&self, session: u64, place: usize, command: Command) -> bool {
        let answers = Arc::clone(&self.answers);
        let reply = Reply::new(move |outcome| {
            let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
            answers.push((session, place, outcome));
        });
        self.is_connected && self.queue.push(command, reply).is_ok()
    }

    fn take_answers(&self) -> Vec<(u64, usize, Outcome)> {
        std::mem::take(&mut *self.answers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl World {
    /// Starts the process on a slot's disk.
    pub(crate) fn start(&mut self, index: usize) -> anyhow::Result<()> {
        let id = NodeId::new(self.rng.next());
        let slot = &mut self.nodes[index];
        if slot.process.is_some() {
            return Ok(());
        }
        slot.run += 1;
        let run = slot.run;
        let mut state = slot.disk.image.copy()?;
        let mut points = slot.disk.image_points.clone();
        for payload in &slot.disk.tail {
            let point = points.last().copied().unwrap_or_default().then(payload);
            let commands = super::commands(payload);
            let commands = super::as_applied(self.fault, index, point.position, commands);
            state.apply(&point, &commands)?;
            points.push(point);
        }
        let before = points.len().checked_sub(2).map(|index| points[index].hash);
        let point = points.last().copied().unwrap_or_default();
        slot.process = Some(Process {
            id,
            queue: Queue::default(),
            packer: Packer::new(id),
            follower: Follower::new(point, before),
            comparison: Comparison::new(id),
            state,
            points,
            serving: Serving::Joining,
            is_connected: false,
            consumer: 0,
            heard_ms: self.clock.now_ms,
            caught_up: None,
            compared_since_ms: None,
            taken: VecDeque::new(),
            full_until_ms: 0,
            frozen_until_ms: 0,
            step_at_ms: 0,
            sessions: Vec::new(),
            answers: Arc::default(),
            is_wrong: !self.judge.was_lost && point.hash != self.judge.hash(point.position),
            last_payload: slot.disk.tail.last().cloned(),
        });
        self.note(format!("n{index} starts at {}", point.position));
        let node = NodeRef { index, run };
        if let Some(stopped) = self.nodes[index].differs {
            self.stop(node, stopped);
        }
        self.clock.after(100, Event::Connect { node });
        self.clock.after(1_000, Event::Beat { node });
        Ok(())
    }

    /// Kills the process: what was not on the disk for certain may be gone.
    pub(crate) fn kill(&mut self, index: usize) {
        let slot = &mut self.nodes[index];
        if slot.process.take().is_none() {
            return;
        }
        let most = slot.disk.tail.len();
        let kept = self.rng.index(most + 1);
        self.nodes[index].disk.tail.truncate(kept);
        self.note(format!("n{index} is killed and loses {} messages", most - kept));
    }

    /// Does everything that a node has to do now.
    pub(crate) fn poll(&mut self, node: NodeRef) -> anyhow::Result<()> {
        let now_ms = self.clock.now_ms;
        self.apply(node)?;
        let Some(process) = self.process(node) else {
            return Ok(());
        };
        let mut wake_ms = None;
        match process.follower.next(now_ms) {
            Next::Inspect => {
                let delay = self.delay();
                self.clock.after(delay, Event::Inspected { node });
            }
            Next::Consume { from } => self.begin_to_follow(node, from),
            Next::Wait { until_ms } => wake_ms = until_ms,
            Next::Stopped(stopped) => self.stop(node, stopped),
        }
        let fault = self.fault;
        let Some(process) = self.process(node) else {
            return Ok(());
        };
        if !matches!(process.serving, Serving::Stopped(_)) {
            let queue = &process.queue;
            let too_large = process.packer.take(now_ms, |room| {
                let is_held = |author| fault != Some(Fault::NoHold) && room.is_held(&author);
                let taken = queue.take(room.commands, room.bytes, is_held);
                taken
                    .into_iter()
                    .map(|waiting| Taken {
                        command: waiting.command,
                        reply: waiting.reply,
                        since_ms: now_ms,
                    })
                    .collect()
            });
            drop(too_large);
            let Overdue { replies, authors } = process.packer.overdue(now_ms);
            drop((replies, process.queue.take_of(&authors)));
            let mut given_up = Vec::new();
            if !process.is_connected {
                // It has not been published and will not be soon.
                given_up = process.queue.take(usize::MAX, usize::MAX, |_| false);
            }
            let due = process.packer.due(now_ms);
            for waiting in given_up {
                self.judge
                    .not_let_in((waiting.command.author, waiting.command.client_id));
            }
            for publication in due {
                self.publish(
                    node,
                    publication.number,
                    publication.attempt,
                    &publication.payload,
                );
            }
        }
        self.answer(node);
        if let Some(process) = self.process(node) {
            let wake_ms = wake_ms.into_iter().chain(process.packer.next_ms()).min();
            if let Some(at_ms) = wake_ms.map(|at_ms| at_ms.max(now_ms + 1))
                && (process.step_at_ms <= now_ms || at_ms < process.step_at_ms)
            {
                process.step_at_ms = at_ms;
                self.clock.at(at_ms, Event::Step { node });
            }
        }
        Ok(())
    }
}
