//! The bound on open files (getrlimit(2)): each connection is one.
//!
//! Most systems start a process with room for 1,024 and let it ask for more. We use no `select(2)`, the reason they do.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Asks for room for `wanted` open files; returns how many there is room for, `None` for any number.
pub(crate) fn ask_for(wanted: u64) -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.current?;
    if current >= wanted {
        return Some(current);
    }
    let asked = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let raised = Rlimit {
        current: Some(asked),
        ..limit
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => Some(asked),
        Err(error) => {
            tracing::debug!(%error, "the bound on open files could not be raised");
            Some(current)
        }
    }
}
