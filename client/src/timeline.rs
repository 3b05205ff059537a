//! What is known of a room: the pure reducer of its events and its pages of history.
//!
//! Invariants. Rows are in order of `seq`, each once. The cursor is the last `seq` that was applied; an event is
//! applied only when it is the next one, so everything up to the cursor is known and nothing beyond it is. While a
//! page of history is on its way, live events are held back: the page may or may not have seen them. When it is
//! here, those above what it is true for are applied.

use std::sync::Arc;

use protocol::limits::HISTORY_PAGE_MESSAGES;
use protocol::{Epoch, EventId};

use crate::frames::{Event, Page};
use crate::limits::{HELD_EVENTS_MAX, ROWS_KEPT, ROWS_MAX};
use crate::message::Message;

/// Where in a room we stand, as a `join` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The database it counts in.
    pub epoch: Epoch,
    /// The last event that was applied; 0 for none.
    pub seq: u64,
    /// That event's id, where it is known.
    pub id: Option<EventId>,
}

/// A page of history to be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Its number: only the answer to the last one asked for counts.
    pub id: u32,
    /// The messages before this `seq`; `None` for the room's last.
    pub before: Option<u64>,
}

/// What stands above the first row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Older {
    /// Nothing: the room begins here.
    #[default]
    Begin,
    /// More, to be fetched.
    More,
    /// A page that is on its way.
    Loading,
    /// More, which could not be fetched.
    Failed,
}

/// What an input came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to show.
    Unchanged,
    /// The rows, or what stands above them, are others now.
    Changed,
    /// The room's last page was put in place of what was known: join from its cursor.
    StartedOver,
    /// Events are missing before one that came: join again from the cursor.
    Gap,
    /// What came belongs to another database, or the last page could not be had: nothing here can be relied on.
    Lost,
}

/// A room as far as it is known.
#[derive(Debug, Default)]
pub struct Timeline {
    cursor: Option<Cursor>,
    rows: Vec<Arc<Message>>,
    older: Older,
    fetch: Option<Fetch>,
    fetches: u32,
    held: Vec<Event>,
}

impl Timeline {
    /// What a page of the room's last messages shows.
    #[must_use]
    pub fn from_page(page: Page, has_older: bool) -> Self {
        let mut timeline = Self::default();
        timeline.replace(page, has_older);
        timeline
    }

    /// The rows, oldest first.
    #[must_use]
    pub fn rows(&self) -> &[Arc<Message>] {
        &self.rows
    }

    /// Where we stand; `None` when nothing is known yet.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        self.cursor
    }

    /// What stands above the first row.
    #[must_use]
    pub fn older(&self) -> Older {
        self.older
    }

    /// Asks for the room's last page, to start over from. Replaces any page asked for before.
    pub fn ask_latest(&mut self) -> Fetch {
        if self.older == Older::Loading {
            self.older = Older::More;
        }
        self.held.clear();
        self.ask(None)
    }

    /// Asks for the page above the first row, if there is one and no page is on its way.
    pub fn ask_older(&mut self) -> Option<Fetch> {
        let first = self.rows.first()?.seq;
        let more = matches!(self.older, Older::More | Older::Failed);
        if !more || self.fetch.is_some() {
            return None;
        }
        self.older = Older::Loading;
        Some(self.ask(Some(first)))
    }

    /// Whether the room's last page is on its way, so that there is nothing to join from yet.
    #[must_use]
    pub fn is_starting_over(&self) -> bool {
        self.fetch.is_some_and(|fetch| fetch.before.is_none())
    }

    /// Takes a live event.
    pub fn event(&mut self, event: Event) -> Outcome {
        if self.fetch.is_none() {
            return self.apply(event);
        }
        if self.held.len() < HELD_EVENTS_MAX {
            self.held.push(event);
            return Outcome::Unchanged;
        }
        if self.is_starting_over() {
            // What is dropped here shows as a gap behind the page.
            return Outcome::Unchanged;
        }
        self.page_failed();
        self.held.push(event);
        self.release(Outcome::Changed)
    }

    /// Takes the answer to a [`Fetch`]; `None` when there was none.
    pub fn page(&mut self, id: u32, page: Option<Page>) -> Outcome {
        let Some(fetch) = self.fetch.take_if(|fetch| fetch.id == id) else {
            return Outcome::Unchanged;
        };
        match (page, fetch.before) {
            (None, None) => Outcome::Lost,
            (None, Some(_)) => {
                self.page_failed();
                self.release(Outcome::Changed)
            }
            (Some(page), None) => {
                let has_older = is_full(&page);
                self.replace(page, has_older);
                self.release(Outcome::StartedOver)
            }
            (Some(page), Some(_)) if Some(page.epoch) != self.cursor.map(|cursor| cursor.epoch) => {
                self.page_failed();
                self.held.clear();
                Outcome::Lost
            }
            (Some(page), Some(before)) => {
                self.insert_before(before, page);
                self.release(Outcome::Changed)
            }
        }
    }

    /// Lets the oldest rows go when there are too many, for a reader who is at the end. Whether any went.
    pub fn trim(&mut self) -> bool {
        if self.rows.len() <= ROWS_MAX || self.fetch.is_some() {
            return false;
        }
        self.rows.drain(..self.rows.len() - ROWS_KEPT);
        self.older = Older::More;
        true
    }

    fn ask(&mut self, before: Option<u64>) -> Fetch {
        self.fetches = self.fetches.wrapping_add(1);
        let fetch = Fetch {
            id: self.fetches,
            before,
        };
        self.fetch = Some(fetch);
        fetch
    }

    fn page_failed(&mut self) {
        self.fetch = None;
        self.older = Older::Failed;
    }

    fn replace(&mut self, page: Page, has_older: bool) {
        let last = page.messages.last();
        self.cursor = Some(Cursor {
            epoch: page.epoch,
            seq: page.seq,
            id: last.filter(|last| last.seq == page.seq).map(|last| last.id),
        });
        self.rows = page.messages.into_iter().map(Arc::new).collect();
        self.older = if has_older { Older::More } else { Older::Begin };
    }

    fn insert_before(&mut self, before: u64, page: Page) {
        self.older = if is_full(&page) { Older::More } else { Older::Begin };
        let older = page.messages.into_iter().filter(|message| message.seq < before);
        self.rows.splice(0..0, older.map(Arc::new));
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
            Event::Message(message) => {
                self.rows.push(Arc::new(message));
                Outcome::Changed
            }
            Event::Other { .. } => Outcome::Unchanged,
        }
    }
}

/// Whether there is more before a page: one that is not full, or that has the room's first event, is the first.
fn is_full(page: &Page) -> bool {
    page.messages.len() >= HISTORY_PAGE_MESSAGES && page.messages.first().is_some_and(|first| first.seq > 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Random, epoch, event, message, page};

    fn seqs(timeline: &Timeline) -> Vec<u64> {
        timeline.rows().iter().map(|row| row.seq).collect()
    }

    fn timeline(from: u64, to: u64) -> Timeline {
        Timeline::from_page(page(from, to), from > 1)
    }

    #[test]
    fn events_are_applied_in_order_and_each_once() {
        let mut timeline = timeline(1, 3);
        assert_eq!(timeline.event(event(4)), Outcome::Changed);
        assert_eq!(timeline.event(event(4)), Outcome::Unchanged);
        assert_eq!(timeline.event(event(2)), Outcome::Unchanged);
        assert_eq!(timeline.event(event(5)), Outcome::Changed);
        assert_eq!(seqs(&timeline), [1, 2, 3, 4, 5]);
        let cursor = timeline.cursor().unwrap();
        assert_eq!((cursor.seq, cursor.id), (5, Some(message(5).id)));
    }

    #[test]
    fn a_gap_is_seen_and_nothing_beyond_it_is_shown() {
        let mut timeline = timeline(1, 3);
        assert_eq!(timeline.event(event(5)), Outcome::Gap);
        assert_eq!(seqs(&timeline), [1, 2, 3]);
    }

    #[test]
    fn an_event_of_an_unknown_kind_moves_the_cursor_and_shows_nothing() {
        let mut timeline = timeline(1, 3);
        assert_eq!(
            timeline.event(Event::Other { seq: 4, id: None }),
            Outcome::Unchanged
        );
        assert_eq!(timeline.event(event(5)), Outcome::Changed);
        assert_eq!(seqs(&timeline), [1, 2, 3, 5]);
    }

    #[test]
    fn older_pages_are_put_above_until_the_room_begins() {
        let mut timeline = timeline(101, 150);
        let fetch = timeline.ask_older().unwrap();
        assert_eq!((fetch.before, timeline.older()), (Some(101), Older::Loading));
        assert_eq!(timeline.ask_older(), None, "one page at a time");
        assert_eq!(timeline.page(fetch.id, Some(page(51, 100))), Outcome::Changed);
        assert_eq!(timeline.older(), Older::More);
        let fetch = timeline.ask_older().unwrap();
        timeline.page(fetch.id, Some(page(1, 50)));
        assert_eq!((timeline.older(), timeline.ask_older()), (Older::Begin, None));
        assert_eq!(seqs(&timeline), (1..=150).collect::<Vec<_>>());
    }

    #[test]
    fn a_page_that_fails_can_be_asked_for_again_and_events_go_on() {
        let mut timeline = timeline(101, 150);
        let fetch = timeline.ask_older().unwrap();
        timeline.event(event(151));
        assert_eq!(seqs(&timeline).len(), 50, "held back");
        assert_eq!(timeline.page(fetch.id, None), Outcome::Changed);
        assert_eq!((timeline.older(), seqs(&timeline).len()), (Older::Failed, 51));
        let again = timeline.ask_older().unwrap();
        assert_eq!(
            timeline.page(fetch.id, Some(page(51, 100))),
            Outcome::Unchanged,
            "an old answer"
        );
        assert_eq!(timeline.page(again.id, Some(page(51, 100))), Outcome::Changed);
    }

    #[test]
    fn starting_over_joins_the_page_and_the_events_held_meanwhile() {
        let mut timeline = timeline(1, 3);
        let fetch = timeline.ask_latest();
        for seq in 58..=63 {
            assert_eq!(timeline.event(event(seq)), Outcome::Unchanged);
        }
        // The page was read after some of them and before others.
        assert_eq!(timeline.page(fetch.id, Some(page(11, 60))), Outcome::StartedOver);
        assert_eq!(seqs(&timeline), (11..=63).collect::<Vec<_>>());
        assert_eq!(timeline.older(), Older::More);
    }

    #[test]
    fn a_page_from_another_database_is_not_mixed_in() {
        let mut timeline = timeline(101, 150);
        let fetch = timeline.ask_older().unwrap();
        let foreign = Page {
            epoch: Epoch::from_bytes([9; 16]),
            ..page(51, 100)
        };
        assert_eq!(timeline.page(fetch.id, Some(foreign)), Outcome::Lost);
        assert_eq!(timeline.rows().len(), 50);
        assert_eq!(timeline.cursor().map(|cursor| cursor.epoch), Some(epoch()));
    }

    #[test]
    fn too_many_held_events_give_the_page_up_and_lose_nothing() {
        let mut timeline = timeline(101, 150);
        let fetch = timeline.ask_older().unwrap();
        let last = 151 + HELD_EVENTS_MAX as u64;
        for seq in 151..=last {
            timeline.event(event(seq));
        }
        assert_eq!(timeline.older(), Older::Failed);
        assert_eq!(seqs(&timeline), (101..=last).collect::<Vec<_>>());
        assert_eq!(timeline.page(fetch.id, Some(page(51, 100))), Outcome::Unchanged);
        assert!(timeline.trim());
        assert_eq!(
            (timeline.rows().len(), timeline.older()),
            (ROWS_KEPT, Older::More)
        );
    }

    /// The end of every story must be the log itself: whatever is cut, repeated, or fetched meanwhile.
    #[test]
    fn random_deliveries_and_pages_end_in_the_log() {
        for seed in 0..300 {
            let mut random = Random(seed);
            let (mut log, mut sent) = (60, 60);
            let mut timeline = timeline(11, 60);
            let mut asked: Vec<(Fetch, u64)> = Vec::new();
            for _ in 0..200 {
                log += random.below(3) as u64;
                match random.below(6) {
                    0 => asked.extend(timeline.ask_older().map(|fetch| (fetch, log))),
                    1 if random.below(8) == 0 => asked.push((timeline.ask_latest(), log)),
                    2 if !asked.is_empty() => {
                        let (fetch, true_for) = asked.swap_remove(random.below(asked.len()));
                        let end = fetch.before.map_or(true_for, |before| before - 1);
                        let mut answer = page(end.saturating_sub(49).max(1), end);
                        answer.seq = true_for;
                        let outcome = timeline.page(fetch.id, (random.below(4) > 0).then_some(answer));
                        if outcome != Outcome::Unchanged {
                            sent = timeline.cursor().unwrap().seq;
                        }
                        if outcome == Outcome::Lost {
                            asked.push((timeline.ask_latest(), log));
                        }
                    }
                    // The line was cut and joined again, or the server repeats itself.
                    3 => {
                        sent = timeline
                            .cursor()
                            .unwrap()
                            .seq
                            .saturating_sub(random.below(3) as u64)
                    }
                    _ => {
                        while sent < log {
                            sent += 1;
                            let gap = timeline.event(event(sent)) == Outcome::Gap;
                            assert!(!gap, "seed {seed}: the server leaves no gaps");
                        }
                    }
                }
                let seqs = seqs(&timeline);
                assert!(
                    seqs.windows(2).all(|pair| pair[0] + 1 == pair[1]),
                    "seed {seed}: {seqs:?}"
                );
            }
        }
    }
}
