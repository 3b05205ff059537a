//! What keeps a node from joining its cluster, in sentences that say what to do.

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stream's name is none.
    #[error("{0:?} cannot name a stream: use 1 to 32 letters, digits, - and _")]
    StreamName(String),
    /// The part that joins a cluster is not there yet.
    #[error("this version of madang cannot join a cluster yet; start it without --nats")]
    NotBuilt,
    /// The chat's own folder or database.
    #[error(transparent)]
    Chat(#[from] chat::Error),
}
