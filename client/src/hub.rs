//! The rooms that are joined on the one line of this browser, for all its tabs.
//!
//! It keeps no message, only how far each room was handed on. A later `join` moves the server's feed, so it goes out
//! from the smallest place any tab stands at: what is said twice each timeline ignores, what is left out it could
//! not know. A new line has no rooms; every tab that is still there asks for its own again.

use protocol::Epoch;
use protocol::limits::JOINED_ROOMS_MAX;

use crate::effect::Effect;
use crate::frames::{self, Frame};
use crate::link::Link;
use crate::timeline::Cursor;

/// A joined room.
#[derive(Debug)]
struct Room {
    name: String,
    /// The tabs that show it.
    tabs: Vec<u32>,
    /// Everything after this place is handed on, or will be; `None` while it is not joined.
    at: Option<Cursor>,
    /// `join`s that were not answered yet.
    asked: u32,
}

/// What a tab that asks for a room is told at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Nothing: the server will answer.
    Later,
    /// It is joined already; the events after this `seq` follow.
    Joined(u64),
    /// Its cursor is of another database.
    Resync,
}

/// The joined rooms.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    rooms: Vec<Room>,
}

impl Hub {
    /// There is another line: nothing is joined on it.
    pub(crate) fn reset(&mut self) {
        self.rooms.clear();
    }

    /// A tab asks for a room from its cursor on. `epoch` is the line's.
    pub(crate) fn join(
        &mut self,
        tab: u32,
        name: &str,
        cursor: Cursor,
        epoch: Epoch,
        (link, effects): (&mut Link, &mut Vec<Effect>),
    ) -> Answer {
        if cursor.epoch != epoch {
            return Answer::Resync;
        }
        let Some(room) = self.room_of(tab, name) else {
            return Answer::Later;
        };
        match room.at {
            Some(at) if at.seq <= cursor.seq && room.asked == 0 => Answer::Joined(at.seq),
            Some(at) if at.seq <= cursor.seq => Answer::Later,
            _ => {
                room.at = Some(cursor);
                room.asked += 1;
                let frame = frames::join(name, epoch, cursor.seq, cursor.id);
                link.send(frame, true, effects);
                Answer::Later
            }
        }
    }

    /// A tab shows a room no more, or any room when none is named.
    pub(crate) fn leave(
        &mut self,
        tab: u32,
        name: Option<&str>,
        (link, effects): (&mut Link, &mut Vec<Effect>),
    ) {
        self.rooms.retain_mut(|room| {
            if name.is_none_or(|name| room.name == name) {
                room.tabs.retain(|known| *known != tab);
            }
            if room.tabs.is_empty() {
                link.send(frames::unsubscribe(&room.name), true, effects);
            }
            !room.tabs.is_empty()
        });
    }

    /// Takes a frame of the line into account.
    pub(crate) fn frame(&mut self, frame: &Frame) {
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
                    self.not_joined(room);
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
            _ => {}
        }
    }

    /// Whether a tab other than this one shows the room.
    pub(crate) fn is_shown_elsewhere(&self, name: &str, tab: u32) -> bool {
        self.rooms
            .iter()
            .any(|room| room.name == name && room.tabs.iter().any(|known| *known != tab))
    }

    fn find(&mut self, name: &str) -> Option<&mut Room> {
        self.rooms.iter_mut().find(|room| room.name == name)
    }

    fn not_joined(&mut self, name: &str) {
        if let Some(room) = self.find(name) {
            room.asked = room.asked.saturating_sub(1);
            room.at = None;
        }
    }

    /// The room, with this tab in it; `None` when there are too many.
    fn room_of(&mut self, tab: u32, name: &str) -> Option<&mut Room> {
        let at = match self.rooms.iter().position(|room| room.name == name) {
            Some(at) => at,
            None if self.rooms.len() >= JOINED_ROOMS_MAX => return None,
            None => {
                self.rooms.push(Room {
                    name: name.to_owned(),
                    tabs: Vec::new(),
                    at: None,
                    asked: 0,
                });
                self.rooms.len() - 1
            }
        };
        let room = &mut self.rooms[at];
        if !room.tabs.contains(&tab) {
            room.tabs.push(tab);
        }
        Some(room)
    }
}
