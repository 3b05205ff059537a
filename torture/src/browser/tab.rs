//! A slot for a tab: the tab, its channels, and the request of its page.

use std::collections::HashMap;

use client::Now;
use client::effect::Effect;
use client::tab::Tab;
use client::testing::{QueuedInput, TabRunner};
use tokio::time::Instant;

use super::events::Channel;
use crate::checker::Room;
use crate::wire;

/// A slot for a tab. Every load of the page puts a new tab into it: a new life.
pub(super) struct Slot {
    index: u64,
    pub(super) room: Room,
    /// How often it was loaded.
    pub(super) life: u64,
    pub(super) runner: Option<TabRunner>,
    pub(super) timer: Option<Instant>,
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
            runner: None,
            timer: None,
            scrolling: false,
            is_above: false,
            lines: HashMap::new(),
            fetches: HashMap::new(),
            page: None,
        }
    }

    /// Drops the tab and its channels, without a `Stop`.
    pub(super) fn clear(&mut self) {
        self.life += 1;
        self.runner = None;
        self.timer = None;
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

    /// Forgets channels that have ended; returns whether this input is of a channel that was closed before.
    pub(super) fn is_of_closed_channel(&mut self, input: &QueuedInput) -> bool {
        match input {
            QueuedInput::Closed(id, _) | QueuedInput::Answer(id, _) => self.lines.remove(id).is_none(),
            QueuedInput::Opened(id) | QueuedInput::Text { id, .. } => !self.lines.contains_key(id),
            QueuedInput::Fetched(id, _) => self.fetches.remove(id).is_none(),
            _ => false,
        }
    }

    pub(super) fn tab(&self) -> Option<&Tab> {
        self.runner.as_ref().map(|runner| &runner.tab)
    }

    pub(super) fn is_frozen(&self) -> bool {
        self.runner.as_ref().is_some_and(TabRunner::is_frozen)
    }

    /// Keeps the input for later if the tab is frozen, otherwise hands it back.
    pub(super) fn admit(&mut self, input: QueuedInput) -> Option<QueuedInput> {
        match &mut self.runner {
            Some(runner) => runner.admit(input),
            None => Some(input),
        }
    }

    /// Takes one step; returns what the tab asks for, which is nothing where there is no tab.
    pub(super) fn step(&mut self, now: Now, input: &QueuedInput) -> Vec<Effect> {
        let runner = self.runner.as_mut();
        runner.map_or(Vec::new(), |runner| runner.step(now, input.as_input()))
    }
}
