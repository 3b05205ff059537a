//! The words both sides of Madang speak: ids, the names of rooms and people, message text, topics, emoji, frames,
//! limits, error and close codes.
//!
//! Nothing here does I/O, reads a clock or draws a random number. `docs/PROTOCOL.md` describes every frame for
//! people who write a client in another language; a test holds that document against the types in [`frame`].

#![warn(missing_docs)]

pub mod close;
pub mod emoji;
pub mod error;
pub mod frame;
pub mod hangul;
pub mod id;
mod invisible;
pub mod limits;
pub mod name;
pub mod room;
pub mod text;
pub mod topic;

pub use close::CloseCode;
pub use emoji::Emoji;
pub use error::ErrorCode;
pub use frame::{
    ClientFrame, EditsPage, EventHead, FormerText, HistoryPage, LimitsFrame, MeFrame, MessageEvent, Person,
    Quote, Reaction, RoomSummary, RoomsPage, SeenBy, SeenPage, ServerFrame,
};
pub use id::{ClientId, Epoch, EventId, UserId};
pub use invisible::is_invisible;
pub use name::PersonName;
pub use room::RoomName;
pub use text::MessageText;
pub use topic::Topic;

/// The WebSocket subprotocol a full client asks for (RFC 6455, section 1.9).
pub const SUBPROTOCOL: &str = "madang.v1";
