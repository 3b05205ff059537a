//! The frames of `madang.v1`. Each is one JSON object in one text frame; field names are camelCase, times are Unix
//! milliseconds, and a field that is not known is ignored.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::error::ErrorCode;
use crate::id::{ClientId, Epoch, EventId, UserId};
use crate::limits;
use crate::room::RoomName;

/// What a full client may send.
///
/// Fields are still text here: they are parsed into their types where the frame is handled, so that a bad room is
/// refused as a bad room and not as a bad frame.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ClientFrame<'a> {
    /// "Send me this room from here on."
    Join {
        /// The room's name.
        #[serde(borrow)]
        room: Cow<'a, str>,
        /// The epoch that `after` counts in; only an `after` of 0 can do without.
        #[serde(default, borrow)]
        epoch: Option<Cow<'a, str>>,
        /// The last `seq` the client has; 0 when it has none. Without it, the room's head is joined.
        #[serde(default)]
        after: Option<u64>,
        /// The id of the event at `after`. If this database knows another one there, the answer is `resync`.
        #[serde(default, borrow)]
        event_id: Option<Cow<'a, str>>,
    },
    /// "Send me this room no more."
    Unsubscribe {
        /// The room's name.
        #[serde(borrow)]
        room: Cow<'a, str>,
    },
    /// "Say this in the room."
    Post {
        /// The room's name.
        #[serde(borrow)]
        room: Cow<'a, str>,
        /// The client's id for this message. The same id again yields the same message, not another.
        #[serde(borrow)]
        client_id: Cow<'a, str>,
        /// The text.
        #[serde(borrow)]
        message: Cow<'a, str>,
    },
    /// "Are you there?", answered by `beat`.
    Ping,
}

impl ClientFrame<'_> {
    /// The `type`s of the frames above, for telling an unknown type from a bad frame.
    pub const TYPES: &'static [&'static str] = &["join", "unsubscribe", "post", "ping"];
}

/// What the server sends to a full client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ServerFrame<'a> {
    /// Always the first frame: who the client is, which database this is and what its bounds are.
    UserId {
        /// The identity of this connection.
        user_id: UserId,
        /// The database's epoch.
        epoch: Epoch,
        /// The bounds in force.
        limits: LimitsFrame,
    },
    /// The answer to `join`; the room's events after `seq` follow.
    Joined {
        /// The room.
        room: &'a RoomName,
        /// The database's epoch.
        epoch: Epoch,
        /// The first event that follows is `seq + 1`.
        seq: u64,
        /// The room's last `seq` when it was joined; 0 when nothing was ever said in it.
        head: u64,
    },
    /// The answer to a `join` whose cursor means nothing here: load the room's history anew, then join from there.
    Resync {
        /// The room. It is not joined.
        room: &'a RoomName,
    },
    /// A message, as an event of its room.
    Message(MessageEvent<'a>),
    /// The message with this `clientId` is on the server's disk.
    Ack {
        /// The client's id for it.
        client_id: ClientId,
        /// Its place in its room.
        seq: u64,
    },
    /// Something was refused. The connection goes on.
    Error {
        /// The reason, for a program.
        code: ErrorCode,
        /// The reason and what to do, for a person.
        message: &'a str,
        /// The `clientId` of what was refused, if it had one.
        #[serde(skip_serializing_if = "Option::is_none")]
        client_id: Option<&'a str>,
        /// The room of what was refused, if it had one.
        #[serde(skip_serializing_if = "Option::is_none")]
        room: Option<&'a str>,
        /// After how many milliseconds it may succeed.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
    /// "Still here": sent when nothing else was for [`limits::BEAT_INTERVAL_MS`], and in answer to `ping`.
    Beat,
    /// The server will close this connection; the close frame follows.
    Bye {
        /// The close code that follows.
        code: u16,
        /// After how many milliseconds this client is asked to come back.
        reconnect_ms: u64,
    },
}

impl ServerFrame<'_> {
    /// The `type`s of the frames above.
    pub const TYPES: &'static [&'static str] = &[
        "userId", "joined", "resync", "message", "ack", "error", "beat", "bye",
    ];
}

/// A message in its room. The same bytes go to every recipient, to full and to plain clients alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageEvent<'a> {
    /// The room it was said in.
    pub room: &'a RoomName,
    /// Its place in the room: 1, 2, 3, … without gaps.
    pub seq: u64,
    /// The event's own id.
    pub id: EventId,
    /// The author's id for it.
    pub client_id: ClientId,
    /// Who said it.
    pub user_id: UserId,
    /// The text, as it was written.
    pub message: &'a str,
    /// When a node of the server took it, in Unix milliseconds; never runs backwards within a room.
    pub at: u64,
}

/// The bounds a client should know, as they are in force on this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LimitsFrame {
    /// [`limits::MESSAGE_CHARS_MAX`].
    pub message_chars: usize,
    /// [`limits::MESSAGE_BYTES_MAX`].
    pub message_bytes: usize,
    /// [`limits::FRAME_BYTES_MAX`].
    pub frame_bytes: usize,
    /// Posts per identity in [`limits::POST_RATE_WINDOW_MS`]; 0 means no limit.
    pub post_rate: u32,
}

impl LimitsFrame {
    /// The bounds with this post rate.
    #[must_use]
    pub const fn new(post_rate: u32) -> Self {
        Self {
            message_chars: limits::MESSAGE_CHARS_MAX,
            message_bytes: limits::MESSAGE_BYTES_MAX,
            frame_bytes: limits::FRAME_BYTES_MAX,
            post_rate,
        }
    }
}

/// The answer of `GET /api/v1/me`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MeFrame {
    /// The identity in the cookie; a new one if the request brought none.
    pub user_id: UserId,
    /// The database's epoch.
    pub epoch: Epoch,
    /// The bounds in force.
    pub limits: LimitsFrame,
}

/// A page of history, read in one transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryPage<'a> {
    /// The database's epoch.
    pub epoch: Epoch,
    /// The room's last `seq` at the moment of reading: the page is true up to here, and a `join` goes on from here.
    pub seq: u64,
    /// The messages, in order of `seq`; each is a `message` frame.
    pub messages: Vec<ServerFrame<'a>>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Map, Value};

    use super::*;

    #[test]
    fn a_client_frame_is_read_with_its_optional_fields_missing_and_unknown_ones_ignored() {
        let frame: ClientFrame<'_> =
            serde_json::from_str(r#"{"type":"join","room":"lobby","later":1}"#).unwrap();
        assert_eq!(
            frame,
            ClientFrame::Join {
                room: "lobby".into(),
                epoch: None,
                after: None,
                event_id: None
            }
        );
    }

    #[test]
    fn a_text_with_escapes_is_read_as_it_was_meant() {
        let frame: ClientFrame<'_> = serde_json::from_str(
            r#"{"type":"post","room":"lobby","clientId":"x","message":"\"\uC548\uB155\"\n"}"#,
        )
        .unwrap();
        let ClientFrame::Post { message, .. } = frame else {
            panic!("{frame:?}")
        };
        assert_eq!(message, "\"안녕\"\n");
    }

    #[test]
    fn every_listed_type_is_one_that_is_read() {
        for kind in ClientFrame::TYPES {
            let text = format!(r#"{{"type":"{kind}","room":"r","clientId":"c","message":"m"}}"#);
            assert!(serde_json::from_str::<ClientFrame<'_>>(&text).is_ok(), "{kind}");
        }
    }

    fn message(room: &RoomName) -> ServerFrame<'_> {
        let id = [1; 16];
        ServerFrame::Message(MessageEvent {
            room,
            seq: 1,
            id: EventId::from_bytes(id),
            client_id: ClientId::from_bytes(id),
            user_id: UserId::from_bytes(id),
            message: "안녕",
            at: 5,
        })
    }

    /// One of each, with every field, in the order of the enum. A variant that is missing here does not compile.
    fn one_of_each(room: &RoomName) -> Vec<ServerFrame<'_>> {
        let (epoch, client_id) = (Epoch::from_bytes([2; 16]), ClientId::from_bytes([3; 16]));
        let mut frames = vec![ServerFrame::UserId {
            user_id: UserId::from_bytes([4; 16]),
            epoch,
            limits: LimitsFrame::new(30),
        }];
        while let Some(last) = frames.last() {
            frames.push(match last {
                ServerFrame::UserId { .. } => ServerFrame::Joined {
                    room,
                    epoch,
                    seq: 0,
                    head: 0,
                },
                ServerFrame::Joined { .. } => ServerFrame::Resync { room },
                ServerFrame::Resync { .. } => message(room),
                ServerFrame::Message(_) => ServerFrame::Ack { client_id, seq: 1 },
                ServerFrame::Ack { .. } => ServerFrame::Error {
                    code: ErrorCode::Busy,
                    message: "",
                    client_id: Some(""),
                    room: Some(""),
                    retry_after_ms: Some(0),
                },
                ServerFrame::Error { .. } => ServerFrame::Beat,
                ServerFrame::Beat => ServerFrame::Bye {
                    code: 1001,
                    reconnect_ms: 0,
                },
                ServerFrame::Bye { .. } => break,
            });
        }
        frames
    }

    #[test]
    fn the_listed_types_of_the_server_are_those_it_writes() {
        let room = RoomName::lobby();
        let written: Vec<String> = one_of_each(&room)
            .iter()
            .map(|frame| {
                serde_json::to_value(frame).unwrap()["type"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        assert_eq!(written, ServerFrame::TYPES);
    }

    /// The frames in docs/PROTOCOL.md: every JSON object with a `type`, wherever it stands in its line.
    fn documented() -> Vec<Map<String, Value>> {
        let document = include_str!("../../docs/PROTOCOL.md");
        let starts = document.match_indices("{\"type\":").map(|(at, _)| at);
        starts
            .map(|at| {
                let mut values = serde_json::Deserializer::from_str(&document[at..]).into_iter();
                let value: Value = values.next().unwrap().unwrap();
                value.as_object().unwrap().clone()
            })
            .collect()
    }

    #[test]
    fn the_document_shows_every_field_the_server_writes_and_no_other() {
        let room = RoomName::lobby();
        for frame in one_of_each(&room) {
            let written = serde_json::to_value(frame).unwrap();
            let shown: BTreeSet<String> = documented()
                .into_iter()
                .filter(|frame| frame["type"] == written["type"])
                .flat_map(|frame| frame.into_iter().map(|(key, _)| key))
                .collect();
            let written: BTreeSet<String> = written.as_object().unwrap().keys().cloned().collect();
            assert_eq!(shown, written);
        }
    }

    #[test]
    fn every_frame_of_a_client_in_the_document_is_read_and_none_of_its_fields_is_ignored() {
        let read = |frame: &Map<String, Value>| {
            let text = serde_json::to_string(frame).unwrap();
            serde_json::from_str::<ClientFrame<'_>>(&text)
                .ok()
                .map(|frame| format!("{frame:?}"))
        };
        let of_a_client = |frame: &Map<String, Value>| {
            ClientFrame::TYPES
                .iter()
                .any(|kind| frame["type"].as_str() == Some(kind))
        };
        for frame in documented().iter().filter(|frame| of_a_client(frame)) {
            let whole = read(frame);
            assert!(whole.is_some(), "{frame:?}");
            for field in frame.keys() {
                let mut without = frame.clone();
                without.remove(field);
                assert_ne!(read(&without), whole, "{field} of {frame:?}");
            }
        }
    }

    #[test]
    fn a_message_event_is_a_flat_object_a_plain_client_can_read() {
        let room = RoomName::lobby();
        let event = message(&room);
        let text = serde_json::to_string(&event).unwrap();
        assert!(
            text.starts_with(r#"{"type":"message","room":"lobby","seq":1,"#),
            "{text}"
        );
        assert!(text.contains(r#""message":"안녕""#), "{text}");
    }
}
