//! The server over real sockets: a real process of the real binary, and people who use it.
//!
//! One program for all of it, so that it is linked once and tests of different subjects run side by side.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking, and says with what"
)]

mod access;
mod answers;
mod assets;
mod bad_input;
mod changing;
mod cluster;
mod cluster_ahead;
mod cut_acks;
mod floods;
mod following;
mod form;
mod fragments;
mod going_away;
mod half_open;
mod http2;
mod http_transports;
mod identity;
mod killed;
mod listener;
mod log;
mod memory;
mod naming;
mod neighbours;
mod pages;
mod plain_clients;
mod posting;
mod preferences;
mod presence;
mod rooms;
mod rooms_told;
mod slow_readers;
mod starting;
mod support;
