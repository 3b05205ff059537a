//! The thread that a value belongs to, where there is but one: WASM without shared memory.

/// That thread.
#[derive(Clone, Copy)]
pub(crate) struct Home;

impl Home {
    /// The thread that this runs on.
    pub(crate) const fn here() -> Self {
        Self
    }

    /// Whether this runs on it: always.
    pub(crate) const fn is_here(self) -> bool {
        true
    }
}
