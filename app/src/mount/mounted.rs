//! What keeps the page alive.

/// What keeps the page alive; dropping it takes the page down.
pub type Mounted = Box<dyn std::any::Any>;
