//! Rooms one follows: read positions, unread counts, lists, topics.

use crate::support::{
    delete, done, edit, events, fast_folder, fill, folder, in_time, leave, open, post, read, rename, room,
    topic, unread, value, whole,
};
use bytes::Bytes;
use chat::limits::FOLLOWERS_LOOKED_AT_MAX;
use chat::{Chat, PersonFeed, Position, RoomRow, Signal, ids};
use protocol::UserId;
use protocol::limits::{ROOMS_FOUND_MAX, ROOMS_LISTED_MAX, SEEN_PEOPLE_MAX, UNREAD_MAX};
use serde_json::{Value, json};

async fn position(chat: &Chat, user_id: UserId, name: &str) -> Option<(u64, u64)> {
    let rooms = chat.rooms(user_id).await.unwrap();
    let of_room = rooms.iter().find(|row| row.room.as_str() == name)?;
    of_room.position.map(|position| (position.seq, position.unread))
}

fn names(rooms: &[RoomRow]) -> Vec<&str> {
    rooms.iter().map(|row| row.room.as_str()).collect()
}

#[tokio::test]
async fn reading_moves_forward_only_within_the_room_and_unread_messages_are_those_of_others() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let (me, other) = (ids::user_id(), ids::user_id());
    for number in 1..=5 {
        done(&chat, post(other, &lobby, &format!("number {number}"))).await;
    }
    assert_eq!(position(&chat, me, "lobby").await, None);
    assert_eq!(done(&chat, read(me, &lobby, 0)).await, 5, "the head is answered");
    assert_eq!(
        position(&chat, me, "lobby").await,
        Some((0, 5)),
        "whoever reads, follows"
    );
    done(&chat, read(me, &lobby, 3)).await;
    done(&chat, read(me, &lobby, 2)).await;
    assert_eq!(position(&chat, me, "lobby").await, Some((3, 2)));
    done(&chat, read(me, &lobby, u64::MAX)).await;
    assert_eq!(
        position(&chat, me, "lobby").await,
        Some((5, 0)),
        "capped at the head"
    );
    done(&chat, unread(me, &lobby, 1)).await;
    assert_eq!(position(&chat, me, "lobby").await, Some((1, 4)));
    done(&chat, delete(other, &lobby, 2)).await;
    assert_eq!(
        position(&chat, me, "lobby").await,
        Some((1, 3)),
        "a deleted one need not be read"
    );
    done(&chat, edit(other, &lobby, 3, "another text")).await;
    done(&chat, topic(other, &lobby, "a topic")).await;
    assert_eq!(
        position(&chat, me, "lobby").await,
        Some((1, 3)),
        "only messages count"
    );
    assert_eq!(done(&chat, post(me, &lobby, "me too")).await, 9);
    assert_eq!(
        position(&chat, me, "lobby").await,
        Some((9, 0)),
        "whoever posts has read"
    );
    assert_eq!(
        position(&chat, other, "lobby").await,
        Some((5, 1)),
        "and follows; edits do not count as reading"
    );
    done(&chat, leave(me, &lobby)).await;
    assert_eq!(position(&chat, me, "lobby").await, None);
    for nowhere in [
        read(me, &room("nowhere"), 3),
        unread(me, &room("nowhere"), 3),
        leave(me, &room("nowhere")),
    ] {
        assert_eq!(done(&chat, nowhere).await, 0);
    }
    assert_eq!(
        whole(&chat, &lobby).await.seq,
        9,
        "none of it is an event of the room"
    );
}

#[tokio::test]
async fn unread_messages_are_counted_up_to_a_bound() {
    let folder = fast_folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let me = ids::user_id();
    done(&chat, post(me, &lobby, "first")).await;
    fill(&chat, &lobby, usize::try_from(UNREAD_MAX).unwrap() + 10).await;
    assert_eq!(position(&chat, me, "lobby").await, Some((1, UNREAD_MAX)));
}

async fn hear(chat: &Chat, feed: &mut PersonFeed, signal: &Signal) -> Value {
    let mut out: Vec<Bytes> = Vec::new();
    while out.is_empty() {
        in_time("a word to oneself", signal.woken()).await;
        feed.pull(chat, &mut out).await.unwrap();
    }
    assert_eq!(out.len(), 1, "{out:?}");
    value(&out[0])
}

#[tokio::test]
async fn all_of_a_person_s_sessions_hear_what_changed_for_them_once_it_is_on_the_disk() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let (me, other) = (ids::user_id(), ids::user_id());
    fill(&chat, &lobby, 3).await;
    let signal = Signal::default();
    let mut feed = chat.hear_personally(me, signal.clone());
    done(&chat, read(other, &lobby, 2)).await;
    done(&chat, read(me, &lobby, 2)).await;
    let heard = hear(&chat, &mut feed, &signal).await;
    assert_eq!(
        heard,
        json!({ "type": "read", "room": "lobby", "read": 2, "unread": 1 })
    );
    done(&chat, read(me, &lobby, 1)).await;
    done(&chat, unread(me, &lobby, 1)).await;
    assert_eq!(
        hear(&chat, &mut feed, &signal).await["read"],
        1,
        "what changed nothing is not told"
    );
    done(&chat, leave(me, &lobby)).await;
    done(&chat, leave(me, &lobby)).await;
    assert_eq!(
        hear(&chat, &mut feed, &signal).await,
        json!({ "type": "left", "room": "lobby" })
    );
    done(&chat, rename(me, "하나")).await;
    let heard = hear(&chat, &mut feed, &signal).await;
    assert_eq!(heard, json!({ "type": "name", "userId": me, "name": "하나" }));
    done(&chat, rename(me, "하나")).await;
    done(
        &chat,
        post(me, &lobby, "my message says itself that I have read it"),
    )
    .await;
    let mut out = Vec::new();
    feed.pull(&chat, &mut out).await.unwrap();
    assert!(out.is_empty(), "{out:?}");
}

#[tokio::test]
async fn a_name_is_the_one_of_its_time() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let me = ids::user_id();
    assert_eq!(chat.name_of(me).await.unwrap(), None);
    done(&chat, post(me, &lobby, "nameless")).await;
    assert_eq!(done(&chat, rename(me, "하나")).await, 0);
    done(&chat, post(me, &lobby, "named")).await;
    done(&chat, rename(me, "Hana")).await;
    done(&chat, topic(me, &lobby, "names")).await;
    assert_eq!(chat.name_of(me).await.unwrap().as_deref(), Some("Hana"));
    let expected = [None, Some("하나"), Some("Hana")];
    let events = events(&chat, &lobby, 0).await;
    let by_events: Vec<_> = events.iter().map(|event| event["name"].as_str()).collect();
    assert_eq!(by_events, expected);
    let page = whole(&chat, &lobby).await;
    let by_page: Vec<_> = page.messages.iter().map(|row| row.name.as_deref()).collect();
    assert_eq!(by_page, expected[..2]);
}

#[tokio::test]
async fn a_topic_makes_a_room_and_is_told_as_an_event() {
    let folder = folder();
    let chat = open(folder.path());
    let (new, me) = (room("새방"), ids::user_id());
    assert_eq!(done(&chat, topic(me, &new, "무엇이든")).await, 1);
    let page = whole(&chat, &new).await;
    assert_eq!((page.topic.as_str(), page.seq), ("무엇이든", 1));
    let event = &events(&chat, &new, 0).await[0];
    assert_eq!(
        json!([event["type"], event["topic"]]),
        json!(["topic", "무엇이든"])
    );
    assert_eq!(done(&chat, topic(me, &new, "")).await, 2);
    assert_eq!(whole(&chat, &new).await.topic, "");
    assert_eq!(
        done(&chat, topic(me, &room("empty"), "")).await,
        1,
        "one without a topic is made too"
    );
    assert_eq!(names(&chat.find_rooms(None, "empty").await.unwrap()), ["empty"]);
}

#[tokio::test]
async fn rooms_are_listed_by_name_and_found_by_a_part_of_it() {
    let folder = fast_folder();
    let chat = open(folder.path());
    let (me, other) = (ids::user_id(), ids::user_id());
    for name in ["lobby", "개발", "개발-후기", "dev"] {
        done(&chat, post(other, &room(name), "hello")).await;
    }
    done(&chat, read(me, &room("개발"), 0)).await;
    done(&chat, read(me, &room("dev"), 1)).await;
    let listed = chat.rooms(me).await.unwrap();
    assert_eq!(names(&listed), ["dev", "개발"]);
    let unread = Position {
        seq: 0,
        unread: 1,
        mention: 0,
    };
    assert_eq!(listed[1].position, Some(unread));
    assert_eq!(names(&chat.rooms(ids::user_id()).await.unwrap()), [""; 0]);

    let found = chat.find_rooms(Some(me), "개발").await.unwrap();
    let mut found_names = names(&found);
    found_names.sort_unstable();
    assert_eq!(found_names, ["개발", "개발-후기"]);
    let is_followed: Vec<bool> = found.iter().map(|row| row.position.is_some()).collect();
    assert_eq!(is_followed.iter().filter(|followed| **followed).count(), 1);
    assert_eq!(names(&chat.find_rooms(Some(me), " DEV ").await.unwrap()), ["dev"]);
    assert_eq!(names(&chat.find_rooms(None, "%").await.unwrap()), [""; 0]);
    done(&chat, post(other, &room("마당-소식"), "x")).await;
    for written in ["ㅁ", "마", "맏", "마다", "마당", "ㅁㄷ", "ㅅㅅ", "솟", "소시"] {
        let found = chat.find_rooms(None, written).await.unwrap();
        assert!(names(&found).contains(&"마당-소식"), "{written}");
    }
    assert_eq!(names(&chat.find_rooms(None, "ㅁㅂ").await.unwrap()), [""; 0]);
    let mut late = post(other, &room("lobby"), "the latest");
    late.at += 60_000;
    done(&chat, late).await;
    assert_eq!(chat.find_rooms(None, "").await.unwrap()[0].room.as_str(), "lobby");

    for number in 0..ROOMS_LISTED_MAX + 5 {
        done(&chat, post(me, &room(&format!("room-{number:03}")), "x")).await;
    }
    assert_eq!(chat.rooms(me).await.unwrap().len(), ROOMS_LISTED_MAX);
    // Of too many, those are left out that there is nothing to read in; and who is called is never left out.
    done(&chat, post(other, &room("room-104"), "@나나")).await;
    done(&chat, rename(me, "나나")).await;
    done(&chat, post(other, &room("room-103"), "@나나")).await;
    for number in 0..100 {
        done(&chat, post(other, &room(&format!("room-{number:03}")), "y")).await;
    }
    let rooms = chat.rooms(me).await.unwrap();
    assert!(rooms.is_sorted_by_key(|row| row.room.as_str().to_owned()));
    assert_eq!(rooms.len(), ROOMS_LISTED_MAX);
    assert!(names(&rooms).contains(&"room-103"));
    assert!(
        rooms
            .iter()
            .all(|row| row.position.is_some_and(|position| position.unread > 0))
    );
    assert_eq!(
        chat.find_rooms(None, "room").await.unwrap().len(),
        ROOMS_FOUND_MAX
    );
}

#[tokio::test]
async fn who_has_seen_what_is_told_up_to_a_number_of_followers() {
    let folder = fast_folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let (a, b) = (ids::user_id(), ids::user_id());
    done(&chat, rename(a, "하나")).await;
    done(&chat, post(a, &lobby, "one")).await;
    done(&chat, post(a, &lobby, "two")).await;
    done(&chat, read(b, &lobby, 1)).await;
    let seen = chat.seen(&lobby, 0).await.unwrap().unwrap();
    let seen: Vec<_> = seen
        .iter()
        .map(|row| (row.user_id, row.name.as_deref(), row.seq))
        .collect();
    assert_eq!(seen.len(), 2);
    assert!(
        seen.contains(&(a, Some("하나"), 2)) && seen.contains(&(b, None, 1)),
        "{seen:?}"
    );
    let far = chat.seen(&lobby, 2).await.unwrap().unwrap();
    assert_eq!(far.iter().map(|row| row.user_id).collect::<Vec<_>>(), [a]);
    assert_eq!(chat.seen(&lobby, u64::MAX).await.unwrap().unwrap(), []);
    assert_eq!(chat.seen(&room("nowhere"), 0).await.unwrap().unwrap(), []);
    for _ in 2..SEEN_PEOPLE_MAX {
        done(&chat, read(ids::user_id(), &lobby, 1)).await;
    }
    assert_eq!(
        chat.seen(&lobby, 0).await.unwrap().unwrap().len(),
        SEEN_PEOPLE_MAX
    );
    done(&chat, read(ids::user_id(), &lobby, 1)).await;
    assert_eq!(chat.seen(&lobby, 0).await.unwrap(), None);
    // They have not read what comes next, and may never come back.
    let far = chat.seen(&lobby, 2).await.unwrap().unwrap();
    assert_eq!(far.iter().map(|row| row.user_id).collect::<Vec<_>>(), [a]);
}

#[tokio::test]
async fn of_more_followers_than_are_looked_at_nobody_is_told() {
    let folder = fast_folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    done(&chat, post(author, &lobby, "one")).await;
    for _ in 1..FOLLOWERS_LOOKED_AT_MAX {
        done(&chat, read(ids::user_id(), &lobby, 0)).await;
    }
    let seen = chat.seen(&lobby, 1).await.unwrap().unwrap();
    assert_eq!(seen.iter().map(|row| row.user_id).collect::<Vec<_>>(), [author]);
    done(&chat, read(ids::user_id(), &lobby, 0)).await;
    assert_eq!(chat.seen(&lobby, 1).await.unwrap(), None);
}
