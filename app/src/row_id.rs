//! The ids of elements that stand for something sent or to be sent: what draws them and what looks them up agree on them here.

use protocol::ClientId;

/// The element id of the row of the message of this `seq`.
pub(crate) fn row_id(seq: u64) -> String {
    String::from("m") + &seq.to_string()
}

/// The element id of what stands for a row of the outbox.
pub(crate) fn pending_row_id(client_id: ClientId) -> String {
    String::from("p") + &client_id.to_string()
}
