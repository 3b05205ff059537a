//! Loading a tab: what a person does by opening, reloading or losing a page.

use std::sync::atomic::Ordering;

use client::model::HistoryPage;
use client::model::Part;
use client::tab::Config;
use client::testing::host::release_lock;
use client::testing::{QueuedInput, TabRunner};
use protocol::RoomName;

use super::events::{TabEvent, TabEventKind};
use super::{Browser, Phase};

impl Browser {
    /// Crashes the tab: no `Stop`, its lock released, its channels gone. Then loads its page again.
    pub(super) fn load_page(&mut self, slot: usize) {
        self.slots[slot].clear();
        release_lock(self, slot);
        if let Some(screen) = self.record.screens.get_mut(&self.slots[slot].room) {
            if self.setup.hops {
                screen.reload_elsewhere();
            } else {
                screen.reload();
            }
        }
        self.progress.reloads.fetch_add(1, Ordering::Relaxed);
        self.queue_event(slot, TabEventKind::RequestPage);
    }

    /// Reloads the page as a person does: the tab gets a `Stop`.
    pub(super) fn reload(&mut self, slot: usize) {
        self.take(slot, QueuedInput::Stop);
        self.load_page(slot);
    }

    /// Requests the page. One in five pages comes without data, and the tab has to ask for everything itself.
    pub(super) fn request_page(&mut self, slot: usize) {
        if self.random.chance(20) {
            return self.open(slot, None);
        }
        let path = client::wire::endpoints::history(&self.slots[slot].room, Part::Latest, 0);
        let channel = self.network.request(self.slots[slot].page_number(), path, None);
        self.slots[slot].keep_page(channel);
    }

    /// Opens the tab with the page, or requests the page again after a while.
    pub(super) fn page_answered(&mut self, slot: usize, body: Option<String>) {
        if let Some(page) = body.and_then(|text| HistoryPage::read(&text)) {
            self.open(slot, Some(page));
        } else {
            let after = self.random.ms(100, 500);
            self.queue_event_after(after, slot, TabEventKind::RequestPage);
        }
    }

    fn open(&mut self, slot: usize, page: Option<HistoryPage>) {
        let Ok(room) = RoomName::parse(&self.slots[slot].room) else {
            return;
        };
        let user_id = page.as_ref().and(self.record.user_id);
        let transports = self.setup.transports;
        self.slots[slot].runner = Some(TabRunner::new(Config {
            room,
            user_id,
            name: None,
            read_line: None,
            page,
            transports,
        }));
        self.show(slot);
        let visible = self.phase == Phase::Settling || self.random.chance(70);
        let shared = true;
        self.queue_input(slot, QueuedInput::Start { shared, visible });
    }

    /// Lets a frozen tab go on; the inputs that waited are handled first.
    pub(super) fn thaw(&mut self, slot: usize) {
        let Some(runner) = &mut self.slots[slot].runner else {
            return;
        };
        let waited = runner.thaw();
        let life = self.slots[slot].life;
        for input in waited.into_iter().rev() {
            let kind = TabEventKind::Input(input);
            self.queue.push_front(TabEvent { slot, life, kind });
        }
    }
}
