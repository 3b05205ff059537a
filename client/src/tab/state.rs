//! What a tab shows.

use std::sync::Arc;

use protocol::{ClientId, ErrorCode, RoomName, UserId};

use crate::model::message::Message;
use crate::model::operation::Operation;
use crate::model::person::Person;
use crate::model::status::Status;
use crate::outbox::echo::EchoedMessage;
use crate::outbox::row::{OutboxRow, SendState};
use crate::room::absence::Missed;
use crate::room::timeline::Edge;
use crate::rooms::followed::FollowedRoom;
use crate::tab::group::Role;
use crate::tab::machine::Tab;

impl Tab {
    /// The room's messages, oldest first.
    #[must_use]
    pub fn rows(&self) -> &[Arc<Message>] {
        self.view.timeline().rows()
    }

    /// The same, with what we asked to be changed about them and the server has not told of yet.
    #[must_use]
    pub fn shown(&self) -> Vec<EchoedMessage> {
        self.outbox.shown(self.view.room().as_str(), self.rows())
    }

    /// What was written here for this room and is not among the messages yet, in the order it was written.
    pub fn pending(&self) -> impl Iterator<Item = (&OutboxRow, SendState)> {
        self.asked_for()
            .filter(|(row, _)| row.operation == Operation::Post)
    }

    /// What is to be changed, about this room or us, in the order it was asked for. What waits is shown as if it were
    /// done; what is stuck the person can try again or discard.
    pub fn changes(&self) -> impl Iterator<Item = (&OutboxRow, SendState)> {
        self.asked_for()
            .filter(|(row, _)| row.operation != Operation::Post)
    }

    fn asked_for(&self) -> impl Iterator<Item = (&OutboxRow, SendState)> {
        self.outbox.of_room(self.view.room().as_str())
    }

    /// The room that is shown.
    #[must_use]
    pub fn room(&self) -> &RoomName {
        self.view.room()
    }

    /// What the room is about.
    #[must_use]
    pub fn topic(&self) -> &str {
        let waits = self.outbox.last(Operation::Topic, self.view.room().as_str());
        waits.unwrap_or_else(|| self.view.timeline().topic())
    }

    /// What stands above the first row.
    #[must_use]
    pub fn older(&self) -> Edge {
        self.view.timeline().older()
    }

    /// What stands below the last row. Where it is not [`Edge::End`], what is said now is not shown, only counted.
    #[must_use]
    pub fn newer(&self) -> Edge {
        self.view.timeline().newer()
    }

    /// The messages of others that came since the last row was not the room's last message any more.
    #[must_use]
    pub fn below(&self) -> u64 {
        self.view.below()
    }

    /// How far the room was read when it was opened, or where it was marked as unread: a line stands below this `seq`.
    /// `None` when everything was read, and when the person goes on writing.
    #[must_use]
    pub fn read_line(&self) -> Option<u64> {
        self.reading.line()
    }

    /// Where to open the room to read on below that line.
    #[must_use]
    pub fn first_unread(&self) -> Option<u64> {
        let line = self.reading.line()?;
        let is_unread = |row: &&Arc<Message>| row.seq > line && Some(row.user_id) != self.outbox.me;
        let rows = self.rows();
        // What lies between the line and the first row is not loaded.
        let is_whole = rows.first().is_some_and(|first| first.seq <= line) || self.older() == Edge::End;
        let row = rows.iter().find(is_unread).filter(|_| is_whole);
        Some(row.map_or(line + 1, |row| row.seq))
    }

    /// The rooms this person follows, by name.
    #[must_use]
    pub fn rooms(&self) -> &[FollowedRoom] {
        self.rooms.all()
    }

    /// The people who are in the room now, none where they are too many to be named; and how many there are.
    #[must_use]
    pub fn here(&self) -> (&[Person], u64) {
        (&self.presence.here, self.presence.count)
    }

    /// What people are called now, as far as is known beyond what their messages say.
    #[must_use]
    pub fn names(&self) -> &[Person] {
        &self.presence.names
    }

    /// The others who are typing in the room now.
    pub fn typing(&self) -> impl Iterator<Item = &Person> {
        let me = self.outbox.me;
        let typing = self.presence.typing.iter();
        typing.filter(move |person| Some(person.user_id) != me)
    }

    /// This person's name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let waits = self.outbox.last(Operation::Rename, "");
        waits.or(self.name.as_deref())
    }

    /// What somebody is called, as far as is known: now, else when they last said something here.
    #[must_use]
    pub fn name_of(&self, user_id: UserId) -> Option<&str> {
        if Some(user_id) == self.outbox.me {
            return self.name();
        }
        if let Some(person) = self
            .presence
            .names
            .iter()
            .find(|person| person.user_id == user_id)
        {
            return person.name.as_deref();
        }
        let row = self.rows().iter().rev().find(|row| row.user_id == user_id)?;
        row.name.as_deref()
    }

    /// What was missed during an absence and is restored, until it was seen.
    #[must_use]
    pub fn missed(&self) -> Option<Missed> {
        self.view.missed()
    }

    /// How the connection is, our own or the leader's.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// What this tab is to the others.
    #[must_use]
    pub fn role(&self) -> Role {
        self.group.role
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

    /// Whether a row may be discarded.
    #[must_use]
    pub fn can_discard(&self, client_id: ClientId) -> bool {
        self.outbox.can_discard(client_id)
    }

    /// Why the server does not let us join the room that is shown, if it said so.
    #[must_use]
    pub fn join_refused(&self) -> Option<ErrorCode> {
        self.view.refused()
    }

    /// Everything up to this `seq` of the room is known, whether it is among the rows or not; 0 while nothing is.
    #[must_use]
    pub fn known_to(&self) -> u64 {
        self.view.known_to()
    }

    /// Whether the room is joined and everything that was asked for is here: for tests that wait for it.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        self.line.is_some() && self.view.is_joined()
    }

    /// How many rows are stuck, of all rooms.
    #[must_use]
    pub fn stuck_len(&self) -> usize {
        self.outbox.stuck().count()
    }

    /// The number of rows in the outbox, of all rooms.
    #[must_use]
    pub fn outbox_len(&self) -> usize {
        self.outbox.len()
    }
}
