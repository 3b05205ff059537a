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
use crate::rooms::followed::Me;
use crate::rooms::list::{self, RoomList};
use crate::step::Step;
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
        let step = &mut Step { now, effects };
        self.take(step, input);
        self.finish(step);
    }

    pub(super) fn take(&mut self, step: &mut Step<'_>, input: Input<'_>) {
        match input {
            Input::Start { shared, visible } => self.start(step, shared, visible),
            Input::Stop => self.stop(step),
            Input::LockGranted if self.group.role == Role::Idle => step.push(Effect::ReleaseLock),
            _ if self.group.role == Role::Idle && input.is_too_late() => {}
            Input::Alone => self.lead(step, false),
            Input::LockGranted => self.lead(step, true),
            Input::LockLost => self.follow(step),
            Input::TabMessage(text) => {
                if let Some(message) = TabMessage::read(text) {
                    self.group.has_others = true;
                    self.message(step, message);
                }
            }
            Input::Visible(is_visible) => self.visible(step, is_visible),
            Input::Online => self.connection.awake(step, true),
            Input::Timer => self.tick(step),
            Input::Opened(id) => self.connection.opened(step.now, id),
            Input::Text { id, cursor, text } => {
                if let Some(line) = self.connection.heard(step.now, id, cursor) {
                    self.line_frame(step, line, text);
                }
            }
            Input::Closed(id, code) => self.connection.closed(step, id, code),
            Input::Answer(id, body) => self.answer(step, id, body),
            Input::Fetched(id, text) if id >= list::FETCHES => self.listed(step, id, text),
            Input::Fetched(id, text) => self.view.fetched(step, self.outbox.me, (id, text)),
            Input::Loaded(rows) => self.loaded(step, rows),
            Input::Stored(client_id, is_stored) => self.outbox.stored(step, client_id, is_stored),
            Input::Retry(seed, client_id) => self.retry(step, seed, client_id),
            Input::Discard(client_id) => self.discard(step, client_id),
            Input::Typing(true) => self.presence.key(step.now.ms),
            Input::Typing(false) => self.presence.stop_typing(),
            Input::Go(room, place) => self.go(step, room, place),
            Input::OpenAt(seq) => self.view.open(step, seq),
            Input::ToEnd => self.view.go_to_end(step),
            Input::Older => self.view.ask_older(step),
            Input::Newer => self.view.ask_newer(step),
            Input::AtEnd(is_at_end) => self.view.at_end(step, is_at_end),
            Input::Seen => self.view.forget_missed(step),
            Input::MarkUnread(seq) => self.mark_unread(step, seq),
            Input::Leave(room) => self.leave(step.now, &room),
            asked => self.write_down(step, asked),
        }
    }

    /// Takes what goes into the outbox.
    pub(super) fn write_down(&mut self, step: &mut Step<'_>, input: Input<'_>) {
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
        self.say(step, seed, draft);
    }

    pub(super) fn start(&mut self, step: &mut Step<'_>, shared: bool, visible: bool) {
        if self.group.role != Role::Idle {
            return;
        }
        self.timer = None;
        self.is_visible = visible;
        if shared {
            self.group.start(step, step.now.random, visible);
            self.outbox.load(step);
        } else {
            self.group.id = step.now.random;
            self.lead(step, false);
        }
    }

    pub(super) fn stop(&mut self, step: &mut Step<'_>) {
        self.group.say(step, TabMessage::LEAVE, "");
        if matches!(self.group.role, Role::Leader | Role::Follower) {
            step.push(Effect::ReleaseLock);
        }
        self.group.role = Role::Idle;
        self.stop_leading(step);
    }

    /// This tab has the connection from now on, for all tabs or for itself.
    pub(super) fn lead(&mut self, step: &mut Step<'_>, for_all: bool) {
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
        self.outbox.load(step);
        self.told = None;
        self.connection.start(step, kind);
    }

    pub(super) fn follow(&mut self, step: &mut Step<'_>) {
        if self.group.role == Role::Leader {
            self.stop_leading(step);
            self.group.lost(step);
        }
    }

    pub(super) fn stop_leading(&mut self, step: &mut Step<'_>) {
        self.connection.stop(step);
        self.subscriptions.reset();
        self.rooms.stop();
        self.outbox.leads = false;
    }

    pub(super) fn visible(&mut self, step: &mut Step<'_>, is_visible: bool) {
        self.is_visible = is_visible;
        self.group.visible(step, is_visible);
        if is_visible {
            self.connection.awake(step, false);
            self.outbox.load(step);
            if self.group.role == Role::Follower {
                // Words may have been lost while the tab was frozen.
                self.view.join();
            }
        }
    }

    pub(super) fn loaded(&mut self, step: &mut Step<'_>, rows: Option<&[String]>) {
        if self.outbox.loaded(step, rows) {
            self.view.doubt_head();
        }
        if self.group.role == Role::Leader && self.group.has_others {
            self.group.say(step, TabMessage::ROWS, &self.outbox.list());
        }
    }

    pub(super) fn tick(&mut self, step: &mut Step<'_>) {
        self.timer = None;
        self.group.tick(step);
        self.outbox.tick(step);
        self.view.tick(step);
        self.rooms.tick(step);
        if self.presence.tick(step.now.ms) {
            step.push(Effect::PeopleChanged);
        }
        self.connection.tick(step);
    }

    pub(super) fn answer(&mut self, step: &mut Step<'_>, id: u32, body: Option<&str>) {
        if let Some((line, frames)) = self.connection.answer(step, id, body) {
            for text in frames {
                self.line_frame(step, line, text);
            }
        }
    }

    /// Takes a frame that came on a line of ours: the one that is used, or one that is being tried.
    pub(super) fn line_frame(&mut self, step: &mut Step<'_>, line: u32, text: &str) {
        let Some(frame) = Frame::read(text) else { return };
        match frame {
            Frame::UserId { user_id, name, epoch } => {
                self.is_called(step, name);
                self.connection.greeted(step, line, user_id, epoch);
            }
            Frame::Bye { code, reconnect_ms } => {
                self.connection.bye(step, line, (code, Some(reconnect_ms)));
            }
            _ if !self.connection.is_main(line) => {}
            frame => {
                self.subscriptions.frame(&frame, text);
                self.count(step, &frame);
                if self.is_for_others(&frame) {
                    self.group.say(step, TabMessage::FRAME, text);
                }
                self.deliver(step, frame);
            }
        }
        self.follow_line(step);
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
    pub(super) fn count(&mut self, step: &mut Step<'_>, frame: &Frame) {
        match frame {
            Frame::Event { room, event } => {
                let me = Me {
                    user_id: self.outbox.me,
                    name: self.name.as_deref(),
                };
                self.rooms.event(step, room, event, me);
            }
            Frame::Read { room, read, unread } => self.rooms.read(step, room, *read, *unread),
            Frame::Left { room } => {
                self.rooms.left(step, room);
                self.count_rooms(step);
            }
            Frame::Resync { room } => self.rooms.lost(step.now, room),
            _ => {}
        }
    }

    /// Takes the answer to the question for the list of rooms.
    pub(super) fn listed(&mut self, step: &mut Step<'_>, id: u32, text: Option<&str>) {
        let epoch = self.up.map(|up| up.epoch);
        let polls = self.status.transport >= Transport::LongPoll;
        if self.rooms.loaded(step.now, id, text, epoch, polls) {
            step.push(Effect::RoomsChanged);
            self.count_rooms(step);
        }
    }

    pub(super) fn count_rooms(&mut self, step: &mut Step<'_>) {
        if let Some(up) = self.up.filter(|_| self.group.leads()) {
            self.subscriptions
                .count(step, up.epoch, self.rooms.counted(), &mut self.connection);
        }
    }

    pub(super) fn is_called(&mut self, step: &mut Step<'_>, name: Option<Box<str>>) {
        if self.name != name {
            self.name = name;
            step.push(Effect::PeopleChanged);
        }
    }

    /// Takes a frame of the line that is used, our own or the leader's.
    pub(super) fn deliver(&mut self, step: &mut Step<'_>, frame: Frame) {
        match frame {
            Frame::Joined {
                room,
                epoch,
                seq,
                head,
            } if self.view.is_here(&room) => {
                self.view.joined(step.now, epoch, seq, head);
            }
            Frame::Resync { room } if self.view.is_here(&room) => self.view.resync(step),
            Frame::Event { room, event } => self.happened(step, &room, event),
            Frame::Ack { client_id, seq } => {
                if let Some(name) = self.outbox.renamed(client_id) {
                    self.is_called(step, Some(name));
                }
                self.outbox.acked(step, client_id, seq);
            }
            Frame::Error(refused) => {
                self.outbox.refused(step, &refused);
                step.push(Effect::PeopleChanged);
            }
            Frame::Presence { room, people, count } if self.view.is_here(&room) => {
                self.presence.here = people;
                self.presence.count = count;
                step.push(Effect::PeopleChanged);
            }
            Frame::Typing { room, people } if self.view.is_here(&room) => {
                self.presence.typing_is(step.now.ms, people);
                step.push(Effect::PeopleChanged);
            }
            Frame::Left { room } if self.view.is_here(&room) => self.reading.is_suspended = true,
            Frame::Name(person) if Some(person.user_id) == self.outbox.me => {
                self.is_called(step, person.name);
            }
            Frame::Rooms(list) if self.group.role == Role::Follower => self.rooms.told(step, list),
            _ => {}
        }
    }

    /// Takes an event of a room.
    pub(super) fn happened(&mut self, step: &mut Step<'_>, room: &str, event: Event) {
        self.outbox.seen(step, &event);
        if !self.view.is_here(room) {
            return;
        }
        if let Event::Message(message) = &event
            && self.presence.has_spoken(message.user_id)
        {
            step.push(Effect::PeopleChanged);
        }
        self.view.event(step, self.outbox.me, event);
    }

    /// Another tab said something.
    pub(super) fn message(&mut self, step: &mut Step<'_>, message: TabMessage<'_>) {
        let is_leaders = self.group.leader == Some(message.from) && self.group.role == Role::Follower;
        match message.kind {
            TabMessage::ASK if self.group.role == Role::Leader => {
                self.told = None;
                self.rooms.tell_all();
            }
            TabMessage::ROOM if self.group.role == Role::Leader => {
                self.asked(step, message.from, message.rest)
            }
            TabMessage::LEAVE if self.group.role == Role::Leader => {
                self.subscriptions
                    .leave(step, message.from, None, &mut self.connection);
            }
            TabMessage::ROW | TabMessage::UNSTORED_ROW => {
                if let Some(row) = OutboxRow::read(message.rest) {
                    self.outbox.learn(step, row, message.kind == TabMessage::ROW);
                }
            }
            TabMessage::DISCARD => {
                if let Ok(client_id) = message.rest.parse() {
                    if self.group.role == Role::Leader {
                        self.discard(step, client_id);
                    } else if is_leaders {
                        self.outbox.drop_row(step, client_id);
                    }
                }
            }
            TabMessage::ROWS if is_leaders => self.outbox.keep_listed(step, message.rest),
            TabMessage::STATUS if self.group.role == Role::Follower => self.heard_status(step, message),
            TabMessage::FRAME if is_leaders => {
                self.group.heard_leader(step.now.ms, message.from);
                if let Some(frame) = Frame::read(message.rest) {
                    self.deliver(step, frame);
                }
            }
            _ => {}
        }
    }

    pub(super) fn heard_status(&mut self, step: &mut Step<'_>, message: TabMessage<'_>) {
        if let Some((status, up, name)) = Status::read(step.now.ms, message.from, message.rest) {
            if self.group.heard_leader(step.now.ms, message.from) {
                self.outbox.tell_again();
            }
            self.status = status;
            if up.is_some() {
                self.is_called(step, name);
            }
            self.line_is(step, up);
        }
    }

    /// Another tab asks for something.
    pub(super) fn asked(&mut self, step: &mut Step<'_>, tab: u32, text: &str) {
        match TabRequest::read(text) {
            Some(TabRequest::Join(room, cursor)) => {
                let answer = self.join(step, tab, &room, cursor);
                if let (Some(answer), Some(up)) = (answer, self.up) {
                    let frame = match answer {
                        Answer::Joined(seq) => outgoing::joined(&room, up.epoch, seq),
                        _ => outgoing::resync(&room),
                    };
                    self.group.say(step, TabMessage::FRAME, &frame);
                    if let Some(frame) = self.subscriptions.here(&room) {
                        self.group.say(step, TabMessage::FRAME, &frame);
                    }
                }
            }
            Some(TabRequest::Unsubscribe(room)) => {
                self.subscriptions
                    .leave(step, tab, Some(&room), &mut self.connection);
            }
            Some(TabRequest::Position(room, place)) => self.rooms.request(step.now, &room, place),
            Some(TabRequest::Pass) if self.up.is_some() => self.connection.send(step, text.to_owned(), false),
            Some(TabRequest::Pass) => {}
            None => {}
        }
    }

    /// Joins a room for a tab, which may be this one; what it is to be told at once. Without a line there is nothing
    /// to tell: when there is one, every tab asks again.
    pub(super) fn join(
        &mut self,
        step: &mut Step<'_>,
        tab: u32,
        room: &str,
        cursor: Cursor,
    ) -> Option<Answer> {
        let epoch = self.up?.epoch;
        let answer = self
            .subscriptions
            .join(step, tab, room, cursor, epoch, &mut self.connection);
        Some(answer).filter(|answer| *answer != Answer::Later)
    }

    /// Joins our own room.
    pub(super) fn join_here(&mut self, step: &mut Step<'_>) {
        let Some(cursor) = self.view.take_join(step.now) else {
            return;
        };
        let room = self.view.room().clone();
        if !self.group.leads() {
            let frame = outgoing::join(room.as_str(), cursor, false);
            self.group.say(step, TabMessage::ROOM, &frame);
            return;
        }
        match self.join(step, self.group.id, room.as_str(), cursor) {
            Some(Answer::Joined(seq)) => {
                self.view.joined(step.now, cursor.epoch, seq, HEAD_UNKNOWN);
                if let Some(frame) = self
                    .subscriptions
                    .here(room.as_str())
                    .as_deref()
                    .and_then(Frame::read)
                {
                    self.deliver(step, frame);
                }
            }
            Some(Answer::Resync) => self.view.resync(step),
            Some(Answer::Later) | None => {}
        }
    }

    /// Looks whether there is another line than before.
    pub(super) fn follow_line(&mut self, step: &mut Step<'_>) {
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
        self.line_is(step, up);
    }

    pub(super) fn line_is(&mut self, step: &mut Step<'_>, up: Option<LineInUse>) {
        if self.up == up {
            return;
        }
        self.up = up;
        self.subscriptions.reset();
        self.outbox.line_changed();
        self.rooms.line_changed();
        self.rooms.stop();
        self.presence.reset();
        step.push(Effect::PeopleChanged);
        match up {
            Some(up) => {
                let before = self.epoch.replace(up.epoch);
                if before.is_some_and(|before| before != up.epoch) {
                    self.outbox.database_changed(step);
                    self.reading = Reading::default();
                }
                if self.group.leads() {
                    self.rooms.ask(step.now);
                    self.rooms.tick(step);
                }
                if self.outbox.me.replace(up.user_id) != Some(up.user_id) {
                    step.push(Effect::UserId(up.user_id));
                    step.push(Effect::TimelineChanged);
                }
                self.view.up(step, up.epoch);
            }
            None => self.view.down(self.status.down_since.unwrap_or(step.now.ms)),
        }
    }

    /// What every step ends with: what follows from it is sent, told and shown.
    pub(super) fn finish(&mut self, step: &mut Step<'_>) {
        self.follow_line(step);
        self.tell_status(step);
        self.join_here(step);
        let seen = RoomProgress {
            room: self.view.room().as_str(),
            known_to: self.view.known_to(),
            is_caught_up: self.view.is_caught_up(),
            rows: self.view.rows(),
        };
        self.outbox.settle(step, seen);
        self.read_on(step);
        self.say_soft(step);
        if self.group.leads()
            && self.up.is_some()
            && let Some(frame) = self.outbox.next(step)
        {
            self.connection.send(step, frame, false);
            self.connection.expect(step.now);
        }
        self.tell_rows(step);
        self.tell_rooms(step);
        self.connection.flush(step);
        self.set_timer(step);
    }

    pub(super) fn tell_rows(&mut self, step: &mut Step<'_>) {
        if self.group.role == Role::Idle {
            return;
        }
        for (is_stored, row) in self.outbox.tell() {
            let kind = if is_stored {
                TabMessage::ROW
            } else {
                TabMessage::UNSTORED_ROW
            };
            self.group.say(step, kind, &row);
        }
    }

    pub(super) fn tells(&self) -> bool {
        self.group.role == Role::Leader && self.group.has_others
    }

    /// Tells the other tabs, as the leader, how the rooms are.
    pub(super) fn tell_rooms(&mut self, step: &mut Step<'_>) {
        if self.tells()
            && let Some(frame) = self.rooms.tell(step.now.ms, self.epoch)
        {
            self.group.say(step, TabMessage::FRAME, &frame);
        }
    }

    /// Tells the person and, as the leader, the other tabs how the connection is.
    pub(super) fn tell_status(&mut self, step: &mut Step<'_>) {
        let shown = (self.status, self.group.role);
        if self.shown != shown {
            self.shown = shown;
            step.push(Effect::StatusChanged);
        }
        let told = Some((self.status, self.up));
        if self.group.role == Role::Leader && self.told != told {
            self.told = told;
            let text = self.status.write(step.now.ms, self.up, self.name.as_deref());
            self.group.say(step, TabMessage::STATUS, &text);
        }
    }

    pub(super) fn set_timer(&mut self, step: &mut Step<'_>) {
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
            step.push(Effect::Timer(due.saturating_sub(step.now.ms)));
        }
    }
}
