//! The connection to the server, and what is subscribed to on it.

pub(crate) mod backoff;
mod line;
pub(crate) mod policy;
pub(crate) mod subscriptions;

pub use backoff::Backoff;
