//! Read positions on their way to the database.
//!
//! People read all the time, only the last position of each counts, and losing one does little harm: whoever reads on says it
//! again. So positions are kept in memory, merged by maximum, and put in order as one command for many every
//! [`READING_OFFER_MS`], at once when somebody leaves. While the order is crowded they stay where they are: nobody's
//! message waits for them, and nobody hears `busy` for reading.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use protocol::{RoomName, UserId};
use tokio::sync::watch;

use crate::command::{Action, COMMAND_FORMAT, Command, Outcome, ReadTo, Refusal, Reply};
use crate::ids;
use crate::limits::{
    CLOSING_WAIT_MS_MAX, POSITIONS_PER_COMMAND_MAX, READING_OFFER_MS, READING_POSITIONS_MAX,
    READING_ROOMS_MAX,
};
use crate::order::Order;

/// How far people have read who said so lately: [`READING_POSITIONS_MAX`] positions at most.
pub(crate) struct Reading {
    order: Arc<dyn Order>,
    /// While so many commands wait that posts may soon be refused, nothing is offered.
    crowd: watch::Receiver<bool>,
    /// Held while positions are taken and offered, and while what overrules them is: what is overruled must not be offered
    /// after it. Taken before `held`.
    offering: Mutex<()>,
    held: Arc<Held>,
}

/// What is held back of it, for those who know of something that overrules it.
#[derive(Debug, Default)]
pub(crate) struct Held(Mutex<Inside>);

/// Until it is dropped, a command that overrules what was said before is on its way, and what is said after is said after it.
#[derive(Debug)]
pub(crate) struct Overruling {
    held: Arc<Held>,
    user_id: UserId,
    room: RoomName,
}

impl Held {
    /// What overrules positions that were said before has been applied. If it came in at another node, this one knew nothing of it
    /// until now, and what is held back here was said before: that is forgotten.
    pub(crate) fn overruled(&self, user_id: UserId, room: &RoomName) {
        let mut inside = self.lock();
        let is_ours = |(by, of): &(UserId, RoomName)| *by == user_id && of == room;
        if !inside.overruling.iter().any(is_ours) {
            inside.forget(user_id, room);
        }
    }

    /// A panic while it is held cannot leave the positions half-changed in a way that matters.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Overruling {
    fn drop(&mut self) {
        let overruling = &mut self.held.lock().overruling;
        let is_this = |(by, of): &(UserId, RoomName)| *by == self.user_id && *of == self.room;
        if let Some(index) = overruling.iter().position(is_this) {
            overruling.swap_remove(index);
        }
    }
}

#[derive(Debug, Default)]
struct Inside {
    /// Whose commands about which rooms are on their way that overrule what was said before; as many as the order takes.
    overruling: Vec<(UserId, RoomName)>,
    /// What was said since the last round began.
    said: HashMap<UserId, Vec<ReadTo>>,
    said_count: usize,
    /// What is left of the round, by room.
    due: Vec<ReadTo>,
    /// What is in the order, but for what was overruled since.
    in_flight: Vec<ReadTo>,
    is_in_flight: bool,
    /// Another round begins as soon as this one is over.
    is_hurried: bool,
    last_round_ms: u64,
}

impl Reading {
    pub(crate) fn new(order: Arc<dyn Order>, held: Arc<Held>) -> Arc<Self> {
        Arc::new(Self {
            crowd: order.crowd(),
            order,
            offering: Mutex::default(),
            held,
        })
    }

    /// Takes a position. It is dropped when the person has said so of [`READING_ROOMS_MAX`] other rooms, or when
    /// [`READING_POSITIONS_MAX`] wait.
    pub(crate) fn read(self: &Arc<Self>, position: ReadTo) {
        let is_full = {
            let mut inside = self.held.lock();
            let is_full = inside.said_count + inside.due.len() >= READING_POSITIONS_MAX;
            inside.say(position, is_full);
            is_full
        };
        if is_full {
            let _ = self.begin();
        }
    }

    /// How far somebody said that they have read, of the rooms of which it waits. Asked before the database is, so that
    /// nothing is missed that reaches it meanwhile.
    pub(crate) fn waiting(&self, user_id: UserId) -> HashMap<RoomName, u64> {
        let inside = self.held.lock();
        let said = inside.said.get(&user_id).into_iter().flatten();
        let all = said.chain(&inside.due).chain(&inside.in_flight);
        let mut waiting = HashMap::new();
        for position in all.filter(|position| position.user_id == user_id) {
            let seq = waiting.entry(position.room.clone()).or_default();
            *seq = position.seq.max(*seq);
        }
        waiting
    }

    /// Offers what waits, if this person is among those who wait: they leave.
    pub(crate) fn hasten(self: &Arc<Self>, user_id: UserId) {
        if self.held.lock().said.contains_key(&user_id) {
            // What is refused stays.
            let _ = self.begin();
        }
    }

    /// Offers what waits, when it is time. `now_ms` never runs backwards.
    pub(crate) fn tick(self: &Arc<Self>, now_ms: u64) {
        let is_time = {
            let mut inside = self.held.lock();
            let is_time = now_ms >= inside.last_round_ms + READING_OFFER_MS;
            if is_time {
                inside.last_round_ms = now_ms;
            }
            is_time
        };
        if is_time {
            let _ = self.begin();
        }
    }

    /// Offers what says more than a position that waits: that is forgotten, and not told after it. `offer` gets what is to be
    /// dropped when it is answered.
    pub(crate) fn overruled<T>(
        &self,
        user_id: UserId,
        room: &RoomName,
        offer: impl FnOnce(Overruling) -> T,
    ) -> T {
        let _offering = lock(&self.offering);
        {
            let mut inside = self.held.lock();
            inside.forget(user_id, room);
            inside.overruling.push((user_id, room.clone()));
        }
        offer(Overruling {
            held: Arc::clone(&self.held),
            user_id,
            room: room.clone(),
        })
    }

    /// Offers all that waits, for the order is about to be closed. Blocks the thread until it is in the order, or
    /// [`CLOSING_WAIT_MS_MAX`] long nothing of it was taken.
    pub(crate) fn flush(self: &Arc<Self>) {
        let wait = Duration::from_millis(CLOSING_WAIT_MS_MAX);
        let (mut least, mut deadline) = (usize::MAX, Instant::now());
        loop {
            let waiting = self.held.lock().waiting();
            if waiting < least {
                (least, deadline) = (waiting, Instant::now() + wait);
            }
            if waiting == 0 || Instant::now() >= deadline || self.begin() == Err(Refusal::Unavailable) {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Begins a round, now or when the one that is under way is over.
    fn begin(self: &Arc<Self>) -> Result<(), Refusal> {
        self.held.lock().is_hurried = true;
        self.offer()
    }

    /// Offers the next command, unless one is in the order.
    fn offer(self: &Arc<Self>) -> Result<(), Refusal> {
        let _offering = lock(&self.offering);
        if *self.crowd.borrow() {
            return Err(Refusal::Busy);
        }
        let positions = self.held.lock().take();
        if positions.is_empty() {
            return Ok(());
        }
        let command = Command {
            format: COMMAND_FORMAT,
            client_id: ids::client_id(),
            author: UserId::from_bytes([0; 16]),
            event_id: ids::event_id(),
            at: ids::unix_ms(),
            action: Action::Positions { positions },
        };
        let this = Arc::clone(self);
        self.order
            .offer(command, Reply::new(move |outcome| this.answered(outcome)))
    }

    /// Called within [`Reading::offer`] with a refusal, else by the publisher.
    fn answered(self: &Arc<Self>, outcome: Outcome) {
        let goes_on = self.held.lock().answered(outcome);
        if goes_on {
            let _ = self.offer();
        }
    }
}

impl Inside {
    /// Merges a position with what the person said of that room before.
    fn say(&mut self, position: ReadTo, is_full: bool) {
        let known = self.said.get_mut(&position.user_id);
        if let Some(said) = known.and_then(|all| all.iter_mut().find(|said| said.room == position.room)) {
            if position.seq >= said.seq {
                *said = position;
            }
            return;
        }
        if is_full {
            return;
        }
        let said = self.said.entry(position.user_id).or_default();
        if said.len() < READING_ROOMS_MAX {
            said.push(position);
            self.said_count += 1;
        }
    }

    fn forget(&mut self, user_id: UserId, room: &RoomName) {
        let is_other = |position: &ReadTo| position.user_id != user_id || position.room != *room;
        if let Some(said) = self.said.get_mut(&user_id) {
            let count = said.len();
            said.retain(is_other);
            self.said_count -= count - said.len();
        }
        self.due.retain(is_other);
        // It comes before what overrules it. If it is refused, it is not said again.
        self.in_flight.retain(is_other);
    }

    /// How many positions are not in the order yet.
    fn waiting(&self) -> usize {
        self.said_count + self.due.len()
    }

    /// The positions of the next command; none while those of one are in the order.
    fn take(&mut self) -> Vec<ReadTo> {
        if self.is_in_flight {
            return Vec::new();
        }
        if self.due.is_empty() && std::mem::take(&mut self.is_hurried) {
            self.said_count = 0;
            self.due = std::mem::take(&mut self.said).into_values().flatten().collect();
            // Those of one room side by side: what is known of it is looked up once.
            self.due
                .sort_unstable_by(|one, other| (&one.room, one.user_id).cmp(&(&other.room, other.user_id)));
        }
        let rest = self.due.len().saturating_sub(POSITIONS_PER_COMMAND_MAX);
        self.in_flight = self.due.split_off(rest);
        self.is_in_flight = !self.in_flight.is_empty();
        self.in_flight.clone()
    }

    /// Whether there is more to offer now.
    fn answered(&mut self, outcome: Outcome) -> bool {
        let mut in_flight = std::mem::take(&mut self.in_flight);
        self.is_in_flight = false;
        if outcome.is_err() {
            self.due.append(&mut in_flight);
            return false;
        }
        !self.due.is_empty() || (self.is_hurried && self.said_count > 0)
    }
}

/// A panic while a lock is held cannot leave these structures half-changed in a way that matters.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
