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
use crate::chat::Chat;
use crate::error::Error;
use crate::feed::Signal;
use crate::ids;
use crate::limits::PERSON_NOTICES_MAX;
use crate::segment::encode;
use crate::store::Name;

/// The people who have sessions. Nobody else is here.
#[derive(Debug)]
pub(crate) struct People {
    by_id: Mutex<HashMap<UserId, Arc<Channel>>>,
    /// The last session's number.
    count: AtomicU64,
}

impl Default for People {
    /// Nobody yet. Numbers begin anywhere: they are in commands, and those come to other nodes, which have sessions of their own.
    fn default() -> Self {
        let [.., a, b, c, d, e, f] = *ids::user_id().as_bytes();
        Self {
            by_id: Mutex::default(),
            count: AtomicU64::new(u64::from_be_bytes([0, a, b, c, d, e, f, 0])),
        }
    }
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
    /// Each with its number.
    sessions: Slab<(u64, Signal)>,
    /// The latest notices, of those about the same thing only the last.
    notices: VecDeque<Notice>,
    /// What they are called, once it was asked for or has changed.
    name: Option<Name>,
}

#[derive(Debug)]
struct Notice {
    version: u64,
    about: About,
    what: News,
    /// The number of the session that need not be told; 0 for none.
    by: u64,
}

/// What is told.
#[derive(Clone, Debug)]
enum News {
    Frame(Bytes),
    /// How far they have read this room, which the database says when it is told, and whether they marked the rest as unread.
    Position(RoomName, bool),
    /// That they follow this room no more.
    Left(RoomName, Bytes),
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
        let number = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let key = lock(&channel.inside).sessions.insert((number, signal));
        PersonFeed {
            seen: channel.version.load(Ordering::Acquire),
            people: Arc::clone(self),
            user_id,
            channel,
            key,
            number,
            unsaid: Vec::new(),
            frames: Vec::new(),
            left: Vec::new(),
        }
    }

    /// What somebody is called who has a session, if it is known here.
    pub(crate) fn name_of(&self, user_id: UserId) -> Option<Name> {
        let channel = lock(&self.by_id).get(&user_id).map(Arc::clone)?;
        lock(&channel.inside).name.clone()
    }

    /// Tells all sessions of a person, but for the one that said so. Called by the publisher alone, after the commit.
    pub(crate) fn publish(&self, user_id: UserId, personal: &Personal) {
        let Some(channel) = lock(&self.by_id).get(&user_id).map(Arc::clone) else {
            return;
        };
        let (about, what, by) = notice(user_id, personal);
        let mut inside = lock(&channel.inside);
        if let Personal::Name(name) = personal {
            inside.name = Some(Some(name.as_str().into()));
        }
        inside.notices.retain(|notice| notice.about != about);
        if inside.sessions.iter().all(|(_, (number, _))| *number == by) {
            return;
        }
        let version = channel.version.load(Ordering::Relaxed) + 1;
        if inside.notices.len() >= PERSON_NOTICES_MAX {
            inside.notices.pop_front();
        }
        inside.notices.push_back(Notice {
            version,
            about,
            what,
            by,
        });
        channel.version.store(version, Ordering::Release);
        for (_, (_, signal)) in inside.sessions.iter().filter(|(_, (number, _))| *number != by) {
            signal.wake();
        }
    }
}

/// What a notice is about, what it tells, and the session that it need not tell.
fn notice(user_id: UserId, personal: &Personal) -> (About, News, u64) {
    let (about, frame) = match personal {
        Personal::Left { room } => {
            let frame = bytes_of(&ServerFrame::Left { room });
            return (About::Position(room.clone()), News::Left(room.clone(), frame), 0);
        }
        Personal::Read { room, by } => {
            return (
                About::Position(room.clone()),
                News::Position(room.clone(), false),
                *by,
            );
        }
        Personal::Unread { room } => {
            return (
                About::Position(room.clone()),
                News::Position(room.clone(), true),
                0,
            );
        }
        Personal::Mention { room, mention, rev } => (
            About::Mention(room.clone()),
            ServerFrame::Mention {
                room,
                mention: *mention,
                rev: *rev,
            },
        ),
        Personal::Name(name) => (
            About::Name,
            ServerFrame::Name {
                user_id,
                name: name.as_str(),
            },
        ),
    };
    (about, News::Frame(bytes_of(&frame)), 0)
}

fn bytes_of(frame: &ServerFrame<'_>) -> Bytes {
    let mut bytes = Vec::new();
    encode(frame, &mut bytes);
    Bytes::from(bytes)
}

/// One session's hearing of what concerns its person. It ends when this is dropped.
#[derive(Debug)]
pub struct PersonFeed {
    people: Arc<People>,
    user_id: UserId,
    channel: Arc<Channel>,
    key: usize,
    number: u64,
    seen: u64,
    /// Rooms of which it is to be told how far the person has read, once the database answers. As many as there are notices
    /// at most.
    unsaid: Vec<(RoomName, bool)>,
    /// Frames about other things that were taken and are not handed on yet.
    frames: Vec<Bytes>,
    /// Rooms that are left, by one of them. As many as there are notices at most.
    left: Vec<RoomName>,
}

impl PersonFeed {
    /// The session's number, 1 or more: what it says itself it need not be told.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// What the person is called. The database is asked once for all that do, while the person has a session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn name(&self, chat: &Chat) -> Result<Name, Error> {
        if let Some(name) = &lock(&self.channel.inside).name {
            return Ok(name.clone());
        }
        // Registered first, read afterwards: if they were called something else meanwhile, that is known here, and newer.
        let name = chat.name_of(self.user_id).await?;
        Ok(lock(&self.channel.inside).name.get_or_insert(name).clone())
    }

    /// The rooms that the person has marked as unread, or left, and this session has not been told of: what it has said that was
    /// read there and has not been handed on was said before it knew.
    pub fn marked(&mut self) -> Vec<RoomName> {
        self.take_news();
        let marked = self.unsaid.iter().filter(|(_, is_marked)| *is_marked);
        let marked = marked.map(|(room, _)| room);
        marked.chain(&self.left).cloned().collect()
    }

    /// Appends the frames of what changed since the last time: of several changes of one thing, the last. How far the
    /// person has read is told as it is now.
    ///
    /// # Errors
    /// When the database does not answer, other than for being busy.
    pub async fn pull(&mut self, chat: &Chat, out: &mut Vec<Bytes>) -> Result<(), Error> {
        self.take_news();
        out.append(&mut self.frames);
        self.left.clear();
        if self.unsaid.is_empty() {
            return Ok(());
        }
        // Boxed: it is large, and rare.
        let rooms = self.unsaid.iter().map(|(room, _)| room.clone()).collect();
        let standings = match Box::pin(chat.standings(self.user_id, rooms)).await {
            // It is told with whatever comes next.
            Err(Error::Busy) => return Ok(()),
            standings => standings?,
        };
        let told = std::mem::take(&mut self.unsaid);
        out.extend(standings.iter().map(|(room, read, unread)| {
            bytes_of(&ServerFrame::Read {
                room,
                read: *read,
                unread: *unread,
                marked: told.iter().any(|(told, marked)| told == room && *marked),
            })
        }));
        Ok(())
    }

    fn take_news(&mut self) {
        for news in self.news() {
            match news {
                News::Frame(frame) => self.frames.push(frame),
                News::Left(room, frame) => {
                    self.frames.push(frame);
                    self.left.retain(|known| *known != room);
                    if self.left.len() >= PERSON_NOTICES_MAX {
                        self.left.remove(0);
                    }
                    self.left.push(room);
                }
                News::Position(room, marked) => {
                    self.unsaid.retain(|(known, _)| *known != room);
                    if self.unsaid.len() >= PERSON_NOTICES_MAX {
                        self.unsaid.remove(0);
                    }
                    self.unsaid.push((room, marked));
                }
            }
        }
    }

    fn news(&mut self) -> Vec<News> {
        let version = self.channel.version.load(Ordering::Acquire);
        if version == self.seen {
            return Vec::new();
        }
        let inside = lock(&self.channel.inside);
        let new = inside
            .notices
            .iter()
            .filter(|notice| notice.version > self.seen && notice.by != self.number);
        let news = new.map(|notice| notice.what.clone()).collect();
        self.seen = self.channel.version.load(Ordering::Acquire);
        news
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
    use protocol::PersonName;

    fn read(room: &str, by: u64) -> Personal {
        Personal::Read {
            room: RoomName::parse(room).unwrap(),
            by,
        }
    }

    /// What is told, in short: the room of a position, the name in a frame.
    fn pull(feed: &mut PersonFeed) -> Vec<String> {
        let told = |news| match news {
            News::Frame(frame) => {
                let frame: serde_json::Value = serde_json::from_slice(&frame).unwrap();
                frame["name"].as_str().unwrap().to_owned()
            }
            News::Position(room, _) | News::Left(room, _) => room.to_string(),
        };
        feed.news().into_iter().map(told).collect()
    }

    #[test]
    fn every_session_of_a_person_hears_the_last_of_each_thing_and_nobody_else_does() {
        let people = Arc::new(People::default());
        let (one, other) = (ids::user_id(), ids::user_id());
        let mut here = people.register(one, Signal::default());
        let mut stranger = people.register(other, Signal::default());
        people.publish(one, &read("a", 0));
        let mut there = people.register(one, Signal::default());
        people.publish(one, &read("b", 0));
        people.publish(one, &read("a", 0));
        people.publish(one, &Personal::Name(PersonName::parse("하나").unwrap()));
        let heard = pull(&mut here);
        assert_eq!(heard, pull(&mut there));
        assert_eq!(heard, ["b", "a", "하나"]);
        assert!(pull(&mut here).is_empty());
        assert!(pull(&mut stranger).is_empty());
    }

    #[test]
    fn a_session_does_not_hear_what_it_said_itself() {
        let people = Arc::new(People::default());
        let user_id = ids::user_id();
        let mut here = people.register(user_id, Signal::default());
        people.publish(user_id, &read("a", here.number()));
        assert!(
            lock(&here.channel.inside).notices.is_empty(),
            "nobody has to hear it"
        );
        let mut there = people.register(user_id, Signal::default());
        people.publish(user_id, &read("a", here.number()));
        people.publish(user_id, &read("b", there.number()));
        assert_eq!(
            (pull(&mut here), pull(&mut there)),
            (vec!["b".into()], vec!["a".into()])
        );
    }

    #[test]
    fn what_somebody_is_called_is_known_from_when_it_changes_while_they_have_a_session() {
        let people = Arc::new(People::default());
        let user_id = ids::user_id();
        let named = Personal::Name(PersonName::parse("하나").unwrap());
        people.publish(user_id, &named);
        assert_eq!(people.name_of(user_id), None, "nobody would hear of the next one");
        let feed = people.register(user_id, Signal::default());
        assert_eq!(people.name_of(user_id), None);
        people.publish(user_id, &named);
        assert_eq!(people.name_of(user_id), Some(Some("하나".into())));
        drop(feed);
        assert_eq!(people.name_of(user_id), None);
    }

    #[test]
    fn what_is_kept_for_a_person_is_bounded_and_gone_with_their_last_session() {
        let people = Arc::new(People::default());
        let user_id = ids::user_id();
        let mut feed = people.register(user_id, Signal::default());
        let second = people.register(user_id, Signal::default());
        for number in 0..3 * PERSON_NOTICES_MAX {
            people.publish(user_id, &read(&format!("room-{number}"), 0));
        }
        drop(second);
        assert_eq!(pull(&mut feed).len(), PERSON_NOTICES_MAX);
        drop(feed);
        assert!(lock(&people.by_id).is_empty());
        people.publish(user_id, &read("a", 0));
        assert!(lock(&people.by_id).is_empty());
    }
}
