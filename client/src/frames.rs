//! The frames of `madang.v1` as the browser reads and writes them; `protocol::frame` is what they are checked against.

use protocol::{ClientId, Epoch, ErrorCode, EventId, UserId};

use crate::json::{self, Value, write_string};
use crate::message::Message;
use crate::timeline::Cursor;
use crate::view::HEAD_UNKNOWN;

/// What the server sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Who we are, in which database.
    UserId {
        /// Our identity on this connection.
        user_id: UserId,
        /// The database's epoch.
        epoch: Epoch,
    },
    /// The answer to `join`.
    Joined {
        /// The room.
        room: String,
        /// The database's epoch.
        epoch: Epoch,
        /// The first event that follows is `seq + 1`.
        seq: u64,
        /// The room's last `seq` when it was joined.
        head: u64,
    },
    /// The cursor of our `join` means nothing there.
    Resync {
        /// The room, which is not joined.
        room: String,
    },
    /// An event of a room.
    Event {
        /// The room.
        room: String,
        /// The event.
        event: Event,
    },
    /// A post of ours is on the server's disk.
    Ack {
        /// Our id for it.
        client_id: ClientId,
        /// Its place in its room.
        seq: u64,
    },
    /// Something was refused.
    Error(Refused),
    /// "Still here."
    Beat,
    /// The connection will be closed.
    Bye {
        /// The close code: whether to come back at all.
        code: u16,
        /// After how many milliseconds to come back.
        reconnect_ms: u64,
    },
    /// A frame of a kind we do not know. It is ignored, but it was heard.
    Unknown,
}

/// An event of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message.
    Message(Message),
    /// Something newer than this client: it changes nothing here, but it takes its place in the order.
    Other {
        /// Its place.
        seq: u64,
        /// Its id, if it has one.
        id: Option<EventId>,
    },
}

impl Event {
    /// The event's place in its room.
    #[must_use]
    pub fn seq(&self) -> u64 {
        match self {
            Self::Message(message) => message.seq,
            Self::Other { seq, .. } => *seq,
        }
    }

    /// The event's id.
    #[must_use]
    pub fn id(&self) -> Option<EventId> {
        match self {
            Self::Message(message) => Some(message.id),
            Self::Other { id, .. } => *id,
        }
    }
}

/// A refusal, from a socket or in the body of an HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why; a code we do not know is read as [`ErrorCode::Internal`].
    pub code: ErrorCode,
    /// What was refused, if it had an id.
    pub client_id: Option<ClientId>,
    /// The room of the `join` that was refused.
    pub room: Option<String>,
    /// After how many milliseconds it may succeed.
    pub retry_after_ms: Option<u64>,
}

/// What an HTTP answer brings: frames as they stand, and where the client stands after them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The cursor to go on with.
    pub cursor: String,
    /// The frames, in order.
    pub frames: Vec<&'a str>,
}

impl<'a> Envelope<'a> {
    /// Reads the body of an answer to commands or of events; `None` when it is not one.
    #[must_use]
    pub fn read(text: &'a str) -> Option<Self> {
        Some(Self {
            cursor: Value::read(text)?.text("cursor")?.to_owned(),
            frames: json::items_of(text, "frames")?,
        })
    }
}

/// A page of history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The database's epoch.
    pub epoch: Epoch,
    /// The room's last `seq` when the page was read: what it shows is true up to here.
    pub seq: u64,
    /// The messages, in order of `seq`.
    pub messages: Vec<Message>,
}

impl Frame {
    /// Reads a frame; `None` when it is not one, or when a field that its type needs is missing or wrong.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let value = Value::read(text)?;
        let room = || value.text("room").map(str::to_owned);
        Some(match value.text("type")? {
            "userId" => Self::UserId {
                user_id: value.text("userId")?.parse().ok()?,
                epoch: epoch(&value)?,
            },
            "joined" => Self::Joined {
                room: room()?,
                epoch: epoch(&value)?,
                seq: value.number("seq")?,
                head: value.number("head")?,
            },
            "resync" => Self::Resync { room: room()? },
            "message" => Self::Event {
                room: room()?,
                event: Event::Message(message(&value)?),
            },
            "ack" => Self::Ack {
                client_id: value.text("clientId")?.parse().ok()?,
                seq: value.number("seq")?,
            },
            "error" => Self::Error(refused(&value)),
            "beat" => Self::Beat,
            "bye" => Self::Bye {
                code: value.number("code").and_then(|code| code.try_into().ok())?,
                reconnect_ms: value.number("reconnectMs")?,
            },
            _ => match (room(), value.number("seq")) {
                (Some(room), Some(seq)) => Self::Event {
                    room,
                    event: Event::Other {
                        seq,
                        id: value.text("id").and_then(|id| id.parse().ok()),
                    },
                },
                _ => Self::Unknown,
            },
        })
    }
}

impl Page {
    /// Reads the body of `GET /api/v1/rooms/{room}/messages`; `None` when it is not a page.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let value = Value::read(text)?;
        let Some(Value::List(list)) = value.get("messages") else {
            return None;
        };
        Some(Self {
            epoch: epoch(&value)?,
            seq: value.number("seq")?,
            messages: list.iter().map(message).collect::<Option<_>>()?,
        })
    }
}

fn epoch(value: &Value<'_>) -> Option<Epoch> {
    value.text("epoch")?.parse().ok()
}

fn message(value: &Value<'_>) -> Option<Message> {
    Some(Message {
        seq: value.number("seq")?,
        id: value.text("id")?.parse().ok()?,
        client_id: value.text("clientId")?.parse().ok()?,
        user_id: value.text("userId")?.parse().ok()?,
        message: value.text("message")?.to_owned(),
        at: value.number("at")?,
    })
}

fn refused(value: &Value<'_>) -> Refused {
    Refused {
        code: value.text("code").and_then(code).unwrap_or(ErrorCode::Internal),
        client_id: value.text("clientId").and_then(|id| id.parse().ok()),
        room: value.text("room").map(str::to_owned),
        retry_after_ms: value.number("retryAfterMs"),
    }
}

/// The error code of this name.
pub(crate) fn code(name: &str) -> Option<ErrorCode> {
    ErrorCode::ALL
        .iter()
        .copied()
        .find(|known| known.as_str() == name)
}

/// A `join`: "send me this room from `after` on"; `event_id` is the event we have there.
#[must_use]
pub fn join(room: &str, epoch: Epoch, after: u64, event_id: Option<EventId>) -> String {
    let mut frame = String::from(r#"{"type":"join","room":"#);
    write_string(&mut frame, room);
    field(&mut frame, "epoch", &epoch.to_string());
    frame += r#","after":"#;
    frame += &after.to_string();
    if let Some(id) = event_id {
        field(&mut frame, "eventId", &id.to_string());
    }
    frame.push('}');
    frame
}

/// A `joined`, as the leader answers another tab in the server's place.
pub(crate) fn joined(room: &str, epoch: Epoch, seq: u64) -> String {
    let mut frame = String::from(r#"{"type":"joined","room":"#);
    write_string(&mut frame, room);
    field(&mut frame, "epoch", &epoch.to_string());
    frame += r#","seq":"#;
    frame += &seq.to_string();
    frame += r#","head":"#;
    frame += &HEAD_UNKNOWN.to_string();
    frame.push('}');
    frame
}

/// A `resync`, as the leader answers another tab in the server's place.
pub(crate) fn resync(room: &str) -> String {
    let mut frame = String::from(r#"{"type":"resync","room":"#);
    write_string(&mut frame, room);
    frame.push('}');
    frame
}

/// An `unsubscribe`: "send me this room no more".
#[must_use]
pub fn unsubscribe(room: &str) -> String {
    let mut frame = String::from(r#"{"type":"unsubscribe","room":"#);
    write_string(&mut frame, room);
    frame.push('}');
    frame
}

/// A `post`.
#[must_use]
pub fn post(room: &str, client_id: ClientId, message: &str) -> String {
    let mut frame = String::from(r#"{"type":"post","room":"#);
    write_string(&mut frame, room);
    field(&mut frame, "clientId", &client_id.to_string());
    field(&mut frame, "message", message);
    frame.push('}');
    frame
}

/// What a tab asks the leader for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A room, from a cursor on.
    Join(String, Cursor),
    /// A room no more.
    Unsubscribe(String),
}

impl Asked {
    /// Reads what [`join`] or [`unsubscribe`] wrote.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let value = Value::read(text)?;
        let room = value.text("room")?.to_owned();
        if value.text("type")? == "unsubscribe" {
            return Some(Self::Unsubscribe(room));
        }
        let cursor = Cursor {
            epoch: epoch(&value)?,
            seq: value.number("after")?,
            id: value.text("eventId").and_then(|id| id.parse().ok()),
        };
        Some(Self::Join(room, cursor))
    }
}

/// A `ping`: "are you there?"
pub const PING: &str = r#"{"type":"ping"}"#;

pub(crate) fn field(frame: &mut String, name: &str, text: &str) {
    frame.push(',');
    write_string(frame, name);
    frame.push(':');
    write_string(frame, text);
}

#[cfg(test)]
mod tests {
    use protocol::{ClientFrame, HistoryPage, LimitsFrame, MessageEvent, RoomName, ServerFrame};

    use super::*;
    use crate::testing::Random;

    /// The same message as the client has it and as the server sends it.
    fn a_message(random: &mut Random) -> Message {
        Message {
            seq: random.next(),
            id: EventId::from_bytes(random.bytes()),
            client_id: ClientId::from_bytes(random.bytes()),
            user_id: UserId::from_bytes(random.bytes()),
            message: random.text(60),
            at: random.next() >> 20,
        }
    }

    fn as_the_server_sends_it<'a>(message: &'a Message, room: &'a RoomName) -> ServerFrame<'a> {
        ServerFrame::Message(MessageEvent {
            room,
            seq: message.seq,
            id: message.id,
            client_id: message.client_id,
            user_id: message.user_id,
            name: None,
            message: &message.message,
            html: None,
            reply_to: None,
            at: message.at,
            edited_at: None,
            rev: None,
            deleted: false,
            reactions: Vec::new(),
        })
    }

    fn read(frame: &ServerFrame<'_>) -> Option<Frame> {
        Frame::read(&serde_json::to_string(frame).unwrap())
    }

    #[test]
    fn every_frame_the_server_sends_is_read() {
        let mut random = Random(3);
        let (user_id, epoch) = (
            UserId::from_bytes(random.bytes()),
            Epoch::from_bytes(random.bytes()),
        );
        let client_id = ClientId::from_bytes(random.bytes());
        let room = RoomName::parse("개발-방").unwrap();
        let (name, id_text) = (room.to_string(), client_id.to_string());
        let limits = LimitsFrame::new(30);
        for (theirs, ours) in [
            (
                ServerFrame::UserId {
                    user_id,
                    name: None,
                    epoch,
                    limits,
                },
                Frame::UserId { user_id, epoch },
            ),
            (
                ServerFrame::Joined {
                    room: &room,
                    epoch,
                    seq: 3,
                    head: 9,
                },
                Frame::Joined {
                    room: name.clone(),
                    epoch,
                    seq: 3,
                    head: 9,
                },
            ),
            (ServerFrame::Resync { room: &room }, Frame::Resync { room: name }),
            (
                ServerFrame::Ack { client_id, seq: 4 },
                Frame::Ack { client_id, seq: 4 },
            ),
            (ServerFrame::Beat, Frame::Beat),
            (
                ServerFrame::Bye {
                    code: 1001,
                    reconnect_ms: 70,
                },
                Frame::Bye {
                    code: 1001,
                    reconnect_ms: 70,
                },
            ),
        ] {
            assert_eq!(read(&theirs), Some(ours));
        }
        for code in ErrorCode::ALL.iter().copied() {
            for with_id in [None, Some(&*id_text)] {
                let theirs = ServerFrame::Error {
                    code,
                    message: code.sentence(),
                    client_id: with_id,
                    room: None,
                    retry_after_ms: Some(1),
                };
                let ours = Refused {
                    code,
                    client_id: with_id.map(|_| client_id),
                    room: None,
                    retry_after_ms: Some(1),
                };
                assert_eq!(read(&theirs), Some(Frame::Error(ours)));
            }
        }
    }

    #[test]
    fn random_messages_are_read_as_they_were_written() {
        let mut random = Random(5);
        let room = RoomName::lobby();
        for _ in 0..500 {
            let message = a_message(&mut random);
            let expected = Frame::Event {
                room: "lobby".to_owned(),
                event: Event::Message(message.clone()),
            };
            assert_eq!(read(&as_the_server_sends_it(&message, &room)), Some(expected));
        }
    }

    #[test]
    fn a_page_of_history_is_read_whole() {
        let mut random = Random(6);
        let room = RoomName::lobby();
        let messages: Vec<Message> = (0..50).map(|_| a_message(&mut random)).collect();
        let epoch = Epoch::from_bytes(random.bytes());
        let theirs = HistoryPage {
            epoch,
            seq: 77,
            topic: None,
            has_older: false,
            has_newer: false,
            messages: messages
                .iter()
                .map(|message| as_the_server_sends_it(message, &room))
                .collect(),
        };
        let text = serde_json::to_string(&theirs).unwrap();
        assert_eq!(
            Page::read(&text),
            Some(Page {
                epoch,
                seq: 77,
                messages
            })
        );
        assert_eq!(Page::read(&text.replacen("\"at\":", "\"later\":", 1)), None);
    }

    #[test]
    fn an_event_of_an_unknown_type_still_has_its_place_and_anything_else_unknown_is_ignored() {
        let frame = Frame::read(r#"{"type":"waved","room":"lobby","seq":5,"hand":0.5}"#);
        let event = Event::Other { seq: 5, id: None };
        assert_eq!(
            frame,
            Some(Frame::Event {
                room: "lobby".to_owned(),
                event
            })
        );
        assert_eq!(Frame::read(r#"{"type":"weather"}"#), Some(Frame::Unknown));
        let frame = Frame::read(r#"{"type":"error","code":"newerThanUs"}"#);
        assert_eq!(
            frame,
            Some(Frame::Error(Refused {
                code: ErrorCode::Internal,
                client_id: None,
                room: None,
                retry_after_ms: None,
            }))
        );
        for text in [
            "",
            "{}",
            "[]",
            r#"{"type":1}"#,
            r#"{"type":"message","room":"lobby","seq":1}"#,
        ] {
            assert_eq!(Frame::read(text), None, "{text}");
        }
    }

    #[test]
    fn an_http_answer_is_its_cursor_and_its_frames_as_they_stand() {
        let text = r#"{"cursor":"AQ-_","frames":[{"type":"beat"} , {"a":["]",{}]}],"later":1}"#;
        let envelope = Envelope::read(text).unwrap();
        assert_eq!(envelope.cursor, "AQ-_");
        assert_eq!(envelope.frames, [r#"{"type":"beat"}"#, r#"{"a":["]",{}]}"#]);
        assert_eq!(
            Envelope::read(r#"{"frames":[],"cursor":""}"#).unwrap().frames,
            [""; 0]
        );
        for text in [
            "",
            "{}",
            r#"{"cursor":"x"}"#,
            r#"{"cursor":"x","frames":1}"#,
            r#"{"cursor":"x","frames":[1}"#,
        ] {
            assert_eq!(Envelope::read(text), None, "{text}");
        }
    }

    #[test]
    fn what_the_client_writes_is_what_the_server_reads() {
        let mut random = Random(8);
        for _ in 0..500 {
            let (room, text) = (random.text(10), random.text(60));
            let client_id = ClientId::from_bytes(random.bytes());
            let (epoch, id) = (
                Epoch::from_bytes(random.bytes()),
                EventId::from_bytes(random.bytes()),
            );
            let json = post(&room, client_id, &text);
            let expected = ClientFrame::Post {
                room: (&*room).into(),
                client_id: client_id.to_string().into(),
                message: (&*text).into(),
                reply_to: None,
            };
            assert_eq!(serde_json::from_str::<ClientFrame<'_>>(&json).unwrap(), expected);
            let json = join(&room, epoch, 12, Some(id));
            let expected = ClientFrame::Join {
                room: (&*room).into(),
                epoch: Some(epoch.to_string().into()),
                after: Some(12),
                event_id: Some(id.to_string().into()),
                quiet: false,
            };
            assert_eq!(serde_json::from_str::<ClientFrame<'_>>(&json).unwrap(), expected);
        }
        assert_eq!(
            serde_json::from_str::<ClientFrame<'_>>(&unsubscribe("개발")).unwrap(),
            ClientFrame::Unsubscribe {
                room: "개발".into()
            }
        );
        assert_eq!(
            serde_json::from_str::<ClientFrame<'_>>(PING).unwrap(),
            ClientFrame::Ping
        );
    }
}
