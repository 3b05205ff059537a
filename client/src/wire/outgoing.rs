//! The frames that the browser writes; `protocol::frame` is what they are checked against.

use protocol::{Epoch, ErrorCode};

use crate::limits::JOIN_MAX_MS;
use crate::model::cursor::{Cursor, HEAD_UNKNOWN};
use crate::model::listing::Listing;
use crate::model::position::Position;
use crate::wire::fields::{begin, field, flag, number};

/// A `ping`: "are you there?"
pub const PING: &str = r#"{"type":"ping"}"#;

/// A `join`: "send me this room from `at` on".
#[must_use]
pub fn join(room: &str, at: Cursor) -> String {
    let mut frame = of_room("join", room);
    field(&mut frame, "epoch", &at.epoch.to_string());
    number(&mut frame, "after", at.seq);
    if let Some(id) = at.id {
        field(&mut frame, "eventId", &id.to_string());
    }
    frame.push('}');
    frame
}

/// A `joined`, as the leader answers another tab in the server's place.
pub(crate) fn joined(room: &str, epoch: Epoch, seq: u64) -> String {
    let mut frame = of_room("joined", room);
    field(&mut frame, "epoch", &epoch.to_string());
    number(&mut frame, "seq", seq);
    number(&mut frame, "head", HEAD_UNKNOWN);
    frame.push('}');
    frame
}

/// A `resync`, as the leader answers another tab in the server's place.
pub(crate) fn resync(room: &str) -> String {
    bare("resync", room)
}

/// The refusal of a `join`, as the leader answers a tab in the server's place: the connection has as many rooms as it may. A
/// tab that is closed makes place for another room.
pub(crate) fn full(room: &str) -> String {
    let mut frame = of_room("error", room);
    field(&mut frame, "code", ErrorCode::TooManyRooms.as_str());
    number(&mut frame, "retryAfterMs", JOIN_MAX_MS);
    frame.push('}');
    frame
}

/// An `unsubscribe`: "send me this room no more".
#[must_use]
pub fn unsubscribe(room: &str) -> String {
    bare("unsubscribe", room)
}

/// A `read`, an `unread` or a `leave`: "I have read up to here", at least or exactly, or "I do not follow this room".
pub(crate) fn position(room: &str, place: Position) -> String {
    let (kind, seq) = match place {
        Position::Read(seq) => ("read", seq),
        Position::Unread(seq) => ("unread", seq),
        Position::Left => return bare("leave", room),
    };
    let mut frame = of_room(kind, room);
    number(&mut frame, "seq", seq);
    frame.push('}');
    frame
}

/// A `typing`: "I am writing something", or not any more.
#[must_use]
pub fn typing(room: &str, on: bool) -> String {
    let mut frame = of_room("typing", room);
    flag(&mut frame, "on", on);
    frame.push('}');
    frame
}

/// A `rooms`, as the leader tells the other tabs.
pub(crate) fn rooms(listing: &Listing) -> String {
    let mut frame = begin("rooms");
    if let Some(epoch) = listing.epoch {
        field(&mut frame, "epoch", &epoch.to_string());
    }
    frame += r#","rooms":["#;
    for (at, room) in listing.rooms.iter().enumerate() {
        if at > 0 {
            frame.push(',');
        }
        room.write(&mut frame);
    }
    frame += "]}";
    frame
}

/// A frame with no other field than its room.
fn bare(kind: &str, room: &str) -> String {
    let mut frame = of_room(kind, room);
    frame.push('}');
    frame
}

/// Begins a frame that has a room.
fn of_room(kind: &str, room: &str) -> String {
    let mut frame = begin(kind);
    field(&mut frame, "room", room);
    frame
}
