//! How a node is.

use std::fmt;

/// How a node is, for its log, `/readyz` and the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It has not what the cluster has, and serves nothing: this is what it does about it, in a few words.
    Joining(String),
    /// It serves.
    Ready,
    /// NATS is away: what is here can be read, and nothing can be said.
    Apart,
    /// It serves nothing until somebody has looked; but see [`Stopped::is_cured_by_restart`].
    Stopped(Stopped),
}

/// What is done where NATS has lost what it acknowledged, and the nodes have it yet.
pub(crate) const SEED_ANEW: &str = "stop all nodes, copy their data folders, and make a copy of the one that was furthest the first \
    state of a new cluster, as docs/cluster.md says under \"Losing everything in NATS\"";

/// Why a node has stopped. Its text is a sentence that says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It has other history than most nodes at this position.
    Differs { position: u64 },
    /// The log is not what it was when this node applied it: the message at this position is another, or gone.
    Rewritten { position: u64 },
    /// The log has no message at this position though there are later ones.
    Hole { position: u64 },
    /// The log has a message of a format that this version does not know.
    UnknownFormat { position: u64, format: u32 },
    /// The log's first message is a later one than the one this node needs: it was away for longer than the log lasts.
    LeftBehind { position: u64, first: u64 },
}

impl Stopped {
    /// Whether the process should end, so that it is started again: at its start a node that was away for longer than the log
    /// lasts takes a snapshot by itself. It does so only there, because everything in the process holds the chat it has.
    #[must_use]
    pub const fn is_cured_by_restart(&self) -> bool {
        matches!(self, Self::LeftBehind { .. })
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Differs { position } => write!(
                f,
                "this node has other history than the cluster at position {position} of the log; look at its disk, then start it \
                 with --rebuild, which builds its database anew from another node's"
            ),
            Self::Rewritten { position } => write!(
                f,
                "the cluster's log does not have what this node applied at position {position}: NATS has lost or replaced messages. \
                 Where other nodes go on, keep a copy of this one's data folder and start it with --rebuild; else {SEED_ANEW}"
            ),
            Self::Hole { position } => write!(
                f,
                "the cluster's log has no message at position {position} though it has later ones: NATS has lost it. Look at the \
                 NATS servers' logs and disks; then start this node with --rebuild, if another node has what it needs"
            ),
            Self::UnknownFormat { position, format } => write!(
                f,
                "the cluster's log has a message of format {format} at position {position}, which this madang cannot read: start \
                 this node with the version that the others have"
            ),
            Self::LeftBehind { position, first } => write!(
                f,
                "this node has the cluster's log up to position {position}, and the log now begins at {first}: it was away for \
                 longer than the log lasts. Start it again, and it builds its database anew from a snapshot"
            ),
        }
    }
}
