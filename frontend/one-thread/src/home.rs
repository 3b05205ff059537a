//! The thread that a value belongs to, where there are several.

use std::thread::{self, ThreadId};

/// Which thread it is.
#[derive(Clone, Copy)]
pub(crate) struct Home(ThreadId);

impl Home {
    /// The thread that this runs on.
    pub(crate) fn here() -> Self {
        Self(thread::current().id())
    }

    /// Whether this runs on it.
    pub(crate) fn is_here(self) -> bool {
        self.0 == thread::current().id()
    }
}
