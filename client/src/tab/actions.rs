//! What the person in front of a tab asks for.

use protocol::{ClientId, ErrorCode, MessageText, RoomName};

use crate::effect::Effect;
use crate::model::now::Now;
use crate::model::operation::Operation;
use crate::model::position::Position;
use crate::outbox::row::{Draft, OutboxRow, Seed};
use crate::outbox::stuck::Discarding;
use crate::room::reading::Reading;
use crate::rooms::position::reading_wait_ms;
use crate::step::Step;
use crate::tab::machine::Tab;
use crate::wire::outgoing;
use crate::wire::tab_message::TabMessage;

impl Tab {
    /// Puts a draft into the outbox, or says why not.
    pub(super) fn submit(&mut self, step: &mut Step<'_>, seed: Seed, draft: Draft) {
        let (operation, target) = (draft.operation, draft.target);
        let is_text = matches!(operation, Operation::Post | Operation::Edit);
        let refused = match MessageText::parse(&draft.message) {
            Err(ErrorCode::Empty) if operation == Operation::Post => return,
            Err(code) if is_text => Some(code),
            _ => None,
        };
        if let Some(code) = refused {
            step.push(Effect::Refused(code));
            return;
        }
        if self.outbox.is_full() {
            step.push(Effect::OutboxFull);
            return;
        }
        self.write(step, seed, draft);
        step.push(Effect::Accepted(operation));
        for client_id in self
            .outbox
            .superseded(operation, target, self.view.room().as_str())
        {
            self.discard(step, client_id);
        }
        match operation {
            Operation::Post => self.goes_on(step),
            Operation::Rename => step.push(Effect::PeopleChanged),
            _ => {}
        }
    }

    /// Posting implies having seen what there is, and shows the room's end.
    fn goes_on(&mut self, step: &mut Step<'_>) {
        self.view.forget_missed(step);
        self.view.go_to_end(step);
        self.presence.stop_typing();
        self.reading.go_on();
    }

    fn write(&mut self, step: &mut Step<'_>, seed: Seed, draft: Draft) {
        self.group.ask(step);
        let tried = self.line.is_some();
        self.outbox.write(step, seed, draft, tried);
    }

    /// Puts a new row in the place of one that is stuck, however full the outbox is.
    pub(super) fn retry(&mut self, step: &mut Step<'_>, seed: Seed, client_id: ClientId) {
        if self.outbox.send_again(step, client_id) {
            self.group.ask(step);
        } else if let Some(draft) = self.outbox.take_draft(step, client_id) {
            self.write(step, seed, draft);
            step.push(Effect::Remove(client_id));
            self.say_discarded(step, client_id);
        }
    }

    /// Discards a row. Of a waiting one the storage says whether another tab has sent it meanwhile.
    pub(super) fn discard(&mut self, step: &mut Step<'_>, client_id: ClientId) {
        let discarding = self.outbox.discard(step, client_id);
        if discarding.is_some() {
            self.group.ask(step);
        }
        if matches!(discarding, Some(Discarding::Done | Discarding::LeadersToSay)) {
            self.say_discarded(step, client_id);
        }
    }

    /// The storage has discarded a row, or has it still, for it may have been sent.
    pub(super) fn discarded(&mut self, step: &mut Step<'_>, client_id: ClientId, left: Option<&str>) {
        match left.and_then(OutboxRow::read) {
            Some(row) => self.outbox.merge(step, row, true),
            None => self.say_discarded(step, client_id),
        }
    }

    pub(super) fn retry_all(&mut self, step: &mut Step<'_>, seed: Seed) {
        for client_id in self.outbox.stuck().collect::<Vec<_>>() {
            self.retry(step, seed, client_id);
        }
    }

    pub(super) fn discard_all(&mut self, step: &mut Step<'_>) {
        for client_id in self.outbox.stuck().collect::<Vec<_>>() {
            self.discard(step, client_id);
        }
    }

    fn say_discarded(&self, step: &mut Step<'_>, client_id: ClientId) {
        self.group.say(step, TabMessage::DISCARD, &client_id.to_string());
    }

    /// Shows another room, on the same line.
    pub(super) fn go(&mut self, step: &mut Step<'_>, room: RoomName, place: Option<u64>) {
        if room == *self.view.room() {
            match place {
                Some(seq) => self.view.open(step, seq),
                None => self.view.go_to_end(step),
            }
            return;
        }
        self.presence.stop_typing();
        self.hurry_reading(step);
        let left = self.view.room().to_string();
        if self.group.leads() {
            self.subscriptions
                .leave(step, self.group.id, Some(&left), &mut self.connection);
        } else {
            self.group
                .say(step, TabMessage::ROOM, &outgoing::unsubscribe(&left));
        }
        self.presence.reset();
        self.reading = Reading::default();
        self.view.go(step, room, place);
        step.push(Effect::PeopleChanged);
    }

    /// Marks a message and all after it as unread.
    pub(super) fn mark_unread(&mut self, step: &mut Step<'_>, seq: u64) {
        let before = seq.saturating_sub(1);
        self.reading.mark_unread_after(before);
        self.rooms
            .request(step.now, self.view.room().as_str(), Position::Unread(before), 0);
        step.push(Effect::TimelineChanged);
    }

    /// Stops following a room. If it is shown, it is not read automatically any more: that would follow it again.
    pub(super) fn leave(&mut self, now: Now, room: &RoomName) {
        if room == self.view.room() {
            self.reading.suspend();
        }
        self.rooms.request(now, room.as_str(), Position::Left, 0);
    }

    /// Marks what is visible as read, once it is known how far the person had read before.
    pub(super) fn read_on(&mut self, step: &mut Step<'_>) {
        if !self.rooms.is_loaded {
            return;
        }
        let room = self.view.room().as_str();
        let (read, unread) = self
            .rooms
            .find(room)
            .map_or((0, 0), |room| (room.read, room.unread));
        if self.reading.update_position(read, unread) {
            step.push(Effect::TimelineChanged);
        }
        let is_seen = self.is_visible && self.view.is_at_end() && self.view.is_attached();
        if is_seen
            && self.reading.is_automatic()
            && self.view.is_joined()
            && let Some(last) = self.view.timeline().rows().last()
            && (last.seq > read || unread > 0)
        {
            // With what has happened to messages since the last one: the list may know of that.
            let position = Position::Read(self.view.known_to());
            let wait_ms = self.reading_wait_ms(step.now, room);
            self.rooms.request(step.now, room, position, wait_ms);
        }
        self.rooms.see(step);
    }

    /// How long what was read waits before the server is told; the leader waits for all tabs.
    pub(super) fn reading_wait_ms(&self, now: Now, room: &str) -> u64 {
        if !self.group.leads() {
            return 0;
        }
        let is_crowd = self.presence.is_crowd() && self.view.room().as_str() == room;
        reading_wait_ms(now, is_crowd)
    }

    /// Sends pending positions and typing, directly or through the leader.
    pub(super) fn send_ephemeral(&mut self, step: &mut Step<'_>) {
        if self.line.is_none() {
            return;
        }
        while let Some(frame) = self.rooms.next(step.now, self.group.leads()) {
            self.pass(step, frame);
        }
        self.say_typing(step);
    }

    /// Sends what was read, for nobody may be here later to do so.
    pub(super) fn hurry_reading(&mut self, step: &mut Step<'_>) {
        self.rooms.hurry();
        self.send_ephemeral(step);
    }

    fn say_typing(&mut self, step: &mut Step<'_>) {
        if self.line.is_some()
            && let Some(on) = self.presence.next(step.now.ms)
        {
            let frame = outgoing::typing(self.view.room().as_str(), on);
            self.pass(step, frame);
        }
    }

    fn pass(&mut self, step: &mut Step<'_>, frame: String) {
        if self.group.leads() {
            self.connection.send(step, frame, false);
        } else {
            self.group.say(step, TabMessage::ROOM, &frame);
        }
    }
}
