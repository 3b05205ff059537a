//! What comes on the line: frames for this tab, for the others and for the list of rooms.

use protocol::UserId;

use crate::connection::line::Greeting;
use crate::effect::Effect;
use crate::limits::{ROOMS_AGAIN_MS, ROOMS_AGAIN_POLLING_MS};
use crate::model::event::Event;
use crate::model::page::HistoryPage;
use crate::model::person::Person;
use crate::model::transport::Transport;
use crate::step::Step;
use crate::tab::machine::Tab;
use crate::wire::incoming::Frame;
use crate::wire::tab_message::TabMessage;

impl Tab {
    /// Takes a frame of one of this tab's lines: the one in use, or the one on trial.
    pub(super) fn line_frame(&mut self, step: &mut Step<'_>, line: u32, text: &str) {
        let Some(frame) = Frame::read(text) else { return };
        if frame.is_answer() {
            self.connection.heard(step, line);
        }
        match frame {
            Frame::UserId { user_id, name, epoch } => {
                self.set_name(step, name);
                self.connection.greeted(step, line, Greeting { user_id, epoch });
            }
            Frame::Bye { code, reconnect_ms } => {
                self.connection.bye(step, line, code, Some(reconnect_ms));
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

    pub(super) fn answer(&mut self, step: &mut Step<'_>, id: u32, body: Option<&str>) {
        if let Some((line, frames)) = self.connection.answer(step, id, body) {
            for text in frames {
                self.line_frame(step, line, text);
            }
        }
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
                // What they have seen must not undo it.
                Frame::Read { is_marked, .. } => *is_marked,
                // They are told how the rooms are.
                Frame::Mention { .. } | Frame::Rooms(_) => false,
                _ => true,
            }
    }

    /// Applies a frame of this tab's line to the list of rooms.
    pub(super) fn count(&mut self, step: &mut Step<'_>, frame: &Frame) {
        match frame {
            Frame::Event { room, event } => {
                self.rooms.event(step, room, event, self.outbox.me);
            }
            // The room may have been left by then, and its event not come.
            Frame::Ack { client_id, .. } => {
                if let Some(room) = self.outbox.said_in(*client_id) {
                    self.rooms.said_in(step.now, room);
                }
            }
            Frame::Read {
                room, read, unread, ..
            } => self.rooms.read(step, room, *read, *unread),
            Frame::Mention { room, mention, rev } => self.rooms.mentioned(step, room, *mention, *rev),
            Frame::Left { room } => self.rooms.left(step, room),
            Frame::Resync { room } => self.rooms.lost(step.now, room),
            _ => {}
        }
    }

    /// Takes the answer to the fetch of the list of rooms.
    pub(super) fn listed(&mut self, step: &mut Step<'_>, id: u32, text: Option<&str>) {
        let epoch = self.line.map(|line| line.epoch);
        let again_ms = match self.status.transport {
            Transport::WebSocket => None,
            Transport::Stream => Some(ROOMS_AGAIN_MS),
            _ => Some(ROOMS_AGAIN_POLLING_MS),
        };
        if self.rooms.loaded(step.now, id, text, epoch, again_ms) {
            step.push(Effect::RoomsChanged);
            if let Some(line) = self.line {
                let counted = self.rooms.counted();
                self.subscriptions
                    .count_from(step, line.epoch, counted, &mut self.connection);
            }
        }
    }

    pub(super) fn set_name(&mut self, step: &mut Step<'_>, name: Option<Box<str>>) {
        if self.name != name {
            self.name = name;
            step.push(Effect::PeopleChanged);
        }
    }

    /// Somebody is called so now, as far as is known.
    fn learn(&mut self, step: &mut Step<'_>, user_id: UserId, name: Option<&str>) {
        if self.presence.learn(user_id, name) {
            step.push(Effect::PeopleChanged);
        }
    }

    pub(super) fn learn_all(&mut self, step: &mut Step<'_>, people: &[Person]) {
        for person in people {
            self.learn(step, person.user_id, person.name.as_deref());
        }
    }

    /// Takes the answer to the fetch of a page of history.
    pub(super) fn fetched(&mut self, step: &mut Step<'_>, id: u32, text: Option<&str>) {
        let page = text.and_then(HistoryPage::read);
        if let Some(page) = &page {
            self.learn_all(step, &page.people);
        }
        if self.view.doubtful.fetch == Some(id) {
            let room = self.view.room().to_string();
            for row in page.iter().flat_map(|page| self.view.doubtful.judge(&room, page)) {
                self.outbox.vanished(step, row);
            }
            return;
        }
        self.view.fetched(step, self.outbox.me, id, page);
        // Its messages may be of people who are called as others are that are known.
        step.push(Effect::PeopleChanged);
    }

    /// Takes a frame of the line in use, this tab's or the leader's.
    pub(super) fn deliver(&mut self, step: &mut Step<'_>, frame: Frame) {
        match frame {
            Frame::Joined {
                room,
                epoch,
                seq,
                head,
            } if self.view.shows(&room) => {
                self.view.joined(step.now, epoch, seq, head);
            }
            Frame::Resync { room } if self.view.shows(&room) => self.view.resync(step, self.outbox.me),
            Frame::Event { room, event } => self.apply_event(step, &room, event),
            Frame::Ack { client_id, seq } => {
                if let Some(name) = self.outbox.renamed(client_id) {
                    self.set_name(step, Some(name));
                }
                self.outbox.acked(step, client_id, seq);
            }
            Frame::Error(refused) => {
                self.outbox.refused(step, &refused);
                step.push(Effect::PeopleChanged);
                let is_here = refused.room.as_deref().is_some_and(|room| self.view.shows(room));
                if is_here {
                    self.view.join_refused(step.now, &refused);
                    step.push(Effect::TimelineChanged);
                }
            }
            Frame::Presence { room, people, count } if self.view.shows(&room) => {
                self.learn_all(step, &people);
                self.presence.here = people;
                self.presence.count = count;
                step.push(Effect::PeopleChanged);
            }
            Frame::Typing { room, people } if self.view.shows(&room) => {
                self.presence.set_typing(step.now.ms, people);
                step.push(Effect::PeopleChanged);
            }
            // What was marked and is all read again is no more to be kept unread.
            Frame::Read {
                room,
                read,
                unread: 1..,
                is_marked: true,
            } => {
                self.rooms.marked(&room);
                if self.view.shows(&room) {
                    self.reading.take_back_from(self.view.known_to().max(read + 1));
                }
            }
            Frame::Left { room } if self.view.shows(&room) => self.reading.suspend(),
            Frame::Name(person) if Some(person.user_id) == self.outbox.me => {
                self.set_name(step, person.name);
            }
            Frame::Rooms(list) => self.rooms.told(step, list),
            _ => {}
        }
    }

    pub(super) fn apply_event(&mut self, step: &mut Step<'_>, room: &str, event: Event) {
        self.outbox.seen(step, &event);
        if let Some((user_id, name)) = event.author() {
            self.learn(step, user_id, name);
        }
        if !self.view.shows(room) {
            return;
        }
        if let Event::Message(message) = &event
            && self.presence.has_spoken(message.user_id)
        {
            step.push(Effect::PeopleChanged);
        }
        self.view.event(step, self.outbox.me, event);
    }
}
