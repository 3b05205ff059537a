//! The machine of one tab: where inputs go, and what every step ends with.

use protocol::Epoch;

use crate::connection::policy::ConnectionPolicy;
use crate::connection::subscriptions::Subscriptions;
use crate::effect::Effect;
use crate::model::now::Now;
use crate::model::operation::Operation;
use crate::model::status::{LineInUse, Status};
use crate::outbox::queue::{Outbox, RoomProgress};
use crate::outbox::row::Draft;
use crate::room::presence::Presence;
use crate::room::reading::Reading;
use crate::room::view::RoomView;
use crate::rooms::list::{self, RoomList};
use crate::step::Step;
use crate::tab::group::{Role, TabGroup};
use crate::tab::input::{Config, Input};
use crate::wire::tab_message::TabMessage;

/// The client of one tab, whole.
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
    /// Whom the next text calls; see [`Input::Calls`].
    pub(super) calls: String,
    /// This person's name.
    pub(super) name: Option<Box<str>>,
    pub(super) is_visible: bool,
    /// The line in use, this tab's or the leader's.
    pub(super) line: Option<LineInUse>,
    /// The epoch of the last line.
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
        let people = config.page.as_ref().map(|page| page.people.clone());
        Self {
            group: TabGroup::default(),
            connection: ConnectionPolicy::new(config.transports, config.user_id.is_none()),
            subscriptions: Subscriptions::default(),
            outbox: Outbox::new(config.user_id),
            view: RoomView::new(config.room, config.page),
            rooms: RoomList::default(),
            reading: Reading::new(config.read_line),
            presence: Presence::knowing(people.unwrap_or_default()),
            calls: String::new(),
            name: config.name,
            is_visible: false,
            line: None,
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
            _ if self.group.role == Role::Idle && input.is_ignored_while_idle() => {}
            Input::NoLock => self.no_lock(step.now),
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
            Input::Offline => self.connection.offline(step),
            Input::Timer => self.tick(step),
            Input::Opened(id) => self.connection.opened(step.now, id),
            Input::Text { id, cursor, text } => {
                if let Some(line) = self.connection.received(step.now, id, cursor) {
                    self.line_frame(step, line, text);
                }
            }
            Input::Closed(id, code) => self.connection.closed(step, id, code),
            Input::Answer(id, body) => self.answer(step, id, body),
            Input::RequestRefused {
                id,
                status,
                retry_after_ms,
            } => self.connection.refused(step, id, status, retry_after_ms),
            Input::Fetched(id, text) if id >= list::FETCHES => self.listed(step, id, text),
            Input::Fetched(id, text) => self.fetched(step, id, text),
            Input::Loaded(rows) => self.loaded(step, rows),
            Input::Stored(client_id, stored) => self.stored(step, client_id, stored),
            Input::StorageEmptied => self.outbox.emptied(step),
            Input::Discarded(client_id, left) => self.discarded(step, client_id, left),
            Input::StoredElsewhere => self.outbox.look_soon(step.now.ms),
            Input::Retry(seed, client_id) => self.retry(step, seed, client_id),
            Input::Discard(client_id) => self.discard(step, client_id),
            Input::RetryAll(seed) => self.retry_all(step, seed),
            Input::DiscardAll => self.discard_all(step),
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
            Input::Calls(ids) => self.calls = ids,
            Input::Leave(room) => self.leave(step.now, &room),
            submission => self.submit_input(step, submission),
        }
    }

    fn submit_input(&mut self, step: &mut Step<'_>, input: Input<'_>) {
        let (seed, operation, target, message) = match input {
            Input::Post(seed, text) => (seed, Operation::Post, 0, text),
            Input::Reply(seed, target, text) => (seed, Operation::Post, target, text),
            Input::Edit(seed, target, text) => (seed, Operation::Edit, target, text),
            Input::Delete(seed, target) => (seed, Operation::Delete, target, String::new()),
            Input::React(seed, target, emoji, true) => (seed, Operation::React, target, emoji),
            Input::React(seed, target, emoji, false) => (seed, Operation::Unreact, target, emoji),
            Input::Topic(seed, topic) => (seed, Operation::Topic, 0, topic),
            Input::Rename(seed, name) => (seed, Operation::Rename, 0, name),
            _ => return,
        };
        let mentions = match operation {
            Operation::Post | Operation::Edit => std::mem::take(&mut self.calls),
            _ => String::new(),
        };
        let room = match operation {
            Operation::Rename => String::new(),
            _ => self.view.room().to_string(),
        };
        let draft = Draft {
            operation,
            room,
            target,
            message,
            mentions,
        };
        self.submit(step, seed, draft);
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
        self.hurry_reading(step);
        self.group.say(step, TabMessage::LEAVE, "");
        if matches!(self.group.role, Role::Leader | Role::Follower) {
            step.push(Effect::ReleaseLock);
        }
        self.group.role = Role::Idle;
        self.stop_leading(step);
    }

    /// This tab has the connection from now on, for all tabs or alone.
    pub(super) fn lead(&mut self, step: &mut Step<'_>, for_all: bool) {
        if self.group.leads() {
            return;
        }
        // A transport that works for the leader before us works for us.
        let transport = self.group.leader.map(|_| self.status.transport);
        if for_all {
            self.group.granted(step.now.ms);
        } else {
            self.group.alone(self.group.id);
        }
        self.outbox.leads = true;
        self.outbox.load(step);
        self.told = None;
        self.connection.start(step, transport);
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
        if !is_visible {
            self.hurry_reading(step);
            self.group.say(step, TabMessage::HIDDEN, "");
        }
        if is_visible {
            self.connection.awake(step, false);
            self.outbox.load(step);
            if self.group.role == Role::Follower {
                // Messages may have been lost while the tab was frozen.
                self.view.join();
            }
        }
    }

    pub(super) fn tick(&mut self, step: &mut Step<'_>) {
        self.timer = None;
        if self.group.tick(step) {
            self.lead(step, true);
        }
        self.outbox.tick(step);
        self.view.tick(step);
        self.rooms.tick(step);
        if self.presence.tick(step.now.ms) {
            step.push(Effect::PeopleChanged);
        }
        self.connection.tick(step);
    }

    /// Ends every step: sends, shares and shows what follows from it.
    pub(super) fn finish(&mut self, step: &mut Step<'_>) {
        self.follow_line(step);
        self.tell_status(step);
        self.call_roll(step);
        self.join_here(step);
        self.view.look_for_doubtful(step);
        let seen = RoomProgress {
            room: self.view.room().as_str(),
            known_to: self.view.known_to(),
            is_caught_up: self.view.is_caught_up(),
            rows: self.view.rows(),
        };
        self.outbox.settle(step, seen);
        self.read_on(step);
        self.send_ephemeral(step);
        if self.group.leads()
            && self.line.is_some()
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
            .min(self.presence.due(self.line.is_some()))
            .min(self.rooms.due(self.line.is_some(), self.tells()));
        // A timer that comes too early is set again then: it is not moved with every frame.
        if due != u64::MAX && self.timer.is_none_or(|timer| due < timer) {
            self.timer = Some(due);
            step.push(Effect::Timer(due.saturating_sub(step.now.ms)));
        }
    }
}
