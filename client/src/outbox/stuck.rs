//! What is not sent automatically any more, and what a person can do about it: try it again, or let it go.

use protocol::{ClientId, ErrorCode};

use crate::effect::Effect;
use crate::model::operation::Operation;
use crate::outbox::entry::{Entry, Kept};
use crate::outbox::queue::{Outbox, store};
use crate::outbox::row::{Draft, SendState, VANISHED};
use crate::step::Step;

/// What becomes of a row that is to be discarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Discarding {
    /// It is gone, the other tabs are to be told.
    Done,
    /// It is gone from this tab; the storage will say whether it may.
    Asked,
    /// It is stored nowhere, so the tab that sends decides.
    LeadersToSay,
}

impl Outbox {
    /// The rows that are stuck, of all rooms, in the order in which they were written.
    pub(crate) fn stuck(&self) -> impl Iterator<Item = ClientId> {
        let stuck = self.entries.iter().filter(|entry| self.is_stuck(entry));
        stuck.map(|entry| entry.row.client_id)
    }

    /// Stuck rows of this operation on this target: a newer one supersedes them.
    pub(crate) fn superseded(&self, operation: Operation, target: u64, room: &str) -> Vec<ClientId> {
        let replaces = matches!(operation, Operation::Edit | Operation::Topic | Operation::Rename);
        let is_it = |entry: &&Entry| {
            let row = &entry.row;
            let is_here = row.room.is_empty() || row.room == room;
            replaces && is_here && row.operation == operation && row.target == target && self.is_stuck(entry)
        };
        let rows = self.entries.iter().filter(is_it);
        rows.map(|entry| entry.row.client_id).collect()
    }

    /// True for rows that were never sent, were refused, or belong to a former identity.
    pub(crate) fn can_discard(&self, client_id: ClientId) -> bool {
        self.get(client_id).is_some_and(|entry| {
            let is_unsent = entry.state(self.me) == SendState::Waiting && !entry.row.tried;
            is_unsent || self.is_stuck(entry)
        })
    }

    /// Lets a row go, if it may.
    pub(crate) fn discard(&mut self, step: &mut Step<'_>, client_id: ClientId) -> Option<Discarding> {
        let entry = self.get(client_id).filter(|_| self.can_discard(client_id))?;
        let is_stored = entry.kept != Kept::No;
        if self.is_stuck(entry) || !is_stored && self.leads {
            self.drop_row(step, client_id);
            step.push(Effect::Remove(client_id));
            return Some(Discarding::Done);
        }
        if !is_stored {
            return Some(Discarding::LeadersToSay);
        }
        self.drop_row(step, client_id);
        step.push(Effect::Discard(client_id));
        Some(Discarding::Asked)
    }

    /// Another tab discarded a row. `is_sure`: it says so of one that this tab may have sent, too.
    pub(crate) fn discarded_elsewhere(&mut self, step: &mut Step<'_>, client_id: ClientId, is_sure: bool) {
        let is_stored = self.get(client_id).is_some_and(|entry| entry.kept != Kept::No);
        if is_sure || is_stored && self.can_discard(client_id) {
            self.drop_row(step, client_id);
        }
    }

    /// Sends a message that the server had and has no more once more, under the id that it had: another tab that looks for
    /// it later finds it. False when it is none of those.
    pub(crate) fn send_again(&mut self, step: &mut Step<'_>, client_id: ClientId) -> bool {
        let is_gone =
            |entry: &&mut Entry| entry.row.operation == Operation::Post && entry.row.failed == Some(VANISHED);
        let Some(entry) = self.find(client_id).filter(is_gone) else {
            return false;
        };
        entry.row.failed = None;
        entry.untold = true;
        step.push(store(&entry.row));
        step.push(Effect::TimelineChanged);
        true
    }

    /// Takes a stuck row out of memory, as the draft of what will be sent under a new id in its place.
    pub(crate) fn take_draft(&mut self, step: &mut Step<'_>, client_id: ClientId) -> Option<Draft> {
        let entry = self.get(client_id).filter(|entry| self.is_stuck(entry))?;
        let row = &entry.row;
        // What it was to answer is not there: then it answers nothing.
        let is_left_alone = row.operation == Operation::Post && row.failed.is_some_and(is_about_its_target);
        let draft = Draft {
            operation: row.operation,
            room: row.room.clone(),
            target: if is_left_alone { 0 } else { row.target },
            message: row.message.clone(),
            mentions: row.mentions.clone(),
        };
        self.drop_row(step, client_id);
        Some(draft)
    }

    fn is_stuck(&self, entry: &Entry) -> bool {
        !matches!(entry.state(self.me), SendState::Waiting | SendState::Sent)
    }
}

/// The refusal says that there is no such message.
fn is_about_its_target(code: ErrorCode) -> bool {
    code == ErrorCode::NotFound || code.as_str() == "noSuchMessage"
}
