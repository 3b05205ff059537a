//! The room in an address, and the message.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use protocol::{ErrorCode, RoomName};

/// What stands for the room in an address; not even UTF-8 perhaps.
pub(crate) type RoomPath = Result<Path<String>, PathRejection>;

/// What stands for a room and the seq of a message in it.
pub(crate) type PlacePath = Result<Path<(String, u64)>, PathRejection>;

/// The room.
///
/// # Errors
/// [`ErrorCode::BadRoom`].
pub(crate) fn room_of(path: RoomPath) -> Result<RoomName, ErrorCode> {
    let Path(room) = path.map_err(|_| ErrorCode::BadRoom)?;
    RoomName::parse(&room)
}

/// The room and the seq.
///
/// # Errors
/// [`ErrorCode::BadRoom`], and [`ErrorCode::NoSuchMessage`] when the seq is no number, or none a message can have.
pub(crate) fn place_of(path: PlacePath) -> Result<(RoomName, u64), ErrorCode> {
    let Path((room, seq)) = path.map_err(|_| ErrorCode::NoSuchMessage)?;
    let room = RoomName::parse(&room)?;
    if seq == 0 {
        return Err(ErrorCode::NoSuchMessage);
    }
    Ok((room, seq))
}
