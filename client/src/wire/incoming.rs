//! The frames of `madang.v1` as the browser reads them; `protocol::frame` is what they are checked against.

use protocol::{ClientId, Epoch, ErrorCode, UserId};

use crate::model::event::Event;
use crate::model::listing::Listing;
use crate::model::person::Person;
use crate::wire::fields::code;
use crate::wire::json::{self, Value};
use crate::wire::objects::{boxed, change, epoch, id, message, people, person};

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
    Event { room: String, event: Event },
    /// A command of ours is on the server's disk.
    Ack {
        /// Our id for it.
        client_id: ClientId,
        /// Its place in its room; of one that changed nothing, the room's last; 0 of one that is of no room.
        seq: u64,
    },
    /// Who is in a room now.
    Presence {
        room: String,
        /// Some of them.
        people: Vec<Person>,
        /// How many there are.
        count: u64,
    },
    /// Who is typing in a room now.
    Typing {
        room: String,
        /// All of them, perhaps we too.
        people: Vec<Person>,
    },
    /// How far we have read in a room has changed, here or on another device.
    Read {
        room: String,
        /// The last `seq` that was read.
        read: u64,
        /// The messages of others after it.
        unread: u64,
        /// What comes after it was marked as unread.
        is_marked: bool,
    },
    /// Which message of a room mentions us last has changed.
    Mention {
        room: String,
        /// The last message; 0 for none.
        mention: u64,
        /// The event by which that is so.
        rev: u64,
    },
    /// The person follows a room no more.
    Left { room: String },
    /// Somebody is called something else now.
    Name(Person),
    /// How rooms are that we follow: from the leading tab all of them, from the server some that are not joined.
    Rooms(Listing),
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
    /// A frame of a kind we do not know. It is ignored, but shows that the line is alive.
    Unknown,
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
                is_marked: value.flag("marked"),
            },
            "mention" => Self::Mention {
                room: room()?,
                mention: value.number("mention")?,
                rev: value.number("rev")?,
            },
            "left" => Self::Left { room: room()? },
            "name" => Self::Name(person(&value)?),
            "rooms" => Self::Rooms(Listing::of(&value)?),
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

impl Frame {
    /// Whether it answers something that was said; a `beat` does, but for one after a long silence.
    pub(crate) fn is_answer(&self) -> bool {
        matches!(
            self,
            Self::Joined { .. } | Self::Resync { .. } | Self::Ack { .. } | Self::Error(_) | Self::Beat
        )
    }
}

fn refused(value: &Value<'_>) -> Refused {
    Refused {
        code: value.text("code").and_then(code).unwrap_or(ErrorCode::Internal),
        client_id: value.text("clientId").and_then(|id| id.parse().ok()),
        room: value.text("room").map(str::to_owned),
        retry_after_ms: value.number("retryAfterMs"),
    }
}
