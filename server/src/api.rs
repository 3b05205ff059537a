//! The HTTP API, for the page and for other programs. `docs/PROTOCOL.md` describes it.

pub(crate) mod body;
pub(crate) mod commands;
pub(crate) mod events;
pub(crate) mod me;
pub(crate) mod messages;
pub(crate) mod room_path;
