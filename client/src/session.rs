//! The whole client of one room: the line, what is known of the room, and what is on its way to it.

use std::sync::Arc;

use protocol::{ClientId, ErrorCode, MessageText, RoomName, UserId};

use crate::Now;
use crate::connection::{self, Connection, Line, Status};
use crate::frames::{self, Event, Frame, Page, Refused};
use crate::limits::RESYNCS_MAX;
use crate::message::Message;
use crate::posts::{Post, Posts};
use crate::timeline::{Fetch, Older, Outcome, Timeline};

/// What happens to a client.
#[derive(Debug)]
pub enum Input<'a> {
    /// Something about the line that is not a frame.
    Line(connection::Input),
    /// A frame arrived on this line.
    Frame(Line, &'a str),
    /// The answer to an [`Effect::Fetch`] of this number; `None` when there was none in time.
    Fetched(u32, Option<&'a str>),
    /// Say this in the room, under this new id.
    Post(ClientId, String),
    /// Show what stands above the first row.
    Older,
    /// The reader is at the end: rows far above it can go.
    Trim,
}

/// What a client asks for, and what it has to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open a line with this number, first asking for an identity if `identify` says so.
    Open {
        /// The new line's number.
        line: Line,
        /// Whether to call `GET /api/v1/me` first.
        identify: bool,
    },
    /// Send this text on the line.
    Send(String),
    /// Close the line.
    Close,
    /// Come back with [`connection::Input::Timer`] after so many milliseconds; replaces the time set before.
    Timer(u64),
    /// Forget the time that was set.
    ClearTimer,
    /// Get a page of history.
    Fetch(Fetch),
    /// How the line is.
    Status(Status),
    /// Who we are.
    UserId(UserId),
    /// [`Session::rows`], [`Session::posts`] or [`Session::older`] are others now.
    Show,
    /// The post was taken: empty the input.
    Accepted,
    /// Something was refused. With a text, that is what was written: put it back into the input.
    Refused {
        /// Why.
        code: ErrorCode,
        /// What was written, unless it still stands in the input.
        text: Option<String>,
    },
}

/// The client of one room.
#[derive(Debug)]
pub struct Session {
    room: RoomName,
    user_id: Option<UserId>,
    connection: Connection,
    timeline: Timeline,
    posts: Posts,
    /// Whether this line is joined to the room. Until it is, events are not for us and posts wait.
    joined: bool,
    resyncs: u32,
}

impl Session {
    /// A client of `room` that starts from `page`, the room's last messages and whether there are older ones.
    /// Without a page or without an identity it asks for them.
    #[must_use]
    pub fn new(room: RoomName, user_id: Option<UserId>, page: Option<(Page, bool)>) -> Self {
        let timeline = page.map(|(page, has_older)| Timeline::from_page(page, has_older));
        Self {
            room,
            connection: Connection::new(user_id.is_none()),
            user_id,
            timeline: timeline.unwrap_or_default(),
            posts: Posts::default(),
            joined: false,
            resyncs: 0,
        }
    }

    /// The messages, oldest first.
    #[must_use]
    pub fn rows(&self) -> &[Arc<Message>] {
        self.timeline.rows()
    }

    /// The posts that are on their way, oldest first.
    #[must_use]
    pub fn posts(&self) -> &[Post] {
        self.posts.list()
    }

    /// What stands above the first row.
    #[must_use]
    pub fn older(&self) -> Older {
        self.timeline.older()
    }

    /// Takes one input.
    pub fn step(&mut self, now: Now, input: Input<'_>, effects: &mut Vec<Effect>) {
        match input {
            Input::Line(input) => self.line(now, input, effects),
            Input::Frame(line, text) if self.connection.is_current(line) => {
                self.line(now, connection::Input::Heard(line), effects);
                self.frame(now, line, Frame::read(text), effects);
            }
            Input::Frame(..) => {}
            Input::Fetched(id, text) => {
                let outcome = self.timeline.page(id, text.and_then(Page::read));
                self.outcome(now, outcome, effects);
            }
            Input::Post(client_id, text) => self.post(client_id, text, effects),
            Input::Older => {
                if let Some(fetch) = self.timeline.ask_older() {
                    effects.push(Effect::Fetch(fetch));
                    effects.push(Effect::Show);
                }
            }
            Input::Trim => {
                if self.timeline.trim() {
                    effects.push(Effect::Show);
                }
            }
        }
    }

    fn line(&mut self, now: Now, input: connection::Input, effects: &mut Vec<Effect>) {
        let mut asked = Vec::new();
        self.connection.step(now, input, &mut asked);
        for effect in asked {
            effects.push(match effect {
                connection::Effect::Open { line, identify } => Effect::Open { line, identify },
                connection::Effect::Ping => Effect::Send(frames::PING.to_owned()),
                connection::Effect::Close => Effect::Close,
                connection::Effect::Timer(ms) => Effect::Timer(ms),
                connection::Effect::ClearTimer => Effect::ClearTimer,
                connection::Effect::Status(status) => {
                    self.joined &= status == Status::Online;
                    Effect::Status(status)
                }
            });
        }
    }

    fn frame(&mut self, now: Now, line: Line, frame: Option<Frame>, effects: &mut Vec<Effect>) {
        match frame {
            Some(Frame::UserId { user_id, epoch }) => {
                if self.user_id.replace(user_id) != Some(user_id) {
                    effects.push(Effect::UserId(user_id));
                }
                match self.timeline.cursor() {
                    Some(cursor) if cursor.epoch == epoch => self.join(effects),
                    _ => self.start_over(now, effects),
                }
            }
            Some(Frame::Joined { room, epoch, seq, .. }) if self.is_here(&room) => {
                let here = self.timeline.cursor();
                if here.is_some_and(|cursor| cursor.epoch == epoch && seq <= cursor.seq) {
                    self.joined = true;
                    self.resyncs = 0;
                    self.send_posts(effects);
                } else {
                    self.start_over(now, effects);
                }
            }
            Some(Frame::Resync { room }) if self.is_here(&room) => self.start_over(now, effects),
            Some(Frame::Event { room, event }) if self.joined && self.is_here(&room) => {
                self.event(now, event, effects);
            }
            Some(Frame::Ack { client_id, seq }) => {
                self.posts.ack(client_id, seq);
                self.settle(effects);
            }
            Some(Frame::Error(refused)) => self.refused(&refused, effects),
            Some(Frame::Bye { reconnect_ms, .. }) => {
                self.line(now, connection::Input::Bye(line, reconnect_ms), effects);
            }
            _ => {}
        }
    }

    fn is_here(&self, room: &str) -> bool {
        room == self.room.as_str()
    }

    /// Asks for the room from where we stand.
    fn join(&mut self, effects: &mut Vec<Effect>) {
        self.joined = false;
        if let Some(cursor) = self
            .timeline
            .cursor()
            .filter(|_| !self.timeline.is_starting_over())
        {
            let frame = frames::join(self.room.as_str(), cursor.epoch, cursor.seq, cursor.id);
            effects.push(Effect::Send(frame));
        }
    }

    /// Loads the room anew: the cursor means nothing to this server.
    fn start_over(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.joined = false;
        self.resyncs += 1;
        if self.resyncs > RESYNCS_MAX {
            self.resyncs = 0;
            self.line(now, connection::Input::Drop, effects);
        } else {
            effects.push(Effect::Fetch(self.timeline.ask_latest()));
        }
    }

    fn event(&mut self, now: Now, event: Event, effects: &mut Vec<Effect>) {
        let own = match &event {
            Event::Message(message) if Some(message.user_id) == self.user_id => Some(message.client_id),
            _ => None,
        };
        let outcome = self.timeline.event(event);
        self.outcome(now, outcome, effects);
        if own.is_some_and(|client_id| self.posts.settle(client_id)) {
            effects.push(Effect::Show);
        }
    }

    fn outcome(&mut self, now: Now, outcome: Outcome, effects: &mut Vec<Effect>) {
        match outcome {
            Outcome::Unchanged => {}
            Outcome::Changed => effects.push(Effect::Show),
            Outcome::StartedOver | Outcome::Gap => {
                effects.push(Effect::Show);
                self.join(effects);
            }
            Outcome::Lost => {
                effects.push(Effect::Show);
                self.line(now, connection::Input::Drop, effects);
            }
        }
        self.settle(effects);
    }

    /// Lets the posts go that are acknowledged and within what we know of the room.
    fn settle(&mut self, effects: &mut Vec<Effect>) {
        let known = self.timeline.cursor().map_or(0, |cursor| cursor.seq);
        if self.posts.settle_to(known) {
            effects.push(Effect::Show);
        }
    }

    fn post(&mut self, client_id: ClientId, text: String, effects: &mut Vec<Effect>) {
        let refused = match MessageText::parse(&text) {
            Err(ErrorCode::Empty) => return,
            Err(code) => Some(code),
            Ok(_) => self.posts.is_full().then_some(ErrorCode::Busy),
        };
        if let Some(code) = refused {
            effects.push(Effect::Refused { code, text: None });
            return;
        }
        if self.joined {
            effects.push(Effect::Send(frames::post(self.room.as_str(), client_id, &text)));
        }
        self.posts.push(client_id, text);
        effects.push(Effect::Accepted);
        effects.push(Effect::Show);
    }

    /// Sends what is not acknowledged, in order; what the server has already, it acknowledges again.
    fn send_posts(&self, effects: &mut Vec<Effect>) {
        for post in self.posts.list().iter().filter(|post| post.acked.is_none()) {
            let frame = frames::post(self.room.as_str(), post.client_id, &post.text);
            effects.push(Effect::Send(frame));
        }
    }

    fn refused(&mut self, refused: &Refused, effects: &mut Vec<Effect>) {
        let post = refused.client_id.and_then(|client_id| self.posts.take(client_id));
        if post.is_some() {
            effects.push(Effect::Show);
        }
        effects.push(Effect::Refused {
            code: refused.code,
            text: post.map(|post| post.text),
        });
    }
}

#[cfg(test)]
mod tests;
