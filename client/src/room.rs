//! The room that a tab shows.

pub(crate) mod absence;
pub(crate) mod doubtful;
pub mod items;
pub(crate) mod presence;
pub(crate) mod reading;
pub(crate) mod timeline;
pub(crate) mod view;

pub use absence::Missed;
pub use timeline::Edge;
