//! The proof of delivery: real clients and a real server, with everything between them failing.
//!
//! [`proxy`] stands between the two and breaks connections, [`server`] is killed and started again, the clients run
//! the app's own state machines, and [`checker`] holds what was written, acknowledged, stored and shown against one
//! another at the end. `cargo xtask torture` runs it.

pub mod browser;
pub mod checker;
pub mod cluster;
pub mod database;
pub mod figures;
pub mod proxy;
pub mod run;
pub mod server;
pub mod wire;
