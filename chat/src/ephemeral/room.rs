//! The ephemeral state of one room.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use protocol::{PersonName, RoomName, ServerFrame, UserId};
use slab::Slab;

use super::index::Index;
use super::{Clock, VERSION_STEP, lock};
use crate::feed::Signal;
use crate::limits::{
    CROWD_TOLD_MS_MAX, CROWD_TOLD_MS_MIN, CROWD_TOLD_MS_PER_PERSON, PRESENCE_LISTED_PEOPLE,
    PRESENCE_SHOWN_PEOPLE, TYPING_ROOM_PEOPLE_MAX,
};
use crate::presence::{Node, Person, Presence, Present};
use crate::segment::encode;
use crate::typing::Typing;

/// Who is in a room, who is typing there, and who is told.
#[derive(Debug)]
pub(super) struct EphemeralRoom {
    name: RoomName,
    /// The last version given out for this room. Lets a session pass by what it has told without a lock.
    version: AtomicU64,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    presence: Presence,
    typing: Typing,
    /// Whether the presence has changed since its version was given out.
    is_stale: bool,
    presence_version: u64,
    typing_version: u64,
    /// When who is here by a session of this node changed last, among such changes of all rooms; 0 for never.
    changed_here: u64,
    /// As they stand now, or stood at the last tick; made when they are first needed.
    presence_frame: Option<Bytes>,
    typing_frame: Option<Bytes>,
    watchers: Slab<Signal>,
    round: Round,
}

/// How a crowd is told how many it is: bit by bit, so that it does not come to everybody in one moment.
#[derive(Debug, Default)]
struct Round {
    /// The first watcher that has not been woken.
    next_key: usize,
    began_ms: u64,
    /// How long it lasts; 0 for none that was begun.
    length_ms: u64,
}

/// A session's place in a room.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watching {
    /// Under which it is told. Sessions are far fewer than this can count.
    key: u32,
    /// Whether its person is here by it.
    is_counted: bool,
}

impl EphemeralRoom {
    pub(super) fn new(name: &RoomName) -> Arc<Self> {
        Arc::new(Self {
            name: name.clone(),
            version: AtomicU64::new(0),
            inside: Mutex::default(),
        })
    }

    pub(super) const fn name(&self) -> &RoomName {
        &self.name
    }

    pub(super) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// A session has come.
    pub(super) fn enter(
        self: &Arc<Self>,
        user_id: UserId,
        signal: Signal,
        clock: &Clock,
        index: &Index,
    ) -> Watching {
        let mut inside = self.lock();
        let is_counted = self.count(&mut inside, user_id, Node::This, index);
        inside.note_change_here(clock);
        Watching {
            key: inside.watchers.insert(signal) as u32,
            is_counted,
        }
    }

    /// Another node says that the person is here by a session there; false when the room, or the person, has no place for that.
    pub(super) fn enter_elsewhere(self: &Arc<Self>, user_id: UserId, index: &Index) -> bool {
        self.count(&mut self.lock(), user_id, Node::Other, index)
    }

    /// Somebody is here by one session more; whether they are now.
    fn count(self: &Arc<Self>, inside: &mut Inside, user_id: UserId, at: Node, index: &Index) -> bool {
        let was_here = inside.presence.contains(user_id);
        let is_counted = was_here || index.add(user_id, self);
        if is_counted && inside.presence.enter(user_id, None, at) {
            inside.presence_has_changed();
        }
        let is_here = inside.presence.contains(user_id);
        if is_counted && !is_here {
            index.remove(user_id, self);
        }
        for forgotten in inside.presence.take_forgotten() {
            index.remove(forgotten, self);
        }
        is_here
    }

    /// A session has gone, of another node where it watches nothing; `has_grace` when its person is still here for a while.
    pub(super) fn leave(
        &self,
        user_id: UserId,
        watching: Option<Watching>,
        has_grace: bool,
        clock: &Clock,
        index: &Index,
    ) {
        let mut inside = self.lock();
        if let Some(watching) = watching {
            inside.watchers.try_remove(watching.key as usize);
            if inside.watchers.len() < inside.watchers.capacity() / 4 {
                // A crowd that came and went must not leave its places behind.
                inside.watchers.shrink_to_fit();
            }
            if watching.is_counted {
                inside.presence.leave(user_id, Node::This, clock.now_ms());
                inside.note_change_here(clock);
            }
        } else {
            inside.presence.leave(user_id, Node::Other, clock.now_ms());
        }
        if !has_grace && inside.presence.forget_leaving() {
            inside.presence_has_changed();
            for forgotten in inside.presence.take_forgotten() {
                index.remove(forgotten, self);
            }
        }
    }

    pub(super) fn rename(&self, user_id: UserId, name: &PersonName, clock: &Clock) {
        let mut inside = self.lock();
        if inside.presence.rename(user_id, name) {
            inside.presence_has_changed();
        }
        if inside.typing.rename(user_id, name) {
            self.typing_has_changed(&mut inside, clock);
        }
    }

    /// Says what somebody is called whose name was not known.
    pub(super) fn introduce(&self, user_id: UserId, name: &PersonName) {
        let mut inside = self.lock();
        if !inside.is_nameless(user_id) {
            return;
        }
        if inside.presence.rename(user_id, name) {
            inside.presence_has_changed();
        }
        // Told with the next tick, or when they go on.
        if inside.typing.rename(user_id, name) {
            inside.typing_frame = None;
        }
    }

    pub(super) fn is_nameless(&self, user_id: UserId) -> bool {
        self.lock().is_nameless(user_id)
    }

    /// Says whether that was heard.
    pub(super) fn set_typing(&self, user_id: UserId, on: bool, clock: &Clock) -> bool {
        let mut inside = self.lock();
        // Those who only were here count for nothing: anybody can have a crowd pass through.
        let is_heard = inside.presence.contains(user_id)
            && (!on || inside.presence.session_count() <= TYPING_ROOM_PEOPLE_MAX);
        if !is_heard {
            return false;
        }
        let name = inside.presence.name_of(user_id).cloned();
        let Inside { presence, typing, .. } = &mut *inside;
        let has_made_room = on && typing.make_room(|other| other == user_id || presence.has_session(other));
        let heard = typing.set(user_id, name, clock.now_ms(), on);
        if heard.is_seen() || has_made_room {
            self.typing_has_changed(&mut inside, clock);
        }
        heard.is_heard()
    }

    pub(super) fn tick(&self, clock: &Clock, index: &Index) {
        let now_ms = clock.now_ms();
        let mut inside = self.lock();
        if inside.presence.tick(now_ms) {
            inside.presence_has_changed();
        }
        for forgotten in inside.presence.take_forgotten() {
            index.remove(forgotten, self);
        }
        if inside.typing.tick(now_ms) {
            self.typing_has_changed(&mut inside, clock);
        }
        if inside.is_stale {
            inside.presence_frame = None;
        }
        let is_crowd = inside.presence.count() > PRESENCE_SHOWN_PEOPLE;
        if inside.is_stale && !(is_crowd && inside.round.lasts(now_ms)) {
            inside.is_stale = false;
            inside.presence_version = clock.next_version();
            self.version.fetch_max(inside.presence_version, Ordering::Release);
            if is_crowd {
                inside.round = Round::begin(now_ms, inside.presence.count());
            } else {
                inside.round = Round::default();
                inside.wake_all();
            }
        }
        inside.go_on_with_the_round(now_ms);
    }

    pub(super) fn pull(&self, seen: u64, latest: u64, out: &mut Vec<Bytes>) -> u64 {
        // A version that was never given out here is none.
        let is_ours = seen <= latest && seen % VERSION_STEP == latest % VERSION_STEP;
        let seen = if is_ours { seen } else { 0 };
        let mut inside = self.lock();
        if seen == 0 || inside.presence_version > seen {
            out.push(inside.presence_frame(&self.name));
        }
        let is_typed = !inside.typing.snapshot().is_empty();
        if inside.typing_version > seen && (seen > 0 || is_typed) {
            out.push(inside.typing_frame(&self.name));
        }
        // Where nothing has a version yet, the next one given out is news.
        let told = inside.presence_version.max(inside.typing_version);
        seen.max(if told > 0 { told } else { latest })
    }

    pub(super) fn present(&self) -> Present {
        self.lock().presence.snapshot(PRESENCE_LISTED_PEOPLE)
    }

    /// Who is here by a session of this node, if that has changed since the change `since`.
    pub(super) fn people_here(&self, since: u64) -> Option<Vec<UserId>> {
        let inside = self.lock();
        (inside.changed_here > since).then(|| inside.presence.people_here())
    }

    pub(super) fn is_empty(&self) -> bool {
        let inside = self.lock();
        inside.presence.is_empty() && inside.typing.is_empty()
    }

    fn typing_has_changed(&self, inside: &mut Inside, clock: &Clock) {
        inside.typing_version = clock.next_version();
        inside.typing_frame = None;
        self.version.fetch_max(inside.typing_version, Ordering::Release);
        inside.wake_all();
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        lock(&self.inside)
    }
}

impl Inside {
    fn is_nameless(&self, user_id: UserId) -> bool {
        self.presence.contains(user_id) && self.presence.name_of(user_id).is_none()
    }

    fn presence_has_changed(&mut self) {
        self.is_stale = true;
        // Those who come into a crowd are told what it was with the last tick: otherwise each of them would have it made anew.
        if self.presence.count() <= PRESENCE_SHOWN_PEOPLE + 1 {
            self.presence_frame = None;
        }
    }

    fn note_change_here(&mut self, clock: &Clock) {
        if self.presence.take_change_here() {
            self.changed_here = clock.next_change_here();
        }
    }

    fn wake_all(&self) {
        for (_, signal) in &self.watchers {
            signal.wake();
        }
    }

    /// Wakes those whose turn has come.
    fn go_on_with_the_round(&mut self, now_ms: u64) {
        let Some(turn) = self.round.turn(now_ms, self.watchers.capacity()) else {
            return;
        };
        for key in self.round.next_key..turn {
            if let Some(signal) = self.watchers.get(key) {
                signal.wake();
            }
        }
        self.round.next_key = turn;
    }

    fn presence_frame(&mut self, room: &RoomName) -> Bytes {
        let presence = &self.presence;
        let frame = self.presence_frame.get_or_insert_with(|| {
            let count = presence.count();
            let present = if count <= PRESENCE_SHOWN_PEOPLE {
                presence.snapshot(PRESENCE_SHOWN_PEOPLE)
            } else {
                Present::default()
            };
            encoded(&ServerFrame::Presence {
                room,
                people: people(&present.people),
                count: count as u64,
            })
        });
        frame.clone()
    }

    fn typing_frame(&mut self, room: &RoomName) -> Bytes {
        let typing = &self.typing;
        let frame = self.typing_frame.get_or_insert_with(|| {
            let typists = typing.snapshot();
            encoded(&ServerFrame::Typing {
                room,
                people: people(&typists),
            })
        });
        frame.clone()
    }
}

impl Round {
    fn begin(now_ms: u64, people: usize) -> Self {
        Self {
            next_key: 0,
            began_ms: now_ms,
            length_ms: (people as u64 * CROWD_TOLD_MS_PER_PERSON).clamp(CROWD_TOLD_MS_MIN, CROWD_TOLD_MS_MAX),
        }
    }

    const fn lasts(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.began_ms) < self.length_ms
    }

    /// The key before which everybody has to be woken by now; `None` when nobody is left.
    fn turn(&self, now_ms: u64, keys: usize) -> Option<usize> {
        if self.length_ms == 0 || self.next_key >= keys {
            return None;
        }
        // In the last second of it the last ones.
        let passed_ms = now_ms.saturating_sub(self.began_ms) + 1_000;
        let turn = keys as u64 * passed_ms.min(self.length_ms) / self.length_ms;
        Some(turn as usize)
    }
}

fn people(people: &[Person]) -> Vec<protocol::Person<'_>> {
    let shown = people.iter().map(|person| protocol::Person {
        user_id: person.user_id,
        name: person.name.as_ref().map(PersonName::as_str),
    });
    shown.collect()
}

fn encoded(frame: &ServerFrame<'_>) -> Bytes {
    let mut bytes = Vec::new();
    encode(frame, &mut bytes);
    Bytes::from(bytes)
}
