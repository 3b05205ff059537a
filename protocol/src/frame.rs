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
        /// Only to count what comes: the person is not here by it, and is not told who is here or typing.
        #[serde(default)]
        quiet: bool,
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
        /// The `seq` of the message of this room that it answers.
        #[serde(default)]
        reply_to: Option<u64>,
    },
    /// "Say this instead of what I said." Only the author may.
    Edit {
        /// The room's name.
        #[serde(borrow)]
        room: Cow<'a, str>,
        /// The client's id for this change.
        #[serde(borrow)]
        client_id: Cow<'a, str>,
        /// The message's `seq`.
        target: u64,
        /// The new text.
        #[serde(borrow)]
        message: Cow<'a, str>,
    },
    /// "Take back what I said." Only the author may.
    Delete {
        /// The room's name.
        #[serde(borrow)]
        room: Cow<'a, str>,
        /// The client's id for this deletion.
        #[serde(borrow)]
        client_id: Cow<'a, str>,
        /// The message's `seq`.
        target: u64,
    },
    /// "This is what I make of it." Absolute: never a toggle.
    React {
        /// The room's name.
        #[serde(borrow)]
        room: Cow<'a, str>,
        /// The client's id for this reaction.
        #[serde(borrow)]
        client_id: Cow<'a, str>,
        /// The message's `seq`.
        target: u64,
        /// One emoji.
        #[serde(borrow)]
        emoji: Cow<'a, str>,
        /// Whether it is to be there.
        on: bool,
    },
    /// "This is what the room is about." Makes the room if it is not there.
    Topic {
        /// The room's name.
        #[serde(borrow)]
        room: Cow<'a, str>,
        /// The client's id for this change.
        #[serde(borrow)]
        client_id: Cow<'a, str>,
        /// The topic; empty for none.
        #[serde(borrow)]
        topic: Cow<'a, str>,
    },
    /// "This is what I am called from now on."
    Rename {
        /// The client's id for this change.
        #[serde(borrow)]
        client_id: Cow<'a, str>,
        /// The name.
        #[serde(borrow)]
        name: Cow<'a, str>,
    },
    /// "I have read up to here." Never moves backwards. Makes the person a follower of the room. No `clientId` and no
    /// `ack`: sent again it changes nothing.
    Read {
        /// The room's name.
        #[serde(borrow)]
        room: Cow<'a, str>,
        /// The last `seq` read.
        seq: u64,
    },
    /// "Take me to have read up to here and no further."
    Unread {
        /// The room's name.
        #[serde(borrow)]
        room: Cow<'a, str>,
        /// The last `seq` read.
        seq: u64,
    },
    /// "I follow this room no more."
    Leave {
        /// The room's name.
        #[serde(borrow)]
        room: Cow<'a, str>,
    },
    /// "I am typing", or no more. Dropped without a word when it comes too often.
    Typing {
        /// The room's name.
        #[serde(borrow)]
        room: Cow<'a, str>,
        /// Whether one is typing.
        on: bool,
    },
    /// "Are you there?", answered by `beat`.
    Ping,
}

impl ClientFrame<'_> {
    /// The `type`s of the frames above, for telling an unknown type from a bad frame.
    pub const TYPES: &'static [&'static str] = &[
        "join",
        "unsubscribe",
        "post",
        "edit",
        "delete",
        "react",
        "topic",
        "rename",
        "read",
        "unread",
        "leave",
        "typing",
        "ping",
    ];

    /// The client's id for what it asks for, if a frame of its type has one.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::Post { client_id, .. }
            | Self::Edit { client_id, .. }
            | Self::Delete { client_id, .. }
            | Self::React { client_id, .. }
            | Self::Topic { client_id, .. }
            | Self::Rename { client_id, .. } => Some(client_id),
            _ => None,
        }
    }

    /// The name of the room it concerns, if it concerns one.
    #[must_use]
    pub fn room(&self) -> Option<&str> {
        match self {
            Self::Join { room, .. }
            | Self::Unsubscribe { room }
            | Self::Post { room, .. }
            | Self::Edit { room, .. }
            | Self::Delete { room, .. }
            | Self::React { room, .. }
            | Self::Topic { room, .. }
            | Self::Read { room, .. }
            | Self::Unread { room, .. }
            | Self::Leave { room }
            | Self::Typing { room, .. } => Some(room),
            Self::Rename { .. } | Self::Ping => None,
        }
    }
}

/// What the server sends to a full client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ServerFrame<'a> {
    /// Always the first frame: who the client is, which database this is and what its bounds are.
    UserId {
        /// The identity of this connection.
        user_id: UserId,
        /// What this person is called, if they have said so.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<&'a str>,
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
    /// A message has another text now.
    Edited {
        /// What every event has.
        #[serde(flatten)]
        head: EventHead<'a>,
        /// The message's `seq`.
        target: u64,
        /// The new text, as it was written; empty when the message has been deleted since.
        message: &'a str,
        /// How it looks, where that differs from the text; see [`MessageEvent::html`].
        #[serde(skip_serializing_if = "Option::is_none")]
        html: Option<&'a str>,
    },
    /// A message was taken back by its author. Its text is nowhere any more.
    Deleted {
        /// What every event has.
        #[serde(flatten)]
        head: EventHead<'a>,
        /// The message's `seq`.
        target: u64,
    },
    /// Somebody put an emoji to a message, or took theirs back.
    Reacted {
        /// What every event has.
        #[serde(flatten)]
        head: EventHead<'a>,
        /// The message's `seq`.
        target: u64,
        /// The emoji.
        emoji: &'a str,
        /// Whether it is there now.
        on: bool,
    },
    /// The room has another topic now.
    Topic {
        /// What every event has.
        #[serde(flatten)]
        head: EventHead<'a>,
        /// The topic; empty for none.
        topic: &'a str,
    },
    /// The command with this `clientId` is on the server's disk.
    Ack {
        /// The client's id for it.
        client_id: ClientId,
        /// Its place in its room. What made no event has the room's head here, and a `rename` 0.
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
    /// Who is in the room now. Ephemeral: it is in no history and has no `seq`.
    Presence {
        /// The room.
        room: &'a RoomName,
        /// The first of them: 50 at most.
        people: Vec<Person<'a>>,
        /// How many there are in all.
        count: u64,
    },
    /// Who is typing in the room now: all of them, the recipient too. Ephemeral.
    Typing {
        /// The room.
        room: &'a RoomName,
        /// Those who are: 10 at most, nobody when it is empty.
        people: Vec<Person<'a>>,
    },
    /// How far this person has read in a room has changed, here or on another device of theirs. Ephemeral.
    Read {
        /// The room.
        room: &'a RoomName,
        /// The last `seq` read. Not called `seq`: a client takes what has a room and a `seq` for an event.
        read: u64,
        /// Messages of others after it, [`limits::UNREAD_MAX`] at most.
        unread: u64,
    },
    /// This person follows a room no more. Ephemeral.
    Left {
        /// The room.
        room: &'a RoomName,
    },
    /// This person is called something else now. Ephemeral.
    Name {
        /// The person.
        user_id: UserId,
        /// The name.
        name: &'a str,
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
        "userId", "joined", "resync", "message", "edited", "deleted", "reacted", "topic", "ack", "error",
        "presence", "typing", "read", "left", "name", "beat", "bye",
    ];
}

/// A person, as others see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Person<'a> {
    /// Who.
    pub user_id: UserId,
    /// What they are called, if they have said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
}

/// What every event has. (A message has it too, among its own fields.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventHead<'a> {
    /// The room it happened in.
    pub room: &'a RoomName,
    /// Its place in the room: 1, 2, 3, … without gaps.
    pub seq: u64,
    /// The event's own id.
    pub id: EventId,
    /// The id it has from whoever asked for it.
    pub client_id: ClientId,
    /// Who asked for it.
    pub user_id: UserId,
    /// What they were called then, if they had said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// When a node of the server took it, in Unix milliseconds; never runs backwards within a room.
    pub at: u64,
}

/// A message in its room. The same bytes go to every recipient, to full and to plain clients alike.
///
/// As an event it is what was said. In a page it is how it stands now, and then has the fields from `edited_at` on
/// where they say something.
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
    /// What they were called then, if they had said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// The text, as it was written; empty when it has been deleted.
    pub message: &'a str,
    /// How it looks, where that differs from the text with its signs escaped: HTML of a few harmless elements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<&'a str>,
    /// The message it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Quote<'a>>,
    /// When a node of the server took it, in Unix milliseconds; never runs backwards within a room.
    pub at: u64,
    /// When its text was last changed, in Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<u64>,
    /// The `seq` of the last event that changed it, if any did: edits, reactions and its deletion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rev: Option<u64>,
    /// Whether it has been deleted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// Who put which emoji to it, in the order in which each came first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction<'a>>,
}

/// What is shown of a message in the answers to it: as it stood when the answer was encoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Quote<'a> {
    /// The message's place in the room.
    pub seq: u64,
    /// Its author.
    pub user_id: UserId,
    /// What they were called then, if they had said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// The first [`limits::QUOTE_CHARS_MAX`] characters of its text; empty when it has been deleted.
    pub message: &'a str,
}

/// One emoji under a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reaction<'a> {
    /// The emoji.
    pub emoji: &'a str,
    /// Those it is from, in the order in which they came.
    pub user_ids: &'a [UserId],
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MeFrame<'a> {
    /// The identity in the cookie; a new one if the request brought none.
    pub user_id: UserId,
    /// What this person is called, if they have said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
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
    /// What the room is about, if anybody has said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<&'a str>,
    /// Whether there are messages before the first one.
    pub has_older: bool,
    /// Whether there are messages after the last one.
    pub has_newer: bool,
    /// The messages, in order of `seq`; each is a `message` frame, as it stands now.
    pub messages: Vec<ServerFrame<'a>>,
}

/// The answer of `GET /api/v1/rooms`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomsPage<'a> {
    /// The database's epoch.
    pub epoch: Epoch,
    /// The rooms.
    pub rooms: Vec<RoomSummary<'a>>,
}

/// A room in a list, as it stands for one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomSummary<'a> {
    /// The room.
    pub room: &'a RoomName,
    /// What it is about, if anybody has said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<&'a str>,
    /// Its last `seq`.
    pub head: u64,
    /// When its last event was, in Unix milliseconds.
    pub at: u64,
    /// The last `seq` this person has read, where they follow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<u64>,
    /// Messages of others after that, [`limits::UNREAD_MAX`] at most, where they follow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<u64>,
    /// Whether they follow it.
    pub following: bool,
}

/// The answer of `GET /api/v1/rooms/{room}/messages/{seq}/edits`: the texts a message had before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EditsPage<'a> {
    /// The former texts, oldest first, [`limits::EDITS_KEPT_MAX`] at most.
    pub edits: Vec<FormerText<'a>>,
}

/// A text that a message had before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FormerText<'a> {
    /// The text, as it was written.
    pub message: &'a str,
    /// How it looks, where that differs from the text; see [`MessageEvent::html`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<&'a str>,
    /// When it was written, in Unix milliseconds.
    pub at: u64,
}

/// The answer of `GET /api/v1/rooms/{room}/seen`: how far those who follow the room have read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenPage<'a> {
    /// The people, [`limits::SEEN_PEOPLE_MAX`] at most.
    pub people: Vec<SeenBy<'a>>,
}

/// How far somebody has read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenBy<'a> {
    /// Who.
    pub user_id: UserId,
    /// What they are called, if they have said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// The last `seq` they have read.
    pub seq: u64,
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
                event_id: None,
                quiet: false,
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
            let text = format!(
                r#"{{"type":"{kind}","room":"r","clientId":"c","message":"m","target":1,"emoji":"e","on":true,
                    "topic":"t","name":"n","seq":1}}"#
            );
            let frame = serde_json::from_str::<ClientFrame<'_>>(&text).unwrap();
            assert!(frame.room().is_none_or(|room| room == "r"), "{kind}");
            assert!(frame.client_id().is_none_or(|id| id == "c"), "{kind}");
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
            name: Some("하나"),
            message: "안녕",
            html: Some(""),
            reply_to: Some(Quote {
                seq: 1,
                user_id: UserId::from_bytes(id),
                name: None,
                message: "",
            }),
            at: 5,
            edited_at: Some(6),
            rev: Some(2),
            deleted: true,
            reactions: vec![Reaction {
                emoji: "👍",
                user_ids: &[],
            }],
        })
    }

    fn head(room: &RoomName) -> EventHead<'_> {
        let id = [1; 16];
        EventHead {
            room,
            seq: 2,
            id: EventId::from_bytes(id),
            client_id: ClientId::from_bytes(id),
            user_id: UserId::from_bytes(id),
            name: Some("하나"),
            at: 6,
        }
    }

    /// One of each, with every field, in the order of the enum. A variant that is missing here does not compile.
    fn one_of_each(room: &RoomName) -> Vec<ServerFrame<'_>> {
        let (epoch, client_id) = (Epoch::from_bytes([2; 16]), ClientId::from_bytes([3; 16]));
        let mut frames = vec![ServerFrame::UserId {
            user_id: UserId::from_bytes([4; 16]),
            name: Some(""),
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
                ServerFrame::Message(_) => ServerFrame::Edited {
                    head: head(room),
                    target: 1,
                    message: "",
                    html: Some(""),
                },
                ServerFrame::Edited { .. } => ServerFrame::Deleted {
                    head: head(room),
                    target: 1,
                },
                ServerFrame::Deleted { .. } => ServerFrame::Reacted {
                    head: head(room),
                    target: 1,
                    emoji: "👍",
                    on: true,
                },
                ServerFrame::Reacted { .. } => ServerFrame::Topic {
                    head: head(room),
                    topic: "",
                },
                ServerFrame::Topic { .. } => ServerFrame::Ack { client_id, seq: 1 },
                ServerFrame::Ack { .. } => ServerFrame::Error {
                    code: ErrorCode::Busy,
                    message: "",
                    client_id: Some(""),
                    room: Some(""),
                    retry_after_ms: Some(0),
                },
                ServerFrame::Error { .. } => ServerFrame::Presence {
                    room,
                    people: Vec::new(),
                    count: 0,
                },
                ServerFrame::Presence { .. } => ServerFrame::Typing {
                    room,
                    people: Vec::new(),
                },
                ServerFrame::Typing { .. } => ServerFrame::Read {
                    room,
                    read: 1,
                    unread: 0,
                },
                ServerFrame::Read { .. } => ServerFrame::Left { room },
                ServerFrame::Left { .. } => ServerFrame::Name {
                    user_id: UserId::from_bytes([4; 16]),
                    name: "",
                },
                ServerFrame::Name { .. } => ServerFrame::Beat,
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

    /// The frame, if it is one that clients send and all of its fields are read. Some types are sent both ways, with
    /// other fields.
    fn read_whole(frame: &Map<String, Value>) -> bool {
        let read = |frame: &Map<String, Value>| {
            let text = serde_json::to_string(frame).unwrap();
            serde_json::from_str::<ClientFrame<'_>>(&text)
                .ok()
                .map(|frame| format!("{frame:?}"))
        };
        let whole = read(frame);
        let without = |field: &String| {
            let mut without = frame.clone();
            without.remove(field);
            read(&without)
        };
        whole.is_some() && frame.keys().all(|field| without(field) != whole)
    }

    #[test]
    fn the_document_shows_every_field_the_server_writes_and_no_other() {
        let room = RoomName::lobby();
        for frame in one_of_each(&room) {
            let written = serde_json::to_value(frame).unwrap();
            let shown: BTreeSet<String> = documented()
                .into_iter()
                .filter(|frame| frame["type"] == written["type"] && !read_whole(frame))
                .flat_map(|frame| frame.into_iter().map(|(key, _)| key))
                .collect();
            let written: BTreeSet<String> = written.as_object().unwrap().keys().cloned().collect();
            assert_eq!(shown, written);
        }
    }

    #[test]
    fn every_frame_of_a_client_in_the_document_is_read_and_none_of_its_fields_is_ignored() {
        let documented = documented();
        for kind in ClientFrame::TYPES {
            let mut shown = documented
                .iter()
                .filter(|frame| frame["type"].as_str() == Some(kind));
            if ServerFrame::TYPES.contains(kind) {
                assert!(shown.any(read_whole), "{kind}");
            } else {
                shown.for_each(|frame| assert!(read_whole(frame), "{frame:?}"));
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
