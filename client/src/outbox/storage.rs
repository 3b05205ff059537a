//! The outbox and the browser's storage.

use protocol::ClientId;

use crate::effect::Effect;
use crate::limits::{LOOK_AFTER_MS, STORE_AGAIN_MS, STORE_MAX_MS};
use crate::outbox::entry::{Entry, Kept, SOMEWHERE};
use crate::outbox::queue::{Outbox, store};
use crate::outbox::row::OutboxRow;
use crate::step::Step;

/// What became of a row that was to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is on disk.
    OnDisk,
    /// It was to be changed and is not there any more: another tab sent or discarded it.
    Gone,
    /// The browser could not.
    Failed,
}

impl Outbox {
    /// Asks for the stored rows. Rows that were stored before and are not found were sent or discarded by another
    /// tab.
    pub(crate) fn load(&mut self, step: &mut Step<'_>) {
        if self.loading.is_some() {
            return;
        }
        self.loading = Some(step.now.ms + STORE_MAX_MS);
        self.gone_while_loading = Vec::new();
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
        if self.unstored().next().is_none() {
            self.set_unstored(step, false);
        }
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
            if self.get(row.client_id).is_none() && !self.gone_while_loading.contains(&row.client_id) {
                self.insert(Entry {
                    untold: true,
                    ..Entry::of_others(row, Kept::Yes)
                });
            }
        }
        self.forget_gone_in_flight();
        step.push(Effect::TimelineChanged);
        is_any_gone
    }

    /// Something was stored, or not. True if another tab has sent it.
    pub(crate) fn stored(&mut self, step: &mut Step<'_>, client_id: ClientId, stored: Stored) -> bool {
        if let Some(entry) = self.find(client_id).filter(|entry| entry.acked.is_none()) {
            match stored {
                Stored::OnDisk => {
                    entry.kept = Kept::Yes;
                    entry.is_confirmed = true;
                }
                Stored::Gone => {
                    entry.kept = Kept::Yes;
                    entry.acked = Some(SOMEWHERE);
                }
                Stored::Failed => entry.kept = Kept::No,
            }
        }
        match stored {
            Stored::OnDisk => self.store_rest(step),
            Stored::Gone => {
                self.forget_gone_in_flight();
                step.push(Effect::TimelineChanged);
            }
            Stored::Failed => self.not_stored(step),
        }
        stored == Stored::Gone
    }

    /// All that was stored is gone: the person has cleared this site's data, or the browser did. It is stored anew; what
    /// another tab sent meanwhile the server takes once.
    pub(crate) fn emptied(&mut self, step: &mut Step<'_>) {
        let until = step.now.ms + STORE_MAX_MS;
        for entry in self.entries.iter_mut().filter(|entry| entry.acked.is_none()) {
            entry.is_expected = false;
            entry.kept = Kept::Soon(until);
            step.push(store(&entry.row));
        }
    }

    /// Another tab stores something: looks for it in a moment, in case that tab ends before it tells of it.
    pub(crate) fn look_soon(&mut self, now: u64) {
        if self.leads {
            self.look_at.get_or_insert(now + LOOK_AFTER_MS);
        }
    }

    /// Looks for what others stored, and tries again to store what could not be, when it is time.
    pub(super) fn look(&mut self, step: &mut Step<'_>) {
        if self.look_at.take_if(|at| step.now.ms >= *at).is_some() {
            self.load(step);
        }
        if self.is_unstored && step.now.ms >= self.store_again_at {
            self.store_again_at = step.now.ms + STORE_AGAIN_MS;
            if self.unstored().next().is_some() {
                self.unstored().for_each(|effect| step.push(effect));
            } else {
                step.push(Effect::Load);
            }
        }
    }

    pub(super) fn not_stored(&mut self, step: &mut Step<'_>) {
        self.store_again_at = step.now.ms + STORE_AGAIN_MS;
        self.set_unstored(step, true);
    }

    /// The browser stores again: the rest, too.
    fn store_rest(&mut self, step: &mut Step<'_>) {
        if self.is_unstored {
            self.unstored().for_each(|effect| step.push(effect));
            self.set_unstored(step, false);
        }
    }

    /// What would store the rows that are in memory only.
    fn unstored(&self) -> impl Iterator<Item = Effect> {
        let rows = self.entries.iter();
        let unstored = rows.filter(|entry| entry.kept == Kept::No && entry.acked.is_none());
        unstored.map(|entry| store(&entry.row))
    }

    fn set_unstored(&mut self, step: &mut Step<'_>, is_unstored: bool) {
        if std::mem::replace(&mut self.is_unstored, is_unstored) != is_unstored {
            step.push(Effect::StorageChanged(!is_unstored));
        }
    }

    /// Another tab has sent the row in flight: its answer is not waited for.
    fn forget_gone_in_flight(&mut self) {
        if let Some(sent) = self.in_flight
            && self.get(sent.client_id).is_none_or(|entry| entry.acked.is_some())
        {
            self.in_flight = None;
        }
    }
}
