//! The database: everything that is SQL is in this module and nowhere else.

mod check;
mod copy;
mod events;
mod failures;
mod log;
mod log_nodes;
#[cfg(feature = "simulation")]
mod memory;
mod mentions;
mod messages;
mod open;
mod pages;
mod people;
mod positions;
mod read;
mod rooms;
mod schema;
mod scrub;
mod whole;
mod write;

use protocol::{ClientId, EventId, RoomName, RoomSummary, UserId};

pub(crate) use check::{fault, is_damage};
pub(crate) use copy::{COPY_STEPS, copy_into, open_copier};
pub(crate) use events::{end, events_after, insert_event};
pub(crate) use failures::{Passing, is_interrupted, is_locked, passing};
pub(crate) use log::{
    first_log_hash, log_hash, log_point, record_point, set_epoch, set_first_point, was_fed,
};
pub(crate) use log_nodes::{is_repeated, record_origin};
#[cfg(feature = "simulation")]
pub(crate) use memory::open_in_memory;
pub(crate) use mentions::{last_mention, named, set_mentions};
pub(crate) use messages::{
    Target, delete_message, edit_message, insert_message, quote, react, reaction_room, target, unreact,
};
pub(crate) use open::{
    Opened, count_wal_pages, open_checkpointer, open_reader, open_writer, sync_at_checkpoints,
};
pub(crate) use pages::{edits, page};
pub(crate) use people::{name_of, names_of, namesakes_in, person, set_name, spoke};
pub(crate) use positions::{forget_position, position, raise_position, seen, set_position, standing};
pub(crate) use read::{applied, epoch, has_been_used, known};
pub(crate) use rooms::{
    RoomEnd, find_rooms, followed_names, followed_rooms, make_room, other_rooms, room, room_end, rooms_of,
    set_room_end, set_topic, topic,
};
pub(crate) use whole::{open_whole, settle};
pub(crate) use write::{
    Begin, begin_wal, close_without_checkpoint, copy_wal, data_version, forget_pages, remember, set_applied,
};

use crate::command::ContentDigest;
use crate::mentions::{Mention, people};

/// What somebody is called; `None` for those who have never said.
pub type Name = Option<Box<str>>;

/// Somebody who is called as somebody else is, and what they are called.
pub type Namesake = (UserId, Box<str>);

/// Somebody, as a room knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonRow {
    /// What they are called now.
    pub name: Name,
    /// The seq of what they said last there, and when that was, in Unix milliseconds; `None` when that is nothing, or
    /// longer ago than [`crate::limits::SPOKE_MESSAGES_MAX`] messages.
    pub said: Option<(u64, u64)>,
    /// Others who are called so and follow the room: [`crate::limits::NAMESAKES_TOLD_MAX`] at most.
    pub namesakes: Vec<Namesake>,
}

/// Somebody who said something in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpokeRow {
    pub user_id: UserId,
    /// What they are called now.
    pub name: Name,
}

/// A message as it stands in its room now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// Its place in the room.
    pub seq: u64,
    /// The event's id.
    pub id: EventId,
    /// The author's id for it.
    pub client_id: ClientId,
    /// The author.
    pub user_id: UserId,
    /// What they were called then.
    pub name: Name,
    /// The text, as it was written; empty when it has been deleted.
    pub message: String,
    /// How it looks, where that differs from the text.
    pub html: Option<Box<str>>,
    /// Whom it mentions.
    pub(crate) mentions: Vec<Mention>,
    /// The message it answers.
    pub reply_to: Option<Box<QuoteRow>>,
    /// When it was taken, in Unix milliseconds.
    pub at: u64,
    /// When its text was last changed, in Unix milliseconds.
    pub edited_at: Option<u64>,
    /// The seq of the last event that changed it; at first its own.
    pub rev: u64,
    /// Whether it has been deleted.
    pub deleted: bool,
    /// Who put which emoji to it, in the order in which each came first.
    pub reactions: Vec<ReactionRow>,
}

impl MessageRow {
    /// Whom it mentions, each once: [`protocol::limits::MENTIONS_MAX`] people at most.
    #[must_use]
    pub fn mentioned(&self) -> Vec<UserId> {
        people(&self.mentions)
    }
}

/// What is shown of a message in the answers to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteRow {
    /// Its place in the room.
    pub seq: u64,
    /// The author.
    pub user_id: UserId,
    /// What they were called then.
    pub name: Name,
    /// How its text begins; empty when it has been deleted.
    pub message: String,
}

/// One emoji under a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReactionRow {
    pub emoji: String,
    /// Those it is from, in the order in which they came.
    pub user_ids: Vec<UserId>,
}

/// An event of a room, as it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventRow {
    pub(crate) seq: u64,
    pub(crate) id: EventId,
    pub(crate) client_id: ClientId,
    pub(crate) user_id: UserId,
    /// What its author was called then.
    pub(crate) name: Name,
    pub(crate) at: u64,
    pub(crate) content: Content,
}

/// What is known of a room's end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct End {
    /// The room's last seq.
    pub(crate) head: u64,
    /// The seq that was asked for, or the head.
    pub(crate) seq: u64,
    /// Where `ids` begin, at `seq` or before.
    pub(crate) first: u64,
    /// The ids of the events from there on: up to the head, or of one alone. Empty where there is no such event.
    pub(crate) ids: Vec<EventId>,
}

impl End {
    /// The id of the event that was asked for.
    pub(crate) fn id(&self) -> Option<EventId> {
        let index = usize::try_from(self.seq - self.first).ok()?;
        self.ids.get(index).copied()
    }

    /// Whether the ids are those of the room's latest events.
    pub(crate) const fn reaches_the_head(&self) -> bool {
        !self.ids.is_empty() && self.first + self.ids.len() as u64 - 1 == self.head
    }
}

/// What happened. A `target` is a message's seq. The texts of a message that has been deleted since are empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Message {
        message: String,
        reply_to: Option<Box<QuoteRow>>,
        mentions: Vec<Mention>,
    },
    Edited {
        target: u64,
        message: String,
        mentions: Vec<Mention>,
    },
    Deleted {
        target: u64,
    },
    Reacted {
        target: u64,
        emoji: String,
        on: bool,
    },
    Topic {
        topic: String,
    },
}

/// Which page of a room's history to read. With no bound it is the latest one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageQuery {
    /// Only messages with a smaller seq. Alone, the page is the latest before it.
    pub before: Option<u64>,
    /// Only messages with a larger seq; the page is then the earliest after it.
    pub after: Option<u64>,
    /// The page around this seq: one half before it, the other from it on. The other bounds then do not count.
    pub around: Option<u64>,
    /// Messages at most.
    pub limit: usize,
}

/// A page of history, true for one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The room's head at that moment.
    pub seq: u64,
    /// The event there; `None` in a room without any.
    pub event_id: Option<EventId>,
    /// What the room is about; empty for nothing.
    pub topic: String,
    /// The messages, in order of seq.
    pub messages: Vec<MessageRow>,
    /// What some of those who appear in them are called now, where the messages do not say it.
    pub people: Vec<(UserId, Box<str>)>,
    /// Whether there are messages before the first one.
    pub has_older: bool,
    /// Whether there are messages after the last one.
    pub has_newer: bool,
}

/// What a page shows to somebody at first, each part true for one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    /// A part of the room's history.
    pub page: Page,
    /// The rooms they follow.
    pub rooms: Vec<RoomRow>,
    /// What they are called.
    pub name: Name,
}

/// A text that a message had before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerText {
    /// The text, as it was written.
    pub message: String,
    /// How it looks, where that differs from the text.
    pub html: Option<Box<str>>,
    /// When it was written, in Unix milliseconds.
    pub at: u64,
}

/// A room in a list, as it stands for one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomRow {
    pub room: RoomName,
    /// What it is about; empty for nothing.
    pub topic: String,
    /// Its last seq.
    pub head: u64,
    /// When its last event was, in Unix milliseconds.
    pub at: u64,
    /// How far the person has read; `None` for a room they do not follow.
    pub position: Option<Position>,
}

impl RoomRow {
    /// The room as it goes over the wire.
    #[must_use]
    pub fn summary(&self) -> RoomSummary<'_> {
        let mention = self.position.map(|position| position.mention);
        RoomSummary {
            room: &self.room,
            topic: Some(self.topic.as_str()).filter(|topic| !topic.is_empty()),
            head: self.head,
            at: self.at,
            read: self.position.map(|position| position.seq),
            unread: self.position.map(|position| position.unread),
            mention: mention.filter(|seq| *seq > 0),
            following: self.position.is_some(),
        }
    }
}

/// How far somebody has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The last seq read.
    pub seq: u64,
    /// Messages of others after it, [`protocol::limits::UNREAD_MAX`] at most.
    pub unread: u64,
    /// The seq of the last message that mentions the person, read or not; 0 for none.
    pub mention: u64,
}

/// How far a follower of a room has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenRow {
    /// The follower.
    pub user_id: UserId,
    /// What they are called now.
    pub name: Name,
    /// The last seq they have read.
    pub seq: u64,
}

/// A command that was accepted before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The seq of the event it made.
    pub seq: u64,
    /// What it asked for.
    pub digest: ContentDigest,
}
