//! Read positions on their way to the database: many in one command, in the way of nobody.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::support::{done, fast_folder, fill, folder, in_time, leave, open, post, room, unread, value};
use bytes::Bytes;
use chat::limits::{POSITIONS_PER_COMMAND_MAX, READING_OFFER_MS, READING_POSITIONS_MAX, READING_ROOMS_MAX};
use chat::order::{InProcessOrder, Order, in_process};
use chat::{Action, Chat, Command, DataFolder, PageQuery, ReadTo, Refusal, Reply, Signal, ids};
use protocol::{RoomName, UserId};
use serde_json::json;
use tokio::sync::watch;

pub(crate) fn to(user_id: UserId, room: &RoomName, seq: u64) -> ReadTo {
    ReadTo {
        user_id,
        room: room.clone(),
        seq,
        session: 0,
    }
}

pub(crate) async fn position(chat: &Chat, user_id: UserId, name: &str) -> Option<(u64, u64)> {
    let rooms = chat.rooms(user_id).await.unwrap();
    let of_room = rooms.iter().find(|row| row.room.as_str() == name)?;
    of_room.position.map(|position| (position.seq, position.unread))
}

pub(crate) async fn until(chat: &Chat, user_id: UserId, name: &str, expected: (u64, u64)) {
    in_time("a position", async {
        while position(chat, user_id, name).await != Some(expected) {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// What the tests see of an order, and do to it.
#[derive(Clone, Default)]
struct Watch {
    /// How many positions each command had.
    counts: Arc<Mutex<Vec<usize>>>,
    is_busy: Arc<AtomicBool>,
    is_crowded: watch::Sender<bool>,
}

struct Watched(InProcessOrder, Watch);

impl Order for Watched {
    fn offer(&self, command: Command, reply: Reply) -> Result<(), Refusal> {
        if let Action::Positions { positions } = &command.action {
            self.1.counts.lock().unwrap().push(positions.len());
            if self.1.is_busy.load(Ordering::Relaxed) {
                reply.send(Err(Refusal::Busy));
                return Err(Refusal::Busy);
            }
        }
        self.0.offer(command, reply)
    }

    fn crowd(&self) -> watch::Receiver<bool> {
        self.1.is_crowded.subscribe()
    }

    fn close(&self) {
        self.0.close();
    }
}

fn watched(folder: &std::path::Path) -> (Chat, Watch) {
    let watch = Watch::default();
    let seen = watch.clone();
    let chat = Chat::open_with(DataFolder::open(folder).unwrap(), |applied| {
        let (order, ordered) = in_process(applied);
        (Box::new(Watched(order, seen)), ordered)
    });
    (chat.unwrap(), watch)
}

#[tokio::test]
async fn what_many_have_read_is_put_in_order_together_when_it_is_time() {
    let folder = fast_folder();
    let (chat, watch) = watched(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 9).await;
    let people: Vec<UserId> = (0..POSITIONS_PER_COMMAND_MAX + 10)
        .map(|_| ids::user_id())
        .collect();
    for seq in [3, 7, 5] {
        for user_id in &people {
            chat.read(to(*user_id, &lobby, seq));
        }
    }
    chat.tick(READING_OFFER_MS - 1);
    assert_eq!(*watch.counts.lock().unwrap(), [0; 0], "it is not time yet");
    chat.tick(READING_OFFER_MS);
    for user_id in &people {
        until(&chat, *user_id, "lobby", (7, 2)).await;
    }
    assert_eq!(*watch.counts.lock().unwrap(), [POSITIONS_PER_COMMAND_MAX, 10]);
    chat.read(to(people[0], &room("nowhere"), 5));
    chat.read(to(people[0], &lobby, u64::MAX));
    chat.tick(2 * READING_OFFER_MS);
    until(&chat, people[0], "lobby", (9, 0)).await;
    assert_eq!(position(&chat, people[0], "nowhere").await, None);
}

#[tokio::test]
async fn what_somebody_has_read_who_leaves_is_put_in_order_at_once() {
    let folder = folder();
    let (chat, watch) = watched(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 3).await;
    let (one, other) = (ids::user_id(), ids::user_id());
    chat.read(to(one, &lobby, 2));
    chat.hasten_reading(other);
    assert_eq!(*watch.counts.lock().unwrap(), [0; 0], "nothing of theirs waits");
    chat.hasten_reading(one);
    until(&chat, one, "lobby", (2, 1)).await;
}

#[tokio::test]
async fn what_was_read_is_on_the_disk_when_the_chat_is_closed() {
    let folder = folder();
    let lobby = room("lobby");
    let people: Vec<UserId> = (0..3 * POSITIONS_PER_COMMAND_MAX)
        .map(|_| ids::user_id())
        .collect();
    let chat = open(folder.path());
    fill(&chat, &lobby, 3).await;
    for user_id in &people {
        chat.read(to(*user_id, &lobby, 2));
    }
    chat.close();
    drop(chat);
    let chat = open(folder.path());
    for user_id in &people {
        assert_eq!(position(&chat, *user_id, "lobby").await, Some((2, 1)));
    }
}

#[tokio::test]
async fn marking_as_unread_and_leaving_win_over_what_waits() {
    let folder = folder();
    let (chat, watch) = watched(folder.path());
    let (lobby, attic) = (room("lobby"), room("attic"));
    fill(&chat, &lobby, 5).await;
    fill(&chat, &attic, 5).await;
    let me = ids::user_id();
    done(&chat, unread(me, &attic, 1)).await;
    let waits = || {
        chat.read(to(me, &lobby, 5));
        chat.read(to(me, &attic, 5));
    };
    // Not offered yet; and offered once already, refused, and waiting again.
    for is_busy in [false, true] {
        watch.is_busy.store(is_busy, Ordering::Relaxed);
        waits();
        if is_busy {
            chat.hasten_reading(me);
        }
        done(&chat, unread(me, &lobby, 2)).await;
        done(&chat, leave(me, &attic)).await;
        watch.is_busy.store(false, Ordering::Relaxed);
        let other = ids::user_id();
        chat.read(to(other, &lobby, 5));
        chat.hasten_reading(other);
        until(&chat, other, "lobby", (5, 0)).await;
        assert_eq!(position(&chat, me, "lobby").await, Some((2, 3)));
        assert_eq!(position(&chat, me, "attic").await, None);
    }
    chat.read(to(me, &lobby, 4));
    chat.hasten_reading(me);
    until(&chat, me, "lobby", (4, 1)).await;
}

#[tokio::test]
async fn while_the_order_is_busy_or_crowded_positions_stay_and_nobody_s_message_waits_for_them() {
    let folder = folder();
    let (chat, watch) = watched(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 3).await;
    let me = ids::user_id();
    watch.is_busy.store(true, Ordering::Relaxed);
    chat.read(to(me, &lobby, 2));
    chat.hasten_reading(me);
    assert_eq!(*watch.counts.lock().unwrap(), [1]);
    watch.is_busy.store(false, Ordering::Relaxed);
    watch.is_crowded.send_replace(true);
    chat.tick(READING_OFFER_MS);
    done(&chat, post(ids::user_id(), &lobby, "in time")).await;
    assert_eq!(*watch.counts.lock().unwrap(), [1], "not even offered");
    assert_eq!(position(&chat, me, "lobby").await, None);
    watch.is_crowded.send_replace(false);
    chat.tick(2 * READING_OFFER_MS);
    until(&chat, me, "lobby", (2, 2)).await;
}

#[tokio::test]
async fn what_was_read_counts_in_all_lists_of_rooms_before_it_is_on_the_disk() {
    let folder = folder();
    let (chat, watch) = watched(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 5).await;
    let me = ids::user_id();
    done(&chat, unread(me, &lobby, 1)).await;
    let lists = async || {
        let query = PageQuery {
            limit: 1,
            ..PageQuery::default()
        };
        [
            chat.rooms(me).await.unwrap(),
            chat.find_rooms(Some(me), "lobby").await.unwrap(),
            chat.visit(&lobby, query, Some(me)).await.unwrap().rooms,
        ]
        .map(|rooms| rooms[0].position.map(|position| (position.seq, position.unread)))
    };
    assert_eq!(lists().await, [Some((1, 4)); 3]);
    chat.read(to(me, &lobby, 3));
    assert_eq!(lists().await, [Some((3, 2)); 3], "said");
    watch.is_busy.store(true, Ordering::Relaxed);
    chat.hasten_reading(me);
    assert_eq!(lists().await, [Some((3, 2)); 3], "refused by the order");
    chat.read(to(me, &lobby, u64::MAX));
    assert_eq!(lists().await, [Some((5, 0)); 3], "no further than the head");
    watch.is_busy.store(false, Ordering::Relaxed);
    done(&chat, unread(me, &lobby, 2)).await;
    assert_eq!(
        lists().await,
        [Some((2, 3)); 3],
        "what is marked as unread waits no more"
    );
}

#[tokio::test]
async fn one_person_s_positions_are_bounded_and_take_no_place_from_others() {
    let folder = folder();
    let (chat, watch) = watched(folder.path());
    let (me, other) = (ids::user_id(), ids::user_id());
    for number in 0..3 * READING_ROOMS_MAX {
        chat.read(to(me, &room(&format!("nowhere-{number}")), 1));
    }
    chat.read(to(other, &room("nowhere-0"), 1));
    chat.tick(READING_OFFER_MS);
    assert_eq!(*watch.counts.lock().unwrap(), [READING_ROOMS_MAX + 1]);
}

#[tokio::test]
async fn what_waits_while_the_order_is_busy_is_bounded() {
    let folder = fast_folder();
    let (chat, watch) = watched(folder.path());
    watch.is_busy.store(true, Ordering::Relaxed);
    let nowhere = room("nowhere");
    for _ in 0..READING_POSITIONS_MAX + 5 {
        chat.read(to(ids::user_id(), &nowhere, 1));
    }
    assert_eq!(
        watch.counts.lock().unwrap().len(),
        5,
        "what is one too many is an occasion to offer them"
    );
    watch.counts.lock().unwrap().clear();
    watch.is_busy.store(false, Ordering::Relaxed);
    chat.tick(READING_OFFER_MS);
    let offered = || watch.counts.lock().unwrap().iter().sum::<usize>();
    in_time("all of it", async {
        while offered() < READING_POSITIONS_MAX {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let (me, lobby) = (ids::user_id(), room("lobby"));
    fill(&chat, &lobby, 1).await;
    chat.read(to(me, &lobby, 1));
    chat.hasten_reading(me);
    until(&chat, me, "lobby", (1, 0)).await;
    assert_eq!(offered(), READING_POSITIONS_MAX + 1);
}

#[tokio::test]
async fn a_session_does_not_hear_what_it_has_read_itself_but_that_it_follows_a_room_now() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 5).await;
    let me = ids::user_id();
    let (here_signal, there_signal) = (Signal::default(), Signal::default());
    let mut here = chat.hear_personally(me, here_signal.clone());
    let mut there = chat.hear_personally(me, there_signal.clone());
    let read = |seq| {
        chat.read(ReadTo {
            session: here.number(),
            ..to(me, &lobby, seq)
        });
        chat.hasten_reading(me);
    };
    let told = |read: u64| json!({ "type": "read", "room": "lobby", "read": read, "unread": 5 - read });
    let mut out: Vec<Bytes> = Vec::new();
    read(2);
    in_time("a word to oneself", here_signal.woken()).await;
    here.pull(&chat, &mut out).await.unwrap();
    in_time("a word to the other", there_signal.woken()).await;
    there.pull(&chat, &mut out).await.unwrap();
    assert_eq!(
        out.iter().map(|frame| value(frame)).collect::<Vec<_>>(),
        [told(2), told(2)]
    );
    out.clear();
    chat.read(ReadTo {
        session: here.number(),
        ..to(me, &lobby, 4)
    });
    chat.hasten_reading(me);
    in_time("a word to the other", there_signal.woken()).await;
    there.pull(&chat, &mut out).await.unwrap();
    assert_eq!(
        out.iter().map(|frame| value(frame)).collect::<Vec<_>>(),
        [told(4)]
    );
    out.clear();
    here.pull(&chat, &mut out).await.unwrap();
    assert!(out.is_empty(), "{out:?}");
}
