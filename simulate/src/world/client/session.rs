//! A client's session, on its node's side.

use std::rc::Rc;

use chat::command::COMMAND_FORMAT;
use chat::simulation::{Done, Event as Happened};
use chat::{Accepted, Command, Outcome};

use super::{Down, Item, Place, Up};
use crate::faults::Fault;
use crate::world::{Event, NodeRef, World, commands};

/// How long whoever is ahead of a node is kept waiting by it, in milliseconds.
const BEHIND_WAIT_MS: u64 = 5_000;

impl World {
    fn down(&mut self, node: NodeRef, session: u64, what: Down) {
        let at_ms = self.clock.now_ms + self.delay();
        let Some(process) = self.process(node) else {
            return;
        };
        if let Some(known) = process.sessions.iter_mut().find(|known| known.id == session) {
            known.arrives_ms = known.arrives_ms.max(at_ms);
            let (client, at_ms) = (known.client, known.arrives_ms);
            let event = Event::Down {
                client,
                session,
                node,
                what,
            };
            self.clock.at(at_ms, event);
        }
    }

    pub(in crate::world) fn send_answer(
        &mut self,
        node: NodeRef,
        session: u64,
        place: usize,
        outcome: Outcome,
        applied: u64,
    ) {
        let answer = Down::Answer {
            place,
            outcome,
            applied,
        };
        self.down(node, session, answer);
    }

    /// With [`Fault::AckBeforeApply`]: answers what was only handed to the log.
    pub(in crate::world) fn answer_early(&mut self, node: NodeRef, payload: &[u8]) {
        for command in commands(payload) {
            let client = self.clients.iter().find(|client| client.author == command.author);
            let place = client.and_then(|client| {
                let (_, session) = client.session.filter(|(at, _)| *at == node)?;
                let is_it = |item: &Item| item.client_id == command.client_id;
                Some((session, client.outbox.iter().position(is_it)?))
            });
            if let Some((session, place)) = place {
                let accepted = Accepted {
                    seq: 0,
                    repeated: false,
                };
                self.send_answer(node, session, place, Ok(accepted), 0);
            }
        }
    }

    /// Something from a client arrives at its node.
    pub(in crate::world) fn came_up(
        &mut self,
        node: NodeRef,
        session: u64,
        client: usize,
        what: Up,
    ) -> anyhow::Result<()> {
        let is_known = self
            .process(node)
            .is_some_and(|process| process.sessions.iter().any(|known| known.id == session));
        if !is_known {
            return Ok(());
        }
        self.serves(node);
        match what {
            Up::Join { cursors } => {
                let until_ms = self.clock.now_ms + BEHIND_WAIT_MS;
                if let Some(process) = self.process(node)
                    && let Some(known) = process.sessions.iter_mut().find(|known| known.id == session)
                {
                    let behind = |cursor| Place::Behind { cursor, until_ms };
                    known.told = cursors.into_iter().map(behind).collect();
                }
                self.clock.at(until_ms, Event::Step { node });
                self.catch_up(node)?;
            }
            Up::Submit { place } => {
                let event_id = self.event_id();
                let skew = node.index as u64 * 37;
                let item = &self.clients[client].outbox[place];
                let command = Command {
                    format: COMMAND_FORMAT,
                    client_id: item.client_id,
                    author: self.clients[client].author,
                    event_id,
                    at: self.clock.now_ms + skew,
                    action: item.action.clone(),
                };
                self.judge.says(event_id, &command.action);
                let id = (command.author, command.client_id);
                if self
                    .process(node)
                    .is_some_and(|process| !process.submit(session, place, command))
                {
                    self.judge.not_let_in(id);
                }
            }
        }
        self.poll(node)
    }

    /// Tells a node's sessions what was just applied.
    pub(in crate::world) fn tell(&mut self, node: NodeRef, done: &[Done]) -> anyhow::Result<()> {
        if done.iter().any(|done| done.event.is_some()) {
            self.catch_up(node)?;
        }
        Ok(())
    }

    /// Tells every session what it has not been told, where the node has come as far as that.
    pub(in crate::world) fn catch_up(&mut self, node: NodeRef) -> anyhow::Result<()> {
        let now_ms = self.clock.now_ms;
        let (fault, rooms) = (self.fault, self.rooms.clone());
        let Some(process) = self.process(node) else {
            return Ok(());
        };
        let is_sound = !process.is_wrong;
        let mut tell = Vec::new();
        for (room, name) in rooms.iter().enumerate() {
            let head = process.state.head(name)?;
            let mut read: Option<(u64, Rc<Vec<Happened>>)> = None;
            for session in &mut process.sessions {
                let Some(place) = session.told.get_mut(room) else {
                    continue;
                };
                let after = match *place {
                    Place::At(seq) => seq,
                    Place::Behind { cursor, .. } if cursor <= head => {
                        *place = Place::At(cursor);
                        if fault == Some(Fault::SkipCatchUp) {
                            head
                        } else {
                            cursor
                        }
                    }
                    Place::Behind { .. } if fault == Some(Fault::ResyncWhenBehind) => {
                        *place = Place::At(head);
                        tell.push((session.id, Down::Resync { room, head }));
                        continue;
                    }
                    Place::Behind { until_ms, .. } => {
                        if until_ms <= now_ms {
                            tell.push((session.id, Down::ComeAgain));
                        }
                        continue;
                    }
                };
                if after < head {
                    let events = match &read {
                        Some((from, events)) if *from == after => Rc::clone(events),
                        _ => Rc::new(process.state.events_after(name, after)?),
                    };
                    read = Some((after, Rc::clone(&events)));
                    *place = Place::At(events.last().map_or(after, |event| event.seq));
                    let down = Down::Events {
                        room,
                        events,
                        is_sound,
                    };
                    tell.push((session.id, down));
                } else {
                    *place = Place::At(head);
                }
            }
        }
        for (session, down) in tell {
            self.down(node, session, down);
        }
        Ok(())
    }
}
