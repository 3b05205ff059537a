//! The frames of `madang.v1` as the browser reads and writes them; `protocol::frame` is what they are checked against.

use protocol::{ClientId, Epoch, ErrorCode, EventId, UserId};

use crate::json::{self, Value, write_string};
use crate::message::{Extras, Message, Person, Quote, Reaction};
use crate::rooms::{List, Place};
use crate::timeline::Cursor;
use crate::view::HEAD_UNKNOWN;

/// What the server sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Who we are, in which database.
    UserId {
        /// Our identity on this connection.
        user_id: UserId,
        /// What we are called, if we said so once.
        name: Option<Box<str>>,
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
    /// A command of ours is on the server's disk.
    Ack {
        /// Our id for it.
        client_id: ClientId,
        /// Its place in its room; of one that changed nothing, the room's last; 0 of one that is of no room.
        seq: u64,
    },
    /// Who is in a room now.
    Presence {
        /// The room.
        room: String,
        /// Some of them.
        people: Vec<Person>,
        /// How many there are.
        count: u64,
    },
    /// Who is typing in a room now.
    Typing {
        /// The room.
        room: String,
        /// All of them, perhaps we too.
        people: Vec<Person>,
    },
    /// How far we have read in a room has changed, here or on another device.
    Read {
        /// The room.
        room: String,
        /// The last `seq` that was read.
        read: u64,
        /// The messages of others after it.
        unread: u64,
    },
    /// We follow a room no more.
    Left {
        /// The room.
        room: String,
    },
    /// Somebody is called something else now.
    Name(Person),
    /// From the leading tab, not from the server: how the rooms are that we follow.
    Rooms(List),
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
    /// Something else.
    Change(Change),
    /// Something newer than this client: it changes nothing here, but it takes its place in the order.
    Other {
        /// Its place.
        seq: u64,
        /// Its id, if it has one.
        id: Option<EventId>,
    },
}

/// An event that changes what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place in its room.
    pub seq: u64,
    /// The event's id.
    pub id: EventId,
    /// The author's id for it.
    pub client_id: ClientId,
    /// Who did it.
    pub user_id: UserId,
    /// When the server took it, in Unix milliseconds.
    pub at: u64,
    /// The `seq` of the message it changes; 0 when it is not one.
    pub target: u64,
    /// What changed.
    pub what: What,
}

/// What a [`Change`] changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The message reads otherwise.
    Edited {
        /// The text.
        message: String,
        /// How it looks, where that is not just its text.
        html: Option<Box<str>>,
    },
    /// The message was taken back.
    Deleted,
    /// Somebody put an emoji to the message, or took theirs back.
    Reacted {
        /// The emoji.
        emoji: Box<str>,
        /// Whether it is there now.
        on: bool,
    },
    /// The room is about something else.
    Topic(String),
}

impl Event {
    /// The event's place in its room.
    #[must_use]
    pub fn seq(&self) -> u64 {
        match self {
            Self::Message(message) => message.seq,
            Self::Change(change) => change.seq,
            Self::Other { seq, .. } => *seq,
        }
    }

    /// The event's id.
    #[must_use]
    pub fn id(&self) -> Option<EventId> {
        match self {
            Self::Message(message) => Some(message.id),
            Self::Change(change) => Some(change.id),
            Self::Other { id, .. } => *id,
        }
    }

    /// The command it came of: the author's id for it, and the author.
    #[must_use]
    pub fn command(&self) -> Option<(ClientId, UserId)> {
        match self {
            Self::Message(message) => Some((message.client_id, message.user_id)),
            Self::Change(change) => Some((change.client_id, change.user_id)),
            Self::Other { .. } => None,
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
    /// The room of what was refused, if it was not a command with an id.
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
    /// What the room is about.
    pub topic: String,
    /// The messages, in order of `seq`.
    pub messages: Vec<Message>,
    /// Whether there are messages before them.
    pub has_older: bool,
    /// Whether there are messages after them.
    pub has_newer: bool,
}

impl Frame {
    /// Reads a frame; `None` when it is not one, or when a field that its type needs is missing or wrong.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let value = Value::read(text)?;
        let room = || value.text("room").map(str::to_owned);
        let event = |event| Some(Self::Event { room: room()?, event });
        Some(match value.text("type")? {
            "userId" => Self::UserId {
                user_id: id(&value)?,
                name: boxed(&value, "name"),
                epoch: epoch(&value)?,
            },
            "joined" => Self::Joined {
                room: room()?,
                epoch: epoch(&value)?,
                seq: value.number("seq")?,
                head: value.number("head")?,
            },
            "resync" => Self::Resync { room: room()? },
            "message" => event(Event::Message(message(&value)?))?,
            kind @ ("edited" | "deleted" | "reacted" | "topic") => {
                event(Event::Change(change(&value, kind)?))?
            }
            "ack" => Self::Ack {
                client_id: value.text("clientId")?.parse().ok()?,
                seq: value.number("seq")?,
            },
            "error" => Self::Error(refused(&value)),
            "presence" => Self::Presence {
                room: room()?,
                people: people(&value)?,
                count: value.number("count")?,
            },
            "typing" => Self::Typing {
                room: room()?,
                people: people(&value)?,
            },
            "read" => Self::Read {
                room: room()?,
                read: value.number("read")?,
                unread: value.number("unread")?,
            },
            "left" => Self::Left { room: room()? },
            "name" => Self::Name(person(&value)?),
            "rooms" => Self::Rooms(List::of(&value)?),
            "beat" => Self::Beat,
            "bye" => Self::Bye {
                code: value.number("code").and_then(|code| code.try_into().ok())?,
                reconnect_ms: value.number("reconnectMs")?,
            },
            _ => match value.number("seq") {
                Some(seq) if value.get("room").is_some() => event(Event::Other {
                    seq,
                    id: value.text("id").and_then(|id| id.parse().ok()),
                })?,
                _ => Self::Unknown,
            },
        })
    }
}

impl Page {
    /// Reads the body of `GET /api/v1/rooms/{room}/messages`; `None` when it is not a page.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::of(&Value::read(text)?)
    }

    /// Reads a value that is such a body.
    #[must_use]
    pub fn of(value: &Value<'_>) -> Option<Self> {
        value.get("messages")?;
        Some(Self {
            epoch: epoch(value)?,
            seq: value.number("seq")?,
            topic: value.text("topic").unwrap_or_default().to_owned(),
            messages: value
                .list("messages")
                .iter()
                .map(message)
                .collect::<Option<_>>()?,
            has_older: value.flag("hasOlder"),
            has_newer: value.flag("hasNewer"),
        })
    }
}

pub(crate) fn epoch(value: &Value<'_>) -> Option<Epoch> {
    value.text("epoch")?.parse().ok()
}

/// Whose it is.
fn id(value: &Value<'_>) -> Option<UserId> {
    value.text("userId")?.parse().ok()
}

fn boxed(value: &Value<'_>, name: &str) -> Option<Box<str>> {
    value.text(name).map(Box::from)
}

fn message(value: &Value<'_>) -> Option<Message> {
    let seq = value.number("seq")?;
    let mut message = Message {
        seq,
        rev: value.number("rev").unwrap_or(seq),
        id: value.text("id")?.parse().ok()?,
        client_id: value.text("clientId")?.parse().ok()?,
        user_id: id(value)?,
        name: boxed(value, "name"),
        message: value.text("message")?.to_owned(),
        at: value.number("at")?,
        extras: Some(Box::new(Extras {
            html: boxed(value, "html"),
            reply_to: match value.get("replyTo") {
                Some(quoted) => Some(quote(quoted)?),
                None => None,
            },
            edited_at: value.number("editedAt"),
            is_deleted: value.flag("deleted"),
            reactions: value
                .list("reactions")
                .iter()
                .map(reaction)
                .collect::<Option<_>>()?,
        })),
    };
    message.tidy();
    Some(message)
}

fn quote(value: &Value<'_>) -> Option<Quote> {
    Some(Quote {
        seq: value.number("seq")?,
        user_id: id(value)?,
        name: boxed(value, "name"),
        excerpt: boxed(value, "message")?,
    })
}

fn reaction(value: &Value<'_>) -> Option<Reaction> {
    let user_id = |value: &Value<'_>| match value {
        Value::Text(id) => id.parse().ok(),
        _ => None,
    };
    Some(Reaction {
        emoji: boxed(value, "emoji")?,
        user_ids: value.list("userIds").iter().map(user_id).collect::<Option<_>>()?,
    })
}

fn change(value: &Value<'_>, kind: &str) -> Option<Change> {
    let what = match kind {
        "edited" => What::Edited {
            message: value.text("message")?.to_owned(),
            html: boxed(value, "html"),
        },
        "deleted" => What::Deleted,
        "reacted" => What::Reacted {
            emoji: boxed(value, "emoji")?,
            on: value.flag("on"),
        },
        _ => What::Topic(value.text("topic")?.to_owned()),
    };
    let target = value.number("target");
    Some(Change {
        seq: value.number("seq")?,
        id: value.text("id")?.parse().ok()?,
        client_id: value.text("clientId")?.parse().ok()?,
        user_id: id(value)?,
        at: value.number("at")?,
        target: match what {
            What::Topic(_) => 0,
            _ => target?,
        },
        what,
    })
}

fn people(value: &Value<'_>) -> Option<Vec<Person>> {
    value.list("people").iter().map(person).collect()
}

fn person(value: &Value<'_>) -> Option<Person> {
    Some(Person {
        user_id: id(value)?,
        name: boxed(value, "name"),
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

/// A `join`: "send me this room from `at` on". Quiet: only to count what comes.
#[must_use]
pub fn join(room: &str, at: Cursor, is_quiet: bool) -> String {
    let mut frame = of_room("join", room);
    field(&mut frame, "epoch", &at.epoch.to_string());
    number(&mut frame, "after", at.seq);
    if let Some(id) = at.id {
        field(&mut frame, "eventId", &id.to_string());
    }
    if is_quiet {
        frame += r#","quiet":true"#;
    }
    frame.push('}');
    frame
}

/// A `joined`, as the leader answers another tab in the server's place.
pub(crate) fn joined(room: &str, epoch: Epoch, seq: u64) -> String {
    let mut frame = of_room("joined", room);
    field(&mut frame, "epoch", &epoch.to_string());
    number(&mut frame, "seq", seq);
    number(&mut frame, "head", HEAD_UNKNOWN);
    frame.push('}');
    frame
}

/// A `resync`, as the leader answers another tab in the server's place.
pub(crate) fn resync(room: &str) -> String {
    bare("resync", room)
}

/// An `unsubscribe`: "send me this room no more".
#[must_use]
pub fn unsubscribe(room: &str) -> String {
    bare("unsubscribe", room)
}

/// A `read`, an `unread` or a `leave`: "I have read up to here", at least or exactly, or "I do not follow this room".
pub(crate) fn position(room: &str, place: Place) -> String {
    let (kind, seq) = match place {
        Place::Read(seq) => ("read", seq),
        Place::Unread(seq) => ("unread", seq),
        Place::Left => return bare("leave", room),
    };
    let mut frame = of_room(kind, room);
    number(&mut frame, "seq", seq);
    frame.push('}');
    frame
}

/// A `typing`: "I am writing something", or not any more.
#[must_use]
pub fn typing(room: &str, on: bool) -> String {
    let mut frame = of_room("typing", room);
    flag(&mut frame, "on", on);
    frame.push('}');
    frame
}

/// A frame that says nothing but its room.
fn bare(kind: &str, room: &str) -> String {
    let mut frame = of_room(kind, room);
    frame.push('}');
    frame
}

/// The beginning of a frame that concerns a room.
fn of_room(kind: &str, room: &str) -> String {
    let mut frame = begin(kind);
    field(&mut frame, "room", room);
    frame
}

/// The beginning of a frame.
pub(crate) fn begin(kind: &str) -> String {
    let mut frame = String::from(r#"{"type":"#);
    write_string(&mut frame, kind);
    frame
}

/// What a tab asks the leader for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A room, from a cursor on.
    Join(String, Cursor),
    /// A room no more.
    Unsubscribe(String),
    /// To see to it that we are at this place in a room.
    Wish(String, Place),
    /// To send this on: nobody answers it.
    Pass,
}

impl Asked {
    /// Reads what a function above wrote.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let value = Value::read(text)?;
        let room = value.text("room")?.to_owned();
        Some(match value.text("type")? {
            "unsubscribe" => Self::Unsubscribe(room),
            "join" => {
                let cursor = Cursor {
                    epoch: epoch(&value)?,
                    seq: value.number("after")?,
                    id: value.text("eventId").and_then(|id| id.parse().ok()),
                };
                Self::Join(room, cursor)
            }
            "read" => Self::Wish(room, Place::Read(value.number("seq")?)),
            "unread" => Self::Wish(room, Place::Unread(value.number("seq")?)),
            "leave" => Self::Wish(room, Place::Left),
            _ => Self::Pass,
        })
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

pub(crate) fn number(frame: &mut String, name: &str, number: u64) {
    frame.push(',');
    write_string(frame, name);
    frame.push(':');
    *frame += &number.to_string();
}

pub(crate) fn flag(frame: &mut String, name: &str, on: bool) {
    frame.push(',');
    write_string(frame, name);
    *frame += if on { ":true" } else { ":false" };
}

#[cfg(test)]
mod tests {
    use protocol::{ClientFrame, ServerFrame};
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::outbox::{Kind, Row};
    use crate::testing::{Random, epoch, message as plain_message};

    const ID: &str = "019ab2c4-d5e6-7f80-90a1-b2c3d4e5f607";
    const OTHER: &str = "019ab2c4-d5e6-7f80-90a1-b2c3d4e5f608";

    fn read(frame: &Json) -> Option<Frame> {
        Frame::read(&frame.to_string())
    }

    fn user(id: &str) -> UserId {
        id.parse().unwrap()
    }

    fn person(id: &str, name: Option<&str>) -> Person {
        Person {
            user_id: user(id),
            name: name.map(Box::from),
        }
    }

    /// What every event has.
    fn event(kind: &str, more: &Json) -> Json {
        let mut event = json!({
            "type": kind, "room": "개발", "seq": 9, "id": ID, "clientId": OTHER, "userId": ID, "name": "민지", "at": 5,
        });
        let fields = event.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        event
    }

    fn change(target: u64, what: What) -> Frame {
        Frame::Event {
            room: "개발".to_owned(),
            event: Event::Change(Change {
                seq: 9,
                id: ID.parse().unwrap(),
                client_id: OTHER.parse().unwrap(),
                user_id: user(ID),
                at: 5,
                target,
                what,
            }),
        }
    }

    /// A frame of each type as the server sends it and as it is read.
    fn one_of_each() -> Vec<(Json, Frame)> {
        let (room, epoch) = (|| "개발".to_owned(), epoch());
        let epoch_text = epoch.to_string();
        let plain = Message {
            seq: 9,
            rev: 9,
            id: ID.parse().unwrap(),
            client_id: OTHER.parse().unwrap(),
            user_id: user(ID),
            name: Some("민지".into()),
            message: "안녕".to_owned(),
            at: 5,
            extras: None,
        };
        vec![
            (
                json!({"type": "userId", "userId": ID, "epoch": epoch_text, "limits": {"postRate": 30}}),
                Frame::UserId {
                    user_id: user(ID),
                    name: None,
                    epoch,
                },
            ),
            (
                json!({"type": "joined", "room": "개발", "epoch": epoch_text, "seq": 3, "head": 9}),
                Frame::Joined {
                    room: room(),
                    epoch,
                    seq: 3,
                    head: 9,
                },
            ),
            (
                json!({"type": "resync", "room": "개발"}),
                Frame::Resync { room: room() },
            ),
            (
                event("message", &json!({"message": "안녕"})),
                Frame::Event {
                    room: room(),
                    event: Event::Message(plain),
                },
            ),
            (
                event(
                    "edited",
                    &json!({"target": 4, "message": "*어*", "html": "<em>어</em>"}),
                ),
                change(
                    4,
                    What::Edited {
                        message: "*어*".to_owned(),
                        html: Some("<em>어</em>".into()),
                    },
                ),
            ),
            (event("deleted", &json!({"target": 4})), change(4, What::Deleted)),
            (
                event("reacted", &json!({"target": 4, "emoji": "🎉", "on": false})),
                change(
                    4,
                    What::Reacted {
                        emoji: "🎉".into(),
                        on: false,
                    },
                ),
            ),
            (
                event("topic", &json!({"topic": "오늘"})),
                change(0, What::Topic("오늘".to_owned())),
            ),
            (
                json!({"type": "ack", "clientId": OTHER, "seq": 4}),
                Frame::Ack {
                    client_id: OTHER.parse().unwrap(),
                    seq: 4,
                },
            ),
            (
                json!({"type": "error", "code": "busy", "message": "", "retryAfterMs": 1}),
                Frame::Error(Refused {
                    code: ErrorCode::Busy,
                    client_id: None,
                    room: None,
                    retry_after_ms: Some(1),
                }),
            ),
            (
                json!({"type": "presence", "room": "개발", "people": [{"userId": ID, "name": "민지"}, {"userId": OTHER}],
                    "count": 7}),
                Frame::Presence {
                    room: room(),
                    people: vec![person(ID, Some("민지")), person(OTHER, None)],
                    count: 7,
                },
            ),
            (
                json!({"type": "typing", "room": "개발", "people": []}),
                Frame::Typing {
                    room: room(),
                    people: Vec::new(),
                },
            ),
            (
                json!({"type": "read", "room": "개발", "read": 8, "unread": 2}),
                Frame::Read {
                    room: room(),
                    read: 8,
                    unread: 2,
                },
            ),
            (
                json!({"type": "left", "room": "개발"}),
                Frame::Left { room: room() },
            ),
            (
                json!({"type": "name", "userId": ID, "name": "민지"}),
                Frame::Name(person(ID, Some("민지"))),
            ),
            (json!({"type": "beat"}), Frame::Beat),
            (
                json!({"type": "bye", "code": 1001, "reconnectMs": 70}),
                Frame::Bye {
                    code: 1001,
                    reconnect_ms: 70,
                },
            ),
        ]
    }

    #[test]
    fn every_frame_the_server_sends_is_read() {
        for (theirs, ours) in one_of_each() {
            assert_eq!(read(&theirs), Some(ours));
        }
        for kind in ServerFrame::TYPES {
            assert!(
                one_of_each().iter().any(|(theirs, _)| theirs["type"] == **kind),
                "{kind}"
            );
        }
        for code in ErrorCode::ALL.iter().copied() {
            let theirs = ServerFrame::Error {
                code,
                message: code.sentence(),
                client_id: Some(ID),
                room: Some("a"),
                retry_after_ms: None,
            };
            let ours = Refused {
                code,
                client_id: ID.parse().ok(),
                room: Some("a".to_owned()),
                retry_after_ms: None,
            };
            let text = serde_json::to_string(&theirs).unwrap();
            assert_eq!(Frame::read(&text), Some(Frame::Error(ours)));
        }
    }

    #[test]
    fn a_frame_that_lacks_a_field_it_needs_is_none_and_one_with_a_field_more_is_what_it_was() {
        let may_lack = |kind: &str, field: &str| {
            let optional = ["name", "limits", "html", "on", "people"];
            kind == "error" || optional.contains(&field)
        };
        for (theirs, ours) in one_of_each() {
            let mut more = theirs.clone();
            more.as_object_mut()
                .unwrap()
                .insert("later".to_owned(), json!([{"a": 0.5}]));
            assert_eq!(read(&more), Some(ours));
            let kind = theirs["type"].as_str().unwrap();
            for field in theirs.as_object().unwrap().keys() {
                let mut less = theirs.clone();
                less.as_object_mut().unwrap().remove(field);
                if !may_lack(kind, field) && field != "type" {
                    assert!(read(&less).is_none(), "{less}");
                }
            }
        }
    }

    #[test]
    fn random_messages_are_read_as_they_were_written() {
        let mut random = Random(5);
        for seq in 0..500 {
            let mut expected = plain_message(seq);
            expected.message = random.text(60);
            expected.name = (seq % 2 == 0).then(|| random.text(9).into());
            let text = json!({
                "type": "message", "room": "lobby", "seq": seq, "id": expected.id, "clientId": expected.client_id,
                "userId": expected.user_id, "name": expected.name, "message": expected.message, "at": expected.at,
            });
            let event = Event::Message(expected);
            let room = "lobby".to_owned();
            assert_eq!(read(&text), Some(Frame::Event { room, event }));
        }
    }

    /// A row of a page that has everything a row can have.
    fn a_rich_row() -> Json {
        event(
            "message",
            &json!({
                "message": "*안녕*", "html": "<em>안녕</em>", "editedAt": 77, "rev": 12,
                "replyTo": {"seq": 2, "userId": OTHER, "name": "수진", "message": "그래?"},
                "reactions": [{"emoji": "👍", "userIds": [ID, OTHER]}, {"emoji": "🎉", "userIds": [ID]}],
            }),
        )
    }

    #[test]
    fn a_page_of_history_is_read_whole() {
        let deleted = event("message", &json!({"message": "", "deleted": true, "rev": 13}));
        let theirs = json!({
            "epoch": epoch(), "seq": 77, "topic": "오늘", "messages": [a_rich_row(), deleted], "hasOlder": true,
            "hasNewer": false,
        });
        let page = Page::read(&theirs.to_string()).unwrap();
        assert_eq!((page.epoch, page.seq, &*page.topic), (epoch(), 77, "오늘"));
        assert_eq!((page.has_older, page.has_newer), (true, false));
        let [row, deleted] = &page.messages[..] else {
            panic!("{page:?}")
        };
        assert_eq!((row.seq, row.rev, row.edited_at()), (9, 12, Some(77)));
        assert_eq!(
            (row.html(), row.name.as_deref()),
            (Some("<em>안녕</em>"), Some("민지"))
        );
        let quote = row.reply_to().unwrap();
        assert_eq!(
            (quote.seq, quote.user_id, quote.name.as_deref(), &*quote.excerpt),
            (2, user(OTHER), Some("수진"), "그래?")
        );
        let reactions: Vec<(&str, &[UserId])> = row
            .reactions()
            .iter()
            .map(|reaction| (&*reaction.emoji, &*reaction.user_ids))
            .collect();
        assert_eq!(
            reactions,
            [("👍", &[user(ID), user(OTHER)][..]), ("🎉", &[user(ID)][..])]
        );
        assert!(deleted.is_deleted() && deleted.rev == 13 && !row.is_deleted());
        let broken = theirs.to_string().replacen("\"at\":", "\"later\":", 1);
        assert_eq!(Page::read(&broken), None);
        let bare = json!({"epoch": epoch(), "seq": 0, "messages": []}).to_string();
        assert!(Page::read(&bare).is_some_and(|page| page.topic.is_empty() && !page.has_older));
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

    /// A frame of each type as the client writes it and as it is meant.
    fn written(random: &mut Random) -> Vec<(String, Json)> {
        let (room, text) = (format!("r{}", random.text(10)), random.text(60));
        let client_id = ClientId::from_bytes(random.bytes());
        let (epoch, id) = (
            Epoch::from_bytes(random.bytes()),
            EventId::from_bytes(random.bytes()),
        );
        let row = |kind, target| {
            let row = Row {
                client_id,
                kind,
                room: if kind == Kind::Rename {
                    String::new()
                } else {
                    room.clone()
                },
                user_id: None,
                target,
                message: text.clone(),
                tried: false,
                failed: None,
            };
            row.frame()
        };
        let at = Cursor {
            epoch,
            seq: 12,
            id: Some(id),
        };
        let command = |kind: &str, more: Json| {
            let mut frame = json!({"type": kind, "room": room, "clientId": client_id});
            let fields = frame.as_object_mut().unwrap();
            fields.extend(more.as_object().unwrap().clone());
            frame
        };
        let text = &text;
        vec![
            (
                join(&room, at, false),
                json!({"type": "join", "room": room, "epoch": epoch, "after": 12, "eventId": id}),
            ),
            (
                join(&room, Cursor { id: None, ..at }, true),
                json!({"type": "join", "room": room, "epoch": epoch, "after": 12, "quiet": true}),
            ),
            (unsubscribe(&room), json!({"type": "unsubscribe", "room": room})),
            (row(Kind::Post, 0), command("post", json!({"message": text}))),
            (
                row(Kind::Post, 7),
                command("post", json!({"message": text, "replyTo": 7})),
            ),
            (
                row(Kind::Edit, 7),
                command("edit", json!({"target": 7, "message": text})),
            ),
            (row(Kind::Delete, 7), command("delete", json!({"target": 7}))),
            (
                row(Kind::React, 7),
                command("react", json!({"target": 7, "emoji": text, "on": true})),
            ),
            (
                row(Kind::Unreact, 7),
                command("react", json!({"target": 7, "emoji": text, "on": false})),
            ),
            (row(Kind::Topic, 0), command("topic", json!({"topic": text}))),
            (
                row(Kind::Rename, 0),
                json!({"type": "rename", "clientId": client_id, "name": text}),
            ),
            (
                position(&room, Place::Read(5)),
                json!({"type": "read", "room": room, "seq": 5}),
            ),
            (
                position(&room, Place::Unread(5)),
                json!({"type": "unread", "room": room, "seq": 5}),
            ),
            (
                position(&room, Place::Left),
                json!({"type": "leave", "room": room}),
            ),
            (
                typing(&room, true),
                json!({"type": "typing", "room": room, "on": true}),
            ),
            (PING.to_owned(), json!({"type": "ping"})),
        ]
    }

    #[test]
    fn what_the_client_writes_is_what_the_server_reads() {
        let mut random = Random(8);
        for _ in 0..200 {
            for (ours, meant) in written(&mut random) {
                assert_eq!(serde_json::from_str::<Json>(&ours).unwrap(), meant);
                let kind = meant["type"].as_str().unwrap();
                if ClientFrame::TYPES.contains(&kind) {
                    assert!(serde_json::from_str::<ClientFrame<'_>>(&ours).is_ok(), "{ours}");
                }
            }
        }
        let written = written(&mut random);
        for kind in ClientFrame::TYPES {
            assert!(written.iter().any(|(_, meant)| meant["type"] == **kind), "{kind}");
        }
    }

    #[test]
    fn what_a_tab_asks_of_the_leader_is_read_by_it() {
        let at = Cursor {
            epoch: epoch(),
            seq: 12,
            id: Some(plain_message(12).id),
        };
        assert_eq!(
            Asked::read(&join("개발", at, false)),
            Some(Asked::Join("개발".to_owned(), at))
        );
        assert_eq!(
            Asked::read(&unsubscribe("개발")),
            Some(Asked::Unsubscribe("개발".to_owned()))
        );
        for place in [Place::Read(1), Place::Unread(1), Place::Left] {
            let wish = Asked::Wish("a".to_owned(), place);
            assert_eq!(Asked::read(&position("a", place)), Some(wish));
        }
        assert_eq!(Asked::read(&typing("a", true)), Some(Asked::Pass));
        assert_eq!(Asked::read("{}"), None);
    }
}
