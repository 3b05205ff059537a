//! One tab of the chat, whole: the machine that the page and the fault tests run.
//!
//! See the crate's documentation for how it is run.

mod actions;
mod group;
mod incoming;
mod input;
mod line;
mod machine;
mod roll_call;
mod sharing;
mod state;

pub use group::Role;
pub use input::{Config, Input};
pub use machine::Tab;
