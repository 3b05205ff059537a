//! Commands over HTTP: frames are gathered and posted, one request at a time.

use crate::backoff::Backoff;
use crate::connection::channel_ids::ChannelIds;
use crate::effect::Effect;
use crate::limits::{COMMANDS_BYTES_MAX, COMMANDS_MAX_MS, COMMANDS_PER_REQUEST_MAX, REFUSED_MIN_MS};
use crate::model::now::Now;
use crate::step::Step;
use crate::wire::endpoints;

/// The frames to post, and the request that is on its way.
#[derive(Debug, Default)]
pub(super) struct CommandQueue {
    frames: Vec<QueuedFrame>,
    request: Option<CommandRequest>,
    backoff: Backoff,
}

#[derive(Debug)]
struct QueuedFrame {
    text: String,
    changes_rooms: bool,
}

/// A request that is on its way, or was refused and is made again.
#[derive(Debug)]
pub(super) struct CommandRequest {
    /// 0 while it is held back.
    id: u32,
    /// Without an answer by then, the line is dead; of one that is held back, when it is made again.
    until: u64,
    body: String,
    /// The answer's cursor replaces the line's: other rooms are joined by it.
    pub(super) changes_rooms: bool,
}

impl CommandQueue {
    pub(super) fn push(&mut self, text: String, changes_rooms: bool) {
        // What is said again while nothing gets through takes no more room.
        self.frames.retain(|frame| changes_rooms || frame.text != text);
        self.frames.push(QueuedFrame { text, changes_rooms });
    }

    /// Posts what was gathered, unless a request is on its way.
    pub(super) fn flush(&mut self, step: &mut Step<'_>, cursor: Option<&str>, channels: &mut ChannelIds) {
        if self.frames.is_empty() || self.request.is_some() {
            return;
        }
        let (mut body, mut changes_rooms) = (String::from("["), false);
        for frame in self.frames.drain(..self.fitting()) {
            if body.len() > 1 {
                body.push(',');
            }
            body += &frame.text;
            changes_rooms |= frame.changes_rooms;
        }
        body.push(']');
        self.request = Some(CommandRequest {
            id: 0,
            until: 0,
            body,
            changes_rooms,
        });
        self.post(step, cursor, channels);
    }

    fn post(&mut self, step: &mut Step<'_>, cursor: Option<&str>, channels: &mut ChannelIds) {
        if let Some(request) = &mut self.request {
            let id = channels.next();
            request.id = id;
            request.until = step.now.ms + COMMANDS_MAX_MS;
            let address = endpoints::commands(cursor.filter(|_| request.changes_rooms));
            let body = Some(request.body.clone());
            step.push(Effect::Request { id, address, body });
        }
    }

    /// The request was refused on its way. It is made again, ever more rarely; nothing overtakes it.
    pub(super) fn hold_back(&mut self, now: Now, retry_after_ms: u64) {
        let wait = self.backoff.next_ms(now.random).max(REFUSED_MIN_MS);
        if let Some(request) = &mut self.request {
            request.id = 0;
            request.until = now.ms + wait.max(retry_after_ms);
        }
    }

    /// Makes a request that was held back again. False when the answer to the one that is on its way is overdue.
    pub(super) fn tick(
        &mut self,
        step: &mut Step<'_>,
        cursor: Option<&str>,
        channels: &mut ChannelIds,
    ) -> bool {
        if step.now.ms < self.due() {
            return true;
        }
        let is_held_back = self.owns(0);
        if is_held_back {
            self.post(step, cursor, channels);
        }
        is_held_back
    }

    /// How many of the frames go into one request; at least one.
    fn fitting(&self) -> usize {
        let (mut count, mut bytes) = (0, 0);
        for frame in self.frames.iter().take(COMMANDS_PER_REQUEST_MAX) {
            bytes += frame.text.len() + 1;
            if count > 0 && bytes > COMMANDS_BYTES_MAX {
                break;
            }
            count += 1;
        }
        count
    }

    pub(super) fn owns(&self, id: u32) -> bool {
        self.request.as_ref().is_some_and(|request| request.id == id)
    }

    /// Takes the request that was answered, if it is this one.
    pub(super) fn answered(&mut self, id: u32) -> Option<CommandRequest> {
        let answered = self.request.take_if(|request| request.id == id)?;
        self.backoff.reset();
        Some(answered)
    }

    /// Posts what was gathered for the last time, also beside a request that is on its way. Nobody waits for the answers.
    pub(super) fn part(&mut self, step: &mut Step<'_>, cursor: Option<&str>, channels: &mut ChannelIds) {
        self.request = None;
        self.flush(step, cursor, channels);
        self.request = None;
    }

    /// Aborts the request that is on its way.
    pub(super) fn close(&mut self, step: &mut Step<'_>) {
        if let Some(CommandRequest { id, .. }) = self.request.take() {
            step.push(Effect::Close { id });
        }
    }

    /// When the request that is on its way has taken too long.
    pub(super) fn due(&self) -> u64 {
        self.request.as_ref().map_or(u64::MAX, |request| request.until)
    }
}
