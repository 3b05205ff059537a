//! The other nodes, as this one hears of them.

use crate::NodeId;
use crate::core::formats::Formats;

/// All that are there.
#[derive(Clone, Debug, Default)]
pub struct Peers {
    /// Whether any of them has other history than this one, or it is not known who is right.
    pub is_in_doubt: bool,
    /// At most [`crate::limits::NODES_MAX`].
    pub others: Vec<Peer>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Peer {
    pub node: NodeId,
    /// What it is called in logs.
    pub name: String,
    pub formats: Formats,
    pub is_ready: bool,
    /// The last position at which its history was seen to be that of this node.
    pub agreed: u64,
}

impl Peers {
    /// Whether the others have the same history up to there, as far as can be asked: one says so, or none serves.
    #[must_use]
    pub fn confirm(&self, position: u64) -> bool {
        let mut serving = self.others.iter().filter(|peer| peer.is_ready).peekable();
        serving.peek().is_none() || serving.any(|peer| peer.agreed >= position)
    }
}
