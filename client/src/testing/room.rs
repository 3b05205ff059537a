//! A room as a server has it.

use std::ops::Range;

use protocol::limits::HISTORY_PAGE_MESSAGES;
use protocol::{Epoch, EventId};

use crate::model::{Change, ChangeKind, Details, Event, HistoryPage, Message, Part, Reaction};

/// Characters of a message that a quotation of it shows.
const EXCERPT_CHARS: usize = 100;

/// The log of a room's events, and its messages as they are after all of them.
#[derive(Clone, Default)]
pub struct FakeRoom {
    events: Vec<Event>,
    rows: Vec<Message>,
    /// Every version of each message in order of `rev`; the first is what was said.
    versions: Vec<Vec<Message>>,
    pub topic: String,
}

impl FakeRoom {
    /// The `seq` of the last event; 0 when there is none.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.events.len() as u64
    }

    /// The messages as they are now, save for the excerpts in their quotations.
    #[must_use]
    pub fn rows(&self) -> &[Message] {
        &self.rows
    }

    /// Every message as it was said.
    pub fn first_versions(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.versions.iter().filter_map(|versions| versions.first())
    }

    #[must_use]
    pub fn message(&self, seq: u64) -> Option<&Message> {
        self.index_of(seq).map(|index| &self.rows[index])
    }

    /// The id of the event at `seq`.
    #[must_use]
    pub fn event_id(&self, seq: u64) -> Option<EventId> {
        let index = seq.checked_sub(1)?;
        self.events.get(index as usize)?.id()
    }

    /// Appends a message, whose `seq` must be the next.
    pub fn say(&mut self, message: Message) {
        let as_committed = self.with_excerpt(&message);
        self.events.push(Event::Message(as_committed));
        self.rows.push(message.clone());
        self.versions.push(vec![message]);
    }

    /// Appends a change, whose `seq` must be the next, and applies it.
    pub fn change(&mut self, change: Change) {
        if let ChangeKind::Topic(topic) = &change.kind {
            self.topic.clone_from(topic);
        } else if let Some(index) = self.index_of(change.target) {
            let row = &mut self.rows[index];
            apply(row, &change);
            self.versions[index].push(row.clone());
        }
        self.events.push(Event::Change(change));
    }

    /// Appends an event of a kind that clients do not know.
    pub fn say_unknown(&mut self) {
        let seq = self.head() + 1;
        self.events.push(Event::Other { seq, id: None });
    }

    /// The event at `seq` as it was fanned out when it was committed; nothing is left of what was deleted since.
    #[must_use]
    pub fn event_as_committed(&self, seq: u64) -> Event {
        let is_deleted = |seq| self.message(seq).is_some_and(Message::is_deleted);
        match self.events[seq as usize - 1].clone() {
            Event::Message(mut message) if is_deleted(message.seq) => {
                message.message.clear();
                let details = message.details.get_or_insert_default();
                details.is_deleted = true;
                details.mentions.clear();
                Event::Message(message)
            }
            Event::Change(mut change) => {
                if let ChangeKind::Edited {
                    message,
                    html,
                    mentions,
                    ..
                } = &mut change.kind
                    && is_deleted(change.target)
                {
                    message.clear();
                    *html = None;
                    mentions.clear();
                }
                Event::Change(change)
            }
            event => event,
        }
    }

    /// The event at `seq` as it is read now: with the excerpts of today.
    #[must_use]
    pub fn event(&self, seq: u64) -> Event {
        match self.event_as_committed(seq) {
            Event::Message(message) => Event::Message(self.with_excerpt(&message)),
            event => event,
        }
    }

    /// A page of history as it is read now.
    #[must_use]
    pub fn page(&self, epoch: Epoch, part: Part) -> HistoryPage {
        let range = self.range_of(part);
        HistoryPage {
            epoch,
            seq: self.head(),
            id: self.event_id(self.head()),
            topic: self.topic.clone(),
            people: Vec::new(),
            has_older: range.start > 0,
            has_newer: range.end < self.rows.len(),
            messages: self.rows[range]
                .iter()
                .map(|row| self.with_excerpt(row))
                .collect(),
        }
    }

    /// The messages as they are read now, the last first.
    pub fn latest_first(&self) -> impl Iterator<Item = Message> {
        self.rows.iter().rev().map(|row| self.with_excerpt(row))
    }

    /// Whether a message was at some time as this row has it. What has been deleted since may be blank already.
    #[must_use]
    pub fn was(&self, row: &Message) -> bool {
        let without_excerpt = |row: &Message| {
            let mut row = row.clone();
            if let Some(quote) = row.details.as_mut().and_then(|details| details.reply_to.as_mut()) {
                quote.excerpt = "".into();
            }
            row
        };
        let Some(index) = self.index_of(row.seq) else {
            return false;
        };
        let is_blank = row.message.is_empty() && self.rows[index].is_deleted();
        let was = |version: &Message| {
            let is_it = || version == row || without_excerpt(version) == without_excerpt(row);
            version.rev == row.rev && (is_blank || is_it())
        };
        self.versions[index].iter().rev().any(was)
    }

    /// The row with the excerpt of what it quotes as that reads now.
    #[must_use]
    pub fn with_excerpt(&self, row: &Message) -> Message {
        let mut row = row.clone();
        let quote = row.details.as_mut().and_then(|details| details.reply_to.as_mut());
        if let Some(quote) = quote
            && let Some(quoted) = self.message(quote.seq)
        {
            let excerpt: String = quoted.message.chars().take(EXCERPT_CHARS).collect();
            quote.excerpt = excerpt.into();
        }
        row
    }

    fn index_of(&self, seq: u64) -> Option<usize> {
        self.rows.binary_search_by_key(&seq, |row| row.seq).ok()
    }

    /// The rows of a page.
    fn range_of(&self, part: Part) -> Range<usize> {
        let before = |seq: u64| self.rows.partition_point(|row| row.seq < seq);
        let (count, limit) = (self.rows.len(), HISTORY_PAGE_MESSAGES);
        match part {
            Part::Latest => count.saturating_sub(limit)..count,
            Part::Before(seq) => before(seq).saturating_sub(limit)..before(seq),
            Part::After(seq) => before(seq + 1)..(before(seq + 1) + limit).min(count),
            Part::Around(seq) => {
                let middle = before(seq);
                middle.saturating_sub(limit / 2)..(middle + limit / 2).min(count)
            }
        }
    }
}

/// Applies a change to the message that it is of.
fn apply(row: &mut Message, change: &Change) {
    let mut details = row.details.take().unwrap_or_default();
    row.rev = change.seq;
    match &change.kind {
        ChangeKind::Edited {
            message,
            html,
            mentions,
            ..
        } => {
            row.message.clone_from(message);
            details.edited_at = Some(change.at);
            details.html.clone_from(html);
            details.mentions.clone_from(mentions);
        }
        ChangeKind::Deleted => {
            row.message.clear();
            *details = Details {
                reply_to: details.reply_to.take(),
                edited_at: details.edited_at,
                is_deleted: true,
                ..Details::default()
            };
        }
        ChangeKind::Reacted { emoji, on } => {
            let reactions = &mut details.reactions;
            match reactions.iter_mut().find(|reaction| reaction.emoji == *emoji) {
                Some(reaction) if *on && reaction.user_ids.contains(&change.user_id) => {}
                Some(reaction) if *on => reaction.user_ids.push(change.user_id),
                Some(reaction) => reaction.user_ids.retain(|user_id| *user_id != change.user_id),
                None if *on => reactions.push(Reaction {
                    emoji: emoji.clone(),
                    user_ids: vec![change.user_id],
                }),
                None => {}
            }
            reactions.retain(|reaction| !reaction.user_ids.is_empty());
        }
        ChangeKind::Topic(_) => {}
    }
    row.details = Some(details).filter(|details| **details != Details::default());
}
