//! What the tabs of one browser tell one another, and what they ask the leader for.

use protocol::ClientId;

use crate::connection::subscriptions::{Answer, JoinRequest};
use crate::effect::Effect;
use crate::limits::FIRST_LEADER_ANSWER_MAX_MS;
use crate::model::now::Now;
use crate::model::status::Status;
use crate::outbox::row::OutboxRow;
use crate::outbox::storage::Stored;
use crate::step::Step;
use crate::tab::group::Role;
use crate::tab::machine::Tab;
use crate::wire::incoming::Frame;
use crate::wire::outgoing;
use crate::wire::request::TabRequest;
use crate::wire::tab_message::TabMessage;

impl Tab {
    pub(super) fn message(&mut self, step: &mut Step<'_>, message: TabMessage<'_>) {
        let is_leaders = self.group.leader == Some(message.from) && self.group.role == Role::Follower;
        self.group.hear(message.from);
        match message.kind {
            TabMessage::ROLL_CALL if is_leaders => self.answer_roll_call(step),
            TabMessage::HERE if self.tells() => self.is_here(step, message.from, message.rest),
            TabMessage::STATUS | TabMessage::FRAME
                if self.group.role == Role::Leader && self.group.lacks_lock =>
            {
                self.met_leader(step, message.from);
            }
            TabMessage::LEAVE if is_leaders && self.group.lacks_lock => {
                self.group.wait_for_leader(step.now.ms);
            }
            TabMessage::ASK if self.group.role == Role::Leader => {
                self.told = None;
                self.rooms.tell_all();
            }
            TabMessage::ROOM if self.group.role == Role::Leader => {
                self.asked(step, message.from, message.rest)
            }
            TabMessage::HIDDEN | TabMessage::LEAVE if self.group.role == Role::Leader => {
                self.hurry_reading(step);
                if message.kind == TabMessage::LEAVE {
                    self.subscriptions
                        .leave(step, message.from, None, &mut self.connection);
                }
            }
            TabMessage::ROW | TabMessage::UNSTORED_ROW => {
                if let Some(row) = OutboxRow::read(message.rest) {
                    self.outbox.merge(step, row, message.kind == TabMessage::ROW);
                }
            }
            TabMessage::DISCARD => {
                if let Ok(client_id) = message.rest.parse() {
                    if self.group.role == Role::Leader {
                        self.discard(step, client_id);
                        self.outbox.tell_of(client_id);
                    } else {
                        self.outbox.discarded_elsewhere(step, client_id, is_leaders);
                    }
                }
            }
            TabMessage::ROWS if is_leaders => self.outbox.keep_listed(step, message.rest),
            TabMessage::STATUS if self.group.role == Role::Follower => self.apply_status(step, message),
            TabMessage::FRAME if is_leaders => {
                // It may have been on its way when the leader was asked: only its status answers that.
                self.group.leader_seen_at = step.now.ms;
                if let Some(frame) = Frame::read(message.rest) {
                    self.deliver(step, frame);
                }
            }
            _ => {}
        }
    }

    /// Another tab leads besides this one: one of them gives way.
    fn met_leader(&mut self, step: &mut Step<'_>, other: u32) {
        if other < self.group.id {
            self.told = None;
        } else {
            self.follow(step);
            self.group.saw_leader(step.now.ms, other);
            self.outbox.tell_again();
        }
    }

    /// There is no lock to be had: a tab that leads answers at once.
    pub(super) fn no_lock(&mut self, now: Now) {
        self.group.lacks_lock = true;
        if self.group.leader.is_none() {
            self.group.wait_for_leader(now.ms + FIRST_LEADER_ANSWER_MAX_MS);
        }
    }

    pub(super) fn apply_status(&mut self, step: &mut Step<'_>, message: TabMessage<'_>) {
        if let Some(report) = Status::read(step.now.ms, message.from, message.rest) {
            if self.group.saw_leader(step.now.ms, message.from) {
                self.outbox.tell_again();
            }
            self.status = report.status;
            if report.line.is_some() {
                self.set_name(step, report.name);
            }
            self.set_line(step, report.line);
        }
    }

    /// Serves another tab, as the leader.
    pub(super) fn asked(&mut self, step: &mut Step<'_>, tab: u32, text: &str) {
        match TabRequest::read(text) {
            Some(TabRequest::Join(room, cursor)) => {
                let request = JoinRequest {
                    tab,
                    room: &room,
                    cursor,
                };
                let answer = self.join(step, request);
                if let (Some(answer), Some(line)) = (answer, self.line) {
                    let frame = match answer {
                        Answer::Joined(seq) => outgoing::joined(&room, line.epoch, seq),
                        Answer::Full => outgoing::full(&room),
                        _ => outgoing::resync(&room),
                    };
                    self.group.say(step, TabMessage::FRAME, &frame);
                    if let Some(frame) = self.subscriptions.here(&room) {
                        self.group.say(step, TabMessage::FRAME, &frame);
                    }
                }
            }
            Some(TabRequest::Unsubscribe(room)) => {
                self.hurry_reading(step);
                self.subscriptions
                    .leave(step, tab, Some(&room), &mut self.connection);
            }
            Some(TabRequest::Position(room, place)) => {
                let wait_ms = self.reading_wait_ms(step.now, &room);
                self.rooms.request(step.now, &room, place, wait_ms);
            }
            Some(TabRequest::Pass) if self.line.is_some() => {
                self.connection.send(step, text.to_owned(), false)
            }
            Some(TabRequest::Pass) => {}
            None => {}
        }
    }

    pub(super) fn loaded(&mut self, step: &mut Step<'_>, rows: Option<&[String]>) {
        if self.outbox.loaded(step, rows) {
            self.doubt_head();
        }
        self.list_rows(step);
    }

    pub(super) fn stored(&mut self, step: &mut Step<'_>, client_id: ClientId, stored: Stored) {
        if self.outbox.stored(step, client_id, stored) {
            self.doubt_head();
            self.list_rows(step);
        }
    }

    /// Another tab sent something of which the event may have been missed: the room is joined again.
    fn doubt_head(&mut self) {
        self.view.doubt_head();
        self.view.join();
    }

    /// Tells the others which rows there are, as the leader.
    fn list_rows(&self, step: &mut Step<'_>) {
        if self.group.role == Role::Leader && self.group.has_others {
            self.group.say(step, TabMessage::ROWS, &self.outbox.list());
        }
    }

    pub(super) fn tell_rows(&mut self, step: &mut Step<'_>) {
        if self.group.role == Role::Idle {
            return;
        }
        for row in self.outbox.tell() {
            let kind = if row.is_stored {
                TabMessage::ROW
            } else {
                TabMessage::UNSTORED_ROW
            };
            self.group.say(step, kind, &row.text);
        }
    }

    pub(super) fn tells(&self) -> bool {
        self.group.role == Role::Leader && self.group.has_others
    }

    /// Shares the list of rooms, as the leader.
    pub(super) fn tell_rooms(&mut self, step: &mut Step<'_>) {
        if self.tells()
            && let Some(frame) = self.rooms.tell(step.now.ms, self.epoch)
        {
            self.group.say(step, TabMessage::FRAME, &frame);
        }
    }

    /// Shows the state of the connection and, as the leader, shares it.
    pub(super) fn tell_status(&mut self, step: &mut Step<'_>) {
        let shown = (self.status, self.group.role);
        if self.shown != shown {
            self.shown = shown;
            step.push(Effect::StatusChanged);
        }
        let told = Some((self.status, self.line));
        if self.group.role == Role::Leader && self.told != told {
            self.told = told;
            let text = self.status.write(step.now.ms, self.line, self.name.as_deref());
            self.group.say(step, TabMessage::STATUS, &text);
        }
    }
}
