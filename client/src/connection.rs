//! The connection to the server, and what is subscribed to on it.

mod channel_ids;
mod commands;
pub(crate) mod line;
mod outage;
pub(crate) mod policy;
mod silence;
pub(crate) mod subscriptions;
mod upgrade;
