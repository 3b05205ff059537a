//! A clock that only counts on. It may stand still while the machine sleeps.

use std::sync::LazyLock;
use std::time::Instant;

/// Milliseconds since some moment.
pub(crate) fn ms() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}
