//! Making a segment, event by event.

use std::cell::Cell;

use bytes::Bytes;
use protocol::{EventId, RoomName};

use super::{Segment, encode_event};
use crate::framing;
use crate::store::{Content, EventRow};

/// Bytes of the buffer in which a thread makes segments that it keeps for the next one.
const SCRATCH_BYTES_MAX: usize = 256 * 1024;

/// A segment in the making.
#[derive(Debug)]
pub(crate) struct SegmentBuilder<'a> {
    room: &'a RoomName,
    first_seq: u64,
    ids: Vec<EventId>,
    tells_of: Vec<u64>,
    takes_back: Vec<u64>,
    ends: Vec<u32>,
    is_all_messages: bool,
    scratch: Scratch,
}

/// Where frames are made, kept by each thread that makes some. Without it every segment is made in a buffer that grows
/// through all sizes, and the allocator keeps a page of each size for each thread: tens of megabytes.
#[derive(Debug, Default)]
struct Scratch {
    /// Those that are made.
    bytes: Vec<u8>,
    /// The one that is being made.
    frame: Vec<u8>,
}

thread_local! {
    static SCRATCH: Cell<Scratch> = Cell::default();
}

impl<'a> SegmentBuilder<'a> {
    pub(crate) fn new(room: &'a RoomName) -> Self {
        Self {
            room,
            first_seq: 0,
            ids: Vec::new(),
            tells_of: Vec::new(),
            takes_back: Vec::new(),
            ends: Vec::new(),
            is_all_messages: true,
            scratch: SCRATCH.take(),
        }
    }

    /// Adds the next event; the bytes of all frames so far.
    pub(crate) fn add(&mut self, row: &EventRow) -> usize {
        if self.ids.is_empty() {
            self.first_seq = row.seq;
        }
        self.ids.push(row.id);
        match &row.content {
            Content::Message { reply_to, .. } => {
                self.tells_of.extend(reply_to.as_ref().map(|quote| quote.seq));
            }
            Content::Edited { target, .. } => self.tells_of.push(*target),
            Content::Deleted { target } => self.takes_back.push(*target),
            Content::Reacted { .. } | Content::Topic { .. } => {}
        }
        self.is_all_messages &= matches!(row.content, Content::Message { .. });
        let Scratch { bytes, frame } = &mut self.scratch;
        frame.clear();
        encode_event(self.room, row, frame);
        framing::write_header(frame.len(), bytes);
        bytes.extend_from_slice(frame);
        self.ends.push(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        bytes.len()
    }

    /// Drops what was added.
    pub(crate) fn clear(&mut self) {
        self.ids.clear();
        self.tells_of.clear();
        self.takes_back.clear();
        self.ends.clear();
        self.is_all_messages = true;
        self.scratch.bytes.clear();
    }

    /// `None` when there was no event.
    pub(crate) fn finish(mut self) -> Option<Segment> {
        let bytes = Bytes::copy_from_slice(&self.scratch.bytes);
        self.scratch.bytes.clear();
        if self.scratch.bytes.capacity() <= SCRATCH_BYTES_MAX {
            SCRATCH.set(self.scratch);
        }
        if self.ids.is_empty() {
            return None;
        }
        self.tells_of.sort_unstable();
        self.tells_of.dedup();
        Some(Segment {
            first_seq: self.first_seq,
            ids: self.ids.into_boxed_slice(),
            tells_of: self.tells_of.into_boxed_slice(),
            takes_back: self.takes_back.into_boxed_slice(),
            bytes,
            ends: self.ends.into_boxed_slice(),
            is_all_messages: self.is_all_messages,
        })
    }
}
