//! The machine of one tab: where inputs go, and what every step ends with.

use protocol::Epoch;

use crate::connection::policy::ConnectionPolicy;
use crate::connection::subscriptions::{Answer, Subscriptions};
use crate::effect::Effect;
use crate::model::cursor::{Cursor, HEAD_UNKNOWN};
use crate::model::event::Event;
use crate::model::now::Now;
use crate::model::operation::Operation;
use crate::model::status::{LineInUse, Status};
use crate::model::transport::Transport;
use crate::outbox::queue::{Outbox, RoomProgress};
use crate::outbox::row::OutboxRow;
use crate::room::presence::Presence;
use crate::room::reading::Reading;
use crate::room::view::RoomView;
use crate::rooms::list::{self, RoomList};
use crate::tab::group::{Role, TabGroup};
use crate::tab::input::{Config, Input};
use crate::wire::incoming::Frame;
use crate::wire::outgoing;
use crate::wire::request::TabRequest;
use crate::wire::tab_message::TabMessage;

/// One tab.
#[derive(Debug)]
pub struct Tab {
    pub(super) group: TabGroup,
    pub(super) connection: ConnectionPolicy,
    pub(super) subscriptions: Subscriptions,
    pub(super) outbox: Outbox,
    pub(super) view: RoomView,
    pub(super) rooms: RoomList,
    pub(super) reading: Reading,
    pub(super) presence: Presence,
    /// What we are called.
    pub(super) name: Option<Box<str>>,
    pub(super) is_visible: bool,
    /// The line that is used, our own or the leader's.
    pub(super) up: Option<LineInUse>,
    /// The database of the last line.
    pub(super) epoch: Option<Epoch>,
    pub(super) status: Status,
    pub(super) shown: (Status, Role),
    pub(super) told: Option<(Status, Option<LineInUse>)>,
    pub(super) timer: Option<u64>,
}

impl Tab {
    /// A tab that is not started yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let epoch = config.page.as_ref().map(|page| page.epoch);
        Self {
            group: TabGroup::default(),
            connection: ConnectionPolicy::new(config.transports, config.user_id.is_none()),
            subscriptions: Subscriptions::default(),
            outbox: Outbox::new(config.user_id),
            view: RoomView::new(config.room, config.page),
            rooms: RoomList::default(),
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
            Input::LockGranted if self.group.role == Role::Idle => effects.push(Effect::ReleaseLock),
            _ if self.group.role == Role::Idle && input.is_too_late() => {}
            Input::Alone => self.lead(now, false, effects),
            Input::LockGranted => self.lead(now, true, effects),
            Input::LockLost => self.follow(now, effects),
            Input::TabMessage(text) => {
                if let Some(message) = TabMessage::read(text) {
                    self.group.has_others = true;
                    self.message(now, message, effects);
                }
            }
            Input::Visible(is_visible) => self.visible(now, is_visible, effects),
            Input::Online => self.connection.awake(now, true, effects),
            Input::Timer => self.tick(now, effects),
            Input::Opened(id) => self.connection.opened(now, id),
            Input::Text { id, cursor, text } => {
                if let Some(line) = self.connection.heard(now, id, cursor) {
                    self.line_frame(now, line, text, effects);
                }
            }
            Input::Closed(id, code) => self.connection.closed(now, id, code, effects),
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
            Input::Post(seed, text) => (seed, (Operation::Post, 0, text)),
            Input::Reply(seed, target, text) => (seed, (Operation::Post, target, text)),
            Input::Edit(seed, target, text) => (seed, (Operation::Edit, target, text)),
            Input::Delete(seed, target) => (seed, (Operation::Delete, target, String::new())),
            Input::React(seed, target, emoji, true) => (seed, (Operation::React, target, emoji)),
            Input::React(seed, target, emoji, false) => (seed, (Operation::Unreact, target, emoji)),
            Input::Topic(seed, topic) => (seed, (Operation::Topic, 0, topic)),
            Input::Rename(seed, name) => (seed, (Operation::Rename, 0, name)),
            _ => return,
        };
        self.say(now, seed, draft, effects);
    }

    pub(super) fn start(&mut self, now: Now, shared: bool, visible: bool, effects: &mut Vec<Effect>) {
        if self.group.role != Role::Idle {
            return;
        }
        self.timer = None;
        self.is_visible = visible;
        if shared {
            self.group.start(now.ms, now.random, visible, effects);
            self.outbox.load(now, effects);
        } else {
            self.group.id = now.random;
            self.lead(now, false, effects);
        }
    }

    pub(super) fn stop(&mut self, effects: &mut Vec<Effect>) {
        self.group.say(TabMessage::LEAVE, "", effects);
        if matches!(self.group.role, Role::Leader | Role::Follower) {
            effects.push(Effect::ReleaseLock);
        }
        self.group.role = Role::Idle;
        self.stop_leading(effects);
    }

    /// This tab has the connection from now on, for all tabs or for itself.
    pub(super) fn lead(&mut self, now: Now, for_all: bool, effects: &mut Vec<Effect>) {
        if self.group.leads() {
            return;
        }
        // A transport that works for the leader before us works for us.
        let kind = self.group.leader.map(|_| self.status.transport);
        if for_all {
            self.group.granted();
        } else {
            self.group.alone(self.group.id);
        }
        self.outbox.leads = true;
        self.outbox.load(now, effects);
        self.told = None;
        self.connection.start(now, kind, effects);
    }

    pub(super) fn follow(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.group.role == Role::Leader {
            self.stop_leading(effects);
            self.group.lost(now.ms, effects);
        }
    }

    pub(super) fn stop_leading(&mut self, effects: &mut Vec<Effect>) {
        self.connection.stop(effects);
        self.subscriptions.reset();
        self.rooms.stop();
        self.outbox.leads = false;
    }

    pub(super) fn visible(&mut self, now: Now, is_visible: bool, effects: &mut Vec<Effect>) {
        self.is_visible = is_visible;
        self.group.visible(now.ms, is_visible, effects);
        if is_visible {
            self.connection.awake(now, false, effects);
            self.outbox.load(now, effects);
            if self.group.role == Role::Follower {
                // Words may have been lost while the tab was frozen.
                self.view.join();
            }
        }
    }

    pub(super) fn loaded(&mut self, rows: Option<&[String]>, effects: &mut Vec<Effect>) {
        if self.outbox.loaded(rows, effects) {
            self.view.doubt_head();
        }
        if self.group.role == Role::Leader && self.group.has_others {
            self.group.say(TabMessage::ROWS, &self.outbox.list(), effects);
        }
    }

    pub(super) fn tick(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.timer = None;
        self.group.tick(now.ms, effects);
        self.outbox.tick(now, effects);
        self.view.tick(now, effects);
        self.rooms.tick(now, effects);
        if self.presence.tick(now.ms) {
            effects.push(Effect::PeopleChanged);
        }
        self.connection.tick(now, effects);
    }

    pub(super) fn answer(&mut self, now: Now, id: u32, body: Option<&str>, effects: &mut Vec<Effect>) {
        if let Some((line, frames)) = self.connection.answer(now, id, body, effects) {
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
                self.connection.greeted(now, line, user_id, epoch, effects);
            }
            Frame::Bye { code, reconnect_ms } => {
                self.connection
                    .bye(now, line, (code, Some(reconnect_ms)), effects);
            }
            _ if !self.connection.is_main(line) => {}
            frame => {
                self.subscriptions.frame(&frame, text);
                self.count(now, &frame, effects);
                if self.is_for_others(&frame) {
                    self.group.say(TabMessage::FRAME, text, effects);
                }
                self.deliver(now, frame, effects);
            }
        }
        self.follow_line(now, effects);
    }

    pub(super) fn is_for_others(&self, frame: &Frame) -> bool {
        self.group.has_others
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
                | Frame::Typing { room, .. } => self.subscriptions.is_shown_elsewhere(room, self.group.id),
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
        let polls = self.status.transport >= Transport::LongPoll;
        if self.rooms.loaded(now, (id, text), epoch, polls) {
            effects.push(Effect::RoomsChanged);
            self.count_rooms(effects);
        }
    }

    pub(super) fn count_rooms(&mut self, effects: &mut Vec<Effect>) {
        if let Some(up) = self.up.filter(|_| self.group.leads()) {
            self.subscriptions
                .count(up.epoch, self.rooms.counted(), (&mut self.connection, effects));
        }
    }

    pub(super) fn is_called(&mut self, name: Option<Box<str>>, effects: &mut Vec<Effect>) {
        if self.name != name {
            self.name = name;
            effects.push(Effect::PeopleChanged);
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
                effects.push(Effect::PeopleChanged);
            }
            Frame::Presence { room, people, count } if self.view.is_here(&room) => {
                self.presence.here = people;
                self.presence.count = count;
                effects.push(Effect::PeopleChanged);
            }
            Frame::Typing { room, people } if self.view.is_here(&room) => {
                self.presence.typing_is(now.ms, people);
                effects.push(Effect::PeopleChanged);
            }
            Frame::Left { room } if self.view.is_here(&room) => self.reading.is_suspended = true,
            Frame::Name(person) if Some(person.user_id) == self.outbox.me => {
                self.is_called(person.name, effects);
            }
            Frame::Rooms(list) if self.group.role == Role::Follower => self.rooms.told(list, effects),
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
            effects.push(Effect::PeopleChanged);
        }
        self.view.event(now, self.outbox.me, event, effects);
    }

    /// Another tab said something.
    pub(super) fn message(&mut self, now: Now, message: TabMessage<'_>, effects: &mut Vec<Effect>) {
        let is_leaders = self.group.leader == Some(message.from) && self.group.role == Role::Follower;
        match message.kind {
            TabMessage::ASK if self.group.role == Role::Leader => {
                self.told = None;
                self.rooms.tell_all();
            }
            TabMessage::ROOM if self.group.role == Role::Leader => {
                self.asked(now, message.from, message.rest, effects)
            }
            TabMessage::LEAVE if self.group.role == Role::Leader => {
                self.subscriptions
                    .leave(message.from, None, (&mut self.connection, effects));
            }
            TabMessage::ROW | TabMessage::UNSTORED_ROW => {
                if let Some(row) = OutboxRow::read(message.rest) {
                    self.outbox.learn(row, message.kind == TabMessage::ROW, effects);
                }
            }
            TabMessage::DISCARD => {
                if let Ok(client_id) = message.rest.parse() {
                    if self.group.role == Role::Leader {
                        self.discard(now, client_id, effects);
                    } else if is_leaders {
                        self.outbox.drop_row(client_id, effects);
                    }
                }
            }
            TabMessage::ROWS if is_leaders => self.outbox.keep_listed(message.rest, effects),
            TabMessage::STATUS if self.group.role == Role::Follower => {
                self.heard_status(now, message, effects)
            }
            TabMessage::FRAME if is_leaders => {
                self.group.heard_leader(now.ms, message.from);
                if let Some(frame) = Frame::read(message.rest) {
                    self.deliver(now, frame, effects);
                }
            }
            _ => {}
        }
    }

    pub(super) fn heard_status(&mut self, now: Now, message: TabMessage<'_>, effects: &mut Vec<Effect>) {
        if let Some((status, up, name)) = Status::read(now.ms, message.from, message.rest) {
            if self.group.heard_leader(now.ms, message.from) {
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
        match TabRequest::read(text) {
            Some(TabRequest::Join(room, cursor)) => {
                let answer = self.join(tab, &room, cursor, effects);
                if let (Some(answer), Some(up)) = (answer, self.up) {
                    let frame = match answer {
                        Answer::Joined(seq) => outgoing::joined(&room, up.epoch, seq),
                        _ => outgoing::resync(&room),
                    };
                    self.group.say(TabMessage::FRAME, &frame, effects);
                    if let Some(frame) = self.subscriptions.here(&room) {
                        self.group.say(TabMessage::FRAME, &frame, effects);
                    }
                }
            }
            Some(TabRequest::Unsubscribe(room)) => {
                self.subscriptions
                    .leave(tab, Some(&room), (&mut self.connection, effects));
            }
            Some(TabRequest::Position(room, place)) => self.rooms.wish(now, &room, place),
            Some(TabRequest::Pass) if self.up.is_some() => {
                self.connection.send(text.to_owned(), false, effects)
            }
            Some(TabRequest::Pass) => {}
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
        let answer = self
            .subscriptions
            .join(tab, room, cursor, epoch, (&mut self.connection, effects));
        Some(answer).filter(|answer| *answer != Answer::Later)
    }

    /// Joins our own room.
    pub(super) fn join_here(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let Some(cursor) = self.view.take_join(now) else {
            return;
        };
        let room = self.view.room().clone();
        if !self.group.leads() {
            let frame = outgoing::join(room.as_str(), cursor, false);
            self.group.say(TabMessage::ROOM, &frame, effects);
            return;
        }
        match self.join(self.group.id, room.as_str(), cursor, effects) {
            Some(Answer::Joined(seq)) => {
                self.view.joined(now, cursor.epoch, seq, HEAD_UNKNOWN);
                if let Some(frame) = self
                    .subscriptions
                    .here(room.as_str())
                    .as_deref()
                    .and_then(Frame::read)
                {
                    self.deliver(now, frame, effects);
                }
            }
            Some(Answer::Resync) => self.view.resync(now, effects),
            Some(Answer::Later) | None => {}
        }
    }

    /// Looks whether there is another line than before.
    pub(super) fn follow_line(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.group.role == Role::Follower {
            return;
        }
        self.status = self.connection.status();
        let tab = self.group.id;
        let up = self.connection.up().map(|(line, user_id, epoch)| LineInUse {
            tab,
            line,
            user_id,
            epoch,
        });
        self.line_is(now, up, effects);
    }

    pub(super) fn line_is(&mut self, now: Now, up: Option<LineInUse>, effects: &mut Vec<Effect>) {
        if self.up == up {
            return;
        }
        self.up = up;
        self.subscriptions.reset();
        self.outbox.line_changed();
        self.rooms.line_changed();
        self.rooms.stop();
        self.presence.reset();
        effects.push(Effect::PeopleChanged);
        match up {
            Some(up) => {
                let before = self.epoch.replace(up.epoch);
                if before.is_some_and(|before| before != up.epoch) {
                    self.outbox.database_changed(effects);
                    self.reading = Reading::default();
                }
                if self.group.leads() {
                    self.rooms.ask(now);
                    self.rooms.tick(now, effects);
                }
                if self.outbox.me.replace(up.user_id) != Some(up.user_id) {
                    effects.push(Effect::UserId(up.user_id));
                    effects.push(Effect::TimelineChanged);
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
        let seen = RoomProgress {
            room: self.view.room().as_str(),
            known_to: self.view.known_to(),
            is_caught_up: self.view.is_caught_up(),
            rows: self.view.rows(),
        };
        self.outbox.settle(seen, effects);
        self.read_on(now, effects);
        self.say_soft(now, effects);
        if self.group.leads()
            && self.up.is_some()
            && let Some(frame) = self.outbox.next(now, effects)
        {
            self.connection.send(frame, false, effects);
            self.connection.expect(now);
        }
        self.tell_rows(effects);
        self.tell_rooms(now, effects);
        self.connection.flush(now, effects);
        self.set_timer(now, effects);
    }

    pub(super) fn tell_rows(&mut self, effects: &mut Vec<Effect>) {
        if self.group.role == Role::Idle {
            return;
        }
        for (is_stored, row) in self.outbox.tell() {
            let kind = if is_stored {
                TabMessage::ROW
            } else {
                TabMessage::UNSTORED_ROW
            };
            self.group.say(kind, &row, effects);
        }
    }

    pub(super) fn tells(&self) -> bool {
        self.group.role == Role::Leader && self.group.has_others
    }

    /// Tells the other tabs, as the leader, how the rooms are.
    pub(super) fn tell_rooms(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.tells()
            && let Some(frame) = self.rooms.tell(now.ms, self.epoch)
        {
            self.group.say(TabMessage::FRAME, &frame, effects);
        }
    }

    /// Tells the person and, as the leader, the other tabs how the connection is.
    pub(super) fn tell_status(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let shown = (self.status, self.group.role);
        if self.shown != shown {
            self.shown = shown;
            effects.push(Effect::StatusChanged);
        }
        let told = Some((self.status, self.up));
        if self.group.role == Role::Leader && self.told != told {
            self.told = told;
            let text = self.status.write(now.ms, self.up, self.name.as_deref());
            self.group.say(TabMessage::STATUS, &text, effects);
        }
    }

    pub(super) fn set_timer(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.group.role == Role::Idle {
            return;
        }
        let due = self
            .group
            .due()
            .min(self.connection.due())
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
