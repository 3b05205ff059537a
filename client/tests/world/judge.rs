//! What must hold, after every step and at the end.

use std::collections::{BTreeMap, HashMap};

use client::room::Edge;

use super::World;

/// Texts of each tab that are looked for after every step: the last ones.
const JUDGED_TEXTS: usize = 60;

impl World {
    /// After every step: the rows of a tab are a piece of its room's log, and nothing it wrote has vanished.
    pub(super) fn judge_page(&self, page: usize) {
        let slot = &self.pages[page];
        let rows = slot.runner.tab.rows();
        assert!(
            rows.len() <= client::limits::ROWS_MAX,
            "tab {page} shows too much"
        );
        let Some(room) = self.server.rooms.get(&slot.room) else {
            return;
        };
        let log = self.server.log(&slot.room);
        let first = rows.first().map_or(0, |first| first.seq);
        let last = rows.last().map_or(0, |last| last.seq);
        let at = log.partition_point(|message| message.seq < first);
        if rows
            .first()
            .is_some_and(|first| log.get(at).is_none_or(|message| message.id != first.id))
        {
            // Still from another database.
            return;
        }
        let piece = log[at..].iter().map(|message| message.seq).take(rows.len());
        assert!(
            piece.eq(rows.iter().map(|row| row.seq)),
            "tab {page} shows a gap or a double"
        );
        for row in rows {
            assert!(room.was(row), "tab {page} shows what was not said: {row:?}");
        }
        let is_whole = slot.runner.tab.newer() == Edge::End;
        for text in slot.written.iter().rev().take(JUDGED_TEXTS) {
            let is_pending = slot
                .runner
                .tab
                .pending()
                .filter(|(row, _)| row.message == *text)
                .count();
            let said = self.server.said(&slot.room).rev().find(|(_, said)| said == text);
            let is_row = said.is_some_and(|(seq, _)| seq >= first && seq <= last);
            let is_elsewhere = said.is_some_and(|(seq, _)| seq < first || !is_whole);
            assert!(is_pending <= 1, "tab {page} shows {text:?} twice");
            let is_there = is_pending > 0 || is_row || is_elsewhere;
            assert!(is_there, "tab {page} has lost {text:?}");
        }
    }

    /// At the end: everything that was accepted is in the log once, each tab's in its order, every tab shows the
    /// whole end of its room, and nothing is left over. `doubtful`: texts that a crash may have taken.
    pub(crate) fn judge_end(&self, doubtful: &[String]) {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for room in self.server.rooms.keys() {
            for (_, text) in self.server.said(room) {
                *counts.entry(text).or_default() += 1;
            }
        }
        for (text, count) in &counts {
            assert_eq!(*count, 1, "{text:?} is there {count} times");
        }
        for (number, page) in self.pages.iter().enumerate() {
            for (room, written) in page
                .written_before
                .iter()
                .chain([&(page.room.clone(), page.written.clone())])
            {
                self.judge_order(number, room, written, doubtful);
            }
            if page.is_alive {
                self.judge_end_of(number);
            }
        }
    }

    /// What a tab wrote in a room is there, in its order.
    fn judge_order(&self, number: usize, room: &str, written: &[String], doubtful: &[String]) {
        let log: HashMap<&str, u64> = self.server.said(room).map(|(seq, text)| (text, seq)).collect();
        let places: Vec<u64> = written
            .iter()
            .filter_map(|text| {
                let at = log.get(&**text).copied();
                assert!(
                    at.is_some() || doubtful.contains(text),
                    "{text:?} is lost\n{}",
                    self.describe()
                );
                at
            })
            .collect();
        assert!(
            places.is_sorted(),
            "tab {number} was put out of order: {places:?}"
        );
    }

    fn judge_end_of(&self, number: usize) {
        let page = &self.pages[number];
        assert!(
            self.shows_the_end(number),
            "tab {number} is not complete, or shows what is not so\n{}",
            self.describe()
        );
        assert_eq!(
            page.runner.tab.pending().count(),
            0,
            "tab {number}\n{}",
            self.describe()
        );
        assert!(page.runner.tab.shown().iter().all(|row| row.echo_of.is_none()));
        assert_eq!(
            page.runner.tab.outbox_len(),
            0,
            "tab {number} keeps rows\n{}",
            self.describe()
        );
        let rows = &self.browsers[page.browser].rows;
        assert!(rows.is_empty(), "the storage of tab {number} keeps {rows:?}");
    }

    /// Whether a tab shows the end of its room, just as it stands.
    pub(crate) fn shows_the_end(&self, number: usize) -> bool {
        let tab = self.tab(number);
        let Some(room) = self.server.rooms.get(&self.pages[number].room) else {
            return tab.rows().is_empty();
        };
        let last = self.server.log(&self.pages[number].room).last();
        tab.newer() == Edge::End
            && tab.rows().last().map(|row| row.seq) == last.map(|row| row.seq)
            && tab.topic() == room.topic
            && tab
                .rows()
                .iter()
                .rev()
                .zip(room.latest_first())
                .all(|(row, expected)| **row == expected)
    }

    /// Whether everything has come to rest.
    pub(crate) fn is_at_rest(&self) -> bool {
        (0..self.pages.len())
            .filter(|number| self.pages[*number].is_alive)
            .all(|number| {
                let page = &self.pages[number];
                page.runner.tab.is_joined()
                    && page.runner.tab.outbox_len() == 0
                    && self.shows_the_end(number)
                    && self.browsers[page.browser].rows.is_empty()
            })
    }

    /// Whether every tab shows the rooms its person follows as the server knows them.
    pub(crate) fn rooms_agree(&self) -> bool {
        let pages = self.pages.iter().filter(|page| page.is_alive);
        pages.into_iter().all(|page| {
            let rooms = page.runner.tab.rooms().iter();
            let shown: Vec<(String, u64, u64)> = rooms
                .map(|room| (room.name.clone(), room.read, room.unread))
                .collect();
            shown == self.server.followed(self.browsers[page.browser].user_id)
        })
    }
}
