//! What a tab asks the leading tab for.

use crate::model::cursor::Cursor;
use crate::model::position::Position;
use crate::wire::json::Value;
use crate::wire::objects::epoch;

/// What a tab asks the leader for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TabRequest {
    /// A room, from a cursor on.
    Join(String, Cursor),
    /// A room no more.
    Unsubscribe(String),
    /// To see to it that we are at this place in a room.
    Position(String, Position),
    /// To send this on: nobody answers it.
    Pass,
}

impl TabRequest {
    /// Reads a frame of [`outgoing`](crate::wire::outgoing).
    pub(crate) fn read(text: &str) -> Option<Self> {
        let value = Value::read(text)?;
        let room = value.text("room")?.to_owned();
        Some(match value.text("type")? {
            "unsubscribe" => Self::Unsubscribe(room),
            "join" => {
                let cursor = Cursor {
                    epoch: epoch(&value)?,
                    seq: value.number("after")?,
                    id: value.text("eventId").and_then(|id| id.parse().ok()),
                };
                Self::Join(room, cursor)
            }
            "read" => Self::Position(room, Position::Read(value.number("seq")?)),
            "unread" => Self::Position(room, Position::Unread(value.number("seq")?)),
            "leave" => Self::Position(room, Position::Left),
            _ => Self::Pass,
        })
    }
}
