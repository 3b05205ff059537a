//! What the browsers do for their tabs.

use std::collections::BTreeMap;

use client::effect::Effect;
use client::outbox::Stored;
use client::testing::host::FETCH_TIMEOUT_MS;
use client::testing::{Host, QueuedInput, TabLock};
use protocol::ClientId;

use super::clock::Event;
use super::network::Upstream;
use super::{Browser, World};

/// How long it takes until a tab hears of its lock, until it hears another tab, and until storage answers, in
/// milliseconds.
const LOCK_MS: u64 = 2;
const TAB_MESSAGE_MS: u64 = 1;
const STORAGE_MS: u64 = 2;

impl Host for World {
    fn queue(&mut self, page: usize, input: QueuedInput) {
        let after = match input {
            QueuedInput::LockGranted | QueuedInput::LockLost => LOCK_MS,
            _ => TAB_MESSAGE_MS,
        };
        self.input(page, after, input);
    }

    fn lock_of(&mut self, page: usize) -> &mut TabLock {
        let browser = self.pages[page].browser;
        &mut self.browsers[browser].lock
    }

    fn siblings(&self, page: usize) -> Vec<usize> {
        let browser = self.pages[page].browser;
        let is_sibling = |other: &usize| {
            *other != page && self.pages[*other].browser == browser && self.pages[*other].is_alive
        };
        (0..self.pages.len()).filter(is_sibling).collect()
    }

    fn open_socket(&mut self, page: usize, id: u32) {
        self.dial(page, id, Upstream::Socket);
    }

    fn open_stream(&mut self, page: usize, id: u32, address: String) {
        self.dial(page, id, Upstream::Stream(address));
    }

    fn request(&mut self, page: usize, id: u32, address: String, body: Option<String>) {
        self.dial(page, id, Upstream::Request(address, body));
    }

    fn fetch(&mut self, page: usize, id: u32, address: String) {
        // Numbered apart from the channels, which are counted from 1.
        self.dial(page, !id, Upstream::Fetch(id, address));
        self.at(FETCH_TIMEOUT_MS, Event::ChannelIsCut(page, !id));
    }

    fn send(&mut self, page: usize, id: u32, text: String) {
        self.send_up(page, id, Upstream::Frame(text));
    }

    fn close(&mut self, page: usize, id: u32) {
        self.channels.remove(&(page, id));
    }

    fn set_timer(&mut self, page: usize, ms: u64) {
        self.pages[page].timer += 1;
        let number = self.pages[page].timer;
        self.at(ms, Event::Timer(page, number));
    }

    fn load(&mut self, page: usize) {
        let browser = self.browser_of(page);
        if browser.storage_fails {
            self.input(page, 1, QueuedInput::Loaded(None));
        } else if !browser.storage_hangs {
            self.at(STORAGE_MS, Event::Load(self.pages[page].browser, page));
        }
    }

    fn store(&mut self, page: usize, client_id: ClientId, row: String) {
        let browser = self.browser_of(page);
        if browser.storage_fails {
            self.input(page, 1, QueuedInput::Stored(client_id, Stored::Failed));
        } else if !browser.storage_hangs {
            self.kept_of(page).insert(client_id, row.clone());
            self.at(STORAGE_MS, Event::Store(page, client_id, row));
            self.tell_siblings_of_storing(page);
        }
    }

    fn update(&mut self, page: usize, client_id: ClientId, row: String) {
        let browser = self.browser_of(page);
        if browser.storage_fails {
            self.input(page, 1, QueuedInput::Stored(client_id, Stored::Failed));
        } else if !browser.storage_hangs {
            self.at(STORAGE_MS, Event::Update(page, client_id, row));
        }
    }

    fn remove(&mut self, page: usize, client_id: ClientId) {
        self.at(STORAGE_MS, Event::Remove(self.pages[page].browser, client_id));
    }

    fn discard(&mut self, page: usize, client_id: ClientId) {
        self.at(STORAGE_MS, Event::Discard(page, client_id));
    }

    fn notice(&mut self, page: usize, effect: &Effect) {
        let page = &mut self.pages[page];
        match effect {
            Effect::Accepted(_) => page.accepted += 1,
            Effect::StorageChanged(false) => page.not_stored += 1,
            Effect::StorageChanged(true) => page.stored_again += 1,
            Effect::OutboxFull => page.full += 1,
            Effect::Refused(code) => page.refusals.push(*code),
            Effect::ScrollTo(place) => page.scrolled_to.push(*place),
            Effect::RememberTransport(kind, _) => page.remembered.push(*kind),
            _ => {}
        }
    }
}

impl World {
    /// What is kept of a browser's rows from the moment they are written.
    fn kept_of(&mut self, page: usize) -> &mut BTreeMap<ClientId, String> {
        let browser = self.pages[page].browser;
        &mut self.browsers[browser].kept
    }

    pub(super) fn tell_siblings_of_storing(&mut self, page: usize) {
        for sibling in self.siblings(page) {
            self.queue(sibling, QueuedInput::StoredElsewhere);
        }
    }

    fn browser_of(&self, page: usize) -> &Browser {
        &self.browsers[self.pages[page].browser]
    }
}
