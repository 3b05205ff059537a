//! One tab: the machine, its channels, and the page it is loaded from.

use std::collections::HashMap;

use client::Now;
use client::effect::Effect;
use client::tab::Tab;
use tokio::time::Instant;

use super::inputs::{Channel, What};
use crate::checker::Room;
use crate::wire;

/// A place for a tab. The tab in it may be gone and come again, in another life.
pub(super) struct Slot {
    index: u64,
    pub(super) room: Room,
    /// How often it was loaded.
    pub(super) life: u64,
    pub(super) tab: Option<Tab>,
    pub(super) timer: Option<Instant>,
    /// Whether the browser does not let it run at the moment, and what waits until it does.
    pub(super) frozen: bool,
    pub(super) frozen_queue: Vec<What>,
    /// Whether its person is about to scroll.
    pub(super) scrolling: bool,
    /// Whether its person is not at the end.
    pub(super) is_above: bool,
    lines: HashMap<u32, wire::Channel>,
    fetches: HashMap<u32, wire::Channel>,
    page: Option<wire::Channel>,
}

/// Channel numbers: the life above, then what it is for, then the machine's own number.
const LIFE_SHIFT: u32 = 40;
const SLOT_SHIFT: u32 = 36;
const FETCH: u64 = 1 << 32;
const PAGE: u64 = 1 << 33;

impl Slot {
    pub(super) fn empty(index: u64, room: Room) -> Self {
        Self {
            index,
            room,
            life: 0,
            tab: None,
            timer: None,
            frozen: false,
            frozen_queue: Vec::new(),
            scrolling: false,
            is_above: false,
            lines: HashMap::new(),
            fetches: HashMap::new(),
            page: None,
        }
    }

    /// Takes the tab away, without a word to it.
    pub(super) fn clear(&mut self) {
        self.life += 1;
        self.tab = None;
        self.timer = None;
        self.frozen = false;
        self.frozen_queue.clear();
        self.scrolling = false;
        self.is_above = false;
        self.lines.clear();
        self.fetches.clear();
        self.page = None;
    }

    fn of_life(&self, number: u64) -> u64 {
        self.life << LIFE_SHIFT | self.index << SLOT_SHIFT | number
    }

    pub(super) fn number(&self, id: u32) -> u64 {
        self.of_life(u64::from(id))
    }

    pub(super) fn fetch_number(&self, id: u32) -> u64 {
        self.of_life(FETCH | u64::from(id))
    }

    pub(super) fn page_number(&self) -> u64 {
        self.of_life(PAGE)
    }

    /// Which of this tab's channels a number stands for.
    pub(super) fn channel_of(&self, number: u64) -> Option<Channel> {
        let id = u32::try_from(number & u64::from(u32::MAX)).ok()?;
        if number == self.page_number() {
            Some(Channel::Page)
        } else if number == self.number(id) {
            Some(Channel::Line(id))
        } else if number == self.fetch_number(id) {
            Some(Channel::Fetch(id))
        } else {
            None
        }
    }

    pub(super) fn keep(&mut self, id: u32, channel: wire::Channel) {
        self.lines.insert(id, channel);
    }

    pub(super) fn keep_fetch(&mut self, id: u32, channel: wire::Channel) {
        self.fetches.insert(id, channel);
    }

    pub(super) fn keep_page(&mut self, channel: wire::Channel) {
        self.page = Some(channel);
    }

    pub(super) fn send(&self, id: u32, text: String) {
        if let Some(channel) = self.lines.get(&id) {
            channel.send(text);
        }
    }

    pub(super) fn close(&mut self, id: u32) {
        self.lines.remove(&id);
    }

    /// Forgets channels that have ended. Whether this is about one that was closed before.
    pub(super) fn closed(&mut self, what: &What) -> bool {
        match what {
            What::Heard(Channel::Line(id), wire::Event::Closed(_) | wire::Event::Answer(_)) => {
                self.lines.remove(id).is_none()
            }
            What::Heard(Channel::Line(id), _) => !self.lines.contains_key(id),
            What::Heard(Channel::Fetch(id), _) | What::FetchedNothing(id) => {
                self.fetches.remove(id).is_none()
            }
            _ => false,
        }
    }

    /// Lets the machine take something; what it asks for.
    pub(super) fn step(&mut self, now: Now, what: &What) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let (Some(tab), Some(input)) = (&mut self.tab, what.input()) {
            tab.step(now, input, &mut effects);
        }
        effects
    }
}
