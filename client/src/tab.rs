//! One tab of the chat, whole: the machine that the page and the fault tests run.
//!
//! See the crate's documentation for how it is run.

mod input;
mod leadership;
mod machine;
mod requests;
mod state;

pub use input::{Config, Input};
pub use leadership::Role;
pub use machine::Tab;
