//! People: they say things, some before the last was answered; repeat what went unanswered, in order; and go from node to node
//! with their cursors.

mod session;

use std::rc::Rc;

use chat::simulation::Event as Happened;
use chat::{Accepted, Action, Calls, Outcome, Refusal};
use protocol::{ClientId, Emoji, MessageText, RoomName, UserId};

use super::node::Serving;
use super::{Event, NodeRef, World};
use crate::judge::Invariant;

/// Commands that are sent and not answered.
const PIPELINED: usize = 4;
/// How long an answer is waited for, in milliseconds.
const ANSWER_WAIT_MS: u64 = 12_000;

pub(crate) struct Client {
    pub(crate) author: UserId,
    session: Option<(NodeRef, u64)>,
    /// When what was sent last arrives.
    arrives_ms: u64,
    cursors: Vec<u64>,
    pub(crate) outbox: Vec<Item>,
    /// Their own messages, by room.
    own: Vec<(usize, u64)>,
}

pub(crate) struct Item {
    client_id: ClientId,
    room: usize,
    action: Action,
    pub(crate) stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Waiting,
    Sent { at_ms: u64 },
    Done,
}

/// A client's session, as its node knows it.
pub(crate) struct Session {
    id: u64,
    client: usize,
    /// By room, how far it was told.
    told: Vec<Place>,
    arrives_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    At(u64),
    /// Ahead of the node.
    Behind {
        cursor: u64,
        until_ms: u64,
    },
}

/// From a client to its node.
#[derive(Clone, Debug)]
pub(crate) enum Up {
    Join { cursors: Vec<u64> },
    Submit { place: usize },
}

/// From a node to a client.
#[derive(Clone, Debug)]
pub(crate) enum Down {
    Answer {
        place: usize,
        outcome: Outcome,
        applied: u64,
    },
    Events {
        room: usize,
        events: Rc<Vec<Happened>>,
        is_sound: bool,
    },
    Resync {
        room: usize,
        head: u64,
    },
    /// Not here, or not now.
    ComeAgain,
}

impl Client {
    pub(crate) fn new(author: UserId, rooms: usize) -> Self {
        Self {
            author,
            session: None,
            arrives_ms: 0,
            cursors: vec![0; rooms],
            outbox: Vec::new(),
            own: Vec::new(),
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.outbox.iter().all(|item| item.stage == Stage::Done)
    }

    /// The connection is gone: what was not answered is to be sent again.
    fn leave(&mut self) {
        self.session = None;
        for item in &mut self.outbox {
            if item.stage != Stage::Done {
                item.stage = Stage::Waiting;
            }
        }
    }
}

impl World {
    /// A client does what it would do now.
    pub(crate) fn act(&mut self, index: usize) {
        let now_ms = self.clock.now_ms;
        let is_active = now_ms < self.plan.active_ms;
        let pause = if is_active {
            self.rng.between(100, 900)
        } else {
            500
        };
        self.clock.after(pause, Event::Act { client: index });
        let client = &self.clients[index];
        if let Some((node, session)) = client.session {
            let is_there = self.nodes[node.index]
                .process
                .as_ref()
                .filter(|_| self.nodes[node.index].run == node.run)
                .is_some_and(|process| process.sessions.iter().any(|known| known.id == session));
            let is_late =
                |item: &Item| matches!(item.stage, Stage::Sent { at_ms } if at_ms + ANSWER_WAIT_MS < now_ms);
            let hops = is_active && self.rng.permille(40);
            if !is_there || hops || client.outbox.iter().any(is_late) {
                self.leave(index);
            }
        }
        if self.clients[index].session.is_none() {
            self.join(index);
        }
        let waiting = self.clients[index]
            .outbox
            .iter()
            .filter(|item| item.stage != Stage::Done)
            .count();
        if is_active && waiting < 2 * PIPELINED {
            for _ in 0..self.rng.between(0, 2) {
                self.ask(index);
            }
        }
        self.send(index);
    }

    fn leave(&mut self, index: usize) {
        if let Some((node, session)) = self.clients[index].session
            && let Some(process) = self.process(node)
        {
            process.sessions.retain(|known| known.id != session);
        }
        self.clients[index].leave();
    }

    /// Joins at some node, mostly at one that is ready.
    fn join(&mut self, index: usize) {
        let mut at = self.rng.index(self.nodes.len());
        for _ in 0..2 {
            if !self.nodes[at].is_ready() {
                at = self.rng.index(self.nodes.len());
            }
        }
        let node = NodeRef {
            index: at,
            run: self.nodes[at].run,
        };
        self.sessions += 1;
        let session = self.sessions;
        let Some(process) = self
            .process(node)
            .filter(|process| process.serving != Serving::Joining)
        else {
            return;
        };
        if process.serving != Serving::Ready {
            return;
        }
        process.sessions.push(Session {
            id: session,
            client: index,
            told: Vec::new(),
            arrives_ms: 0,
        });
        self.serves(node);
        let client = &mut self.clients[index];
        client.session = Some((node, session));
        let cursors = client.cursors.clone();
        self.up(index, Up::Join { cursors });
    }

    /// Thinks of something.
    fn ask(&mut self, index: usize) {
        let room = self.rng.index(self.rooms.len());
        let client_id = ClientId::from_parts(self.clock.now_ms, self.rng.bytes());
        let word = format!("w{index}x{}", self.clients[index].outbox.len());
        let Ok(message) = MessageText::parse(&word) else {
            return;
        };
        let name = self.rooms[room].clone();
        let own = self.clients[index].own.len();
        let chance = self.rng.index(100);
        let (room, action) = if own > 0 && chance < 30 {
            let which = self.rng.index(own);
            let (room, target) = self.clients[index].own[which];
            let name = self.rooms[room].clone();
            let action = match chance {
                0..12 => Action::Edit {
                    room: name,
                    target,
                    message,
                    calls: Calls::default(),
                },
                12..24 => {
                    self.clients[index].own.swap_remove(which);
                    Action::Delete { room: name, target }
                }
                _ => {
                    let Ok(emoji) = Emoji::parse("👍") else {
                        return;
                    };
                    Action::React {
                        room: name,
                        target,
                        emoji,
                        on: self.rng.permille(700),
                    }
                }
            };
            (room, action)
        } else if chance < 38 {
            let seq = self.clients[index].cursors[room];
            (room, Action::Read { room: name, seq })
        } else {
            let action = Action::Post {
                room: name,
                message,
                reply_to: None,
                calls: Calls::default(),
            };
            (room, action)
        };
        self.clients[index].outbox.push(Item {
            client_id,
            room,
            action,
            stage: Stage::Waiting,
        });
    }

    /// Sends what waits, in order.
    fn send(&mut self, index: usize) {
        let now_ms = self.clock.now_ms;
        let client = &mut self.clients[index];
        if client.session.is_none() {
            return;
        }
        let is_sent = |item: &&Item| matches!(item.stage, Stage::Sent { .. });
        let room = PIPELINED.saturating_sub(client.outbox.iter().filter(is_sent).count());
        let waiting = client.outbox.iter_mut().enumerate();
        let waiting = waiting.filter(|(_, item)| item.stage == Stage::Waiting);
        let mut places = Vec::new();
        for (place, item) in waiting.take(room) {
            item.stage = Stage::Sent { at_ms: now_ms };
            if item.action.is_remembered() {
                self.judge.sends(client.author, item.client_id);
            }
            places.push(place);
        }
        for place in places {
            self.up(index, Up::Submit { place });
        }
    }

    fn up(&mut self, index: usize, what: Up) {
        let at_ms = self.clock.now_ms + self.delay();
        let client = &mut self.clients[index];
        client.arrives_ms = client.arrives_ms.max(at_ms);
        if let Some((node, session)) = client.session {
            let event = Event::Up {
                node,
                session,
                client: index,
                what,
            };
            self.clock.at(client.arrives_ms, event);
        }
    }

    /// Something from a node arrives at a client.
    pub(crate) fn came_down(&mut self, index: usize, node: NodeRef, session: u64, what: Down) {
        if self.clients[index].session != Some((node, session)) {
            return;
        }
        match what {
            Down::Answer {
                place,
                outcome,
                applied,
            } => self.heard_answer(index, node, place, outcome, applied),
            Down::Events {
                room,
                events,
                is_sound,
            } => {
                for event in events.iter() {
                    let cursor = self.clients[index].cursors[room];
                    if is_sound {
                        let who = format!("c{index} at n{}", node.index);
                        self.judge.saw(&who, &self.rooms[room], cursor, event);
                    }
                    self.clients[index].cursors[room] = event.seq;
                }
            }
            Down::Resync { room, head } => {
                if !self.judge.was_lost {
                    let what = format!("c{index} has to begin anew at n{}", node.index);
                    self.judge.violated(Invariant::ResyncOnlyAfterLoss, what);
                }
                self.clients[index].cursors[room] = head;
            }
            Down::ComeAgain => self.leave(index),
        }
    }

    fn heard_answer(&mut self, index: usize, node: NodeRef, place: usize, outcome: Outcome, applied: u64) {
        let client = &mut self.clients[index];
        let author = client.author;
        let item = &mut client.outbox[place];
        let (room, id) = (item.room, (author, item.client_id));
        match outcome {
            // It is not known what became of it: all of it again, in order.
            Err(Refusal::Busy | Refusal::Unavailable | Refusal::ReadOnly) => self.leave(index),
            Err(_) => item.stage = Stage::Done,
            Ok(Accepted { seq, .. }) => {
                item.stage = Stage::Done;
                let makes_event = matches!(item.action, Action::Post { .. } | Action::Edit { .. });
                if matches!(item.action, Action::Post { .. }) {
                    client.own.push((room, seq));
                }
                if makes_event {
                    let name: RoomName = self.rooms[room].clone();
                    let node = self.nodes[node.index].name.clone();
                    self.judge.acknowledged(&node, applied, id, &name, seq);
                }
            }
        }
    }
}
