//! What goes to and comes from the server and other tabs, as text.

pub mod endpoints;
pub(crate) mod fields;
pub(crate) mod incoming;
pub mod json;
mod listing;
mod objects;
pub mod outgoing;
pub(crate) mod request;
mod status;
pub(crate) mod tab_message;

#[cfg(test)]
mod tests;

pub use incoming::{Envelope, Frame, Refused};
