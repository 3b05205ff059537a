//! The outbox and the browser's storage.

use protocol::ClientId;

use crate::effect::Effect;
use crate::limits::STORE_MAX_MS;
use crate::outbox::entry::{Entry, Kept, SOMEWHERE};
use crate::outbox::queue::Outbox;
use crate::outbox::row::OutboxRow;
use crate::step::Step;

impl Outbox {
    /// Asks for the stored rows. Rows that were stored before and are not found were sent by another tab.
    pub(crate) fn load(&mut self, step: &mut Step<'_>) {
        if self.loading.is_some() {
            return;
        }
        self.loading = Some(step.now.ms + STORE_MAX_MS);
        for entry in &mut self.entries {
            // A browser that has once been late may answer an earlier question.
            entry.is_expected = entry.kept == Kept::Yes && entry.acked.is_none() && !self.is_unstored;
        }
        step.push(Effect::Load);
    }

    /// Merges the stored rows; `None` when there is no storage. True if another tab has sent some of ours.
    pub(crate) fn loaded(&mut self, step: &mut Step<'_>, rows: Option<&[String]>) -> bool {
        self.loading = None;
        let Some(rows) = rows else {
            self.not_stored(step);
            return false;
        };
        let rows: Vec<OutboxRow> = rows.iter().filter_map(|text| OutboxRow::read(text)).collect();
        let mut is_any_gone = false;
        for entry in &mut self.entries {
            let is_found = rows.iter().any(|row| row.client_id == entry.row.client_id);
            if std::mem::take(&mut entry.is_expected) && !is_found {
                entry.acked = Some(SOMEWHERE);
                is_any_gone = true;
            }
        }
        for row in rows {
            if self.find(row.client_id).is_none() {
                self.insert(Entry {
                    untold: true,
                    ..Entry::of_others(row, Kept::Yes)
                });
            }
        }
        if let Some(sent) = self.in_flight
            && self
                .find(sent.client_id)
                .is_none_or(|entry| entry.acked.is_some())
        {
            self.in_flight = None;
        }
        step.push(Effect::TimelineChanged);
        is_any_gone
    }

    pub(crate) fn stored(&mut self, step: &mut Step<'_>, client_id: ClientId, is_stored: bool) {
        if let Some(entry) = self.find(client_id).filter(|entry| entry.kept != Kept::No) {
            entry.kept = if is_stored { Kept::Yes } else { Kept::No };
        }
        if !is_stored {
            self.not_stored(step);
        }
    }

    pub(super) fn not_stored(&mut self, step: &mut Step<'_>) {
        if !std::mem::replace(&mut self.is_unstored, true) {
            step.push(Effect::NotStored);
        }
    }
}
