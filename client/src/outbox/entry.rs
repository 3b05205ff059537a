//! A row in the outbox, with what this tab knows of it.

use protocol::UserId;

use crate::outbox::row::{OutboxRow, SendState};

/// Whether a row is in the browser's storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// Being stored; given up at this time (ms).
    Soon(u64),
    Yes,
    /// The browser could not store it.
    No,
}

/// `acked` of a row that another tab saw acknowledged while this one did not listen: its `seq` is not known.
pub(super) const SOMEWHERE: u64 = u64::MAX;

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) row: OutboxRow,
    pub(super) kept: Kept,
    /// Its `seq`, once acknowledged.
    pub(super) acked: Option<u64>,
    /// Written in this tab: every new leader is told of it.
    pub(super) is_own: bool,
    /// The other tabs do not know its current state yet.
    pub(super) untold: bool,
    /// It was found in storage, or written there, since the line came up: it may be sent without another look.
    pub(super) is_confirmed: bool,
    /// It was stored when the current load began: if that does not find it, it was sent.
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
            is_confirmed: false,
            is_expected: false,
        }
    }

    /// The state for a person whose identity is `me`.
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

    /// Shown as if the server had done it.
    pub(super) fn is_echoed(&self, me: Option<UserId>) -> bool {
        matches!(self.state(me), SendState::Waiting | SendState::Sent)
    }
}
