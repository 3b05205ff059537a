//! How the rooms are that one follows and has not joined, as a session is told of it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::{
    calling, delete, done, fast_folder, fill, folder, in_time, leave, open, post, read, room, topic, value,
};
use bytes::Bytes;
use chat::limits::ROOMS_PER_FRAME_MAX;
use chat::{Chat, ReadTo, RoomsFeed, Signal, ids};
use protocol::{RoomName, UserId};
use serde_json::{Value, json};

/// A chat for which time passes when the test says so.
struct Timed {
    chat: Arc<Chat>,
    now_ms: AtomicU64,
}

impl Timed {
    fn open(folder: &Path) -> Self {
        Self {
            chat: open(folder),
            now_ms: AtomicU64::new(0),
        }
    }

    fn pass(&self, ms: u64) {
        self.chat.tick(self.now_ms.fetch_add(ms, Ordering::Relaxed) + ms);
    }
}

/// A session that hears how rooms are.
struct Hearing<'a> {
    timed: &'a Timed,
    feed: RoomsFeed,
    signal: Signal,
}

impl<'a> Hearing<'a> {
    /// One that has joined these rooms. It was told of `known`, which it follows: so it is known what that is.
    async fn begin(timed: &'a Timed, user_id: UserId, joined: &[&RoomName], known: &RoomName) -> Self {
        let signal = Signal::default();
        let joined = joined.iter().map(|room| (*room).clone()).collect();
        let mut hearing = Self {
            timed,
            feed: timed.chat.hear_rooms(user_id, joined, signal.clone()),
            signal,
        };
        hearing.is_told_of(known).await;
        hearing
    }

    /// Says something in a room and waits until the session is told of it, and of nothing else.
    async fn is_told_of(&mut self, known: &RoomName) {
        done(&self.timed.chat, post(ids::user_id(), known, "Is anybody there?")).await;
        assert_eq!(names(&self.told().await), [known.as_str()]);
    }

    /// The rooms of the frame that comes after a second.
    async fn told(&mut self) -> Vec<Value> {
        self.timed.pass(1_000);
        self.frame().await
    }

    /// The rooms of the next frame.
    async fn frame(&mut self) -> Vec<Value> {
        let mut out: Vec<Bytes> = Vec::new();
        loop {
            self.feed.pull(&mut out);
            if !out.is_empty() {
                break;
            }
            in_time("how the rooms are", self.signal.woken()).await;
        }
        assert_eq!(out.len(), 1);
        let frame = value(&out[0]);
        assert_eq!(frame["type"], "rooms");
        frame["rooms"].as_array().unwrap().clone()
    }
}

fn names(rooms: &[Value]) -> Vec<&str> {
    rooms.iter().map(|room| room["room"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn whoever_follows_a_room_is_told_how_it_is_once_however_much_has_happened() {
    let folder = folder();
    let timed = Timed::open(folder.path());
    let chat = &timed.chat;
    let (lobby, attic) = (room("lobby"), room("attic"));
    let (me, other) = (ids::user_id(), ids::user_id());
    for name in [&lobby, &attic] {
        fill(chat, name, 1).await;
        done(chat, read(me, name, 1)).await;
    }
    let mut hearing = Hearing::begin(&timed, me, &[], &attic).await;
    let rooms = chat.rooms(me).await.unwrap();
    let listed = rooms.iter().find(|row| row.room == attic).unwrap();
    assert_eq!(serde_json::to_value(listed.summary()).unwrap()["unread"], 1);
    for text in ["one", "two", "three"] {
        done(chat, post(other, &lobby, text)).await;
    }
    done(chat, calling(post(other, &lobby, "@me"), &[me])).await;
    done(chat, topic(other, &lobby, "a topic")).await;
    done(chat, delete(other, &lobby, 2)).await;
    let told = hearing.told().await;
    assert_eq!(told.len(), 1);
    let as_listed = chat.rooms(me).await.unwrap();
    let as_listed = as_listed.iter().find(|row| row.room == lobby).unwrap();
    assert_eq!(told[0], serde_json::to_value(as_listed.summary()).unwrap());
    assert_eq!(
        json!([told[0]["head"], told[0]["unread"], told[0]["topic"]]),
        json!([7, 3, "a topic"])
    );
    hearing.is_told_of(&attic).await;
}

#[tokio::test]
async fn of_a_room_that_it_has_joined_a_session_is_told_nothing_and_the_database_is_not_asked() {
    let folder = folder();
    let timed = Timed::open(folder.path());
    let chat = &timed.chat;
    let (lobby, attic) = (room("lobby"), room("attic"));
    fill(chat, &attic, 1).await;
    let people: Vec<_> = (0..20).map(|_| ids::user_id()).collect();
    let mut crowd = Vec::new();
    for person in &people {
        done(chat, post(*person, &lobby, "Here I am.")).await;
        done(chat, read(*person, &attic, 1)).await;
        crowd.push(Hearing::begin(&timed, *person, &[&lobby], &attic).await);
    }
    // What was said to those who came later is told to the others too.
    let last = done(chat, post(ids::user_id(), &attic, "All here?")).await;
    timed.pass(1_000);
    for hearing in &mut crowd {
        while hearing.frame().await[0]["head"] != last {}
    }
    let reads = chat.reads();
    done(chat, post(people[0], &lobby, "Good morning.")).await;
    timed.pass(1_000);
    let mut out = Vec::new();
    for hearing in &crowd {
        hearing.feed.pull(&mut out);
    }
    assert!(out.is_empty());
    assert_eq!(chat.reads(), reads);
}

#[tokio::test]
async fn a_room_is_heard_of_as_soon_as_it_is_followed_and_no_more_when_it_is_left() {
    let folder = folder();
    let timed = Timed::open(folder.path());
    let chat = &timed.chat;
    let (lobby, attic, cellar) = (room("lobby"), room("attic"), room("cellar"));
    let (me, other) = (ids::user_id(), ids::user_id());
    for name in [&lobby, &attic, &cellar] {
        fill(chat, name, 2).await;
    }
    done(chat, read(me, &attic, 2)).await;
    let mut hearing = Hearing::begin(&timed, me, &[], &attic).await;
    done(chat, post(me, &lobby, "from another device")).await;
    assert_eq!(names(&hearing.told().await), ["lobby"]);
    done(chat, read(me, &cellar, 1)).await;
    let told = hearing.told().await;
    assert_eq!(
        json!([told[0]["room"], told[0]["read"], told[0]["unread"]]),
        json!(["cellar", 1, 1])
    );
    done(chat, leave(me, &lobby)).await;
    let told = hearing.told().await;
    assert_eq!(
        json!([told[0]["room"], told[0]["following"]]),
        json!(["lobby", false])
    );
    done(chat, post(other, &lobby, "nobody need hear of it")).await;
    hearing.is_told_of(&attic).await;
    hearing.feed.joined(&attic);
    done(chat, post(other, &attic, "seen anyway")).await;
    hearing.is_told_of(&cellar).await;
    hearing.feed.unsubscribed("attic");
    assert_eq!(names(&hearing.frame().await), ["attic"]);
}

#[tokio::test]
async fn what_was_read_and_is_not_on_the_disk_yet_is_not_told_as_unread() {
    let folder = folder();
    let timed = Timed::open(folder.path());
    let chat = &timed.chat;
    let (lobby, attic) = (room("lobby"), room("attic"));
    let me = ids::user_id();
    for name in [&lobby, &attic] {
        fill(chat, name, 5).await;
        done(chat, read(me, name, 1)).await;
    }
    let mut hearing = Hearing::begin(&timed, me, &[], &attic).await;
    chat.read(ReadTo {
        user_id: me,
        room: lobby.clone(),
        seq: 4,
        session: 7,
    });
    done(chat, post(ids::user_id(), &lobby, "new")).await;
    // Too early for what was read to be put in order.
    timed.pass(999);
    let told = hearing.frame().await;
    assert_eq!(json!([told[0]["read"], told[0]["unread"]]), json!([4, 2]));
}

#[tokio::test]
async fn a_frame_has_so_many_rooms_and_the_others_are_in_the_next() {
    let folder = fast_folder();
    let timed = Timed::open(folder.path());
    let chat = &timed.chat;
    let (me, other) = (ids::user_id(), ids::user_id());
    let rooms: Vec<_> = (0..ROOMS_PER_FRAME_MAX + 5)
        .map(|number| room(&format!("room-{number:02}")))
        .collect();
    for name in &rooms {
        done(chat, post(me, name, "mine")).await;
    }
    let mut hearing = Hearing::begin(&timed, me, &[], &rooms[0]).await;
    for name in &rooms {
        done(chat, post(other, name, "yours")).await;
    }
    let first = hearing.told().await;
    let second = hearing.frame().await;
    assert_eq!((first.len(), second.len()), (ROOMS_PER_FRAME_MAX, 5));
    let mut told = [names(&first), names(&second)].concat();
    told.sort_unstable();
    let all: Vec<_> = rooms.iter().map(RoomName::as_str).collect();
    assert_eq!(told, all);
}
