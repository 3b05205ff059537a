//! One tab of the chat, whole: the machine that the page and the fault tests run.
//!
//! See the crate's documentation for how it is run.

use std::sync::Arc;

use protocol::{ClientId, Epoch, ErrorCode, MessageText, RoomName, UserId};

use crate::Now;
use crate::effect::Effect;
use crate::frames::{self, Asked, Event, Frame, Page};
use crate::hub::{Answer, Hub};
use crate::link::{Kinds, Link, Status, Up};
use crate::message::Message;
use crate::outbox::{Outbox, Row, Seed, State};
use crate::tabs::{Role, Tabs, Word, word};
use crate::timeline::{Cursor, Older};
use crate::view::{HEAD_UNKNOWN, Missed, View};

/// What happens to a tab.
#[derive(Debug)]
pub enum Input<'a> {
    /// The page is there, or comes back from the browser's cache. Nothing is done before this.
    Start {
        /// Whether Web Locks and `BroadcastChannel` are both there.
        shared: bool,
        /// Whether somebody is looking.
        visible: bool,
    },
    /// The page goes (`pagehide`, or it is taken down): everything is closed, until the next start.
    Stop,
    /// The lock cannot be had here after all: connect alone.
    Alone,
    /// The lock is ours.
    LockGranted,
    /// The lock was stolen from us.
    LockLost,
    /// Another tab said this.
    Word(&'a str),
    /// Somebody looks at the page, or nobody does any more.
    Visible(bool),
    /// The browser is on a network again.
    Online,
    /// The time set by [`Effect::Timer`] has come.
    Timer,
    /// The socket of this number opened.
    Opened(u32),
    /// A frame arrived on the socket, an event on the stream of this number.
    Text {
        /// The channel.
        id: u32,
        /// The stream's last event id; `None` or empty when there is none.
        cursor: Option<&'a str>,
        /// The frame.
        text: &'a str,
    },
    /// The socket or stream of this number ended with this close code; 1006 where there is none.
    Closed(u32, u16),
    /// The request of this number was answered: the body of a 200, or nothing.
    Answer(u32, Option<&'a str>),
    /// The answer to an [`Effect::Fetch`] of this number; `None` when there was none in time.
    Fetched(u32, Option<&'a str>),
    /// What [`Effect::Load`] found, in any order; `None` when there is no storage.
    Loaded(Option<&'a [String]>),
    /// Whether an [`Effect::Store`] is on disk.
    Stored(ClientId, bool),
    /// Say this in the room.
    Post(Seed, String),
    /// Try a row that is stuck again, as a new message of who we are now.
    Retry(Seed, ClientId),
    /// Let a row go, where [`Tab::can_discard`] says it may.
    Discard(ClientId),
    /// Show what stands above the first row.
    Older,
    /// The reader is at the end: rows far above it can go.
    Trim,
    /// What was missed has been seen.
    Seen,
}

/// What a tab begins with.
#[derive(Debug)]
pub struct Config {
    /// The room it shows.
    pub room: RoomName,
    /// Who we are, if the page says so; else it is asked for.
    pub user_id: Option<UserId>,
    /// The room's last messages and whether there are older ones, if the page has them; else they are fetched.
    pub page: Option<(Page, bool)>,
    /// The transports to use.
    pub kinds: Kinds,
}

/// One tab.
#[derive(Debug)]
pub struct Tab {
    tabs: Tabs,
    link: Link,
    hub: Hub,
    outbox: Outbox,
    view: View,
    /// The line that is used, our own or the leader's.
    up: Option<Up>,
    /// The database of the last line.
    epoch: Option<Epoch>,
    status: Status,
    shown: (Status, Role),
    told: Option<(Status, Option<Up>)>,
    timer: Option<u64>,
}

impl Tab {
    /// A tab that is not started yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            tabs: Tabs::default(),
            link: Link::new(config.kinds, config.user_id.is_none()),
            hub: Hub::default(),
            outbox: Outbox::new(config.user_id),
            view: View::new(config.room, config.page),
            up: None,
            epoch: None,
            status: Status::default(),
            shown: (Status::default(), Role::Idle),
            told: None,
            timer: None,
        }
    }

    /// The room's messages, oldest first.
    #[must_use]
    pub fn rows(&self) -> &[Arc<Message>] {
        self.view.rows()
    }

    /// What was written here for this room and is not among the messages yet, in the order it was written.
    pub fn pending(&self) -> impl Iterator<Item = (&Row, State)> {
        self.outbox.of_room(self.view.room().as_str())
    }

    /// What stands above the first row.
    #[must_use]
    pub fn older(&self) -> Older {
        self.view.older()
    }

    /// What was missed during an absence and is restored, until it was seen.
    #[must_use]
    pub fn missed(&self) -> Option<Missed> {
        self.view.missed(self.outbox.me)
    }

    /// How the connection is, our own or the leader's.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// What this tab is to the others.
    #[must_use]
    pub fn role(&self) -> Role {
        self.tabs.role
    }

    /// Who we are.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        self.outbox.me
    }

    /// Why the server takes nothing at the moment, if it said so: everything waits, nothing is lost.
    #[must_use]
    pub fn held_by(&self) -> Option<ErrorCode> {
        self.outbox.held_by()
    }

    /// Whether a pending row may be discarded.
    #[must_use]
    pub fn can_discard(&self, client_id: ClientId) -> bool {
        self.outbox.can_discard(client_id)
    }

    /// Whether the room is joined and everything that was asked for is here: for tests that wait for it.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        self.up.is_some() && self.view.is_joined()
    }

    /// The number of rows in the outbox, of all rooms.
    #[must_use]
    pub fn outbox_len(&self) -> usize {
        self.outbox.len()
    }

    /// Takes one input.
    pub fn step(&mut self, now: Now, input: Input<'_>, effects: &mut Vec<Effect>) {
        self.take(now, input, effects);
        self.finish(now, effects);
    }

    fn take(&mut self, now: Now, input: Input<'_>, effects: &mut Vec<Effect>) {
        match input {
            Input::Start { shared, visible } => self.start(now, shared, visible, effects),
            Input::Stop => self.stop(effects),
            Input::LockGranted if self.tabs.role == Role::Idle => effects.push(Effect::ReleaseLock),
            _ if self.tabs.role == Role::Idle && Self::is_too_late(&input) => {}
            Input::Alone => self.lead(now, false, effects),
            Input::LockGranted => self.lead(now, true, effects),
            Input::LockLost => self.follow(now, effects),
            Input::Word(text) => {
                if let Some(word) = Word::read(text) {
                    self.tabs.has_others = true;
                    self.word(now, word, effects);
                }
            }
            Input::Visible(is_visible) => self.visible(now, is_visible, effects),
            Input::Online => self.link.awake(now, true, effects),
            Input::Timer => self.tick(now, effects),
            Input::Opened(id) => self.link.opened(now, id),
            Input::Text { id, cursor, text } => {
                if let Some(line) = self.link.heard(now, id, cursor) {
                    self.line_frame(now, line, text, effects);
                }
            }
            Input::Closed(id, code) => self.link.closed(now, id, code, effects),
            Input::Answer(id, body) => self.answer(now, id, body, effects),
            Input::Fetched(id, text) => self.view.fetched(now, id, text, effects),
            Input::Loaded(rows) => self.loaded(rows, effects),
            Input::Stored(client_id, is_stored) => self.outbox.stored(client_id, is_stored, effects),
            Input::Post(seed, text) => self.post(now, seed, text, effects),
            Input::Retry(seed, client_id) => self.retry(now, seed, client_id, effects),
            Input::Discard(client_id) => self.discard(now, client_id, effects),
            Input::Older => self.view.ask_older(effects),
            Input::Trim => self.view.trim(effects),
            Input::Seen => self.view.forget_missed(effects),
        }
    }

    /// Whether this is nothing to a tab that is not started, or gone: it takes in what it asked for, and what is
    /// written.
    fn is_too_late(input: &Input<'_>) -> bool {
        !matches!(
            input,
            Input::Loaded(_)
                | Input::Stored(..)
                | Input::Fetched(..)
                | Input::Post(..)
                | Input::Older
                | Input::Trim
                | Input::Seen
        )
    }

    fn start(&mut self, now: Now, shared: bool, visible: bool, effects: &mut Vec<Effect>) {
        if self.tabs.role != Role::Idle {
            return;
        }
        self.timer = None;
        if shared {
            self.tabs.start(now.ms, now.random, visible, effects);
            self.outbox.load(now, effects);
        } else {
            self.tabs.id = now.random;
            self.lead(now, false, effects);
        }
    }

    fn stop(&mut self, effects: &mut Vec<Effect>) {
        self.tabs.say(word::LEAVE, "", effects);
        if matches!(self.tabs.role, Role::Leader | Role::Follower) {
            effects.push(Effect::ReleaseLock);
        }
        self.tabs.role = Role::Idle;
        self.stop_leading(effects);
    }

    /// This tab has the connection from now on, for all tabs or for itself.
    fn lead(&mut self, now: Now, for_all: bool, effects: &mut Vec<Effect>) {
        if self.tabs.leads() {
            return;
        }
        // A transport that works for the leader before us works for us.
        let kind = self.tabs.leader.map(|_| self.status.kind);
        if for_all {
            self.tabs.granted();
        } else {
            self.tabs.alone(self.tabs.id);
        }
        self.outbox.leads = true;
        self.outbox.load(now, effects);
        self.told = None;
        self.link.start(now, kind, effects);
    }

    fn follow(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.tabs.role == Role::Leader {
            self.stop_leading(effects);
            self.tabs.lost(now.ms, effects);
        }
    }

    fn stop_leading(&mut self, effects: &mut Vec<Effect>) {
        self.link.stop(effects);
        self.hub.reset();
        self.outbox.leads = false;
    }

    fn visible(&mut self, now: Now, is_visible: bool, effects: &mut Vec<Effect>) {
        self.tabs.visible(now.ms, is_visible, effects);
        if is_visible {
            self.link.awake(now, false, effects);
            self.outbox.load(now, effects);
            if self.tabs.role == Role::Follower {
                // Words may have been lost while the tab was frozen.
                self.view.join();
            }
        }
    }

    fn loaded(&mut self, rows: Option<&[String]>, effects: &mut Vec<Effect>) {
        if self.outbox.loaded(rows, effects) {
            self.view.doubt_head();
        }
        if self.tabs.role == Role::Leader && self.tabs.has_others {
            self.tabs.say(word::ROWS, &self.outbox.list(), effects);
        }
    }

    fn tick(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.timer = None;
        self.tabs.tick(now.ms, effects);
        self.outbox.tick(now, effects);
        self.view.tick(now, effects);
        self.link.tick(now, effects);
    }

    fn answer(&mut self, now: Now, id: u32, body: Option<&str>, effects: &mut Vec<Effect>) {
        if let Some((line, frames)) = self.link.answer(now, id, body, effects) {
            for text in frames {
                self.line_frame(now, line, text, effects);
            }
        }
    }

    /// Takes a frame that came on a line of ours: the one that is used, or one that is being tried.
    fn line_frame(&mut self, now: Now, line: u32, text: &str, effects: &mut Vec<Effect>) {
        let Some(frame) = Frame::read(text) else { return };
        match frame {
            Frame::UserId { user_id, epoch } => self.link.greeted(now, line, user_id, epoch, effects),
            Frame::Bye { code, reconnect_ms } => {
                self.link.bye(now, line, (code, Some(reconnect_ms)), effects);
            }
            _ if !self.link.is_main(line) => {}
            frame => {
                self.hub.frame(&frame);
                if self.is_for_others(&frame) {
                    self.tabs.say(word::FRAME, text, effects);
                }
                self.deliver(now, frame, effects);
            }
        }
        self.follow_line(now, effects);
    }

    fn is_for_others(&self, frame: &Frame) -> bool {
        self.tabs.has_others
            && match frame {
                // Every tab has the outbox, whichever room it shows.
                Frame::Event {
                    event: Event::Message(message),
                    ..
                } if self.outbox.has(message.client_id) => true,
                Frame::Joined { room, .. } | Frame::Resync { room } | Frame::Event { room, .. } => {
                    self.hub.is_shown_elsewhere(room, self.tabs.id)
                }
                _ => true,
            }
    }

    /// Takes a frame of the line that is used, our own or the leader's.
    fn deliver(&mut self, now: Now, frame: Frame, effects: &mut Vec<Effect>) {
        match frame {
            Frame::Joined {
                room,
                epoch,
                seq,
                head,
            } if self.view.is_here(&room) => {
                self.view.joined(now, epoch, seq, head);
            }
            Frame::Resync { room } if self.view.is_here(&room) => self.view.resync(now, effects),
            Frame::Event { room, event } => {
                if let Event::Message(message) = &event {
                    self.outbox.seen(message, effects);
                }
                if self.view.is_here(&room) {
                    self.view.event(now, event, effects);
                }
            }
            Frame::Ack { client_id, seq } => self.outbox.acked(client_id, seq, effects),
            Frame::Error(refused) => self.outbox.refused(now, &refused, effects),
            _ => {}
        }
    }

    /// Another tab said something.
    fn word(&mut self, now: Now, word: Word<'_>, effects: &mut Vec<Effect>) {
        let is_leaders = self.tabs.leader == Some(word.from) && self.tabs.role == Role::Follower;
        match word.kind {
            word::ASK if self.tabs.role == Role::Leader => self.told = None,
            word::ROOM if self.tabs.role == Role::Leader => self.asked(word.from, word.rest, effects),
            word::LEAVE if self.tabs.role == Role::Leader => {
                self.hub.leave(word.from, None, (&mut self.link, effects));
            }
            word::ROW | word::UNSTORED_ROW => {
                if let Some(row) = Row::read(word.rest) {
                    self.outbox.learn(row, word.kind == word::ROW, effects);
                }
            }
            word::DISCARD => {
                if let Ok(client_id) = word.rest.parse() {
                    if self.tabs.role == Role::Leader {
                        self.discard(now, client_id, effects);
                    } else if is_leaders {
                        self.outbox.drop_row(client_id, effects);
                    }
                }
            }
            word::ROWS if is_leaders => self.outbox.keep_listed(word.rest, effects),
            word::STATUS if self.tabs.role == Role::Follower => self.heard_status(now, word, effects),
            word::FRAME if is_leaders => {
                self.tabs.heard_leader(now.ms, word.from);
                if let Some(frame) = Frame::read(word.rest) {
                    self.deliver(now, frame, effects);
                }
            }
            _ => {}
        }
    }

    fn heard_status(&mut self, now: Now, word: Word<'_>, effects: &mut Vec<Effect>) {
        if let Some((status, up)) = Status::read(now.ms, word.from, word.rest) {
            if self.tabs.heard_leader(now.ms, word.from) {
                self.outbox.tell_again();
            }
            self.status = status;
            self.line_is(now, up, effects);
        }
    }

    /// Another tab asks for a room.
    fn asked(&mut self, tab: u32, text: &str, effects: &mut Vec<Effect>) {
        match Asked::read(text) {
            Some(Asked::Join(room, cursor)) => {
                let answer = self.join(tab, &room, cursor, effects);
                if let (Some(answer), Some(up)) = (answer, self.up) {
                    let frame = match answer {
                        Answer::Joined(seq) => frames::joined(&room, up.epoch, seq),
                        _ => frames::resync(&room),
                    };
                    self.tabs.say(word::FRAME, &frame, effects);
                }
            }
            Some(Asked::Unsubscribe(room)) => {
                self.hub.leave(tab, Some(&room), (&mut self.link, effects));
            }
            None => {}
        }
    }

    /// Joins a room for a tab, which may be this one; what it is to be told at once. Without a line there is nothing
    /// to tell: when there is one, every tab asks again.
    fn join(&mut self, tab: u32, room: &str, cursor: Cursor, effects: &mut Vec<Effect>) -> Option<Answer> {
        let epoch = self.up?.epoch;
        let answer = self.hub.join(tab, room, cursor, epoch, (&mut self.link, effects));
        Some(answer).filter(|answer| *answer != Answer::Later)
    }

    /// Joins our own room.
    fn join_here(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let Some(cursor) = self.view.take_join(now) else {
            return;
        };
        let room = self.view.room().clone();
        if !self.tabs.leads() {
            let frame = frames::join(room.as_str(), cursor.epoch, cursor.seq, cursor.id);
            self.tabs.say(word::ROOM, &frame, effects);
            return;
        }
        match self.join(self.tabs.id, room.as_str(), cursor, effects) {
            Some(Answer::Joined(seq)) => self.view.joined(now, cursor.epoch, seq, HEAD_UNKNOWN),
            Some(Answer::Resync) => self.view.resync(now, effects),
            Some(Answer::Later) | None => {}
        }
    }

    fn post(&mut self, now: Now, seed: Seed, text: String, effects: &mut Vec<Effect>) {
        let refused = match MessageText::parse(&text) {
            Err(ErrorCode::Empty) => return,
            Err(code) => Some(code),
            Ok(_) if self.write(now, seed, text, effects) => None,
            Ok(_) => Some(ErrorCode::Busy),
        };
        match refused {
            Some(code) => effects.push(Effect::Refused(code)),
            None => {
                self.view.forget_missed(effects);
                effects.push(Effect::Accepted);
            }
        }
    }

    fn write(&mut self, now: Now, seed: Seed, text: String, effects: &mut Vec<Effect>) -> bool {
        self.tabs.ask(now.ms, effects);
        let (room, tried) = (self.view.room().clone(), self.up.is_some());
        self.outbox
            .write(now, seed, (room.as_str(), text), tried, effects)
    }

    fn retry(&mut self, now: Now, seed: Seed, client_id: ClientId, effects: &mut Vec<Effect>) {
        if let Some(text) = self.outbox.retryable(client_id)
            && self.write(now, seed, text, effects)
        {
            self.discard(now, client_id, effects);
        }
    }

    /// Lets a row go. One that waits only the leader may take away, for it knows whether it was sent meanwhile.
    fn discard(&mut self, now: Now, client_id: ClientId, effects: &mut Vec<Effect>) {
        if !self.outbox.can_discard(client_id) {
            return;
        }
        self.tabs.ask(now.ms, effects);
        self.tabs.say(word::DISCARD, &client_id.to_string(), effects);
        if self.tabs.leads() || self.outbox.retryable(client_id).is_some() {
            self.outbox.drop_row(client_id, effects);
            effects.push(Effect::Remove(client_id));
        }
    }

    /// Looks whether there is another line than before.
    fn follow_line(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.tabs.role == Role::Follower {
            return;
        }
        self.status = self.link.status();
        let tab = self.tabs.id;
        let up = self.link.up().map(|(line, user_id, epoch)| Up {
            tab,
            line,
            user_id,
            epoch,
        });
        self.line_is(now, up, effects);
    }

    fn line_is(&mut self, now: Now, up: Option<Up>, effects: &mut Vec<Effect>) {
        if self.up == up {
            return;
        }
        self.up = up;
        self.hub.reset();
        self.outbox.line_changed();
        match up {
            Some(up) => {
                if self.epoch.replace(up.epoch) != Some(up.epoch) {
                    self.outbox.database_changed();
                }
                if self.outbox.me.replace(up.user_id) != Some(up.user_id) {
                    effects.push(Effect::UserId(up.user_id));
                    effects.push(Effect::Show);
                }
                self.view.up(now, up.epoch, effects);
            }
            None => self.view.down(self.status.down_since.unwrap_or(now.ms)),
        }
    }

    /// What every step ends with: what follows from it is sent, told and shown.
    fn finish(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.follow_line(now, effects);
        self.tell_status(now, effects);
        self.join_here(now, effects);
        self.outbox.settle(&self.view, effects);
        if self.tabs.leads()
            && self.up.is_some()
            && let Some(frame) = self.outbox.next(now, effects)
        {
            self.link.send(frame, false, effects);
            self.link.expect(now);
        }
        self.tell_rows(effects);
        self.link.flush(now, effects);
        self.set_timer(now, effects);
    }

    fn tell_rows(&mut self, effects: &mut Vec<Effect>) {
        if self.tabs.role == Role::Idle {
            return;
        }
        for (is_stored, row) in self.outbox.tell() {
            let kind = if is_stored { word::ROW } else { word::UNSTORED_ROW };
            self.tabs.say(kind, &row, effects);
        }
    }

    /// Tells the person and, as the leader, the other tabs how the connection is.
    fn tell_status(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let shown = (self.status, self.tabs.role);
        if self.shown != shown {
            self.shown = shown;
            effects.push(Effect::Status);
        }
        let told = Some((self.status, self.up));
        if self.tabs.role == Role::Leader && self.told != told {
            self.told = told;
            let text = self.status.write(now.ms, self.up);
            self.tabs.say(word::STATUS, &text, effects);
        }
    }

    fn set_timer(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.tabs.role == Role::Idle {
            return;
        }
        let due = self
            .tabs
            .due()
            .min(self.link.due())
            .min(self.outbox.due())
            .min(self.view.due());
        // A timer that comes too early is set again then: it is not moved with every frame.
        if due != u64::MAX && self.timer.is_none_or(|timer| due < timer) {
            self.timer = Some(due);
            effects.push(Effect::Timer(due.saturating_sub(now.ms)));
        }
    }
}
