//! What was written and is not yet known to be on the server's disk.
//!
//! Rows are of every [`Operation`]: what was said, and what is to be changed. Those that change a message are shown over it
//! until the server tells of them ([`Outbox::shown`]), and not any more when it refuses them.
//!
//! Every tab keeps a copy of the whole outbox; one of them, the leading one, sends from it. A row is stored before it
//! is sent, and leaves when it is acknowledged or when the event that came of it is seen. Rows go in the order in which they
//! were written (their ids sort that way), one unanswered row at a time; only a lasting refusal steps aside.
//!
//! A row remembers as whom it was written. While we are somebody else it is not sent: the server would take it for
//! another message. Whether the server may have it already is known, for a row that is about to be sent is stored as
//! one that was.

use std::sync::Arc;

use protocol::{ClientId, ErrorCode, UserId};

use crate::connection::backoff::Backoff;
use crate::effect::Effect;
use crate::limits::{ACK_MAX_MS, OUTBOX_ROWS_MAX, RECONNECT_MAX_MS, STORE_MAX_MS};
use crate::model::event::Event;
use crate::model::message::Message;
use crate::model::operation::Operation;
use crate::outbox::echo::EchoedMessage;
use crate::outbox::row::{Draft, OutboxRow, Seed, SendState};
use crate::step::Step;
use crate::wire::incoming::Refused;

/// Whether a row would survive this tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    /// It is being stored; given up at this time.
    Soon(u64),
    Yes,
    /// It could not be stored.
    No,
}

/// The place of a row that another tab saw acknowledged while we did not listen.
const SOMEWHERE: u64 = u64::MAX;

#[derive(Debug)]
struct Entry {
    row: OutboxRow,
    kept: Kept,
    /// Its place in its room, once it is acknowledged.
    acked: Option<u64>,
    /// Written in this tab: to be told again to every new leader.
    is_own: bool,
    /// Whether the other tabs are still to be told of it as it is now.
    untold: bool,
    /// It was stored when the load that is under way began: if that does not find it, it is done.
    is_expected: bool,
}

impl Entry {
    fn of_others(row: OutboxRow, kept: Kept) -> Self {
        Self {
            row,
            kept,
            acked: None,
            is_own: false,
            untold: false,
            is_expected: false,
        }
    }
}

/// What is known of the room that is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RoomProgress<'a> {
    pub(crate) room: &'a str,
    /// Everything up to this `seq` is known.
    pub(crate) known_to: u64,
    /// Whether everything that was said before the room was joined is known.
    pub(crate) is_caught_up: bool,
    pub(crate) rows: &'a [Arc<Message>],
}

/// The outbox, in the order in which its rows were written.
#[derive(Debug, Default)]
pub struct Outbox {
    entries: Vec<Entry>,
    /// Who we are now.
    pub(crate) me: Option<UserId>,
    /// Whether this tab sends, and so keeps what is stored up to date.
    pub(crate) leads: bool,
    /// A load is under way, given up at this time. Until then nothing is sent: what was written first goes first.
    loading: Option<u64>,
    /// The row that was sent and not answered, and until when an answer is waited for.
    in_flight: Option<(ClientId, u64)>,
    /// Nothing is sent before this time.
    hold_until: u64,
    held_by: Option<ErrorCode>,
    backoff: Backoff,
    is_unstored: bool,
}

impl Outbox {
    /// An empty outbox of this person.
    #[must_use]
    pub fn new(me: Option<UserId>) -> Self {
        Self {
            me,
            ..Self::default()
        }
    }

    /// The rows of a room, and those of none, with their states, in the order in which they were written.
    pub fn of_room<'a>(&'a self, room: &'a str) -> impl Iterator<Item = (&'a OutboxRow, SendState)> {
        self.entries
            .iter()
            .filter(move |entry| entry.row.room.is_empty() || entry.row.room == room)
            .map(|entry| (&entry.row, self.state(entry)))
    }

    /// What is stuck and was asked for before the last row of this kind, about the same: nobody wants it any more.
    pub(crate) fn superseded(&self, operation: Operation, target: u64, room: &str) -> Vec<ClientId> {
        let is_stuck = |state| !matches!(state, SendState::Waiting | SendState::Sent);
        let rows = self.of_room(room);
        let stuck = rows
            .filter(|(row, state)| row.operation == operation && row.target == target && is_stuck(*state));
        let changes = stuck.filter(|(row, _)| {
            matches!(
                row.operation,
                Operation::Edit | Operation::Topic | Operation::Rename
            )
        });
        changes.map(|(row, _)| row.client_id).collect()
    }

    /// A room's messages with what waits to be changed about them.
    #[must_use]
    pub fn shown(&self, room: &str, rows: &[Arc<Message>]) -> Vec<EchoedMessage> {
        let show = |message: &Arc<Message>| EchoedMessage {
            message: Arc::clone(message),
            echo_of: None,
        };
        let mut shown: Vec<EchoedMessage> = rows.iter().map(show).collect();
        let Some(me) = self.me else { return shown };
        for entry in self.entries.iter().filter(|entry| entry.row.is_change()) {
            let is_meant = matches!(self.state(entry), SendState::Waiting | SendState::Sent);
            if !is_meant || entry.row.room != room {
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

    /// What this kind of row last asked for in this room, if it is not refused: a topic or a name that waits.
    pub(crate) fn last(&self, operation: Operation, room: &str) -> Option<&str> {
        let is_it = |entry: &&Entry| {
            let is_meant = matches!(self.state(entry), SendState::Waiting | SendState::Sent);
            entry.row.operation == operation && entry.row.room == room && is_meant
        };
        let entry = self.entries.iter().rev().find(is_it)?;
        Some(&entry.row.message)
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Why the server takes nothing at the moment, if it said so.
    #[must_use]
    pub fn held_by(&self) -> Option<ErrorCode> {
        self.held_by
    }

    fn state(&self, entry: &Entry) -> SendState {
        match &entry.row {
            _ if entry.acked.is_some() => SendState::Sent,
            OutboxRow {
                failed: Some(code), ..
            } => SendState::Failed(*code),
            row if !row.is_foreign(self.me) => SendState::Waiting,
            row if row.tried => SendState::MaybeSent,
            _ => SendState::NotSent,
        }
    }

    /// Loads what is stored. What is not found any more although it was stored before, another tab saw sent.
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

    /// What was stored; `None` when there is no storage. Whether another tab saw some of ours sent.
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
        if let Some((client_id, _)) = self.in_flight
            && self.find(client_id).is_none_or(|entry| entry.acked.is_some())
        {
            self.in_flight = None;
        }
        step.push(Effect::TimelineChanged);
        is_any_gone
    }

    /// Takes what was written, and gives it its id. `tried`: it will be sent as soon as it is stored, so it is stored as
    /// sent. False when there is no room for another.
    pub(crate) fn write(&mut self, step: &mut Step<'_>, seed: Seed, draft: Draft, tried: bool) -> bool {
        if self.entries.len() >= OUTBOX_ROWS_MAX {
            return false;
        }
        // After everything that was written before, even when the clock was set back or stands still.
        let last = self.entries.last().map_or(0, |entry| entry.row.written_at() + 1);
        let row = OutboxRow {
            client_id: ClientId::from_parts(seed.unix_ms.max(last), seed.random),
            operation: draft.operation,
            room: draft.room,
            user_id: self.me,
            target: draft.target,
            message: draft.message,
            tried: tried && self.me.is_some(),
            failed: None,
        };
        step.push(store(&row));
        self.insert(Entry {
            is_own: true,
            untold: true,
            ..Entry::of_others(row, Kept::Soon(step.now.ms + STORE_MAX_MS))
        });
        step.push(Effect::TimelineChanged);
        true
    }

    /// A row is stored, or cannot be.
    pub(crate) fn stored(&mut self, step: &mut Step<'_>, client_id: ClientId, is_stored: bool) {
        if let Some(entry) = self.find(client_id).filter(|entry| entry.kept != Kept::No) {
            entry.kept = if is_stored { Kept::Yes } else { Kept::No };
        }
        if !is_stored {
            self.not_stored(step);
        }
    }

    /// Another tab tells of a row, which is stored or cannot be.
    pub(crate) fn learn(&mut self, step: &mut Step<'_>, row: OutboxRow, is_stored: bool) {
        match self.find(row.client_id) {
            Some(entry) => {
                entry.row.tried |= row.tried;
                entry.row.user_id = entry.row.user_id.or(row.user_id);
                entry.row.failed = entry.row.failed.or(row.failed);
            }
            None => {
                let kept = if is_stored { Kept::Yes } else { Kept::No };
                self.insert(Entry::of_others(row, kept));
            }
        }
        step.push(Effect::TimelineChanged);
    }

    /// The rows the other tabs are still to be told of. One that is being stored is told when it is, and what was
    /// written after it waits for it.
    ///
    /// Each comes with whether it is stored.
    pub(crate) fn tell(&mut self) -> Vec<(bool, String)> {
        let mut told = Vec::new();
        for entry in &mut self.entries {
            if let (Kept::Soon(_), true) = (entry.kept, entry.is_own) {
                break;
            }
            if std::mem::take(&mut entry.untold) && entry.acked.is_none() {
                told.push((entry.kept != Kept::No, entry.row.write()));
            }
        }
        told
    }

    /// The ids of all rows that wait or are stuck.
    pub(crate) fn list(&self) -> String {
        let mut list = String::new();
        for entry in self.entries.iter().filter(|entry| entry.acked.is_none()) {
            list += &entry.row.client_id.to_string();
            list.push(' ');
        }
        list
    }

    /// The leader says which rows there are. It will be told of those that were written here.
    pub(crate) fn keep_listed(&mut self, step: &mut Step<'_>, list: &str) {
        self.entries.retain(|entry| {
            entry.is_own || entry.acked.is_some() || list.contains(&entry.row.client_id.to_string())
        });
        step.push(Effect::TimelineChanged);
    }

    /// There is a new leader: it is to be told of what was written here.
    pub(crate) fn tell_again(&mut self) {
        for entry in &mut self.entries {
            entry.untold |= entry.is_own;
        }
    }

    /// There is another database: what the old one acknowledged is not going to be seen, and what was said in it cannot
    /// be changed or answered.
    pub(crate) fn database_changed(&mut self, step: &mut Step<'_>) {
        self.entries.retain(|entry| entry.acked.is_none());
        let leads = self.leads;
        for entry in self.entries.iter_mut().filter(|entry| entry.row.target > 0) {
            entry.row.failed.get_or_insert(ErrorCode::NotFound);
            if leads && entry.kept != Kept::No {
                step.push(store(&entry.row));
            }
        }
    }

    /// There is another line, or none: what was sent and not answered is to be sent again.
    pub(crate) fn line_changed(&mut self) {
        self.in_flight = None;
    }

    /// The next row to send, as a frame. To be called only while the line is up, by the tab that leads.
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
        if !entry.row.tried || entry.row.user_id.is_none() {
            entry.row.tried = true;
            entry.row.user_id = Some(me);
            entry.untold = true;
            if entry.kept == Kept::Yes {
                entry.kept = Kept::Soon(step.now.ms + STORE_MAX_MS);
                step.push(store(&entry.row));
                return None;
            }
        }
        let row = &entry.row;
        self.in_flight = Some((row.client_id, step.now.ms + ACK_MAX_MS));
        Some(row.frame())
    }

    /// The row is on the server's disk. It is kept in memory until it is seen.
    pub(crate) fn acked(&mut self, step: &mut Step<'_>, client_id: ClientId, seq: u64) {
        self.answered(client_id);
        let leads = self.leads;
        let is_unseen = |entry: &&mut Entry| entry.acked.is_none_or(|at| at == SOMEWHERE);
        if let Some(entry) = self.find(client_id).filter(is_unseen) {
            entry.acked = Some(seq);
            entry.row.failed = None;
            if leads {
                step.push(Effect::Remove(client_id));
            }
            step.push(Effect::TimelineChanged);
        }
    }

    /// An event was seen in a room: if it came of a row of ours, that is as good as its `ack`.
    pub(crate) fn seen(&mut self, step: &mut Step<'_>, event: &Event) {
        let Some((client_id, author)) = event.command() else {
            return;
        };
        let entry = self.find(client_id);
        if entry.is_some_and(|entry| entry.row.user_id.is_none_or(|user_id| user_id == author)) {
            self.acked(step, client_id, event.seq());
        }
    }

    /// What was acknowledged and is seen in the room that is shown, or is for another room, is done.
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

    /// The server refused a row: for now, then everything waits; or for good, then the row steps aside.
    pub(crate) fn refused(&mut self, step: &mut Step<'_>, refused: &Refused) {
        let Some(client_id) = refused.client_id else {
            return;
        };
        if self.find(client_id).is_none() {
            return;
        }
        self.in_flight = self.in_flight.filter(|(sent, _)| *sent != client_id);
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
                    step.push(store(&entry.row));
                }
            }
        }
        step.push(Effect::TimelineChanged);
    }

    /// The name that a row asks for, if it asks for one.
    pub(crate) fn renamed(&self, client_id: ClientId) -> Option<Box<str>> {
        let entry = self
            .entries
            .iter()
            .find(|entry| entry.row.client_id == client_id)?;
        (entry.row.operation == Operation::Rename).then(|| entry.row.message.trim().into())
    }

    /// Whether this is one of its rows.
    pub(crate) fn has(&self, client_id: ClientId) -> bool {
        self.entries.iter().any(|entry| entry.row.client_id == client_id)
    }

    /// A row the person may give up: it was never sent, or refused, or is not ours to send any more.
    pub(crate) fn can_discard(&self, client_id: ClientId) -> bool {
        let entry = self.entries.iter().find(|entry| entry.row.client_id == client_id);
        entry.is_some_and(|entry| match self.state(entry) {
            SendState::Waiting => !entry.row.tried,
            SendState::Sent => false,
            SendState::Failed(_) | SendState::MaybeSent | SendState::NotSent => true,
        })
    }

    /// What a row asks for that is not sent by itself any more.
    pub(crate) fn retryable(&self, client_id: ClientId) -> Option<Draft> {
        let entry = self
            .entries
            .iter()
            .find(|entry| entry.row.client_id == client_id)?;
        let is_stuck = matches!(
            self.state(entry),
            SendState::Failed(_) | SendState::MaybeSent | SendState::NotSent
        );
        let row = &entry.row;
        // What it was to answer is not there: then it answers nothing.
        let is_left_alone = row.operation == Operation::Post && row.failed.is_some_and(is_about_its_target);
        is_stuck.then(|| Draft {
            operation: row.operation,
            room: row.room.clone(),
            target: if is_left_alone { 0 } else { row.target },
            message: row.message.clone(),
        })
    }

    /// Lets a row go.
    pub(crate) fn drop_row(&mut self, step: &mut Step<'_>, client_id: ClientId) {
        self.entries.retain(|entry| entry.row.client_id != client_id);
        step.push(Effect::TimelineChanged);
    }

    /// When [`Outbox::tick`] or [`Outbox::next`] has something to do.
    pub(crate) fn due(&self) -> u64 {
        let mut due = self.loading.unwrap_or(u64::MAX);
        if let Some((_, until)) = self.in_flight {
            due = due.min(until);
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

    /// Does what is due: goes on in memory when the browser does not store or load in time.
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
        self.in_flight.take_if(|(_, until)| step.now.ms >= *until);
        if step.now.ms >= self.hold_until {
            self.held_by = None;
        }
    }

    fn find(&mut self, client_id: ClientId) -> Option<&mut Entry> {
        self.entries
            .iter_mut()
            .find(|entry| entry.row.client_id == client_id)
    }

    fn insert(&mut self, entry: Entry) {
        let at = self
            .entries
            .partition_point(|known| known.row.client_id < entry.row.client_id);
        self.entries.insert(at, entry);
    }

    /// The server took a row, or will never: the next one may go.
    fn answered(&mut self, client_id: ClientId) {
        if !self.leads || self.in_flight.is_some_and(|(sent, _)| sent == client_id) {
            self.in_flight = None;
            self.hold_until = 0;
            self.held_by = None;
            self.backoff.reset();
        }
    }

    fn not_stored(&mut self, step: &mut Step<'_>) {
        if !std::mem::replace(&mut self.is_unstored, true) {
            step.push(Effect::NotStored);
        }
    }
}

/// Whether a refusal says that there is no such message.
fn is_about_its_target(code: ErrorCode) -> bool {
    code == ErrorCode::NotFound || code.as_str() == "noSuchMessage"
}

fn store(row: &OutboxRow) -> Effect {
    Effect::Store {
        client_id: row.client_id,
        row: row.write(),
    }
}
