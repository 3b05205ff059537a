//! What nodes decide, without any I/O or clock of its own: a message's form, what goes into it and when, what may follow what,
//! and which of two nodes that differ is wrong.
//!
//! Time comes in as milliseconds of any one clock that does not go back.

pub mod comparison;
pub mod envelope;
pub mod ephemeral;
pub mod follower;
pub mod formats;
pub mod packer;
#[cfg(test)]
pub(crate) mod testing;
