//! Publishes what the client knows: brings the page's signals up to date, and keeps place and focus while rows come and go. The
//! HTML is drawn by `components/`.

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
