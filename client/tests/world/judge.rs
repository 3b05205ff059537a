//! What must hold, after every step and at the end.

use std::collections::BTreeMap;

use super::World;

/// Texts of each tab that are looked for after every step: the last ones.
const JUDGED_TEXTS: usize = 60;

impl World {
    /// After every step: the rows of a tab are a piece of its room's log, and nothing it wrote has vanished.
    pub(super) fn judge_page(&self, page: usize) {
        let slot = &self.pages[page];
        let rows = slot.tab.rows();
        for pair in rows.windows(2) {
            assert_eq!(pair[0].seq + 1, pair[1].seq, "tab {page} shows a gap or a double");
        }
        let log = self.server.log(&slot.room);
        let is_old = rows
            .first()
            .is_some_and(|first| log.get(first.seq as usize - 1) != Some(&**first));
        if is_old {
            // Still from another database.
            return;
        }
        for row in rows {
            assert_eq!(
                log[row.seq as usize - 1],
                **row,
                "tab {page} shows what was not said"
            );
        }
        let above = rows.first().map_or(0, |first| first.seq as usize - 1);
        for text in slot.written.iter().rev().take(JUDGED_TEXTS) {
            let is_pending = slot.tab.pending().filter(|(row, _)| row.message == *text).count();
            let is_row = rows.iter().filter(|row| row.message == *text).count();
            let is_above = log[..above.min(log.len())]
                .iter()
                .any(|message| message.message == *text);
            assert!(is_pending <= 1 && is_row <= 1, "tab {page} shows {text:?} twice");
            assert!(
                is_pending + is_row > 0 || is_above,
                "tab {page} has lost {text:?}"
            );
        }
    }

    /// At the end: everything that was accepted is in the log once, each tab's in its order, every tab shows the
    /// whole end of its room, and nothing is left over. `doubtful`: texts that a crash may have taken.
    pub(crate) fn judge_end(&self, doubtful: &[String]) {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for message in self.server.rooms.values().flatten() {
            *counts.entry(&message.message).or_default() += 1;
        }
        for (text, count) in &counts {
            assert_eq!(*count, 1, "{text:?} is there {count} times");
        }
        for (number, page) in self.pages.iter().enumerate() {
            let log = self.server.log(&page.room);
            let places: Vec<usize> = page
                .written
                .iter()
                .filter_map(|text| {
                    let at = log.iter().position(|message| message.message == *text);
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
            if page.is_alive {
                self.judge_end_of(number);
            }
        }
    }

    fn judge_end_of(&self, number: usize) {
        let page = &self.pages[number];
        let log = self.server.log(&page.room);
        let seq = page.tab.rows().last().map_or(0, |row| row.seq);
        assert_eq!(
            seq,
            log.len() as u64,
            "tab {number} is not complete\n{}",
            self.describe()
        );
        assert_eq!(page.tab.pending().count(), 0, "tab {number}\n{}", self.describe());
        assert_eq!(
            page.tab.outbox_len(),
            0,
            "tab {number} keeps rows\n{}",
            self.describe()
        );
        let rows = &self.browsers[page.browser].rows;
        assert!(rows.is_empty(), "the storage of tab {number} keeps {rows:?}");
    }

    /// Whether everything has come to rest.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.pages.iter().filter(|page| page.is_alive).all(|page| {
            let seq = page.tab.rows().last().map_or(0, |row| row.seq);
            page.tab.is_joined()
                && page.tab.outbox_len() == 0
                && seq == self.server.log(&page.room).len() as u64
                && self.browsers[page.browser].rows.is_empty()
        })
    }
}
