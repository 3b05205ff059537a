//! A chat whose order is a log that other nodes write too.
//!
//! Every node applies the same messages in the same order, and keeps a running hash of them beside the position: two nodes with
//! the same hash at the same position have applied the same log.

use std::time::Instant;

use sha2::{Digest as _, Sha256};

use crate::command::{Command, ContentDigest, Reply};

/// SHA-256 over all the messages of a log up to a position.
pub type LogHash = [u8; 32];

/// How far a log has been applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogPoint {
    /// The last message applied: 1, 2, 3, … over the life of the log; 0 before the first.
    pub position: u64,
    /// Of all messages up to that one; zeros before the first.
    pub hash: LogHash,
}

impl LogPoint {
    /// The point after the message that follows this one.
    #[must_use]
    pub fn then(&self, payload: &[u8]) -> Self {
        let position = self.position + 1;
        let mut hash = Sha256::new();
        hash.update(self.hash);
        hash.update(position.to_be_bytes());
        hash.update(payload);
        Self {
            position,
            hash: hash.finalize().into(),
        }
    }
}

/// What a message is known by when it comes again, at another position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogOrigin {
    /// Who said it; never twice the same, also of one that was started again.
    pub node: u64,
    /// Its number among what that node said. No message that was never applied is [`crate::limits::LOG_NUMBERS_KEPT`] or more
    /// behind one that was.
    pub number: u64,
}

/// What a node said at once: one message of the log. It is applied whole, with the point it leads to.
#[derive(Debug)]
pub struct LogMessage {
    /// The point after it.
    pub point: LogPoint,
    /// `None` for a message that is none of ours.
    pub origin: Option<LogOrigin>,
    /// What it asks for, in order; nothing in a message that is none of ours.
    pub commands: Vec<LogCommand>,
}

/// A command of a message.
#[derive(Debug)]
pub struct LogCommand {
    pub command: Command,
    /// Of its action.
    pub digest: ContentDigest,
    /// Where the outcome goes, if this node was the one that was asked.
    pub reply: Option<Reply>,
}

/// What came of waiting for a message.
#[derive(Debug)]
pub enum LogNext {
    Message(LogMessage),
    /// Nothing has come yet.
    Nothing,
    /// There will be no more.
    End,
}

/// The way out of a log, in order and without holes. Owned by the thread that applies; blocks it.
pub trait Log: Send {
    /// The message after the last one that was taken, as soon as there is one, waited for until `deadline`. A message is taken
    /// once: whoever cannot apply it yet keeps it.
    fn next(&mut self, deadline: Instant) -> LogNext;
}
