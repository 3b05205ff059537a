//! The line that is used, our own or the leader's, and the subscription of the room that is shown.

use crate::connection::subscriptions::{Answer, JoinRequest};
use crate::effect::Effect;
use crate::model::cursor::HEAD_UNKNOWN;
use crate::model::status::LineInUse;
use crate::room::reading::Reading;
use crate::step::Step;
use crate::tab::group::Role;
use crate::tab::machine::Tab;
use crate::wire::incoming::Frame;
use crate::wire::outgoing;
use crate::wire::tab_message::TabMessage;

impl Tab {
    /// Notices when this tab's line has changed.
    pub(super) fn follow_line(&mut self, step: &mut Step<'_>) {
        if self.group.role == Role::Follower {
            return;
        }
        self.status = self.connection.status();
        let tab = self.group.id;
        let line = self.connection.line_in_use(tab);
        self.set_line(step, line);
    }

    pub(super) fn set_line(&mut self, step: &mut Step<'_>, line: Option<LineInUse>) {
        if self.line == line {
            return;
        }
        self.line = line;
        self.subscriptions.reset();
        self.outbox.line_changed();
        self.rooms.line_changed();
        self.rooms.stop();
        self.presence.reset();
        step.push(Effect::PeopleChanged);
        match line {
            Some(line) => {
                let before = self.epoch.replace(line.epoch);
                if before.is_some_and(|before| before != line.epoch) {
                    self.outbox.database_changed(step);
                    self.reading = Reading::default();
                }
                if self.group.leads() {
                    self.rooms.ask(step.now);
                    self.rooms.tick(step);
                }
                let me = self.outbox.me.replace(line.user_id);
                if me != Some(line.user_id) {
                    step.push(Effect::UserId(line.user_id));
                    step.push(Effect::TimelineChanged);
                }
                self.view.up(step, me, line.epoch);
            }
            None => self.view.down(self.status.down_since.unwrap_or(step.now.ms)),
        }
    }

    /// Subscribes a tab, which may be this one. `None` when there is no immediate answer; without a line
    /// every tab asks again when there is one.
    pub(super) fn join(&mut self, step: &mut Step<'_>, mut request: JoinRequest<'_>) -> Option<Answer> {
        let epoch = self.line?.epoch;
        // What lies between is counted from its events: nobody says any more how a room is that is joined.
        if let Some(seq) = self.rooms.counted_to(request.room)
            && seq < request.cursor.seq
        {
            (request.cursor.seq, request.cursor.id) = (seq, None);
        }
        let answer = self
            .subscriptions
            .join(step, epoch, request, &mut self.connection);
        Some(answer).filter(|answer| *answer != Answer::Later)
    }

    /// Joins the room that this tab shows.
    pub(super) fn join_here(&mut self, step: &mut Step<'_>) {
        let Some(cursor) = self.view.take_join(step.now) else {
            return;
        };
        let room = self.view.room().clone();
        if !self.group.leads() {
            let frame = outgoing::join(room.as_str(), cursor);
            self.group.say(step, TabMessage::ROOM, &frame);
            self.group.say(step, TabMessage::HERE, "");
            return;
        }
        let request = JoinRequest {
            tab: self.group.id,
            room: room.as_str(),
            cursor,
        };
        match self.join(step, request) {
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
            Some(Answer::Resync) => self.view.resync(step, self.outbox.me),
            Some(Answer::Full) => {
                if let Some(frame) = Frame::read(&outgoing::full(room.as_str())) {
                    self.deliver(step, frame);
                }
            }
            Some(Answer::Later) | None => {}
        }
    }
}
