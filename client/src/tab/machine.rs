//! The machine of one tab: where inputs go, and what every step ends with.

use protocol::Epoch;

use crate::connection::policy::Link;
use crate::connection::subscriptions::{Answer, Hub};
use crate::effect::Effect;
use crate::model::cursor::{Cursor, HEAD_UNKNOWN};
use crate::model::event::Event;
use crate::model::now::Now;
use crate::model::operation::Kind;
use crate::model::status::{Status, Up};
use crate::model::transport;
use crate::outbox::queue::{Outbox, Seen};
use crate::outbox::row::Row;
use crate::room::presence::Presence;
use crate::room::reading::Reading;
use crate::room::view::View;
use crate::rooms::list::{self, Rooms};
use crate::tab::input::{Config, Input};
use crate::tab::leadership::{Role, Tabs};
use crate::wire::incoming::Frame;
use crate::wire::outgoing;
use crate::wire::request::Asked;
use crate::wire::tab_message::{Word, word};

/// One tab.
#[derive(Debug)]
pub struct Tab {
    pub(super) tabs: Tabs,
    pub(super) link: Link,
    pub(super) hub: Hub,
    pub(super) outbox: Outbox,
    pub(super) view: View,
    pub(super) rooms: Rooms,
    pub(super) reading: Reading,
    pub(super) presence: Presence,
    /// What we are called.
    pub(super) name: Option<Box<str>>,
    pub(super) is_visible: bool,
    /// The line that is used, our own or the leader's.
    pub(super) up: Option<Up>,
    /// The database of the last line.
    pub(super) epoch: Option<Epoch>,
    pub(super) status: Status,
    pub(super) shown: (Status, Role),
    pub(super) told: Option<(Status, Option<Up>)>,
    pub(super) timer: Option<u64>,
}

impl Tab {
    /// A tab that is not started yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let epoch = config.page.as_ref().map(|page| page.epoch);
        Self {
            tabs: Tabs::default(),
            link: Link::new(config.kinds, config.user_id.is_none()),
            hub: Hub::default(),
            outbox: Outbox::new(config.user_id),
            view: View::new(config.room, config.page),
            rooms: Rooms::default(),
            reading: Reading::from(config.read_line),
            presence: Presence::default(),
            name: config.name,
            is_visible: false,
            up: None,
            epoch,
            status: Status::default(),
            shown: (Status::default(), Role::Idle),
            told: None,
            timer: None,
        }
    }

    /// Takes one input.
    pub fn step(&mut self, now: Now, input: Input<'_>, effects: &mut Vec<Effect>) {
        self.take(now, input, effects);
        self.finish(now, effects);
    }

    pub(super) fn take(&mut self, now: Now, input: Input<'_>, effects: &mut Vec<Effect>) {
        match input {
            Input::Start { shared, visible } => self.start(now, shared, visible, effects),
            Input::Stop => self.stop(effects),
            Input::LockGranted if self.tabs.role == Role::Idle => effects.push(Effect::ReleaseLock),
            _ if self.tabs.role == Role::Idle && input.is_too_late() => {}
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
            Input::Fetched(id, text) if id >= list::FETCHES => self.listed(now, id, text, effects),
            Input::Fetched(id, text) => self.view.fetched(now, self.outbox.me, (id, text), effects),
            Input::Loaded(rows) => self.loaded(rows, effects),
            Input::Stored(client_id, is_stored) => self.outbox.stored(client_id, is_stored, effects),
            Input::Retry(seed, client_id) => self.retry(now, seed, client_id, effects),
            Input::Discard(client_id) => self.discard(now, client_id, effects),
            Input::Typing(true) => self.presence.key(now.ms),
            Input::Typing(false) => self.presence.stop_typing(),
            Input::Go(room, place) => self.go(now, room, place, effects),
            Input::OpenAt(seq) => self.view.open(seq, effects),
            Input::ToEnd => self.view.go_to_end(effects),
            Input::Older => self.view.ask_older(effects),
            Input::Newer => self.view.ask_newer(effects),
            Input::AtEnd(is_at_end) => self.view.at_end(is_at_end, effects),
            Input::Seen => self.view.forget_missed(effects),
            Input::MarkUnread(seq) => self.mark_unread(now, seq, effects),
            Input::Leave(room) => self.leave(now, &room),
            asked => self.write_down(now, asked, effects),
        }
    }

    /// Takes what goes into the outbox.
    pub(super) fn write_down(&mut self, now: Now, input: Input<'_>, effects: &mut Vec<Effect>) {
        let (seed, draft) = match input {
            Input::Post(seed, text) => (seed, (Kind::Post, 0, text)),
            Input::Reply(seed, target, text) => (seed, (Kind::Post, target, text)),
            Input::Edit(seed, target, text) => (seed, (Kind::Edit, target, text)),
            Input::Delete(seed, target) => (seed, (Kind::Delete, target, String::new())),
            Input::React(seed, target, emoji, true) => (seed, (Kind::React, target, emoji)),
            Input::React(seed, target, emoji, false) => (seed, (Kind::Unreact, target, emoji)),
            Input::Topic(seed, topic) => (seed, (Kind::Topic, 0, topic)),
            Input::Rename(seed, name) => (seed, (Kind::Rename, 0, name)),
            _ => return,
        };
        self.say(now, seed, draft, effects);
    }

    pub(super) fn start(&mut self, now: Now, shared: bool, visible: bool, effects: &mut Vec<Effect>) {
        if self.tabs.role != Role::Idle {
            return;
        }
        self.timer = None;
        self.is_visible = visible;
        if shared {
            self.tabs.start(now.ms, now.random, visible, effects);
            self.outbox.load(now, effects);
        } else {
            self.tabs.id = now.random;
            self.lead(now, false, effects);
        }
    }

    pub(super) fn stop(&mut self, effects: &mut Vec<Effect>) {
        self.tabs.say(word::LEAVE, "", effects);
        if matches!(self.tabs.role, Role::Leader | Role::Follower) {
            effects.push(Effect::ReleaseLock);
        }
        self.tabs.role = Role::Idle;
        self.stop_leading(effects);
    }

    /// This tab has the connection from now on, for all tabs or for itself.
    pub(super) fn lead(&mut self, now: Now, for_all: bool, effects: &mut Vec<Effect>) {
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

    pub(super) fn follow(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.tabs.role == Role::Leader {
            self.stop_leading(effects);
            self.tabs.lost(now.ms, effects);
        }
    }

    pub(super) fn stop_leading(&mut self, effects: &mut Vec<Effect>) {
        self.link.stop(effects);
        self.hub.reset();
        self.rooms.stop();
        self.outbox.leads = false;
    }

    pub(super) fn visible(&mut self, now: Now, is_visible: bool, effects: &mut Vec<Effect>) {
        self.is_visible = is_visible;
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

    pub(super) fn loaded(&mut self, rows: Option<&[String]>, effects: &mut Vec<Effect>) {
        if self.outbox.loaded(rows, effects) {
            self.view.doubt_head();
        }
        if self.tabs.role == Role::Leader && self.tabs.has_others {
            self.tabs.say(word::ROWS, &self.outbox.list(), effects);
        }
    }

    pub(super) fn tick(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.timer = None;
        self.tabs.tick(now.ms, effects);
        self.outbox.tick(now, effects);
        self.view.tick(now, effects);
        self.rooms.tick(now, effects);
        if self.presence.tick(now.ms) {
            effects.push(Effect::People);
        }
        self.link.tick(now, effects);
    }

    pub(super) fn answer(&mut self, now: Now, id: u32, body: Option<&str>, effects: &mut Vec<Effect>) {
        if let Some((line, frames)) = self.link.answer(now, id, body, effects) {
            for text in frames {
                self.line_frame(now, line, text, effects);
            }
        }
    }

    /// Takes a frame that came on a line of ours: the one that is used, or one that is being tried.
    pub(super) fn line_frame(&mut self, now: Now, line: u32, text: &str, effects: &mut Vec<Effect>) {
        let Some(frame) = Frame::read(text) else { return };
        match frame {
            Frame::UserId { user_id, name, epoch } => {
                self.is_called(name, effects);
                self.link.greeted(now, line, user_id, epoch, effects);
            }
            Frame::Bye { code, reconnect_ms } => {
                self.link.bye(now, line, (code, Some(reconnect_ms)), effects);
            }
            _ if !self.link.is_main(line) => {}
            frame => {
                self.hub.frame(&frame, text);
                self.count(now, &frame, effects);
                if self.is_for_others(&frame) {
                    self.tabs.say(word::FRAME, text, effects);
                }
                self.deliver(now, frame, effects);
            }
        }
        self.follow_line(now, effects);
    }

    pub(super) fn is_for_others(&self, frame: &Frame) -> bool {
        self.tabs.has_others
            && match frame {
                // Every tab has the outbox, whichever room it shows.
                Frame::Event { event, .. }
                    if event
                        .command()
                        .is_some_and(|(client_id, _)| self.outbox.has(client_id)) =>
                {
                    true
                }
                Frame::Joined { room, .. }
                | Frame::Resync { room }
                | Frame::Event { room, .. }
                | Frame::Presence { room, .. }
                | Frame::Typing { room, .. } => self.hub.is_shown_elsewhere(room, self.tabs.id),
                // They are told how the rooms are.
                Frame::Read { .. } => false,
                _ => true,
            }
    }

    /// Takes a frame of our own line into account for the list of rooms.
    pub(super) fn count(&mut self, now: Now, frame: &Frame, effects: &mut Vec<Effect>) {
        match frame {
            Frame::Event { room, event } => {
                let me = (self.outbox.me, self.name.as_deref());
                self.rooms.event(now, room, event, me, effects);
            }
            Frame::Read { room, read, unread } => self.rooms.read(now, room, (*read, *unread), effects),
            Frame::Left { room } => {
                self.rooms.left(now, room, effects);
                self.count_rooms(effects);
            }
            Frame::Resync { room } => self.rooms.lost(now, room),
            _ => {}
        }
    }

    /// Takes the answer to the question for the list of rooms.
    pub(super) fn listed(&mut self, now: Now, id: u32, text: Option<&str>, effects: &mut Vec<Effect>) {
        let epoch = self.up.map(|up| up.epoch);
        let polls = self.status.kind >= transport::Kind::LongPoll;
        if self.rooms.loaded(now, (id, text), epoch, polls) {
            effects.push(Effect::Rooms);
            self.count_rooms(effects);
        }
    }

    pub(super) fn count_rooms(&mut self, effects: &mut Vec<Effect>) {
        if let Some(up) = self.up.filter(|_| self.tabs.leads()) {
            self.hub
                .count(up.epoch, self.rooms.counted(), (&mut self.link, effects));
        }
    }

    pub(super) fn is_called(&mut self, name: Option<Box<str>>, effects: &mut Vec<Effect>) {
        if self.name != name {
            self.name = name;
            effects.push(Effect::People);
        }
    }

    /// Takes a frame of the line that is used, our own or the leader's.
    pub(super) fn deliver(&mut self, now: Now, frame: Frame, effects: &mut Vec<Effect>) {
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
            Frame::Event { room, event } => self.happened(now, &room, event, effects),
            Frame::Ack { client_id, seq } => {
                if let Some(name) = self.outbox.renamed(client_id) {
                    self.is_called(Some(name), effects);
                }
                self.outbox.acked(client_id, seq, effects);
            }
            Frame::Error(refused) => {
                self.outbox.refused(now, &refused, effects);
                effects.push(Effect::People);
            }
            Frame::Presence { room, people, count } if self.view.is_here(&room) => {
                self.presence.here = people;
                self.presence.count = count;
                effects.push(Effect::People);
            }
            Frame::Typing { room, people } if self.view.is_here(&room) => {
                self.presence.typing_is(now.ms, people);
                effects.push(Effect::People);
            }
            Frame::Left { room } if self.view.is_here(&room) => self.reading.is_suspended = true,
            Frame::Name(person) if Some(person.user_id) == self.outbox.me => {
                self.is_called(person.name, effects);
            }
            Frame::Rooms(list) if self.tabs.role == Role::Follower => self.rooms.told(list, effects),
            _ => {}
        }
    }

    /// Takes an event of a room.
    pub(super) fn happened(&mut self, now: Now, room: &str, event: Event, effects: &mut Vec<Effect>) {
        self.outbox.seen(&event, effects);
        if !self.view.is_here(room) {
            return;
        }
        if let Event::Message(message) = &event
            && self.presence.has_spoken(message.user_id)
        {
            effects.push(Effect::People);
        }
        self.view.event(now, self.outbox.me, event, effects);
    }

    /// Another tab said something.
    pub(super) fn word(&mut self, now: Now, word: Word<'_>, effects: &mut Vec<Effect>) {
        let is_leaders = self.tabs.leader == Some(word.from) && self.tabs.role == Role::Follower;
        match word.kind {
            word::ASK if self.tabs.role == Role::Leader => {
                self.told = None;
                self.rooms.tell_all();
            }
            word::ROOM if self.tabs.role == Role::Leader => self.asked(now, word.from, word.rest, effects),
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

    pub(super) fn heard_status(&mut self, now: Now, word: Word<'_>, effects: &mut Vec<Effect>) {
        if let Some((status, up, name)) = Status::read(now.ms, word.from, word.rest) {
            if self.tabs.heard_leader(now.ms, word.from) {
                self.outbox.tell_again();
            }
            self.status = status;
            if up.is_some() {
                self.is_called(name, effects);
            }
            self.line_is(now, up, effects);
        }
    }

    /// Another tab asks for something.
    pub(super) fn asked(&mut self, now: Now, tab: u32, text: &str, effects: &mut Vec<Effect>) {
        match Asked::read(text) {
            Some(Asked::Join(room, cursor)) => {
                let answer = self.join(tab, &room, cursor, effects);
                if let (Some(answer), Some(up)) = (answer, self.up) {
                    let frame = match answer {
                        Answer::Joined(seq) => outgoing::joined(&room, up.epoch, seq),
                        _ => outgoing::resync(&room),
                    };
                    self.tabs.say(word::FRAME, &frame, effects);
                    if let Some(frame) = self.hub.here(&room) {
                        self.tabs.say(word::FRAME, &frame, effects);
                    }
                }
            }
            Some(Asked::Unsubscribe(room)) => {
                self.hub.leave(tab, Some(&room), (&mut self.link, effects));
            }
            Some(Asked::Wish(room, place)) => self.rooms.wish(now, &room, place),
            Some(Asked::Pass) if self.up.is_some() => self.link.send(text.to_owned(), false, effects),
            Some(Asked::Pass) => {}
            None => {}
        }
    }

    /// Joins a room for a tab, which may be this one; what it is to be told at once. Without a line there is nothing
    /// to tell: when there is one, every tab asks again.
    pub(super) fn join(
        &mut self,
        tab: u32,
        room: &str,
        cursor: Cursor,
        effects: &mut Vec<Effect>,
    ) -> Option<Answer> {
        let epoch = self.up?.epoch;
        let answer = self.hub.join(tab, room, cursor, epoch, (&mut self.link, effects));
        Some(answer).filter(|answer| *answer != Answer::Later)
    }

    /// Joins our own room.
    pub(super) fn join_here(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let Some(cursor) = self.view.take_join(now) else {
            return;
        };
        let room = self.view.room().clone();
        if !self.tabs.leads() {
            let frame = outgoing::join(room.as_str(), cursor, false);
            self.tabs.say(word::ROOM, &frame, effects);
            return;
        }
        match self.join(self.tabs.id, room.as_str(), cursor, effects) {
            Some(Answer::Joined(seq)) => {
                self.view.joined(now, cursor.epoch, seq, HEAD_UNKNOWN);
                if let Some(frame) = self.hub.here(room.as_str()).as_deref().and_then(Frame::read) {
                    self.deliver(now, frame, effects);
                }
            }
            Some(Answer::Resync) => self.view.resync(now, effects),
            Some(Answer::Later) | None => {}
        }
    }

    /// Looks whether there is another line than before.
    pub(super) fn follow_line(&mut self, now: Now, effects: &mut Vec<Effect>) {
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

    pub(super) fn line_is(&mut self, now: Now, up: Option<Up>, effects: &mut Vec<Effect>) {
        if self.up == up {
            return;
        }
        self.up = up;
        self.hub.reset();
        self.outbox.line_changed();
        self.rooms.line_changed();
        self.rooms.stop();
        self.presence.reset();
        effects.push(Effect::People);
        match up {
            Some(up) => {
                let before = self.epoch.replace(up.epoch);
                if before.is_some_and(|before| before != up.epoch) {
                    self.outbox.database_changed(effects);
                    self.reading = Reading::default();
                }
                if self.tabs.leads() {
                    self.rooms.ask(now);
                    self.rooms.tick(now, effects);
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
    pub(super) fn finish(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.follow_line(now, effects);
        self.tell_status(now, effects);
        self.join_here(now, effects);
        let seen = Seen {
            room: self.view.room().as_str(),
            known_to: self.view.known_to(),
            is_caught_up: self.view.is_caught_up(),
            rows: self.view.rows(),
        };
        self.outbox.settle(seen, effects);
        self.read_on(now, effects);
        self.say_soft(now, effects);
        if self.tabs.leads()
            && self.up.is_some()
            && let Some(frame) = self.outbox.next(now, effects)
        {
            self.link.send(frame, false, effects);
            self.link.expect(now);
        }
        self.tell_rows(effects);
        self.tell_rooms(now, effects);
        self.link.flush(now, effects);
        self.set_timer(now, effects);
    }

    pub(super) fn tell_rows(&mut self, effects: &mut Vec<Effect>) {
        if self.tabs.role == Role::Idle {
            return;
        }
        for (is_stored, row) in self.outbox.tell() {
            let kind = if is_stored { word::ROW } else { word::UNSTORED_ROW };
            self.tabs.say(kind, &row, effects);
        }
    }

    pub(super) fn tells(&self) -> bool {
        self.tabs.role == Role::Leader && self.tabs.has_others
    }

    /// Tells the other tabs, as the leader, how the rooms are.
    pub(super) fn tell_rooms(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.tells()
            && let Some(frame) = self.rooms.tell(now.ms, self.epoch)
        {
            self.tabs.say(word::FRAME, &frame, effects);
        }
    }

    /// Tells the person and, as the leader, the other tabs how the connection is.
    pub(super) fn tell_status(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let shown = (self.status, self.tabs.role);
        if self.shown != shown {
            self.shown = shown;
            effects.push(Effect::Status);
        }
        let told = Some((self.status, self.up));
        if self.tabs.role == Role::Leader && self.told != told {
            self.told = told;
            let text = self.status.write(now.ms, self.up, self.name.as_deref());
            self.tabs.say(word::STATUS, &text, effects);
        }
    }

    pub(super) fn set_timer(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.tabs.role == Role::Idle {
            return;
        }
        let due = self
            .tabs
            .due()
            .min(self.link.due())
            .min(self.outbox.due())
            .min(self.view.due())
            .min(self.presence.due(self.up.is_some()))
            .min(self.rooms.due(self.up.is_some(), self.tells()));
        // A timer that comes too early is set again then: it is not moved with every frame.
        if due != u64::MAX && self.timer.is_none_or(|timer| due < timer) {
            self.timer = Some(due);
            effects.push(Effect::Timer(due.saturating_sub(now.ms)));
        }
    }
}
