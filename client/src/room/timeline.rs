//! What is known of a room: the pure reducer of its events and its pages of history.
//!
//! Invariants. The cursor is the last `seq` that was applied; an event is applied only when it is the next one, so
//! everything up to the cursor is known and nothing beyond it is. While a page of history is on its way, live events
//! are held back: the page may or may not have seen them. When it is here, they are applied in order; a row takes only
//! those above its `rev`, for it may have come with some of them.
//!
//! Rows are a piece of the room's messages without a hole, in order of `seq`, each once, [`ROWS_MAX`] at most. What is
//! loaded at one end lets rows go at the other. A timeline whose last row is not the room's last message is *detached*:
//! what is said then is not shown, and the rows that are there still change. Where it is not detached, every message up
//! to the cursor that is after the first row is a row.

use std::sync::Arc;

use protocol::UserId;

use crate::limits::{HELD_EVENTS_MAX, ROWS_AT_END_MAX, ROWS_KEPT, ROWS_MAX};
use crate::model::cursor::Cursor;
use crate::model::event::{Change, ChangeKind, Event};
use crate::model::message::{Message, Quote};
use crate::model::page::{HistoryPage, Part};

/// A page of history to be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fetch {
    /// Its number: only the answer to the last one asked for counts.
    pub(crate) id: u32,
    /// What it is to hold.
    pub(crate) part: Part,
    /// Whether what is known is to begin anew with it.
    starts_over: bool,
}

/// What lies beyond the first row, or the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edge {
    /// Nothing: the room begins or ends here.
    #[default]
    End,
    /// More, to be fetched.
    More,
    /// A page that is on its way.
    Loading,
    /// More, which could not be fetched.
    Failed,
}

impl Edge {
    fn of(has_more: bool) -> Self {
        if has_more { Self::More } else { Self::End }
    }

    fn can_load(self) -> bool {
        matches!(self, Self::More | Self::Failed)
    }

    /// Another page is asked for instead.
    fn give_up(&mut self) {
        if *self == Self::Loading {
            *self = Self::More;
        }
    }
}

/// What an input came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing to show.
    Unchanged,
    /// The rows, or what lies beyond them, are others now.
    Changed,
    /// A page was put in place of all that was known: join from its cursor.
    StartedOver,
    /// Events are missing before one that came: join again from the cursor.
    Gap,
    /// What came belongs to another database, or the page to begin with could not be had: nothing here can be relied
    /// on.
    Lost,
}

/// A message that came as an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) seq: u64,
    pub(crate) author: UserId,
}

/// A room as far as it is known.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    cursor: Option<Cursor>,
    rows: Vec<Arc<Message>>,
    older: Edge,
    newer: Edge,
    topic: String,
    /// The topic is that of the room up to here.
    topic_rev: u64,
    fetch: Option<Fetch>,
    /// The number of the last page asked for.
    pub(crate) fetches: u32,
    held: Vec<Event>,
    /// Whether the reader is at the last row, so that it is the first rows that can go.
    pub(crate) is_at_end: bool,
    /// The messages that came as events since this was last taken.
    pub(crate) arrived: Vec<Arrival>,
}

impl Timeline {
    /// What a page of the room's messages shows.
    #[must_use]
    pub(crate) fn from_page(page: HistoryPage) -> Self {
        let mut timeline = Self {
            is_at_end: !page.has_newer,
            ..Self::default()
        };
        timeline.start_from(page);
        timeline
    }

    /// The rows, oldest first.
    #[must_use]
    pub(crate) fn rows(&self) -> &[Arc<Message>] {
        &self.rows
    }

    /// Where we stand; `None` when nothing is known yet.
    #[must_use]
    pub(crate) fn cursor(&self) -> Option<Cursor> {
        self.cursor
    }

    /// What stands above the first row.
    #[must_use]
    pub(crate) fn older(&self) -> Edge {
        self.older
    }

    /// What stands below the last row; anything but [`Edge::End`] when the timeline is detached.
    #[must_use]
    pub(crate) fn newer(&self) -> Edge {
        self.newer
    }

    /// What the room is about.
    #[must_use]
    pub(crate) fn topic(&self) -> &str {
        &self.topic
    }

    /// Asks for a page to begin anew with. Replaces any page asked for before.
    pub(crate) fn start_over(&mut self, part: Part) -> Fetch {
        self.held.clear();
        self.replace_fetch();
        if self.rows.is_empty() {
            self.older = Edge::Loading;
        }
        self.ask(part, true)
    }

    /// Asks for another part of the room to show instead. Replaces any page asked for before.
    pub(crate) fn go_to(&mut self, part: Part) -> Fetch {
        let starts_over = self.cursor.is_none() || self.is_starting_over();
        self.replace_fetch();
        if starts_over && self.rows.is_empty() {
            self.older = Edge::Loading;
        } else if part == Part::Latest && self.newer != Edge::End {
            self.newer = Edge::Loading;
        }
        self.ask(part, starts_over)
    }

    /// Asks for the page above the first row, if there is one and no page is on its way.
    pub(crate) fn ask_older(&mut self) -> Option<Fetch> {
        let first = self.rows.first()?.seq;
        if !self.older.can_load() || self.fetch.is_some() {
            return None;
        }
        self.older = Edge::Loading;
        Some(self.ask(Part::Before(first), false))
    }

    /// Asks for the page below the last row, if there is one and no page is on its way.
    pub(crate) fn ask_newer(&mut self) -> Option<Fetch> {
        let last = self.rows.last()?.seq;
        if !self.newer.can_load() || self.fetch.is_some() {
            return None;
        }
        self.newer = Edge::Loading;
        Some(self.ask(Part::After(last), false))
    }

    /// Whether a page to begin with is on its way, so that there is nothing to join from yet.
    #[must_use]
    pub(crate) fn is_starting_over(&self) -> bool {
        self.fetch.is_some_and(|fetch| fetch.starts_over)
    }

    /// The part of the room that is on its way.
    #[must_use]
    pub(crate) fn fetching(&self) -> Option<Part> {
        self.fetch.map(|fetch| fetch.part)
    }

    /// Takes a live event.
    pub(crate) fn event(&mut self, event: Event) -> Outcome {
        let Some(fetch) = self.fetch else {
            return self.apply(event);
        };
        if self.held.len() < HELD_EVENTS_MAX {
            self.held.push(event);
            return Outcome::Unchanged;
        }
        if fetch.starts_over {
            // What is dropped here shows as a gap behind the page.
            return Outcome::Unchanged;
        }
        self.failed(fetch.part);
        self.held.push(event);
        self.release(Outcome::Changed)
    }

    /// Takes the answer to a [`Fetch`]; `None` when there was none.
    pub(crate) fn page(&mut self, id: u32, page: Option<HistoryPage>) -> Outcome {
        let Some(fetch) = self.fetch.take_if(|fetch| fetch.id == id) else {
            return Outcome::Unchanged;
        };
        let Some(page) = page else {
            if fetch.starts_over {
                return Outcome::Lost;
            }
            self.failed(fetch.part);
            return self.release(Outcome::Changed);
        };
        if fetch.starts_over {
            self.start_from(page);
            return self.release(Outcome::StartedOver);
        }
        // A page is never older than what was known when it was asked for.
        let is_ours = |cursor: Cursor| cursor.epoch == page.epoch && cursor.seq <= page.seq;
        if !self.cursor.is_some_and(is_ours) {
            self.failed(fetch.part);
            self.held.clear();
            return Outcome::Lost;
        }
        self.insert(fetch.part, page);
        self.release(Outcome::Changed)
    }

    fn ask(&mut self, part: Part, starts_over: bool) -> Fetch {
        self.fetches = self.fetches.wrapping_add(1);
        let id = self.fetches;
        let fetch = Fetch {
            id,
            part,
            starts_over,
        };
        self.fetch = Some(fetch);
        fetch
    }

    fn replace_fetch(&mut self) {
        self.older.give_up();
        self.newer.give_up();
    }

    fn failed(&mut self, part: Part) {
        self.fetch = None;
        match part {
            Part::Before(_) => self.older = Edge::Failed,
            Part::After(_) => self.newer = Edge::Failed,
            Part::Latest if self.newer != Edge::End => self.newer = Edge::Failed,
            Part::Latest | Part::Around(_) => {}
        }
    }

    /// Begins with a page.
    fn start_from(&mut self, page: HistoryPage) {
        self.cursor = Some(Cursor {
            epoch: page.epoch,
            seq: page.seq,
            id: page.id,
        });
        self.topic_rev = 0;
        self.replace(page);
    }

    fn replace(&mut self, page: HistoryPage) {
        self.older = Edge::of(page.has_older);
        self.newer = Edge::of(page.has_newer);
        if page.seq >= self.topic_rev {
            self.topic_rev = page.seq;
            self.topic = page.topic;
        }
        self.rows = page.messages.into_iter().map(Arc::new).collect();
    }

    /// Puts a page where it belongs. What is too much then goes at the other end.
    fn insert(&mut self, part: Part, page: HistoryPage) {
        match part {
            Part::Before(first) => {
                self.older = Edge::of(page.has_older);
                let older = page.messages.into_iter().filter(|message| message.seq < first);
                self.rows.splice(0..0, older.map(Arc::new));
                if self.rows.len() > ROWS_MAX {
                    self.rows.truncate(ROWS_MAX);
                    self.newer = Edge::More;
                }
            }
            Part::After(last) => {
                self.newer = Edge::of(page.has_newer);
                let newer = page.messages.into_iter().filter(|message| message.seq > last);
                self.rows.extend(newer.map(Arc::new));
                self.keep_last(ROWS_MAX);
            }
            Part::Latest | Part::Around(_) => self.replace(page),
        }
    }

    /// Lets the first rows go, but for so many.
    fn keep_last(&mut self, count: usize) {
        if self.rows.len() > count {
            self.rows.drain(..self.rows.len() - count);
            self.older = Edge::More;
        }
    }

    /// Applies what was held back. The outcome of that counts for more than `outcome` when something is amiss.
    fn release(&mut self, outcome: Outcome) -> Outcome {
        for event in std::mem::take(&mut self.held) {
            if self.apply(event) == Outcome::Gap && outcome != Outcome::StartedOver {
                return Outcome::Gap;
            }
        }
        outcome
    }

    fn apply(&mut self, event: Event) -> Outcome {
        let Some(cursor) = &mut self.cursor else {
            return Outcome::Lost;
        };
        match event.seq() {
            seq if seq <= cursor.seq => return Outcome::Unchanged,
            seq if seq > cursor.seq + 1 => return Outcome::Gap,
            seq => cursor.seq = seq,
        }
        cursor.id = event.id();
        match event {
            Event::Message(message) => self.append(message),
            Event::Change(change) => self.change(&change),
            Event::Other { .. } => Outcome::Unchanged,
        }
    }

    fn append(&mut self, message: Message) -> Outcome {
        // A page may have brought it already.
        if self.rows.last().is_some_and(|last| last.seq >= message.seq) {
            return Outcome::Unchanged;
        }
        self.arrived.push(Arrival {
            seq: message.seq,
            author: message.user_id,
        });
        if self.newer == Edge::End && self.rows.len() >= ROWS_MAX && !self.is_at_end {
            // Whoever reads further up keeps what they read.
            self.newer = Edge::More;
        }
        if self.newer == Edge::End {
            self.rows.push(Arc::new(message));
            if self.is_at_end && self.rows.len() > ROWS_AT_END_MAX {
                self.keep_last(ROWS_KEPT);
            }
        }
        Outcome::Changed
    }

    fn change(&mut self, change: &Change) -> Outcome {
        let text = match &change.kind {
            ChangeKind::Topic(_) if change.seq <= self.topic_rev => return Outcome::Unchanged,
            ChangeKind::Topic(topic) => {
                self.topic_rev = change.seq;
                self.topic.clone_from(topic);
                return Outcome::Changed;
            }
            ChangeKind::Edited { message, excerpt, .. } => Some(excerpt.as_deref().unwrap_or(message)),
            ChangeKind::Deleted => Some(""),
            ChangeKind::Reacted { .. } => None,
        };
        let mut outcome = Outcome::Unchanged;
        for row in &mut self.rows {
            let is_it = row.seq == change.target && row.rev < change.seq;
            let quotes_it = |quote: &Quote| quote.seq == change.target;
            let quotes = text.filter(|_| row.reply_to().is_some_and(quotes_it));
            if !is_it && quotes.is_none() {
                continue;
            }
            outcome = Outcome::Changed;
            let row = Arc::make_mut(row);
            if let Some(text) = quotes {
                row.requote(change.target, text);
            }
            if is_it {
                change.apply_to(row);
            }
        }
        outcome
    }
}

#[cfg(test)]
mod tests;
