//! Who is in a room and who is typing there, as a session hears of it.

use crate::support::{Reader, done, folder, in_time, join, open, rename, room, value};
use bytes::Bytes;
use chat::limits::{PRESENCE_GRACE_MS, PRESENCE_SHOWN_PEOPLE, TYPING_EXPIRES_MS, TYPING_ROOM_PEOPLE_MAX};
use chat::{Chat, Here, JoinCursor, ids};
use protocol::{RoomName, UserId};
use serde_json::{Value, json};

/// A session that has joined a room and is in it.
struct Visit {
    reader: Reader,
    here: Here,
    seen: u64,
}

impl Visit {
    async fn begin(chat: &Chat, room: &RoomName, user_id: UserId) -> Self {
        Self {
            reader: join(chat, room, JoinCursor::default()).await,
            here: chat.enter(room, user_id).await.unwrap(),
            seen: 0,
        }
    }

    fn hear(&mut self) -> Vec<Value> {
        let mut out: Vec<Bytes> = Vec::new();
        if self.seen == 0 || self.reader.feed.ephemeral_version() > self.seen {
            self.seen = self.here.pull(self.seen, &mut out);
        }
        out.iter().map(|frame| value(frame)).collect()
    }

    /// What is heard once there is something to hear.
    async fn woken(&mut self) -> Value {
        in_time("a wake-up", self.reader.signal.woken()).await;
        let mut heard = self.hear();
        assert_eq!(heard.len(), 1, "{heard:?}");
        heard.remove(0)
    }
}

fn presence(people: &[(UserId, Option<&str>)]) -> Value {
    let count = people.len();
    json!({ "type": "presence", "room": "lobby", "people": listed(people), "count": count })
}

fn typing(people: &[(UserId, Option<&str>)]) -> Value {
    json!({ "type": "typing", "room": "lobby", "people": listed(people) })
}

fn listed(people: &[(UserId, Option<&str>)]) -> Vec<Value> {
    let person = |(user_id, name): &(UserId, Option<&str>)| match name {
        Some(name) => json!({ "userId": user_id, "name": name }),
        None => json!({ "userId": user_id }),
    };
    people.iter().map(person).collect()
}

#[tokio::test]
async fn whoever_comes_sees_who_is_there_and_the_others_hear_of_it_with_the_next_tick() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let (a, b) = (ids::user_id(), ids::user_id());
    done(&chat, rename(a, "하나")).await;
    chat.tick(1_000);
    let mut first = Visit::begin(&chat, &lobby, a).await;
    assert_eq!(first.hear(), [presence(&[(a, Some("하나"))])]);
    chat.tick(2_000);
    first.woken().await;
    let mut second = Visit::begin(&chat, &lobby, b).await;
    let both = presence(&[(a, Some("하나")), (b, None)]);
    assert_eq!(second.hear(), std::slice::from_ref(&both));
    assert!(first.hear().is_empty(), "not before the tick");
    chat.tick(3_000);
    assert_eq!(first.woken().await, both);

    done(&chat, rename(b, "두리")).await;
    chat.tick(4_000);
    let renamed = presence(&[(a, Some("하나")), (b, Some("두리"))]);
    assert_eq!(first.woken().await, renamed);
    chat.tick(5_000);
    assert!(first.hear().is_empty(), "what has not changed is not told again");
    assert_eq!(
        second.hear(),
        std::slice::from_ref(&renamed),
        "of what changed while one was busy, the last"
    );

    let third = Visit::begin(&chat, &lobby, b).await;
    drop((second, third));
    chat.tick(5_000 + PRESENCE_GRACE_MS - 1);
    assert!(first.hear().is_empty(), "a reload is not seen");
    chat.tick(5_000 + PRESENCE_GRACE_MS);
    assert_eq!(first.woken().await, presence(&[(a, Some("하나"))]));
}

#[tokio::test]
async fn typing_is_told_at_once_and_expires() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let (a, b) = (ids::user_id(), ids::user_id());
    done(&chat, rename(a, "하나")).await;
    chat.tick(1_000);
    let mut one = Visit::begin(&chat, &lobby, a).await;
    let mut other = Visit::begin(&chat, &lobby, b).await;
    chat.tick(2_000);
    one.hear();
    other.hear();
    chat.set_typing(&lobby, a, true);
    assert_eq!(other.hear(), [typing(&[(a, Some("하나"))])]);
    chat.set_typing(&lobby, a, false);
    assert_eq!(other.hear(), [typing(&[])]);
    for _ in 0..2 {
        chat.set_typing(&lobby, a, true);
        assert_eq!(other.hear(), [typing(&[(a, Some("하나"))])]);
        chat.set_typing(&lobby, a, false);
        assert_eq!(other.hear(), [typing(&[])]);
    }
    chat.set_typing(&lobby, a, true);
    chat.set_typing(&lobby, ids::user_id(), true);
    assert!(
        other.hear().is_empty(),
        "three times a second is enough, and who is not here is not typing here"
    );
    chat.tick(3_000);
    chat.set_typing(&lobby, a, true);
    assert_eq!(other.hear(), [typing(&[(a, Some("하나"))])]);
    let mut late = Visit::begin(&chat, &lobby, b).await;
    assert_eq!(
        late.hear()[1],
        typing(&[(a, Some("하나"))]),
        "whoever comes later sees it too"
    );
    chat.tick(3_000 + TYPING_EXPIRES_MS - 1);
    assert!(other.hear().is_empty());
    chat.tick(3_000 + TYPING_EXPIRES_MS);
    assert_eq!(other.hear(), [typing(&[])]);
}

#[tokio::test]
async fn in_a_crowd_only_some_are_named_and_nobody_is_typing() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let mut crowd = Vec::new();
    let first = ids::user_id();
    crowd.push(chat.enter(&lobby, first).await.unwrap());
    for _ in 0..TYPING_ROOM_PEOPLE_MAX.max(PRESENCE_SHOWN_PEOPLE) {
        crowd.push(chat.enter(&lobby, ids::user_id()).await.unwrap());
    }
    let mut visit = Visit::begin(&chat, &lobby, ids::user_id()).await;
    let heard = visit.hear();
    assert_eq!(
        heard[0]["people"].as_array().unwrap().len(),
        PRESENCE_SHOWN_PEOPLE
    );
    assert_eq!(heard[0]["count"], crowd.len() + 1);
    chat.set_typing(&lobby, first, true);
    chat.tick(1_000);
    assert!(visit.hear().iter().all(|frame| frame["type"] != "typing"));
}

#[tokio::test]
async fn a_version_from_elsewhere_is_told_everything_and_one_of_now_nothing() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let here = chat.enter(&lobby, ids::user_id()).await.unwrap();
    chat.tick(1_000);
    let mut out = Vec::new();
    let seen = here.pull(0, &mut out);
    assert_eq!(out.len(), 1);
    assert_eq!(here.pull(seen, &mut out), seen);
    assert_eq!(out.len(), 1);
    here.pull(u64::MAX, &mut out);
    assert_eq!(out.len(), 2);
}
