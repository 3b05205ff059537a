//! The opaque cursor of the HTTP transports: where a client stands in each room it has joined.
//!
//! It is all there is to an HTTP session: the server keeps nothing of it. Nothing in it is secret or believed: each
//! place in it is checked against the database like that of a `join`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::limits::JOINED_ROOMS_MAX;
use protocol::{Epoch, ErrorCode, EventId, RoomName};

/// The first byte, for the day the form changes.
const FORM: u8 = 1;

/// A client's places, in the order it joined the rooms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) epoch: Epoch,
    pub(crate) places: Vec<Place>,
}

/// A place in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) room: RoomName,
    pub(crate) seq: u64,
    pub(crate) event_id: Option<EventId>,
}

impl Cursor {
    /// A cursor in no room.
    pub(crate) const fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            places: Vec::new(),
        }
    }

    /// Takes a cursor from outside.
    ///
    /// # Errors
    /// [`ErrorCode::BadCursor`].
    pub(crate) fn parse(text: &str) -> Result<Self, ErrorCode> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| ErrorCode::BadCursor)?;
        Reader(&bytes).cursor().ok_or(ErrorCode::BadCursor)
    }

    /// Puts a place into the cursor, instead of the one it had in that room.
    ///
    /// # Errors
    /// [`ErrorCode::TooManyRooms`].
    pub(crate) fn set(&mut self, place: Place) -> Result<(), ErrorCode> {
        if let Some(known) = self.places.iter_mut().find(|known| known.room == place.room) {
            *known = place;
            return Ok(());
        }
        if self.places.len() >= JOINED_ROOMS_MAX {
            return Err(ErrorCode::TooManyRooms);
        }
        self.places.push(place);
        Ok(())
    }

    /// Takes a room out.
    pub(crate) fn remove(&mut self, room: &str) {
        self.places.retain(|place| place.room.as_str() != room);
    }

    /// The cursor as text: base64url of the epoch, then for each place the room's name behind its length in bytes,
    /// the seq in 8 bytes, and the event's id behind a byte that says whether there is one.
    pub(crate) fn encode(&self) -> String {
        let mut bytes = vec![FORM];
        bytes.extend_from_slice(self.epoch.as_bytes());
        for place in &self.places {
            let name = place.room.as_str().as_bytes();
            // A room name is at most 32 characters, so at most 128 bytes.
            bytes.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
            bytes.extend_from_slice(name);
            bytes.extend_from_slice(&place.seq.to_be_bytes());
            match place.event_id {
                Some(id) => {
                    bytes.push(1);
                    bytes.extend_from_slice(id.as_bytes());
                }
                None => bytes.push(0),
            }
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn cursor(&mut self) -> Option<Cursor> {
        if self.byte()? != FORM {
            return None;
        }
        let mut cursor = Cursor::new(Epoch::from_bytes(self.array()?));
        while !self.0.is_empty() {
            cursor.set(self.place()?).ok()?;
        }
        Some(cursor)
    }

    fn place(&mut self) -> Option<Place> {
        let length = usize::from(self.byte()?);
        let name = std::str::from_utf8(self.take(length)?).ok()?;
        let room = RoomName::parse(name).ok()?;
        let seq = u64::from_be_bytes(self.array()?);
        let event_id = match self.byte()? {
            0 => None,
            1 => Some(EventId::from_bytes(self.array()?)),
            _ => return None,
        };
        Some(Place { room, seq, event_id })
    }

    fn take(&mut self, length: usize) -> Option<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat::mint;

    fn cursor() -> Cursor {
        let mut cursor = Cursor::new(Epoch::from_bytes([7; 16]));
        for (room, event_id) in [("lobby", Some(mint::event_id())), ("개발", None)] {
            let room = RoomName::parse(room).unwrap();
            cursor
                .set(Place {
                    room,
                    seq: 1 << 40,
                    event_id,
                })
                .unwrap();
        }
        cursor
    }

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        let cursor = cursor();
        assert_eq!(Cursor::parse(&cursor.encode()), Ok(cursor));
        let empty = Cursor::new(Epoch::from_bytes([0; 16]));
        assert_eq!(Cursor::parse(&empty.encode()), Ok(empty));
    }

    #[test]
    fn what_was_cut_short_or_made_up_is_refused() {
        let text = cursor().encode();
        for end in 0..text.len() {
            if let Ok(shorter) = Cursor::parse(&text[..end]) {
                assert!(shorter.places.len() < 2, "cut at {end}");
            }
        }
        for text in ["", "x", "AA", "한글", "////", &"A".repeat(20_000)] {
            assert_eq!(Cursor::parse(text), Err(ErrorCode::BadCursor), "{text}");
        }
    }

    #[test]
    fn a_room_stands_in_it_once() {
        let mut cursor = cursor();
        cursor
            .set(Place {
                room: RoomName::lobby(),
                seq: 9,
                event_id: None,
            })
            .unwrap();
        assert_eq!(cursor.places.len(), 2);
        assert_eq!(cursor.places[0].seq, 9);
        cursor.remove("lobby");
        assert_eq!(cursor.places.len(), 1);
    }
}
