//! Sharing the outbox among tabs: every tab has a copy, the leader's decides.

use protocol::ClientId;

use crate::effect::Effect;
use crate::outbox::entry::{Entry, Kept};
use crate::outbox::queue::Outbox;
use crate::outbox::row::{OutboxRow, VANISHED};
use crate::step::Step;

/// A row that the other tabs are to be told of.
#[derive(Debug)]
pub(crate) struct SharedRow {
    pub(crate) is_stored: bool,
    pub(crate) text: String,
}

impl Outbox {
    /// Another tab shares a row.
    pub(crate) fn merge(&mut self, step: &mut Step<'_>, row: OutboxRow, is_stored: bool) {
        match self.find(row.client_id) {
            Some(entry) => {
                entry.row.tried |= row.tried;
                entry.row.user_id = entry.row.user_id.or(row.user_id);
                // What had gone from the server is sent again by the tab that says this.
                let is_sent_again = entry.row.failed == Some(VANISHED) && row.failed.is_none();
                entry.row.failed = entry.row.failed.filter(|_| !is_sent_again).or(row.failed);
            }
            None => {
                let kept = if is_stored { Kept::Yes } else { Kept::No };
                self.insert(Entry::of_others(row, kept));
            }
        }
        step.push(Effect::TimelineChanged);
    }

    /// The rows to share. A row that is being stored is shared once that is done, and later rows
    /// after it.
    pub(crate) fn tell(&mut self) -> Vec<SharedRow> {
        let mut told = Vec::new();
        for entry in &mut self.entries {
            if let (Kept::Soon(_), true) = (entry.kept, entry.is_own) {
                break;
            }
            if std::mem::take(&mut entry.untold) && entry.acked.is_none() {
                told.push(SharedRow {
                    is_stored: entry.kept != Kept::No,
                    text: entry.row.write(),
                });
            }
        }
        told
    }

    /// The ids of all unacknowledged rows, each followed by a space.
    pub(crate) fn list(&self) -> String {
        let mut list = String::new();
        for entry in self.entries.iter().filter(|entry| entry.acked.is_none()) {
            list += &entry.row.client_id.to_string();
            list.push(' ');
        }
        list
    }

    /// Drops rows that the leader does not list, but for those written here: it will be told of them.
    pub(crate) fn keep_listed(&mut self, step: &mut Step<'_>, list: &str) {
        self.entries.retain(|entry| {
            let id = entry.row.client_id.to_string();
            entry.is_own || entry.acked.is_some() || list.split(' ').any(|listed| listed == id)
        });
        step.push(Effect::TimelineChanged);
    }

    /// Another tab took this row for discarded, and it is not: tells of it again.
    pub(crate) fn tell_of(&mut self, client_id: ClientId) {
        if let Some(entry) = self.find(client_id) {
            entry.untold = true;
        }
    }

    /// There is a new leader: shares the rows written here again.
    pub(crate) fn tell_again(&mut self) {
        for entry in &mut self.entries {
            entry.untold |= entry.is_own;
        }
    }
}
