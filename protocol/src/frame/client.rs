//! What clients send.

use std::borrow::Cow;

use serde::Deserialize;

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
        /// The ids of people whom the text calls by `@` and their name, where the name alone may not say whom.
        #[serde(default, borrow)]
        mentions: Vec<Cow<'a, str>>,
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
        /// As in a `post`. Whom the former text mentioned need not be said again.
        #[serde(default, borrow)]
        mentions: Vec<Cow<'a, str>>,
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
