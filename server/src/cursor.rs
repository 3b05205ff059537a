//! The opaque cursor of the HTTP transports: where a client stands in each room it has joined.
//!
//! It is all there is to an HTTP session: the server keeps nothing of it. Nothing in it is secret or believed: each
//! place in it is checked against the database like that of a `join`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::limits::JOINED_ROOMS_MAX;
use protocol::{Epoch, ErrorCode, EventId, RoomName};

/// The first byte of the form that is written.
const FORM: u8 = 2;
/// The form before, of cursors that clients may still hold: it knew of event ids only.
const FIRST_FORM: u8 = 1;

/// A place's flags: which of its parts follow.
const HAS_EVENT_ID: u8 = 1;
const IS_QUIET: u8 = 2;
const HAS_TOLD: u8 = 4;

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
    /// Joined only to count what comes.
    pub(crate) quiet: bool,
    /// The version of who is here and who is typing that the client was told; 0 for none.
    pub(crate) told: u64,
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
    /// the seq in 8 bytes, a byte of flags, the event's id if there is one, and the version it was told if there is one.
    pub(crate) fn encode(&self) -> String {
        let mut bytes = vec![FORM];
        bytes.extend_from_slice(self.epoch.as_bytes());
        for place in &self.places {
            let name = place.room.as_str().as_bytes();
            // A room name is at most 32 characters, so at most 128 bytes.
            bytes.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
            bytes.extend_from_slice(name);
            bytes.extend_from_slice(&place.seq.to_be_bytes());
            let flag = |is_set: bool, flag| if is_set { flag } else { 0 };
            bytes.push(
                flag(place.event_id.is_some(), HAS_EVENT_ID)
                    | flag(place.quiet, IS_QUIET)
                    | flag(place.told > 0, HAS_TOLD),
            );
            if let Some(id) = place.event_id {
                bytes.extend_from_slice(id.as_bytes());
            }
            if place.told > 0 {
                bytes.extend_from_slice(&place.told.to_be_bytes());
            }
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn cursor(&mut self) -> Option<Cursor> {
        let known_flags = match self.byte()? {
            FORM => HAS_EVENT_ID | IS_QUIET | HAS_TOLD,
            FIRST_FORM => HAS_EVENT_ID,
            _ => return None,
        };
        let mut cursor = Cursor::new(Epoch::from_bytes(self.array()?));
        while !self.0.is_empty() {
            cursor.set(self.place(known_flags)?).ok()?;
        }
        Some(cursor)
    }

    fn place(&mut self, known_flags: u8) -> Option<Place> {
        let length = usize::from(self.byte()?);
        let name = std::str::from_utf8(self.take(length)?).ok()?;
        let room = RoomName::parse(name).ok()?;
        let seq = u64::from_be_bytes(self.array()?);
        let flags = self.byte()?;
        if flags & !known_flags != 0 {
            return None;
        }
        let event_id = if flags & HAS_EVENT_ID == 0 {
            None
        } else {
            Some(EventId::from_bytes(self.array()?))
        };
        let told = if flags & HAS_TOLD == 0 {
            0
        } else {
            u64::from_be_bytes(self.array()?)
        };
        Some(Place {
            room,
            seq,
            event_id,
            quiet: flags & IS_QUIET != 0,
            told,
        })
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
    use chat::ids;

    fn cursor() -> Cursor {
        let mut cursor = Cursor::new(Epoch::from_bytes([7; 16]));
        let id = || Some(ids::event_id());
        let places = [
            ("lobby", id(), false, 1 << 50),
            ("개발", None, false, 0),
            ("quiet", id(), true, 0),
            ("both", None, true, 7),
        ];
        for (room, event_id, quiet, told) in places {
            let room = RoomName::parse(room).unwrap();
            cursor
                .set(Place {
                    room,
                    seq: 1 << 40,
                    event_id,
                    quiet,
                    told,
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
    fn a_cursor_of_the_first_form_is_still_read() {
        let text = "AQGiC63elnP0hRANVVp6_yYFbG9iYnkAAAAAAAAABQEBoguzPt14A6BjQX5l0mnp";
        let cursor = Cursor::parse(text).unwrap();
        let place = Place {
            room: RoomName::lobby(),
            seq: 5,
            event_id: Some("01a20bb3-3edd-7803-a063-417e65d269e9".parse().unwrap()),
            quiet: false,
            told: 0,
        };
        assert_eq!(cursor.places, [place]);
        assert_eq!(Cursor::parse(&cursor.encode()), Ok(cursor));
    }

    #[test]
    fn what_was_cut_short_or_made_up_is_refused() {
        let text = cursor().encode();
        for end in 0..text.len() {
            if let Ok(shorter) = Cursor::parse(&text[..end]) {
                assert!(shorter.places.len() < 4, "cut at {end}");
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
                quiet: false,
                told: 0,
            })
            .unwrap();
        assert_eq!(cursor.places.len(), 4);
        assert_eq!(cursor.places[0].seq, 9);
        cursor.remove("lobby");
        assert_eq!(cursor.places.len(), 3);
    }
}
