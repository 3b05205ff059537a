//! Messages, events and pages of the unit tests' room.

use protocol::{ClientId, Epoch, EventId, UserId};

use crate::model::event::Event;
use crate::model::message::Message;
use crate::model::page::HistoryPage;

pub(crate) fn epoch() -> Epoch {
    Epoch::from_bytes([5; 16])
}

/// The message at `seq`.
pub(crate) fn message(seq: u64) -> Message {
    Message {
        seq,
        rev: seq,
        id: EventId::from_parts(seq, [1; 10]),
        client_id: ClientId::from_parts(seq, [2; 10]),
        user_id: UserId::from_bytes([3; 16]),
        name: None,
        message: format!("message {seq}"),
        at: 1_000 * seq,
        details: None,
    }
}

pub(crate) fn event(seq: u64) -> Event {
    Event::Message(message(seq))
}

/// The messages `from..=to`, in a room whose head is `to`.
pub(crate) fn page(from: u64, to: u64) -> HistoryPage {
    HistoryPage {
        epoch: epoch(),
        seq: to,
        id: (from..=to).next_back().map(|seq| message(seq).id),
        topic: String::new(),
        messages: (from..=to).map(message).collect(),
        people: Vec::new(),
        has_older: from > 1,
        has_newer: false,
    }
}
