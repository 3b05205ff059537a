//! A room in which things happen at random.

use protocol::{ClientId, EventId, UserId};

use super::{FakeRoom, Random, epoch, message};
use crate::model::{Change, ChangeKind, Event, HistoryPage, Message, Part, Quote};

/// A [`FakeRoom`] of the unit tests' messages.
pub(crate) struct Log {
    pub(crate) room: FakeRoom,
}

impl Log {
    /// A room with so many messages.
    pub(crate) fn new(messages: u64) -> Self {
        let mut room = FakeRoom::default();
        for seq in 1..=messages {
            room.say(message(seq));
        }
        Self { room }
    }

    pub(crate) fn head(&self) -> u64 {
        self.room.head()
    }

    pub(crate) fn rows(&self) -> &[Message] {
        self.room.rows()
    }

    pub(crate) fn event(&self, seq: u64) -> Event {
        self.room.event_as_committed(seq)
    }

    pub(crate) fn page(&self, part: Part) -> HistoryPage {
        self.room.page(epoch(), part)
    }

    /// Something happens: mostly something is said, or something is done to one of the last messages.
    pub(crate) fn happen(&mut self, random: &mut Random) {
        let seq = self.head() + 1;
        let rows = self.room.rows();
        let index = rows.len() - 1 - random.index(rows.len().min(120));
        let (target, is_deleted) = (rows[index].seq, rows[index].is_deleted());
        let is_reply = random.once_in(4);
        let user_id = UserId::from_bytes([random.below(3) as u8; 16]);
        let kind = match random.below(12) {
            _ if is_deleted => None,
            0 | 1 => Some(ChangeKind::Edited {
                message: format!("edited by {seq}"),
                html: random.once_in(2).then(|| Box::from("<b>html</b>")),
                mentions: Vec::new(),
                excerpt: None,
            }),
            2 => Some(ChangeKind::Deleted),
            3..6 => Some(ChangeKind::Reacted {
                emoji: ["👍", "🎉"][random.index(2)].into(),
                on: random.below(3) > 0,
            }),
            6 => Some(ChangeKind::Topic(format!("topic of {seq}"))),
            _ => None,
        };
        if let Some(kind) = kind {
            return self.room.change(Change {
                seq,
                id: EventId::from_parts(seq, [1; 10]),
                client_id: ClientId::from_parts(seq, [2; 10]),
                user_id,
                name: None,
                at: seq,
                target,
                kind,
            });
        }
        if random.once_in(20) {
            return self.room.say_unknown();
        }
        let mut said = message(seq);
        if is_reply {
            said.details.get_or_insert_default().reply_to = Some(Quote {
                seq: target,
                user_id: said.user_id,
                name: None,
                excerpt: Box::default(),
            });
        }
        self.room.say(said);
    }
}
