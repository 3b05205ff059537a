//! Clients that come from a node that was ahead of this one.

use std::sync::Arc;

use crate::support::{
    after, applied, done, fill, folder, in_time, join, open, open_log, post, room, seqs, whole,
};
use chat::{Chat, JoinCursor, Joined, Signal, ids};
use protocol::{Epoch, RoomName};
use tokio::task::JoinHandle;

async fn joined(chat: &Chat, room: &RoomName, cursor: JoinCursor) -> Joined {
    chat.join(room, cursor, Signal::default()).await.unwrap()
}

/// Clients that wait for the room to come so far.
fn wait(chat: &Arc<Chat>, room: &RoomName, seq: u64) -> Vec<JoinHandle<bool>> {
    let wait = |_| {
        let (chat, room) = (Arc::clone(chat), room.clone());
        tokio::spawn(async move { chat.reached(&room, seq).await })
    };
    (0..100).map(wait).collect()
}

async fn expect_reached(waiting: Vec<JoinHandle<bool>>) {
    for waiting in waiting {
        assert!(in_time("the node to catch up", waiting).await.unwrap());
    }
}

#[tokio::test]
async fn clients_that_are_ahead_wait_and_are_joined_when_the_node_has_caught_up() {
    let folder = folder();
    let (chat, log) = open_log(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    done(&chat, post(author, &lobby, "here already")).await;
    let next = [post(author, &lobby, "two"), post(author, &lobby, "three")];
    let cursor = JoinCursor {
        event_id: Some(next[1].event_id),
        ..after(&chat, 3)
    };
    assert!(matches!(joined(&chat, &lobby, cursor).await, Joined::Behind));
    let before = chat.reads();
    let waiting = wait(&chat, &lobby, 3);
    in_time("the head to be read", async {
        while chat.reads() == before {
            tokio::task::yield_now().await;
        }
    })
    .await;
    for command in next {
        log.write_of_others(&[command]);
    }
    expect_reached(waiting).await;
    assert_eq!(chat.reads() - before, 1, "once for all of them");
    let mut reader = join(&chat, &lobby, cursor).await;
    done(&chat, post(author, &lobby, "four")).await;
    assert_eq!(seqs(&reader.read_to(&chat, 4).await), [4]);
}

#[tokio::test]
async fn where_somebody_listens_nothing_is_read_for_those_who_wait() {
    let folder = folder();
    let (chat, log) = open_log(folder.path());
    let lobby = room("lobby");
    let author = ids::user_id();
    done(&chat, post(author, &lobby, "here already")).await;
    let _listener = join(&chat, &lobby, JoinCursor::default()).await;
    let before = chat.reads();
    let waiting = wait(&chat, &lobby, 2);
    log.write_of_others(&[post(author, &lobby, "two")]);
    expect_reached(waiting).await;
    assert_eq!(chat.reads(), before);
    assert!(matches!(
        joined(&chat, &lobby, after(&chat, 2)).await,
        Joined::Feed { .. }
    ));
}

#[tokio::test]
async fn a_client_that_is_ahead_of_a_node_that_does_not_catch_up_is_told_so() {
    let folder = folder();
    let (chat, _log) = open_log(folder.path());
    let lobby = room("lobby");
    done(&chat, post(ids::user_id(), &lobby, "one")).await;
    assert!(chat.reached(&lobby, 1).await, "what is there is not waited for");
    tokio::time::pause();
    assert!(!chat.reached(&lobby, 2).await);
    assert!(!chat.reached(&room("nowhere"), 1).await);
    tokio::time::resume();
    assert!(matches!(
        joined(&chat, &lobby, after(&chat, 2)).await,
        Joined::Behind
    ));
    assert!(matches!(
        joined(&chat, &lobby, after(&chat, u64::MAX)).await,
        Joined::Behind
    ));
}

#[tokio::test]
async fn history_that_differs_is_no_matter_of_waiting() {
    let folder = folder();
    let (chat, log) = open_log(folder.path());
    let lobby = room("lobby");
    let posts: Vec<_> = (0..3).map(|_| post(ids::user_id(), &lobby, "x")).collect();
    applied(&chat, log.write_of_others(&posts)).await;
    let other_event = JoinCursor {
        event_id: Some(ids::event_id()),
        ..after(&chat, 3)
    };
    assert!(matches!(joined(&chat, &lobby, other_event).await, Joined::Resync));
    let epoch = Epoch::from_parts(1, [1; 10]);
    let other_epoch = JoinCursor {
        epoch: Some(epoch),
        ..after(&chat, 9)
    };
    assert!(matches!(joined(&chat, &lobby, other_epoch).await, Joined::Resync));
    assert_eq!(whole(&chat, &lobby).await.seq, 3);
}

#[tokio::test]
async fn where_there_are_no_other_nodes_nobody_is_ahead() {
    let folder = folder();
    let chat = open(folder.path());
    let lobby = room("lobby");
    fill(&chat, &lobby, 2).await;
    assert!(matches!(
        joined(&chat, &lobby, after(&chat, 3)).await,
        Joined::Resync
    ));
    assert!(!chat.reached(&lobby, 2).await);
}
