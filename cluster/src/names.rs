//! What a cluster has in NATS, and what its nodes are called.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::limits::STREAM_NAME_BYTES_MAX;

/// The subjects, stream and buckets of one cluster, all named after its stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    stream: String,
}

impl Names {
    /// Of a stream of this name: letters, digits, `-` and `_`, 1 to [`STREAM_NAME_BYTES_MAX`] of them. `None` for any other.
    #[must_use]
    pub fn of(stream: &str) -> Option<Self> {
        let is_plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
        let fits = (1..=STREAM_NAME_BYTES_MAX).contains(&stream.len()) && stream.chars().all(is_plain);
        fits.then(|| Self {
            stream: stream.to_owned(),
        })
    }

    /// The stream that is the log.
    #[must_use]
    pub fn stream(&self) -> &str {
        &self.stream
    }

    /// The log's subject.
    #[must_use]
    pub fn log_subject(&self) -> String {
        format!("{}.log", self.stream)
    }

    /// Where nodes say how they are.
    #[must_use]
    pub fn heartbeat_subject(&self) -> String {
        format!("{}.node", self.stream)
    }

    /// Where nodes say who is with them and who types.
    #[must_use]
    pub fn ephemeral_subject(&self) -> String {
        format!("{}.ephemeral", self.stream)
    }

    /// The bucket of what the cluster is: its epoch, its signing key, who makes the next snapshot.
    #[must_use]
    pub fn settings_bucket(&self) -> String {
        format!("{}-settings", self.stream)
    }

    /// The bucket of snapshots.
    #[must_use]
    pub fn snapshots_bucket(&self) -> String {
        format!("{}-snapshots", self.stream)
    }
}

/// One run of one node: made anew each time it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(u64);

impl NodeId {
    /// By this number; nodes take a random one.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// A random one.
    pub(crate) fn random() -> Result<Self, Error> {
        let number = getrandom::u64().map_err(|_| Error::NoRandomness)?;
        Ok(Self(number))
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// One data folder, which its node keeps from run to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FolderId(u64);

impl FolderId {
    /// By this number; folders have a random one.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
