//! The record of a browser that the checker gets.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use client::effect::Effect;
use client::model::Event as RoomEvent;
use client::model::Operation;
use client::outbox::SendState;
use client::room::Edge;
use client::testing::QueuedInput;
use client::wire::{Envelope, Frame};

use super::Browser;
use super::tab::Slot;
use crate::checker::{self, Acked, Row, Written};

impl Browser {
    /// Notes a text that the person wrote, if the tab accepted it.
    pub(super) fn note_written(&mut self, slot: usize, text: String, effects: &[Effect]) {
        if !effects.contains(&Effect::Accepted(Operation::Post)) {
            return;
        }
        let stored = effects.iter().find_map(|effect| match effect {
            Effect::Store { client_id, .. } => Some(*client_id),
            _ => None,
        });
        let Some(client_id) = stored else {
            self.record
                .unexpected
                .push("a message was taken and not stored".to_owned());
            return;
        };
        self.progress.written.fetch_add(1, Ordering::Relaxed);
        self.record.written.push(Written {
            client_id,
            room: Arc::clone(&self.slots[slot].room),
            text: text.into(),
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
            Some(Frame::Event {
                event: RoomEvent::Message(message),
                ..
            }) if Some(message.user_id) == self.record.user_id => {
                self.acknowledged(Acked {
                    client_id: message.client_id,
                    seq: message.seq,
                });
            }
            Some(Frame::UserId { user_id, .. }) if Some(user_id) != self.record.user_id => {
                self.record
                    .unexpected
                    .push(format!("the server took it for {user_id}"));
            }
            Some(Frame::Error(refused)) if refused.code.is_retryable() => {
                self.progress.held_off.fetch_add(1, Ordering::Relaxed);
            }
            Some(Frame::Resync { .. }) => {
                self.progress.resyncs.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
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

    /// Counts the posts in what is sent.
    pub(super) fn count_posts(&self, text: &str) {
        let posts = text.matches(r#"{"type":"post""#).count() as u64;
        self.progress.sent.fetch_add(posts, Ordering::Relaxed);
    }

    /// Records what the tab shows, and scrolls as a reader does: up to what was missed, then back to the end.
    pub(super) fn show(&mut self, slot: usize) {
        let tab_slot = &self.slots[slot];
        let Some(tab) = tab_slot.tab() else { return };
        let screen = self.record.screens.entry(Arc::clone(&tab_slot.room)).or_default();
        let rows = tab.rows();
        let is_end = tab.newer() == Edge::End;
        let shown = rows.iter().map(|message| Row {
            seq: message.seq,
            id: message.id,
            client_id: message.client_id,
            author: message.user_id,
            text: &message.message,
            at: message.at,
        });
        screen.show(shown, is_end);
        if let Some((_, complete)) = self.progress.complete.get(slot) {
            complete.store(screen.complete_to(), Ordering::Relaxed);
        }
        let first = rows.first().map_or(0, |first| first.seq);
        let misses_some = screen.complete_to() + 1 < first;
        let can_load = |edge| matches!(edge, Edge::More | Edge::Failed);
        let (up, down) = (can_load(tab.older()), can_load(tab.newer()));
        let is_above = misses_some || !is_end;
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

    /// Updates the counter of pending rows.
    pub(super) fn count_pending(&self) {
        let waiting = self.slots.iter().filter_map(Slot::tab);
        let waiting = waiting.map(|tab| tab.outbox_len() as u64).max().unwrap_or(0);
        self.progress.waiting.store(waiting, Ordering::Relaxed);
    }

    /// Notes what still waits and every row on the screens, and returns the record.
    pub(super) fn into_record(mut self) -> checker::Client {
        for slot in 0..self.slots.len() {
            if let Some(screen) = self.record.screens.get_mut(&self.slots[slot].room) {
                screen.reload();
            }
            self.show(slot);
            let Some(tab) = self.slots[slot].tab() else {
                continue;
            };
            for (row, state) in tab.pending() {
                match state {
                    SendState::Failed(code) => {
                        let text = format!("{} was refused as {}", row.client_id, code.as_str());
                        self.record.unexpected.push(text);
                        self.record.refused.push(row.client_id);
                    }
                    SendState::Sent => {}
                    SendState::Waiting | SendState::MaybeSent | SendState::NotSent => {
                        self.record.waiting.push(row.client_id)
                    }
                }
            }
        }
        self.record
    }
}
