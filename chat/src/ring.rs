//! A room's ring: the latest segments, bounded in bytes, and what is known of the room's end.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use protocol::EventId;

use crate::limits::{PULL_BYTES, RECENT_IDS_MAX, RING_BYTES_MAX};
use crate::outlet::News;
use crate::segment::Segment;
use crate::store::End;

/// The latest segments of a room. They are consecutive; what fell off is in SQLite.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    segments: VecDeque<Slot>,
    weight_bytes: usize,
    /// The last seq that was ever in the ring and is no more, or the one before the first that came in. `None`
    /// while nothing is known.
    floor: Option<u64>,
    /// The room's last seq; `None` until it was read or something was published.
    head: Option<u64>,
    /// The ids of the latest events, up to `head`, oldest first.
    recent_ids: VecDeque<EventId>,
}

/// A segment's place in the ring.
#[derive(Debug)]
struct Slot {
    last_seq: u64,
    /// `None` once a text in it was taken back: SQLite has it as it is now.
    segment: Option<Arc<Segment>>,
}

/// What the ring has for a cursor.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pull {
    /// Frames were handed out, up to this event.
    Moved(u64, Option<EventId>),
    /// There is nothing after the cursor.
    UpToDate,
    /// The ring does not have what comes after the cursor: SQLite has it.
    FellOff,
}

impl Ring {
    pub(crate) fn push(&mut self, segment: Segment) {
        if self.segments.is_empty() {
            self.floor = Some(segment.first_seq() - 1);
        }
        for message in segment.takes_back() {
            self.take_back(*message);
        }
        // What SQLite was read for may have been the very commit that comes in now.
        let known = self.head.unwrap_or_default();
        let new = segment.first_seq()..=segment.last_seq();
        for (_, id) in new.zip(segment.ids()).filter(|(seq, _)| *seq > known) {
            if self.recent_ids.len() >= RECENT_IDS_MAX {
                self.recent_ids.pop_front();
            }
            self.recent_ids.push_back(*id);
        }
        self.head = Some(known.max(segment.last_seq()));
        self.weight_bytes += segment.weight_bytes();
        self.segments.push_back(Slot {
            last_seq: segment.last_seq(),
            segment: Some(Arc::new(segment)),
        });
        // The newest stays, whatever it weighs: everyone is about to read it.
        while self.weight_bytes > RING_BYTES_MAX && self.segments.len() > 1 {
            let Some(oldest) = self.segments.pop_front() else {
                break;
            };
            self.weight_bytes -= oldest.segment.map_or(0, |segment| segment.weight_bytes());
            self.floor = Some(oldest.last_seq);
        }
    }

    /// Drops the segments in which the text of this message may stand.
    fn take_back(&mut self, message: u64) {
        for slot in &mut self.segments {
            let concerned = slot.segment.take_if(|segment| segment.tells_of(message));
            self.weight_bytes -= concerned.map_or(0, |segment| segment.weight_bytes());
        }
    }

    /// Appends the frames after `cursor` to `out`, about [`PULL_BYTES`] of them at a time.
    pub(crate) fn pull(&self, cursor: u64, out: &mut Vec<Bytes>) -> Pull {
        if self.floor.is_none_or(|floor| cursor < floor) {
            return Pull::FellOff;
        }
        let start = self.segments.partition_point(|slot| slot.last_seq <= cursor);
        let mut bytes = 0;
        let mut moved = None;
        for slot in self.segments.range(start..) {
            let Some(segment) = &slot.segment else {
                break;
            };
            if bytes >= PULL_BYTES {
                break;
            }
            for frame in segment.frames_after(cursor) {
                bytes += frame.len();
                out.push(frame);
            }
            moved = Some(Pull::Moved(segment.last_seq(), segment.last_id()));
        }
        let is_behind = self.head.is_some_and(|head| cursor < head);
        moved.unwrap_or(if is_behind { Pull::FellOff } else { Pull::UpToDate })
    }

    /// What is to be handed out after `handed_out`: about [`PULL_BYTES`] at a time, or what is only in SQLite.
    pub(crate) fn news(&self, handed_out: u64) -> Option<News> {
        let floor = self.floor?;
        if handed_out < floor {
            return Some(News::new(handed_out, floor, Vec::new()));
        }
        let start = self.segments.partition_point(|slot| slot.last_seq <= handed_out);
        let mut last = None;
        let mut bytes = 0;
        let mut segments = Vec::new();
        for slot in self.segments.range(start..) {
            if bytes >= PULL_BYTES || (slot.segment.is_none() && last.is_some()) {
                break;
            }
            last = Some(slot.last_seq);
            let Some(segment) = &slot.segment else {
                break;
            };
            bytes += segment.weight_bytes();
            segments.push(Arc::clone(segment));
        }
        last.map(|last| News::new(handed_out, last, segments))
    }

    /// What is known of the room and of the event at `place`, or at the head. `None` when SQLite has to be asked.
    pub(crate) fn known(&self, place: Option<u64>) -> Option<End> {
        let head = self.head?;
        let seq = place.unwrap_or(head);
        let ids = if seq == 0 {
            Vec::new()
        } else {
            let from_end = usize::try_from(head.checked_sub(seq)?).ok()?;
            let index = self.recent_ids.len().checked_sub(from_end.checked_add(1)?)?;
            vec![*self.recent_ids.get(index)?]
        };
        Some(End {
            head,
            seq,
            first: seq,
            ids,
        })
    }

    /// Takes in what SQLite was read for. Returns the head as it is known now.
    pub(crate) fn learn(&mut self, place: &End) -> u64 {
        let (head, ids) = (place.head, &place.ids);
        if self.head.is_none_or(|known| known < head) {
            self.head = Some(head);
            self.recent_ids.clear();
            if self.segments.is_empty() {
                self.floor = Some(head);
            }
        }
        let known = self.head.unwrap_or(head);
        // Where the ids end at the head, and not before what is known begins, they lead further back.
        let behind = usize::try_from(known - head).unwrap_or(usize::MAX);
        let overlap = self.recent_ids.len().checked_sub(behind);
        if let Some(overlap) = overlap
            && place.reaches_the_head()
        {
            for id in ids.iter().rev().skip(overlap) {
                if self.recent_ids.len() < RECENT_IDS_MAX {
                    self.recent_ids.push_front(*id);
                }
            }
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;
    use crate::store::{Content, QuoteRow};
    use crate::testing::segment;

    fn message(text_bytes: usize, answers: Option<u64>) -> Content {
        Content::Message {
            message: "x".repeat(text_bytes),
            reply_to: answers.map(|seq| {
                Box::new(QuoteRow {
                    seq,
                    user_id: ids::user_id(),
                    name: None,
                    message: "secret".to_owned(),
                })
            }),
            mentions: Vec::new(),
        }
    }

    fn messages(first: u64, count: usize, text_bytes: usize) -> Segment {
        segment(first, (0..count).map(|_| message(text_bytes, None)))
    }

    #[test]
    fn an_empty_ring_sends_everyone_to_the_database() {
        assert_eq!(Ring::default().pull(0, &mut Vec::new()), Pull::FellOff);
    }

    #[test]
    fn a_cursor_reads_on_from_where_it_stands() {
        let mut ring = Ring::default();
        ring.push(messages(11, 3, 10));
        ring.push(messages(14, 2, 10));
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
            ring.push(messages(first, 4, 2_000));
            assert!(ring.weight_bytes <= RING_BYTES_MAX);
        }
        assert_eq!(ring.pull(1, &mut Vec::new()), Pull::FellOff);
        let floor = ring.floor.unwrap();
        assert!(matches!(ring.pull(floor, &mut Vec::new()), Pull::Moved(..)));
    }

    #[test]
    fn the_newest_segment_stays_however_much_it_weighs() {
        let mut ring = Ring::default();
        ring.push(messages(1, 1, 10));
        ring.push(messages(2, 1, RING_BYTES_MAX));
        assert_eq!(ring.pull(0, &mut Vec::new()), Pull::FellOff);
        assert!(matches!(ring.pull(1, &mut Vec::new()), Pull::Moved(2, _)));
        ring.push(messages(3, 1, 10));
        assert_eq!(ring.pull(1, &mut Vec::new()), Pull::FellOff);
        assert!(matches!(ring.pull(2, &mut Vec::new()), Pull::Moved(3, _)));
    }

    #[test]
    fn what_is_taken_back_takes_only_the_segments_with_it_that_say_or_quote_it() {
        let mut ring = Ring::default();
        ring.push(messages(1, 2, 10));
        ring.push(messages(3, 2, 10));
        ring.push(segment(5, vec![message(10, Some(2))]));
        ring.push(segment(
            6,
            vec![Content::Edited {
                target: 2,
                message: "secret".to_owned(),
                mentions: Vec::new(),
            }],
        ));
        ring.push(messages(7, 1, 10));
        let before = ring.weight_bytes;
        ring.push(segment(8, vec![Content::Deleted { target: 2 }]));
        assert!(ring.weight_bytes < before);
        let pull = |cursor| ring.pull(cursor, &mut Vec::new());
        for cursor in [0, 1, 4, 5] {
            assert_eq!(pull(cursor), Pull::FellOff, "after {cursor}");
        }
        assert!(matches!(pull(2), Pull::Moved(4, _)));
        assert!(matches!(pull(6), Pull::Moved(8, _)));
    }

    #[test]
    fn the_end_of_the_room_is_known_once_it_was_read_or_something_was_published() {
        let mut ring = Ring::default();
        assert_eq!(ring.known(None), None);
        let ids: Vec<_> = (0..4).map(|_| ids::event_id()).collect();
        let read = |seq: u64, head: u64| End {
            head,
            seq,
            first: seq,
            ids: ids[seq as usize - 1..head as usize].to_vec(),
        };
        let id_at = |ring: &Ring, seq| ring.known(Some(seq)).map(|place| place.ids[0]);
        assert_eq!(ring.learn(&read(3, 3)), 3);
        assert_eq!(ring.known(None).unwrap(), read(3, 3));
        assert_eq!(ring.pull(3, &mut Vec::new()), Pull::UpToDate);
        assert_eq!(id_at(&ring, 2), None, "only the head was read");
        assert_eq!(ring.known(Some(4)), None, "nobody has been there yet");
        // Somebody asks for what lies before; meanwhile the head has moved on.
        let next = messages(4, 2, 10);
        let new: Vec<_> = next.ids().to_vec();
        ring.push(next);
        assert_eq!(ring.learn(&read(1, 3)), 5);
        let known: Vec<_> = (1..=5).map(|seq| id_at(&ring, seq).unwrap()).collect();
        assert_eq!(known, [&ids[..3], &new].concat());
    }

    #[test]
    fn a_commit_that_was_read_before_it_was_published_is_known_once() {
        let mut ring = Ring::default();
        let published = messages(1, 3, 10);
        let ids = published.ids().to_vec();
        ring.learn(&End {
            head: 2,
            seq: 1,
            first: 1,
            ids: ids[..2].to_vec(),
        });
        assert_eq!(ring.pull(1, &mut Vec::new()), Pull::FellOff, "not here yet");
        ring.push(published);
        assert_eq!(ring.recent_ids, ids);
        assert!(matches!(ring.pull(0, &mut Vec::new()), Pull::Moved(3, _)));
    }

    #[test]
    fn no_more_ids_are_remembered_than_there_may_be() {
        let mut ring = Ring::default();
        for first in (1..3_000).step_by(100) {
            ring.push(messages(first, 100, 10));
        }
        assert_eq!(ring.recent_ids.len(), RECENT_IDS_MAX);
        assert!(ring.known(Some(3_000 - RECENT_IDS_MAX as u64 + 1)).is_some());
        assert_eq!(ring.known(Some(3_000 - RECENT_IDS_MAX as u64)), None);
    }
}
