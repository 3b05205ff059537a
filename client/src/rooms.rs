//! The rooms that a person follows.

pub(crate) mod list;

pub use list::{FollowedRoom, followed};
