//! What was written and is not yet known to be on the server's disk.
//!
//! Rows are of every [`Operation`]: what was said, and what is to be changed. Those that change a message are shown
//! over it until the server tells of them ([`Outbox::shown`]), and not any more when it refuses them.
//!
//! Every tab keeps a copy of the whole outbox; one of them, the leading one, sends from it. A row is stored before it
//! is sent, and leaves when it is acknowledged or when the event that came of it is seen. Rows go in the order in
//! which they were written (their ids sort that way), one unanswered row at a time; only a lasting refusal steps
//! aside.
//!
//! What is stored is the truth for all tabs, whether they can talk or not: before a row is sent over a line for the
//! first time, the tab looks whether it is still stored, and marks it there as sent; what another tab discarded
//! meanwhile is gone. The other way round, a waiting row is discarded only while it is not so marked.
//!
//! A row remembers as whom it was written. While we are somebody else it is not sent: the server would take it for
//! another message. Whether the server may have it already is known, for a row that is about to be sent is stored as
//! one that was.

use std::sync::Arc;

use protocol::{ClientId, ErrorCode, UserId};

use crate::backoff::Backoff;
use crate::effect::Effect;
use crate::limits::{ACK_MAX_MS, OUTBOX_ROWS_MAX, RECONNECT_MAX_MS, STORE_MAX_MS};
use crate::model::event::Event;
use crate::model::message::Message;
use crate::model::operation::Operation;
use crate::outbox::entry::{Entry, Kept, SOMEWHERE};
use crate::outbox::row::{Draft, OutboxRow, Seed, SendState};
use crate::step::Step;
use crate::wire::incoming::Refused;

/// What the timeline of the shown room knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RoomProgress<'a> {
    pub(crate) room: &'a str,
    /// Everything up to this `seq` is known.
    pub(crate) known_to: u64,
    /// Everything up to the head at the time of joining is known.
    pub(crate) is_caught_up: bool,
    pub(crate) rows: &'a [Arc<Message>],
}

#[derive(Clone, Copy, Debug)]
pub(super) struct InFlight {
    pub(super) client_id: ClientId,
    /// Deadline for the answer; then it is sent again.
    until: u64,
}

/// The outbox, in the order in which its rows were written.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(super) entries: Vec<Entry>,
    /// The current identity.
    pub(crate) me: Option<UserId>,
    /// This tab sends, and keeps the stored rows up to date.
    pub(crate) leads: bool,
    /// A load is under way, given up at this time. Until then nothing is sent: what was written first goes first.
    pub(super) loading: Option<u64>,
    /// What was acknowledged or discarded since a load began, which may find it still.
    pub(super) gone_while_loading: Vec<ClientId>,
    pub(super) in_flight: Option<InFlight>,
    /// Nothing is sent before this time.
    hold_until: u64,
    held_by: Option<ErrorCode>,
    backoff: Backoff,
    /// The browser could not store or load something, and has stored nothing since.
    pub(super) is_unstored: bool,
    /// When storing is tried again.
    pub(super) store_again_at: u64,
    /// When to look for what another tab stored.
    pub(super) look_at: Option<u64>,
}

impl Outbox {
    #[must_use]
    pub(crate) fn new(me: Option<UserId>) -> Self {
        Self {
            me,
            ..Self::default()
        }
    }

    /// The rows of a room, and those of no room, in the order in which they were written.
    pub(crate) fn of_room<'a>(&'a self, room: &'a str) -> impl Iterator<Item = (&'a OutboxRow, SendState)> {
        self.entries
            .iter()
            .filter(move |entry| entry.row.room.is_empty() || entry.row.room == room)
            .map(|entry| (&entry.row, entry.state(self.me)))
    }

    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Why the server takes nothing at the moment, if it said so.
    #[must_use]
    pub(crate) fn held_by(&self) -> Option<ErrorCode> {
        self.held_by
    }

    /// Whether there are [`OUTBOX_ROWS_MAX`] rows, and no more should be written.
    pub(crate) fn is_full(&self) -> bool {
        self.entries.len() >= OUTBOX_ROWS_MAX
    }

    /// Adds a draft under a new id and stores it. `tried`: it is sent as soon as it is stored, so it is stored as
    /// tried.
    pub(crate) fn write(&mut self, step: &mut Step<'_>, seed: Seed, draft: Draft, tried: bool) {
        // After everything that was written before, even when the clock was set back or stands still.
        let last = self.entries.last().map_or(0, |entry| entry.row.written_at() + 1);
        let row = OutboxRow {
            client_id: ClientId::from_parts(seed.unix_ms.max(last), seed.random),
            operation: draft.operation,
            room: draft.room,
            user_id: self.me,
            target: draft.target,
            message: draft.message,
            mentions: draft.mentions,
            tried: tried && self.me.is_some(),
            failed: None,
        };
        self.add(step, row);
    }

    /// What the server acknowledged is not there any more: it is stuck, and its person sends it again or lets it go.
    pub(crate) fn vanished(&mut self, step: &mut Step<'_>, row: OutboxRow) {
        self.drop_row(step, row.client_id);
        // However full the outbox is: there are no more of them than rows in a page, and nothing that was written is lost.
        self.add(step, row);
    }

    /// Adds a row of this tab and stores it.
    fn add(&mut self, step: &mut Step<'_>, row: OutboxRow) {
        step.push(store(&row));
        self.insert(Entry {
            is_own: true,
            untold: true,
            ..Entry::of_others(row, Kept::Soon(step.now.ms + STORE_MAX_MS))
        });
        step.push(Effect::TimelineChanged);
    }

    /// Another database: rows that the old one acknowledged will not be seen, and its messages cannot be changed or
    /// answered.
    pub(crate) fn database_changed(&mut self, step: &mut Step<'_>) {
        self.entries.retain(|entry| entry.acked.is_none());
        let leads = self.leads;
        for entry in self.entries.iter_mut().filter(|entry| entry.row.target > 0) {
            entry.row.failed.get_or_insert(ErrorCode::NotFound);
            if leads && entry.kept != Kept::No {
                step.push(update(&entry.row));
            }
        }
    }

    /// Another line, or none: the row in flight is sent again, and all are looked for in storage before.
    pub(crate) fn line_changed(&mut self) {
        self.in_flight = None;
        for entry in &mut self.entries {
            entry.is_confirmed = false;
        }
    }

    /// The next row to send, as a frame. Called by the leading tab while the line is up.
    pub(crate) fn next(&mut self, step: &mut Step<'_>) -> Option<String> {
        let me = self.me?;
        if self.loading.is_some() || self.in_flight.is_some() || step.now.ms < self.hold_until {
            return None;
        }
        let entry = self.entries.iter_mut().find(|entry| {
            entry.acked.is_none() && entry.row.failed.is_none() && !entry.row.is_foreign(Some(me))
        })?;
        if let Kept::Soon(_) = entry.kept {
            return None;
        }
        let is_new = !entry.row.tried || entry.row.user_id.is_none();
        entry.row.tried = true;
        entry.row.user_id = Some(me);
        entry.untold |= is_new;
        if entry.kept == Kept::Yes && (is_new || !entry.is_confirmed) {
            entry.kept = Kept::Soon(step.now.ms + STORE_MAX_MS);
            step.push(update(&entry.row));
            return None;
        }
        let row = &entry.row;
        self.in_flight = Some(InFlight {
            client_id: row.client_id,
            until: step.now.ms + ACK_MAX_MS,
        });
        Some(row.frame())
    }

    /// The row is on the server's disk. It is kept in memory until its event is applied.
    pub(crate) fn acked(&mut self, step: &mut Step<'_>, client_id: ClientId, seq: u64) {
        self.answered(client_id);
        let leads = self.leads;
        let is_unseen = |entry: &&mut Entry| entry.acked.is_none_or(|at| at == SOMEWHERE);
        if let Some(entry) = self.find(client_id).filter(is_unseen) {
            entry.acked = Some(seq);
            entry.row.failed = None;
            self.gone(client_id);
            if leads {
                step.push(Effect::Remove(client_id));
            }
            step.push(Effect::TimelineChanged);
        }
    }

    /// An event arrived: if it came of a row of ours, that is as good as its `ack`.
    pub(crate) fn seen(&mut self, step: &mut Step<'_>, event: &Event) {
        let Some((client_id, author)) = event.command() else {
            return;
        };
        let entry = self.find(client_id);
        if entry.is_some_and(|entry| entry.row.user_id.is_none_or(|user_id| user_id == author)) {
            self.acked(step, client_id, event.seq());
        }
    }

    /// Drops acknowledged rows that the timeline has, and those of other rooms.
    pub(crate) fn settle(&mut self, step: &mut Step<'_>, seen: RoomProgress<'_>) {
        let before = self.entries.len();
        let is_to_come = |entry: &Entry, at: u64| {
            let is_row = |row: &Arc<Message>| row.client_id == entry.row.client_id;
            match at {
                SOMEWHERE => !seen.is_caught_up && !seen.rows.iter().any(is_row),
                at => at > seen.known_to,
            }
        };
        self.entries.retain(|entry| match entry.acked {
            Some(at) => entry.row.room == seen.room && is_to_come(entry, at),
            None => true,
        });
        if self.entries.len() < before {
            step.push(Effect::TimelineChanged);
        }
    }

    /// The server refused a row. A retryable refusal holds everything; a lasting one makes the row step aside.
    pub(crate) fn refused(&mut self, step: &mut Step<'_>, refused: &Refused) {
        let Some(client_id) = refused.client_id else {
            return;
        };
        if self.find(client_id).is_none() {
            return;
        }
        self.in_flight = self.in_flight.filter(|sent| sent.client_id != client_id);
        if refused.code.is_retryable() {
            let wait = refused.retry_after_ms.map_or_else(
                || self.backoff.next_ms(step.now.random),
                |ms| ms.min(RECONNECT_MAX_MS),
            );
            self.hold_until = step.now.ms + wait;
            self.held_by = Some(refused.code);
        } else {
            self.answered(client_id);
            let leads = self.leads;
            if let Some(entry) = self.find(client_id) {
                entry.row.failed = Some(refused.code);
                if leads && entry.kept != Kept::No {
                    step.push(update(&entry.row));
                }
            }
        }
        step.push(Effect::TimelineChanged);
    }

    /// The name that a [`Operation::Rename`] row asks for.
    pub(crate) fn renamed(&self, client_id: ClientId) -> Option<Box<str>> {
        let entry = self.get(client_id)?;
        (entry.row.operation == Operation::Rename).then(|| entry.row.message.trim().into())
    }

    /// The room in which a post of ours is said.
    pub(crate) fn said_in(&self, client_id: ClientId) -> Option<&str> {
        let row = &self.get(client_id)?.row;
        (row.operation == Operation::Post).then_some(&*row.room)
    }

    pub(crate) fn has(&self, client_id: ClientId) -> bool {
        self.get(client_id).is_some()
    }

    pub(crate) fn drop_row(&mut self, step: &mut Step<'_>, client_id: ClientId) {
        self.entries.retain(|entry| entry.row.client_id != client_id);
        self.gone(client_id);
        step.push(Effect::TimelineChanged);
    }

    /// When [`Outbox::tick`] or [`Outbox::next`] has something to do.
    pub(crate) fn due(&self) -> u64 {
        let mut due = self.loading.or(self.look_at).unwrap_or(u64::MAX);
        if self.is_unstored {
            due = due.min(self.store_again_at);
        }
        if let Some(sent) = self.in_flight {
            due = due.min(sent.until);
        } else if self.held_by.is_some() && self.leads {
            due = due.min(self.hold_until);
        }
        for entry in &self.entries {
            if let Kept::Soon(until) = entry.kept {
                due = due.min(until);
            }
        }
        due
    }

    /// Does what is due: goes on in memory when the browser does not store or load within [`STORE_MAX_MS`].
    pub(crate) fn tick(&mut self, step: &mut Step<'_>) {
        let mut late = self.loading.take_if(|until| step.now.ms >= *until).is_some();
        for entry in &mut self.entries {
            if matches!(entry.kept, Kept::Soon(until) if step.now.ms >= until) {
                entry.kept = Kept::No;
                late = true;
            }
        }
        if late {
            self.not_stored(step);
        }
        self.look(step);
        self.in_flight.take_if(|sent| step.now.ms >= sent.until);
        if step.now.ms >= self.hold_until {
            self.held_by = None;
        }
    }

    fn gone(&mut self, client_id: ClientId) {
        if self.loading.is_some() {
            self.gone_while_loading.push(client_id);
        }
    }

    pub(super) fn get(&self, client_id: ClientId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.row.client_id == client_id)
    }

    pub(super) fn find(&mut self, client_id: ClientId) -> Option<&mut Entry> {
        self.entries
            .iter_mut()
            .find(|entry| entry.row.client_id == client_id)
    }

    pub(super) fn insert(&mut self, entry: Entry) {
        let at = self
            .entries
            .partition_point(|known| known.row.client_id < entry.row.client_id);
        self.entries.insert(at, entry);
    }

    /// The server took or refused a row: the next one may go.
    fn answered(&mut self, client_id: ClientId) {
        if !self.leads || self.in_flight.is_some_and(|sent| sent.client_id == client_id) {
            self.in_flight = None;
            self.hold_until = 0;
            self.held_by = None;
            self.backoff.reset();
        }
    }
}

pub(super) fn store(row: &OutboxRow) -> Effect {
    Effect::Store {
        client_id: row.client_id,
        row: row.write(),
    }
}

fn update(row: &OutboxRow) -> Effect {
    Effect::Update {
        client_id: row.client_id,
        row: row.write(),
    }
}
