//! Requests of a tab to the leading tab: frames, read back.

use crate::model::cursor::Cursor;
use crate::model::position::Position;
use crate::wire::json::Value;
use crate::wire::objects::epoch;

/// A request of a tab to the leader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TabRequest {
    /// Subscribe to a room, from a cursor on.
    Join(String, Cursor),
    /// Unsubscribe from a room.
    Unsubscribe(String),
    /// Reach this position in a room.
    Position(String, Position),
    /// Forward this frame; nobody answers it.
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
