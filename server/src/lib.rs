//! Madang's server: pages, sockets and the API on one port, in front of the [`chat`].
//!
//! A connection's way: [`listener`](crate::listener) takes it, `access` looks at its `Host` and `Origin`, `routes`
//! finds what it asks for, `identity` says who asks. A socket becomes a [`session`](crate::session) carried by a
//! [`transport`](crate::transport). What a person asked for leaves as a command through `chat::Chat::submit`; what
//! happened comes back through `chat::Feed`.

mod access;
mod ahead;
mod answers;
mod api;
mod application;
mod assets;
mod cluster_commands;
mod cluster_flags;
mod commands;
mod compression;
mod config;
mod cookies;
mod cursor;
mod error;
mod error_page;
mod fragments;
mod gate;
mod health;
#[cfg(not(unix))]
#[path = "host_name_other.rs"]
mod host_name;
#[cfg(unix)]
#[path = "host_name_unix.rs"]
mod host_name;
mod host_names;
#[cfg(target_os = "linux")]
#[path = "huge_pages_linux.rs"]
mod huge_pages;
#[cfg(not(target_os = "linux"))]
#[path = "huge_pages_other.rs"]
mod huge_pages;
mod identity;
pub mod limits;
mod listener;
mod log_writer;
mod naming;
mod node;
#[cfg(not(unix))]
#[path = "open_files_other.rs"]
mod open_files;
#[cfg(unix)]
#[path = "open_files_unix.rs"]
mod open_files;
mod page;
mod people;
mod post_limiter;
mod preferences;
mod ranges;
mod response;
mod rooms;
mod routes;
mod session;
mod shares;
pub mod shutdown;
mod start;
mod state;
mod streams;
mod sweeper;
mod tcp;
pub mod telemetry;
mod transport;

pub use application::Application;
pub use cluster_commands::{ClusterCommand, Command, SeedFlags};
pub use cluster_flags::{NatsFlags, NodeFlags};
pub use config::Config;
