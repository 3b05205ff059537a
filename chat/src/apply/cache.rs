//! What the writer knows of the database from having read or written it: hardly ever does anybody else write, and then the
//! writer forgets it.

use std::collections::HashMap;

use protocol::{PersonName, RoomName, UserId};
use rusqlite::Connection;

use crate::limits::{CACHED_NAMES_MAX, CACHED_ROOMS_MAX, ROOM_AHEAD_MS_MAX};
use crate::store::{self, Name, RoomEnd};

/// Where rooms end and what people are called. What it says holds within the open transaction; where rooms end is written
/// once for all that happened in that, by [`Cache::write`].
#[derive(Debug, Default)]
pub(crate) struct Cache {
    rooms: HashMap<RoomName, CachedRoom>,
    names: HashMap<UserId, Name>,
}

#[derive(Debug)]
struct CachedRoom {
    end: RoomEnd,
    is_written: bool,
}

impl Cache {
    /// Where a room ends; `None` when there is no such room.
    pub(super) fn room(
        &mut self,
        connection: &Connection,
        room: &RoomName,
    ) -> rusqlite::Result<Option<RoomEnd>> {
        if let Some(known) = self.rooms.get(room) {
            return Ok(Some(known.end));
        }
        let Some(end) = store::room_end(connection, room)? else {
            return Ok(None);
        };
        self.keep(room, end);
        Ok(Some(end))
    }

    /// Moves a room's end on by an event of this time, and says where that stands; makes the room if need be. Its time does
    /// not run backwards, unless it was [`ROOM_AHEAD_MS_MAX`] ahead: a room must not stand still for a year because of one event
    /// of a clock gone mad.
    pub(super) fn advance(
        &mut self,
        connection: &Connection,
        room: &RoomName,
        at: u64,
    ) -> rusqlite::Result<RoomEnd> {
        if self.room(connection, room)?.is_none() {
            self.keep(room, store::make_room(connection, room)?);
        }
        let Some(known) = self.rooms.get_mut(room) else {
            return Err(rusqlite::Error::QueryReturnedNoRows);
        };
        let end = &mut known.end;
        end.head += 1;
        if at.saturating_add(ROOM_AHEAD_MS_MAX) < end.last_at {
            end.last_at = at;
        } else {
            end.last_at = end.last_at.max(at);
        }
        known.is_written = false;
        Ok(*end)
    }

    /// What somebody is called.
    pub(super) fn name_of(&mut self, connection: &Connection, user_id: &UserId) -> rusqlite::Result<Name> {
        if let Some(name) = self.names.get(user_id) {
            return Ok(name.clone());
        }
        let name = store::name_of(connection, user_id)?;
        self.names.insert(*user_id, name.clone());
        Ok(name)
    }

    /// Calls somebody something else.
    pub(super) fn set_name(
        &mut self,
        connection: &Connection,
        user_id: &UserId,
        name: &PersonName,
    ) -> rusqlite::Result<()> {
        self.names.remove(user_id);
        store::set_name(connection, user_id, name)
    }

    /// Writes where rooms end. To be called before the transaction is committed.
    pub(crate) fn write(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        for room in self.rooms.values_mut().filter(|room| !room.is_written) {
            store::set_room_end(connection, &room.end)?;
            room.is_written = true;
        }
        if self.rooms.len() > CACHED_ROOMS_MAX {
            self.rooms.clear();
        }
        if self.names.len() > CACHED_NAMES_MAX {
            self.names.clear();
        }
        Ok(())
    }

    /// Forgets everything: the transaction in which it was so was rolled back.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    fn keep(&mut self, room: &RoomName, end: RoomEnd) {
        let known = CachedRoom {
            end,
            is_written: true,
        };
        self.rooms.insert(room.clone(), known);
    }
}
