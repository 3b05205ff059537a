//! The rooms that are joined on the one line of this browser, for its tabs.
//!
//! It keeps no message, only how far each room was handed on. A later `join` moves the server's feed, so it goes out
//! from the smallest place anybody stands at: each
//! timeline ignores events that come twice. A new line has no rooms; every tab that is still there asks for its own again.

use protocol::Epoch;
use protocol::limits::JOINED_ROOMS_MAX;

use crate::connection::policy::ConnectionPolicy;
use crate::model::cursor::Cursor;
use crate::step::Step;
use crate::wire::incoming::Frame;
use crate::wire::outgoing;

/// The rooms that are subscribed to on the line in use.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    rooms: Vec<Subscription>,
}

/// A tab's request for a room, from its cursor on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JoinRequest<'a> {
    pub(crate) tab: u32,
    pub(crate) room: &'a str,
    pub(crate) cursor: Cursor,
}

/// The immediate answer to a [`JoinRequest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The server will answer.
    Later,
    /// It is joined already; the events after this `seq` follow.
    Joined(u64),
    /// The cursor is of another database.
    Resync,
    /// As many rooms are joined as one connection may join.
    Full,
}

/// A joined room.
#[derive(Debug)]
struct Subscription {
    name: String,
    /// Numbers of the tabs that show it.
    tabs: Vec<u32>,
    /// Cursor after which everything is handed on; `None` while it is not joined.
    at: Option<Cursor>,
    /// Unanswered `join`s.
    asked: u32,
    /// The last `presence` frame, for a tab that joins later.
    here: Option<String>,
}

impl Subscription {
    /// Joins from this cursor or, when joined already, from the smaller of both.
    fn join(&mut self, step: &mut Step<'_>, cursor: Cursor, connection: &mut ConnectionPolicy) {
        let from = self.at.filter(|at| at.seq <= cursor.seq).unwrap_or(cursor);
        self.at = Some(from);
        self.asked += 1;
        self.here = None;
        connection.send(step, outgoing::join(&self.name, from), true);
    }
}

impl Subscriptions {
    /// Another line: nothing is joined on it yet.
    pub(crate) fn reset(&mut self) {
        self.rooms.clear();
    }

    /// Subscribes a tab to a room. `epoch` is the line's.
    pub(crate) fn join(
        &mut self,
        step: &mut Step<'_>,
        epoch: Epoch,
        JoinRequest {
            tab,
            room: name,
            cursor,
        }: JoinRequest<'_>,
        connection: &mut ConnectionPolicy,
    ) -> Answer {
        if cursor.epoch != epoch {
            return Answer::Resync;
        }
        let Some(room) = self.room_of(name) else {
            return Answer::Full;
        };
        if !room.tabs.contains(&tab) {
            room.tabs.push(tab);
        }
        match room.at {
            Some(at) if at.seq <= cursor.seq => match room.asked {
                0 => Answer::Joined(at.seq),
                _ => Answer::Later,
            },
            _ => {
                room.join(step, cursor, connection);
                Answer::Later
            }
        }
    }

    /// Moves the rooms that are joined back to where these are counted from, where that lies before.
    pub(crate) fn count_from<'a>(
        &mut self,
        step: &mut Step<'_>,
        epoch: Epoch,
        rooms: impl Iterator<Item = (&'a str, u64)>,
        connection: &mut ConnectionPolicy,
    ) {
        for (name, seq) in rooms {
            if let Some(room) = self.find(name)
                && room.at.is_some_and(|at| at.seq > seq)
            {
                let id = None;
                room.join(step, Cursor { epoch, seq, id }, connection);
            }
        }
    }

    /// Unsubscribes a tab from a room, or from all when none is named.
    pub(crate) fn leave(
        &mut self,
        step: &mut Step<'_>,
        tab: u32,
        name: Option<&str>,
        connection: &mut ConnectionPolicy,
    ) {
        self.rooms.retain_mut(|room| {
            let is_meant = name.is_none_or(|name| room.name == name) && room.tabs.contains(&tab);
            if !is_meant {
                return true;
            }
            room.tabs.retain(|known| *known != tab);
            if room.tabs.is_empty() {
                connection.send(step, outgoing::unsubscribe(&room.name), true);
            }
            !room.tabs.is_empty()
        });
    }

    /// Takes a frame of the line into account; `text` is the frame.
    pub(crate) fn frame(&mut self, frame: &Frame, text: &str) {
        match frame {
            Frame::Joined { room, epoch, seq, .. } => {
                if let Some(room) = self.find(room) {
                    room.asked = room.asked.saturating_sub(1);
                    if room.asked == 0 {
                        let id = room.at.filter(|at| at.seq == *seq).and_then(|at| at.id);
                        let (epoch, seq) = (*epoch, *seq);
                        room.at = Some(Cursor { epoch, seq, id });
                    }
                }
            }
            Frame::Resync { room } => self.not_joined(room),
            Frame::Error(refused) => {
                if let Some(room) = &refused.room {
                    self.refused(room);
                }
            }
            Frame::Event { room, event } => {
                let at = self.find(room).and_then(|room| room.at.as_mut());
                // One of an earlier feed may still arrive, from further on.
                if let Some(at) = at.filter(|at| at.seq + 1 == event.seq()) {
                    at.seq = event.seq();
                    at.id = event.id();
                }
            }
            Frame::Presence { room, .. } => {
                if let Some(room) = self.find(room) {
                    room.here = Some(text.to_owned());
                }
            }
            _ => {}
        }
    }

    /// The last `presence` frame of a room.
    pub(crate) fn here(&self, name: &str) -> Option<String> {
        let room = self.rooms.iter().find(|room| room.name == name)?;
        room.here.clone()
    }

    pub(crate) fn is_shown_elsewhere(&self, name: &str, tab: u32) -> bool {
        self.rooms
            .iter()
            .any(|room| room.name == name && room.tabs.iter().any(|known| *known != tab))
    }

    /// The tabs that show a room.
    pub(crate) fn tabs(&self) -> impl Iterator<Item = u32> {
        self.rooms.iter().flat_map(|room| &room.tabs).copied()
    }

    fn find(&mut self, name: &str) -> Option<&mut Subscription> {
        self.rooms.iter_mut().find(|room| room.name == name)
    }

    fn not_joined(&mut self, name: &str) {
        if let Some(room) = self.find(name) {
            room.asked = room.asked.saturating_sub(1);
            room.at = None;
        }
    }

    /// A refusal that names a room: of a `join` if one is unanswered, else of a position, which changes nothing here.
    fn refused(&mut self, name: &str) {
        if self.find(name).is_some_and(|room| room.asked > 0) {
            self.not_joined(name);
        }
    }

    /// The subscription, made if it is missing; `None` when there are [`JOINED_ROOMS_MAX`].
    fn room_of(&mut self, name: &str) -> Option<&mut Subscription> {
        let at = match self.rooms.iter().position(|room| room.name == name) {
            Some(at) => at,
            None if self.rooms.len() >= JOINED_ROOMS_MAX => return None,
            None => {
                self.rooms.push(Subscription {
                    name: name.to_owned(),
                    tabs: Vec::new(),
                    at: None,
                    asked: 0,
                    here: None,
                });
                self.rooms.len() - 1
            }
        };
        Some(&mut self.rooms[at])
    }
}

#[cfg(test)]
mod tests;
