//! One browser: its tabs, each the app's own machine; the storage, lock, tab channel, timers and network that they use;
//! and the person in front of it.
//!
//! One task runs all of it, like a browser's event loop: events of tabs are queued and handled one after another.

mod events;
mod habits;
mod host;
mod page;
mod record;
mod tab;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use client::model::Transports;
use client::testing::host::carry_out;
use client::testing::{QueuedInput, Random, TabLock};
use protocol::ClientId;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::checker;
use crate::wire::{EVENTS_MAX, Event, Network};

use events::{TabEvent, TabEventKind};
pub use habits::Habits;
use tab::Slot;

/// How a browser is set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// A name for reports.
    pub name: String,
    /// Where it connects to.
    pub address: SocketAddr,
    /// The rooms of its tabs; no two tabs show the same.
    pub rooms: Vec<checker::Room>,
    /// The transports it may use.
    pub transports: Transports,
    /// Whether it may come to another node with each connection.
    pub hops: bool,
    pub habits: Habits,
}

/// The phase of a run, as browsers see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// People write, and browsers reload, freeze and lose tabs.
    Active,
    /// Nobody writes; what is pending is sent and what is missing is fetched.
    Settling,
    /// As `Settling`, and every browser reports that it is online again.
    Online,
    /// The browser stops and returns its record.
    Ended,
}

/// Counters of a running browser.
#[derive(Debug, Default)]
pub struct Progress {
    /// Messages its person wrote.
    pub written: AtomicU64,
    /// Edits, deletions and reactions that its person asked for.
    pub changed: AtomicU64,
    /// Those of them that were refused, for the message had been deleted.
    pub refused: AtomicU64,
    /// Messages, edits, deletions and reactions that were acknowledged, each once.
    pub acked: AtomicU64,
    /// Posts, edits, deletions and reactions that went out on a line, repeats included.
    pub sent: AtomicU64,
    /// Those that were refused with a retryable code.
    pub held_off: AtomicU64,
    /// Rows in the fullest outbox among its tabs.
    pub waiting: AtomicU64,
    /// Times a tab was loaded again.
    pub reloads: AtomicU64,
    /// Times a tab took the lead.
    pub leads: AtomicU64,
    /// Times the server answered a join with `resync`.
    pub resyncs: AtomicU64,
    /// How far each of its tabs is.
    pub reached: Vec<Reached>,
}

/// How far a tab is in its room.
#[derive(Debug)]
pub struct Reached {
    pub room: checker::Room,
    /// The last message up to which every one was shown.
    pub complete: AtomicU64,
    /// The last event it knows.
    pub known_to: AtomicU64,
}

impl Reached {
    /// Nowhere yet.
    #[must_use]
    pub const fn nothing_of(room: checker::Room) -> Self {
        Self {
            room,
            complete: AtomicU64::new(0),
            known_to: AtomicU64::new(0),
        }
    }
}

/// A running browser.
pub(crate) struct Browser {
    setup: Setup,
    network: Network,
    events: mpsc::Receiver<(u64, Event)>,
    slots: Vec<Slot>,
    /// What happens next, in order.
    queue: VecDeque<TabEvent>,
    /// What happens after a while, by time; the number keeps those of one moment in order.
    delayed: BTreeMap<(Instant, u64), TabEvent>,
    numbers: u64,
    /// The outbox's rows, which all tabs share and which survive them.
    storage: BTreeMap<ClientId, String>,
    lock: TabLock,
    random: Random,
    began: Instant,
    next_act: Instant,
    phase: Phase,
    record: checker::Client,
    /// The `seq` at which each command was acknowledged.
    acked: HashMap<ClientId, u64>,
    progress: Arc<Progress>,
}

/// Runs a browser until the run ends; returns the record for the checker.
pub async fn run(
    setup: Setup,
    random: Random,
    mut phase: watch::Receiver<Phase>,
    progress: Arc<Progress>,
) -> checker::Client {
    let first = *phase.borrow();
    let mut browser = Browser::new(setup, random, first, progress);
    if !browser.identify(&mut phase).await {
        return browser.record;
    }
    loop {
        browser.turn();
        let due = browser.due();
        tokio::select! {
            changed = phase.changed() => {
                let now = *phase.borrow_and_update();
                if changed.is_err() || now == Phase::Ended {
                    return browser.into_record();
                }
                if now == Phase::Online {
                    browser.online();
                } else {
                    browser.settle();
                }
            }
            Some((id, event)) = browser.events.recv() => browser.received(id, event),
            () = tokio::time::sleep_until(due) => {}
        }
    }
}

impl Browser {
    fn new(setup: Setup, random: Random, phase: Phase, progress: Arc<Progress>) -> Self {
        let (sender, events) = mpsc::channel(EVENTS_MAX);
        let now = Instant::now();
        Self {
            network: Network::new(setup.address, sender),
            events,
            slots: Vec::new(),
            queue: VecDeque::new(),
            delayed: BTreeMap::new(),
            numbers: 0,
            storage: BTreeMap::new(),
            lock: TabLock::default(),
            random,
            began: now,
            next_act: now,
            phase,
            record: checker::Client {
                name: setup.name.clone(),
                ..checker::Client::default()
            },
            acked: HashMap::new(),
            progress,
            setup,
        }
    }

    /// Asks for an identity until there is one, then loads the pages. False when the run ended before.
    async fn identify(&mut self, phase: &mut watch::Receiver<Phase>) -> bool {
        loop {
            if *phase.borrow_and_update() == Phase::Ended {
                return false;
            }
            if let Some(me) = self.network.fetch(client::wire::endpoints::ME, None).await
                && let Some(user_id) = user_id_of(&me)
            {
                self.record.user_id = Some(user_id);
                break;
            }
            tokio::time::sleep(self.random.ms(50, 300)).await;
        }
        for (index, room) in self.setup.rooms.iter().enumerate() {
            self.slots
                .push(Slot::empty(index as u64, checker::Room::clone(room)));
        }
        for slot in 0..self.slots.len() {
            self.load_page(slot);
        }
        true
    }

    /// Handles everything that is due.
    fn turn(&mut self) {
        let now = Instant::now();
        while let Some(entry) = self.delayed.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let event = entry.remove();
            self.queue.push_back(event);
        }
        for slot in 0..self.slots.len() {
            if self.slots[slot].timer.take_if(|at| *at <= now).is_some() {
                self.queue_input(slot, QueuedInput::Timer);
            }
        }
        if now >= self.next_act {
            self.act();
        }
        while let Some(event) = self.queue.pop_front() {
            self.handle(event);
        }
    }

    /// When something is due next.
    fn due(&self) -> Instant {
        let timers = self.slots.iter().filter_map(|slot| slot.timer);
        let delayed = self.delayed.first_key_value().map(|(key, _)| key.0);
        timers.chain(delayed).fold(self.next_act, Instant::min)
    }

    fn received(&mut self, id: u64, event: Event) {
        let found = self.slots.iter().enumerate().find_map(|(index, slot)| {
            let channel = slot.channel_of(id)?;
            Some((index, channel))
        });
        if let Some((slot, channel)) = found
            && let Some(kind) = events::of_channel(channel, event)
        {
            self.queue_event(slot, kind);
        }
    }

    fn queue_event(&mut self, slot: usize, kind: TabEventKind) {
        let life = self.slots[slot].life;
        self.queue.push_back(TabEvent { slot, life, kind });
    }

    fn queue_event_after(&mut self, after: Duration, slot: usize, kind: TabEventKind) {
        let life = self.slots[slot].life;
        self.numbers += 1;
        let at = (Instant::now() + after, self.numbers);
        self.delayed.insert(at, TabEvent { slot, life, kind });
    }

    fn queue_input(&mut self, slot: usize, input: QueuedInput) {
        self.queue_event(slot, TabEventKind::Input(input));
    }

    fn queue_input_after(&mut self, after: Duration, slot: usize, input: QueuedInput) {
        self.queue_event_after(after, slot, TabEventKind::Input(input));
    }

    /// Handles an event of a tab, unless the tab has been replaced by a newer one since.
    fn handle(&mut self, event: TabEvent) {
        let TabEvent { slot, life, kind } = event;
        if self.slots[slot].life != life {
            return;
        }
        match kind {
            TabEventKind::RequestPage => self.request_page(slot),
            TabEventKind::PageAnswered(body) => self.page_answered(slot, body),
            TabEventKind::Thaw => self.thaw(slot),
            TabEventKind::Input(input) => self.take(slot, input),
        }
    }

    /// Lets a tab take an input and carries out what it asks for; the inputs of a frozen tab wait.
    fn take(&mut self, slot: usize, input: QueuedInput) {
        if matches!(input, QueuedInput::Older | QueuedInput::Newer) {
            self.slots[slot].scrolling = false;
        }
        let Some(input) = self.slots[slot].admit(input) else {
            return;
        };
        self.note_received(&input);
        if self.slots[slot].is_of_closed_channel(&input) {
            return;
        }
        let now = self.now();
        let effects = self.slots[slot].step(now, &input);
        self.note_written(slot, input, &effects);
        for effect in effects {
            carry_out(self, slot, effect);
        }
    }

    fn now(&mut self) -> client::Now {
        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let random = u32::try_from(self.random.draw() >> 32).unwrap_or(0);
        client::Now { ms, random }
    }
}

fn user_id_of(me: &str) -> Option<protocol::UserId> {
    let me: serde_json::Value = serde_json::from_str(me).ok()?;
    me.get("userId")?.as_str()?.parse().ok()
}
