//! The room that a tab shows: its timeline, kept whole over breaks of the line, what a break cost, and the place
//! that the reader asked for.

use std::sync::Arc;

use protocol::{Epoch, ErrorCode, RoomName, UserId};

use crate::backoff::Backoff;
use crate::effect::Effect;
use crate::limits::{JOIN_MAX_MS, RECONNECT_MAX_MS, REFUSED_MIN_MS};
use crate::model::cursor::{Cursor, HEAD_UNKNOWN};
use crate::model::event::Event;
use crate::model::message::Message;
use crate::model::now::Now;
use crate::model::page::{HistoryPage, Part};
use crate::room::absence::{Absence, Missed};
use crate::room::doubtful::Doubtful;
use crate::room::timeline::{Arrival, Edge, Fetch, Outcome, Timeline};
use crate::step::Step;
use crate::wire::endpoints;
use crate::wire::incoming::Refused;

/// The view of a room in one tab.
#[derive(Debug)]
pub(crate) struct RoomView {
    room: RoomName,
    timeline: Timeline,
    /// The epoch of the line in use; `None` without one.
    epoch: Option<Epoch>,
    /// A `join` is unanswered; sent again at this time.
    joining: Option<u64>,
    wants_join: bool,
    /// Why the server does not let us join, as it last said.
    refused: Option<ErrorCode>,
    /// The room's last `seq` when the server last let us join it; [`HEAD_UNKNOWN`] when that says nothing.
    head: u64,
    /// The timeline is loaded anew at this time: it cannot be continued.
    start_over_at: Option<u64>,
    backoff: Backoff,
    was_joined: bool,
    absence: Absence,
    /// Messages that came while the timeline was detached.
    below: u64,
    /// The `seq` that the reader asked for, until it is loaded.
    wanted: Option<u64>,
    pub(crate) doubtful: Doubtful,
}

impl RoomView {
    pub(crate) fn new(room: RoomName, page: Option<HistoryPage>) -> Self {
        Self {
            room,
            timeline: page.map(Timeline::from_page).unwrap_or_default(),
            epoch: None,
            joining: None,
            wants_join: false,
            refused: None,
            head: HEAD_UNKNOWN,
            start_over_at: None,
            backoff: Backoff::default(),
            was_joined: false,
            absence: Absence::default(),
            below: 0,
            wanted: None,
            doubtful: Doubtful::default(),
        }
    }

    /// Shows another room, around this `seq` or from its end. Late answers for the old room are ignored.
    pub(crate) fn go(&mut self, step: &mut Step<'_>, room: RoomName, place: Option<u64>) {
        let (epoch, fetches) = (self.epoch, self.timeline.fetches);
        *self = Self::new(room, None);
        self.epoch = epoch;
        self.timeline.fetches = fetches;
        self.timeline.is_at_end = place.is_none();
        self.wanted = place;
        self.start_over(step, None);
        step.push(Effect::TimelineChanged);
    }

    pub(crate) fn room(&self) -> &RoomName {
        &self.room
    }

    pub(crate) fn shows(&self, room: &str) -> bool {
        room == self.room.as_str()
    }

    pub(crate) fn rows(&self) -> &[Arc<Message>] {
        self.timeline.rows()
    }

    pub(crate) fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The room's last message is the last row, as far as is known.
    pub(crate) fn is_attached(&self) -> bool {
        self.timeline.newer() == Edge::End
    }

    /// Messages that came while the timeline was detached.
    pub(crate) fn below(&self) -> u64 {
        self.below
    }

    pub(crate) fn missed(&self) -> Option<Missed> {
        self.absence.missed()
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.timeline.is_at_end
    }

    /// Everything up to this `seq` is applied; 0 while the rows may be of another database.
    pub(crate) fn known_to(&self) -> u64 {
        let is_doubtful =
            |cursor: &Cursor| self.is_adrift() || self.epoch.is_some_and(|epoch| epoch != cursor.epoch);
        let cursor = self.timeline.cursor().filter(|cursor| !is_doubtful(cursor));
        cursor.map_or(0, |cursor| cursor.seq)
    }

    /// Events may have been missed: the head is unknown until the room is joined again.
    pub(crate) fn doubt_head(&mut self) {
        self.head = HEAD_UNKNOWN;
    }

    /// Everything up to the head at the time of joining is applied.
    pub(crate) fn is_caught_up(&self) -> bool {
        self.is_joined() && self.known_to() >= self.head
    }

    /// The room is joined from the timeline's cursor.
    pub(crate) fn is_joined(&self) -> bool {
        self.epoch.is_some() && self.joining.is_none() && !self.wants_join && !self.is_adrift()
    }

    /// Why the room cannot be joined, as far as that was said on this line.
    pub(crate) fn refused(&self) -> Option<ErrorCode> {
        self.refused
    }

    /// The cursor to join with, once, if the room is to be joined now.
    pub(crate) fn take_join(&mut self, now: Now) -> Option<Cursor> {
        if !std::mem::take(&mut self.wants_join) {
            return None;
        }
        self.joining = Some(now.ms + JOIN_MAX_MS);
        self.timeline.cursor()
    }

    /// A line, or another one, is up.
    pub(crate) fn up(&mut self, step: &mut Step<'_>, me: Option<UserId>, epoch: Epoch) {
        self.epoch = Some(epoch);
        self.doubtful.fetch = None;
        match self.timeline.cursor() {
            _ if self.is_adrift() => {}
            Some(cursor) if cursor.epoch == epoch => self.join(),
            _ => self.start_over(step, me),
        }
    }

    /// The line is lost; `received_at` is the time of its last frame (ms).
    pub(crate) fn down(&mut self, received_at: u64) {
        self.epoch = None;
        self.joining = None;
        self.refused = None;
        self.wants_join = false;
        if self.was_joined {
            self.absence.begin(received_at);
        }
    }

    /// Joins again, from the cursor.
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
        self.refused = None;
        self.head = head;
        self.backoff.reset();
        self.was_joined = true;
        self.absence.end(now, here.seq, head);
    }

    /// The server does not let us join. True when it is for good: then it is asked again only on another line.
    pub(crate) fn join_refused(&mut self, now: Now, refused: &Refused) -> bool {
        if self.joining.is_none() {
            return false;
        }
        self.refused = Some(refused.code);
        let is_lasting = !refused.code.is_retryable() && refused.retry_after_ms.is_none();
        let wait = self.backoff.next_ms(now.random).max(REFUSED_MIN_MS);
        let wait = wait.max(refused.retry_after_ms.unwrap_or(0).min(RECONNECT_MAX_MS));
        self.joining = Some(if is_lasting { u64::MAX } else { now.ms + wait });
        is_lasting
    }

    pub(crate) fn resync(&mut self, step: &mut Step<'_>, me: Option<UserId>) {
        if !self.is_adrift() {
            self.start_over(step, me);
        }
    }

    /// Looks for our messages that may be gone, once the room is joined anew.
    pub(crate) fn look_for_doubtful(&mut self, step: &mut Step<'_>) {
        if self.is_joined()
            && let Some(seq) = self.doubtful.next()
        {
            let fetches = &mut self.timeline.fetches;
            *fetches = fetches.wrapping_add(1);
            let id = *fetches;
            self.doubtful.fetch = Some(id);
            let address = endpoints::history(self.room.as_str(), Part::Around(seq), self.known_to());
            step.push(Effect::Fetch { id, address });
        }
    }

    pub(crate) fn event(&mut self, step: &mut Step<'_>, me: Option<UserId>, event: Event) {
        if self.start_over_at.is_none() {
            let outcome = self.timeline.event(event);
            self.count(me);
            self.outcome(step, me, outcome);
        }
    }

    pub(crate) fn fetched(
        &mut self,
        step: &mut Step<'_>,
        me: Option<UserId>,
        id: u32,
        page: Option<HistoryPage>,
    ) {
        let before = self.timeline.cursor();
        let outcome = self.timeline.page(id, page);
        if outcome == Outcome::StartedOver {
            self.started_over(step.now, me, before);
        }
        self.count(me);
        if outcome != Outcome::Lost {
            self.arrive(step);
        }
        self.outcome(step, me, outcome);
    }

    fn count(&mut self, me: Option<UserId>) {
        let is_attached = self.is_attached();
        for Arrival { seq, author } in std::mem::take(&mut self.timeline.arrived) {
            if Some(author) == me {
                continue;
            }
            self.below += 1;
            self.absence.count(seq);
        }
        if is_attached {
            self.below = 0;
        }
    }

    /// A page has replaced the rows. Of another database nothing was missed.
    fn started_over(&mut self, now: Now, me: Option<UserId>, before: Option<Cursor>) {
        let Some(here) = self.timeline.cursor() else {
            return;
        };
        let Some(before) = before.filter(|before| before.epoch == here.epoch) else {
            self.absence.cancel();
            return;
        };
        self.absence.end(now, before.seq, here.seq);
        self.absence.recount(me, self.timeline.rows());
    }

    /// Says where the place is that the reader asked for, once what was to be loaded for it is here.
    fn arrive(&mut self, step: &mut Step<'_>) {
        let is_coming = self.is_adrift() || matches!(self.timeline.fetching(), Some(Part::Around(_)));
        if let Some(wanted) = self.wanted.take_if(|_| !is_coming) {
            step.push(Effect::ScrollTo(self.nearest(wanted)));
        }
    }

    /// The row at this `seq`, or the first one after it, if it is loaded.
    fn nearest(&self, seq: u64) -> Option<u64> {
        let rows = self.rows();
        let is_above = rows.first()?.seq > seq && self.timeline.older() != Edge::End;
        let row = rows.iter().find(|row| row.seq >= seq);
        let row = row.or_else(|| rows.last().filter(|_| self.is_attached()));
        row.map(|row| row.seq).filter(|_| !is_above)
    }

    /// Scrolls to this `seq`: at once when it is loaded, else when it is fetched.
    pub(crate) fn open(&mut self, step: &mut Step<'_>, seq: u64) {
        let is_adrift = self.is_adrift();
        if let Some(seq) = self.nearest(seq).filter(|_| !is_adrift) {
            self.wanted = None;
            step.push(Effect::ScrollTo(Some(seq)));
            return;
        }
        self.timeline.is_at_end = false;
        self.wanted = Some(seq);
        if self.start_over_at.is_none() {
            let fetch = self.timeline.go_to(Part::Around(seq));
            self.fetch(step, fetch);
        }
    }

    /// Shows the room's end.
    pub(crate) fn go_to_end(&mut self, step: &mut Step<'_>) {
        self.timeline.is_at_end = true;
        let goes_elsewhere = self.wanted.take().is_some() || !self.is_attached();
        let is_on_the_way = self.timeline.fetching() == Some(Part::Latest);
        if self.start_over_at.is_none() && goes_elsewhere && !is_on_the_way {
            let fetch = self.timeline.go_to(Part::Latest);
            self.fetch(step, fetch);
        }
    }

    pub(crate) fn ask_older(&mut self, step: &mut Step<'_>) {
        if self.start_over_at.is_none()
            && let Some(fetch) = self.timeline.ask_older()
        {
            self.fetch(step, fetch);
        }
    }

    pub(crate) fn ask_newer(&mut self, step: &mut Step<'_>) {
        if self.start_over_at.is_none()
            && let Some(fetch) = self.timeline.ask_newer()
        {
            self.fetch(step, fetch);
        }
    }

    pub(crate) fn at_end(&mut self, step: &mut Step<'_>, is_at_end: bool) {
        self.timeline.is_at_end = is_at_end;
        if is_at_end && self.timeline.newer() == Edge::More {
            self.ask_newer(step);
        }
    }

    pub(crate) fn forget_missed(&mut self, step: &mut Step<'_>) {
        if self.absence.forget_missed() {
            step.push(Effect::TimelineChanged);
        }
    }

    /// When [`RoomView::tick`] has something to do.
    pub(crate) fn due(&self) -> u64 {
        let never = u64::MAX;
        self.joining
            .unwrap_or(never)
            .min(self.start_over_at.unwrap_or(never))
    }

    pub(crate) fn tick(&mut self, step: &mut Step<'_>) {
        if self.joining.is_some_and(|until| step.now.ms >= until) {
            self.join();
        }
        if self.start_over_at.take_if(|at| step.now.ms >= *at).is_some() {
            self.begin(step);
        }
    }

    /// The rows cannot be continued: a page to begin with is on its way, or will be fetched.
    fn is_adrift(&self) -> bool {
        self.start_over_at.is_some() || self.timeline.is_starting_over()
    }

    /// Loads the room anew: the first time at once, then with backoff until the room is joined.
    fn start_over(&mut self, step: &mut Step<'_>, me: Option<UserId>) {
        self.doubtful.add(me, self.timeline.rows());
        self.joining = None;
        self.wants_join = false;
        if self.backoff.is_fresh() {
            self.backoff.next_ms(0);
            self.begin(step);
        } else {
            self.start_over_at = Some(step.now.ms + self.backoff.next_ms(step.now.random));
        }
    }

    fn begin(&mut self, step: &mut Step<'_>) {
        let fetch = self
            .timeline
            .start_over(self.wanted.map_or(Part::Latest, Part::Around));
        self.fetch(step, fetch);
    }

    fn fetch(&mut self, step: &mut Step<'_>, fetch: Fetch) {
        let Fetch { id, part, .. } = fetch;
        // Of a page to begin with nothing is known: what was may be of another history.
        let address = endpoints::history(self.room.as_str(), part, self.known_to());
        step.push(Effect::Fetch { id, address });
        step.push(Effect::TimelineChanged);
    }

    fn outcome(&mut self, step: &mut Step<'_>, me: Option<UserId>, outcome: Outcome) {
        match outcome {
            Outcome::Unchanged => {}
            Outcome::Changed => step.push(Effect::TimelineChanged),
            Outcome::StartedOver => {
                step.push(Effect::TimelineChanged);
                self.rejoin_or_start_over(step, me);
            }
            // One question at a time: what comes too early until it is answered is waited for.
            Outcome::Gap if self.joining.is_some() => step.push(Effect::TimelineChanged),
            Outcome::Gap => {
                step.push(Effect::TimelineChanged);
                self.join();
            }
            Outcome::Lost => {
                step.push(Effect::TimelineChanged);
                self.start_over(step, me);
            }
        }
    }

    /// A new page is here. It may be of another database than the line that was opened meanwhile.
    fn rejoin_or_start_over(&mut self, step: &mut Step<'_>, me: Option<UserId>) {
        if let Some(epoch) = self.epoch {
            self.up(step, me, epoch);
        }
    }
}

#[cfg(test)]
mod tests;
