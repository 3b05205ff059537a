//! Nodes over real NATS servers.
//!
//! One program for all of it, so that it is linked once and tests of different subjects run side by side.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says with what"
)]

mod broken_log;
mod ephemeral;
mod folders;
mod following;
mod joining;
mod leases;
mod lost_log;
mod nats_away;
mod no_meta_leader;
mod nodes;
mod slow;
mod snapshots;
mod support;
