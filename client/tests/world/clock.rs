//! Virtual time: what will happen, and when.

use client::Now;
use client::effect::Effect;
use client::outbox::{Stored, may_be_sent};
use client::tab::Input;
use client::testing::QueuedInput;
use client::testing::host::carry_out;
use protocol::ClientId;

use super::World;
use super::network::Upstream;

/// How often lines are told how the rooms are, in milliseconds.
pub(super) const TELL_ROOMS_MS: u64 = 1_000;

/// Something that will happen.
#[derive(Debug)]
pub(super) enum Event {
    Input(usize, QueuedInput),
    Timer(usize, u64),
    Upstream(usize, u32, Upstream),
    PollEnds(usize, u32),
    ChannelIsCut(usize, u32),
    Store(usize, ClientId, String),
    Update(usize, ClientId, String),
    Discard(usize, ClientId),
    Load(usize, usize),
    Remove(usize, ClientId),
    ServerIsBack,
}

impl World {
    /// Lets the time pass.
    pub(crate) fn run(&mut self, ms: u64) {
        let until = self.now + ms;
        loop {
            let next = self.events.first_key_value().map_or(u64::MAX, |((at, _), _)| *at);
            if next.min(self.tell_rooms_at) > until {
                break;
            }
            if self.tell_rooms_at <= next {
                self.now = self.tell_rooms_at;
                self.tell_rooms_at += TELL_ROOMS_MS;
                self.tell_rooms();
            } else {
                let ((at, _), event) = self.events.pop_first().unwrap();
                self.now = at;
                self.happen(event);
            }
        }
        self.now = until;
    }

    /// Lets the time pass until this is so.
    pub(crate) fn run_until(&mut self, max_ms: u64, what: &str, is_so: impl Fn(&Self) -> bool) -> u64 {
        let start = self.now;
        while !is_so(self) {
            assert!(
                self.now < start + max_ms,
                "not within {max_ms} ms: {what}\n{}",
                self.describe()
            );
            self.run(5);
        }
        self.now - start
    }

    pub(crate) fn run_until_joined(&mut self, page: usize) -> u64 {
        self.run_until(60_000, "joined", |world| world.tab(page).is_joined())
    }

    /// Hands a tab an input and carries out what it asks for. With `STORY` in the environment it is told.
    pub(crate) fn step(&mut self, page: usize, input: Input<'_>) {
        if !self.pages[page].is_alive {
            return;
        }
        let now = Now {
            ms: self.now,
            random: self.random.draw() as u32,
        };
        let tells = std::env::var_os("STORY").is_some();
        if tells {
            println!("{} tab {page} < {input:?}", self.now);
        }
        let effects = self.pages[page].runner.step(now, input);
        if tells {
            for effect in &effects {
                println!("    > {effect:?}");
            }
        }
        if self.judges_steps {
            self.judge_page(page);
        }
        assert!(
            effects
                .iter()
                .filter(|effect| matches!(effect, Effect::Timer(0)))
                .count()
                <= 1
        );
        for effect in effects {
            carry_out(self, page, effect);
        }
    }

    pub(super) fn at(&mut self, after: u64, event: Event) {
        self.number += 1;
        self.events.insert((self.now + after, self.number), event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Input(page, input) => self.take(page, input),
            Event::Timer(page, number) => {
                let slot = &self.pages[page];
                if slot.timer == number && !slot.runner.is_frozen() {
                    self.step(page, Input::Timer);
                }
            }
            Event::Upstream(page, id, upstream) => self.arrive(page, id, upstream),
            Event::PollEnds(page, id) => self.answer_poll(page, id, true),
            Event::ChannelIsCut(page, id) => self.cut(page, id),
            // A tab that has ended stores nothing any more.
            Event::Store(page, ..) | Event::Update(page, ..) | Event::Discard(page, _)
                if !self.pages[page].is_alive => {}
            Event::Store(page, client_id, row) => {
                self.notice_emptied(page);
                let browser = &mut self.browsers[self.pages[page].browser];
                browser.rows.insert(client_id, row);
                browser.kept.remove(&client_id);
                self.input(page, 0, QueuedInput::Stored(client_id, Stored::OnDisk));
                self.tell_siblings_of_storing(page);
            }
            Event::Update(page, client_id, row) => {
                let is_emptied = self.notice_emptied(page);
                let browser = &mut self.browsers[self.pages[page].browser];
                let stored = if browser.storage_fails {
                    Stored::Failed
                } else if is_emptied || browser.rows.contains_key(&client_id) {
                    browser.rows.insert(client_id, row);
                    Stored::OnDisk
                } else {
                    Stored::Gone
                };
                self.input(page, 0, QueuedInput::Stored(client_id, stored));
            }
            Event::Discard(page, client_id) => {
                let browser = &mut self.browsers[self.pages[page].browser];
                let left = browser
                    .rows
                    .get(&client_id)
                    .filter(|row| may_be_sent(row))
                    .cloned();
                if left.is_none() {
                    browser.rows.remove(&client_id);
                }
                self.input(page, 0, QueuedInput::Discarded(client_id, left));
            }
            Event::Load(browser, page) => {
                self.notice_emptied(page);
                let browser = &mut self.browsers[browser];
                while let Some((client_id, row)) = browser.kept.pop_first() {
                    browser.rows.entry(client_id).or_insert(row);
                }
                let rows = browser.rows.values().cloned().collect();
                self.input(page, 1, QueuedInput::Loaded(Some(rows)));
            }
            Event::Remove(browser, client_id) => {
                self.browsers[browser].rows.remove(&client_id);
            }
            Event::ServerIsBack => self.server.is_up = true,
        }
    }

    /// Whether the storage was emptied since this tab last used it, which it is told.
    fn notice_emptied(&mut self, page: usize) -> bool {
        let is_emptied = std::mem::take(&mut self.pages[page].is_storage_emptied);
        if is_emptied {
            self.input(page, 0, QueuedInput::StorageEmptied);
        }
        is_emptied
    }

    /// Has a tab take this input after so many milliseconds.
    pub(super) fn input(&mut self, page: usize, after: u64, input: QueuedInput) {
        self.at(after, Event::Input(page, input));
    }

    /// Hands a tab an input that has come, unless it is frozen.
    pub(super) fn take(&mut self, page: usize, input: QueuedInput) {
        if let Some(input) = self.pages[page].runner.admit(input) {
            self.step(page, input.as_input());
        }
    }
}
