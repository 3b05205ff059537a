//! What the server sends.

use serde::Serialize;

use super::event::{EventHead, MessageEvent};
use super::room_summary::RoomSummary;
use crate::error::ErrorCode;
use crate::id::{ClientId, Epoch, UserId};
use crate::limits;
use crate::room::RoomName;

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
        /// What answers quote of it, where that is not how the text begins; see [`Quote::message`].
        #[serde(skip_serializing_if = "Option::is_none")]
        excerpt: Option<&'a str>,
        /// Whom the new text mentions; see [`MessageEvent::mentions`].
        #[serde(skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<UserId>,
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
        /// All of them; nobody where there are more than 50.
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
        /// Whether the person has marked what comes after it as unread: what a device has seen there and not told is not to be
        /// told any more.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        marked: bool,
    },
    /// Which message of a room mentions this person last has changed. Ephemeral.
    Mention {
        /// The room.
        room: &'a RoomName,
        /// The last message's `seq`; 0 when none is left.
        mention: u64,
        /// The `seq` of the event by which that is so.
        rev: u64,
    },
    /// This person follows a room no more. Ephemeral.
    Left {
        /// The room.
        room: &'a RoomName,
    },
    /// How rooms are now that this person follows and this connection has not joined. Ephemeral.
    Rooms {
        /// Those in which something changed.
        rooms: Vec<RoomSummary<'a>>,
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
        "presence", "typing", "read", "mention", "left", "rooms", "name", "beat", "bye",
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
