//! The events of a room.

use protocol::{ClientId, EventId, UserId};

use crate::model::message::Message;

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
    /// What they were called then, if they had a name.
    pub name: Option<Box<str>>,
    /// When the server took it, in Unix milliseconds.
    pub at: u64,
    /// The `seq` of the message it changes; 0 when it is not one.
    pub target: u64,
    /// What changed.
    pub kind: ChangeKind,
}

/// What a [`Change`] changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// The message reads otherwise.
    Edited {
        /// The text.
        message: String,
        /// How it looks, where that is not just its text.
        html: Option<Box<str>>,
        /// Whom it mentions now.
        mentions: Vec<UserId>,
        /// What answers quote of it, where that is not how its text begins.
        excerpt: Option<Box<str>>,
    },
    /// The message was taken back.
    Deleted,
    /// Somebody put an emoji to the message, or took theirs back.
    Reacted {
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

impl Event {
    /// Who made it, and what they were called then.
    #[must_use]
    pub fn author(&self) -> Option<(UserId, Option<&str>)> {
        match self {
            Self::Message(message) => Some((message.user_id, message.name.as_deref())),
            Self::Change(change) => Some((change.user_id, change.name.as_deref())),
            Self::Other { .. } => None,
        }
    }
}

impl Change {
    /// Applies it to its message, whose `rev` must be older.
    pub(crate) fn apply_to(&self, message: &mut Message) {
        message.rev = self.seq;
        match &self.kind {
            ChangeKind::Edited {
                message: text,
                html,
                mentions,
                ..
            } => message.edit(text, html.clone(), mentions, self.at),
            ChangeKind::Deleted => message.delete(),
            ChangeKind::Reacted { emoji, on } => message.react(emoji, self.user_id, *on),
            ChangeKind::Topic(_) => {}
        }
    }
}
