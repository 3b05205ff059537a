//! The rooms this person follows: how many messages they have not read in each, and how far they have read.
//!
//! The leading tab loads the list with every new line, joins each room quietly from where the list was true, and counts
//! what comes; the other tabs are told. So a count is the list's own and what came since, and all tabs show the same. One's
//! own messages do not count, nor what was deleted.
//!
//! Any tab may wish to be somewhere else in a room: to have read up to a place, to have it unread, or to leave it. Such a
//! wish has no answer of its own. It is sent again until the list shows it fulfilled.

use protocol::{Epoch, UserId};

use crate::connection::backoff::Backoff;
use crate::effect::Effect;
use crate::limits::{
    BACKOFF_MAX_MS, READ_ANSWER_MAX_MS, READ_INTERVAL_MS, READ_TRIES_MAX, ROOMS_AGAIN_MS, ROOMS_LISTED_MAX,
    TELL_ROOMS_MS, UNREAD_MAX,
};
use crate::model::event::{ChangeKind, Event};
use crate::model::listing::{ListedRoom, Listing};
use crate::model::now::Now;
use crate::model::position::Position;
use crate::wire::json::Value;
use crate::wire::{endpoints, outgoing};

/// A room that this person follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FollowedRoom {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub topic: String,
    /// Its last `seq`, as far as is known.
    pub head: u64,
    /// The last `seq` that was read.
    pub read: u64,
    /// Messages of others after that; [`UNREAD_MAX`] means that many or more.
    pub unread: u64,
    /// The last message that names this person; what was said before the page was opened is not looked at.
    mention: u64,
    /// The list was true for this `seq`. It counted so many messages after the place that was read then.
    base: u64,
    base_read: u64,
    base_unread: u64,
    /// The messages of others after `base`.
    since: Vec<u64>,
    /// The topic is that of the room up to here.
    topic_rev: u64,
    is_untold: bool,
}

impl FollowedRoom {
    /// Whether one of the unread messages names this person.
    #[must_use]
    pub fn is_mentioned(&self) -> bool {
        self.mention > self.read
    }

    /// The room as the list says it is.
    fn from_listed(listed: ListedRoom) -> Self {
        Self {
            name: listed.name,
            topic: listed.topic,
            head: listed.head,
            read: listed.read,
            unread: listed.unread,
            mention: listed.mention,
            base: listed.head,
            base_read: listed.read,
            base_unread: listed.unread,
            since: Vec::new(),
            topic_rev: listed.head,
            is_untold: true,
        }
    }

    /// The room as it is told to the other tabs.
    fn listed(&self) -> ListedRoom {
        ListedRoom {
            name: self.name.clone(),
            topic: self.topic.clone(),
            head: self.head,
            read: self.read,
            unread: self.unread,
            mention: self.mention,
            is_followed: true,
        }
    }

    /// Counts anew. Whether the count is right: it is not when the place lies where nothing was counted.
    fn count(&mut self) -> bool {
        self.is_untold = true;
        let read = self.read;
        let is_right = read >= self.base || read == self.base_read;
        let before = if read < self.base { self.base_unread } else { 0 };
        let since = self.since.iter().filter(|seq| **seq > read).count() as u64;
        self.unread = (before + since).min(UNREAD_MAX);
        if self.since.len() as u64 >= UNREAD_MAX {
            self.base = self.head;
            self.base_read = read;
            self.base_unread = self.unread;
            self.since.clear();
        }
        is_right
    }

    /// Takes an event. `me`, with our name.
    fn event(&mut self, event: &Event, (me, name): (Option<UserId>, Option<&str>)) {
        self.head = event.seq();
        match event {
            Event::Message(message) if Some(message.user_id) == me => self.read = self.read.max(message.seq),
            Event::Message(message) if message.is_deleted() => {}
            Event::Message(message) => {
                self.since.push(message.seq);
                if name.is_some_and(|name| names(&message.message, name)) {
                    self.mention = message.seq;
                }
            }
            Event::Change(change) => match &change.kind {
                ChangeKind::Topic(topic) => {
                    self.topic.clone_from(topic);
                    self.topic_rev = change.seq;
                }
                ChangeKind::Deleted if change.target > self.base => {
                    self.since.retain(|seq| *seq != change.target);
                }
                ChangeKind::Deleted if change.target > self.base_read && Some(change.user_id) != me => {
                    // As many or more may still be as many.
                    let is_exact = self.base_unread < UNREAD_MAX;
                    self.base_unread -= u64::from(is_exact && self.base_unread > 0);
                }
                _ => return,
            },
            Event::Other { .. } => return,
        }
        self.count();
    }

    /// Takes what the list says, which is true for its head; events above that were taken already.
    fn renew(&mut self, listed: ListedRoom) {
        let (since, head, mention) = (std::mem::take(&mut self.since), self.head, self.mention);
        if self.topic_rev <= listed.head {
            self.topic = listed.topic;
            self.topic_rev = listed.head;
        }
        self.base = listed.head;
        // Beyond its head the list knows nothing.
        if self.read <= listed.head {
            self.read = listed.read;
        }
        self.base_read = listed.read;
        self.base_unread = listed.unread;
        self.since = since.into_iter().filter(|seq| *seq > listed.head).collect();
        self.head = head.max(listed.head);
        self.mention = mention.max(listed.mention);
        self.count();
    }
}

/// Whether a text names somebody.
fn names(text: &str, name: &str) -> bool {
    let mut mentions = text.split('@').skip(1);
    !name.is_empty() && mentions.any(|after| after.starts_with(name))
}

/// The rooms that are followed in a value like the body of `GET /api/v1/rooms`; none when it is not that.
#[must_use]
pub fn followed(value: &Value<'_>) -> Vec<FollowedRoom> {
    let rooms = Listing::of(value).map(|list| list.rooms).unwrap_or_default();
    let followed = rooms.into_iter().filter(|room| room.is_followed);
    followed.map(FollowedRoom::from_listed).collect()
}

#[derive(Debug)]
struct PendingPosition {
    room: String,
    place: Position,
    /// When it may be sent, first or again.
    send_at: u64,
    /// Nothing else is sent about this room before this time.
    quiet_until: u64,
    tries: u32,
    /// Whether it is to be sent although it seems to be fulfilled.
    is_doubtful: bool,
    is_fulfilled: bool,
}

impl PendingPosition {
    /// Whether a person asked for it and it is still to come.
    fn is_asked_for(&self) -> bool {
        let is_reading = matches!(self.place, Position::Read(_));
        !self.is_fulfilled && !is_reading && self.tries < READ_TRIES_MAX
    }
}

/// Numbers of fetches of the list begin here: those of history are counted from 1.
pub(crate) const FETCHES: u32 = 1 << 31;

/// The rooms.
#[derive(Debug, Default)]
pub(crate) struct RoomList {
    rooms: Vec<FollowedRoom>,
    /// The database of the list.
    epoch: Option<Epoch>,
    /// Whether the list was ever loaded, here or by the leader.
    pub(crate) is_loaded: bool,
    /// The list that is on its way.
    asked: Option<u32>,
    fetches: u32,
    asked_at: u64,
    /// When to ask for the list.
    ask_at: Option<u64>,
    /// Something happened that the list which is on its way may not know.
    is_doubtful: bool,
    backoff: Backoff,
    wishes: Vec<PendingPosition>,
    /// Rooms the other tabs are to be told are followed no more.
    gone: Vec<String>,
    /// Whether they are to be told of all.
    tells_all: bool,
    tell_at: u64,
}

impl RoomList {
    /// The rooms, by name.
    pub(crate) fn all(&self) -> &[FollowedRoom] {
        &self.rooms
    }

    pub(crate) fn find(&self, name: &str) -> Option<&FollowedRoom> {
        self.rooms.iter().find(|room| room.name == name)
    }

    fn find_mut(&mut self, name: &str) -> Option<&mut FollowedRoom> {
        self.rooms.iter_mut().find(|room| room.name == name)
    }

    /// There is a line of ours, on which nothing is counted yet; or what was counted is not to be relied on.
    pub(crate) fn ask(&mut self, now: Now) {
        self.asked = None;
        if now.ms > self.asked_at + BACKOFF_MAX_MS {
            self.backoff.reset();
        }
        let wait = if self.backoff.is_fresh() {
            self.backoff.next_ms(0)
        } else {
            self.backoff.next_ms(now.random)
        };
        self.ask_at = Some(now.ms + wait);
    }

    /// The list does not know something that happened: it is loaded anew, one at a time.
    fn doubt(&mut self, now: Now) {
        if self.asked.is_some() {
            self.is_doubtful = true;
        } else if self.ask_at.is_none_or(|at| at > now.ms + BACKOFF_MAX_MS) {
            self.ask(now);
        }
    }

    /// There is no line of ours any more.
    pub(crate) fn stop(&mut self) {
        self.asked = None;
        self.ask_at = None;
    }

    /// There is another line, or none: what was wished for is to be sent again.
    pub(crate) fn line_changed(&mut self) {
        self.backoff.reset();
        for wish in &mut self.wishes {
            wish.send_at = 0;
            wish.tries = 0;
        }
    }

    /// Takes the list, in the tab that leads. Whether it did; then the rooms are to be counted from their bases on.
    /// `polls`: what concerns one person alone may be said between two polls, so the list is asked for again and again.
    pub(crate) fn loaded(
        &mut self,
        now: Now,
        (id, text): (u32, Option<&str>),
        epoch: Option<Epoch>,
        polls: bool,
    ) -> bool {
        if self.asked != Some(id) {
            return false;
        }
        self.asked = None;
        let list = text.and_then(Value::read).and_then(|value| Listing::of(&value));
        let Some(list) = list.filter(|list| epoch.is_some() && list.epoch == epoch) else {
            self.ask(now);
            return false;
        };
        if std::mem::take(&mut self.is_doubtful) {
            self.ask(now);
            if self.is_loaded {
                return false;
            }
        }
        self.take(list);
        self.tells_all = true;
        if polls {
            self.ask_at.get_or_insert(now.ms + ROOMS_AGAIN_MS);
        }
        true
    }

    /// Takes what the leading tab says.
    pub(crate) fn told(&mut self, list: Listing, effects: &mut Vec<Effect>) {
        self.take(list);
        effects.push(Effect::RoomsChanged);
    }

    fn take(&mut self, list: Listing) {
        let mut known = Vec::new();
        if list.epoch.is_some() {
            self.is_loaded = true;
            known = std::mem::take(&mut self.rooms);
            if self.epoch != list.epoch {
                self.epoch = list.epoch;
                known.clear();
            }
        }
        for listed in list.rooms {
            let is_it = |room: &FollowedRoom| room.name == listed.name;
            if !listed.is_followed {
                self.rooms.retain(|room| !is_it(room));
            } else if let Some(room) = self.rooms.iter_mut().find(|room| is_it(room)) {
                room.renew(listed);
            } else {
                let at = known.iter().position(is_it);
                self.rooms.push(match at.map(|at| known.swap_remove(at)) {
                    Some(mut room) => {
                        room.renew(listed);
                        room
                    }
                    None => FollowedRoom::from_listed(listed),
                });
            }
        }
    }

    /// The rooms to be counted, each with the place from which on.
    pub(crate) fn counted(&self) -> impl Iterator<Item = (&str, u64)> {
        self.rooms.iter().map(|room| (&*room.name, room.base))
    }

    /// Takes an event that came on our line. `me`, with our name.
    pub(crate) fn event(
        &mut self,
        now: Now,
        room: &str,
        event: &Event,
        me: (Option<UserId>, Option<&str>),
        effects: &mut Vec<Effect>,
    ) {
        let is_own_message =
            matches!(event, Event::Message(message) if me.0.is_some() && Some(message.user_id) == me.0);
        match self.find_mut(room) {
            Some(room) if event.seq() > room.head => {
                room.event(event, me);
                effects.push(Effect::RoomsChanged);
            }
            Some(_) => {}
            // Whoever says something in a room follows it.
            None if is_own_message => self.doubt(now),
            None => {}
        }
    }

    /// How far we have read has changed.
    pub(crate) fn read(
        &mut self,
        now: Now,
        room: &str,
        (read, unread): (u64, u64),
        effects: &mut Vec<Effect>,
    ) {
        let is_right = self.find_mut(room).is_some_and(|room| {
            // By polling, it may come after a message of ours that was said later: then the list knows better.
            let is_right = room.read <= read;
            room.read = read;
            let is_right = room.count() && is_right;
            if !is_right && read < room.base {
                // As good as it gets until the list says.
                let since = room.since.iter().filter(|seq| **seq > read).count() as u64;
                room.base_read = read;
                room.base_unread = unread.saturating_sub(since);
                room.count();
            }
            is_right
        });
        if !is_right || self.asked.is_some() {
            self.doubt(now);
        }
        effects.push(Effect::RoomsChanged);
    }

    /// We follow a room no more.
    pub(crate) fn left(&mut self, now: Now, room: &str, effects: &mut Vec<Effect>) {
        self.rooms.retain(|known| known.name != room);
        self.gone.push(room.to_owned());
        // We may have said something there since.
        self.doubt(now);
        effects.push(Effect::RoomsChanged);
    }

    /// The server does not count a room for us any more.
    pub(crate) fn lost(&mut self, now: Now, room: &str) {
        if self.find(room).is_some() {
            self.doubt(now);
        }
    }

    /// Somebody wishes to be at another place in a room.
    pub(crate) fn wish(&mut self, now: Now, room: &str, place: Position) {
        let is_reading = matches!(place, Position::Read(_));
        let is_open = |wish: &&PendingPosition| wish.room == room && !wish.is_fulfilled;
        let open = self.wishes.iter().find(is_open);
        // Something else was sent, and what came of it is not known: then this has to be sent, too.
        let is_doubtful = open.is_some_and(|wish| wish.tries > 0);
        if self.is_fulfilled(room, place) && (is_reading || !is_doubtful) {
            // What was wished for before is not wished for any more.
            self.wishes
                .retain(|wish| is_reading || wish.room != room || wish.is_fulfilled);
            return;
        }
        self.wishes
            .retain(|wish| !wish.is_fulfilled || now.ms < wish.quiet_until);
        let is_full = self.wishes.len() >= ROOMS_LISTED_MAX;
        match self.wishes.iter_mut().find(|wish| wish.room == room) {
            Some(wish) if !wish.is_fulfilled && wish.place == place => {}
            // Who reads on in another tab does not undo what was asked for in this one.
            Some(wish) if is_reading && wish.is_asked_for() => {}
            Some(wish) => {
                wish.place = place;
                wish.send_at = wish.quiet_until;
                wish.tries = 0;
                wish.is_doubtful = is_doubtful;
                wish.is_fulfilled = false;
            }
            None if is_full => {}
            None => self.wishes.push(PendingPosition {
                room: room.to_owned(),
                place,
                send_at: now.ms,
                quiet_until: 0,
                tries: 0,
                is_doubtful,
                is_fulfilled: false,
            }),
        }
    }

    fn is_fulfilled(&self, room: &str, place: Position) -> bool {
        let room = self.find(room);
        match place {
            Position::Read(seq) => room.is_some_and(|room| room.read >= seq),
            Position::Unread(seq) => room.is_some_and(|room| room.read == seq),
            Position::Left => self.is_loaded && room.is_none(),
        }
    }

    /// The next frame to send for what is wished for. To be called only while there is a line.
    pub(crate) fn next(&mut self, now: Now, leads: bool) -> Option<String> {
        for at in 0..self.wishes.len() {
            let PendingPosition { room, place, .. } = &self.wishes[at];
            let is_fulfilled = self.is_fulfilled(room, *place);
            let wish = &mut self.wishes[at];
            wish.is_fulfilled |= is_fulfilled && !(wish.is_doubtful && wish.tries == 0);
            if wish.is_fulfilled || now.ms < wish.send_at {
                continue;
            }
            wish.tries += 1;
            wish.send_at = match wish.tries {
                ..READ_TRIES_MAX => now.ms + READ_ANSWER_MAX_MS,
                _ => u64::MAX,
            };
            wish.quiet_until = now.ms + READ_INTERVAL_MS;
            let (frame, tries) = (outgoing::position(&wish.room, wish.place), wish.tries);
            if leads && tries > 1 {
                // Perhaps it was fulfilled, and the frame that said so was lost.
                self.doubt(now);
            }
            return Some(frame);
        }
        None
    }

    /// Another tab asks how the rooms are.
    pub(crate) fn tell_all(&mut self) {
        self.tells_all = true;
    }

    /// What the other tabs are to be told now, as a frame of the leader's.
    pub(crate) fn tell(&mut self, now: u64, epoch: Option<Epoch>) -> Option<String> {
        if !self.has_news() || now < self.tell_at {
            return None;
        }
        self.tell_at = now + TELL_ROOMS_MS;
        let epoch = epoch.filter(|_| std::mem::take(&mut self.tells_all));
        if epoch.is_some() {
            self.gone.clear();
            for room in &mut self.rooms {
                room.is_untold = true;
            }
        }
        let untold = self.rooms.iter_mut().filter(|room| room.is_untold);
        let mut rooms: Vec<ListedRoom> = untold
            .map(|room| {
                room.is_untold = false;
                room.listed()
            })
            .collect();
        rooms.extend(self.gone.drain(..).map(|name| ListedRoom {
            name,
            ..ListedRoom::default()
        }));
        Some(outgoing::rooms(&Listing { epoch, rooms }))
    }

    fn has_news(&self) -> bool {
        let is_untold = |room: &FollowedRoom| room.is_untold;
        self.is_loaded && (self.tells_all || !self.gone.is_empty() || self.rooms.iter().any(is_untold))
    }

    /// When [`RoomList::tick`], [`RoomList::next`] or [`RoomList::tell`] has something to do.
    pub(crate) fn due(&self, is_up: bool, tells: bool) -> u64 {
        let mut due = self.ask_at.unwrap_or(u64::MAX);
        let wishes = self.wishes.iter().filter(|wish| is_up && !wish.is_fulfilled);
        due = wishes.fold(due, |due, wish| due.min(wish.send_at));
        if tells && self.has_news() {
            due = due.min(self.tell_at);
        }
        due
    }

    /// Does what is due, in the tab that leads.
    pub(crate) fn tick(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.ask_at.take_if(|at| now.ms >= *at).is_some() {
            self.fetches = (self.fetches + 1) % FETCHES;
            let id = FETCHES + self.fetches;
            self.asked = Some(id);
            self.asked_at = now.ms;
            let address = endpoints::ROOMS.to_owned();
            effects.push(Effect::Fetch { id, address });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::Change;
    use crate::testing::{epoch, event, message};

    const NOW: Now = Now { ms: 0, random: 0 };

    /// A room that the list was true for at 10: read up to 4, and all after that unread.
    fn rooms() -> RoomList {
        let mut rooms = RoomList::default();
        let list = r#"{"rooms":[{"room":"a","head":10,"read":4,"unread":6,"following":true}],"epoch":""#;
        let list = list.to_owned() + &epoch().to_string() + r#""}"#;
        rooms.ask(NOW);
        rooms.tick(NOW, &mut Vec::new());
        let answer = (FETCHES + 1, Some(&*list));
        assert!(rooms.loaded(NOW, answer, Some(epoch()), false));
        rooms
    }

    fn deleted(seq: u64, target: u64) -> Event {
        let Event::Message(message) = event(seq) else {
            panic!()
        };
        Event::Change(Change {
            seq,
            id: message.id,
            client_id: message.client_id,
            user_id: message.user_id,
            at: seq,
            target,
            kind: ChangeKind::Deleted,
        })
    }

    fn happen(rooms: &mut RoomList, event: &Event) -> u64 {
        rooms.event(NOW, "a", event, (None, None), &mut Vec::new());
        rooms.all()[0].unread
    }

    #[test]
    fn what_was_deleted_does_not_count_whether_the_list_counted_it_or_it_came_since() {
        let mut rooms = rooms();
        assert_eq!(happen(&mut rooms, &event(11)), 7);
        assert_eq!(happen(&mut rooms, &event(11)), 7, "said twice, counted once");
        assert_eq!(happen(&mut rooms, &deleted(12, 11)), 6);
        assert_eq!(happen(&mut rooms, &deleted(13, 9)), 5);
        assert_eq!(happen(&mut rooms, &deleted(14, 3)), 5, "it was read");
    }

    #[test]
    fn reading_is_exact_where_it_was_counted_and_asks_for_the_list_where_it_was_not() {
        let mut rooms = rooms();
        for seq in 11..=13 {
            happen(&mut rooms, &event(seq));
        }
        rooms.read(NOW, "a", (12, 1), &mut Vec::new());
        assert_eq!((rooms.all()[0].unread, rooms.ask_at), (1, None));
        rooms.read(NOW, "a", (7, 6), &mut Vec::new());
        assert_eq!(rooms.all()[0].unread, 6, "as the server says");
        assert!(rooms.ask_at.is_some());
        assert_eq!(happen(&mut rooms, &event(14)), 7);
    }

    #[test]
    fn ones_own_message_is_read_and_makes_one_follow_the_room() {
        let mut rooms = rooms();
        let me = (Some(message(11).user_id), None);
        rooms.event(NOW, "a", &event(11), me, &mut Vec::new());
        assert_eq!((rooms.all()[0].read, rooms.all()[0].unread), (11, 0));
        rooms.event(NOW, "b", &event(1), (None, None), &mut Vec::new());
        assert_eq!(rooms.ask_at, None);
        rooms.event(NOW, "b", &event(1), me, &mut Vec::new());
        assert!(rooms.ask_at.is_some());
    }

    #[test]
    fn a_wish_is_sent_once_a_second_at_most_the_last_one_wins_and_no_answer_sends_it_again() {
        let mut rooms = rooms();
        let sent = |rooms: &mut RoomList, ms| rooms.next(Now { ms, random: 0 }, false);
        rooms.wish(NOW, "a", Position::Read(8));
        assert_eq!(
            sent(&mut rooms, 0),
            Some(outgoing::position("a", Position::Read(8)))
        );
        rooms.wish(NOW, "a", Position::Read(9));
        rooms.wish(NOW, "a", Position::Read(10));
        assert_eq!(sent(&mut rooms, 999), None);
        let last = Some(outgoing::position("a", Position::Read(10)));
        assert_eq!(sent(&mut rooms, 1_000), last);
        assert_eq!(sent(&mut rooms, 10_999), None);
        assert_eq!(sent(&mut rooms, 11_000), last);
        rooms.read(NOW, "a", (10, 0), &mut Vec::new());
        assert_eq!(sent(&mut rooms, 60_000), None, "it came true");
        for _ in 0..9 {
            rooms.wish(NOW, "a", Position::Unread(2));
        }
        let tries = (0..100).filter(|at| sent(&mut rooms, 100_000 + at * 5_000).is_some());
        assert_eq!(tries.count(), READ_TRIES_MAX as usize, "and not for ever");
        rooms.line_changed();
        assert!(sent(&mut rooms, 700_000).is_some());
    }
}
