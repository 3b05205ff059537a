//! What one client showed of one room: checked as it happens, and against the database at the end.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

use protocol::{ClientId, EventId, UserId};

use super::{Room, Stored, Violation, ViolationKind};

/// Violations a screen keeps. One that is broken is broken in every frame.
const FOUND_MAX: usize = 20;
/// The largest place a screen keeps account of: far beyond any run, and no reason to run out of memory.
const SEQ_MAX: u64 = 20_000_000;

/// A row as a client shows it.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Its place in the room.
    pub seq: u64,
    /// The event's id.
    pub id: EventId,
    /// The author's id for it.
    pub client_id: ClientId,
    pub author: UserId,
    pub text: &'a str,
    /// When it was taken.
    pub at: u64,
}

impl Row<'_> {
    /// A number that differs when anything in the row does.
    fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seq, self.id, self.client_id, self.author, self.text, self.at).hash(&mut hasher);
        // 0 stands for a place that was never shown.
        hasher.finish() | 1
    }
}

impl<'a> From<&'a Stored> for Row<'a> {
    fn from(stored: &'a Stored) -> Self {
        Self {
            seq: stored.seq,
            id: stored.id,
            client_id: stored.client_id,
            author: stored.author,
            text: &stored.text,
            at: stored.at,
        }
    }
}

/// What was shown of a room, over all reloads of its client.
///
/// The rules, in every moment: rows follow upon each other by one; at the end, the last row never lies before what was
/// ever the last, for what was shown once is on the disk; a place shows the same for ever. At the end: every row of the
/// database was shown, nothing else was, and the last of them is the last on the screen.
#[derive(Debug, Default)]
pub struct Screen {
    /// Digests of what was shown at each place, by `seq`; 0 for a place that was not.
    seen: Vec<u64>,
    /// Everything up to here was shown.
    complete: usize,
    /// The last row that was ever shown.
    last: u64,
    /// The first and the last row of the moment; `None` before the first row since a reload.
    range: Option<(u64, u64)>,
    found: Vec<(ViolationKind, String)>,
}

impl Screen {
    /// Takes what is on the screen now. `is_end`: the last row is the room's last as far as is known, not one that its
    /// person has scrolled up to.
    pub fn show<'a>(
        &mut self,
        rows: impl ExactSizeIterator<Item = Row<'a>> + DoubleEndedIterator,
        is_end: bool,
    ) {
        let known = self.range;
        let (mut first, mut before) = (None, None::<u64>);
        for row in rows {
            if let Some(before) = before {
                self.follows(before, row.seq);
            }
            first = first.or(Some(row.seq));
            before = Some(row.seq);
            if known.is_none_or(|(first, last)| row.seq < first || row.seq > last) {
                self.see(&row);
            }
        }
        let Some((first, last)) = first.zip(before) else {
            if known.is_some() {
                self.report(
                    ViolationKind::Lost,
                    format!("everything up to {} vanished from the screen", self.last),
                );
            }
            return;
        };
        if is_end && last < self.last {
            self.report(
                ViolationKind::Lost,
                format!("the last row went back from {} to {last}", self.last),
            );
        }
        self.range = Some((first, last));
        self.last = self.last.max(last);
    }

    /// The client starts anew, from its disk and a page of history. What was the last row stays a mark: a page that
    /// ends before it would have forgotten something.
    pub fn reload(&mut self) {
        self.range = None;
    }

    /// The last place up to which everything was shown; 0 when not even the first row was.
    #[must_use]
    pub const fn complete_to(&self) -> u64 {
        self.complete as u64
    }

    /// What is wrong, against the database's rows of this room.
    pub(super) fn check(&self, client: &str, room: &Room, rows: &[Stored], found: &mut Vec<Violation>) {
        let place = format!("{client} in {room}");
        let mut report = |kind, what| found.push(Violation::new(kind, &place, what));
        for (kind, what) in &self.found {
            report(*kind, what.clone());
        }
        let mut missing = Vec::new();
        for stored in rows {
            let seen = self.seen.get(index(stored.seq)).copied().unwrap_or(0);
            if seen == 0 {
                missing.push(stored.seq);
            } else if seen != Row::from(stored).digest() {
                report(
                    ViolationKind::WrongBody,
                    format!("{} was shown as something else", stored.seq),
                );
            }
        }
        if let (Some(first), Some(last)) = (missing.first(), missing.last()) {
            let count = missing.len();
            report(
                ViolationKind::Incomplete,
                format!("{count} rows between {first} and {last} were never shown"),
            );
        }
        let head = rows.last().map_or(0, |row| row.seq);
        let beyond = (index(head) + 1..self.seen.len())
            .filter(|&at| self.seen[at] != 0)
            .count();
        if beyond > 0 {
            report(
                ViolationKind::Lost,
                format!("{beyond} rows were shown that are not stored"),
            );
        }
        let last = self.range.map_or(0, |(_, last)| last);
        if last < head {
            report(
                ViolationKind::Incomplete,
                format!("the screen ends at {last} and the room at {head}"),
            );
        }
    }

    fn follows(&mut self, before: u64, seq: u64) {
        if seq == before {
            self.report(ViolationKind::Doubled, format!("{seq} is on the screen twice"));
        } else if seq < before {
            self.report(
                ViolationKind::OutOfOrder,
                format!("{seq} is shown below {before}"),
            );
        } else if seq != before + 1 {
            self.report(ViolationKind::Gap, format!("{seq} is shown right below {before}"));
        }
    }

    fn see(&mut self, row: &Row<'_>) {
        if row.seq == 0 || row.seq > SEQ_MAX {
            return self.report(
                ViolationKind::WrongBody,
                format!("{} is no place in a room", row.seq),
            );
        }
        let at = index(row.seq);
        if self.seen.len() <= at {
            self.seen.resize(at + 1, 0);
        }
        let digest = row.digest();
        let known = std::mem::replace(&mut self.seen[at], digest);
        while self
            .seen
            .get(self.complete + 1)
            .is_some_and(|&digest| digest != 0)
        {
            self.complete += 1;
        }
        if known != 0 && known != digest {
            self.report(
                ViolationKind::WrongBody,
                format!("{} was shown as one thing, then as another", row.seq),
            );
        }
    }

    fn report(&mut self, kind: ViolationKind, what: String) {
        if self.found.len() < FOUND_MAX {
            self.found.push((kind, what));
        }
    }
}

fn index(seq: u64) -> usize {
    usize::try_from(seq).unwrap_or(usize::MAX - 1)
}
