//! A room's ring: the latest segments, bounded in bytes.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use protocol::EventId;

use crate::limits::{PULL_BYTES, RING_BYTES_MAX};
use crate::segment::Segment;

/// The latest segments of a room. Its segments are consecutive; what fell off is in SQLite.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    segments: VecDeque<Arc<Segment>>,
    weight_bytes: usize,
    /// The last seq that was ever in the ring and is no more, or the one before the first that came in. `None`
    /// while nothing has come in.
    floor: Option<u64>,
}

/// What the ring has for a cursor.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pull {
    /// Frames were handed out, up to this event.
    Moved(u64, EventId),
    /// There is nothing after the cursor.
    UpToDate,
    /// The cursor lies before what the ring still has (or the ring has nothing yet): SQLite has it.
    FellOff,
}

impl Ring {
    pub(crate) fn push(&mut self, segment: Segment) {
        if self.floor.is_none() {
            self.floor = Some(segment.first_seq() - 1);
        }
        if segment.deletes() {
            // Whoever comes from behind it reads the database, where the text is no more.
            self.segments.clear();
            self.weight_bytes = 0;
            self.floor = Some(segment.first_seq() - 1);
        }
        self.weight_bytes += segment.weight_bytes();
        self.segments.push_back(Arc::new(segment));
        while self.weight_bytes > RING_BYTES_MAX {
            let Some(oldest) = self.segments.pop_front() else {
                break;
            };
            self.weight_bytes -= oldest.weight_bytes();
            self.floor = Some(oldest.last_seq());
        }
    }

    /// Appends the frames after `cursor` to `out`, about [`PULL_BYTES`] of them at a time.
    pub(crate) fn pull(&self, cursor: u64, out: &mut Vec<Bytes>) -> Pull {
        if self.floor.is_none_or(|floor| cursor < floor) {
            return Pull::FellOff;
        }
        let start = self
            .segments
            .partition_point(|segment| segment.last_seq() <= cursor);
        let mut moved = Pull::UpToDate;
        let mut bytes = 0;
        for segment in self.segments.range(start..) {
            if bytes >= PULL_BYTES {
                break;
            }
            for frame in segment.frames_after(cursor) {
                bytes += frame.len();
                out.push(frame);
            }
            moved = Pull::Moved(segment.last_seq(), segment.last_id());
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;
    use crate::store::{Content, EventRow};
    use protocol::RoomName;

    fn segment(first: u64, events: u64, text_bytes: usize) -> Segment {
        let rows: Vec<_> = (first..first + events)
            .map(|seq| EventRow {
                seq,
                id: ids::event_id(),
                client_id: ids::client_id(),
                user_id: ids::user_id(),
                name: None,
                at: 0,
                content: Content::Message {
                    message: "x".repeat(text_bytes),
                    reply_to: None,
                    mentions: Vec::new(),
                },
            })
            .collect();
        Segment::encode(&RoomName::lobby(), &rows).unwrap()
    }

    #[test]
    fn an_empty_ring_sends_everyone_to_the_database() {
        assert_eq!(Ring::default().pull(0, &mut Vec::new()), Pull::FellOff);
    }

    #[test]
    fn a_cursor_reads_on_from_where_it_stands() {
        let mut ring = Ring::default();
        ring.push(segment(11, 3, 10));
        ring.push(segment(14, 2, 10));
        let mut out = Vec::new();
        assert_eq!(ring.pull(9, &mut out), Pull::FellOff);
        assert!(matches!(ring.pull(12, &mut out), Pull::Moved(15, _)));
        assert_eq!(out.len(), 3);
        out.clear();
        assert_eq!(ring.pull(15, &mut out), Pull::UpToDate);
        assert!(out.is_empty());
    }

    #[test]
    fn the_ring_never_holds_more_than_its_bytes() {
        let mut ring = Ring::default();
        for first in (1..2_000).step_by(4) {
            ring.push(segment(first, 4, 2_000));
            assert!(ring.weight_bytes <= RING_BYTES_MAX);
        }
        assert_eq!(ring.pull(1, &mut Vec::new()), Pull::FellOff);
        let floor = ring.floor.unwrap();
        assert!(matches!(ring.pull(floor, &mut Vec::new()), Pull::Moved(..)));
    }

    #[test]
    fn a_segment_larger_than_the_ring_leaves_it_empty_and_everyone_behind_reads_the_database() {
        let mut ring = Ring::default();
        ring.push(segment(1, 1, 10));
        ring.push(segment(2, 1, RING_BYTES_MAX));
        assert_eq!(ring.pull(1, &mut Vec::new()), Pull::FellOff);
        assert_eq!(ring.pull(2, &mut Vec::new()), Pull::UpToDate);
    }
}
