//! What the browser does for its tabs.

use std::sync::atomic::Ordering;
use std::time::Duration;

use client::effect::Effect;
use client::outbox::{Stored, may_be_sent};
use client::testing::host::FETCH_TIMEOUT_MS;
use client::testing::{Host, QueuedInput, TabLock};
use protocol::ClientId;
use tokio::time::Instant;

use super::Browser;

impl Host for Browser {
    fn queue(&mut self, slot: usize, input: QueuedInput) {
        if matches!(input, QueuedInput::LockGranted) {
            self.progress.leads.fetch_add(1, Ordering::Relaxed);
        }
        self.queue_input(slot, input);
    }

    fn lock_of(&mut self, _: usize) -> &mut TabLock {
        &mut self.lock
    }

    fn siblings(&self, slot: usize) -> Vec<usize> {
        (0..self.slots.len()).filter(|other| *other != slot).collect()
    }

    fn open_socket(&mut self, slot: usize, id: u32) {
        let channel = self.network.socket(self.slots[slot].number(id));
        self.slots[slot].keep(id, channel);
    }

    fn open_stream(&mut self, slot: usize, id: u32, address: String) {
        let channel = self.network.stream(self.slots[slot].number(id), address);
        self.slots[slot].keep(id, channel);
    }

    fn request(&mut self, slot: usize, id: u32, address: String, body: Option<String>) {
        self.count_posts(body.as_deref().unwrap_or_default());
        let channel = self.network.request(self.slots[slot].number(id), address, body);
        self.slots[slot].keep(id, channel);
    }

    fn fetch(&mut self, slot: usize, id: u32, address: String) {
        let number = self.slots[slot].fetch_number(id);
        let channel = self.network.request(number, address, None);
        self.slots[slot].keep_fetch(id, channel);
        let timeout = Duration::from_millis(FETCH_TIMEOUT_MS);
        self.queue_input_after(timeout, slot, QueuedInput::Fetched(id, None));
    }

    fn send(&mut self, slot: usize, id: u32, text: String) {
        self.count_posts(&text);
        self.slots[slot].send(id, text);
    }

    fn close(&mut self, slot: usize, id: u32) {
        self.slots[slot].close(id);
    }

    fn set_timer(&mut self, slot: usize, ms: u64) {
        self.slots[slot].timer = Some(Instant::now() + Duration::from_millis(ms));
    }

    fn load(&mut self, slot: usize) {
        let rows = self.storage.values().cloned().collect();
        let after = self.random.ms(1, 10);
        self.queue_input_after(after, slot, QueuedInput::Loaded(Some(rows)));
    }

    fn store(&mut self, slot: usize, client_id: ClientId, row: String) {
        self.storage.insert(client_id, row);
        let after = self.random.ms(0, 4);
        self.queue_input_after(after, slot, QueuedInput::Stored(client_id, Stored::OnDisk));
        for sibling in self.siblings(slot) {
            self.queue_input(sibling, QueuedInput::StoredElsewhere);
        }
    }

    fn update(&mut self, slot: usize, client_id: ClientId, row: String) {
        let stored = match self.storage.get_mut(&client_id) {
            Some(stored) => {
                *stored = row;
                Stored::OnDisk
            }
            None => Stored::Gone,
        };
        let after = self.random.ms(0, 4);
        self.queue_input_after(after, slot, QueuedInput::Stored(client_id, stored));
    }

    fn remove(&mut self, _: usize, client_id: ClientId) {
        self.storage.remove(&client_id);
    }

    fn discard(&mut self, slot: usize, client_id: ClientId) {
        let left = self
            .storage
            .get(&client_id)
            .filter(|row| may_be_sent(row))
            .cloned();
        if left.is_none() {
            self.storage.remove(&client_id);
        }
        self.queue_input(slot, QueuedInput::Discarded(client_id, left));
    }

    fn notice(&mut self, slot: usize, effect: &Effect) {
        match effect {
            Effect::TimelineChanged => self.show(slot),
            // Nothing that is written here can be refused, and the storage never fails.
            Effect::Refused(code) => {
                let unexpected = format!("a message was refused as {}", code.as_str());
                self.record.unexpected.push(unexpected);
            }
            Effect::OutboxFull => self.record.unexpected.push("the outbox was full".to_owned()),
            Effect::StorageChanged(_) => {
                let unexpected = "the storage was taken to be missing".to_owned();
                self.record.unexpected.push(unexpected);
            }
            _ => {}
        }
    }
}
