//! How a node is.

/// How a node is, for its log, `/readyz` and the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It has not what the cluster has, and serves nothing: this is what it does about it, in a few words.
    Joining(String),
    /// It serves.
    Ready,
    /// NATS is away: what is here can be read, and nothing can be said.
    Apart,
    /// It serves nothing until somebody has looked.
    Stopped(Stopped),
}

/// Why a node has stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It has other history than most nodes at this position.
    Differs { position: u64 },
    /// The log is not what it was when this node applied it: the message at this position is another, or gone.
    Rewritten { position: u64 },
    /// The log has no message at this position though there are later ones.
    Hole { position: u64 },
    /// The log has a message of a format that this version does not know.
    UnknownFormat { position: u64, format: u32 },
}
