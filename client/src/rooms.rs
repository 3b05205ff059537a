//! The rooms that a person follows.

pub(crate) mod followed;
pub(crate) mod list;
pub(crate) mod position;

pub use followed::{FollowedRoom, followed};
