//! A segment: the events that one commit made in one room, encoded once.

mod builder;

use bytes::Bytes;
use protocol::limits::QUOTE_CHARS_MAX;
use protocol::{EventHead, EventId, MessageEvent, Quote, RoomName, ServerFrame};

use crate::framing;
use crate::limits::QUOTE_READ_CHARS;
use crate::mentions::{self, Mention, people};
use crate::store::{Content, EventRow, QuoteRow};
pub(crate) use builder::SegmentBuilder;

/// What a segment weighs beside its bytes: itself, its place in the ring and its shared counters.
const OVERHEAD_BYTES: usize = 192;

/// Consecutive events of one room as frames in one shared allocation. A frame is a slice of it: handing one to a
/// recipient counts a reference and copies nothing.
#[derive(Debug)]
pub(crate) struct Segment {
    first_seq: u64,
    ids: Box<[EventId]>,
    /// The messages whose texts stand in it besides its own: those that are answered or edited in it, in order.
    tells_of: Box<[u64]>,
    /// The messages that are taken back in it.
    takes_back: Box<[u64]>,
    /// The frames as a WebSocket carries them, each behind its header.
    bytes: Bytes,
    /// Where each frame ends within `bytes`.
    ends: Box<[u32]>,
    /// Whether all of them are messages.
    is_all_messages: bool,
}

impl Segment {
    /// Encodes consecutive events; `None` when there are none.
    pub(crate) fn encode(room: &RoomName, rows: &[EventRow]) -> Option<Self> {
        let mut builder = SegmentBuilder::new(room);
        for row in rows {
            builder.add(row);
        }
        builder.finish()
    }

    pub(crate) const fn first_seq(&self) -> u64 {
        self.first_seq
    }

    pub(crate) const fn last_seq(&self) -> u64 {
        self.first_seq + self.ends.len() as u64 - 1
    }

    /// The ids of its events, in order.
    pub(crate) const fn ids(&self) -> &[EventId] {
        &self.ids
    }

    /// The id of its last event.
    pub(crate) fn last_id(&self) -> Option<EventId> {
        self.ids.last().copied()
    }

    /// Whether the event after `cursor` stands in it.
    pub(crate) const fn goes_on_from(&self, cursor: u64) -> bool {
        self.first_seq <= cursor.saturating_add(1) && cursor < self.last_seq()
    }

    /// Whether the text of this message may stand in it.
    pub(crate) fn tells_of(&self, message: u64) -> bool {
        (self.first_seq..=self.last_seq()).contains(&message) || self.tells_of.binary_search(&message).is_ok()
    }

    /// The messages that are taken back in it: what came before may hold texts that are to be nowhere any more.
    pub(crate) const fn takes_back(&self) -> &[u64] {
        &self.takes_back
    }

    /// What it costs the ring, in bytes.
    pub(crate) const fn weight_bytes(&self) -> usize {
        self.bytes.len()
            + self.ends.len() * (size_of::<u32>() + size_of::<EventId>())
            + (self.tells_of.len() + self.takes_back.len()) * size_of::<u64>()
            + OVERHEAD_BYTES
    }

    /// The frames after `cursor`, which may stand inside the segment.
    pub(crate) fn frames_after(&self, cursor: u64) -> impl Iterator<Item = Bytes> + '_ {
        self.framed_one_by_one(cursor)
            .map(|frame| frame.slice(framing::header_bytes(&frame)..))
    }

    /// The same in one piece, as a WebSocket carries them.
    pub(crate) fn framed_after(&self, cursor: u64) -> Bytes {
        let skip = self.index_after(cursor);
        self.bytes.slice(self.start(skip)..)
    }

    /// The messages among them in one piece, as a WebSocket carries them.
    pub(crate) fn framed_messages_after(&self, cursor: u64) -> Bytes {
        if self.is_all_messages {
            return self.framed_after(cursor);
        }
        let frames: Vec<Bytes> = self
            .framed_one_by_one(cursor)
            .filter(|frame| is_message(&frame[framing::header_bytes(frame)..]))
            .collect();
        Bytes::from(frames.concat())
    }

    fn framed_one_by_one(&self, cursor: u64) -> impl Iterator<Item = Bytes> + '_ {
        (self.index_after(cursor)..self.ends.len())
            .map(|index| self.bytes.slice(self.start(index)..self.ends[index] as usize))
    }

    fn index_after(&self, cursor: u64) -> usize {
        let skip = cursor.saturating_add(1).saturating_sub(self.first_seq);
        usize::try_from(skip).unwrap_or(usize::MAX).min(self.ends.len())
    }

    /// Where a frame begins, or the last one ends.
    fn start(&self, index: usize) -> usize {
        if index == 0 {
            0
        } else {
            self.ends[index - 1] as usize
        }
    }
}

/// Whether a frame of a room's events is a message: what else happens there is not for plain clients.
#[must_use]
pub fn is_message(frame: &[u8]) -> bool {
    frame.starts_with(br#"{"type":"message","#)
}

/// Appends the frame of an event.
fn encode_event(room: &RoomName, row: &EventRow, out: &mut Vec<u8>) {
    let head = EventHead {
        room,
        seq: row.seq,
        id: row.id,
        client_id: row.client_id,
        user_id: row.user_id,
        name: row.name.as_deref(),
        at: row.at,
    };
    let html = row.content.html();
    let html = html.as_deref();
    let excerpt = row.content.new_excerpt();
    let frame = match &row.content {
        Content::Message {
            message, reply_to, ..
        } => ServerFrame::Message(MessageEvent {
            room,
            seq: row.seq,
            id: row.id,
            client_id: row.client_id,
            user_id: row.user_id,
            name: row.name.as_deref(),
            message,
            html,
            mentions: people(row.content.mentions()),
            reply_to: reply_to.as_deref().map(quote),
            at: row.at,
            edited_at: None,
            rev: None,
            // No message is empty: where the text is gone, it was taken back.
            deleted: message.is_empty(),
            reactions: Vec::new(),
        }),
        Content::Edited { target, message, .. } => ServerFrame::Edited {
            head,
            target: *target,
            message,
            html,
            excerpt: excerpt.as_deref(),
            mentions: people(row.content.mentions()),
        },
        Content::Deleted { target } => ServerFrame::Deleted {
            head,
            target: *target,
        },
        Content::Reacted { target, emoji, on } => ServerFrame::Reacted {
            head,
            target: *target,
            emoji,
            on: *on,
        },
        Content::Topic { topic } => ServerFrame::Topic { head, topic },
    };
    encode(&frame, out);
}

/// Appends a frame.
pub(crate) fn encode(frame: &ServerFrame<'_>, out: &mut Vec<u8>) {
    // Writing to a Vec cannot fail, and these types have no map with keys that are not strings.
    if let Err(error) = serde_json::to_writer(out, frame) {
        tracing::error!(%error, "a frame could not be encoded");
    }
}

fn quote(row: &QuoteRow) -> Quote<'_> {
    Quote {
        seq: row.seq,
        user_id: row.user_id,
        name: row.name.as_deref(),
        message: &row.message,
    }
}

impl Content {
    /// Takes the text of the message `target` out of what says it: the message itself, another text for it, or an answer
    /// that quotes it.
    pub(crate) fn take_back(&mut self, seq: u64, target: u64) {
        match self {
            Self::Message {
                message, mentions, ..
            } if seq == target => {
                message.clear();
                mentions.clear();
            }
            Self::Message {
                reply_to: Some(quote),
                ..
            } if quote.seq == target => quote.message.clear(),
            Self::Edited {
                target: edited,
                message,
                mentions,
            } if *edited == target => {
                message.clear();
                mentions.clear();
            }
            _ => {}
        }
    }

    /// What answers quote of a message from now on, if that is not how its new text begins.
    fn new_excerpt(&self) -> Option<String> {
        let Self::Edited { message, .. } = self else {
            return None;
        };
        let begin = message.char_indices().nth(QUOTE_CHARS_MAX);
        let begin = begin.map_or(&**message, |(end, _)| &message[..end]);
        let read = message.char_indices().nth(QUOTE_READ_CHARS);
        let excerpt = markup::excerpt(read.map_or(&**message, |(end, _)| &message[..end]));
        (excerpt != begin).then_some(excerpt)
    }

    /// Whom it mentions.
    pub(crate) fn mentions(&self) -> &[Mention] {
        match self {
            Self::Message { mentions, .. } | Self::Edited { mentions, .. } => mentions,
            Self::Deleted { .. } | Self::Reacted { .. } | Self::Topic { .. } => &[],
        }
    }

    fn html(&self) -> Option<String> {
        match self {
            Self::Message { message, .. } | Self::Edited { message, .. } => {
                mentions::html(message, self.mentions())
            }
            Self::Deleted { .. } | Self::Reacted { .. } | Self::Topic { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn row(seq: u64) -> EventRow {
        let message = Content::Message {
            message: format!("message {seq}"),
            reply_to: None,
            mentions: Vec::new(),
        };
        testing::event(seq, message)
    }

    #[test]
    fn a_cursor_may_stand_before_inside_or_at_the_end_of_a_segment() {
        let rows: Vec<_> = (5..9).map(row).collect();
        let segment = Segment::encode(&RoomName::lobby(), &rows).unwrap();
        assert_eq!((segment.first_seq(), segment.last_seq()), (5, 8));
        for (cursor, expected) in [(0, 4), (4, 4), (5, 3), (7, 1), (8, 0), (100, 0)] {
            assert_eq!(segment.frames_after(cursor).count(), expected, "after {cursor}");
        }
        let frame = segment.frames_after(6).next().unwrap();
        let frame: serde_json::Value = serde_json::from_slice(&frame).unwrap();
        assert_eq!(frame["seq"], 7);
        assert_eq!(frame["message"], "message 7");
    }

    #[test]
    fn frames_in_one_piece_are_those_one_by_one_behind_their_headers() {
        let mut rows: Vec<_> = (5..9).map(row).collect();
        rows[1].content = Content::Topic {
            topic: "가".repeat(30_000),
        };
        let segment = Segment::encode(&RoomName::lobby(), &rows).unwrap();
        for cursor in [0, 4, 5, 7, 8, u64::MAX] {
            let framed = |frames: Vec<Bytes>| {
                let mut bytes = Vec::new();
                for frame in frames {
                    framing::write_header(frame.len(), &mut bytes);
                    bytes.extend_from_slice(&frame);
                }
                bytes
            };
            let all: Vec<_> = segment.frames_after(cursor).collect();
            let messages: Vec<_> = all.iter().filter(|frame| is_message(frame)).cloned().collect();
            assert_eq!(segment.framed_after(cursor), framed(all), "after {cursor}");
            assert_eq!(segment.framed_messages_after(cursor), framed(messages));
        }
    }
}
