//! A session's being in a room.

use std::sync::Arc;

use bytes::Bytes;
use protocol::{PersonName, UserId};

use super::Ephemeral;
use super::room::{EphemeralRoom, Watching};
use crate::store::Name;

/// A session's being in a room. It ends when this is dropped.
#[derive(Debug)]
pub struct Here {
    ephemeral: Arc<Ephemeral>,
    room: Arc<EphemeralRoom>,
    user_id: UserId,
    watching: Watching,
}

impl Here {
    pub(super) const fn new(
        ephemeral: Arc<Ephemeral>,
        room: Arc<EphemeralRoom>,
        user_id: UserId,
        watching: Watching,
    ) -> Self {
        Self {
            ephemeral,
            room,
            user_id,
            watching,
        }
    }

    /// The last version of who is here and who is typing; 0 before the first. Costs no lock.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.room.version()
    }

    /// Appends what has changed since the version `seen` to `out`, and returns the version this is. Before anything
    /// was told, `seen` is 0; then who is here is always told.
    pub fn pull(&self, seen: u64, out: &mut Vec<Bytes>) -> u64 {
        self.room.pull(seen, self.ephemeral.clock.latest_version(), out)
    }

    /// Whether it is not known here what the person is called.
    pub(crate) fn is_nameless(&self) -> bool {
        self.room.is_nameless(self.user_id)
    }

    /// Says what the person is called, unless it became known otherwise meanwhile: that is newer.
    pub(crate) fn introduce(&self, name: &Name) {
        let name = name.as_deref().and_then(|name| PersonName::parse(name).ok());
        if let Some(name) = name {
            self.room.introduce(self.user_id, &name);
        }
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        self.ephemeral
            .leave(&self.room, self.user_id, Some(self.watching));
    }
}
