//! Transparent huge pages (madvise(2)), which the allocator asks for: whoever holds a few bytes in one holds 2 MiB.

/// Does without them, in the whole process.
pub(crate) fn do_without() {
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!(%error, "huge pages could not be done without");
    }
}
