//! What one tab shows of its room: the timeline, kept whole over breaks of the line, and what a break cost.

use std::sync::Arc;

use protocol::{Epoch, RoomName, UserId};

use crate::Now;
use crate::backoff::Backoff;
use crate::effect::Effect;
use crate::frames::{Event, Page};
use crate::limits::{ABSENCE_MIN_MS, JOIN_MAX_MS};
use crate::message::Message;
use crate::timeline::{Cursor, Older, Outcome, Timeline};

/// The head in a `joined` that the leader says in the server's place.
pub(crate) const HEAD_UNKNOWN: u64 = u64::MAX;

/// Messages that were missed during an absence and have been restored since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed {
    /// They begin with the first row above this `seq`.
    pub after: u64,
    /// How many there are, one's own not counted where that is known.
    pub count: u64,
}

/// A room as this tab shows it.
#[derive(Debug)]
pub struct View {
    room: RoomName,
    timeline: Timeline,
    /// The line's database, while there is a line.
    epoch: Option<Epoch>,
    /// The answer to a `join` is waited for; asked again at this time.
    joining: Option<u64>,
    wants_join: bool,
    /// The room's last `seq` when the server last let us join it; [`HEAD_UNKNOWN`] when that says nothing.
    head: u64,
    /// The timeline is to be loaded anew at this time: what it shows cannot be gone on from.
    start_over_at: Option<u64>,
    backoff: Backoff,
    /// Since when nothing was heard, until the room is joined again.
    absent_since: Option<u64>,
    was_joined: bool,
    /// What was missed: after the first `seq` and up to the second.
    missed: Option<(u64, u64)>,
}

impl View {
    pub(crate) fn new(room: RoomName, page: Option<(Page, bool)>) -> Self {
        let timeline = page.map(|(page, has_older)| Timeline::from_page(page, has_older));
        Self {
            room,
            timeline: timeline.unwrap_or_default(),
            epoch: None,
            joining: None,
            wants_join: false,
            head: HEAD_UNKNOWN,
            start_over_at: None,
            backoff: Backoff::default(),
            absent_since: None,
            was_joined: false,
            missed: None,
        }
    }

    pub(crate) fn room(&self) -> &RoomName {
        &self.room
    }

    pub(crate) fn is_here(&self, room: &str) -> bool {
        room == self.room.as_str()
    }

    pub(crate) fn rows(&self) -> &[Arc<Message>] {
        self.timeline.rows()
    }

    pub(crate) fn older(&self) -> Older {
        self.timeline.older()
    }

    /// Counted anew each time: among the rows, and by `seq` what lies above the first row.
    pub(crate) fn missed(&self, me: Option<UserId>) -> Option<Missed> {
        let (after, to) = self.missed?;
        let rows = self.rows();
        let above = rows
            .first()
            .map_or(0, |first| first.seq.saturating_sub(after + 1));
        let is_missed = |row: &&Arc<Message>| row.seq > after && row.seq <= to && Some(row.user_id) != me;
        let count = above + rows.iter().filter(is_missed).count() as u64;
        (count > 0).then_some(Missed { after, count })
    }

    /// The room is known up to this `seq`; 0 while what is shown may be of another database.
    pub(crate) fn known_to(&self) -> u64 {
        let is_doubtful =
            |cursor: &Cursor| self.is_adrift() || self.epoch.is_some_and(|epoch| epoch != cursor.epoch);
        let cursor = self.timeline.cursor().filter(|cursor| !is_doubtful(cursor));
        cursor.map_or(0, |cursor| cursor.seq)
    }

    /// Something was said that we did not hear of: how far the room goes is not known until it is joined again.
    pub(crate) fn doubt_head(&mut self) {
        self.head = HEAD_UNKNOWN;
    }

    /// Whether all that was said before the server let us join the room is here.
    pub(crate) fn is_caught_up(&self) -> bool {
        self.is_joined() && self.known_to() >= self.head
    }

    /// Whether everything up to here was applied and the room is joined from there.
    pub(crate) fn is_joined(&self) -> bool {
        self.epoch.is_some() && self.joining.is_none() && !self.wants_join && !self.is_adrift()
    }

    /// The cursor to join the room with, if it is to be joined now.
    pub(crate) fn take_join(&mut self, now: Now) -> Option<Cursor> {
        if !std::mem::take(&mut self.wants_join) {
            return None;
        }
        self.joining = Some(now.ms + JOIN_MAX_MS);
        self.timeline.cursor()
    }

    /// There is a line, or another one.
    pub(crate) fn up(&mut self, now: Now, epoch: Epoch, effects: &mut Vec<Effect>) {
        self.epoch = Some(epoch);
        match self.timeline.cursor() {
            _ if self.is_adrift() => {}
            Some(cursor) if cursor.epoch == epoch => self.join(),
            _ => self.start_over(now, effects),
        }
    }

    /// There is no line, and nothing was heard since that time.
    pub(crate) fn down(&mut self, heard: u64) {
        self.epoch = None;
        self.joining = None;
        self.wants_join = false;
        if self.was_joined {
            self.absent_since.get_or_insert(heard);
        }
    }

    /// The room may not be joined any more, or not from here: joins it again.
    pub(crate) fn join(&mut self) {
        self.wants_join = self.epoch.is_some() && !self.is_adrift();
    }

    pub(crate) fn joined(&mut self, now: Now, epoch: Epoch, seq: u64, head: u64) {
        let Some(here) = self.timeline.cursor() else {
            return;
        };
        // From further on than we are, it is another tab's; the answer to ours follows.
        if self.joining.is_none() || here.epoch != epoch || seq > here.seq {
            return;
        }
        self.joining = None;
        self.head = head;
        self.backoff.reset();
        self.was_joined = true;
        self.restored(now, here.seq, head);
    }

    /// What lies between these two places is being restored. Where the end is not known it is the leader that says so,
    /// and everything was handed on.
    fn restored(&mut self, now: Now, from: u64, to: u64) {
        let is_long = |since: u64| now.ms >= since + ABSENCE_MIN_MS;
        if self.absent_since.take().is_some_and(is_long) && to > from && to != HEAD_UNKNOWN {
            self.missed = Some((self.missed.map_or(from, |(after, _)| after), to));
        }
    }

    pub(crate) fn resync(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if !self.is_adrift() {
            self.start_over(now, effects);
        }
    }

    /// Takes an event of the room.
    pub(crate) fn event(&mut self, now: Now, event: Event, effects: &mut Vec<Effect>) {
        if self.start_over_at.is_none() {
            let outcome = self.timeline.event(event);
            self.outcome(now, outcome, effects);
        }
    }

    /// Takes the answer to a fetch.
    pub(crate) fn fetched(&mut self, now: Now, id: u32, text: Option<&str>, effects: &mut Vec<Effect>) {
        let before = self.timeline.cursor();
        let page = text.and_then(Page::read);
        let outcome = self.timeline.page(id, page);
        if outcome == Outcome::StartedOver {
            self.started_over(now, before);
        }
        self.outcome(now, outcome, effects);
    }

    /// The last page stands in place of what was known. Of another database nothing was missed.
    fn started_over(&mut self, now: Now, before: Option<Cursor>) {
        let Some(here) = self.timeline.cursor() else {
            return;
        };
        match before.filter(|before| before.epoch == here.epoch) {
            Some(before) => self.restored(now, before.seq, here.seq),
            None => {
                self.missed = None;
                self.absent_since = None;
            }
        }
    }

    pub(crate) fn ask_older(&mut self, effects: &mut Vec<Effect>) {
        if self.start_over_at.is_none()
            && let Some(fetch) = self.timeline.ask_older()
        {
            effects.push(Effect::Fetch(fetch));
            effects.push(Effect::Show);
        }
    }

    pub(crate) fn trim(&mut self, effects: &mut Vec<Effect>) {
        if self.timeline.trim() {
            effects.push(Effect::Show);
        }
    }

    /// The person has seen what was missed, or goes on writing.
    pub(crate) fn forget_missed(&mut self, effects: &mut Vec<Effect>) {
        if self.missed.take().is_some() {
            effects.push(Effect::Show);
        }
    }

    /// When [`View::tick`] has something to do.
    pub(crate) fn due(&self) -> u64 {
        let never = u64::MAX;
        self.joining
            .unwrap_or(never)
            .min(self.start_over_at.unwrap_or(never))
    }

    /// Does what is due.
    pub(crate) fn tick(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.joining.is_some_and(|until| now.ms >= until) {
            self.join();
        }
        if self.start_over_at.take_if(|at| now.ms >= *at).is_some() {
            self.fetch_latest(effects);
        }
    }

    /// What is shown cannot be gone on from: it is being loaded anew, or will be.
    fn is_adrift(&self) -> bool {
        self.start_over_at.is_some() || self.timeline.is_starting_over()
    }

    /// Loads the room anew: the first time at once, then, as long as nothing comes of it, with growing waits.
    fn start_over(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.joining = None;
        self.wants_join = false;
        if self.backoff.is_fresh() {
            self.backoff.next_ms(0);
            self.fetch_latest(effects);
        } else {
            self.start_over_at = Some(now.ms + self.backoff.next_ms(now.random));
        }
    }

    fn fetch_latest(&mut self, effects: &mut Vec<Effect>) {
        effects.push(Effect::Fetch(self.timeline.ask_latest()));
    }

    fn outcome(&mut self, now: Now, outcome: Outcome, effects: &mut Vec<Effect>) {
        match outcome {
            Outcome::Unchanged => {}
            Outcome::Changed => effects.push(Effect::Show),
            Outcome::StartedOver => {
                effects.push(Effect::Show);
                self.rejoin_or_start_over(now, effects);
            }
            // One question at a time: what comes too early until it is answered is waited for.
            Outcome::Gap if self.joining.is_some() => effects.push(Effect::Show),
            Outcome::Gap => {
                effects.push(Effect::Show);
                self.join();
            }
            Outcome::Lost => {
                effects.push(Effect::Show);
                self.start_over(now, effects);
            }
        }
    }

    /// A new page is here. It may be older than the line that was opened meanwhile.
    fn rejoin_or_start_over(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if let Some(epoch) = self.epoch {
            self.up(now, epoch, effects);
        }
    }
}
