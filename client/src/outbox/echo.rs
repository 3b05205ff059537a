//! Local echo: messages with our pending changes applied.

use std::sync::Arc;

use protocol::ClientId;

use crate::model::message::Message;
use crate::model::operation::Operation;
use crate::model::page::HistoryPage;
use crate::outbox::entry::Entry;
use crate::outbox::queue::Outbox;

/// A message with local echo: pending changes of ours are applied, refused ones are not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EchoedMessage {
    pub message: Arc<Message>,
    /// The last pending change that is applied. Where this and the message's `seq` and `rev` are equal, the same is
    /// shown.
    pub echo_of: Option<ClientId>,
}

impl EchoedMessage {
    /// The messages of a page, without echo.
    #[must_use]
    pub fn all(page: &HistoryPage) -> Vec<Self> {
        let show = |message: &Message| Self {
            message: Arc::new(message.clone()),
            echo_of: None,
        };
        page.messages.iter().map(show).collect()
    }
}

impl Outbox {
    /// Applies the pending changes to a room's messages, which are in order of `seq`.
    #[must_use]
    pub(crate) fn shown(&self, room: &str, rows: &[Arc<Message>]) -> Vec<EchoedMessage> {
        let show = |message: &Arc<Message>| EchoedMessage {
            message: Arc::clone(message),
            echo_of: None,
        };
        let mut shown: Vec<EchoedMessage> = rows.iter().map(show).collect();
        let Some(me) = self.me else { return shown };
        for entry in self.entries.iter().filter(|entry| entry.row.is_change()) {
            if !entry.is_echoed(self.me) || entry.row.room != room {
                continue;
            }
            let target = entry.row.target;
            let Ok(at) = shown.binary_search_by_key(&target, |row| row.message.seq) else {
                continue;
            };
            let row = &mut shown[at];
            // What is there already is in the row, and later changes to it, too.
            if entry.acked.is_none_or(|at| at > row.message.rev) {
                entry.row.apply(Arc::make_mut(&mut row.message), me);
                row.echo_of = Some(entry.row.client_id);
            }
        }
        shown
    }

    /// The text of the last row of this operation in this room that is not refused: a pending topic or name.
    pub(crate) fn last(&self, operation: Operation, room: &str) -> Option<&str> {
        let is_it = |entry: &&Entry| {
            let is_meant = entry.is_echoed(self.me);
            entry.row.operation == operation && entry.row.room == room && is_meant
        };
        let entry = self.entries.iter().rev().find(is_it)?;
        Some(&entry.row.message)
    }
}
