//! What was missed while there was no line.

use std::sync::Arc;

use protocol::UserId;

use crate::limits::ABSENCE_MIN_MS;
use crate::model::cursor::HEAD_UNKNOWN;
use crate::model::message::Message;
use crate::model::now::Now;

/// Messages that were missed during an absence and have been restored since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed {
    /// They begin with the first row above this `seq`.
    pub after: u64,
    /// How many there are, one's own not counted where that is known. Where the absence was too long to be caught up,
    /// what lies above the rows is counted by `seq`, other events too.
    pub count: u64,
}

/// The absence that lasts, and what the ones before it cost.
#[derive(Debug, Default)]
pub(super) struct Absence {
    /// When something of the room was last received; `None` while it is joined.
    since: Option<u64>,
    missed: Option<MissedSpan>,
}

/// Messages after `after` and up to `to` were missed.
#[derive(Clone, Copy, Debug)]
struct MissedSpan {
    after: u64,
    to: u64,
    count: u64,
}

impl Absence {
    /// Nothing was received since `received_at`. A longer absence that lasts already goes on.
    pub(super) fn begin(&mut self, received_at: u64) {
        self.since.get_or_insert(received_at);
    }

    /// The room is joined again: what lies between `from` and `to` is being restored. Absences shorter than
    /// [`ABSENCE_MIN_MS`] are not told, nor those whose end only the leader knows, for it handed on everything.
    pub(super) fn end(&mut self, now: Now, from: u64, to: u64) {
        let is_long = |since: u64| now.ms >= since + ABSENCE_MIN_MS;
        if self.since.take().is_some_and(is_long) && to > from && to != HEAD_UNKNOWN {
            let (after, count) = self
                .missed
                .map_or((from, 0), |missed| (missed.after, missed.count));
            self.missed = Some(MissedSpan { after, to, count });
        }
    }

    /// There is another database, of which nothing was missed.
    pub(super) fn cancel(&mut self) {
        *self = Self::default();
    }

    /// A message of another person came.
    pub(super) fn count(&mut self, seq: u64) {
        if let Some(missed) = &mut self.missed
            && seq > missed.after
            && seq <= missed.to
        {
            missed.count += 1;
        }
    }

    /// Counts anew from rows that were loaded in place of those that were known.
    pub(super) fn recount(&mut self, me: Option<UserId>, rows: &[Arc<Message>]) {
        if let Some(missed) = &mut self.missed {
            let first = rows.first().map_or(0, |first| first.seq);
            let is_missed = |row: &&Arc<Message>| {
                row.seq > missed.after && row.seq <= missed.to && Some(row.user_id) != me
            };
            let above = first.saturating_sub(missed.after + 1);
            missed.count = above + rows.iter().filter(is_missed).count() as u64;
        }
    }

    pub(super) fn missed(&self) -> Option<Missed> {
        let MissedSpan { after, count, .. } = self.missed?;
        (count > 0).then_some(Missed { after, count })
    }

    /// What was missed has been seen. False when there was nothing.
    pub(super) fn forget_missed(&mut self) -> bool {
        self.missed.take().is_some()
    }
}
