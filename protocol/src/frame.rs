//! The frames of `madang.v1`. Each is one JSON object in one text frame; field names are camelCase, times are Unix
//! milliseconds, and a field that is not known is ignored.

mod client;
mod event;
mod pages;
mod room_summary;
mod server;

#[cfg(test)]
mod tests;

pub use client::ClientFrame;
pub use event::{EventHead, MessageEvent, Quote, Reaction};
pub use pages::{EditsPage, FormerText, HistoryPage, MeFrame, RoomsPage, SeenBy, SeenPage};
pub use room_summary::RoomSummary;
pub use server::{LimitsFrame, Person, ServerFrame};
