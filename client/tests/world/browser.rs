//! A browser: what its tabs share.

use std::collections::BTreeMap;

use client::testing::lock::TabLock;
use protocol::{ClientId, UserId};

use super::{Report, World};

/// How long a tab needs to be given a lock, in milliseconds.
const LOCK_MS: u64 = 2;

pub(crate) struct Browser {
    pub(crate) user_id: UserId,
    pub(crate) shared: bool,
    /// The storage: rows by key.
    pub(crate) rows: BTreeMap<ClientId, String>,
    /// Storage that refuses everything, or never answers.
    pub(crate) storage_fails: bool,
    pub(crate) storage_hangs: bool,
    lock: TabLock,
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

impl World {
    pub(super) fn request_lock(&mut self, page: usize) {
        let granted = self.lock_of(page).request(page);
        self.grant(granted);
    }

    pub(super) fn steal_lock(&mut self, page: usize) {
        if let Some(loser) = self.lock_of(page).steal(page) {
            self.report(loser, LOCK_MS, Report::LockLost);
        }
        self.grant(Some(page));
    }

    pub(super) fn release(&mut self, page: usize) {
        let granted = self.lock_of(page).release(page);
        self.grant(granted);
    }

    fn lock_of(&mut self, page: usize) -> &mut TabLock {
        &mut self.browsers[self.pages[page].browser].lock
    }

    fn grant(&mut self, page: Option<usize>) {
        if let Some(page) = page {
            self.report(page, LOCK_MS, Report::LockGranted);
        }
    }

    pub(super) fn broadcast(&mut self, page: usize, text: &str) {
        let browser = self.pages[page].browser;
        for other in 0..self.pages.len() {
            let slot = &self.pages[other];
            if other != page && slot.browser == browser && slot.is_alive {
                self.report(other, 1, Report::Word(text.to_owned()));
            }
        }
    }
}
