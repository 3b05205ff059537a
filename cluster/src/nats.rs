//! The connection to NATS, and what a cluster has there.

pub mod connection;
pub mod link;
pub mod log_stream;
pub mod monitor;
pub(crate) mod patience;
mod reasons;
mod servers;
pub mod stream;
