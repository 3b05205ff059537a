//! A row in the outbox, with what this tab knows of it.

use protocol::UserId;

use crate::outbox::row::{OutboxRow, SendState};

/// Whether a row would survive this tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// It is being stored; given up at this time.
    Soon(u64),
    Yes,
    /// It could not be stored.
    No,
}

/// The place of a row that another tab saw acknowledged while we did not listen.
pub(super) const SOMEWHERE: u64 = u64::MAX;

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) row: OutboxRow,
    pub(super) kept: Kept,
    /// Its place in its room, once it is acknowledged.
    pub(super) acked: Option<u64>,
    /// Written in this tab: to be told again to every new leader.
    pub(super) is_own: bool,
    /// Whether the other tabs are still to be told of it as it is now.
    pub(super) untold: bool,
    /// It was stored when the load that is under way began: if that does not find it, it is done.
    pub(super) is_expected: bool,
}

impl Entry {
    pub(super) fn of_others(row: OutboxRow, kept: Kept) -> Self {
        Self {
            row,
            kept,
            acked: None,
            is_own: false,
            untold: false,
            is_expected: false,
        }
    }

    /// For a person who is `me` now.
    pub(super) fn state(&self, me: Option<UserId>) -> SendState {
        match &self.row {
            _ if self.acked.is_some() => SendState::Sent,
            OutboxRow {
                failed: Some(code), ..
            } => SendState::Failed(*code),
            row if !row.is_foreign(me) => SendState::Waiting,
            row if row.tried => SendState::MaybeSent,
            _ => SendState::NotSent,
        }
    }

    /// It is shown as if the server had done it.
    pub(super) fn is_echoed(&self, me: Option<UserId>) -> bool {
        matches!(self.state(me), SendState::Waiting | SendState::Sent)
    }
}
