//! The connection to the server, and what is subscribed to on it.

mod channel_ids;
mod commands;
pub(crate) mod line;
pub(crate) mod policy;
pub(crate) mod subscriptions;
mod upgrade;
