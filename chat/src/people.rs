//! The people who have sessions here, and what concerns one of them alone: their read positions and their name, as they
//! are changed by any of their devices.
//!
//! Ephemeral: a session hears of what changes while it is there. What it missed it reads anew.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use protocol::{RoomName, ServerFrame, UserId};
use slab::Slab;

use crate::apply::Personal;
use crate::feed::Signal;
use crate::limits::PERSON_NOTICES_MAX;
use crate::segment::encode;

/// The people who have sessions. Nobody else is here.
#[derive(Debug, Default)]
pub(crate) struct People {
    by_id: Mutex<HashMap<UserId, Arc<Channel>>>,
}

/// What reaches all sessions of one person.
#[derive(Debug, Default)]
struct Channel {
    /// Counts the notices. Lets a session pass by without a lock.
    version: AtomicU64,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    sessions: Slab<Signal>,
    /// The latest notices, of those about the same thing only the last.
    notices: VecDeque<Notice>,
}

#[derive(Debug)]
struct Notice {
    version: u64,
    about: About,
    frame: Bytes,
}

/// What a notice is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum About {
    Name,
    /// How far they have read a room, or that they follow it no more.
    Position(RoomName),
    /// Which message of a room mentions them last.
    Mention(RoomName),
}

impl People {
    /// Registers a session of this person; `signal` is woken whenever something concerns them.
    pub(crate) fn register(self: &Arc<Self>, user_id: UserId, signal: Signal) -> PersonFeed {
        let mut people = lock(&self.by_id);
        let channel = Arc::clone(people.entry(user_id).or_default());
        // Under the registry's lock, so that the channel cannot be taken out in between.
        let key = lock(&channel.inside).sessions.insert(signal);
        PersonFeed {
            seen: channel.version.load(Ordering::Acquire),
            people: Arc::clone(self),
            user_id,
            channel,
            key,
        }
    }

    /// Tells all sessions of a person. Called by the writer alone, after the commit.
    pub(crate) fn publish(&self, user_id: UserId, personal: &Personal) {
        let Some(channel) = lock(&self.by_id).get(&user_id).map(Arc::clone) else {
            return;
        };
        let (about, frame) = notice(user_id, personal);
        let mut inside = lock(&channel.inside);
        let version = channel.version.load(Ordering::Relaxed) + 1;
        inside.notices.retain(|notice| notice.about != about);
        if inside.notices.len() >= PERSON_NOTICES_MAX {
            inside.notices.pop_front();
        }
        inside.notices.push_back(Notice {
            version,
            about,
            frame,
        });
        channel.version.store(version, Ordering::Release);
        for (_, signal) in &inside.sessions {
            signal.wake();
        }
    }
}

fn notice(user_id: UserId, personal: &Personal) -> (About, Bytes) {
    let (about, frame) = match personal {
        Personal::Read { room, seq, unread } => (
            About::Position(room.clone()),
            ServerFrame::Read {
                room,
                read: *seq,
                unread: *unread,
            },
        ),
        Personal::Mention { room, mention, rev } => (
            About::Mention(room.clone()),
            ServerFrame::Mention {
                room,
                mention: *mention,
                rev: *rev,
            },
        ),
        Personal::Left { room } => (About::Position(room.clone()), ServerFrame::Left { room }),
        Personal::Name(name) => (
            About::Name,
            ServerFrame::Name {
                user_id,
                name: name.as_str(),
            },
        ),
    };
    let mut bytes = Vec::new();
    encode(&frame, &mut bytes);
    (about, Bytes::from(bytes))
}

/// One session's hearing of what concerns its person. It ends when this is dropped.
#[derive(Debug)]
pub struct PersonFeed {
    people: Arc<People>,
    user_id: UserId,
    channel: Arc<Channel>,
    key: usize,
    seen: u64,
}

impl PersonFeed {
    /// Appends the frames of what changed since the last time: of several changes of one thing, the last.
    pub fn pull(&mut self, out: &mut Vec<Bytes>) {
        if self.channel.version.load(Ordering::Acquire) == self.seen {
            return;
        }
        let inside = lock(&self.channel.inside);
        let new = inside.notices.iter().filter(|notice| notice.version > self.seen);
        out.extend(new.map(|notice| notice.frame.clone()));
        self.seen = self.channel.version.load(Ordering::Acquire);
    }
}

impl Drop for PersonFeed {
    fn drop(&mut self) {
        let mut people = lock(&self.people.by_id);
        let mut inside = lock(&self.channel.inside);
        inside.sessions.try_remove(self.key);
        if inside.sessions.is_empty() {
            people.remove(&self.user_id);
            if people.len() < people.capacity() / 4 {
                // A crowd that came and went must not leave its places behind.
                let room_to_grow = people.len() * 2;
                people.shrink_to(room_to_grow);
            }
        }
    }
}

/// A panic while a lock is held cannot leave these structures half-changed: each change is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;
    use protocol::PersonName;

    fn read(room: &str, seq: u64) -> Personal {
        Personal::Read {
            room: RoomName::parse(room).unwrap(),
            seq,
            unread: 0,
        }
    }

    fn pull(feed: &mut PersonFeed) -> Vec<serde_json::Value> {
        let mut out = Vec::new();
        feed.pull(&mut out);
        out.iter()
            .map(|frame| serde_json::from_slice(frame).unwrap())
            .collect()
    }

    #[test]
    fn every_session_of_a_person_hears_the_last_of_each_thing_and_nobody_else_does() {
        let people = Arc::new(People::default());
        let (one, other) = (ids::user_id(), ids::user_id());
        let mut here = people.register(one, Signal::default());
        let mut stranger = people.register(other, Signal::default());
        people.publish(one, &read("a", 1));
        let mut there = people.register(one, Signal::default());
        people.publish(one, &read("b", 1));
        people.publish(one, &read("a", 2));
        people.publish(one, &Personal::Name(PersonName::parse("하나").unwrap()));
        let heard = pull(&mut here);
        assert_eq!(heard, pull(&mut there));
        let what: Vec<_> = heard
            .iter()
            .map(|frame| {
                (
                    frame["type"].as_str().unwrap(),
                    frame["room"].as_str(),
                    frame["read"].as_u64(),
                )
            })
            .collect();
        let expected = [
            ("read", Some("b"), Some(1)),
            ("read", Some("a"), Some(2)),
            ("name", None, None),
        ];
        assert_eq!(what, expected);
        assert!(pull(&mut here).is_empty());
        assert!(pull(&mut stranger).is_empty());
    }

    #[test]
    fn what_is_kept_for_a_person_is_bounded_and_gone_with_their_last_session() {
        let people = Arc::new(People::default());
        let user_id = ids::user_id();
        let mut feed = people.register(user_id, Signal::default());
        let second = people.register(user_id, Signal::default());
        for number in 0..3 * PERSON_NOTICES_MAX {
            people.publish(user_id, &read(&format!("room-{number}"), 1));
        }
        drop(second);
        assert_eq!(pull(&mut feed).len(), PERSON_NOTICES_MAX);
        drop(feed);
        assert!(lock(&people.by_id).is_empty());
        people.publish(user_id, &read("a", 1));
        assert!(lock(&people.by_id).is_empty());
    }
}
