//! Everything there is: a log server, nodes, their clients, and what goes wrong between them.

mod client;
mod clock;
mod log;
mod node;
mod operator;
mod plan;

use std::cell::RefCell;
use std::collections::VecDeque;

use bytes::Bytes;
use chat::Command;
use chat::simulation::State;
use cluster::core::comparison::Claim;
use cluster::core::envelope::{Read, read};
use protocol::{ClientId, Epoch, RoomName, UserId};

use crate::faults::Fault;
use crate::judge::{Invariant, Judge, Seen, Violation};
use crate::rng::Rng;
use client::{Client, Down, Up};
use clock::Clock;
use log::LogServer;
use node::{Disk, Process, Slot};
use operator::Snapshot;
use plan::{Plan, Trouble};

/// Lines of the trace that are kept.
const TRACE_LINES: usize = 40;
/// Events after which a seed is held to go round in circles.
const EVENTS_MAX: u64 = 400_000;

/// One run of one slot's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeRef {
    index: usize,
    run: u64,
}

enum Event {
    /// A publication arrives at the log.
    Published {
        from: NodeRef,
        number: u64,
        attempt: u32,
        payload: Bytes,
    },
    /// Its answer arrives at the node: its position, or that it was not taken.
    Answered {
        to: NodeRef,
        number: u64,
        attempt: u32,
        position: Option<u64>,
    },
    Push {
        consumer: u64,
    },
    Idle {
        consumer: u64,
    },
    Delivered {
        to: NodeRef,
        consumer: u64,
        position: u64,
        payload: Bytes,
    },
    IdleHeard {
        to: NodeRef,
        consumer: u64,
        sent: u64,
    },
    Inspected {
        node: NodeRef,
    },
    Connect {
        node: NodeRef,
    },
    Step {
        node: NodeRef,
    },
    Beat {
        node: NodeRef,
    },
    Claimed {
        to: NodeRef,
        claim: Claim,
    },
    Start {
        index: usize,
    },
    Rebuild {
        node: NodeRef,
    },
    Snapshot,
    Uploaded {
        snapshot: Box<Snapshot>,
        by: NodeRef,
    },
    Trouble(Trouble),
    Act {
        client: usize,
    },
    Up {
        node: NodeRef,
        session: u64,
        client: usize,
        what: Up,
    },
    Down {
        client: usize,
        session: u64,
        node: NodeRef,
        what: Down,
    },
}

impl Event {
    /// The node to which it happens.
    const fn node(&self) -> Option<NodeRef> {
        match self {
            Self::Answered { to, .. }
            | Self::Delivered { to, .. }
            | Self::IdleHeard { to, .. }
            | Self::Claimed { to, .. } => Some(*to),
            Self::Inspected { node }
            | Self::Connect { node }
            | Self::Step { node }
            | Self::Beat { node }
            | Self::Up { node, .. } => Some(*node),
            _ => None,
        }
    }
}

/// What came of a seed.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) events: u64,
    /// Messages in the log, and how often one was applied.
    pub(crate) messages: u64,
    pub(crate) applied: u64,
    pub(crate) violation: Option<Violation>,
    /// What happened last.
    pub(crate) trace: Vec<String>,
}

pub(crate) struct World {
    clock: Clock<Event>,
    rng: Rng,
    plan: Plan,
    fault: Option<Fault>,
    log: LogServer,
    nodes: Vec<Slot>,
    clients: Vec<Client>,
    rooms: Vec<RoomName>,
    snapshots: Vec<Snapshot>,
    /// A chat in which nobody has said anything.
    empty: State,
    judge: Judge,
    /// A flipped bit that is on its way: to whom, and at which position.
    corrupted: Option<(NodeRef, u64)>,
    sessions: u64,
    applied: u64,
    trace: VecDeque<String>,
}

/// Goes through one seed.
pub(crate) fn simulate(seed: u64, fault: Option<Fault>) -> anyhow::Result<Outcome> {
    let mut world = World::new(seed, fault)?;
    let mut events = 0;
    while events < EVENTS_MAX && world.judge.violation.is_none() && !world.is_over() {
        let Some((said, event)) = world.clock.next() else {
            break;
        };
        events += 1;
        world.happen(said, event)?;
    }
    world.end()?;
    Ok(Outcome {
        events,
        messages: world.log.last(),
        applied: world.applied,
        violation: world.judge.violation,
        trace: world.trace.into(),
    })
}

impl World {
    fn new(seed: u64, fault: Option<Fault>) -> anyhow::Result<Self> {
        let mut rng = Rng::new(seed);
        let plan = Plan::new(&mut rng);
        let empty = empty()?;
        let mut world = Self {
            clock: Clock::new(),
            fault,
            log: LogServer::new(),
            nodes: Vec::new(),
            clients: Vec::new(),
            rooms: vec![RoomName::lobby()],
            snapshots: Vec::new(),
            empty,
            judge: Judge::new(),
            corrupted: None,
            sessions: 0,
            applied: 0,
            trace: VecDeque::new(),
            rng,
            plan,
        };
        if world.plan.has_two_rooms {
            world.rooms.extend(RoomName::parse("backyard"));
        }
        for index in 0..world.plan.nodes {
            world.nodes.push(Slot {
                name: format!("n{index}"),
                run: 0,
                disk: Disk::new(world.empty.copy()?, Vec::new()),
                process: None,
                built_from: None,
                differs: None,
            });
            world.start(index)?;
        }
        for client in 0..world.plan.clients {
            let author = UserId::from_parts(0, world.rng.bytes());
            world.clients.push(Client::new(author, world.rooms.len()));
            world.clock.after(200 + 50 * client as u64, Event::Act { client });
        }
        let troubles = std::mem::take(&mut world.plan.troubles);
        for (at_ms, trouble) in troubles {
            world.clock.at(at_ms, Event::Trouble(trouble));
        }
        world.clock.at(2_500, Event::Snapshot);
        Ok(world)
    }

    fn happen(&mut self, said: u64, event: Event) -> anyhow::Result<()> {
        let node = event.node();
        if let Some(node) = node {
            let now_ms = self.clock.now_ms;
            let Some(process) = self.process(node) else {
                return Ok(());
            };
            if process.frozen_until_ms > now_ms {
                let until_ms = process.frozen_until_ms;
                self.clock.put_off(until_ms, said, event);
                return Ok(());
            }
        }
        match event {
            Event::Published {
                from,
                number,
                attempt,
                payload,
            } => self.log_takes(from, number, attempt, payload),
            Event::Answered {
                to,
                number,
                attempt,
                position,
            } => self.answered(to, number, attempt, position),
            Event::Push { consumer } => self.push(consumer),
            Event::Idle { consumer } => self.idle(consumer),
            Event::Delivered {
                to,
                consumer,
                position,
                payload,
            } => self.delivered(to, consumer, position, payload),
            Event::IdleHeard { to, consumer, sent } => self.idle_heard(to, consumer, sent),
            Event::Inspected { node } => self.inspect(node),
            Event::Connect { node } => self.connect(node, true),
            Event::Step { node } => self.catch_up(node)?,
            Event::Beat { node } => self.beat(node),
            Event::Claimed { to, claim } => self.claimed(to, claim),
            Event::Start { index } => self.start(index)?,
            Event::Rebuild { node } => self.rebuild(node)?,
            Event::Snapshot => self.make_snapshot()?,
            Event::Uploaded { snapshot, by } => self.keep_snapshot(*snapshot, by)?,
            Event::Trouble(trouble) => self.trouble(trouble),
            Event::Act { client } => self.act(client),
            Event::Up {
                node,
                session,
                client,
                what,
            } => self.came_up(node, session, client, what)?,
            Event::Down {
                client,
                session,
                node,
                what,
            } => self.came_down(client, node, session, what),
        }
        if let Some(node) = node {
            self.poll(node)?;
        }
        Ok(())
    }

    /// The process, if that run of it is there still.
    fn process(&mut self, node: NodeRef) -> Option<&mut Process> {
        let slot = self.nodes.get_mut(node.index)?;
        if slot.run == node.run {
            slot.process.as_mut()
        } else {
            None
        }
    }

    /// Whether all is well and everything is done.
    fn is_over(&self) -> bool {
        let now_ms = self.clock.now_ms;
        if now_ms < self.plan.active_ms + self.plan.calm_ms {
            return false;
        }
        let last = self.log.last();
        let is_well = |slot: &Slot| {
            let process = slot.process.as_ref();
            slot.is_ready() && process.is_some_and(|process| process.position() == last && !process.is_wrong)
        };
        let is_done = self.nodes.iter().all(is_well) && self.clients.iter().all(Client::is_done);
        // What is lost is lost: nodes that have stopped may find nothing to begin again from.
        is_done || now_ms > self.plan.active_ms + self.plan.patience_ms(self.judge.was_lost)
    }

    /// Judges what there is at the end.
    fn end(&mut self) -> anyhow::Result<()> {
        let last = self.log.last();
        for index in 0..self.nodes.len() {
            let name = self.nodes[index].name.clone();
            let is_ready = self.nodes[index].is_ready();
            let Some(process) = &self.nodes[index].process else {
                continue;
            };
            let point = process.point();
            if is_ready && process.is_wrong {
                let what = format!("{name} serves at {} and has another history", point.position);
                self.judge.violated(Invariant::DifferenceIsFound, what);
            } else if is_ready && point != self.judge.point(point.position) {
                let what = format!("{name} serves at {} what the log does not have", point.position);
                self.judge.violated(Invariant::LostLogIsFound, what);
            } else if !self.judge.was_lost && (!is_ready || point.position != last) {
                let what = format!("{name} is at {} of {last}", point.position);
                self.judge.violated(Invariant::GoesOn, what);
            }
        }
        let left = self.clients.iter().filter(|client| !client.is_done()).count();
        if left > 0 && !self.judge.was_lost {
            let what = format!("{left} clients have had no answer");
            self.judge.violated(Invariant::GoesOn, what);
        }
        let mut seen = Vec::new();
        for snapshot in &mut self.snapshots {
            let position = snapshot.point().position;
            if snapshot.point() != self.judge.point(position) {
                // Of what the log lost.
                continue;
            }
            seen.push(Seen {
                whose: format!("the snapshot at {position}"),
                position,
                words: std::mem::take(&mut snapshot.words),
            });
        }
        for slot in &self.nodes {
            if let Some(process) = slot.process.as_ref().filter(|process| !process.is_wrong)
                && process.point() == self.judge.point(process.position())
            {
                let position = process.position();
                self.judge.tables(&slot.name, position, process.state.digest()?);
                seen.push(Seen {
                    whose: slot.name.clone(),
                    position,
                    words: process.state.words()?,
                });
            }
        }
        self.judge.finish(self.empty.copy()?, &seen)?;
        Ok(())
    }

    /// How long something takes that goes from one machine to another.
    fn delay(&mut self) -> u64 {
        if self.rng.permille(20) {
            self.rng.between(20, 400)
        } else {
            self.rng.between(1, 12)
        }
    }

    fn note(&mut self, what: impl std::fmt::Display) {
        if self.trace.len() >= TRACE_LINES {
            self.trace.pop_front();
        }
        self.trace
            .push_back(format!("{:>8} ms  {what}", self.clock.now_ms));
    }
}

/// A chat in which nobody has said anything. Its tables are made once on each thread: that takes longer than much else.
fn empty() -> anyhow::Result<State> {
    thread_local! {
        static EMPTY: RefCell<Option<State>> = const { RefCell::new(None) };
    }
    EMPTY.with_borrow_mut(|empty| {
        if let Some(empty) = empty {
            return Ok(empty.copy()?);
        }
        let made = empty.insert(State::new(Epoch::from_parts(0, [0; 10]))?);
        Ok(made.copy()?)
    })
}

/// What a message asks for.
fn commands(payload: &[u8]) -> Vec<Command> {
    match read(payload) {
        Read::Ours(envelope) => envelope.commands,
        Read::Foreign | Read::UnknownFormat(_) => Vec::new(),
    }
}

/// What a node makes of a message's commands: the same, but for defects.
fn as_applied(fault: Option<Fault>, index: usize, position: u64, mut commands: Vec<Command>) -> Vec<Command> {
    for (place, command) in commands.iter_mut().enumerate() {
        match fault {
            Some(Fault::SkipDedup) => {
                let mut bytes = [0; 10];
                bytes[..8].copy_from_slice(&position.to_be_bytes());
                bytes[9] = u8::try_from(place).unwrap_or(0);
                command.client_id = ClientId::from_parts(command.at, bytes);
            }
            Some(Fault::ClockInApply) => command.at += index as u64,
            _ => {}
        }
    }
    commands
}
