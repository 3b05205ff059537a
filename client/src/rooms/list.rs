//! The list of the rooms that this person follows.
//!
//! The leading tab loads the list with every new line. How rooms are that no tab shows, the server says; in those that are
//! joined it counts what comes. The other tabs are told. So all tabs show the same.

use protocol::{Epoch, UserId};

use crate::backoff::Backoff;
use crate::effect::Effect;
use crate::limits::{BACKOFF_MAX_MS, ROOMS_AGAIN_POLLING_MS, ROOMS_LISTED_MAX, TELL_ROOMS_MS};
use crate::model::event::Event;
use crate::model::listing::{ListedRoom, Listing};
use crate::model::now::Now;
use crate::model::position::Position;
use crate::rooms::followed::FollowedRoom;
use crate::rooms::position::{KnownRooms, PendingPositions, reading_wait_ms};
use crate::step::Step;
use crate::wire::json::Value;
use crate::wire::{endpoints, outgoing};

/// Numbers of fetches of the list begin here: those of history are counted from 1.
pub(crate) const FETCHES: u32 = 1 << 31;

#[derive(Debug, Default)]
pub(crate) struct RoomList {
    rooms: Vec<FollowedRoom>,
    epoch: Option<Epoch>,
    /// The list was loaded, here or by the leader.
    pub(crate) is_loaded: bool,
    /// The number of the fetch that is on its way.
    asked: Option<u32>,
    fetches: u32,
    asked_at: u64,
    /// When to fetch the list.
    ask_at: Option<u64>,
    /// Something happened that the list on its way may not know.
    is_doubtful: bool,
    backoff: Backoff,
    pending: PendingPositions,
    /// Rooms that were left, for the other tabs.
    gone: Vec<String>,
    /// The other tabs are told of all rooms.
    tells_all: bool,
    tell_at: u64,
}

impl RoomList {
    /// Sorted by name.
    pub(crate) fn all(&self) -> &[FollowedRoom] {
        &self.rooms
    }

    pub(crate) fn find(&self, name: &str) -> Option<&FollowedRoom> {
        self.rooms.iter().find(|room| room.name == name)
    }

    fn find_mut(&mut self, name: &str) -> Option<&mut FollowedRoom> {
        self.rooms.iter_mut().find(|room| room.name == name)
    }

    /// Fetches the list, with backoff: for a new line, or because the counts cannot be relied on.
    pub(crate) fn ask(&mut self, now: Now) {
        self.asked = None;
        if now.ms > self.asked_at + BACKOFF_MAX_MS {
            self.backoff.reset();
        }
        let wait = if self.backoff.is_fresh() {
            self.backoff.next_ms(0)
        } else {
            self.backoff.next_ms(now.random)
        };
        self.ask_at = Some(now.ms + wait);
    }

    /// The list lacks something that happened: fetches it again, one at a time.
    fn doubt(&mut self, now: Now) {
        if self.asked.is_some() {
            self.is_doubtful = true;
        } else if self.ask_at.is_none_or(|at| at > now.ms + BACKOFF_MAX_MS) {
            self.ask(now);
        }
    }

    /// This tab has no line any more.
    pub(crate) fn stop(&mut self) {
        self.asked = None;
        self.ask_at = None;
    }

    /// Another line, or none: pending positions are sent again.
    pub(crate) fn line_changed(&mut self) {
        self.backoff.reset();
        self.pending.line_changed();
    }

    /// Takes the fetched list, in the leading tab. True when it did: then what is joined has to be heard from where
    /// [`RoomList::counted`] says. `again_ms`: after how long the list is fetched again, where what concerns it can be missed.
    pub(crate) fn loaded(
        &mut self,
        now: Now,
        id: u32,
        text: Option<&str>,
        epoch: Option<Epoch>,
        again_ms: Option<u64>,
    ) -> bool {
        if self.asked != Some(id) {
            return false;
        }
        self.asked = None;
        let list = text.and_then(Value::read).and_then(|value| Listing::of(&value));
        let Some(list) = list.filter(|list| epoch.is_some() && list.epoch == epoch) else {
            self.ask(now);
            return false;
        };
        if std::mem::take(&mut self.is_doubtful) {
            self.ask(now);
            if self.is_loaded {
                return false;
            }
        }
        self.take(list, Some(id));
        self.tells_all = true;
        self.tell_again(now);
        // Of rooms beyond those that are listed the server says nothing.
        let is_full = self.rooms.len() >= ROOMS_LISTED_MAX;
        let again_ms = if is_full {
            Some(ROOMS_AGAIN_POLLING_MS)
        } else {
            again_ms
        };
        if let Some(ms) = again_ms {
            self.ask_at.get_or_insert(now.ms + ms);
        }
        true
    }

    /// What the server was told and does not know, it is told again: the line may have been dead already, or the server
    /// was, or it has not come to write it down.
    fn tell_again(&mut self, now: Now) {
        let is_unknown = |room: &&FollowedRoom| room.told > room.read;
        let unknown = self.rooms.iter().filter(is_unknown);
        let unknown: Vec<_> = unknown.map(|room| (room.name.clone(), room.told)).collect();
        for (room, told) in unknown {
            self.request(now, &room, Position::Read(told), reading_wait_ms(now, false));
        }
    }

    /// Takes the leading tab's listing or, in the leading tab, what the server says of some rooms.
    pub(crate) fn told(&mut self, step: &mut Step<'_>, list: Listing) {
        self.take(list, self.asked);
        step.push(Effect::RoomsChanged);
    }

    /// `id`: of the fetch that brings it, or that is on its way.
    fn take(&mut self, list: Listing, id: Option<u32>) {
        let mut known = Vec::new();
        if list.epoch.is_some() {
            self.is_loaded = true;
            known = std::mem::take(&mut self.rooms);
            let before = std::mem::replace(&mut self.epoch, list.epoch);
            if before.is_some() && before != list.epoch {
                known.clear();
            }
        }
        for listed in list.rooms {
            let is_it = |room: &FollowedRoom| room.name == listed.name;
            if !listed.is_followed {
                self.tells_all = true;
                // The list that is on its way may be older, here as below.
                self.is_doubtful |= self.asked.is_some();
                self.rooms.retain(|room| !is_it(room));
            } else if let Some(room) = self.rooms.iter_mut().find(|room| is_it(room)) {
                room.heard_at = id;
                renew(room, listed, &mut self.pending);
            } else {
                let at = known.iter().position(is_it);
                let room = match at.map(|at| known.swap_remove(at)) {
                    Some(mut room) => {
                        let is_older = id.is_some() && room.heard_at == id && listed.head < room.base;
                        if !is_older {
                            renew(&mut room, listed, &mut self.pending);
                        }
                        room
                    }
                    None => {
                        self.is_doubtful |= self.asked.is_some();
                        let mut room = FollowedRoom::from_listed(listed);
                        room.heard_at = id;
                        room.count();
                        room
                    }
                };
                let at = self.rooms.partition_point(|other| other.name < room.name);
                self.rooms.insert(at, room);
            }
        }
    }

    /// The rooms, each with the `seq` to count from.
    pub(crate) fn counted(&self) -> impl Iterator<Item = (&str, u64)> {
        self.rooms.iter().map(|room| (&*room.name, room.base))
    }

    /// Up to which `seq` a room is counted; `None` when it is not, or the list is on its way.
    pub(crate) fn counted_to(&self, room: &str) -> Option<u64> {
        let room = self.find(room).filter(|_| self.asked.is_none())?;
        Some(room.head)
    }

    /// Applies an event of this tab's line.
    pub(crate) fn event(&mut self, step: &mut Step<'_>, room: &str, event: &Event, me: Option<UserId>) {
        let is_own_message = matches!(event, Event::Message(message) if me == Some(message.user_id));
        match self.find_mut(room) {
            Some(room) if event.seq() > room.head => {
                room.event(event, me);
                step.push(Effect::RoomsChanged);
            }
            Some(_) => {}
            // Whoever says something in a room follows it.
            None if is_own_message => self.doubt(step.now),
            None => {}
        }
    }

    /// The person has said something in a room, and follows it.
    pub(crate) fn said_in(&mut self, now: Now, room: &str) {
        if self.find(room).is_none() {
            self.doubt(now);
        }
    }

    /// Which message of a room mentions the person last has changed. It may be a room that the list left out.
    pub(crate) fn mentioned(&mut self, step: &mut Step<'_>, room: &str, mention: u64, rev: u64) {
        match self.find_mut(room) {
            Some(room) => room.mentioned(mention, rev),
            None => self.doubt(step.now),
        }
        step.push(Effect::RoomsChanged);
    }

    /// What is before somebody's eyes, and on its way to the server, is not shown as unread until it comes back.
    pub(crate) fn see(&mut self, step: &mut Step<'_>) {
        for room in &mut self.rooms {
            let seen = self.pending.reading(&room.name);
            if room.seen != seen {
                room.seen = seen;
                room.count();
                step.push(Effect::RoomsChanged);
            }
        }
    }

    /// The server's read position of a room has changed.
    pub(crate) fn read(&mut self, step: &mut Step<'_>, room: &str, read: u64, unread: u64) {
        let found = self.rooms.iter_mut().find(|known| known.name == room);
        let is_right = found.is_some_and(|room| {
            // By polling, it may come after a message of ours that was said later: then the list knows better.
            let is_right = room.read <= read;
            if !is_right {
                self.pending.take_back(&room.name);
            }
            room.read = read;
            room.told = 0;
            let is_right = room.count() && is_right;
            if !is_right && read < room.base {
                // As good as it gets until the list says.
                let since = room.since.iter().filter(|seq| **seq > read).count() as u64;
                room.base_read = read;
                room.base_unread = unread.saturating_sub(since);
                room.count();
            }
            is_right
        });
        if !is_right || self.asked.is_some() {
            self.doubt(step.now);
        }
        step.push(Effect::RoomsChanged);
    }

    /// The room was marked as unread, here or elsewhere: what was seen before and may not be told yet is not told any more.
    pub(crate) fn marked(&mut self, room: &str) {
        self.pending.take_back(room);
    }

    /// The person follows a room no more.
    pub(crate) fn left(&mut self, step: &mut Step<'_>, room: &str) {
        self.rooms.retain(|known| known.name != room);
        self.gone.push(room.to_owned());
        // We may have said something there since.
        self.doubt(step.now);
        step.push(Effect::RoomsChanged);
    }

    /// The subscription of a room was lost.
    pub(crate) fn lost(&mut self, now: Now, room: &str) {
        if self.find(room).is_some() {
            self.doubt(now);
        }
    }

    /// Asks for a position in a room, `wait_ms` later where it is what was read.
    pub(crate) fn request(&mut self, now: Now, room: &str, position: Position, wait_ms: u64) {
        let is_loaded = self.is_loaded;
        let rooms = &self.rooms;
        self.pending
            .request(now, room, position, KnownRooms { rooms, is_loaded }, wait_ms);
    }

    /// What was read is sent with the next call of [`RoomList::next`].
    pub(crate) fn hurry(&mut self) {
        self.pending.hurry();
    }

    /// The next frame to send for a pending position. To be called only while there is a line.
    pub(crate) fn next(&mut self, now: Now, leads: bool) -> Option<String> {
        let is_loaded = self.is_loaded;
        let rooms = &self.rooms;
        let attempt = self.pending.next(now, KnownRooms { rooms, is_loaded })?;
        if leads && attempt.is_repeated {
            self.doubt(now);
        }
        if leads
            && let Position::Read(seq) = attempt.position
            && let Some(room) = self.find_mut(&attempt.room)
        {
            room.tell(seq);
        }
        Some(outgoing::position(&attempt.room, attempt.position))
    }

    /// Another tab asks for all rooms.
    pub(crate) fn tell_all(&mut self) {
        self.tells_all = true;
    }

    /// The changes since the last call, as a frame for the other tabs; at most one every [`TELL_ROOMS_MS`].
    pub(crate) fn tell(&mut self, now: u64, epoch: Option<Epoch>) -> Option<String> {
        if !self.has_news() || now < self.tell_at {
            return None;
        }
        self.tell_at = now + TELL_ROOMS_MS;
        let is_whole = std::mem::take(&mut self.tells_all);
        let epoch = epoch.filter(|_| is_whole);
        if epoch.is_some() {
            self.gone.clear();
            for room in &mut self.rooms {
                room.is_untold = true;
            }
        }
        let untold = self.rooms.iter_mut().filter(|room| room.is_untold);
        let mut rooms: Vec<ListedRoom> = untold
            .map(|room| {
                room.is_untold = false;
                room.listed()
            })
            .collect();
        rooms.extend(self.gone.drain(..).map(|name| ListedRoom {
            name,
            ..ListedRoom::default()
        }));
        Some(outgoing::rooms(&Listing { epoch, rooms }))
    }

    fn has_news(&self) -> bool {
        let is_untold = |room: &FollowedRoom| room.is_untold;
        self.is_loaded && (self.tells_all || !self.gone.is_empty() || self.rooms.iter().any(is_untold))
    }

    /// When [`RoomList::tick`], [`RoomList::next`] or [`RoomList::tell`] has something to do.
    pub(crate) fn due(&self, is_up: bool, tells: bool) -> u64 {
        let mut due = self.ask_at.unwrap_or(u64::MAX);
        if is_up {
            due = due.min(self.pending.due());
        }
        if tells && self.has_news() {
            due = due.min(self.tell_at);
        }
        due
    }

    /// Does what is due, in the leading tab.
    pub(crate) fn tick(&mut self, step: &mut Step<'_>) {
        if self.ask_at.take_if(|at| step.now.ms >= *at).is_some() {
            self.fetches = (self.fetches + 1) % FETCHES;
            let id = FETCHES + self.fetches;
            self.asked = Some(id);
            self.asked_at = step.now.ms;
            let address = endpoints::ROOMS.to_owned();
            step.push(Effect::Fetch { id, address });
        }
    }
}

/// What was read before the listing takes it back is not told any more.
fn renew(room: &mut FollowedRoom, listed: ListedRoom, pending: &mut PendingPositions) {
    let before = room.read;
    room.renew(listed);
    if room.read < before {
        pending.take_back(&room.name);
    }
}

#[cfg(test)]
mod tests;
