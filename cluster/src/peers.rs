//! The other nodes, as this one hears of them.

use crate::NodeId;
use crate::core::formats::Formats;

/// All that are there.
#[derive(Clone, Debug, Default)]
pub struct Peers {
    /// The last position at which one of them has agreed with this one: see [`Comparison::confirmed`].
    ///
    /// [`Comparison::confirmed`]: crate::core::comparison::Comparison::confirmed
    pub confirmed: Option<u64>,
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
}
