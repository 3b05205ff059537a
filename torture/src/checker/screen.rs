//! What one client showed of one room: checked as it happens, and against the log at the end.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use client::model::Reaction;
use protocol::{ClientId, EventId, UserId};

use super::fold::{Folded, Log, digest};
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
    /// The place of the last event that changed it.
    pub rev: u64,
    /// The event's id.
    pub id: EventId,
    /// The author's id for it.
    pub client_id: ClientId,
    pub author: UserId,
    /// When it was taken.
    pub at: u64,
    pub text: &'a str,
    /// When it was last edited.
    pub edited_at: Option<u64>,
    pub is_deleted: bool,
    pub reactions: &'a [Reaction],
}

/// What a screen ends with.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// The first row is the room's first message.
    pub is_first: bool,
    /// The last row is the room's last message as far as is known, not one that its person has scrolled up to.
    pub is_last: bool,
}

/// A number that differs when anything does that never changes about a message.
fn identity(seq: u64, id: EventId, client_id: ClientId, author: UserId, at: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seq, id, client_id, author, at).hash(&mut hasher);
    // 0 stands for a place that was never shown.
    hasher.finish() | 1
}

impl Stored {
    fn identity(&self) -> u64 {
        identity(self.seq, self.id, self.client_id, self.author, self.at)
    }
}

/// What was last shown at a place.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// 0 where nothing was.
    identity: u64,
    rev: u64,
    /// The digest of what can change.
    state: u64,
    /// Whether it had no text.
    is_blank: bool,
    /// The place right below it; 0 while it was the last.
    next: u64,
    /// The page that showed it, counted over the reloads that may lead to another node.
    page: u64,
}

/// What was shown of a room, over all reloads of its client.
///
/// The rules, in every moment: rows are in order, and what stood right below another row always does; at the end, the
/// last row never lies before what was ever the last, for what was shown once is on the disk, and a row never goes back
/// to a former change; a place is the same message for ever. At the end: every message of the log was shown, nothing
/// else was, each as one of its events left it; the last of them is the last on the screen, and those on the screen are
/// what the log comes to.
#[derive(Debug, Default)]
pub struct Screen {
    /// By `seq`.
    seen: Vec<Seen>,
    /// Everything up to here was shown; 0 before the room's first message was.
    complete: u64,
    /// The last row that was ever shown; by this page, where each may be another node's.
    last: u64,
    page: u64,
    /// The first and the last row of the moment; `None` before the first row since a reload.
    range: Option<(u64, u64)>,
    found: Vec<(ViolationKind, String)>,
}

impl Screen {
    /// Takes what is on the screen now.
    pub fn show<'a>(&mut self, rows: impl Iterator<Item = Row<'a>>, ends: Ends) {
        let known = self.range;
        let (mut first, mut before) = (None, None::<u64>);
        for row in rows {
            if let Some(before) = before {
                self.follows(before, row.seq);
            }
            first = first.or(Some(row.seq));
            before = Some(row.seq);
            let is_new = known.is_none_or(|(first, last)| row.seq < first || row.seq > last);
            if is_new || self.seen(row.seq).rev != row.rev {
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
        if ends.is_last && last < self.last {
            self.report(
                ViolationKind::Lost,
                format!("the last row went back from {} to {last}", self.last),
            );
        }
        self.range = Some((first, last));
        self.last = self.last.max(last);
        if ends.is_first && self.complete == 0 {
            self.complete = first;
        }
        while self.complete > 0 && self.seen(self.complete).next > self.complete {
            self.complete = self.seen(self.complete).next;
        }
    }

    /// The client starts anew, from its disk and a page of history. What was the last row stays a mark: a page that
    /// ends before it would have forgotten something.
    pub fn reload(&mut self) {
        self.range = None;
    }

    /// The client starts anew at another node, which may be behind the last one: it shows what it has, and no more is asked of it
    /// than of one that starts for the first time. What was shown is the same message still.
    pub fn reload_elsewhere(&mut self) {
        self.range = None;
        self.last = 0;
        self.page += 1;
    }

    /// The last message up to which everything was shown; 0 when not even the first one was.
    #[must_use]
    pub const fn complete_to(&self) -> u64 {
        self.complete
    }

    /// What is wrong, against what this room's log comes to.
    pub(super) fn check(&self, client: &str, room: &Room, log: &Log<'_>, found: &mut Vec<Violation>) {
        let place = format!("{client} in {room}");
        let mut report = |kind, what| found.push(Violation::new(kind, &place, what));
        for (kind, what) in &self.found {
            report(*kind, what.clone());
        }
        let mut missing = Vec::new();
        let mut before = 0;
        for (&seq, message) in &log.0 {
            let seen = self.seen(seq);
            if seen.identity == 0 {
                missing.push(seq);
            } else if let Some((kind, what)) = self.contradiction(seen, message) {
                report(kind, format!("{seq} {what}"));
            }
            let next = self.seen(before).next;
            if next != 0 && next != seq && log.0.contains_key(&next) {
                report(
                    ViolationKind::Gap,
                    format!("{next} was shown right below {before}, and not {seq}"),
                );
            }
            before = seq;
        }
        if let (Some(first), Some(last)) = (missing.first(), missing.last()) {
            let count = missing.len();
            report(
                ViolationKind::Incomplete,
                format!("{count} rows between {first} and {last} were never shown"),
            );
        }
        let is_foreign = |(seq, seen): &(u64, &Seen)| seen.identity != 0 && !log.0.contains_key(seq);
        let foreign = (0_u64..).zip(&self.seen).filter(is_foreign).count();
        if foreign > 0 {
            report(
                ViolationKind::Lost,
                format!("{foreign} rows were shown that are not stored"),
            );
        }
        let head = log.0.last_key_value().map_or(0, |(seq, _)| *seq);
        let last = self.range.map_or(0, |(_, last)| last);
        if last < head {
            report(
                ViolationKind::Incomplete,
                format!("the screen ends at {last} and the room at {head}"),
            );
        }
    }

    /// What is wrong with how a message was last shown.
    fn contradiction(&self, seen: Seen, message: &Folded<'_>) -> Option<(ViolationKind, String)> {
        let rev = message.rev();
        let is_deleted = message.state.is_deleted;
        let is_on_screen = self
            .range
            .is_some_and(|(first, last)| (first..=last).contains(&message.post.seq));
        // Of a deleted message, the events before its deletion say nothing any more.
        let is_withheld = is_deleted && seen.is_blank && seen.rev < rev;
        if seen.identity != message.post.identity() {
            Some((ViolationKind::WrongBody, "was shown as something else".to_owned()))
        } else if is_deleted && !seen.is_blank && (is_on_screen || seen.rev >= rev) {
            Some((ViolationKind::Undeleted, "is deleted and still shown".to_owned()))
        } else if is_on_screen && seen.rev < rev {
            let what = format!("is shown as it was at {}, and changed at {rev}", seen.rev);
            Some((ViolationKind::Stale, what))
        } else if message.version(seen.rev) != Some(seen.state) && !is_withheld {
            let what = format!("was shown as what {} did not leave of it", seen.rev);
            Some((ViolationKind::WrongBody, what))
        } else {
            None
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
        } else if let Some(seen) = self.seen.get_mut(index(before)) {
            let known = seen.next;
            if known == 0 {
                seen.next = seq;
            } else if known != seq {
                self.report(
                    ViolationKind::Gap,
                    format!("{seq} is shown right below {before}, and {known} was"),
                );
            }
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
            self.seen.resize(at + 1, Seen::default());
        }
        let known = self.seen[at];
        let seen = Seen {
            identity: identity(row.seq, row.id, row.client_id, row.author, row.at),
            rev: row.rev,
            state: digest(row.text, row.edited_at, row.is_deleted, row.reactions),
            is_blank: row.text.is_empty(),
            next: known.next,
            page: self.page,
        };
        self.seen[at] = seen;
        let is_same = known.identity == seen.identity
            && (known.rev != seen.rev || known.state == seen.state || seen.is_blank);
        if known.identity != 0 && !is_same {
            self.report(
                ViolationKind::WrongBody,
                format!("{} was shown as one thing, then as another", row.seq),
            );
        }
        if seen.rev < known.rev && seen.page == known.page {
            self.report(
                ViolationKind::Lost,
                format!("{} went back from {} to {}", row.seq, known.rev, seen.rev),
            );
        }
    }

    fn seen(&self, seq: u64) -> Seen {
        self.seen.get(index(seq)).copied().unwrap_or_default()
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
