//! Several nodes of Madang on one log: NATS JetStream.
//!
//! ```text
//! Chat::submit ─▶ order ─▶ publisher ─▶ stream ─▶ receiver ─▶ Chat's applier, on every node
//! ```
//!
//! `core` decides and does no I/O, so that a simulation can drive it in virtual time; everything else does what it says.

mod begin;
mod belonging;
mod catching_up;
mod config;
mod consumer;
pub mod core;
mod differing;
mod ephemeral;
mod error;
mod folder_id;
mod found;
mod heartbeat;
mod hex;
mod identity;
pub mod lease;
mod level;
pub mod limits;
mod log;
mod log_client;
mod names;
pub mod nats;
mod node;
mod order;
mod own_hashes;
mod peers;
mod publisher;
mod receiver;
mod rederivation;
mod refused;
mod scratch;
mod seed;
pub mod settings;
pub mod snapshots;
mod snapshotter;
mod status;
mod supervisor;

pub use config::Config;
pub use ephemeral::EphemeralPump;
pub use error::Error;
pub use log::ReceivedLog;
pub use log_client::{Following, LogClient};
pub use names::{FolderId, Names, NodeId};
pub use node::Node;
pub use order::LogOrder;
pub use peers::{Peer, Peers};
pub use receiver::Progress;
pub use seed::seed;
pub use status::{Status, Stopped};
