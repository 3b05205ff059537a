//! One browser: its tabs, each the app's own machine, and what a browser gives them: a disk, a lock, a channel among
//! tabs, timers, and the network. And the person in front of it.
//!
//! Everything happens in one task. What a machine asks for is carried out here; what comes of it waits in a queue
//! until its turn, as a browser's event loop has it.

mod habits;
mod inputs;
mod page;
mod record;
mod tab;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use client::effect::Effect;
use client::model::Transports;
use client::testing::lock::TabLock;
use protocol::ClientId;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::checker;
use crate::wire::{EVENTS_MAX, Event, Network};
use client::testing::Random;

pub use habits::Habits;
use inputs::{Channel, Happening, What};
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
    pub kinds: Transports,
    /// What its person does.
    pub habits: Habits,
}

/// What the run asks of every browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Go on.
    Wild,
    /// Write nothing more, do nothing odd; come to have everything.
    Quiet,
    /// The same, and every browser says that it is on a network again.
    Online,
    /// End, and hand over what was seen.
    Over,
}

/// What a browser tells while it runs.
#[derive(Debug, Default)]
pub struct Progress {
    /// Messages its person wrote.
    pub written: AtomicU64,
    /// Messages that were acknowledged, each once.
    pub acked: AtomicU64,
    /// Posts that went out on a line, repeats included.
    pub sent: AtomicU64,
    /// Posts that were refused for the moment.
    pub held_off: AtomicU64,
    /// Rows that still wait to be sent.
    pub waiting: AtomicU64,
    /// Times a tab was loaded again.
    pub reloads: AtomicU64,
    /// Times a tab took the lead.
    pub leads: AtomicU64,
    /// Times a timeline began anew because its cursor meant nothing.
    pub resyncs: AtomicU64,
    /// For each of its rooms, up to where everything was shown.
    pub complete: Vec<(checker::Room, AtomicU64)>,
}

/// A running browser.
pub(crate) struct Browser {
    setup: Setup,
    network: Network,
    events: mpsc::Receiver<(u64, Event)>,
    slots: Vec<Slot>,
    /// What happens next, in order.
    queue: VecDeque<Happening>,
    /// What is answered after a while, in order of time.
    later: BTreeMap<(Instant, u64), Happening>,
    numbers: u64,
    /// The outbox's rows: they survive every tab.
    disk: BTreeMap<ClientId, String>,
    lock: TabLock,
    random: Random,
    began: Instant,
    next_act: Instant,
    phase: Phase,
    record: checker::Client,
    /// Where each message was acknowledged to stand.
    acked: HashMap<ClientId, u64>,
    progress: Arc<Progress>,
}

/// Runs a browser until the run is over; what it did and saw.
pub async fn run(
    setup: Setup,
    random: Random,
    mut phase: watch::Receiver<Phase>,
    progress: Arc<Progress>,
) -> checker::Client {
    let first = *phase.borrow();
    let mut browser = Browser::new(setup, random, first, progress);
    if !browser.arrive(&mut phase).await {
        return browser.record;
    }
    loop {
        browser.turn();
        let due = browser.due();
        tokio::select! {
            changed = phase.changed() => {
                let now = *phase.borrow_and_update();
                if changed.is_err() || now == Phase::Over {
                    return browser.leave();
                }
                if now == Phase::Online {
                    browser.online();
                } else {
                    browser.calm_down();
                }
            }
            Some((id, event)) = browser.events.recv() => browser.heard(id, event),
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
            later: BTreeMap::new(),
            numbers: 0,
            disk: BTreeMap::new(),
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

    /// The first page: the person tries until they have one, and with it an identity. False when the run was over
    /// before.
    async fn arrive(&mut self, phase: &mut watch::Receiver<Phase>) -> bool {
        loop {
            if *phase.borrow_and_update() == Phase::Over {
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

    /// Does everything that can be done now.
    fn turn(&mut self) {
        let now = Instant::now();
        while let Some(entry) = self.later.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let happening = entry.remove();
            self.queue.push_back(happening);
        }
        for slot in 0..self.slots.len() {
            if self.slots[slot].timer.take_if(|at| *at <= now).is_some() {
                self.happens(slot, What::Timer);
            }
        }
        if now >= self.next_act {
            self.act();
        }
        while let Some(happening) = self.queue.pop_front() {
            self.take(happening);
        }
    }

    /// When the next thing is to be done.
    fn due(&self) -> Instant {
        let timers = self.slots.iter().filter_map(|slot| slot.timer);
        let later = self.later.first_key_value().map(|(key, _)| key.0);
        timers.chain(later).fold(self.next_act, Instant::min)
    }

    /// Puts something that happens to a tab into the queue.
    fn happens(&mut self, slot: usize, what: What) {
        let life = self.slots[slot].life;
        self.queue.push_back(Happening { slot, life, what });
    }

    /// The same, after a while.
    fn happens_in(&mut self, after: Duration, slot: usize, what: What) {
        let life = self.slots[slot].life;
        self.numbers += 1;
        let at = (Instant::now() + after, self.numbers);
        self.later.insert(at, Happening { slot, life, what });
    }

    fn heard(&mut self, id: u64, event: Event) {
        let Some((slot, channel)) = self.slots.iter().enumerate().find_map(|(index, slot)| {
            let channel = slot.channel_of(id)?;
            Some((index, channel))
        }) else {
            return;
        };
        self.happens(slot, What::Heard(channel, event));
    }

    /// Lets a tab take something, and carries out what it asks for. What is for a tab that was there before is
    /// dropped; what is for a frozen one waits.
    fn take(&mut self, happening: Happening) {
        let Happening { slot, life, what } = happening;
        if self.slots[slot].life != life {
            return;
        }
        match what {
            What::Thaw => return self.thaw(slot),
            What::Older | What::Newer => self.slots[slot].scrolling = false,
            What::Load => return self.ask_for_page(slot),
            What::Heard(Channel::Page, event) => return self.page_came(slot, event),
            _ => {}
        }
        if self.slots[slot].frozen {
            self.slots[slot].frozen_queue.push(what);
            return;
        }
        if let What::Heard(_, event) = &what {
            self.note(event);
        }
        if self.slots[slot].closed(&what) {
            return;
        }
        let text = match &what {
            What::Post(_, text) => Some(text.clone()),
            _ => None,
        };
        let now = self.now();
        let effects = self.slots[slot].step(now, &what);
        if let Some(text) = text {
            self.wrote(slot, text, &effects);
        }
        for effect in effects {
            self.carry_out(slot, effect);
        }
    }

    fn carry_out(&mut self, slot: usize, effect: Effect) {
        match effect {
            Effect::Socket { id } => {
                let channel = self.network.socket(self.slots[slot].number(id));
                self.slots[slot].keep(id, channel);
            }
            Effect::Stream { id, address } => {
                let channel = self.network.stream(self.slots[slot].number(id), address);
                self.slots[slot].keep(id, channel);
            }
            Effect::Request { id, address, body } => {
                self.count_posts(body.as_deref().unwrap_or_default());
                let channel = self.network.request(self.slots[slot].number(id), address, body);
                self.slots[slot].keep(id, channel);
            }
            Effect::Send { id, text } => {
                self.count_posts(&text);
                self.slots[slot].send(id, text);
            }
            Effect::Close { id } => self.slots[slot].close(id),
            Effect::Fetch { id, address } => {
                let number = self.slots[slot].fetch_number(id);
                let channel = self.network.request(number, address, None);
                self.slots[slot].keep_fetch(id, channel);
                self.happens_in(Duration::from_secs(15), slot, What::FetchedNothing(id));
            }
            Effect::Timer(ms) => self.slots[slot].timer = Some(Instant::now() + Duration::from_millis(ms)),
            Effect::Load => {
                let rows = self.disk.values().cloned().collect();
                let after = self.random.ms(1, 10);
                self.happens_in(after, slot, What::Loaded(rows));
            }
            Effect::Store { client_id, row } => {
                self.disk.insert(client_id, row);
                let after = self.random.ms(0, 4);
                self.happens_in(after, slot, What::Stored(client_id));
            }
            Effect::Remove(client_id) => {
                self.disk.remove(&client_id);
            }
            Effect::RequestLock => {
                let granted = self.lock.request(slot);
                self.granted(granted);
            }
            Effect::StealLock => {
                if let Some(loser) = self.lock.steal(slot) {
                    self.happens(loser, What::LockLost);
                }
                self.granted(Some(slot));
            }
            Effect::ReleaseLock => {
                let granted = self.lock.release(slot);
                self.granted(granted);
            }
            Effect::Broadcast(text) => {
                for other in (0..self.slots.len()).filter(|other| *other != slot) {
                    self.happens(other, What::Word(text.clone()));
                }
            }
            Effect::TimelineChanged => self.show(slot),
            Effect::RememberTransport(_)
            | Effect::StatusChanged
            | Effect::UserId(_)
            | Effect::Accepted(_)
            | Effect::RoomsChanged
            | Effect::PeopleChanged
            | Effect::ScrollTo(_) => {}
            // Nothing that is written here can be refused, and the disk is always there: said by the record.
            Effect::Refused(code) => self
                .record
                .troubles
                .push(format!("a message was refused as {}", code.as_str())),
            Effect::NotStored => self
                .record
                .troubles
                .push("the disk was held not to be there".to_owned()),
        }
    }

    fn granted(&mut self, slot: Option<usize>) {
        if let Some(slot) = slot {
            self.progress.leads.fetch_add(1, Ordering::Relaxed);
            self.happens(slot, What::LockGranted);
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
