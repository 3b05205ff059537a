//! How far people have read, which is also who follows which room.

use protocol::RoomName;

use super::{Applying, Change, Changed, Personal};
use crate::command::ReadTo;
use crate::store::{self, RoomEnd};

impl Applying<'_> {
    /// Moves how far the author has read forward, within the room.
    pub(super) fn read(&mut self, room: &RoomName, seq: u64) -> Changed {
        let Some(RoomEnd { room_id, head, .. }) = self.cache.room(self.connection, room)? else {
            return Ok(Ok(Change::nothing(0)));
        };
        let author = self.author();
        let known = store::position(self.connection, &author, room_id)?;
        let seq = known.unwrap_or(0).max(seq.min(head));
        let mut change = Change::nothing(head);
        if known != Some(seq) {
            store::set_position(self.connection, &author, room_id, seq)?;
            let read = Personal::Read {
                room: room.clone(),
                by: 0,
            };
            change.personal.push((author, read));
        }
        Ok(Ok(change))
    }

    /// Sets how far the author has read, within the room. Told also where it stood there: what another device is about to say
    /// is overruled by it.
    pub(super) fn unread(&mut self, room: &RoomName, seq: u64) -> Changed {
        let Some(RoomEnd { room_id, head, .. }) = self.cache.room(self.connection, room)? else {
            return Ok(Ok(Change::nothing(0)));
        };
        let (author, seq) = (self.author(), seq.min(head));
        if store::position(self.connection, &author, room_id)? != Some(seq) {
            store::set_position(self.connection, &author, room_id, seq)?;
        }
        let mut change = Change::nothing(head);
        change
            .personal
            .push((author, Personal::Unread { room: room.clone() }));
        Ok(Ok(change))
    }

    /// Moves how far many people have read forward, each within the room.
    pub(super) fn positions(&mut self, positions: &[ReadTo]) -> Changed {
        let mut change = Change::nothing(0);
        let mut last: Option<(&RoomName, Option<RoomEnd>)> = None;
        for ReadTo {
            user_id,
            room,
            seq,
            session,
        } in positions
        {
            let place = match last {
                Some((name, place)) if name == room => place,
                _ => self.cache.room(self.connection, room)?,
            };
            last = Some((room, place));
            let Some(RoomEnd { room_id, head, .. }) = place else {
                continue;
            };
            let known = store::position(self.connection, user_id, room_id)?;
            let seq = *seq.min(&head);
            if known.is_some_and(|known| known >= seq) {
                continue;
            }
            store::set_position(self.connection, user_id, room_id, seq)?;
            let read = Personal::Read {
                room: room.clone(),
                // That they follow the room now is news to that session, too.
                by: known.map_or(0, |_| *session),
            };
            change.personal.push((*user_id, read));
        }
        Ok(Ok(change))
    }

    pub(super) fn leave(&mut self, room: &RoomName) -> Changed {
        let Some(RoomEnd { room_id, head, .. }) = self.cache.room(self.connection, room)? else {
            return Ok(Ok(Change::nothing(0)));
        };
        let mut change = Change::nothing(head);
        if store::forget_position(self.connection, &self.author(), room_id)? {
            let left = Personal::Left { room: room.clone() };
            change.personal.push((self.author(), left));
        }
        Ok(Ok(change))
    }
}
