//! Commands over HTTP: frames are gathered and posted, one request at a time.

use crate::connection::channel_ids::ChannelIds;
use crate::effect::Effect;
use crate::limits::{COMMANDS_BYTES_MAX, COMMANDS_MAX_MS, COMMANDS_PER_REQUEST_MAX};
use crate::step::Step;
use crate::wire::endpoints;

/// The frames to post, and the request that is on its way.
#[derive(Debug, Default)]
pub(super) struct CommandQueue {
    frames: Vec<QueuedFrame>,
    request: Option<CommandRequest>,
}

#[derive(Debug)]
struct QueuedFrame {
    text: String,
    changes_rooms: bool,
}

/// A request that is on its way.
#[derive(Debug)]
pub(super) struct CommandRequest {
    id: u32,
    /// Without an answer by then, the line is dead.
    until: u64,
    /// The answer's cursor replaces the line's: other rooms are joined by it.
    pub(super) changes_rooms: bool,
}

impl CommandQueue {
    pub(super) fn push(&mut self, text: String, changes_rooms: bool) {
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
        let id = channels.next();
        let until = step.now.ms + COMMANDS_MAX_MS;
        self.request = Some(CommandRequest {
            id,
            until,
            changes_rooms,
        });
        let address = endpoints::commands(cursor.filter(|_| changes_rooms));
        let body = Some(body);
        step.push(Effect::Request { id, address, body });
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
        self.request.take_if(|request| request.id == id)
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
