//! Commands: what people asked for, and what came of it.

use protocol::{ClientId, ErrorCode, EventId, MessageText, RoomName, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The version of [`Command`]'s own format, for the day a log holds commands of several.
pub const COMMAND_FORMAT: u16 = 1;

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

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Action {
    /// Say something in a room. The room comes into being with the first message in it.
    Post {
        /// The room.
        room: RoomName,
        /// The text.
        message: MessageText,
    },
}

/// What tells two commands of one `clientId` apart: 16 bytes of a SHA-256 over the action.
pub type ContentDigest = [u8; 16];

impl Action {
    /// The room it concerns.
    #[must_use]
    pub const fn room(&self) -> &RoomName {
        match self {
            Self::Post { room, .. } => room,
        }
    }

    /// How much it weighs in a batch, in bytes.
    #[must_use]
    pub fn weight_bytes(&self) -> usize {
        match self {
            Self::Post { message, .. } => message.as_str().len(),
        }
    }

    /// The digest by which a repeat is told from a reuse of its `clientId`. It outlives the text: a deleted
    /// message's command is still known.
    #[must_use]
    pub fn digest(&self) -> ContentDigest {
        let mut hash = Sha256::new();
        match self {
            Self::Post { room, message } => {
                // No room name holds a NUL, so the parts cannot run into each other.
                hash.update(b"post\0");
                hash.update(room.as_str());
                hash.update(b"\0");
                hash.update(message.as_str());
            }
        }
        let mut digest = ContentDigest::default();
        digest.copy_from_slice(&hash.finalize()[..16]);
        digest
    }
}

/// What came of a command.
pub type Outcome = Result<Accepted, Refusal>;

/// The command is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The place of its event in its room.
    pub seq: u64,
    /// Whether this very command had been accepted before, and this is the first one's result.
    pub repeated: bool,
}

/// The command changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The author used this `clientId` for something else.
    ClientIdReused,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn post(room: &str, message: &str) -> Action {
        Action::Post {
            room: RoomName::parse(room).unwrap(),
            message: MessageText::parse(message).unwrap(),
        }
    }

    #[test]
    fn the_digest_tells_rooms_and_texts_apart() {
        assert_eq!(post("a", "b").digest(), post("a", "b").digest());
        assert_ne!(post("a", "b").digest(), post("a", "c").digest());
        assert_ne!(post("a", "b").digest(), post("ab", "b").digest());
    }

    #[test]
    fn a_reply_that_is_dropped_says_that_nothing_is_known() {
        let (tx, rx) = std::sync::mpsc::channel();
        drop(Reply::new(move |outcome| tx.send(outcome).unwrap()));
        assert_eq!(rx.recv().unwrap(), Err(Refusal::Unavailable));
    }

    #[test]
    fn a_command_survives_its_own_format() {
        let command = Command {
            format: COMMAND_FORMAT,
            client_id: crate::mint::client_id(),
            author: crate::mint::user_id(),
            event_id: crate::mint::event_id(),
            at: 1,
            action: post("개발", "안녕"),
        };
        let text = serde_json::to_string(&command).unwrap();
        assert_eq!(serde_json::from_str::<Command>(&text).unwrap(), command);
    }
}
