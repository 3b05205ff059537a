//! A browser: what its tabs share.

use std::collections::BTreeMap;

use client::testing::TabLock;
use protocol::{ClientId, UserId};

pub(crate) struct Browser {
    pub(crate) user_id: UserId,
    pub(crate) shared: bool,
    /// The storage: rows by key.
    pub(crate) rows: BTreeMap<ClientId, String>,
    /// Rows that are being stored: what takes the end of the tab, but not yet a power cut.
    pub(crate) kept: BTreeMap<ClientId, String>,
    /// Storage that refuses everything, or never answers.
    pub(crate) storage_fails: bool,
    pub(crate) storage_hangs: bool,
    pub(super) lock: TabLock,
    pub(crate) is_offline: bool,
    /// A proxy that refuses upgrades; that holds streams back; that cuts requests which take more than a moment.
    pub(crate) blocks_sockets: bool,
    pub(crate) swallows_sockets: bool,
    pub(crate) buffers_streams: bool,
    pub(crate) cuts_waiting: bool,
}

impl Browser {
    pub(super) fn new(user_id: UserId, shared: bool) -> Self {
        Self {
            user_id,
            shared,
            rows: BTreeMap::new(),
            kept: BTreeMap::new(),
            storage_fails: false,
            storage_hangs: false,
            lock: TabLock::default(),
            is_offline: false,
            blocks_sockets: false,
            swallows_sockets: false,
            buffers_streams: false,
            cuts_waiting: false,
        }
    }
}
