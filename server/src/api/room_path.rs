//! The room in an address.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use protocol::{ErrorCode, RoomName};

/// What stands for the room in an address; not even UTF-8 perhaps.
pub(crate) type RoomPath = Result<Path<String>, PathRejection>;

/// The room.
///
/// # Errors
/// [`ErrorCode::BadRoom`].
pub(crate) fn room_of(path: RoomPath) -> Result<RoomName, ErrorCode> {
    let Path(room) = path.map_err(|_| ErrorCode::BadRoom)?;
    RoomName::parse(&room)
}
