//! Who is where in a cluster, and who types: what nodes tell one another of it, and what they make of that.
//!
//! It is soft state. What is lost is told again with the next full state, at most [`crate::limits::EPHEMERAL_FULL_MS`] later; what
//! comes late, twice or from nobody known is passed by. Nothing of it is in the log.

mod hearing;
mod telling;
#[cfg(test)]
mod tests;
mod wire;

pub use hearing::{Hearing, Taken};
pub use telling::Telling;
pub use wire::{Message, Part, Presence, RoomChange, Word, typing};
