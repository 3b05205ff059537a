//! Rows of the outbox as a person sees them.

use protocol::ClientId;

use crate::model::operation::Operation;
use crate::outbox::row::{OutboxRow, SendState};

/// A row that the room does not have yet, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingRow {
    /// What it asks for.
    pub operation: Operation,
    pub client_id: ClientId,
    /// The `seq` of the message it changes or answers; 0 for none.
    pub target: u64,
    /// The text, emoji, topic or name.
    pub text: String,
    /// When it was written, in Unix milliseconds.
    pub written_at: u64,
    /// What has become of it.
    pub state: SendState,
    /// Whether it may be discarded.
    pub can_discard: bool,
}

impl PendingRow {
    /// A row with what the outbox says of it.
    #[must_use]
    pub fn new(row: &OutboxRow, state: SendState, can_discard: bool) -> Self {
        Self {
            operation: row.operation,
            client_id: row.client_id,
            target: row.target,
            text: row.message.clone(),
            written_at: row.written_at(),
            state,
            can_discard,
        }
    }
}
