//! What unit tests of several modules need.

use protocol::RoomName;

use crate::ids;
use crate::segment::Segment;
use crate::store::{Content, EventRow};

/// An event by somebody without a name.
pub(crate) fn event(seq: u64, content: Content) -> EventRow {
    EventRow {
        seq,
        id: ids::event_id(),
        client_id: ids::client_id(),
        user_id: ids::user_id(),
        name: None,
        at: seq,
        content,
    }
}

/// Content without a text that anybody wrote.
pub(crate) fn topic() -> Content {
    Content::Topic {
        topic: "x".to_owned(),
    }
}

/// What happened in the lobby from `first` on.
pub(crate) fn segment(first: u64, contents: impl IntoIterator<Item = Content>) -> Segment {
    let rows: Vec<_> = (first..)
        .zip(contents)
        .map(|(seq, content)| event(seq, content))
        .collect();
    Segment::encode(&RoomName::lobby(), &rows).unwrap()
}
