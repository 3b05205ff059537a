//! Transparent huge pages are Linux's.

/// There are none.
pub(crate) const fn do_without() {}
