//! One tab of the chat, whole: the machine that the page and the fault tests run.
//!
//! See the crate's documentation for how it is run.

mod group;
mod input;
mod machine;
mod requests;
mod state;

pub use group::Role;
pub use input::{Config, Input};
pub use machine::Tab;
