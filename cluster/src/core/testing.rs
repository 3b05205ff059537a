//! What unit tests of several modules need.

use chat::command::COMMAND_FORMAT;
use chat::{Action, Command};
use protocol::{ClientId, EventId, MessageText, RoomName, UserId};

/// The author of this number.
pub(crate) fn author(number: u8) -> UserId {
    UserId::from_parts(0, [number; 10])
}

/// A small command by the author of this number.
pub(crate) fn command(by: u8, seq: u64) -> Command {
    by_author(
        by,
        Action::Read {
            room: RoomName::lobby(),
            seq,
        },
    )
}

/// A post by the author of this number.
pub(crate) fn post(by: u8, text: &str) -> Command {
    by_author(
        by,
        Action::Post {
            room: RoomName::lobby(),
            message: MessageText::parse(text).unwrap(),
            reply_to: None,
            calls: chat::Calls::default(),
        },
    )
}

fn by_author(by: u8, action: Action) -> Command {
    Command {
        format: COMMAND_FORMAT,
        client_id: ClientId::from_parts(0, [by; 10]),
        author: author(by),
        event_id: EventId::from_parts(0, [by; 10]),
        at: 1,
        action,
    }
}
