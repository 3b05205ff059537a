//! Commands: what people asked for, and what came of it.

#[cfg(test)]
mod tests;

use protocol::limits::MENTIONS_MAX;
use protocol::{ClientId, Emoji, ErrorCode, EventId, MessageText, PersonName, RoomName, Topic, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::mentions::Calls;

/// The version of [`Command`]'s own format, for the day a log holds commands of several.
pub const COMMAND_FORMAT: u16 = 4;

/// What a person asked for, with everything that is not deterministic already decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Command {
    /// [`COMMAND_FORMAT`] of the node that took it.
    pub format: u16,
    /// The author's own id for it; with the author it is unique for ever.
    pub client_id: ClientId,
    /// Who asked, as the server knows them.
    pub author: UserId,
    /// The id of the event it will make.
    pub event_id: EventId,
    /// When a node took it, in Unix milliseconds by that node's clock.
    pub at: u64,
    /// What was asked for.
    pub action: Action,
}

/// What can be asked for. A `target` is the seq of a message of the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Action {
    /// Say something in a room. The room comes into being with the first event in it. Makes the author a follower of
    /// the room who has read up to here.
    Post {
        room: RoomName,
        /// The text.
        message: MessageText,
        /// The message it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<u64>,
        /// Whom the text calls.
        #[serde(default)]
        calls: Calls,
    },
    /// Say something else instead. Only the author may; the former text is kept.
    Edit {
        room: RoomName,
        /// The message.
        target: u64,
        /// The new text.
        message: MessageText,
        /// Whom the new text calls.
        #[serde(default)]
        calls: Calls,
    },
    /// Take a message back. Only the author may; the text is kept nowhere.
    Delete {
        room: RoomName,
        /// The message.
        target: u64,
    },
    /// Put an emoji to a message, or take one's own back.
    React {
        room: RoomName,
        /// The message.
        target: u64,
        emoji: Emoji,
        /// Whether it is to be there.
        on: bool,
    },
    /// Say what a room is about. The room comes into being by it if need be.
    SetTopic { room: RoomName, topic: Topic },
    /// Be called something else from now on. Concerns no room.
    Rename { name: PersonName },
    /// Have read a room up to here; never moves backwards, never beyond the head. Makes the author a follower.
    Read {
        room: RoomName,
        /// The last seq read.
        seq: u64,
    },
    /// As [`Action::Read`], for many people: whoever's command it is, it is not its author's.
    Positions { positions: Vec<ReadTo> },
    /// Have read a room up to here and no further.
    Unread {
        room: RoomName,
        /// The last seq read.
        seq: u64,
    },
    /// Follow a room no more.
    Leave { room: RoomName },
}

/// How far somebody has read a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadTo {
    pub user_id: UserId,
    pub room: RoomName,
    /// The last seq read.
    pub seq: u64,
    /// The session of this process that said so, which need not be told; 0 for none. No part of the command.
    #[serde(skip)]
    pub session: u64,
}

/// Commands that share one of these keep the order in which they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strand {
    /// What somebody says and does.
    Author(UserId),
    /// How far they are to have read, where something else than the highest of it counts.
    Reading(UserId),
}

impl Command {
    /// Everything whose order it is part of.
    pub fn strands(&self) -> impl Iterator<Item = Strand> + '_ {
        let (read, own): (&[ReadTo], _) = match &self.action {
            Action::Positions { positions } => (positions, None),
            Action::Unread { .. } | Action::Leave { .. } => (&[], Some(Strand::Reading(self.author))),
            _ => (&[], None),
        };
        let read = read.iter().map(|position| Strand::Reading(position.user_id));
        [Strand::Author(self.author)].into_iter().chain(own).chain(read)
    }
}

/// What tells two commands of one `clientId` apart: 16 bytes of a SHA-256 over the action.
pub type ContentDigest = [u8; 16];

impl Action {
    /// The room it concerns, if it concerns one.
    #[must_use]
    pub const fn room(&self) -> Option<&RoomName> {
        match self {
            Self::Post { room, .. }
            | Self::Edit { room, .. }
            | Self::Delete { room, .. }
            | Self::React { room, .. }
            | Self::SetTopic { room, .. }
            | Self::Read { room, .. }
            | Self::Unread { room, .. }
            | Self::Leave { room } => Some(room),
            Self::Positions { .. } | Self::Rename { .. } => None,
        }
    }

    /// Whether its `clientId` is remembered for ever. What only moves a read position is harmless when it comes twice,
    /// and comes too often to be remembered.
    #[must_use]
    pub const fn is_remembered(&self) -> bool {
        !matches!(
            self,
            Self::Read { .. } | Self::Positions { .. } | Self::Unread { .. } | Self::Leave { .. }
        )
    }

    /// Looks for the names that its text calls. Done where a command comes in, not where it is applied: what a text is
    /// understood to say may change with a version of this program, what a command did may not.
    pub(crate) fn find_calls(&mut self) {
        if let Self::Post { message, calls, .. } | Self::Edit { message, calls, .. } = self {
            calls.ids.truncate(MENTIONS_MAX);
            calls.words = markup::calls(message.as_str());
        }
    }

    /// How much it weighs in a batch, in bytes.
    #[must_use]
    pub fn weight_bytes(&self) -> usize {
        match self {
            Self::Post { message, .. } | Self::Edit { message, .. } => message.as_str().len(),
            Self::SetTopic { topic, .. } => topic.as_str().len(),
            Self::Positions { positions } => {
                let names = positions.iter().map(|position| position.room.as_str().len());
                names.sum::<usize>() + positions.len() * 24
            }
            Self::Delete { .. }
            | Self::React { .. }
            | Self::Rename { .. }
            | Self::Read { .. }
            | Self::Unread { .. }
            | Self::Leave { .. } => 0,
        }
    }

    /// The digest by which a repeat is told from a reuse of its `clientId`. It outlives the text: a deleted
    /// message's command is still known.
    #[must_use]
    pub fn digest(&self) -> ContentDigest {
        // None of the parts holds a NUL, so they cannot run into each other.
        let mut parts = Parts(Sha256::new());
        match self {
            Self::Post {
                room,
                message,
                reply_to,
                // Whom it calls by id is no part of what is said: a repeat may come from a client that does not know it.
                calls: _,
            } => {
                parts.first("post").then(room.as_str()).then(message.as_str());
                // A post that answers nothing has the digest it had before there were answers.
                if let Some(target) = reply_to {
                    parts.then(&target.to_string());
                }
            }
            Self::Edit {
                room,
                target,
                message,
                calls: _,
            } => {
                parts.first("edit").then(room.as_str()).then(&target.to_string());
                parts.then(message.as_str());
            }
            Self::Delete { room, target } => {
                parts
                    .first("delete")
                    .then(room.as_str())
                    .then(&target.to_string());
            }
            Self::React {
                room,
                target,
                emoji,
                on,
            } => {
                parts.first("react").then(room.as_str()).then(&target.to_string());
                parts.then(emoji.as_str()).then(if *on { "on" } else { "off" });
            }
            Self::SetTopic { room, topic } => {
                parts.first("topic").then(room.as_str()).then(topic.as_str());
            }
            Self::Rename { name } => {
                parts.first("rename").then(name.as_str());
            }
            Self::Read { room, seq } => {
                parts.first("read").then(room.as_str()).then(&seq.to_string());
            }
            // It is not remembered.
            Self::Positions { .. } => {
                parts.first("positions");
            }
            Self::Unread { room, seq } => {
                parts.first("unread").then(room.as_str()).then(&seq.to_string());
            }
            Self::Leave { room } => {
                parts.first("leave").then(room.as_str());
            }
        }
        let mut digest = ContentDigest::default();
        digest.copy_from_slice(&parts.0.finalize()[..16]);
        digest
    }
}

/// What a digest is made of, each part behind a NUL but for the first.
struct Parts(Sha256);

impl Parts {
    fn first(&mut self, part: &str) -> &mut Self {
        self.0.update(part);
        self
    }

    fn then(&mut self, part: &str) -> &mut Self {
        self.0.update(b"\0");
        self.first(part)
    }
}

/// What came of a command.
pub type Outcome = Result<Accepted, Refusal>;

/// The command is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The place of its event in its room. What changed nothing, or a read position, has the room's head here; a
    /// rename has 0.
    pub seq: u64,
    /// Whether this very command had been accepted before, and this is the first one's result.
    pub repeated: bool,
}

/// The command changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The author used this `clientId` for something else.
    ClientIdReused,
    /// The target is not a message of the room.
    NoSuchMessage,
    /// The target is somebody else's.
    NotYours,
    /// The target has been deleted.
    Deleted,
    /// The target has as many reactions as it may.
    TooManyReactions,
    /// Too many commands are waiting: the same one may be sent again in a moment.
    Busy,
    /// The disk is full: the same one may be sent again later.
    ReadOnly,
    /// The writer has stopped, and it is not known whether the command was applied. Sending it again is harmless.
    Unavailable,
}

impl From<Refusal> for ErrorCode {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::ClientIdReused => Self::ClientIdReused,
            Refusal::NoSuchMessage => Self::NoSuchMessage,
            Refusal::NotYours => Self::NotYours,
            Refusal::Deleted => Self::Deleted,
            Refusal::TooManyReactions => Self::TooManyReactions,
            Refusal::Busy | Refusal::Unavailable => Self::Busy,
            Refusal::ReadOnly => Self::ReadOnly,
        }
    }
}

/// Where the outcome of a command goes: called exactly once, so it must neither block nor panic, for the thread may be
/// the writer's. (It is the submitter's where the command was not let in.) It must not hold the [`crate::Chat`] either:
/// the last one to let go of that waits for the writer.
/// One that is dropped unanswered answers [`Refusal::Unavailable`].
pub struct Reply(Option<Box<dyn FnOnce(Outcome) + Send>>);

impl Reply {
    /// A reply that hands the outcome to `answer`.
    pub fn new(answer: impl FnOnce(Outcome) + Send + 'static) -> Self {
        Self(Some(Box::new(answer)))
    }

    /// Answers.
    pub fn send(mut self, outcome: Outcome) {
        if let Some(answer) = self.0.take() {
            answer(outcome);
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            answer(Err(Refusal::Unavailable));
        }
    }
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reply")
    }
}
