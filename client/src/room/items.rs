//! The items of the timeline: what a person sees of a room, in order.
//!
//! Messages come first, in the room's order, then what is on its way there. Above an item may stand a day, and a line that says
//! what was missed or what is unread. Whoever draws this decides nothing but how it looks.

use protocol::UserId;

use crate::model::message::Message;
use crate::model::operation::Operation;
use crate::outbox::echo::EchoedMessage;
use crate::outbox::pending::PendingRow;
use crate::room::absence::Missed;
use crate::room::timeline::Edge;

#[cfg(test)]
mod tests;

/// For how long after a message another one of the same author continues its group, in milliseconds.
const GROUP_MS: u64 = 5 * 60 * 1_000;
/// In UTC, the days of all time zones begin at a multiple of this, in milliseconds.
const QUARTER_MS: u64 = 15 * 60 * 1_000;

/// What the items are made of.
#[derive(Clone, Copy, Debug)]
pub struct ItemSource<'a> {
    /// The messages that are loaded, oldest first.
    pub messages: &'a [EchoedMessage],
    /// What was asked for here and is not in the room yet, in the order it was written.
    pub pending: &'a [PendingRow],
    /// Who looks at it.
    pub me: Option<UserId>,
    /// What lies above the first message.
    pub older: Edge,
    /// What was said up to this `seq` has been read; `None` where no line is to be drawn.
    pub read_line: Option<u64>,
    /// What was missed while there was no connection.
    pub missed: Option<Missed>,
    /// The message that was asked for.
    pub target: Option<u64>,
}

/// A row of what a person sees, with what stands above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it shows.
    pub content: Content,
    /// What stands above it.
    pub marker: Option<Marker>,
    /// Whether it is the first of its day.
    pub begins_day: bool,
    /// Whether it continues the group of the item before: the same author, shortly after it, nothing between them.
    pub continues: bool,
    /// Whether it is from whoever looks at it.
    pub is_own: bool,
    /// Whether it is the message that was asked for.
    pub is_target: bool,
}

/// What an item shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A message of the room.
    Message(EchoedMessage),
    /// A message on its way there.
    Pending(PendingRow),
}

/// A line across the timeline, above an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// From here on, so many messages were missed and have been restored.
    Missed(u64),
    /// From here on, nothing was read.
    Unread,
}

impl Item {
    /// The message; `None` while it is on its way.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        match &self.content {
            Content::Message(echoed) => Some(&echoed.message),
            Content::Pending(_) => None,
        }
    }

    /// When it was said or written, in Unix milliseconds.
    #[must_use]
    pub fn at(&self) -> u64 {
        match &self.content {
            Content::Message(echoed) => echoed.message.at,
            Content::Pending(row) => row.written_at,
        }
    }
}

/// Makes the items. `day_of` numbers the day of a time in Unix milliseconds, where the person is.
#[must_use]
pub fn items(source: ItemSource<'_>, mut day_of: impl FnMut(u64) -> u64) -> Vec<Item> {
    let mut markers = Markers::of(&source);
    let messages = source.messages.iter().map(|echoed| {
        let (seq, is_own) = (echoed.message.seq, source.me == Some(echoed.message.user_id));
        Item {
            content: Content::Message(echoed.clone()),
            marker: markers.above(seq, is_own),
            begins_day: false,
            continues: false,
            is_own,
            is_target: source.target == Some(seq),
        }
    });
    let posts = source.pending.iter();
    let pending = posts
        .filter(|row| row.operation == Operation::Post)
        .map(|row| Item {
            content: Content::Pending(row.clone()),
            marker: None,
            begins_day: false,
            continues: false,
            is_own: true,
            is_target: false,
        });
    let mut items: Vec<Item> = messages.chain(pending).collect();
    group(&mut items, &mut day_of);
    items
}

/// The markers that are still to be drawn.
struct Markers {
    read_line: Option<u64>,
    missed: Option<Missed>,
}

impl Markers {
    /// Where what lies between is not loaded, the first row is not the first that is unread.
    fn of(source: &ItemSource<'_>) -> Self {
        let first = source.messages.first().map_or(0, |first| first.message.seq);
        let is_known = |line: &u64| source.older == Edge::End || first <= line + 1;
        Self {
            read_line: source.read_line.filter(is_known),
            missed: source.missed,
        }
    }

    /// The line above a message. Both markers are drawn once; where they fall on one message, what was missed is said.
    fn above(&mut self, seq: u64, is_own: bool) -> Option<Marker> {
        let missed = self.missed.take_if(|missed| seq > missed.after);
        let unread = self.read_line.take_if(|line| seq > *line && !is_own);
        match missed.map_or(0, |missed| missed.count) {
            0 => unread.map(|_| Marker::Unread),
            count => Some(Marker::Missed(count)),
        }
    }
}

/// Finds out which items continue a group, and which are the first of a day.
fn group(items: &mut [Item], day_of: &mut impl FnMut(u64) -> u64) {
    let (mut quarter, mut day) = (0, 0);
    let mut before: Option<&Item> = None;
    for item in items {
        let (at, day_before) = (item.at(), day);
        // A day is asked for no more often than one can begin.
        if quarter != at / QUARTER_MS || before.is_none() {
            quarter = at / QUARTER_MS;
            day = day_of(at);
        }
        item.begins_day = before.is_none() || day != day_before;
        item.continues = item.marker.is_none()
            && !item.is_reply()
            && before.is_some_and(|before| {
                item.is_of_author_of(before) && at.saturating_sub(before.at()) < GROUP_MS
            });
        before = Some(item);
    }
}

impl Item {
    fn is_reply(&self) -> bool {
        self.message().is_some_and(|message| message.reply_to().is_some())
    }

    fn is_of_author_of(&self, other: &Self) -> bool {
        match (self.message(), other.message()) {
            (Some(one), Some(other)) => one.user_id == other.user_id,
            _ => self.is_own && other.is_own,
        }
    }
}
