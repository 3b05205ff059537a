//! What somebody has read and then marked as unread, or left, at another node.

use std::sync::{Arc, Mutex};

use crate::reading::{position, to, until};
use crate::support::{applied, done, folder, in_time, leave, open_log, post, room, send, unread};
use chat::order::{InProcessOrder, Order, in_process};
use chat::{Chat, Command, DataFolder, Refusal, Reply, Signal, ids};
use tokio::sync::watch;

#[tokio::test]
async fn what_waits_here_is_dropped_when_it_is_marked_as_unread_or_left_at_another_node() {
    let folder = folder();
    let (chat, log) = open_log(folder.path());
    let (lobby, attic) = (room("lobby"), room("attic"));
    let (author, me, other) = (ids::user_id(), ids::user_id(), ids::user_id());
    let mut said: Vec<_> = (0..5)
        .map(|number| post(author, &lobby, &number.to_string()))
        .collect();
    said.extend((0..5).map(|number| post(author, &attic, &number.to_string())));
    said.push(unread(me, &attic, 1));
    applied(&chat, log.write_of_others(&said)).await;

    for user_id in [me, other] {
        chat.read(to(user_id, &lobby, 4));
        chat.read(to(user_id, &attic, 4));
    }
    let overruling = [unread(me, &lobby, 2), leave(me, &attic)];
    applied(&chat, log.write_of_others(&overruling)).await;
    chat.hasten_reading(other);
    for name in ["lobby", "attic"] {
        until(&chat, other, name, (4, 1)).await;
    }
    assert_eq!(position(&chat, me, "lobby").await, Some((2, 3)));
    assert_eq!(position(&chat, me, "attic").await, None);

    chat.read(to(me, &lobby, 3));
    chat.hasten_reading(me);
    until(&chat, me, "lobby", (3, 2)).await;
}

#[tokio::test]
async fn a_session_knows_what_was_marked_or_left_at_another_node_before_it_was_told() {
    let folder = folder();
    let (chat, log) = open_log(folder.path());
    let (lobby, attic) = (room("lobby"), room("attic"));
    let me = ids::user_id();
    for room in [&lobby, &attic] {
        done(&chat, post(me, room, "one")).await;
    }
    let mut here = chat.hear_personally(me, Signal::default());
    let overruling = [unread(me, &lobby, 0), leave(me, &attic)];
    applied(&chat, log.write_of_others(&overruling)).await;
    assert_eq!(here.marked(), [lobby, attic]);
    let mut told = Vec::new();
    here.pull(&chat, &mut told).await.unwrap();
    assert_eq!((told.len(), here.marked()), (2, Vec::new()));
}

/// An order that holds everything back.
#[derive(Clone)]
struct Held(Arc<InProcessOrder>, Arc<Mutex<Vec<(Command, Reply)>>>);

impl Order for Held {
    fn offer(&self, command: Command, reply: Reply) -> Result<(), Refusal> {
        self.1.lock().unwrap().push((command, reply));
        Ok(())
    }

    fn crowd(&self) -> watch::Receiver<bool> {
        self.0.crowd()
    }

    fn close(&self) {
        self.release();
        self.0.close();
    }
}

impl Held {
    fn release(&self) {
        for (command, reply) in std::mem::take(&mut *self.1.lock().unwrap()) {
            self.0.offer(command, reply).unwrap();
        }
    }
}

#[tokio::test]
async fn what_is_read_here_after_it_was_marked_here_stands_though_the_mark_is_applied_later() {
    let folder = folder();
    let mut held = None;
    let chat = Chat::open_with(DataFolder::open(folder.path()).unwrap(), |applied| {
        let (order, ordered) = in_process(applied);
        let order = Held(Arc::new(order), Arc::default());
        held = Some(order.clone());
        (Box::new(order), ordered)
    });
    let (chat, held) = (chat.unwrap(), held.unwrap());
    let lobby = room("lobby");
    let (me, other) = (ids::user_id(), ids::user_id());
    let said: Vec<_> = (0..5)
        .map(|number| send(&chat, post(other, &lobby, &number.to_string())))
        .collect();
    held.release();
    for said in said {
        in_time("a post", said).await.unwrap().unwrap();
    }
    chat.read(to(me, &lobby, 5));
    let marked = send(&chat, unread(me, &lobby, 2));
    chat.read(to(me, &lobby, 4));
    held.release();
    in_time("a mark", marked).await.unwrap().unwrap();
    chat.hasten_reading(me);
    held.release();
    until(&chat, me, "lobby", (4, 1)).await;
}
