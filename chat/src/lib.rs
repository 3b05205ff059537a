//! The chat itself.
//!
//! ```text
//! Command ─▶ Chat::submit ─▶ order ─▶ apply (SQLite, one writer thread) ─▶ room ring ─▶ every Feed
//! ```
//!
//! A command goes in through [`Chat::submit`] and nowhere else; events come out of a [`Feed`] and nowhere else. What
//! lies between is deterministic: [`command`] carries all that is not (ids, the time), [`order`] gives commands
//! their order, `apply` turns each into rows and events, and nothing leaves before its commit is on the disk.
//!
//! This crate knows nothing of HTTP, sockets or pages.

mod ahead;
mod applier;
mod apply;
mod caught_up;
mod chat;
mod check;
mod checkpoints;
mod clock;
pub mod command;
mod copies;
#[cfg(target_os = "linux")]
#[path = "counter_linux.rs"]
mod counter;
#[cfg(not(target_os = "linux"))]
#[path = "counter_other.rs"]
mod counter;
mod crowd;
mod data_folder;
mod engine;
mod ephemeral;
mod error;
mod feed;
#[cfg(not(unix))]
#[path = "file_identity_other.rs"]
mod file_identity;
#[cfg(unix)]
#[path = "file_identity_unix.rs"]
mod file_identity;
mod files;
mod followers;
pub mod framing;
pub mod ids;
pub mod limits;
mod listeners;
mod log;
mod log_folder;
mod mentions;
pub mod nfc;
pub mod order;
mod outlet;
mod people;
mod presence;
#[cfg(not(unix))]
#[path = "private_files_other.rs"]
mod private_files;
#[cfg(unix)]
#[path = "private_files_unix.rs"]
mod private_files;
mod publisher;
mod readers;
mod reading;
mod recent;
mod ring;
mod rooms;
mod segment;
mod shards;
#[cfg(feature = "simulation")]
pub mod simulation;
mod spoken;
mod store;
#[cfg(test)]
mod testing;
mod turn;
mod typing;
mod upkeep;
mod writer;

pub use chat::{Chat, Health, JoinCursor, Joined};
pub use command::{Accepted, Action, Command, Outcome, ReadTo, Refusal, Reply, Strand};
pub use data_folder::DataFolder;
pub use ephemeral::{Elsewhere, Here, LocalPresence, LocalRoom, Typed};
pub use error::Error;
pub use feed::{Feed, Signal};
pub use followers::RoomsFeed;
pub use log::{Log, LogCommand, LogHash, LogMessage, LogNext, LogOrigin, LogPoint};
pub use log_folder::{Standing, make_first_state, prepare, standing, standing_of};
pub use mentions::Calls;
pub use outlet::{News, Next, Offered, Outlet, Place, Wants};
pub use people::PersonFeed;
pub use presence::{Person, Present};
pub use segment::is_message;
pub use spoken::Spoken;
pub use store::{
    FormerText, Known, MessageRow, Name, Namesake, Page, PageQuery, PersonRow, Position, QuoteRow,
    ReactionRow, RoomRow, SeenRow, SpokeRow, Visit,
};
