//! The record of a browser that the checker gets.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use client::effect::Effect;
use client::model::{Message, Operation};
use client::outbox::SendState;
use client::room::Edge;
use client::tab::Tab;
use client::testing::QueuedInput;
use client::wire::{Envelope, Frame};
use protocol::{ClientId, ErrorCode, MessageText};

use super::Browser;
use super::tab::Slot;
use crate::checker::{self, Acked, Action, Ends, Row, Written};

impl Browser {
    /// Notes what the person did by this input, if the tab accepted it.
    pub(super) fn note_written(&mut self, slot: usize, input: QueuedInput, effects: &[Effect]) {
        // The server keeps texts as this makes them.
        let kept = |text: String| match MessageText::parse(&text) {
            Ok(kept) => kept.as_str().into(),
            Err(_) => text.into(),
        };
        let (operation, action) = match input {
            QueuedInput::Post(_, text) => (Operation::Post, Action::Post(kept(text))),
            QueuedInput::Edit(_, target, text) => {
                let text = kept(text);
                (Operation::Edit, Action::Edit { target, text })
            }
            QueuedInput::Delete(_, target) => (Operation::Delete, Action::Delete { target }),
            QueuedInput::React(_, target, emoji, on) => {
                let emoji = emoji.into();
                let operation = if on { Operation::React } else { Operation::Unreact };
                (operation, Action::React { target, emoji, on })
            }
            _ => return,
        };
        if !effects.contains(&Effect::Accepted(operation)) {
            return;
        }
        let stored = effects.iter().find_map(|effect| match effect {
            Effect::Store { client_id, .. } => Some(*client_id),
            _ => None,
        });
        let Some(client_id) = stored else {
            self.record
                .unexpected
                .push("something was taken and not stored".to_owned());
            return;
        };
        let written = match &action {
            Action::Post(_) => &self.progress.written,
            _ => &self.progress.changed,
        };
        written.fetch_add(1, Ordering::Relaxed);
        self.record.written.push(Written {
            client_id,
            room: Arc::clone(&self.slots[slot].room),
            action,
        });
    }

    /// Notes the acknowledgements in what a tab receives.
    pub(super) fn note_received(&mut self, input: &QueuedInput) {
        match input {
            QueuedInput::Text { text, .. } => self.note_frame(text),
            QueuedInput::Answer(_, Some(body)) if body.contains(r#""frames":"#) => {
                let frames = Envelope::read(body).map_or(Vec::new(), |envelope| envelope.frames);
                for frame in frames {
                    self.note_frame(frame);
                }
            }
            _ => {}
        }
    }

    fn note_frame(&mut self, text: &str) {
        match Frame::read(text) {
            // A name has no place in a room.
            Some(Frame::Ack { client_id, seq }) if seq > 0 => self.acknowledged(Acked { client_id, seq }),
            Some(Frame::Event { event, .. }) => {
                if let Some((client_id, author)) = event.command()
                    && Some(author) == self.record.user_id
                {
                    let seq = event.seq();
                    self.acknowledged(Acked { client_id, seq });
                }
            }
            Some(Frame::UserId { user_id, .. }) if Some(user_id) != self.record.user_id => {
                self.record
                    .unexpected
                    .push(format!("the server took it for {user_id}"));
            }
            Some(Frame::Error(refused)) if refused.code.is_retryable() => {
                self.progress.held_off.fetch_add(1, Ordering::Relaxed);
            }
            Some(Frame::Error(refused)) => {
                if let Some(client_id) = refused.client_id {
                    self.refused(client_id, refused.code);
                }
            }
            Some(Frame::Resync { .. }) => {
                self.progress.resyncs.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
        }
    }

    /// Notes what was refused for good. That somebody has deleted what is to be changed can happen; nothing else can.
    fn refused(&mut self, client_id: ClientId, code: ErrorCode) {
        if self.record.refused.contains(&client_id) {
            return;
        }
        self.record.refused.push(client_id);
        self.progress.refused.fetch_add(1, Ordering::Relaxed);
        if code.as_str() != "deleted" {
            let text = format!("{client_id} was refused as {}", code.as_str());
            self.record.unexpected.push(text);
        }
    }

    /// Notes an acknowledgement: the first of each message, and any that contradicts it.
    fn acknowledged(&mut self, acked: Acked) {
        let known = self.acked.insert(acked.client_id, acked.seq);
        if known.is_none() {
            self.progress.acked.fetch_add(1, Ordering::Relaxed);
        }
        if known != Some(acked.seq) {
            self.record.acked.push(acked);
        }
    }

    /// Counts the commands in what is sent.
    pub(super) fn count_posts(&self, text: &str) {
        let posts = COMMANDS.iter().map(|begin| text.matches(begin).count() as u64);
        self.progress.sent.fetch_add(posts.sum(), Ordering::Relaxed);
    }

    /// Records what the tab shows, and scrolls as a reader does: up to what was missed, then back to the end.
    pub(super) fn show(&mut self, slot: usize) {
        let tab_slot = &self.slots[slot];
        let Some(tab) = tab_slot.tab() else { return };
        let screen = self.record.screens.entry(Arc::clone(&tab_slot.room)).or_default();
        let rows = tab.rows();
        let ends = ends(tab);
        screen.show(rows.iter().map(|message| row(message)), ends);
        if let Some(reached) = self.progress.reached.get(slot) {
            reached.complete.store(screen.complete_to(), Ordering::Relaxed);
        }
        let first = rows.first().map_or(0, |first| first.seq);
        let misses_some = screen.complete_to() < first;
        let can_load = |edge| matches!(edge, Edge::More | Edge::Failed);
        let (up, down) = (can_load(tab.older()), can_load(tab.newer()));
        let is_above = misses_some || !ends.is_last;
        if std::mem::replace(&mut self.slots[slot].is_above, is_above) != is_above {
            self.queue_input(slot, QueuedInput::AtEnd(!is_above));
        }
        if misses_some && up {
            self.scroll(slot, QueuedInput::Older);
        } else if !misses_some && down {
            self.scroll(slot, QueuedInput::Newer);
        }
    }

    fn scroll(&mut self, slot: usize, input: QueuedInput) {
        if !std::mem::replace(&mut self.slots[slot].scrolling, true) {
            let after = self.random.ms(5, 50);
            self.queue_input_after(after, slot, input);
        }
    }

    /// Updates the counters of pending rows and of the events that each tab knows.
    pub(super) fn count_pending(&self) {
        let waiting = self.slots.iter().filter_map(Slot::tab);
        let waiting = waiting.map(|tab| tab.outbox_len() as u64).max().unwrap_or(0);
        self.progress.waiting.store(waiting, Ordering::Relaxed);
        for (slot, reached) in self.slots.iter().zip(&self.progress.reached) {
            let known_to = slot.tab().map_or(0, Tab::known_to);
            reached.known_to.store(known_to, Ordering::Relaxed);
        }
    }

    /// Notes what still waits and every row on the screens, with what is shown over it, and returns the record.
    pub(super) fn into_record(mut self) -> checker::Client {
        let mut refused = Vec::new();
        for slot in &self.slots {
            let Some(tab) = slot.tab() else { continue };
            let screen = self.record.screens.entry(Arc::clone(&slot.room)).or_default();
            screen.reload();
            let shown = tab.shown();
            screen.show(shown.iter().map(|echoed| row(&echoed.message)), ends(tab));
            for (row, state) in tab.pending().chain(tab.changes()) {
                match state {
                    SendState::Failed(code) => refused.push((row.client_id, code)),
                    SendState::Sent => {}
                    SendState::Waiting | SendState::MaybeSent | SendState::NotSent => {
                        self.record.waiting.push(row.client_id)
                    }
                }
            }
        }
        for (client_id, code) in refused {
            self.refused(client_id, code);
        }
        self.record
    }
}

/// How the frames of commands begin.
const COMMANDS: &[&str] = &[
    r#"{"type":"post""#,
    r#"{"type":"edit""#,
    r#"{"type":"delete""#,
    r#"{"type":"react""#,
];

fn ends(tab: &Tab) -> Ends {
    Ends {
        is_first: tab.older() == Edge::End,
        is_last: tab.newer() == Edge::End,
    }
}

fn row(message: &Message) -> Row<'_> {
    Row {
        seq: message.seq,
        rev: message.rev,
        id: message.id,
        client_id: message.client_id,
        author: message.user_id,
        at: message.at,
        text: &message.message,
        edited_at: message.edited_at(),
        is_deleted: message.is_deleted(),
        reactions: message.reactions(),
    }
}
