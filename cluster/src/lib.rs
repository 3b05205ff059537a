//! Several nodes of Madang on one log: NATS JetStream.
//!
//! ```text
//! Chat::submit ─▶ order ─▶ publisher ─▶ stream ─▶ receiver ─▶ Chat's applier, on every node
//! ```
//!
//! `core` decides and does no I/O, so that a simulation can drive it in virtual time; everything else does what it says.

mod config;
mod consumer;
pub mod core;
mod ephemeral;
mod error;
mod hex;
pub mod lease;
pub mod limits;
mod log;
mod log_client;
mod names;
pub mod nats;
mod node;
mod order;
mod publisher;
mod receiver;
mod seed;
pub mod settings;
pub mod snapshots;
mod status;

pub use config::Config;
pub use ephemeral::EphemeralPump;
pub use error::Error;
pub use log::ReceivedLog;
pub use log_client::{Following, LogClient};
pub use names::{Names, NodeId};
pub use node::Node;
pub use order::LogOrder;
pub use receiver::Progress;
pub use seed::seed;
pub use status::{Status, Stopped};
