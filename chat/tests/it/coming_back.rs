//! Many who come back at once cost the database little more than one.

use std::sync::Arc;

use crate::support::{
    Reader, after, delete, done, fill, folder, in_time, join, open, post, reply, room, seqs, value,
};
use chat::{Chat, JoinCursor, Joined, Signal, ids};
use protocol::RoomName;
use protocol::limits::CATCH_UP_EVENTS_MAX;

const PEOPLE: u64 = 300;
/// How far apart those stand who were cut off together.
const SPREAD: u64 = 40;

/// All of them join at once, from places that lie close to one another, and read what they missed.
async fn come_back(chat: &Arc<Chat>, room: &RoomName, from: u64, head: u64) -> Vec<Reader> {
    let people: Vec<_> = (0..PEOPLE)
        .map(|number| {
            let (chat, room) = (Arc::clone(chat), room.clone());
            let place = from + number * 7 % SPREAD;
            tokio::spawn(async move {
                let mut reader = join(&chat, &room, after(&chat, place)).await;
                assert_eq!(reader.head, head);
                let read = reader.read_now(&chat).await;
                assert_eq!(seqs(&read), Vec::from_iter(place + 1..=head));
                reader
            })
        })
        .collect();
    let mut readers = Vec::new();
    for person in people {
        readers.push(in_time("somebody to come back", person).await.unwrap());
    }
    readers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn when_everybody_comes_back_after_a_restart_the_room_is_read_once_for_all() {
    let folder = folder();
    let lobby = room("lobby");
    let (from, head) = (130, 180);
    fill(&open(folder.path()), &lobby, head).await;
    let chat = open(folder.path());
    let before = chat.reads();
    let readers = come_back(&chat, &lobby, from, head as u64).await;
    assert_eq!(chat.reads() - before, 2, "once its end, once what was missed");
    drop(readers);
}

#[tokio::test]
async fn whoever_joins_a_room_that_others_are_in_asks_nothing_of_the_database() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 3).await;
    let mut first = join(&chat, &lobby, JoinCursor::default()).await;
    fill(&chat, &lobby, 5).await;
    let said = first.read_to(&chat, 8).await;
    let id = value(&said[1])["id"].as_str().unwrap().parse().unwrap();
    let before = chat.reads();
    let now = join(&chat, &lobby, JoinCursor::default()).await;
    assert_eq!((now.head, now.feed.cursor()), (8, 8));
    assert!(now.feed.event_id().is_some());
    let cursor = JoinCursor {
        event_id: Some(id),
        ..after(&chat, 5)
    };
    let mut later = join(&chat, &lobby, cursor).await;
    assert_eq!(seqs(&later.read_now(&chat).await), [6, 7, 8]);
    let elsewhere = JoinCursor {
        event_id: Some(ids::event_id()),
        ..cursor
    };
    let joined = chat.join(&lobby, elsewhere, Signal::default()).await.unwrap();
    assert!(matches!(joined, Joined::Resync), "another event stands there");
    assert_eq!(chat.reads(), before);
}

#[tokio::test]
async fn the_places_of_a_cursor_are_looked_up_by_one_read() {
    let folder = folder();
    let chat = open(folder.path());
    let mut places = Vec::new();
    for number in 0..50 {
        let name = room(&format!("room-{number}"));
        fill(&chat, &name, 1).await;
        places.push((name, after(&chat, number % 3)));
    }
    let before = chat.reads();
    let joined = chat.join_all(places, &Signal::default()).await.unwrap();
    assert_eq!(chat.reads() - before, 1);
    for (number, joined) in joined.iter().enumerate() {
        match joined {
            Joined::Feed { feed, head } => {
                assert_eq!((feed.room().as_str(), *head), (&*format!("room-{number}"), 1));
                assert_eq!(feed.cursor(), number as u64 % 3);
            }
            Joined::Resync => assert_eq!(number % 3, 2, "beyond the end"),
            Joined::Behind => panic!("there are no other nodes"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_deletion_took_is_read_once_for_those_who_missed_it_and_the_rest_comes_from_memory() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    let first = join(&chat, &lobby, JoinCursor::default()).await;
    for number in 1..=180 {
        let command = match number {
            120 => post(author, &lobby, "a secret"),
            121 => reply(author, &lobby, "an answer to it", 120),
            _ => post(author, &lobby, "something else"),
        };
        assert_eq!(done(&chat, command).await, number);
    }
    let head = done(&chat, delete(author, &lobby, 120)).await;
    let before = chat.reads();
    let readers = come_back(&chat, &lobby, 125, head).await;
    assert_eq!(chat.reads(), before, "what comes after the secret is still there");
    let others = come_back(&chat, &lobby, 72, head).await;
    assert_eq!(chat.reads() - before, 1, "the secret's place is read once");
    let mut late = join(&chat, &lobby, after(&chat, 119)).await;
    let read = late.read_now(&chat).await;
    assert!(
        read.iter()
            .all(|frame| !String::from_utf8_lossy(frame).contains("a secret"))
    );
    drop((first, readers, others));
}

#[tokio::test]
async fn whoever_is_too_far_behind_is_told_so_also_from_memory() {
    let folder = crate::support::fast_folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    let _here = join(&chat, &lobby, JoinCursor::default()).await;
    fill(&chat, &lobby, CATCH_UP_EVENTS_MAX as usize + 10).await;
    for (place, is_near) in [(9, false), (10, true), (5_000, true)] {
        let joined = chat.join(&lobby, after(&chat, place), Signal::default()).await;
        let is_feed = matches!(joined.unwrap(), Joined::Feed { .. });
        assert_eq!(is_feed, is_near, "from {place}");
    }
}
