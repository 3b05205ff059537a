//! What was written and is not yet known to be on the server's disk.

pub(crate) mod echo;
mod entry;
pub(crate) mod pending;
pub(crate) mod queue;
pub(crate) mod row;
mod sharing;
pub(crate) mod storage;
pub(crate) mod stuck;

#[cfg(test)]
mod tests;

pub use echo::EchoedMessage;
pub use pending::PendingRow;
pub use row::{OutboxRow, Seed, SendState, VANISHED, may_be_sent};
pub use storage::Stored;
