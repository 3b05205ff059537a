//! The chat with a real database on disk.
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

mod ahead;
mod broken_database;
mod catching_up;
mod changing;
mod checkpoints;
mod coming_back;
mod damaged;
mod deleted_texts;
mod deterministic;
mod disk_full;
mod elsewhere;
mod following;
mod history;
mod join_cursor;
mod joining;
mod locked_out;
mod log_copies;
mod log_fed;
mod log_fed_alike;
mod log_fed_disk_full;
mod log_folders;
mod log_repeats;
mod mentions;
mod migration;
mod names;
mod one_process;
mod overruled;
mod presence;
mod reacting;
mod reading;
mod refused_folders;
mod repeats;
mod replaced_files;
mod rooms_told;
mod support;
mod time;
mod way_in;
