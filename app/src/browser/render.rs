//! Draws what the client knows: writes the page's signals, and keeps place and focus while rows come and go.

pub(crate) mod announcements;
pub(crate) mod connection;
pub(crate) mod focus;
pub(crate) mod frame;
pub(crate) mod jumps;
pub(crate) mod people;
mod position;
pub(crate) mod rendered;
pub(crate) mod scroll;
pub(crate) mod title;

pub(crate) use position::{look, mark_and_show, scrolled};
