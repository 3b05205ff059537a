//! What the person in front of a tab asks for.

use protocol::{ClientId, ErrorCode, MessageText, RoomName};

use crate::effect::Effect;
use crate::model::now::Now;
use crate::model::operation::Operation;
use crate::model::position::Position;
use crate::outbox::row::{Draft, Seed};
use crate::room::reading::Reading;
use crate::tab::machine::Tab;
use crate::wire::outgoing;
use crate::wire::tab_message::TabMessage;

impl Tab {
    /// Something is to be said, or to be changed about what was said, as the answer to or a change of `target`.
    pub(super) fn say(
        &mut self,
        now: Now,
        seed: Seed,
        (operation, target, message): (Operation, u64, String),
        effects: &mut Vec<Effect>,
    ) {
        let is_text = matches!(operation, Operation::Post | Operation::Edit);
        let checked = if is_text {
            MessageText::parse(&message).err()
        } else {
            None
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
        };
        let refused = match checked {
            Some(ErrorCode::Empty) if operation == Operation::Post => return,
            Some(code) => Some(code),
            None if self.write(now, seed, draft, effects) => None,
            None => Some(ErrorCode::Busy),
        };
        if let Some(code) = refused {
            effects.push(Effect::Refused(code));
            return;
        }
        effects.push(Effect::Accepted(operation));
        for client_id in self
            .outbox
            .superseded(operation, target, self.view.room().as_str())
        {
            self.discard(now, client_id, effects);
        }
        match operation {
            Operation::Post => self.goes_on(effects),
            Operation::Rename => effects.push(Effect::PeopleChanged),
            _ => {}
        }
    }

    /// Whoever says something has seen what there is, and wants to see it said.
    fn goes_on(&mut self, effects: &mut Vec<Effect>) {
        self.view.forget_missed(effects);
        self.view.go_to_end(effects);
        self.presence.stop_typing();
        self.reading.is_suspended = false;
        self.reading.taken_back = None;
        self.reading.line = None;
    }

    fn write(&mut self, now: Now, seed: Seed, draft: Draft, effects: &mut Vec<Effect>) -> bool {
        self.group.ask(now.ms, effects);
        let tried = self.up.is_some();
        self.outbox.write(now, seed, draft, tried, effects)
    }

    pub(super) fn retry(&mut self, now: Now, seed: Seed, client_id: ClientId, effects: &mut Vec<Effect>) {
        if let Some(draft) = self.outbox.retryable(client_id)
            && self.write(now, seed, draft, effects)
        {
            self.discard(now, client_id, effects);
        }
    }

    /// Lets a row go. One that waits only the leader may take away, for it knows whether it was sent meanwhile.
    pub(super) fn discard(&mut self, now: Now, client_id: ClientId, effects: &mut Vec<Effect>) {
        if !self.outbox.can_discard(client_id) {
            return;
        }
        self.group.ask(now.ms, effects);
        self.group
            .say(TabMessage::DISCARD, &client_id.to_string(), effects);
        if self.group.leads() || self.outbox.retryable(client_id).is_some() {
            self.outbox.drop_row(client_id, effects);
            effects.push(Effect::Remove(client_id));
        }
    }

    /// Shows another room, on the line there is.
    pub(super) fn go(&mut self, now: Now, room: RoomName, place: Option<u64>, effects: &mut Vec<Effect>) {
        if room == *self.view.room() {
            match place {
                Some(seq) => self.view.open(seq, effects),
                None => self.view.go_to_end(effects),
            }
            return;
        }
        self.presence.stop_typing();
        self.say_typing(now, effects);
        let left = self.view.room().to_string();
        if self.group.leads() {
            self.subscriptions
                .leave(self.group.id, Some(&left), (&mut self.connection, effects));
        } else {
            self.group
                .say(TabMessage::ROOM, &outgoing::unsubscribe(&left), effects);
        }
        self.presence.reset();
        self.reading = Reading::default();
        self.view.go(now, room, place, effects);
        effects.push(Effect::PeopleChanged);
    }

    /// Takes a message and all after it to be unread.
    pub(super) fn mark_unread(&mut self, now: Now, seq: u64, effects: &mut Vec<Effect>) {
        let before = seq.saturating_sub(1);
        self.reading.is_suspended = true;
        self.reading.line = Some(before);
        self.reading.is_line_known = true;
        self.rooms
            .wish(now, self.view.room().as_str(), Position::Unread(before));
        effects.push(Effect::TimelineChanged);
    }

    /// Follows a room no more. Where it is shown still, it is not read by itself any more: that would be to follow it.
    pub(super) fn leave(&mut self, now: Now, room: &RoomName) {
        if room == self.view.room() {
            self.reading.is_suspended = true;
        }
        self.rooms.wish(now, room.as_str(), Position::Left);
    }

    /// What somebody sees, they have read: as soon as it is known how far they had before.
    pub(super) fn read_on(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if !self.rooms.is_loaded {
            return;
        }
        let room = self.view.room().as_str();
        let (read, unread) = self
            .rooms
            .find(room)
            .map_or((0, 0), |room| (room.read, room.unread));
        let reading = &mut self.reading;
        if !std::mem::replace(&mut reading.is_line_known, true) && unread > 0 {
            reading.line = Some(read);
            effects.push(Effect::TimelineChanged);
        }
        if read < reading.read {
            reading.taken_back.get_or_insert(reading.read);
        }
        reading.read = read;
        reading.taken_back.take_if(|before| read >= *before);
        let is_seen = self.is_visible && self.view.is_at_end() && self.view.is_attached();
        if is_seen
            && !reading.is_suspended
            && reading.taken_back.is_none()
            && self.view.is_joined()
            && let Some(last) = self.view.timeline().rows().last()
        {
            self.rooms.wish(now, room, Position::Read(last.seq));
        }
    }

    /// Sends what is wished for, and whether we are typing: itself, or through the leader.
    pub(super) fn say_soft(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.up.is_none() {
            return;
        }
        while let Some(frame) = self.rooms.next(now, self.group.leads()) {
            self.pass(frame, effects);
        }
        self.say_typing(now, effects);
    }

    fn say_typing(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.up.is_some()
            && let Some(on) = self.presence.next(now.ms)
        {
            let frame = outgoing::typing(self.view.room().as_str(), on);
            self.pass(frame, effects);
        }
    }

    fn pass(&mut self, frame: String, effects: &mut Vec<Effect>) {
        if self.group.leads() {
            self.connection.send(frame, false, effects);
        } else {
            self.group.say(TabMessage::ROOM, &frame, effects);
        }
    }
}
