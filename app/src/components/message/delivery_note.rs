//! What has become of something that the room does not have yet, and what can be done about it.

use client::outbox::{PendingRow, SendState};
use maud::{Markup, html};
use protocol::ClientId;

use crate::connection::Connection;
use crate::words::Words;

/// What is said of a pending row.
#[derive(Clone, Copy)]
pub(crate) struct DeliveryNote {
    pub(super) state: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) is_stuck: bool,
    pub(super) can_discard: bool,
}

impl DeliveryNote {
    pub(crate) fn new(row: &PendingRow, connection: Connection, words: &Words) -> Self {
        let (state, reason) = words.delivery_note(row.state, connection);
        Self {
            state,
            reason,
            is_stuck: !matches!(row.state, SendState::Waiting | SendState::Sent),
            can_discard: row.can_discard,
        }
    }

    /// Why it is stuck, and what can be done about it.
    pub(crate) fn draw(self, client_id: ClientId, words: &Words) -> Markup {
        let client_id = client_id.to_string();
        html! {
            @if self.is_stuck || self.can_discard {
                p .message-note {
                    span { (self.reason) }
                    @if self.is_stuck {
                        button type="button" data-act="retry" data-client=(client_id) { (words.retry()) }
                    }
                    @if self.can_discard {
                        button type="button" data-act="discard" data-client=(client_id) { (words.discard()) }
                    }
                }
            }
        }
    }
}
