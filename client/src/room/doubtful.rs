//! One's own messages that were shown and may be gone: the server may have been given an older copy of its database.
//!
//! They are looked for in pages of history of their own, read once the room is joined anew: what those show is the server's
//! word, whatever was sent meanwhile. An older copy ends at some place, so where one message is still there all before it
//! are, and one page is enough to know that nothing is gone.

use std::sync::Arc;

use protocol::UserId;

use crate::limits::ROWS_MAX;
use crate::model::message::Message;
use crate::model::operation::Operation;
use crate::model::page::HistoryPage;
use crate::outbox::row::{OutboxRow, VANISHED};

/// The messages to be looked for, in order of `seq`; about [`ROWS_MAX`] at most.
#[derive(Debug, Default)]
pub(crate) struct Doubtful {
    rows: Vec<Arc<Message>>,
    /// The page that was asked for last. It stays when that could not be had: it is asked for again on another line.
    pub(crate) fetch: Option<u32>,
}

impl Doubtful {
    /// The room is loaded anew: what is ours of its rows is doubtful.
    pub(crate) fn add(&mut self, me: Option<UserId>, rows: &[Arc<Message>]) {
        for row in rows {
            let is_known = || self.rows.iter().any(|known| known.client_id == row.client_id);
            if Some(row.user_id) == me && self.rows.len() < ROWS_MAX && !is_known() {
                // What was added before may be of another part of the room.
                let at = self.rows.partition_point(|known| known.seq < row.seq);
                self.rows.insert(at, Arc::clone(row));
            }
        }
    }

    /// The place to be read next.
    pub(crate) fn next(&self) -> Option<u64> {
        self.rows
            .last()
            .filter(|_| self.fetch.is_none())
            .map(|row| row.seq)
    }

    /// Takes the page around that place. What is gone, as rows of the outbox that are stuck: a message, or what
    /// was changed about one that is there.
    pub(crate) fn judge(&mut self, room: &str, page: &HistoryPage) -> Vec<OutboxRow> {
        self.fetch = None;
        let first = page.messages.first().filter(|_| page.has_older);
        let first = first.map_or(0, |message| message.seq);
        let mut gone = Vec::new();
        while let Some(row) = self.rows.pop() {
            let found = page.messages.iter().find(|now| now.client_id == row.client_id);
            let operation = match found {
                None if row.is_deleted() => None,
                None => Some(Operation::Post),
                Some(now) if now.is_deleted() => None,
                Some(_) if row.is_deleted() => Some(Operation::Delete),
                Some(now) => Some(Operation::Edit).filter(|_| now.edited_at() < row.edited_at()),
            };
            gone.extend(operation.map(|operation| OutboxRow {
                client_id: row.client_id,
                operation,
                room: room.to_owned(),
                user_id: Some(row.user_id),
                // What it answered may be something else now.
                target: if found.is_some() { row.seq } else { 0 },
                message: row.message.clone(),
                mentions: String::new(),
                tried: true,
                failed: Some(VANISHED),
            }));
            let next = self.rows.last().map_or(0, |row| row.seq);
            if next < first {
                if found.is_some() {
                    self.rows.clear();
                }
                break;
            }
        }
        gone
    }
}

#[cfg(test)]
mod tests;
