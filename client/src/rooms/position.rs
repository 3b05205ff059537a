//! Positions that a person asked for and the server has not confirmed: read up to here, unread from here, left.
//!
//! Any tab may ask. The request has no answer of its own: it is sent again until the list shows it fulfilled, at most
//! [`READ_TRIES_MAX`] times on one line. What was read waits a little before it is sent, for more of it, and the list
//! then shows it as fulfilled by that.

use crate::limits::{
    READ_ANSWER_MAX_MS, READ_INTERVAL_MS, READ_TOLD_CROWD_SPREAD_MS, READ_TOLD_MIN_MS, READ_TOLD_SPREAD_MS,
    READ_TRIES_MAX, ROOMS_LISTED_MAX,
};
use crate::model::now::Now;
use crate::model::position::Position;
use crate::rooms::followed::FollowedRoom;

/// How long what was read waits before the server is told: for more of it, and so that not everybody tells it at once.
pub(crate) fn reading_wait_ms(now: Now, is_crowd: bool) -> u64 {
    let spread = if is_crowd {
        READ_TOLD_CROWD_SPREAD_MS
    } else {
        READ_TOLD_SPREAD_MS
    };
    READ_TOLD_MIN_MS + ((u64::from(now.random) * spread) >> 32)
}

/// What is known of the rooms, to see which positions are reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownRooms<'a> {
    pub(super) rooms: &'a [FollowedRoom],
    /// A room that is missing is known not to be followed.
    pub(super) is_loaded: bool,
}

impl KnownRooms<'_> {
    fn is_at(self, room: &str, position: Position) -> bool {
        let room = self.rooms.iter().find(|known| known.name == room);
        match position {
            Position::Read(seq) => room.is_some_and(|room| room.read >= seq),
            Position::Unread(seq) => room.is_some_and(|room| room.read == seq),
            Position::Left => self.is_loaded && room.is_none(),
        }
    }
}

/// A position to send.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) room: String,
    pub(super) position: Position,
    /// It was sent before: it may have been fulfilled and the frame that said so lost.
    pub(super) is_repeated: bool,
}

/// The pending positions, one a room.
#[derive(Debug, Default)]
pub(super) struct PendingPositions {
    all: Vec<PendingPosition>,
}

#[derive(Debug)]
struct PendingPosition {
    room: String,
    position: Position,
    /// When it may be sent, first or again.
    send_at: u64,
    /// From when on it is sent as soon as more was read.
    more_at: u64,
    /// Nothing else is sent about this room before this time.
    quiet_until: u64,
    tries: u32,
    /// It is sent although it seems to be fulfilled: an earlier, different one may still be on its way.
    is_doubtful: bool,
    is_fulfilled: bool,
}

impl PendingPosition {
    /// A person asked for it explicitly and it is not given up.
    fn is_explicit(&self) -> bool {
        let is_reading = matches!(self.position, Position::Read(_));
        !self.is_fulfilled && !is_reading && self.tries < READ_TRIES_MAX
    }
}

impl PendingPositions {
    /// Takes a position to send; what was read is sent `wait_ms` later.
    pub(super) fn request(
        &mut self,
        now: Now,
        room: &str,
        position: Position,
        known: KnownRooms<'_>,
        wait_ms: u64,
    ) {
        let is_reading = matches!(position, Position::Read(_));
        let wait_ms = if is_reading { wait_ms } else { 0 };
        let send_at = now.ms + wait_ms;
        let more_at = send_at - wait_ms / 4;
        let is_open = |pending: &&PendingPosition| pending.room == room && !pending.is_fulfilled;
        let open = self.all.iter().find(is_open);
        // Something else was sent, and what came of it is not known: then this has to be sent, too.
        let is_doubtful = open.is_some_and(|pending| pending.tries > 0);
        if known.is_at(room, position) && (is_reading || !is_doubtful) {
            // What was asked for before is superseded.
            self.all
                .retain(|pending| is_reading || pending.room != room || pending.is_fulfilled);
            return;
        }
        self.all
            .retain(|pending| !pending.is_fulfilled || now.ms < pending.quiet_until);
        let is_full = self.all.len() >= ROOMS_LISTED_MAX;
        match self.all.iter_mut().find(|pending| pending.room == room) {
            Some(pending) if !pending.is_fulfilled && pending.position == position => {}
            // Reading on in another tab does not undo what was asked for in this one.
            Some(pending) if is_reading && pending.is_explicit() => {}
            // More was read before it was told.
            Some(pending)
                if is_reading
                    && !pending.is_fulfilled
                    && pending.tries == 0
                    && matches!(pending.position, Position::Read(_)) =>
            {
                pending.position = position;
                if now.ms >= pending.more_at {
                    pending.send_at = now.ms;
                }
            }
            Some(pending) => {
                pending.position = position;
                pending.send_at = send_at.max(pending.quiet_until);
                pending.more_at = more_at.max(pending.quiet_until);
                pending.tries = 0;
                pending.is_doubtful = is_doubtful;
                pending.is_fulfilled = false;
            }
            None if is_full => {}
            None => self.all.push(PendingPosition {
                room: room.to_owned(),
                position,
                send_at,
                more_at,
                quiet_until: 0,
                tries: 0,
                is_doubtful,
                is_fulfilled: false,
            }),
        }
    }

    /// How far a room is being read: the server is asked for it and has not answered; 0 when it is not.
    pub(super) fn reading(&self, room: &str) -> u64 {
        let asked = self.all.iter().find(|pending| pending.room == room);
        match asked.filter(|pending| !pending.is_fulfilled && pending.send_at < u64::MAX) {
            Some(PendingPosition {
                position: Position::Read(seq),
                ..
            }) => *seq,
            _ => 0,
        }
    }

    /// The next frame that is due. To be called only while there is a line.
    pub(super) fn next(&mut self, now: Now, known: KnownRooms<'_>) -> Option<Attempt> {
        for pending in &mut self.all {
            let is_reached = known.is_at(&pending.room, pending.position);
            pending.is_fulfilled |= is_reached && !(pending.is_doubtful && pending.tries == 0);
            if pending.is_fulfilled || now.ms < pending.send_at {
                continue;
            }
            pending.tries += 1;
            pending.send_at = match pending.tries {
                ..READ_TRIES_MAX => now.ms + READ_ANSWER_MAX_MS,
                _ => u64::MAX,
            };
            pending.quiet_until = now.ms + READ_INTERVAL_MS;
            return Some(Attempt {
                room: pending.room.clone(),
                position: pending.position,
                is_repeated: pending.tries > 1,
            });
        }
        None
    }

    /// The room was marked as unread elsewhere: what was read before that must not undo it.
    pub(super) fn take_back(&mut self, room: &str) {
        let is_reading = |pending: &PendingPosition| matches!(pending.position, Position::Read(_));
        self.all
            .retain(|pending| pending.room != room || !is_reading(pending));
    }

    /// What was read is sent now: nobody may be here later to do so.
    pub(super) fn hurry(&mut self) {
        for pending in self.all.iter_mut().filter(|pending| pending.tries == 0) {
            pending.send_at = 0;
        }
    }

    /// The line was replaced or lost: what was sent on it is sent again.
    pub(super) fn line_changed(&mut self) {
        for pending in self.all.iter_mut().filter(|pending| pending.tries > 0) {
            pending.send_at = 0;
            pending.tries = 0;
        }
    }

    /// When [`PendingPositions::next`] has something to do.
    pub(super) fn due(&self) -> u64 {
        let open = self.all.iter().filter(|pending| !pending.is_fulfilled);
        open.map(|pending| pending.send_at).min().unwrap_or(u64::MAX)
    }
}
