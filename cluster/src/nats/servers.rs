//! Which NATS server is gone to next.

use std::sync::{Mutex, PoisonError};

use async_nats::{Server, ServerAddr};

/// Goes round all servers. The client by itself goes first to the one that let it in last, for that one has failed least often,
/// and so would never leave one that is there and cut off from the others.
#[derive(Debug, Default)]
pub(super) struct Servers {
    last: Mutex<Option<ServerAddr>>,
}

impl Servers {
    /// The one after that which was tried last, of those that the client knows; `None` where it knows none.
    pub(super) fn next(&self, pool: &[Server]) -> Option<ServerAddr> {
        // A panic cannot leave an address half-changed.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_last = |server: &Server| match &*last {
            Some(last) => server.addr == *last,
            // The client chose the first one by itself.
            None => server.did_connect,
        };
        let before = pool.iter().position(is_last);
        let next = before.map_or(0, |before| before + 1) % pool.len().max(1);
        let next = pool.get(next)?.addr.clone();
        *last = Some(next.clone());
        Some(next)
    }
}
