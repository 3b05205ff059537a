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

use protocol::{Epoch, EventId, UserId};

use crate::frames::{Change, Event, Page, What};
use crate::limits::{HELD_EVENTS_MAX, ROWS_AT_END_MAX, ROWS_KEPT, ROWS_MAX};
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

/// A part of a room's messages: as many as a page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The last ones.
    Latest,
    /// Those before this `seq`.
    Before(u64),
    /// Those after this `seq`.
    After(u64),
    /// Those around this `seq`.
    Around(u64),
}

/// A page of history to be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Its number: only the answer to the last one asked for counts.
    pub id: u32,
    /// What it is to hold.
    pub part: Part,
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
pub enum Outcome {
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

/// A room as far as it is known.
#[derive(Debug, Default)]
pub struct Timeline {
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
    /// The messages that came as events: their places and authors.
    pub(crate) arrived: Vec<(u64, UserId)>,
}

impl Timeline {
    /// What a page of the room's messages shows.
    #[must_use]
    pub fn from_page(page: Page) -> Self {
        let mut timeline = Self {
            is_at_end: !page.has_newer,
            ..Self::default()
        };
        timeline.start_from(page);
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
    pub fn older(&self) -> Edge {
        self.older
    }

    /// What stands below the last row; anything but [`Edge::End`] when the timeline is detached.
    #[must_use]
    pub fn newer(&self) -> Edge {
        self.newer
    }

    /// What the room is about.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Asks for a page to begin anew with. Replaces any page asked for before.
    pub fn start_over(&mut self, part: Part) -> Fetch {
        self.held.clear();
        self.replace_fetch();
        if self.rows.is_empty() {
            self.older = Edge::Loading;
        }
        self.ask(part, true)
    }

    /// Asks for another part of the room to show instead. Replaces any page asked for before.
    pub fn go_to(&mut self, part: Part) -> Fetch {
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
    pub fn ask_older(&mut self) -> Option<Fetch> {
        let first = self.rows.first()?.seq;
        if !self.older.can_load() || self.fetch.is_some() {
            return None;
        }
        self.older = Edge::Loading;
        Some(self.ask(Part::Before(first), false))
    }

    /// Asks for the page below the last row, if there is one and no page is on its way.
    pub fn ask_newer(&mut self) -> Option<Fetch> {
        let last = self.rows.last()?.seq;
        if !self.newer.can_load() || self.fetch.is_some() {
            return None;
        }
        self.newer = Edge::Loading;
        Some(self.ask(Part::After(last), false))
    }

    /// Whether a page to begin with is on its way, so that there is nothing to join from yet.
    #[must_use]
    pub fn is_starting_over(&self) -> bool {
        self.fetch.is_some_and(|fetch| fetch.starts_over)
    }

    /// The part of the room that is on its way.
    #[must_use]
    pub fn fetching(&self) -> Option<Part> {
        self.fetch.map(|fetch| fetch.part)
    }

    /// Takes a live event.
    pub fn event(&mut self, event: Event) -> Outcome {
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
    pub fn page(&mut self, id: u32, page: Option<Page>) -> Outcome {
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
    fn start_from(&mut self, page: Page) {
        let last = page.messages.last().filter(|last| last.seq == page.seq);
        self.cursor = Some(Cursor {
            epoch: page.epoch,
            seq: page.seq,
            id: last.map(|last| last.id),
        });
        self.topic_rev = 0;
        self.replace(page);
    }

    fn replace(&mut self, page: Page) {
        self.older = Edge::of(page.has_older);
        self.newer = Edge::of(page.has_newer);
        if page.seq >= self.topic_rev {
            self.topic_rev = page.seq;
            self.topic = page.topic;
        }
        self.rows = page.messages.into_iter().map(Arc::new).collect();
    }

    /// Puts a page where it belongs. What is too much then goes at the other end.
    fn insert(&mut self, part: Part, page: Page) {
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
        self.arrived.push((message.seq, message.user_id));
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
        let text = match &change.what {
            What::Topic(_) if change.seq <= self.topic_rev => return Outcome::Unchanged,
            What::Topic(topic) => {
                self.topic_rev = change.seq;
                self.topic.clone_from(topic);
                return Outcome::Changed;
            }
            What::Edited { message, .. } => Some(&**message),
            What::Deleted => Some(""),
            What::Reacted { .. } => None,
        };
        let mut outcome = Outcome::Unchanged;
        for row in &mut self.rows {
            let is_it = row.seq == change.target && row.rev < change.seq;
            let quotes_it = |quote: &crate::message::Quote| quote.seq == change.target;
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
                row.apply(change);
            }
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Log, Random, epoch, event, message, page};

    fn seqs(timeline: &Timeline) -> Vec<u64> {
        timeline.rows().iter().map(|row| row.seq).collect()
    }

    fn timeline(from: u64, to: u64) -> Timeline {
        Timeline::from_page(page(from, to))
    }

    fn edited(seq: u64, target: u64) -> Event {
        Event::Change(Change {
            seq,
            id: message(seq).id,
            client_id: message(seq).client_id,
            user_id: message(seq).user_id,
            at: seq,
            target,
            what: What::Edited {
                message: format!("edited by {seq}"),
                html: None,
            },
        })
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
    fn a_change_is_applied_once_to_its_row_and_not_to_one_that_came_with_it() {
        let mut timeline = timeline(1, 3);
        assert_eq!(timeline.event(edited(4, 2)), Outcome::Changed);
        assert_eq!(timeline.event(edited(5, 9)), Outcome::Unchanged, "not loaded");
        assert_eq!(
            (&*timeline.rows()[1].message, timeline.rows()[1].rev),
            ("edited by 4", 4)
        );
        let fetch = timeline.go_to(Part::Around(2));
        timeline.event(edited(6, 2));
        timeline.event(edited(7, 2));
        let mut page = page(1, 3);
        page.seq = 6;
        page.messages[1].rev = 6;
        page.messages[1].message = "as of 6".to_owned();
        assert_eq!(timeline.page(fetch.id, Some(page)), Outcome::Changed);
        assert_eq!(
            (&*timeline.rows()[1].message, timeline.rows()[1].rev),
            ("edited by 7", 7)
        );
    }

    #[test]
    fn older_pages_are_put_above_until_the_room_begins() {
        let mut timeline = timeline(101, 150);
        let fetch = timeline.ask_older().unwrap();
        assert_eq!((fetch.part, timeline.older()), (Part::Before(101), Edge::Loading));
        assert_eq!(timeline.ask_older(), None, "one page at a time");
        let answer = |from, to| {
            let seq = 150;
            Some(Page {
                seq,
                ..page(from, to)
            })
        };
        assert_eq!(timeline.page(fetch.id, answer(51, 100)), Outcome::Changed);
        assert_eq!(timeline.older(), Edge::More);
        let fetch = timeline.ask_older().unwrap();
        timeline.page(fetch.id, answer(1, 50));
        assert_eq!((timeline.older(), timeline.ask_older()), (Edge::End, None));
        assert_eq!(seqs(&timeline), (1..=150).collect::<Vec<_>>());
    }

    #[test]
    fn a_page_that_fails_can_be_asked_for_again_and_events_go_on() {
        let mut timeline = timeline(101, 150);
        let fetch = timeline.ask_older().unwrap();
        timeline.event(event(151));
        assert_eq!(seqs(&timeline).len(), 50, "held back");
        assert_eq!(timeline.page(fetch.id, None), Outcome::Changed);
        assert_eq!((timeline.older(), seqs(&timeline).len()), (Edge::Failed, 51));
        let again = timeline.ask_older().unwrap();
        let answer = || {
            let seq = 151;
            Some(Page { seq, ..page(51, 100) })
        };
        assert_eq!(
            timeline.page(fetch.id, answer()),
            Outcome::Unchanged,
            "an old answer"
        );
        assert_eq!(timeline.page(again.id, answer()), Outcome::Changed);
    }

    #[test]
    fn starting_over_joins_the_page_and_the_events_held_meanwhile() {
        let mut timeline = timeline(1, 3);
        let fetch = timeline.start_over(Part::Latest);
        for seq in 58..=63 {
            assert_eq!(timeline.event(event(seq)), Outcome::Unchanged);
        }
        // The page was read after some of them and before others.
        assert_eq!(timeline.page(fetch.id, Some(page(11, 60))), Outcome::StartedOver);
        assert_eq!(seqs(&timeline), (11..=63).collect::<Vec<_>>());
        assert_eq!(timeline.older(), Edge::More);
    }

    #[test]
    fn a_page_from_another_database_or_another_time_is_not_mixed_in() {
        for foreign in [
            Page {
                epoch: Epoch::from_bytes([9; 16]),
                ..page(51, 150)
            },
            page(51, 100),
        ] {
            let mut timeline = timeline(101, 150);
            let fetch = timeline.ask_older().unwrap();
            assert_eq!(timeline.page(fetch.id, Some(foreign)), Outcome::Lost);
            assert_eq!(timeline.rows().len(), 50);
            assert_eq!(timeline.cursor().map(|cursor| cursor.epoch), Some(epoch()));
        }
    }

    #[test]
    fn too_many_held_events_give_the_page_up_and_lose_nothing() {
        let mut timeline = timeline(101, 150);
        let fetch = timeline.ask_older().unwrap();
        let last = 151 + HELD_EVENTS_MAX as u64;
        for seq in 151..=last {
            timeline.event(event(seq));
        }
        assert!(timeline.rows().len() <= ROWS_MAX);
        assert_eq!(timeline.cursor().unwrap().seq, last);
        assert_eq!(timeline.rows().last().unwrap().seq, last);
        assert_eq!(timeline.page(fetch.id, Some(page(51, 100))), Outcome::Unchanged);
    }

    #[test]
    fn at_the_end_fewer_rows_are_kept() {
        let mut timeline = timeline(1, 149);
        timeline.event(event(150));
        assert_eq!(timeline.rows().len(), ROWS_AT_END_MAX);
        timeline.event(event(151));
        assert_eq!((seqs(&timeline)[0], timeline.rows().len()), (52, ROWS_KEPT));
    }

    #[test]
    fn whoever_is_at_the_end_stays_there_and_whoever_reads_above_keeps_what_they_read() {
        let mut timeline = timeline(1, 300);
        timeline.event(event(301));
        assert_eq!((seqs(&timeline)[0], timeline.rows().len()), (202, ROWS_KEPT));
        assert_eq!((timeline.older(), timeline.newer()), (Edge::More, Edge::End));
        timeline.is_at_end = false;
        for seq in 302..=501 {
            timeline.event(event(seq));
        }
        timeline.event(event(502));
        timeline.event(edited(503, 502));
        timeline.event(edited(504, 250));
        assert_eq!((seqs(&timeline)[0], *seqs(&timeline).last().unwrap()), (202, 501));
        assert_eq!((timeline.rows().len(), timeline.newer()), (ROWS_MAX, Edge::More));
        assert_eq!(
            timeline.rows()[48].message,
            "edited by 504",
            "what is there still changes"
        );
        assert_eq!(timeline.arrived.len(), 202, "and what is not is counted");
    }

    #[test]
    fn scrolling_up_lets_the_newest_go_and_scrolling_down_comes_back_to_the_end() {
        let log = Log::new(1_000);
        let mut timeline = Timeline::from_page(log.page(Part::Latest));
        timeline.is_at_end = false;
        while let Some(fetch) = timeline.ask_older() {
            timeline.page(fetch.id, Some(log.page(fetch.part)));
            assert!(timeline.rows().len() <= ROWS_MAX);
        }
        assert_eq!((seqs(&timeline)[0], timeline.newer()), (1, Edge::More));
        while let Some(fetch) = timeline.ask_newer() {
            assert_eq!(timeline.newer(), Edge::Loading);
            timeline.page(fetch.id, Some(log.page(fetch.part)));
            assert!(timeline.rows().len() <= ROWS_MAX);
        }
        assert_eq!(seqs(&timeline), (701..=1_000).collect::<Vec<_>>());
        assert_eq!((timeline.older(), timeline.newer()), (Edge::More, Edge::End));
    }

    /// The end of every story must be the log itself: whatever is cut, repeated, or fetched meanwhile, and wherever the
    /// reader was.
    #[test]
    fn random_deliveries_and_pages_end_in_the_log() {
        for seed in 0..300 {
            let mut random = Random(seed);
            let mut log = Log::new(60 + random.below(400) as u64);
            let mut sent = log.head();
            let mut timeline = Timeline::from_page(log.page(Part::Latest));
            let mut asked: Vec<(Fetch, Page)> = Vec::new();
            for _ in 0..200 {
                for _ in 0..random.below(3) {
                    log.happen(&mut random);
                }
                let fetch = match random.below(14) {
                    0 | 1 => timeline.ask_older(),
                    2 | 3 => timeline.ask_newer(),
                    4 if random.below(4) == 0 => Some(timeline.start_over(Part::Latest)),
                    5 if random.below(3) == 0 => {
                        timeline.is_at_end = random.below(2) == 0;
                        let seq = 1 + random.below(log.head() as usize) as u64;
                        let parts = [Part::Latest, Part::Around(seq)];
                        Some(timeline.go_to(parts[random.below(2)]))
                    }
                    6..9 if !asked.is_empty() => {
                        let (fetch, page) = asked.swap_remove(random.below(asked.len()));
                        // It may be read when it is asked for or when it is answered.
                        let page = if random.below(2) == 0 {
                            page
                        } else {
                            log.page(fetch.part)
                        };
                        match timeline.page(fetch.id, (random.below(5) > 0).then_some(page)) {
                            Outcome::StartedOver => sent = timeline.cursor().unwrap().seq,
                            Outcome::Lost => {
                                let fetch = timeline.start_over(Part::Latest);
                                asked.push((fetch, log.page(fetch.part)));
                            }
                            Outcome::Gap => panic!("seed {seed}: a gap behind a page"),
                            _ => {}
                        }
                        None
                    }
                    // The line was cut and joined again, or the server repeats itself.
                    9 => {
                        let cursor = timeline.cursor().unwrap().seq;
                        sent = cursor.saturating_sub(random.below(3) as u64);
                        None
                    }
                    _ => {
                        while sent < log.head() {
                            sent += 1;
                            let gap = timeline.event(log.event(sent)) == Outcome::Gap;
                            assert!(!gap, "seed {seed}: the server leaves no gaps");
                        }
                        None
                    }
                };
                asked.extend(fetch.map(|fetch| (fetch, log.page(fetch.part))));
                is_a_piece(&timeline, &log, seed);
            }
            timeline.is_at_end = true;
            let fetch = timeline.go_to(Part::Latest);
            if timeline.page(fetch.id, Some(log.page(Part::Latest))) == Outcome::StartedOver {
                sent = timeline.cursor().unwrap().seq;
            }
            sent = sent.min(timeline.cursor().unwrap().seq);
            for seq in sent + 1..=log.head() {
                timeline.event(log.event(seq));
            }
            is_the_end(&timeline, &log, seed);
        }
    }

    /// Whether the rows are neighbours in the log, and each says what it said at some time.
    fn is_a_piece(timeline: &Timeline, log: &Log, seed: u64) {
        let rows = timeline.rows();
        assert!(rows.len() <= ROWS_MAX, "seed {seed}");
        let Some(first) = rows.first() else { return };
        let at = log.rows.partition_point(|row| row.seq < first.seq);
        let piece = log.rows[at..].iter().map(|row| row.seq);
        assert!(
            piece.take(rows.len()).eq(rows.iter().map(|row| row.seq)),
            "seed {seed}"
        );
    }

    /// Whether the rows are the end of the log, just as it stands.
    fn is_the_end(timeline: &Timeline, log: &Log, seed: u64) {
        let rows = timeline.rows();
        assert_eq!(
            (timeline.newer(), timeline.topic()),
            (Edge::End, &*log.topic),
            "seed {seed}"
        );
        assert!(rows.len() >= 50, "seed {seed}");
        for (row, expected) in rows.iter().rev().zip(log.rows.iter().rev()) {
            assert_eq!(**row, log.as_it_stands(expected), "seed {seed}");
        }
    }
}
