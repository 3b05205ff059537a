//! One line to the server, over one of four transports that all say the same frames.
//!
//! A socket is one channel. Over HTTP a line is a chain of requests that hand on a cursor: events come by a stream
//! or by polls, commands go by `POST`, one request at a time; a command that changes which rooms are joined changes
//! the cursor, and receiving starts anew from the one that comes back. What is received twice thereby is known by
//! its `seq`; nothing is left out, for the cursor handed on is never ahead of what was received.

use protocol::limits::SILENCE_MAX_MS;
use protocol::{Epoch, UserId};

use crate::connection::channel_ids::ChannelIds;
use crate::connection::commands::CommandQueue;
use crate::effect::Effect;
use crate::limits::{
    FIRST_ANSWER_MAX_MS, FIRST_FRAME_MAX_MS, LONG_POLL_MAX_MS, OPEN_MAX_MS, POLL_INTERVAL_MS,
    POLL_WAIT_SECONDS, PROBE_MAX_MS, QUIET_AFTER_POST_MS, REQUEST_MAX_MS, WAITED_MIN_MS,
};
use crate::model::now::Now;
use crate::model::transport::Transport;
use crate::step::Step;
use crate::wire::endpoints;
use crate::wire::incoming::Envelope;
use crate::wire::outgoing::PING;

/// The line is to be given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dead;

/// Who the server says we are, in which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Greeting {
    pub(crate) user_id: UserId,
    pub(crate) epoch: Epoch,
}

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) transport: Transport,
    /// That of its first channel.
    pub(crate) number: u32,
    /// The first frame.
    pub(crate) greeting: Option<Greeting>,
    /// The transport has shown that it works. A long poll has when a request that did wait was answered.
    pub(crate) is_proved: bool,
    /// The server answered something that was said on it: it leads both ways.
    pub(crate) is_answered: bool,
    /// The socket opened, though it may not have brought a frame.
    pub(crate) is_open: bool,
    /// Time of the last frame, in ms.
    pub(crate) received_at: u64,
    /// How long it may be silent without being cut, in ms; 0 where nothing cuts silent lines.
    beat_ms: u64,
    /// The channel that events come by; 0 between two polls.
    receiving: u32,
    /// The poll that is on its way asks the server to wait for events; it began at `since`.
    waits: bool,
    since: u64,
    /// When the line was opened: in a lively room no request waits long, but a line that lasts is good enough.
    opened: u64,
    /// Deadline for the next frame; between two polls, the time of the next one.
    until: u64,
    /// When to probe the line after a post, unless something is received.
    ask_at: Option<u64>,
    cursor: Option<String>,
    commands: CommandQueue,
}

impl Line {
    pub(crate) fn open(
        step: &mut Step<'_>,
        transport: Transport,
        beat_ms: u64,
        channels: &mut ChannelIds,
    ) -> Self {
        let mut line = Self {
            transport,
            number: 0,
            greeting: None,
            is_proved: false,
            is_answered: false,
            is_open: false,
            received_at: step.now.ms,
            beat_ms,
            receiving: 0,
            waits: false,
            since: step.now.ms,
            opened: step.now.ms,
            until: 0,
            ask_at: None,
            cursor: None,
            commands: CommandQueue::default(),
        };
        line.receive(step, channels);
        line.number = line.receiving;
        line
    }

    /// The tab goes: what it has said is still posted.
    pub(crate) fn part(&mut self, step: &mut Step<'_>, channels: &mut ChannelIds) {
        self.commands.part(step, self.cursor.as_deref(), channels);
    }

    pub(crate) fn close(&mut self, step: &mut Step<'_>) {
        self.stop_receiving(step);
        self.commands.close(step);
    }

    pub(crate) fn owns(&self, id: u32) -> bool {
        id == self.receiving || self.commands.owns(id)
    }

    /// Starts or restarts receiving from the cursor.
    pub(crate) fn receive(&mut self, step: &mut Step<'_>, channels: &mut ChannelIds) {
        self.stop_receiving(step);
        let id = channels.next();
        self.receiving = id;
        self.since = step.now.ms;
        self.waits = self.transport == Transport::LongPoll && self.cursor.is_some();
        self.ask_at = None;
        let mut address = endpoints::events(self.cursor.as_deref());
        let (effect, patience) = match self.transport {
            Transport::WebSocket => (Effect::Socket { id }, OPEN_MAX_MS),
            Transport::Stream => {
                if self.beat_ms > 0 {
                    address += "&beat=";
                    address += &(self.beat_ms / 1_000).to_string();
                }
                (Effect::Stream { id, address }, FIRST_FRAME_MAX_MS)
            }
            Transport::LongPoll | Transport::Poll => {
                if self.waits {
                    let is_cut = self.beat_ms > 0;
                    let seconds = if is_cut {
                        self.beat_ms / 1_000
                    } else {
                        POLL_WAIT_SECONDS
                    };
                    address += "&wait=";
                    address += &seconds.to_string();
                }
                let body = None;
                let patience = if self.waits {
                    LONG_POLL_MAX_MS
                } else {
                    REQUEST_MAX_MS
                };
                (Effect::Request { id, address, body }, patience)
            }
        };
        step.push(effect);
        self.until = step.now.ms + patience;
    }

    pub(crate) fn opened(&mut self, now: u64) {
        self.is_open = true;
        self.until = now + FIRST_FRAME_MAX_MS;
    }

    /// A frame arrived; on a stream, with the event's id as cursor.
    pub(crate) fn received(&mut self, now: u64, cursor: Option<&str>) {
        self.received_at = now;
        let is_socket = self.transport == Transport::WebSocket;
        if self.is_answered || !is_socket || self.greeting.is_none() {
            self.until = now + SILENCE_MAX_MS;
        }
        self.ask_at = (is_socket && self.beat_ms > 0).then_some(now + self.beat_ms);
        if let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) {
            self.cursor = Some(cursor.to_owned());
        }
    }

    /// The first frame says that what the server says arrives. A `ping` shows whether what is said to it does, too.
    pub(crate) fn greeted(&mut self, step: &mut Step<'_>, greeting: Greeting) {
        if self.greeting.replace(greeting).is_none() {
            self.send(step, PING.to_owned(), false);
        }
        match self.transport {
            Transport::WebSocket if self.is_answered => {}
            Transport::WebSocket => self.until = step.now.ms + FIRST_ANSWER_MAX_MS,
            Transport::Stream | Transport::Poll => self.is_proved = true,
            Transport::LongPoll => {}
        }
    }

    /// An answer arrived to something that was said. On a stream a `beat` may be none.
    pub(crate) fn heard(&mut self, now: u64) {
        if self.transport == Transport::WebSocket && !self.is_answered {
            (self.is_answered, self.is_proved) = (true, true);
            self.until = now + SILENCE_MAX_MS;
        }
    }

    /// Deadline for the next frame.
    pub(crate) fn until(&self) -> u64 {
        self.until
    }

    /// Since when nothing has come, in ms: of a poll, since it was asked.
    pub(crate) fn silent_since(&self) -> u64 {
        if self.waits { self.since } else { self.received_at }
    }

    /// A request was refused on its way. Commands are held back and posted again; else the line is dead, also where it is
    /// the server that refuses them for what they are.
    pub(crate) fn refused(
        &mut self,
        now: Now,
        id: u32,
        status: u16,
        retry_after_ms: u64,
    ) -> Result<(), Dead> {
        if !self.commands.owns(id) || matches!(status, 400 | 401) {
            return Err(Dead);
        }
        self.commands.hold_back(now, retry_after_ms);
        Ok(())
    }

    /// Takes an answer and returns its frames. No answer, or one that cannot be read, ends the line.
    pub(crate) fn answer<'a>(
        &mut self,
        step: &mut Step<'_>,
        id: u32,
        body: Option<&'a str>,
        channels: &mut ChannelIds,
    ) -> Result<Vec<&'a str>, Dead> {
        let envelope = body.and_then(Envelope::read).ok_or(Dead)?;
        match self.commands.answered(id) {
            Some(request) => {
                self.is_answered = true;
                if request.changes_rooms {
                    self.cursor = Some(envelope.cursor);
                }
                // By polling, one's own message would else be seen only with the next poll.
                if request.changes_rooms || self.transport == Transport::Poll {
                    self.receive(step, channels);
                }
            }
            None => self.polled(step, &envelope.cursor, envelope.frames.is_empty(), channels),
        }
        Ok(envelope.frames)
    }

    fn polled(&mut self, step: &mut Step<'_>, cursor: &str, is_empty: bool, channels: &mut ChannelIds) {
        self.received(step.now.ms, Some(cursor));
        // What was there at once says nothing of whether waiting is let.
        let has_waited =
            step.now.ms >= self.since + WAITED_MIN_MS || step.now.ms >= self.opened + LONG_POLL_MAX_MS;
        self.is_proved |= self.waits && has_waited;
        self.receiving = 0;
        // A server that answers at once with nothing must not be asked again at once.
        let in_vain = self.waits && is_empty && step.now.ms < self.since + POLL_INTERVAL_MS;
        if self.transport == Transport::Poll || in_vain {
            self.until = step.now.ms + POLL_INTERVAL_MS;
        } else {
            self.receive(step, channels);
        }
    }

    /// Sends a frame; over HTTP, with the next [`Line::flush`]. `changes_rooms`: it joins or leaves one.
    pub(crate) fn send(&mut self, step: &mut Step<'_>, text: String, changes_rooms: bool) {
        if self.transport == Transport::WebSocket {
            let id = self.receiving;
            step.push(Effect::Send { id, text });
        } else {
            self.commands.push(text, changes_rooms);
        }
    }

    /// A message was sent: silence is probed.
    pub(crate) fn expect(&mut self, now: u64) {
        if self.transport != Transport::Poll {
            let at = now + QUIET_AFTER_POST_MS;
            self.ask_at = Some(self.ask_at.map_or(at, |asked| asked.min(at)));
        }
    }

    /// Posts the gathered frames.
    pub(crate) fn flush(&mut self, step: &mut Step<'_>, channels: &mut ChannelIds) {
        self.commands.flush(step, self.cursor.as_deref(), channels);
    }

    /// Probes the line: by a `ping`, or by receiving anew, which is answered at once.
    pub(crate) fn probe(&mut self, step: &mut Step<'_>, channels: &mut ChannelIds) {
        self.ask_at = None;
        // Something is expected within that time anyway, or it was asked already.
        if self.greeting.is_none() || self.until <= step.now.ms + PROBE_MAX_MS {
            return;
        }
        match self.transport {
            Transport::WebSocket => self.send(step, PING.to_owned(), false),
            // The stream begins with a greeting; a poll is started anew below.
            Transport::Stream => self.receive(step, channels),
            Transport::LongPoll | Transport::Poll => {
                self.receive_without_waiting(step, channels);
            }
        }
        self.until = self.until.min(step.now.ms + PROBE_MAX_MS);
    }

    fn receive_without_waiting(&mut self, step: &mut Step<'_>, channels: &mut ChannelIds) {
        let transport = std::mem::replace(&mut self.transport, Transport::Poll);
        self.receive(step, channels);
        self.transport = transport;
    }

    pub(crate) fn tick(&mut self, step: &mut Step<'_>, channels: &mut ChannelIds) -> Result<(), Dead> {
        if !self.commands.tick(step, self.cursor.as_deref(), channels) {
            return Err(Dead);
        }
        if step.now.ms >= self.until {
            if self.receiving != 0 {
                return Err(Dead);
            }
            self.receive(step, channels);
        } else if self.ask_at.is_some_and(|at| step.now.ms >= at) {
            self.probe(step, channels);
        }
        Ok(())
    }

    /// When [`Line::tick`] has something to do.
    pub(crate) fn due(&self) -> u64 {
        self.until
            .min(self.commands.due())
            .min(self.ask_at.unwrap_or(u64::MAX))
    }

    fn stop_receiving(&mut self, step: &mut Step<'_>) {
        if self.receiving != 0 {
            let id = self.receiving;
            step.push(Effect::Close { id });
            self.receiving = 0;
        }
    }
}
