//! How far the person has read, as their page says so: often, and only the last time counts.

use std::time::Duration;

use protocol::RoomName;
use protocol::limits::{JOINED_ROOMS_MAX, READ_INTERVAL_MS};
use tokio::time::Instant;

/// Read positions on their way to the chat: of each room one in [`READ_INTERVAL_MS`], of [`JOINED_ROOMS_MAX`] rooms at
/// most.
#[derive(Debug, Default)]
pub(super) struct Reads(Vec<Waiting>);

#[derive(Debug)]
struct Waiting {
    room: RoomName,
    /// What came since the last one left.
    seq: Option<u64>,
    /// When the next one may leave.
    next: Instant,
}

/// What is to be done with a read position.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// It leaves now.
    Now,
    /// It waits until then, unless a later one takes its place.
    Later(Instant),
    /// Another waits already, or there is no room for one.
    Nothing,
}

impl Reads {
    /// Takes a position.
    pub(super) fn take(&mut self, room: &RoomName, seq: u64, now: Instant) -> Read {
        self.0
            .retain(|waiting| waiting.seq.is_some() || waiting.next > now);
        if let Some(waiting) = self.0.iter_mut().find(|waiting| waiting.room == *room) {
            return match waiting.seq.replace(seq) {
                Some(_) => Read::Nothing,
                None => Read::Later(waiting.next),
            };
        }
        if self.0.len() >= JOINED_ROOMS_MAX {
            return Read::Nothing;
        }
        self.0.push(Waiting {
            room: room.clone(),
            seq: None,
            next: now + Duration::from_millis(READ_INTERVAL_MS),
        });
        Read::Now
    }

    /// Drops what waits of a room: something newer is said about it.
    pub(super) fn forget(&mut self, room: &RoomName) {
        for waiting in self.0.iter_mut().filter(|waiting| waiting.room == *room) {
            waiting.seq = None;
        }
    }

    /// What waits of a room, for one who leaves it.
    pub(super) fn take_of(&mut self, room: &str) -> Option<(RoomName, u64)> {
        let waiting = self.0.iter_mut().find(|waiting| waiting.room.as_str() == room)?;
        Some((waiting.room.clone(), waiting.seq.take()?))
    }

    /// A position that may leave now.
    pub(super) fn next_due(&mut self, now: Instant) -> Option<(RoomName, u64)> {
        self.0.iter_mut().find_map(|waiting| {
            let seq = waiting.seq.take_if(|_| waiting.next <= now)?;
            waiting.next = now + Duration::from_millis(READ_INTERVAL_MS);
            Some((waiting.room.clone(), seq))
        })
    }

    /// All that waits, for a session that ends.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = (RoomName, u64)> {
        self.0
            .drain(..)
            .filter_map(|waiting| Some((waiting.room, waiting.seq?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_leaves_at_once_and_of_those_after_it_the_last_when_the_second_is_over() {
        let mut reads = Reads::default();
        let lobby = RoomName::lobby();
        let start = Instant::now();
        let over = start + Duration::from_millis(READ_INTERVAL_MS);
        assert_eq!(reads.take(&lobby, 1, start), Read::Now);
        assert_eq!(reads.take(&lobby, 2, start), Read::Later(over));
        assert_eq!(reads.take(&lobby, 3, start), Read::Nothing);
        assert_eq!(reads.next_due(start), None);
        assert_eq!(reads.next_due(over), Some((lobby.clone(), 3)));
        assert_eq!(reads.next_due(over), None);
        assert_eq!(
            reads.take(&lobby, 4, over),
            Read::Later(over + Duration::from_millis(READ_INTERVAL_MS))
        );
        assert_eq!(reads.take_of("lobby"), Some((lobby.clone(), 4)));
        assert_eq!(reads.take_of("lobby"), None);
        reads.take(&lobby, 4, over);
        reads.forget(&lobby);
        assert_eq!(reads.next_due(over + Duration::from_secs(5)), None);
        assert_eq!(reads.take(&lobby, 5, over + Duration::from_secs(5)), Read::Now);
    }

    #[test]
    fn no_more_rooms_wait_than_may_be_joined_and_what_waits_at_the_end_is_not_lost() {
        let mut reads = Reads::default();
        let start = Instant::now();
        let room = |number: usize| RoomName::parse(&format!("room-{number}")).unwrap();
        for number in 0..JOINED_ROOMS_MAX {
            assert_eq!(reads.take(&room(number), 1, start), Read::Now);
            reads.take(&room(number), 2, start);
        }
        assert_eq!(reads.take(&room(JOINED_ROOMS_MAX), 1, start), Read::Nothing);
        assert_eq!(reads.drain().count(), JOINED_ROOMS_MAX);
    }
}
