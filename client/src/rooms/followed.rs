//! A followed room and its count of unread messages.
//!
//! The count is the list's own, true for the `seq` the list was made at, and what came since. One's own messages do not
//! count, nor deleted ones. Who is mentioned the server says, in the list and in what comes.

use protocol::UserId;

use crate::limits::UNREAD_MAX;
use crate::model::event::{ChangeKind, Event};
use crate::model::listing::{ListedRoom, Listing};
use crate::wire::json::Value;

/// A room that this person follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FollowedRoom {
    pub name: String,
    /// What it is about.
    pub topic: String,
    /// Its last `seq`, as far as is known.
    pub head: u64,
    /// The last `seq` that was read.
    pub read: u64,
    /// Messages of others after that; [`UNREAD_MAX`] means that many or more.
    pub unread: u64,
    /// The last message that mentions this person; 0 for none.
    pub(super) mention: u64,
    /// The event by which that is so.
    pub(super) mention_rev: u64,
    /// What is up to this `seq` is being read, though the server does not say so yet.
    pub(super) seen: u64,
    /// The server was told that what is up to here is read, and has not said otherwise.
    pub(super) told: u64,
    /// The list was true for this `seq`. It counted `base_unread` messages after `base_read`.
    pub(super) base: u64,
    pub(super) base_read: u64,
    pub(super) base_unread: u64,
    /// The messages of others after `base`.
    pub(super) since: Vec<u64>,
    /// The fetch of the list that was on its way when the server last said how the room is.
    pub(super) heard_at: Option<u32>,
    /// The topic is that of the room up to here.
    pub(super) topic_rev: u64,
    /// The other tabs do not know this state yet.
    pub(super) is_untold: bool,
}

impl FollowedRoom {
    /// One of the unread messages mentions this person.
    #[must_use]
    pub fn is_mentioned(&self) -> bool {
        self.mention > self.read.max(self.seen)
    }

    pub(super) fn from_listed(listed: ListedRoom) -> Self {
        Self {
            name: listed.name,
            topic: listed.topic,
            head: listed.head,
            read: listed.read,
            unread: listed.unread,
            mention: listed.mention,
            mention_rev: listed.head,
            seen: 0,
            told: 0,
            base: listed.head,
            base_read: listed.read,
            base_unread: listed.unread,
            since: Vec::new(),
            heard_at: None,
            topic_rev: listed.head,
            is_untold: true,
        }
    }

    /// The state for the other tabs.
    pub(super) fn listed(&self) -> ListedRoom {
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

    /// Computes `unread` from `read`. False when the result is an estimate: `read` lies before `base`, where single
    /// messages are not known.
    pub(super) fn count(&mut self) -> bool {
        self.is_untold = true;
        let read = self.read;
        let is_right = read >= self.base || read == self.base_read;
        // What is seen before the list's `seq` is read by what the server says.
        let seen = if self.seen < self.base {
            read
        } else {
            read.max(self.seen)
        };
        let before = if seen < self.base { self.base_unread } else { 0 };
        let since = self.since.iter().filter(|seq| **seq > seen).count() as u64;
        self.unread = (before + since).min(UNREAD_MAX);
        if self.since.len() as u64 >= UNREAD_MAX {
            self.base = self.head;
            self.base_read = read;
            self.base_unread = self.unread;
            self.since.clear();
        }
        is_right
    }

    /// This message mentions the person last, by the event `rev`.
    pub(super) fn mentioned(&mut self, mention: u64, rev: u64) {
        if rev >= self.mention_rev {
            self.mention = mention;
            self.mention_rev = rev;
            self.is_untold = true;
        }
    }

    /// The server is told that what is up to here is read.
    pub(super) fn tell(&mut self, seq: u64) {
        self.told = seq;
        self.read = self.read.max(seq);
        self.count();
    }

    /// Applies an event above `head`.
    pub(super) fn event(&mut self, event: &Event, me: Option<UserId>) {
        self.head = event.seq();
        let is_me = |user_id: &UserId| Some(*user_id) == me;
        match event {
            Event::Message(message) if is_me(&message.user_id) => self.read = self.read.max(message.seq),
            Event::Message(message) if message.is_deleted() => {}
            Event::Message(message) => self.since.push(message.seq),
            Event::Change(change) => match &change.kind {
                ChangeKind::Topic(topic) => {
                    self.topic.clone_from(topic);
                    self.topic_rev = change.seq;
                }
                ChangeKind::Deleted if change.target > self.base => {
                    self.since.retain(|seq| *seq != change.target);
                }
                ChangeKind::Deleted if change.target > self.base_read && !is_me(&change.user_id) => {
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

    /// Merges a newer listing, which is true for its `head`; events above that were applied already.
    pub(super) fn renew(&mut self, listed: ListedRoom) {
        let (since, head) = (std::mem::take(&mut self.since), self.head);
        if self.topic_rev <= listed.head {
            self.topic = listed.topic;
            self.topic_rev = listed.head;
        }
        self.base = listed.head;
        // Else the server knows what it was told, or something newer.
        self.told *= u64::from(listed.read == self.base_read);
        // Beyond its head the list knows nothing.
        if self.read <= listed.head {
            self.read = listed.read;
        }
        self.base_read = listed.read;
        self.base_unread = listed.unread;
        self.since = since.into_iter().filter(|seq| *seq > listed.head).collect();
        self.head = head.max(listed.head);
        self.mentioned(listed.mention, listed.head);
        self.count();
    }
}

/// The rooms that are followed in a value like the body of `GET /api/v1/rooms`; none when it is not that.
#[must_use]
pub fn followed(value: &Value<'_>) -> Vec<FollowedRoom> {
    let rooms = Listing::of(value).map(|list| list.rooms).unwrap_or_default();
    let followed = rooms.into_iter().filter(|room| room.is_followed);
    followed.map(FollowedRoom::from_listed).collect()
}
